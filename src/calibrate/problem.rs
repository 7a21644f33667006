//! The fit as a problem of least squares: residuals and their derivatives.
//!
//! A number `v` between `low` and `high` is `low * (high / low)^sigmoid(u)` of an unbounded `u`, so
//! that no step leaves the bounds.

use levenberg_marquardt::LeastSquaresProblem;
use nalgebra::storage::Owned;
use nalgebra::{DMatrix, DVector, Dyn};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::setting::Setting;

/// Relative error of a good prediction: the same network on the same link differs between hosts by
/// 3 to 12 % in the data this was written for.
pub(super) const NOISE: f64 = 0.06;
/// Errors beyond this many times the noise pull in proportion to their size, not its square.
const OUTLIER: f64 = 1.5;
/// Steps of derivatives, in logarithms: far above the rounding of durations to whole cycles.
const STEP: f64 = 0.01;
/// The residual, in times the noise, of a network that does not run.
const IMPOSSIBLE: f64 = 100.0;
/// How close to its bounds a number may start, as a share of their distance.
const MARGIN: f64 = 0.02;

/// Numbers that are fitted to rows; all others stay.
#[derive(Clone, Debug)]
pub(super) struct Problem<'s> {
    setting: &'s Setting,
    /// The rows, as indices of cases.
    rows: &'s [usize],
    /// The numbers, as indices of free numbers.
    active: Vec<usize>,
    /// All free numbers.
    values: Vec<f64>,
    /// The active ones, unbounded.
    unbounded: DVector<f64>,
    /// Logarithms of simulated by measured, by row.
    errors: Vec<Option<f64>>,
    /// What a row counts, outliers less.
    weights: Vec<f64>,
}

impl<'s> Problem<'s> {
    pub(super) fn new(
        setting: &'s Setting,
        rows: &'s [usize],
        active: Vec<usize>,
        values: Vec<f64>,
    ) -> Problem<'s> {
        let unbounded = active.iter().map(|number| {
            let [low, high] = setting.numbers()[*number].bounds;
            let share = (values[*number] / low).ln() / (high / low).ln();
            let share = share.clamp(MARGIN, 1.0 - MARGIN);
            (share / (1.0 - share)).ln()
        });
        let unbounded = DVector::from_iterator(active.len(), unbounded);
        let mut problem = Problem {
            setting,
            rows,
            active,
            values,
            unbounded: unbounded.clone(),
            errors: Vec::new(),
            weights: Vec::new(),
        };
        problem.set_params(&unbounded);
        problem.reweigh();
        problem
    }

    /// Lets outliers count less, by their errors now.
    pub(super) fn reweigh(&mut self) {
        let weigh = |(row, error): (&usize, &Option<f64>)| {
            let beyond = error.unwrap_or(0.0) / (NOISE * OUTLIER);
            // The derivative of 2 * (sqrt(1 + z) - 1) by z, the square of `beyond`.
            self.setting.weights()[*row] / (1.0 + beyond * beyond).sqrt()
        };
        self.weights = self.rows.iter().zip(&self.errors).map(weigh).collect();
    }

    /// The free numbers.
    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    /// What is fitted.
    pub(super) fn active(&self) -> &[usize] {
        &self.active
    }

    /// By active number: how uncertain measurements leave its logarithm, in units of `spread`; 1 where
    /// they say nothing.
    pub(super) fn doubts(&self) -> Vec<f64> {
        let slopes = self.slopes();
        let spreads: Vec<f64> = self.active.iter().map(|n| self.spread(*n)).collect();
        let scaled = DMatrix::from_fn(slopes.nrows(), slopes.ncols(), |row, column| {
            slopes[(row, column)] * spreads[column]
        });
        let information =
            scaled.transpose() * &scaled + DMatrix::identity(self.active.len(), self.active.len());
        match information.cholesky() {
            Some(factors) => {
                let covariance = factors.inverse();
                covariance.diagonal().iter().map(|v| v.sqrt()).collect()
            }
            None => vec![1.0; self.active.len()],
        }
    }

    /// How far a number may be from where it was, as a logarithm.
    fn spread(&self, number: usize) -> f64 {
        let [low, high] = self.setting.numbers()[number].bounds;
        (high / low).ln() / 6.0
    }

    fn errors_at(&self, values: &[f64], rows: &[usize]) -> Vec<Option<f64>> {
        let simulated = self.setting.simulated(values, rows);
        let error = |(row, simulated): (&usize, Option<f64>)| {
            let measured = self.setting.cases()[*row].measurement.latency_ms;
            simulated.map(|simulated| (simulated / measured).ln())
        };
        rows.iter().zip(simulated).map(error).collect()
    }

    /// Derivatives of the weighted errors of rows by the logarithms of active numbers.
    fn slopes(&self) -> DMatrix<f64> {
        let columns: Vec<Vec<f64>> = self
            .active
            .clone()
            .into_par_iter()
            .map(|number| self.column(number))
            .collect();
        DMatrix::from_fn(self.rows.len(), self.active.len(), |row, column| {
            columns[column][row]
        })
    }

    fn column(&self, number: usize) -> Vec<f64> {
        let [_, high] = self.setting.numbers()[number].bounds;
        let inward = if self.values[number] * STEP.exp() > high {
            -STEP
        } else {
            STEP
        };
        let mut values = self.values.clone();
        values[number] *= inward.exp();
        let changes = |index: &usize| self.setting.depends(self.rows[*index], number);
        let changed: Vec<usize> = (0..self.rows.len()).filter(changes).collect();
        let rows: Vec<usize> = changed.iter().map(|index| self.rows[*index]).collect();
        let mut column = vec![0.0; self.rows.len()];
        for (index, error) in changed.into_iter().zip(self.errors_at(&values, &rows)) {
            if let (Some(then), Some(now)) = (error, self.errors[index]) {
                column[index] = self.weights[index].sqrt() * (then - now) / (inward * NOISE);
            }
        }
        column
    }
}

