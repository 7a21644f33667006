//! Search spaces: decisions, genomes, and the networks they decode to.

pub mod constraint;
pub mod decision;
pub mod definition;
pub mod error;
pub mod genome;
pub mod probe;
pub mod text;
pub mod vary;

mod diagram;
mod spelling;

pub mod ednas;
pub mod methods;

pub mod decode;
pub mod file;

pub mod model;

pub use constraint::Constraint;
pub use decision::{Choice, Condition, Decision, Scale, Value};
pub use decode::{Decoded, Decoder};
pub use definition::{Count, Space};
pub use error::SpaceError;
pub use file::{SpaceFile, SpaceFileError};
pub use genome::Genome;
pub use methods::Method;
pub use model::{Model, ModelError};
pub use probe::Probe;

#[cfg(test)]
mod tests;
