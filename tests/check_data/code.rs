//! Instructions of Edge TPU programs: as many bytes as the headers of compiled files say.

use ednas::microbench::stacks::{self, Activation, Family, Row as Stack};
use hwmodels::compile::compile;
use hwmodels::profile::{Profile, Setting};
use hwmodels::simulate::{Speed, simulate};
use hwmodels::task::{BufferId, Depthwise, ListBuilder, LoopNest, Task, TaskList, Work};
use kernels::Verified;
use kernels::work::{Precision, tasks};

use super::{Row, number, rows};

/// The most that a program may differ by from what its header says: in percent, or in bytes, one or two
/// operators.
const PERCENT: f64 = 26.0;
const BYTES: u64 = 2200;

/// Classifier, reshape and softmax of MobileNet V1, and of V2 the pool as well.
const BEHIND_POOL: usize = 3;
const POOL_AND_BEHIND: usize = 4;

/// What is taken of a network, and what it is made to be.
struct Cut {
    /// Tasks at the end that are left out.
    without: usize,
    /// Rows and columns of the image, where they were `was`.
    image: [u64; 2],
    was: u64,
    /// Times as many channels, of all but the image.
    wider: u64,
}

impl Cut {
    /// An extent of an image as large as the cut's; vectors stay such.
    fn side(&self, axis: usize, extent: u64) -> u64 {
        match extent {
            1 => 1,
            extent => extent * self.image[axis] / self.was,
        }
    }

    fn channels(&self, channels: u64) -> u64 {
        match channels {
            3 => 3,
            channels => channels * self.wider,
        }
    }

    fn nest(&self, nest: &LoopNest) -> LoopNest {
        LoopNest {
            in_h: self.side(0, nest.in_h),
            in_w: self.side(1, nest.in_w),
            out_h: self.side(0, nest.out_h),
            out_w: self.side(1, nest.out_w),
            in_c: self.channels(nest.in_c),
            out_c: self.channels(nest.out_c),
            groups: match nest.groups {
                1 => 1,
                groups => self.channels(groups),
            },
            ..*nest
        }
    }

    fn shape(&self, shape: &[u64]) -> Vec<u64> {
        match shape {
            [n, h, w, c] => vec![*n, self.side(0, *h), self.side(1, *w), self.channels(*c)],
            other => other.to_vec(),
        }
    }

    fn task(&self, list: &mut ListBuilder, task: &Task, bytes: u64) {
        let work = match task.work {
            Work::LoopNest(nest) => Work::LoopNest(self.nest(&nest)),
            Work::Depthwise(_) => {
                let nest = task.work.nest().map(|nest| self.nest(nest));
                Work::Depthwise(Depthwise::new(nest.unwrap(), 1))
            }
            work @ (Work::Vector { .. } | Work::Move { .. } | Work::Host { .. }) => work,
        };
        let mut operation = (*task.operation).clone();
        operation.work = work;
        operation.shapes = task.shapes.iter().map(|shape| self.shape(shape)).collect();
        let result = list.activation(bytes);
        list.push(Task {
            operation: operation.into(),
            weights: None,
            writes: vec![result],
            ..task.clone()
        });
    }

    /// The chain of tasks of `whole`; parameters are left out, which have no code.
    fn of(&self, whole: &TaskList) -> TaskList {
        let mut list = ListBuilder::default();
        list.input(self.image[0] * self.image[1] * 3);
        let all = whole.tasks();
        for task in &all[..all.len() - self.without] {
            let out = task.shapes.last().map(|shape| self.shape(shape));
            let bytes = out.map_or(1, |out| out.iter().product());
            self.task(&mut list, task, bytes);
        }
        let last = all.len() - self.without;
        list.output(BufferId(last));
        list.finish().unwrap()
    }
}

fn of_file(file: &str, cut: &Cut) -> TaskList {
    let path = super::folder().join("models/real").join(file);
    let graph = exporters::tflite::read(&std::fs::read(path).unwrap()).unwrap();
    cut.of(&tasks(&graph, Precision::AsIs).unwrap())
}

fn stack(family: Family, [height, width, out_c, layers]: [usize; 4]) -> TaskList {
    let network: Verified = stacks::network(&Stack {
        family,
        height,
        width,
        in_c: 3,
        out_c,
        layers,
        input_bytes: 12,
        output_bytes: 1,
        activation: Activation::Relu,
    })
    .unwrap();
    tasks(&network, Precision::AsIs).unwrap()
}

