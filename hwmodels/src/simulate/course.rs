//! The course of an inference: the rules of a whole program, whoever keeps account of it.

use super::clocks::Clocks;
use super::notes::Notes;
use super::what::What;
use crate::profile::{Profile, Sent};

/// An inference under way.
pub(crate) struct Course<'p, N> {
    profile: &'p Profile,
    pub(super) clocks: Clocks,
    pub(super) notes: N,
    /// Whether an operator ran already.
    started: bool,
}

/// Since when an activation that an operator reads is complete.
#[derive(Clone, Copy)]
pub(crate) struct Operand {
    pub(crate) ready: u64,
    pub(crate) spilled: bool,
}

#[expect(
    private_bounds,
    reason = "who keeps account is decided within the simulator"
)]
impl<'p, N: Notes> Course<'p, N> {
    pub(crate) fn new(profile: &'p Profile, notes: N) -> Self {
        Self {
            profile,
            clocks: Clocks::default(),
            notes,
            started: false,
        }
    }

    /// Begins the inference; returns when it has begun. `code_bytes` are those of all operators;
    /// nothing where there is none.
    pub(crate) fn invoke(&mut self, code_bytes: impl FnOnce() -> Option<u64>) -> u64 {
        let fixed = self.profile.overheads().inference_cycles;
        self.notes.record(What::Invoke, 0, fixed, 0);
        self.clocks = Clocks::starting_at(fixed);
        match self.profile.code().filter(|code| code.sent == Sent::AtOnce) {
            Some(code) => {
                let program = code_bytes().map(|bytes| bytes.saturating_add(code.program_bytes));
                fixed.max(self.send_code(program.unwrap_or(0)))
            }
            None => fixed,
        }
    }

    /// Sends a whole activation, not before it is `ready`; returns when it has arrived.
    pub(crate) fn cross(&mut self, what: What, bytes: u64, ready: u64) -> u64 {
        let path = self.profile.paths().and_then(|paths| what.path(paths));
        let path = path.expect("only a machine with ways of its own transfers");
        let (start, end) = self.clocks.transfer(path.port, ready, path.cycles(bytes));
        self.notes.record(what, start, end, bytes);
        end
    }

    /// Runs an operator on the accelerator: its code, its operands, its tiles. Returns when its
    /// last result had arrived where it lives.
    pub(super) fn operator(
        &mut self,
        code_bytes: impl FnOnce() -> u64,
        operands: impl Iterator<Item = Operand>,
        tiles: impl FnOnce(&mut Clocks, &mut N),
    ) -> u64 {
        if let Some(code) = self.profile.code().filter(|code| code.sent == Sent::Ahead) {
            let first = !std::mem::replace(&mut self.started, true);
            let program = if first { code.program_bytes } else { 0 };
            self.send_code(code_bytes().saturating_add(program));
        }
        let overhead = self.profile.overheads().operator_cycles;
        self.clocks.begin(overhead, &mut self.notes);
        for Operand { ready, spilled } in operands {
            if spilled {
                self.clocks.spilled_ready = self.clocks.spilled_ready.max(ready);
            } else {
                self.clocks.needs(ready, &mut self.notes);
            }
        }
        tiles(&mut self.clocks, &mut self.notes);
        self.clocks.finish(&mut self.notes)
    }

    /// The account.
    pub(crate) fn into_notes(self) -> N {
        self.notes
    }

    /// When the accelerator has computed what it was given.
    pub(crate) fn computed(&self) -> u64 {
        self.clocks.device
    }

    /// Sends instructions; returns when they have arrived.
    fn send_code(&mut self, bytes: u64) -> u64 {
        match self.profile.paths() {
            Some(paths) if bytes > 0 => {
                let (port, cycles) = (paths.code.port, paths.code.cycles(bytes));
                self.clocks.send_code(port, cycles, bytes, &mut self.notes)
            }
            Some(_) | None => 0,
        }
    }
}
