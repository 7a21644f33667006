//! SCALE-Sim's files: its configs as profiles, its topologies as task lists, its reports.
//!
//! Cycles and accesses of the array are `hwmodels`' own ([`hwmodels::array::Array`]); what only
//! SCALE-Sim does with them, and with the sizes of a layer, is here and marked `DIFFERENCE:`.
//! Compared with SCALE-Sim 2.0.2 and 3.0.0.

mod error;

mod config;
mod ini;
mod machine;

mod columns;
mod table;
mod topology;

mod lowering;

mod digits;
mod folds;
mod report;

pub use config::{Config, LeftOut};
pub use error::{BadCell, ScalesimError};
pub use lowering::tasks;
pub use machine::{profile, profile_file};
pub use report::{LayerReport, Report};
pub use topology::{Conv, Gemm, Layer, Shape, Topology};

/// The longest side of an array that is read or reported, in elements.
pub const ARRAY_SIDE_MAX: u64 = 1 << 16;
