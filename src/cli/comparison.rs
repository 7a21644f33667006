//! What commands share that train several networks and compare them.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::num::NonZeroU64;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, anyhow, bail, ensure};

use super::exit::{Interrupted, OrBadInput};
use super::workers;
use crate::comparison::{ComparisonError, Entrant, Protocol, Run, open, train_all};
use crate::data::{Dataset, Split};
use crate::lock::try_lock;
use crate::report::Console;
use crate::train::Training;

/// How often a training keeps its state, in seconds: what an interruption loses at most.
const STATE_EVERY_S: f64 = 30.0;

/// The protocol of trainings like `training` on `set`; refuses what the workers would refuse later.
pub(super) fn protocol(
    training: Training,
    set: &Dataset,
    seeds: NonZeroU64,
    workers: &workers::Args,
    folder: &Path,
) -> anyhow::Result<Protocol> {
    check(&training, set)?;
    Ok(Protocol {
        tasks: training.tasks.clone(),
        training,
        seeds: seeds.get(),
        threads: workers.threads().get(),
        state_every_s: STATE_EVERY_S,
        folder: folder.to_owned(),
    })
}

fn check(training: &Training, set: &Dataset) -> anyhow::Result<()> {
    ensure!(
        training.recipe.steps > 0,
        "--steps is 0, expected 1 or more"
    );
    if let Some(problem) = training.recipe.problem() {
        bail!("{problem}");
    }
    let data = &training.data;
    training.options().check()?;
    if let Some(lacks) = set.contents().lacks(&training.tasks) {
        bail!("--data {} {lacks}", data.name);
    }
    for (option, split, asked) in [
        ("--train-samples", Split::Train, data.train),
        (
            "--validation-samples",
            data.judged_on.split(),
            data.validation,
        ),
    ] {
        let most = set.len(split);
        ensure!(
            (1..=most).contains(&asked),
            "{option} is {asked}, expected 1 to {most}, as many as {} has",
            data.name
        );
    }
    Ok(())
}

/// Makes the folder of results, and keeps a second process out of it as long as the file is open.
pub(super) fn lock(output: &Path) -> anyhow::Result<File> {
    let folder = output.display();
    fs::create_dir_all(output)
        .with_context(|| format!("cannot make the folder {folder}"))
        .or_bad_input()?;
    let lock = File::create(output.join(".lock"));
    let lock = lock
        .with_context(|| format!("cannot write in {folder}"))
        .or_bad_input()?;
    match try_lock(&lock) {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(anyhow!(
            "{folder} is in use by another process; wait for it, or choose another folder with \
             --output"
        ))
        .or_bad_input(),
        Err(TryLockError::Error(error)) => Err(error).context(format!("cannot lock {folder}")),
    }
}

/// Has the runs done that are not yet, with a bar.
pub(super) fn train(
    protocol: &Protocol,
    runs: &mut [Run],
    entrants: &[Entrant],
    workers: &workers::Args,
    stop: &AtomicBool,
) -> anyhow::Result<()> {
    let console = Console::default();
    let known = runs.iter().filter(|run| run.outcome.is_some()).count();
    if known > 0 {
        let folder = protocol.folder.display();
        console.say(format!(
            "{folder}: {known} of {} trainings are done",
            runs.len()
        ));
    }
    if known == runs.len() {
        return Ok(());
    }
    let fleet = workers.start().or_bad_input()?;
    let open = open(runs).into_iter();
    let steps: usize = open.map(|run| runs[run].training.recipe.steps).sum();
    let bar = console.bar("training", steps as u64);
    let names: Vec<&str> = runs
        .iter()
        .map(|run| &*entrants[run.entrant].name)
        .collect();
    let done: Mutex<BTreeMap<usize, usize>> = Mutex::default();
    let watch = |run: usize, step: usize| {
        let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
        done.insert(run, step);
        bar.set_position(done.values().map(|&step| step as u64).sum());
        bar.set_message(names[run].to_owned());
    };
    let trained = train_all(protocol, runs, fleet.as_ref(), &watch, stop);
    bar.finish_and_clear();
    match trained {
        Ok(true) => Ok(()),
        Ok(false) => Err(Interrupted {
            remedy: "what is trained is kept, and the same command goes on from there".to_owned(),
        }
        .into()),
        Err(error) => {
            let setup = error.downcast_ref::<ComparisonError>();
            match setup.is_some_and(ComparisonError::is_setup) {
                true => Err(error).or_bad_input(),
                false => Err(error),
            }
        }
    }
}
