//! The report page of a run, from its record, its journal and a few predictions.

use anyhow::Context;
use hwmodels::profile::SourceKind;
use hwmodels::simulate::Speed;
use kernels::eval::evaluate;
use kernels::work::Precision;

use super::candidates::Candidates;
use super::deploying::{Deployed, samples};
use super::record::{NetworkRecord, RunRecord};
use super::{BASELINE, FOUND};
use crate::data::{Contents, Sample, Split};
use crate::deploy::calibration::image;
use crate::report::Picture;
use crate::report::estimate::{EstimateRecord, Question};
use crate::report::page::{
    Agreement, Assumption, Contender, Fact, FileEntry, Gallery, GalleryRow, Latencies, LayerTime,
    Machines, Page, Role, SearchRecord, TrialPoint, html,
};
use crate::space::ednas;
use crate::study::{ACCURACY, History, LATENCY_MS};
use crate::task::Task;
use crate::train::recipe::{DepthLoss, Recipe};
use crate::validate::images::quantized_image;
use crate::validate::prediction::Prediction;
use crate::validate::tract;

/// Validation images that are shown.
const SHOWN_IMAGES: usize = 3;

/// The page as HTML.
pub(super) fn page(
    candidates: &Candidates,
    record: &RunRecord,
    history: &History,
    found: &Deployed,
) -> anyhow::Result<String> {
    let settings = candidates.settings;
    let [height, width] = settings.size;
    Ok(html(&Page {
        title: format!("A network for {}", candidates.profile.name()),
        subtitle: format!(
            "{} candidates searched, the best trained, quantized, exported and run; {} at {height}x{width}",
            settings.trials, settings.data
        ),
        contenders: contenders(record),
        machines: machines(candidates),
        notes: notes(record)?,
        search: Some(search(candidates, record, history)?),
        layers: layers(candidates, found)?,
        gallery: gallery(candidates, found)?,
        agreement: agreement(record),
        files: files(record),
        facts: facts(record)?,
        assumptions: assumptions(candidates, record),
    }))
}

fn contenders(record: &RunRecord) -> Vec<Contender> {
    let contender = |network: &NetworkRecord| {
        let int8 = network.int8.as_ref();
        let latency = int8.map(|int8| &int8.latency);
        let number = record
            .search
            .as_ref()
            .map_or(0, |search| search.best.number);
        Contender {
            role: if network.role == BASELINE {
                Role::Baseline
            } else {
                Role::Best
            },
            name: if network.role == FOUND {
                format!("trial {number}")
            } else {
                network.role.clone()
            },
            genome: network.genome.clone(),
            params: network.params,
            macs: network.macs,
            float: Some(network.float_scores.clone()),
            int8: int8.map(|int8| int8.scores.clone()),
            latency: Latencies {
                target_simulated_ms: latency.map(|l| l.target_ms),
                host_simulated_ms: latency.map(|l| l.host_simulated_ms),
                host_measured_ms: latency.map(|l| l.host_measured_ms),
            },
        }
    };
    record.networks.iter().rev().map(contender).collect()
}

fn machines(candidates: &Candidates) -> Machines {
    Machines {
        target: candidates.profile.name().to_owned(),
        host: "host-tract".to_owned(),
        host_runtime: format!("tract {}, 1 thread, median", tract::VERSION),
    }
}

fn notes(record: &RunRecord) -> anyhow::Result<Vec<String>> {
    let search = record.search.as_ref().context("a run has a search")?;
    let comparison = record
        .comparison
        .as_ref()
        .context("a run has a comparison")?;
    let verdict = if search.best.reward > search.baseline.reward {
        "earned more reward than the baseline"
    } else {
        "earned no more reward than the baseline"
    };
    Ok(vec![
        format!(
            "After the short training of the search, trial {} {verdict} ({:.4} to {:.4}). After the \
             final training its delta-T over the baseline is {:+.2} % in float and {:+.2} % in int8, at \
             {:.2} times the baseline's speed on the target. Short trainings of one seed are noisy.",
            search.best.number,
            search.best.reward,
            search.baseline.reward,
            comparison.delta_t_float,
            comparison.delta_t_int8,
            comparison.speed_up,
        ),
        format!("{}.", tract::ARITHMETIC),
    ])
}

