//! The numbers that a stepped array multiplies.

use super::Product;
use crate::task::LoopNest;

/// A source of operands, by group, row or column of the product, and position along `k`.
pub trait Operands {
    /// The input of pixel `m` at `window` and channel `c` of its group.
    fn input(&self, group: u64, m: u64, window: u64, c: u64) -> i8;
    /// The weight of output channel `n` of its group at `window` and channel `c`.
    fn weight(&self, group: u64, n: u64, window: u64, c: u64) -> i8;
}

/// An int8 convolution's tensors as operands of its products.
///
/// `input` is `[batch, in_h, in_w, in_c]`, `weights` is `[out_c, kernel_h, kernel_w, in_c / groups]`;
/// what lies outside the image reads as `pad`, the zero point of the input. The zero point itself
/// is not subtracted: it belongs in the bias.
#[derive(Clone, Copy, Debug)]
pub struct TensorOperands<'a> {
    /// The convolution.
    pub nest: &'a LoopNest,
    /// Its input.
    pub input: &'a [i8],
    /// Its weights.
    pub weights: &'a [i8],
    /// What padding reads as.
    pub pad: i8,
}

impl Operands for TensorOperands<'_> {
    fn input(&self, group: u64, m: u64, window: u64, c: u64) -> i8 {
        let nest = self.nest;
        let (image, pixel) = (m / (nest.out_h * nest.out_w), m % (nest.out_h * nest.out_w));
        let place = |pixel: u64, step: u64, side: usize| {
            (pixel * nest.stride[side] + step * nest.dilation[side]).checked_sub(nest.padding[side])
        };
        let y = place(pixel / nest.out_w, window / nest.kernel[1], 0).filter(|y| *y < nest.in_h);
        let x = place(pixel % nest.out_w, window % nest.kernel[1], 1).filter(|x| *x < nest.in_w);
        let channel = group * nest.group_in_c() + c;
        match (y, x) {
            (Some(y), Some(x)) => {
                let at = ((image * nest.in_h + y) * nest.in_w + x) * nest.in_c + channel;
                self.input[index(at)]
            }
            (_, _) => self.pad,
        }
    }

    fn weight(&self, group: u64, n: u64, window: u64, c: u64) -> i8 {
        let nest = self.nest;
        let out = group * nest.group_out_c() + n;
        let at = (out * nest.kernel[0] * nest.kernel[1] + window) * nest.group_in_c() + c;
        self.weights[index(at)]
    }
}

/// Made-up int8 operands, for a program that is priced without its numbers.
#[derive(Clone, Copy, Debug)]
pub struct WordOperands;

impl Operands for WordOperands {
    fn input(&self, group: u64, m: u64, window: u64, c: u64) -> i8 {
        made_up(group, m, window, c)
    }

    fn weight(&self, group: u64, n: u64, window: u64, c: u64) -> i8 {
        made_up(n, window, c, group)
    }
}

/// A value in `-128..=127` that differs from place to place.
fn made_up(a: u64, b: u64, c: u64, d: u64) -> i8 {
    let mixed = a
        .wrapping_mul(31)
        .wrapping_add(b.wrapping_mul(17))
        .wrapping_add(c.wrapping_mul(7))
        .wrapping_add(d.wrapping_mul(3));
    i8::from_le_bytes([mixed.to_le_bytes()[0]])
}

/// The word of `lanes` operands at position `depth` along `k`; lanes beyond the channels are zero.
/// Returns how many lanes hold an operand.
pub(super) fn word(
    product: &Product,
    depth: u64,
    lanes: &mut [i8],
    operand: impl Fn(u64, u64) -> i8,
) -> u64 {
    let simd = lanes.len() as u64;
    let words = product.in_c.div_ceil(simd);
    let (window, first) = (depth / words, depth % words * simd);
    let held = simd.min(product.in_c - first);
    let (operands, empty) = lanes.split_at_mut(index(held));
    for (lane, c) in operands.iter_mut().zip(first..) {
        *lane = operand(window, c);
    }
    empty.fill(0);
    held
}

/// The sum of the products of two words, as 32-bit registers add it.
pub(super) fn dot_product(a: &[i8], b: &[i8]) -> i32 {
    let products = a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b));
    products.fold(0, i32::wrapping_add)
}

/// A place in a tensor or register file.
pub(super) fn index(place: u64) -> usize {
    usize::try_from(place).expect("a tensor in memory has an address")
}
