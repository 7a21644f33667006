//! How good predictions are: the metrics of dense prediction, and the relative gain over a
//! baseline.
//!
//! An [`Evaluation`] takes predictions and truth image by image, as plain slices at label
//! resolution, and gives [`Scores`] over all pixels seen, in a [`Definition`]: where nothing is said,
//! sums run over pixels of the whole set, not over means of batches, so that the batch size changes
//! nothing.

mod definition;
mod delta;
mod depth;
mod evaluation;
mod metric;
mod normals;
mod segmentation;

pub use definition::Definition;
pub use delta::{DeltaT, delta_t};
pub use depth::DepthErrors;
pub use evaluation::{Evaluation, Predictions, Truth};
pub use metric::{Direction, Metric, MetricError, Scores};
pub use normals::NormalAngles;
pub use segmentation::{Confusion, MeanIou, argmax};
