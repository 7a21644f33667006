//! What a controller is: history in, genome out.

use serde_json::Value as Json;

use super::evolution::Evolution;
use super::random::Random;
use crate::space::{Genome, Space};
use crate::study::{History, Trial};

/// A question to a controller: which genome is trial `number`?
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The space to stay in.
    pub space: &'a Space,
    /// Seed of the whole study.
    pub seed: u64,
    /// Every trial proposed so far. Their genomes may all be used, their outcomes only as
    /// [`Ask::visible`] gives them.
    pub history: &'a History,
    /// How many trials, from the first, have outcomes that this proposal may depend on.
    pub visible: usize,
}

/// How the next genome is chosen.
///
/// ```
/// use ednas::search::{Ask, Controller, Random};
/// use ednas::space::ednas::space_named;
/// use ednas::study::History;
///
/// let space = space_named("ednas")?;
/// let history = History::default();
/// let ask = Ask { space: &space, seed: 1, history: &history, visible: 0 };
/// assert_eq!(Controller::Random(Random).propose(&ask), Controller::Random(Random).propose(&ask));
/// # Ok::<(), ednas::space::SpaceError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Controller {
    /// Regularized evolution.
    Evolution(Evolution),
    /// Uniform sampling.
    Random(Random),
}

impl<'a> Ask<'a> {
    /// The number of the trial asked for.
    #[must_use]
    pub fn number(&self) -> usize {
        self.history.trials().len()
    }

    /// The trials whose outcomes may be used, in order.
    #[must_use]
    pub fn visible(&self) -> &'a [Trial] {
        &self.history.trials()[..self.visible]
    }

    /// Whether every genome of the space has been proposed.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        let distinct = u128::try_from(self.history.distinct()).ok();
        self.space.size().is_some_and(|size| Some(size) == distinct)
    }
}

impl Controller {
    /// A genome that was not proposed before, or `None` when the space has no other left.
    ///
    /// Depends on nothing but the question.
    #[must_use]
    pub fn propose(&self, ask: &Ask) -> Option<Genome> {
        if ask.is_exhausted() {
            return None;
        }
        match self {
            Self::Evolution(evolution) => Some(evolution.propose(ask)),
            Self::Random(random) => Some(random.propose(ask)),
        }
    }

    /// The controller and its settings, as journals keep them.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Evolution(evolution) => evolution.to_json(),
            Self::Random(random) => random.to_json(),
        }
    }
}
