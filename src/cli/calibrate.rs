//! `ednas calibrate`: a profile fitted to measurements.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use hwmodels::profile::{ProfileFile, split_modes};

use super::exit::OrBadInput;
use super::{output, profile};
use crate::calibrate::{Part, Setting, Told, fit, validate, written};
use crate::measured::{Case, Machines, Models, cases, read};
use crate::report::calibrate::CalibrateRecord;
use crate::report::{progress, write_atomically};
use crate::study::clock;

/// Arguments of `ednas calibrate`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The measurements, as `ednas compare` takes them; or, without `model_file`, stacks of layers that
    /// columns describe (`family`, `layers`, `net` and sizes).
    #[arg(value_name = "MEASURED.csv", required = true)]
    measured: Vec<PathBuf>,

    /// The folder of the model files that the measurements name, in any folder below it.
    #[arg(long, value_name = "DIR")]
    models: PathBuf,

    /// The accelerator; its `[calibration]` says what is free.
    #[arg(long, value_name = "NAME|FILE.toml")]
    profile: String,

    /// The fitted profile.
    #[arg(short, long, value_name = "FILE.toml")]
    output: PathBuf,

    /// Do not fit again without each network and each family: faster, and says nothing of networks that
    /// were not measured.
    #[arg(long)]
    no_validation: bool,

    /// Print one `ednas.calibrate/1` record instead of tables.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let text = text(&args.profile)?;
    let (name, _) = split_modes(&args.profile);
    if is_same_file(Path::new(name), &args.output) {
        return Err(anyhow!(
            "{} is the profile that the fit starts from; choose another file for --output",
            args.output.display()
        ))
        .or_bad_input();
    }
    let setting = Setting::new(&text, name, read_cases(args, &text, name)?).or_bad_input()?;
    let all: Vec<usize> = (0..setting.cases().len()).collect();
    let fitted = fit(&setting, &all);
    let mut validations = Vec::new();
    if !args.no_validation {
        for (part, what) in [(Part::Network, "network"), (Part::Family, "family")] {
            let bar = progress(
                &format!("fits without a {what}"),
                setting.parts(part).len() as u64,
            );
            validations.extend(validate(&setting, part, || bar.inc(1)));
            bar.finish_and_clear();
        }
    }
    let files: Vec<String> = args
        .measured
        .iter()
        .map(|file| {
            let name = file.file_name().unwrap_or_default();
            name.to_string_lossy().into_owned()
        })
        .collect();
    let record = CalibrateRecord::new(&setting, (name, &files), &fitted, &validations);
    let now = clock::now();
    let (date, _) = now.split_once('T').unwrap_or((&now, ""));
    let told = Told {
        data: format!("{} rows of {}", record.rows, files.join(" and ")),
        date: date.to_owned(),
        residual: record.residual(),
    };
    let profile = written(&setting, &fitted, &told)?;
    write_atomically(&args.output, profile.as_bytes())?;
    eprintln!("wrote {}", args.output.display());
    if args.json {
        output::print_record(&record)
    } else {
        output::print(&record.text())
    }
}

fn is_same_file(a: &Path, b: &Path) -> bool {
    matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}

/// The text of the profile that is spelled so.
fn text(spelled: &str) -> anyhow::Result<String> {
    profile::with_file(spelled, |file, _| Ok(file.text().to_owned()))
}

fn read_cases(args: &Args, text: &str, name: &str) -> anyhow::Result<Vec<Case>> {
    let mut rows = Vec::new();
    for file in &args.measured {
        rows.extend(read(file).or_bad_input()?);
    }
    let models = Models::new(&args.models).or_bad_input()?;
    let file = ProfileFile::parse(text, name).or_bad_input()?;
    let (_, modes) = split_modes(&args.profile);
    let modes = modes.into_iter().map(str::to_owned).collect();
    cases(rows, &Machines::only(file, modes), &models).or_bad_input()
}
