//! Networks small enough to show one thing that a machine does.
//!
//! [`stacks`] rebuilds the networks that others measured and described in words: stacks of one
//! layer, transfers, the fixed cost of an inference.

mod layers;

pub mod stacks;
