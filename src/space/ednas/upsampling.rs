//! How a head returns to the size of the image: the one part of a network that targets disagree
//! on, decided when the graph is built.

use std::fmt;
use std::str::FromStr;

use kernels::op::{Coordinates, ResizeMode};
use serde::{Deserialize, Serialize};

/// The resizes that end a head.
///
/// Its text is `half_pixel`, `asymmetric` or `align_corners`, after `nearest_` where no element is
/// mixed, before `_doubling` where each resize doubles: `half_pixel_doubling`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Upsampling {
    /// How elements between the grid points are found.
    pub mode: ResizeMode,
    /// How output positions map to input positions.
    pub coordinates: Coordinates,
    /// Whether every resize doubles height and width, instead of one that does all.
    pub doubling: bool,
}

/// A word that names no [`Upsampling`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no upsampling; expected half_pixel, asymmetric or align_corners, after `nearest_` \
     where no element is mixed, before `_doubling` for a chain of doublings"
)]
pub struct UnknownUpsampling(String);

const COORDINATES: [(Coordinates, &str); 3] = [
    (Coordinates::HalfPixel, "half_pixel"),
    (Coordinates::Asymmetric, "asymmetric"),
    (Coordinates::AlignCorners, "align_corners"),
];

const NEAREST: &str = "nearest_";
const DOUBLING: &str = "_doubling";

impl Upsampling {
    /// Bilinear, in one resize.
    #[must_use]
    pub const fn bilinear(coordinates: Coordinates) -> Self {
        Self {
            mode: ResizeMode::Bilinear,
            coordinates,
            doubling: false,
        }
    }

    /// The sizes from `from`, not included, to `to`: `[height, width]`, each of one resize.
    #[must_use]
    pub fn sizes(self, from: [usize; 2], to: [usize; 2]) -> Vec<[usize; 2]> {
        let mut sizes = Vec::new();
        if self.doubling {
            let mut size = from.map(|extent| extent * 2);
            while size[0] < to[0] && size[1] < to[1] {
                sizes.push(size);
                size = size.map(|extent| extent * 2);
            }
        }
        sizes.push(to);
        sizes
    }
}

impl fmt::Display for Upsampling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nearest = match self.mode {
            ResizeMode::Nearest => NEAREST,
            ResizeMode::Bilinear => "",
        };
        let coordinates = match self.coordinates {
            Coordinates::HalfPixel => COORDINATES[0].1,
            Coordinates::Asymmetric => COORDINATES[1].1,
            Coordinates::AlignCorners => COORDINATES[2].1,
        };
        let doubling = if self.doubling { DOUBLING } else { "" };
        write!(f, "{nearest}{coordinates}{doubling}")
    }
}

impl FromStr for Upsampling {
    type Err = UnknownUpsampling;

    fn from_str(text: &str) -> Result<Self, UnknownUpsampling> {
        let (mode, rest) = match text.strip_prefix(NEAREST) {
            Some(rest) => (ResizeMode::Nearest, rest),
            None => (ResizeMode::Bilinear, text),
        };
        let (doubling, word) = match rest.strip_suffix(DOUBLING) {
            Some(word) => (true, word),
            None => (false, rest),
        };
        let known = COORDINATES.into_iter().find(|(_, known)| *known == word);
        let (coordinates, _) = known.ok_or_else(|| UnknownUpsampling(text.to_owned()))?;
        Ok(Self {
            mode,
            coordinates,
            doubling,
        })
    }
}

impl TryFrom<String> for Upsampling {
    type Error = UnknownUpsampling;

    fn try_from(text: String) -> Result<Self, UnknownUpsampling> {
        text.parse()
    }
}

impl From<Upsampling> for String {
    fn from(upsampling: Upsampling) -> Self {
        upsampling.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_told_by_its_text() {
        for mode in [ResizeMode::Nearest, ResizeMode::Bilinear] {
            for (coordinates, _) in COORDINATES {
                for doubling in [false, true] {
                    let form = Upsampling {
                        mode,
                        coordinates,
                        doubling,
                    };
                    assert_eq!(form.to_string().parse(), Ok(form));
                }
            }
        }
        let error = "bicubic".parse::<Upsampling>().unwrap_err();
        assert!(error.to_string().contains("`bicubic`"), "{error}");
    }

    #[test]
    fn doubling_goes_by_factors_of_two() {
        let once = Upsampling::bilinear(Coordinates::HalfPixel);
        assert_eq!(once.sizes([16, 32], [128, 256]), [[128, 256]]);
        let doubling = Upsampling {
            doubling: true,
            ..once
        };
        let sizes = doubling.sizes([16, 32], [128, 256]);
        assert_eq!(sizes, [[32, 64], [64, 128], [128, 256]]);
    }
}
