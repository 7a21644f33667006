//! `ednas compare`: measured latencies beside simulated ones.

use std::path::PathBuf;

use super::exit::OrBadInput;
use super::{output, profile};
use crate::compare::Comparison;
use crate::measured::{Case, Machines, MeasuredError, Models, cases, read};
use crate::report::compare::CompareRecord;
use crate::report::estimate::Shown;
use crate::report::write_atomically;

/// Arguments of `ednas compare`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The measurements: a row each, with the columns `model_file` and `latency_ms` at least.
    #[arg(value_name = "MEASURED.csv")]
    measured: PathBuf,

    /// The folder of the model files that the measurements name, in any folder below it.
    #[arg(long, value_name = "DIR")]
    models: PathBuf,

    /// The accelerator, in the modes that each row means, or in those that are given [default: the
    /// one that ships with ednas and has words for the row's device].
    #[arg(long, value_name = "PROFILE[:MODE+MODE]")]
    profile: Option<String>,

    /// Which measurements get a row in the table: `all`, those of the largest error (`top=20`), or
    /// `none`.
    #[arg(long, value_name = "all|none|top=N", default_value = "all")]
    rows: Shown,

    /// Write a page: plots, figures, what the largest errors are bound by.
    #[arg(long, value_name = "FILE.html")]
    page: Option<PathBuf>,

    /// Print one `ednas.compare/1` record instead of tables.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let comparison = Comparison::new(read_cases(args)?);
    let record = CompareRecord::new(&args.measured.display().to_string(), &comparison);
    if let Some(path) = &args.page {
        write_atomically(path, record.page().as_bytes())?;
        eprintln!("wrote {}", path.display());
    }
    if args.json {
        output::print_record(&record)
    } else {
        output::print(&record.text(args.rows))
    }
}

/// The measurements with their machines and networks.
fn read_cases(args: &Args) -> anyhow::Result<Vec<Case>> {
    let rows = read(&args.measured).or_bad_input()?;
    let models = Models::new(&args.models).or_bad_input()?;
    let bring = |machines: &Machines<'_>| cases(rows, machines, &models);
    let brought: Result<Vec<Case>, MeasuredError> = match &args.profile {
        None => Machines::shipped()
            .map_err(MeasuredError::from)
            .and_then(|all| bring(&all)),
        Some(spelled) => profile::with_file(spelled, |file, modes| {
            let modes = modes.iter().map(|mode| (*mode).to_owned()).collect();
            Ok(bring(&Machines::only(file.clone(), modes)))
        })?,
    };
    brought.or_bad_input()
}
