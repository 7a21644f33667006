//! Checks of the memories: pools on the chip, what lies outside, and the ways between them.

use super::{Checked, above_zero, count, duration, per_second, refuse, source, word};
use crate::profile::raw::{RawParameterCache, RawPool, RawProfile};
use crate::profile::{
    CacheRule, Grid, Memory, ParameterCache, Path, Paths, Placement, Pool, Port, SourceKind,
    Storage,
};
use crate::units::{Rate, cycles_of_us, float, round};

/// The most cycles of a hop, and the most channels or bytes of a block, a burst or a channel.
const COUNT_MAX: u64 = 1 << 20;

pub(super) fn memory(raw: &RawProfile) -> Checked<Option<Memory>> {
    let Some(memory) = &raw.memory else {
        return Ok(None);
    };
    let (wide, wide_source) = pool("memory.wide", &memory.wide)?;
    let (narrow, narrow_source) = pool("memory.narrow", &memory.narrow)?;
    Ok(Some(Memory {
        wide,
        narrow,
        source: wide_source.max(narrow_source),
    }))
}

fn pool(table: &str, raw: &RawPool) -> Checked<(Pool, SourceKind)> {
    let bytes_per_cycle = match (raw.banks, raw.ports, raw.width_bytes) {
        (None, None, None) => None,
        (Some(banks), Some(ports), Some(width)) => {
            let fields = [("banks", banks), ("ports", ports), ("width_bytes", width)];
            let mut product = 1;
            for (field, factor) in fields {
                product *= limited(&format!("{table}.{field}"), factor, 1 << 16)?;
            }
            Some(product)
        }
        (_, _, _) => {
            let expected = "all of banks, ports and width_bytes, or none";
            return Err(refuse(table, "a part of a bandwidth", expected));
        }
    };
    let pool = Pool {
        bytes: count(&format!("{table}.bytes"), raw.bytes)?,
        bytes_per_cycle,
    };
    Ok((pool, source(table, &raw.source)?))
}

fn limited(field: &str, found: u64, most: u64) -> Checked<u64> {
    at_most(field, found, most)?;
    count(field, found)
}

fn at_most(field: &str, found: u64, most: u64) -> Checked<u64> {
    if found > most {
        return Err(refuse(field, found, format!("at most {most}")));
    }
    Ok(found)
}

pub(super) fn grid(raw: &RawProfile) -> Checked<Option<Grid>> {
    let Some(grid) = &raw.grid else {
        return Ok(None);
    };
    let rows = limited("grid.rows", grid.rows, 1 << 10)?;
    let cols = limited("grid.cols", grid.cols, 1 << 10)?;
    if raw.memory.is_none() {
        return Err(refuse(
            "memory",
            "missing",
            "the on-chip memory of the grid",
        ));
    }
    let bytes = above_zero("grid.noc_bytes_per_cycle", grid.noc_bytes_per_cycle)?;
    Ok(Some(Grid {
        rows,
        cols,
        hop_cycles: at_most("grid.hop_cycles", grid.hop_cycles, COUNT_MAX)?,
        noc: Rate::per_cycle(bytes),
        source: source("grid", &grid.source)?,
    }))
}

pub(super) fn cache(raw: &RawProfile, memory: Option<Memory>) -> Checked<Option<ParameterCache>> {
    let Some(cache) = &raw.parameter_cache else {
        return Ok(None);
    };
    source("parameter_cache", &cache.source)?;
    let rules = [
        ("whole-layers", CacheRule::WholeLayers),
        ("bytes", CacheRule::Bytes),
    ];
    let placement = placement(raw, cache)?;
    let wide_bytes = memory.map_or(0, |memory| memory.wide.bytes);
    if cache.bytes > wide_bytes {
        let expected = format!("at most memory.wide.bytes, {wide_bytes}");
        return Err(refuse("parameter_cache.bytes", cache.bytes, expected));
    }
    let (tiles, narrow_layer_tiles) = cache_tiles(raw, cache, placement)?;
    Ok(Some(ParameterCache {
        bytes: cache.bytes,
        rule: word("parameter_cache.rule", &cache.rule, &rules)?,
        placement,
        tiles,
        narrow_layer_tiles,
    }))
}

