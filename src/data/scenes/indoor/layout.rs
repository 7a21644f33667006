//! A room from one stream of random numbers: its walls, and what is put where.

use super::super::camera::Camera;
use super::super::ground::Ground;
use super::super::paint::Paint;
use super::super::random::Stream;
use super::super::vector::{Frame, Vec3, gray, vec3};
use super::super::world::{Builder, World};
use super::build::build;
use super::thing::Thing;
use crate::data::Class;

/// Thickness of walls, floor and ceiling.
const SHELL_M: f32 = 0.1;

/// How far from a corner things begin: what stands along the other wall needs it.
const CORNER_M: f32 = 0.75;

/// A room and how it is seen.
#[derive(Debug)]
pub(in crate::data::scenes) struct Room {
    pub(super) world: World,
    pub(super) camera: Camera,
    /// The lamp under the ceiling.
    pub(super) lamp: Vec3,
    pub(super) lamp_color: Vec3,
    /// Light from everywhere.
    pub(super) ambient: Vec3,
    pub(super) exposure: f32,
    pub(super) sensor_noise: f32,
    pub(super) noise_seed: u32,
}

/// What a room is for: what stands in it, and what hangs in it.
struct Kind {
    standing: &'static [Thing],
    hanging: &'static [Thing],
}

const LIVING: Kind = Kind {
    standing: &[
        Thing::Sofa,
        Thing::Cabinet,
        Thing::Bookshelf,
        Thing::Table,
        Thing::Door,
        Thing::Shelves,
        Thing::Chair,
        Thing::Lamp,
        Thing::OtherFurniture,
        Thing::OtherStructure,
    ],
    hanging: &[
        Thing::Picture,
        Thing::Window,
        Thing::Television,
        Thing::Curtain,
        Thing::Mirror,
    ],
};

const BEDROOM: Kind = Kind {
    standing: &[
        Thing::Bed,
        Thing::NightStand,
        Thing::Dresser,
        Thing::Door,
        Thing::Lamp,
        Thing::Desk,
        Thing::Cabinet,
    ],
    hanging: &[
        Thing::Picture,
        Thing::Window,
        Thing::Mirror,
        Thing::Curtain,
        Thing::Clothes,
        Thing::Blinds,
    ],
};

const KITCHEN: Kind = Kind {
    standing: &[
        Thing::Counter,
        Thing::Refrigerator,
        Thing::Cabinet,
        Thing::Door,
        Thing::Shelves,
        Thing::Sink,
        Thing::Table,
    ],
    hanging: &[Thing::Blinds, Thing::Window, Thing::Towel, Thing::Picture],
};

const BATH: Kind = Kind {
    standing: &[
        Thing::Toilet,
        Thing::Sink,
        Thing::Bathtub,
        Thing::Door,
        Thing::Cabinet,
        Thing::ShowerCurtain,
    ],
    hanging: &[Thing::Mirror, Thing::Towel, Thing::Window, Thing::Clothes],
};

const OFFICE: Kind = Kind {
    standing: &[
        Thing::Desk,
        Thing::Chair,
        Thing::Bookshelf,
        Thing::Cabinet,
        Thing::Door,
        Thing::OtherStructure,
        Thing::OtherFurniture,
    ],
    hanging: &[
        Thing::Whiteboard,
        Thing::Blinds,
        Thing::Picture,
        Thing::Paper,
        Thing::Window,
    ],
};

/// What lies or stands on tables, counters and cabinets.
const ON_TOP: [Thing; 6] = [
    Thing::Books,
    Thing::Paper,
    Thing::OtherProp,
    Thing::Box,
    Thing::Television,
    Thing::Bag,
];

/// What stands in the middle of a room.
const LOOSE: [Thing; 8] = [
    Thing::Table,
    Thing::Chair,
    Thing::Box,
    Thing::Bag,
    Thing::Person,
    Thing::OtherProp,
    Thing::Clothes,
    Thing::OtherFurniture,
];

