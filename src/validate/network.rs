//! One network in every form that a runtime may want: as a graph, as ONNX and as TFLite.

use anyhow::{Context, Result, ensure};
use exporters::{Format, onnx, tflite};
use kernels::{Data, DataType, Verified};

use crate::deploy::metadata;

/// A model file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFile {
    /// What it is called in messages.
    pub name: String,
    /// Its contents.
    pub bytes: Vec<u8>,
    /// Whether it was written for this check, from the other file, rather than read from disk.
    pub written_here: bool,
}

/// A network and its files.
#[derive(Clone, Debug)]
pub struct Network {
    graph: Verified,
    onnx: Result<ModelFile, String>,
    tflite: Result<ModelFile, String>,
}

impl Network {
    /// The network `graph` in the files that are there; the others are written from it.
    #[must_use]
    pub fn new(graph: Verified, onnx: Option<ModelFile>, tflite: Option<ModelFile>) -> Self {
        Self {
            onnx: onnx.map_or_else(|| write(&graph, Format::Onnx), Ok),
            tflite: tflite.map_or_else(|| write(&graph, Format::TfLite), Ok),
            graph,
        }
    }

    /// The network as it is evaluated here.
    #[must_use]
    pub fn graph(&self) -> &Verified {
        &self.graph
    }

    /// The file of a format.
    ///
    /// # Errors
    ///
    /// When there was none, and the graph cannot be written as one.
    pub fn file(&self, format: Format) -> Result<&ModelFile> {
        let file = match format {
            Format::Onnx => &self.onnx,
            Format::TfLite => &self.tflite,
        };
        file.as_ref()
            .map_err(|problem| anyhow::anyhow!("there is no {format} file of it: {problem}"))
    }

    /// `outputs` of a runtime, which must be those of the graph.
    ///
    /// # Errors
    ///
    /// When there are others; the error names the first that does not fit.
    pub fn checked(&self, outputs: Vec<Data>) -> Result<Vec<Data>> {
        let expected = &self.graph.outputs;
        ensure!(
            outputs.len() == expected.len(),
            "the model gives {} outputs, expected {}",
            outputs.len(),
            expected.len()
        );
        for (&id, data) in expected.iter().zip(&outputs) {
            let tensor = &self.graph[id];
            ensure!(
                data.dtype() == tensor.dtype && data.len() == tensor.shape.elements(),
                "output `{}` is {} {}, expected {} {}",
                tensor.name,
                data.len(),
                data.dtype(),
                tensor.dtype,
                tensor.shape
            );
        }
        Ok(outputs)
    }

    /// Refuses networks whose inputs or outputs are not 8-bit integers: nothing else has steps.
    ///
    /// # Errors
    ///
    /// Names the first input or output of another type.
    pub fn of_integers(&self) -> Result<()> {
        let interface = self.graph.inputs.iter().chain(&self.graph.outputs);
        for &id in interface {
            let tensor = &self.graph[id];
            let has_grid = tensor.quantization.is_some() || self.graph.outputs.contains(&id);
            ensure!(
                matches!(tensor.dtype, DataType::I8 | DataType::U8) && has_grid,
                "`{}` of `{}` is {}, expected 8-bit integers inside and out: quantize the network \
                 first",
                tensor.name,
                self.graph.name,
                tensor.dtype
            );
        }
        Ok(())
    }
}

fn write(graph: &Verified, format: Format) -> Result<ModelFile, String> {
    let bytes = match format {
        Format::Onnx => onnx::write(graph, &metadata(graph)),
        Format::TfLite => tflite::write(graph, &metadata(graph)),
    };
    let bytes = bytes.map_err(|error| error.to_string())?;
    Ok(ModelFile {
        name: format!("`{}` as {format}", graph.name),
        bytes,
        written_here: true,
    })
}

/// The graph in a model file.
///
/// # Errors
///
/// When the file is damaged or leaves a shape open; the error names it.
pub fn read(file: &ModelFile, format: Format) -> Result<Verified> {
    let graph = match format {
        Format::Onnx => onnx::read(&file.bytes, &onnx::ReadOptions::default()),
        Format::TfLite => tflite::read(&file.bytes),
    };
    graph.with_context(|| format!("cannot read {}", file.name))
}
