//! The sides of a street: houses, gardens, walls and trees on the lots, furniture at the kerb.

use std::f32::consts::PI;

use super::furniture;
use super::houses::{self, Plot};
use super::layout::{KERB_M, Plan, Style};
use super::nature;
use super::random::Stream;
use super::vector::{Frame, vec3};
use super::world::Builder;

/// What one lot holds.
#[derive(Clone, Copy)]
enum Lot {
    /// A house at the sidewalk.
    House,
    /// A house behind a front garden.
    Garden,
    /// Trees and bushes behind a fence or hedge.
    Green,
    /// A wall with trees behind it.
    Walled,
    /// Open ground with a fence far back.
    Open,
}

/// Fills the lots of one side (`side` -1 left, 1 right) from the camera to the end.
pub(super) fn fill(b: &mut Builder, plan: &Plan, side: f32, random: &mut Stream) {
    for (from, to) in plan.stretches() {
        let mut z = from;
        while to - z > 5.0 {
            let length = random.range(9.0, 24.0).min(to - z);
            lot(b, plan, (side, z, length), random);
            z += length;
            if plan.style != Style::City || random.chance(0.12) {
                z += random.range(0.0, 5.0);
            }
        }
    }
}

/// Lamps, trees, signs, traffic lights and clutter between road and sidewalk.
pub(super) fn furnish(b: &mut Builder, plan: &Plan, side: f32, random: &mut Stream) {
    let x = side * (plan.ground.half_width_m + 0.55);
    let foot = |x: f32, z: f32| Frame::new(vec3(x, KERB_M, z), 0.0);
    let trees = random.chance(if plan.style == Style::City { 0.35 } else { 0.7 });
    let lamps = random.range(18.0, 32.0);
    let (mut z, mut next_lamp) = (random.range(3.0, 12.0), random.range(6.0, 20.0));
    while z < plan.end_m - 5.0 {
        if !plan.near_crossing(z, 1.0) {
            if z >= next_lamp {
                furniture::lamp(b, &foot(x, z), -side * random.range(0.8, 2.2), random);
                next_lamp = z + lamps;
            } else if trees && random.chance(0.55) {
                nature::tree(b, &foot(x + side * 0.5, z), random.range(4.5, 9.5), random);
            } else if random.chance(0.26) {
                furniture::sign(b, &foot(x, z), random);
            } else if random.chance(0.22) {
                furniture::clutter(b, &foot(x + side * 0.8, z), random);
            } else if random.chance(0.3) && plan.style == Style::City {
                (0u8..4).for_each(|i| furniture::bollard(b, &foot(x, z + 1.5 * f32::from(i))));
            }
        }
        z += random.range(4.0, 9.0);
    }
    if plan.ground.rails {
        let mut z = 4.0;
        while z < plan.end_m {
            furniture::mast(b, &foot(x, z), 7.5);
            z += 30.0;
        }
    }
    if let Some((near, _)) = plan.ground.crossing_z {
        let arm = if side > 0.0 && random.chance(0.6) {
            -plan.ground.half_width_m * 0.6
        } else {
            0.0
        };
        furniture::traffic_light(b, &foot(x, near - 1.0), arm, random);
    } else if random.chance(0.25) {
        furniture::traffic_light(b, &foot(x, random.range(12.0, 40.0)), 0.0, random);
    }
    if random.chance(0.2) {
        furniture::board(b, &foot(x + side * 0.8, random.range(18.0, 60.0)), random);
    }
}

/// A house on the frame `at`, in the neighborhood's style.
pub(super) fn end_house(
    b: &mut Builder,
    at: &Frame,
    length_m: f32,
    style: Style,
    random: &mut Stream,
) {
    let city = style == Style::City;
    let floors = if city {
        random.count(3, 6)
    } else {
        random.count(2, 3)
    };
    let plot = Plot {
        length_m,
        depth_m: 12.0,
        floors,
        city,
    };
    houses::house(b, at, plot, random);
}

/// What stands on the lots of a neighborhood, each entry as likely.
fn options(style: Style) -> &'static [Lot] {
    use Lot::{Garden, Green, House, Open, Walled};
    match style {
        Style::City => &[
            House, House, House, House, House, House, House, Green, Walled,
        ],
        Style::Town => &[Garden, Garden, Garden, Garden, House, Green, Walled],
        Style::Park => &[Green, Green, Green, Open, Garden, Walled],
    }
}

