//! Segmentation: the confusion matrix, mean IoU and pixel accuracy.
//!
//! With `n[t][p]` pixels of true class `t` predicted as `p`:
//! `IoU_c = n[c][c] / (sum_p n[c][p] + sum_t n[t][c] - n[c][c])`, `mIoU` their mean over classes,
//! `PAcc = sum_c n[c][c] / sum n`. Void pixels are in no cell.

use super::metric::{MetricError, check_finite, check_size};
use crate::data::VOID;
use crate::task::Task;

/// Which classes the mean IoU runs over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeanIou {
    /// Those that occur in the truth or in the predictions: the usual meaning, and ours.
    Present,
    /// Those with a true positive: AdaShare's, which a class never found cannot lower.
    WithTruePositives,
}

/// Counts of true against predicted class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    classes: usize,
    /// `[truth][prediction]`, row-major.
    counts: Vec<u64>,
}

impl Confusion {
    /// Nothing seen yet, of `classes` classes.
    #[must_use]
    pub fn new(classes: usize) -> Self {
        Self {
            classes,
            counts: vec![0; classes * classes],
        }
    }

    /// Adds the pixels of one or more images: predicted classes and labels (class or [`VOID`]).
    ///
    /// # Errors
    /// [`MetricError::Size`] for different lengths, [`MetricError::Class`] for a class out of
    /// range.
    pub fn add(&mut self, predicted: &[u8], truth: &[u8]) -> Result<(), MetricError> {
        check_size(Task::Segmentation, truth.len(), predicted.len())?;
        for (&p, &t) in predicted.iter().zip(truth) {
            if t != VOID {
                let cell = self.class("label", t)? * self.classes + self.class("prediction", p)?;
                self.counts[cell] += 1;
            }
        }
        Ok(())
    }

    /// Adds the counts of another, of as many classes.
    pub(super) fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
    }

    /// Mean IoU in percent.
    ///
    /// # Errors
    /// [`MetricError::NothingLabeled`] before the first labeled pixel.
    pub fn mean_iou(&self, over: MeanIou) -> Result<f64, MetricError> {
        self.labeled()?;
        let (mut sum, mut classes) = (0.0, 0_u32);
        for class in 0..self.classes {
            let hits = self.counts[class * self.classes + class];
            let (truth, predicted) = (self.of_truth(class), self.of_prediction(class));
            let counts = match over {
                MeanIou::Present => truth + predicted > 0,
                MeanIou::WithTruePositives => hits > 0,
            };
            if counts {
                sum += hits as f64 / (truth + predicted - hits) as f64;
                classes += 1;
            }
        }
        Ok(100.0 * sum / f64::from(classes.max(1)))
    }

    /// IoU in percent of every class, `None` where it occurs on neither side.
    #[must_use]
    pub fn ious(&self) -> Vec<Option<f64>> {
        let iou = |class| {
            let hits = self.counts[class * self.classes + class];
            let union = self.of_truth(class) + self.of_prediction(class) - hits;
            (union > 0).then(|| 100.0 * hits as f64 / union as f64)
        };
        (0..self.classes).map(iou).collect()
    }

    /// Percent of labeled pixels with the right class.
    ///
    /// # Errors
    /// [`MetricError::NothingLabeled`] before the first labeled pixel.
    pub fn pixel_accuracy(&self) -> Result<f64, MetricError> {
        let labeled = self.labeled()?;
        Ok(100.0 * self.hits() as f64 / labeled as f64)
    }

    /// Pixels with the right class.
    #[must_use]
    pub fn hits(&self) -> u64 {
        let diagonal = self.counts.iter().step_by(self.classes + 1);
        diagonal.sum()
    }

    fn labeled(&self) -> Result<u64, MetricError> {
        match self.counts.iter().sum() {
            0 => Err(MetricError::NothingLabeled {
                task: Task::Segmentation,
            }),
            count => Ok(count),
        }
    }

    fn of_truth(&self, class: usize) -> u64 {
        self.counts[class * self.classes..(class + 1) * self.classes]
            .iter()
            .sum()
    }

    fn of_prediction(&self, class: usize) -> u64 {
        self.counts.iter().skip(class).step_by(self.classes).sum()
    }

    fn class(&self, place: &'static str, found: u8) -> Result<usize, MetricError> {
        let class = usize::from(found);
        if class < self.classes {
            Ok(class)
        } else {
            Err(MetricError::Class {
                place,
                found,
                classes: self.classes,
            })
        }
    }
}

