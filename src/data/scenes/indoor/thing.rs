//! The classes of rooms, and how large such things are.

use super::super::random::Stream;
use super::super::vector::{Vec3, vec3};
use super::super::world::Label;

/// A class of `NYUv2`; the discriminant is its id, 0 to 39.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Thing {
    Wall,
    Floor,
    Cabinet,
    Bed,
    Chair,
    Sofa,
    Table,
    Door,
    Window,
    Bookshelf,
    Picture,
    Counter,
    Blinds,
    Desk,
    Shelves,
    Curtain,
    Dresser,
    Pillow,
    Mirror,
    FloorMat,
    Clothes,
    Ceiling,
    Books,
    Refrigerator,
    Television,
    Paper,
    Towel,
    ShowerCurtain,
    Box,
    Whiteboard,
    Person,
    NightStand,
    Toilet,
    Sink,
    Lamp,
    Bathtub,
    Bag,
    OtherStructure,
    OtherFurniture,
    OtherProp,
}

impl Label for Thing {
    fn label(self) -> u8 {
        self as u8
    }
}

impl Thing {
    /// Width, height and depth of one of its kind, in meters; in a room where it stands by a wall.
    pub(super) fn size(self, random: &mut Stream) -> Vec3 {
        let [width, height, depth] = self.spans().map(|(low, high)| random.range(low, high));
        vec3(width, height, depth)
    }

    fn spans(self) -> [(f32, f32); 3] {
        match self {
            Self::Bed => [(1.3, 1.9), (0.45, 0.6), (1.9, 2.1)],
            Self::Chair => [(0.4, 0.5), (0.8, 1.0), (0.42, 0.55)],
            Self::Sofa => [(1.5, 2.3), (0.7, 0.9), (0.8, 1.0)],
            Self::Table => [(0.9, 1.6), (0.7, 0.78), (0.7, 0.9)],
            Self::Desk => [(1.1, 1.7), (0.7, 0.78), (0.6, 0.75)],
            Self::Counter => [(1.4, 2.6), (0.85, 0.95), (0.55, 0.65)],
            Self::Cabinet => [(0.6, 1.6), (0.7, 2.1), (0.4, 0.6)],
            Self::Dresser => [(0.8, 1.4), (0.75, 1.2), (0.4, 0.55)],
            Self::Refrigerator => [(0.6, 0.8), (1.5, 1.85), (0.6, 0.7)],
            Self::Bookshelf => [(0.8, 1.5), (1.5, 2.1), (0.25, 0.35)],
            Self::Shelves => [(0.6, 1.3), (1.0, 1.8), (0.3, 0.4)],
            Self::NightStand => [(0.4, 0.55), (0.45, 0.6), (0.35, 0.45)],
            Self::OtherFurniture => [(0.5, 1.0), (0.5, 0.9), (0.4, 0.7)],
            Self::OtherStructure => [(0.25, 0.6), (2.2, 2.3), (0.2, 0.5)],
            Self::Toilet => [(0.36, 0.42), (0.75, 0.85), (0.6, 0.7)],
            Self::Sink => [(0.5, 0.7), (0.8, 0.9), (0.4, 0.5)],
            Self::Bathtub => [(1.4, 1.7), (0.5, 0.6), (0.7, 0.8)],
            Self::Door => [(0.8, 0.95), (1.95, 2.1), (0.04, 0.08)],
            Self::Window => [(0.8, 1.6), (0.9, 1.3), (0.03, 0.05)],
            Self::Blinds => [(0.8, 1.5), (0.8, 1.3), (0.05, 0.08)],
            Self::Curtain => [(0.3, 0.7), (1.7, 2.1), (0.08, 0.14)],
            Self::ShowerCurtain => [(0.6, 1.2), (1.7, 1.9), (0.06, 0.1)],
            Self::Picture => [(0.3, 0.9), (0.3, 0.7), (0.02, 0.04)],
            Self::Mirror => [(0.4, 0.9), (0.6, 1.1), (0.02, 0.04)],
            Self::Whiteboard => [(1.0, 1.8), (0.8, 1.1), (0.02, 0.04)],
            Self::Television => [(0.7, 1.2), (0.42, 0.7), (0.05, 0.1)],
            Self::Towel => [(0.3, 0.5), (0.5, 0.8), (0.03, 0.06)],
            Self::Clothes => [(0.3, 0.6), (0.7, 1.1), (0.1, 0.2)],
            Self::Paper => [(0.2, 0.4), (0.25, 0.5), (0.004, 0.01)],
            Self::Pillow => [(0.45, 0.65), (0.15, 0.22), (0.3, 0.4)],
            Self::Lamp => [(0.25, 0.4), (1.3, 1.7), (0.25, 0.4)],
            Self::FloorMat => [(0.8, 2.0), (0.008, 0.02), (0.6, 1.4)],
            Self::Box => [(0.25, 0.5), (0.2, 0.45), (0.25, 0.45)],
            Self::Bag => [(0.25, 0.4), (0.3, 0.45), (0.15, 0.3)],
            Self::Books => [(0.18, 0.3), (0.04, 0.2), (0.15, 0.24)],
            Self::Person => [(0.42, 0.5), (1.55, 1.85), (0.25, 0.32)],
            Self::OtherProp => [(0.08, 0.3), (0.1, 0.35), (0.08, 0.3)],
            Self::Wall | Self::Floor | Self::Ceiling => [(1.0, 1.0); 3],
        }
    }
}
