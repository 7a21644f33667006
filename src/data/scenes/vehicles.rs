//! Cars, trucks, buses and trams: bodies of sloping boxes on wheels.

use super::paint::Paint;
use super::random::Stream;
use super::shape::Level;
use super::vector::{Frame, Vec3, gray, vec3};
use super::world::Builder;
use crate::data::Class;

/// A passenger car of a random kind and color: hatchback, sedan, estate, off-roader or van.
pub(super) fn car(b: &mut Builder, at: &Frame, random: &mut Stream) {
    let (length, height, rear, slope) = random.pick(&[
        (3.9, 1.48, 0.47, 0.05),
        (4.5, 1.43, 0.36, 0.12),
        (4.6, 1.47, 0.48, 0.06),
        (4.5, 1.70, 0.48, 0.05),
        (4.7, 1.92, 0.49, 0.02),
    ]);
    let color = lacquer(random);
    let (l, belt) = (length * 0.5, height * 0.60);
    let half = random.range(0.86, 0.93);
    let body = |c| (Some(Class::Car), Paint::Gloss(c));
    let sill = Level {
        y: 0.22,
        x: (-half + 0.06, half - 0.06),
        z: (-l + 0.14, l - 0.10),
    };
    let waist = Level {
        y: 0.58,
        x: (-half, half),
        z: (-l, l),
    };
    let hood = Level {
        y: belt,
        x: (-half + 0.07, half - 0.07),
        z: (-l + 0.08, l - 0.28),
    };
    b.loft(at, (sill, waist), body(color));
    b.loft(at, (waist, hood), body(color));
    let glass = Level {
        y: belt,
        x: (-half + 0.09, half - 0.09),
        z: (-length * rear, length * 0.24),
    };
    let roof = Level {
        y: height,
        x: (-half + 0.26, half - 0.26),
        z: (-length * (rear - slope), length * 0.06),
    };
    b.loft(
        at,
        (glass, roof),
        (
            Some(Class::Car),
            Paint::Cabin {
                color,
                height_m: height,
            },
        ),
    );
    wheels(
        b,
        at,
        Class::Car,
        &[-l * 0.62, l * 0.64],
        (half - 0.04, 0.32),
    );
    lamps(b, at, Class::Car, (half, l), 0.66);
    bumpers(b, at, (half, l));
    for side in [-1.0, 1.0] {
        let mirror = vec3(side * (half + 0.04), belt + 0.06, length * 0.17);
        b.ball(at, mirror, vec3(0.09, 0.07, 0.06), body(color));
    }
}

/// A box truck or a flat-bed with a load; about 7 m long.
pub(super) fn truck(b: &mut Builder, at: &Frame, random: &mut Stream) {
    let (l, half) = (random.range(3.2, 4.6), 1.2);
    let color = lacquer(random);
    let cab_back = l - 1.9;
    let look = |paint| (Some(Class::Truck), paint);
    let foot = Level {
        y: 0.5,
        x: (-half, half),
        z: (cab_back, l),
    };
    let brow = Level {
        y: 2.6,
        x: (-half + 0.05, half - 0.05),
        z: (cab_back, l - 0.25),
    };
    let cab = Paint::Coach {
        color,
        trim: gray(0.05),
        low: 1.5,
        high: 2.3,
        pitch_m: 1.25,
    };
    b.loft(at, (foot, brow), look(cab));
    b.block(
        at,
        vec3(-0.9, 0.45, -l),
        vec3(0.9, 0.85, l - 0.3),
        look(Paint::Plain(gray(0.04))),
    );
    cargo(b, at, (half, l), random);
    wheels(
        b,
        at,
        Class::Truck,
        &[-l * 0.62, -l * 0.36, l * 0.66],
        (half - 0.05, 0.48),
    );
    lamps(b, at, Class::Truck, (half, l), 0.8);
}

