//! The ask/tell API: candidates out, outcomes in, in any order.

use std::collections::VecDeque;
use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::candidate::Candidate;
use super::cheaper::Cheaper;
use super::chooser::Chooser;
use super::controller::{Ask, Controller, Proposal, State, Told, Worth};
use super::error::SearchError;
use super::rungs::{Hurdle, Ladder};
use crate::space::{Genome, Space};
use crate::study::{Direction, History, Outcome, Rung};

/// A search in memory, for those who evaluate candidates themselves.
///
/// [`Search::ask`] gives candidates, up to W at a time; [`Search::tell`] takes outcomes in whatever
/// order they come. The n-th candidate depends on the outcomes of the trials up to n - W alone, so
/// that the same seed gives the same search on fast and slow workers.
///
/// ```
/// use std::num::NonZeroUsize;
///
/// use ednas::search::{Controller, Evolution, Search};
/// use ednas::space::SpaceFile;
/// use ednas::study::{Metrics, Outcome};
///
/// let space = SpaceFile::open("mobiledet")?.space;
/// let settings = Evolution { population: 10, tournament: 3, ..Evolution::default() };
/// let mut search = Search::new(space, Controller::Evolution(settings), 1, NonZeroUsize::MIN);
/// for _ in 0..100 {
///     let candidate = search.ask().expect("the space has more than 100 genomes");
///     let sum: usize = candidate.genome.choices().iter().sum();
///     let values = vec![f64::from(u32::try_from(sum)?)];
///     let metrics = Metrics::default();
///     search.tell(candidate.number, Outcome::Complete { values, metrics });
/// }
/// let best = search.best().expect("all trials have a value");
/// println!("{}", search.space().text(&search.history().trials()[best].genome));
/// # Ok::<(), anyhow::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Search {
    space: Space,
    controller: Controller,
    seed: u64,
    workers: NonZeroUsize,
    directions: Vec<Direction>,
    initial: Vec<Genome>,
    history: History,
    state: State,
    /// What trials are compared with on the way.
    ladder: Option<Ladder>,
    /// Who picks among several proposals.
    chooser: Option<Chooser>,
    /// Trials from the first that the state was told of.
    told: usize,
    /// Trials from the first that all have outcomes.
    settled: usize,
    /// Trials of an earlier run without an outcome, to be handed out again.
    unfinished: VecDeque<usize>,
    is_exhausted: bool,
}

/// What a controller had learned at some time, to be kept beside a history that is at least as long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Trials from the first that the state was told of.
    told: usize,
    state: State,
}

impl Search {
    /// A search that maximizes one value over `space`, with at most `workers` trials in flight.
    #[must_use]
    pub fn new(space: Space, controller: Controller, seed: u64, workers: NonZeroUsize) -> Self {
        Self {
            state: controller.start(&space),
            space,
            controller,
            seed,
            workers,
            directions: vec![Direction::Maximize],
            initial: Vec::new(),
            history: History::default(),
            ladder: None,
            chooser: None,
            told: 0,
            settled: 0,
            unfinished: VecDeque::new(),
            is_exhausted: false,
        }
    }

    /// The same search for values in these directions, before its first trial.
    ///
    /// # Errors
    /// No direction, or several and a controller that takes one.
    pub fn with_directions(self, directions: Vec<Direction>) -> Result<Self, SearchError> {
        let found = directions.len();
        if found == 0 {
            return Err(SearchError::NoObjective);
        }
        if found > 1 && !self.controller.is_multi_objective() {
            let controller = self.controller.name();
            return Err(SearchError::OneObjective { controller, found });
        }
        Ok(Self { directions, ..self })
    }

    /// The same search with less spent on evaluations; for values in the directions that it has.
    ///
    /// # Errors
    /// Several objectives where trials are ranked, or a controller without parents where weights are
    /// inherited.
    pub fn with_cheaper(self, cheaper: &Cheaper) -> Result<Self, SearchError> {
        if cheaper.inherit_steps.is_some() && !self.controller.has_trained_parents() {
            let controller = self.controller.name();
            return Err(SearchError::NoParents { controller });
        }
        let is_ranked = cheaper.rungs.is_some() || cheaper.candidates.is_some();
        let direction = match self.directions[..] {
            [direction] => direction,
            _ if !is_ranked => return Ok(self),
            _ => {
                let found = self.directions.len();
                return Err(SearchError::Unranked { found });
            }
        };
        let rungs = cheaper.rungs.clone();
        let chooser = |candidates: NonZeroUsize| Chooser::new(candidates.get(), direction);
        Ok(Self {
            ladder: rungs.map(|rungs| Ladder::new(rungs, direction)),
            chooser: cheaper.candidates.map(chooser),
            ..self
        })
    }

