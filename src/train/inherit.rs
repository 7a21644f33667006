//! Weights that a network takes over from the one it was made from.
//!
//! A parameter takes those of the parent's parameter of the same name. Where both have the same
//! shape it takes all of them, so that a network of the same shapes computes the same function
//! before its first step. Where they differ, in a kernel, a width or an expansion, both share the
//! part that they have in common: the first channels, and the middle of a kernel (3x3 in the middle
//! of 5x5). The rest keeps what it started from.
//!
//! Names say where a layer stands: `block03/expand/conv/weights` is the expansion of the third block
//! whatever that block is made of.
//!
//! Source: the weight inheritance of large-scale evolution (Real et al., 2017), which keeps the layers
//! whose shapes match; parts of layers are after the elastic kernels and widths of once-for-all
//! networks (Cai et al., 2020). DIFFERENCE: those sort channels by importance first and learn a
//! transformation of kernels; here, channels stay in place and kernels are cropped or padded.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::checkpoint::read_checkpoint;
use super::record::CheckpointRecord;
use super::restore::RestoreError;
use super::weights::{Values, Weights};
use crate::fingerprint::fingerprint;

/// The checkpoint that a network takes weights from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inherit {
    /// The file: a checkpoint of any network that was not folded.
    pub checkpoint: PathBuf,
    /// The [`fingerprint`] of its bytes.
    pub fingerprint: String,
}

/// Why no weights can be taken over.
#[derive(Debug, thiserror::Error)]
pub enum InheritError {
    /// The file is no checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] RestoreError),
    /// The file is another one by now.
    #[error("checkpoint {}: the file has changed since the job was made; start again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The batch norms of the parent are folded into its convolutions.
    #[error(
        "checkpoint {}: it was fine-tuned and has no batch norms any more, which the new network \
         starts with; inherit from the checkpoint that it was fine-tuned from",
        path.display()
    )]
    Folded {
        /// The file.
        path: PathBuf,
    },
}

impl Inherit {
    /// The checkpoint at `path` as it is now.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn from(path: &Path) -> std::io::Result<Self> {
        Ok(Self {
            checkpoint: path.to_owned(),
            fingerprint: fingerprint(fs::read(path)?),
        })
    }

    /// Gives `weights` what they have in common with the checkpoint's; the share of their values
    /// that came from there, 0 to 1.
    ///
    /// # Errors
    ///
    /// [`InheritError`] when the file is missing, has changed, or is of a folded network.
    pub fn give(&self, weights: &mut Weights) -> Result<f64, InheritError> {
        let path = || self.checkpoint.clone();
        let (parent, record) = read_checkpoint(&self.checkpoint).map_err(RestoreError::File)?;
        let record = CheckpointRecord::read(record).map_err(|problem| RestoreError::Record {
            path: path(),
            problem,
        })?;
        if record.job.is_folded() {
            return Err(InheritError::Folded { path: path() });
        }
        let now = Self::from(&self.checkpoint);
        if !now.is_ok_and(|now| now.fingerprint == self.fingerprint) {
            return Err(InheritError::Changed { path: path() });
        }
        Ok(inherit(weights, &parent))
    }
}

/// Gives `own` what it has in common with `parent`; the share of its values that came from there.
#[expect(clippy::cast_precision_loss, reason = "parameters are far below 2^52")]
pub fn inherit(own: &mut Weights, parent: &Weights) -> f64 {
    let (mut taken, mut all) = (0, 0);
    for (name, values) in own.iter_mut() {
        all += values.values.len();
        if let Some(parent) = parent.get(name) {
            taken += take(values, parent);
        }
    }
    taken as f64 / all.max(1) as f64
}

/// Copies the part that both have in common; how many values that is.
fn take(own: &mut Values, parent: &Values) -> usize {
    let rank = own.shape.len();
    if parent.shape.len() != rank || rank == 0 {
        return 0;
    }
    let spans: Vec<Span> = (0..rank)
        .map(|axis| Span::of(own.shape[axis], parent.shape[axis], is_kernel(rank, axis)))
        .collect();
    let rows: usize = spans[..rank - 1].iter().map(|span| span.common).product();
    let last = &spans[rank - 1];
    for row in 0..rows {
        let [to, from] = row_starts(&spans, row);
        let row = &parent.values[from..from + last.common];
        own.values[to..to + last.common].copy_from_slice(row);
    }
    rows * last.common
}

/// What both have in common along one axis.
struct Span {
    /// Own extent and the parent's.
    extents: [usize; 2],
    common: usize,
    /// Where the common part begins here and there.
    starts: [usize; 2],
}

impl Span {
    fn of(own: usize, parent: usize, is_kernel: bool) -> Self {
        let common = own.min(parent);
        let start = |extent: usize| if is_kernel { (extent - common) / 2 } else { 0 };
        Self {
            extents: [own, parent],
            common,
            starts: [start(own), start(parent)],
        }
    }
}

/// Whether an axis is the height or width of a kernel: of `[out, h, w, in]` or `[1, h, w, c]`.
const fn is_kernel(rank: usize, axis: usize) -> bool {
    rank == 4 && (axis == 1 || axis == 2)
}

/// Where the common part of row `row`, counted over the common extents of all axes but the last,
/// begins here and in the parent.
fn row_starts(spans: &[Span], row: usize) -> [usize; 2] {
    let (mut rest, mut stride) = (row, [1, 1]);
    let mut starts = [0, 0];
    for (axis, span) in spans.iter().enumerate().rev() {
        let at = if axis + 1 == spans.len() {
            0
        } else {
            let at = rest % span.common;
            rest /= span.common;
            at
        };
        for side in 0..2 {
            starts[side] += (span.starts[side] + at) * stride[side];
            stride[side] *= span.extents[side];
        }
    }
    starts
}

#[cfg(test)]
mod tests;
