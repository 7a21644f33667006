//! What surfaces look like: color, gloss and holes at a point of a solid.

use super::facade::Facade;
use super::ground::{grass, paving};
use super::noise::{cell, clouds2, hash, noise3, ramp};
use super::vector::{Vec3, gray, vec3};

/// The look of a solid; points are in its own frame, in meters.
#[derive(Clone, Debug)]
pub(super) enum Paint {
    /// One matte color.
    Plain(Vec3),
    /// Light of its own: lamps.
    Glow(Vec3),
    /// Lacquer that mirrors some sky.
    Gloss(Vec3),
    /// Mottled: plaster, concrete, bark, cloth. `grain_m` is the width of a mottle.
    Rough {
        color: Vec3,
        grain_m: f32,
        seed: u32,
    },
    /// Courses of bricks or stones of `course_m` height.
    Bricks {
        color: Vec3,
        course_m: f32,
        seed: u32,
    },
    /// Foliage with ragged edges.
    Leaves { color: Vec3, seed: u32 },
    /// Slabs of a sidewalk, with a kerb of stone.
    Paving { seed: u32 },
    /// Grass of a verge.
    Grass { seed: u32 },
    /// The front and sides of a house.
    Facade(Facade),
    /// The glazed upper part of a car: panes, pillars and roof.
    Cabin { color: Vec3, height_m: f32 },
    /// A bus, tram or van side: a band of panes between `low` and `high`, `pitch_m` apart.
    Coach {
        color: Vec3,
        trim: Vec3,
        low: f32,
        high: f32,
        pitch_m: f32,
    },
    /// Wire mesh between posts: mostly holes.
    Mesh(Vec3),
    /// Upright boards or bars `pitch_m` apart, with gaps.
    Pickets { color: Vec3, pitch_m: f32 },
    /// A bicycle wheel in the local y-z plane around `hub`: rim, spokes, holes.
    Spokes { hub: Vec3, radius_m: f32 },
    /// A traffic sign seen from the front: colored rim of `rim_m` on a field.
    Sign {
        rim: Vec3,
        field: Vec3,
        center: Vec3,
        half_m: f32,
        round: bool,
    },
}

/// A point of a surface as its paint sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    /// In the solid's frame, in meters.
    pub(super) point: Vec3,
    /// Outward, in the solid's frame.
    pub(super) normal: Vec3,
    /// How much of the surface one pixel spans, in meters.
    pub(super) pixel_m: f32,
}

/// The answer of a paint.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// Linear color.
    pub(super) color: Vec3,
    /// Share of mirrored sky at normal incidence.
    pub(super) mirror: f32,
    /// Shines by itself.
    pub(super) glows: bool,
}

/// A surface without mirror or glow.
pub(super) fn matte(color: Vec3) -> Look {
    Look {
        color,
        mirror: 0.0,
        glows: false,
    }
}

/// A pane that mirrors the sky.
pub(super) fn pane(color: Vec3) -> Look {
    Look {
        color,
        mirror: 0.22,
        glows: false,
    }
}

impl Paint {
    /// Whether [`Self::covers`] can be false.
    pub(super) fn has_holes(&self) -> bool {
        matches!(
            self,
            Self::Leaves { .. } | Self::Mesh(_) | Self::Pickets { .. } | Self::Spokes { .. }
        )
    }

    /// Whether there is material at `p`; `facing` is the cosine to the viewing ray.
    pub(super) fn covers(&self, p: Vec3, facing: f32) -> bool {
        match self {
            Self::Leaves { seed, .. } => {
                facing > 0.86 || noise3(p * 5.3, *seed) < 0.2 + facing * 0.8
            }
            Self::Mesh(_) => {
                let (u, v) = ((p.x + p.z + p.y) * 7.0, (p.x + p.z - p.y) * 7.0);
                (u - u.floor()).min(v - v.floor()) < 0.24
            }
            Self::Pickets { pitch_m, .. } => {
                let u = (p.x + p.z) / pitch_m;
                u - u.floor() < 0.62 || (0.12..0.2).contains(&(p.y - 0.05).rem_euclid(0.7))
            }
            Self::Spokes { hub, radius_m } => {
                let (y, z) = (p.y - hub.y, p.z - hub.z);
                let r = (y * y + z * z).sqrt() / radius_m;
                let turn = (y.atan2(z) * 2.2).rem_euclid(1.0);
                !(0.16..0.82).contains(&r) || turn < 0.1
            }
            Self::Plain(_)
            | Self::Glow(_)
            | Self::Gloss(_)
            | Self::Rough { .. }
            | Self::Bricks { .. }
            | Self::Paving { .. }
            | Self::Grass { .. }
            | Self::Facade(_)
            | Self::Cabin { .. }
            | Self::Coach { .. }
            | Self::Sign { .. } => true,
        }
    }

