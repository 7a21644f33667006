//! The whole road: search, train, quantize, export, validate, report.
//!
//! A run lives in one folder. Its stages are taken in order, each leaves its part of `run.json`,
//! and a run that was cut off goes on behind the last part that is there.

pub mod record;
pub mod settings;

mod budget;
mod folder;

mod candidates;

mod plan;

mod explore;

mod finals;

mod deploying;

mod judging;

mod paging;
mod table;

pub use folder::Refused;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::Context;
use hwmodels::profile::Profile;
use kernels::cost::graph_cost;

use candidates::Candidates;
use deploying::{Deployed, bundle, deploy};
use explore::{Explored, explore};
use finals::Final;
use folder::Folder;
use plan::Pace;
use record::{Comparison, NetworkRecord, ProfileRecord, RunRecord, SearchRecord};
use settings::Settings;

use crate::data::Dataset;
use crate::deploy::{INT8_ONNX, onnx, write_bundle};
use crate::fingerprint::fingerprint;
use crate::report::Console;
use crate::study::{History, clock};
use crate::validate::host;
use crate::validate::metrics::delta_t;
use crate::validate::tract;
use crate::workers::Fleet;

/// The role of the network that the search found.
pub const FOUND: &str = "found";

/// The role of the network that gains are relative to.
pub const BASELINE: &str = "mt-edge";

/// The profile of this machine, as tract uses it.
const HOST_PROFILE: &str = "host-tract.toml";

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// Everything is there.
    Complete(Box<RunRecord>),
    /// The stop flag was set; the run can be continued.
    Stopped,
}

/// Runs or continues a run in the folder `out`; `fleet` trains its networks.
///
/// # Errors
///
/// When the settings, the folder or the workers do not fit, or a stage fails.
pub fn run(
    settings: &Settings,
    profile: &Profile,
    out: &Path,
    fleet: &dyn Fleet,
    stop: &AtomicBool,
    console: &Console,
) -> anyhow::Result<Ended> {
    settings.check()?;
    let candidates = Candidates::new(settings, profile)?;
    candidates.graph(BASELINE)?;
    let [height, width] = settings.size;
    Dataset::open(&settings.data, height, width, settings.seed)?;
    let folder = Folder::open(out)?;
    let mut road = Road {
        record: folder.record(settings)?,
        candidates,
        folder,
        fleet,
        stop,
        console,
        started: Instant::now(),
        pace: None,
    };
    let Some(history) = road.search()? else {
        return Ok(Ended::Stopped);
    };
    if !road.train()? {
        return Ok(Ended::Stopped);
    }
    let deployed = road.deploy()?;
    road.report(&history, &deployed)?;
    Ok(Ended::Complete(Box::new(road.record)))
}

/// A run on its way.
struct Road<'a> {
    record: RunRecord,
    candidates: Candidates<'a>,
    folder: Folder,
    fleet: &'a dyn Fleet,
    stop: &'a AtomicBool,
    console: &'a Console,
    started: Instant,
    pace: Option<Pace>,
}

