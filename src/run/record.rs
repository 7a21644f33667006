//! `run.json`: what was asked, what was found, and where every figure comes from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::settings::Settings;
use crate::validate::metrics::Scores;

/// `ednas.run/1`: the state of a run, complete when every part is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRecord {
    /// `ednas.run/1`.
    pub schema: String,
    /// What was asked.
    pub settings: Settings,
    /// The version of `ednas`.
    pub ednas_version: String,
    /// The machine that networks are found for.
    pub profile: Option<ProfileRecord>,
    /// How long networks are trained.
    pub plan: Option<Plan>,
    /// What the search found.
    pub search: Option<SearchRecord>,
    /// The networks that were trained to the end: what the search found, then the baseline.
    pub networks: Vec<NetworkRecord>,
    /// The found network against the baseline.
    pub comparison: Option<Comparison>,
    /// The files of the run and their sizes in bytes.
    pub files: BTreeMap<String, u64>,
    /// Where the figures come from, by figure.
    pub sources: BTreeMap<String, String>,
}

/// A machine by name and content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileRecord {
    /// The name in the profile.
    pub name: String,
    /// FNV-1a of the profile's text, 16 hexadecimal digits.
    pub fingerprint: String,
}

/// How long networks are trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Steps of a candidate.
    pub steps: usize,
    /// Steps of a final network; fitted after the search where absent.
    pub final_steps: Option<usize>,
    /// How the steps were found.
    pub how: String,
}

/// What the search found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchRecord {
    /// Trials with a reward.
    pub complete: usize,
    /// Trials whose training failed.
    pub failed: usize,
    /// Trials that the machine cannot run.
    pub infeasible: usize,
    /// The best trial other than the baseline.
    pub best: TrialRecord,
    /// Trial 0.
    pub baseline: TrialRecord,
}

/// A trial with a reward.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrialRecord {
    /// Its number, from 0.
    pub number: usize,
    /// Its genome as short text.
    pub genome: String,
    /// Equation 4 of the paper.
    pub reward: f64,
    /// Equation 6 of the paper, after the short training of the search.
    pub accuracy: f64,
    /// Simulated on the profile.
    pub latency_ms: f64,
}

/// A network that was trained to the end, quantized and run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkRecord {
    /// `found` or `mt-edge`.
    pub role: String,
    /// Its genome as short text.
    pub genome: String,
    /// Learned numbers, without nodes that no output reads.
    pub params: u64,
    /// Multiply-accumulates, without nodes that no output reads.
    pub macs: u64,
    /// Steps it was trained.
    pub steps: usize,
    /// Speed of its training on this machine.
    pub images_per_s: f64,
    /// Metrics of the float network, run by libtorch.
    pub float_scores: Scores,
    /// What became of it in 8-bit integers.
    pub int8: Option<Int8Record>,
}

/// An exported int8 network, run on the validation samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Int8Record {
    /// Metrics of the QDQ file, run by tract.
    pub scores: Scores,
    /// tract against the integer evaluation of the same graph, by output.
    pub agreement: BTreeMap<String, AgreementRecord>,
    /// Simulated and measured latency.
    pub latency: LatencyRecord,
}

/// How two runtimes agree on int8 outputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgreementRecord {
    /// Images that were compared.
    pub images: usize,
    /// The largest difference in int8 steps.
    pub max_steps: u32,
    /// The mean difference in int8 steps.
    pub mean_steps: f64,
    /// The share of equal elements, 0 to 1.
    pub equal: f64,
    /// The share of elements at most one step apart, 0 to 1.
    pub within_one: f64,
}

/// Simulated and measured latency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatencyRecord {
    /// Of the int8 network on the target, simulated.
    pub target_ms: f64,
    /// The share of it that rests on assumed numbers, 0 to 1.
    pub target_assumed_share: f64,
    /// Of the int8 QDQ file in tract on this machine, simulated with the measured host profile.
    pub host_simulated_ms: f64,
    /// The same, measured: the median of single-threaded runs.
    pub host_measured_ms: f64,
    /// `(simulated - measured) / measured` on this machine, in percent.
    pub host_error_percent: f64,
}

/// The found network against the baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Delta-T of the float networks, in percent; positive is better.
    pub delta_t_float: f64,
    /// Delta-T of the int8 files, in percent; positive is better.
    pub delta_t_int8: f64,
    /// The baseline's simulated target latency over the found network's.
    pub speed_up: f64,
}

impl RunRecord {
    /// A run that has not begun.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            schema: "ednas.run/1".to_owned(),
            settings,
            ednas_version: env!("CARGO_PKG_VERSION").to_owned(),
            profile: None,
            plan: None,
            search: None,
            networks: Vec::new(),
            comparison: None,
            files: BTreeMap::new(),
            sources: BTreeMap::new(),
        }
    }
}