fn search(
    candidates: &Candidates,
    record: &RunRecord,
    history: &History,
) -> anyhow::Result<SearchRecord> {
    let search = record.search.as_ref().context("a run has a search")?;
    let space = ednas::space(candidates.settings.fused()?);
    let trials = history
        .trials()
        .iter()
        .enumerate()
        .filter_map(|(number, trial)| {
            Some(TrialPoint {
                number,
                genome: space.text(&trial.genome),
                latency_ms: trial.metric(LATENCY_MS)?,
                accuracy: trial.metric(ACCURACY)?,
                reward: trial.reward()?,
            })
        });
    let target_ms = candidates.settings.target_latency_ms;
    Ok(SearchRecord {
        trials: trials.collect(),
        best: Some(search.best.number),
        baseline: Some(search.baseline.number),
        accuracy_label: "accuracy after the short training (equation 6)".to_owned(),
        latency_target_ms: Some(target_ms.unwrap_or(search.baseline.latency_ms)),
        infeasible: search.infeasible,
        failed: search.failed,
    })
}

fn layers(candidates: &Candidates, found: &Deployed) -> anyhow::Result<Vec<LayerTime>> {
    let question = Question {
        model: &found.int8.name,
        profile: candidates.profile,
        precision: Precision::AsIs,
        speed: Speed::Fast,
    };
    let estimate = EstimateRecord::new(&question, std::slice::from_ref(&found.int8))?;
    let layer = |layer: crate::report::estimate::LayerRecord| LayerTime {
        name: layer.name,
        op: layer.op,
        unit: layer.unit.to_owned(),
        bound_by: layer.bound_by.unwrap_or("hidden").to_owned(),
        latency_ms: layer.latency_ms,
        macs: layer.macs,
    };
    Ok(estimate.layers.into_iter().map(layer).collect())
}

fn gallery(candidates: &Candidates, found: &Deployed) -> anyhow::Result<Vec<Gallery>> {
    let shown = candidates.settings.validation_samples.min(SHOWN_IMAGES);
    let samples = samples(candidates, Split::Validation, shown)?;
    let tasks = &candidates.settings.tasks;
    let mut gallery = Vec::with_capacity(samples.len());
    for (index, sample) in samples.iter().enumerate() {
        let float = evaluate(&found.source.graph, &[image(sample)])?;
        let int8 = evaluate(&found.int8, &[quantized_image(&found.int8, sample)?])?;
        let truth = Prediction {
            classes: Some(sample.label.clone()),
            depth: Some(sample.depth.clone()),
            normals: Some(sample.normal.clone()),
        };
        let rows = [
            ("truth", truth),
            ("float", Prediction::new(&found.source.graph, &float)?),
            ("int8", Prediction::new(&found.int8, &int8)?),
        ];
        gallery.push(Gallery {
            name: format!("val {index}"),
            image: Picture::image(sample.height, sample.width, &sample.rgb),
            tasks: tasks.clone(),
            classes: candidates.contents.classes.clone(),
            rows: rows
                .into_iter()
                .map(|(label, prediction)| GalleryRow {
                    label: label.to_owned(),
                    pictures: pictures(sample, &candidates.contents, tasks, &prediction),
                })
                .collect(),
        });
    }
    Ok(gallery)
}

fn pictures(
    sample: &Sample,
    contents: &Contents,
    tasks: &[Task],
    prediction: &Prediction,
) -> Vec<Picture> {
    let (h, w) = (sample.height, sample.width);
    let picture = |task: &Task| match task {
        Task::Segmentation => prediction
            .classes
            .as_ref()
            .map(|c| Picture::labels(h, w, c, &contents.classes)),
        Task::Depth => prediction
            .depth
            .as_ref()
            .map(|d| Picture::depth(h, w, d, contents.depth)),
        Task::Normals => prediction
            .normals
            .as_ref()
            .map(|n| Picture::normals(h, w, n)),
    };
    tasks.iter().filter_map(picture).collect()
}

fn agreement(record: &RunRecord) -> Vec<Agreement> {
    let of_network = |network: &NetworkRecord| -> Vec<Agreement> {
        let outputs = network.int8.iter().flat_map(|int8| &int8.agreement);
        outputs
            .map(|(output, agreement)| Agreement {
                pair: format!(
                    "{} int8 on {} images: tract (QDQ), integer evaluation",
                    network.role, agreement.images
                ),
                output: output.clone(),
                equal_percent: 100.0 * agreement.equal,
                steps_max: f64::from(agreement.max_steps),
                steps_mean: agreement.mean_steps,
            })
            .collect()
    };
    record.networks.iter().flat_map(of_network).collect()
}