/// A city bus, 12 m long.
pub(super) fn bus(b: &mut Builder, at: &Frame, random: &mut Stream) {
    let (l, half, height) = (6.0, 1.26, 3.05);
    let color = random.pick(&[
        vec3(0.62, 0.48, 0.06),
        vec3(0.50, 0.05, 0.05),
        vec3(0.62, 0.62, 0.60),
        vec3(0.06, 0.22, 0.42),
        vec3(0.08, 0.34, 0.18),
    ]);
    let paint = Paint::Coach {
        color,
        trim: color * 0.45,
        low: 1.25,
        high: 2.5,
        pitch_m: 1.5,
    };
    let foot = Level {
        y: 0.32,
        x: (-half, half),
        z: (-l, l),
    };
    let top = Level {
        y: height,
        x: (-half + 0.08, half - 0.08),
        z: (-l + 0.06, l - 0.12),
    };
    b.loft(at, (foot, top), (Some(Class::Bus), paint));
    for z in [-l - 0.02, l - 0.1] {
        let display = (Some(Class::Bus), Paint::Glow(vec3(0.75, 0.42, 0.05)));
        b.block(at, vec3(-0.6, 2.6, z), vec3(0.6, 2.84, z + 0.12), display);
    }
    let crown = (Some(Class::Bus), Paint::Plain(color * 0.7));
    b.block(
        at,
        vec3(-0.8, height, -3.0),
        vec3(0.8, height + 0.25, 2.0),
        crown,
    );
    wheels(
        b,
        at,
        Class::Bus,
        &[-l * 0.55, l * 0.62],
        (half - 0.03, 0.48),
    );
    lamps(b, at, Class::Bus, (half, l), 0.75);
}

/// A tram of three sections, 27 m long, with its front at local z = 0 and its roof gear.
pub(super) fn tram(b: &mut Builder, at: &Frame, random: &mut Stream) {
    let (half, height) = (1.2, 3.4);
    let color = random.pick(&[
        vec3(0.55, 0.06, 0.06),
        vec3(0.62, 0.50, 0.08),
        vec3(0.08, 0.28, 0.20),
        vec3(0.58, 0.58, 0.60),
    ]);
    let look = |paint| (Some(Class::Train), paint);
    for section in 0..3u8 {
        let front = -9.0 * f32::from(section);
        let (nose, tail) = (
            if section == 0 { 0.5 } else { 0.05 },
            if section == 2 { 0.5 } else { 0.05 },
        );
        let paint = Paint::Coach {
            color,
            trim: gray(0.55),
            low: 1.2,
            high: 2.55,
            pitch_m: 1.7,
        };
        let foot = Level {
            y: 0.25,
            x: (-half, half),
            z: (front - 8.6, front),
        };
        let top = Level {
            y: height,
            x: (-half + 0.12, half - 0.12),
            z: (front - 8.6 + tail, front - nose),
        };
        b.loft(at, (foot, top), look(paint));
        let gear = Paint::Plain(gray(0.2));
        b.block(
            at,
            vec3(-0.7, height, front - 7.0),
            vec3(0.7, height + 0.35, front - 2.5),
            look(gear),
        );
        if section < 2 {
            let joint = Paint::Plain(gray(0.03));
            b.block(
                at,
                vec3(-1.0, 0.3, front - 9.1),
                vec3(1.0, height - 0.2, front - 8.5),
                look(joint),
            );
        }
    }
    let route = look(Paint::Glow(vec3(0.8, 0.5, 0.08)));
    b.block(
        at,
        vec3(-0.5, 2.75, -0.45),
        vec3(0.5, 3.0, -0.30),
        route.clone(),
    );
    b.block(at, vec3(-0.5, 2.75, -26.35), vec3(0.5, 3.0, -26.2), route);
    for (z, arm) in [(-12.0, 0.8), (-12.8, -0.8)] {
        b.rod(
            at,
            (vec3(0.0, height + 0.3, z), vec3(0.0, height + 1.3, z + arm)),
            0.05,
            look(Paint::Plain(gray(0.1))),
        );
    }
    headlights(b, at);
}

/// Lacquer as seen in car parks: mostly black, gray, white and silver.
fn lacquer(random: &mut Stream) -> Vec3 {
    random.pick(&[
        gray(0.02),
        gray(0.03),
        gray(0.10),
        gray(0.28),
        gray(0.36),
        gray(0.60),
        gray(0.68),
        vec3(0.03, 0.06, 0.18),
        vec3(0.05, 0.13, 0.34),
        vec3(0.34, 0.03, 0.03),
        vec3(0.20, 0.02, 0.03),
        vec3(0.06, 0.14, 0.09),
        vec3(0.42, 0.36, 0.24),
    ]) * random.range(0.85, 1.15)
}