/// The network of a compiled file, where its operators are known.
fn program(file: &str) -> Option<TaskList> {
    let counts = |prefix: &str| -> Option<Vec<usize>> {
        let rest = file.strip_prefix(prefix)?;
        rest.split('x').map(|part| part.parse().ok()).collect()
    };
    if let Some(counts) = counts("model_conv_") {
        let [height, width, _, out_c, _, layers] = counts[..] else {
            return None;
        };
        return Some(stack(Family::Conv7x7Stack, [height, width, out_c, layers]));
    }
    if let Some(counts) = counts("model_dense_") {
        let [_, _, _, units, layers] = counts[..] else {
            return None;
        };
        return Some(stack(Family::DenseStack, [1, 1, units, layers]));
    }
    let families = [
        ("model_padding_stride_", Family::InvokeOverhead),
        ("model_padding_", Family::OutputTransfer),
        ("model_stride_", Family::InputTransfer),
    ];
    for (prefix, family) in families {
        if let Some(counts) = counts(prefix) {
            return Some(stack(family, [counts[0], counts[1], 1, 1]));
        }
    }
    let cut = |without, image, was, wider| Cut {
        without,
        image,
        was,
        wider,
    };
    let v2 = |without, image| {
        let cut = cut(without, image, 224, 1);
        Some(of_file("mobilenet_v2_1.0_224_quant.tflite", &cut))
    };
    if let Some(counts) = counts("model_mobilenet_v2_wo_fc_") {
        return v2(POOL_AND_BEHIND, [counts[0] as u64, counts[1] as u64]);
    }
    if file.starts_with("mobilenet_v1_1.0_224_quant_embedding") {
        let cut = cut(BEHIND_POOL, [224, 224], 128, 4);
        return Some(of_file("mobilenet_v1_0.25_128_quant.tflite", &cut));
    }
    if file.contains("v1_0.25_128_quant_cocompiled") {
        let cut = cut(0, [128, 128], 128, 1);
        return Some(of_file("mobilenet_v1_0.25_128_quant.tflite", &cut));
    }
    file.contains("mobilenet_v2").then(|| v2(0, [224, 224]))?
}

fn code_bytes(machine: &str, list: &TaskList) -> u64 {
    let profile = older(machine);
    let schedule = compile(&profile, list).unwrap();
    simulate(&profile, &schedule, Speed::Fast)
        .traffic
        .code_bytes
}

/// The machine with the code of compilers of runtime 10 to 12; what ships is between theirs and later ones'.
fn older(machine: &str) -> Profile {
    let numbers = [
        ("code.operator_bytes", 1054),
        ("code.ragged_operator_bytes", 679),
    ];
    let settings = numbers.map(|(key, bytes)| (key, Setting::Whole(bytes)));
    let settings: Vec<(&str, &Setting)> = settings.iter().map(|(key, to)| (*key, to)).collect();
    let shipped = Profile::named(machine).unwrap();
    shipped.varied(&settings, "measured: these files").unwrap()
}

fn machine(row: &Row) -> &'static str {
    match row["min_runtime"].as_str() {
        "10" => "coral-edgetpu:compiler-2019",
        _ => "coral-edgetpu",
    }
}

#[test]
fn programs_have_as_many_instructions() {
    let mut wrong = Vec::new();
    println!("| file | runtime | bytes of instructions | ours | difference |");
    println!("|---|---|---|---|---|");
    for row in rows("measured/compiled_executables.csv") {
        let path = row["path"].rsplit('/').next().unwrap();
        let file = path.trim_end_matches("_edgetpu.tflite");
        // Whose operators nobody knows, and whose code depends on another network's.
        let alone = row["repo"] != "JeongHwaSik/Edge-TPU-Scheduler" && !file.contains("cocompiled");
        let Some(list) = program(file).filter(|_| alone) else {
            println!(
                "| {file} | {} | {} | | |",
                row["min_runtime"], row["instr_bytes"]
            );
            continue;
        };
        let theirs = number(&row, "instr_bytes");
        let ours = code_bytes(machine(&row), &list);
        let percent = 100.0 * (ours as f64 - theirs as f64) / theirs as f64;
        let line = format!(
            "| {file} | {} | {theirs} | {ours} | {percent:+.1} % |",
            row["min_runtime"]
        );
        println!("{line}");
        if percent.abs() > PERCENT && ours.abs_diff(theirs) > BYTES {
            wrong.push(line);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