/// The class of the highest score of every pixel; the first of equals. `scores` is
/// `[n, h, w, classes]`.
///
/// # Errors
/// [`MetricError::NotFinite`] if a score is NaN or infinite, [`MetricError::Size`] if the scores
/// are no whole number of pixels.
///
/// # Panics
/// For more than 255 classes, or none: a programming error.
pub fn argmax(scores: &[f32], classes: usize) -> Result<Vec<u8>, MetricError> {
    check_finite(Task::Segmentation, scores)?;
    let pixels = scores.chunks_exact(classes);
    check_size(Task::Segmentation, pixels.len() * classes, scores.len())?;
    let best = |scores: &[f32]| {
        let (mut best, mut top) = (0, scores[0]);
        for (class, &score) in scores.iter().enumerate() {
            if score > top {
                (best, top) = (class, score);
            }
        }
        u8::try_from(best).expect("a class fits in a byte")
    };
    Ok(pixels.map(best).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn two_definitions_of_the_mean_differ_by_the_class_never_found() {
        let mut confusion = Confusion::new(4);
        // Class 0: 3 of 4 found. Class 1: 1 hit, 1 false. Class 2: missed. Class 3: absent.
        confusion
            .add(&[0, 0, 0, 1, 1, 0, 3], &[0, 0, 0, 0, 1, 2, VOID])
            .unwrap();
        let ious = confusion.ious();
        assert_eq!(ious, [Some(60.0), Some(50.0), Some(0.0), None]);
        let present = confusion.mean_iou(MeanIou::Present).unwrap();
        let found = confusion.mean_iou(MeanIou::WithTruePositives).unwrap();
        assert!((present - 110.0 / 3.0).abs() < 1e-9, "{present}");
        assert!((found - 55.0).abs() < 1e-9, "{found}");
        assert!((confusion.pixel_accuracy().unwrap() - 100.0 * 4.0 / 6.0).abs() < 1e-9);
    }

    #[test]
    fn what_cannot_be_counted_is_an_error() {
        let mut confusion = Confusion::new(19);
        assert_eq!(
            confusion.mean_iou(MeanIou::Present),
            Err(MetricError::NothingLabeled {
                task: Task::Segmentation
            })
        );
        let message = confusion.add(&[19], &[0]).unwrap_err().to_string();
        assert_eq!(
            message,
            "a prediction of class 19 where there are 19, counted from 0"
        );
        assert!(matches!(
            confusion.add(&[0], &[0, 1]),
            Err(MetricError::Size { .. })
        ));
        let message = argmax(&[0.0, f32::NAN, f32::INFINITY, 1.0], 2)
            .unwrap_err()
            .to_string();
        assert!(
            message.starts_with("2 of 4 predicted seg values are not finite"),
            "{message}"
        );
        assert!(matches!(
            argmax(&[0.0; 5], 2),
            Err(MetricError::Size { .. })
        ));
    }

    proptest! {
        /// The twin counts intersection and union of every class by scanning the pixels.
        #[test]
        fn the_matrix_agrees_with_scanning(
            pixels in prop::collection::vec((0u8..5, prop_oneof![0u8..5, Just(VOID)]), 1..200),
        ) {
            prop_assume!(pixels.iter().any(|&(_, t)| t != VOID));
            let (predicted, truth): (Vec<u8>, Vec<u8>) = pixels.iter().copied().unzip();
            let mut confusion = Confusion::new(5);
            let (a, b) = predicted.split_at(predicted.len() / 2);
            let (c, d) = truth.split_at(truth.len() / 2);
            confusion.add(a, c).unwrap();
            confusion.add(b, d).unwrap();
            let mut ious = Vec::new();
            for class in 0..5 {
                let valid = pixels.iter().filter(|&&(_, t)| t != VOID);
                let both = valid.clone().filter(|&&(p, t)| p == class && t == class).count();
                let either = valid.filter(|&&(p, t)| p == class || t == class).count();
                if either > 0 {
                    ious.push(100.0 * both as f64 / either as f64);
                }
            }
            let mean = ious.iter().sum::<f64>() / ious.len() as f64;
            prop_assert!((confusion.mean_iou(MeanIou::Present).unwrap() - mean).abs() < 1e-9);
        }

        #[test]
        fn argmax_is_the_highest_score(scores in prop::collection::vec(-5f32..5.0, 19)) {
            let best = usize::from(argmax(&scores, 19).unwrap()[0]);
            prop_assert!(scores.iter().all(|&s| s <= scores[best]));
        }
    }
}
