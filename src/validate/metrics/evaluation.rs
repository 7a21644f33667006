//! All metrics of a network's tasks, gathered over a data set.

use super::definition::{BatchMean, Definition};
use super::depth::DepthErrors;
use super::metric::{Metric, MetricError, Scores};
use super::normals::NormalAngles;
use super::segmentation::{Confusion, MeanIou};
use crate::data::Sample;
use crate::task::Task;

/// What a network says of one or more images, at label resolution; `None` for tasks it lacks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Predictions<'a> {
    /// Class of every pixel (see [`super::argmax`]).
    pub classes: Option<&'a [u8]>,
    /// Depth of every pixel, in the unit of the truth.
    pub depth: Option<&'a [f32]>,
    /// Normals, `[.., 3]`, of any length.
    pub normals: Option<&'a [f32]>,
}

/// The labels of the same images.
#[derive(Clone, Copy, Debug)]
pub struct Truth<'a> {
    /// Class or void of every pixel.
    pub label: &'a [u8],
    /// Depth, 0 = none.
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
    definition: Definition,
    classes: usize,
    /// PAcc, AbsE and RelE over batches, for definitions that take these.
    means: [BatchMean; 3],
    confusion: Option<Confusion>,
    depth: Option<DepthErrors>,
    normals: Option<NormalAngles>,
}

impl Evaluation {
    /// Nothing seen yet; only `tasks` will be judged, a segmentation of so many `classes`.
    #[must_use]
    pub fn new(tasks: &[Task], classes: usize) -> Self {
        Self::by(Definition::Standard, tasks, classes)
    }

    /// As [`Self::new`], by a definition of the metrics.
    #[must_use]
    pub fn by(definition: Definition, tasks: &[Task], classes: usize) -> Self {
        let judged = |task| tasks.contains(&task);
        Self {
            definition,
            classes,
            means: [BatchMean::default(); 3],
            confusion: judged(Task::Segmentation).then(|| Confusion::new(classes)),
            depth: judged(Task::Depth).then(DepthErrors::default),
            normals: judged(Task::Normals).then(NormalAngles::default),
        }
    }

