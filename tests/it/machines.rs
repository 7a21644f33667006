//! A whole network on every machine that ships, in every mode of it.

use hwmodels::profile::{ProfileFile, names};

use super::commands::record;

/// The profiles as `--profile` spells them, without and with each of their modes.
fn machines() -> Vec<String> {
    let mut machines = Vec::new();
    for name in names() {
        machines.push(name.to_owned());
        let modes = ProfileFile::named(name).unwrap().modes();
        machines.extend(modes.iter().map(|mode| format!("{name}:{}", mode.name)));
    }
    machines
}

#[test]
fn every_machine_prices_a_whole_network() {
    for machine in machines() {
        let at = |speed| {
            let arguments = ["estimate", "mt-edge", "--json", "--profile"];
            record(&[&arguments[..], &[&machine, "--speed", speed]].concat())
        };
        let (fast, events) = (at("fast"), at("events"));
        assert_eq!(fast["infeasible"], serde_json::Value::Null, "{machine}");
        assert!(fast["latency_ms"].as_f64().unwrap() > 0.0, "{machine}");
        assert_eq!(fast["cycles"], events["cycles"], "{machine}");
        assert_eq!(fast["layers"], events["layers"], "{machine}");
    }
}
