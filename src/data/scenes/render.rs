//! From a scene to pixels: one ray each for the labels, more for color where edges show.

use super::layout::Scene;
use super::noise::hash;
use super::paint::{Look, Spot, matte};
use super::shape::Ray;
use super::vector::{Vec3, gray, vec3};
use super::world::Hit;
use crate::data::sample::{Sample, inverse_depth};
use crate::data::{Class, VOID};

/// Shadows are cast by what stands this near.
const SHADOW_M: f32 = 60.0;

/// Offsets, in pixels, of the extra rays of a pixel on an edge.
pub(super) const EXTRA: [(f32, f32); 2] = [(0.3, -0.3), (-0.3, 0.3)];

/// Two neighbors whose linear colors differ by more than this lie on an edge.
const EDGE: f32 = 0.12;

/// Draws `scene`.
pub(super) fn draw(scene: &Scene, height: usize, width: usize) -> Sample {
    let pixels = height * width;
    let mut sample = Sample::blank(height, width);
    let mut colors = vec![Vec3::ZERO; pixels];
    for row in 0..height {
        for column in 0..width {
            let at = row * width + column;
            let share = (column as f32 + 0.5) / width as f32;
            if let Some(over) = over_hood(scene, share, (row as f32 + 0.5) / height as f32) {
                colors[at] = hood(scene, over);
                continue;
            }
            let ray = scene.camera.ray(column as f32 + 0.5, row as f32 + 0.5);
            let hit = scene.world.first(&ray);
            let (label, color) = shade(scene, &ray, hit, at);
            sample.label[at] = label;
            colors[at] = color;
            if let Some(hit) = hit {
                let z = scene.camera.turn(ray.direction).z * hit.distance;
                let n = scene.camera.turn(hit.normal);
                sample.depth[at] = inverse_depth(z);
                sample.normal[at * 3..at * 3 + 3].copy_from_slice(&[n.x, n.y, n.z]);
            }
        }
    }
    develop(scene, &colors, &mut sample);
    sample
}

/// Smooths edges, then turns linear light to display bytes with vignette and sensor noise.
fn develop(scene: &Scene, colors: &[Vec3], sample: &mut Sample) {
    let (height, width) = (sample.height, sample.width);
    for row in 0..height {
        for column in 0..width {
            let at = row * width + column;
            let mut color = colors[at];
            if on_edge(colors, (height, width), (row, column)) && sample.label[at] != VOID {
                for (extra, &(dx, dy)) in (1..).zip(&EXTRA) {
                    let ray = scene
                        .camera
                        .ray(column as f32 + 0.5 + dx, row as f32 + 0.5 + dy);
                    let hit = scene.world.first(&ray);
                    color += shade(scene, &ray, hit, at + extra * 7919).1;
                }
                color = color * (1.0 / 3.0);
            }
            let (x, y) = (
                column as f32 / width as f32 - 0.5,
                row as f32 / height as f32 - 0.5,
            );
            let shown = scene
                .weather
                .develop(color * (1.0 - 0.45 * (x * x + y * y)));
            for (channel, value) in [shown.x, shown.y, shown.z].into_iter().enumerate() {
                let noise = grain(at, channel, scene.noise_seed) * scene.weather.sensor_noise;
                sample.rgb[at * 3 + channel] = byte(value + noise);
            }
        }
    }
}

/// Label and linear color of what `ray` met; `salt` tells neighboring rays' shadow samples apart.
fn shade(scene: &Scene, ray: &Ray, hit: Option<Hit>, salt: usize) -> (u8, Vec3) {
    let weather = &scene.weather;
    let Some(hit) = hit else {
        return (Class::Sky.id(), weather.sky(ray.direction));
    };
    let point = ray.at(hit.distance);
    let cosine = -hit.normal.dot(ray.direction);
    let pixel_m = hit.distance * scene.camera.pixel_angle() / cosine.max(0.08);
    let (label, look) = surface(scene, &hit, point, pixel_m);
    let mut color = look.color;
    if !look.glows {
        let open = open_to_sun(scene, point, hit.normal, salt);
        color = weather.light(color, hit.normal, open);
        if look.mirror > 0.0 {
            let grazing = (1.0 - cosine).max(0.0);
            let share = look.mirror + (1.0 - look.mirror) * 0.45 * grazing * grazing * grazing;
            let reflected = ray.direction + hit.normal * (2.0 * cosine);
            color = color.mix(mirrored(scene, reflected), share);
        }
    }
    (label, weather.through_fog(color, hit.distance))
}

