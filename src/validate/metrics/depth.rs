//! Depth: absolute and relative error.
//!
//! Over pixels with true depth `d > 3e-5`: `AbsE = mean |p - d|`, `RelE = mean(|p - d| / d)`.

use super::metric::{MetricError, check_finite, check_size};
use crate::task::Task;

/// A pixel has depth if its label is above this (AdaShare's mask).
pub(super) const DEPTH_MIN: f32 = 3e-5;

/// Sums of errors over the pixels that have depth.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DepthErrors {
    absolute: f64,
    relative: f64,
    pixels: u64,
}

impl DepthErrors {
    /// Adds the pixels of one or more images: predicted and true (inverse) depth, 0 = no label.
    ///
    /// # Errors
    /// [`MetricError::Size`] for different lengths, [`MetricError::NotFinite`] for NaN or
    /// infinity anywhere in the prediction.
    pub fn add(&mut self, predicted: &[f32], truth: &[f32]) -> Result<(), MetricError> {
        check_size(Task::Depth, truth.len(), predicted.len())?;
        check_finite(Task::Depth, predicted)?;
        for (&p, &d) in predicted.iter().zip(truth) {
            if d > DEPTH_MIN {
                let error = (f64::from(p) - f64::from(d)).abs();
                self.absolute += error;
                self.relative += error / f64::from(d);
                self.pixels += 1;
            }
        }
        Ok(())
    }

    /// Mean absolute error, in the unit of the labels.
    ///
    /// # Errors
    /// [`MetricError::NothingLabeled`] before the first pixel with depth.
    pub fn absolute(&self) -> Result<f64, MetricError> {
        Ok(self.absolute / self.labeled()?)
    }

    /// Mean of absolute error over true depth, a fraction.
    ///
    /// # Errors
    /// [`MetricError::NothingLabeled`] before the first pixel with depth.
    pub fn relative(&self) -> Result<f64, MetricError> {
        Ok(self.relative / self.labeled()?)
    }

    fn labeled(&self) -> Result<f64, MetricError> {
        match self.pixels {
            0 => Err(MetricError::NothingLabeled { task: Task::Depth }),
            count => Ok(count as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_without_depth_do_not_count() {
        let mut errors = DepthErrors::default();
        assert_eq!(
            errors.absolute(),
            Err(MetricError::NothingLabeled { task: Task::Depth })
        );
        errors.add(&[0.25, 0.9], &[0.5, 0.0]).unwrap();
        errors.add(&[0.125, 0.3], &[0.0625, 2e-5]).unwrap();
        assert_eq!(errors.absolute(), Ok((0.25 + 0.0625) / 2.0));
        assert_eq!(errors.relative(), Ok((0.5 + 1.0) / 2.0));
    }

    #[test]
    fn a_nan_is_an_error_even_where_nothing_is_labeled() {
        let mut errors = DepthErrors::default();
        let result = errors.add(&[f32::NAN, 0.1, 0.1], &[0.0, 0.1, 0.1]);
        assert_eq!(
            result,
            Err(MetricError::NotFinite {
                task: Task::Depth,
                count: 1,
                total: 3
            })
        );
        assert_eq!(errors, DepthErrors::default());
    }
}
