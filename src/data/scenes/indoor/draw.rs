//! From a room to pixels: one ray each for the labels, more for color where edges show.

use super::super::noise::hash;
use super::super::paint::Spot;
use super::super::render::{EXTRA, byte, grain, on_edge};
use super::super::shape::Ray;
use super::super::vector::{Vec3, gray, vec3};
use super::super::world::Hit;
use super::layout::Room;
use crate::data::VOID;
use crate::data::sample::Sample;

/// Half the width of the ceiling lamp, which softens shadows.
const LAMP_M: f32 = 0.2;

/// Share of pixels at the border of things that a depth sensor loses, and of shiny ones.
const LOST: f32 = 0.35;

/// Draws `room`; depth is in meters along the axis of the camera.
pub(in crate::data::scenes) fn draw(room: &Room, height: usize, width: usize) -> Sample {
    let pixels = height * width;
    let mut sample = Sample::blank(height, width);
    let mut colors = vec![Vec3::ZERO; pixels];
    for row in 0..height {
        for column in 0..width {
            let at = row * width + column;
            let ray = room.camera.ray(column as f32 + 0.5, row as f32 + 0.5);
            let Some(hit) = room.world.first(&ray) else {
                continue;
            };
            let (label, color) = shade(room, &ray, &hit, at);
            let normal = room.camera.turn(hit.normal);
            sample.label[at] = label;
            sample.depth[at] = room.camera.turn(ray.direction).z * hit.distance;
            sample.normal[at * 3..at * 3 + 3].copy_from_slice(&[normal.x, normal.y, normal.z]);
            colors[at] = color;
        }
    }
    develop(room, &colors, &mut sample);
    lose(room, &mut sample);
    sample
}

/// Label and linear color of a hit; `salt` tells neighboring rays' shadow samples apart.
fn shade(room: &Room, ray: &Ray, hit: &Hit, salt: usize) -> (u8, Vec3) {
    let Some(index) = hit.solid else {
        return (VOID, Vec3::ZERO);
    };
    let solid = room.world.solid(index);
    let point = ray.at(hit.distance);
    let cosine = -hit.normal.dot(ray.direction);
    let spot = Spot {
        point: solid.frame.locate(point),
        normal: solid.frame.turn_back(hit.normal),
        pixel_m: hit.distance * room.camera.pixel_angle() / cosine.max(0.08),
    };
    let look = solid.paint.look(&spot);
    if look.glows {
        return (solid.label, look.color);
    }
    let light = room.ambient * (0.75 + 0.25 * hit.normal.y) + lamp(room, point, hit.normal, salt);
    let lit = look.color.tint(light);
    let color = match look.mirror > 0.0 {
        true => lit.mix(
            gray(0.45).tint(room.ambient + room.lamp_color * 0.3),
            look.mirror,
        ),
        false => lit,
    };
    (solid.label, color)
}

/// What the lamp sends to a point, less in shade.
fn lamp(room: &Room, point: Vec3, normal: Vec3, salt: usize) -> Vec3 {
    let jitter = |channel| grain(salt, channel, room.noise_seed ^ 0x3c) * LAMP_M * 0.4;
    let aim = room.lamp + vec3(jitter(0), -0.06, jitter(1)) - point;
    let distance = aim.length();
    let direction = aim.unit();
    let facing = normal.dot(direction);
    if facing <= 0.0 {
        return Vec3::ZERO;
    }
    let shadow = Ray {
        origin: point + normal * 0.005,
        direction,
    };
    match room.world.blocked(&shadow, (distance - 0.02).max(0.0)) {
        true => Vec3::ZERO,
        false => room.lamp_color * (facing * 2.2 / (0.8 + distance * distance * 0.35)),
    }
}

/// Smooths edges, then turns linear light to display bytes with sensor noise.
fn develop(room: &Room, colors: &[Vec3], sample: &mut Sample) {
    let (height, width) = (sample.height, sample.width);
    for row in 0..height {
        for column in 0..width {
            let at = row * width + column;
            let mut color = colors[at];
            if on_edge(colors, (height, width), (row, column)) {
                for (extra, &(dx, dy)) in (1..).zip(&EXTRA) {
                    let x = column as f32 + 0.5 + dx;
                    let ray = room.camera.ray(x, row as f32 + 0.5 + dy);
                    let hit = room.world.first(&ray);
                    color += hit.map_or(Vec3::ZERO, |hit| {
                        shade(room, &ray, &hit, at + extra * 7919).1
                    });
                }
                color = color * (1.0 / 3.0);
            }
            for (channel, light) in [color.x, color.y, color.z].into_iter().enumerate() {
                let shown = (1.0 - (-light * room.exposure).exp()).max(0.0).sqrt();
                let noise = grain(at, channel, room.noise_seed) * room.sensor_noise;
                sample.rgb[at * 3 + channel] = byte(shown + noise);
            }
        }
    }
}

/// Takes depth and normals from some pixels where the label changes to the right: what a depth camera
/// does not see from both of its eyes. A few unlabeled specks belong there too.
fn lose(room: &Room, sample: &mut Sample) {
    let (height, width) = (sample.height, sample.width);
    let labels = sample.label.clone();
    for row in 0..height {
        for column in 1..width {
            let at = row * width + column;
            if labels[at] == labels[at - 1] {
                continue;
            }
            let (x, y) = (at_most(column), at_most(row));
            if hash(x, y, room.noise_seed ^ 0x71) < LOST {
                sample.depth[at] = 0.0;
                sample.normal[at * 3..at * 3 + 3].fill(0.0);
                sample.label[at] = VOID;
            }
        }
    }
}

fn at_most(value: usize) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}
