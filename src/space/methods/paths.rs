//! Paths through one trunk: tasks go the same way for as long as they run the same of it.

use std::collections::BTreeMap;

use kernels::TensorId;
use kernels::builder::BuildError;

use super::super::ednas::layers::Layers;
use super::super::ednas::{Architecture, NetworkOptions, bifpn, head, trunk};
use super::policy::Policy;
use crate::task::Task;

/// What the tasks choose of the blocks of a trunk.
pub(super) struct Choices<'a> {
    /// The policy; nothing while it is open.
    pub(super) policy: Option<&'a Policy>,
    /// The blocks that there is a choice at, from 1.
    pub(super) blocks: Vec<usize>,
    /// All of a block.
    pub(super) all: u8,
}

/// How a path runs a block.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Choice {
    /// So much of it.
    Made(u8),
    /// As the gates of this task say.
    Open(Task),
}

/// What some tasks have computed together so far.
struct Path {
    tasks: Vec<Task>,
    x: TensorId,
    taps: Vec<TensorId>,
}

impl Choices<'_> {
    fn of(&self, number: usize, task: Task) -> Choice {
        let index = self.blocks.iter().position(|&block| block == number);
        match (index, self.policy) {
            (None, _) => Choice::Made(self.all),
            (Some(_), None) => Choice::Open(task),
            (Some(index), Some(policy)) => {
                Choice::Made(policy.choice(task, index).unwrap_or(self.all))
            }
        }
    }

    /// What the tasks of `options` choose of block `number`, each choice once, the least first.
    pub(super) fn made(&self, number: usize, options: &NetworkOptions) -> Vec<u8> {
        let chosen = options.tasks.iter().map(|&task| self.of(number, task));
        let mut made: Vec<u8> = chosen
            .filter_map(|choice| match choice {
                Choice::Made(choice) => Some(choice),
                Choice::Open(_) => None,
            })
            .collect();
        made.sort_unstable();
        made.dedup();
        made
    }
}

/// The predictions of the tasks over `network`, whose blocks `run` adds: by their numbers, as a path
/// chooses, over what the path has computed.
///
/// # Errors
/// What `run`, pyramids and heads refuse.
pub(super) fn build(
    layers: &mut Layers,
    network: &Architecture,
    options: &NetworkOptions,
    image: TensorId,
    choices: &Choices,
    run: impl Fn(&mut Layers, usize, Choice, TensorId) -> Result<TensorId, BuildError>,
) -> Result<Vec<TensorId>, BuildError> {
    let mut paths = vec![Path {
        tasks: options.tasks.clone(),
        x: trunk::stem(layers, network.stem_filters, image)?,
        taps: Vec::new(),
    }];
    for number in 1..=network.blocks.len() {
        paths = parted(paths, |task| choices.of(number, task));
        for path in &mut paths {
            let choice = choices.of(number, path.tasks[0]);
            path.x = path.run(layers, options, |layers, x| run(layers, number, choice, x))?;
            if network.taps.contains(&number) {
                path.taps.push(path.x);
            }
        }
    }
    let mut predictions = BTreeMap::new();
    for path in &paths {
        let &[p3, p4, p5] = &path.taps[..] else {
            unreachable!("every network has three taps")
        };
        let finest = path.run(layers, options, |layers, _| {
            let levels = bifpn::laterals(layers, network.width, [p3, p4, p5])?;
            bifpn::cells(layers, network.cells, levels)
        })?;
        for &task in &path.tasks {
            let prediction = head::head(layers, task, network.head_depth, finest, options)?;
            predictions.insert(task, prediction);
        }
    }
    let tasks = options.tasks.iter();
    Ok(tasks.map(|task| predictions[task]).collect())
}

impl Path {
    /// What `build` adds over the path's result, as a run of its own unless all tasks share it.
    fn run<T>(
        &self,
        layers: &mut Layers,
        options: &NetworkOptions,
        build: impl FnOnce(&mut Layers, TensorId) -> T,
    ) -> T {
        if self.tasks.len() == options.tasks.len() {
            return build(layers, self.x);
        }
        let names: Vec<&str> = self.tasks.iter().map(|task| task.name()).collect();
        layers.rerun(&names.join("+"), |layers| build(layers, self.x))
    }
}

/// `paths`, each parted where `key` differs among its tasks.
fn parted<K: Ord>(paths: Vec<Path>, key: impl Fn(Task) -> K) -> Vec<Path> {
    let mut parted = Vec::with_capacity(paths.len());
    for path in paths {
        let mut groups: BTreeMap<K, Vec<Task>> = BTreeMap::new();
        for &task in &path.tasks {
            groups.entry(key(task)).or_default().push(task);
        }
        parted.extend(groups.into_values().map(|tasks| Path {
            tasks,
            x: path.x,
            taps: path.taps.clone(),
        }));
    }
    parted
}
