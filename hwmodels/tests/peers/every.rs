//! Every profile in every mode: a small network takes the same cycles at all three speeds.

use hwmodels::compile::compile;
use hwmodels::profile::{Profile, ProfileFile, names};
use hwmodels::simulate::{Speed, simulate};

use crate::layers::{Kind, Layer, chain};

fn layer(name: &str, kind: Kind, input: [u64; 3], out_c: u64, kernel: u64, stride: u64) -> Layer {
    Layer {
        name: name.to_owned(),
        kind,
        input,
        out_c,
        kernel: [kernel; 2],
        stride,
        relu6: kind != Kind::Add,
    }
}

fn small_network() -> Vec<Layer> {
    vec![
        layer("stem", Kind::Conv, [12, 14, 3], 20, 3, 2),
        layer("expand", Kind::Conv, [6, 7, 20], 40, 1, 1),
        layer("depthwise", Kind::Depthwise, [6, 7, 40], 40, 5, 1),
        Layer {
            relu6: false,
            ..layer("project", Kind::Conv, [6, 7, 40], 20, 1, 1)
        },
        Layer {
            relu6: false,
            ..layer("again", Kind::Conv, [6, 7, 20], 20, 3, 1)
        },
        layer("add", Kind::Add, [6, 7, 20], 20, 1, 1),
        layer("classes", Kind::Dense, [1, 1, 840], 10, 1, 1),
    ]
}

/// The profiles with none and with each of their modes.
fn machines() -> Vec<Profile> {
    let mut machines = Vec::new();
    for name in names() {
        let file = ProfileFile::named(name).unwrap();
        machines.push(file.base().unwrap());
        let modes = file.modes();
        machines.extend(
            modes
                .iter()
                .map(|mode| file.with_modes(&[&mode.name]).unwrap()),
        );
    }
    machines
}

#[test]
fn all_speeds_agree_on_every_machine() {
    let list = chain(&small_network(), 2);
    for machine in machines() {
        let schedule = compile(&machine, &list).unwrap();
        let at = |speed| simulate(&machine, &schedule, speed);
        let (stepped, events, fast) = (at(Speed::Stepped), at(Speed::Events), at(Speed::Fast));
        assert_eq!(stepped.layers, events.layers, "{}", machine.name());
        assert_eq!(events.layers, fast.layers, "{}", machine.name());
        assert_eq!(fast.cycles, stepped.cycles, "{}", machine.name());
    }
}
