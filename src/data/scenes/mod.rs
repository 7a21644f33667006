//! Procedural streets and rooms: the data sets that need no download.
//!
//! A street is laid out from one random stream (`layout` and the objects it places), its solids
//! are put in a tree of boxes (`world`), and every pixel casts a ray that gives color, class,
//! depth and normal at once (`render`). Labels come from exact geometry; only colors carry
//! texture, light, fog and sensor noise. Streets are metric: x to the right, y up, z along the
//! street, the camera near the origin in the right-hand lane. Rooms (`indoor`) are made the same way
//! from the same solids.

mod noise;
mod random;
mod vector;

mod bvh;
mod camera;
mod shape;
mod world;

mod facade;
mod ground;
mod paint;
mod weather;

mod cycles;
mod furniture;
mod houses;
mod nature;
mod people;
mod vehicles;

mod lots;
mod traffic;

mod layout;
mod render;

mod indoor;

use super::sample::Sample;
use super::split::Split;

/// What a scene is made from; two different keys never share a random stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SceneKey {
    /// The seed of the whole data set.
    pub seed: u64,
    /// The split the scene belongs to.
    pub split: Split,
    /// Its place in the split.
    pub index: usize,
}

/// Draws the scene of `key` at `height` x `width` pixels, on the calling thread.
#[must_use]
pub fn render(key: SceneKey, height: usize, width: usize) -> Sample {
    let mut random = random::Stream::new(key);
    let scene = layout::street(&mut random, height, width);
    render::draw(&scene, height, width)
}

/// Draws the room of `key` at `height` x `width` pixels, on the calling thread: 40 classes, depth in
/// meters.
#[must_use]
pub fn render_room(key: SceneKey, height: usize, width: usize) -> Sample {
    let mut random = random::Stream::new(key);
    let room = indoor::room(&mut random, [height, width]);
    indoor::draw(&room, height, width)
}

#[cfg(test)]
mod tests;
