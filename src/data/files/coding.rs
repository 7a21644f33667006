//! How files store labels, depth and normals.

use crate::data::VOID;

/// How the files of a data set store what they hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Coding {
    pub(super) labels: LabelCoding,
    pub(super) depth: DepthCoding,
    pub(super) normals: NormalCoding,
}

/// What the integers of a segmentation stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LabelCoding {
    /// The value that is no class.
    pub(super) ignore: i64,
    /// The class or [`VOID`] of each stored value.
    pub(super) classes: Vec<u8>,
}

/// What a stored number says of depth; 0 is always none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum DepthCoding {
    /// The depth label over this factor.
    Scaled(f32),
    /// 16-bit disparity of Cityscapes: `(p - 1) / 256` pixels, as a label `(p - 1) / 65535`, which
    /// is the scale of AdaShare's arrays.
    Disparity,
}

/// What a stored color says of a normal: `rgb / 127.5 - 1`; arrays of floats hold it as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NormalCoding {
    /// The color that is no normal.
    pub(super) ignore: [u8; 3],
}

impl LabelCoding {
    /// Stored values are class ids below `classes`; `ignore` is no class.
    pub(super) fn ids(classes: usize, ignore: i64) -> Self {
        Self {
            ignore,
            classes: (0..VOID).take(classes).collect(),
        }
    }

    /// The class or [`VOID`] that `value` stands for; nothing where it stands for none.
    pub(super) fn class(&self, value: i64) -> Option<u8> {
        if value == self.ignore {
            return Some(VOID);
        }
        let at = usize::try_from(value).ok()?;
        self.classes.get(at).copied()
    }

    /// What values are allowed, in words.
    pub(super) fn expected(&self) -> String {
        let last = self.classes.len().saturating_sub(1);
        format!("0 to {last}, or {} for no class", self.ignore)
    }
}

impl Default for DepthCoding {
    fn default() -> Self {
        Self::Scaled(1.0)
    }
}
