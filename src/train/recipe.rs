//! How a network is trained: length, learning rate and losses.
//!
//! What is minimized is the sum of the losses of the tasks, each times its weight. The optimizer is
//! Adam. The weights of the last step are kept, or their moving average: no step is chosen by its
//! scores, so that no split judges what it has picked.
//!
//! The learning rate rises linearly over the warm-up and then falls on a half cosine:
//! `rate(s) = max (s + 1) / warm_up` for `s < warm_up`, then
//! `rate(s) = max (1 + cos(pi (s - warm_up) / (steps - warm_up))) / 2`.
//!
//! `steps` is the length of the whole training, also where it is done in legs: at the end of an early
//! leg the rate is still high, and its scores are those of a training cut short, not those of a
//! shorter training.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use crate::data::{Augmentation, DepthUnit};
use crate::task::Task;

/// Length, learning rate and losses of a training run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Optimizer steps; 0 only evaluates.
    pub steps: usize,
    /// Images per step, or per part of one; at least 2, since a batch norm needs more than one value
    /// per channel.
    pub batch_size: usize,
    /// The highest learning rate.
    pub learning_rate_max: f64,
    /// The part of the steps over which the learning rate rises, 0 to 1.
    pub warm_up: f64,
    /// The depth loss.
    pub depth_loss: DepthLoss,
    /// How samples are varied; absent where they are only mirrored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub augmentation: Option<Augmentation>,
    /// What the losses of tasks are multiplied with, where it is not what [`loss_weight`] says.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub task_weights: BTreeMap<Task, f64>,
    /// The learning rate of what joins the tasks in a multi-task method
    /// ([`Method::is_unit`](crate::space::Method::is_unit)), as a multiple of that of all else.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub unit_rate: f64,
    /// The parts that the images of a step are run in, one after another: their gradients are
    /// averaged, so that a step needs the memory of a part. Batch norms see a part at a time.
    #[serde(default = "whole", skip_serializing_if = "is_whole")]
    pub parts: NonZeroUsize,
    /// What convolutions compute in.
    #[serde(default, skip_serializing_if = "Precision::is_single")]
    pub precision: Precision,
    /// What the moving average of the weights keeps of itself in a step, above 0 and below 1: it is
    /// judged and kept in place of the weights of the last step, as EfficientNets are trained. Absent
    /// where these are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average: Option<f64>,
}

/// What convolutions compute in while a network is trained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// As all else, in single precision.
    #[default]
    Single,
    /// In bfloat16, what follows in what they give, losses and weights in single precision: faster
    /// and smaller on GPUs, slower on most CPUs.
    Mixed,
}

impl Precision {
    /// Whether all is in single precision.
    #[must_use]
    pub const fn is_single(&self) -> bool {
        matches!(self, Self::Single)
    }
}

const fn one() -> f64 {
    1.0
}

fn is_one(number: &f64) -> bool {
    *number == 1.0
}

const fn whole() -> NonZeroUsize {
    NonZeroUsize::MIN
}

fn is_whole(parts: &NonZeroUsize) -> bool {
    *parts == whole()
}

/// The loss of the depth task, over the pixels that have a depth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum DepthLoss {
    /// `mean(|y - p|)`.
    L1,
    /// `mean(|y - p|) + lambda mean(|y - p| / y)`, equation 8 of the paper.
    Jared {
        /// The weight of the relative part. The paper does not print its own; 0.1 is assumed.
        lambda: f64,
    },
}

impl DepthLoss {
    /// JAReD with this weight of the relative part; L1 where that is 0.
    #[must_use]
    pub fn of_lambda(lambda: f64) -> Self {
        match lambda == 0.0 {
            true => Self::L1,
            false => Self::Jared { lambda },
        }
    }

    /// The weight of the relative part.
    #[must_use]
    pub const fn lambda(self) -> f64 {
        match self {
            Self::L1 => 0.0,
            Self::Jared { lambda } => lambda,
        }
    }
}

/// The learning rate of the paper's first baselines.
pub const LEARNING_RATE_FIRST: f64 = 3e-4;

/// The learning rate that the paper calls maxLR, of its stronger baselines.
pub const LEARNING_RATE_STRONG: f64 = 1e-2;

/// The depth up to which a pixel counts as having none (AdaShare's constant).
pub const DEPTH_MIN: f32 = 3e-5;

