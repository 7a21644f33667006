//! Fine-tuning from a checkpoint, in floats and in simulated int8 arithmetic.

use std::path::PathBuf;

use ednas::data::input::network_input;
use ednas::data::{Dataset, Sample, Split};
use ednas::fingerprint::fingerprint;
use ednas::quantize::quantize;
use ednas::task::Task;
use ednas::train::{Arithmetic, Start};
use ednas::validate::metrics::{Evaluation, Metric, Predictions};
use kernels::eval::{evaluate, to_integers, to_reals};
use kernels::{Op, Verified};

use super::*;

const INT8: Arithmetic = Arithmetic::Int8 { calibration: 2 };

/// A network of one head after two steps.
fn trained(folder: &Path) -> PathBuf {
    let path = folder.join("float.safetensors");
    train(&depth(job(&path, 2))).unwrap();
    path
}

fn depth(mut job: TrainJob) -> TrainJob {
    job.training.tasks = vec![Task::Depth];
    job
}

/// The job that fine-tunes `from` to `to`.
fn fine_tuning(from: &Path, to: &Path, steps: usize, arithmetic: Arithmetic) -> TrainJob {
    let mut job = depth(job(to, steps));
    job.training.recipe.learning_rate_max = 1e-3;
    job.training.start = Some(Start {
        checkpoint: from.to_owned(),
        fingerprint: fingerprint(fs::read(from).unwrap()),
        arithmetic,
    });
    job
}

#[test]
fn fine_tuned_floats_are_those_of_the_folded_network() {
    let folder = tempfile::tempdir().unwrap();
    let from = trained(folder.path());
    let to = folder.path().join("tuned.safetensors");
    let job = fine_tuning(&from, &to, 2, Arithmetic::Float);
    train(&job).unwrap();
    let [before, after] = [&from, &to].map(|path| restore(path).unwrap());
    assert_eq!(after.record.job, job.training);
    assert!(after.ranges.is_none());
    assert_eq!(before.graph.nodes, after.graph.nodes);
    assert_ne!(
        before.graph.tensors, after.graph.tensors,
        "weights have moved"
    );
    let is_norm = |op: &Op| matches!(op, Op::BatchNorm { .. });
    assert!(!after.graph.nodes.iter().any(|node| is_norm(&node.op)));
}

fn int8_depth_error(int8: &Verified, sample: &Sample) -> f64 {
    let image: Vec<f32> = sample.rgb.iter().map(|&v| network_input(v)).collect();
    let image = to_integers(&int8[int8.inputs[0]], &image).unwrap();
    let outputs = evaluate(int8, &[image]).unwrap();
    let depth = to_reals(&int8[int8.outputs[0]], &outputs[0]).unwrap();
    let mut evaluation = Evaluation::new(&[Task::Depth], 19);
    let predictions = Predictions {
        classes: None,
        depth: Some(&depth),
        normals: None,
    };
    evaluation.add(&predictions, &sample.into()).unwrap();
    evaluation.scores().unwrap()[&Metric::AbsoluteError]
}

/// Single values may be a step apart, since `kernels` rounds additions in fixed point as LiteRT does.
#[test]
fn the_exported_int8_network_scores_what_training_simulated() {
    let folder = tempfile::tempdir().unwrap();
    let from = trained(folder.path());
    let to = folder.path().join("int8.safetensors");
    let mut job = fine_tuning(&from, &to, 2, INT8);
    job.training.data.validation = 1;
    let simulated = train(&job).unwrap().scores[&Metric::AbsoluteError];
    let restored = restore(&to).unwrap();
    let int8 = quantize(&restored.graph, &restored.ranges.unwrap()).unwrap();
    let data = Dataset::open("scenes", 128, 128, job.training.data.seed).unwrap();
    let sample = data.sample(Split::Validation, 0).unwrap();
    let exported = int8_depth_error(&int8, &sample);
    let apart = (exported / simulated - 1.0).abs();
    assert!(apart < 1e-2, "simulated {simulated}, exported {exported}");
}

#[test]
fn int8_training_that_was_stopped_resumes_to_the_same_bytes() {
    const STEPS: usize = 8;
    let folder = tempfile::tempdir().unwrap();
    let from = trained(folder.path());
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    train(&fine_tuning(&from, &whole, STEPS, INT8)).unwrap();

    let mut first = fine_tuning(&from, &parts, STEPS, INT8);
    first.state_every_s = 0.0;
    let stop = AtomicBool::new(false);
    let mut watch = |event: &Event| {
        if matches!(event, Event::Progress { .. }) {
            stop.store(true, Ordering::Relaxed);
        }
    };
    let result = worker().train(&first, &mut watch, &stop);
    assert!(matches!(result, Err(WorkerError::Stopped)), "{result:?}");
    let mut rest = fine_tuning(&from, &parts, STEPS, INT8);
    rest.resume = true;
    train(&rest).unwrap();
    assert!(fs::read(&whole).unwrap() == fs::read(&parts).unwrap());
}

#[test]
fn a_start_that_does_not_fit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let from = trained(folder.path());
    let to = folder.path().join("tuned.safetensors");
    let refusal = |change: &dyn Fn(&mut TrainJob)| {
        let mut job = fine_tuning(&from, &to, 1, INT8);
        change(&mut job);
        train(&job).unwrap_err().to_string()
    };
    let text = refusal(&|job| job.training.network = "ednas-t6".to_owned());
    assert!(
        text.contains("the model is mt-edge there, ednas-t6 here"),
        "{text}"
    );
    let text = refusal(&|job| job.training.start.as_mut().unwrap().fingerprint.clear());
    assert!(text.contains("the file has changed"), "{text}");
    let text = refusal(&|job| {
        let start = job.training.start.as_mut().unwrap();
        start.arithmetic = Arithmetic::Int8 { calibration: 0 };
    });
    assert!(text.contains("calibration is 0"), "{text}");
    assert!(!to.exists());
}
