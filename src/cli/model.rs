//! `ednas model`: what networks are made of.

use clap::Subcommand;
use kernels::op::Coordinates;

use super::exit::OrBadInput;
use super::options::{ImageOptions, ModelOptions};
use super::output;
use crate::report::model::ModelRecord;
use crate::report::models::ModelsRecord;
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
    /// Print the networks that have a name: what they are, parameters, MACs and FLOPs.
    List {
        #[command(flatten)]
        image: ImageOptions,

        /// Print one `ednas.models/1` record instead of a table.
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    match &args.command {
        Command::Show { options, json } => show(options, *json),
        Command::List { image, json } => list(image, *json),
    }
}

fn list(image: &ImageOptions, json: bool) -> anyhow::Result<()> {
    image.without_shapes("a list of names").or_bad_input()?;
    let options = image.network(Upsampling::bilinear(Coordinates::Asymmetric));
    let record = ModelsRecord::new(&options).or_bad_input()?;
    match json {
        true => output::print_record(&record),
        false => output::print(&record.table()),
    }
}

fn show(options: &ModelOptions, json: bool) -> anyhow::Result<()> {
    let record = match options.file()? {
        Some(network) => ModelRecord::of_networks(&options.model, &[network]),
        None => {
            let networks = options.networks(Upsampling::bilinear(Coordinates::Asymmetric))?;
            ModelRecord::new(&options.model()?, &options.image.tasks(), &networks)
        }
    };
    if json {
        output::print_record(&record)
    } else {
        output::print(&record.table())
    }
}
