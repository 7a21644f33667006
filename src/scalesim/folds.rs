//! One run of the array, fold by fold, counted as SCALE-Sim counts it.
//!
//! Sums of floats depend on their order, and a printed digit on the sum: folds are added column of
//! folds by column of folds, one by one, as SCALE-Sim does under Python before 3.12 (which adds
//! more exactly).

use hwmodels::array::{Array, Dataflow, Product, Systolic};

use super::digits::quotient;

/// What SCALE-Sim's reports say of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Counts {
    pub(super) total_cycles: u64,
    pub(super) mapping_efficiency: f64,
    pub(super) compute_util: f64,
    pub(super) ifmap_reads: u64,
    pub(super) filter_reads: u64,
    pub(super) ofmap_writes: u64,
}

/// Folds of a product on an array, and the part of the sides that is laid on it.
struct Folds {
    rows: u64,
    cols: u64,
    side_r: u64,
    side_c: u64,
    streamed: u64,
}

impl Folds {
    fn new(array: &Systolic, product: &Product) -> Folds {
        let (side_r, side_c, streamed) = array.sides(product);
        Folds {
            rows: array.rows,
            cols: array.cols,
            side_r,
            side_c,
            streamed,
        }
    }

    fn count(&self) -> u64 {
        self.side_r.div_ceil(self.rows) * self.side_c.div_ceil(self.cols)
    }

    /// Rows and columns in use, in SCALE-Sim's order.
    fn each(&self) -> impl Iterator<Item = (u64, u64)> {
        pieces(self.side_c, self.cols)
            .flat_map(move |cols| pieces(self.side_r, self.rows).map(move |rows| (rows, cols)))
    }
}

fn pieces(side: u64, most: u64) -> impl Iterator<Item = u64> {
    let rest = side % most;
    (0..side / most)
        .map(move |_| most)
        .chain((rest > 0).then_some(rest))
}

/// Folds of `product`.
pub(super) fn count(array: &Systolic, product: &Product) -> u64 {
    Folds::new(array, product).count()
}

/// The counts of `product` on `array`, whose folds are all as long.
pub(super) fn counts(array: &Systolic, product: &Product) -> Counts {
    let machine = Array::Systolic(*array);
    let (cycles, accesses) = (machine.cycles(product), machine.accesses(product));
    let folds = Folds::new(array, product);
    let elements = u128::from(array.rows) * u128::from(array.cols);
    let slots = elements * u128::from(util_cycles(array, cycles / folds.count()));
    let (mut mapped, mut computed) = (0.0, 0.0);
    for (rows, cols) in folds.each() {
        let used = u128::from(rows) * u128::from(cols);
        mapped += quotient(used, elements);
        computed += quotient(used * u128::from(folds.streamed), slots);
    }
    let mean_percent = |sum: f64| sum / quotient(folds.count().into(), 1) * 100.0;
    Counts {
        // DIFFERENCE: SCALE-Sim prints the number of the last cycle, counted from 0.
        total_cycles: cycles - 1,
        mapping_efficiency: mean_percent(mapped),
        compute_util: mean_percent(computed),
        ifmap_reads: accesses.inputs,
        filter_reads: accesses.weights,
        ofmap_writes: ofmap_writes(array, folds.count(), accesses.outputs),
    }
}

/// The cycles that SCALE-Sim divides a fold's work by.
///
/// DIFFERENCE: where an operand is loaded first it adds `cols - 1` to what a fold takes.
fn util_cycles(array: &Systolic, fold_cycles: u64) -> u64 {
    match array.dataflow {
        Dataflow::Output => fold_cycles,
        Dataflow::Weight | Dataflow::Input => fold_cycles + array.cols - 1,
    }
}

/// Words that SCALE-Sim counts as written.
///
/// DIFFERENCE: where results stay in the elements, it adds the array's sides for every fold.
fn ofmap_writes(array: &Systolic, folds: u64, outputs: u64) -> u64 {
    match array.dataflow {
        Dataflow::Output => outputs + folds * (array.rows + array.cols),
        Dataflow::Weight | Dataflow::Input => outputs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hwmodels::array::{Drain, Edges, Fill};
    use proptest::prelude::*;

    fn array(rows: u64, cols: u64, dataflow: Dataflow) -> Systolic {
        Systolic {
            rows,
            cols,
            simd: 1,
            dataflow,
            edges: Edges::Full,
            fill: Fill::PerFold {
                drain: Drain::Free,
                control_cycles: 0,
            },
            min_rows: 1,
        }
    }

    proptest! {
        /// The sums over folds are these closed forms of `M, N, K`, the array `R x C` and its folds.
        #[test]
        fn sums_have_closed_forms(
            (m, n, k) in (1..200_u64, 1..200_u64, 1..200_u64),
            (r, c) in (1..40_u64, 1..40_u64),
        ) {
            let product = Product { groups: 1, m, n, window: 1, in_c: k };
            for dataflow in [Dataflow::Output, Dataflow::Weight, Dataflow::Input] {
                let counts = counts(&array(r, c, dataflow), &product);
                let (folds, sides, fold, divisor) = match dataflow {
                    Dataflow::Output => {
                        let fold = r + c + k - 2;
                        (m.div_ceil(r) * n.div_ceil(c), m * n, fold, fold)
                    }
                    Dataflow::Weight => (
                        k.div_ceil(r) * n.div_ceil(c), k * n, 2 * r + c + m - 2, 2 * r + 2 * c + m - 3,
                    ),
                    Dataflow::Input => (
                        k.div_ceil(r) * m.div_ceil(c), k * m, 2 * r + c + n - 2, 2 * r + 2 * c + n - 3,
                    ),
                };
                prop_assert_eq!(counts.total_cycles, folds * fold - 1);
                let accesses = match dataflow {
                    Dataflow::Output => (
                        m * k * n.div_ceil(c), k * n * m.div_ceil(r), m * n + folds * (r + c),
                    ),
                    Dataflow::Weight => (m * k * n.div_ceil(c), k * n, m * n * k.div_ceil(r)),
                    Dataflow::Input => (m * k, k * n * m.div_ceil(c), m * n * k.div_ceil(r)),
                };
                prop_assert_eq!(
                    (counts.ifmap_reads, counts.filter_reads, counts.ofmap_writes), accesses
                );
                let slots = (folds * r * c) as f64;
                let mapping = 100.0 * sides as f64 / slots;
                prop_assert!((counts.mapping_efficiency / mapping - 1.0).abs() < 1e-12);
                let util = 100.0 * (m * n * k) as f64 / (slots * divisor as f64);
                prop_assert!((counts.compute_util / util - 1.0).abs() < 1e-12);
            }
        }
    }
}
