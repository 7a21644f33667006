//! Placement, residency and tiling, on machines small enough to work out by hand.

mod support;

use expect_test::{Expect, expect};

use super::*;
use crate::profile::Profile;
use crate::task::{Depthwise, ListBuilder, LoopNest, Work};

const SMALL: &str = r#"
name = "small"
description = "Two by two elements and very little memory."
clock = { source = "assumed: a test", mhz = 1.0 }
array = { source = "assumed: a test", kind = "systolic", rows = 2, cols = 2, dataflow = "ws", edges = "full", fill = "per-fold" }
vector = { source = "assumed: a test", bytes_per_cycle = 4.0 }
link = { source = "assumed: a test", input_mb_per_s = 2.0, parameters_mb_per_s = 2.0, output_mb_per_s = 1.0, transfer_us = 3.0 }

[memory.wide]
source = "assumed: a test"
bytes = 200
[memory.narrow]
source = "assumed: a test"
bytes = 600
[parameter_cache]
source = "assumed: a test"
bytes = 200
rule = "whole-layers"
"#;

fn small(change: (&str, &str)) -> Profile {
    Profile::parse(&SMALL.replacen(change.0, change.1, 1), "small.toml").unwrap()
}

/// Three pointwise layers of 8 channels over 8 x 4 pixels, the first result added to the last.
fn chain() -> TaskList {
    let mut list = ListBuilder::default();
    let mut x = list.input(256);
    let nest = LoopNest::conv([1, 8, 4, 8], 8, [1, 1], [1, 1]);
    let mut first = None;
    for name in ["a", "b", "c"] {
        let weights = list.weights(64);
        x = list.task(
            name,
            "conv2d",
            Work::LoopNest(nest),
            &[x],
            Some(weights),
            256,
        );
        first.get_or_insert(x);
    }
    let sum = list.task(
        "sum",
        "add",
        Work::Vector { touched_bytes: 768 },
        &[x, first.unwrap()],
        None,
        256,
    );
    list.output(sum);
    list.finish().unwrap()
}

fn check(profile: &Profile, list: &TaskList, expected: &Expect) {
    let text = match compile(profile, list) {
        Ok(schedule) => describe(&schedule),
        Err(infeasible) => format!("{infeasible}\n"),
    };
    expected.assert_eq(&text);
}

fn describe(schedule: &Schedule<'_>) -> String {
    let mut text = format!(
        "cached {}, narrow peak {}\n",
        schedule.cached_bytes, schedule.narrow_peak_bytes
    );
    for step in schedule.steps() {
        text += &match step {
            Step::Load { buffer } => format!("load {}\n", buffer.0),
            Step::Store { buffer } => format!("store {}\n", buffer.0),
            Step::Host { task } => format!("host {}\n", schedule.list.tasks()[task.0].name),
            Step::Run(run) => {
                let mut line = format!("run {}", schedule.list.tasks()[run.task.0].name);
                for block in run.blocks.iter() {
                    line += &format!(" {}x[", block.repeat);
                    for (times, tile) in &block.tiles {
                        let size = match tile.compute {
                            Compute::Product(p) => format!("{}m {}n", p.m, p.n * p.groups),
                            Compute::Macs(macs) => format!("{macs} macs"),
                            Compute::Bytes(bytes) => format!("{bytes} bytes"),
                            Compute::Counts {
                                macs,
                                touched_bytes,
                            } => format!("{macs} macs, {touched_bytes} bytes"),
                        };
                        line += &format!(
                            " {times}({size} w{} in{} out{})",
                            tile.parameter_bytes, tile.input_bytes, tile.output_bytes
                        );
                    }
                    line += " ]";
                }
                line + "\n"
            }
        };
    }
    text
}

