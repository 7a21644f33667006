//! Golden vectors: do runtimes give the bytes that the bundle says they must?

use std::path::Path;

use anyhow::{Result, ensure};
use kernels::{Data, Verified};

use super::agreement::Agreement;
use super::runtime::RuntimeName;
use crate::deploy::record::{BundleRecord, TensorRecord};
use crate::npy;

/// What goes into the int8 network, and what must come out, in the order of the graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Vectors {
    /// Elements of the inputs.
    pub inputs: Vec<Data>,
    /// Elements of the outputs.
    pub outputs: Vec<Data>,
}

/// What a runtime gave for the golden inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The runtime.
    pub runtime: RuntimeName,
    /// Per output of the network, against the golden one.
    pub outputs: Vec<Agreement>,
}

impl Checked {
    /// Whether the runtime gave what it must: the very bytes, where its arithmetic is exact.
    #[must_use]
    pub fn passes(&self) -> bool {
        let equal = |output: &Agreement| output.steps_max() == 0;
        !self.runtime.is_exact() || self.outputs.iter().all(equal)
    }
}

impl Vectors {
    /// The vectors that `record`, the record of the bundle in `folder`, lists.
    ///
    /// # Errors
    ///
    /// When a file is missing or damaged, or its array is of another type or shape than the tensor
    /// of `graph`.
    pub fn read(folder: &Path, record: &BundleRecord, graph: &Verified) -> Result<Self> {
        let read = |ids: &[kernels::TensorId], records: &[TensorRecord]| {
            ensure!(
                ids.len() == records.len(),
                "bundle.json lists {} tensors, the network has {}: export it again",
                records.len(),
                ids.len()
            );
            let pairs = ids.iter().zip(records);
            pairs
                .map(|(&id, record)| {
                    let tensor = &graph[id];
                    let path = folder.join(&record.golden);
                    let array = npy::read(&path)?;
                    ensure!(
                        array.data.dtype() == tensor.dtype && array.shape == tensor.shape[..],
                        "{} is {} {:?}, expected {} {} of `{}`: export the network again",
                        path.display(),
                        array.data.dtype(),
                        array.shape,
                        tensor.dtype,
                        tensor.shape,
                        tensor.name
                    );
                    Ok(array.data)
                })
                .collect::<Result<Vec<Data>>>()
        };
        Ok(Self {
            inputs: read(&graph.inputs, &record.inputs)?,
            outputs: read(&graph.outputs, &record.outputs)?,
        })
    }

    /// What `runtime` gave for the inputs, against the outputs.
    ///
    /// # Errors
    ///
    /// When an output cannot be compared.
    pub fn check(&self, runtime: RuntimeName, found: &[Data]) -> Result<Checked> {
        let pairs = found.iter().zip(&self.outputs);
        let outputs = pairs.map(|(found, expected)| Ok(Agreement::of(found, expected)?));
        Ok(Checked {
            runtime,
            outputs: outputs.collect::<Result<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_runtimes_must_give_the_bytes_others_come_close() {
        let vectors = Vectors {
            inputs: Vec::new(),
            outputs: vec![Data::I8([1, 2].into())],
        };
        let passes = |runtime, found: [i8; 2]| {
            let checked = vectors.check(runtime, &[Data::I8(found.into())]);
            checked.unwrap().passes()
        };
        assert!(passes(RuntimeName::Kernels, [1, 2]));
        assert!(!passes(RuntimeName::LiteRt, [1, 3]));
        assert!(passes(RuntimeName::Tract, [1, 3]));
    }
}
