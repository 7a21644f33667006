//! Accelerator profiles and the cycle-accurate simulator.
//!
//! This crate knows loop nests, buffers, clocks and bytes. It deliberately does not know neural
//! networks or any file format other than its own profiles.
#![deny(clippy::print_stdout)]
