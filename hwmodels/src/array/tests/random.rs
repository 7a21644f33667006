//! The closed forms against the stepped twin, and its product against the naive one, at random.

use proptest::prelude::*;

use super::*;
use crate::task::LoopNest;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn closed_form_equals_stepped(
        array in any_array(),
        product in any_product(),
    ) {
        let stepped = array.step(&product, &WordOperands);
        prop_assert_eq!(array.cycles(&product), stepped.cycles);
        prop_assert_eq!(array.accesses(&product), stepped.accesses);
        prop_assert_eq!(naive(&product, &WordOperands), &stepped.accumulators[..]);
        if let Array::Systolic(systolic) = array {
            prop_assert_eq!(step_obviously(&systolic, &product, &WordOperands), stepped);
        }
    }

    #[test]
    fn tensors_convolve(
        array in any_array(),
        (batch, h, w) in (1..3u64, 1..7u64, 1..7u64),
        (groups, in_c, out_c) in (1..3u64, 1..4u64, 1..4u64),
        kernel in (1..4u64, 1..4u64),
        stride in (1..3u64, 1..3u64),
        pad in any::<i8>(),
    ) {
        let nest = LoopNest {
            groups,
            ..LoopNest::conv(
                [batch, h, w, in_c * groups], out_c * groups, [kernel.0, kernel.1], [stride.0, stride.1],
            )
        };
        let bytes = |count: u64, step: u64| -> Vec<i8> {
            (0..count).map(|i| i8::try_from((i * step) % 251).unwrap_or(i8::MIN)).collect()
        };
        let input = bytes(batch * h * w * nest.in_c, 37);
        let weights = bytes(nest.out_c * kernel.0 * kernel.1 * in_c, 91);
        let operands = TensorOperands { nest: &nest, input: &input, weights: &weights, pad };
        let product = Product::of(&nest, nest.pixels(), nest.out_c);
        let stepped = array.step(&product, &operands);
        prop_assert_eq!(array.cycles(&product), stepped.cycles);
        prop_assert_eq!(array.accesses(&product), stepped.accesses);
        prop_assert_eq!(convolve(&nest, &input, &weights, pad), stepped.accumulators);
    }
}

/// The convolution as its textbook says, `[groups, pixels, out_c / groups]`.
fn convolve(nest: &LoopNest, input: &[i8], weights: &[i8], pad: i8) -> Vec<i32> {
    let mut results = Vec::new();
    for group in 0..nest.groups {
        for (b, y, x) in pixels(nest) {
            for n in 0..nest.group_out_c() {
                let mut sum = 0;
                for (ky, kx, c) in taps(nest) {
                    let iy = (y * nest.stride[0] + ky) as i64 - nest.padding[0] as i64;
                    let ix = (x * nest.stride[1] + kx) as i64 - nest.padding[1] as i64;
                    let inside =
                        (0..nest.in_h as i64).contains(&iy) && (0..nest.in_w as i64).contains(&ix);
                    let channel = (group * nest.group_in_c() + c) as i64;
                    let at = ((b as i64 * nest.in_h as i64 + iy) * nest.in_w as i64 + ix)
                        * nest.in_c as i64;
                    let value = if inside {
                        input[usize::try_from(at + channel).unwrap()]
                    } else {
                        pad
                    };
                    let out = group * nest.group_out_c() + n;
                    let tap =
                        ((out * nest.kernel[0] + ky) * nest.kernel[1] + kx) * nest.group_in_c() + c;
                    sum += i32::from(value) * i32::from(weights[operands::index(tap)]);
                }
                results.push(sum);
            }
        }
    }
    results
}

fn pixels(nest: &LoopNest) -> Vec<(u64, u64, u64)> {
    let rows = (0..nest.batch).flat_map(|b| (0..nest.out_h).map(move |y| (b, y)));
    rows.flat_map(|(b, y)| (0..nest.out_w).map(move |x| (b, y, x)))
        .collect()
}

fn taps(nest: &LoopNest) -> Vec<(u64, u64, u64)> {
    let window = (0..nest.kernel[0]).flat_map(|y| (0..nest.kernel[1]).map(move |x| (y, x)));
    window
        .flat_map(|(y, x)| (0..nest.group_in_c()).map(move |c| (y, x, c)))
        .collect()
}
