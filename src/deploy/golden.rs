//! Golden vectors: inputs, and the outputs that every runtime must give for them.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use kernels::eval::{evaluate, to_integers};
use kernels::{Data, Graph, TensorId, Verified};

use crate::npy::{self, Array};

/// The folder of the int8 network's vectors.
const FOLDER: &str = "golden";
/// The folder of the float network's.
const FLOAT_FOLDER: &str = "golden/float";

/// What goes into both networks, and what comes out.
#[derive(Clone, Debug, PartialEq)]
pub struct Golden {
    /// Of the int8 network, by tensor.
    int8: BTreeMap<String, Array>,
    /// Of the float network.
    float: BTreeMap<String, Array>,
}

impl Golden {
    /// Of one `sample`, the inputs of the float network.
    ///
    /// The int8 outputs are those of the evaluator, which computes what LiteRT does with XNNPACK.
    ///
    /// # Errors
    ///
    /// When a network cannot be evaluated.
    pub fn new(float: &Verified, int8: &Verified, sample: &[Data]) -> Result<Self> {
        let mut integers = Vec::with_capacity(sample.len());
        for (&id, data) in int8.inputs.iter().zip(sample) {
            let Data::F32(reals) = data else {
                anyhow::bail!("`{}` takes f32, found {}", int8[id].name, data.dtype());
            };
            integers.push(to_integers(&int8[id], reals)?);
        }
        Ok(Self {
            int8: vectors(int8, &integers)?,
            float: vectors(float, sample)?,
        })
    }

    /// The path of an int8 tensor's elements.
    pub(super) fn path(&self, tensor: &str) -> String {
        path(FOLDER, &self.int8, tensor)
    }

    /// The path of a float tensor's elements.
    pub(super) fn float_path(&self, tensor: &str) -> String {
        path(FLOAT_FOLDER, &self.float, tensor)
    }

    /// Path and bytes of every file.
    pub(super) fn files(&self) -> Result<Vec<(String, Vec<u8>)>> {
        let int8 = self
            .int8
            .iter()
            .map(|(name, array)| (self.path(name), array));
        let float = self.float.iter();
        let float = float.map(|(name, array)| (self.float_path(name), array));
        let bytes = |(path, array)| Ok((path, npy::bytes(array)?));
        int8.chain(float).map(bytes).collect()
    }
}

fn vectors(graph: &Verified, inputs: &[Data]) -> Result<BTreeMap<String, Array>> {
    let outputs = evaluate(graph, inputs).context("cannot make golden outputs")?;
    let inputs = arrays(graph, &graph.inputs, inputs);
    Ok(inputs
        .chain(arrays(graph, &graph.outputs, &outputs))
        .collect())
}

fn arrays<'a>(
    graph: &'a Graph,
    ids: &'a [TensorId],
    data: &'a [Data],
) -> impl Iterator<Item = (String, Array)> + 'a {
    ids.iter().zip(data).map(|(&id, data)| {
        let shape = graph[id].shape.to_vec();
        let data = data.clone();
        (graph[id].name.clone(), Array { shape, data })
    })
}

/// A tensor's name may hold what a file's cannot: such characters become `_`, and the position among
/// the tensors behind an `@`, which no plain name has, keeps files apart.
fn path(folder: &str, vectors: &BTreeMap<String, Array>, tensor: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if tensor.chars().all(plain) && !tensor.starts_with('.') {
        return format!("{folder}/{tensor}.npy");
    }
    let position = vectors.keys().position(|name| name == tensor);
    let name = tensor.replace(|c| !plain(c), "_");
    format!("{folder}/{name}@{}.npy", position.unwrap_or_default())
}
