//! The stages of a trunk: runs of blocks of one resolution.

use super::super::ednas::{Architecture, BlockShape};

/// The blocks of one resolution, in order: the first has the stride.
pub(super) type Stage = Vec<(usize, BlockShape)>;

/// The stages of a trunk, with its blocks numbered from 1. EfficientNet-B0 has five, which end
/// with blocks 1, 3, 5, 11 and 16: P1 to P5.
pub(super) fn stages(network: &Architecture) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    for (number, &block) in (1..).zip(&network.blocks) {
        match stages.last_mut() {
            Some(stage) if block.stride == 1 => stage.push((number, block)),
            Some(_) | None => stages.push(vec![(number, block)]),
        }
    }
    stages
}

/// Where a stage ends, if P3, P4 or P5 is taken there.
pub(super) fn is_tap(network: &Architecture, stage: &Stage) -> bool {
    stage
        .last()
        .is_some_and(|(number, _)| network.taps.contains(number))
}
