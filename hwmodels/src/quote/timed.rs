//! The cost of a program of known parts, by the rules that time a schedule.

use std::sync::Arc;

use super::Cost;
use crate::compile::{Known, Stitched};
use crate::profile::Profile;
use crate::simulate::{Actions, Bytes, Course, Operand, What};
use crate::task::Sequence;

/// What [`Cost::of_schedule`] says of the program's schedule.
pub(super) fn cost(
    profile: &Profile,
    program: &Sequence,
    known: &[Arc<Known>],
    stitched: &Stitched<'_>,
) -> Cost {
    let (cycles, bytes) = played(profile, program, stitched);
    let clock_hz = profile.clock_hz();
    let energy = profile.energy().and_then(|costs| {
        let mut actions = Actions::default();
        for step in &stitched.steps {
            actions.touch(step.tiled().counts);
        }
        for part in known {
            actions.compute_also(&part.multiplied);
        }
        actions.carry(profile, &bytes.traffic());
        actions.energy_over(costs, [cycles, 0], clock_hz)
    });
    Cost {
        cycles,
        clock_hz,
        narrow_peak_bytes: profile.memory().map(|_| stitched.peak_bytes),
        energy_mj: energy.map(|energy| energy.total_mj()),
        macs: known.iter().map(|part| part.macs).sum(),
    }
}

/// When all of it is done, and the bytes that were moved.
fn played(profile: &Profile, program: &Sequence, stitched: &Stitched<'_>) -> (u64, Bytes) {
    let linked = profile.paths().is_some();
    // By buffer: when it is complete on the chip, if it is there; whether the host waits for it.
    let mut on_chip: Vec<Option<u64>> = vec![None; program.bytes().len()];
    let mut wanted = vec![false; on_chip.len()];
    for output in program.outputs() {
        wanted[output.0] = true;
    }
    for input in program.inputs() {
        wanted[input.0] = false;
    }
    let mut course = Course::new(profile, Bytes::default());
    let code_bytes = stitched.steps.iter().map(|step| step.code_bytes);
    let mut latest = course.invoke(|| code_bytes.reduce(u64::saturating_add));
    for step in &stitched.steps {
        for buffer in step.reads().filter(|_| linked) {
            if on_chip[buffer].is_none() {
                let end = course.cross(What::Input, program.bytes()[buffer], 0);
                on_chip[buffer] = Some(end);
                latest = latest.max(end);
            }
        }
        let operands = step.reads().map(|buffer| Operand {
            ready: on_chip[buffer].unwrap_or(0),
            spilled: false,
        });
        let end = course.run(step.code_bytes, operands, &step.tiled().tiles);
        latest = latest.max(end);
        let computed = course.computed();
        for buffer in step.writes() {
            on_chip[buffer] = Some(computed);
        }
        for buffer in step.writes().filter(|_| linked) {
            if std::mem::take(&mut wanted[buffer]) {
                let end = course.cross(What::Output, program.bytes()[buffer], computed);
                latest = latest.max(end);
            }
        }
    }
    (latest, course.into_notes())
}
