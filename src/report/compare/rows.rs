//! The rows of a comparison, as records.

use hwmodels::profile::is_open;
use hwmodels::simulate::Estimate;
use hwmodels::units::float;
use serde::Serialize;

use super::misses::{ShareRecord, share_records};
use crate::compare::{Compared, Repeats, shares};
use crate::measured::{Case, Includes, Statistic};

/// One measurement and the simulator's answer.
#[derive(Clone, Debug, Serialize)]
pub struct RowRecord {
    /// What it is called.
    pub id: String,
    /// Its line in the file of measurements.
    pub line: u64,
    /// The network in the words of whoever measured.
    pub model: String,
    /// The network, by its file.
    pub network: String,
    /// Its family: all widths and sizes of it.
    pub family: String,
    /// The model file that was simulated.
    pub model_file: String,
    /// The machine that it was simulated on, `PROFILE:MODE+MODE`.
    pub profile: String,
    /// The device, as it was written down; so the next three.
    pub device: String,
    /// The link.
    pub link: String,
    /// The host.
    pub host: String,
    /// The clock.
    pub clock: String,
    /// Which figure of the runs was measured.
    pub statistic: String,
    /// How many runs, where told.
    pub runs: Option<u64>,
    /// How many before these, where told.
    pub warmup_runs: Option<u64>,
    /// What the time is of.
    pub includes: &'static str,
    /// Who measured.
    pub source: String,
    /// What was measured.
    pub measured_ms: f64,
    /// What the simulator says; `null` where the machine cannot run the network.
    pub simulated_ms: Option<f64>,
    /// `100 * (simulated - measured) / measured`.
    pub error_percent: Option<f64>,
    /// The same without its sign.
    pub ape: Option<f64>,
    /// Rows of the same network on the same device, link and host.
    pub repeats: usize,
    /// From the least to the greatest of them, percent of their median; `null` for one.
    pub repeats_spread_percent: Option<f64>,
    /// Whether the profile has words for the host; if not, the figures are typical of the link.
    pub host_known: bool,
    /// What else to keep in mind.
    pub flags: Vec<Flag>,
    /// What the largest part of the simulated time goes to.
    pub bound_by: Option<&'static str>,
    /// Where all of it goes.
    pub shares: Vec<ShareRecord>,
    /// Multiply-accumulates.
    pub macs: u64,
    /// The share of depthwise convolutions in them, 0 to 1.
    pub depthwise_share: Option<f64>,
    /// Parameters, as the file stores them.
    pub parameter_bytes: u64,
    /// Parameters that are streamed every inference.
    pub streamed_bytes: Option<u64>,
    /// Inputs and results.
    pub io_bytes: u64,
    /// Why the machine cannot run the network.
    pub infeasible: Option<String>,
}

/// What to keep in mind of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// The profile, which was given, has no words for the device.
    DeviceUnknown,
    /// The profile has no words for the link: its base is taken.
    LinkUnknown,
    /// The profile has no words for the host: typical values of the link are taken.
    HostUnknown,
    /// The clock is not told; that of the profile's base is assumed.
    ClockAssumed,
    /// The profile has no words for the clock that is told.
    ClockUnknown,
    /// Which figure of the runs it is, is not told.
    StatisticUnstated,
    /// Part of the network ran on the host.
    HostOperators,
    /// Work before or after the network is inside the time, which is not simulated.
    PipelineInside,
}

impl RowRecord {
    pub(super) fn new(row: &Compared<'_>, repeats: &Repeats) -> RowRecord {
        let case = row.case;
        let (measurement, model) = (&case.measurement, &case.model);
        let estimate = row.simulated.as_ref().ok();
        let pair = row.pair();
        let repeated = repeats.find(&row.repeated());
        let shares = estimate.map_or_else(Vec::new, shares);
        RowRecord {
            id: measurement.id.clone(),
            line: measurement.place.line,
            model: measurement.model.clone(),
            network: case.network().to_owned(),
            family: case.family().to_owned(),
            model_file: model.file.display().to_string(),
            profile: case.machine.name().to_owned(),
            device: measurement.device.clone(),
            link: measurement.link.clone(),
            host: measurement.host.clone(),
            clock: measurement.clock.clone(),
            statistic: measurement.statistic.to_string(),
            runs: measurement.runs,
            warmup_runs: measurement.warmup_runs,
            includes: measurement.includes.name(),
            source: measurement.source.clone(),
            measured_ms: measurement.latency_ms,
            simulated_ms: estimate.map(Estimate::latency_ms),
            error_percent: pair.map(|pair| pair.error_percent()),
            ape: pair.map(|pair| pair.ape()),
            repeats: repeated.map_or(1, |spread| spread.rows),
            repeats_spread_percent: repeated.map(|spread| spread.percent()),
            host_known: case.machine.named.host,
            flags: flags(case),
            bound_by: shares.first().map(|share| share.what.name()),
            shares: share_records(&shares),
            macs: model.macs,
            depthwise_share: (model.macs > 0)
                .then(|| float(model.depthwise_macs) / float(model.macs)),
            parameter_bytes: model.parameter_bytes,
            streamed_bytes: estimate.map(|estimate| estimate.traffic.parameter_bytes),
            io_bytes: model.io_bytes,
            infeasible: row.simulated.as_ref().err().map(ToString::to_string),
        }
    }
}

fn flags(case: &Case) -> Vec<Flag> {
    let (row, named) = (&case.measurement, case.machine.named);
    let clock_told = !is_open(&row.clock);
    let flags = [
        (!named.device, Flag::DeviceUnknown),
        (!named.link, Flag::LinkUnknown),
        (!named.host, Flag::HostUnknown),
        (!named.clock && !clock_told, Flag::ClockAssumed),
        (!named.clock && clock_told, Flag::ClockUnknown),
        (
            row.statistic == Statistic::Unstated,
            Flag::StatisticUnstated,
        ),
        (row.includes == Includes::HostOperators, Flag::HostOperators),
        (row.includes == Includes::Pipeline, Flag::PipelineInside),
    ];
    let raised = flags.into_iter().filter(|(raised, _)| *raised);
    raised.map(|(_, flag)| flag).collect()
}

impl Flag {
    /// In a word or two, for a table.
    pub(super) fn words(self) -> &'static str {
        match self {
            Flag::DeviceUnknown => "device?",
            Flag::LinkUnknown => "link?",
            Flag::HostUnknown => "host?",
            Flag::ClockAssumed => "clock assumed",
            Flag::ClockUnknown => "clock?",
            Flag::StatisticUnstated => "statistic?",
            Flag::HostOperators => "host operators",
            Flag::PipelineInside => "pipeline inside",
        }
    }
}
