//! `ednas study`: a search so far, read from its journal.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::exit::OrBadInput;
use super::output;
use crate::report::study::StudyRecord;
use crate::study::{self, StudyError};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print the settings, how trials ended, the best one and the Pareto front.
    Show {
        /// The journal of a search, running or not.
        journal: PathBuf,

        /// Print one `ednas.study/1` record instead of a table.
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    match &args.command {
        Command::Show { journal, json } => show(journal, *json),
    }
}

fn show(journal: &Path, json: bool) -> anyhow::Result<()> {
    let recorded = blame(study::read(journal))?;
    let record = StudyRecord::new(journal, &recorded);
    if json {
        output::print_record(&record)
    } else {
        output::print(&record.text())
    }
}

/// Tells the journals that a user must mend or replace from failures of the system.
pub(super) fn blame<T>(result: Result<T, StudyError>) -> anyhow::Result<T> {
    match result {
        Err(error) if error.is_bad_input() => Err(error).or_bad_input(),
        Ok(_) | Err(_) => Ok(result?),
    }
}
