//! LiteRT and onnxruntime: a script around a Python package, and the files it is handed.
//!
//! A job is a folder: the model, `inputs.raw` (every sample's inputs, one after another, channels
//! last), and `job.json`. The script writes `outputs.raw` in the same manner and prints one JSON
//! record. `script.py --version` prints the package's release, and fails when it is not there.

use std::fs;
use std::path::Path;
use std::time::Duration;

use ::kernels::Data;
use anyhow::{Context, Result, ensure};
use exporters::Format;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::{Absent, Child, Python, Repeats, Runtime, RuntimeName, Timing, raw};
use crate::report::{Progress, progress};
use crate::validate::network::Network;

/// What a runtime needs to start and to load a model.
const LOADING: Duration = Duration::from_secs(120);

/// The most that one inference may take.
const INFERENCE: Duration = Duration::from_secs(60);

/// A runtime that is a Python package.
pub(super) struct Package {
    name: RuntimeName,
    /// As its makers spell it.
    title: &'static str,
    /// What pip calls it.
    package: &'static str,
    format: Format,
    script: &'static str,
    /// How it is set.
    setting: &'static str,
}

pub(super) const LITERT: Package = Package {
    name: RuntimeName::LiteRt,
    title: "LiteRT",
    package: "ai-edge-litert",
    format: Format::TfLite,
    script: include_str!("litert.py"),
    setting: "XNNPACK",
};

pub(super) const ONNXRUNTIME: Package = Package {
    name: RuntimeName::OnnxRuntime,
    title: "onnxruntime",
    package: "onnxruntime",
    format: Format::Onnx,
    script: include_str!("onnxruntime.py"),
    setting: "CPU, int8 fused",
};

/// A package that is there.
pub(super) struct Script {
    of: &'static Package,
    python: Python,
    version: String,
}

/// `job.json`.
#[derive(Serialize)]
struct Job<'a> {
    model: &'a str,
    samples: usize,
    warm_up: usize,
    timed: usize,
}

/// What a script prints.
#[derive(Deserialize)]
struct Printed {
    times_ns: Vec<u64>,
}

impl Script {
    /// The package `of` in the Python of this machine.
    pub(super) fn find(of: &'static Package) -> Result<Self, Absent> {
        let absent = |why: String, remedy: String| Absent {
            what: of.title.to_owned(),
            why,
            remedy,
        };
        let python = Python::find().map_err(|python| absent(python.why, python.remedy))?;
        let version = version(of, &python).map_err(|error| {
            let path = python.path().display();
            let remedy = format!("install it with `{path} -m pip install {}`", of.package);
            let said = format!("{error:#}");
            let last = said.lines().last().unwrap_or_default().trim();
            absent(format!("{path} says `{last}`"), remedy)
        })?;
        Ok(Self {
            of,
            python,
            version: format!("{} ({})", version.trim(), of.setting),
        })
    }

    /// Runs one job in a folder of its own, which it gives back, with what was printed.
    fn job(
        &self,
        network: &Network,
        samples: &[Vec<Data>],
        repeats: Repeats,
        bar: &Progress,
    ) -> Result<(TempDir, Printed)> {
        let file = network.file(self.of.format)?;
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
        };
        let mut inputs = Vec::new();
        for sample in samples {
            for data in network.stored(self.of.format, sample) {
                raw::write(&mut inputs, &data);
            }
        }
        let job = Job {
            model: "model",
            samples: samples.len(),
            warm_up: repeats.warm_up,
            timed: repeats.timed,
        };
        write("script.py", self.of.script.as_bytes())?;
        write("model", &file.bytes)?;
        write("inputs.raw", &inputs)?;
        write("job.json", &serde_json::to_vec(&job)?)?;
        let inferences = samples
            .len()
            .saturating_add(repeats.warm_up + repeats.timed);
        let inferences = u32::try_from(inferences).unwrap_or(u32::MAX);
        let child = Child {
            what: &format!("{} on {}", self.of.title, file.name),
            arguments: vec!["script.py".to_owned()],
            folder: folder.path(),
            limit: LOADING.saturating_add(INFERENCE.saturating_mul(inferences)),
        };
        let outputs = folder.path().join("outputs.raw");
        let of_one = raw::size(network.graph(), &network.graph().outputs).max(1) as u64;
        let start = bar.position();
        let mut look = || bar.set_position(start + size(&outputs) / of_one);
        let printed = self.python.run(&child, &mut look)?;
        let printed = serde_json::from_str(printed.trim()).with_context(|| {
            format!(
                "{} on {} printed `{}`",
                self.of.title,
                file.name,
                printed.trim()
            )
        })?;
        bar.set_position(start + samples.len() as u64);
        Ok((folder, printed))
    }
}

impl Runtime for Script {
    fn name(&self) -> RuntimeName {
        self.of.name
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn run(
        &self,
        network: &Network,
        samples: &[Vec<Data>],
        bar: &Progress,
    ) -> Result<Vec<Vec<Data>>> {
        let untimed = Repeats {
            warm_up: 0,
            timed: 0,
        };
        let (folder, _) = self.job(network, samples, untimed, bar)?;
        let bytes = fs::read(folder.path().join("outputs.raw"))?;
        let graph = network.graph();
        let of_one = raw::size(graph, &graph.outputs);
        ensure!(
            bytes.len() == of_one * samples.len(),
            "{} gives {} bytes for {} samples of {}, expected {of_one} for each: the file has other \
             outputs than `{}`",
            self.of.title,
            bytes.len(),
            samples.len(),
            network.file(self.of.format)?.name,
            graph.name,
        );
        let samples = bytes.chunks_exact(of_one.max(1));
        samples
            .map(|sample| {
                let ids = graph.outputs.iter().map(|&id| &graph[id]);
                let types = ids.map(|tensor| network.type_in_file(self.of.format, tensor));
                let tensors = types.zip(graph.outputs.iter().map(|&id| &graph[id]));
                let outputs = raw::read(tensors, sample)?;
                network.outputs_of(self.of.format, outputs)
            })
            .collect()
    }

    fn time(&self, network: &Network, sample: &[Data], repeats: Repeats) -> Result<Timing> {
        let bar = progress("timing", 1);
        let (_, printed) = self.job(network, &[sample.to_vec()], repeats, &bar)?;
        bar.finish_and_clear();
        let times = printed.times_ns.into_iter().map(Duration::from_nanos);
        Timing::of(times.collect()).context("at least one run is timed")
    }
}

fn version(of: &Package, python: &Python) -> Result<String> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    fs::write(folder.path().join("script.py"), of.script)?;
    let child = Child {
        what: &format!("looking for {} in {}", of.title, python.path().display()),
        arguments: vec!["script.py".to_owned(), "--version".to_owned()],
        folder: folder.path(),
        limit: LOADING,
    };
    python.run(&child, &mut || ())
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
}
