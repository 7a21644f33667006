//! `ednas compare`: measured latencies beside simulated ones.

use std::path::PathBuf;

use anyhow::ensure;
use hwmodels::profile::Setup;

use super::exit::OrBadInput;
use super::{output, profile};
use crate::compare::Comparison;
use crate::measured::{
    Format, Imported, Layered, Machines, MeasuredError, Measurement, Model, Models, cases, import,
};
use crate::report::compare::{CompareRecord, LayersRecord};
use crate::report::estimate::Shown;
use crate::report::write_atomically;

/// Arguments of `ednas compare`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The measurements: a CSV with the columns `model_file` and `latency_ms` at least, or what a
    /// tool of the board printed.
    #[arg(value_name = "MEASURED")]
    measured: PathBuf,

    /// The folder of the model files that the measurements name, in any folder below it.
    #[arg(long, value_name = "DIR")]
    models: PathBuf,

    /// The accelerator, in the modes that each row means, or in those that are given [default: the
    /// one that ships with ednas and has words for the row's device].
    #[arg(long, value_name = "PROFILE[:MODE+MODE]")]
    profile: Option<String>,

    /// Who wrote the measurements: csv, litert (`benchmark_model`), edgetpu (its API's benchmarks),
    /// tract (a profile as JSON) or vela (`*_per-layer.csv`) [default: what they look like].
    #[arg(long)]
    format: Option<Format>,

    #[command(flatten)]
    told: Told,

    /// Which measurements get a row in the table: `all`, those of the largest error (`top=20`), or
    /// `none`.
    #[arg(long, value_name = "all|none|top=N", default_value = "all")]
    rows: Shown,

    /// Write a page: plots, figures, what the largest errors are bound by.
    #[arg(long, value_name = "FILE.html")]
    page: Option<PathBuf>,

    /// Print one `ednas.compare/1` record instead of tables; of layers, `ednas.compare-layers/1`.
    #[arg(long)]
    json: bool,
}

/// What the measurements leave open.
#[derive(Debug, clap::Args)]
struct Told {
    /// The device of rows that name none.
    #[arg(long, value_name = "TEXT", default_value = "")]
    device: String,

    /// The link of rows that name none.
    #[arg(long, value_name = "TEXT", default_value = "")]
    link: String,

    /// The host of rows that name none.
    #[arg(long, value_name = "TEXT", default_value = "")]
    host: String,

    /// The clock of rows that name none.
    #[arg(long, value_name = "TEXT", default_value = "")]
    clock: String,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let imported = import(&args.measured, args.format).or_bad_input()?;
    let models = Models::new(&args.models).or_bad_input()?;
    match imported {
        Imported::Rows(rows) => {
            let rows = rows
                .into_iter()
                .map(|row| args.told.complete(row))
                .collect();
            compare_rows(args, rows, &models)
        }
        Imported::Layers(layered) => compare_layers(args, &layered, &models),
    }
}

fn compare_rows(args: &Args, rows: Vec<Measurement>, models: &Models) -> anyhow::Result<()> {
    let brought = with_machines(args, |machines| cases(rows, machines, models))?;
    let comparison = Comparison::new(brought.or_bad_input()?);
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

fn compare_layers(args: &Args, layered: &Layered, models: &Models) -> anyhow::Result<()> {
    let tool = layered.format.name();
    let has_page = || {
        ensure!(
            args.page.is_none(),
            "--page shows whole networks; {tool} tells layers of one"
        );
        Ok(())
    };
    has_page().or_bad_input()?;
    let file = models
        .find(&layered.place, &layered.model_file)
        .or_bad_input()?;
    let model = Model::read(&file).or_bad_input()?;
    let setup = args.told.setup();
    let machine = with_machines(args, |machines| machines.machine(&layered.place, &setup))?;
    let record = LayersRecord::new(layered, &machine.or_bad_input()?, &model)
        .map_err(anyhow::Error::msg)
        .or_bad_input()?;
    if args.json {
        output::print_record(&record)
    } else {
        output::print(&record.text())
    }
}

/// Hands the machines to choose from to `then`.
fn with_machines<T>(
    args: &Args,
    then: impl FnOnce(&Machines<'_>) -> Result<T, MeasuredError>,
) -> anyhow::Result<Result<T, MeasuredError>> {
    match &args.profile {
        None => Ok(Machines::shipped()
            .map_err(MeasuredError::from)
            .and_then(|machines| then(&machines))),
        Some(spelled) => profile::with_file(spelled, |file, modes| {
            let modes = modes.iter().map(|mode| (*mode).to_owned()).collect();
            Ok(then(&Machines::only(file.clone(), modes)))
        }),
    }
}

impl Told {
    fn setup(&self) -> Setup<'_> {
        Setup {
            device: &self.device,
            link: &self.link,
            host: &self.host,
            clock: &self.clock,
        }
    }

    /// `row` with what it leaves open.
    fn complete(&self, mut row: Measurement) -> Measurement {
        for (own, told) in [
            (&mut row.device, &self.device),
            (&mut row.link, &self.link),
            (&mut row.host, &self.host),
            (&mut row.clock, &self.clock),
        ] {
            if own.is_empty() {
                own.clone_from(told);
            }
        }
        row
    }
}
