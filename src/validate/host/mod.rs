//! Measures this machine as tract uses it: the profile `host-tract`.
//!
//! Single operators are exported as int8 models hold them and timed; what an operator costs
//! includes the dequantizing and quantizing around it. A cycle of the profile is a nanosecond.
//!
//! - Overheads: `n` tiny additions in a row take `inference + n * operator`; two `n` give both.
//! - Rates: work over the time of an operator less those overheads. Windows, strides,
//!   channels and image sides are those of dense-prediction networks of mobile size
//!   ([`crate::microbench::operators()`]).

mod rates;
mod timing;

use std::time::Duration;

use anyhow::Result;
use hwmodels::profile::raw::{RawClock, RawOverheads, RawProfile, RawThroughput};

use super::tract;
use crate::microbench::{self, CONV, DENSE, DEPTHWISE, POINTWISE, Probe};
use rates::Rates;

pub use timing::{Rounds, Spread, Subject, time};

/// The name of the profile.
pub const NAME: &str = "host-tract";

/// As often as less than a minute allows.
pub const USUAL_ROUNDS: Rounds = Rounds {
    min: 5,
    max: 100,
    budget: Duration::from_secs(40),
};

/// Measures this machine, in less than a minute, and gives its profile.
///
/// `machine` and `date` say what was measured and when; they stand in every `source` of the
/// profile. Other work on the machine makes the figures worse.
///
/// # Errors
///
/// When tract cannot run an operator.
pub fn measure_host(machine: &str, date: &str) -> Result<RawProfile> {
    let probes = microbench::operators(0)?;
    profile(
        &probes,
        &time(&subjects(&probes), USUAL_ROUNDS)?,
        machine,
        date,
    )
}

/// The probes of a sweep, each to find the caches as a layer does.
#[must_use]
pub fn subjects(probes: &[Probe]) -> Vec<Subject<'_>> {
    let networks = probes.iter().map(|probe| &probe.network);
    let subjects = networks.map(|network| Subject {
        network,
        warmup_runs: 0,
    });
    subjects.collect()
}

/// What this machine is, as far as the operating system says: the processor and its cores.
#[must_use]
pub fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim() == "model name")
        .map_or(std::env::consts::ARCH, |(_, model)| model.trim());
    format!("{model}, {cores} cores")
}

/// The profile that the `times` of [`microbench::operators()`] tell.
///
/// # Errors
///
/// When there are fewer times than operators.
pub fn profile(
    probes: &[Probe],
    times: &[Spread],
    machine: &str,
    date: &str,
) -> Result<RawProfile> {
    let version = tract::VERSION;
    let source =
        format!("measured: {machine}, {date}, tract {version}, one thread, median of runs");
    let mut rates = Rates::new(probes, times, &source)?;
    let throughput = RawThroughput {
        conv: Some(rates.table(&CONV)?),
        pointwise: Some(rates.table(&POINTWISE)?),
        depthwise: Some(rates.table(&DEPTHWISE)?),
        dense: Some(rates.table(&DENSE)?),
    };
    let vector = rates.vector()?;
    let overheads = RawOverheads {
        source: source.clone(),
        operator_us: rates.operator_ns / 1e3,
        inference_us: rates.inference_ns / 1e3,
    };
    let description = format!(
        "{machine}, as tract {version} runs exported int8 models on one thread; {}.",
        tract::ARITHMETIC
    );
    let clock = RawClock {
        source: "measured: durations were taken in nanoseconds, so a cycle is one".to_owned(),
        mhz: 1000.0,
    };
    Ok(RawProfile {
        vector: Some(vector),
        overheads: Some(overheads),
        throughput,
        ..RawProfile::bare(NAME, description, clock)
    })
}

#[cfg(test)]
mod tests {
    use hwmodels::compile::compile;
    use hwmodels::profile::Profile;
    use hwmodels::simulate::{Speed, simulate};
    use kernels::fold;
    use kernels::op::Coordinates;
    use kernels::work::{Precision, tasks};

    use super::*;
    use crate::space::Model;
    use crate::space::ednas::{FusedDefinition, NetworkOptions, Upsampling};
    use crate::task::Task;

    /// One round, for the form of the profile; its figures mean little.
    #[test]
    fn the_profile_is_sound_and_prices_every_layer() {
        let once = Rounds {
            min: 1,
            max: 1,
            budget: Duration::ZERO,
        };
        let probes = microbench::operators(0).unwrap();
        let times = time(&subjects(&probes), once).unwrap();
        let raw = profile(&probes, &times, "a test machine", "2026-11-23").unwrap();
        let read = Profile::parse(&raw.to_toml(), "host-tract.toml").unwrap();
        assert_eq!(*read.raw(), raw);

        let options = NetworkOptions {
            size: [128, 128],
            tasks: Task::ALL.to_vec(),
            classes: crate::task::SEGMENTATION_CLASSES,
            upsampling: Upsampling::bilinear(Coordinates::HalfPixel),
        };
        let fused = FusedDefinition::LateSeparable { first_block: 9 };
        let model = Model::parse("mt-edge", fused).unwrap();
        let graph = fold(&model.networks(&options).unwrap()[0]);
        let list = tasks(&graph, Precision::Int8).unwrap();
        let schedule = compile(&read, &list).unwrap();
        assert!(simulate(&read, &schedule, Speed::Fast).cycles > 0);
    }
}
