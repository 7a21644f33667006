//! `ednas map`: which operators of a network an accelerator takes, and why not the rest.

use super::options::{ModelOptions, PrecisionName};
use super::{estimate, output, profile};
use crate::report::map::MapRecord;

/// Arguments of `ednas map`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    options: ModelOptions,

    /// The accelerator: a name that `ednas profile list` knows, or a TOML file.
    #[arg(long, value_name = "NAME|FILE.toml")]
    profile: String,

    /// The element sizes [default: int8; a file's own].
    #[arg(long, value_enum)]
    precision: Option<PrecisionName>,

    /// Print one `ednas.map/1` record instead of a listing.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let profile = profile::load(&args.profile)?;
    let precision = args.options.precision(args.precision);
    let programs = estimate::programs(&args.options, &profile, precision)?;
    let record = MapRecord::new(&args.options.model, &profile, &programs);
    if args.json {
        output::print_record(&record)
    } else {
        output::print(&record.text())
    }
}
