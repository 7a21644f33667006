//! A street from one stream of random numbers: its cross-section, and what is put where.

use super::camera::Camera;
use super::ground::{Ground, LANE_M};
use super::lots;
use super::nature;
use super::paint::Paint;
use super::random::Stream;
use super::traffic;
use super::vector::{Frame, vec3};
use super::weather::Weather;
use super::world::{Builder, World};
use crate::data::Class;

/// Height of the kerbs.
pub(super) const KERB_M: f32 = 0.13;

/// Everything that a picture is drawn from.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) world: World,
    pub(super) weather: Weather,
    pub(super) camera: Camera,
    /// Top of the ego vehicle's hood at the middle of the picture, as a share of its height.
    pub(super) hood_top: Option<f32>,
    /// Seed of the sensor noise.
    pub(super) noise_seed: u32,
}

/// The kind of neighborhood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Tall houses in closed rows, shops, many people.
    City,
    /// Houses in gardens behind fences, hedges and walls.
    Town,
    /// Trees and grass, few houses.
    Park,
}

/// The measures of a street.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) style: Style,
    pub(super) ground: Ground,
    /// Cars park along the kerbs.
    pub(super) parking: bool,
    /// Width of the sidewalks.
    pub(super) sidewalk_m: f32,
    /// Width of the grass between road and sidewalk, or 0.
    pub(super) verge_m: f32,
    /// Where the street ends.
    pub(super) end_m: f32,
}

impl Plan {
    fn random(random: &mut Stream) -> Self {
        let style = random.pick(&[
            Style::City,
            Style::City,
            Style::City,
            Style::Town,
            Style::Town,
            Style::Park,
        ]);
        let rails = style == Style::City && random.chance(0.45);
        let lanes = if rails || random.chance(0.22) { 2 } else { 1 };
        let parking = random.chance(if style == Style::Park { 0.3 } else { 0.6 });
        let crossing = random.range(16.0, 70.0);
        let has_crossing = random.chance(0.55);
        let half_width_m = LANE_M * lanes as f32 + if parking { 2.2 } else { 0.5 };
        let ground = Ground {
            half_width_m,
            lanes,
            crossing_z: has_crossing.then(|| (crossing, crossing + random.range(7.0, 12.0))),
            rails,
            beside: if style == Style::City {
                Class::Sidewalk
            } else {
                Class::Terrain
            },
            asphalt: random.range(0.085, 0.17),
            seed: random.seed(),
        };
        let verge = random.chance(if style == Style::City { 0.12 } else { 0.5 });
        Self {
            style,
            ground,
            parking,
            sidewalk_m: random.range(2.2, if style == Style::City { 6.0 } else { 3.0 }),
            verge_m: if verge { random.range(1.0, 2.2) } else { 0.0 },
            end_m: random.range(110.0, 230.0),
        }
    }

    /// From the middle of the street to the far edge of the sidewalk.
    pub(super) fn frontage_m(&self) -> f32 {
        self.ground.half_width_m + self.verge_m + self.sidewalk_m
    }

    /// The stretches of the street, from and to, that no side street cuts.
    pub(super) fn stretches(&self) -> Vec<(f32, f32)> {
        match self.ground.crossing_z {
            Some((from, to)) => vec![(-8.0, from), (to, self.end_m)],
            None => vec![(-8.0, self.end_m)],
        }
    }

    /// Whether `z` lies in, or within `margin` of, the side street.
    pub(super) fn near_crossing(&self, z: f32, margin: f32) -> bool {
        self.ground
            .crossing_z
            .is_some_and(|(from, to)| z > from - margin && z < to + margin)
    }
}

/// Lays out a street for a picture of `height` x `width` pixels.
pub(super) fn street(random: &mut Stream, height: usize, width: usize) -> Scene {
    let plan = Plan::random(random);
    let weather = Weather::random(random);
    let lane = if plan.ground.lanes == 2 && random.chance(0.6) {
        1.5
    } else {
        0.5
    };
    let camera_x = LANE_M * lane + random.range(-0.3, 0.3);
    let camera = Camera::in_car(camera_x, height, width, random);
    let mut b = Builder::default();
    for side in [-1.0, 1.0] {
        sidewalks(&mut b, &plan, side, random);
        lots::fill(&mut b, &plan, side, random);
        lots::furnish(&mut b, &plan, side, random);
        traffic::park(&mut b, &plan, side, random);
        traffic::walk(&mut b, &plan, side, random);
    }
    traffic::drive(&mut b, &plan, camera_x, random);
    close(&mut b, &plan, random);
    Scene {
        world: b.finish(plan.ground),
        weather,
        camera,
        hood_top: random.chance(0.65).then(|| random.range(0.90, 0.96)),
        noise_seed: random.seed(),
    }
}

/// Kerb, sidewalk and verge of one side.
fn sidewalks(b: &mut Builder, plan: &Plan, side: f32, random: &mut Stream) {
    let seed = random.seed();
    let kerb = plan.ground.half_width_m;
    let strip = |b: &mut Builder, (near, far): (f32, f32), (from, to): (f32, f32), look| {
        let at = Frame::new(vec3(side * near, 0.0, 0.0), 0.0);
        let across = side * (far - near);
        b.block(
            &at,
            vec3(across.min(0.0), -0.2, from),
            vec3(across.max(0.0), KERB_M, to),
            look,
        );
    };
    for stretch in plan.stretches() {
        let (walk, edge) = (kerb + plan.verge_m, plan.frontage_m());
        strip(
            b,
            (walk, edge),
            stretch,
            (Some(Class::Sidewalk), Paint::Paving { seed }),
        );
        if plan.verge_m > 0.0 {
            strip(
                b,
                (kerb, walk),
                stretch,
                (Some(Class::Terrain), Paint::Grass { seed }),
            );
        }
    }
}

/// Closes the view: a house across the end or not, and always trees behind everything.
fn close(b: &mut Builder, plan: &Plan, random: &mut Stream) {
    let edge = plan.frontage_m();
    if random.chance(0.4) {
        let mut x = -edge - 12.0;
        while x < edge + 12.0 {
            let length = random.range(10.0, 18.0);
            let at = Frame::new(vec3(x, 0.0, plan.end_m + 8.0), std::f32::consts::FRAC_PI_2);
            lots::end_house(b, &at, length, plan.style, random);
            x += length;
        }
    }
    let mut x = -90.0;
    while x < 90.0 {
        let z = plan.end_m + random.range(18.0, 60.0);
        let at = Frame::new(vec3(x, 0.0, z), random.range(0.0, 6.0));
        nature::tree(b, &at, random.range(9.0, 17.0), random);
        x += random.range(5.0, 10.0);
    }
}
