//! Bicycles and motorcycles, parked or ridden.

use super::paint::Paint;
use super::people;
use super::random::Stream;
use super::vector::{Frame, gray, vec3};
use super::world::Builder;
use crate::data::Class;

/// A bicycle; its wheels stand on the local ground, its front is local z.
pub(super) fn bicycle(b: &mut Builder, at: &Frame, random: &mut Stream) {
    let color = random.pick(&[
        gray(0.03),
        vec3(0.3, 0.03, 0.03),
        vec3(0.05, 0.1, 0.3),
        gray(0.4),
        vec3(0.05, 0.2, 0.15),
    ]);
    let look = |paint| (Some(Class::Bicycle), paint);
    for z in [-0.52, 0.52] {
        let hub = vec3(0.0, 0.34, z);
        let paint = Paint::Spokes {
            hub,
            radius_m: 0.34,
        };
        b.rod(
            at,
            (hub - vec3(0.025, 0.0, 0.0), hub + vec3(0.025, 0.0, 0.0)),
            0.34,
            look(paint),
        );
    }
    let (seat, crank, head) = (
        vec3(0.0, 0.86, -0.22),
        vec3(0.0, 0.3, -0.05),
        vec3(0.0, 0.86, 0.34),
    );
    let tubes = [
        (seat, crank),
        (crank, head),
        (vec3(0.0, 0.78, -0.2), head),
        (crank, vec3(0.0, 0.34, -0.52)),
        (vec3(0.0, 0.74, -0.19), vec3(0.0, 0.34, -0.52)),
        (vec3(0.0, 1.0, 0.30), vec3(0.0, 0.34, 0.52)),
    ];
    for tube in tubes {
        b.rod(at, tube, 0.026, look(Paint::Gloss(color)));
    }
    let dark = look(Paint::Plain(gray(0.03)));
    b.rod(
        at,
        (vec3(-0.28, 1.02, 0.28), vec3(0.28, 1.02, 0.28)),
        0.024,
        dark.clone(),
    );
    b.ball(
        at,
        vec3(0.0, 0.9, -0.24),
        vec3(0.08, 0.05, 0.14),
        dark.clone(),
    );
    b.block(at, vec3(-0.06, 0.68, -0.72), vec3(0.06, 0.71, -0.3), dark);
}

/// A motorcycle or scooter.
pub(super) fn motorcycle(b: &mut Builder, at: &Frame, random: &mut Stream) {
    let color = random.pick(&[
        gray(0.03),
        vec3(0.42, 0.03, 0.03),
        vec3(0.05, 0.12, 0.4),
        gray(0.45),
        vec3(0.5, 0.3, 0.05),
    ]);
    let look = |paint| (Some(Class::Motorcycle), paint);
    for z in [-0.7, 0.7] {
        let hub = vec3(0.0, 0.31, z);
        b.rod(
            at,
            (hub - vec3(0.08, 0.0, 0.0), hub + vec3(0.08, 0.0, 0.0)),
            0.31,
            look(Paint::Plain(gray(0.02))),
        );
        b.rod(
            at,
            (hub - vec3(0.09, 0.0, 0.0), hub + vec3(0.09, 0.0, 0.0)),
            0.17,
            look(Paint::Gloss(gray(0.3))),
        );
    }
    let (dark, lacquer) = (Paint::Plain(gray(0.02)), Paint::Gloss(color));
    let tail_lamp = Paint::Glow(vec3(0.5, 0.02, 0.02));
    let parts = [
        (
            vec3(0.0, 0.50, -0.02),
            vec3(0.22, 0.26, 0.46),
            Paint::Plain(gray(0.07)),
        ),
        (
            vec3(0.0, 0.80, 0.16),
            vec3(0.2, 0.17, 0.36),
            lacquer.clone(),
        ),
        (vec3(0.0, 0.78, -0.38), vec3(0.17, 0.09, 0.44), dark),
        (
            vec3(0.0, 0.72, -0.74),
            vec3(0.14, 0.13, 0.2),
            lacquer.clone(),
        ),
        (vec3(0.0, 0.74, -0.92), vec3(0.1, 0.06, 0.04), tail_lamp),
        (vec3(0.0, 0.93, 0.58), vec3(0.2, 0.22, 0.14), lacquer),
    ];
    for (center, half, paint) in parts {
        b.ball(at, center, half, look(paint));
    }
    let fork = (vec3(0.0, 0.95, 0.5), vec3(0.0, 0.31, 0.7));
    let handlebar = (vec3(-0.36, 1.05, 0.42), vec3(0.36, 1.05, 0.42));
    let exhaust = (vec3(0.2, 0.3, -0.1), vec3(0.2, 0.4, -0.85));
    b.rod(at, fork, 0.06, look(Paint::Plain(gray(0.2))));
    b.rod(at, handlebar, 0.03, look(Paint::Plain(gray(0.03))));
    b.rod(at, exhaust, 0.06, look(Paint::Gloss(gray(0.35))));
}

/// A bicycle with its rider.
pub(super) fn ridden_bicycle(b: &mut Builder, at: &Frame, random: &mut Stream) {
    bicycle(b, at, random);
    people::rider(
        b,
        at,
        people::Seat {
            hip: vec3(0.0, 0.98, -0.22),
            hands: vec3(0.24, 1.06, 0.26),
            feet: vec3(0.13, 0.3, 0.0),
        },
        random,
    );
}

/// A motorcycle with its rider.
pub(super) fn ridden_motorcycle(b: &mut Builder, at: &Frame, random: &mut Stream) {
    motorcycle(b, at, random);
    people::rider(
        b,
        at,
        people::Seat {
            hip: vec3(0.0, 0.92, -0.3),
            hands: vec3(0.3, 1.08, 0.38),
            feet: vec3(0.22, 0.34, -0.1),
        },
        random,
    );
}