    /// The same search with these genomes as its first trials.
    #[must_use]
    pub fn with_initial(self, initial: Vec<Genome>) -> Self {
        Self { initial, ..self }
    }

    /// The same search after the trials of `history`, which an earlier run of it made. Those without
    /// an outcome are handed out first.
    #[must_use]
    pub fn resumed(self, history: History) -> Self {
        Self {
            unfinished: history.unfinished().collect(),
            state: self.controller.start(&self.space),
            ladder: self.ladder.as_ref().map(|ladder| {
                let mut ladder = ladder.emptied();
                let trials = 0..history.trials().len();
                let continued = trials.filter_map(|number| history.continued_by(number));
                continued.for_each(|number| ladder.take_up(number));
                ladder
            }),
            chooser: self.chooser.as_ref().map(Chooser::emptied),
            told: 0,
            settled: 0,
            history,
            ..self
        }
    }

    /// The same search, its controller's state taken from a snapshot rather than made by replaying
    /// the history; they are equal. One that is ahead of the history is of no use and left out.
    #[must_use]
    pub fn restored(mut self, snapshot: Snapshot) -> Self {
        if snapshot.told > self.history.trials().len() {
            return self;
        }
        for number in self.told..snapshot.told {
            self.compare(number);
        }
        Self {
            told: snapshot.told,
            state: snapshot.state,
            ..self
        }
    }

