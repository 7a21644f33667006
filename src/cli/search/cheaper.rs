//! What is done to spend less on trainings: the arguments, each refused where it means nothing.

use std::num::NonZeroUsize;

use anyhow::{Context, ensure};

use crate::search::{Cheaper, Rungs};

/// Proposals per trial where a predictor picks one.
const CANDIDATES: NonZeroUsize = NonZeroUsize::new(16).expect("16 is not 0");

/// One trial in so many goes on at a rung where nothing is said.
const HALF: NonZeroUsize = NonZeroUsize::new(2).expect("2 is not 0");

/// Arguments about cheaper evaluations.
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Args {
    /// With --evaluator train: successive halving (ASHA). Trainings are interrupted after these
    /// steps and only the best go on, such as `25,100,400`; the last is the whole training, in place
    /// of --steps.
    #[arg(long, value_name = "N,N,...", value_delimiter = ',', conflicts_with_all = ["steps", "inherit"])]
    rungs: Vec<usize>,

    /// With --rungs: the share of trials that goes on, or one for each rung, such as `1/2,1/4`
    /// [default: 1/2].
    #[arg(long, value_name = "1/N", value_delimiter = ',', value_parser = share, requires = "rungs")]
    keep: Vec<NonZeroUsize>,

    /// With --rungs: a trial that was stopped is taken up again, as a trial of its own, when it has
    /// become one of the best at its rung. The weights of all that are stopped stay beside the journal.
    #[arg(long, requires = "rungs")]
    promote: bool,

    /// With --evaluator train: a child starts from the weights of its parent, as far as they fit, and
    /// is trained for fewer steps.
    #[arg(long)]
    inherit: bool,

    /// With --inherit: the steps of a child [default: a quarter of --steps].
    #[arg(long, value_name = "N", requires = "inherit")]
    inherit_steps: Option<NonZeroUsize>,

    /// The controller makes several proposals per trial, and a predictor of values, fitted to the
    /// trials so far, picks one; the first, while its rank correlation is 0.2 or less.
    #[arg(long)]
    predictor: bool,

    /// With --predictor: proposals per trial [default: 16].
    #[arg(long, value_name = "K", requires = "predictor")]
    candidates: Option<NonZeroUsize>,
}

impl Args {
    /// What is asked for, of trainings of `steps` steps; none where candidates are not trained.
    pub(super) fn cheaper(&self, is_trained: bool, steps: usize) -> anyhow::Result<Cheaper> {
        let trains = !self.rungs.is_empty() || self.inherit;
        ensure!(
            is_trained || !trains,
            "--rungs and --inherit make trainings cheaper; use --evaluator train, or leave them out"
        );
        let candidates = self
            .predictor
            .then(|| self.candidates.unwrap_or(CANDIDATES));
        let inherit_steps = self.inherit.then(|| {
            let quarter = steps.div_ceil(4);
            self.inherit_steps.map_or(quarter, NonZeroUsize::get)
        });
        Ok(Cheaper {
            rungs: self.rungs()?,
            candidates,
            inherit_steps,
        })
    }

    fn rungs(&self) -> anyhow::Result<Option<Rungs>> {
        let Some((last, before)) = self.rungs.split_last() else {
            return Ok(None);
        };
        let keep = match self.keep[..] {
            [] => &[HALF],
            _ => &self.keep[..],
        };
        let rungs = Rungs::new(before.to_vec(), keep).context("--rungs")?;
        let highest = rungs.steps().last().copied().unwrap_or(0);
        ensure!(
            *last > highest,
            "--rungs: the whole training has {last} steps, expected more than {highest}"
        );
        Ok(Some(match self.promote {
            true => rungs.promoting(),
            false => rungs,
        }))
    }

    /// Steps of a whole training, where the rungs say it.
    pub(super) fn steps(&self) -> Option<usize> {
        self.rungs.last().copied()
    }
}

/// Parses `1/3`.
fn share(text: &str) -> Result<NonZeroUsize, String> {
    let number = text.strip_prefix("1/").and_then(|n| n.trim().parse().ok());
    number
        .filter(|n: &NonZeroUsize| n.get() > 1)
        .ok_or_else(|| format!("`{text}` is no share; expected 1/2, 1/3, 1/4 or so"))
}
