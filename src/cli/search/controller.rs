//! Who proposes: the arguments of all controllers, each refused where it means nothing.

use anyhow::{bail, ensure};
use clap::ValueEnum;

use crate::search::{Controller, Draws, Evolution, Local, Nsga2, Ppo, Random};

/// Arguments about the controller.
#[derive(clap::Args)]
#[group(skip)]
pub(super) struct Args {
    /// Who proposes candidates.
    #[arg(long, value_enum, default_value = "evolution")]
    controller: Name,

    /// evolution, nsga2: trials alive at a time, and uniform proposals to begin with [default: 100].
    #[arg(long, value_name = "N")]
    population: Option<usize>,

    /// evolution: draws per tournament [default: 25].
    #[arg(long, value_name = "N")]
    tournament: Option<usize>,

    /// evolution: whether a tournament may draw one trial twice [default: with-replacement].
    #[arg(long, value_enum)]
    draws: Option<DrawsName>,

    /// nsga2: the share of children with two parents [default: 0.9].
    #[arg(long, value_name = "SHARE")]
    crossover: Option<f64>,

    /// ppo: trials between updates [default: 20].
    #[arg(long, value_name = "N")]
    batch: Option<usize>,

    /// ppo: passes over a batch [default: 5].
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,

    /// ppo: how far a ratio may leave 1 [default: 0.2].
    #[arg(long, value_name = "SHARE")]
    clip: Option<f64>,

    /// ppo: the rate of Adam [default: 0.05, assumed].
    #[arg(long, value_name = "RATE")]
    policy_rate: Option<f64>,

    /// ppo: the weight of the entropy [default: 0.01, assumed].
    #[arg(long, value_name = "WEIGHT")]
    entropy: Option<f64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Name {
    /// Regularized evolution.
    Evolution,
    /// Uniform sampling.
    Random,
    /// A policy learned by proximal policy optimization.
    Ppo,
    /// NSGA-II, for several objectives.
    Nsga2,
    /// Hill climbing with restarts.
    Local,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DrawsName {
    /// As in the authors' notebook.
    WithReplacement,
    /// As in PyGlove.
    WithoutReplacement,
}

impl Args {
    /// The controller that was asked for.
    pub(super) fn controller(&self) -> anyhow::Result<Controller> {
        let controller = match self.controller {
            Name::Evolution => Controller::Evolution(self.evolution()),
            Name::Random => Controller::Random(Random),
            Name::Ppo => Controller::Ppo(self.ppo()),
            Name::Nsga2 => Controller::Nsga2(self.nsga2()),
            Name::Local => Controller::Local(Local),
        };
        self.check(&controller)?;
        Ok(controller)
    }

    fn evolution(&self) -> Evolution {
        let usual = Evolution::default();
        let draws = self.draws.map(|draws| match draws {
            DrawsName::WithReplacement => Draws::WithReplacement,
            DrawsName::WithoutReplacement => Draws::WithoutReplacement,
        });
        Evolution {
            population: self.population.unwrap_or(usual.population),
            tournament: self.tournament.unwrap_or(usual.tournament),
            draws: draws.unwrap_or(usual.draws),
        }
    }

    fn nsga2(&self) -> Nsga2 {
        let usual = Nsga2::default();
        Nsga2 {
            population: self.population.unwrap_or(usual.population),
            crossover: self.crossover.unwrap_or(usual.crossover),
        }
    }

    fn ppo(&self) -> Ppo {
        let usual = Ppo::default();
        Ppo {
            batch: self.batch.unwrap_or(usual.batch),
            epochs: self.epochs.unwrap_or(usual.epochs),
            clip: self.clip.unwrap_or(usual.clip),
            learning_rate: self.policy_rate.unwrap_or(usual.learning_rate),
            entropy: self.entropy.unwrap_or(usual.entropy),
        }
    }

    /// Refuses arguments of another controller, and values that none can use.
    fn check(&self, controller: &Controller) -> anyhow::Result<()> {
        let name = controller.name();
        let given: [(&str, bool, &[&str]); 9] = [
            (
                "--population",
                self.population.is_some(),
                &["evolution", "nsga2"],
            ),
            ("--tournament", self.tournament.is_some(), &["evolution"]),
            ("--draws", self.draws.is_some(), &["evolution"]),
            ("--crossover", self.crossover.is_some(), &["nsga2"]),
            ("--batch", self.batch.is_some(), &["ppo"]),
            ("--epochs", self.epochs.is_some(), &["ppo"]),
            ("--clip", self.clip.is_some(), &["ppo"]),
            ("--policy-rate", self.policy_rate.is_some(), &["ppo"]),
            ("--entropy", self.entropy.is_some(), &["ppo"]),
        ];
        for (argument, is_given, owners) in given {
            if is_given && !owners.contains(&name) {
                let owners = owners.join(" and ");
                bail!("{argument} is for {owners}, but the controller is {name}; leave it out");
            }
        }
        let population_min = if name == "nsga2" { 2 } else { 1 };
        at_least("--population", self.population, population_min)?;
        at_least("--tournament", self.tournament, 1)?;
        at_least("--batch", self.batch, 2)?;
        at_least("--epochs", self.epochs, 1)?;
        within("--crossover", self.crossover, 0.0..=1.0)?;
        within("--clip", self.clip, f64::MIN_POSITIVE..=f64::MAX)?;
        within(
            "--policy-rate",
            self.policy_rate,
            f64::MIN_POSITIVE..=f64::MAX,
        )?;
        within("--entropy", self.entropy, 0.0..=f64::MAX)
    }
}

fn at_least(argument: &str, given: Option<usize>, least: usize) -> anyhow::Result<()> {
    let found = given.unwrap_or(least);
    ensure!(
        found >= least,
        "{argument} is {found}, expected {least} or more"
    );
    Ok(())
}

fn within(
    argument: &str,
    given: Option<f64>,
    range: std::ops::RangeInclusive<f64>,
) -> anyhow::Result<()> {
    let Some(found) = given else { return Ok(()) };
    ensure!(
        range.contains(&found),
        "{argument} is {found}, expected {}",
        match (*range.start(), *range.end()) {
            (0.0, 1.0) => "a number from 0 to 1",
            (0.0, _) => "0 or a number above",
            _ => "a number above 0",
        }
    );
    Ok(())
}
