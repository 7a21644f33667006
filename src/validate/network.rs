//! One network in every form that a runtime may want: as a graph, as ONNX and as TFLite.

use anyhow::{Context, Result, bail, ensure};
use exporters::{Format, Metadata, onnx, tflite};
use kernels::{Data, DataType, Shape, Tensor, TensorId, Verified, verify};

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
    /// That of the ONNX file, which may say otherwise.
    onnx_graph: Verified,
    /// Whether activations of the ONNX file are `u8`, 128 more than those of the graph.
    unsigned: bool,
    onnx: Result<ModelFile, String>,
    tflite: Result<ModelFile, String>,
}

impl Network {
    /// The network in the files that are there; what is not there is written from the other.
    ///
    /// The graph is that of the TFLite file, where there is one.
    ///
    /// # Errors
    ///
    /// When there is none, one is damaged, or the two are not of one network.
    pub fn read(onnx: Option<ModelFile>, tflite: Option<ModelFile>) -> Result<Self> {
        let read_onnx = |file: &ModelFile| {
            let graph = onnx::read(&file.bytes, &onnx::ReadOptions::default());
            graph.with_context(|| format!("cannot read {}", file.name))
        };
        let of_onnx = onnx.as_ref().map(read_onnx).transpose()?;
        let of_tflite = tflite.as_ref().map(|file| {
            let graph = tflite::read(&file.bytes);
            graph.with_context(|| format!("cannot read {}", file.name))
        });
        let (graph, onnx_graph, unsigned) = match (of_tflite.transpose()?, of_onnx) {
            (Some(graph), Some(other)) => {
                let unsigned = same_interface(&graph, &other)?;
                (graph, other, unsigned)
            }
            (Some(graph), None) | (None, Some(graph)) => (graph.clone(), graph, false),
            (None, None) => bail!("there is no model"),
        };
        Ok(Self {
            onnx: onnx.map_or_else(|| write(&graph, Format::Onnx), Ok),
            tflite: tflite.map_or_else(|| write(&graph, Format::TfLite), Ok),
            unsigned,
            onnx_graph,
            graph,
        })
    }

    /// The network `graph` in the ONNX file that it was written to.
    #[must_use]
    pub fn of(graph: Verified, onnx: ModelFile) -> Self {
        Self {
            onnx: Ok(onnx),
            tflite: write(&graph, Format::TfLite),
            unsigned: false,
            onnx_graph: graph.clone(),
            graph,
        }
    }

    /// The same network with other outputs: the results of these names, in this order. Its files
    /// are written from the graphs that its files hold.
    ///
    /// # Errors
    ///
    /// When a name is not that of a result in both.
    pub fn with_outputs(&self, names: &[&str]) -> Result<Self> {
        let graph = with_outputs(&self.graph, names)?;
        let onnx_graph = with_outputs(&self.onnx_graph, names)?;
        Ok(Self {
            onnx: write(&onnx_graph, Format::Onnx),
            tflite: write(&graph, Format::TfLite),
            unsigned: self.unsigned,
            onnx_graph,
            graph,
        })
    }

    /// Elements of the graph as the file of `format` has them.
    #[must_use]
    pub fn stored(&self, format: Format, data: &[Data]) -> Vec<Data> {
        let moved = |data: &Data| match data {
            Data::I8(v) if self.unsigned && format == Format::Onnx => {
                Data::U8(v.iter().map(|x| x.cast_unsigned() ^ 0x80).collect())
            }
            Data::F32(_) | Data::I8(_) | Data::U8(_) | Data::I32(_) | Data::I64(_) => data.clone(),
        };
        data.iter().map(moved).collect()
    }

    /// The element type that a tensor of the graph has in the file of `format`.
    #[must_use]
    pub fn type_in_file(&self, format: Format, tensor: &Tensor) -> DataType {
        if tensor.dtype == DataType::I8 && self.unsigned && format == Format::Onnx {
            return DataType::U8;
        }
        tensor.dtype
    }