    /// What the controller has learned so far.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            told: self.told,
            state: self.state.clone(),
        }
    }

    /// A trial to evaluate; nothing while the next one waits for outcomes, or once every genome of
    /// the space was proposed ([`Search::is_exhausted`]).
    pub fn ask(&mut self) -> Option<Candidate> {
        if let Some(number) = self.unfinished.pop_front() {
            return Some(self.candidate(number, &self.hurdles_of(number)));
        }
        let number = self.history.trials().len();
        let visible = self.visible_to(number);
        self.settle();
        if self.settled < visible {
            return None;
        }
        self.listen(visible);
        let Some(Proposal { genome, parent }) = self.propose(number) else {
            self.is_exhausted = true;
            return None;
        };
        self.history.propose(genome, parent);
        let hurdles = self.ladder.as_ref().map(Ladder::hurdles);
        Some(self.candidate(number, &hurdles.unwrap_or_default()))
    }

    /// Takes in what a trial is worth on the way; nothing for a trial that was never asked for, or
    /// that has an outcome. [`Candidate::hurdle`] says whether it goes on.
    pub fn reach(&mut self, number: usize, rung: Rung) {
        let trial = self.history.trials().get(number);
        if trial.is_some_and(|trial| trial.outcome.is_none()) {
            self.history.reach(number, rung);
        }
    }

    /// Takes in what came of a trial and returns that; a value that is no number, or a wrong number
    /// of them, makes it a failure. Nothing for a trial that was never asked for, or that has an
    /// outcome: the first one stays.
    pub fn tell(&mut self, number: usize, outcome: Outcome) -> Option<&Outcome> {
        let trial = self.history.trials().get(number)?;
        if trial.outcome.is_some() {
            return None;
        }
        let outcome = checked(outcome, self.directions.len());
        self.history.finish(number, outcome);
        self.outcome(number)
    }

    /// What came of a trial, once it is known.
    #[must_use]
    pub fn outcome(&self, number: usize) -> Option<&Outcome> {
        self.history.trials().get(number)?.outcome.as_ref()
    }

    /// The space.
    #[must_use]
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// Every trial, earlier runs included.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Every trial, earlier runs included.
    #[must_use]
    pub fn into_history(self) -> History {
        self.history
    }

    /// Whether trials of an earlier run are still to be handed out again.
    #[must_use]
    pub fn has_unfinished(&self) -> bool {
        !self.unfinished.is_empty()
    }

    /// Whether no genome was left to propose.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.is_exhausted
    }

    /// The number of the complete trial that is best in the first objective, the earliest of equals.
    #[must_use]
    pub fn best(&self) -> Option<usize> {
        let mut best: Option<(usize, f64)> = None;
        for (number, trial) in self.history.trials().iter().enumerate() {
            let Some(Outcome::Complete { .. }) = &trial.outcome else {
                continue;
            };
            let Worth::Values(values) = Worth::of(trial, &self.directions) else {
                continue;
            };
            let value = *values.first()?;
            if best.is_none_or(|(_, highest)| value > highest) {
                best = Some((number, value));
            }
        }
        best.map(|(number, _)| number)
    }

    /// Whether no trial to come, and none in flight, descends from the trial `number`, which has an
    /// outcome.
    #[must_use]
    pub fn is_outlived(&self, number: usize) -> bool {
        let in_flight = self.history.trials()[self.settled..].iter();
        let mut in_flight = in_flight.filter(|trial| trial.outcome.is_none());
        number < self.told
            && !self.state.can_be_parent(number)
            && !in_flight.any(|trial| trial.parent == Some(number))
    }

    /// Trials from the first whose outcomes the trial `number` may depend on.
    fn visible_to(&self, number: usize) -> usize {
        (number + 1).saturating_sub(self.workers.get())
    }

    /// The hurdles of a trial that an earlier run proposed.
    fn hurdles_of(&self, number: usize) -> Vec<Hurdle> {
        let visible = &self.history.trials()[..self.visible_to(number)];
        let hurdles = |ladder: &Ladder| ladder.rungs().hurdles(visible, ladder.direction());
        self.ladder.as_ref().map(hurdles).unwrap_or_default()
    }

    /// Counts the trials from the first that all have outcomes.
    fn settle(&mut self) {
        let trials = &self.history.trials()[self.settled..];
        self.settled += trials.iter().take_while(|t| t.outcome.is_some()).count();
    }

    /// Tells the controller of the trials before `visible`, and of no other.
    fn listen(&mut self, visible: usize) {
        for number in self.told..visible {
            let saw = |number: usize| match self.initial.get(number) {
                Some(_) => 0,
                None => self.visible_to(number),
            };
            let of_study = (&self.space, &self.history);
            let told = Told::new(of_study, number, saw, &self.directions);
            self.state.tell(&told);
            self.compare(number);
        }
        self.told = self.told.max(visible);
    }

    /// Tells those who compare trials of the trial `number`.
    fn compare(&mut self, number: usize) {
        let trial = &self.history.trials()[number];
        if let Some(ladder) = &mut self.ladder {
            ladder.tell(number, trial);
        }
        if let Some(chooser) = &mut self.chooser {
            chooser.tell(number, &self.history);
        }
    }

    fn propose(&mut self, number: usize) -> Option<Proposal> {
        if let Some(genome) = self.initial.get(number) {
            return Some(Proposal {
                genome: genome.clone(),
                parent: None,
            });
        }
        if let Some(ladder) = &mut self.ladder
            && let Some(stopped) = ladder.promoted()
        {
            ladder.take_up(stopped);
            return Some(Proposal {
                genome: self.history.trials()[stopped].genome.clone(),
                parent: Some(stopped),
            });
        }
        let ask = |turn: usize| {
            self.state.ask(&Ask {
                space: &self.space,
                seed: self.seed,
                history: &self.history,
                turn,
            })
        };
        match &mut self.chooser {
            Some(chooser) => chooser.choose((&self.space, &self.history, self.seed), ask),
            None => ask(0),
        }
    }

    /// The trial `number`, which `hurdles` stand in the way of, or some of them where it continues
    /// another.
    fn candidate(&self, number: usize, hurdles: &[Hurdle]) -> Candidate {
        let trial = &self.history.trials()[number];
        let continued = self.history.continued_by(number);
        let stopped = continued.and_then(|number| self.history.trials()[number].rungs.last());
        let ahead = |hurdle: &&Hurdle| stopped.is_none_or(|rung| hurdle.step > rung.step);
        Candidate {
            number,
            genome: trial.genome.clone(),
            text: self.space.text(&trial.genome),
            parent: trial.parent,
            origin: self.history.origin(number),
            hurdles: hurdles.iter().filter(ahead).copied().collect(),
            rungs: trial.rungs.clone(),
        }
    }
}

/// `outcome` with one finite value per objective, or the failure to give them.
fn checked(outcome: Outcome, objectives: usize) -> Outcome {
    let problem = match &outcome {
        Outcome::Complete { values, .. } | Outcome::Stopped { values, .. } => {
            if values.len() != objectives {
                let found = values.len();
                Some(format!("expected {objectives} values, found {found}"))
            } else {
                let odd = values.iter().find(|value| !value.is_finite());
                odd.map(|value| format!("a value is {value}"))
            }
        }
        Outcome::Infeasible { .. } | Outcome::Failed { .. } => None,
    };
    match problem {
        Some(reason) => Outcome::Failed { reason },
        None => outcome,
    }
}
