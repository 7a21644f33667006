//! `ednas profile`: the accelerators that networks are priced on.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Subcommand;
use comfy_table::{Table, presets};
use hwmodels::profile::{Profile, names};

use super::exit::OrBadInput;
use super::{output, scalesim};

/// Arguments of `ednas profile`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Name the profiles that come with ednas.
    List,
    /// Print a profile as a file to start from.
    Show {
        /// A name or a TOML file.
        #[arg(value_name = "NAME|FILE.toml")]
        profile: String,
    },
    /// Read a profile and say what is wrong with it.
    Check {
        /// A name or a TOML file.
        #[arg(value_name = "NAME|FILE.toml")]
        profile: String,
    },
    /// Turn a SCALE-Sim config into a profile, and say what it left out.
    Import {
        /// The config, SCALE-Sim 2 or 3.
        #[arg(value_name = "FILE.cfg")]
        config: PathBuf,
        /// Where the profile goes; to standard output when left out.
        #[arg(short, long, value_name = "FILE.toml")]
        out: Option<PathBuf>,
    },
    /// Measure this machine as tract runs int8 models on it: the profile `host-tract`.
    #[cfg(feature = "validate")]
    MeasureHost {
        /// Where the profile goes; to standard output when left out.
        #[arg(short, long, value_name = "FILE.toml")]
        out: Option<PathBuf>,
    },
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    match &args.command {
        Command::List => list(),
        Command::Show { profile } => output::print(&load(profile)?.raw().to_toml()),
        Command::Check { profile } => {
            let checked = load(profile)?;
            output::print(&format!(
                "{profile}: {} is a sound profile\n",
                checked.name()
            ))
        }
        Command::Import { config, out } => scalesim::import(config, out.as_deref()),
        #[cfg(feature = "validate")]
        Command::MeasureHost { out } => measure_host(out.as_deref()),
    }
}

/// The profile that `--profile` names: one that comes with ednas, or a file.
pub(super) fn load(name_or_file: &str) -> anyhow::Result<Profile> {
    let is_file =
        name_or_file.ends_with(".toml") || Path::new(name_or_file).components().count() > 1;
    if !is_file {
        return Profile::named(name_or_file).or_bad_input();
    }
    let text = fs::read_to_string(name_or_file)
        .with_context(|| format!("cannot read profile `{name_or_file}`"))
        .or_bad_input()?;
    Profile::parse(&text, name_or_file).or_bad_input()
}

#[cfg(feature = "validate")]
fn measure_host(out: Option<&Path>) -> anyhow::Result<()> {
    use crate::report::write_atomically;
    use crate::study::clock;
    use crate::validate::host;

    let now = clock::now();
    let (date, _) = now.split_once('T').unwrap_or((&now, ""));
    let profile = host::measure_host(&host::machine(), date)?.to_toml();
    match out {
        Some(path) => write_atomically(path, profile.as_bytes()),
        None => output::print(&profile),
    }
}

fn list() -> anyhow::Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for name in names() {
        let profile = Profile::named(name)?;
        table.add_row([name, &profile.raw().description]);
    }
    output::print(&format!("{}\n", table.trim_fmt()))
}
