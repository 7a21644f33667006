//! Persons on foot and riders in the saddle, of rounded limbs.

use super::paint::Paint;
use super::random::Stream;
use super::vector::{Frame, Vec3, gray, vec3};
use super::world::Builder;
use crate::data::Class;

/// Where a rider touches the vehicle; hands and feet are mirrored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seat {
    pub(super) hip: Vec3,
    pub(super) hands: Vec3,
    pub(super) feet: Vec3,
}

/// The colors of one person.
struct Clothes {
    top: Vec3,
    legs: Vec3,
    skin: Vec3,
    hair: Vec3,
}

impl Clothes {
    fn random(random: &mut Stream) -> Self {
        let top = random.pick(&[
            gray(0.03),
            gray(0.12),
            gray(0.55),
            vec3(0.06, 0.09, 0.24),
            vec3(0.36, 0.05, 0.05),
            vec3(0.08, 0.2, 0.12),
            vec3(0.45, 0.38, 0.25),
            vec3(0.5, 0.34, 0.06),
            vec3(0.1, 0.26, 0.42),
            vec3(0.34, 0.12, 0.24),
        ]);
        Self {
            top,
            legs: random.pick(&[
                gray(0.03),
                gray(0.08),
                vec3(0.05, 0.08, 0.17),
                vec3(0.25, 0.2, 0.13),
            ]),
            skin: random.pick(&[
                vec3(0.52, 0.34, 0.25),
                vec3(0.44, 0.28, 0.19),
                vec3(0.22, 0.12, 0.08),
            ]),
            hair: random.pick(&[
                gray(0.02),
                vec3(0.1, 0.06, 0.03),
                vec3(0.32, 0.22, 0.1),
                gray(0.35),
            ]),
        }
    }
}

/// A person who stands or walks toward local z; 1.5 to 1.9 m tall.
pub(super) fn person(b: &mut Builder, at: &Frame, random: &mut Stream) {
    let k = random.range(1.5, 1.9) / 1.75;
    let clothes = Clothes::random(random);
    let look = |color| (Some(Class::Person), Paint::Plain(color));
    let stride = if random.chance(0.75) {
        random.range(0.12, 0.34)
    } else {
        0.03
    };
    let p = |x: f32, y: f32, z: f32| vec3(x, y, z) * k;
    for side in [-1.0, 1.0] {
        let step = stride * side;
        let (hip, foot) = (p(side * 0.09, 0.88, 0.0), p(side * 0.1, 0.06, step));
        let knee = (hip + foot) * 0.5 + p(0.0, 0.02, 0.05);
        b.limb(at, (hip, knee), 0.098 * k, look(clothes.legs));
        b.limb(at, (knee, foot), 0.078 * k, look(clothes.legs));
        b.ball(
            at,
            foot + p(0.0, -0.01, 0.06),
            p(0.05, 0.05, 0.13),
            look(gray(0.03)),
        );
        let (shoulder, hand) = (
            p(side * 0.2, 1.4, 0.0),
            p(side * 0.27, 0.86, -step * 0.9 + 0.06),
        );
        let elbow = (shoulder + hand) * 0.5 + p(side * 0.03, 0.0, -0.06);
        b.limb(at, (shoulder, elbow), 0.062 * k, look(clothes.top * 0.92));
        b.limb(at, (elbow, hand), 0.052 * k, look(clothes.top * 0.92));
        b.ball(at, hand, p(0.04, 0.06, 0.04), look(clothes.skin));
    }
    b.ball(
        at,
        p(0.0, 1.17, 0.0),
        p(0.2, 0.34, 0.135),
        look(clothes.top),
    );
    b.ball(
        at,
        p(0.0, 1.36, 0.0),
        p(0.23, 0.14, 0.12),
        look(clothes.top),
    );
    b.ball(
        at,
        p(0.0, 0.92, 0.0),
        p(0.17, 0.15, 0.13),
        look(clothes.legs),
    );
    head(
        b,
        at,
        p(0.0, 1.62, 0.02),
        (Class::Person, clothes.skin, clothes.hair),
    );
    if random.chance(0.3) {
        b.ball(
            at,
            p(0.0, 1.2, -0.2),
            p(0.15, 0.22, 0.12),
            look(clothes.legs.mix(gray(0.2), 0.5)),
        );
    }
}

/// A rider seated as `seat` says, knees bent, leaning to the handlebar.
pub(super) fn rider(b: &mut Builder, at: &Frame, seat: Seat, random: &mut Stream) {
    let clothes = Clothes::random(random);
    let look = |color| (Some(Class::Rider), Paint::Plain(color));
    let neck = seat.hip + vec3(0.0, 0.52, 0.26);
    for side in [-1.0, 1.0] {
        let mirror = |v: Vec3| vec3(v.x * side, v.y, v.z);
        let foot = mirror(seat.feet) + vec3(0.0, 0.08 * (side + 1.0), 0.06 * side);
        let knee = mirror(vec3(0.14, 0.0, 0.0))
            + vec3(0.0, seat.hip.y - 0.24 + 0.06 * side, seat.hip.z + 0.38);
        b.limb(
            at,
            (seat.hip + mirror(vec3(0.09, 0.0, 0.0)), knee),
            0.1,
            look(clothes.legs),
        );
        b.limb(at, (knee, foot), 0.08, look(clothes.legs));
        b.ball(
            at,
            foot + vec3(0.0, -0.02, 0.06),
            vec3(0.05, 0.05, 0.13),
            look(gray(0.03)),
        );
        let shoulder = neck + mirror(vec3(0.2, -0.06, 0.0));
        b.limb(
            at,
            (shoulder, mirror(seat.hands)),
            0.06,
            look(clothes.top * 0.92),
        );
    }
    b.limb(at, (seat.hip, neck), 0.185, look(clothes.top));
    b.ball(
        at,
        neck + vec3(0.0, -0.05, 0.0),
        vec3(0.23, 0.13, 0.13),
        look(clothes.top),
    );
    let helmet = random.pick(&[
        gray(0.03),
        gray(0.6),
        vec3(0.45, 0.05, 0.05),
        vec3(0.1, 0.06, 0.03),
    ]);
    head(
        b,
        at,
        neck + vec3(0.0, 0.22, 0.07),
        (Class::Rider, clothes.skin, helmet),
    );
}

fn head(b: &mut Builder, at: &Frame, center: Vec3, (class, skin, hair): (Class, Vec3, Vec3)) {
    b.limb(
        at,
        (center - vec3(0.0, 0.2, 0.02), center),
        0.06,
        (Some(class), Paint::Plain(skin)),
    );
    b.ball(
        at,
        center,
        vec3(0.088, 0.125, 0.10),
        (Some(class), Paint::Plain(skin)),
    );
    let crown = center + vec3(0.0, 0.035, -0.025);
    b.ball(
        at,
        crown,
        vec3(0.097, 0.115, 0.10),
        (Some(class), Paint::Plain(hair)),
    );
}