fn files(record: &RunRecord) -> Vec<FileEntry> {
    let entry = |(name, &bytes): (&String, &u64)| FileEntry {
        name: name.clone(),
        what: what(name).to_owned(),
        bytes,
    };
    record.files.iter().map(entry).collect()
}

/// What a file of a run is, by its name.
fn what(name: &str) -> &'static str {
    match name {
        "model.onnx" => "the found network in float, batch norms folded",
        "model_int8.onnx" => "the found network in int8, as quantize-dequantize pairs",
        "model_int8.tflite" => "the found network in int8, int8 in and out",
        "search.journal" => "every trial; Optuna reads it",
        "host-tract.toml" => "this machine as a profile, measured with tract",
        "report.html" => "this page",
        _ if name.ends_with(".state.safetensors") => "optimizer state of a final training",
        _ if name.ends_with(".safetensors") => "weights of a final training",
        _ => "",
    }
}

fn facts(record: &RunRecord) -> anyhow::Result<Vec<Fact>> {
    let fact = |name: &str, value: String| Fact {
        name: name.to_owned(),
        value,
    };
    let profile = record.profile.as_ref().context("a run has a profile")?;
    let plan = record.plan.as_ref().context("a run has a plan")?;
    let mut facts = vec![
        fact("ednas", record.ednas_version.clone()),
        fact("tract", tract::VERSION.to_owned()),
        fact(
            "profile",
            format!("{} ({})", profile.name, profile.fingerprint),
        ),
        fact(
            "steps of a candidate",
            format!("{}, {}", plan.steps, plan.how),
        ),
    ];
    for network in &record.networks {
        let speed = format!(
            "{} steps, {:.1} images/s",
            network.steps, network.images_per_s
        );
        facts.push(fact(&format!("final training of {}", network.role), speed));
    }
    let settings = serde_json::to_value(&record.settings).context("settings are plain data")?;
    for (name, value) in settings.as_object().into_iter().flatten() {
        if !value.is_null() {
            facts.push(fact(name, value.to_string()));
        }
    }
    Ok(facts)
}

fn assumptions(candidates: &Candidates, record: &RunRecord) -> Vec<Assumption> {
    let mut assumptions = vec![Assumption {
        name: "reward weights".to_owned(),
        value: "+1 for scores, -1 for errors".to_owned(),
        why: "the paper leaves w of equation 7 open".to_owned(),
    }];
    let exponents = [
        ("p", candidates.settings.reward_p),
        ("q", candidates.settings.reward_q),
    ];
    for (name, _) in exponents.into_iter().filter(|(_, given)| given.is_none()) {
        assumptions.push(Assumption {
            name: format!("reward exponent {name}"),
            value: "-0.07".to_owned(),
            why: "the paper leaves it open; MnasNet's soft constraint".to_owned(),
        });
    }
    if candidates.settings.target_latency_ms.is_none() {
        let baseline = record
            .search
            .as_ref()
            .map_or(0.0, |s| s.baseline.latency_ms);
        assumptions.push(Assumption {
            name: "target latency".to_owned(),
            value: format!("{baseline:.3} ms"),
            why: "the paper leaves l_h open; the baseline's simulated latency".to_owned(),
        });
    }
    if let DepthLoss::Jared { lambda } = Recipe::of_steps(1).depth_loss {
        assumptions.push(Assumption {
            name: "JAReD lambda".to_owned(),
            value: lambda.to_string(),
            why: "the paper leaves it open".to_owned(),
        });
    }
    for (table, source) in candidates.profile.sources() {
        if source.kind == SourceKind::Assumed {
            assumptions.push(Assumption {
                name: format!("{} [{table}]", candidates.profile.name()),
                value: "the numbers of this table".to_owned(),
                why: source.text,
            });
        }
    }
    let share = record
        .networks
        .iter()
        .find(|n| n.role == FOUND)
        .and_then(|n| Some(n.int8.as_ref()?.latency.target_assumed_share));
    if let Some(share) = share {
        assumptions.push(Assumption {
            name: "target latency of the found network".to_owned(),
            value: format!("{:.1} %", 100.0 * share),
            why: "the share of it in layers bound by an assumed number".to_owned(),
        });
    }
    assumptions
}
