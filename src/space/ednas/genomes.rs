//! The EDNAS decisions, and trunks read from and written to genomes.
//!
//! 16 blocks x {IBN, Fused-IBN} x kernel {3, 5} x multiplier {0.5, 0.75, 1, 1.5} x expansion
//! {3, 6}.
//!
//! DIFFERENCE: the paper prints a size of 2^80, but its Tables 6 and 7 have expansion 1 in the
//! first block, which is not in {3, 6}; here that expansion is fixed, which leaves 2^79 genomes.
//!
//! The decisions are those of `spaces/ednas.toml`; trunks are read by position, since searches read
//! thousands of them a second.

use std::str::FromStr;
use std::sync::LazyLock;

use super::{BLOCK_COUNT, Block, BlockKind, FusedDefinition, Trunk};
use crate::space::definition::Space;
use crate::space::error::SpaceError;
use crate::space::file::SpaceFile;
use crate::space::genome::Genome;

pub(in crate::space) const KINDS: [BlockKind; 2] = [BlockKind::Ibn, BlockKind::FusedIbn];
const KERNELS: [usize; 2] = [3, 5];
/// Multipliers in quarters, so that filters stay whole numbers.
const MULTIPLIER_QUARTERS: [usize; 4] = [2, 3, 4, 6];
const EXPANSIONS: [usize; 2] = [3, 6];

/// EfficientNet-B0's filters and strides, block by block.
pub(in crate::space) const B0_FILTERS: [usize; BLOCK_COUNT] = [
    16, 24, 24, 40, 40, 80, 80, 80, 112, 112, 112, 192, 192, 192, 192, 320,
];
pub(in crate::space) const B0_STRIDES: [usize; BLOCK_COUNT] =
    [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1];

/// The EDNAS space under one definition of Fused-IBN, named `ednas/DEFINITION`.
#[must_use]
pub fn space(fused: FusedDefinition) -> Space {
    SPACE.renamed(format!("ednas/{fused}"))
}

/// The decisions, which are the same under every definition: `spaces/ednas.toml`.
static SPACE: LazyLock<Space> = LazyLock::new(|| {
    let file = SpaceFile::named("ednas").expect("the EDNAS space ships and is well formed");
    file.space
});

/// The EDNAS space called `name`: `ednas` (the default definition) or `ednas/DEFINITION`.
///
/// # Errors
/// When the name is another one.
pub fn space_named(name: &str) -> Result<Space, SpaceError> {
    fused_of_name(name).map(space)
}

impl Trunk {
    /// The trunk that `genome` of [`space`]`(fused)` stands for.
    ///
    /// # Errors
    /// When the genome belongs to another space.
    pub fn decode(fused: FusedDefinition, genome: &Genome) -> Result<Self, SpaceError> {
        let genome = space(fused).genome(genome.choices().to_vec())?;
        let mut choices = genome.choices().iter().copied();
        let mut next = || {
            choices
                .next()
                .expect("a genome of the space has all its choices")
        };
        let blocks = std::array::from_fn(|index| Block {
            kind: KINDS[next()],
            kernel: KERNELS[next()],
            filters: B0_FILTERS[index] * MULTIPLIER_QUARTERS[next()] / 4,
            expansion: if index == 0 { 1 } else { EXPANSIONS[next()] },
            stride: B0_STRIDES[index],
        });
        Ok(Self { blocks, fused })
    }

    /// The genome of this trunk in [`space`]`(self.fused)`.
    ///
    /// # Errors
    /// When a block is not in the space; the error names the block and what is allowed.
    pub fn genome(&self) -> Result<Genome, SpaceError> {
        let mut choices = Vec::new();
        for (index, block) in self.blocks.iter().enumerate() {
            let filters: Vec<usize> = MULTIPLIER_QUARTERS
                .iter()
                .map(|quarters| B0_FILTERS[index] * quarters / 4)
                .collect();
            choices.push(usize::from(block.kind == BlockKind::FusedIbn));
            choices.push(position(index, "kernel", block.kernel, &KERNELS)?);
            choices.push(position(index, "filters", block.filters, &filters)?);
            position(index, "stride", block.stride, &[B0_STRIDES[index]])?;
            if index == 0 {
                position(index, "expansion", block.expansion, &[1])?;
            } else {
                choices.push(position(index, "expansion", block.expansion, &EXPANSIONS)?);
            }
        }
        space(self.fused).genome(choices)
    }

    /// The short text of this trunk, such as `ednas/late-separable:9/f3x1,i5x1.5e6,...`.
    ///
    /// # Errors
    /// As [`Trunk::genome`].
    pub fn text(&self) -> Result<String, SpaceError> {
        Ok(space(self.fused).text(&self.genome()?))
    }
}

impl FromStr for Trunk {
    type Err = SpaceError;

    /// Reads the short text, definition included.
    fn from_str(text: &str) -> Result<Self, SpaceError> {
        let not_a_genome = || SpaceError::NotAGenome {
            found: text.to_owned(),
        };
        let (name, _) = text.rsplit_once('/').ok_or_else(not_a_genome)?;
        let fused = fused_of_name(name)?;
        let genome = space(fused).parse(text)?;
        Self::decode(fused, &genome)
    }
}

/// The definition that the name of an EDNAS space says.
pub(in crate::space) fn fused_of_name(name: &str) -> Result<FusedDefinition, SpaceError> {
    match name.split_once('/') {
        None if name == "ednas" => Ok(FusedDefinition::default()),
        Some(("ednas", fused)) => fused.parse(),
        Some(_) | None => Err(SpaceError::UnknownSpace {
            found: name.to_owned(),
        }),
    }
}

fn position(
    index: usize,
    name: &str,
    found: usize,
    allowed: &[usize],
) -> Result<usize, SpaceError> {
    allowed.iter().position(|&a| a == found).ok_or_else(|| {
        let allowed: Vec<String> = allowed.iter().map(usize::to_string).collect();
        SpaceError::NoSuchValue {
            decision: format!("block{:02}.{name}", index + 1),
            found: found.to_string(),
            allowed: allowed.join(", "),
        }
    })
}
