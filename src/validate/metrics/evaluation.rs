//! All metrics of a network's tasks, gathered over a data set.

use super::depth::DepthErrors;
use super::metric::{Metric, MetricError, Scores};
use super::normals::NormalAngles;
use super::segmentation::{Confusion, MeanIou};
use crate::data::{Class, Sample};
use crate::task::Task;

/// What a network says of one or more images, at label resolution; `None` for tasks it lacks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Predictions<'a> {
    /// Class of every pixel (see [`super::argmax`]).
    pub classes: Option<&'a [u8]>,
    /// Inverse depth of every pixel.
    pub depth: Option<&'a [f32]>,
    /// Normals, `[.., 3]`, of any length.
    pub normals: Option<&'a [f32]>,
}

/// The labels of the same images.
#[derive(Clone, Copy, Debug)]
pub struct Truth<'a> {
    /// Class or void of every pixel.
    pub label: &'a [u8],
    /// Inverse depth, 0 = none.
    pub depth: &'a [f32],
    /// Normals, `[.., 3]`, 0 = none.
    pub normal: &'a [f32],
}

impl<'a> From<&'a Sample> for Truth<'a> {
    fn from(sample: &'a Sample) -> Self {
        Self {
            label: &sample.label,
            depth: &sample.depth,
            normal: &sample.normal,
        }
    }
}

/// Metrics of some tasks under way.
#[derive(Clone, Debug)]
pub struct Evaluation {
    confusion: Option<Confusion>,
    depth: Option<DepthErrors>,
    normals: Option<NormalAngles>,
}

impl Evaluation {
    /// Nothing seen yet; only `tasks` will be judged.
    #[must_use]
    pub fn new(tasks: &[Task]) -> Self {
        let judged = |task| tasks.contains(&task);
        Self {
            confusion: judged(Task::Segmentation).then(|| Confusion::new(Class::COUNT)),
            depth: judged(Task::Depth).then(DepthErrors::default),
            normals: judged(Task::Normals).then(NormalAngles::default),
        }
    }

    /// Adds one or more images.
    ///
    /// # Errors
    /// [`MetricError::Missing`] if a judged task has no prediction, and what the metrics of each
    /// task refuse: other sizes, classes out of range, values that are not finite.
    pub fn add(&mut self, predicted: &Predictions, truth: &Truth) -> Result<(), MetricError> {
        if let Some(confusion) = &mut self.confusion {
            confusion.add(need(Task::Segmentation, predicted.classes)?, truth.label)?;
        }
        if let Some(depth) = &mut self.depth {
            depth.add(need(Task::Depth, predicted.depth)?, truth.depth)?;
        }
        if let Some(normals) = &mut self.normals {
            normals.add(need(Task::Normals, predicted.normals)?, truth.normal)?;
        }
        Ok(())
    }

    /// The counts behind mIoU and PAcc, if segmentation is judged.
    #[must_use]
    pub fn confusion(&self) -> Option<&Confusion> {
        self.confusion.as_ref()
    }

    /// Every metric of the judged tasks so far.
    ///
    /// # Errors
    /// [`MetricError::NothingLabeled`] if a task has seen no labeled pixel.
    pub fn scores(&self) -> Result<Scores, MetricError> {
        let mut scores = Scores::new();
        if let Some(confusion) = &self.confusion {
            scores.insert(Metric::MeanIou, confusion.mean_iou(MeanIou::Present)?);
            scores.insert(Metric::PixelAccuracy, confusion.pixel_accuracy()?);
        }
        if let Some(depth) = &self.depth {
            scores.insert(Metric::AbsoluteError, depth.absolute()?);
            scores.insert(Metric::RelativeError, depth.relative()?);
        }
        if let Some(normals) = &self.normals {
            scores.insert(Metric::MeanAngle, normals.mean_deg()?);
            let shares = [Metric::Within11, Metric::Within22, Metric::Within30];
            scores.extend(shares.into_iter().zip(normals.within()?));
        }
        Ok(scores)
    }
}

fn need<T>(task: Task, prediction: Option<T>) -> Result<T, MetricError> {
    prediction.ok_or(MetricError::Missing { task })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Dataset, Split};

    #[test]
    fn the_truth_is_perfect_and_batches_do_not_matter() {
        let data = Dataset::open("scenes", 32, 64, 0).unwrap();
        let samples = data.samples(Split::Validation, &[0, 1, 2]).unwrap();
        let mut evaluation = Evaluation::new(&Task::ALL);
        for sample in &samples {
            let predicted = Predictions {
                classes: Some(&sample.label),
                depth: Some(&sample.depth),
                normals: Some(&sample.normal),
            };
            evaluation.add(&predicted, &sample.into()).unwrap();
        }
        let scores = evaluation.scores().unwrap();
        let near = |metric, expected: f64| {
            let found: f64 = scores[&metric];
            assert!((found - expected).abs() < 0.05, "{metric}: {found}");
        };
        assert_eq!(scores.len(), Metric::ALL.len());
        for metric in [
            Metric::MeanIou,
            Metric::PixelAccuracy,
            Metric::Within11,
            Metric::Within30,
        ] {
            near(metric, 100.0);
        }
        for metric in [
            Metric::AbsoluteError,
            Metric::RelativeError,
            Metric::MeanAngle,
        ] {
            near(metric, 0.0);
        }
    }

    #[test]
    fn only_the_asked_tasks_are_judged_and_none_may_be_missing() {
        let truth = Truth {
            label: &[3],
            depth: &[0.5],
            normal: &[0.0, 0.0, -1.0],
        };
        let mut evaluation = Evaluation::new(&[Task::Depth]);
        let depth = Predictions {
            depth: Some(&[0.25]),
            ..Predictions::default()
        };
        evaluation.add(&depth, &truth).unwrap();
        let scores = evaluation.scores().unwrap();
        let expected = [(Metric::AbsoluteError, 0.25), (Metric::RelativeError, 0.5)];
        assert_eq!(scores, Scores::from(expected));
        let missing = Evaluation::new(&[Task::Normals]).add(&depth, &truth);
        assert_eq!(
            missing,
            Err(MetricError::Missing {
                task: Task::Normals
            })
        );
    }
}
