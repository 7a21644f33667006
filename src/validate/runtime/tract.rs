//! tract as a runtime: ONNX files, in float between dequantizing and quantizing.

use ::kernels::Data;
use anyhow::{Context, Result};
use exporters::Format;
use rayon::prelude::*;

use super::{Repeats, Runtime, RuntimeName, Timing};
use crate::report::Progress;
use crate::validate::network::Network;
use crate::validate::tract::{Model, VERSION};

/// [`Model`].
pub(super) struct Tract;

impl Runtime for Tract {
    fn name(&self) -> RuntimeName {
        RuntimeName::Tract
    }

    fn version(&self) -> &str {
        VERSION
    }

    fn run(
        &self,
        network: &Network,
        samples: &[Vec<Data>],
        bar: &Progress,
    ) -> Result<Vec<Vec<Data>>> {
        let model = load(network)?;
        let run = |inputs: &Vec<Data>| {
            let outputs = model.run(&network.stored(Format::Onnx, inputs))?;
            bar.inc(1);
            network.outputs_of(Format::Onnx, outputs)
        };
        samples.par_iter().map(run).collect()
    }

    fn time(&self, network: &Network, sample: &[Data], repeats: Repeats) -> Result<Timing> {
        load(network)?.time(&network.stored(Format::Onnx, sample), repeats)
    }
}

fn load(network: &Network) -> Result<Model> {
    let file = network.file(Format::Onnx)?;
    Model::load(&file.bytes).with_context(|| file.name.clone())
}
