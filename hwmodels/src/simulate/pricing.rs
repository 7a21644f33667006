//! How long the parts of a tile take on one machine.

use super::clocks::{Routes, Timed};
use crate::array::WordOperands;
use crate::compile::{Compute, Price, Tile};
use crate::profile::{Path, Port, Profile};
use crate::task::Task;
use crate::units::Rate;

/// The machine as one operator sees it.
pub(crate) struct Pricing<'p> {
    pub(super) profile: &'p Profile,
    price: Price,
    /// Of the slowest fused task, in bytes per cycle.
    fused: Option<Rate>,
    routes: Routes,
}

impl<'p> Pricing<'p> {
    /// For an operator priced by `price`, with `fused` tasks on its way out.
    pub(crate) fn new<'t>(
        profile: &'p Profile,
        price: Price,
        fused: impl Iterator<Item = &'t Task>,
    ) -> Pricing<'p> {
        let rates = fused.filter_map(|task| profile.vector(&task.operator));
        let slowest = rates.map(|rate| rate.value).min_by(|a, b| {
            let (a, b) = (a.units_per_cycle(), b.units_per_cycle());
            a.total_cmp(&b)
        });
        let route = |of: fn(&crate::profile::Paths) -> Path| {
            // Without ways nothing is transferred, and the port is never asked for.
            profile.paths().map_or(Port::LinkIn, |paths| of(paths).port)
        };
        Pricing {
            profile,
            price,
            fused: slowest,
            routes: Routes {
                parameters: route(|paths| paths.parameters),
                spill_in: route(|paths| paths.spill_in),
                spill_out: route(|paths| paths.spill_out),
            },
        }
    }

    /// Bytes per cycle of the slowest fused task.
    pub(crate) fn fused(&self) -> Option<Rate> {
        self.fused
    }

    /// The closed-form durations of a tile.
    pub(super) fn timed(&self, tile: &Tile) -> Timed {
        let compute_cycles = self.computed(tile, None);
        Timed {
            tile: *tile,
            routes: self.routes,
            parameter_cycles: self.transfer(tile.parameter_bytes, |paths| paths.parameters),
            input_cycles: self.transfer(tile.input_bytes, |paths| paths.spill_in),
            noc_cycles: self
                .profile
                .grid()
                .map_or(0, |grid| grid.noc_cycles(tile.noc_bytes)),
            output_cycles: self.transfer(tile.output_bytes, |paths| paths.spill_out),
            compute_cycles,
            feed_cycles: self.fed(tile).saturating_sub(compute_cycles),
        }
    }

    /// The same with the array stepped register by register.
    pub(super) fn stepped(&self, tile: &Tile) -> Timed {
        let stepped = match (tile.compute, self.profile.array()) {
            (Compute::Product(product), Some(array)) => {
                Some(array.value.step(&product, &WordOperands).cycles)
            }
            (
                Compute::Product(_) | Compute::Macs(_) | Compute::Bytes(_) | Compute::Counts { .. },
                _,
            ) => None,
        };
        let compute_cycles = self.computed(tile, stepped);
        Timed {
            compute_cycles,
            feed_cycles: self.fed(tile).saturating_sub(compute_cycles),
            ..self.timed(tile)
        }
    }

    /// Cycles of the array or the vector unit, and of what is fused.
    fn computed(&self, tile: &Tile, stepped: Option<u64>) -> u64 {
        let own = match (tile.compute, self.price) {
            (Compute::Product(product), _) => stepped.unwrap_or_else(|| {
                self.profile
                    .array()
                    .map_or(0, |array| array.value.cycles(&product))
            }),
            (Compute::Macs(macs), Price::Table(priced)) => priced.rate.cycles(macs),
            (Compute::Bytes(bytes), Price::Vector(rate)) => {
                rate.value.cycles(bytes.div_ceil(self.profile.tiles()))
            }
            (
                Compute::Counts {
                    macs,
                    touched_bytes,
                },
                Price::Counts(counted),
            ) => {
                let [macs, bytes] = counted.cycles(macs, touched_bytes, self.profile.tiles());
                macs.max(bytes)
            }
            (Compute::Macs(_), Price::Array(_) | Price::Vector(_) | Price::Counts(_))
            | (Compute::Bytes(_), Price::Array(_) | Price::Table(_) | Price::Counts(_))
            | (Compute::Counts { .. }, Price::Array(_) | Price::Table(_) | Price::Vector(_)) => {
                unreachable!("a tile's work is in the unit of what prices it")
            }
        };
        let share = tile.fused_bytes.div_ceil(self.profile.tiles());
        own.max(self.fused.map_or(0, |rate| rate.cycles(share)))
    }

    /// Cycles that on-chip memory needs for the accesses of a tile. A table was measured with them.
    fn fed(&self, tile: &Tile) -> u64 {
        let Some(memory) = self.profile.memory() else {
            return 0;
        };
        match self.price {
            Price::Table(_) => 0,
            Price::Array(_) | Price::Vector(_) | Price::Counts(_) => {
                memory.wide.cycles(tile.wide_bytes).max(
                    memory
                        .narrow
                        .cycles(tile.narrow_bytes.saturating_add(tile.fused_bytes)),
                )
            }
        }
    }

    fn transfer(&self, bytes: u64, path: fn(&crate::profile::Paths) -> Path) -> u64 {
        self.profile
            .paths()
            .map_or(0, |paths| path(paths).cycles(bytes))
    }
}
