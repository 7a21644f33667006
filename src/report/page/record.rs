//! What a report page shows, as plain data. An empty list or `None` leaves its section out.

use crate::data::ClassSet;
use crate::report::Picture;
use crate::task::Task;
use crate::validate::metrics::Scores;

/// Everything on the page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The heading.
    pub title: String,
    /// One sentence under it: what was run.
    pub subtitle: String,
    /// The baseline and the network that was found, in that order; more may follow.
    pub contenders: Vec<Contender>,
    /// Whose latencies the contenders carry.
    pub machines: Machines,
    /// Sentences to read the figures by ("tract computes QDQ convolutions in float").
    pub notes: Vec<String>,
    /// The search, if there was one.
    pub search: Option<SearchRecord>,
    /// The layers of the best network on the target.
    pub layers: Vec<LayerTime>,
    /// Images with truth and predictions.
    pub gallery: Vec<Gallery>,
    /// How far runtimes agree on the exported model.
    pub agreement: Vec<Agreement>,
    /// The files of the run folder.
    pub files: Vec<FileEntry>,
    /// Arguments, seed, versions, profile, data set: whatever is needed to run it again.
    pub facts: Vec<Fact>,
    /// Numbers that nobody measured or published.
    pub assumptions: Vec<Assumption>,
}

impl Page {
    /// The name of the baseline, for labels.
    pub(super) fn baseline_name(&self) -> &str {
        self.of(Role::Baseline).map_or("baseline", |c| &c.name)
    }

    /// The first contender of a role.
    pub(super) fn of(&self, role: Role) -> Option<&Contender> {
        self.contenders.iter().find(|c| c.role == role)
    }
}

/// What a network is on this page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// What gains are relative to.
    Baseline,
    /// The network that was found.
    Best,
    /// Shown beside them.
    Other,
}

/// A trained network with its figures.
#[derive(Clone, Debug)]
pub struct Contender {
    /// Its part in the comparison.
    pub role: Role,
    /// A short name: `mt-edge`, `trial 17`.
    pub name: String,
    /// Its genome as short text.
    pub genome: String,
    /// Learned numbers.
    pub params: u64,
    /// Multiply-accumulate operations of one image.
    pub macs: u64,
    /// Metrics of the float network on the validation split.
    pub float: Option<Scores>,
    /// Metrics of the int8 model on the validation split.
    pub int8: Option<Scores>,
    /// Milliseconds per image.
    pub latency: Latencies,
}

/// Milliseconds of one image on the machines of the page.
#[derive(Clone, Copy, Debug, Default)]
pub struct Latencies {
    /// The target, simulated.
    pub target_simulated_ms: Option<f64>,
    /// The host, simulated.
    pub host_simulated_ms: Option<f64>,
    /// The host, measured.
    pub host_measured_ms: Option<f64>,
}

/// The machines behind [`Latencies`].
#[derive(Clone, Debug, Default)]
pub struct Machines {
    /// The profile of the target.
    pub target: String,
    /// The profile of the machine that also ran the model.
    pub host: String,
    /// What ran it there ("tract 0.23.9, 1 thread, median of 50").
    pub host_runtime: String,
}

/// A search as points and counts.
#[derive(Clone, Debug)]
pub struct SearchRecord {
    /// The evaluated trials in order of their number.
    pub trials: Vec<TrialPoint>,
    /// The trial that won.
    pub best: Option<usize>,
    /// The trial of the baseline.
    pub baseline: Option<usize>,
    /// What the accuracy axis is ("accuracy, eq. 6").
    pub accuracy_label: String,
    /// Latency that the reward aims at, in milliseconds.
    pub latency_target_ms: Option<f64>,
    /// Proposed networks that the target cannot run.
    pub infeasible: usize,
    /// Trials whose evaluation failed.
    pub failed: usize,
}

/// One evaluated trial.
#[derive(Clone, Debug)]
pub struct TrialPoint {
    /// Its number, from 0.
    pub number: usize,
    /// Its genome as short text.
    pub genome: String,
    /// Simulated latency on the target, milliseconds.
    pub latency_ms: f64,
    /// The accuracy of the reward; higher is better.
    pub accuracy: f64,
    /// The reward; higher is better.
    pub reward: f64,
}

/// The time of one layer.
#[derive(Clone, Debug)]
pub struct LayerTime {
    /// The node's name.
    pub name: String,
    /// The operator.
    pub op: String,
    /// The unit that runs it ("array", "vector", "host").
    pub unit: String,
    /// What limits it ("compute", "memory", "link").
    pub bound_by: String,
    /// Milliseconds.
    pub latency_ms: f64,
    /// Multiply-accumulate operations.
    pub macs: u64,
}

/// One image with rows of pictures, one picture per task.
#[derive(Clone, Debug)]
pub struct Gallery {
    /// Which image ("val 3").
    pub name: String,
    /// The image.
    pub image: Picture,
    /// The tasks of the columns.
    pub tasks: Vec<Task>,
    /// The classes of a segmentation.
    pub classes: ClassSet,
    /// Truth and predictions.
    pub rows: Vec<GalleryRow>,
}

/// One row of pictures.
#[derive(Clone, Debug)]
pub struct GalleryRow {
    /// "truth", "float", "int8".
    pub label: String,
    /// A picture for every task of the gallery.
    pub pictures: Vec<Picture>,
}

/// How far two runtimes agree on one output of a model.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// The model and the two runtimes ("mt-edge int8: tract, ednas kernels").
    pub pair: String,
    /// The output.
    pub output: String,
    /// Percent of values that are equal.
    pub equal_percent: f64,
    /// Largest difference, in quantization steps.
    pub steps_max: f64,
    /// Mean difference, in quantization steps.
    pub steps_mean: f64,
}

/// A file of the run folder.
#[derive(Clone, Debug)]
pub struct FileEntry {
    /// Its name, relative to the folder.
    pub name: String,
    /// What it is.
    pub what: String,
    /// Its size.
    pub bytes: u64,
}

/// A named value.
#[derive(Clone, Debug)]
pub struct Fact {
    /// What it is.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A number that was assumed.
#[derive(Clone, Debug)]
pub struct Assumption {
    /// What it is ("dram.bandwidth_gb_s").
    pub name: String,
    /// Its value.
    pub value: String,
    /// Why this value.
    pub why: String,
}
