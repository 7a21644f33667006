//! From genomes to architectures, by position where names need not be looked up.

use super::error::PriceError;
use crate::space::ednas::{Architecture, FusedDefinition, Trunk};
use crate::space::{Decoded, Decoder, Genome, Space, SpaceError, SpaceFile, ednas};

/// Reads the genomes of a space of networks.
#[derive(Debug)]
pub(super) struct Reader {
    space: Space,
    decoder: Decoder,
    /// The decisions are those of the EDNAS space: their places say what they mean.
    by_place: Option<FusedDefinition>,
}

impl Reader {
    pub(super) fn new(file: &SpaceFile) -> Result<Self, PriceError> {
        let space = file.space.name();
        let decoder = match &file.decoder {
            None => {
                return Err(PriceError::NoDecoder {
                    space: space.to_owned(),
                });
            }
            Some(Decoder::Profile(_)) => {
                return Err(PriceError::Kind {
                    space: space.to_owned(),
                    found: "machines",
                    expected: "networks",
                });
            }
            Some(decoder) => decoder.clone(),
        };
        let by_place = match decoder {
            Decoder::Ednas(fused) => {
                let known = ednas::space(fused);
                let same = known.decisions() == file.space.decisions()
                    && file.space.constraints().is_empty();
                same.then_some(fused)
            }
            Decoder::Mobiledet | Decoder::Pyramid | Decoder::Profile(_) => None,
        };
        Ok(Self {
            space: file.space.clone(),
            decoder,
            by_place,
        })
    }

    pub(super) fn space(&self) -> &Space {
        &self.space
    }

    /// The network that `choices` stand for.
    pub(super) fn read(&self, genome: &Genome) -> Result<Architecture, SpaceError> {
        if let Some(fused) = self.by_place {
            return Ok(Architecture::from(&Trunk::decode(fused, genome)?));
        }
        match self.decoder.decode(&self.space, genome)? {
            Decoded::Network(network) => Ok(network),
            Decoded::Machine(_) => Err(SpaceError::NotANetwork {
                space: self.space.name().to_owned(),
                found: "a machine",
            }),
        }
    }
}