#[test]
fn what_fits_stays() {
    check(
        &small(("600", "1000")),
        &chain(),
        &expect![[r#"
        cached 192, narrow peak 768
        load 0
        run a 1x[ 1(32m 8n w0 in0 out0) ]
        run b 1x[ 1(32m 8n w0 in0 out0) ]
        run c 1x[ 1(32m 8n w0 in0 out0) ]
        run sum 1x[ 1(768 bytes w0 in0 out0) ]
        store 4
    "#]],
    );
}

#[test]
fn layers_that_do_not_fit_the_cache_are_streamed_in_tiles() {
    check(
        &small((
            "bytes = 200\n[memory.narrow]\nsource = \"assumed: a test\"\nbytes = 600\n[parameter_cache]\nsource = \"assumed: a test\"\nbytes = 200",
            "bytes = 128\n[memory.narrow]\nsource = \"assumed: a test\"\nbytes = 1000\n[parameter_cache]\nsource = \"assumed: a test\"\nbytes = 128",
        )),
        &chain(),
        &expect![[r#"
            cached 64, narrow peak 768
            load 0
            run a 1x[ 1(32m 8n w0 in0 out0) ]
            run b 4x[ 1(32m 2n w16 in0 out0) ]
            run c 4x[ 1(32m 2n w16 in0 out0) ]
            run sum 1x[ 1(768 bytes w0 in0 out0) ]
            store 4
        "#]],
    );
}

#[test]
fn activations_that_do_not_fit_pass_through_tile_buffers() {
    check(
        &small(("600", "700")),
        &chain(),
        &expect![[r#"
        cached 192, narrow peak 512
        load 0
        run a 4x[ 1(32m 2n w0 in0 out64) ]
        run b 2x[ 1(16m 2n w0 in128 out0) 3(16m 2n w0 in0 out0) ]
        run c 1x[ 1(32m 8n w0 in0 out0) ]
        run sum 1x[ 1(48 bytes w0 in16 out0) 15(48 bytes w0 in16 out0) ]
        store 4
    "#]],
    );
    check(
        &small(("600", "100")),
        &chain(),
        &expect![[r#"
        cached 192, narrow peak 0
        run a 8x[ 1(4m 2n w0 in32 out8) 3(4m 2n w0 in0 out8) ]
        run b 8x[ 1(4m 2n w0 in32 out8) 3(4m 2n w0 in0 out8) ]
        run c 8x[ 1(4m 2n w0 in32 out8) 3(4m 2n w0 in0 out8) ]
        run sum 1x[ 1(48 bytes w0 in32 out16) 15(48 bytes w0 in32 out16) ]
    "#]],
    );
}

#[test]
fn impossible_demands_are_a_result() {
    check(
        &small(("600", "10")),
        &chain(),
        &expect![[r#"
            `a` needs 24 bytes of activation memory (memory.narrow) at once; there are 10
        "#]],
    );
    let mut list = ListBuilder::default();
    let x = list.input(16);
    let y = list.task(
        "odd",
        "foreign",
        Work::Host {
            macs: None,
            touched_bytes: 32,
        },
        &[x],
        None,
        16,
    );
    list.output(y);
    check(
        &small(("600", "600")),
        &list.finish().unwrap(),
        &expect![[r#"
        `odd` runs only on a host, and the profile has no [host] (1 such operators)
    "#]],
    );
}

#[test]
fn the_host_takes_over_after_the_first_unsupported_operator() {
    let host = "[host]\nsource = \"assumed: a test\"\noperator_us = 1.0\nmb_per_s = 1.0\n";
    let support = |segments| {
        format!(
            "{host}[support]\nsource = \"assumed: a test\"\noperators = [\"add\", \"depthwise\"]\nmultiple_segments = {segments}\n[memory.narrow]"
        )
    };
    let mut list = ListBuilder::default();
    let x = list.input(64);
    let nest = LoopNest::conv([1, 4, 4, 4], 4, [3, 3], [1, 1]);
    let weights = list.weights(36);
    let a = list.task(
        "a",
        "depthwise",
        Work::Depthwise(Depthwise::new(nest, 1)),
        &[x],
        Some(weights),
        64,
    );
    let b = list.task(
        "b",
        "odd",
        Work::Vector { touched_bytes: 128 },
        &[a],
        None,
        64,
    );
    let c = list.task(
        "c",
        "add",
        Work::Vector { touched_bytes: 192 },
        &[a, b],
        None,
        64,
    );
    list.output(c);
    let list = list.finish().unwrap();
    check(
        &small(("[memory.narrow]", &support(false))),
        &list,
        &expect![[r#"
        cached 36, narrow peak 128
        load 0
        run a 1x[ 1(16m 4n w0 in0 out0) ]
        store 1
        host b
        host c
    "#]],
    );
    check(
        &small(("[memory.narrow]", &support(true))),
        &list,
        &expect![[r#"
        cached 36, narrow peak 192
        load 0
        run a 1x[ 1(16m 4n w0 in0 out0) ]
        store 1
        host b
        load 2
        run c 1x[ 1(192 bytes w0 in0 out0) ]
        store 3
    "#]],
    );
}

#[test]
fn layers_without_room_are_computed_in_strips() {
    let code = "code = { source = \"assumed: a test\", operator_bytes = 1, strip_bytes = 9 }\n";
    let machine = small(("bytes = 600", "bytes = 300"));
    assert!(format!("{:?}", compile(&machine, &chain()).unwrap()).contains("spilled: [true"));
    let text = SMALL.replacen("bytes = 600", "bytes = 300", 1);
    let text = text.replacen("\n[memory.wide]", &format!("{code}\n[memory.wide]"), 1);
    let machine = Profile::parse(&text, "small.toml").unwrap();
    let list = chain();
    let schedule = compile(&machine, &list).unwrap();
    assert!(!schedule.spilled.contains(&true));
    let strips = schedule.steps().iter().filter_map(|step| match step {
        Step::Run(run) => Some(run.strips),
        Step::Load { .. } | Step::Store { .. } | Step::Host { .. } => None,
    });
    // Two buffers of 256 bytes, then three, in 300.
    assert_eq!(strips.collect::<Vec<_>>(), [2, 2, 3, 3]);
}
