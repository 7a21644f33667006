//! What an accelerator takes of a network, and why not the rest: the record of `ednas map`.

mod text;

use hwmodels::compile::{Infeasible, Refusal, Schedule, compile, refusals};
use hwmodels::profile::{Profile, SupportLimit};
use hwmodels::task::{FactValue, Task, TaskId, TaskList, Work};
use serde::Serialize;

use super::estimate::Program;

/// Who runs what the accelerator does not.
const HOST: &str = "host";

/// `ednas.map/1`: where the operators of one image's networks run.
#[derive(Clone, Debug, Serialize)]
pub struct MapRecord {
    /// `ednas.map/1`.
    pub schema: &'static str,
    /// The network, by the name it was asked for.
    pub model: String,
    /// The accelerator.
    pub profile: String,
    /// The networks that run for one image, in order.
    pub networks: Vec<NetworkMap>,
}

/// Where the operators of one network run.
#[derive(Clone, Debug, Serialize)]
pub struct NetworkMap {
    /// Its name.
    pub network: String,
    /// Operators in the order they run.
    pub operators: Vec<OperatorMap>,
    /// Operators on the accelerator.
    pub chip_operators: usize,
    /// Operators on the host.
    pub host_operators: usize,
    /// Runs of operators on the accelerator without the host between them; parallel branches of one
    /// run count once.
    pub segments: usize,
    /// Parameters on the chip; nothing on a machine without a parameter cache, or where the network
    /// does not run.
    pub cache: Option<CacheMap>,
    /// Why the machine cannot run the network.
    pub infeasible: Option<String>,
}

/// Where parameters are kept.
#[derive(Clone, Debug, Serialize)]
pub struct CacheMap {
    /// Memory of the chip that caches parameters, in use.
    pub used_bytes: u64,
    /// The same, not in use.
    pub remaining_bytes: u64,
    /// Parameters that stay, as stored.
    pub cached_bytes: u64,
    /// Parameters that are streamed at every inference, as stored.
    pub streamed_bytes: u64,
}

/// One operator.
#[derive(Clone, Debug, Serialize)]
pub struct OperatorMap {
    /// The node's name.
    pub name: String,
    /// The operator, such as `conv2d`.
    pub op: String,
    /// Who runs it: `accelerator` or `host`.
    pub runs_on: &'static str,
    /// Why, in the same words for all operators that it is so of.
    pub status: String,
    /// What to change in the network to have it on the accelerator; nothing where it is there.
    pub advice: Option<String>,
}

impl MapRecord {
    /// Maps `programs` to a machine.
    #[must_use]
    pub fn new(model: &str, profile: &Profile, programs: &[Program]) -> Self {
        let networks = programs.iter();
        Self {
            schema: "ednas.map/1",
            model: model.to_owned(),
            profile: profile.name().to_owned(),
            networks: networks.map(|one| NetworkMap::new(profile, one)).collect(),
        }
    }

    /// The operators that the host runs: which, why, and what to change, a line each.
    #[must_use]
    pub fn refused(&self) -> Vec<String> {
        let operators = self.networks.iter().flat_map(|one| &one.operators);
        let refused = operators.filter(|operator| operator.runs_on == HOST);
        refused
            .map(|operator| {
                let OperatorMap {
                    name, op, status, ..
                } = operator;
                let advice = operator.advice.as_deref().map(|text| format!("; {text}"));
                format!("  {name} ({op}): {status}{}", advice.unwrap_or_default())
            })
            .collect()
    }
}

impl NetworkMap {
    fn new(profile: &Profile, program: &Program) -> Self {
        let list = &program.list;
        let refusals = refusals(profile, list);
        let compiled = compile(profile, list);
        let asked = Asked {
            profile,
            list,
            refusals: &refusals,
        };
        let ids = (0..refusals.len()).map(TaskId);
        let host = refusals.iter().flatten().count();
        Self {
            network: program.name.clone(),
            operators: ids.map(|id| asked.operator(id)).collect(),
            chip_operators: refusals.len() - host,
            host_operators: host,
            segments: segments(profile, &refusals),
            cache: compiled.as_ref().ok().and_then(|one| cache(profile, one)),
            infeasible: compiled.err().as_ref().map(Infeasible::to_string),
        }
    }
}

/// What the operators of a list are asked about.
struct Asked<'a> {
    profile: &'a Profile,
    list: &'a TaskList,
    refusals: &'a [Option<Refusal>],
}

