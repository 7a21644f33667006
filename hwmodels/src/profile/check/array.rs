//! Checks of `[array]`: the keys of its kind are there, and no others.

use super::{Checked, count, refuse, source, word};
use crate::array::{Array, Dataflow, Dot, Drain, Edges, Fill, Systolic};
use crate::profile::Sourced;
use crate::profile::raw::RawArray;

#[derive(Clone, Copy)]
enum Kind {
    Systolic,
    Dot,
}

pub(super) fn check(raw: &RawArray) -> Checked<Sourced<Array>> {
    let kind = word(
        "array.kind",
        &raw.kind,
        &[("systolic", Kind::Systolic), ("dot", Kind::Dot)],
    )?;
    let value = match kind {
        Kind::Systolic => Array::Systolic(systolic(raw)?),
        Kind::Dot => Array::Dot(dot(raw)?),
    };
    Ok(Sourced {
        value,
        source: source("array", &raw.source)?,
    })
}

fn systolic(raw: &RawArray) -> Checked<Systolic> {
    let foreign = [
        ("px", raw.px.is_some()),
        ("cells", raw.cells.is_some()),
        ("step_words", raw.step_words.is_some()),
        ("channel_step_words", raw.channel_step_words.is_some()),
        ("pipeline_cycles", raw.pipeline_cycles.is_some()),
    ];
    only_for("kind = \"dot\"", &foreign)?;
    if raw.depthwise_taps.is_some() {
        return Err(refuse(
            "array.depthwise_taps",
            "given",
            "no such key; a systolic array hands operands from column to column, so columns \
             cannot take channels of their own",
        ));
    }
    let dataflows = [
        ("os", Dataflow::Output),
        ("ws", Dataflow::Weight),
        ("is", Dataflow::Input),
    ];
    let edges = [("full", Edges::Full), ("occupied", Edges::Occupied)];
    let rows = needed_count("array.rows", raw.rows)?;
    let dataflow = word(
        "array.dataflow",
        needed("array.dataflow", raw.dataflow.as_deref())?,
        &dataflows,
    )?;
    let pipelined = word(
        "array.fill",
        needed("array.fill", raw.fill.as_deref())?,
        &[("per-fold", false), ("pipelined", true)],
    )?;
    let fill = if pipelined {
        overlapped(raw, dataflow, rows)?
    } else {
        one_by_one(raw, dataflow)?
    };
    Ok(Systolic {
        rows,
        cols: needed_count("array.cols", raw.cols)?,
        simd: count("array.simd", raw.simd.unwrap_or(1))?,
        dataflow,
        edges: word(
            "array.edges",
            needed("array.edges", raw.edges.as_deref())?,
            &edges,
        )?,
        fill,
        min_rows: count("array.min_rows", raw.min_rows.unwrap_or(1))?,
    })
}

fn one_by_one(raw: &RawArray, dataflow: Dataflow) -> Checked<Fill> {
    only_for(
        "fill = \"pipelined\"",
        &[("first_preload_cycles", raw.first_preload_cycles.is_some())],
    )?;
    if dataflow != Dataflow::Output {
        only_for("dataflow = \"os\"", &[("drain", raw.drain.is_some())])?;
    }
    let drains = [("free", Drain::Free), ("columns", Drain::Columns)];
    Ok(Fill::PerFold {
        drain: word(
            "array.drain",
            raw.drain.as_deref().unwrap_or("free"),
            &drains,
        )?,
        control_cycles: raw.control_cycles.unwrap_or(0),
    })
}

fn overlapped(raw: &RawArray, dataflow: Dataflow, rows: u64) -> Checked<Fill> {
    let foreign = [
        ("control_cycles", raw.control_cycles.is_some()),
        ("drain", raw.drain.is_some()),
    ];
    only_for("fill = \"per-fold\"", &foreign)?;
    if dataflow == Dataflow::Output {
        only_for(
            "dataflow = \"ws\" or \"is\"",
            &[("first_preload_cycles", raw.first_preload_cycles.is_some())],
        )?;
        return Ok(Fill::Pipelined {
            first_preload_cycles: 0,
        });
    }
    let first_preload_cycles = raw.first_preload_cycles.unwrap_or(rows);
    if first_preload_cycles < rows {
        let expected = format!("at least array.rows, {rows}");
        return Err(refuse(
            "array.first_preload_cycles",
            first_preload_cycles,
            expected,
        ));
    }
    Ok(Fill::Pipelined {
        first_preload_cycles,
    })
}

fn dot(raw: &RawArray) -> Checked<Dot> {
    let foreign = [
        ("rows", raw.rows.is_some()),
        ("cols", raw.cols.is_some()),
        ("dataflow", raw.dataflow.is_some()),
        ("edges", raw.edges.is_some()),
        ("fill", raw.fill.is_some()),
        ("drain", raw.drain.is_some()),
        ("min_rows", raw.min_rows.is_some()),
        ("first_preload_cycles", raw.first_preload_cycles.is_some()),
        ("control_cycles", raw.control_cycles.is_some()),
    ];
    only_for("kind = \"systolic\"", &foreign)?;
    let simd = count("array.simd", raw.simd.unwrap_or(1))?;
    let step_words = count("array.step_words", raw.step_words.unwrap_or(1))?;
    let channel_step_words = raw.channel_step_words.unwrap_or(step_words);
    Ok(Dot {
        px: needed_count("array.px", raw.px)?,
        cells: needed_count("array.cells", raw.cells)?,
        simd,
        step_words,
        channel_step_words: count("array.channel_step_words", channel_step_words)?,
        pipeline_cycles: raw.pipeline_cycles.unwrap_or(0),
        depthwise_taps: raw
            .depthwise_taps
            .map(|taps| channel_parallel(taps, simd))
            .transpose()?,
    })
}

/// A cell reduces at most as many window positions as it has multipliers.
fn channel_parallel(taps: u64, simd: u64) -> Checked<u64> {
    let taps = count("array.depthwise_taps", taps)?;
    if taps > simd {
        let expected = format!("at most array.simd, {simd}");
        return Err(refuse("array.depthwise_taps", taps, expected));
    }
    Ok(taps)
}

/// Refuses keys that only mean something under `condition`.
fn only_for(condition: &str, keys: &[(&str, bool)]) -> Checked<()> {
    match keys.iter().find(|(_, present)| *present) {
        Some((key, _)) => {
            let expected = format!("no such key; it is for {condition}");
            Err(refuse(format!("array.{key}"), "given", expected))
        }
        None => Ok(()),
    }
}

fn needed<T>(field: &str, value: Option<T>) -> Checked<T> {
    value.ok_or_else(|| refuse(field, "missing", "a value, for an array of this kind"))
}

fn needed_count(field: &str, value: Option<u64>) -> Checked<u64> {
    needed(field, value).and_then(|value| count(field, value))
}
