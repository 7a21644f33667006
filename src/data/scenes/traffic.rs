//! What moves or parks: cars, special vehicles, cyclists, and people on the sidewalks.

use std::f32::consts::{FRAC_PI_2, PI};

use super::cycles;
use super::ground::LANE_M;
use super::layout::{KERB_M, Plan, Style};
use super::people;
use super::random::Stream;
use super::vector::{Frame, vec3};
use super::vehicles;
use super::world::Builder;

/// A row of parked cars along one kerb, now and then a truck or motorcycles among them.
pub(super) fn park(b: &mut Builder, plan: &Plan, side: f32, random: &mut Stream) {
    if !plan.parking {
        return;
    }
    let density = random.range(0.15, 0.85);
    let x = side * (plan.ground.half_width_m - 1.1);
    let mut z = random.range(5.5, 12.0);
    while z < plan.end_m.min(120.0) {
        if !plan.near_crossing(z, 6.0) && random.chance(density) {
            let yaw = if side < 0.0 { PI } else { 0.0 } + random.range(-0.03, 0.03);
            let at = Frame::new(vec3(x + random.range(-0.1, 0.15), 0.0, z), yaw);
            if random.chance(0.05) && z > 14.0 {
                z += 3.0;
                let at = Frame::new(vec3(x, 0.0, z), yaw);
                vehicles::truck(b, &at, random);
                z += 3.0;
            } else if random.chance(0.07) {
                cycles::motorcycle(b, &at, random);
            } else {
                vehicles::car(b, &at, random);
            }
        }
        z += random.range(5.3, 6.6);
    }
}

/// People on one sidewalk, alone or in pairs, and bicycles leaned there.
pub(super) fn walk(b: &mut Builder, plan: &Plan, side: f32, random: &mut Stream) {
    let inner = plan.ground.half_width_m + plan.verge_m + 0.4;
    let (people, bikes) = match plan.style {
        Style::City => (random.count(2, 9), random.count(0, 5)),
        Style::Town => (random.count(0, 3), random.count(0, 1)),
        Style::Park => (random.count(0, 4), random.count(0, 1)),
    };
    for _ in 0..people {
        // More of them near, where they can be seen.
        let u = random.range(0.0, 1.0);
        let z = 6.0 + 55.0 * u * u;
        let x = side * (inner + random.range(0.0, plan.sidewalk_m - 0.7));
        let away = if random.chance(0.5) { 0.0 } else { PI };
        let at = Frame::new(vec3(x, KERB_M, z), away + random.range(-0.4, 0.4));
        people::person(b, &at, random);
        if random.chance(0.3) {
            let beside = Frame::new(at.place(vec3(0.62, 0.0, 0.1)), away);
            people::person(b, &beside, random);
        }
    }
    let mut z = random.range(6.0, 24.0);
    for _ in 0..bikes {
        let yaw = FRAC_PI_2 * side + random.range(-0.5, 0.5);
        let x = side * (inner + 0.35);
        cycles::bicycle(b, &Frame::new(vec3(x, KERB_M, z), yaw), random);
        z += random.range(0.6, 1.4);
    }
}

/// Traffic on the lanes; at most one rare vehicle on each side of the road.
pub(super) fn drive(b: &mut Builder, plan: &Plan, camera_x: f32, random: &mut Stream) {
    let traffic_m = LANE_M * plan.ground.lanes as f32;
    for lane in 0..plan.ground.lanes {
        for side in [-1.0, 1.0] {
            let x = side * LANE_M * (lane as f32 + 0.5);
            let own = (x - camera_x).abs() < 1.0;
            let yaw = if side < 0.0 { PI } else { 0.0 };
            let mut z = if own {
                random.range(9.0, 35.0)
            } else {
                random.range(5.0, 40.0)
            };
            let gap = random.range(14.0, 60.0);
            let mut rare_left = random.chance(0.5);
            while z < 130.0 {
                let at = |z: f32| Frame::new(vec3(x, 0.0, z), yaw);
                if rare_left && z > 9.0 {
                    rare_left = false;
                    z += rare(b, plan, (lane, side, z), &at, random);
                } else {
                    vehicles::car(b, &at(z), random);
                    z += 5.0;
                }
                z += random.range(0.35, 1.6) * gap;
            }
        }
    }
    cyclists(b, traffic_m, camera_x, random);
    if random.chance(0.22) {
        let z = plan
            .ground
            .crossing_z
            .map_or_else(|| random.range(9.0, 30.0), |(from, _)| from - 2.0);
        for _ in 0..random.count(1, 3) {
            let x = random.range(-traffic_m, traffic_m);
            let yaw = FRAC_PI_2 * random.sign();
            people::person(
                b,
                &Frame::new(vec3(x, 0.0, z + random.range(-0.8, 0.8)), yaw),
                random,
            );
        }
    }
}

/// Cyclists at the edge of the lanes.
fn cyclists(b: &mut Builder, traffic_m: f32, camera_x: f32, random: &mut Stream) {
    for side in [-1.0, 1.0] {
        if random.chance(0.4) {
            let x: f32 = side * (traffic_m - 0.55);
            let clear = if (x - camera_x).abs() < 1.3 { 9.0 } else { 5.5 };
            let z = clear + random.range(0.0, 18.0);
            let yaw = if side < 0.0 { PI } else { 0.0 } + random.range(-0.1, 0.1);
            cycles::ridden_bicycle(b, &Frame::new(vec3(x, 0.0, z), yaw), random);
        }
    }
}

/// A tram, bus, truck or motorcyclist behind `z`; returns the length of road it takes.
fn rare(
    b: &mut Builder,
    plan: &Plan,
    (lane, side, z): (u32, f32, f32),
    at: &impl Fn(f32) -> Frame,
    random: &mut Stream,
) -> f32 {
    // A tram's frame lies at its front, the others' in their middle.
    if plan.ground.rails && lane == 0 && random.chance(0.9) {
        let front = if side > 0.0 { z + 27.0 } else { z };
        vehicles::tram(b, &at(front), random);
        return 29.0;
    }
    match random.count(0, 9) {
        0..=3 => {
            vehicles::bus(b, &at(z + 7.0), random);
            13.0
        }
        4..=6 => {
            vehicles::truck(b, &at(z + 5.0), random);
            10.0
        }
        7.. => {
            cycles::ridden_motorcycle(b, &at(z), random);
            3.0
        }
    }
}
