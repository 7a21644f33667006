//! What stands along a street: lamps, signs, traffic lights, fences, walls, bins.

use super::paint::Paint;
use super::random::Stream;
use super::vector::{Frame, Vec3, gray, vec3};
use super::world::Builder;
use crate::data::Class;

const POLE: Option<Class> = Some(Class::Pole);

/// A street lamp whose arm reaches `reach_m` along local x.
pub(super) fn lamp(b: &mut Builder, at: &Frame, reach_m: f32, random: &mut Stream) {
    let height = random.range(6.0, 8.5);
    let metal = Paint::Plain(gray(random.range(0.14, 0.3)));
    let top = vec3(0.0, height, 0.0);
    let end = vec3(reach_m, height + 0.35, 0.0);
    b.rod(at, (Vec3::ZERO, top), 0.075, (POLE, metal.clone()));
    b.rod(at, (top, end), 0.05, (POLE, metal.clone()));
    b.rod(at, (Vec3::ZERO, vec3(0.0, 0.9, 0.0)), 0.11, (POLE, metal));
    b.ball(
        at,
        end,
        vec3(0.36, 0.08, 0.14),
        (POLE, Paint::Plain(gray(0.5))),
    );
}

/// A bare mast, for wires.
pub(super) fn mast(b: &mut Builder, at: &Frame, height_m: f32) {
    b.rod(
        at,
        (Vec3::ZERO, vec3(0.0, height_m, 0.0)),
        0.11,
        (POLE, Paint::Plain(gray(0.2))),
    );
}

/// A knee-high post.
pub(super) fn bollard(b: &mut Builder, at: &Frame) {
    b.rod(
        at,
        (Vec3::ZERO, vec3(0.0, 0.9, 0.0)),
        0.07,
        (POLE, Paint::Plain(gray(0.1))),
    );
    b.rod(
        at,
        (vec3(0.0, 0.7, 0.0), vec3(0.0, 0.8, 0.0)),
        0.075,
        (POLE, Paint::Plain(gray(0.6))),
    );
}

/// A pole with one or two signs that face local -z.
pub(super) fn sign(b: &mut Builder, at: &Frame, random: &mut Stream) {
    let height = random.range(2.4, 3.0);
    let metal = Paint::Plain(gray(0.34));
    b.rod(
        at,
        (Vec3::ZERO, vec3(0.0, height + 0.2, 0.0)),
        0.04,
        (POLE, metal),
    );
    plate(b, at, vec3(0.0, height, -0.06), random);
    if random.chance(0.4) {
        plate(b, at, vec3(0.0, height - 0.75, -0.06), random);
    }
}

/// A large direction board on two legs.
pub(super) fn board(b: &mut Builder, at: &Frame, random: &mut Stream) {
    let (half, low) = (random.range(0.9, 1.5), random.range(2.0, 2.4));
    for x in [-half * 0.6, half * 0.6] {
        b.rod(
            at,
            (vec3(x, 0.0, 0.0), vec3(x, low + 1.2, 0.0)),
            0.06,
            (POLE, Paint::Plain(gray(0.3))),
        );
    }
    let center = vec3(0.0, low + 0.6, 0.0);
    let field = random.pick(&[vec3(0.05, 0.12, 0.42), vec3(0.62, 0.5, 0.05), gray(0.68)]);
    let paint = Paint::Sign {
        rim: gray(0.65),
        field,
        center,
        half_m: half * 1.3,
        round: false,
    };
    let (low, high) = (vec3(-half, low, -0.12), vec3(half, low + 1.2, -0.06));
    b.block(at, low, high, (Some(Class::TrafficSign), paint));
}

/// A traffic light that faces local -z; with an arm of `reach_m` along local x if that is not 0.
pub(super) fn traffic_light(b: &mut Builder, at: &Frame, reach_m: f32, random: &mut Stream) {
    let metal = Paint::Plain(gray(0.12));
    let state = random.count(0, 2);
    if reach_m == 0.0 {
        b.rod(at, (Vec3::ZERO, vec3(0.0, 3.4, 0.0)), 0.065, (POLE, metal));
    } else {
        let top = vec3(0.0, 5.9, 0.0);
        b.rod(at, (Vec3::ZERO, top), 0.1, (POLE, metal.clone()));
        b.rod(at, (top, vec3(reach_m, 6.0, 0.0)), 0.07, (POLE, metal));
        signal(b, at, vec3(reach_m, 5.9, -0.2), state);
    }
    signal(b, at, vec3(0.0, 2.9, -0.2), state);
}

