//! Networks side by side: one trunk, pyramid and head per task, whose trunks meet after each stage.

use kernels::TensorId;
use kernels::builder::BuildError;

use super::super::ednas::layers::Layers;
use super::super::ednas::{Architecture, NetworkOptions, bifpn, head, trunk};
use super::stages::{is_tap, stages};
use crate::task::Task;

/// The trunk of one task, as far as it is built.
#[derive(Clone, Copy)]
pub(super) struct Tower {
    pub(super) task: Task,
    /// The result of its last stage, `[n, h, w, c]`.
    pub(super) x: TensorId,
}

/// What joins trunks after a stage, counted from 1: gives what each hands on, in their order.
pub(super) type Unit<'u> =
    &'u mut dyn FnMut(&mut Layers, usize, &[Tower]) -> Result<Vec<TensorId>, BuildError>;

/// Adds a trunk per task, under the task's name, joined by `unit` after each stage; gives what each
/// hands to its pyramid: P3, P4 and P5.
pub(super) fn trunks(
    layers: &mut Layers,
    network: &Architecture,
    options: &NetworkOptions,
    image: TensorId,
    unit: Unit<'_>,
) -> Result<Vec<Vec<TensorId>>, BuildError> {
    let mut towers = Vec::with_capacity(options.tasks.len());
    for &task in &options.tasks {
        let stem = |layers: &mut Layers| trunk::stem(layers, network.stem_filters, image);
        let x = layers.within(task.name(), stem)?;
        towers.push(Tower { task, x });
    }
    let mut taps = vec![Vec::new(); towers.len()];
    for (number, stage) in (1..).zip(&stages(network)) {
        for tower in &mut towers {
            for &(number, block) in stage {
                let add = |layers: &mut Layers| trunk::block(layers, number, &block, tower.x);
                tower.x = layers.within(tower.task.name(), add)?;
            }
        }
        let joined = unit(layers, number, &towers)?;
        for ((tower, taps), x) in towers.iter_mut().zip(&mut taps).zip(joined) {
            tower.x = x;
            if is_tap(network, stage) {
                taps.push(x);
            }
        }
    }
    Ok(taps)
}

/// Adds a network per task, whose trunks are joined by `unit` after each stage; gives the
/// predictions.
pub(super) fn side_by_side(
    layers: &mut Layers,
    network: &Architecture,
    options: &NetworkOptions,
    image: TensorId,
    unit: Unit<'_>,
) -> Result<Vec<TensorId>, BuildError> {
    let taps = trunks(layers, network, options, image, unit)?;
    let tasks = options.tasks.iter().zip(&taps);
    tasks
        .map(|(&task, taps)| predict(layers, network, task, taps, options))
        .collect()
}

/// Adds the pyramid of `task` over its P3, P4 and P5; gives the levels before its cells and the P3
/// behind them.
pub(super) fn pyramid(
    layers: &mut Layers,
    network: &Architecture,
    task: Task,
    taps: &[TensorId],
) -> Result<([TensorId; 5], TensorId), BuildError> {
    let &[p3, p4, p5] = taps else {
        unreachable!("every network has three taps, at the ends of stages")
    };
    layers.within(task.name(), |layers| {
        let levels = bifpn::laterals(layers, network.width, [p3, p4, p5])?;
        Ok((levels, bifpn::cells(layers, network.cells, levels)?))
    })
}

/// Adds the pyramid of `task` over its P3, P4 and P5, and its head; gives its prediction.
pub(super) fn predict(
    layers: &mut Layers,
    network: &Architecture,
    task: Task,
    taps: &[TensorId],
    options: &NetworkOptions,
) -> Result<TensorId, BuildError> {
    let (_, finest) = pyramid(layers, network, task, taps)?;
    head::head(layers, task, network.head_depth, finest, options)
}
