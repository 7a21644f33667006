//! Why nothing can be priced, and why one candidate has no price.

use std::sync::Arc;

use crate::space::SpaceError;
use crate::space::ednas::{LoweringError, NetworkError};

/// What cannot be priced at all, whatever the genome.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PriceError {
    /// A space that does not say what its genomes stand for.
    #[error(
        "the space `{space}` does not say what its genomes stand for, so nothing can price them; \
         give its file `decodes = \"ednas\"`, \"mobiledet\", \"pyramid\" or \"profile\""
    )]
    NoDecoder {
        /// The space's name.
        space: String,
    },
    /// Networks where machines are needed, or the other way round.
    #[error("the genomes of the space `{space}` are {found}; expected {expected}")]
    Kind {
        /// The space's name.
        space: String,
        /// What they are.
        found: &'static str,
        /// What they should be.
        expected: &'static str,
    },
    /// No machine.
    #[error("no machine to price on; name at least one profile")]
    NoMachine,
    /// Two machines of one name.
    #[error("the profile `{0}` is named twice; its figures could not be told apart")]
    Twice(String),
    /// Weights of machines that weigh nothing.
    #[error(
        "the weights of the machines are [{found}]; expected {machines} numbers of 0 or more, not all 0"
    )]
    Weights {
        /// The weights.
        found: String,
        /// How many machines there are.
        machines: usize,
    },
    /// A size or tasks that no network has.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The network that machines are priced with.
    #[error(transparent)]
    Lowering(#[from] LoweringError),
    /// Two spaces that cannot be joined.
    #[error(transparent)]
    Space(#[from] SpaceError),
}

/// Why one candidate has no price: a finding about it, with the numbers.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Infeasible {
    /// A machine cannot run the network: which limit, how much was asked, how much there is.
    #[error("on {profile}: {limit}")]
    Limit {
        /// The machine's name.
        profile: Arc<str>,
        /// The limit and the numbers.
        limit: hwmodels::compile::Infeasible,
    },
    /// It takes longer than can be counted.
    #[error("on {profile}: takes {cycles} cycles; what can be counted ends at {available}")]
    Endless {
        /// The machine's name.
        profile: Arc<str>,
        /// How many.
        cycles: u64,
        /// Where counting ends.
        available: u64,
    },
    /// No network, or one that no machine can run.
    #[error(transparent)]
    Network(#[from] LoweringError),
    /// A genome that stands for nothing, such as a machine that cannot be.
    #[error(transparent)]
    Genome(#[from] SpaceError),
}
