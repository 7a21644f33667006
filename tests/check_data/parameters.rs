//! Parameters of Edge TPU programs: stored, cached and streamed as compilers placed them.
//!
//! Two sources: the headers of compiled files, which count bytes on the link, and logs of compilers,
//! which count what layers take of the chip's memory, rounded to 0.01 MiB.

use hwmodels::compile::compile;
use hwmodels::profile::Profile;
use hwmodels::task::{Depthwise, ListBuilder, LoopNest, TaskList, Weights, Work};
use kernels::work::{Precision, tasks};

use super::{Row, number, rows};

/// The most of its bytes that a file may differ by, in percent; below it, one transfer of 64 bytes.
const PERCENT: f64 = 5.0;
const GRANULE_BYTES: u64 = 64;

/// The loop nests of a network: what has weights.
type Nests = Vec<Work>;

fn conv(in_c: u64, out_c: u64, kernel: u64, pixels: u64) -> Work {
    let nest = LoopNest::conv([1, pixels, pixels, in_c], out_c, [kernel; 2], [1, 1]);
    Work::LoopNest(nest)
}

fn dense(in_c: u64, out_c: u64) -> Work {
    Work::LoopNest(LoopNest::matmul(1, in_c, out_c))
}

/// The layers of a model file, the last `without` of them left out.
fn of_file(file: &str, without: usize) -> Nests {
    let path = super::folder().join("models/real").join(file);
    let graph = exporters::tflite::read(&std::fs::read(path).unwrap()).unwrap();
    let list = tasks(&graph, Precision::AsIs).unwrap();
    let works = list.tasks().iter().map(|task| task.work);
    let mut nests: Nests = works.filter(|work| work.nest().is_some()).collect();
    nests.truncate(nests.len() - without);
    nests
}

/// MobileNet V1 of width 1, all but its classifier: the narrow one with four times the channels.
fn mobilenet_v1() -> Nests {
    let narrow = of_file("mobilenet_v1_0.25_128_quant.tflite", 1);
    let wider = |(place, work): (usize, Work)| {
        let nest = *work.nest().unwrap();
        let in_c = if place == 0 { 3 } else { 4 * nest.in_c };
        let wide = LoopNest {
            in_c,
            out_c: 4 * nest.out_c,
            ..nest
        };
        if matches!(work, Work::Depthwise(_)) {
            Work::Depthwise(Depthwise::new(wide, 1))
        } else {
            Work::LoopNest(wide)
        }
    };
    narrow.into_iter().enumerate().map(wider).collect()
}

/// MobileNet V2 with this many classes.
fn mobilenet_v2(classes: u64) -> Nests {
    let mut nests = of_file("mobilenet_v2_1.0_224_quant.tflite", 1);
    nests.push(conv(1280, classes, 1, 1));
    nests
}

/// `layers` convolutions of 7 x 7 over 128 x 128 pixels, then one to a single channel and pixel.
fn conv7_stack(layers: u64) -> Nests {
    let mut nests = vec![conv(3, 32, 7, 128)];
    nests.extend((1..layers).map(|_| conv(32, 32, 7, 128)));
    nests.push(conv(32, 1, 1, 1));
    nests
}

/// A flattened image of 2 x 2 pixels, whose 3 channels take the room of 4, `layers` matrix products of
/// `units`, one result.
fn dense_stack(units: u64, layers: u64) -> Nests {
    let mut nests = vec![dense(16, units)];
    nests.extend((1..layers).map(|_| dense(units, units)));
    nests.push(dense(units, 1));
    nests
}

/// A chain of these layers, as a compiler would get it.
fn list(nests: &Nests, channel_scales: bool) -> TaskList {
    let mut list = ListBuilder::default();
    let mut x = list.input(1);
    for (place, &work) in nests.iter().enumerate() {
        let bytes = 1;
        let weights = list.parameters(Weights {
            bytes,
            channel_scales,
        });
        let name = format!("layer {place}");
        x = list.task(&name, "conv2d", work, &[x], Some(weights), 1);
    }
    list.output(x);
    list.finish().unwrap()
}

/// Stored bytes that stay and that are streamed, and memory that the former take.
struct Placed {
    cached: u64,
    streamed: u64,
    used: u64,
}

fn place(machine: &str, list: &TaskList) -> Placed {
    let profile = Profile::named(machine).unwrap();
    let schedule = compile(&profile, list).unwrap();
    let weights = list.tasks().iter().filter_map(|task| task.weights);
    Placed {
        cached: schedule.cached_bytes(),
        streamed: weights.map(|id| schedule.streamed_bytes(id)).sum(),
        used: schedule.cache_used_bytes(),
    }
}

/// The network of a compiled file, where its layers are known.
fn compiled(path: &str) -> Option<Nests> {
    let file = path.rsplit('/').next()?.trim_end_matches("_edgetpu.tflite");
    let counts = |prefix: &str| -> Option<Vec<u64>> {
        let rest = file.strip_prefix(prefix)?;
        rest.split('x').map(|part| part.parse().ok()).collect()
    };
    if file.starts_with("model_padding_stride") || file.starts_with("model_stride") {
        return Some(vec![conv(3, 1, 1, 1)]);
    }
    if file == "model_mat_Add" {
        return Some(vec![conv(3, 1, 1, 1)]);
    }
    if file.starts_with("model_padding") {
        return Some(Nests::new());
    }
    if let Some(counts) = counts("model_conv_") {
        return Some(conv7_stack(*counts.last()?));
    }
    if let Some(counts) = counts("model_dense_") {
        let [.., units, layers] = counts.as_slice() else {
            return None;
        };
        return Some(dense_stack(*units, *layers));
    }
    match file {
        name if name.contains("v1_0.25_128_quant_cocompiled") => {
            Some(of_file("mobilenet_v1_0.25_128_quant.tflite", 0))
        }
        name if name.starts_with("mobilenet_v1_1.0_224_quant_embedding") => Some(mobilenet_v1()),
        name if name.contains("_wo_fc_") => Some(of_file("mobilenet_v2_1.0_224_quant.tflite", 1)),
        name if name.contains("_inat_bird") => Some(mobilenet_v2(965)),
        name if name.contains("_inat_insect") => Some(mobilenet_v2(1022)),
        name if name.contains("_w_fc_") => Some(mobilenet_v2(1000)),
        name if name.starts_with("mobilenet_v2_1.0_224_quant") => Some(mobilenet_v2(1001)),
        _ => None,
    }
}

