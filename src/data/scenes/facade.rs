//! House fronts: rows of windows with frames and sills, a ground floor with shops or a door.

use super::noise::{cell, clouds2, hash};
use super::paint::{Look, Spot, matte, pane};
use super::random::Stream;
use super::vector::{Vec3, gray, vec3};

/// The face of a house whose frame stands on the ground.
#[derive(Clone, Debug)]
pub(super) struct Facade {
    wall: Vec3,
    trim: Vec3,
    /// Height of an upper floor.
    floor_m: f32,
    /// Height of the ground floor.
    ground_m: f32,
    /// Distance between windows.
    bay_m: f32,
    /// Width and height of a window, as shares of bay and floor.
    window: (f32, f32),
    shops: bool,
    /// Total height up to the eaves.
    height_m: f32,
    seed: u32,
}

impl Facade {
    /// A facade of `floors` floors; `city` ones have shops more often.
    pub(super) fn random(floors: u32, city: bool, random: &mut Stream) -> Self {
        let wall = random.pick(&[
            vec3(0.52, 0.46, 0.36),
            vec3(0.58, 0.52, 0.40),
            vec3(0.45, 0.43, 0.41),
            vec3(0.36, 0.17, 0.11),
            vec3(0.60, 0.58, 0.54),
            vec3(0.50, 0.38, 0.24),
            vec3(0.34, 0.33, 0.33),
            vec3(0.55, 0.44, 0.38),
            vec3(0.42, 0.30, 0.22),
            vec3(0.44, 0.48, 0.50),
        ]);
        let floor_m = random.range(2.8, 3.5);
        let ground_m = if city {
            random.range(3.4, 4.4)
        } else {
            floor_m
        };
        Self {
            wall: wall * random.range(0.75, 1.1),
            trim: wall.mix(gray(random.range(0.15, 0.75)), 0.7),
            floor_m,
            ground_m,
            bay_m: random.range(2.0, 3.6),
            window: (random.range(0.36, 0.72), random.range(0.45, 0.66)),
            shops: random.chance(if city { 0.6 } else { 0.08 }),
            height_m: ground_m + floor_m * (floors - 1) as f32,
            seed: random.seed(),
        }
    }

    /// Height up to the eaves, in meters.
    pub(super) fn height_m(&self) -> f32 {
        self.height_m
    }

    /// The color of cornices and sills.
    pub(super) fn trim(&self) -> Vec3 {
        self.trim
    }

    /// The look at a spot of a wall or of the flat roof.
    pub(super) fn look(&self, spot: &Spot) -> Look {
        let p = spot.point;
        if spot.normal.y > 0.5 {
            return matte(gray(0.16));
        }
        let across = if spot.normal.x.abs() > spot.normal.z.abs() {
            p.z
        } else {
            p.x
        };
        let stain = clouds2(across * 0.3, p.y * 0.22, self.seed) - 0.5;
        let wall = self.wall * (1.0 + 0.3 * stain);
        if p.y < self.ground_m {
            self.ground_floor(across, p.y, wall)
        } else {
            self.upper_floor(across, p.y - self.ground_m, wall)
        }
    }

    fn upper_floor(&self, across: f32, above: f32, wall: Vec3) -> Look {
        let (bay, floor) = (across / self.bay_m, above / self.floor_m);
        let (column, row) = (cell(bay), cell(floor));
        let u = (bay - bay.floor() - 0.5) / self.window.0;
        let v = (floor - floor.floor() - 0.52) / self.window.1;
        if (floor - floor.floor()) < 0.05 {
            return matte(self.trim);
        }
        if u.abs() > 0.5 || v.abs() > 0.5 {
            let sill = u.abs() < 0.58 && (-0.6..=-0.5).contains(&v);
            let shade = if u.abs() < 0.56 && (0.5..0.58).contains(&v) {
                0.6
            } else {
                1.0
            };
            return matte(if sill { self.trim } else { wall * shade });
        }
        self.window(u, v, hash(column, row, self.seed))
    }

    /// A window at (`u`, `v`) in -0.5..0.5, `fate` in 0..1 decides what is behind it.
    fn window(&self, u: f32, v: f32, fate: f32) -> Look {
        let frame = u.abs() > 0.43 || v.abs() > 0.45 || u.abs() < 0.03 || (v - 0.2).abs() < 0.02;
        if frame {
            return matte(gray(if self.seed & 1 == 0 { 0.62 } else { 0.18 }));
        }
        let reveal = if v > 0.36 || u < -0.36 { 0.4 } else { 1.0 };
        let behind = if fate < 0.22 {
            gray(0.34) // blind
        } else if fate < 0.34 && u.abs() > 0.22 {
            vec3(0.30, 0.27, 0.22) // curtain
        } else {
            gray(0.035 + 0.05 * (fate - 0.5).abs())
        };
        pane(behind * reveal)
    }

    fn ground_floor(&self, across: f32, y: f32, wall: Vec3) -> Look {
        let bay = across / (self.bay_m * 2.0);
        let fate = hash(cell(bay), 77, self.seed);
        let u = bay - bay.floor();
        if y < 0.45 {
            return matte(wall * 0.55);
        }
        if self.shops {
            let sign = y > self.ground_m - 0.75 && y < self.ground_m - 0.15;
            if sign && (0.04..0.96).contains(&u) {
                return matte(shop_color(fate));
            }
            let glazed = (0.07..0.93).contains(&u) && y < self.ground_m - 0.85;
            let mullion = (u * 4.0).rem_euclid(1.0) < 0.04;
            if glazed && !mullion {
                return pane(vec3(0.10, 0.085, 0.065) * (0.5 + fate));
            }
            return matte(wall * 0.8);
        }
        if fate < 0.3 && (u - 0.5).abs() < 0.11 && y < 2.5 {
            let panel = (y * 1.3).rem_euclid(1.0) < 0.1;
            return matte(shop_color(fate * 3.3) * if panel { 0.25 } else { 0.45 });
        }
        let column = across / self.bay_m;
        let side = (column - column.floor() - 0.5) / self.window.0;
        let rise = (y - 1.0) / (self.ground_m - 1.6) - 0.5;
        if side.abs() < 0.5 && rise.abs() < 0.5 && !(fate < 0.3 && (u - 0.5).abs() < 0.2) {
            return self.window(side, rise, hash(cell(column), 91, self.seed));
        }
        matte(wall)
    }
}

fn shop_color(fate: f32) -> Vec3 {
    let table = [
        vec3(0.45, 0.06, 0.05),
        vec3(0.05, 0.16, 0.36),
        vec3(0.60, 0.48, 0.10),
        vec3(0.06, 0.26, 0.12),
        vec3(0.08, 0.08, 0.09),
        vec3(0.62, 0.60, 0.56),
        vec3(0.30, 0.16, 0.06),
    ];
    let last = table.len() - 1;
    let index = usize::try_from(cell(fate * 7.0)).unwrap_or(0).min(last);
    table[index]
}
