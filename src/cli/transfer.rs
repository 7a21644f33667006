//! `ednas transfer`: networks found for one task each against one found for all, trained alike.

pub(super) mod found;

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use anyhow::anyhow;
use hwmodels::profile::Profile;

use super::exit::{OrBadInput, stop_on_interrupt};
use super::{comparison, options, output, profile, workers};
use crate::comparison::{Costs, Entrant, Protocol, compare, costs};
use crate::data::Dataset;
use crate::deploy::Target;
use crate::report::transfer::TransferRecord;
use crate::space::ednas::FusedDefinition;
use crate::task::Task;
use crate::train::{DataChoice, Judged, Recipe, Training};

/// Arguments of `ednas transfer`.
#[derive(clap::Args)]
#[command(args_override_self = true)]
pub(super) struct Args {
    /// What a search for segmentation alone found: its journal, or a network by name or genome.
    #[arg(long, value_name = "JOURNAL|GENOME")]
    seg: Option<String>,

    /// What a search for depth alone found.
    #[arg(long, value_name = "JOURNAL|GENOME")]
    depth: Option<String>,

    /// What a search for surface normals alone found.
    #[arg(long, value_name = "JOURNAL|GENOME")]
    normals: Option<String>,

    /// What a search for all the tasks found.
    #[arg(long, value_name = "JOURNAL|GENOME")]
    joint: Option<String>,

    /// The tasks that all networks are trained on.
    #[arg(long, value_delimiter = ',', default_value = "seg,depth")]
    tasks: Vec<Task>,

    /// Search for what is not given, with so many trials each; the journals lie in the folder.
    #[arg(long, value_name = "N")]
    search_trials: Option<NonZeroU64>,

    /// With --search-trials: steps that a candidate is trained.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 100,
        requires = "search_trials"
    )]
    search_steps: u64,

    /// The machine of the latencies, which the networks are built for.
    #[arg(long, value_name = "PROFILE", default_value = "coral-edgetpu")]
    profile: String,

    /// Height and width of the image, multiples of 128: `128` or `256x512`.
    #[arg(long, value_name = "SIZE", default_value = "128", value_parser = options::size)]
    size: [usize; 2],

    /// The data set.
    #[arg(long, default_value = "scenes")]
    data: String,

    /// Samples of the training split.
    #[arg(long, value_name = "N", default_value_t = 512)]
    train_samples: usize,

    /// Samples that networks are judged on: of the validation split where searches choose, of the
    /// test split in the table.
    #[arg(long, value_name = "N", default_value_t = 64)]
    validation_samples: usize,

    /// Optimizer steps of every training.
    #[arg(long, value_name = "N", default_value_t = 800)]
    steps: usize,

    /// Images per step.
    #[arg(long, value_name = "N", default_value_t = 8)]
    batch: usize,

    /// Trainings of each network, with seeds one after the other.
    #[arg(long, value_name = "K", default_value = "1")]
    seeds: NonZeroU64,

    /// The first seed, and that of the data.
    #[arg(long, default_value_t = 0)]
    seed: u64,

    /// Where results go; the same command goes on from there.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,

    #[command(flatten)]
    workers: workers::Args,

    /// Print one `ednas.transfer/1` record instead of a table.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let machine = profile::load(&args.profile).or_bad_input()?;
    let protocol = args.protocol(&machine).or_bad_input()?;
    let _lock = comparison::lock(&args.output)?;
    let stop = stop_on_interrupt()?;
    let entrants = args.entrants(&stop)?;
    let options = protocol.training.options();
    let priced = entrants
        .iter()
        .map(|entrant| costs(&entrant.network, entrant.alone, &machine, &options));
    let priced: Vec<Costs> = priced.collect::<Result<_, _>>().or_bad_input()?;
    let mut runs = protocol.runs(&entrants).or_bad_input()?;
    comparison::train(&protocol, &mut runs, &entrants, &args.workers, &stop)?;
    let compared = compare(&entrants, &runs)?;
    let how = (&*protocol.tasks, &protocol.training, protocol.seeds);
    let record = TransferRecord::new(machine.name(), how, &entrants, &priced, &compared);
    match args.json {
        true => output::print_record(&record),
        false => output::print(&record.text()),
    }
}

impl Args {
    /// How all networks are trained.
    fn protocol(&self, machine: &Profile) -> anyhow::Result<Protocol> {
        let mut tasks = self.tasks.clone();
        tasks.sort_unstable();
        tasks.dedup();
        let [height, width] = self.size;
        let set = Dataset::open(&self.data, height, width, self.seed)?;
        let training = Training {
            network: String::new(),
            fused: FusedDefinition::default(),
            tasks,
            classes: set.contents().classes.len(),
            height,
            width,
            upsampling: Target::of(machine).upsampling,
            data: DataChoice {
                name: self.data.clone(),
                seed: self.seed,
                train: self.train_samples,
                validation: self.validation_samples,
                judged_on: Judged::Test,
            },
            recipe: self.recipe(),
            seed: self.seed,
            start: None,
            inherit: None,
        };
        comparison::protocol(training, &set, self.seeds, &self.workers, &self.output)
    }

    /// How every network is trained.
    fn recipe(&self) -> Recipe {
        Recipe {
            batch_size: self.batch,
            ..Recipe::of_steps(self.steps)
        }
    }

    /// The baselines, and what was found for each task and for all.
    fn entrants(&self, stop: &AtomicBool) -> anyhow::Result<Vec<Entrant>> {
        let entrant = |name: &str, network: String, alone: bool| Entrant {
            name: name.to_owned(),
            network,
            alone,
            recipe: self.recipe(),
            over: 0,
        };
        let mut entrants = vec![
            entrant("ST edge", "mt-edge".to_owned(), true),
            entrant("MT edge", "mt-edge".to_owned(), false),
        ];
        for &task in &self.tasks {
            let given = match task {
                Task::Segmentation => &self.seg,
                Task::Depth => &self.depth,
                Task::Normals => &self.normals,
            };
            if let Some(network) = self.found(given.as_deref(), &[task], stop)? {
                entrants.push(entrant(&format!("NAS-{task} -> MT"), network, false));
            }
        }
        if let Some(network) = self.found(self.joint.as_deref(), &self.tasks, stop)? {
            entrants.push(entrant("joint", network, false));
        }
        for (task, given) in [
            (Task::Segmentation, &self.seg),
            (Task::Depth, &self.depth),
            (Task::Normals, &self.normals),
        ] {
            if given.is_some() && !self.tasks.contains(&task) {
                return Err(anyhow!(
                    "--{task} is given, but {task} is not among --tasks; add it"
                ))
                .or_bad_input();
            }
        }
        if entrants.len() == 2 {
            return Err(anyhow!(
                "nothing to compare: give journals or genomes with --seg, --depth, --normals or \
                 --joint, or have them searched for with --search-trials"
            ))
            .or_bad_input();
        }
        Ok(entrants)
    }
}
