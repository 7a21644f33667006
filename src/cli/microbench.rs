//! `ednas microbench`: small models to run on a machine, and what they say of it.

use std::path::PathBuf;

use super::exit::OrBadInput;
use super::{output, profile};
use crate::microbench::{self, Probe};

/// Arguments of `ednas microbench`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The accelerator whose numbers the models are to tell.
    #[arg(long, value_name = "PROFILE[:MODE+MODE]")]
    #[cfg_attr(feature = "validate", arg(required_unless_present = "run_host"))]
    #[cfg_attr(not(feature = "validate"), arg(required = true))]
    profile: Option<String>,

    /// The folder that the models, their manifest and bench_board.py go to.
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,

    /// Seed of the weights; the same seed gives the same files.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    #[cfg(feature = "validate")]
    #[command(flatten)]
    host: host::HostArgs,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    #[cfg(feature = "validate")]
    if args.host.run_host {
        return host::run(args);
    }
    let machine = profile::load(args.profile.as_deref().unwrap_or_default())?;
    let probes = microbench::board(&machine, args.seed)?;
    write(args, &probes)
}

fn write(args: &Args, probes: &[Probe]) -> anyhow::Result<()> {
    let bytes = microbench::write(&args.out, probes).or_bad_input()?;
    output::print(&format!(
        "{} models as TFLite and ONNX, {} MB, with manifest.csv and bench_board.py in {}\n",
        probes.len(),
        bytes.div_ceil(1_000_000),
        args.out.display(),
    ))
}

#[cfg(feature = "validate")]
mod host {
    //! `--run-host`: this machine, as tract uses it.

    use std::time::Duration;

    use anyhow::{Context, ensure};
    use kernels::Verified;
    use kernels::op::Coordinates;

    use super::super::exit::OrBadInput;
    use super::super::options::size;
    use super::super::output;
    use super::Args;
    use crate::microbench::host::{HostRun, untrained_int8};
    use crate::microbench::operators;
    use crate::space::Model;
    use crate::space::ednas::{FusedDefinition, NetworkOptions, Upsampling};
    use crate::study::clock;
    use crate::task::Task;
    use crate::validate::host::{Rounds, machine};

    /// Arguments of `--run-host`.
    #[derive(Debug, clap::Args)]
    pub(super) struct HostArgs {
        /// Run models of single operators on this machine with tract, and write measured.csv and
        /// the profile host-tract.toml.
        #[arg(long, conflicts_with = "profile")]
        pub(super) run_host: bool,

        /// Seconds of timing, about; five rounds are run at least.
        #[arg(
            long,
            value_name = "N",
            default_value_t = 60,
            requires = "run_host",
            value_parser = clap::value_parser!(u64).range(1..=3600)
        )]
        seconds: u64,

        /// Time this network too, which the profile is not made from: networks.csv. A name or a
        /// genome; weights are random.
        #[arg(long, value_name = "MODEL", requires = "run_host")]
        network: Vec<String>,

        /// Heights and widths of the images of those networks, multiples of 128.
        #[arg(
            long,
            value_name = "SIZE,SIZE",
            value_delimiter = ',',
            default_value = "128",
            requires = "network",
            value_parser = size
        )]
        size: Vec<[usize; 2]>,
    }

    pub(super) fn run(args: &Args) -> anyhow::Result<()> {
        let now = clock::now();
        let (date, _) = now.split_once('T').unwrap_or((&now, ""));
        let machine = machine();
        let run = HostRun {
            folder: &args.out,
            machine: &machine,
            date,
            rounds: Rounds {
                min: 5,
                max: 200,
                budget: Duration::from_secs(args.host.seconds),
            },
        };
        let networks = networks(args)?;
        let probes = operators(args.seed)?;
        super::write(args, &probes)?;
        run.run(&probes, &networks)?;
        output::print("measured.csv has what tract took, host-tract.toml is this machine\n")?;
        if networks.is_empty() {
            return Ok(());
        }
        output::print("networks.csv has what whole networks took, which the profile predicts\n")
    }

    /// The networks to check the profile with: `mt-edge_128x128`, `genome1_128x128`.
    fn networks(args: &Args) -> anyhow::Result<Vec<Verified>> {
        let mut networks: Vec<Verified> = Vec::new();
        for (index, text) in args.host.network.iter().enumerate() {
            let model = Model::parse(text, FusedDefinition::default()).or_bad_input()?;
            let stem = match text.contains('/') {
                true => format!("genome{}", index + 1),
                false => text.clone(),
            };
            for size in &args.host.size {
                let options = NetworkOptions {
                    size: *size,
                    tasks: vec![Task::Segmentation, Task::Depth],
                    classes: crate::task::SEGMENTATION_CLASSES,
                    upsampling: Upsampling::bilinear(Coordinates::HalfPixel),
                };
                let graphs = model.networks(&options).or_bad_input()?;
                let graph = graphs.first().context("a model has a network")?;
                let name = format!("{stem}_{}x{}", size[0], size[1]);
                let is_new = || {
                    let known = networks.iter().all(|network| network.name != name);
                    ensure!(known, "network {name} is asked for twice");
                    Ok(())
                };
                is_new().or_bad_input()?;
                networks.push(untrained_int8(graph, &name, args.seed)?);
            }
        }
        Ok(networks)
    }
}
