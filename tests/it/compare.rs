//! `ednas compare` as its users meet it.

use std::fs;
use std::path::Path;
use std::process::Command;

use exporters::{Metadata, tflite};
use kernels::op::{Conv2d, Fused, Padding};
use kernels::{Data, DataType, GraphBuilder, Op, Quantization, verify};
use serde_json::Value;

use super::commands::{record, refused};

/// An int8 file: a 3x3 convolution called `conv` on `side` x `side` x 16.
pub(super) fn network(side: usize) -> Vec<u8> {
    let mut b = GraphBuilder::new("any");
    let x = b.input("x", [1, side, side, 16], DataType::I8);
    let weights = Data::I8(vec![1; 16 * 3 * 3 * 16].into());
    let scales = |scale: f32| Some(Quantization::per_channel(vec![scale; 16], 0));
    let w = b.constant("w", [16, 3, 3, 16], weights, scales(0.01));
    let bias = b.constant("b", [16], Data::I32(vec![0; 16].into()), scales(0.005));
    let conv = Op::Conv2d(Conv2d {
        stride: [1, 1],
        dilation: [1, 1],
        padding: Padding::same([side; 2], [3, 3], [1, 1], [1, 1]),
        groups: 1,
        fused: Fused::Relu6,
    });
    let y = b.push("conv", conv, &[x, w, bias]).unwrap();
    for (id, scale, zero) in [(x, 0.5, 0), (y, 0.025, -128)] {
        b.tensor_mut(id).quantization = Some(Quantization::per_tensor(scale, zero));
    }
    b.output(y);
    tflite::write(&verify(b.finish()).unwrap(), &Metadata::default()).unwrap()
}

const MEASURED: &str = "\
id,model_file,device,link,host,clock,statistic,latency_ms
a,small.tflite,Coral,USB 3,desktop,max,median of 100,0.5
b,large.tflite,Coral,USB 3,<script>,max,mean of 50,1.5
c,small.tflite,Coral,USB 2,Raspberry Pi 3,,mean,2.5
d,medium.tflite,Coral,USB 2,Raspberry Pi 3,,mean,6
e,small.tflite,Coral,USB 2,Raspberry Pi 3,,mean,2.0
";

/// A folder with three networks, and a file of `text`.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(file: &str, text: &str) -> Folder {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("models")).unwrap();
        for (name, side) in [("small", 16), ("medium", 32), ("large", 64)] {
            let path = folder.path().join(format!("models/{name}.tflite"));
            fs::write(path, network(side)).unwrap();
        }
        fs::write(folder.path().join(file), text).unwrap();
        Folder(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn arguments<'a>(&'a self, paths: &'a [String; 2], more: &[&'a str]) -> Vec<&'a str> {
        let [file, models] = paths;
        [&["compare", file, "--models", models], more].concat()
    }

    fn record(&self, file: &str, more: &[&str]) -> Value {
        let paths = [self.path(file), self.path("models")];
        record(&self.arguments(&paths, &[&["--json"], more].concat()))
    }

    fn refused(&self, file: &str, more: &[&str], parts: &[&str]) {
        let paths = [self.path(file), self.path("models")];
        refused(&self.arguments(&paths, more), parts);
    }
}

fn numbers(record: &Value, key: &str) -> Vec<f64> {
    let rows = record["rows"].as_array().unwrap().iter();
    rows.map(|row| row[key].as_f64().unwrap()).collect()
}

