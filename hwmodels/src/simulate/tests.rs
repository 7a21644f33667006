//! The laws of every timeline, over random machines and programs, and one worked by hand.

use proptest::prelude::*;

use super::*;
use crate::compile::compile;
use crate::profile::raw::RawProfile;
use crate::task::{Depthwise, ListBuilder, LoopNest, Work};

/// A machine with all parts; the numbers that laws vary are arguments.
fn machine(
    array: &str,
    memory: [u64; 3],
    rule: &str,
    link: [u32; 3],
    overheads: &str,
) -> RawProfile {
    let [wide, narrow, cache] = memory;
    let [input, parameters, output] = link;
    let source = "source = \"assumed: a test\"";
    let text = format!(
        "name = \"random\"\ndescription = \"A test.\"\nclock = {{ {source}, mhz = 1.0 }}\n\
         array = {{ {source}, {array} }}\nvector = {{ {source}, bytes_per_cycle = 3.0 }}\n\
         memory = {{ wide = {{ {source}, bytes = {wide} }}, narrow = {{ {source}, bytes = {narrow} }} }}\n\
         parameter_cache = {{ {source}, bytes = {cache}, rule = \"{rule}\" }}\n\
         link = {{ {source}, input_mb_per_s = {input}, parameters_mb_per_s = {parameters}, output_mb_per_s = {output}, transfer_us = 2 }}\n\
         host = {{ {source}, operator_us = 5, mb_per_s = 7, mmacs_per_s = 3 }}\n\
         {overheads}\n[support]\n{source}\noperators = [\"conv\", \"pool\"]\nmultiple_segments = true\n"
    );
    toml::from_str(&text).expect("a profile")
}

fn any_machine() -> impl Strategy<Value = RawProfile> {
    let arrays = [
        "kind = \"systolic\", rows = 3, cols = 2, dataflow = \"os\", edges = \"full\", fill = \"per-fold\", drain = \"columns\"",
        "kind = \"systolic\", rows = 2, cols = 3, dataflow = \"os\", edges = \"occupied\", fill = \"pipelined\"",
        "kind = \"systolic\", rows = 4, cols = 2, simd = 2, dataflow = \"ws\", edges = \"full\", fill = \"pipelined\", first_preload_cycles = 7",
        "kind = \"systolic\", rows = 2, cols = 2, dataflow = \"ws\", edges = \"occupied\", fill = \"pipelined\", min_rows = 4",
        "kind = \"systolic\", rows = 2, cols = 4, dataflow = \"is\", edges = \"occupied\", fill = \"per-fold\", control_cycles = 5",
        "kind = \"dot\", px = 2, cells = 3, simd = 2, pipeline_cycles = 4",
    ];
    let overheads = [
        "",
        "overheads = { source = \"fitted: a test\", operator_us = 4, inference_us = 9, instruction_bytes = 17 }",
    ];
    (
        prop::sample::select(arrays.to_vec()),
        (80..400u64, 150..2500u64, 0..400u64),
        prop::sample::select(vec!["whole-layers", "bytes"]),
        (1..20u32, 1..20u32, 1..20u32),
        prop::sample::select(overheads.to_vec()),
    )
        .prop_map(
            |(array, (wide, narrow, cache), rule, (input, parameters, output), overheads)| {
                let memory = [wide, narrow, cache.min(wide)];
                machine(array, memory, rule, [input, parameters, output], overheads)
            },
        )
}

