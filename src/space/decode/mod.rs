//! What genomes stand for: a network or a machine, by the names of their decisions.
//!
//! `ednas` reads 16 blocks over EfficientNet-B0, `mobiledet` seven stages of equal blocks,
//! `pyramid` nothing but what all three may have: `pyramid.width`, `pyramid.cells` and
//! `head.depth`. `profile` takes every decision for a key of a profile. A decision that means
//! nothing to its decoder is an error, not an ornament.

mod ednas;
mod machine;
mod mobiledet;
mod taken;

use hwmodels::profile::Profile;

use self::taken::{Taken, meaningless};
use super::definition::Space;
use super::ednas::named::efficientnet_b0;
use super::ednas::{Architecture, FusedDefinition};
use super::error::SpaceError;
use super::genome::Genome;

/// What the genomes of a space stand for.
#[derive(Debug, Clone)]
pub enum Decoder {
    /// EDNAS networks, also with other values than the paper's, under a definition of Fused-IBN.
    Ednas(FusedDefinition),
    /// Networks of seven stages.
    Mobiledet,
    /// EfficientNet-B0 under a pyramid and heads that are searched.
    Pyramid,
    /// Machines: this one with other values of some keys.
    Profile(Box<Profile>),
}

/// What one genome stands for.
#[derive(Debug, Clone)]
pub enum Decoded {
    /// A network.
    Network(Architecture),
    /// A machine.
    Machine(Box<Profile>),
}

impl Decoder {
    /// Its name in a file.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ednas(_) => "ednas",
            Self::Mobiledet => "mobiledet",
            Self::Pyramid => "pyramid",
            Self::Profile(_) => "profile",
        }
    }

    /// What `genome` of `space` stands for.
    ///
    /// # Errors
    /// A decision that is missing or means nothing, a value that no such network has, and what no
    /// machine can be.
    pub fn decode(&self, space: &Space, genome: &Genome) -> Result<Decoded, SpaceError> {
        let taken = Taken::new(space, genome);
        Ok(match self {
            Self::Ednas(fused) => {
                Decoded::Network(network(taken, |taken| ednas::trunk(taken, *fused))?)
            }
            Self::Mobiledet => Decoded::Network(network(taken, mobiledet::trunk)?),
            Self::Pyramid => {
                let trunk = efficientnet_b0(FusedDefinition::default());
                Decoded::Network(network(taken, |_| Ok(Architecture::from(&trunk)))?)
            }
            Self::Profile(base) => Decoded::Machine(Box::new(machine::machine(base, &taken)?)),
        })
    }

    /// Decodes a genome with every choice that some genome takes.
    ///
    /// # Errors
    /// As [`Decoder::decode`]; what no machine can be only together is not looked for.
    pub fn check(&self, space: &Space) -> Result<(), SpaceError> {
        for (index, decision) in space.decisions().iter().enumerate() {
            if let Self::Profile(_) = self {
                machine::check(decision)?;
                continue;
            }
            for choice in 0..decision.choices.len() {
                if let Some(genome) = space.genome_with(index, choice) {
                    self.decode(space, &genome)?;
                }
            }
        }
        Ok(())
    }
}

/// The side of a kernel: odd, so that it has a middle.
fn kernel(taken: &mut Taken<'_>, name: &str) -> Result<usize, SpaceError> {
    let side = taken.count(name, 1..=15, None)?;
    match side % 2 {
        1 => Ok(side),
        _ => Err(meaningless(name, side, "an odd number from 1 to 15")),
    }
}

/// A trunk, and the pyramid and heads that any space of networks may search.
fn network(
    mut taken: Taken<'_>,
    trunk: impl FnOnce(&mut Taken<'_>) -> Result<Architecture, SpaceError>,
) -> Result<Architecture, SpaceError> {
    let mut network = trunk(&mut taken)?;
    let usual = network.clone();
    network.width = taken.count("pyramid.width", 1..=1024, Some(usual.width))?;
    network.cells = taken.count("pyramid.cells", 1..=16, Some(usual.cells))?;
    network.head_depth = taken.count("head.depth", 1..=16, Some(usual.head_depth))?;
    taken.finish()?;
    Ok(network)
}
