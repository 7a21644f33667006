//! What holds for every machine and every program.

use proptest::prelude::*;

use super::random::{Parts, any_list, any_machine};
use crate::compile::{Compiler, Price, Schedule, Step, compile};
use crate::profile::{Port, Profile};
use crate::simulate::{
    Estimate, LayerOf, Resource, Speed, Timeline, What, actions, simulate, watch,
};
use crate::task::{BufferId, Task, TaskId, TaskList};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6000))]

    #[test]
    fn three_speeds_report_the_same(parts in any_machine(), list in any_list()) {
        let profile = parts.machine().check().expect("a machine");
        let Ok(schedule) = compile(&profile, &list) else { return Ok(()) };
        let events = simulate(&profile, &schedule, Speed::Events);
        let fast = simulate(&profile, &schedule, Speed::Fast);
        prop_assert_eq!(&Estimate { timeline: None, ..events.clone() }, &fast);
        prop_assert_eq!(&events, &simulate(&profile, &schedule, Speed::Stepped));
        let mut seen = Timeline::default();
        let watched = watch(&profile, &schedule, Speed::Fast, &mut |i| seen.intervals.push(i));
        prop_assert_eq!(&events, &Estimate { timeline: Some(seen), ..watched });
        prop_assert_eq!(
            actions(&profile, &schedule, &events),
            actions(&profile, &schedule, &fast)
        );
    }

    /// A program for several images is itself several times over, but for its parameters.
    #[test]
    fn a_batch_multiplies_all_but_parameters(list in any_list(), images in 1..5u64) {
        let batch = list.clone().batched(images).expect("far from what cannot be counted");
        prop_assert_eq!(batch.macs(), images * list.macs());
        prop_assert_eq!(batch.weights(), list.weights());
        let bytes = |list: &TaskList| list.activations().iter().map(|a| a.bytes).sum::<u64>();
        prop_assert_eq!(bytes(&batch), images * bytes(&list));
        prop_assert!(list.batched(u64::MAX).is_err());
    }

    /// What was remembered from one program serves another, and changes nothing.
    #[test]
    fn remembered_tilings_are_those_found_anew(
        parts in any_machine(),
        lists in prop::collection::vec(any_list(), 1..4),
    ) {
        let profile = parts.machine().check().expect("a machine");
        let compiler = Compiler::new(&profile);
        for list in lists.iter().chain(&lists) {
            prop_assert_eq!(compiler.compile(list), compile(&profile, list));
        }
    }

    #[test]
    fn laws_hold(parts in any_machine(), list in any_list()) {
        let profile = parts.machine().check().expect("a machine");
        let Ok(schedule) = compile(&profile, &list) else { return Ok(()) };
        let estimate = simulate(&profile, &schedule, Speed::Events);
        let timeline = estimate.timeline.as_ref().expect("kept");
        one_thing_at_a_time(timeline)?;
        let layers: u64 = estimate.layers.iter().map(|layer| layer.latency_cycles).sum();
        prop_assert_eq!(layers, estimate.cycles);
        prop_assert!(estimate.period_cycles <= estimate.cycles);
        prop_assert!(estimate.first_cycles >= estimate.cycles);
        let in_strips = profile.code().is_some_and(|code| code.strip_bytes.is_some());
        let narrow = profile.memory().unwrap().narrow.bytes;
        prop_assert!(in_strips || estimate.narrow_peak_bytes <= narrow);
        let on_array = on_chip(&schedule).map(|task| task.work.macs());
        let peak = profile.peak_macs_per_cycle().unwrap();
        prop_assert!(estimate.cycles >= on_array.sum::<u64>().div_ceil(peak));
        windows_are_explained(&schedule, &estimate)?;
        compulsory(&profile, &schedule, &estimate)?;
        memories_keep_up(&profile, &schedule, &estimate)?;
    }

    #[test]
    fn a_faster_machine_is_never_slower(parts in any_machine(), list in any_list(), factor in 2..4u32) {
        let raw = parts.machine();
        let profile = raw.clone().check().expect("a machine");
        let Ok(schedule) = compile(&profile, &list) else { return Ok(()) };
        let slow = simulate(&profile, &schedule, Speed::Fast).cycles;
        let factor_f = f64::from(factor);
        let mut wider = raw.clone();
        if let Some(link) = wider.link.as_mut() {
            link.input_mb_per_s *= factor_f;
            link.parameters_mb_per_s += factor_f;
            link.output_mb_per_s *= factor_f;
        }
        if let Some(dram) = wider.dram.as_mut() {
            dram.read_mb_per_s *= factor_f;
            dram.latency_ns /= factor_f;
        }
        if let Some(grid) = wider.grid.as_mut() {
            grid.noc_bytes_per_cycle *= factor_f;
        }
        if let Some(width) = wider.memory.as_mut().and_then(|memory| memory.narrow.width_bytes.as_mut()) {
            *width *= u64::from(factor);
        }
        prop_assert!(simulate(&wider.check().unwrap(), &schedule, Speed::Fast).cycles <= slow);
        let mut quicker = raw;
        quicker.clock.mhz *= factor_f;
        let quick = simulate(&quicker.check().unwrap(), &schedule, Speed::Fast).cycles;
        prop_assert!(quick <= slow * u64::from(factor));
    }

    /// Without fusion the same program takes at least as many operators and memory accesses.
    #[test]
    fn fusion_never_adds_work(parts in any_machine(), list in any_list()) {
        let mut fused = parts.machine();
        let mut apart = fused.clone();
        apart.fusion = None;
        fused.fusion = fused.fusion.or_else(|| Some(crate::profile::raw::RawFusion {
            source: "assumed: a test".to_owned(),
            operators: vec!["add".to_owned()],
        }));
        let (fused, apart) = (fused.check().unwrap(), apart.check().unwrap());
        let (Ok(with), Ok(without)) = (compile(&fused, &list), compile(&apart, &list)) else { return Ok(()) };
        let estimate = |profile, schedule| simulate(profile, schedule, Speed::Fast);
        let (with_estimate, without_estimate) = (estimate(&fused, &with), estimate(&apart, &without));
        prop_assert_eq!(with_estimate.macs, without_estimate.macs);
        prop_assert!(with_estimate.traffic.code_bytes <= without_estimate.traffic.code_bytes);
        // Every tile rounds its part up to whole bytes.
        let vector = |profile, schedule, estimate| actions(profile, schedule, estimate).vector_bytes;
        prop_assert!(
            vector(&fused, &with, &with_estimate)
                <= vector(&apart, &without, &without_estimate) + tiles(&with)
        );
    }
}

