//! Surface normals: the angle between predicted and true direction.
//!
//! `angle = acos(p . n / (|p| |n|))` over pixels with a true normal; its mean in degrees, and the
//! share at most 11.25, 22.5 and 30 degrees. Directions are centered: components in -1..1.

use super::metric::{MetricError, check_finite, check_size};
use crate::task::Task;

/// The thresholds of the shares, degrees; an angle on one counts as within.
const WITHIN_DEG: [f64; 3] = [11.25, 22.5, 30.0];

/// Sums over the pixels that have a normal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NormalAngles {
    sum_deg: f64,
    within: [u64; 3],
    pixels: u64,
}

impl NormalAngles {
    /// Adds the pixels of one or more images, `[.., 3]` each. Predictions need not be unit
    /// vectors; one of length 0 points nowhere and counts as 90 degrees off. A true normal of
    /// 0, 0, 0 is no label.
    ///
    /// # Errors
    /// [`MetricError::Size`] for different lengths, [`MetricError::NotFinite`] for NaN or
    /// infinity anywhere in the prediction.
    pub fn add(&mut self, predicted: &[f32], truth: &[f32]) -> Result<(), MetricError> {
        check_size(Task::Normals, truth.len(), predicted.len())?;
        check_finite(Task::Normals, predicted)?;
        for (p, n) in predicted.chunks_exact(3).zip(truth.chunks_exact(3)) {
            if n.iter().any(|&v| v != 0.0) {
                self.count(angle_deg(p, n));
            }
        }
        Ok(())
    }

    /// Adds pixels as [`Self::add`] does, each direction as the color that stores it.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn add_stored(&mut self, predicted: &[f32], truth: &[f32]) -> Result<(), MetricError> {
        check_size(Task::Normals, truth.len(), predicted.len())?;
        check_finite(Task::Normals, predicted)?;
        for (p, n) in predicted.chunks_exact(3).zip(truth.chunks_exact(3)) {
            if n.iter().any(|&v| v != 0.0) {
                self.count(angle_deg(&stored(p), &stored(n)));
            }
        }
        Ok(())
    }

    /// Mean angle in degrees.
    ///
    /// # Errors
    /// [`MetricError::NothingLabeled`] before the first pixel with a normal.
    pub fn mean_deg(&self) -> Result<f64, MetricError> {
        Ok(self.sum_deg / self.labeled()?)
    }

    /// Percent of pixels within 11.25, 22.5 and 30 degrees.
    ///
    /// # Errors
    /// [`MetricError::NothingLabeled`] before the first pixel with a normal.
    pub fn within(&self) -> Result<[f64; 3], MetricError> {
        let labeled = self.labeled()?;
        Ok(self.within.map(|count| 100.0 * count as f64 / labeled))
    }

    fn count(&mut self, angle_deg: f64) {
        self.sum_deg += angle_deg;
        for (within, limit) in self.within.iter_mut().zip(WITHIN_DEG) {
            *within += u64::from(angle_deg <= limit);
        }
        self.pixels += 1;
    }

    fn labeled(&self) -> Result<f64, MetricError> {
        match self.pixels {
            0 => Err(MetricError::NothingLabeled {
                task: Task::Normals,
            }),
            count => Ok(count as f64),
        }
    }
}

/// The color, 0 to 255, of a direction of any length.
fn stored(direction: &[f32]) -> [f32; 3] {
    let [x, y, z] = [0, 1, 2].map(|axis| direction[axis]);
    let length = (x * x + y * y + z * z).sqrt().max(f32::MIN_POSITIVE);
    [x, y, z].map(|v| (v / length + 1.0) * 127.5)
}

fn angle_deg(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter()
            .zip(b)
            .map(|(&x, &y)| f64::from(x) * f64::from(y))
            .sum()
    };
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    if lengths == 0.0 {
        return 90.0;
    }
    (dot(a, b) / lengths).clamp(-1.0, 1.0).acos().to_degrees()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_angles_fall_in_their_bins() {
        let turned = |deg: f32| {
            [
                deg.to_radians().sin() * 3.0,
                0.0,
                -deg.to_radians().cos() * 3.0,
            ]
        };
        let predicted = [
            turned(0.0),
            turned(20.0),
            turned(-29.0),
            turned(180.0),
            [0.0; 3],
            turned(5.0),
        ];
        let truth = [[0.0, 0.0, -1.0]; 5]
            .into_iter()
            .chain([[0.0; 3]])
            .flatten();
        let mut angles = NormalAngles::default();
        angles
            .add(predicted.as_flattened(), &truth.collect::<Vec<f32>>())
            .unwrap();
        let mean = angles.mean_deg().unwrap();
        assert!(
            (mean - (20.0 + 29.0 + 180.0 + 90.0) / 5.0).abs() < 1e-4,
            "{mean}"
        );
        assert_eq!(angles.within(), Ok([20.0, 40.0, 60.0]));
    }

    #[test]
    fn bad_predictions_are_errors() {
        let mut angles = NormalAngles::default();
        assert!(matches!(
            angles.add(&[0.0; 3], &[0.0; 6]),
            Err(MetricError::Size { .. })
        ));
        let nan = angles.add(&[f32::NAN; 3], &[0.0, 0.0, 1.0]);
        assert_eq!(
            nan,
            Err(MetricError::NotFinite {
                task: Task::Normals,
                count: 3,
                total: 3
            })
        );
        assert_eq!(
            angles.mean_deg(),
            Err(MetricError::NothingLabeled {
                task: Task::Normals
            })
        );
    }
}
