//! onnxruntime's side: its files and images in a folder, its outputs out of it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use ednas::deploy::{Calibration, FLOAT_ONNX, Source, calibration::image, onnx};
use ednas::npy::{self, Array};
use ednas::task::Task;
use kernels::Data;

use super::judge::{Judge, Outputs};
use super::table::Row;

/// The project's Python environment.
const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/.venv/bin/python");

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/quantize/peer.py");

/// A row per setting of onnxruntime's quantizer.
pub(super) fn rows(
    source: &Source,
    calibration: &Calibration,
    judge: &Judge<'_>,
) -> anyhow::Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let at = |name: &str| folder.path().join(name);
    let float = &source.graph;
    fs::write(at(FLOAT_ONNX), onnx(float, source, FLOAT_ONNX)?)?;
    let shape = float[float.inputs[0]].shape.nhwc().context("an image")?;
    let calibration: Vec<Data> = calibration.samples.iter().map(|s| s[0].clone()).collect();
    let images: Vec<Data> = judge.samples.iter().map(image).collect();
    for (name, images) in [("calibration.npy", calibration), ("validation.npy", images)] {
        fs::write(at(name), npy::bytes(&channels_first(&images, shape)?)?)?;
    }
    let mut python = Command::new(PYTHON)
        .arg(SCRIPT)
        .arg(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {PYTHON}"))?;
    let settings = BufReader::new(python.stdout.take().context("a pipe")?).lines();
    let mut rows = Vec::new();
    for setting in settings {
        let setting = setting?;
        let folder = at(&setting);
        let outputs = outputs(judge, &folder)?;
        rows.push(judge.row(&format!("onnxruntime {setting}"), &outputs)?);
        fs::remove_dir_all(folder)?;
        eprintln!("onnxruntime {setting}");
    }
    ensure!(python.wait()?.success(), "{SCRIPT} failed");
    Ok(rows)
}

/// Images `[1, h, w, c]` as one array `[n, c, h, w]`.
fn channels_first(images: &[Data], [_, h, w, c]: [usize; 4]) -> anyhow::Result<Array> {
    let mut all = Vec::with_capacity(images.len() * h * w * c);
    for image in images {
        let Data::F32(elements) = image else {
            anyhow::bail!("an image is made of floats");
        };
        for channel in 0..c {
            all.extend(elements.iter().skip(channel).step_by(c));
        }
    }
    Ok(Array {
        shape: vec![images.len(), c, h, w],
        data: Data::F32(all.into()),
    })
}

/// What the script left of every validation image.
fn outputs(judge: &Judge<'_>, folder: &Path) -> anyhow::Result<Vec<Outputs>> {
    let read = |task: &Task| npy::read(&folder.join(format!("{task}.npy")));
    let arrays: Vec<Array> = judge
        .tasks
        .iter()
        .map(read)
        .collect::<anyhow::Result<_>>()?;
    let of_image = |position: usize| -> anyhow::Result<Outputs> {
        let outputs = arrays.iter().map(|array| channels_last(array, position));
        outputs.collect()
    };
    (0..judge.samples.len()).map(of_image).collect()
}

/// Image `position` of an array `[n, c, h, w]`, channels last.
fn channels_last(array: &Array, position: usize) -> anyhow::Result<Vec<f32>> {
    let ([_, c, h, w], Data::F32(elements)) = (&array.shape[..], &array.data) else {
        anyhow::bail!("expected floats [n, c, h, w], found {:?}", array.shape);
    };
    let pixels = h * w;
    let image = &elements[position * c * pixels..][..c * pixels];
    let pixel = |at: usize| (0..*c).map(move |channel| image[channel * pixels + at]);
    Ok((0..pixels).flat_map(pixel).collect())
}
