//! Fits the free numbers of a profile to measured latencies, and says how well that predicts
//! networks it has not seen.
//!
//! With `s` and `m` the simulated and measured latency of a row, `v` a free number and `v0` its
//! value before, the fit is the least of
//!
//! `sum_rows w * rho(ln(s / m) / NOISE) + sum_numbers (ln(v / v0) / spread)^2`
//!
//! where `rho` grows like a square near 0 and like a line beyond, so that outliers pull less, and
//! `w` counts the rows of one network as the few independent ones they are ([`weights`]). The second sum
//! keeps what the measurements do not tell where it was; `spread` is a sixth of the logarithm of
//! the bounds' ratio. [`fit`] finds it, [`problem`] gives it residuals and derivatives, and
//! [`validation`] repeats it without each network, and without each family.

mod fit;
mod problem;
mod setting;
mod validation;
mod weights;
mod write;

pub use fit::{Fate, Fit, fit};
pub use setting::{CalibrateError, Setting};
pub use validation::{Interval, LeftOut, Part, Validation, validate};
pub use write::{Told, written};
