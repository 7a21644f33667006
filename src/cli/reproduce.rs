//! `ednas reproduce`: a table of the EDNAS paper, with networks trained here.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::ValueEnum;
use hwmodels::profile::Profile;

use super::exit::{OrBadInput, stop_on_interrupt};
use super::transfer::found::given_network;
use super::{comparison, options, output, profile, workers};
use crate::comparison::{Compared, Costs, Entrant, Protocol, compare, costs};
use crate::data::{Contents, Dataset, Split};
use crate::deploy::Target;
use crate::report::reproduce::{Backbone, BackbonesRecord, ReproduceRecord, Setting, Trained};
use crate::report::write_atomically;
use crate::reproduce::{Network, Row, Scale, Table};
use crate::space::ednas::{FusedDefinition, NetworkOptions, named};
use crate::task::Task;
use crate::train::{DataChoice, Judged, Recipe, Training};

/// Height and width of the images that the paper counts FLOPs and measures latencies of.
const PRINTED_SIZE: [usize; 2] = [256, 256];

/// The tables of backbones, which take no training.
const BACKBONES: &str = "table6-7";

/// Arguments of `ednas reproduce`.
#[derive(clap::Args)]
#[command(args_override_self = true)]
pub(super) struct Args {
    /// table1 to table5, which are trained; or table6-7, the backbones.
    #[arg(value_name = "TABLE")]
    table: String,

    /// The data set [default: scenes, or scenes-indoor where normals are learned].
    #[arg(long)]
    data: Option<String>,

    /// How much of the experiment is run.
    #[arg(long, value_enum, default_value = "small")]
    scale: ScaleName,

    /// Trainings of each network, with seeds one after the other [default: what the scale says].
    #[arg(long, value_name = "K")]
    seeds: Option<NonZeroU64>,

    /// The first seed, and that of the data.
    #[arg(long, default_value_t = 0)]
    seed: u64,

    /// Optimizer steps of every training [default: what the scale says].
    #[arg(long, value_name = "N")]
    steps: Option<NonZeroUsize>,

    /// Height and width of the training's images, multiples of 128 [default: what the scale says].
    #[arg(long, value_name = "SIZE", value_parser = options::size)]
    size: Option<[usize; 2]>,

    /// JAReD's lambda; the paper does not say it.
    #[arg(long, value_name = "LAMBDA", default_value_t = 0.1)]
    lambda: f64,

    /// For table5: what a search for segmentation alone found, which the paper does not print: its
    /// journal, or a network by name or genome. The row is left out without it.
    #[arg(long, value_name = "JOURNAL|GENOME")]
    seg: Option<String>,

    /// The machine of the latencies, which the networks are built for.
    #[arg(long, value_name = "PROFILE", default_value = "coral-edgetpu")]
    profile: String,

    /// Stop after so long, such as `40m` or `12h`; the same command goes on.
    #[arg(long, value_name = "TIME", value_parser = workers::seconds)]
    budget: Option<u64>,

    /// Where trainings and tables go; the same command goes on from there, and tables share
    /// trainings.
    #[arg(short, long, value_name = "DIR", default_value = "reproduce")]
    output: PathBuf,

    #[command(flatten)]
    workers: workers::Args,

    /// Print one record instead of a table.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ScaleName {
    /// That the command works; nothing is learned.
    Demo,
    /// A quarter of an hour to three hours per table on two cores.
    Small,
    /// The paper's length, on a GPU.
    Full,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let machine = profile::load(&args.profile).or_bad_input()?;
    if args.table == BACKBONES {
        return args.backbones(&machine);
    }
    let table: Table = args.table.parse().or_bad_input()?;
    let protocol = args.protocol(table, &machine).or_bad_input()?;
    let rows = args.rows(table)?;
    let entrants = args.entrants(&rows, &protocol).or_bad_input()?;
    let options = printed_options(&machine, &protocol.tasks, protocol.training.classes);
    let priced = entrants
        .iter()
        .map(|entrant| costs(&entrant.network, entrant.alone, &machine, &options));
    let priced: Vec<Costs> = priced.collect::<Result<_, _>>().or_bad_input()?;
    let _lock = comparison::lock(&args.output)?;
    let stop = args.stop()?;
    let mut runs = protocol.runs(&entrants).or_bad_input()?;
    comparison::train(&protocol, &mut runs, &entrants, &args.workers, &stop)?;
    let compared = compare(&entrants, &runs)?;
    let setting = Setting {
        scale: args.scale(),
        profile: machine.name(),
        training: &protocol.training,
        lambda: args.lambda,
        seeds: protocol.seeds,
        slowest_ms: slowest_ms(&machine, &options)?,
    };
    let trained = spread(&rows, &entrants, &priced, &compared);
    let record = ReproduceRecord::new(table, setting, &trained);
    args.keep(&table.to_string(), &record, &record.text())?;
    match args.json {
        true => output::print_record(&record),
        false => output::print(&record.text()),
    }
}

/// A row of the table, and the network that stands in it; nothing where none does.
type Filled = (Row, Option<String>);

impl Args {
    fn scale(&self) -> Scale {
        match self.scale {
            ScaleName::Demo => Scale::DEMO,
            ScaleName::Small => Scale::SMALL,
            ScaleName::Full => Scale::FULL,
        }
    }

    fn rows(&self, table: Table) -> anyhow::Result<Vec<Filled>> {
        let fill = |row: Row| {
            let network = match row.network {
                Some(Network::Named(name)) => Some(name.to_owned()),
                Some(Network::Found(Task::Segmentation)) => match &self.seg {
                    Some(text) => Some(given_network(text, &[Task::Segmentation])?),
                    None => None,
                },
                Some(Network::Found(Task::Depth | Task::Normals)) | None => None,
            };
            Ok((row, network))
        };
        table.rows().into_iter().map(fill).collect()
    }

