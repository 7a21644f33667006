//! Traces worked out by hand: the comments hold the working.

use expect_test::{Expect, expect};

use super::laws::plain;
use super::random::Parts;
use crate::compile::compile;
use crate::profile::Profile;
use crate::simulate::{Estimate, Speed, What, actions, simulate};
use crate::task::{ListBuilder, LoopNest, TaskList, Work};

const OS: &str = "kind = \"systolic\", rows = 2, cols = 2, dataflow = \"os\", edges = \"full\", fill = \"per-fold\", drain = \"free\"";
const WS: &str = "kind = \"systolic\", rows = 2, cols = 2, dataflow = \"ws\", edges = \"full\", fill = \"per-fold\"";
const IS: &str = "kind = \"systolic\", rows = 2, cols = 2, dataflow = \"is\", edges = \"full\", fill = \"per-fold\"";
const PIPELINED: &str = "kind = \"systolic\", rows = 2, cols = 2, dataflow = \"ws\", edges = \"full\", fill = \"pipelined\"";
const DOT: &str = "kind = \"dot\", px = 2, cells = 2, simd = 1, pipeline_cycles = 3";

/// A pointwise layer of `in_c` to `out_c` channels over `[images, 2, 2]` pixels, its result added
/// to an input if `skip`.
fn layer(images: u64, in_c: u64, out_c: u64, skip: bool) -> TaskList {
    let mut list = ListBuilder::default();
    let x = list.input(4 * images * in_c);
    let weights = list.weights(in_c * out_c);
    let nest = LoopNest::conv([images, 2, 2, in_c], out_c, [1, 1], [1, 1]);
    let bytes = 4 * images * out_c;
    let other = skip.then(|| list.input(bytes));
    let mut y = list.task(
        "c",
        "conv",
        Work::LoopNest(nest),
        &[x],
        Some(weights),
        bytes,
    );
    if let Some(other) = other {
        let touched_bytes = 3 * bytes;
        y = list.task(
            "s",
            "add",
            Work::Vector { touched_bytes },
            &[y, other],
            None,
            bytes,
        );
    }
    list.output(y);
    list.finish().expect("a sound list")
}

fn run(parts: &Parts, list: &TaskList) -> (Profile, Estimate) {
    let profile = parts.machine().check().expect("a machine");
    let schedule = compile(&profile, list).expect("it fits");
    let estimate = simulate(&profile, &schedule, Speed::Stepped);
    (profile, estimate)
}

/// `resource what start..end (bytes)`, a line each.
fn trace(parts: &Parts, list: &TaskList, expected: &Expect) {
    let (_, estimate) = run(parts, list);
    let mut text = String::new();
    for i in estimate.timeline.expect("kept").intervals {
        let bytes = match i.bytes {
            0 => String::new(),
            bytes => format!(" ({bytes})"),
        };
        let (who, what) = (i.resource.name(), i.what.name());
        text += &format!("{who} {what} {}..{}{bytes}\n", i.start_cycle, i.end_cycle);
    }
    expected.assert_eq(&text);
}

/// 8 bytes in at 4 a cycle and 24 out at 2 a cycle, 2 a transfer.
fn computing(array: &str, expected: &Expect) {
    trace(
        &plain(array, 100, 100, [4, 1, 2]),
        &layer(1, 2, 6, false),
        expected,
    );
}

