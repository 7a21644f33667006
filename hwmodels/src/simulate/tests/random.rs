//! Random machines with every part, and random programs.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::profile::raw::RawProfile;
use crate::task::{BufferId, Depthwise, ListBuilder, LoopNest, TaskList, Work};

const SOURCE: &str = "source = \"assumed: a test\"";

/// The parts of a machine as its file spells them; empty for one that is not there.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) array: String,
    pub(crate) wide: [u64; 2],
    pub(crate) narrow: [u64; 2],
    pub(crate) cache: String,
    pub(crate) ways: String,
    pub(crate) more: String,
}

impl Parts {
    /// The machine; a pool's second number is its bandwidth, 0 for no limit.
    pub(crate) fn machine(&self) -> RawProfile {
        let pool = |[bytes, width]: [u64; 2]| {
            let ports = match width {
                0 => String::new(),
                width => format!(", banks = 1, ports = 1, width_bytes = {width}"),
            };
            format!("{{ {SOURCE}, bytes = {bytes}{ports} }}")
        };
        let (wide, narrow) = (pool(self.wide), pool(self.narrow));
        let Parts {
            array,
            cache,
            ways,
            more,
            ..
        } = self;
        let text = format!(
            "name = \"random\"\ndescription = \"A test.\"\nclock = {{ {SOURCE}, mhz = 1.0 }}\n\
             array = {{ {SOURCE}, {array} }}\nvector = {{ {SOURCE}, bytes_per_cycle = 3.0 }}\n\
             memory = {{ wide = {wide}, narrow = {narrow} }}\n\
             host = {{ {SOURCE}, operator_us = 5, mb_per_s = 7, mmacs_per_s = 3 }}\n\
             {cache}\n{ways}\n{more}\n[support]\n{SOURCE}\noperators = [\"conv\", \"pool\", \"add\", \"named\"]\n\
             multiple_segments = true\n"
        );
        toml::from_str(&text).expect("a profile")
    }
}

const ARRAYS: [&str; 8] = [
    "kind = \"systolic\", rows = 3, cols = 2, dataflow = \"os\", edges = \"full\", fill = \"per-fold\", drain = \"columns\"",
    "kind = \"systolic\", rows = 2, cols = 3, dataflow = \"os\", edges = \"occupied\", fill = \"pipelined\"",
    "kind = \"systolic\", rows = 4, cols = 2, simd = 2, dataflow = \"ws\", edges = \"full\", fill = \"pipelined\", first_preload_cycles = 7",
    "kind = \"systolic\", rows = 2, cols = 2, dataflow = \"ws\", edges = \"occupied\", fill = \"pipelined\", min_rows = 4",
    "kind = \"systolic\", rows = 2, cols = 4, dataflow = \"is\", edges = \"occupied\", fill = \"per-fold\", control_cycles = 5",
    "kind = \"systolic\", rows = 3, cols = 3, simd = 4, dataflow = \"ws\", edges = \"full\", fill = \"per-fold\"",
    "kind = \"dot\", px = 2, cells = 3, simd = 2, pipeline_cycles = 4",
    "kind = \"dot\", px = 1, cells = 4, simd = 4, step_words = 2, channel_step_words = 3, depthwise_taps = 3",
];

const GRIDS: [&str; 3] = [
    "",
    "rows = 1, cols = 2, hop_cycles = 3, noc_bytes_per_cycle = 2.0",
    "rows = 2, cols = 2, hop_cycles = 1, noc_bytes_per_cycle = 0.7",
];

const OVERHEADS: [&str; 2] = [
    "",
    "source = \"fitted: a test\", operator_us = 4, inference_us = 9",
];

const CODES: [&str; 4] = [
    "",
    "program_bytes = 9, operator_bytes = 17",
    "sent = \"at-once\", operator_bytes = 3, window_bytes = 2, vector_block_bytes = 5, ragged_multiple = 2, ragged_operator_bytes = 7, ragged_window_block_bytes = 1",
    "operator_bytes = 17, strip_bytes = 5",
];

const TABLES: [&str; 3] = [
    "",
    "",
    "conv = { source = \"assumed: a test\", entries = [{ macs_per_cycle = 1.3 }] }",
];

/// A table of the file, or nothing where it is empty.
fn table(name: &str, keys: &str) -> String {
    match keys {
        "" => String::new(),
        keys if keys.contains("source") => format!("{name} = {{ {keys} }}\n"),
        keys => format!("{name} = {{ {SOURCE}, {keys} }}\n"),
    }
}

/// A link, outside memory, or both, and sometimes read-only memory for the parameters.
fn any_ways() -> impl Strategy<Value = String> {
    (0..3u8, any::<bool>(), (1..20u32, 1..20u32, 1..20u32), 1..9u64).prop_map(
        |(kind, flash, (input, parameters, output), burst)| {
            let link = format!(
                "input_mb_per_s = {input}, parameters_mb_per_s = {parameters}, output_mb_per_s = {output}, transfer_us = 2"
            );
            let dram = format!(
                "read_mb_per_s = {parameters}, write_mb_per_s = {output}, latency_ns = 1500, burst_bytes = {burst}"
            );
            let flash = match flash {
                true => format!("read_mb_per_s = {input}, latency_ns = 400, burst_bytes = {burst}"),
                false => String::new(),
            };
            let (link, dram) = match kind {
                0 => (link.as_str(), ""),
                1 => ("", dram.as_str()),
                _ => (link.as_str(), dram.as_str()),
            };
            table("link", link) + &table("dram", dram) + &table("flash", &flash)
        },
    )
}

