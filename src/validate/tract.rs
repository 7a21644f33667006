//! Runs ONNX files with tract, on one thread.
//!
//! DIFFERENCE: tract 0.23.9 computes a quantized softmax wrongly, element by element. A network
//! that is validated must give scores, not probabilities.

use std::io::Cursor;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use kernels::{Data, Shape};
use tract_onnx::prelude::{
    DatumType, Framework, InferenceModelExt, IntoRunnable, TValue, TVec, Tensor,
    TypedRunnableModel, tvec,
};

use super::runtime::{Repeats, Timing};
use super::stopwatch::Stopwatch;

/// The release of tract that runs and is measured.
pub const VERSION: &str = "0.23.9";

/// What a reader of int8 figures from tract must know.
pub const ARITHMETIC: &str = "tract computes QDQ convolutions in float: it dequantizes operands, \
                              convolves in f32 and quantizes the result";

/// An optimized model, ready to run.
#[derive(Clone, Debug)]
pub struct Model {
    plan: Arc<TypedRunnableModel>,
}

impl Model {
    /// Reads an ONNX file as this project writes them, images channels first.
    ///
    /// # Errors
    ///
    /// When tract cannot read the bytes or lacks an operator.
    pub fn load(bytes: &[u8]) -> Result<Self> {
        let plan = tract_onnx::onnx()
            .model_for_read(&mut Cursor::new(bytes))
            .and_then(InferenceModelExt::into_optimized)
            .and_then(IntoRunnable::into_runnable)
            .context("tract cannot load the model")?;
        Ok(Self { plan })
    }

    /// Runs the model once: elements of the inputs in, elements of the outputs out, both in the
    /// order of the file and channels last, `[n, h, w, c]`.
    ///
    /// # Errors
    ///
    /// When an input has other elements than the model takes, or tract fails.
    pub fn run(&self, inputs: &[Data]) -> Result<Vec<Data>> {
        let values = self.values(inputs)?;
        let outputs = self
            .plan
            .run(values)
            .context("tract cannot run the model")?;
        outputs.iter().map(|value| to_data(value)).collect()
    }

    /// Times inferences one after another, without the time that they waited for a processor.
    ///
    /// # Errors
    ///
    /// Those of [`Model::run`].
    pub fn time(&self, inputs: &[Data], repeats: Repeats) -> Result<Timing> {
        let values = self.values(inputs)?;
        let mut times = Vec::with_capacity(repeats.timed);
        for run in 0..repeats.warm_up + repeats.timed {
            let values = values.clone();
            let watch = Stopwatch::start();
            self.plan
                .run(values)
                .context("tract cannot run the model")?;
            if run >= repeats.warm_up {
                times.push(watch.stop());
            }
        }
        Timing::of(times).context("at least one run is timed")
    }

    fn values(&self, inputs: &[Data]) -> Result<TVec<TValue>> {
        let expected = self.plan.model().inputs.len();
        if inputs.len() != expected {
            let found = inputs.len();
            bail!("the model takes {expected} inputs, found {found}");
        }
        let mut values = tvec![];
        for (index, data) in inputs.iter().enumerate() {
            let fact = self.plan.model().input_fact(index)?;
            let shape = fact.shape.as_concrete().context("a shape is not fixed")?;
            values.push(to_tensor(data, shape)?.into());
        }
        Ok(values)
    }
}

/// Elements, channels last, as a tensor of the file's `shape`, channels first.
fn to_tensor(data: &Data, shape: &[usize]) -> Result<Tensor> {
    let graph_shape: Vec<usize> = match *shape {
        [n, c, h, w] => vec![n, h, w, c],
        _ => shape.to_vec(),
    };
    let expected = Shape::from(graph_shape.clone());
    if data.len() != expected.elements() {
        let found = data.len();
        bail!("an input has {found} elements, the model takes {expected}");
    }
    let tensor = match data {
        Data::F32(v) => Tensor::from_shape(&graph_shape, v),
        Data::I8(v) => Tensor::from_shape(&graph_shape, v),
        Data::U8(v) => Tensor::from_shape(&graph_shape, v),
        Data::I32(v) => Tensor::from_shape(&graph_shape, v),
        Data::I64(v) => Tensor::from_shape(&graph_shape, v),
    }?;
    Ok(match graph_shape.len() {
        4 => tensor.permute_axes(&[0, 3, 1, 2])?,
        _ => tensor,
    })
}

/// The elements of a result, channels last.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "tract has many element types, all but these are refused"
)]
fn to_data(value: &Tensor) -> Result<Data> {
    let tensor = match value.rank() {
        4 => value.clone().permute_axes(&[0, 2, 3, 1])?,
        _ => value.clone(),
    };
    let elements = tensor.try_as_plain_ram()?;
    Ok(match tensor.datum_type() {
        DatumType::F32 => Data::F32(elements.as_slice::<f32>()?.into()),
        DatumType::I8 => Data::I8(elements.as_slice::<i8>()?.into()),
        DatumType::U8 => Data::U8(elements.as_slice::<u8>()?.into()),
        DatumType::I32 => Data::I32(elements.as_slice::<i32>()?.into()),
        DatumType::I64 => Data::I64(elements.as_slice::<i64>()?.into()),
        other => bail!("a result is {other:?}, expected f32 or integers"),
    })
}
