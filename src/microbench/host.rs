//! This machine as tract uses it: the sweep, whole networks beside it, and the profile.

use std::path::Path;

use anyhow::{Context, Result};
use exporters::{Metadata, onnx, tflite};
use kernels::fold::fold;
use kernels::live::live;
use kernels::{Data, Verified};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::files::tflite_file;
use super::probe::Probe;
use super::table::{Setting, Timed, write_table};
use crate::quantize::{calibrate, quantize};
use crate::report::write_atomically;
use crate::train::Weights;
use crate::validate::host::{self, Rounds, Spread, Subject};
use crate::validate::tract;

/// What to measure and where it goes.
#[derive(Clone, Copy, Debug)]
pub struct HostRun<'a> {
    /// The folder of the sweep.
    pub folder: &'a Path,
    /// What this machine is.
    pub machine: &'a str,
    /// The date, ISO 8601.
    pub date: &'a str,
    /// How often everything is run.
    pub rounds: Rounds,
}

impl HostRun<'_> {
    /// Times the probes of [`super::operators()`], and beside them whole `networks`, which the
    /// profile is not made from. Writes `measured.csv`, `networks.csv` with
    /// `networks/NAME.tflite` and `.onnx` each, and the profile, `host-tract.toml`.
    ///
    /// # Errors
    ///
    /// When tract cannot run a network, or a file cannot be written.
    pub fn run(&self, probes: &[Probe], networks: &[Verified]) -> Result<()> {
        let mut subjects = host::subjects(probes);
        subjects.extend(networks.iter().map(|network| Subject {
            network,
            warmup_runs: 1,
        }));
        let times = host::time(&subjects, self.rounds)?;
        let (of_probes, of_networks) = times.split_at(probes.len());
        let rows = probes.iter().zip(of_probes).map(|(probe, time)| {
            let file = tflite_file(&probe.id);
            timed(&probe.network, probe.family, file, time)
        });
        self.table("measured.csv", &rows.collect::<Vec<_>>())?;
        let profile = host::profile(probes, of_probes, self.machine, self.date)?.to_toml();
        let path = self.folder.join(format!("{}.toml", host::NAME));
        write_atomically(&path, profile.as_bytes())?;
        if networks.is_empty() {
            return Ok(());
        }
        for network in networks {
            self.write_network(network)?;
        }
        let rows = networks.iter().zip(of_networks).map(|(network, time)| {
            timed(network, "network", network_file(network, "tflite"), time)
        });
        self.table("networks.csv", &rows.collect::<Vec<_>>())
    }

    fn write_network(&self, network: &Verified) -> Result<()> {
        let metadata = Metadata::default();
        let file = |extension| self.folder.join(network_file(network, extension));
        write_atomically(&file("tflite"), &tflite::write(network, &metadata)?)?;
        write_atomically(&file("onnx"), &onnx::write(network, &metadata)?)
    }

    fn table(&self, file: &str, rows: &[Timed]) -> Result<()> {
        let device = format!("tract {}", tract::VERSION);
        let setting = Setting {
            device: &device,
            host: self.machine,
            source: &format!("ednas microbench --run-host, {}", self.date),
            note: "one thread, the ONNX twin of the file; time on the processor, without waiting",
        };
        write_table(&self.folder.join(file), &setting, rows)
    }
}

/// A float network of a search space as the int8 network that is exported, named `name`: weights
/// as training starts from, ranges from one image of noise.
///
/// # Errors
///
/// When the network cannot be quantized.
pub fn untrained_int8(network: &Verified, name: &str, seed: u64) -> Result<Verified> {
    let network = live(network);
    let filled = Weights::initial(&network, seed).fill(&network)?;
    let float = fold(&filled);
    let input = *float.inputs.first().context("a network has an input")?;
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let pixels = float[input].shape.elements();
    let image: Vec<f32> = (0..pixels)
        .map(|_| random.random_range(-2.0..2.0))
        .collect();
    let load = |_| vec![Data::F32(image.as_slice().into())];
    let mut graph = quantize(&float, &calibrate(&float, 1, load)?)?.into_graph();
    name.clone_into(&mut graph.name);
    Ok(kernels::verify(graph)?)
}

fn network_file(network: &Verified, extension: &str) -> String {
    format!("networks/{}.{extension}", network.name)
}

fn timed(network: &Verified, model: &str, model_file: String, time: &Spread) -> Timed {
    let extents = network.inputs.iter().map(|id| {
        let shape = &network[*id].shape[1..];
        let extents: Vec<String> = shape.iter().map(ToString::to_string).collect();
        extents.join("x")
    });
    Timed {
        id: network.name.clone(),
        model: model.to_owned(),
        model_file,
        input: extents.collect::<Vec<_>>().join(" "),
        median_ms: time.median_ms,
        p10_ms: time.p10_ms,
        p90_ms: time.p90_ms,
        warmup_runs: 1,
        runs: time.runs,
    }
}
