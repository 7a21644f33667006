//! A training: the record of `ednas train`, its text, and its progress.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use super::progress::Progress;
use crate::data::DepthUnit;
use crate::task::Task;
use crate::train::protocol::{Event, Outcome};
use crate::train::{Arithmetic, DepthLoss, Training};
use crate::validate::metrics::{Direction, Scores};

/// `ednas.train/1`: a network that was trained.
#[derive(Clone, Debug, Serialize)]
pub struct TrainRecord {
    /// `ednas.train/1`.
    pub schema: &'static str,
    /// What was trained, and how.
    pub training: Training,
    /// The unit of the depths, which decides how losses are weighted.
    pub depth: DepthUnit,
    /// Where the weights are.
    pub checkpoint: PathBuf,
    /// Per task, its loss in the last step, before weighting; empty when no step was left to do.
    pub losses: BTreeMap<Task, f64>,
    /// The metrics on the validation samples, in the arithmetic that was trained; empty without
    /// samples.
    pub scores: Scores,
    /// Images trained per second on this machine; 0 when no step was left to do.
    pub images_per_s: f64,
    /// The network that the training decided on, where it was to decide one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided: Option<String>,
}

impl TrainRecord {
    /// The record of a finished `training`.
    #[must_use]
    pub fn new(training: &Training, depth: DepthUnit, outcome: Outcome) -> Self {
        Self {
            schema: "ednas.train/1",
            training: training.clone(),
            depth,
            checkpoint: outcome.checkpoint,
            losses: outcome.losses,
            scores: outcome.scores,
            images_per_s: outcome.images_per_s,
            decided: outcome.decided,
        }
    }

    /// What was trained, how good it is, and where it is.
    #[must_use]
    pub fn text(&self) -> String {
        let training = &self.training;
        let tasks: Vec<&str> = training.tasks.iter().map(|task| task.name()).collect();
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}, {}x{}, heads {} behind {} resizes",
            training.network,
            training.height,
            training.width,
            tasks.join(", "),
            training.upsampling,
        );
        let _ = writeln!(text, "{}", self.course());
        if !self.scores.is_empty() {
            let samples = training.data.validation;
            let _ = writeln!(
                text,
                "\non {samples} validation samples, {}:",
                arithmetic(training)
            );
            let _ = writeln!(text, "{}", self.table());
        }
        let _ = writeln!(text, "\nthe weights are in {}", self.checkpoint.display());
        if let Some(network) = &self.decided {
            let _ = writeln!(
                text,
                "the policy is decided: train its network with `ednas train {network}`"
            );
        }
        text
    }

    /// Steps, data, seed, and speed.
    fn course(&self) -> String {
        let Training {
            recipe, data, seed, ..
        } = &self.training;
        let speed = match self.images_per_s > 0.0 {
            true => format!("{:.1} images/s", self.images_per_s),
            false => "done before".to_owned(),
        };
        let start = match &self.training.start {
            Some(start) => format!(" from {}", start.checkpoint.display()),
            None => String::new(),
        };
        format!(
            "{} steps of {} images{start}, {} samples of {}, seed {seed}, learning rate {}, {}: {speed}",
            recipe.steps,
            recipe.batch_size,
            data.train,
            data.name,
            recipe.learning_rate_max,
            losses(&self.training, self.depth),
        )
    }

    fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        for (metric, score) in &self.scores {
            let better = match metric.direction() {
                Direction::HigherIsBetter => "higher is better",
                Direction::LowerIsBetter => "lower is better",
            };
            let cells = [metric.name(), &format!("{score:.4}"), metric.unit(), better];
            table.add_row(cells);
        }
        if let Some(column) = table.column_mut(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table.trim_fmt()
    }
}

/// The losses that are not always the same, and their weights.
fn losses(training: &Training, depth: DepthUnit) -> String {
    let recipe = &training.recipe;
    let weights = training.tasks.iter();
    let weights = weights.map(|&task| format!("{task}={}", recipe.weight(task, depth)));
    let weights = weights.collect::<Vec<_>>().join(",");
    match (training.tasks.contains(&Task::Depth), recipe.depth_loss) {
        (false, _) => format!("weights {weights}"),
        (true, DepthLoss::L1) => format!("L1, weights {weights}"),
        (true, DepthLoss::Jared { lambda }) => format!("JAReD {lambda}, weights {weights}"),
    }
}

const fn arithmetic(training: &Training) -> &'static str {
    match &training.start {
        Some(start) => match start.arithmetic {
            Arithmetic::Int8 { .. } => "in int8 as training simulates it",
            Arithmetic::Float => "in floats",
        },
        None => "in floats",
    }
}

/// Moves `bar` to where a training stands.
pub fn show(bar: &Progress, event: &Event) {
    match event {
        Event::Started { step, .. } => bar.set_position(*step as u64),
        Event::Progress {
            step,
            loss,
            images_per_s,
            ..
        } => {
            bar.set_position(*step as u64);
            bar.set_message(format!("loss {loss:.3}, {images_per_s:.1} images/s"));
        }
        Event::Ready { .. } | Event::Done(_) | Event::Failed { .. } => {}
    }
}
