//! Skips repetitions that bring nothing new.
//!
//! A repetition maps the moments it writes to later ones by maxima and additions of constants.
//! After the first one, what it only reads lies behind what it writes, so if one repetition moves
//! every moment it writes by the same `shift`, all following ones do too.

use super::clocks::{Clocks, Timed};
use super::notes::Notes;
use crate::profile::Port;

/// Which buffers and ports a tile loop passes data through.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Uses {
    parameters: bool,
    inputs: bool,
    noc: bool,
    outputs: bool,
    ports: [bool; Port::COUNT],
}

impl Uses {
    pub(super) fn of(timed: &Timed) -> Uses {
        let (tile, routes) = (&timed.tile, &timed.routes);
        let mut uses = Uses {
            parameters: tile.parameter_bytes > 0,
            inputs: tile.input_bytes > 0,
            noc: tile.noc_bytes > 0,
            outputs: tile.output_bytes > 0,
            ports: [false; Port::COUNT],
        };
        uses.ports[routes.parameters as usize] |= uses.parameters;
        uses.ports[routes.spill_in as usize] |= uses.inputs;
        uses.ports[routes.spill_out as usize] |= uses.outputs;
        uses
    }

    pub(super) fn or(self, other: Uses) -> Uses {
        let mut ports = self.ports;
        ports
            .iter_mut()
            .zip(other.ports)
            .for_each(|(port, other)| *port |= other);
        Uses {
            parameters: self.parameters || other.parameters,
            inputs: self.inputs || other.inputs,
            noc: self.noc || other.noc,
            outputs: self.outputs || other.outputs,
            ports,
        }
    }

    /// The moments that a loop writes.
    fn written(self, clocks: &mut Clocks) -> impl Iterator<Item = &mut u64> {
        let Clocks {
            device,
            ports,
            noc,
            parameters_ready,
            inputs_ready,
            noc_ready,
            parameter_buffers,
            input_buffers,
            noc_buffers,
            output_buffers,
            ..
        } = clocks;
        let [parameter_first, parameter_last] = parameter_buffers;
        let [input_first, input_last] = input_buffers;
        let [noc_first, noc_last] = noc_buffers;
        let [output_first, output_last] = output_buffers;
        let ports = self.ports.into_iter().zip(ports.iter_mut());
        [
            (true, device),
            (true, parameter_last),
            (true, input_last),
            (true, noc_last),
            (self.parameters, parameters_ready),
            (self.parameters, parameter_first),
            (self.inputs, inputs_ready),
            (self.inputs, input_first),
            (self.noc, noc),
            (self.noc, noc_ready),
            (self.noc, noc_first),
            (self.outputs, output_first),
            (self.outputs, output_last),
        ]
        .into_iter()
        .chain(ports)
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
pub(super) fn repeat<N: Notes>(
    times: u64,
    skip: bool,
    uses: impl FnOnce() -> Uses,
    clocks: &mut Clocks,
    notes: &mut N,
    mut body: impl FnMut(&mut Clocks, &mut N),
) {
    if times == 1 {
        return body(clocks, notes);
    }
    let uses = uses();
    for done in 1..=times {
        let (clocks_before, mark) = (*clocks, notes.mark());
        body(clocks, notes);
        let rest = times - done;
        let certain = skip && done > 1 && rest > 0 && notes.is_steady(&mark);
        let shift = if certain {
            uses.shift(&clocks_before, clocks)
        } else {
            None
        };
        if let Some(shift) = shift {
            let moved = shift.saturating_mul(rest);
            uses.written(clocks)
                .for_each(|moment| *moment = moment.saturating_add(moved));
            notes.repeat(&mark, rest, shift);
            return;
        }
    }
}