/// Up to six operators in a chain with skips, on up to 9 x 9 pixels and 7 channels.
fn any_list() -> impl Strategy<Value = TaskList> {
    let operator = (
        0..6u8,
        1..8u64,
        1..4u64,
        1..3u64,
        any::<prop::sample::Index>(),
    );
    (
        (1..10u64, 1..10u64, 1..8u64),
        prop::collection::vec(operator, 1..7),
    )
        .prop_map(|((h, w, c), operators)| {
            let mut list = ListBuilder::default();
            let mut made = vec![(list.input(h * w * c), [1, h, w, c])];
            for (place, (kind, out_c, kernel, stride, skip)) in operators.into_iter().enumerate() {
                // A stride beyond the window would leave input that nothing reads.
                let kernel = kernel.max(stride);
                let (buffer, shape) = made[made.len() - 1];
                let bytes: u64 = shape.iter().product();
                let name = format!("t{place}");
                let next = match kind {
                    0..=2 => {
                        let nest = LoopNest::conv(shape, out_c, [kernel, kernel], [stride, stride]);
                        let (work, nest) = if kind == 2 {
                            let depthwise = Depthwise::new(nest, stride);
                            (Work::Depthwise(depthwise), depthwise.nest)
                        } else {
                            (Work::LoopNest(nest), nest)
                        };
                        let weights =
                            list.weights(nest.out_c * nest.group_in_c() * kernel * kernel);
                        let out = [1, nest.out_h, nest.out_w, nest.out_c];
                        (
                            list.task(
                                &name,
                                "conv",
                                work,
                                &[buffer],
                                Some(weights),
                                out.iter().product(),
                            ),
                            out,
                        )
                    }
                    3 | 4 => {
                        let other = made[skip.index(made.len())];
                        let reads: &[BufferId] = if other.0 == buffer {
                            &[buffer]
                        } else {
                            &[buffer, other.0]
                        };
                        let work = Work::Vector {
                            touched_bytes: 2 * bytes,
                        };
                        (list.task(&name, "pool", work, reads, None, bytes), shape)
                    }
                    _ => (
                        list.task(
                            &name,
                            "odd",
                            Work::Host { macs: Some(bytes) },
                            &[buffer],
                            None,
                            bytes,
                        ),
                        shape,
                    ),
                };
                made.push(next);
            }
            list.output(made[made.len() - 1].0);
            list.finish().expect("a sound list")
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn three_speeds_report_the_same(raw in any_machine(), list in any_list()) {
        let profile = raw.check().expect("a machine");
        let Ok(schedule) = compile(&profile, &list) else { return Ok(()) };
        let events = simulate(&profile, &schedule, Speed::Events);
        let fast = simulate(&profile, &schedule, Speed::Fast);
        prop_assert_eq!(&Estimate { timeline: None, ..events.clone() }, &fast);
        prop_assert_eq!(&events, &simulate(&profile, &schedule, Speed::Stepped));
    }

    #[test]
    fn laws_hold(raw in any_machine(), list in any_list()) {
        let profile = raw.check().expect("a machine");
        let Ok(schedule) = compile(&profile, &list) else { return Ok(()) };
        let estimate = simulate(&profile, &schedule, Speed::Events);
        let timeline = estimate.timeline.as_ref().expect("kept");
        one_thing_at_a_time(timeline)?;
        let layers: u64 = estimate.layers.iter().map(|layer| layer.latency_cycles).sum();
        prop_assert_eq!(layers, estimate.cycles);
        prop_assert!(estimate.period_cycles <= estimate.cycles);
        prop_assert!(estimate.first_cycles >= estimate.cycles);
        prop_assert!(estimate.narrow_peak_bytes <= profile.memory().unwrap().narrow_bytes);
        let on_array = schedule.steps().iter().filter_map(|step| match step {
            Step::Run(run) => Some(list.tasks()[run.task.0].work.macs()),
            Step::Load { .. } | Step::Store { .. } | Step::Host { .. } => None,
        });
        let peak = profile.array().unwrap().value.peak_macs_per_cycle();
        prop_assert!(estimate.cycles >= on_array.sum::<u64>().div_ceil(peak));
        compulsory(&profile, &schedule, &estimate)?;
    }

    #[test]
    fn a_faster_machine_is_never_slower(raw in any_machine(), list in any_list(), factor in 2..4u32) {
        let profile = raw.clone().check().expect("a machine");
        let Ok(schedule) = compile(&profile, &list) else { return Ok(()) };
        let slow = simulate(&profile, &schedule, Speed::Fast).cycles;
        let mut wider = raw.clone();
        let link = wider.link.as_mut().unwrap();
        link.input_mb_per_s *= f64::from(factor);
        link.parameters_mb_per_s += f64::from(factor);
        link.output_mb_per_s *= f64::from(factor);
        prop_assert!(simulate(&wider.check().unwrap(), &schedule, Speed::Fast).cycles <= slow);
        let mut quicker = raw;
        quicker.clock.mhz *= f64::from(factor);
        let quick = simulate(&quicker.check().unwrap(), &schedule, Speed::Fast).cycles;
        prop_assert!(quick <= slow * u64::from(factor));
    }
}

fn one_thing_at_a_time(timeline: &Timeline) -> Result<(), TestCaseError> {
    for resource in Resource::ALL {
        let mut free = 0;
        for interval in timeline
            .intervals
            .iter()
            .filter(|interval| interval.resource == resource)
        {
            prop_assert!(
                interval.start_cycle >= free,
                "{resource:?} overlaps at {free}: {interval:?}"
            );
            free = interval.end_cycle;
        }
    }
    Ok(())
}

/// Inputs that the chip reads and results it makes cross the link at least once, and so do the
/// parameters that do not stay; the link's rate bounds the latency.
fn compulsory(
    profile: &Profile,
    schedule: &Schedule<'_>,
    estimate: &Estimate,
) -> Result<(), TestCaseError> {
    let list = schedule.list();
    let runs: Vec<_> = schedule
        .steps()
        .iter()
        .filter_map(|step| match step {
            Step::Run(run) => Some(&list.tasks()[run.task.0]),
            Step::Load { .. } | Step::Store { .. } | Step::Host { .. } => None,
        })
        .collect();
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
    prop_assert!(traffic.input_bytes + traffic.spill_bytes >= inputs);
    prop_assert!(traffic.output_bytes + traffic.spill_bytes >= outputs);
    prop_assert!(traffic.parameter_bytes + estimate.cached_bytes >= stored);
    let link = profile.link().unwrap();
    prop_assert!(
        estimate.cycles
            >= link
                .parameters
                .cycles(traffic.parameter_bytes + traffic.code_bytes)
    );
    prop_assert!(estimate.cycles >= link.input.cycles(traffic.input_bytes));
    prop_assert!(estimate.cycles >= link.output.cycles(traffic.output_bytes));
    Ok(())
}

/// One streamed layer by hand: 4 pixels of 2 channels to 6, on 2 x 2 elements, weights in tiles of
/// two channels (4 bytes at 1 byte a cycle, 2 a transfer).
#[test]
fn hand_worked_stream() {
    let array = "kind = \"systolic\", rows = 2, cols = 2, dataflow = \"ws\", edges = \"full\", fill = \"per-fold\"";
    let profile = machine(array, [10, 100, 0], "whole-layers", [4, 1, 2], "")
        .check()
        .unwrap();
    let mut list = ListBuilder::default();
    let x = list.input(8);
    let weights = list.weights(12);
    let nest = LoopNest::conv([1, 2, 2, 2], 6, [1, 1], [1, 1]);
    let y = list.task("c", "conv", Work::LoopNest(nest), &[x], Some(weights), 24);
    list.output(y);
    let list = list.finish().unwrap();
    let schedule = compile(&profile, &list).unwrap();
    let estimate = simulate(&profile, &schedule, Speed::Stepped);
    let seen: Vec<_> = estimate
        .timeline
        .unwrap()
        .intervals
        .iter()
        .map(|i| (i.resource, i.what, i.start_cycle, i.end_cycle, i.bytes))
        .collect();
    // A tile computes 2 (load) + 2 + 2 - 2 + 4 (pixels) = 8 cycles; the third buffer waits for the first.
    assert_eq!(
        seen,
        vec![
            (Resource::LinkIn, What::Input, 0, 4, 8),
            (Resource::LinkIn, What::Parameters, 4, 10, 4),
            (Resource::Array, What::Compute, 10, 18, 0),
            (Resource::LinkIn, What::Parameters, 10, 16, 4),
            (Resource::Array, What::Compute, 18, 26, 0),
            (Resource::LinkIn, What::Parameters, 18, 24, 4),
            (Resource::Array, What::Compute, 26, 34, 0),
            (Resource::LinkOut, What::Output, 34, 48, 24),
        ]
    );
    assert_eq!(
        estimate
            .layers
            .iter()
            .map(|layer| layer.latency_cycles)
            .collect::<Vec<_>>(),
        vec![0, 4, 30, 14]
    );
    assert_eq!(estimate.layers[2].bound_by, Some(What::Compute));
}
