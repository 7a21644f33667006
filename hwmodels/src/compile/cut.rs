//! A unit about to be cut into tiles: what there is of it, and the room there is for it.

use super::Price;
use super::legal::spilled_bytes;
use super::parameters::Parameters;
use super::residency::Residency;
use super::share::{Share, Slice};
use super::stored::stored_bytes;
use super::unit::Unit;
use crate::profile::Profile;
use crate::simulate::Pricing;
use crate::task::TaskList;

/// What a unit's tiling depends on, beside the profile.
pub(super) struct Cut<'a> {
    pub(super) profile: &'a Profile,
    pub(super) list: &'a TaskList,
    pub(super) unit: &'a Unit<'a>,
    pub(super) price: Price,
    /// Of the stored parameters, what is streamed.
    pub(super) streamed: Share,
    pub(super) buffer_bytes: u64,
    pub(super) workspace_bytes: u64,
    pub(super) spilled_in: u64,
    pub(super) spilled_out: u64,
    pub(super) strips: u64,
}

impl<'a> Cut<'a> {
    pub(super) fn new(
        profile: &'a Profile,
        list: &'a TaskList,
        (unit, position, price): (&'a Unit<'a>, usize, Price),
        parameters: &Parameters,
        residency: &Residency,
    ) -> Cut<'a> {
        let narrow = profile
            .memory()
            .map_or(u64::MAX, |memory| memory.narrow.bytes);
        let (spilled_in, spilled_out) = spilled_bytes(list, unit, &residency.spilled);
        Cut {
            profile,
            list,
            unit,
            price,
            streamed: unit
                .weights()
                .map_or(Share::default(), |weight| parameters.streamed[weight.0]),
            buffer_bytes: parameters.buffer_bytes,
            workspace_bytes: narrow.saturating_sub(residency.resident_bytes[position]) / 2,
            spilled_in,
            spilled_out,
            strips: residency.strips(profile, position),
        }
    }

    /// How long the unit's tiles take.
    pub(super) fn pricing(&self) -> Pricing<'a> {
        let fused = self.unit.fused.iter().map(|id| &self.list.tasks()[id.0]);
        Pricing::new(self.profile, self.price, fused)
    }

    /// Stored bytes of a slice of the parameters.
    pub(super) fn stored(&self, slice: Option<Slice>) -> u64 {
        stored_bytes(self.profile, self.list, self.unit.task, slice)
    }

    /// Bytes streamed for a slice of the parameters.
    pub(super) fn streamed_bytes(&self, slice: Option<Slice>) -> u64 {
        if self.streamed.part == 0 {
            0
        } else {
            self.streamed.of(self.stored(slice))
        }
    }
}