impl Recipe {
    /// The recipe of a run of `steps` steps.
    #[must_use]
    pub fn of_steps(steps: usize) -> Self {
        Self {
            steps,
            batch_size: 8,
            learning_rate_max: LEARNING_RATE_STRONG,
            warm_up: 0.1,
            depth_loss: DepthLoss::Jared { lambda: 0.1 },
            augmentation: None,
            task_weights: BTreeMap::new(),
            unit_rate: 1.0,
            parts: whole(),
            precision: Precision::Single,
            average: None,
        }
    }

    /// This recipe without the depth loss that networks without depth do not have, so that those who
    /// are trained alike have the same recipe.
    #[must_use]
    pub fn for_tasks(mut self, tasks: &[Task]) -> Self {
        if !tasks.contains(&Task::Depth) {
            self.depth_loss = DepthLoss::L1;
        }
        self
    }

    /// What the moving average keeps of itself in step `step`, counted from 0: less in the first ones,
    /// `(step + 1) / (step + 10)`, so that it soon forgets the initial weights (the rule of TensorFlow's
    /// `ExponentialMovingAverage`). Nothing where weights are not averaged.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "step counts are far below 2^52")]
    pub fn kept_of_average(&self, step: usize) -> Option<f64> {
        let early = (step as f64 + 1.0) / (step as f64 + 10.0);
        self.average.map(|average| average.min(early))
    }

    /// The learning rate of step `step`, counted from 0.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "step counts are far below 2^52")]
    pub fn learning_rate(&self, step: usize) -> f64 {
        let (step, steps) = (step as f64, self.steps as f64);
        let warm_up = (steps * self.warm_up).ceil();
        if step < warm_up {
            return self.learning_rate_max * (step + 1.0) / warm_up;
        }
        let done = (step - warm_up) / (steps - warm_up).max(1.0);
        self.learning_rate_max * 0.5 * (1.0 + (std::f64::consts::PI * done).cos())
    }

    /// What the loss of `task` is multiplied with, where depth is in this unit.
    #[must_use]
    pub fn weight(&self, task: Task, depth: DepthUnit) -> f64 {
        let own = self.task_weights.get(&task).copied();
        own.unwrap_or_else(|| loss_weight(task, depth))
    }

    /// What is wrong with the recipe, if anything: the field, what was found and what is allowed.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let lambda = self.depth_loss.lambda();
        let is_positive = |number: f64| number > 0.0 && number.is_finite();
        let mut weights = self.task_weights.iter();
        let wrong = weights.find(|(_, weight)| !is_positive(**weight));
        if self.batch_size < 2 {
            Some(format!(
                "batch_size is {}, expected 2 or more",
                self.batch_size
            ))
        } else if !self.batch_size.is_multiple_of(self.parts.get())
            || self.batch_size / self.parts < 2
        {
            Some(format!(
                "batch_size is {} in {} parts, expected parts of one size, 2 images or more each",
                self.batch_size, self.parts
            ))
        } else if !is_positive(self.learning_rate_max) {
            let found = self.learning_rate_max;
            Some(format!(
                "learning_rate_max is {found}, expected a positive number"
            ))
        } else if !(0.0..=1.0).contains(&self.warm_up) {
            Some(format!("warm_up is {}, expected 0 to 1", self.warm_up))
        } else if !(lambda >= 0.0 && lambda.is_finite()) {
            Some(format!("lambda is {lambda}, expected 0 or more"))
        } else if let Some((task, weight)) = wrong {
            Some(format!(
                "the weight of {task} is {weight}, expected a positive number"
            ))
        } else if !is_positive(self.unit_rate) {
            let found = self.unit_rate;
            Some(format!("unit_rate is {found}, expected a positive number"))
        } else if let Some(average) = self.average.filter(|&of| !(of > 0.0 && of < 1.0)) {
            Some(format!(
                "average is {average}, expected a number above 0 and below 1"
            ))
        } else {
            self.augmentation
                .and_then(|augmentation| augmentation.problem())
        }
    }
}

