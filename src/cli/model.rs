//! `ednas model`: what networks are made of.

use clap::Subcommand;
use kernels::op::Coordinates;

use super::options::ModelOptions;
use super::output;
use crate::report::model::ModelRecord;
use crate::space::ednas::Upsampling;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print layers, parameters, MACs and FLOPs.
    Show {
        #[command(flatten)]
        options: ModelOptions,

        /// Print one `ednas.model/1` record instead of a table.
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    match &args.command {
        Command::Show { options, json } => show(options, *json),
    }
}

fn show(options: &ModelOptions, json: bool) -> anyhow::Result<()> {
    let record = match options.file()? {
        Some(network) => ModelRecord::of_networks(&options.model, &[network]),
        None => {
            let networks = options.networks(Upsampling::bilinear(Coordinates::Asymmetric))?;
            ModelRecord::new(&options.model()?, &options.image.tasks, &networks)
        }
    };
    if json {
        output::print_record(&record)
    } else {
        output::print(&record.table())
    }
}
