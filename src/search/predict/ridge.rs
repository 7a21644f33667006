//! Ridge regression: values as sums over decisions, large coefficients penalized.

use nalgebra::{Cholesky, DMatrix, DVector};

/// A fitted regression.
#[derive(Debug, Clone)]
pub(super) struct Ridge {
    intercept: f64,
    coefficients: DVector<f64>,
}

impl Ridge {
    /// The coefficients `b` that minimize `|y - a - X b|^2 + penalty |b|^2` with a free intercept
    /// `a`, over the rows given by `picked`, which may repeat.
    ///
    /// `None` when no row is picked.
    pub(super) fn fit(
        rows: &[Vec<f64>],
        values: &[f64],
        picked: &[usize],
        penalty: f64,
    ) -> Option<Self> {
        let width = rows.first()?.len();
        let mut x = DMatrix::from_fn(picked.len(), width, |r, c| rows[picked[r]][c]);
        let mut y = DVector::from_fn(picked.len(), |r, _| values[picked[r]]);
        let (row_mean, mean) = (x.row_mean(), y.mean());
        for mut row in x.row_iter_mut() {
            row -= &row_mean;
        }
        y.add_scalar_mut(-mean);
        // The same solution through the smaller of the two Gram matrices.
        let coefficients = if width <= picked.len() {
            let gram = x.tr_mul(&x) + DMatrix::identity(width, width) * penalty;
            Cholesky::new(gram)?.solve(&x.tr_mul(&y))
        } else {
            let count = picked.len();
            let gram = &x * x.transpose() + DMatrix::identity(count, count) * penalty;
            x.tr_mul(&Cholesky::new(gram)?.solve(&y))
        };
        Some(Self {
            intercept: mean - row_mean.transpose().dot(&coefficients),
            coefficients,
        })
    }

    /// The value of a row.
    pub(super) fn value(&self, row: &[f64]) -> f64 {
        let products = self.coefficients.iter().zip(row).map(|(b, x)| b * x);
        self.intercept + products.sum::<f64>()
    }
}
