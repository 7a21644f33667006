//! Who keeps account of what happens: all of it, or the bytes alone.

use super::estimate::Traffic;
use super::what::What;

/// Sums by kind of work.
pub(super) type ByWhat = [u64; What::COUNT];

/// Keeps account of an inference.
pub(super) trait Notes {
    /// The account at one moment.
    type Mark;

    /// Notes one piece of work; nothing for an empty one.
    fn record(&mut self, what: What, start: u64, end: u64, bytes: u64);

    /// Notes that the array waited for `what` until `until`; returns the later of both moments.
    fn wait(&mut self, what: What, since: u64, until: u64) -> u64;

    /// The account so far.
    fn mark(&self) -> Self::Mark;

    /// Whether more of what was noted since `mark` would be noted in the same way.
    fn is_steady(&self, mark: &Self::Mark) -> bool;

    /// Notes `times` more of what was noted since `mark`, each `shift` later.
    fn repeat(&mut self, mark: &Self::Mark, times: u64, shift: u64);
}

/// Bytes by what they are, and nothing else.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bytes(pub(super) ByWhat);

impl Bytes {
    /// What crossed borders.
    pub(crate) fn traffic(&self) -> Traffic {
        Traffic::of(&self.0)
    }
}

impl Notes for Bytes {
    type Mark = ByWhat;

    fn record(&mut self, what: What, start: u64, end: u64, bytes: u64) {
        if start != end {
            self.0[what.index()] += bytes;
        }
    }

    fn wait(&mut self, _: What, since: u64, until: u64) -> u64 {
        since.max(until)
    }

    fn mark(&self) -> ByWhat {
        self.0
    }

    fn is_steady(&self, _: &ByWhat) -> bool {
        true
    }

    fn repeat(&mut self, mark: &ByWhat, times: u64, _: u64) {
        for (now, before) in self.0.iter_mut().zip(mark) {
            *now += (*now - before).saturating_mul(times);
        }
    }
}
