//! What searches found: from a journal, as given, or by a search of its own.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, anyhow};
use clap::Parser;
use serde_json::json;

use super::Args;
use crate::cli::exit::OrBadInput;
use crate::cli::search;
use crate::cli::study::blame;
use crate::space::ednas::FusedDefinition;
use crate::space::{Model, SpaceFile};
use crate::study::{self, ranking};
use crate::task::Task;

/// The arguments of a search by themselves.
#[derive(Parser)]
#[command(name = "search", no_binary_name = true)]
struct Searching {
    #[command(flatten)]
    args: search::Args,
}

impl Args {
    /// The network that a search for `tasks` found; nothing where none was asked for.
    pub(super) fn found(
        &self,
        given: Option<&str>,
        tasks: &[Task],
        stop: &AtomicBool,
    ) -> anyhow::Result<Option<String>> {
        match (given, self.search_trials) {
            (Some(text), _) => given_network(text, tasks).map(Some),
            (None, Some(trials)) => self.searched(trials.get(), tasks, stop).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// Searches for `tasks`, or goes on where that was cut off.
    fn searched(&self, trials: u64, tasks: &[Task], stop: &AtomicBool) -> anyhow::Result<String> {
        let tasks: Vec<&str> = tasks.iter().map(|task| task.name()).collect();
        let journal = self
            .output
            .join(format!("search-{}.journal", tasks.join("-")));
        let journal = journal
            .to_str()
            .context("the folder's name is not UTF-8")
            .or_bad_input()?;
        let [height, width] = self.size;
        let mut words: Vec<String> = Vec::new();
        for (name, value) in [
            ("--tasks", tasks.join(",")),
            ("--trials", trials.to_string()),
            ("--steps", self.search_steps.to_string()),
            ("--journal", journal.to_owned()),
            ("--profile", self.profile.clone()),
            ("--size", format!("{height}x{width}")),
            ("--data", self.data.clone()),
            ("--train-samples", self.train_samples.to_string()),
            ("--validation-samples", self.validation_samples.to_string()),
            ("--seed", self.seed.to_string()),
            ("--evaluator", "train".to_owned()),
        ] {
            words.extend([name.to_owned(), value]);
        }
        let searching = Searching::try_parse_from(words).or_bad_input()?;
        let mut args = searching.args;
        args.workers = self.workers.clone();
        let record = search::find(&args, stop)?;
        let best = record.best.context("the search found no network")?;
        Ok(best.genome)
    }
}

/// What a search for `tasks` found: the best network of its journal, or the network that `text`
/// names or spells.
pub(in crate::cli) fn given_network(text: &str, tasks: &[Task]) -> anyhow::Result<String> {
    match Path::new(text).is_file() {
        true => of_journal(text, tasks),
        false => named(text).or_bad_input(),
    }
}

/// The best network of the journal of a search for `tasks`.
fn of_journal(path: &str, tasks: &[Task]) -> anyhow::Result<String> {
    let recorded = blame(study::read(Path::new(path)))?;
    if let Some(found) = recorded.header.attributes().get("tasks")
        && *found != json!(tasks)
    {
        let expected: Vec<&str> = tasks.iter().map(|task| task.name()).collect();
        return Err(anyhow!(
            "{path} is of a search for {found}, expected one for {}",
            expected.join(",")
        ))
        .or_bad_input();
    }
    let goals = recorded.header.goals();
    let best = goals
        .first()
        .and_then(|first| ranking(&recorded.history, first).first().copied());
    let best = best
        .with_context(|| format!("{path}: no trial is complete yet"))
        .or_bad_input()?;
    let genome = recorded.space.text(&recorded.history.trials()[best].genome);
    let shipped = SpaceFile::genome(&genome).map_err(|error| {
        anyhow!(
            "{path} is of a space that does not ship ({error}); give its best genome in place of the \
             journal, with the space's file in front: FILE/BODY"
        )
    });
    shipped.or_bad_input()?;
    Ok(genome)
}

/// The network that `text` names or spells; named ones as genomes, so that they show what they are.
fn named(text: &str) -> anyhow::Result<String> {
    let model = Model::parse(text, FusedDefinition::default())
        .with_context(|| format!("{text} is neither the journal of a search nor a network"))?;
    Ok(match SpaceFile::is_genome(text) {
        true => text.to_owned(),
        false => model.genome,
    })
}
