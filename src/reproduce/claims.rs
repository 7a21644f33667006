//! What the paper says of its tables, and whether it is so here.
//!
//! A claim is about the difference of two rows, seed by seed: both rows of a seed saw the same
//! images in the same order. It held where the interval of 95 % of the mean difference is on the
//! claimed side of 0, and did not where it is on the other; else these seeds do not show it.

use serde::Serialize;

use super::interval::{Interval, varies_less};
use super::table::Table;
use crate::comparison::Compared;
use crate::validate::metrics::{DeltaT, Direction, Metric};

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// The mean gain over the baseline in percent; more is better.
    Total,
    /// A metric, in the direction in which it improves.
    Metric(Metric),
    /// How much a metric varies over the seeds; less is better.
    Spread(Metric),
}

/// That one row is better than another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// In words.
    pub words: &'static str,
    /// In what.
    pub quantity: Quantity,
    /// The place of the row that is better.
    pub better: usize,
    /// The place of the row that it is better than.
    pub than: usize,
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As the paper says.
    Held,
    /// The opposite.
    DidNotHold,
    /// Either is possible by these seeds.
    NotShown,
}

/// A claim, judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// The claim.
    pub claim: Claim,
    /// The mean difference, positive where it supports the claim; of [`Quantity::Spread`] that of the
    /// logarithms of standard deviations. Nothing where there are too few seeds.
    pub support: Option<Interval>,
    /// Whether it held.
    pub verdict: Verdict,
}

const fn claim(words: &'static str, quantity: Quantity, better: usize, than: usize) -> Claim {
    Claim {
        words,
        quantity,
        better,
        than,
    }
}

impl Table {
    /// What the paper says of it.
    #[must_use]
    pub fn claims(self) -> Vec<Claim> {
        use Metric::{AbsoluteError, MeanIou, RelativeError};
        use Quantity::{Metric as Of, Spread, Total};
        match self {
            Self::One => vec![
                claim("JAReD lowers the absolute error", Of(AbsoluteError), 1, 0),
                claim("JAReD lowers the relative error", Of(RelativeError), 1, 0),
                claim("JAReD does not harm segmentation", Of(MeanIou), 1, 0),
                claim(
                    "JAReD steadies the absolute error",
                    Spread(AbsoluteError),
                    1,
                    0,
                ),
                claim(
                    "JAReD steadies the relative error",
                    Spread(RelativeError),
                    1,
                    0,
                ),
            ],
            Self::Two => vec![
                claim(
                    "sharing all costs accuracy: ST edge is better than MT edge",
                    Total,
                    8,
                    9,
                ),
                claim("EDNAS is better than MT edge", Total, 10, 9),
                claim("EDNAS is better than ST edge", Total, 10, 8),
                claim("JAReD adds to EDNAS", Total, 11, 10),
                claim(
                    "JAReD lowers the relative error of EDNAS",
                    Of(RelativeError),
                    11,
                    10,
                ),
                claim("EDNAS+JAReD is better than Cross-Stitch", Total, 11, 2),
                claim("EDNAS+JAReD is better than Sluice", Total, 11, 3),
                claim("EDNAS+JAReD is better than NDDR-CNN", Total, 11, 4),
                claim("EDNAS+JAReD is better than MTAN", Total, 11, 5),
                claim("EDNAS+JAReD is better than DEN", Total, 11, 6),
                claim("EDNAS+JAReD is better than AdaShare", Total, 11, 7),
            ],
            Self::Three => vec![claim(
                "sharing all costs accuracy: ST edge is better than MT edge",
                Total,
                0,
                1,
            )],
            Self::Four => vec![
                claim("EDNAS is better than MT edge", Total, 8, 7),
                claim("JAReD adds to EDNAS", Total, 9, 8),
                claim("EDNAS+JAReD is better than Cross-Stitch", Total, 9, 1),
                claim("EDNAS+JAReD is better than Sluice", Total, 9, 2),
                claim("EDNAS+JAReD is better than NDDR-CNN", Total, 9, 3),
                claim("EDNAS+JAReD is better than MTAN", Total, 9, 4),
                claim("EDNAS+JAReD is better than DEN", Total, 9, 5),
                claim("EDNAS+JAReD is better than AdaShare", Total, 9, 6),
            ],
            Self::Five => vec![
                claim("a higher learning rate makes ST edge better", Total, 1, 0),
                claim("JAReD makes it better still", Total, 2, 1),
                claim(
                    "sharing all costs accuracy: ST edge is better than MT edge",
                    Total,
                    3,
                    4,
                ),
                claim(
                    "what was found for segmentation is better than ST edge",
                    Total,
                    5,
                    3,
                ),
                claim(
                    "what was found for depth is better than ST edge",
                    Total,
                    6,
                    3,
                ),
                claim("EDNAS is better than ST edge", Total, 7, 3),
                claim(
                    "joint search is better than transfer from segmentation",
                    Total,
                    7,
                    5,
                ),
                claim(
                    "joint search is better than transfer from depth",
                    Total,
                    7,
                    6,
                ),
            ],
        }
    }
}

/// Judges the claims about rows that were trained: `compared` has one per row, in the table's
/// order, nothing for the others.
#[must_use]
pub fn judge(claims: &[Claim], compared: &[Option<&Compared>]) -> Vec<Judged> {
    let row = |place: usize| compared.get(place).copied().flatten();
    let judged = claims.iter().filter_map(|&claim| {
        let support = support(claim, row(claim.better)?, row(claim.than)?);
        Some(Judged {
            claim,
            support,
            verdict: match support {
                Some(support) if support.is_above_zero() => Verdict::Held,
                Some(support) if support.is_below_zero() => Verdict::DidNotHold,
                Some(_) | None => Verdict::NotShown,
            },
        })
    });
    judged.collect()
}

fn support(claim: Claim, better: &Compared, than: &Compared) -> Option<Interval> {
    let of_metric = |row: &Compared, metric: Metric| -> Option<Vec<f64>> {
        let values = row.scores.iter().map(|scores| scores.get(&metric).copied());
        values.collect()
    };
    match claim.quantity {
        Quantity::Total => {
            let totals =
                |row: &Compared| row.gains.iter().map(|gain: &DeltaT| gain.total).collect();
            Interval::of(&differences(totals(better), totals(than)))
        }
        Quantity::Metric(metric) => {
            let [better, than] = [of_metric(better, metric)?, of_metric(than, metric)?];
            Interval::of(&match metric.direction() {
                Direction::HigherIsBetter => differences(better, than),
                Direction::LowerIsBetter => differences(than, better),
            })
        }
        Quantity::Spread(metric) => {
            varies_less(&of_metric(better, metric)?, &of_metric(than, metric)?)
        }
    }
}

fn differences(a: Vec<f64>, b: Vec<f64>) -> Vec<f64> {
    a.into_iter().zip(b).map(|(a, b)| a - b).collect()
}