impl Road<'_> {
    /// Stage 1 and 2: fits the lengths to the budget, and searches. `None` when it was stopped.
    fn search(&mut self) -> anyhow::Result<Option<History>> {
        let settings = self.candidates.settings;
        let profile = self.candidates.profile;
        self.record.profile = Some(ProfileRecord {
            name: profile.name().to_owned(),
            fingerprint: fingerprint(profile.raw().to_toml()),
        });
        if self.record.plan.is_none() {
            self.say("1/6 timing: how fast this machine trains; then the search");
            let pace = self.pace()?;
            let plan = plan::plan(&self.candidates, &pace, self.started.elapsed())?;
            self.record.plan = Some(plan);
            self.folder.keep(&self.record)?;
        }
        let plan = self.record.plan.clone().context("a run has a plan")?;
        self.say(format!(
            "2/6 search: {} candidates, {} steps each ({}); then the final trainings",
            settings.trials, plan.steps, plan.how
        ));
        let explored = explore(
            &self.candidates,
            &plan,
            &self.folder,
            self.fleet,
            self.stop,
            self.console,
        )?;
        match explored {
            Explored::Stopped => Ok(None),
            Explored::Complete(search, history) => {
                self.record.search = Some(*search);
                self.folder.keep(&self.record)?;
                Ok(Some(history))
            }
        }
    }

    /// Stage 3: trains the found network and the baseline to the end. `false` when it was stopped.
    fn train(&mut self) -> anyhow::Result<bool> {
        let search = self.record.search.clone().context("a run has a search")?;
        let steps = self.final_steps(&search)?;
        self.say(format!(
            "3/6 training: trial {} and the baseline, {steps} steps each; then quantizing",
            search.best.number
        ));
        let roles = [
            (FOUND, &search.best.genome),
            (BASELINE, &search.baseline.genome),
        ];
        let train = |index: usize| {
            let (role, genome) = roles[index];
            if self.record.networks.iter().any(|n| n.role == role) {
                return Ok(None);
            }
            let network = Final {
                role,
                genome,
                steps,
            };
            finals::train(
                &self.candidates,
                &network,
                &self.folder,
                self.fleet,
                self.stop,
                self.console,
            )
        };
        let (found, baseline) = plan::side_by_side(&self.candidates, || train(0), || train(1));
        for trained in [found, baseline] {
            self.record.networks.extend(trained?);
        }
        self.record.networks.sort_by_key(|n| n.role != FOUND);
        self.folder.keep(&self.record)?;
        let trained = |(role, _): &(&str, _)| self.record.networks.iter().any(|n| n.role == *role);
        Ok(roles.iter().all(trained))
    }

    /// Stages 4 and 5: quantizes and exports, runs what was exported. Gives the found network.
    fn deploy(&mut self) -> anyhow::Result<Deployed> {
        self.say("4/6 host: how fast tract runs single operators here; then quantizing");
        let host = self.host()?;
        self.say("5/6 quantizing, exporting, and running the int8 files; then the report");
        let mut found = None;
        let mut networks = std::mem::take(&mut self.record.networks);
        for network in &mut networks {
            let checkpoint = finals::checkpoint(&network.role);
            let deployed = deploy(&self.candidates, &checkpoint, &self.folder, self.console)?;
            let qdq = onnx(&deployed.int8, &deployed.source, INT8_ONNX)?;
            let int8 = judging::judge(&self.candidates, &deployed, &qdq, &host, self.console)?;
            if network.role == FOUND {
                let float = &network.float_scores;
                let bundle = bundle(&self.candidates, &deployed, float, &int8)?;
                write_bundle(self.folder.root(), &bundle)?;
                found = Some(deployed);
            }
            network.int8 = Some(int8);
        }
        self.record.comparison = Some(comparison(&networks)?);
        self.record.networks = networks;
        self.folder.keep(&self.record)?;
        found.context("a run has a found network")
    }

    /// Stage 6: writes the page and the record.
    fn report(&mut self, history: &History, found: &Deployed) -> anyhow::Result<()> {
        self.say("6/6 report");
        self.record.sources = sources(self.candidates.profile);
        self.record.files = self.folder.sizes()?;
        let page = paging::page(&self.candidates, &self.record, history, found)?;
        self.folder.write("report.html", page.as_bytes())?;
        self.record.files = self.folder.sizes()?;
        self.folder.keep(&self.record)
    }

    fn pace(&mut self) -> anyhow::Result<Pace> {
        if let Some(pace) = self.pace {
            return Ok(pace);
        }
        let pace = plan::pace(
            &self.candidates,
            &self.folder,
            self.fleet,
            self.stop,
            self.console,
        )?;
        self.pace = Some(pace);
        Ok(pace)
    }

    /// The steps of the final trainings; once found, they are kept.
    fn final_steps(&mut self, search: &SearchRecord) -> anyhow::Result<usize> {
        let plan = self.record.plan.clone().context("a run has a plan")?;
        if let Some(steps) = plan.final_steps {
            return Ok(steps);
        }
        let mut macs = Vec::with_capacity(2);
        for genome in [&search.best.genome, &search.baseline.genome] {
            macs.push(graph_cost(&self.candidates.graph(genome)?).macs);
        }
        let pace = self.pace()?;
        let steps = plan::final_steps(&self.candidates, &plan, &pace, &macs, self.elapsed());
        if let Some(plan) = &mut self.record.plan {
            plan.final_steps = Some(steps);
        }
        self.folder.keep(&self.record)?;
        Ok(steps)
    }

    /// The measured profile of this machine, measured once per run.
    fn host(&self) -> anyhow::Result<Profile> {
        let path = self.folder.path(HOST_PROFILE);
        if let Ok(text) = std::fs::read_to_string(&path) {
            return Ok(Profile::parse(&text, HOST_PROFILE)?);
        }
        let now = clock::now();
        let (date, _) = now.split_once('T').unwrap_or((&now, ""));
        let text = host::measure_host(&host::machine(), date)?.to_toml();
        self.folder.write(HOST_PROFILE, text.as_bytes())?;
        Ok(Profile::parse(&text, HOST_PROFILE)?)
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn say(&self, line: impl AsRef<str>) {
        let seconds = self.elapsed().as_secs();
        self.console.say(format!(
            "[{:2}:{:02}] {}",
            seconds / 60,
            seconds % 60,
            line.as_ref()
        ));
    }
}

/// Where the figures of a record come from.
fn sources(profile: &Profile) -> BTreeMap<String, String> {
    let scores = |runtime: &str| format!("measured on the validation samples, {runtime}");
    let host = format!("tract {} on one thread of this machine", tract::VERSION);
    let sources = [
        ("float_scores", scores("run by libtorch")),
        (
            "int8.scores",
            scores(&format!(
                "the QDQ file run by {host}; {}",
                tract::ARITHMETIC
            )),
        ),
        (
            "int8.agreement",
            "tract against the integer evaluation of the same graph".to_owned(),
        ),
        (
            "target_ms",
            format!("simulated on the profile {}", profile.name()),
        ),
        (
            "host_simulated_ms",
            format!("simulated on {HOST_PROFILE}, measured by {host}"),
        ),
        ("host_measured_ms", format!("measured: {host}, median")),
        (
            "reward",
            "equation 4 of the paper; weights, exponents and target assumed unless given"
                .to_owned(),
        ),
        (
            "images_per_s",
            "measured: training by libtorch on this machine".to_owned(),
        ),
    ];
    sources
        .map(|(figure, source)| (figure.to_owned(), source))
        .into()
}

fn comparison(networks: &[NetworkRecord]) -> anyhow::Result<Comparison> {
    let of = |role: &str| {
        let network = networks.iter().find(|n| n.role == role);
        network.and_then(|n| Some((n, n.int8.as_ref()?)))
    };
    let (found, found_int8) = of(FOUND).context("a run has a found network")?;
    let (baseline, baseline_int8) = of(BASELINE).context("a run has a baseline")?;
    Ok(Comparison {
        delta_t_float: delta_t(&found.float_scores, &baseline.float_scores)?.total,
        delta_t_int8: delta_t(&found_int8.scores, &baseline_int8.scores)?.total,
        speed_up: baseline_int8.latency.target_ms / found_int8.latency.target_ms,
    })
}
