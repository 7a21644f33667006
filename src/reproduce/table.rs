//! The tables of the paper: which network stands in which row, how it is trained, and what its
//! gains are over.

use std::fmt;
use std::str::FromStr;

use super::paper::{Printed, TABLE_1, TABLE_2, TABLE_3, TABLE_4, TABLE_5};
use crate::task::Task;
use crate::train::{DepthLoss, Recipe};
use crate::validate::metrics::Metric;

/// The learning rate of the paper's first baselines, AdaShare's order of magnitude.
const RATE: f64 = 3e-4;

/// What the paper calls maxLR.
const RATE_MAX: f64 = 1e-2;

/// The number of a training table of the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// L1 against JAReD.
    One,
    /// Two tasks, streets.
    Two,
    /// Three tasks, rooms: the baselines.
    Three,
    /// Three tasks, rooms.
    Four,
    /// Two tasks, streets: stronger baselines, joint against transfer.
    Five,
}

/// The network of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// One that `ednas model list` has.
    Named(&'static str),
    /// What a search for this task alone found, which the paper does not print.
    Found(Task),
}

/// A row of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// What the paper prints.
    pub printed: Printed,
    /// What is trained; nothing for rows over trunks of ResNet that only the paper has.
    pub network: Option<Network>,
    /// Whether it is one network per task.
    pub alone: bool,
    /// Whether depth is trained with JAReD rather than L1.
    pub jared: bool,
    /// The highest learning rate.
    pub rate: f64,
    /// The row, by its place, that its gains are over: itself for a baseline.
    pub over: usize,
}

/// A word that is no table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no table `{found}`; expected table1, table2, table3, table4 or table5, or table6-7"
)]
pub struct TableError {
    /// The word.
    pub found: String,
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 5] = [Self::One, Self::Two, Self::Three, Self::Four, Self::Five];

    /// Its number in the paper.
    #[must_use]
    pub fn number(self) -> usize {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
            Self::Four => 4,
            Self::Five => 5,
        }
    }

    /// What is learned, besides what is found for single tasks.
    #[must_use]
    pub fn tasks(self) -> &'static [Task] {
        match self {
            Self::One | Self::Two | Self::Five => &[Task::Segmentation, Task::Depth],
            Self::Three | Self::Four => &Task::ALL,
        }
    }

    /// The metrics of the printed rows, in their order.
    #[must_use]
    pub fn metrics(self) -> &'static [Metric] {
        match self {
            Self::One => &[
                Metric::MeanIou,
                Metric::AbsoluteError,
                Metric::RelativeError,
            ],
            Self::Two | Self::Five => &Metric::ALL[..4],
            Self::Three | Self::Four => &Metric::ALL,
        }
    }

    /// The rows, in the paper's order.
    #[must_use]
    pub fn rows(self) -> Vec<Row> {
        match self {
            Self::One => vec![
                named(TABLE_1[0], "mt-edge", 0),
                with_jared(named(TABLE_1[1], "mt-edge", 0)),
            ],
            Self::Two => {
                let [
                    st,
                    mt,
                    stitch,
                    sluice,
                    nddr,
                    mtan,
                    den,
                    adashare,
                    st_edge,
                    mt_edge,
                    ednas,
                    jared,
                ] = TABLE_2;
                vec![
                    printed(st, 0),
                    printed(mt, 0),
                    named(stitch, "cross-stitch-edge", 8),
                    named(sluice, "sluice-edge", 8),
                    named(nddr, "nddr-cnn-edge", 8),
                    named(mtan, "mtan-edge", 8),
                    named(den, "den-edge", 8),
                    named(adashare, "adashare-edge", 8),
                    alone(named(st_edge, "mt-edge", 8)),
                    named(mt_edge, "mt-edge", 8),
                    named(ednas, "ednas-t6", 8),
                    with_jared(named(jared, "ednas-t6", 8)),
                ]
            }
            Self::Three => {
                let [st_edge, mt_edge, st, mt, again] = TABLE_3;
                vec![
                    alone(named(st_edge, "mt-edge", 0)),
                    named(mt_edge, "mt-edge", 0),
                    printed(st, 2),
                    printed(mt, 2),
                    printed(again, 2),
                ]
            }
            Self::Four => {
                let [
                    mt,
                    stitch,
                    sluice,
                    nddr,
                    mtan,
                    den,
                    adashare,
                    mt_edge,
                    ednas,
                    jared,
                ] = TABLE_4;
                vec![
                    printed(mt, 0),
                    named(stitch, "cross-stitch-edge", 7),
                    named(sluice, "sluice-edge", 7),
                    named(nddr, "nddr-cnn-edge", 7),
                    named(mtan, "mtan-edge", 7),
                    named(den, "den-edge", 7),
                    named(adashare, "adashare-edge", 7),
                    named(mt_edge, "mt-edge", 7),
                    named(ednas, "ednas-t6", 7),
                    with_jared(named(jared, "ednas-t6", 7)),
                ]
            }
            Self::Five => {
                let [st_edge, fast, strong, again, mt, seg, depth, ednas] = TABLE_5;
                let found = |printed, task| Row {
                    network: Some(Network::Found(task)),
                    ..best(named(printed, "", 3))
                };
                vec![
                    alone(named(st_edge, "mt-edge", 0)),
                    Row {
                        rate: RATE_MAX,
                        ..alone(named(fast, "mt-edge", 0))
                    },
                    alone(best(named(strong, "mt-edge", 0))),
                    alone(best(named(again, "mt-edge", 3))),
                    best(named(mt, "mt-edge", 3)),
                    found(seg, Task::Segmentation),
                    best(named(depth, "ednas-t7", 3)),
                    best(named(ednas, "ednas-t6", 3)),
                ]
            }
        }
    }
}

impl Row {
    /// How its network is trained, with this lambda where it is trained with JAReD.
    #[must_use]
    pub fn recipe(&self, steps: usize, batch_size: usize, lambda: f64) -> Recipe {
        Recipe {
            batch_size,
            learning_rate_max: self.rate,
            depth_loss: match self.jared {
                true => DepthLoss::Jared { lambda },
                false => DepthLoss::L1,
            },
            ..Recipe::of_steps(steps)
        }
    }
}

fn printed(printed: Printed, over: usize) -> Row {
    Row {
        printed,
        network: None,
        alone: false,
        jared: false,
        rate: RATE,
        over,
    }
}

fn named(row: Printed, name: &'static str, over: usize) -> Row {
    Row {
        network: Some(Network::Named(name)),
        ..printed(row, over)
    }
}

fn alone(row: Row) -> Row {
    Row { alone: true, ..row }
}

fn with_jared(row: Row) -> Row {
    Row { jared: true, ..row }
}

/// The recipe of the strong baselines.
fn best(row: Row) -> Row {
    Row {
        rate: RATE_MAX,
        ..with_jared(row)
    }
}

impl FromStr for Table {
    type Err = TableError;

    fn from_str(word: &str) -> Result<Self, TableError> {
        let table = Self::ALL
            .into_iter()
            .find(|table| table.to_string() == word);
        let found = word.to_owned();
        table.ok_or(TableError { found })
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table{}", self.number())
    }
}