fn surface(scene: &Scene, hit: &Hit, point: Vec3, pixel_m: f32) -> (u8, Look) {
    match hit.solid {
        None => {
            let (class, color) = scene.world.ground.at(point.x, point.z, pixel_m);
            (class.id(), matte(color))
        }
        Some(index) => {
            let solid = scene.world.solid(index);
            let spot = Spot {
                point: solid.frame.locate(point),
                normal: solid.frame.turn_back(hit.normal),
                pixel_m,
            };
            (solid.label, solid.paint.look(&spot))
        }
    }
}

/// 1 where the sun, or one random point of a wide bright sky, is seen; less in shade.
fn open_to_sun(scene: &Scene, point: Vec3, normal: Vec3, salt: usize) -> f32 {
    let weather = &scene.weather;
    let jitter = |channel| (grain(salt, channel, scene.noise_seed ^ 0x3c)) * weather.softness * 0.6;
    let aim = (weather.sun + vec3(jitter(0), jitter(1) * 0.4, jitter(2))).unit();
    if normal.dot(aim) <= 0.0 {
        return 0.0;
    }
    let ray = Ray {
        origin: point + normal * 0.01,
        direction: aim,
    };
    if scene.world.blocked(&ray, SHADOW_M) {
        0.0
    } else {
        1.0
    }
}

/// What lacquer and glass mirror: sky above, a dim street below.
fn mirrored(scene: &Scene, direction: Vec3) -> Vec3 {
    if direction.y > 0.0 {
        scene.weather.sky(direction)
    } else {
        scene.weather.sky(vec3(direction.x, 0.05, direction.z)) * 0.3
    }
}

/// Whether a pixel differs from a neighbor.
pub(super) fn on_edge(
    colors: &[Vec3],
    (height, width): (usize, usize),
    (row, column): (usize, usize),
) -> bool {
    let here = colors[row * width + column];
    let differs = |row: usize, column: usize| {
        let gap = colors[row * width + column] - here;
        gap.x.abs().max(gap.y.abs()).max(gap.z.abs()) > EDGE
    };
    (column > 0 && differs(row, column - 1))
        || (column + 1 < width && differs(row, column + 1))
        || (row > 0 && differs(row - 1, column))
        || (row + 1 < height && differs(row + 1, column))
}

/// How far below the hood's edge a point lies, as a share of the picture; `None` above it.
fn over_hood(scene: &Scene, x: f32, y: f32) -> Option<f32> {
    let from_middle = x - 0.5;
    let edge = scene.hood_top? + 0.22 * from_middle * from_middle;
    (y > edge).then_some(y - edge)
}

/// The lacquer of the ego vehicle mirrors the horizon.
fn hood(scene: &Scene, over: f32) -> Vec3 {
    let sky = scene.weather.sky(vec3(0.0, 0.05 + over * 4.0, 1.0).unit());
    gray(0.015) + sky * (0.10 + 0.5 * (0.02 - over).max(0.0) * 20.0)
}

/// A symmetric random number of unit variance, the sum of two uniforms.
pub(super) fn grain(at: usize, channel: usize, seed: u32) -> f32 {
    let x = i32::try_from(at).unwrap_or(i32::MAX);
    let y = i32::try_from(channel).unwrap_or(i32::MAX);
    (hash(x, y, seed) + hash(x, y + 16, seed) - 1.0) * 2.45
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a byte"
)]
pub(super) fn byte(value: f32) -> u8 {
    (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}
