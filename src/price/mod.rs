//! From genomes to what a simulated machine says of them, and why one has no price.
//!
//! A [`Pricer`] is asked for thousands of candidates a second that share most of their parts, so it
//! remembers the parts of networks and what machines make of them. What it says of a genome depends
//! on nothing but the genome, and equals what compiling and simulating its whole network gives.

mod error;
mod measures;
mod pricer;
mod reader;

pub use error::{Infeasible, PriceError};
pub use measures::{
    AREA_MM2, Aggregate, ENERGY_MJ, Figures, MACS, Measures, PARAMETERS, PEAK_MEMORY_KIB,
};
pub use pricer::Pricer;

#[cfg(test)]
mod tests;
