//! What a checkpoint keeps, and what is refused.

use serde_json::json;

use super::*;
use crate::train::weights::tests::tiny;

#[test]
fn a_checkpoint_comes_back_and_its_bytes_are_always_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/a.safetensors");
    let weights = Weights::initial(&tiny(), 1);
    let record = json!({"steps": 3, "network": "tiny"});
    write_checkpoint(&path, &weights, &record).unwrap();
    let first = fs::read(&path).unwrap();
    assert_eq!(
        read_checkpoint(&path).unwrap(),
        (weights.clone(), record.clone())
    );
    write_checkpoint(&path, &weights, &record).unwrap();
    assert_eq!(fs::read(&path).unwrap(), first);
}

#[test]
fn a_file_that_is_no_checkpoint_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.safetensors");
    let message = |path: &Path| read_checkpoint(path).unwrap_err().to_string();
    assert!(message(&path).contains("a.safetensors: No such file"));
    fs::write(&path, b"not a checkpoint").unwrap();
    assert!(message(&path).contains("expected safetensors"));
    write_checkpoint(&path, &Weights::initial(&tiny(), 1), &json!(null)).unwrap();
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    assert!(message(&path).contains("expected safetensors"));
}