/// M = 4 pixels, N = 6 output channels, K = 2 input channels, on 2 x 2 elements.
#[test]
fn one_layer_on_every_array() {
    // 2 x 3 folds of 2 + 2 - 2 + 2 = 4 cycles.
    computing(
        OS,
        &expect![[r#"
            link_in input 0..4 (8)
            array compute 4..28
            link_out output 28..42 (24)
        "#]],
    );
    // 1 x 3 folds of 2 (load) + 2 + 2 - 2 + 4 = 8 cycles.
    computing(
        WS,
        &expect![[r#"
            link_in input 0..4 (8)
            array compute 4..28
            link_out output 28..42 (24)
        "#]],
    );
    // 1 x 2 folds of 2 (load) + 2 + 2 - 2 + 6 = 10 cycles.
    computing(
        IS,
        &expect![[r#"
            link_in input 0..4 (8)
            array compute 4..24
            link_out output 24..38 (24)
        "#]],
    );
    // 2 (first load), then starts 4 apart, the last ends 2 + 2 - 2 + 4 after its own: 2 + 8 + 6.
    computing(
        PIPELINED,
        &expect![[r#"
            link_in input 0..4 (8)
            array compute 4..20
            link_out output 20..34 (24)
        "#]],
    );
    // 2 pixel blocks x 3 channel blocks x 2, and 3 for the pipeline.
    computing(
        DOT,
        &expect![[r#"
            link_in input 0..4 (8)
            array compute 4..19
            link_out output 19..33 (24)
        "#]],
    );
}

/// Weights in tiles of two channels: 4 bytes at 1 a cycle, 2 a transfer. The third buffer waits for
/// the first to be used up.
#[test]
fn streamed_parameters_arrive_while_the_array_works() {
    let parts = plain(WS, 10, 0, [4, 1, 2]);
    let list = layer(1, 2, 6, false);
    trace(
        &parts,
        &list,
        &expect![[r#"
            link_in input 0..4 (8)
            link_in parameters 4..10 (4)
            array compute 10..18
            link_in parameters 10..16 (4)
            array compute 18..26
            link_in parameters 18..24 (4)
            array compute 26..34
            link_out output 34..48 (24)
        "#]],
    );
    let (_, estimate) = run(&parts, &list);
    let latency = |layer: &crate::simulate::Layer| layer.latency_cycles;
    assert_eq!(
        estimate.layers.iter().map(latency).collect::<Vec<_>>(),
        [0, 4, 30, 14]
    );
    let conv = &estimate.layers[2];
    assert_eq!(conv.bound_by, Some(What::Compute));
    // Only the first tile waits.
    assert_eq!(conv.stall_cycles.iter().sum::<u64>(), 6);
}

/// Parameters are brought once for all images.
#[test]
fn a_batch_shares_its_parameters() {
    let mut parts = plain(WS, 10, 0, [4, 1, 2]);
    parts.narrow = [300, 0];
    let traffic = |images| run(&parts, &layer(images, 2, 6, false)).1.traffic;
    assert_eq!(traffic(1).parameter_bytes, 12);
    assert_eq!(traffic(3).parameter_bytes, 12);
    assert_eq!(traffic(3).input_bytes, 3 * traffic(1).input_bytes);
}

/// 12 input channels by 2 output channels are 24 bytes of weights, more than a buffer of 10: they
/// come in three parts of 4 input channels, 8 bytes in 8 cycles and 2 a transfer, each folded twice
/// along K: 2 x 8 cycles.
#[test]
fn input_channels_are_cut_where_nothing_else_fits() {
    trace(
        &plain(WS, 20, 0, [8, 1, 2]),
        &layer(1, 12, 2, false),
        &expect![[r#"
            link_in input 0..8 (48)
            link_in parameters 8..18 (8)
            array compute 18..34
            link_in parameters 18..28 (8)
            array compute 34..50
            link_in parameters 34..44 (8)
            array compute 50..66
            link_out output 66..72 (8)
        "#]],
    );
}

/// Each of two arrays makes one of the two rows, block by block of two channels: 2 (load) + 2 + 2 -
/// 2 + 2 (pixels) = 6 cycles. The 4 bytes of weights of a block are broadcast at 2 a cycle, one
/// hop of 3 cycles away, while the block before is computed.
#[test]
fn a_grid_shares_rows_and_broadcasts_weights() {
    let mut parts = plain(WS, 100, 100, [4, 1, 2]);
    parts.more = "grid = { source = \"assumed: a test\", rows = 1, cols = 2, hop_cycles = 3, noc_bytes_per_cycle = 2.0 }\n".to_owned();
    trace(
        &parts,
        &layer(1, 2, 6, false),
        &expect![[r#"
            link_in input 0..4 (8)
            noc noc 4..9 (4)
            array compute 9..15
            noc noc 9..14 (4)
            array compute 15..21
            noc noc 15..20 (4)
            array compute 21..27
            link_out output 27..41 (24)
        "#]],
    );
}

/// Outside memory at 2 bytes a cycle reading and 1 writing, bursts of 8, and 5 cycles to the first
/// byte. The result finds room, the input does not: beside the result's 16 bytes there are two
/// buffers of 10, so it comes in parts of 2 of its 6 channels, 8 bytes in a burst of 4 cycles and 5
/// more. The array makes a part in 2 folds of 8 cycles, and the third part waits for the first
/// buffer. The result leaves in two bursts, 16 cycles and 5 more.
#[test]
fn activations_pass_through_outside_memory() {
    let mut parts = plain(WS, 100, 100, [1, 1, 1]);
    parts.narrow = [36, 0];
    parts.ways = "dram = { source = \"assumed: a test\", read_mb_per_s = 2, write_mb_per_s = 1, latency_ns = 5000, burst_bytes = 8 }\n".to_owned();
    trace(
        &parts,
        &layer(1, 6, 4, false),
        &expect![[r#"
            dram_in spill_in 0..9 (8)
            array compute 9..25
            dram_in spill_in 9..18 (8)
            array compute 25..41
            dram_in spill_in 25..34 (8)
            array compute 41..57
            dram_out output 57..78 (16)
        "#]],
    );
}

/// The sum takes the results as they leave the array: 24 bytes of the other operand and 24 of the
/// sum at 3 a cycle are 16 cycles, hidden by the 24 of the array. It has no time of its own.
#[test]
fn a_fused_sum_hides_behind_the_array() {
    let mut parts = plain(WS, 100, 100, [4, 1, 2]);
    parts.more = "fusion = { source = \"assumed: a test\", operators = [\"add\"] }\n".to_owned();
    let list = layer(1, 2, 6, true);
    trace(
        &parts,
        &list,
        &expect![[r#"
            link_in input 0..4 (8)
            link_in input 4..12 (24)
            array compute 12..36
            link_out output 36..50 (24)
        "#]],
    );
    let (_, estimate) = run(&parts, &list);
    let sum = estimate
        .layers
        .iter()
        .find(|layer| layer.fused)
        .expect("fused");
    assert_eq!(sum.latency_cycles, 0);
}

/// The array reads 4 x 2 inputs three times and writes 24 results, 48 bytes; a port of 1 byte
/// needs 48 cycles for them, 24 more than the array.
#[test]
fn a_narrow_port_holds_the_array_up() {
    let mut parts = plain(WS, 100, 100, [4, 1, 2]);
    parts.narrow = [100, 1];
    trace(
        &parts,
        &layer(1, 2, 6, false),
        &expect![[r#"
            link_in input 0..4 (8)
            array compute 4..28
            array feed 28..52
            link_out output 52..66 (24)
        "#]],
    );
}

/// 48 MACs of 1 pJ; 48 x 2 operand bytes and 48 x 2 x 4 accumulator bytes of registers at 0.1 pJ;
/// 12 weights read and nothing streamed at 2 pJ; the narrow memory sees 24 input reads, 24 results,
/// and the 8 and 24 bytes that cross the link, at 3 pJ; the link takes 5 pJ for each of the 32.
#[test]
fn energy_is_a_sum_of_counts() {
    let mut parts = plain(WS, 100, 100, [4, 1, 2]);
    parts.more = "energy = { source = \"assumed: a test\", mac_pj = { \"8x8\" = 1.0 }, register_pj_per_byte = 0.1, vector_pj_per_byte = 9.0, wide_pj_per_byte = 2.0, narrow_pj_per_byte = 3.0, link_pj_per_byte = 5.0, leakage_mw = 0.5 }\n\
                  area = { source = \"assumed: a test\", mac_um2 = 1000.0, sram_um2_per_byte = 10.0, other_mm2 = 0.25 }\n"
        .to_owned();
    let list = layer(1, 2, 6, false);
    let profile = parts.machine().check().expect("a machine");
    let schedule = compile(&profile, &list).expect("it fits");
    let estimate = simulate(&profile, &schedule, Speed::Fast);
    let costs = profile.energy().expect("told");
    let energy = actions(&profile, &schedule, &estimate)
        .energy(costs, &estimate)
        .expect("all widths are told");
    let close = |found: f64, pj: f64| assert!((found * 1e9 - pj).abs() < 1e-6, "{found} {pj}");
    close(energy.macs_mj, 48.0);
    close(energy.registers_mj, 0.1 * (48.0 * 2.0 + 48.0 * 8.0));
    close(
        energy.memory_mj,
        2.0 * 12.0 + 3.0 * (24.0 + 24.0 + 8.0 + 24.0),
    );
    close(energy.link_mj, 5.0 * 32.0);
    // 1 cycle is 1 us: half a milliwatt is 0.5 nJ a cycle.
    close(
        energy.leakage_mj,
        500.0 * crate::units::float(estimate.cycles),
    );
    let area = profile.area().expect("told");
    assert!((area.total_mm2() - (0.004 + 0.002 + 0.25)).abs() < 1e-12);
    let unknown = crate::profile::Energy {
        mac_pj: [((16, 8), 1.0)].into(),
        ..costs.clone()
    };
    let counted = actions(&profile, &schedule, &estimate);
    assert_eq!(counted.energy(&unknown, &estimate), None);
}
