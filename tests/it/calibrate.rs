//! `ednas calibrate` as its users meet it.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::commands::{ednas, record, refused};
use super::compare::network;

/// The board as it is.
const TRUE: &str = r#"# A board on a desk.
name = "board"
description = "A machine of a test."
clock = { source = "assumed: a test", mhz = 500.0 }
vector = { source = "assumed: a test", bytes_per_cycle = 16.0 }

[memory]
wide = { source = "assumed: a test", bytes = 8388608 }
narrow = { source = "assumed: a test", bytes = 8388608 }

[link]
source = "assumed: a cable"
input_mb_per_s = 20.0 # as bought
parameters_mb_per_s = 100.0
output_mb_per_s = 50.0
transfer_us = 1.0

[host]
source = "assumed: a processor"
operator_us = 5.0
mb_per_s = 100.0
mmacs_per_s = 100.0

[overheads]
source = "assumed: a driver"
operator_us = 3.0
inference_us = 300.0

[throughput.conv]
source = "assumed: an array"
entries = [{ macs_per_cycle = 100.0 }]

[throughput.pointwise]
source = "assumed: an array"
entries = [{ macs_per_cycle = 100.0 }]

[when]
devices = ["board"]
links = ["usb 3"]

[modes.slow]
description = "On a thin cable."
link = { source = "assumed: a thin cable", input_mb_per_s = 2.0 }
when = { links = ["usb 2"] }

[calibration.free]
"link.input_mb_per_s" = [1.0, 10000.0]
"overheads.inference_us" = [1.0, 10000.0]
"host.operator_us" = [0.1, 1000.0]
"#;

/// The board as somebody thinks that it is.
fn guessed() -> String {
    TRUE.replace("input_mb_per_s = 20.0", "input_mb_per_s = 100.0")
        .replace("input_mb_per_s = 2.0", "input_mb_per_s = 8.0")
        .replace("inference_us = 300.0", "inference_us = 100.0")
}

/// The same without a word of what is free.
pub(super) fn machine() -> String {
    let guess = guessed();
    let (machine, _) = guess.split_once("[calibration.free]").unwrap();
    machine.to_owned()
}

/// Stacks as tables of published measurements describe them, in 0.3 ms and 20 bytes a microsecond.
fn stacks() -> String {
    let mut text =
        "family,net,h,w,cin,cout,layers,input_bytes,output_bytes,latency_ms,device,link\n"
            .to_owned();
    for side in [8, 32, 64, 96, 128, 160, 224, 256] {
        let bytes = side * side * 3;
        let ms = 0.3 + f64::from(bytes) / 20e3;
        text +=
            &format!("input_transfer,one pixel,{side},{side},3,1,1,{bytes},1,{ms},Board,USB 3\n");
    }
    for side in [4, 8] {
        text +=
            &format!("invoke_overhead_plus_pad,pad,{side},{side},3,1,1,12,1,0.31,Board,USB 3\n");
    }
    text
}

/// A folder with a profile, the models and a file of measurements.
struct Folder(tempfile::TempDir);

const SIDES: [(&str, usize); 4] = [("small", 8), ("medium", 32), ("large", 64), ("huge", 96)];

