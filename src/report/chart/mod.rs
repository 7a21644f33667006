//! Drawings: scales, axes and marks, and their style.
//!
//! A drawing is an `svg` element in [`WIDTH`] units of width. The page places it among its text;
//! [`standalone`] makes it a file of its own.

mod axes;
mod marks;
mod scale;
mod scatter;
mod standalone;

pub(super) use axes::{Axes, WIDTH};
pub(super) use marks::{bar, circle, drawing, label, line, panel, path, shortened, slanted};
pub(super) use scatter::{Mark, Scatter};
pub(super) use standalone::standalone;

/// The colors by name, in daylight and in the dark.
pub(super) const PALETTE: &str = include_str!("palette.css");

/// The looks of what is drawn, by class, in those colors.
pub(super) const STYLE: &str = include_str!("style.css");