fn on_chip<'s>(schedule: &'s Schedule<'_>) -> impl Iterator<Item = &'s Task> {
    let tasks = schedule.list().tasks();
    schedule.steps().iter().flat_map(move |step| {
        let ids: Vec<TaskId> = match step {
            Step::Run(run) => [run.task].iter().chain(&run.fused).copied().collect(),
            Step::Load { .. } | Step::Store { .. } | Step::Host { .. } => Vec::new(),
        };
        ids.into_iter().map(move |id| &tasks[id.0])
    })
}

fn tiles(schedule: &Schedule<'_>) -> u64 {
    let mut tiles = 0;
    for step in schedule.steps() {
        if let Step::Run(run) = step {
            for block in run.blocks.iter() {
                tiles += block.repeat * block.tiles.iter().map(|(times, _)| times).sum::<u64>();
            }
        }
    }
    tiles
}

fn one_thing_at_a_time(timeline: &Timeline) -> Result<(), TestCaseError> {
    for resource in Resource::ALL {
        let mut free = 0;
        let own = |interval: &&crate::simulate::Interval| interval.resource == resource;
        for interval in timeline.intervals.iter().filter(own) {
            prop_assert!(
                interval.start_cycle >= free,
                "{resource:?} overlaps at {free}: {interval:?}"
            );
            free = interval.end_cycle;
        }
    }
    Ok(())
}

/// The window of a task on the chip is overhead, computing, feeding, and waiting for something.
fn windows_are_explained(
    schedule: &Schedule<'_>,
    estimate: &Estimate,
) -> Result<(), TestCaseError> {
    let timeline = estimate.timeline.as_ref().expect("kept");
    let mut latest = 0;
    for layer in &estimate.layers {
        let end = latest + layer.latency_cycles;
        let on_array = |what| matches!(what, What::Overhead | What::Compute | What::Feed);
        let own = timeline
            .intervals
            .iter()
            .filter(|interval| interval.layer == layer.of && on_array(interval.what));
        let busy: u64 = own
            .map(|interval| {
                interval
                    .end_cycle
                    .saturating_sub(interval.start_cycle.max(latest))
            })
            .sum();
        let ran = schedule
            .steps()
            .iter()
            .any(|step| matches!(step, Step::Run(run) if layer.of == LayerOf::Task(run.task)));
        let waited: u64 = layer.stall_cycles.iter().sum();
        if ran {
            prop_assert_eq!(busy + waited, layer.latency_cycles, "{:?}", layer);
        } else {
            prop_assert_eq!(waited, 0);
        }
        prop_assert!(!layer.fused || layer.latency_cycles == 0);
        latest = end;
    }
    Ok(())
}

