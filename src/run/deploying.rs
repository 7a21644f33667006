//! From a checkpoint to an int8 network: values, folding, calibration, quantization.

use anyhow::Context;
use kernels::fold::fold;
use kernels::{Data, Verified};

use super::candidates::Candidates;
use super::folder::Folder;
use crate::data::input::network_input;
use crate::data::{Dataset, Sample, Split};
use crate::quantize::{calibrate, quantize};
use crate::train::read_checkpoint;

/// A trained network as it runs: batch norms folded, activations fused.
pub(super) struct Deployed {
    pub(super) float: Verified,
    pub(super) int8: Verified,
}

/// The trained network of a genome in floats and in 8-bit integers.
pub(super) fn deploy(
    candidates: &Candidates,
    genome: &str,
    checkpoint: &str,
    folder: &Folder,
) -> anyhow::Result<Deployed> {
    let (weights, _) = read_checkpoint(&folder.path(checkpoint))?;
    let trained = weights.fill(&candidates.graph(genome)?)?;
    let float = fold(&trained);
    let samples = samples(
        candidates,
        Split::Calibration,
        candidates.settings.calibration_samples,
    )?;
    let ranges = calibrate(&float, samples.len(), |index| vec![image(&samples[index])])?;
    let int8 = quantize(&float, &ranges)?;
    Ok(Deployed { float, int8 })
}

/// The first `count` samples of a split.
pub(super) fn samples(
    candidates: &Candidates,
    split: Split,
    count: usize,
) -> anyhow::Result<Vec<Sample>> {
    let settings = candidates.settings;
    let [height, width] = settings.size;
    let data = Dataset::open(&settings.data, height, width, settings.seed)?;
    let indices: Vec<usize> = (0..count).collect();
    data.samples(split, &indices)
        .with_context(|| format!("data set {}", settings.data))
}

/// The input of a float network.
pub(super) fn image(sample: &Sample) -> Data {
    Data::F32(
        sample
            .rgb
            .iter()
            .map(|&value| network_input(value))
            .collect(),
    )
}
