//! Kendryte K210: 3 x 3 convolution of 128 to 128 channels, measured on the chip at five sizes and
//! published in its vendor's forum. The profile is fitted to the last two sizes. The forum does not say
//! whether inputs and results were moved; without that the sizes agree, so neither is counted.

use expect_test::expect;
use hwmodels::compile::compile;
use hwmodels::profile::Profile;
use hwmodels::simulate::{LayerOf, Speed, simulate};
use hwmodels::units::ms_of_cycles;

use crate::layers::{Kind, Layer, chain};

/// Pixels along a side, and milliseconds measured.
const MEASURED: [(u64, f64); 5] = [
    (4, 0.339),
    (16, 0.417),
    (32, 1.138),
    (64, 3.891),
    (128, 14.778),
];

/// Cycles of the layer without its input and its result.
fn compute_cycles(machine: &Profile, layer: Layer) -> u64 {
    let list = chain(&[layer], 1);
    let estimate = simulate(machine, &compile(machine, &list).unwrap(), Speed::Fast);
    let tasks = estimate.layers.iter();
    let tasks = tasks.filter(|layer| matches!(layer.of, LayerOf::Task(_)));
    tasks.map(|layer| layer.latency_cycles).sum()
}

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
        let total = compute_cycles(&machine, layer);
        let ours_ms = ms_of_cycles(total, machine.clock_hz());
        let error = 100.0 * (ours_ms / measured_ms - 1.0);
        table += &format!("{side:>3} {measured_ms:>7.3} {ours_ms:>7.3} {error:>+6.1} %\n");
    }
    expect![[r#"
          4   0.339   0.244  -28.2 %
         16   0.417   0.447   +7.1 %
         32   1.138   1.096   -3.6 %
         64   3.891   3.696   -5.0 %
        128  14.778  14.752   -0.2 %
    "#]]
    .assert_eq(&table);
}
