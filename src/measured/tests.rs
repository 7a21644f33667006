//! Measurements, machines and networks brought together.

use std::path::Path;

use exporters::{Metadata, tflite};
use hwmodels::profile::ProfileFile;
use hwmodels::task::{ListBuilder, Work};
use kernels::op::Unary;
use kernels::{DataType, GraphBuilder, Op, Quantization, verify};

use super::*;
use crate::report::estimate::Program;

/// Writes an int8 file of one operator on `side` x `side` x 16.
fn write(path: &Path, side: usize) {
    let mut b = GraphBuilder::new("any");
    let x = b.input("x", [1, side, side, 16], DataType::I8);
    let y = b.push("y", Op::Unary(Unary::Relu), &[x]).unwrap();
    for id in [x, y] {
        b.tensor_mut(id).quantization = Some(Quantization::per_tensor(0.5, 0));
    }
    b.output(y);
    let bytes = tflite::write(&verify(b.finish()).unwrap(), &Metadata::default()).unwrap();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("a/small_8_quant.tflite"), 8);
    write(&folder.path().join("b/large.tflite"), 32);
    write(&folder.path().join("b/twice.tflite"), 8);
    write(&folder.path().join("c/twice.tflite"), 8);
    write(&folder.path().join(".hidden/secret.tflite"), 8);
    std::fs::write(folder.path().join("b/broken.tflite"), b"TFL3").unwrap();
    folder
}

fn found(folder: &Path, rows: &str) -> Result<Vec<Case>, MeasuredError> {
    let text = format!("model_file,latency_ms,device,link,host\n{rows}");
    let models = Models::new(folder).unwrap();
    let rows = read_text(&text, "m.csv")?;
    cases(rows, &Machines::shipped().unwrap(), &models)
}

#[test]
fn cases_share_machines_and_networks_and_keep_their_order() {
    let folder = folder();
    let rows = "large.tflite,2,Coral,USB3.0,desktop\n\
                a/small_8_quant.tflite,1,Coral,USB2.0,\n\
                small_8_quant.tflite,3,Coral,USB2.0,\n\
                nowhere/small_8_quant.tflite,4,Coral,USB2.0,Raspberry Pi 3\n";
    let cases = found(folder.path(), rows).unwrap();
    let seen: Vec<(&str, &str, bool)> = cases
        .iter()
        .map(|case| (case.network(), case.machine.name(), case.machine.named.host))
        .collect();
    assert_eq!(
        seen,
        [
            ("large", "coral-edgetpu", true),
            ("small_8", "coral-edgetpu:usb2", false),
            ("small_8", "coral-edgetpu:usb2", false),
            ("small_8", "coral-edgetpu:usb2+rpi3", true),
        ]
    );
    assert_eq!(cases[1].family(), "small");
    assert_eq!(cases[1].model.io_bytes, 2 * 8 * 8 * 16);
    let all = estimates(&cases);
    let one_by_one: Vec<Simulated> = cases
        .iter()
        .map(|case| estimate(&case.machine.profile, &case.model))
        .collect();
    assert_eq!(all, one_by_one);
    assert_eq!(all[1], all[2]);
    assert_ne!(all[0], all[1]);
}

#[test]
fn model_files_that_are_not_there_or_several_are_refused() {
    let folder = folder();
    for (row, parts) in [
        (
            "x/nothing.tflite,1,Coral,,\n",
            &[
                "m.csv:2",
                "no model file `x/nothing.tflite`",
                "`nothing.tflite` among the 5 model files",
            ][..],
        ),
        (
            "twice.tflite,1,Coral,,\n",
            &["m.csv:2", "several", "b/twice", "c/twice"],
        ),
        ("secret.tflite,1,Coral,,\n", &["no model file"]),
        ("b,1,Coral,,\n", &["no model file `b`"]),
        (
            "broken.tflite,1,Coral,,\n",
            &["m.csv:2", "cannot read model", "broken.tflite"],
        ),
        (
            "large.tflite,1,Gadget,,\n",
            &["m.csv:2", "device `Gadget`", "--profile"],
        ),
        (
            "large.tflite,1,,,\n",
            &["m.csv:2", "no device is named", "--profile"],
        ),
        (
            "large.tflite,1,Coral beside a K210,,\n",
            &["coral-edgetpu, kendryte-k210"],
        ),
    ] {
        let message = found(folder.path(), row).unwrap_err().to_string();
        for part in parts {
            assert!(message.contains(part), "{message}");
        }
    }
    let missing = Models::new(&folder.path().join("none"))
        .unwrap_err()
        .to_string();
    assert!(missing.contains("none"), "{missing}");
}

#[test]
fn one_profile_takes_its_modes_from_the_rows_or_from_the_user() {
    let text = "model_file,latency_ms,device,link\nn.tflite,1,Gadget,USB2.0\n";
    let row = &read_text(text, "m.csv").unwrap()[0];
    let coral = || ProfileFile::named("coral-edgetpu").unwrap();
    let by_row = Machines::only(coral(), Vec::new())
        .machine(&row.place, &row.setup())
        .unwrap();
    assert_eq!(by_row.name(), "coral-edgetpu:usb2");
    assert!(!by_row.named.device && by_row.named.link && !by_row.named.host);
    let by_hand = Machines::only(coral(), vec!["pcie".to_owned()])
        .machine(&row.place, &row.setup())
        .unwrap();
    assert_eq!(by_hand.name(), "coral-edgetpu:pcie");
    assert!(by_hand.named.host);
    let without_words = ProfileFile::named("tpu-v1").unwrap();
    let machine = Machines::only(without_words, Vec::new())
        .machine(&row.place, &row.setup())
        .unwrap();
    assert!(machine.named.device && machine.modes.is_empty());
}

#[test]
fn compiled_files_are_refused_or_left_for_what_they_were_compiled_from() {
    let mut list = ListBuilder::default();
    let input = list.input(1);
    let work = Work::Host {
        macs: None,
        touched_bytes: 2,
    };
    let result = list.task("all", "edgetpu-custom-op", work, &[input], None, 1);
    list.output(result);
    let program = Program {
        name: "n".to_owned(),
        size: None,
        images: 1,
        list: list.finish().unwrap(),
    };
    let error = Model::of(Path::new("m/n_edgetpu.tflite"), program).unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("m/n_edgetpu.tflite") && message.contains("compiled from"),
        "{message}"
    );

    let folder = folder();
    let cases = found(
        folder.path(),
        "large_edgetpu.tflite,1,Coral,,\nlarge,2,Coral,,\n",
    )
    .unwrap();
    assert_eq!(cases[0].model.file, cases[1].model.file);
}
