//! Controllers: who proposes the next genome, as machines of a state.
//!
//! The state is a fold over the trials that may be seen, in the order of their numbers
//! ([`State::tell`]). A proposal depends on the state, on which genomes were proposed before, and on
//! a random stream of the trial's own ([`State::ask`]). So a state that was kept and one that is
//! rebuilt from the history are equal, and so is what they propose. States hold the numbers of
//! trials rather than genomes and stay as small as the population, however long the study.

mod evolution;
mod fresh;
mod local;
mod nsga2;
pub(super) mod ppo;
mod random;
mod told;

use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

pub use evolution::{Draws, Evolution};
pub use local::Local;
pub use nsga2::Nsga2;
pub use ppo::Ppo;
pub use random::Random;

pub(super) use told::{Told, Worth};

use super::seeds;
use crate::space::{Genome, Space};
use crate::study::History;

/// How the next genome is chosen, and the settings of that.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "lowercase")]
pub enum Controller {
    /// Regularized evolution.
    Evolution(Evolution),
    /// Uniform sampling.
    Random(Random),
    /// A policy that learns by proximal policy optimization.
    Ppo(Ppo),
    /// NSGA-II, for several objectives at once.
    Nsga2(Nsga2),
    /// Hill climbing with restarts.
    Local(Local),
}

/// A genome to try next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Not proposed before, but where it takes up its parent again.
    pub genome: Genome,
    /// The trial that it descends from.
    pub parent: Option<usize>,
}

/// What a proposal may depend on beside the state of the controller.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask<'a> {
    /// The space to stay in.
    pub(super) space: &'a Space,
    /// Seed of the whole study.
    pub(super) seed: u64,
    /// Every trial proposed so far; their outcomes are not looked at.
    pub(super) history: &'a History,
    /// Which proposal for the trial this is, from 0.
    pub(super) turn: usize,
}

/// What a controller has learned: a fold over the trials it was told of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State(Kind);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Kind {
    Evolution(evolution::Population),
    Random(Random),
    Ppo(Box<ppo::Learner>),
    Nsga2(nsga2::Generations),
    Local(local::Climb),
}

impl Controller {
    /// Whether it takes several objectives.
    #[must_use]
    pub fn is_multi_objective(&self) -> bool {
        match self {
            Self::Nsga2(_) | Self::Random(_) => true,
            Self::Evolution(_) | Self::Ppo(_) | Self::Local(_) => false,
        }
    }

    /// Whether its proposals descend from trials that were trained, whose weights a child can start
    /// from. Those of NSGA-II may descend from infeasible ones.
    #[must_use]
    pub fn has_trained_parents(&self) -> bool {
        match self {
            Self::Evolution(_) | Self::Local(_) => true,
            Self::Nsga2(_) | Self::Random(_) | Self::Ppo(_) => false,
        }
    }

    /// Its name on the command line and in journals.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Evolution(_) => "evolution",
            Self::Random(_) => "random",
            Self::Ppo(_) => "ppo",
            Self::Nsga2(_) => "nsga2",
            Self::Local(_) => "local",
        }
    }

    /// Name and settings, as journals keep them.
    #[must_use]
    pub fn to_json(&self) -> Json {
        serde_json::to_value(self).expect("settings are numbers and words")
    }

    /// The state before the first trial.
    pub(super) fn start(&self, space: &Space) -> State {
        State(match *self {
            Self::Evolution(settings) => Kind::Evolution(evolution::Population::new(settings)),
            Self::Random(random) => Kind::Random(random),
            Self::Ppo(settings) => Kind::Ppo(Box::new(ppo::Learner::new(settings, space))),
            Self::Nsga2(settings) => Kind::Nsga2(nsga2::Generations::new(settings)),
            Self::Local(_) => Kind::Local(local::Climb::default()),
        })
    }
}

impl State {
    /// Takes in a trial that has an outcome; once for every trial, in the order of their numbers.
    pub(super) fn tell(&mut self, told: &Told) {
        match &mut self.0 {
            Kind::Evolution(population) => population.tell(told),
            Kind::Random(_) => {}
            Kind::Ppo(learner) => learner.tell(told),
            Kind::Nsga2(generations) => generations.tell(told),
            Kind::Local(climb) => climb.tell(told),
        }
    }

    /// Whether a proposal to come may descend from the trial `number`, which it was told of.
    pub(super) fn can_be_parent(&self, number: usize) -> bool {
        match &self.0 {
            Kind::Evolution(population) => population.holds(number),
            Kind::Random(_) | Kind::Ppo(_) => false,
            Kind::Nsga2(generations) => generations.holds(number),
            Kind::Local(climb) => climb.stands_on(number),
        }
    }

    /// A genome that was not proposed before, or nothing when the space has no other left.
    pub(super) fn ask(&self, ask: &Ask) -> Option<Proposal> {
        let mut rng = ask.rng();
        match &self.0 {
            Kind::Evolution(population) => population.ask(ask, &mut rng),
            Kind::Random(random) => random.ask(ask, &mut rng),
            Kind::Ppo(learner) => learner.ask(ask, &mut rng),
            Kind::Nsga2(generations) => generations.ask(ask, &mut rng),
            Kind::Local(climb) => climb.ask(ask, &mut rng),
        }
    }
}

impl<'a> Ask<'a> {
    /// The number of the trial asked for.
    fn number(&self) -> usize {
        self.history.trials().len()
    }

    /// The random stream of that proposal.
    fn rng(&self) -> Pcg64Mcg {
        seeds::of_turn(self.seed, self.number(), self.turn)
    }

    /// The genome of an earlier trial.
    fn genome(&self, number: usize) -> &'a Genome {
        &self.history.trials()[number].genome
    }

    /// Whether `genome` was not proposed before.
    fn is_new(&self, genome: &Genome) -> bool {
        !self.history.contains(genome)
    }

    /// Whether every genome of the space has been proposed.
    fn is_exhausted(&self) -> bool {
        let distinct = u128::try_from(self.history.distinct()).ok();
        self.space.size().is_some_and(|size| Some(size) == distinct)
    }
}

impl Proposal {
    /// A genome that descends from no trial.
    fn orphan(genome: Genome) -> Self {
        Self {
            genome,
            parent: None,
        }
    }
}
