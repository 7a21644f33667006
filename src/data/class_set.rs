//! The classes of a segmentation: a name and a color each.

use serde::{Deserialize, Serialize};

use super::classes::{Class, VOID_COLOR};

/// The most classes that a set has: 255 is void.
pub(super) const CLASSES_MAX: usize = 255;

/// Names and colors of classes, in the order of their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClassSet {
    classes: Vec<NamedClass>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedClass {
    name: String,
    color: [u8; 3],
}

/// The seven groups of Cityscapes, in the order of its category ids without void.
const CITYSCAPES_GROUPS: [&str; 7] = [
    "flat",
    "construction",
    "object",
    "nature",
    "sky",
    "human",
    "vehicle",
];

/// The 40 classes of `NYUv2` (Gupta, Arbelaez, Malik: Perceptual Organization and Recognition of
/// Indoor Scenes from RGB-D Images, CVPR 2013).
const NYUV2: [&str; 40] = [
    "wall",
    "floor",
    "cabinet",
    "bed",
    "chair",
    "sofa",
    "table",
    "door",
    "window",
    "bookshelf",
    "picture",
    "counter",
    "blinds",
    "desk",
    "shelves",
    "curtain",
    "dresser",
    "pillow",
    "mirror",
    "floor mat",
    "clothes",
    "ceiling",
    "books",
    "refrigerator",
    "television",
    "paper",
    "towel",
    "shower curtain",
    "box",
    "whiteboard",
    "person",
    "night stand",
    "toilet",
    "sink",
    "lamp",
    "bathtub",
    "bag",
    "other structure",
    "other furniture",
    "other prop",
];

impl ClassSet {
    /// Classes of these names, at most 255, with colors that tell neighbors apart.
    pub fn new(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let classes = names.into_iter().take(CLASSES_MAX).enumerate();
        let classes = classes.map(|(id, name)| NamedClass {
            name: name.into(),
            color: spread(id),
        });
        Self {
            classes: classes.collect(),
        }
    }

    /// The 19 evaluation classes of Cityscapes in its own colors.
    #[must_use]
    pub fn cityscapes() -> Self {
        let classes = Class::ALL.map(|class| NamedClass {
            name: class.name().to_owned(),
            color: class.color(),
        });
        Self {
            classes: classes.into(),
        }
    }

    /// The seven groups of Cityscapes' classes.
    #[must_use]
    pub fn cityscapes_groups() -> Self {
        Self::new(CITYSCAPES_GROUPS)
    }

    /// Cityscapes as two classes.
    #[must_use]
    pub fn cityscapes_halves() -> Self {
        Self::new(["background", "foreground"])
    }

    /// The 40 classes of `NYUv2`.
    #[must_use]
    pub fn nyuv2() -> Self {
        Self::new(NYUV2)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// The names in the order of the ids.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.classes.iter().map(|class| class.name.as_str())
    }

    /// The color of a label; [`VOID_COLOR`] where it is no class.
    #[must_use]
    pub fn color(&self, label: u8) -> [u8; 3] {
        let class = self.classes.get(usize::from(label));
        class.map_or(VOID_COLOR, |class| class.color)
    }
}

/// A color for class `id`: hues a golden angle apart, in three brightnesses.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded within a byte"
)]
fn spread(id: usize) -> [u8; 3] {
    let hue = (id as f64 * 0.618_033_988_75).fract() * 6.0;
    let bright = [235.0, 175.0, 120.0][id % 3];
    let channel = |shift: f64| {
        let distance = ((hue + shift).rem_euclid(6.0) - 3.0).abs() - 1.0;
        let share = 0.2 + 0.8 * distance.clamp(0.0, 1.0);
        (bright * share).round() as u8
    };
    [channel(0.0), channel(4.0), channel(2.0)]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::data::classes::label_color;

    #[test]
    fn colors_of_all_classes_differ() {
        let many = ClassSet::new((0..60).map(|id| format!("class {id}")));
        for set in [ClassSet::nyuv2(), many, ClassSet::cityscapes_groups()] {
            let ids = 0..u8::try_from(set.len()).unwrap();
            let colors: BTreeSet<[u8; 3]> = ids.map(|id| set.color(id)).collect();
            assert_eq!(colors.len(), set.len());
            assert!(!colors.contains(&VOID_COLOR));
        }
        assert_eq!(ClassSet::nyuv2().len(), 40);
    }

    #[test]
    fn cityscapes_keeps_its_own_colors() {
        let set = ClassSet::cityscapes();
        for label in 0..=255 {
            assert_eq!(set.color(label), label_color(label));
        }
    }

    #[test]
    fn a_set_comes_back() {
        let set = ClassSet::cityscapes_halves();
        let text = serde_json::to_string(&set).unwrap();
        assert_eq!(serde_json::from_str::<ClassSet>(&text).unwrap(), set);
    }
}
