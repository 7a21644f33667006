//! Systolic arrays: operands enter skewed and move one element a cycle.
//!
//! A product is cut into folds of at most `rows x cols` of the sides `(S_r, S_c)`, while `T` is
//! streamed: output-stationary `(m, n, k)`, weight-stationary `(k, n, m)`, input-stationary
//! `(k, m, n)`. Folds run row of folds by row of folds. With `r`, `c` the part of the array that
//! operands cross, `P` the load of the stationary operand (`r`; none for output-stationary) and
//! `T' = max(T, min_rows)`:
//!
//! - one by one, a fold takes `P + r + c - 2 + T' + drain + control`;
//! - overlapped, `start[i+1] = start[i] + d + max(T'[i], P[i+1])` and the last result leaves at
//!   `max(start[i] + r[i] + c[i] - 2 + T'[i])`, where `d = max(0, r[i] - r[i+1])` keeps a shorter
//!   fold from overtaking the one before it on the way to the output edge (`edges = "occupied"`
//!   of a stationary operand only).
//!
//! Of what crosses the border, the stationary operand is read once, and each of the others once
//! for every fold along the side it does not have. Results that stay are written once; sums that
//! move are written in every fold along `k` and read back in all but the first.

use std::num::Saturating;

use super::accesses::times;
use super::{Accesses, Product};

/// The grid of elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Systolic {
    /// Rows of elements.
    pub rows: u64,
    /// Columns of elements.
    pub cols: u64,
    /// Multiply-accumulates per element and cycle.
    pub simd: u64,
    /// What stays in the elements.
    pub dataflow: Dataflow,
    /// What operands cross at the edge of a product.
    pub edges: Edges,
    /// Whether a fold waits for the one before it.
    pub fill: Fill,
    /// Least rows streamed in a fold.
    pub min_rows: u64,
}

/// The operand that stays in the elements during a fold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dataflow {
    /// Results stay.
    Output,
    /// Weights stay.
    Weight,
    /// Inputs stay.
    Input,
}

/// What operands cross in a fold that does not fill the array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edges {
    /// The whole array.
    Full,
    /// The part in use, which sits at the output edge.
    Occupied,
}

/// Whether folds overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// Folds follow each other whole.
    PerFold {
        /// How results leave an output-stationary fold.
        drain: Drain,
        /// Added to every fold.
        control_cycles: u64,
    },
    /// The next stationary operand is loaded while this one is used.
    Pipelined {
        /// Before the first fold; at least `rows`, or zero where results stay.
        first_preload_cycles: u64,
    },
}

/// How results leave an output-stationary fold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drain {
    /// Sideways, at no cost.
    Free,
    /// Down the columns, one row a cycle.
    Columns,
}

/// One fold: the part of the sides it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fold {
    /// The product it belongs to.
    pub(super) group: u64,
    /// First index along `S_r`, and how many.
    pub(super) row: u64,
    pub(super) rows: u64,
    /// First index along `S_c`, and how many.
    pub(super) col: u64,
    pub(super) cols: u64,
}

impl Systolic {
    /// `(S_r, S_c, T)` of one group.
    #[must_use]
    pub fn sides(&self, product: &Product) -> (u64, u64, u64) {
        let depth = product.depth(self.simd);
        match self.dataflow {
            Dataflow::Output => (product.m, product.n, depth),
            Dataflow::Weight => (depth, product.n, product.m),
            Dataflow::Input => (depth, product.m, product.n),
        }
    }

    /// All folds in the order they run.
    pub(super) fn folds(&self, product: &Product) -> impl Iterator<Item = Fold> {
        let (side_r, side_c, _) = self.sides(product);
        let (rows, cols) = (self.rows, self.cols);
        (0..product.groups).flat_map(move |group| {
            (0..side_r).step_by(step(rows)).flat_map(move |row| {
                (0..side_c).step_by(step(cols)).map(move |col| Fold {
                    group,
                    row,
                    rows: rows.min(side_r - row),
                    col,
                    cols: cols.min(side_c - col),
                })
            })
        })
    }

    /// Rows and columns that operands cross in a fold that uses `rows x cols`.
    pub(super) fn crossed(&self, rows: u64, cols: u64) -> (u64, u64) {
        match self.edges {
            Edges::Full => (self.rows, self.cols),
            Edges::Occupied => (rows, cols),
        }
    }

    /// Cycles to load the stationary operand of a fold that crosses `rows` rows.
    pub(super) fn preload(&self, rows: u64) -> u64 {
        match self.dataflow {
            Dataflow::Output => 0,
            Dataflow::Weight | Dataflow::Input => rows,
        }
    }

