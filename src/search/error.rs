//! What a search is refused for before its first trial.

/// Why a search cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// Too many objectives for the controller.
    #[error(
        "{controller} takes one objective, but there are {found}; use --controller nsga2 (or \
         random), or one --objective and limits for the others"
    )]
    OneObjective {
        /// The controller's name.
        controller: &'static str,
        /// The number of objectives.
        found: usize,
    },
    /// Nothing to optimize.
    #[error("a search needs an objective")]
    NoObjective,
    /// Trials of several values that are to be ranked.
    #[error(
        "rungs and a predictor rank trials by one objective, but there are {found}; leave them out, \
         or give one --objective and limits for the others"
    )]
    Unranked {
        /// The number of objectives.
        found: usize,
    },
    /// Nobody to inherit from.
    #[error(
        "{controller} proposes networks that have no trained parent to inherit weights from; \
         inherit with --controller evolution or local"
    )]
    NoParents {
        /// The controller's name.
        controller: &'static str,
    },
}