    /// Outputs of the file of `format` as the graph has them.
    ///
    /// # Errors
    ///
    /// When there are others than those of the graph; the error names the first that does not fit.
    pub fn outputs_of(&self, format: Format, outputs: Vec<Data>) -> Result<Vec<Data>> {
        let moved = |data: Data| match data {
            Data::U8(v) if self.unsigned && format == Format::Onnx => {
                Data::I8(v.iter().map(|x| (x ^ 0x80).cast_signed()).collect())
            }
            Data::F32(_) | Data::I8(_) | Data::U8(_) | Data::I32(_) | Data::I64(_) => data,
        };
        self.checked(outputs.into_iter().map(moved).collect())
    }

    /// The network as it is evaluated here.
    #[must_use]
    pub fn graph(&self) -> &Verified {
        &self.graph
    }

    /// The network as the ONNX file has it.
    #[must_use]
    pub fn onnx_graph(&self) -> &Verified {
        &self.onnx_graph
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

    fn checked(&self, outputs: Vec<Data>) -> Result<Vec<Data>> {
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

    /// Refuses networks whose inputs are not 8-bit integers, or whose outputs are neither that nor
    /// classes: nothing else has steps.
    ///
    /// # Errors
    ///
    /// Names the first input or output of another type.
    pub fn of_integers(&self) -> Result<()> {
        let interface = self.graph.inputs.iter().chain(&self.graph.outputs);
        for (position, &id) in interface.enumerate() {
            let tensor = &self.graph[id];
            let is_classes = tensor.dtype == DataType::I32 && position >= self.graph.inputs.len();
            ensure!(
                matches!(tensor.dtype, DataType::I8 | DataType::U8) || is_classes,
                "`{}` is {}, expected a network of 8-bit integers in and out: quantize it with \
                 `ednas export`",
                tensor.name,
                tensor.dtype
            );
        }
        Ok(())
    }
}

fn with_outputs(graph: &Verified, names: &[&str]) -> Result<Verified> {
    let output = |name: &&str| {
        let id = graph.tensor_named(name);
        id.with_context(|| format!("`{}` has no result `{name}`", graph.name))
    };
    let outputs: Vec<TensorId> = names.iter().map(output).collect::<Result<_>>()?;
    let mut graph = graph.clone().into_graph();
    graph.outputs = outputs;
    verify(graph).context("other outputs keep a graph well formed")
}

fn write(graph: &Verified, format: Format) -> Result<ModelFile, String> {
    let bytes = match format {
        Format::Onnx => onnx::write(graph, &Metadata::default()),
        Format::TfLite => tflite::write(graph, &Metadata::default()),
    };
    let bytes = bytes.map_err(|error| error.to_string())?;
    Ok(ModelFile {
        name: format!("`{}` as {format}", graph.name),
        bytes,
        written_here: true,
    })
}

/// Refuses two files of different networks, by what goes in and out; whether the ONNX file has
/// unsigned activations where the TFLite file has signed ones.
fn same_interface(tflite: &Verified, onnx: &Verified) -> Result<bool> {
    let interface = |graph: &Verified| -> Vec<(String, Shape, DataType)> {
        let ids = graph.inputs.iter().chain(&graph.outputs);
        let tensors = ids.map(|&id| &graph[id]);
        tensors
            .map(|tensor| (tensor.name.clone(), tensor.shape.clone(), tensor.dtype))
            .collect()
    };
    let (ours, theirs) = (interface(tflite), interface(onnx));
    let mut unsigned = false;
    ensure!(
        ours.len() == theirs.len() && tflite.inputs.len() == onnx.inputs.len(),
        "the TFLite file has {} inputs and outputs, the ONNX file {}: they are not of one network",
        ours.len(),
        theirs.len()
    );
    for ((name, shape, dtype), (other_name, other_shape, other)) in ours.iter().zip(&theirs) {
        let is_moved = (*dtype, *other) == (DataType::I8, DataType::U8);
        unsigned |= is_moved;
        ensure!(
            shape == other_shape && (dtype == other || is_moved),
            "`{name}` of the TFLite file is {dtype} {shape}, `{other_name}` of the ONNX file is \
             {other} {other_shape}: they are not of one network"
        );
    }
    Ok(unsigned)
}