pub(crate) fn any_machine() -> impl Strategy<Value = Parts> {
    let pools = (80..400u64, 60..1200u64, 0..400u64, 0..6u64, 0..6u64);
    let rules = ["whole-layers", "bytes"];
    let placements = ["pooled", "per-tile", "first-tiles"];
    (
        select(ARRAYS.to_vec()),
        select(GRIDS.to_vec()),
        pools,
        (select(rules.to_vec()), select(placements.to_vec())),
        any_ways(),
        (select(OVERHEADS.to_vec()), select(CODES.to_vec())),
        (
            select(vec!["", "operators = [\"add\"]"]),
            select(TABLES.to_vec()),
        ),
    )
        .prop_map(
            |(array, grid, pools, (rule, placement), ways, (overheads, code), (fusion, tables))| {
                let (wide, narrow, cache, wide_width, narrow_width) = pools;
                let placement = match (grid, rule) {
                    ("", _) | (_, "bytes") => "pooled",
                    (_, _) => placement,
                };
                let cache = cache.min(wide);
                Parts {
                    array: array.to_owned(),
                    wide: [wide, wide_width],
                    narrow: [narrow, narrow_width],
                    cache: table(
                        "parameter_cache",
                        &format!("bytes = {cache}, rule = \"{rule}\", placement = \"{placement}\""),
                    ),
                    ways,
                    more: table("grid", grid)
                        + &table("overheads", overheads)
                        + &table("code", code)
                        + &table("fusion", fusion)
                        + &table("throughput", tables),
                }
            },
        )
}

/// One operator of a random program.
type Operator = (u8, u64, u64, u64, u64, Index);

/// Up to six operators in a chain with skips, on up to 9 x 9 pixels, 7 channels and 2 images.
pub(crate) fn any_list() -> impl Strategy<Value = TaskList> {
    let operator = (0..10u8, 1..8u64, 1..4u64, 1..3u64, 1..3u64, any::<Index>());
    (
        (1..3u64, 1..10u64, 1..10u64, 1..8u64),
        prop::collection::vec(operator, 1..7),
    )
        .prop_map(|((batch, h, w, c), operators)| {
            let mut program = Program {
                list: ListBuilder::default(),
                made: Vec::new(),
            };
            let input = program.list.input(batch * h * w * c);
            program.made.push((input, [batch, h, w, c]));
            for (place, operator) in operators.into_iter().enumerate() {
                program.add(&format!("t{place}"), operator);
            }
            let (last, _) = program.made[program.made.len() - 1];
            program.list.output(last);
            program.list.finish().expect("a sound list")
        })
}

struct Program {
    list: ListBuilder,
    made: Vec<(BufferId, [u64; 4])>,
}

impl Program {
    fn add(&mut self, name: &str, (kind, out_c, kernel, stride, groups, skip): Operator) {
        let (buffer, shape) = self.made[self.made.len() - 1];
        let bytes: u64 = shape.iter().product();
        // A stride beyond the window would leave input that nothing reads.
        let kernel = kernel.max(stride);
        let next = match kind {
            0..=3 => {
                let plain = LoopNest::conv(shape, out_c, [kernel, kernel], [stride, stride]);
                let grouped = shape[3].is_multiple_of(groups) && out_c.is_multiple_of(groups);
                let work = match kind {
                    2 => Work::Depthwise(Depthwise::new(plain, stride)),
                    3 if grouped && groups < shape[3] => {
                        Work::LoopNest(LoopNest { groups, ..plain })
                    }
                    _ => Work::LoopNest(plain),
                };
                let nest = *work.nest().expect("a convolution");
                let per_channel = nest.group_in_c() * kernel * kernel;
                let weights = self.list.weights(nest.out_c * per_channel);
                let out = [nest.batch, nest.out_h, nest.out_w, nest.out_c];
                let (reads, size) = ([buffer], out.iter().product());
                let made = self
                    .list
                    .task(name, "conv", work, &reads, Some(weights), size);
                (made, out)
            }
            4..=6 => {
                let (other, other_shape) = self.made[skip.index(self.made.len())];
                let two = other != buffer && other_shape == shape;
                let reads: &[BufferId] = if two { &[buffer, other] } else { &[buffer] };
                let touched_bytes = (1 + reads.len() as u64) * bytes;
                let operator = if kind == 4 { "pool" } else { "add" };
                let work = Work::Vector { touched_bytes };
                (
                    self.list.task(name, operator, work, reads, None, bytes),
                    shape,
                )
            }
            7 | 8 => {
                // Multiply-accumulates or bytes decide, or no others are counted.
                let macs = (kernel > 1).then_some(bytes * out_c * out_c);
                let work = Work::Host {
                    macs,
                    touched_bytes: 2 * bytes,
                };
                let weights = (kind == 8).then(|| self.list.weights(out_c * kernel));
                let reads = [buffer];
                (
                    self.list.task(name, "named", work, &reads, weights, bytes),
                    shape,
                )
            }
            _ => {
                let work = Work::Host {
                    macs: Some(bytes),
                    touched_bytes: 2 * bytes,
                };
                (
                    self.list.task(name, "odd", work, &[buffer], None, bytes),
                    shape,
                )
            }
        };
        self.made.push(next);
    }
}
