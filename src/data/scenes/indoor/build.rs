//! Things as solids, each in its own frame and in the size that was drawn for it.

use super::super::paint::Paint;
use super::super::random::Stream;
use super::super::vector::{Frame, Vec3, gray, vec3};
use super::super::world::Builder;
use super::thing::Thing;

/// Builds `thing` of `size` (width, height, depth) at `at`.
pub(super) fn build(thing: Thing, b: &mut Builder, at: &Frame, size: Vec3, random: &mut Stream) {
    let mut made = Made {
        thing,
        b,
        at,
        size,
        color: color(thing, random),
        seed: random.seed(),
    };
    match thing {
        Thing::Bed => made.bed(random),
        Thing::Chair => made.chair(),
        Thing::Sofa => made.sofa(),
        Thing::Table | Thing::Desk => made.table(),
        Thing::Bookshelf | Thing::Shelves => made.shelves(random),
        Thing::Cabinet
        | Thing::Dresser
        | Thing::NightStand
        | Thing::Refrigerator
        | Thing::OtherFurniture => made.cupboard(),
        Thing::Counter => made.counter(),
        Thing::Toilet => made.toilet(),
        Thing::Sink => made.sink(),
        Thing::Bathtub => made.tub(),
        Thing::Curtain | Thing::ShowerCurtain | Thing::Clothes => made.folds(),
        Thing::Blinds => made.slats(),
        Thing::Picture | Thing::Mirror | Thing::Whiteboard | Thing::Television | Thing::Door => {
            made.framed();
        }
        Thing::Window => made.window(),
        Thing::Lamp => made.lamp(),
        Thing::Person => made.person(),
        Thing::Pillow | Thing::Bag => made.cushion(),
        Thing::OtherProp => made.jug(),
        Thing::Books => made.stack(random),
        Thing::Wall
        | Thing::Floor
        | Thing::Ceiling
        | Thing::OtherStructure
        | Thing::FloorMat
        | Thing::Paper
        | Thing::Towel
        | Thing::Box => made.whole(),
    }
}

fn color(thing: Thing, random: &mut Stream) -> Vec3 {
    let wood = [
        vec3(0.36, 0.20, 0.09),
        vec3(0.45, 0.30, 0.16),
        vec3(0.22, 0.12, 0.06),
        vec3(0.60, 0.50, 0.36),
    ];
    let cloth = [
        vec3(0.42, 0.10, 0.09),
        vec3(0.10, 0.16, 0.34),
        vec3(0.44, 0.40, 0.32),
        vec3(0.12, 0.26, 0.16),
        vec3(0.24, 0.24, 0.26),
        vec3(0.50, 0.34, 0.12),
    ];
    let white = [gray(0.62), gray(0.70), vec3(0.66, 0.62, 0.54)];
    let options: &[Vec3] = match thing {
        Thing::Cabinet
        | Thing::Table
        | Thing::Desk
        | Thing::Door
        | Thing::Bookshelf
        | Thing::Shelves
        | Thing::Dresser
        | Thing::NightStand
        | Thing::OtherFurniture
        | Thing::Chair => &wood,
        Thing::Bed
        | Thing::Sofa
        | Thing::Curtain
        | Thing::FloorMat
        | Thing::Clothes
        | Thing::Books
        | Thing::Person
        | Thing::Bag
        | Thing::OtherProp
        | Thing::Picture
        | Thing::Towel => &cloth,
        Thing::Box => &[vec3(0.42, 0.30, 0.18), vec3(0.50, 0.38, 0.24)],
        Thing::Television | Thing::Mirror => &[gray(0.02), gray(0.03)],
        Thing::Wall
        | Thing::Floor
        | Thing::Ceiling
        | Thing::Window
        | Thing::Counter
        | Thing::Blinds
        | Thing::Pillow
        | Thing::Refrigerator
        | Thing::Paper
        | Thing::ShowerCurtain
        | Thing::Whiteboard
        | Thing::Toilet
        | Thing::Sink
        | Thing::Lamp
        | Thing::Bathtub
        | Thing::OtherStructure => &white,
    };
    random.pick(options) * random.range(0.75, 1.15)
}

/// A thing on its way.
struct Made<'a> {
    thing: Thing,
    b: &'a mut Builder,
    at: &'a Frame,
    size: Vec3,
    color: Vec3,
    seed: u32,
}

