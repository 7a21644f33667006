//! `ednas`: `block01` to `block16`, each with `kind`, `kernel`, `multiplier` and `expansion`.

use super::super::ednas::genomes::{B0_FILTERS, B0_STRIDES, KINDS};
use super::super::ednas::{Architecture, BLOCK_COUNT, Block, FusedDefinition, Trunk};
use super::super::error::SpaceError;
use super::taken::{Taken, meaningless};

/// Names of [`KINDS`].
const KIND_NAMES: [&str; 2] = ["ibn", "fused-ibn"];

pub(super) fn trunk(
    taken: &mut Taken<'_>,
    fused: FusedDefinition,
) -> Result<Architecture, SpaceError> {
    let mut blocks = Vec::with_capacity(BLOCK_COUNT);
    for index in 0..BLOCK_COUNT {
        blocks.push(block(taken, index)?);
    }
    let blocks = blocks.try_into().expect("there is one for each");
    Ok(Architecture::from(&Trunk { blocks, fused }))
}

fn block(taken: &mut Taken<'_>, index: usize) -> Result<Block, SpaceError> {
    let name = |what: &str| format!("block{:02}.{what}", index + 1);
    let multiplier = name("multiplier");
    let hundredths = taken.hundredths(&multiplier)? * B0_FILTERS[index];
    if !hundredths.is_multiple_of(100) {
        let expected = format!("a part of {} filters that is whole", B0_FILTERS[index]);
        let found = format!("{} filters", hundredths / 100);
        return Err(meaningless(
            &multiplier,
            format!("{found} and a fraction"),
            &expected,
        ));
    }
    // The first block does not expand unless it says so.
    let usual = (index == 0).then_some(1);
    Ok(Block {
        kind: KINDS[taken.word(&name("kind"), &KIND_NAMES)?],
        kernel: super::kernel(taken, &name("kernel"))?,
        filters: hundredths / 100,
        expansion: taken.count(&name("expansion"), 1..=16, usual)?,
        stride: B0_STRIDES[index],
    })
}