fn placement(raw: &RawProfile, cache: &RawParameterCache) -> Checked<Placement> {
    let placements = [
        ("pooled", Placement::Pooled),
        ("per-tile", Placement::PerTile),
        ("first-tiles", Placement::FirstTiles),
    ];
    let name = cache.placement.as_deref().unwrap_or("pooled");
    let placement = word("parameter_cache.placement", name, &placements)?;
    let dealt = placement != Placement::Pooled;
    let no_tiles = raw.grid.is_none() && cache.tiles.is_none();
    if dealt && (no_tiles || cache.rule != "whole-layers") {
        let expected = "`pooled` unless there are parameter_cache.tiles or a [grid], and the rule is `whole-layers`";
        let found = format!("`{name}`");
        return Err(refuse("parameter_cache.placement", found, expected));
    }
    Ok(placement)
}

/// The tiles of the cache, and those that a narrow layer is spread over.
fn cache_tiles(
    raw: &RawProfile,
    cache: &RawParameterCache,
    placement: Placement,
) -> Checked<(u64, u64)> {
    let of_grid = raw
        .grid
        .as_ref()
        .map(|grid| grid.rows.saturating_mul(grid.cols));
    let tiles = match placement {
        Placement::Pooled => 1,
        Placement::PerTile | Placement::FirstTiles => cache.tiles.or(of_grid).unwrap_or(1),
    };
    let unused = |field: &str, found: Option<u64>, expected: &str| match found {
        Some(found) => Err(refuse(field, found, expected)),
        None => Ok(()),
    };
    if placement == Placement::Pooled {
        let expected = "nothing where parameter_cache.placement is `pooled`";
        unused("parameter_cache.tiles", cache.tiles, expected)?;
    }
    if placement != Placement::FirstTiles {
        let expected = "nothing unless parameter_cache.placement is `first-tiles`";
        let field = "parameter_cache.narrow_layer_tiles";
        unused(field, cache.narrow_layer_tiles, expected)?;
    }
    let tiles = limited("parameter_cache.tiles", tiles, COUNT_MAX)?;
    let narrow = cache.narrow_layer_tiles.unwrap_or(tiles);
    let narrow = limited("parameter_cache.narrow_layer_tiles", narrow, tiles)?;
    Ok((tiles, narrow))
}

pub(super) fn storage(raw: &RawProfile) -> Checked<Option<Storage>> {
    let Some(storage) = &raw.storage else {
        return Ok(None);
    };
    source("storage", &storage.source)?;
    let compression = storage.weight_compression.unwrap_or(1.0);
    if !(compression > 0.0 && compression <= 1.0) {
        let expected = "a number above 0 and at most 1";
        return Err(refuse("storage.weight_compression", compression, expected));
    }
    let multiple = |field: &str, found| limited(&format!("storage.{field}"), found, COUNT_MAX);
    let bytes = |field: &str, found| at_most(&format!("storage.{field}"), found, COUNT_MAX);
    let out_multiple = multiple("out_channel_multiple", storage.out_channel_multiple)?;
    let block = storage.block_channels.unwrap_or(out_multiple);
    if !multiple("block_channels", block)?.is_multiple_of(out_multiple) {
        let expected = format!("a multiple of storage.out_channel_multiple, {out_multiple}");
        return Err(refuse("storage.block_channels", block, expected));
    }
    let depthwise = storage.depthwise_in_channels.unwrap_or(1);
    Ok(Some(Storage {
        out_channel_multiple: out_multiple,
        in_channel_multiple: multiple("in_channel_multiple", storage.in_channel_multiple)?,
        block_channels: block,
        depthwise_in_channels: multiple("depthwise_in_channels", depthwise)?,
        out_channel_bytes: bytes("out_channel_bytes", storage.out_channel_bytes)?,
        channel_scale_bytes: bytes(
            "channel_scale_bytes",
            storage.channel_scale_bytes.unwrap_or(0),
        )?,
        weight_bytes_per_million: round(compression * 1e6).max(1),
    }))
}