impl Asked<'_> {
    /// Where an operator runs, and why.
    fn operator(&self, id: TaskId) -> OperatorMap {
        let task = &self.list.tasks()[id.0];
        let (runs_on, status, advice) = match self.refusals[id.0] {
            None => ("accelerator", taken(task), None),
            Some(refusal) => {
                let (status, advice) = self.refused(id, refusal);
                (HOST, status, Some(advice))
            }
        };
        OperatorMap {
            name: task.name.clone(),
            op: task.operator.clone(),
            runs_on,
            status,
            advice,
        }
    }

    /// Status and advice.
    fn refused(&self, id: TaskId, refusal: Refusal) -> (String, String) {
        let support = self.profile.support();
        let task = &self.list.tasks()[id.0];
        match refusal {
            Refusal::Operator => {
                let status = "operator not supported".to_owned();
                (status, self.without(id).to_owned())
            }
            Refusal::Mode => {
                let modes = support.and_then(|support| support.modes.get(&task.operator));
                let modes: Vec<&str> = modes.into_iter().flatten().map(String::as_str).collect();
                let mode = task.mode.as_deref().unwrap_or("this mode");
                let advice = format!("build the network with {}", modes.join(" or "));
                (format!("{mode} not supported"), advice)
            }
            Refusal::Limit { place, found } => {
                let limit = support.and_then(|support| support.limits.get(place));
                limit.map_or_else(Default::default, |limit| {
                    (broken(limit, found), limit.advice.clone())
                })
            }
            Refusal::Price => (
                "no rate for it in the profile".to_owned(),
                "add a [throughput] table or a [vector] unit to the profile".to_owned(),
            ),
            Refusal::After(TaskId(first)) => (
                "after the end of the only segment".to_owned(),
                format!(
                    "it is on the accelerator once `{}` is, or where several segments are enabled",
                    self.list.tasks()[first].name
                ),
            ),
        }
    }

    /// What to do about an operator that is not taken at all.
    fn without(&self, id: TaskId) -> &'static str {
        let support = self.profile.support();
        if support.is_none_or(|support| support.multiple_segments) {
            "its data goes to the host and back; replace it by operators that the accelerator takes"
        } else if self.refusals.contains(&Some(Refusal::After(id))) {
            "the operators behind it go to the host with it: replace it by operators that the \
             accelerator takes, or move it to the end of the network"
        } else {
            "nothing else goes to the host for it; replace it by operators that the accelerator \
             takes, if its own time matters"
        }
    }
}

fn taken(task: &Task) -> String {
    match task.work {
        Work::Host { macs: None, .. } => {
            "mapped; its time is taken from its bytes (assumed)".to_owned()
        }
        Work::Host { macs: Some(_), .. } => {
            "mapped; its time is taken from its multiply-accumulates and bytes (assumed)".to_owned()
        }
        Work::LoopNest(_) | Work::Depthwise(_) | Work::Vector { .. } | Work::Move { .. } => {
            "mapped".to_owned()
        }
    }
}

fn broken(limit: &SupportLimit, found: FactValue) -> String {
    let fact = limit.fact.name();
    format!("takes only {}; {fact} is {found}", limit.name)
}

fn segments(profile: &Profile, refusals: &[Option<Refusal>]) -> usize {
    let runs = refusals.chunk_by(|a, b| a.is_none() == b.is_none());
    let runs = runs.filter(|run| run[0].is_none()).count();
    match profile.support() {
        Some(support) if !support.multiple_segments => runs.min(1),
        Some(_) | None => runs,
    }
}

fn cache(profile: &Profile, schedule: &Schedule<'_>) -> Option<CacheMap> {
    let cache = profile.cache()?;
    let mut streamed_bytes = 0;
    let mut seen = vec![false; schedule.list().weights().len()];
    for id in schedule
        .list()
        .tasks()
        .iter()
        .filter_map(|task| task.weights)
    {
        if !std::mem::replace(&mut seen[id.0], true) {
            streamed_bytes += schedule.streamed_bytes(id);
        }
    }
    let used_bytes = schedule.cache_used_bytes();
    Some(CacheMap {
        used_bytes,
        remaining_bytes: cache.bytes.saturating_sub(used_bytes),
        cached_bytes: schedule.cached_bytes(),
        streamed_bytes,
    })
}
