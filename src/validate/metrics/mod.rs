//! How good predictions are: the metrics of dense prediction, and the relative gain over a
//! baseline.
//!
//! An [`Evaluation`] takes predictions and truth image by image, as plain slices at label
//! resolution, and gives [`Scores`] over all pixels seen. Sums run over pixels of the whole set,
//! not over means of batches, so that the batch size changes nothing.
//!
//! DIFFERENCE: AdaShare counts void as an error in PAcc on Cityscapes, leaves classes without a
//! true positive out of mIoU, averages over batches, and compares normals as stored bytes. Its
//! figures are not comparable with these; [`MeanIou::WithTruePositives`] gives its mIoU.

mod delta;
mod depth;
mod evaluation;
mod metric;
mod normals;
mod segmentation;

pub use delta::{DeltaT, delta_t};
pub use depth::DepthErrors;
pub use evaluation::{Evaluation, Predictions, Truth};
pub use metric::{Direction, Metric, MetricError, Scores};
pub use normals::NormalAngles;
pub use segmentation::{Confusion, MeanIou, argmax};
