//! `ednas profile`: the accelerators that networks are priced on.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail, ensure};
use clap::Subcommand;
use hwmodels::profile::{Profile, ProfileError, ProfileFile, schema, split_modes, starter};

use super::exit::OrBadInput;
use super::{output, scalesim};
use crate::report::profile::ProfileListRecord;
use crate::report::profile_diff::ProfileDiffRecord;
use crate::report::write_atomically;
use crate::space::{Decoded, SpaceFile};

/// Arguments of `ednas profile`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Name the profiles that come with ednas.
    List {
        /// Those too whose numbers nobody could check.
        #[arg(long)]
        all: bool,
        /// Print one `ednas.profile-list/1` record instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Print a profile's file; with modes, the machine that they make.
    Show {
        /// A name or a TOML file, with modes behind a colon.
        #[arg(value_name = "PROFILE[:MODE+MODE]")]
        profile: String,
    },
    /// Read a profile and say what is wrong with it, in itself and in each of its modes.
    Check {
        /// A name or a TOML file; with modes behind a colon, these together.
        #[arg(value_name = "PROFILE[:MODE+MODE]")]
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
    /// Write a profile to start from: every key with its meaning, values of a known machine.
    New {
        /// The name of the new machine.
        name: String,
        /// The machine whose values are copied.
        #[arg(
            long,
            value_name = "PROFILE[:MODE+MODE]",
            default_value = "systolic-32x32-ws"
        )]
        from: String,
        /// Where it goes, which must not exist; to standard output when left out.
        #[arg(short, long, value_name = "FILE.toml")]
        out: Option<PathBuf>,
    },
    /// Say what differs between two profiles, key by key.
    Diff {
        /// The first machine.
        #[arg(value_name = "PROFILE[:MODE+MODE]")]
        a: String,
        /// The second machine.
        #[arg(value_name = "PROFILE[:MODE+MODE]")]
        b: String,
        /// Print one `ednas.profile-diff/1` record instead of lines.
        #[arg(long)]
        json: bool,
    },
    /// Print the JSON Schema of profiles, for editors.
    Schema,
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
        Command::Import { config, out } => scalesim::import(config, out.as_deref()),
        Command::List { all, json } => list(*all, *json),
        Command::Show { profile } => output::print(&with_file(profile, shown)?),
        Command::Check { profile } => check(profile),
        Command::New { name, from, out } => new(name, from, out.as_deref()),
        Command::Diff { a, b, json } => diff(&load(a)?, &load(b)?, *json),
        Command::Schema => output::print_record(schema()),
        #[cfg(feature = "validate")]
        Command::MeasureHost { out } => measure_host(out.as_deref()),
    }
}

/// The profile that `--profile` names: one that comes with ednas, or a file, and modes of it, or a
/// machine that a genome stands for.
pub(super) fn load(spelled: &str) -> anyhow::Result<Profile> {
    if SpaceFile::is_genome(spelled) {
        return of_genome(spelled).or_bad_input();
    }
    with_file(spelled, |file, modes| file.with_modes(modes))
}

fn of_genome(spelled: &str) -> anyhow::Result<Profile> {
    let (file, genome) = SpaceFile::genome(spelled)?;
    match file.decode(&genome)? {
        Some(Decoded::Machine(machine)) => Ok(*machine),
        Some(Decoded::Network(_)) | None => {
            bail!(
                "a genome of the space `{}` is no machine",
                file.space.name()
            )
        }
    }
}

/// Hands the file that `spelled` names, and the modes asked for, to `then`, which fails by the
/// profile's fault alone.
pub(super) fn with_file<T>(
    spelled: &str,
    then: impl FnOnce(&ProfileFile<'_>, &[&str]) -> Result<T, ProfileError>,
) -> anyhow::Result<T> {
    let (name, modes) = split_modes(spelled);
    let has_folder = Path::new(name).components().count() > 1 && !name.starts_with("unverified/");
    if !name.ends_with(".toml") && !has_folder {
        let file = ProfileFile::named(name).or_bad_input()?;
        return then(&file, &modes).or_bad_input();
    }
    let text = fs::read_to_string(name)
        .with_context(|| format!("cannot read profile `{name}`"))
        .or_bad_input()?;
    let file = ProfileFile::parse(&text, name).or_bad_input()?;
    then(&file, &modes).or_bad_input()
}

fn list(all: bool, json: bool) -> anyhow::Result<()> {
    let record = ProfileListRecord::new(all)?;
    if json {
        output::print_record(&record)
    } else {
        output::print(&record.table())
    }
}

/// The file as it was written, or the machine that modes make of it.
fn shown(file: &ProfileFile<'_>, modes: &[&str]) -> Result<String, ProfileError> {
    let profile = file.with_modes(modes)?;
    Ok(if modes.is_empty() {
        file.text().to_owned()
    } else {
        profile.raw().to_toml()
    })
}

fn check(spelled: &str) -> anyhow::Result<()> {
    let (sound, faults) = with_file(spelled, |file, modes| Ok(checked(file, modes)))?;
    if faults.is_empty() {
        return output::print(&format!("{spelled}: {}\n", sound.join("; ")));
    }
    Err(anyhow!("{}", faults.join("\n\nerror: "))).or_bad_input()
}

/// What is sound and what is not: the modes asked for together, or the base and every mode alone.
fn checked(file: &ProfileFile<'_>, modes: &[&str]) -> (Vec<String>, Vec<String>) {
    let (mut sound, mut faults) = (Vec::new(), Vec::new());
    let mut base_fault = None;
    match file.with_modes(modes) {
        Ok(profile) => sound.push(format!("{} is a sound profile", profile.name())),
        Err(fault) => {
            faults.push(fault.to_string());
            base_fault = Some(fault);
        }
    }
    let alone = if modes.is_empty() {
        file.modes()
    } else {
        Vec::new()
    };
    for mode in alone {
        match file.with_modes(&[&mode.name]) {
            Ok(_) => sound.push(format!("so is its mode {}", mode.name)),
            // A fault of the base is a fault of all its modes.
            Err(fault) if Some(&fault) == base_fault.as_ref() => {}
            Err(fault) => faults.push(format!("in mode `{}`: {fault}", mode.name)),
        }
    }
    (sound, faults)
}

fn new(name: &str, from: &str, out: Option<&Path>) -> anyhow::Result<()> {
    let is_plain = |c: char| c.is_alphanumeric() || ['-', '_', '.'].contains(&c);
    check_that(
        !name.is_empty() && name.chars().all(is_plain),
        format!("`{name}` is not a name for a profile: expected letters, digits, `-`, `_` and `.`"),
    )?;
    let text = starter(name, load(from)?.raw());
    match out {
        None => output::print(&text),
        Some(path) => {
            ensure_new(path)?;
            write_atomically(path, text.as_bytes())
        }
    }
}

/// Refuses a file that is there: people edit profiles.
pub(super) fn ensure_new(path: &Path) -> anyhow::Result<()> {
    check_that(
        !path.exists(),
        format!("{} exists already; choose another file", path.display()),
    )
}

fn check_that(holds: bool, message: String) -> anyhow::Result<()> {
    let checked = || {
        ensure!(holds, message);
        Ok(())
    };
    checked().or_bad_input()
}

fn diff(a: &Profile, b: &Profile, json: bool) -> anyhow::Result<()> {
    let record = ProfileDiffRecord::new(a, b)?;
    if json {
        output::print_record(&record)
    } else {
        output::print(&record.text())
    }
}

#[cfg(feature = "validate")]
fn measure_host(out: Option<&Path>) -> anyhow::Result<()> {
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
