//! Checks of `[energy]` and `[area]`.

use std::collections::BTreeMap;

use super::memory::pool_bytes;
use super::{Checked, refuse, source};
use crate::array::Array;
use crate::profile::raw::{RawEnergy, RawProfile};
use crate::profile::{Area, Energy, Memory, Sourced};
use crate::units::float;

pub(super) fn energy(raw: &RawProfile) -> Checked<Option<Energy>> {
    let Some(energy) = &raw.energy else {
        return Ok(None);
    };
    source("energy", &energy.source)?;
    let number = |field: &str, found| at_least_zero(&format!("energy.{field}"), found);
    let optional = |field: &str, found: Option<f64>, needed: bool| match found {
        Some(found) => number(field, found),
        None if needed => Err(refuse(
            format!("energy.{field}"),
            "missing",
            "picojoules per byte, since the profile has such a memory or link",
        )),
        None => Ok(0.0),
    };
    Ok(Some(Energy {
        mac_pj: mac_pj(energy)?,
        register_pj_per_byte: number("register_pj_per_byte", energy.register_pj_per_byte)?,
        vector_pj_per_byte: number("vector_pj_per_byte", energy.vector_pj_per_byte)?,
        wide_pj_per_byte: number("wide_pj_per_byte", energy.wide_pj_per_byte)?,
        narrow_pj_per_byte: number("narrow_pj_per_byte", energy.narrow_pj_per_byte)?,
        noc_pj_per_byte: optional("noc_pj_per_byte", energy.noc_pj_per_byte, false)?,
        dram_pj_per_byte: optional(
            "dram_pj_per_byte",
            energy.dram_pj_per_byte,
            raw.dram.is_some(),
        )?,
        flash_pj_per_byte: optional(
            "flash_pj_per_byte",
            energy.flash_pj_per_byte,
            raw.flash.is_some(),
        )?,
        link_pj_per_byte: optional(
            "link_pj_per_byte",
            energy.link_pj_per_byte,
            raw.link.is_some(),
        )?,
        leakage_mw: number("leakage_mw", energy.leakage_mw)?,
        host_mw: optional("host_mw", energy.host_mw, false)?,
    }))
}

/// The entries of `[energy.mac_pj]` by the bits that their keys spell.
fn mac_pj(raw: &RawEnergy) -> Checked<BTreeMap<(u64, u64), f64>> {
    let bits = |key: &str| {
        let (input, weight) = key.split_once('x')?;
        Some((input.parse().ok()?, weight.parse().ok()?))
    };
    let mut entries = BTreeMap::new();
    for (key, &pj) in &raw.mac_pj {
        let Some(widths) = bits(key) else {
            let expected = "the bits of input and weight, as \"8x8\"";
            return Err(refuse("energy.mac_pj", format!("`{key}`"), expected));
        };
        entries.insert(widths, at_least_zero("energy.mac_pj", pj)?);
    }
    if entries.is_empty() {
        return Err(refuse(
            "energy.mac_pj",
            "empty",
            "at least one entry, as \"8x8\"",
        ));
    }
    Ok(entries)
}

pub(super) fn area(
    raw: &RawProfile,
    array: Option<Sourced<Array>>,
    tiles: u64,
    memory: Option<Memory>,
) -> Checked<Option<Area>> {
    let Some(area) = &raw.area else {
        return Ok(None);
    };
    source("area", &area.source)?;
    let mac_um2 = at_least_zero("area.mac_um2", area.mac_um2)?;
    let sram_um2 = at_least_zero("area.sram_um2_per_byte", area.sram_um2_per_byte)?;
    let multipliers = array.map_or(0.0, |array| {
        float(array.value.peak_macs_per_cycle()) * float(tiles)
    });
    Ok(Some(Area {
        array_mm2: multipliers * mac_um2 / 1e6,
        memory_mm2: pool_bytes(memory) * sram_um2 / 1e6,
        other_mm2: at_least_zero("area.other_mm2", area.other_mm2)?,
    }))
}

fn at_least_zero(field: &str, found: f64) -> Checked<f64> {
    if found.is_finite() && found >= 0.0 {
        Ok(found)
    } else {
        Err(refuse(field, found, "a number, 0 or above"))
    }
}