#[test]
fn rows_are_simulated_on_the_machines_they_mean() {
    let folder = Folder::new("m.csv", MEASURED);
    let compared = folder.record("m.csv", &[]);
    assert_eq!(compared["schema"], "ednas.compare/1");
    let rows = compared["rows"].as_array().unwrap();
    let seen: Vec<String> = rows
        .iter()
        .map(|row| {
            format!("{} {} {}", row["id"], row["profile"], row["host_known"]).replace('"', "")
        })
        .collect();
    assert_eq!(
        seen,
        [
            "a coral-edgetpu true",
            "b coral-edgetpu false",
            "c coral-edgetpu:usb2+rpi3 true",
            "d coral-edgetpu:usb2+rpi3 true",
            "e coral-edgetpu:usb2+rpi3 true",
        ]
    );
    for row in rows {
        let model = format!("models/{}.tflite", row["network"].as_str().unwrap());
        let profile = row["profile"].as_str().unwrap();
        let priced = record(&[
            "estimate",
            &folder.path(&model),
            "--json",
            "--profile",
            profile,
        ]);
        assert_eq!(row["simulated_ms"], priced["latency_ms"]);
        assert_eq!(row["macs"], priced["macs"]);
        let shares = row["shares"].as_array().unwrap().iter();
        let sum: f64 = shares.map(|share| share["ms"].as_f64().unwrap()).sum();
        assert!((sum - row["simulated_ms"].as_f64().unwrap()).abs() < 1e-9);
    }
    assert_eq!(rows[1]["flags"], serde_json::json!(["host_unknown"]));
    assert_eq!(rows[2]["flags"], serde_json::json!(["clock_assumed"]));
    assert_eq!(
        (&rows[2]["repeats"], &rows[0]["repeats"]),
        (&2.into(), &1.into())
    );
    let (low, high) = (2.0, 2.5);
    let spread = rows[2]["repeats_spread_percent"].as_f64().unwrap();
    assert!((spread - 100.0 * (high - low) / 2.25).abs() < 1e-9);
}

#[test]
fn figures_are_of_the_rows() {
    let folder = Folder::new("m.csv", MEASURED);
    let compared = folder.record("m.csv", &[]);
    let (measured, simulated) = (
        numbers(&compared, "measured_ms"),
        numbers(&compared, "simulated_ms"),
    );
    let mut apes: Vec<f64> = measured
        .iter()
        .zip(&simulated)
        .map(|(measured, simulated)| 100.0 * (simulated - measured).abs() / measured)
        .collect();
    assert_eq!(numbers(&compared, "ape").len(), 5);
    apes.sort_by(f64::total_cmp);
    let close = |key: &str, expected: f64| {
        let found = compared[key].as_f64().unwrap();
        assert!(
            (found - expected).abs() < 1e-9,
            "{key}: {found}, {expected}"
        );
    };
    close("median_ape", apes[2]);
    close("p90_ape", apes[3] + 0.6 * (apes[4] - apes[3]));
    close("mape", apes.iter().sum::<f64>() / 5.0);
    assert_eq!(compared["by_network"]["rows"], 3);
    assert_eq!(compared["mixed_statistics"], true);
    assert_eq!(
        compared["statistics"],
        serde_json::json!({"mean": 4, "median": 1})
    );
    let groups = compared["groups"].as_array().unwrap();
    let rows_of = |by: &str, value: &str| {
        let group = groups
            .iter()
            .find(|group| group["by"] == by && group["value"] == value);
        group.map(|group| group["rows"].as_u64().unwrap())
    };
    assert_eq!(
        (rows_of("host-seen", "seen"), rows_of("host-seen", "unseen")),
        (Some(4), Some(1))
    );
    assert_eq!(rows_of("statistic", "median"), Some(1));
    let baselines: Vec<&Value> = compared["baselines"].as_array().unwrap().iter().collect();
    assert_eq!(baselines.len(), 3);
    assert!(
        baselines
            .iter()
            .all(|b| b["fitted"]["median_ape"].is_number() && b["left_out"]["rows"] == 5)
    );
    let misses = compared["misses"].as_array().unwrap();
    assert_eq!(misses.len(), 3);
    assert!(misses[0]["error_percent"].as_f64().unwrap().abs() == apes[4]);
}

#[test]
fn one_row_says_what_one_row_can() {
    let folder = Folder::new("m.csv", "model_file,latency_ms,device\nsmall,0.5,Coral\n");
    let compared = folder.record("m.csv", &[]);
    assert!(compared["median_ape"].is_number());
    for key in ["kendall_tau", "spearman", "r2", "r2_log"] {
        assert_eq!(compared[key], Value::Null, "{key}");
    }
    assert_eq!(compared["repeats"]["median_deviation_percent"], Value::Null);
    assert_eq!(compared["baselines"][0]["left_out"], Value::Null);
    let flags = serde_json::json!([
        "link_unknown",
        "host_unknown",
        "clock_assumed",
        "statistic_unstated"
    ]);
    assert_eq!(compared["rows"][0]["flags"], flags);
}

