//! Runs the exported int8 file with tract, and puts latencies side by side.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, bail};
use hwmodels::profile::Profile;
use kernels::{TensorId, Verified};

use super::candidates::Candidates;
use super::deploying::Deployed;
use super::record::{AgreementRecord, Int8Record, LatencyRecord};
use crate::deploy::INT8_ONNX;
use crate::report::Console;
use crate::validate::agreement::Agreement;
use crate::validate::bundle::Opened;
use crate::validate::images::Images;
use crate::validate::matrix::Pair;
use crate::validate::metrics::Definition;
use crate::validate::network::{ModelFile, Network};
use crate::validate::runtime::{Repeats, RuntimeName};
use crate::validate::validation::{Plan, Validation, validate};

/// Images on which tract is compared with the integer evaluation, which is the slower.
const COMPARED_IMAGES: usize = 8;

/// How often tract is timed.
const REPEATS: Repeats = Repeats {
    warm_up: 3,
    timed: 15,
};

/// Runs the QDQ file `onnx` of a network on the validation samples.
pub(super) fn judge(
    candidates: &Candidates,
    deployed: &Deployed,
    onnx: &[u8],
    host: &Profile,
    console: &Console,
) -> anyhow::Result<Int8Record> {
    let settings = candidates.settings;
    let graph = &deployed.int8;
    let file = ModelFile {
        name: INT8_ONNX.to_owned(),
        bytes: onnx.to_vec(),
        written_here: false,
    };
    let opened = Opened {
        path: PathBuf::new(),
        int8: Network::of(graph.clone(), file),
        float: None,
        record: None,
        golden: None,
    };
    let images = Images::labeled(&settings.data, settings.seed, graph)?;
    let runtimes = [RuntimeName::Kernels.find()?, RuntimeName::Tract.find()?];
    let machines = [candidates.profile.clone(), host.clone()];
    let plan = Plan {
        opened: &opened,
        runtimes: &runtimes[1..],
        images: &images,
        samples: settings.validation_samples,
        judged: true,
        definition: Definition::Standard,
        repeats: Some(REPEATS),
        profiles: &machines,
        vela: None,
    };
    let judged = checked(validate(&plan, console)?)?;
    let images_compared = COMPARED_IMAGES.min(settings.validation_samples);
    let plan = Plan {
        runtimes: &runtimes,
        samples: images_compared,
        judged: false,
        repeats: None,
        profiles: &[],
        ..plan
    };
    let compared = checked(validate(&plan, console)?)?;
    let pair = compared.pairs.first().context("two runtimes are a pair")?;
    Ok(Int8Record {
        scores: judged
            .scores
            .first()
            .context("one was judged")?
            .scores
            .clone(),
        agreement: agreement(graph, pair, images_compared),
        latency: latency(&judged)?,
    })
}

/// A validation in which nothing failed.
fn checked(found: Validation) -> anyhow::Result<Validation> {
    match found.failures.first() {
        Some(failure) => bail!("{}: {}", failure.runtime, failure.problem),
        None => Ok(found),
    }
}

fn agreement(graph: &Verified, pair: &Pair, images: usize) -> BTreeMap<String, AgreementRecord> {
    let outputs = graph.outputs.iter().zip(&pair.outputs);
    let record = |(&output, steps): (&TensorId, &Agreement)| {
        let record = AgreementRecord {
            images,
            max_steps: steps.steps_max(),
            mean_steps: steps.steps_mean().unwrap_or(0.0),
            equal: steps.share_equal().unwrap_or(1.0),
            within_one: steps.share_within_one().unwrap_or(1.0),
        };
        (graph[output].name.clone(), record)
    };
    outputs.map(record).collect()
}

fn latency(found: &Validation) -> anyhow::Result<LatencyRecord> {
    let simulated = |position: usize| {
        let on = found
            .simulated
            .get(position)
            .context("both machines were simulated")?;
        on.as_ref().map_err(|problem| anyhow::anyhow!("{problem}"))
    };
    let (target, host) = (simulated(0)?, simulated(1)?);
    let measured = found.measured.first().context("tract was timed")?;
    let host_measured_ms = measured.timing.median.as_secs_f64() * 1e3;
    Ok(LatencyRecord {
        target_ms: target.latency_ms,
        target_assumed_share: target.assumed_share,
        host_simulated_ms: host.latency_ms,
        host_measured_ms,
        host_error_percent: 100.0 * (host.latency_ms / host_measured_ms - 1.0),
    })
}