    /// Adds one or more images: a batch, where the definition takes means over these.
    ///
    /// # Errors
    /// [`MetricError::Missing`] if a judged task has no prediction, and what the metrics of each
    /// task refuse: other sizes, classes out of range, values that are not finite.
    pub fn add(&mut self, predicted: &Predictions, truth: &Truth) -> Result<(), MetricError> {
        if let Some(confusion) = &mut self.confusion {
            let classes = need(Task::Segmentation, predicted.classes)?;
            let mut batch = Confusion::new(self.classes);
            batch.add(classes, truth.label)?;
            let pixels = truth.label.len();
            let accuracy = match self.definition {
                Definition::Standard => None,
                Definition::AdaShareCityscapes => {
                    (pixels > 0).then(|| 100.0 * batch.hits() as f64 / pixels as f64)
                }
                Definition::AdaShareNyuV2 => batch.pixel_accuracy().ok(),
            };
            self.means[0].add(accuracy, pixels);
            confusion.merge(&batch);
        }
        if let Some(depth) = &mut self.depth {
            let values = need(Task::Depth, predicted.depth)?;
            depth.add(values, truth.depth)?;
            if self.definition != Definition::Standard {
                let mut batch = DepthErrors::default();
                batch.add(values, truth.depth)?;
                self.means[1].add(batch.absolute().ok(), truth.depth.len());
                self.means[2].add(batch.relative().ok(), truth.depth.len());
            }
        }
        if let Some(normals) = &mut self.normals {
            let directions = need(Task::Normals, predicted.normals)?;
            match self.definition {
                Definition::Standard | Definition::AdaShareCityscapes => {
                    normals.add(directions, truth.normal)?;
                }
                Definition::AdaShareNyuV2 => normals.add_stored(directions, truth.normal)?,
            }
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
            let over = match self.definition {
                Definition::Standard => MeanIou::Present,
                Definition::AdaShareCityscapes | Definition::AdaShareNyuV2 => {
                    MeanIou::WithTruePositives
                }
            };
            scores.insert(Metric::MeanIou, confusion.mean_iou(over)?);
            let accuracy = confusion.pixel_accuracy()?;
            let mean = self.means[0].mean();
            scores.insert(Metric::PixelAccuracy, mean.unwrap_or(accuracy));
        }
        if let Some(depth) = &self.depth {
            let (absolute, relative) = (depth.absolute()?, depth.relative()?);
            let means = [self.means[1].mean(), self.means[2].mean()];
            scores.insert(Metric::AbsoluteError, means[0].unwrap_or(absolute));
            scores.insert(Metric::RelativeError, means[1].unwrap_or(relative));
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
        let mut evaluation = Evaluation::new(&Task::ALL, 19);
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

    fn judged(definition: Definition, images: [(&Predictions, &Truth); 2]) -> Scores {
        let mut evaluation = Evaluation::by(definition, &Task::ALL, 3);
        for (predicted, truth) in images {
            evaluation.add(predicted, truth).unwrap();
        }
        evaluation.scores().unwrap()
    }

    /// Two images of four pixels: what each definition makes of them, worked out by hand.
    #[test]
    fn definitions_differ_where_they_say() {
        let normals = [0.0, 0.0, -1.0].repeat(4);
        let turned = [0.5, 0.0, -0.75_f32.sqrt()].repeat(4);
        let predicted = |classes, depth| Predictions {
            classes: Some(classes),
            depth: Some(depth),
            normals: Some(&turned),
        };
        let truth = |label, depth| Truth {
            label,
            depth,
            normal: &normals,
        };
        let first = (
            predicted(&[0, 0, 1, 0], &[0.5, 0.5, 0.5, 0.5]),
            truth(&[0, 0, 1, 2], &[0.25, 0.0, 0.0, 0.0]),
        );
        let second = (
            predicted(&[1, 0, 0, 0], &[0.5, 0.5, 0.5, 0.5]),
            truth(&[0, 255, 255, 255], &[0.5, 0.5, 0.5, 0.25]),
        );
        let images = [(&first.0, &first.1), (&second.0, &second.1)];
        let near = |scores: &Scores, metric, expected: f64| {
            let found = scores[&metric];
            assert!((found - expected).abs() < 1e-3, "{metric}: {found}");
        };
        let standard = judged(Definition::Standard, images);
        // Hits 2 of class 0 (union 4), 1 of class 1 (union 2), none of class 2.
        near(&standard, Metric::MeanIou, 100.0 / 3.0);
        near(&standard, Metric::PixelAccuracy, 100.0 * 3.0 / 5.0);
        near(&standard, Metric::AbsoluteError, 0.5 / 5.0);
        near(&standard, Metric::RelativeError, 2.0 / 5.0);
        near(&standard, Metric::MeanAngle, 30.0);

        let cityscapes = judged(Definition::AdaShareCityscapes, images);
        near(&cityscapes, Metric::MeanIou, 50.0);
        near(&cityscapes, Metric::PixelAccuracy, 100.0 * 3.0 / 8.0);
        near(&cityscapes, Metric::AbsoluteError, (0.25 + 0.0625) / 2.0);
        near(&cityscapes, Metric::RelativeError, (1.0 + 0.25) / 2.0);
        near(&cityscapes, Metric::MeanAngle, 30.0);

        let nyuv2 = judged(Definition::AdaShareNyuV2, images);
        near(&nyuv2, Metric::MeanIou, 50.0);
        near(&nyuv2, Metric::PixelAccuracy, (75.0 + 0.0) / 2.0);
        near(&nyuv2, Metric::AbsoluteError, (0.25 + 0.0625) / 2.0);
        // Between (1, 1, 0) and (1.5, 1, 0.134).
        near(&nyuv2, Metric::MeanAngle, 12.0724);
    }

    #[test]
    fn definitions_are_known_by_name() {
        for definition in Definition::ALL {
            assert_eq!(definition.name().parse(), Ok(definition));
            let json = serde_json::to_value(definition).unwrap();
            assert_eq!(json, definition.name());
        }
        let error = "iou".parse::<Definition>().unwrap_err().to_string();
        assert!(error.contains("adashare-nyuv2"), "{error}");
    }

    #[test]
    fn only_the_asked_tasks_are_judged_and_none_may_be_missing() {
        let truth = Truth {
            label: &[3],
            depth: &[0.5],
            normal: &[0.0, 0.0, -1.0],
        };
        let mut evaluation = Evaluation::new(&[Task::Depth], 19);
        let depth = Predictions {
            depth: Some(&[0.25]),
            ..Predictions::default()
        };
        evaluation.add(&depth, &truth).unwrap();
        let scores = evaluation.scores().unwrap();
        let expected = [(Metric::AbsoluteError, 0.25), (Metric::RelativeError, 0.5)];
        assert_eq!(scores, Scores::from(expected));
        let missing = Evaluation::new(&[Task::Normals], 19).add(&depth, &truth);
        assert_eq!(
            missing,
            Err(MetricError::Missing {
                task: Task::Normals
            })
        );
    }
}
