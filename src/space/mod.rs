//! Search spaces: decisions, genomes, and the networks they decode to.

pub mod decision;
pub mod error;
pub mod genome;
pub mod text;

pub mod ednas;

pub use decision::{Choice, Decision, Space, Value};
pub use error::SpaceError;
pub use genome::Genome;

#[cfg(test)]
mod tests;
