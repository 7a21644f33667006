//! What people read: records, tables, plots and the report page.

pub mod calibrate;
pub mod card;
pub mod compare;
pub mod data;
pub mod diff;
pub mod estimate;
pub mod explore;
pub mod map;
pub mod model;
pub mod models;
pub mod profile;
pub mod profile_diff;
pub mod quantize;
pub mod reproduce;
pub mod search;
pub mod space;
pub mod study;
pub mod train;
pub mod transfer;
pub mod validate;

pub mod page;
pub mod roofline;
pub mod trace;

mod bound;
mod chart;
mod console;
mod files;
mod gains;
mod markup;
mod numbers;
mod picture;
mod progress;
mod value;

pub use console::Console;
pub use files::{remove_if_there, write_atomically};
pub use picture::Picture;
pub use progress::{Progress, progress};
