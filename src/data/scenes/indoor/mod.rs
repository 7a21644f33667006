//! Procedural rooms with the 40 classes of `NYUv2`.
//!
//! A room is a closed box; `layout` puts things along its walls, on them, on tables and on the floor,
//! `build` makes each of solids, `draw` lights and draws them. The frame of a thing has its back at
//! z = 0, its front at +z, and its lower left corner at 0.

mod build;
mod draw;
mod layout;
mod thing;

pub(super) use draw::draw;
pub(super) use layout::room;

#[cfg(test)]
mod tests;