/// Lays out a room for a picture of `size`, height and width in pixels.
pub(in crate::data::scenes) fn room(random: &mut Stream, size: [usize; 2]) -> Room {
    let extent = vec3(
        random.range(3.2, 5.8),
        random.range(2.4, 2.9),
        random.range(3.6, 6.2),
    );
    let kind = random.pick(&[
        &LIVING, &LIVING, &BEDROOM, &BEDROOM, &KITCHEN, &BATH, &OFFICE,
    ]);
    let mut b = Builder::default();
    shell(&mut b, extent, random);
    let right_angle = std::f32::consts::FRAC_PI_2;
    let walls = [
        (vec3(extent.x, 0.0, extent.z), 2.0 * right_angle, extent.x),
        (vec3(0.0, 0.0, extent.z), right_angle, extent.z),
        (vec3(extent.x, 0.0, 0.0), -right_angle, extent.z),
    ];
    for (number, (corner, yaw, length)) in walls.into_iter().enumerate() {
        let wall = Wall {
            at: Frame::new(corner, yaw),
            // The back wall keeps both of its corners.
            from: if number == 1 { CORNER_M } else { 0.1 },
            to: if number == 2 {
                length - CORNER_M
            } else {
                length - 0.1
            },
        };
        wall.furnish(&mut b, kind, random);
    }
    loose(&mut b, extent, random);
    let camera = camera(extent, size, random);
    let lamp = vec3(
        extent.x * 0.5,
        extent.y - 0.25,
        extent.z * random.range(0.35, 0.6),
    );
    ceiling_lamp(&mut b, extent, lamp);
    let warm = vec3(1.0, random.range(0.84, 1.0), random.range(0.64, 1.0));
    Room {
        world: b.finish(below()),
        camera,
        lamp,
        lamp_color: warm * random.range(0.7, 1.5),
        ambient: vec3(0.9, 0.95, 1.05) * random.range(0.18, 0.45),
        exposure: random.range(1.3, 2.4),
        sensor_noise: random.range(0.006, 0.022),
        noise_seed: random.seed(),
    }
}

/// What would be seen through the floor, and never is.
fn below() -> Ground {
    Ground {
        half_width_m: 0.0,
        lanes: 0,
        crossing_z: None,
        rails: false,
        beside: Class::Terrain,
        asphalt: 0.1,
        seed: 0,
    }
}

/// Floor, ceiling and four walls around `extent`.
fn shell(b: &mut Builder, extent: Vec3, random: &mut Stream) {
    let at = Frame::new(Vec3::ZERO, 0.0);
    let (x, y, z) = (extent.x, extent.y, extent.z);
    let s = SHELL_M;
    let boards = random.pick(&[
        vec3(0.34, 0.20, 0.10),
        vec3(0.42, 0.36, 0.28),
        vec3(0.20, 0.12, 0.07),
        gray(0.30),
    ]);
    let walls = random.pick(&[
        vec3(0.62, 0.58, 0.48),
        vec3(0.50, 0.56, 0.58),
        gray(0.64),
        vec3(0.58, 0.48, 0.40),
        vec3(0.46, 0.54, 0.42),
    ]);
    let mut rough = |color: Vec3, grain_m: f32| Paint::Rough {
        color,
        grain_m,
        seed: random.seed(),
    };
    // A hair above the plane at 0, so that this is what rays meet.
    let floor = (vec3(-s, -s, -s), vec3(x + s, 0.002, z + s));
    b.block(&at, floor.0, floor.1, (Thing::Floor, rough(boards, 0.3)));
    let ceiling = (vec3(-s, y, -s), vec3(x + s, y + s, z + s));
    b.block(
        &at,
        ceiling.0,
        ceiling.1,
        (Thing::Ceiling, rough(gray(0.68), 0.8)),
    );
    for (low, high) in [
        (vec3(-s, 0.0, -s), vec3(0.0, y, z + s)),
        (vec3(x, 0.0, -s), vec3(x + s, y, z + s)),
        (vec3(0.0, 0.0, z), vec3(x, y, z + s)),
        (vec3(0.0, 0.0, -s), vec3(x, y, 0.0)),
    ] {
        b.block(&at, low, high, (Thing::Wall, rough(walls, 0.7)));
    }
}

/// The stretch of a wall that things are put along.
struct Wall {
    /// Its corner, local x along it and z into the room.
    at: Frame,
    from: f32,
    to: f32,
}

impl Wall {
    fn furnish(&self, b: &mut Builder, kind: &Kind, random: &mut Stream) {
        let mut x = self.from + random.range(0.0, 0.5);
        while x < self.to {
            let thing = random.pick(kind.standing);
            let size = thing.size(random);
            if x + size.x > self.to {
                break;
            }
            let empty = random.chance(0.18);
            if !empty {
                build(thing, b, &self.place(x, 0.0), size, random);
                on_top(b, &self.at, thing, vec3(x, 0.0, 0.0), size, random);
            }
            let above = if empty { 0.0 } else { size.y };
            self.hang(b, kind, (x, size.x, above), random);
            x += size.x + random.range(0.05, 0.7);
        }
    }

