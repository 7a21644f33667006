//! What changes a network's numbers for a target, decided when its graph is built, before
//! training: the trained graph is the exported graph.

use hwmodels::profile::Profile;
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

impl Target {
    /// The forms that the support rules of `profile` take (`[support.modes]`); half-pixel centers
    /// where it has none, or takes none of them.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        let modes = profile
            .support()
            .and_then(|support| support.modes.get("resize_bilinear"));
        let taken = |name: &str| modes.is_none_or(|modes| modes.contains(name));
        let upsampling = PREFERRED
            .into_iter()
            .find(|(_, name)| taken(name))
            .map_or(Coordinates::HalfPixel, |(coordinates, _)| coordinates);
        Self { upsampling }
    }
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

    #[test]
    fn a_machine_without_rules_gets_half_pixel_centers() {
        assert_eq!(upsampling("systolic-32x32-ws"), Coordinates::HalfPixel);
    }
}
