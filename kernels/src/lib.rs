//! The operator vocabulary of dense-prediction networks, and the graph made of it.
//!
//! A network is described once, as a [`Graph`] of [`Op`] nodes over NHWC tensors. It is checked
//! once, by [`verify`], and everything downstream takes the proof, [`Verified`].
//!
//! This crate knows what each operator is: its shape ([`shape`]), its arithmetic and the work it
//! asks of a machine ([`cost`], [`work`]). It deliberately does not know file formats, training, or any
//! particular chip.
#![deny(clippy::print_stdout)]

pub mod graph;
pub mod op;
pub mod tensor;

pub mod builder;
pub mod fold;
pub mod live;
pub mod part;
pub mod shape;
pub mod verify;

pub mod cost;
pub mod work;

pub mod eval;

pub use builder::GraphBuilder;
pub use fold::fold;
pub use graph::{Graph, Node, NodeId, TensorId};
pub use op::Op;
pub use tensor::{Data, DataType, Quantization, Shape, Tensor};
pub use verify::{Verified, VerifyError, verify};