/// Compiled together with another network, which has the larger part of the memory.
fn is_cocompiled(row: &Row, whole: &Placed) -> bool {
    row["repo"] == "JeongHwaSik/Edge-TPU-Scheduler"
        || row["path"].contains("cocompiled")
            && number(row, "streamed_param_bytes") > whole.streamed
}

fn percent(ours: u64, theirs: u64) -> f64 {
    100.0 * (ours as f64 - theirs as f64) / (theirs as f64).max(1.0)
}

fn near(ours: u64, theirs: u64, of: u64) -> bool {
    ours.abs_diff(theirs) <= GRANULE_BYTES
        || ours.abs_diff(theirs) as f64 <= PERCENT / 100.0 * of as f64
}

#[test]
fn compiled_files_place_their_parameters_alike() {
    let mut wrong = Vec::new();
    println!("| file | runtime | cached | ours | streamed | ours | difference of all |");
    println!("|---|---|---|---|---|---|---|");
    for row in rows("measured/compiled_executables.csv") {
        let (path, runtime) = (&row["path"], &row["min_runtime"]);
        let file = path.rsplit('/').next().unwrap();
        let nests = compiled(path).unwrap_or_else(|| panic!("{path}: layers are not known"));
        let machine = match runtime.as_str() {
            "10" => "coral-edgetpu:compiler-2019",
            _ => "coral-edgetpu",
        };
        let ours = place(machine, &list(&nests, false));
        let theirs = ["cached_param_bytes", "streamed_param_bytes"].map(|key| number(&row, key));
        let all = theirs[0] + theirs[1];
        let difference = percent(ours.cached + ours.streamed, all);
        let line = format!(
            "| {file} | {runtime} | {} | {} | {} | {} | {difference:+.2} % |",
            theirs[0], ours.cached, theirs[1], ours.streamed
        );
        if is_cocompiled(&row, &ours) {
            println!("{line} compiled beside another network");
            continue;
        }
        println!("{line}");
        if !(near(ours.cached, theirs[0], all) && near(ours.streamed, theirs[1], all)) {
            wrong.push(line);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The network of a stack that a log of a compiler is of.
fn stack(row: &Row) -> Option<(Nests, bool)> {
    let [in_c, out_c, kernel, layers] = ["cin", "cout", "k", "layers"].map(|key| row[key].parse());
    let (in_c, out_c, layers): (u64, u64, u64) = (in_c.ok()?, out_c.ok()?, layers.ok()?);
    let kernel: u64 = kernel.ok()?;
    let mut nests = Nests::new();
    match (row["source"].as_str(), row["family"].as_str()) {
        ("villarrubia", "conv3x3_stack") => {
            nests.push(conv(in_c, out_c, kernel, 64));
            nests.extend((1..layers).map(|_| conv(out_c, out_c, kernel, 64)));
            Some((nests, true))
        }
        ("villarrubia", "dense_stack") => {
            nests.push(dense(in_c, out_c));
            nests.extend((2..layers).map(|_| dense(out_c, out_c)));
            nests.push(dense(out_c, 10));
            Some((nests, false))
        }
        ("iwatake", "conv7x7_stack") => Some((conv7_stack(layers), false)),
        ("iwatake", "dense_stack") => Some((dense_stack(out_c, layers), false)),
        _ => None,
    }
}

#[test]
fn logs_of_compilers_tell_the_same_placement() {
    let mut seen = std::collections::BTreeSet::new();
    let mut wrong = Vec::new();
    println!("| stack | channels | layers | on chip MiB | ours | streamed MiB | ours |");
    println!("|---|---|---|---|---|---|---|");
    for row in rows("measured/edgetpu_micro.csv") {
        let stack_of = [&row["source"], &row["family"], &row["cout"], &row["layers"]];
        let Some((nests, channel_scales)) = stack(&row) else {
            continue;
        };
        if row["onchip_cached_mib"].is_empty() || !seen.insert(stack_of.map(String::clone)) {
            continue;
        }
        let machine = match row["source"].as_str() {
            "iwatake" => "coral-edgetpu:compiler-2019",
            _ => "coral-edgetpu",
        };
        let placed = place(machine, &list(&nests, channel_scales));
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let ours = [placed.used, placed.streamed].map(mib);
        let theirs: [f64; 2] =
            ["onchip_cached_mib", "offchip_streamed_mib"].map(|key| row[key].parse().unwrap());
        let line = format!(
            "| {} {} | {} | {} | {:.3} | {:.3} | {:.2} | {:.2} |",
            row["source"],
            row["family"],
            row["cout"],
            row["layers"],
            theirs[0],
            ours[0],
            theirs[1],
            ours[1]
        );
        println!("{line}");
        let all = theirs[0] + theirs[1];
        let off = |at: usize| (ours[at] - theirs[at]).abs() > (PERCENT / 100.0 * all).max(0.006);
        if off(0) || off(1) {
            wrong.push(line);
        }
    }
    assert!(!seen.is_empty(), "no stacks with logs");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
