//! TPU v1: the two perceptrons of its paper, of which layers, weights and batch are published, as
//! square layers. What the paper's Table 3 gives as achieved is recalled, not checked.

use expect_test::expect;
use hwmodels::profile::Profile;
use hwmodels::units::ms_of_cycles;

use crate::layers::{Kind, Layer, cycles};

struct Perceptron {
    name: &'static str,
    layers: u64,
    /// Inputs and outputs of each, so that all weights come to what is published.
    side: u64,
    batch: u64,
    tops: f64,
}

const PERCEPTRONS: [Perceptron; 2] = [
    Perceptron {
        name: "MLP0",
        layers: 5,
        side: 2000,
        batch: 200,
        tops: 12.3,
    },
    Perceptron {
        name: "MLP1",
        layers: 4,
        side: 1118,
        batch: 168,
        tops: 9.7,
    },
];

#[test]
fn perceptrons() {
    let machine = Profile::named("tpu-v1").unwrap();
    let mut table = String::new();
    for Perceptron {
        name,
        layers,
        side,
        batch,
        tops,
    } in PERCEPTRONS
    {
        let layers: Vec<Layer> = (0..layers)
            .map(|at| Layer {
                name: format!("fc{at}"),
                kind: Kind::Dense,
                input: [1, 1, side],
                out_c: side,
                kernel: [1, 1],
                stride: 1,
                relu6: false,
            })
            .collect();
        let (_, total) = cycles(&machine, &layers, batch);
        let ms = ms_of_cycles(total, machine.clock_hz());
        let macs: u64 = layers.iter().map(Layer::macs).sum();
        let ours = 2.0 * (macs * batch) as f64 / ms / 1e9;
        let error = 100.0 * (ours / tops - 1.0);
        table += &format!("{name} {tops:>5.1} {ours:>5.1} TOPS {error:>+6.1} %\n");
    }
    expect![[r#"
        MLP0  12.3  11.8 TOPS   -4.3 %
        MLP1   9.7   9.0 TOPS   -7.7 %
    "#]]
    .assert_eq(&table);
}