#[test]
fn same_rows_same_bytes_on_any_number_of_threads() {
    let folder = Folder::new("m.csv", MEASURED);
    let run = |threads: &str, page: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_ednas"))
            .args([
                "compare", "m.csv", "--models", "models", "--json", "--page", page,
            ])
            .current_dir(folder.0.path())
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        assert!(output.status.success());
        (output.stdout, fs::read(folder.path(page)).unwrap())
    };
    let one = run("1", "one.html");
    assert_eq!(one, run("5", "five.html"));
    let page = String::from_utf8(one.1).unwrap();
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"));
    // One dot a row in the scatter, three ratios and two strips.
    assert_eq!(page.matches("<circle").count(), 6 * 5);
    for part in [
        "median error",
        "small on coral-edgetpu",
        "macs-bytes-roofline",
        "<td class=\"word\">d</td>",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn one_profile_is_taken_as_it_is_given() {
    let folder = Folder::new("m.csv", MEASURED);
    let profiles = |more: &[&str]| folder.record("m.csv", more)["machines"].clone();
    assert_eq!(
        profiles(&["--profile", "coral-edgetpu"]),
        serde_json::json!(["coral-edgetpu", "coral-edgetpu:usb2+rpi3"])
    );
    assert_eq!(
        profiles(&["--profile", "coral-edgetpu:pcie"]),
        serde_json::json!(["coral-edgetpu:pcie"])
    );
    let other = folder.record("m.csv", &["--profile", "ethos-u55-256"]);
    assert_eq!(other["rows"][0]["host_known"], true);
}

#[test]
fn rows_that_do_not_run_are_in_no_figure() {
    let folder = Folder::new("m.csv", MEASURED);
    let tiny = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("hwmodels/profiles/systolic-32x32-ws.toml"),
    )
    .unwrap();
    let narrow = tiny.find("[memory.narrow]").unwrap();
    let bytes = narrow + tiny[narrow..].find("bytes = ").unwrap();
    let end = bytes + tiny[bytes..].find('\n').unwrap();
    let tiny = format!("{}bytes = 64{}", &tiny[..bytes], &tiny[end..]);
    fs::write(folder.path("tiny.toml"), tiny).unwrap();
    let compared = folder.record("m.csv", &["--profile", &folder.path("tiny.toml")]);
    assert_eq!(
        (
            &compared["infeasible"],
            &compared["rows"][0]["simulated_ms"]
        ),
        (&5.into(), &Value::Null)
    );
    assert_eq!(
        (&compared["median_ape"], &compared["misses"]),
        (&Value::Null, &serde_json::json!([]))
    );
    assert!(
        compared["rows"][0]["infeasible"]
            .as_str()
            .unwrap()
            .contains("memory.narrow")
    );
}

#[test]
fn bad_measurements_are_refused_before_anything_is_written() {
    for (text, parts) in [
        (
            "model_file,latency_ms\nsmall.tflite,NaN\n",
            &["m.csv:2", "latency_ms", "NaN"][..],
        ),
        (
            "model_file,latency\nsmall.tflite,1\n",
            &["latency_ms", "after its unit"],
        ),
        (
            "id,model_file,latency_ms\na,small,1\na,small,2\n",
            &["m.csv:3", "`a`", "line 2"],
        ),
        (
            "model_file,latency_ms,device\nnone.tflite,1,Coral\n",
            &["m.csv:2", "none.tflite", "3 model files"],
        ),
        (
            "model_file,latency_ms,device\nsmall.tflite,1,Gadget\n",
            &["m.csv:2", "Gadget", "--profile"],
        ),
        ("model_file,latency_ms\n", &["no rows"]),
        ("", &["latency_ms"]),
    ] {
        let folder = Folder::new("m.csv", text);
        let page = folder.path("page.html");
        folder.refused("m.csv", &["--page", &page], parts);
        assert!(!Path::new(&page).exists());
    }
    let folder = Folder::new("m.csv", MEASURED);
    folder.refused("none.csv", &[], &["none.csv"]);
    folder.refused("m.csv", &["--format", "excel"], &["excel", "litert"]);
    folder.refused(
        "m.csv",
        &["--format", "litert"],
        &["m.csv", "did the benchmark end"],
    );
    folder.refused(
        "m.csv",
        &["--profile", "coral"],
        &["coral", "coral-edgetpu"],
    );
    fs::write(folder.path("models/large.tflite"), b"TFL3").unwrap();
    folder.refused("m.csv", &[], &["m.csv:3", "large.tflite"]);
    let models = folder.path("no-models");
    refused(
        &["compare", &folder.path("m.csv"), "--models", &models],
        &["no-models"],
    );
}

