//! Skips repetitions that bring nothing new.
//!
//! A repetition maps the moments it writes to later ones by maxima and additions of constants.
//! After the first one, what it only reads lies behind what it writes, so if one repetition moves
//! every moment it writes by the same `shift`, all following ones do too.

use super::clocks::Clocks;
use super::ledger::Ledger;
use crate::compile::Tile;

/// Which buffers a tile loop passes data through.
#[derive(Clone, Copy, Default)]
pub(super) struct Uses {
    parameters: bool,
    inputs: bool,
    outputs: bool,
}

impl Uses {
    pub(super) fn of(tile: &Tile) -> Uses {
        Uses {
            parameters: tile.parameter_bytes > 0,
            inputs: tile.input_bytes > 0,
            outputs: tile.output_bytes > 0,
        }
    }

    pub(super) fn or(self, other: Uses) -> Uses {
        Uses {
            parameters: self.parameters || other.parameters,
            inputs: self.inputs || other.inputs,
            outputs: self.outputs || other.outputs,
        }
    }

    /// The moments that a loop writes.
    fn written(self, clocks: &mut Clocks) -> impl Iterator<Item = &mut u64> {
        let Clocks {
            device,
            link_in,
            link_out,
            parameters_ready,
            inputs_ready,
            parameter_buffers,
            input_buffers,
            output_buffers,
            ..
        } = clocks;
        let [parameter_first, parameter_last] = parameter_buffers;
        let [input_first, input_last] = input_buffers;
        let [output_first, output_last] = output_buffers;
        [
            (true, device),
            (true, parameter_last),
            (true, input_last),
            (self.parameters || self.inputs, link_in),
            (self.parameters, parameters_ready),
            (self.parameters, parameter_first),
            (self.inputs, inputs_ready),
            (self.inputs, input_first),
            (self.outputs, link_out),
            (self.outputs, output_first),
            (self.outputs, output_last),
        ]
        .into_iter()
        .filter_map(|(written, moment)| written.then_some(moment))
    }

    /// By how much all written moments moved, if by the same.
    fn shift(self, before: &Clocks, after: &Clocks) -> Option<u64> {
        let (mut before, mut after) = (*before, *after);
        let shift = after.device - before.device;
        let mut moments = self.written(&mut before).zip(self.written(&mut after));
        moments
            .all(|(before, after)| *after - *before == shift)
            .then_some(shift)
    }
}

/// Plays `body` `times` over, or with `skip` until the rest is known.
pub(super) fn repeat(
    times: u64,
    skip: bool,
    uses: Uses,
    clocks: &mut Clocks,
    ledger: &mut Ledger,
    mut body: impl FnMut(&mut Clocks, &mut Ledger),
) {
    if times == 1 {
        return body(clocks, ledger);
    }
    for done in 1..=times {
        let (clocks_before, tally_before) = (*clocks, *ledger.tally());
        body(clocks, ledger);
        let rest = times - done;
        let certain = skip && done > 1 && rest > 0 && ledger.unclipped_since(&tally_before);
        let shift = if certain {
            uses.shift(&clocks_before, clocks)
        } else {
            None
        };
        if let Some(shift) = shift {
            uses.written(clocks)
                .for_each(|moment| *moment += shift * rest);
            ledger.repeat(&tally_before, rest, shift);
            return;
        }
    }
}
