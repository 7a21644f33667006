//! Finds, trains, quantizes and exports dense-prediction networks for edge accelerators.
//!
//! Data flows in one direction: a [`space`] decodes a genome to a graph, [`search`] proposes
//! genomes and [`study`] remembers them, [`evaluate`] finds out what they are worth, [`train`] talks
//! to the worker that trains on [`data`], [`workers`] are many of these,
//! [`quantize`] turns the result to int8, [`deploy`] writes the bundle, [`validate`] runs it,
//! [`report`] shows it. [`explore`] varies the machine rather than the network, [`comparison`]
//! trains several networks alike, and [`reproduce`] so makes the tables of the paper. [`microbench`] makes models that show what a
//! machine does, [`measured`] reads what boards took, [`compare`] holds both side by side. [`run`] is
//! all of it, stage after stage. [`scalesim`] reads and writes the files of another simulator. [`cli`]
//! is the only part that parses arguments or prints.

pub mod fingerprint;
mod lock;
pub mod model_file;
pub mod npy;
pub mod random;
pub mod task;

pub mod space;

pub mod price;

pub mod search;
pub mod study;

pub mod data;
pub mod train;
pub mod workers;

pub mod deploy;
pub mod quantize;
pub mod validate;

pub mod microbench;

pub mod measured;

pub mod compare;

pub mod calibrate;

pub mod explore;

pub mod evaluate;

pub mod comparison;
pub mod reproduce;

pub mod report;

pub mod scalesim;

#[cfg(feature = "validate")]
pub mod run;

pub mod cli;