impl Folder {
    fn new() -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        fs::create_dir(folder.0.path().join("models")).unwrap();
        for (name, side) in SIDES {
            fs::write(folder.path(&format!("models/{name}.tflite")), network(side)).unwrap();
        }
        folder.write("true.toml", TRUE);
        folder.write("guess.toml", &guessed());
        folder.write("stacks.csv", &stacks());
        folder.write("board.csv", &folder.measured());
        folder
    }

    /// What the board measures of every model, over both links.
    fn measured(&self) -> String {
        let mut text = "id,model_file,device,link,latency_ms\n".to_owned();
        for (name, _) in SIDES {
            let model = self.path(&format!("models/{name}.tflite"));
            for (link, modes) in [("USB 3", ""), ("USB 2", ":slow")] {
                let profile = self.path("true.toml") + modes;
                let priced = record(&["estimate", &model, "--json", "--profile", &profile]);
                let ms = priced["latency_ms"].as_f64().unwrap();
                text += &format!("{name} {link},{name}.tflite,Board,{link},{ms}\n");
            }
        }
        text
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The arguments that fit `guess.toml` to `file`.
    fn arguments(&self, file: &str, more: &[&str]) -> Vec<String> {
        let (file, models) = (self.path(file), self.path("models"));
        let (profile, fitted) = (self.path("guess.toml"), self.path("fitted.toml"));
        let all = [
            "calibrate",
            &file,
            "--models",
            &models,
            "--profile",
            &profile,
            "-o",
            &fitted,
        ];
        all.iter()
            .chain(more)
            .map(|part| (*part).to_owned())
            .collect()
    }

    fn record(&self, file: &str, more: &[&str]) -> Value {
        let arguments = self.arguments(file, &[&["--json"], more].concat());
        record(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// What `ednas compare` says of `file` with `profile`, in percent.
    fn median_ape(&self, file: &str, profile: &str) -> f64 {
        let (file, models, profile) = (self.path(file), self.path("models"), self.path(profile));
        let arguments = [
            "compare",
            &file,
            "--models",
            &models,
            "--profile",
            &profile,
            "--json",
        ];
        record(&arguments)["median_ape"].as_f64().unwrap()
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}

/// The number at `path`: after the fit, and its fate.
fn number<'r>(record: &'r Value, path: &str) -> (f64, &'r str) {
    let mut numbers = record["numbers"].as_array().unwrap().iter();
    let number = numbers.find(|number| number["path"] == path).unwrap();
    (
        number["after"].as_f64().unwrap(),
        number["fate"].as_str().unwrap(),
    )
}

fn is_near(found: f64, expected: f64) -> bool {
    (found / expected - 1.0).abs() < 0.03
}

#[test]
fn a_profile_is_fitted_to_model_files_on_two_links() {
    let folder = Folder::new();
    let calibrated = folder.record("board.csv", &[]);
    assert_eq!(calibrated["schema"], "ednas.calibrate/1");
    assert_eq!(calibrated["rows"], 8);
    assert_eq!(calibrated["measured"], serde_json::json!(["board.csv"]));
    for (path, truth) in [
        ("link.input_mb_per_s", 20.0),
        ("modes.slow.link.input_mb_per_s", 2.0),
        ("overheads.inference_us", 300.0),
    ] {
        let (value, fate) = number(&calibrated, path);
        assert!(
            fate == "fitted" && is_near(value, truth),
            "{path}: {fate}, {value}"
        );
    }
    assert_eq!(number(&calibrated, "host.operator_us"), (5.0, "no-effect"));
    let error = |part: &str| calibrated[part]["median_ape"].as_f64().unwrap();
    assert!(
        error("before") > 30.0 && error("fitted") < 1.0,
        "{calibrated}"
    );
    assert!(error("network_left_out") < 5.0, "{calibrated}");
    assert_eq!(calibrated["network_left_out"]["by_network"]["rows"], 4);
    assert_eq!(calibrated["stacks_fitted"], Value::Null);
    assert_eq!(calibrated["baselines"].as_array().unwrap().len(), 3);

    assert!((folder.median_ape("board.csv", "guess.toml") - error("before")).abs() < 1e-9);
    assert!((folder.median_ape("board.csv", "fitted.toml") - error("fitted")).abs() < 0.01);
    let fitted = folder.text("fitted.toml");
    for part in [
        "# A board on a desk.",
        "# as bought",
        "fitted: input_mb_per_s to 8 rows of board.csv, ",
    ] {
        assert!(fitted.contains(part), "{part}: {fitted}");
    }
    assert!(
        ednas(&["profile", "check", &folder.path("fitted.toml")])
            .status
            .success()
    );
}

#[test]
fn a_profile_is_fitted_to_stacks() {
    let folder = Folder::new();
    let calibrated = folder.record("stacks.csv", &[]);
    let (rate, _) = number(&calibrated, "link.input_mb_per_s");
    let (inference_us, _) = number(&calibrated, "overheads.inference_us");
    assert!(
        is_near(rate, 20.0) && is_near(inference_us, 300.0),
        "{rate}, {inference_us}"
    );
    assert_eq!(
        number(&calibrated, "modes.slow.link.input_mb_per_s"),
        (8.0, "no-effect")
    );
    assert_eq!(calibrated["fitted"], Value::Null);
    assert!(calibrated["stacks_fitted"]["median_ape"].as_f64().unwrap() < 3.0);
    assert_eq!(calibrated["stacks_left_out"]["by_network"]["rows"], 2);
    let before = folder.median_ape("stacks.csv", "guess.toml");
    let after = folder.median_ape("stacks.csv", "fitted.toml");
    assert!(after < 3.0 && 30.0 < before, "{before}, {after}");
}

#[test]
fn several_files_are_fitted_together() {
    let folder = Folder::new();
    let more = folder.path("stacks.csv");
    let arguments = folder.arguments("board.csv", &[&more, "--no-validation"]);
    let output = ednas(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for part in [
        "networks, before",
        "networks, fitted",
        "stacks, fitted",
        "kept: no latency depends on it",
        "no network was left out",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("each network left out"));
    let fitted = folder.text("fitted.toml");
    assert!(
        fitted.contains("to 18 rows of board.csv and stacks.csv, "),
        "{fitted}"
    );
}

#[test]
fn tables_say_how_well_what_was_left_out_is_predicted() {
    let folder = Folder::new();
    let arguments = folder.arguments("board.csv", &[]);
    let output = ednas(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "networks, each left out",
        "networks, family left out",
        "90 % interval",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("no network was left out"), "{text}");
}

#[test]
fn one_row_is_fitted_and_predicts_nothing() {
    let folder = Folder::new();
    let rows = folder.text("board.csv");
    let one: Vec<&str> = rows.lines().take(2).collect();
    folder.write("one.csv", &(one.join("\n") + "\n"));
    let calibrated = folder.record("one.csv", &[]);
    assert_eq!(calibrated["rows"], 1);
    for part in ["network_left_out", "family_left_out"] {
        assert_eq!(calibrated[part], Value::Null, "{part}");
    }
    assert!(folder.text("fitted.toml").contains("no network left out"));
}

#[test]
fn a_second_fit_replaces_what_the_first_said() {
    let folder = Folder::new();
    folder.record("stacks.csv", &["--no-validation"]);
    fs::rename(folder.path("fitted.toml"), folder.path("guess.toml")).unwrap();
    folder.record("board.csv", &["--no-validation"]);
    let fitted = folder.text("fitted.toml");
    assert!(!fitted.contains("stacks.csv"), "{fitted}");
    assert_eq!(fitted.matches("before: assumed: a cable").count(), 1);
}

#[test]
fn same_rows_same_bytes_on_any_number_of_threads() {
    let folder = Folder::new();
    let run = |threads: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_ednas"))
            .args(folder.arguments("board.csv", &["--json"]))
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        assert!(output.status.success());
        (output.stdout, folder.text("fitted.toml"))
    };
    assert_eq!(run("1"), run("4"));
}

#[test]
fn bad_measurements_are_refused_before_anything_is_written() {
    const HEADER: &str = "id,model_file,device,link,latency_ms\n";
    let folder = Folder::new();
    for (rows, parts) in [
        (
            "a,small,Board,USB 3,NaN\n",
            &["bad.csv:2", "latency_ms", "NaN"][..],
        ),
        ("a,small,Board,USB 3,0\n", &["bad.csv:2", "above 0"]),
        (
            "a,none.tflite,Board,USB 3,1\n",
            &["bad.csv:2", "none.tflite", "4 model files"],
        ),
        (
            "a,small,Board,USB 3,1\na,large,Board,USB 3,2\n",
            &["bad.csv:3", "`a`", "line 2"],
        ),
        ("", &["bad.csv", "no rows"]),
    ] {
        folder.write("bad.csv", &format!("{HEADER}{rows}"));
        folder.refused("bad.csv", parts);
    }
    folder.write("bad.csv", &stacks().replace("input_transfer", "lstm_stack"));
    folder.refused(
        "bad.csv",
        &["bad.csv:2", "family", "lstm_stack", "input_transfer"],
    );
    folder.write("bad.csv", &stacks().replace(",160,160,", ",160,0,"));
    folder.refused("bad.csv", &["bad.csv:7", "`w`"]);
    folder.refused("none.csv", &["none.csv"]);
    folder.write("models/small.tflite", "TFL3");
    folder.refused("board.csv", &["board.csv:2", "small.tflite"]);
    fs::remove_dir_all(folder.path("models")).unwrap();
    folder.refused("board.csv", &["models"]);
}

#[test]
fn bad_profiles_are_refused_before_anything_is_written() {
    let folder = Folder::new();
    let guess = guessed();
    folder.write("guess.toml", &machine());
    folder.refused(
        "board.csv",
        &["guess.toml", "no free numbers", "[calibration.free]"],
    );
    for (old, new, parts) in [
        (
            "\"link.input_mb_per_s\" = [1.0, 10000.0]",
            "\"link.input_mb_per_s\" = [1.0, 20.0]",
            &["guess.toml", "link.input_mb_per_s is 100", "1 to 20"][..],
        ),
        (
            "\"link.input_mb_per_s\" = [1.0, 10000.0]",
            "\"link.input_mb_per_s\" = [20.0, 1.0]",
            &["guess.toml", "the least above 0 and below the most"],
        ),
        (
            "\"link.input_mb_per_s\" =",
            "\"link.input_mb\" =",
            &["guess.toml", "link.input_mb", "link.input_mb_per_s"],
        ),
        (
            "\"link.input_mb_per_s\" =",
            "\"dram.latency_ns\" =",
            &["guess.toml", "dram.latency_ns is missing"],
        ),
        (
            "narrow = { source = \"assumed: a test\", bytes = 8388608 }",
            "narrow = { source = \"assumed: a test\", bytes = 64 }",
            &["board.csv:4", "leave the row out", "memory.narrow"],
        ),
        (
            "mhz = 500.0",
            "mhz = -1.0",
            &["guess.toml:4", "clock.mhz", "above 0"],
        ),
    ] {
        assert!(guess.contains(old), "{old}");
        folder.write("guess.toml", &guess.replace(old, new));
        folder.refused("board.csv", parts);
    }
    fs::remove_file(folder.path("guess.toml")).unwrap();
    folder.refused("board.csv", &["guess.toml"]);
}

impl Folder {
    /// Checks that fitting to `file` ends with exit code 2 and each of `parts`, and writes nothing.
    fn refused(&self, file: &str, parts: &[&str]) {
        let before = self.files();
        let arguments = self.arguments(file, &[]);
        refused(
            &arguments.iter().map(String::as_str).collect::<Vec<_>>(),
            parts,
        );
        assert_eq!(self.files(), before);
    }
}

#[test]
fn the_profile_that_a_fit_starts_from_is_not_written_over() {
    let folder = Folder::new();
    let mut arguments = folder.arguments("board.csv", &["--no-validation"]);
    let after = |option: &str| arguments.iter().position(|part| part == option).unwrap() + 1;
    let (profile, output) = (after("--profile"), after("-o"));
    arguments[output] = arguments[profile].clone();
    let before = folder.files();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    refused(&arguments, &["that the fit starts from", "--output"]);
    assert_eq!(folder.files(), before);
}

#[test]
fn an_output_that_cannot_be_written_leaves_nothing_behind() {
    let folder = Folder::new();
    let before = folder.files();
    for place in ["board.csv/fitted.toml", "models"] {
        let output = folder.path(place);
        let mut arguments = folder.arguments("board.csv", &["--no-validation"]);
        let at = arguments.iter().position(|part| part == "-o").unwrap() + 1;
        arguments[at].clone_from(&output);
        let run = ednas(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let errors = String::from_utf8_lossy(&run.stderr);
        assert!(matches!(run.status.code(), Some(1 | 2)), "{errors}");
        assert!(
            run.stdout.is_empty() && errors.contains(&output),
            "{errors}"
        );
        assert!(!errors.contains("panicked"), "{errors}");
        assert_eq!(folder.files(), before);
        assert!(Path::new(&folder.path("models")).is_dir());
    }
}
