//! Sizes and speeds: what the paper prints, and what is counted and simulated here.

use serde::Serialize;

use super::RowRecord;

/// How far a speed may be from the printed one, in times the baseline's.
const SPEED_TOLERANCE: f64 = 0.1;

/// A printed figure and ours.
#[derive(Clone, Debug, Serialize)]
pub struct FactRecord {
    /// Of which row, and what: such as `EDNAS: parameters, M`.
    pub fact: String,
    /// In the paper.
    pub printed: f64,
    /// Here.
    pub found: f64,
    /// Whether it is the same to the printed digit; of speeds, to 0.1.
    pub holds: bool,
}

impl FactRecord {
    /// What is printed of sizes: the same when it is so after rounding to one digit.
    pub(super) fn size(fact: String, printed: f64, found: f64) -> Self {
        Self {
            fact,
            printed,
            found,
            holds: (found * 10.0).round() == (printed * 10.0).round(),
        }
    }

    pub(super) fn speed(fact: String, printed: f64, found: f64) -> Self {
        Self {
            fact,
            printed,
            found,
            holds: (found - printed).abs() <= SPEED_TOLERANCE,
        }
    }

    /// The facts of a row over the same trunk as the paper's: those that have a speed there.
    pub(super) fn of_row(row: &RowRecord) -> Vec<Self> {
        let (Some(measured), Some(speed)) = (&row.measured, row.printed.speed) else {
            return Vec::new();
        };
        let named = |what: &str| format!("{}: {what}", row.name);
        let parameters = row.printed.parameters_m.map(|printed| {
            Self::size(
                named("parameters, M"),
                printed,
                measured.parameters as f64 / 1e6,
            )
        });
        let flops = row
            .printed
            .gflops
            .map(|printed| Self::size(named("GFLOPs"), printed, measured.flops as f64 / 1e9));
        let speed = measured
            .speed
            .map(|found| Self::speed(named("speed"), speed, found));
        [parameters, flops, speed].into_iter().flatten().collect()
    }
}
