//! What changes a network's numbers for a target, decided when its graph is built, before
//! training: the trained graph is the exported graph.

use anyhow::{Context, ensure};
use hwmodels::profile::{Profile, Support};
use hwmodels::task::{Fact, FactName, Operation, Work};
use kernels::op::{Coordinates, ResizeMode};

use crate::space::ednas::Upsampling;

/// A machine to deploy on, and the forms of operators that it takes.
#[derive(Clone, Debug)]
pub struct Target {
    /// What the command line calls it.
    pub name: String,
    /// What the machine is; nothing for a processor, which takes every operator.
    pub profile: Option<Profile>,
    /// How heads return to the size of the image.
    pub upsampling: Upsampling,
}

/// The targets that have a name of their own, each with its profile.
pub const TARGETS: [(&str, Option<&str>); 5] = [
    ("coral", Some("coral-edgetpu")),
    ("ethos-u55", Some("ethos-u55-128")),
    ("ethos-u65", Some("ethos-u65-512")),
    ("ethos-u85", Some("ethos-u85-256")),
    ("cpu", None),
];

/// What is taken where a machine leaves the choice, best first: half-pixel centers shift nothing
/// and are what training frameworks mean by bilinear, at the price of two more resizes where a
/// machine only doubles.
const PREFERRED: [(Coordinates, bool); 4] = [
    (Coordinates::HalfPixel, false),
    (Coordinates::HalfPixel, true),
    (Coordinates::Asymmetric, false),
    (Coordinates::Asymmetric, true),
];

/// The operator that ends a head, and how much larger it makes the map.
const RESIZE: &str = "resize_bilinear";
const NEAREST: &str = "resize_nearest";
const HEAD_SCALE: u64 = 8;

impl Target {
    /// The target called `name`.
    ///
    /// # Errors
    ///
    /// For a name that [`TARGETS`] lacks.
    pub fn named(name: &str) -> anyhow::Result<Self> {
        let known = TARGETS.into_iter().find(|(known, _)| *known == name);
        let names = TARGETS.map(|(name, _)| name).join(", ");
        let (_, profile) =
            known.with_context(|| format!("there is no target `{name}`; known: {names}"))?;
        let target = match profile {
            Some(profile) => Self::of(&Profile::named(profile)?),
            None => Self {
                name: String::new(),
                profile: None,
                upsampling: Upsampling::bilinear(Coordinates::HalfPixel),
            },
        };
        let name = name.to_owned();
        Ok(Self { name, ..target })
    }

    /// The machine of `profile`, with the forms that its support rules take (`[support.modes]`,
    /// `[[support.limits]]`): nearest neighbors where it takes nothing else, half-pixel centers
    /// where it has no rules or leaves resizes to its host.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        let support = profile.support();
        let bilinear = PREFERRED.map(|(coordinates, doubling)| Upsampling {
            doubling,
            ..Upsampling::bilinear(coordinates)
        });
        let mut taken = bilinear
            .into_iter()
            .filter(|form| support.is_none_or(|support| takes(support, *form)));
        let on_the_host = || {
            let only_nearest = support.is_some_and(|support| support.operators.contains(NEAREST));
            if only_nearest { nearest() } else { bilinear[0] }
        };
        Self {
            name: profile.name().to_owned(),
            profile: Some(profile.clone()),
            upsampling: taken.next().unwrap_or_else(on_the_host),
        }
    }

    /// Refuses a network whose heads end in another form than this target's: changing it would
    /// change what the trained weights compute. A processor takes every form.
    ///
    /// # Errors
    ///
    /// Says what the network was built with, what the target takes, and what to do.
    pub fn accepts(&self, upsampling: Upsampling) -> anyhow::Result<()> {
        let name = &self.name;
        ensure!(
            self.profile.is_none() || upsampling == self.upsampling,
            "the network was not built for {name}: its heads end in {upsampling} resizes, those \
             of {name} in {}, which compute other numbers from the same weights. Build it for \
             {name} before training (--target {name}), or export it for the target that it was \
             built for",
            self.upsampling
        );
        Ok(())
    }
}

const fn nearest() -> Upsampling {
    Upsampling {
        mode: ResizeMode::Nearest,
        ..Upsampling::bilinear(Coordinates::Asymmetric)
    }
}

/// Whether a head may end in this form of resize.
fn takes(support: &Support, form: Upsampling) -> bool {
    let coordinates = match form.coordinates {
        Coordinates::HalfPixel => "half_pixel",
        Coordinates::Asymmetric => "asymmetric",
        Coordinates::AlignCorners => "align_corners",
    };
    let scale = if form.doubling { 2 } else { HEAD_SCALE };
    let modes = support.modes.get(RESIZE);
    let operation = Operation {
        name: RESIZE.to_owned(),
        operator: RESIZE.to_owned(),
        mode: Some(coordinates.to_owned()),
        shapes: Vec::new(),
        facts: vec![
            Fact::word(FactName::Coordinates, coordinates),
            Fact::count(FactName::ScaleH, scale),
            Fact::count(FactName::ScaleW, scale),
        ],
        work: Work::Move { touched_bytes: 0 },
    };
    support.operators.contains(RESIZE)
        && modes.is_none_or(|modes| modes.contains(coordinates))
        && support.broken(&operation).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upsampling(profile: &str) -> String {
        let target = Target::of(&Profile::named(profile).unwrap());
        target.upsampling.to_string()
    }

    #[test]
    fn a_machine_that_takes_one_form_gets_it() {
        assert_eq!(upsampling("coral-edgetpu"), "asymmetric");
    }

    /// Vela takes half-pixel centers only where a map doubles.
    #[test]
    fn a_limit_on_sizes_decides_as_well() {
        assert_eq!(upsampling("ethos-u55-128"), "half_pixel_doubling");
    }

    #[test]
    fn a_machine_without_rules_gets_half_pixel_centers() {
        assert_eq!(upsampling("systolic-32x32-ws"), "half_pixel");
    }

    #[test]
    fn a_machine_whose_host_resizes_gets_half_pixel_centers() {
        assert_eq!(upsampling("kendryte-k210"), "half_pixel");
    }

    #[test]
    fn a_machine_that_only_repeats_elements_gets_nearest_neighbors() {
        let file = include_str!("../../hwmodels/profiles/kendryte-k210.toml");
        let text = file.replacen(r#""max_pool","#, r#""max_pool", "resize_nearest","#, 1);
        let profile = Profile::parse(&text, "nearest.toml").unwrap();
        assert_eq!(Target::of(&profile).upsampling, nearest());
    }

    #[test]
    fn a_network_of_another_form_is_refused_with_the_remedy() {
        let coral = Target::named("coral").unwrap();
        coral.accepts(coral.upsampling).unwrap();
        let cpu = Target::named("cpu").unwrap();
        cpu.accepts(coral.upsampling).unwrap();
        let error = coral.accepts(cpu.upsampling).unwrap_err().to_string();
        for part in ["half_pixel", "asymmetric", "--target coral"] {
            assert!(error.contains(part), "{error}");
        }
        let error = Target::named("corral").unwrap_err().to_string();
        assert!(error.contains("coral, ethos-u55"), "{error}");
    }
}
