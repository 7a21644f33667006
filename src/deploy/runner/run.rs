//! Runs model_int8.onnx on the golden inputs with tract: `cargo run --release` in the bundle.
//!
//! tract computes quantized operators in float, so that a tie may round to the other side, and the
//! layers behind it pass that on: the difference may have a twentieth of the power of an output, and
//! a fifth of the classes may be others where values are random.

use anyhow::{Context, Result, ensure};
use ndarray_npy::{ReadableElement, read_npy};
use serde_json::Value;
use tract_onnx::prelude::tract_ndarray::ArrayD;
use tract_onnx::prelude::*;

fn main() -> Result<()> {
    check(&std::env::args().nth(1).unwrap_or_else(|| ".".to_owned()))
}

pub(crate) fn check(folder: &str) -> Result<()> {
    let bundle = std::fs::read_to_string(format!("{folder}/bundle.json"))?;
    let bundle: Value = serde_json::from_str(&bundle)?;
    let unsigned = bundle["quantization"]["onnx_activations"] == "uint8";
    let model = tract_onnx::onnx()
        .model_for_path(format!("{folder}/model_int8.onnx"))?
        .into_optimized()?
        .into_runnable()?;
    let tensors = |list: &str| bundle[list].as_array().cloned().context("not a bundle");
    let mut inputs = tvec![];
    for tensor in tensors("inputs")? {
        let stored: ArrayD<i8> = golden(folder, &tensor)?;
        inputs.push(match unsigned {
            true => Tensor::from(stored.mapv(|q| q.cast_unsigned() ^ 128)).into(),
            false => Tensor::from(stored).into(),
        });
    }
    let outputs = model.run(inputs)?;
    for (tensor, found) in tensors("outputs")?.iter().zip(&outputs) {
        let (name, is_classes) = (&tensor["name"], tensor["scale"].is_null());
        let expected = match is_classes {
            true => golden::<i32>(folder, tensor)?.mapv(f64::from),
            false => golden::<i8>(folder, tensor)?.mapv(f64::from),
        };
        let offset = if unsigned && !is_classes { 128.0 } else { 0.0 };
        let found = found.cast_to::<f64>()?;
        let found = found.try_as_plain_ram()?.as_slice::<f64>()?;
        let pairs = found.iter().zip(&expected);
        let steps: Vec<f64> = pairs.map(|(a, b)| (a - b - offset).abs()).collect();
        let equal = steps.iter().filter(|steps| **steps == 0.0).count() as f64 / steps.len() as f64;
        let most = steps.iter().copied().fold(0.0, f64::max);
        println!(
            "{name}: {:.2} % equal, at most {most} steps off",
            100.0 * equal
        );
        let noise = steps.iter().map(|steps| steps * steps).sum::<f64>() / steps.len() as f64;
        let agrees = match is_classes {
            true => equal >= 0.8,
            false => noise <= expected.var(0.0) / 20.0,
        };
        ensure!(agrees, "{name} is not the golden output");
    }
    Ok(())
}

/// A golden array, images channels first as the model takes them.
fn golden<T: ReadableElement + Clone>(folder: &str, tensor: &Value) -> Result<ArrayD<T>> {
    let file = tensor["golden"].as_str().context("not a bundle")?;
    let stored: ArrayD<T> = read_npy(format!("{folder}/{file}"))?;
    Ok(match stored.ndim() {
        4 => stored
            .permuted_axes(vec![0, 3, 1, 2])
            .as_standard_layout()
            .into_owned(),
        _ => stored,
    })
}
