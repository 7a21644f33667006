//! The losses of the tasks, at the size of the image.
//!
//! - segmentation: `-mean(log softmax(p)[y])` over pixels with a class;
//! - depth: `mean(|y - p|)`, or JAReD, `mean(|y - p|) + lambda mean(|y - p| / y)`, over pixels
//!   with a depth;
//! - normals: `1 - mean(p . y / |p|)` over pixels with a normal.
//!
//! Source: equation 8 of the EDNAS paper for JAReD, AdaShare for the others and for the masks.

use ednas::data::VOID;
use ednas::task::Task;
use ednas::train::recipe::{DEPTH_MIN, DepthLoss};
use tch::{Kind, Reduction, Tensor};

/// The truth of a batch, at the size of the image.
pub(crate) struct Truth {
    /// Classes, [`VOID`] where there is none, `[n, h, w]`, 64-bit integers.
    pub(crate) classes: Tensor,
    /// Whether any pixel has a class.
    pub(crate) has_classes: bool,
    /// Depth, 0 where there is none, `[n, h, w, 1]`.
    pub(crate) depth: Tensor,
    /// Unit normals, 0 where there is none, `[n, h, w, 3]`.
    pub(crate) normals: Tensor,
}

/// The loss of one task for its prediction `[n, h, w, channels]`, a scalar.
pub(crate) fn loss(
    task: Task,
    prediction: &Tensor,
    truth: &Truth,
    depth_loss: DepthLoss,
) -> Tensor {
    match task {
        Task::Segmentation => cross_entropy(prediction, truth),
        Task::Depth => depth(prediction, &truth.depth, depth_loss),
        Task::Normals => cosine(prediction, &truth.normals),
    }
}

/// 0 for a batch without any class, whose mean would be 0 over 0.
fn cross_entropy(scores: &Tensor, truth: &Truth) -> Tensor {
    if !truth.has_classes {
        return scores.sum(Kind::Float) * 0.0;
    }
    let classes = &truth.classes;
    let channels = scores.size()[3];
    let none: Option<&Tensor> = None;
    let void = i64::from(VOID);
    scores
        .reshape([-1, channels])
        .log_softmax(-1, Kind::Float)
        .g_nll_loss(&classes.reshape([-1]), none, Reduction::Mean, void)
}

/// Masks are factors of 0 and 1: choosing the elements would cost more than computing them all.
fn depth(prediction: &Tensor, truth: &Tensor, depth_loss: DepthLoss) -> Tensor {
    let mask = truth.gt(f64::from(DEPTH_MIN)).to_kind(Kind::Float);
    let weight = match depth_loss {
        DepthLoss::L1 => mask.shallow_clone(),
        DepthLoss::Jared { lambda } => {
            &mask + lambda * (&mask / truth.clamp_min(f64::from(DEPTH_MIN)))
        }
    };
    masked_mean(&((prediction - truth).abs() * weight), &mask)
}

fn cosine(prediction: &Tensor, truth: &Tensor) -> Tensor {
    let dot = |x: &Tensor, y: &Tensor| (x * y).sum_dim_intlist(-1, false, Kind::Float);
    let mask = dot(truth, truth).gt(0.5).to_kind(Kind::Float);
    let length = (dot(prediction, prediction) + 1e-12).sqrt();
    1.0 - masked_mean(&(dot(prediction, truth) / length * &mask), &mask)
}

/// The mean over the elements whose mask is 1; 0 when there is none.
fn masked_mean(masked: &Tensor, mask: &Tensor) -> Tensor {
    masked.sum(Kind::Float) / mask.sum(Kind::Float).clamp_min(1.0)
}

#[cfg(test)]
mod tests;
