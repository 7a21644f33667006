//! What a checkpoint gives back, and what is refused.

use std::collections::BTreeMap;
use std::fs;

use kernels::Op;
use serde_json::{Value, json};

use super::*;
use crate::quantize::Range;
use crate::task::Task;
use crate::train::training::tests::training;
use crate::train::training::{Arithmetic, Start};
use crate::train::weights::Values;
use crate::train::write_checkpoint;

fn small() -> Training {
    Training {
        tasks: vec![Task::Depth],
        width: 128,
        ..training()
    }
}

/// The network of `training` with its initial weights, in a file.
fn written(training: &Training, ranges: Option<BTreeMap<String, [f32; 2]>>) -> tempfile::TempPath {
    let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    let graph = deployed(training).unwrap();
    let weights = Weights::initial(&graph, 1);
    let record = json!(CheckpointRecord::new(
        training,
        &crate::data::Contents::street(),
        training.recipe.steps,
        ranges
    ));
    write_checkpoint(&path, &weights, &record).unwrap();
    path
}

/// The file with its record changed.
fn rewritten(path: &Path, change: impl FnOnce(&mut Value)) {
    let (weights, mut record) = read_checkpoint(path).unwrap();
    change(&mut record);
    write_checkpoint(path, &weights, &record).unwrap();
}

#[test]
fn a_first_training_gives_the_folded_network() {
    let path = written(&small(), None);
    let restored = restore(&path).unwrap();
    assert_eq!(restored.record.job, small());
    assert_eq!(restored.ranges, None);
    let is_norm = |op: &Op| matches!(op, Op::BatchNorm { .. });
    assert!(!restored.graph.nodes.iter().any(|node| is_norm(&node.op)));
    let constants: Vec<_> = restored.graph.constant_ids().collect();
    assert!(constants.len() > 100);
    assert!(
        constants
            .iter()
            .all(|&id| restored.graph[id].data().is_some())
    );
}

#[test]
fn a_fine_tuned_network_comes_back_with_the_ranges_it_was_trained_with() {
    let start = Start {
        checkpoint: "a.safetensors".into(),
        fingerprint: "0".repeat(16),
        arithmetic: Arithmetic::Int8 { calibration: 32 },
    };
    let tuned = Training {
        start: Some(start),
        ..small()
    };
    let range = [-0.1_f32, 1.0 / 3.0];
    let ranges = BTreeMap::from([("depth".to_owned(), range)]);
    let restored = restore(&written(&tuned, Some(ranges))).unwrap();
    let depth = restored.graph.outputs[0];
    let expected = Range {
        min: range[0],
        max: range[1],
    };
    assert_eq!(restored.ranges.unwrap().get(depth), Some(expected));
}

/// What the first version of the record had.
#[test]
fn a_record_without_the_later_fields_is_read() {
    let path = written(&small(), None);
    rewritten(&path, |record| {
        record["job"].as_object_mut().unwrap().remove("fused");
    });
    assert_eq!(restore(&path).unwrap().record.job, small());
}

fn message(path: &Path) -> String {
    restore(path).unwrap_err().to_string()
}

#[test]
fn files_that_are_no_checkpoint_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.safetensors");
    assert!(message(&path).contains("a.safetensors: No such file"));
    fs::write(&path, "text").unwrap();
    assert!(message(&path).contains("expected safetensors"));
    write_checkpoint(&path, &Weights::default(), &Value::Null).unwrap();
    assert!(message(&path).contains("a.safetensors: no record of a training"));
}

#[test]
fn records_of_something_else_are_refused() {
    let path = written(&small(), None);
    rewritten(&path, |record| {
        record["schema"] = "ednas.checkpoint/9".into()
    });
    let text = message(&path);
    assert!(
        text.contains("`ednas.checkpoint/9`, expected `ednas.checkpoint/1`"),
        "{text}"
    );
    rewritten(&path, |record| {
        record["schema"] = "ednas.train-state/1".into()
    });
    assert!(message(&path).contains("unfinished training"));
    rewritten(&path, |record| {
        record["schema"] = "ednas.checkpoint/1".into();
        record["job"]["height"] = "tall".into();
    });
    assert!(message(&path).contains("the record is broken: invalid type: string \"tall\""));
    rewritten(&path, |record| record["job"]["height"] = 100.into());
    assert!(message(&path).contains("multiples of 128"));
    rewritten(&path, |record| {
        record["job"]["height"] = 128.into();
        record["job"]["network"] = "resnet".into();
    });
    assert!(message(&path).contains("`resnet` is not a model"));
}

#[test]
fn a_tensor_that_does_not_fit_is_named_with_its_file() {
    let path = written(&small(), None);
    let (mut weights, record) = read_checkpoint(&path).unwrap();
    let (name, values) = weights.iter().next().unwrap();
    let (name, mut values) = (name.to_owned(), values.clone());
    values.values[1] = f32::NAN;
    weights.insert(name.clone(), values);
    write_checkpoint(&path, &weights, &record).unwrap();
    let text = message(&path);
    let expected = format!("`{name}` of the checkpoint has NaN at index 1");
    assert!(
        text.contains(&expected) && text.contains(path.to_str().unwrap()),
        "{text}"
    );
    let empty = Values {
        shape: [0].into(),
        values: vec![],
    };
    weights.insert(name.clone(), empty);
    write_checkpoint(&path, &weights, &record).unwrap();
    assert!(message(&path).contains("it belongs to another network"));
}