    /// Something on the wall above `(x, width, height)`, where there is room.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a few of forty things are unlike the others"
    )]
    fn hang(&self, b: &mut Builder, kind: &Kind, over: (f32, f32, f32), random: &mut Stream) {
        let (x, width, height) = over;
        let thing = random.pick(kind.hanging);
        let size = thing.size(random);
        let low = match thing {
            Thing::Curtain => 0.05,
            Thing::Clothes | Thing::Towel => random.range(0.8, 1.1),
            _ => random.range(1.0, 1.3),
        };
        let bottom = low.max(height + 0.12);
        if bottom + size.y > 2.35 || size.x > width.max(0.6) {
            return;
        }
        let left = x + (width - size.x) * 0.5;
        if left < self.from || left + size.x > self.to {
            return;
        }
        build(thing, b, &self.place(left, bottom), size, random);
    }

    fn place(&self, x: f32, y: f32) -> Frame {
        self.at.moved(self.at.place(vec3(x, y, 0.002)))
    }
}

/// Small things on something with a flat top, whose corner is `corner` in the frame `at`.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a few of forty things are unlike the others"
)]
fn on_top(
    b: &mut Builder,
    at: &Frame,
    thing: Thing,
    corner: Vec3,
    size: Vec3,
    random: &mut Stream,
) {
    let flat = match thing {
        Thing::Table | Thing::Desk | Thing::Counter | Thing::Dresser | Thing::NightStand => true,
        Thing::Cabinet | Thing::OtherFurniture => size.y < 1.3,
        _ => false,
    };
    let mut x = random.range(0.02, 0.2);
    while flat && x < size.x - 0.3 {
        let small = random.pick(&ON_TOP);
        let mut its = small.size(random);
        if small == Thing::Paper {
            its = vec3(its.x, 0.004, its.y.min(size.z * 0.6));
        }
        if x + its.x < size.x && its.z < size.z {
            let z = random.range(0.0, size.z - its.z);
            let place = at.place(corner + vec3(x, size.y + 0.001, z));
            build(small, b, &at.moved(place), its, random);
        }
        x += its.x + random.range(0.1, 0.6);
    }
}

/// Things in the middle of the room, away from its walls and from the camera; a mat below them.
fn loose(b: &mut Builder, extent: Vec3, random: &mut Stream) {
    let middle = vec3(extent.x * 0.5, 0.004, extent.z * 0.58);
    let turned = |random: &mut Stream, at: Vec3| Frame::new(at, random.range(-3.1, 3.1));
    if random.chance(0.6) {
        let size = Thing::FloorMat.size(random);
        let at = turned(random, middle);
        let corner = at.moved(at.place(vec3(size.x * -0.5, 0.0, size.z * -0.5)));
        build(Thing::FloorMat, b, &corner, size, random);
    }
    let count = random.count(1, 4);
    for number in 0..count {
        let thing = random.pick(&LOOSE);
        let mut size = thing.size(random);
        if thing == Thing::Clothes {
            // A heap on the floor.
            size = vec3(size.x, 0.12, 0.35);
        }
        let reach = (extent.x * 0.5 - 1.3).max(0.1);
        let across = (number as f32 + 0.5) / count as f32 * 2.0 - 1.0;
        let center = middle + vec3(across * reach, 0.012, random.range(-0.4, 0.5));
        let at = turned(random, center);
        let corner = at.moved(at.place(vec3(size.x * -0.5, 0.0, size.z * -0.5)));
        build(thing, b, &corner, size, random);
        let lower = vec3(size.x * -0.5, 0.0, size.z * -0.5);
        on_top(b, &at, thing, lower, size, random);
    }
}

fn ceiling_lamp(b: &mut Builder, extent: Vec3, lamp: Vec3) {
    let at = Frame::new(Vec3::ZERO, 0.0);
    let ends = (
        vec3(lamp.x, extent.y - 0.12, lamp.z),
        vec3(lamp.x, extent.y, lamp.z),
    );
    b.rod(&at, ends, 0.18, (Thing::Lamp, Paint::Glow(gray(1.3))));
}

/// By the front wall, looking into the room.
fn camera(extent: Vec3, size: [usize; 2], random: &mut Stream) -> Camera {
    let across = random.range(0.3, 0.7);
    let position = vec3(
        extent.x * across,
        random.range(1.1, 1.7),
        random.range(0.25, 0.7),
    );
    // From beside the middle it looks toward it.
    let yaw = (0.5 - across) * random.range(0.4, 1.6) + random.range(-0.25, 0.25);
    Camera::indoors(position, yaw, random.range(0.02, 0.35), size)
}