/// The way of every kind of data: over the link to and from the host where there is one, else
/// through the outside memory; parameters and spilled activations the other way round.
pub(super) fn paths(raw: &RawProfile, clock_hz: u64) -> Checked<Option<Paths>> {
    let (link, dram, flash) = (
        link(raw, clock_hz)?,
        dram(raw, clock_hz)?,
        flash(raw, clock_hz)?,
    );
    let missing = |field, expected| Err(refuse(field, "missing", expected));
    match (raw.memory.is_some(), link, dram) {
        (false, None, None) if flash.is_some() => {
            missing("memory", "the on-chip memory that [flash] fills")
        }
        (false, None, None) => Ok(None),
        (false, _, _) => missing("memory", "the on-chip memory at the end of the link"),
        (true, None, None) => missing("link", "a link or a [dram] that fills the on-chip memory"),
        (true, Some(link), None) => Ok(Some(Paths {
            parameters: flash.unwrap_or(link.parameters),
            ..link
        })),
        (true, link, Some([read, write])) => Ok(Some(Paths {
            input: link.map_or(read, |link| link.input),
            output: link.map_or(write, |link| link.output),
            parameters: flash.unwrap_or(read),
            code: link.map_or(flash.unwrap_or(read), |link| link.code),
            spill_in: read,
            spill_out: write,
        })),
    }
}

/// A machine that has nothing but its link.
fn link(raw: &RawProfile, clock_hz: u64) -> Checked<Option<Paths>> {
    let Some(link) = &raw.link else {
        return Ok(None);
    };
    let transfer_cycles = duration("link.transfer_us", link.transfer_us, clock_hz)?;
    let source = source("link", &link.source)?;
    let path = |field: &str, port, millions| {
        Ok(Path {
            port,
            transfer_cycles,
            burst_bytes: 1,
            rate: per_second(field, millions, clock_hz)?,
            source,
        })
    };
    let input = path("link.input_mb_per_s", Port::LinkIn, link.input_mb_per_s)?;
    let output = path("link.output_mb_per_s", Port::LinkOut, link.output_mb_per_s)?;
    let parameters = path(
        "link.parameters_mb_per_s",
        Port::LinkIn,
        link.parameters_mb_per_s,
    )?;
    Ok(Some(Paths {
        input,
        output,
        parameters,
        code: parameters,
        spill_in: input,
        spill_out: output,
    }))
}

/// Reading and writing of the memory outside.
fn dram(raw: &RawProfile, clock_hz: u64) -> Checked<Option<[Path; 2]>> {
    let Some(dram) = &raw.dram else {
        return Ok(None);
    };
    if let Some(bytes) = dram.bytes {
        count("dram.bytes", bytes)?;
    }
    let outside = Outside {
        table: "dram",
        source: source("dram", &dram.source)?,
        latency_ns: dram.latency_ns,
        burst_bytes: dram.burst_bytes,
        clock_hz,
    };
    Ok(Some([
        outside.path(Port::DramIn, "read_mb_per_s", dram.read_mb_per_s)?,
        outside.path(Port::DramOut, "write_mb_per_s", dram.write_mb_per_s)?,
    ]))
}

fn flash(raw: &RawProfile, clock_hz: u64) -> Checked<Option<Path>> {
    let Some(flash) = &raw.flash else {
        return Ok(None);
    };
    let outside = Outside {
        table: "flash",
        source: source("flash", &flash.source)?,
        latency_ns: flash.latency_ns,
        burst_bytes: flash.burst_bytes,
        clock_hz,
    };
    let path = outside.path(Port::FlashIn, "read_mb_per_s", flash.read_mb_per_s)?;
    Ok(Some(path))
}

/// What the ways to a memory outside the chip have in common.
struct Outside<'a> {
    table: &'a str,
    source: SourceKind,
    latency_ns: f64,
    burst_bytes: u64,
    clock_hz: u64,
}

impl Outside<'_> {
    fn path(&self, port: Port, field: &str, millions: f64) -> Checked<Path> {
        let table = self.table;
        if !(self.latency_ns.is_finite() && self.latency_ns >= 0.0) {
            let expected = "a number of nanoseconds, 0 or above";
            return Err(refuse(
                format!("{table}.latency_ns"),
                self.latency_ns,
                expected,
            ));
        }
        Ok(Path {
            port,
            transfer_cycles: cycles_of_us(self.latency_ns / 1e3, self.clock_hz),
            burst_bytes: limited(&format!("{table}.burst_bytes"), self.burst_bytes, COUNT_MAX)?,
            rate: per_second(&format!("{table}.{field}"), millions, self.clock_hz)?,
            source: self.source,
        })
    }
}

/// Bytes of both pools, for the area.
pub(super) fn pool_bytes(memory: Option<Memory>) -> f64 {
    memory.map_or(0.0, |memory| {
        float(memory.wide.bytes) + float(memory.narrow.bytes)
    })
}
