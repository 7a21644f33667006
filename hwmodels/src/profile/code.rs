//! How many bytes of instructions an operator has.
//!
//! `operator + window * positions`, and of an operator of more than one output pixel whose rows or
//! columns do not divide by the grid of tiles
//! `ragged operator + ragged window block * positions * blocks`; one with a single output pixel has
//! `vector block * blocks` instead of both terms in `positions`. Blocks are of output channels of a
//! loop nest; a mere change of view has no code.

use super::SourceKind;
use crate::task::{Operation, Work};

/// The instructions of programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// When they are sent.
    pub sent: Sent,
    /// Bytes of every program.
    pub program_bytes: u64,
    /// Bytes of every operator.
    pub operator_bytes: u64,
    /// Bytes for every position of a window.
    pub window_bytes: u64,
    /// Bytes for every block of output channels of an operator with one output pixel.
    pub vector_block_bytes: u64,
    /// What ragged operators add.
    pub ragged: Ragged,
    /// Bytes that an operator adds for every strip after the first, on a machine that computes layers in
    /// strips of rows where their activations find no room, rather than keep them outside the chip.
    pub strip_bytes: Option<u64>,
    /// Output channels of a block.
    pub block_channels: u64,
    /// Where the numbers come from.
    pub source: SourceKind,
}

/// What operators add whose rows or columns do not divide by the grid of tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ragged {
    /// Rows and columns that are no multiples of this are ragged; 1 where nothing is.
    pub multiple: u64,
    /// Bytes of every ragged operator.
    pub operator_bytes: u64,
    /// Bytes for every position of its window and block of its output channels.
    pub window_block_bytes: u64,
}

/// When instructions are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// All of them before the first input.
    AtOnce,
    /// Every operator's while the one before it computes.
    Ahead,
}

impl Code {
    /// Bytes of instructions of one operator that is computed in `strips`, at least 1; saturates.
    #[must_use]
    pub fn bytes(&self, operation: &Operation, strips: u64) -> u64 {
        if (Work::Move { touched_bytes: 0 }) == operation.work {
            return 0;
        }
        let [rows, columns, channels] = extent(operation);
        let nest = operation.work.nest();
        let window = nest.map_or(0, |nest| nest.kernel[0].saturating_mul(nest.kernel[1]));
        let blocks = nest.map_or(0, |_| channels.div_ceil(self.block_channels));
        let divides = |side: u64| side.is_multiple_of(self.ragged.multiple);
        let add =
            |bytes: u64, each: u64, times: u64| bytes.saturating_add(each.saturating_mul(times));
        let extra = strips.saturating_sub(1);
        let bytes = add(self.operator_bytes, self.strip_bytes.unwrap_or(0), extra);
        if rows == 1 && columns == 1 {
            return add(bytes, self.vector_block_bytes, blocks);
        }
        let bytes = add(bytes, self.window_bytes, window);
        if divides(rows) && divides(columns) {
            return bytes;
        }
        let unrolled = window.saturating_mul(blocks);
        let bytes = add(bytes, self.ragged.operator_bytes, 1);
        add(bytes, self.ragged.window_block_bytes, unrolled)
    }
}

/// Output rows, columns and channels.
fn extent(operation: &Operation) -> [u64; 3] {
    if let Some(nest) = operation.work.nest() {
        return [nest.out_h, nest.out_w, nest.out_c];
    }
    match operation.shapes.last().map(Vec::as_slice) {
        Some([_, rows, columns, channels]) => [*rows, *columns, *channels],
        Some([.., channels]) => [1, 1, *channels],
        Some([]) | None => [1, 1, 1],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::{LoopNest, Work};

    const CODE: Code = Code {
        sent: Sent::AtOnce,
        program_bytes: 0,
        operator_bytes: 1000,
        window_bytes: 15,
        vector_block_bytes: 300,
        ragged: Ragged {
            multiple: 4,
            operator_bytes: 700,
            window_block_bytes: 30,
        },
        strip_bytes: Some(7000),
        block_channels: 64,
        source: SourceKind::Fitted,
    };

    fn operation(work: Work, shape: &[u64]) -> Operation {
        Operation {
            name: "a".to_owned(),
            operator: "b".to_owned(),
            mode: None,
            shapes: vec![shape.to_vec()],
            facts: Vec::new(),
            work,
        }
    }

    #[test]
    fn edge_tiles_and_blocks_have_code_of_their_own() {
        let conv = |size, out_c, kernel| {
            let nest = LoopNest::conv([1, size, size, 8], out_c, [kernel; 2], [1, 1]);
            CODE.bytes(&operation(Work::LoopNest(nest), &[]), 1)
        };
        assert_eq!(conv(28, 64, 3), 1000 + 9 * 15);
        assert_eq!(conv(14, 65, 3), 1000 + 9 * 15 + 700 + 9 * 2 * 30);
        assert_eq!(conv(1, 129, 1), 1000 + 3 * 300);
        let sum = Work::Vector { touched_bytes: 1 };
        assert_eq!(CODE.bytes(&operation(sum, &[1, 28, 28, 64]), 1), 1000);
        assert_eq!(CODE.bytes(&operation(sum, &[1, 28, 7, 64]), 1), 1700);
        assert_eq!(CODE.bytes(&operation(sum, &[1, 128]), 1), 1000);
        let view = Work::Move { touched_bytes: 0 };
        assert_eq!(CODE.bytes(&operation(view, &[1, 128]), 1), 0);
        assert_eq!(CODE.bytes(&operation(sum, &[1, 4, 4, 8]), 3), 15_000);
    }
}
