//! The small machine, the networks that it runs, and what a board like it would measure.

use std::path::PathBuf;
use std::sync::Arc;

use hwmodels::profile::{Named, ProfileFile};

use crate::calibrate::Setting;
use crate::calibrate::fit::{Fate, Fit};
use crate::measured::{Case, Includes, Machine, Measurement, Model, Place, Statistic, estimate};
use crate::microbench::stacks::{Activation, Family, Row};

/// What the board is like, to its last number.
pub(super) const TRUE: &str = r#"# A board on a desk.
name = "tiny"
description = "A machine of a test."
clock = { source = "assumed: a test", mhz = 500.0 }
vector = { source = "assumed: a test", bytes_per_cycle = 16.0 }

[memory]
wide = { source = "assumed: a test", bytes = 8388608 }
narrow = { source = "assumed: a test", bytes = 8388608 }

[parameter_cache]
source = "assumed: a test"
bytes = 4194304
rule = "bytes"

[link]
source = "assumed: a cable"
input_mb_per_s = 100.0 # as bought
parameters_mb_per_s = 100.0
output_mb_per_s = 50.0
transfer_us = 5.0

[host]
source = "assumed: a processor"
operator_us = 5.0
mb_per_s = 100.0
mmacs_per_s = 100.0

[overheads]
source = "assumed: a driver"
operator_us = 3.0
inference_us = 200.0

[throughput.conv]
source = "assumed: an array"
entries = [{ in_c = 8, macs_per_cycle = 100.0 }, { in_c = 32, macs_per_cycle = 200.0 }]

[throughput.pointwise]
source = "assumed: an array"
entries = [{ macs_per_cycle = 100.0 }]

[throughput.dense]
source = "assumed: an array"
entries = [{ macs_per_cycle = 100.0 }]

[modes.slow]
description = "On a thin cable."
link = { source = "assumed: a thin cable", input_mb_per_s = 10.0 } # from a drawer

[modes.idle]
description = "On a cable that nobody measured."
link = { source = "assumed: no cable", input_mb_per_s = 40.0 }

[calibration.free]
"link.input_mb_per_s" = [1.0, 10000.0]
"link.output_mb_per_s" = [1.0, 10000.0]
"overheads.inference_us" = [1.0, 10000.0]
"throughput.conv" = [1.0, 10000.0]
"#;

/// The same machine before anybody measured.
pub(super) fn guessed() -> String {
    [
        ("input_mb_per_s = 100.0", "input_mb_per_s = 250.0"),
        ("input_mb_per_s = 10.0", "input_mb_per_s = 30.0"),
        ("output_mb_per_s = 50.0", "output_mb_per_s = 20.0"),
        ("inference_us = 200.0", "inference_us = 80.0"),
        (
            "{ in_c = 8, macs_per_cycle = 100.0 }",
            "{ in_c = 8, macs_per_cycle = 300.0 }",
        ),
        (
            "{ in_c = 32, macs_per_cycle = 200.0 }",
            "{ in_c = 32, macs_per_cycle = 600.0 }",
        ),
    ]
    .iter()
    .fold(TRUE.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replace(old, new)
    })
}

/// `text` where `free` is what may change.
pub(super) fn with_free(text: &str, free: &str) -> String {
    let (machine, _) = text.split_once("[calibration.free]").unwrap();
    format!("{machine}[calibration.free]\n{free}\n")
}

