//! Studies: what their commands print, and what their journals survive.

mod commands;
mod crash;
mod optuna;
pub(super) mod writer;