/// Dark bumpers at both ends of a car of half width and half length.
fn bumpers(b: &mut Builder, at: &Frame, (half, l): (f32, f32)) {
    let dark = (Some(Class::Car), Paint::Plain(gray(0.03)));
    b.block(
        at,
        vec3(-half + 0.1, 0.26, l - 0.03),
        vec3(half - 0.1, 0.42, l + 0.02),
        dark.clone(),
    );
    b.block(
        at,
        vec3(-half + 0.1, 0.24, -l - 0.02),
        vec3(half - 0.1, 0.36, -l + 0.03),
        dark,
    );
}

/// What a truck carries behind its cab: a closed box, or a flat bed with a heap.
fn cargo(b: &mut Builder, at: &Frame, (half, l): (f32, f32), random: &mut Stream) {
    let look = |paint| (Some(Class::Truck), paint);
    let box_color = random.pick(&[
        gray(0.62),
        gray(0.7),
        vec3(0.5, 0.1, 0.08),
        vec3(0.1, 0.2, 0.45),
        vec3(0.55, 0.5, 0.2),
    ]);
    if random.chance(0.75) {
        let side = Paint::Coach {
            color: box_color,
            trim: box_color * 0.6,
            low: 9.0,
            high: 9.1,
            pitch_m: 1.0,
        };
        b.block(
            at,
            vec3(-half, 0.9, -l),
            vec3(half, random.range(2.9, 3.6), l - 2.0),
            look(side),
        );
        let frame = Paint::Plain(box_color * 0.55);
        b.block(
            at,
            vec3(-0.03, 0.95, -l - 0.03),
            vec3(0.03, 2.8, -l),
            look(frame),
        );
    } else {
        b.block(
            at,
            vec3(-half, 0.9, -l),
            vec3(half, 1.5, l - 2.0),
            look(Paint::Plain(box_color * 0.5)),
        );
        let load = Paint::Rough {
            color: vec3(0.3, 0.22, 0.14),
            grain_m: 0.3,
            seed: random.seed(),
        };
        b.ball(
            at,
            vec3(0.0, 1.3, -l * 0.4),
            vec3(1.0, 0.8, l * 0.5),
            look(load),
        );
    }
}

/// White lamps at the front of a tram, red ones at its end.
fn headlights(b: &mut Builder, at: &Frame) {
    let look = |paint| (Some(Class::Train), paint);
    for (end, front) in [(0.01, true), (-26.61, false)] {
        for side in [-0.85, 0.85] {
            let glow = if front {
                vec3(0.9, 0.9, 0.8)
            } else {
                vec3(0.7, 0.04, 0.03)
            };
            b.ball(
                at,
                vec3(side, 0.75, end),
                vec3(0.14, 0.1, 0.06),
                look(Paint::Glow(glow)),
            );
        }
    }
}

/// A pair of wheels at every axle; with half the width over the tires and their radius.
fn wheels(b: &mut Builder, at: &Frame, class: Class, axles: &[f32], (half, radius): (f32, f32)) {
    for &z in axles {
        for side in [-1.0, 1.0] {
            let hub = |x: f32| vec3(side * x, radius, z);
            let tire = (Some(class), Paint::Plain(gray(0.018)));
            b.rod(at, (hub(half - 0.22), hub(half + 0.01)), radius, tire);
            b.rod(
                at,
                (hub(half), hub(half + 0.025)),
                radius * 0.6,
                (Some(class), Paint::Gloss(gray(0.26))),
            );
        }
    }
}

/// Headlamps, tail lamps and a plate on a body of half width and half length.
fn lamps(b: &mut Builder, at: &Frame, class: Class, (half, l): (f32, f32), y: f32) {
    for side in [-1.0, 1.0] {
        let x = side * (half - 0.2);
        let tail = (Some(class), Paint::Glow(vec3(0.42, 0.02, 0.02)));
        b.ball(at, vec3(x, y, -l + 0.03), vec3(0.17, 0.10, 0.09), tail);
        let head = (Some(class), Paint::Gloss(gray(0.75)));
        b.ball(at, vec3(x, y, l - 0.08), vec3(0.18, 0.09, 0.12), head);
    }
    let plate = (Some(class), Paint::Plain(gray(0.66)));
    b.block(
        at,
        vec3(-0.26, y - 0.2, -l - 0.03),
        vec3(0.26, y - 0.08, -l),
        plate,
    );
}