/// A wire or picket fence along local z.
pub(super) fn fence(b: &mut Builder, at: &Frame, length_m: f32, random: &mut Stream) {
    let height = random.range(1.0, 1.9);
    let look = |paint| (Some(Class::Fence), paint);
    let color = random.pick(&[
        gray(0.1),
        gray(0.3),
        vec3(0.16, 0.1, 0.05),
        vec3(0.05, 0.12, 0.07),
        gray(0.6),
    ]);
    let panel = match random.count(0, 3) {
        0 => Paint::Mesh(color),
        1 => Paint::Rough {
            color: vec3(0.18, 0.11, 0.06),
            grain_m: 0.25,
            seed: random.seed(),
        },
        _ => Paint::Pickets {
            color,
            pitch_m: random.range(0.14, 0.24),
        },
    };
    b.block(
        at,
        vec3(-0.03, 0.05, 0.0),
        vec3(0.03, height, length_m),
        look(panel),
    );
    b.block(
        at,
        vec3(-0.05, height - 0.06, 0.0),
        vec3(0.05, height + 0.02, length_m),
        look(Paint::Plain(color)),
    );
    let mut z = 0.0;
    while z <= length_m {
        b.rod(
            at,
            (vec3(0.0, 0.0, z), vec3(0.0, height + 0.1, z)),
            0.05,
            look(Paint::Plain(color * 0.8)),
        );
        z += 2.5;
    }
}

/// A wall of stone, brick or concrete along local z, with a coping.
pub(super) fn wall(b: &mut Builder, at: &Frame, length_m: f32, random: &mut Stream) {
    let height = random.range(1.1, 2.8);
    let look = |paint| (Some(Class::Wall), paint);
    let seed = random.seed();
    let paint = random.pick(&[
        (vec3(0.32, 0.14, 0.09), 0.09),
        (vec3(0.34, 0.31, 0.26), 0.3),
        (vec3(0.42, 0.41, 0.39), 0.9),
    ]);
    let stones = Paint::Bricks {
        color: paint.0,
        course_m: paint.1,
        seed,
    };
    b.block(
        at,
        vec3(-0.15, 0.0, 0.0),
        vec3(0.15, height, length_m),
        look(stones),
    );
    let coping = Paint::Plain(paint.0.mix(gray(0.3), 0.6));
    b.block(
        at,
        vec3(-0.2, height, 0.0),
        vec3(0.2, height + 0.08, length_m),
        look(coping),
    );
}

/// A litter bin or a distribution box: clutter without a class.
pub(super) fn clutter(b: &mut Builder, at: &Frame, random: &mut Stream) {
    if random.chance(0.5) {
        let paint =
            Paint::Plain(random.pick(&[vec3(0.5, 0.2, 0.03), gray(0.1), vec3(0.05, 0.2, 0.1)]));
        b.rod(
            at,
            (vec3(0.0, 0.25, 0.0), vec3(0.0, 0.95, 0.0)),
            0.24,
            (None, paint),
        );
    } else {
        let paint = Paint::Rough {
            color: gray(0.3),
            grain_m: 0.4,
            seed: random.seed(),
        };
        b.block(
            at,
            vec3(-0.25, 0.0, -0.5),
            vec3(0.25, 1.25, 0.5),
            (None, paint),
        );
    }
}

/// The head of a traffic light with three lamps; `state` 0 red, 1 amber, 2 green.
fn signal(b: &mut Builder, at: &Frame, center: Vec3, state: u32) {
    let light = Some(Class::TrafficLight);
    let half = vec3(0.17, 0.5, 0.13);
    b.block(
        at,
        center - half,
        center + half,
        (light, Paint::Plain(gray(0.025))),
    );
    let lamps = [
        vec3(1.0, 0.06, 0.03),
        vec3(1.0, 0.55, 0.03),
        vec3(0.05, 0.9, 0.35),
    ];
    for (index, color) in (0u8..).zip(lamps) {
        let lit = u32::from(index) == state;
        let y = 0.31 - 0.31 * f32::from(index);
        let paint = if lit {
            Paint::Glow(color)
        } else {
            Paint::Plain(color * 0.08)
        };
        b.ball(
            at,
            center + vec3(0.0, y, -0.13),
            vec3(0.12, 0.12, 0.05),
            (light, paint),
        );
    }
}

/// A round, square or diamond plate centered at `center`.
fn plate(b: &mut Builder, at: &Frame, center: Vec3, random: &mut Stream) {
    let look = |paint| (Some(Class::TrafficSign), paint);
    let half = random.range(0.3, 0.4);
    let (rim, field) = random.pick(&[
        (vec3(0.55, 0.03, 0.03), gray(0.72)),
        (vec3(0.55, 0.03, 0.03), vec3(0.05, 0.12, 0.45)),
        (vec3(0.05, 0.12, 0.45), vec3(0.05, 0.14, 0.5)),
        (gray(0.7), vec3(0.68, 0.5, 0.03)),
    ]);
    let round = random.chance(0.6);
    let paint = Paint::Sign {
        rim,
        field,
        center,
        half_m: half,
        round,
    };
    if round {
        let back = center + vec3(0.0, 0.0, 0.04);
        b.rod(at, (center, back), half, look(paint));
    } else {
        let low = center - vec3(half, half, 0.0);
        b.block(at, low, center + vec3(half, half, 0.04), look(paint));
    }
}
