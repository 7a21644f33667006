//! The three speeds against each other, the laws of every timeline, and traces worked by hand.

mod laws;
pub(crate) mod random;
mod worked;
