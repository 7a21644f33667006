//! `mobiledet`: `stage1` to `stage7`, each of `blocks` equal blocks with `filters` and `kernel`.
//!
//! A block's `kind` says what else a stage decides: `expansion` of `ibn` and `fused_expansion` of
//! `fused`, or `in_percent` and `out_percent` of `tucker`. Strides are EfficientNet-B0's, and so
//! are the levels of the pyramid: the ends of stages 3, 5 and 7. `stem.filters` may be searched.

use super::super::ednas::{Architecture, BlockForm, BlockShape};
use super::super::error::SpaceError;
use super::taken::Taken;

/// Of the first block of each stage.
const STRIDES: [usize; 7] = [1, 2, 2, 2, 1, 2, 1];

pub(super) fn trunk(taken: &mut Taken<'_>) -> Result<Architecture, SpaceError> {
    let stem_filters = taken.count("stem.filters", 1..=4096, Some(Architecture::STEM_FILTERS))?;
    let mut blocks = Vec::new();
    let mut ends = Vec::with_capacity(STRIDES.len());
    for (number, stride) in (1..).zip(STRIDES) {
        let name = |what: &str| format!("stage{number}.{what}");
        let count = taken.count(&name("blocks"), 1..=16, None)?;
        let first = BlockShape {
            form: form(taken, &name)?,
            kernel: super::kernel(taken, &name("kernel"))?,
            filters: taken.count(&name("filters"), 1..=4096, None)?,
            stride,
        };
        let others = BlockShape { stride: 1, ..first };
        blocks.push(first);
        blocks.extend(std::iter::repeat_n(others, count - 1));
        ends.push(blocks.len());
    }
    Ok(Architecture {
        stem_filters,
        blocks,
        taps: [ends[2], ends[4], ends[6]],
        width: Architecture::WIDTH,
        cells: Architecture::CELLS,
        head_depth: Architecture::HEAD_DEPTH,
    })
}

fn form(taken: &mut Taken<'_>, name: &impl Fn(&str) -> String) -> Result<BlockForm, SpaceError> {
    const NAMES: [&str; 3] = ["ibn", "fused", "tucker"];
    let kind = taken.word(&name("kind"), &NAMES)?;
    Ok(match NAMES[kind] {
        "ibn" => BlockForm::Ibn {
            expansion: taken.count(&name("expansion"), 1..=16, None)?,
        },
        "fused" => BlockForm::Fused {
            expansion: taken.count(&name("fused_expansion"), 1..=16, None)?,
        },
        _ => BlockForm::Tucker {
            in_percent: taken.count(&name("in_percent"), 1..=400, None)?,
            out_percent: taken.count(&name("out_percent"), 1..=400, None)?,
        },
    })
}
