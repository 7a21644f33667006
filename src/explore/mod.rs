//! Exploring machines: a profile whose keys take many values, priced on networks.
//!
//! `--vary KEY=RANGE` makes an [`Axis`]; a [`MachineSpace`] is the [`Space`](crate::space::Space)
//! whose decisions are the axes, so that a genome of it is a machine, and whatever proposes
//! networks can propose machines. A [`JointSpace`] lays the decisions of a space of networks
//! before those of the machines: its genomes are pairs. [`sweep`] prices pairs, and [`front`]
//! marks what no other beats.

mod axis;
mod error;
mod front;
mod joint;
mod machines;
mod sweep;

pub use axis::{Axis, LIMIT};
pub use error::ExploreError;
pub use front::on_front;
pub use joint::{JointSpace, Pair};
pub use machines::{MachineSpace, SOURCE};
pub use sweep::{Priced, sweep};
