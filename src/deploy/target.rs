//! What changes a network's numbers for a target, decided when its graph is built, before
//! training: the trained graph is the exported graph.

use hwmodels::profile::{Profile, Support};
use hwmodels::task::{Fact, FactName, Operation, Work};
use kernels::op::Coordinates;

/// The forms of operators that a machine takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// How a bilinear resize maps positions.
    pub upsampling: Coordinates,
}

/// What is taken where a machine leaves the choice, best first: half-pixel centers shift nothing
/// and are what training frameworks mean by bilinear.
const PREFERRED: [(Coordinates, &str); 3] = [
    (Coordinates::HalfPixel, "half_pixel"),
    (Coordinates::Asymmetric, "asymmetric"),
    (Coordinates::AlignCorners, "align_corners"),
];

/// The operator that ends a head, and how much larger it makes the map.
const RESIZE: &str = "resize_bilinear";
const HEAD_SCALE: u64 = 8;

impl Target {
    /// The forms that the support rules of `profile` take (`[support.modes]`, `[[support.limits]]`);
    /// half-pixel centers where it has none, or takes none of them.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        let support = profile.support();
        let upsampling = PREFERRED
            .into_iter()
            .find(|(_, name)| support.is_none_or(|support| takes(support, name)))
            .map_or(Coordinates::HalfPixel, |(coordinates, _)| coordinates);
        Self { upsampling }
    }
}

/// Whether a head may end in this form of resize.
fn takes(support: &Support, coordinates: &'static str) -> bool {
    let modes = support.modes.get(RESIZE);
    let operation = Operation {
        name: RESIZE.to_owned(),
        operator: RESIZE.to_owned(),
        mode: Some(coordinates.to_owned()),
        shapes: Vec::new(),
        facts: vec![
            Fact::word(FactName::Coordinates, coordinates),
            Fact::count(FactName::ScaleH, HEAD_SCALE),
            Fact::count(FactName::ScaleW, HEAD_SCALE),
        ],
        work: Work::Move { touched_bytes: 0 },
    };
    modes.is_none_or(|modes| modes.contains(coordinates)) && support.broken(&operation).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upsampling(profile: &str) -> Coordinates {
        Target::of(&Profile::named(profile).unwrap()).upsampling
    }

    #[test]
    fn a_machine_that_takes_one_form_gets_it() {
        assert_eq!(upsampling("coral-edgetpu"), Coordinates::Asymmetric);
    }

    /// Vela takes half-pixel centers only where a map doubles.
    #[test]
    fn a_limit_on_sizes_decides_as_well() {
        assert_eq!(upsampling("ethos-u55-128"), Coordinates::Asymmetric);
    }

    #[test]
    fn a_machine_without_rules_gets_half_pixel_centers() {
        assert_eq!(upsampling("systolic-32x32-ws"), Coordinates::HalfPixel);
    }
}