impl Made<'_> {
    /// A box between two corners given as shares of the size.
    fn part(&mut self, low: [f32; 3], high: [f32; 3], paint: Paint) {
        let corner = |[x, y, z]: [f32; 3]| self.size.tint(vec3(x, y, z));
        let (low, high) = (corner(low), corner(high));
        self.b.block(self.at, low, high, (self.thing, paint));
    }

    fn rough(&self, shade: f32) -> Paint {
        Paint::Rough {
            color: self.color * shade,
            grain_m: 0.12,
            seed: self.seed,
        }
    }

    fn whole(&mut self) {
        self.part([0.0; 3], [1.0; 3], self.rough(1.0));
    }

    fn legs(&mut self, top: f32) {
        let (x, z) = (0.05 / self.size.x, 0.05 / self.size.z);
        for (left, back) in [
            (0.0, 0.0),
            (1.0 - x, 0.0),
            (0.0, 1.0 - z),
            (1.0 - x, 1.0 - z),
        ] {
            let (low, high) = ([left, 0.0, back], [left + x, top, back + z]);
            self.part(low, high, Paint::Plain(self.color * 0.7));
        }
    }

    fn table(&mut self) {
        self.part([0.0, 0.94, 0.0], [1.0; 3], self.rough(1.0));
        self.legs(0.94);
        if self.thing == Thing::Desk {
            self.part([0.62, 0.25, 0.05], [0.96, 0.94, 0.95], self.rough(0.85));
        }
    }

    fn chair(&mut self) {
        self.part([0.0, 0.46, 0.0], [1.0, 0.52, 1.0], self.rough(1.0));
        self.part([0.0, 0.52, 0.0], [1.0, 1.0, 0.1], self.rough(0.9));
        self.legs(0.46);
    }

    fn sofa(&mut self) {
        self.part([0.0, 0.06, 0.0], [1.0, 0.5, 1.0], self.rough(1.0));
        self.part([0.0, 0.5, 0.0], [1.0, 1.0, 0.28], self.rough(0.95));
        for (from, to) in [(0.0, 0.1), (0.9, 1.0)] {
            self.part([from, 0.06, 0.0], [to, 0.72, 1.0], self.rough(0.9));
        }
    }

    fn bed(&mut self, random: &mut Stream) {
        self.part([0.0, 0.0, 0.0], [1.0, 0.5, 1.0], Paint::Plain(gray(0.12)));
        self.part([0.02, 0.5, 0.04], [0.98, 1.0, 1.0], self.rough(1.0));
        self.part(
            [0.0, 0.0, 0.0],
            [1.0, 1.9, 0.03],
            Paint::Plain(vec3(0.3, 0.18, 0.09)),
        );
        let count = if self.size.x > 1.5 { 2 } else { 1 };
        for number in 0..count {
            let pillow = vec3(self.size.x * 0.8 / count as f32, 0.16, 0.38);
            let left = self.size.x * (0.1 + 0.8 * number as f32 / count as f32);
            let corner = self.at.place(vec3(left, self.size.y, 0.08));
            let at = self.at.moved(corner);
            build(Thing::Pillow, self.b, &at, pillow, random);
        }
    }

    fn cupboard(&mut self) {
        self.part([0.0; 3], [1.0, 1.0, 0.94], self.rough(0.8));
        let doors = if self.size.x > 0.8 { 2 } else { 1 };
        for door in 0..doors {
            let (from, to) = (door as f32 / doors as f32, (door + 1) as f32 / doors as f32);
            let (from, to) = (from + 0.02, to - 0.02);
            self.part([from, 0.05, 0.94], [to, 0.97, 1.0], self.rough(1.0));
            let knob = from + 0.85 * (to - from);
            let (low, high) = ([knob, 0.45, 1.0], [knob + 0.03, 0.55, 1.03]);
            self.part(low, high, Paint::Gloss(gray(0.3)));
        }
    }

    fn counter(&mut self) {
        self.part([0.0; 3], [1.0, 0.95, 0.95], self.rough(0.9));
        self.part([0.0, 0.95, 0.0], [1.0; 3], Paint::Gloss(gray(0.2)));
    }

    fn shelves(&mut self, random: &mut Stream) {
        let side = 0.03 / self.size.x;
        self.part([0.0; 3], [side, 1.0, 1.0], self.rough(0.9));
        self.part([1.0 - side, 0.0, 0.0], [1.0; 3], self.rough(0.9));
        self.part([0.0; 3], [1.0, 1.0, 0.06], self.rough(0.6));
        let boards = 4;
        for board in 0..=boards {
            let y = 0.96 * board as f32 / boards as f32;
            self.part([side, y, 0.0], [1.0 - side, y + 0.02, 1.0], self.rough(1.0));
            if board < boards {
                self.row(y + 0.02, random);
            }
        }
    }

    /// What stands on a board at a share of the height: books in a bookshelf, else boxes and jugs.
    fn row(&mut self, y: f32, random: &mut Stream) {
        let mut x = 0.05;
        while x < self.size.x - 0.3 {
            let corner = self.at.place(vec3(x, y * self.size.y, 0.04));
            let at = self.at.moved(corner);
            let (thing, width) = if self.thing == Thing::Bookshelf {
                (Thing::Books, random.range(0.12, 0.3))
            } else {
                let thing = random.pick(&[Thing::OtherProp, Thing::Box, Thing::Books]);
                (thing, random.range(0.1, 0.25))
            };
            let height = self.size.y * random.range(0.1, 0.19);
            let size = vec3(width, height, self.size.z * 0.75);
            build(thing, self.b, &at, size, random);
            x += width + random.range(0.0, 0.2);
        }
    }

    fn toilet(&mut self) {
        self.part([0.1, 0.0, 0.25], [0.9, 0.5, 0.95], Paint::Gloss(self.color));
        self.part([0.0, 0.5, 0.25], [1.0, 0.56, 1.0], Paint::Gloss(self.color));
        self.part([0.0, 0.45, 0.0], [1.0, 1.0, 0.25], Paint::Gloss(self.color));
    }

    fn sink(&mut self) {
        self.part([0.38, 0.0, 0.1], [0.62, 0.8, 0.5], Paint::Gloss(self.color));
        self.part([0.0, 0.8, 0.0], [1.0; 3], Paint::Gloss(self.color));
        self.part(
            [0.46, 1.0, 0.05],
            [0.54, 1.2, 0.15],
            Paint::Gloss(gray(0.4)),
        );
    }

    fn tub(&mut self) {
        let shiny = Paint::Gloss(self.color);
        self.part([0.0; 3], [1.0, 0.4, 1.0], shiny.clone());
        self.part([0.0, 0.4, 0.0], [1.0, 1.0, 0.1], shiny.clone());
        self.part([0.0, 0.4, 0.9], [1.0; 3], shiny.clone());
        self.part([0.0, 0.4, 0.1], [0.06, 1.0, 0.9], shiny.clone());
        self.part([0.94, 0.4, 0.1], [1.0, 1.0, 0.9], shiny);
    }

    /// Cloth that hangs: rods of two depths side by side.
    fn folds(&mut self) {
        let radius = self.size.z * 0.5;
        let count = (self.size.x / radius).max(2.0);
        let mut x = 0.0;
        let mut deep = false;
        while x < self.size.x {
            let z = if deep { radius } else { radius * 1.25 };
            let ends = (vec3(x, 0.0, z), vec3(x, self.size.y, z));
            let paint = self.rough(if deep { 0.9 } else { 1.0 });
            self.b.rod(self.at, ends, radius * 0.8, (self.thing, paint));
            x += self.size.x / count;
            deep = !deep;
        }
    }

    fn slats(&mut self) {
        let count = (self.size.y / 0.06).max(4.0);
        let mut y = 0.0;
        while y < 1.0 {
            let top = (y + 0.75 / count).min(1.0);
            self.part([0.0, y, 0.2], [1.0, top, 1.0], Paint::Plain(self.color));
            y += 1.0 / count;
        }
        self.part(
            [0.0, 0.0, 0.0],
            [1.0, 1.0, 0.2],
            Paint::Plain(self.color * 0.6),
        );
    }

    /// A frame around a field: pictures, mirrors, boards, screens, doors.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a few of forty things are unlike the others"
    )]
    fn framed(&mut self) {
        let field = match self.thing {
            Thing::Mirror | Thing::Television => Paint::Gloss(self.color),
            Thing::Whiteboard => Paint::Gloss(gray(0.7)),
            _ => self.rough(1.0),
        };
        let frame = match self.thing {
            Thing::Picture => vec3(0.14, 0.09, 0.04),
            Thing::Door => self.color * 0.8,
            _ => gray(0.15),
        };
        self.part([0.0; 3], [1.0, 1.0, 0.6], Paint::Plain(frame));
        self.part([0.06, 0.04, 0.6], [0.94, 0.96, 1.0], field);
        if self.thing == Thing::Door {
            self.part([0.84, 0.46, 1.0], [0.92, 0.5, 2.0], Paint::Gloss(gray(0.4)));
        }
    }

    fn window(&mut self) {
        self.part([0.0; 3], [1.0, 1.0, 0.5], Paint::Plain(gray(0.6)));
        for (from, to) in [(0.05, 0.48), (0.52, 0.95)] {
            let sky = vec3(0.85, 0.95, 1.1);
            self.part([from, 0.06, 0.5], [to, 0.94, 0.7], Paint::Glow(sky));
        }
    }

    fn lamp(&mut self) {
        let middle = |y: f32| vec3(self.size.x * 0.5, y, self.size.z * 0.5);
        let (foot, neck, top) = (middle(0.0), middle(self.size.y * 0.75), middle(self.size.y));
        let dark = || Paint::Plain(gray(0.08));
        let radius = self.size.x * 0.5;
        self.b
            .rod(self.at, (foot, neck), 0.02, (self.thing, dark()));
        let base = (foot, foot + vec3(0.0, 0.02, 0.0));
        self.b
            .rod(self.at, base, radius * 0.6, (self.thing, dark()));
        let glow = Paint::Glow(vec3(1.2, 1.05, 0.8));
        self.b.rod(self.at, (neck, top), radius, (self.thing, glow));
    }

    fn person(&mut self) {
        let (tall, x, z) = (self.size.y, self.size.x * 0.5, self.size.z * 0.5);
        let limb = |made: &mut Self, from: Vec3, to: Vec3, radius: f32, paint: Paint| {
            let place = |p: Vec3| vec3(x + p.x, p.y * tall, z + p.z);
            let ends = (place(from), place(to));
            made.b.limb(made.at, ends, radius, (made.thing, paint));
        };
        let (cloth, skin) = (self.rough(1.0), Paint::Plain(vec3(0.44, 0.26, 0.18)));
        for side in [-1.0, 1.0] {
            let dark = Paint::Plain(self.color * 0.4);
            let hip = vec3(side * 0.09, 0.5, 0.0);
            limb(self, vec3(side * 0.09, 0.02, 0.0), hip, 0.08, dark);
            let hand = vec3(side * 0.24, 0.45, 0.05);
            limb(self, vec3(side * 0.2, 0.8, 0.0), hand, 0.05, cloth.clone());
        }
        limb(
            self,
            vec3(0.0, 0.48, 0.0),
            vec3(0.0, 0.82, 0.0),
            0.17,
            cloth,
        );
        limb(self, vec3(0.0, 0.88, 0.0), vec3(0.0, 0.97, 0.0), 0.1, skin);
    }

    fn cushion(&mut self) {
        let half = self.size * 0.5;
        let look = (self.thing, self.rough(1.0));
        self.b.ball(self.at, half, half, look);
    }

    fn jug(&mut self) {
        let radius = self.size.x.min(self.size.z) * 0.5;
        let at = |y: f32| vec3(self.size.x * 0.5, y, self.size.z * 0.5);
        let (foot, shoulder, top) = (at(0.0), at(self.size.y * 0.7), at(self.size.y));
        let paint = Paint::Gloss(self.color);
        self.b.rod(
            self.at,
            (foot, shoulder),
            radius,
            (self.thing, paint.clone()),
        );
        self.b
            .rod(self.at, (shoulder, top), radius * 0.5, (self.thing, paint));
    }

    /// Books side by side where they are high, else one on the other.
    fn stack(&mut self, random: &mut Stream) {
        let upright = self.size.y > 0.15;
        let mut from = 0.0;
        while from < 0.98 {
            let to: f32 = (from + random.range(0.1, 0.3)).min(1.0);
            let paint = Paint::Plain(color(Thing::Books, random));
            let inset = random.range(0.8, 1.0);
            match upright {
                true => self.part([from, 0.0, 0.0], [to, inset, inset], paint),
                false => self.part([0.0, from, 0.0], [inset, to, inset], paint),
            }
            from = to;
        }
    }
}
