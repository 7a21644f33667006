//! What can be wrong with a space or with a genome that claims to belong to it.

use hwmodels::profile::ProfileError;

/// Why a space or a genome was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpaceError {
    /// No space has this name.
    #[error(
        "unknown space `{found}`: expected `ednas`, `ednas/full` or `ednas/late-separable:N` with N from 1 to 16"
    )]
    UnknownSpace {
        /// The name asked for.
        found: String,
    },

    /// A definition of Fused-IBN that does not exist.
    #[error(
        "unknown fused definition `{found}`: expected `full` or `late-separable:N` with N from 1 to 16"
    )]
    UnknownFused {
        /// The definition asked for.
        found: String,
    },

    /// A space without decisions.
    #[error("the space `{space}` has no decision")]
    Empty {
        /// The space's name.
        space: String,
    },

    /// A decision that cannot be used.
    #[error("decision `{decision}` {problem}")]
    Malformed {
        /// Full name of the decision.
        decision: String,
        /// What is wrong with it.
        problem: &'static str,
    },

    /// A text without the space's name in front.
    #[error(
        "`{found}` is not a genome: expected a space's name, a slash and its groups, such as `ednas/late-separable:9/f3x1,i5x1.5e6,...`"
    )]
    NotAGenome {
        /// The text.
        found: String,
    },

    /// Braces without an object of values in them.
    #[error("the genome begins as JSON and is none: {problem}")]
    NotJson {
        /// What the reader says.
        problem: String,
    },

    /// A genome of another space.
    #[error("a genome of the space `{found}` was given where the space is `{expected}`")]
    OtherSpace {
        /// The space at hand.
        expected: String,
        /// The space named by the genome.
        found: String,
    },

    /// Too few or too many comma-separated groups.
    #[error(
        "the genome has {found} comma-separated parts, the space `{space}` has {expected} (the last is `{last_group}`)"
    )]
    GroupCount {
        /// The space's name.
        space: String,
        /// Groups of the space.
        expected: usize,
        /// Parts of the text.
        found: usize,
        /// The name of the space's last group.
        last_group: String,
    },

    /// A part of the text that spells no choice.
    #[error("{group} is `{part}`: `{found}` is no {decision}; allowed: {allowed}")]
    NoSuchSpelling {
        /// The group, such as `block03`.
        group: String,
        /// The whole part of the text.
        part: String,
        /// What is left of it where a choice was expected; may be empty.
        found: String,
        /// The decision, such as `kernel`.
        decision: String,
        /// The spellings allowed there.
        allowed: String,
    },

    /// Something after the last choice of a group.
    #[error("{group} is `{part}`: nothing may follow its last choice, found `{found}`")]
    Trailing {
        /// The group, such as `block03`.
        group: String,
        /// The whole part of the text.
        part: String,
        /// What follows.
        found: String,
    },

    /// Too few or too many choices.
    #[error("the genome makes {found} choices, the space `{space}` has {expected} decisions")]
    ChoiceCount {
        /// The space's name.
        space: String,
        /// Decisions of the space.
        expected: usize,
        /// Choices given.
        found: usize,
    },

    /// An index past the last choice.
    #[error("decision `{decision}`: choice {found} does not exist, there are {count} (from 0)")]
    NoSuchChoice {
        /// Full name of the decision.
        decision: String,
        /// The index given.
        found: usize,
        /// Number of choices.
        count: usize,
    },

    /// A value outside the decision's choices.
    #[error("decision `{decision}` is {found}; allowed: {allowed}")]
    NoSuchValue {
        /// Full name of the decision.
        decision: String,
        /// The value given, as JSON; `missing` where there is none.
        found: String,
        /// The values allowed.
        allowed: String,
    },

    /// A name that is no decision of the space.
    #[error("the space `{space}` has no decision `{found}`")]
    NoSuchDecision {
        /// The space's name.
        space: String,
        /// The name given.
        found: String,
    },

    /// Spellings of neighbors that cannot be told apart in a row.
    #[error(
        "decision `{decision}`: its spelling `{spelling}` begins a longer one, and what follows in the short text may continue alike; give its choices a `prefix` or `short` forms that end clearly"
    )]
    Ambiguous {
        /// Full name of the decision.
        decision: String,
        /// The shorter spelling.
        spelling: String,
    },

    /// A constraint that is not understood.
    #[error("constraint `{text}`, column {column}: {problem}")]
    Constraint {
        /// The constraint, its beginning where it is long.
        text: String,
        /// Column in characters, from 1.
        column: usize,
        /// What is wrong there.
        problem: String,
    },

    /// Constraints that no genome keeps.
    #[error(
        "the space `{space}` has no genome: nothing keeps {constraints}; loosen or leave out one of them"
    )]
    Contradiction {
        /// The space's name.
        space: String,
        /// The constraints to blame, none of which could be spared.
        constraints: String,
    },

    /// Constraints that hardly any genome keeps.
    #[error(
        "the space `{space}` is nearly empty: of 20000 uniform draws without its constraints fewer than 10 keep them; leave out values that they forbid anyway"
    )]
    NearlyEmpty {
        /// The space's name.
        space: String,
    },

    /// More choices than can be counted.
    #[error(
        "the space `{space}` is too large: its decisions lead to more than 2000000 situations and choices"
    )]
    TooLarge {
        /// The space's name.
        space: String,
    },

    /// A value for a decision that is not to be made.
    #[error("decision `{decision}` is {found}, but is only made where {needed}")]
    Idle {
        /// Full name of the decision.
        decision: String,
        /// The value or choice given.
        found: String,
        /// What it hangs on.
        needed: String,
    },

    /// Choices that a constraint forbids.
    #[error("the genome breaks the constraint `{constraint}`: {values}")]
    Broken {
        /// The constraint.
        constraint: String,
        /// What it is about, as the genome has it.
        values: String,
    },

    /// A decision that its space's decoder cannot read.
    #[error("decision `{decision}` is {found}; expected {expected}")]
    Meaningless {
        /// Full name of the decision.
        decision: String,
        /// The value; `missing` where there is none.
        found: String,
        /// What the decoder reads there.
        expected: String,
    },

    /// A combination that no machine has.
    #[error("no machine has {machine}: {fault}")]
    Impossible {
        /// Keys and values.
        machine: String,
        /// What is impossible.
        fault: Box<ProfileError>,
    },

    /// A genome of a space that is no network.
    #[error("a genome of the space `{space}` is {found}, not a network")]
    NotANetwork {
        /// The space's name.
        space: String,
        /// What it is.
        found: &'static str,
    },
}