    /// The look at a spot.
    pub(super) fn look(&self, spot: &Spot) -> Look {
        let p = spot.point;
        match self {
            Self::Plain(color) | Self::Mesh(color) => matte(*color),
            Self::Glow(color) => Look {
                color: *color,
                mirror: 0.0,
                glows: true,
            },
            Self::Gloss(color) => Look {
                color: *color,
                mirror: 0.05,
                glows: false,
            },
            Self::Rough {
                color,
                grain_m,
                seed,
            } => {
                let mottle = noise3(p * (1.0 / grain_m), *seed) - 0.5;
                matte(*color * (1.0 + 0.5 * mottle))
            }
            Self::Bricks {
                color,
                course_m,
                seed,
            } => matte(bricks(*color, *course_m, *seed, spot)),
            Self::Leaves { color, seed } => matte(leaves(*color, *seed, spot)),
            Self::Paving { seed } => matte(sidewalk(*seed, spot)),
            Self::Grass { seed } => matte(grass(p.x, p.z, spot.pixel_m, *seed)),
            Self::Facade(facade) => facade.look(spot),
            Self::Cabin { color, height_m } => cabin(*color, *height_m, spot),
            Self::Coach {
                color,
                trim,
                low,
                high,
                pitch_m,
            } => coach([*color, *trim], (*low, *high), *pitch_m, spot),
            Self::Pickets { color, pitch_m } => {
                let board = hash(cell((p.x + p.z) / pitch_m), 3, 7) - 0.5;
                matte(*color * (1.0 + 0.3 * board))
            }
            Self::Spokes { .. } => matte(gray(0.035)),
            Self::Sign {
                rim,
                field,
                center,
                half_m,
                round,
            } => {
                let (x, y) = ((p.x - center.x) / half_m, (p.y - center.y) / half_m);
                let r = if *round {
                    (x * x + y * y).sqrt()
                } else {
                    x.abs().max(y.abs())
                };
                let back = spot.normal.z > -0.5;
                matte(if back {
                    gray(0.3)
                } else if r > 0.72 {
                    *rim
                } else {
                    *field
                })
            }
        }
    }
}

fn bricks(color: Vec3, course_m: f32, seed: u32, spot: &Spot) -> Vec3 {
    let p = spot.point;
    let along = if spot.normal.x.abs() > spot.normal.z.abs() {
        p.z
    } else {
        p.x
    };
    let row = p.y / course_m;
    let column = along / (course_m * 2.2) + 0.5 * (row.floor() * 0.5).fract();
    let tone = hash(cell(column), cell(row), seed) - 0.5;
    let joint = (row - row.floor()) < 0.12 || (column - column.floor()) < 0.06;
    let fine = 1.0 / (1.0 + (spot.pixel_m / course_m) * 4.0);
    let stain = clouds2(along * 0.5, p.y * 0.7, seed) - 0.5;
    let brick = color * (1.0 + 0.45 * tone * fine + 0.4 * stain);
    if joint {
        brick.mix(gray(0.33), 0.6 * fine)
    } else {
        brick
    }
}

fn leaves(color: Vec3, seed: u32, spot: &Spot) -> Vec3 {
    let p = spot.point;
    let fine = 1.0 / (1.0 + spot.pixel_m * 12.0);
    let clump = noise3(p * 1.9, seed);
    let leaf = noise3(p * 5.3, seed);
    let tip = noise3(p * 13.0, seed ^ 0x5a);
    let depth = ramp(clump, 0.25, 0.75);
    let color = color.mix(color.tint(vec3(1.35, 1.15, 0.6)), leaf * 0.6);
    color * (0.34 + 0.6 * depth + 0.5 * leaf + (tip - 0.5) * 1.1 * fine)
}

fn sidewalk(seed: u32, spot: &Spot) -> Vec3 {
    let p = spot.point;
    if spot.normal.y < 0.5 || p.x.abs() < 0.16 {
        let stone = hash(cell(p.z), 1, seed) - 0.5;
        return gray(0.34 * (1.0 + 0.2 * stone));
    }
    paving(p.x, p.z, spot.pixel_m, seed)
}

fn cabin(color: Vec3, height_m: f32, spot: &Spot) -> Look {
    let p = spot.point;
    let lacquer = Look {
        color,
        mirror: 0.05,
        glows: false,
    };
    let side = spot.normal.x.abs() > 0.6;
    let pillar = side && p.z.abs() < 0.06;
    let edge = !side && p.x.abs() > 0.62;
    if spot.normal.y > 0.85 || pillar || edge || p.y > height_m - 0.05 {
        lacquer
    } else {
        pane(gray(0.025))
    }
}

fn coach([color, trim]: [Vec3; 2], (low, high): (f32, f32), pitch_m: f32, spot: &Spot) -> Look {
    let p = spot.point;
    let side = spot.normal.x.abs() > 0.7;
    let along = if side { p.z } else { p.x + pitch_m * 0.5 };
    let post = (along / pitch_m).rem_euclid(1.0) < 0.07 && side;
    if spot.normal.y < 0.5 && (low..high).contains(&p.y) && !post {
        return pane(gray(0.03));
    }
    let band = p.y < low * 0.55 || (high + 0.08..high + 0.22).contains(&p.y);
    Look {
        color: if band { trim } else { color },
        mirror: 0.04,
        glows: false,
    }
}