/// Networks with their family, what they are, and the mode that each is measured in.
const NETWORKS: [(&str, &str, Family, [usize; 4], &str); 11] = [
    ("narrow", "conv", Family::Conv3x3Stack, [16, 8, 16, 2], ""),
    ("wide", "conv", Family::Conv3x3Stack, [16, 8, 64, 4], ""),
    ("deep", "conv", Family::Conv3x3Stack, [32, 8, 32, 8], ""),
    ("photo", "input", Family::InputTransfer, [64, 3, 1, 1], ""),
    ("film", "input", Family::InputTransfer, [256, 3, 1, 1], ""),
    ("map", "output", Family::OutputTransfer, [64, 8, 1, 1], ""),
    ("maps", "output", Family::OutputTransfer, [96, 16, 1, 1], ""),
    ("table", "dense", Family::DenseStack, [1, 64, 256, 3], ""),
    ("deep", "conv", Family::Conv3x3Stack, [32, 8, 32, 8], "slow"),
    (
        "photo",
        "input",
        Family::InputTransfer,
        [64, 3, 1, 1],
        "slow",
    ),
    (
        "film",
        "input",
        Family::InputTransfer,
        [256, 3, 1, 1],
        "slow",
    ),
];

/// The rows of [`NETWORKS`] with what `measured` makes of a row and its true milliseconds, and the
/// machine that `text` says.
pub(super) fn setting(text: &str, measured: impl Fn(&Case, f64) -> f64) -> Setting {
    Setting::new(text, "tiny.toml", cases(text, measured)).unwrap()
}

pub(super) fn cases(text: &str, measured: impl Fn(&Case, f64) -> f64) -> Vec<Case> {
    let rows = NETWORKS.into_iter().enumerate();
    rows.map(|(index, (network, family, kind, sizes, mode))| {
        let [side, in_c, out_c, layers] = sizes;
        let stack = Row {
            family: kind,
            height: side,
            width: side,
            in_c,
            out_c,
            layers,
            input_bytes: side * side * in_c,
            output_bytes: 10,
            activation: Activation::Relu,
        };
        let modes: Vec<&str> = Some(mode).into_iter().filter(|m| !m.is_empty()).collect();
        let mut case = Case {
            measurement: measurement(index, network, family),
            machine: Arc::new(machine(text, &modes)),
            model: Arc::new(Model {
                file: PathBuf::from(network),
                ..Model::of_stack(&stack).unwrap()
            }),
        };
        let estimate = estimate(&machine(TRUE, &modes).profile, &case.model).unwrap();
        case.measurement.latency_ms = measured(&case, estimate.latency_ms());
        case
    })
    .collect()
}

pub(super) fn machine(text: &str, modes: &[&str]) -> Machine {
    let file = ProfileFile::parse(text, "tiny.toml").unwrap();
    Machine {
        profile: file.with_modes(modes).unwrap(),
        modes: modes.iter().map(|mode| (*mode).to_owned()).collect(),
        named: Named {
            device: true,
            link: true,
            host: true,
            clock: true,
        },
    }
}

pub(super) fn measurement(index: usize, network: &str, family: &str) -> Measurement {
    Measurement {
        place: Place {
            file: "board.csv".to_owned(),
            line: index as u64 + 2,
        },
        id: format!("row {}", index + 1),
        model: String::new(),
        model_file: network.to_owned(),
        stack: None,
        device: String::new(),
        link: String::new(),
        host: String::new(),
        clock: String::new(),
        latency_ms: 1.0,
        statistic: Statistic::Median,
        runs: None,
        warmup_runs: None,
        includes: Includes::Network,
        network: Some(network.to_owned()),
        family: Some(family.to_owned()),
        source: String::new(),
        notes: std::collections::BTreeMap::new(),
    }
}

/// A board that measures what is true.
pub(super) fn exactly(_: &Case, true_ms: f64) -> f64 {
    true_ms
}

/// All rows of `setting`.
pub(super) fn all(setting: &Setting) -> Vec<usize> {
    (0..setting.cases().len()).collect()
}

/// The value and fate of the number at `path`.
pub(super) fn number(setting: &Setting, fit: &Fit, path: &str) -> (f64, Fate) {
    let numbers = setting.numbers();
    let index = numbers.iter().position(|number| number.path() == path);
    let index = index.unwrap_or_else(|| panic!("{path} is not free"));
    (fit.values[index], fit.fates[index])
}