fn lot(b: &mut Builder, plan: &Plan, (side, z, length): (f32, f32, f32), random: &mut Stream) {
    let edge = plan.frontage_m();
    let front = front_frame(side, edge, z, length);
    let city = plan.style == Style::City;
    let along = Frame::new(vec3(side * (edge + 0.2), 0.0, z), 0.0);
    match random.pick(options(plan.style)) {
        Lot::House => {
            let floors = if city {
                random.count(3, 7)
            } else {
                random.count(2, 3)
            };
            let plot = Plot {
                length_m: length,
                depth_m: 13.0,
                floors,
                city,
            };
            houses::house(b, &front, plot, random);
        }
        Lot::Garden => garden(b, &along, (side, edge), (z, length), random),
        Lot::Green => {
            border(b, &along, length - 0.4, random);
            grove(
                b,
                (side, edge + 1.5, 14.0),
                (z, length),
                (random.count(3, 6), 8.0),
                random,
            );
        }
        Lot::Walled => {
            furniture::wall(b, &along, length - 0.2, random);
            grove(
                b,
                (side, edge + 2.5, 9.0),
                (z, length),
                (random.count(2, 4), 7.0),
                random,
            );
        }
        Lot::Open => {
            let back = Frame::new(vec3(side * (edge + random.range(4.0, 12.0)), 0.0, z), 0.0);
            furniture::fence(b, &back, length, random);
            grove(
                b,
                (side, edge + 12.0, 16.0),
                (z, length),
                (random.count(3, 5), 9.0),
                random,
            );
        }
    }
}

/// A house behind a front garden that begins at `edge`, with a border along the sidewalk.
fn garden(
    b: &mut Builder,
    along: &Frame,
    (side, edge): (f32, f32),
    (z, length): (f32, f32),
    random: &mut Stream,
) {
    let setback = random.range(3.0, 8.0);
    let gap = random.range(1.0, 2.5).min(length * 0.2);
    let length_m = length - 2.0 * gap;
    let inner = front_frame(side, edge + setback, z + gap, length_m);
    let floors = random.count(1, 3);
    let plot = Plot {
        length_m,
        depth_m: 10.0,
        floors,
        city: false,
    };
    houses::house(b, &inner, plot, random);
    border(b, along, length - 0.4, random);
    let strip = (side, edge + 0.8, setback - 1.2);
    grove(b, strip, (z, length), (random.count(1, 2), 4.5), random);
}

/// What bounds a garden: fence, hedge, low wall, or nothing.
fn border(b: &mut Builder, along: &Frame, length_m: f32, random: &mut Stream) {
    match random.count(0, 6) {
        0..=2 => furniture::fence(b, along, length_m, random),
        3 | 4 => nature::hedge(b, along, length_m, random),
        5 => furniture::wall(b, along, length_m, random),
        6.. => {}
    }
}

/// `count` trees of about `height` m, with bushes, in a strip `near..near + depth` beside the street.
fn grove(
    b: &mut Builder,
    (side, near, depth): (f32, f32, f32),
    (z, length): (f32, f32),
    (count, height): (u32, f32),
    random: &mut Stream,
) {
    for _ in 0..count {
        let mut spot = || {
            let x = side * (near + random.range(0.0, depth.max(0.1)));
            Frame::new(
                vec3(x, 0.0, z + random.range(0.5, length - 0.5)),
                random.range(0.0, 6.0),
            )
        };
        let (tree, bush) = (spot(), spot());
        nature::tree(b, &tree, height * random.range(0.7, 1.5), random);
        nature::bush(b, &bush, random.range(0.8, 2.0), random);
    }
}

/// The frame of a house on one side: local x toward the street, z along the lot.
fn front_frame(side: f32, x: f32, z: f32, length: f32) -> Frame {
    if side < 0.0 {
        Frame::new(vec3(-x, 0.0, z), 0.0)
    } else {
        Frame::new(vec3(x, 0.0, z + length), PI)
    }
}