/// Inputs that the chip reads and results it makes cross its border at least once, and so do the
/// parameters that do not stay; the rate of every way bounds the latency.
fn compulsory(
    profile: &Profile,
    schedule: &Schedule<'_>,
    estimate: &Estimate,
) -> Result<(), TestCaseError> {
    let list = schedule.list();
    let runs: Vec<&Task> = on_chip(schedule).collect();
    let bytes = |buffer: &BufferId| list.activations()[buffer.0].bytes;
    let read = |buffer: &&BufferId| runs.iter().any(|task| task.reads.contains(buffer));
    let wrote = |buffer: &&BufferId| runs.iter().any(|task| task.writes.contains(buffer));
    let stored: u64 = runs
        .iter()
        .filter_map(|task| task.weights)
        .map(|id| list.weights()[id.0].bytes)
        .sum();
    let inputs: u64 = list.inputs().iter().filter(read).map(bytes).sum();
    let outputs: u64 = list.outputs().iter().filter(wrote).map(bytes).sum();
    let traffic = estimate.traffic;
    prop_assert!(traffic.input_bytes + traffic.spill_in_bytes >= inputs);
    prop_assert!(traffic.output_bytes + traffic.spill_out_bytes >= outputs);
    prop_assert!(traffic.parameter_bytes + estimate.cached_bytes >= stored);
    let paths = profile.paths().unwrap();
    let carried = [
        (&paths.input, traffic.input_bytes),
        (&paths.output, traffic.output_bytes),
        (&paths.parameters, traffic.parameter_bytes),
        (&paths.code, traffic.code_bytes),
        (&paths.spill_in, traffic.spill_in_bytes),
        (&paths.spill_out, traffic.spill_out_bytes),
    ];
    for port in [
        Port::LinkIn,
        Port::LinkOut,
        Port::DramIn,
        Port::DramOut,
        Port::FlashIn,
    ] {
        let own = carried.iter().filter(|(path, _)| path.port == port);
        // Rounding up once for all of it never takes longer than once for each.
        let least: u64 = own
            .map(|(path, bytes)| path.rate.cycles(*bytes).saturating_sub(1))
            .sum();
        prop_assert!(estimate.cycles >= least, "{port:?}");
    }
    Ok(())
}

/// The banks and ports of the on-chip memories bound the latency of all but what a table prices, which
/// was measured with them.
fn memories_keep_up(
    profile: &Profile,
    schedule: &Schedule<'_>,
    estimate: &Estimate,
) -> Result<(), TestCaseError> {
    let memory = profile.memory().unwrap();
    let mut wide = 0;
    for step in schedule.steps() {
        if let Step::Run(run) = step
            && !matches!(run.price, Price::Table(_))
        {
            for block in run.blocks.iter() {
                let tiles = block.tiles.iter();
                wide += block.repeat * tiles.map(|(n, tile)| n * tile.wide_bytes).sum::<u64>();
            }
        }
    }
    prop_assert!(estimate.cycles >= memory.wide.cycles(wide));
    Ok(())
}

/// A machine of which only the array matters: the parts that a hand-worked trace changes.
pub(super) fn plain(array: &str, wide: u64, cache: u64, link: [u32; 3]) -> Parts {
    let [input, parameters, output] = link;
    Parts {
        array: array.to_owned(),
        wide: [wide, 0],
        narrow: [100, 0],
        cache: format!(
            "parameter_cache = {{ source = \"assumed: a test\", bytes = {cache}, rule = \"whole-layers\" }}"
        ),
        ways: format!(
            "link = {{ source = \"assumed: a test\", input_mb_per_s = {input}, parameters_mb_per_s = {parameters}, output_mb_per_s = {output}, transfer_us = 2 }}"
        ),
        more: String::new(),
    }
}
