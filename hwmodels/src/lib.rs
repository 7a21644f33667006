//! Accelerator profiles and the cycle-accurate simulator.
//!
//! This crate knows loop nests, buffers, clocks and bytes. It deliberately does not know neural
//! networks or any file format other than its own profiles.
//!
//! A [`task::TaskList`] says what is asked of a machine and a [`profile::Profile`] what the machine
//! is. [`compile::compile`] places the one on the other, once; [`simulate::simulate`] then times
//! the schedule at one of three speeds, which agree to the cycle:
//!
//! ```
//! use hwmodels::{compile::compile, profile::Profile, simulate::{Speed, simulate}};
//! use hwmodels::task::{LoopNest, ListBuilder, Work};
//!
//! let machine = Profile::named("systolic-32x32-ws")?;
//! let mut list = ListBuilder::default();
//! let image = list.input(28 * 28 * 64);
//! let weights = list.weights(64 * 64);
//! let nest = LoopNest::conv([1, 28, 28, 64], 64, [1, 1], [1, 1]);
//! let features = list.task("c1", "conv", Work::LoopNest(nest), &[image], Some(weights), 28 * 28 * 64);
//! list.output(features);
//! let list = list.finish()?;
//! let schedule = compile(&machine, &list).expect("the layer fits");
//! let estimate = simulate(&machine, &schedule, Speed::Fast);
//! assert_eq!(estimate.cycles, simulate(&machine, &schedule, Speed::Stepped).cycles);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(clippy::print_stdout)]

pub mod units;

pub mod profile;
pub mod task;

pub mod array;
pub mod compile;
pub mod simulate;

pub mod quote;
