//! Houses: a facade with cornice and roof, balconies, awnings, chimneys.

use super::facade::Facade;
use super::paint::Paint;
use super::random::Stream;
use super::shape::Level;
use super::vector::{Frame, gray, vec3};
use super::world::Builder;
use crate::data::Class;

const HOUSE: Option<Class> = Some(Class::Building);

/// The footprint of a house in its frame: the front lies at x = 0, the house behind it at -x,
/// from z = 0 to `length_m`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plot {
    pub(super) length_m: f32,
    pub(super) depth_m: f32,
    pub(super) floors: u32,
    /// Shops, balconies and flat roofs rather than gables.
    pub(super) city: bool,
}

/// A house on `plot`.
pub(super) fn house(b: &mut Builder, at: &Frame, plot: Plot, random: &mut Stream) {
    let facade = Facade::random(plot.floors, plot.city, random);
    let (height, trim) = (facade.height_m(), facade.trim());
    let (l, d) = (plot.length_m, plot.depth_m);
    b.block(
        at,
        vec3(-d, 0.0, 0.0),
        vec3(0.0, height, l),
        (HOUSE, Paint::Facade(facade)),
    );
    let cornice = (HOUSE, Paint::Plain(trim));
    b.block(
        at,
        vec3(-d - 0.1, height, -0.1),
        vec3(0.3, height + 0.25, l + 0.1),
        cornice,
    );
    if !plot.city || random.chance(0.6) {
        roof(b, at, plot, height + 0.25, random);
    }
    if plot.city && plot.floors > 2 && random.chance(0.35) {
        balconies(b, at, plot, random);
    }
    if plot.city && random.chance(0.35) {
        awnings(b, at, l, random);
    }
}

/// A saddle roof with its ridge along the street, and chimneys.
fn roof(b: &mut Builder, at: &Frame, plot: Plot, eaves: f32, random: &mut Stream) {
    let (l, d) = (plot.length_m, plot.depth_m);
    let ridge = eaves + random.range(2.0, 4.0);
    let color = random.pick(&[
        vec3(0.26, 0.09, 0.05),
        vec3(0.18, 0.08, 0.06),
        gray(0.09),
        gray(0.14),
    ]);
    let tiles = Paint::Bricks {
        color,
        course_m: 0.3,
        seed: random.seed(),
    };
    let bottom = Level {
        y: eaves,
        x: (-d - 0.2, 0.4),
        z: (-0.1, l + 0.1),
    };
    let top = Level {
        y: ridge,
        x: (-d * 0.55, -d * 0.45),
        z: (0.4, l - 0.4),
    };
    b.loft(at, (bottom, top), (HOUSE, tiles));
    if random.chance(0.6) {
        let z = random.range(1.0, l - 1.0);
        let brick = Paint::Bricks {
            color: vec3(0.25, 0.12, 0.08),
            course_m: 0.1,
            seed: random.seed(),
        };
        b.block(
            at,
            vec3(-d * 0.4, eaves, z - 0.4),
            vec3(-d * 0.3, ridge + 0.8, z + 0.4),
            (HOUSE, brick),
        );
    }
}

fn balconies(b: &mut Builder, at: &Frame, plot: Plot, random: &mut Stream) {
    let z = random.range(0.5, plot.length_m - 3.2);
    let rail = Paint::Pickets {
        color: gray(0.12),
        pitch_m: 0.16,
    };
    for floor in 1..plot.floors {
        let y = 3.9 + 3.1 * (floor - 1) as f32;
        let (low, high) = (vec3(0.0, y, z), vec3(1.0, y + 0.15, z + 2.6));
        b.block(at, low, high, (HOUSE, Paint::Plain(gray(0.4))));
        let (low, high) = (vec3(0.94, y + 0.15, z), vec3(1.0, y + 1.0, z + 2.6));
        b.block(at, low, high, (HOUSE, rail.clone()));
    }
}

fn awnings(b: &mut Builder, at: &Frame, length_m: f32, random: &mut Stream) {
    let color = random.pick(&[
        vec3(0.4, 0.05, 0.05),
        vec3(0.06, 0.2, 0.12),
        vec3(0.5, 0.4, 0.2),
        vec3(0.06, 0.12, 0.3),
    ]);
    let z = random.range(0.3, length_m * 0.4);
    let end = (z + random.range(2.5, 5.0)).min(length_m - 0.2);
    let bottom = Level {
        y: 2.5,
        x: (0.0, 1.3),
        z: (z, end),
    };
    let top = Level {
        y: 3.1,
        x: (0.0, 0.05),
        z: (z, end),
    };
    b.loft(at, (bottom, top), (HOUSE, Paint::Plain(color)));
}
