//! Search spaces: decisions, genomes, and the networks they decode to.

pub mod decision;
pub mod error;
pub mod genome;
pub mod text;

pub mod ednas;

pub mod model;

pub use decision::{Choice, Decision, Space, Value};
pub use error::SpaceError;
pub use genome::Genome;
pub use model::{Model, ModelError, Sharing};

#[cfg(test)]
mod tests;