impl LeastSquaresProblem<f64, Dyn, Dyn> for Problem<'_> {
    type ResidualStorage = Owned<f64, Dyn>;
    type JacobianStorage = Owned<f64, Dyn, Dyn>;
    type ParameterStorage = Owned<f64, Dyn>;

    fn set_params(&mut self, unbounded: &DVector<f64>) {
        self.unbounded.clone_from(unbounded);
        for (number, u) in self.active.iter().zip(unbounded) {
            let [low, high] = self.setting.numbers()[*number].bounds;
            self.values[*number] = low * (high / low).powf(sigmoid(*u));
        }
        self.errors = self.errors_at(&self.values, self.rows);
    }

    fn params(&self) -> DVector<f64> {
        self.unbounded.clone()
    }

    fn residuals(&self) -> Option<DVector<f64>> {
        let rows = self
            .errors
            .iter()
            .zip(&self.weights)
            .map(|(error, weight)| {
                let noises = error.map_or(IMPOSSIBLE, |error| error / NOISE);
                weight.sqrt() * noises
            });
        let numbers = self.active.iter().map(|number| {
            let start = self.setting.numbers()[*number].value;
            (self.values[*number] / start).ln() / self.spread(*number)
        });
        let count = self.rows.len() + self.active.len();
        Some(DVector::from_iterator(count, rows.chain(numbers)))
    }

    fn jacobian(&self) -> Option<DMatrix<f64>> {
        let slopes = self.slopes();
        let rows = self.rows.len();
        let jacobian = DMatrix::from_fn(rows + self.active.len(), self.active.len(), |i, j| {
            let number = self.active[j];
            let by_logarithm = if i < rows {
                slopes[(i, j)]
            } else if i - rows == j {
                1.0 / self.spread(number)
            } else {
                0.0
            };
            let share = sigmoid(self.unbounded[j]);
            by_logarithm * 6.0 * self.spread(number) * share * (1.0 - share)
        });
        Some(jacobian)
    }
}

fn sigmoid(u: f64) -> f64 {
    1.0 / (1.0 + (-u).exp())
}
