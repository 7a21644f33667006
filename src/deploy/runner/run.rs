//! Runs model_int8.onnx on the golden inputs with tract: `cargo run --release` in the bundle.
//!
//! tract computes quantized operators in float, so a tie may fall to the other side: 99.9 % of the
//! elements of every output must be within one step of the golden ones.

use anyhow::{Context, Result, ensure};
use ndarray_npy::read_npy;
use serde_json::Value;
use tract_onnx::prelude::tract_ndarray::ArrayD;
use tract_onnx::prelude::*;

fn main() -> Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
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
        let stored: ArrayD<i8> = golden(&folder, &tensor)?;
        inputs.push(match unsigned {
            true => Tensor::from(stored.mapv(|q| q.cast_unsigned() ^ 128)).into(),
            false => Tensor::from(stored).into(),
        });
    }
    let outputs = model.run(inputs)?;
    for (tensor, found) in tensors("outputs")?.iter().zip(&outputs) {
        // Indices of classes have no neighbors and no sign.
        let (most, expected) = match golden::<i8>(&folder, tensor) {
            Ok(stored) => (1, stored.mapv(i64::from)),
            Err(_) => (0, golden::<i32>(&folder, tensor)?.mapv(i64::from)),
        };
        let offset = if unsigned && most == 1 { 128 } else { 0 };
        let found = found.cast_to::<i64>()?;
        let found = found.try_as_plain_ram()?.as_slice::<i64>()?;
        let pairs = found.iter().zip(&expected);
        let far = pairs.filter(|(a, b)| (*a - *b - offset).abs() > most).count();
        let (name, count) = (&tensor["name"], expected.len());
        println!("{name}: {far} of {count} elements are more than {most} step off");
        ensure!(far * 1000 <= count, "{name} is not the golden output");
    }
    Ok(())
}

/// A golden array, images channels first as the model takes them.
fn golden<T: ndarray_npy::ReadableElement + Clone>(
    folder: &str,
    tensor: &Value,
) -> Result<ArrayD<T>> {
    let file = tensor["golden"].as_str().context("not a bundle")?;
    let stored: ArrayD<T> = read_npy(format!("{folder}/{file}"))?;
    Ok(match stored.ndim() {
        4 => stored.permuted_axes(vec![0, 3, 1, 2]).as_standard_layout().into_owned(),
        _ => stored,
    })
}
