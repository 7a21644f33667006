//! Kendryte K210: 3 x 3 convolution of 128 to 128 channels, measured on the chip at five sizes and
//! published in its vendor's forum. The last two sizes and the first were fitted to.

use expect_test::expect;
use hwmodels::profile::Profile;
use hwmodels::units::ms_of_cycles;

use crate::layers::{Kind, Layer, cycles};

/// Pixels along a side, and milliseconds measured.
const MEASURED: [(u64, f64); 5] = [
    (4, 0.339),
    (16, 0.417),
    (32, 1.138),
    (64, 3.891),
    (128, 14.778),
];

#[test]
fn sweep_of_sizes() {
    let machine = Profile::named("kendryte-k210").unwrap();
    let mut table = String::new();
    for (side, measured_ms) in MEASURED {
        let layer = Layer {
            name: "conv".to_owned(),
            kind: Kind::Conv,
            input: [side, side, 128],
            out_c: 128,
            kernel: [3, 3],
            stride: 1,
            relu6: false,
        };
        let (_, total) = cycles(&machine, &[layer], 1);
        let ours_ms = ms_of_cycles(total, machine.clock_hz());
        let error = 100.0 * (ours_ms / measured_ms - 1.0);
        table += &format!("{side:>3} {measured_ms:>7.3} {ours_ms:>7.3} {error:>+6.1} %\n");
    }
    expect![[r#"
          4   0.339   0.240  -29.1 %
         16   0.417   0.441   +5.8 %
         32   1.138   1.424  +25.1 %
         64   3.891   5.356  +37.7 %
        128  14.778  14.834   +0.4 %
    "#]]
    .assert_eq(&table);
}
