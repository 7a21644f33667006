//! `ednas study`: a search so far, read from its journal.

mod analyze;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Subcommand;
use serde::Serialize;

use super::exit::OrBadInput;
use super::output;
use crate::report::study::{
    AnalysisRecord, BestRecord, DiffRecord, ExportRecord, ParetoRecord, PlotRecord, StudyRecord,
    analysis_page, csv, json, page,
};
use crate::report::write_atomically;
use crate::study::{self, Objective, Recorded, StudyError};

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

/// All of them read: a search may go on writing meanwhile.
#[derive(Subcommand)]
enum Command {
    /// Print the settings, how trials ended, the best one and the Pareto front.
    Show {
        #[command(flatten)]
        study: StudyOptions,
    },
    /// Print the best trials, what was measured of them, and how to go on with their genomes.
    Best {
        #[command(flatten)]
        study: StudyOptions,

        /// How many trials.
        #[arg(long, value_name = "K", default_value = "1")]
        top: NonZeroUsize,

        /// The objective to rank by; the first one by default.
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    /// Print the trials that no other beats in all objectives; behind a reward, in accuracy and
    /// latency.
    Pareto {
        #[command(flatten)]
        study: StudyOptions,
    },
    /// Say what the best genomes have in common, decision by decision, beside all evaluated ones.
    Analyze {
        /// The journal of a search; or genomes and names (ednas-t6, ednas-t7) of networks of the EDNAS
        /// space, which are then analyzed together.
        #[arg(value_name = "JOURNAL|GENOME", required = true)]
        what: Vec<String>,

        /// How many trials count as the best [default: a tenth of the complete ones, 1 at least].
        #[arg(long, value_name = "K")]
        top: Option<NonZeroUsize>,

        /// The objective to rank by; the first one by default.
        #[arg(long, value_name = "NAME")]
        by: Option<String>,

        /// Draw a page too, a panel per decision.
        #[arg(short, long, value_name = "FILE.html")]
        output: Option<PathBuf>,

        /// Print one `ednas.study.analysis/1` record instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Draw the study as a page: the best so far, the front, how trials ended, what good ones are
    /// made of.
    Plot {
        #[command(flatten)]
        study: StudyOptions,

        /// Where to write the page.
        #[arg(short, long, value_name = "FILE.html", default_value = "study.html")]
        output: PathBuf,
    },
    /// Write all trials to a file, one a row.
    Export {
        #[command(flatten)]
        study: StudyOptions,

        /// Where to write; its ending says how.
        #[arg(short, long, value_name = "FILE.csv|FILE.json")]
        output: PathBuf,
    },
    /// Compare two studies: settings, best trials, fronts.
    Diff {
        /// The journal of a search.
        #[arg(value_name = "A")]
        a: PathBuf,

        /// The journal of another one.
        #[arg(value_name = "B")]
        b: PathBuf,

        /// Print one `ednas.study.diff/1` record instead of tables.
        #[arg(long)]
        json: bool,
    },
}

#[derive(clap::Args)]
struct StudyOptions {
    /// The journal of a search, running or not.
    journal: PathBuf,

    /// Print one record instead of text.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    match &args.command {
        Command::Show { study } => {
            let record = StudyRecord::new(&study.journal, &study.read()?);
            print(study.json, &record, StudyRecord::text)
        }
        Command::Best { study, top, by } => {
            let recorded = study.read()?;
            let objective = objective(&recorded, by.as_deref()).or_bad_input()?;
            let record = BestRecord::new(&study.journal, &recorded, &objective, top.get());
            print(study.json, &record, BestRecord::text)
        }
        Command::Pareto { study } => {
            let record = ParetoRecord::new(&study.journal, &study.read()?);
            print(study.json, &record, ParetoRecord::text)
        }
        Command::Analyze {
            what,
            top,
            by,
            output,
            json,
        } => {
            let record = analyze::record(what, *top, by.as_deref())?;
            if let Some(output) = output {
                write_atomically(output, analysis_page(&record).as_bytes())?;
            }
            print(*json, &record, AnalysisRecord::text)
        }
        Command::Plot { study, output } => {
            let recorded = study.read()?;
            write_atomically(output, page(&study.journal, &recorded).as_bytes())?;
            let record = PlotRecord::new(&study.journal, &recorded, output);
            print(study.json, &record, PlotRecord::text)
        }
        Command::Export { study, output } => export(study, output),
        Command::Diff { a, b, json } => {
            let (in_a, in_b) = (read(a)?, read(b)?);
            print(
                *json,
                &DiffRecord::new((a, &in_a), (b, &in_b)),
                DiffRecord::text,
            )
        }
    }
}

fn export(study: &StudyOptions, output: &Path) -> anyhow::Result<()> {
    let write: fn(&Recorded) -> anyhow::Result<Vec<u8>> =
        match output.extension().and_then(|e| e.to_str()) {
            Some("csv") => csv,
            Some("json") => json,
            Some(_) | None => {
                let problem =
                    "is neither .csv nor .json; the ending of --output says what is written";
                return Err(anyhow!("{} {problem}", output.display())).or_bad_input();
            }
        };
    let recorded = study.read()?;
    write_atomically(output, &write(&recorded)?)?;
    let record = ExportRecord::new(&study.journal, &recorded, output);
    print(study.json, &record, ExportRecord::text)
}

/// The objective called `name`, or the first one.
fn objective(recorded: &Recorded, name: Option<&str>) -> anyhow::Result<Objective> {
    let mut goals: Vec<Objective> = recorded.header.goals().into_iter().collect();
    let mut also = recorded.header.trade_off(&recorded.history);
    also.retain(|objective| goals.iter().all(|goal| goal.name != objective.name));
    goals.append(&mut also);
    let found = match name {
        None => goals.first(),
        Some(name) => goals.iter().find(|goal| goal.name == name),
    };
    let known: Vec<&str> = goals.iter().map(|goal| &*goal.name).collect();
    found.cloned().ok_or_else(|| {
        let asked = name.unwrap_or_default();
        anyhow!(
            "the study has no objective `{asked}`; it has {}",
            known.join(", ")
        )
    })
}

fn print<R: Serialize>(json: bool, record: &R, text: fn(&R) -> String) -> anyhow::Result<()> {
    match json {
        true => output::print_record(record),
        false => output::print(&text(record)),
    }
}

impl StudyOptions {
    fn read(&self) -> anyhow::Result<Recorded> {
        read(&self.journal)
    }
}

fn read(journal: &Path) -> anyhow::Result<Recorded> {
    blame(study::read(journal))
}

/// Tells the journals that a user must mend or replace from failures of the system.
pub(super) fn blame<T>(result: Result<T, StudyError>) -> anyhow::Result<T> {
    match result {
        Err(error) if error.is_bad_input() => Err(error).or_bad_input(),
        Ok(_) | Err(_) => Ok(result?),
    }
}