#[test]
fn logs_of_boards_are_rows() {
    let log = "Graph: [/tmp/small_edgetpu.tflite]\ncount=3 avg=1\ncount=50 avg=1\n\
               Inference timings in us: Init: 1, First inference: 1, Warmup (avg): 1, Inference (avg): 500\n";
    let folder = Folder::new("board.log", log);
    let told = [
        "--device",
        "Coral",
        "--link",
        "USB 2",
        "--host",
        "Raspberry Pi 3",
        "--clock",
        "max",
    ];
    let compared = folder.record("board.log", &told);
    let row = &compared["rows"][0];
    assert_eq!(
        (&row["profile"], &row["measured_ms"]),
        (&"coral-edgetpu:usb2+rpi3".into(), &0.5.into())
    );
    assert_eq!((&row["runs"], &row["warmup_runs"]), (&50.into(), &3.into()));
    assert_eq!(row["flags"], serde_json::json!([]));
    folder.refused("board.log", &[], &["board.log:4", "no device is named"]);
}

#[test]
fn layers_are_compared_by_name() {
    let table = "Original Operator,NNG Operator,Op Cycles,Name\n\
                 Conv2D,Conv2D,9000,conv\nConv2D,Relu6,1000,conv\nAdd,Add,70,elsewhere\n";
    let folder = Folder::new("small_per-layer.csv", table);
    let compared = folder.record("small_per-layer.csv", &["--profile", "ethos-u55-256"]);
    assert_eq!(compared["schema"], "ednas.compare-layers/1");
    let layers = compared["layers"].as_array().unwrap();
    assert_eq!((layers.len(), &layers[0]["name"]), (1, &"conv".into()));
    let ms = |value: &Value| value.as_f64().unwrap();
    assert!((ms(&layers[0]["measured_ms"]) - 10_000.0 / 500e3).abs() < 1e-12);
    assert!((ms(&compared["measured_ms"]) - 10_070.0 / 500e3).abs() < 1e-12);
    assert_eq!(compared["only_measured"][0]["name"], "elsewhere");
    let simulated = record(&[
        "estimate",
        &folder.path("models/small.tflite"),
        "--json",
        "--profile",
        "ethos-u55-256",
    ]);
    assert_eq!(compared["simulated_ms"], simulated["latency_ms"]);

    let json = r#"{"nodes": [{"op_name": "MatMul", "node_name": "conv.mm", "secs_per_iter": 0.001},
        {"op_name": "Add", "node_name": "conv.bias", "secs_per_iter": 0.0005}],
        "profiling_info": {"iterations": 9, "secs_per_iter": 0.002}}"#;
    fs::write(folder.path("small.json"), json).unwrap();
    let compared = folder.record("small.json", &["--profile", "tpu-v1"]);
    assert_eq!(
        (&compared["tool"], &compared["measured_ms"]),
        (&"tract".into(), &2.0.into())
    );
    assert!((ms(&compared["layers"][0]["measured_ms"]) - 1.5).abs() < 1e-12);

    folder.refused("small.json", &[], &["no device is named", "--profile"]);
    folder.refused(
        "small.json",
        &["--profile", "tpu-v1", "--page", "x.html"],
        &["--page", "layers of one"],
    );
    fs::write(folder.path("other.json"), json).unwrap();
    folder.refused(
        "other.json",
        &["--profile", "tpu-v1"],
        &["no model file `other`"],
    );
}