    pub(super) fn cycles(&self, product: &Product) -> u64 {
        let (side_r, side_c, streamed) = self.sides(product);
        let (row_kinds, col_kinds) = (kinds(side_r, self.rows), kinds(side_c, self.cols));
        let streamed = streamed.max(self.min_rows);
        match self.fill {
            Fill::PerFold {
                drain,
                control_cycles,
            } => {
                let mut cycles = Saturating(0);
                for (rows, row_folds) in present(row_kinds) {
                    for (cols, col_folds) in present(col_kinds) {
                        let (r, c) = self.crossed(rows, cols);
                        let drained = match drain {
                            Drain::Free => 0,
                            Drain::Columns => r,
                        };
                        let fold = Saturating(self.preload(r)) + crossing(r, c);
                        let fold = fold + Saturating(streamed) + Saturating(drained);
                        cycles += Saturating(times([row_folds, col_folds]))
                            * (fold + Saturating(control_cycles));
                    }
                }
                (Saturating(product.groups) * cycles).0
            }
            Fill::Pipelined {
                first_preload_cycles,
            } => {
                let folds = Overlap {
                    array: self,
                    streamed: Saturating(streamed),
                    row_kinds,
                    col_kinds,
                };
                (Saturating(first_preload_cycles) + folds.cycles(product.groups)).0
            }
        }
    }

    pub(super) fn accesses(&self, product: &Product) -> Accesses {
        let Product {
            groups,
            m,
            n,
            window,
            in_c,
        } = *product;
        let (side_r, side_c, _) = self.sides(product);
        let (row_folds, col_folds) = (side_r.div_ceil(self.rows), side_c.div_ceil(self.cols));
        let (inputs, weights, sums) = match self.dataflow {
            Dataflow::Output => (col_folds, row_folds, 1),
            Dataflow::Weight => (col_folds, 1, row_folds),
            Dataflow::Input => (1, col_folds, row_folds),
        };
        Accesses {
            inputs: times([groups, m, window, in_c, inputs]),
            weights: times([groups, n, window, in_c, weights]),
            partials: times([groups, m, n, sums.saturating_sub(1)]),
            outputs: times([groups, m, n, sums]),
        }
    }
}

/// The closed form of overlapped folds.
struct Overlap<'a> {
    array: &'a Systolic,
    streamed: Saturating<u64>,
    row_kinds: [(u64, u64); 2],
    col_kinds: [(u64, u64); 2],
}

impl Overlap<'_> {
    fn cycles(&self, groups: u64) -> Saturating<u64> {
        let per_row = self.col_kinds[0].1 + self.col_kinds[1].1;
        let [(rows, row_folds), (edge_rows, edge_folds)] = self.row_kinds;
        let (r, edge_r) = (
            self.array.crossed(rows, 1).0,
            self.array.crossed(edge_rows, 1).0,
        );
        let full = Saturating(times([row_folds, per_row]));
        let edge = Saturating(times([edge_folds, per_row]));
        let none = Saturating(0);
        // From a start to the next: within the full rows, into the edge row, within it, and back.
        let (first_r, last_r) = (
            if full > none { r } else { edge_r },
            if edge > none { edge_r } else { r },
        );
        let one = Saturating(1);
        let within_full = (full - one) * self.gap(r, r);
        let within_edge = (edge - one) * self.gap(edge_r, edge_r);
        let into_edge = if full > none && edge > none {
            self.gap(r, edge_r)
        } else {
            none
        };
        let group = within_full + into_edge + within_edge;
        let last_group = (Saturating(groups) - one) * (group + self.gap(last_r, first_r));
        let full_end = if full > none {
            within_full + self.tail(rows, self.gap(r, r))
        } else {
            none
        };
        let edge_end = if edge > none {
            group + self.tail(edge_rows, self.gap(edge_r, edge_r))
        } else {
            none
        };
        last_group + full_end.max(edge_end)
    }

    /// From the start of a fold that crosses `r` rows to that of one that crosses `next_r`.
    fn gap(&self, r: u64, next_r: u64) -> Saturating<u64> {
        let overtaking = match self.array.dataflow {
            Dataflow::Output => 0,
            Dataflow::Weight | Dataflow::Input => r.saturating_sub(next_r),
        };
        Saturating(overtaking) + self.streamed.max(Saturating(self.array.preload(next_r)))
    }

    /// From the start of the last fold of a row to the last result of that row: the last fold of
    /// full width may end after a narrow one that started `gap` later.
    fn tail(&self, rows: u64, gap: Saturating<u64>) -> Saturating<u64> {
        let end = |cols: u64| {
            let (r, c) = self.array.crossed(rows, cols);
            crossing(r, c) + self.streamed
        };
        let [(cols, full), (edge_cols, edge)] = self.col_kinds;
        match (full, edge) {
            (_, 0) => end(cols),
            (0, _) => end(edge_cols),
            (_, _) => end(edge_cols).max(end(cols) - gap),
        }
    }
}

/// From the first element of `r x c` to the last one.
fn crossing(r: u64, c: u64) -> Saturating<u64> {
    Saturating(r - 1) + Saturating(c - 1)
}

/// `side` cut into pieces of `step`: size and number of the full ones, then of the rest.
fn kinds(side: u64, step: u64) -> [(u64, u64); 2] {
    [
        (step, side / step),
        (side % step, u64::from(!side.is_multiple_of(step))),
    ]
}

/// The pieces that occur.
fn present(kinds: [(u64, u64); 2]) -> impl Iterator<Item = (u64, u64)> {
    kinds.into_iter().filter(|(_, pieces)| *pieces > 0)
}

fn step(side: u64) -> usize {
    usize::try_from(side).expect("an array side fits the address space")
}