/// What the loss of a task is multiplied with in the sum that is minimized, where a recipe does not
/// say otherwise.
///
/// Segmentation to depth as 1 to 20 for inverse depth, and to normals and depth as 1 to 20 to 3 for
/// meters: AdaShare's weights for Cityscapes and for `NYUv2`. Normals beside inverse depth weigh 3,
/// since there it is the depth, below 0.5, whose errors are the small ones.
#[must_use]
pub const fn loss_weight(task: Task, depth: DepthUnit) -> f64 {
    match (task, depth) {
        (Task::Segmentation, _) => 1.0,
        (Task::Depth, DepthUnit::Inverse) | (Task::Normals, DepthUnit::Meters) => 20.0,
        (Task::Normals, DepthUnit::Inverse) | (Task::Depth, DepthUnit::Meters) => 3.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_to_its_maximum_and_falls_to_almost_nothing() {
        let recipe = Recipe {
            learning_rate_max: 1.0,
            ..Recipe::of_steps(100)
        };
        let rates: Vec<f64> = (0..100).map(|s| recipe.learning_rate(s)).collect();
        assert!((rates[0] - 0.1).abs() < 1e-12);
        assert!((rates[9] - 1.0).abs() < 1e-12);
        assert!((rates[10] - 1.0).abs() < 1e-12);
        assert!((rates[55] - 0.5).abs() < 1e-12);
        assert!(rates[99] > 0.0 && rates[99] < 1e-3);
        assert!(rates[10..].is_sorted_by(|a, b| a > b));
    }

    #[test]
    fn a_run_of_one_step_has_a_rate() {
        assert!(Recipe::of_steps(1).learning_rate(0) > 0.0);
    }

    #[test]
    fn an_average_forgets_the_first_weights_soon() {
        let recipe = Recipe {
            average: Some(0.9),
            ..Recipe::of_steps(100)
        };
        let kept = [0, 8, 80, 81, 99].map(|step| recipe.kept_of_average(step).unwrap());
        assert_eq!(kept, [0.1, 0.5, 0.9, 0.9, 0.9]);
        assert_eq!(Recipe::of_steps(100).kept_of_average(0), None);
        for average in [0.0, 1.0, f64::NAN] {
            let recipe = Recipe {
                average: Some(average),
                ..Recipe::of_steps(1)
            };
            let problem = recipe.problem().expect("no average");
            assert!(problem.starts_with("average is"), "{problem}");
        }
    }

    #[test]
    fn problems_name_the_field() {
        let recipe = Recipe {
            learning_rate_max: f64::NAN,
            ..Recipe::of_steps(1)
        };
        assert!(
            recipe
                .problem()
                .expect("NaN is refused")
                .starts_with("learning_rate_max")
        );
        assert_eq!(Recipe::of_steps(1).problem(), None);
        let recipe = Recipe {
            task_weights: BTreeMap::from([(Task::Depth, 0.0)]),
            ..Recipe::of_steps(1)
        };
        let problem = recipe.problem().expect("a weight of 0 is refused");
        assert!(problem.starts_with("the weight of depth is 0"), "{problem}");
        let recipe = Recipe {
            unit_rate: -1.0,
            ..Recipe::of_steps(1)
        };
        let problem = recipe.problem().expect("a rate below 0 is refused");
        assert!(problem.starts_with("unit_rate is -1"), "{problem}");
    }

    #[test]
    fn parts_of_a_batch_are_of_one_size_and_not_of_one_image() {
        let problem = |parts| {
            let recipe = Recipe {
                parts: NonZeroUsize::new(parts).unwrap(),
                ..Recipe::of_steps(1)
            };
            recipe.problem()
        };
        assert_eq!([1, 2, 4].map(problem), [None, None, None]);
        for parts in [3, 8] {
            let problem = problem(parts).unwrap();
            assert!(problem.starts_with(&format!("batch_size is 8 in {parts} parts")));
        }
    }

    #[test]
    fn a_recipe_says_only_what_is_not_usual() {
        let usual = Recipe::of_steps(1);
        let text = serde_json::to_string(&usual).unwrap();
        assert!(
            !text.contains("task_weights") && !text.contains("unit_rate"),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<Recipe>(&text).unwrap(), usual);
        let own = Recipe {
            task_weights: BTreeMap::from([(Task::Depth, 5.0)]),
            unit_rate: 10.0,
            ..usual
        };
        let text = serde_json::to_string(&own).unwrap();
        assert_eq!(serde_json::from_str::<Recipe>(&text).unwrap(), own);
        assert_eq!(own.weight(Task::Depth, DepthUnit::Inverse), 5.0);
        assert_eq!(
            own.weight(Task::Normals, DepthUnit::Meters),
            loss_weight(Task::Normals, DepthUnit::Meters)
        );
    }

    #[test]
    fn a_lambda_of_0_is_l1() {
        assert_eq!(DepthLoss::of_lambda(0.0), DepthLoss::L1);
        assert_eq!(DepthLoss::of_lambda(0.3).lambda(), 0.3);
    }
}
