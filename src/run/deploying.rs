//! From a checkpoint to an int8 network: values, folding, calibration, quantization.

use anyhow::Context;
use kernels::Verified;

use super::candidates::Candidates;
use super::folder::Folder;
use super::record::Int8Record;
use crate::data::{Dataset, Sample, Split};
use crate::deploy::record::{AccuracyRecord, QuantizationRecord};
use crate::deploy::{Bundle, Calibration, Deployment, Golden, Source, Target};
use crate::quantize;
use crate::report::Console;
use crate::validate::metrics::Scores;

/// A trained network as it runs: batch norms folded, activations fused.
pub(super) struct Deployed {
    pub(super) source: Source,
    pub(super) int8: Verified,
    quantization: QuantizationRecord,
    calibration: Calibration,
}

/// The network of a checkpoint in floats and in 8-bit integers.
pub(super) fn deploy(
    candidates: &Candidates,
    checkpoint: &str,
    folder: &Folder,
    console: &Console,
) -> anyhow::Result<Deployed> {
    let settings = candidates.settings;
    let source = Source::checkpoint(&folder.path(checkpoint))?;
    let calibration = Calibration::of_dataset(
        &settings.data,
        settings.seed,
        settings.size,
        settings.calibration_samples,
    )?;
    let options = source.quantization();
    let samples = &calibration.samples;
    let quantized = quantize::run(&source.graph, samples, &options, console)?;
    Ok(Deployed {
        source,
        int8: quantized.int8,
        quantization: QuantizationRecord {
            method: options.to_string(),
            calibration: calibration.origin.clone(),
            onnx_activations: "int8".to_owned(),
        },
        calibration,
    })
}

/// The files of a network that was judged.
pub(super) fn bundle(
    candidates: &Candidates,
    deployed: &Deployed,
    float: &Scores,
    int8: &Int8Record,
) -> anyhow::Result<Bundle> {
    let Deployed {
        source,
        int8: graph,
        quantization,
        calibration,
    } = deployed;
    Bundle::new(&Deployment {
        golden: Golden::new(&source.graph, graph, &calibration.samples[0])?,
        source,
        int8: graph,
        quantization: quantization.clone(),
        target: &Target::of(candidates.profile),
        accuracy: Some(AccuracyRecord {
            samples: candidates.settings.validation_samples,
            float: float.clone(),
            int8: int8.scores.clone(),
        }),
    })
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