    /// What all trainings have in common.
    fn protocol(&self, table: Table, machine: &Profile) -> anyhow::Result<Protocol> {
        ensure!(
            self.lambda >= 0.0 && self.lambda.is_finite(),
            "--lambda is {}, expected 0 or more",
            self.lambda
        );
        let scale = self.scale();
        let tasks = table.tasks().to_vec();
        let [height, width] = self.size.unwrap_or_else(|| scale.size(&tasks));
        let drawn = match tasks.contains(&Task::Normals) {
            true => "scenes-indoor",
            false => "scenes",
        };
        let name = self.data.clone().unwrap_or_else(|| drawn.to_owned());
        let set = Dataset::open(&name, height, width, self.seed)?;
        let most = |split, wanted: usize| wanted.min(set.len(split));
        let steps = self.steps.map_or(scale.steps, NonZeroUsize::get);
        let training = Training {
            network: String::new(),
            fused: FusedDefinition::default(),
            tasks,
            classes: set.contents().classes.len(),
            height,
            width,
            upsampling: Target::of(machine).upsampling,
            data: DataChoice {
                train: most(Split::Train, scale.train),
                validation: most(Split::Test, scale.validation),
                judged_on: Judged::Test,
                name,
                seed: self.seed,
            },
            recipe: Recipe {
                batch_size: scale.batch,
                ..Recipe::of_steps(steps)
            },
            seed: self.seed,
            start: None,
            inherit: None,
        };
        let seeds = self.seeds.unwrap_or(scale.seeds);
        comparison::protocol(training, &set, seeds, &self.workers, &self.output)
    }

    /// The rows that are trained.
    fn entrants(&self, rows: &[Filled], protocol: &Protocol) -> anyhow::Result<Vec<Entrant>> {
        // The place among the entrants of a row.
        let place = |row: usize| rows[..row].iter().filter(|(_, n)| n.is_some()).count();
        let recipe = &protocol.training.recipe;
        let trained = rows.iter().filter_map(|(row, network)| {
            Some(Entrant {
                name: row.printed.name.to_owned(),
                network: network.clone()?,
                alone: row.alone,
                recipe: row.recipe(recipe.steps, recipe.batch_size, self.lambda),
                over: place(row.over),
            })
        });
        let entrants: Vec<Entrant> = trained.collect();
        ensure!(!entrants.is_empty(), "no row of {} is trained", self.table);
        Ok(entrants)
    }

    /// Set by Ctrl-C, and when the budget is spent.
    fn stop(&self) -> anyhow::Result<Arc<AtomicBool>> {
        let stop = stop_on_interrupt()?;
        if let Some(seconds) = self.budget {
            let flag = Arc::clone(&stop);
            thread::spawn(move || {
                thread::sleep(Duration::from_secs(seconds));
                flag.store(true, Ordering::Relaxed);
            });
        }
        Ok(stop)
    }

    /// Writes a record and its text beside the trainings.
    fn keep(&self, name: &str, record: &impl serde::Serialize, text: &str) -> anyhow::Result<()> {
        let mut json = serde_json::to_string_pretty(record).context("a record is plain data")?;
        json.push('\n');
        let scale = self.scale().name;
        let file = |ending: &str| self.output.join(format!("{name}-{scale}.{ending}"));
        write_atomically(&file("record"), json.as_bytes())?;
        write_atomically(&file("txt"), text.as_bytes())
    }

    /// Tables 6 and 7.
    fn backbones(&self, machine: &Profile) -> anyhow::Result<()> {
        let options = printed_options(
            machine,
            Table::Two.tasks(),
            Contents::street().classes.len(),
        );
        let mut backbones = Vec::new();
        for (name, printed) in [
            ("ednas-t6", (4.3, 4.1, 1.3, 14)),
            ("ednas-t7", (3.6, 2.5, 1.3, 11)),
        ] {
            let trunk = named::trunk(name, FusedDefinition::default());
            backbones.push(Backbone {
                name,
                trunk: trunk.with_context(|| format!("{name} is not named"))?,
                costs: costs(name, false, machine, &options)?,
                printed,
            });
        }
        let slowest_ms = slowest_ms(machine, &options)?;
        let record = BackbonesRecord::new(machine.name(), slowest_ms, &backbones);
        match self.json {
            true => output::print_record(&record),
            false => output::print(&record.text()),
        }
    }
}

/// The latency of a network per task, which speeds are relative to.
fn slowest_ms(machine: &Profile, options: &NetworkOptions) -> anyhow::Result<Option<f64>> {
    Ok(costs("mt-edge", true, machine, options)?.latency_ms)
}

fn printed_options(machine: &Profile, tasks: &[Task], classes: usize) -> NetworkOptions {
    NetworkOptions {
        size: PRINTED_SIZE,
        tasks: tasks.to_vec(),
        classes,
        upsampling: Target::of(machine).upsampling,
    }
}

/// What came of the entrants, at the places of their rows.
fn spread<'a>(
    rows: &[Filled],
    entrants: &'a [Entrant],
    priced: &[Costs],
    compared: &'a [Compared],
) -> Vec<Option<Trained<'a>>> {
    let mut trained = entrants.iter().zip(priced).zip(compared);
    let of_row = |(_, network): &Filled| {
        network.as_ref()?;
        let ((entrant, costs), compared) = trained.next()?;
        Some(Trained {
            network: &entrant.network,
            costs: *costs,
            compared,
        })
    };
    rows.iter().map(of_row).collect()
}
