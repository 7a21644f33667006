//! AdaShare (Sun et al., 2020): one trunk whose residual blocks each task runs or skips.
//!
//! While the policy is open, the network has a path per task through the same layers, and each
//! residual block adds `g f(x)` with a gate `g` of the task's own: `seg/block03/gate/select`. A policy
//! that is decided leaves a plain network: tasks that have run the same blocks so far share what they
//! computed, and a block that a path skips is not there. All blocks for all tasks is `mt-edge`.
//!
//! Weights, scales and shifts of a layer are the same on every path. Only blocks that add their input
//! can be skipped: nine of EfficientNet-B0's sixteen.
//!
//! DIFFERENCE: the running mean and variance of a batch norm are of one path, since paths that skip
//! other blocks bring other values.

use std::collections::BTreeMap;

use kernels::TensorId;
use kernels::builder::BuildError;

use super::super::ednas::layers::Layers;
use super::super::ednas::{Architecture, BlockShape, NetworkOptions, bifpn, head, trunk};
use super::policy::Policy;
use crate::task::Task;

/// The last word of the name of a gate.
const GATE: &str = "select";

/// What some tasks have computed together so far.
struct Path {
    tasks: Vec<Task>,
    x: TensorId,
    taps: Vec<TensorId>,
}

/// A network whose policy is open, or decided.
pub(super) fn build(
    layers: &mut Layers,
    network: &Architecture,
    options: &NetworkOptions,
    image: TensorId,
    policy: Option<&Policy>,
) -> Result<Vec<TensorId>, BuildError> {
    let mut paths = vec![Path {
        tasks: options.tasks.clone(),
        x: trunk::stem(layers, network.stem_filters, image)?,
        taps: Vec::new(),
    }];
    let mut residual = 0;
    for (number, block) in (1..).zip(&network.blocks) {
        let is_residual = trunk::is_residual(block, layers.channels(paths[0].x));
        if is_residual {
            paths = match policy {
                Some(policy) => parted(paths, |task| policy.selects(task, residual)),
                None => parted(paths, |task| task),
            };
        }
        for path in &mut paths {
            let skipped = is_residual
                && policy.is_some_and(|policy| !policy.selects(path.tasks[0], residual));
            if !skipped {
                let open = is_residual && policy.is_none();
                path.x = path.run(layers, options, |layers, x| match open {
                    true => gated(layers, number, block, x),
                    false => trunk::block(layers, number, block, x),
                })?;
            }
            if network.taps.contains(&number) {
                path.taps.push(path.x);
            }
        }
        residual += usize::from(is_residual);
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

/// A block that adds its input, with a gate on what it adds.
fn gated(
    layers: &mut Layers,
    number: usize,
    block: &BlockShape,
    input: TensorId,
) -> Result<TensorId, BuildError> {
    let name = format!("block{number:02}");
    let branch = trunk::branch(layers, number, block, input)?;
    let gate = layers.scale(&format!("{name}/gate/{GATE}"));
    let branch = layers.multiply(&format!("{name}/gate"), branch, gate)?;
    layers.add(&format!("{name}/add"), branch, input)
}

/// The task and the block, from 1, of the gate called `name`, if it is one.
#[must_use]
pub fn gate(name: &str) -> Option<(Task, usize)> {
    let mut words = name.split('/');
    let (task, block) = (words.next()?, words.next()?);
    match (words.next(), words.next(), words.next()) {
        (Some("gate"), Some(GATE), None) => Some((
            task.parse().ok()?,
            block.strip_prefix("block")?.parse().ok()?,
        )),
        _ => None,
    }
}
