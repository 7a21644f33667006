//! Rates by class of work, which override the array.
//!
//! An entry is the multiply-accumulates per cycle of on-chip compute alone. A key that is there
//! gives its rate; between keys the rate is linear in `log2(in_c)` and `log2(out_c)`; beyond them
//! the nearest one is taken, and the price is marked extrapolated. The kernel and stride of a nest
//! that has none of its own are those nearest by window area, then by stride. Where a table has
//! channel multiples, the time is that of the channels rounded up to them.

use super::{SourceKind, Sourced};
use crate::task::{Class, LoopNest};
use crate::units::{Rate, float};

/// The tables of the four classes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Throughput {
    pub(super) tables: Vec<(Class, Sourced<Table>)>,
}

/// The rates of one class.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    pub(super) grids: Vec<Grid>,
    /// Input and output channels take the time of the next multiple of these.
    pub(super) multiples: [u64; 2],
}

/// Rates of one kernel and stride over a grid of channels.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grid {
    pub(super) kernel: Option<[u64; 2]>,
    pub(super) stride: Option<u64>,
    /// Ascending; empty stands for any.
    pub(super) in_c: Vec<u64>,
    /// Ascending; empty stands for any.
    pub(super) out_c: Vec<u64>,
    /// By input, then by output channels.
    pub(super) macs_per_cycle: Vec<f64>,
}

/// A rate out of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Priced {
    /// Multiply-accumulates per cycle.
    pub rate: Rate,
    /// Whether the nest lies outside the table.
    pub extrapolated: bool,
    /// Where the table comes from.
    pub source: SourceKind,
}

impl Throughput {
    /// The rate for `nest` as work of `class`, where the profile has a table for it.
    #[must_use]
    pub fn price(&self, class: Class, nest: &LoopNest) -> Option<Priced> {
        let (_, table) = self.tables.iter().find(|(known, _)| *known == class)?;
        let grid = nearest_grid(&table.value.grids, nest)?;
        let (row, row_out) = place(&grid.in_c, nest.in_c);
        let (column, column_out) = place(&grid.out_c, nest.out_c);
        let at = |i: usize, j: usize| grid.macs_per_cycle[i * grid.out_c.len().max(1) + j];
        let along = |i: usize| mix(at(i, column.low), at(i, column.high), column.share);
        let rate = mix(along(row.low), along(row.high), row.share);
        let foreign = grid.kernel.is_some_and(|kernel| kernel != nest.kernel)
            || grid.stride.is_some_and(|stride| stride != nest.stride[0]);
        Some(Priced {
            rate: Rate::per_cycle(rate * filled(nest, table.value.multiples)),
            extrapolated: row_out || column_out || foreign,
            source: table.source,
        })
    }
}

impl Throughput {
    /// The middle rate of the table of `class`, the slower of two, for work of unknown window and
    /// channels.
    #[must_use]
    pub fn middle(&self, class: Class) -> Option<Rate> {
        let (_, table) = self.tables.iter().find(|(known, _)| *known == class)?;
        let grids = table.value.grids.iter();
        let mut rates: Vec<f64> = grids
            .flat_map(|grid| &grid.macs_per_cycle)
            .copied()
            .collect();
        rates.sort_by(f64::total_cmp);
        let middle = rates.get(rates.len().checked_sub(1)? / 2)?;
        Some(Rate::per_cycle(*middle))
    }
}

/// The share of the padded channels that a nest has, above 0 and at most 1.
fn filled(nest: &LoopNest, multiples: [u64; 2]) -> f64 {
    let channels = [nest.group_in_c(), nest.out_c];
    let shares = channels.iter().zip(multiples).map(|(channels, multiple)| {
        float(*channels) / float(channels.div_ceil(multiple).saturating_mul(multiple))
    });
    shares.product()
}

fn nearest_grid<'a>(grids: &'a [Grid], nest: &LoopNest) -> Option<&'a Grid> {
    let octaves = |a: u64, b: u64| (float(a).log2() - float(b).log2()).abs();
    let distance = |grid: &Grid| {
        let area = |kernel: [u64; 2]| kernel[0] * kernel[1];
        let kernel = grid
            .kernel
            .map_or(0.0, |kernel| octaves(area(kernel), area(nest.kernel)));
        let shape = u8::from(grid.kernel.is_some_and(|kernel| kernel != nest.kernel));
        let stride = grid
            .stride
            .map_or(0.0, |stride| octaves(stride, nest.stride[0]));
        (kernel, shape, stride)
    };
    grids.iter().min_by(|a, b| {
        let (a, b) = (distance(a), distance(b));
        a.0.total_cmp(&b.0)
            .then(a.1.cmp(&b.1))
            .then(a.2.total_cmp(&b.2))
    })
}

/// Two neighbors on an axis and how far a value lies from the lower to the higher.
struct Place {
    low: usize,
    high: usize,
    share: f64,
}

fn place(axis: &[u64], value: u64) -> (Place, bool) {
    let at = |index: usize| Place {
        low: index,
        high: index,
        share: 0.0,
    };
    match axis.binary_search(&value) {
        Ok(index) => (at(index), false),
        Err(_) if axis.is_empty() => (at(0), false),
        Err(0) => (at(0), true),
        Err(index) if index == axis.len() => (at(index - 1), true),
        Err(index) => {
            let (low, high) = (float(axis[index - 1]).log2(), float(axis[index]).log2());
            let share = (float(value).log2() - low) / (high - low);
            (
                Place {
                    low: index - 1,
                    high: index,
                    share,
                },
                false,
            )
        }
    }
}

fn mix(low: f64, high: f64, share: f64) -> f64 {
    low + (high - low) * share
}
