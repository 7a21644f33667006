//! The 19 evaluation classes of Cityscapes, in train-id order, and their colors.

/// The label of a pixel that no class owns (ego vehicle, street clutter): it counts nowhere.
pub const VOID: u8 = 255;

/// The color of [`VOID`] pixels in pictures of labels.
pub const VOID_COLOR: [u8; 3] = [0, 0, 0];

/// A class of the Cityscapes benchmark; the discriminant is the train id, 0 to 18.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names are the benchmark's own")]
pub enum Class {
    Road,
    Sidewalk,
    Building,
    Wall,
    Fence,
    Pole,
    TrafficLight,
    TrafficSign,
    Vegetation,
    Terrain,
    Sky,
    Person,
    Rider,
    Car,
    Truck,
    Bus,
    Train,
    Motorcycle,
    Bicycle,
}

impl Class {
    /// Every class in train-id order.
    pub const ALL: [Self; 19] = [
        Self::Road,
        Self::Sidewalk,
        Self::Building,
        Self::Wall,
        Self::Fence,
        Self::Pole,
        Self::TrafficLight,
        Self::TrafficSign,
        Self::Vegetation,
        Self::Terrain,
        Self::Sky,
        Self::Person,
        Self::Rider,
        Self::Car,
        Self::Truck,
        Self::Bus,
        Self::Train,
        Self::Motorcycle,
        Self::Bicycle,
    ];

    /// How many classes there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The train id, 0 to 18.
    #[must_use]
    pub fn id(self) -> u8 {
        self as u8
    }

    /// The class of a train id; `None` for [`VOID`] and anything else above 18.
    #[must_use]
    pub fn from_id(id: u8) -> Option<Self> {
        Self::ALL.get(usize::from(id)).copied()
    }

    /// The name the benchmark prints.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Road => "road",
            Self::Sidewalk => "sidewalk",
            Self::Building => "building",
            Self::Wall => "wall",
            Self::Fence => "fence",
            Self::Pole => "pole",
            Self::TrafficLight => "traffic light",
            Self::TrafficSign => "traffic sign",
            Self::Vegetation => "vegetation",
            Self::Terrain => "terrain",
            Self::Sky => "sky",
            Self::Person => "person",
            Self::Rider => "rider",
            Self::Car => "car",
            Self::Truck => "truck",
            Self::Bus => "bus",
            Self::Train => "train",
            Self::Motorcycle => "motorcycle",
            Self::Bicycle => "bicycle",
        }
    }

    /// The red, green and blue of the benchmark's palette.
    #[must_use]
    pub fn color(self) -> [u8; 3] {
        match self {
            Self::Road => [128, 64, 128],
            Self::Sidewalk => [244, 35, 232],
            Self::Building => [70, 70, 70],
            Self::Wall => [102, 102, 156],
            Self::Fence => [190, 153, 153],
            Self::Pole => [153, 153, 153],
            Self::TrafficLight => [250, 170, 30],
            Self::TrafficSign => [220, 220, 0],
            Self::Vegetation => [107, 142, 35],
            Self::Terrain => [152, 251, 152],
            Self::Sky => [70, 130, 180],
            Self::Person => [220, 20, 60],
            Self::Rider => [255, 0, 0],
            Self::Car => [0, 0, 142],
            Self::Truck => [0, 0, 70],
            Self::Bus => [0, 60, 100],
            Self::Train => [0, 80, 100],
            Self::Motorcycle => [0, 0, 230],
            Self::Bicycle => [119, 11, 32],
        }
    }
}

/// The palette color of a label: a class id, or [`VOID_COLOR`] for anything else.
#[must_use]
pub fn label_color(label: u8) -> [u8; 3] {
    Class::from_id(label).map_or(VOID_COLOR, Class::color)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_names_and_colors_are_distinct_and_in_order() {
        for (id, class) in (0u8..).zip(Class::ALL) {
            assert_eq!(class.id(), id);
            assert_eq!(Class::from_id(id), Some(class));
        }
        let names: std::collections::BTreeSet<_> = Class::ALL.map(Class::name).into();
        let colors: std::collections::BTreeSet<_> = Class::ALL.map(Class::color).into();
        assert_eq!((names.len(), colors.len()), (19, 19));
        assert_eq!(Class::from_id(VOID), None);
        assert_eq!(label_color(19), VOID_COLOR);
    }
}
