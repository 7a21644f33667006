//! What pages of `docs/` tell their readers to type works as it stands there.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use ednas::train::{Event, TrainJob};
use hwmodels::profile::ProfileFile;
use hwmodels::task::FactName;
use serde_json::Value;

use super::calibrate::machine;
use super::compare::network;
use super::data::write_folder;
use super::quantize::write_float;
use super::study::writer::Study;

/// The contents of the code blocks of `language`, in order.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let blocks = page.split(&fence).skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap().to_owned());
    blocks.collect()
}

fn page(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    fs::read_to_string(folder.join(name)).unwrap()
}

/// Runs the commands of a page in `folder`, one after another, and says how many there were.
fn run_commands(page: &str, folder: &Path) -> usize {
    let binaries = Path::new(env!("CARGO_BIN_EXE_ednas")).parent().unwrap();
    let path = env::join_paths(
        std::iter::once(binaries.to_owned()).chain(env::split_paths(&env::var("PATH").unwrap())),
    );
    let path = path.unwrap();
    let blocks = blocks(page, "sh");
    let commands = blocks.iter().flat_map(|block| block.lines());
    let mut count = 0;
    for command in commands {
        assert!(command.starts_with("ednas "), "{command}");
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(folder)
            .env("PATH", &path)
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {errors}");
        count += 1;
    }
    count
}

#[test]
fn adding_a_profile_works_as_written() {
    let page = page("adding-a-profile.md");
    let folder = tempfile::tempdir().unwrap();
    let machine = blocks(&page, "toml").join("\n");
    fs::write(folder.path().join("mine.toml"), machine).unwrap();
    assert!(run_commands(&page, folder.path()) >= 8);
    assert!(folder.path().join("mine.svg").exists());
}

#[test]
fn spaces_work_as_written() {
    let page = page("spaces.md");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.toml"), &blocks(&page, "toml")[0]).unwrap();
    assert!(run_commands(&page, folder.path()) >= 12);
}

/// Every command works, and those with an output behind them print just that.
#[test]
fn studies_work_as_written() {
    let page = page("studies.md");
    let folder = tempfile::tempdir().unwrap();
    Study::of_reward("pyramid", 1).write(&folder.path().join("search.journal"), 40);
    Study::of_reward("pyramid", 2).write(&folder.path().join("other.journal"), 12);
    assert_eq!(run_commands(&page, folder.path()), 8);
    let commands = blocks(&page, "sh");
    let shown: Vec<String> = blocks(&page, "text");
    for (command, shown) in commands.iter().zip(&shown) {
        let words: Vec<&str> = command.split_whitespace().skip(1).collect();
        let output = Command::new(env!("CARGO_BIN_EXE_ednas"))
            .args(words)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert_eq!(
            *shown,
            String::from_utf8(output.stdout).unwrap(),
            "{command}"
        );
    }
    assert_eq!(shown.len(), 5);
}

#[test]
fn data_sets_work_as_written() {
    let page = page("data.md");
    let folder = tempfile::tempdir().unwrap();
    let mine = folder.path().join("mine");
    write_folder(&mine, 4);
    let description = &blocks(&page, "toml")[0];
    fs::write(
        mine.join("dataset.toml"),
        description.replace("0.001", "1.0"),
    )
    .unwrap();
    fs::write(mine.join("train.txt"), "first\nsecond\n").unwrap();
    assert_eq!(run_commands(&page, folder.path()), 4);
    assert!(folder.path().join("rooms.png").exists());
}

#[test]
fn searching_works_as_written() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run_commands(&page("searching.md"), folder.path()), 6);
}

/// The commands but for those that train, and the table as it is printed.
#[test]
fn methods_work_as_written() {
    let page = page("methods.md");
    let folder = tempfile::tempdir().unwrap();
    let untrained = page.split("## Training one").next().unwrap();
    assert_eq!(run_commands(untrained, folder.path()), 5);
    let output = Command::new(env!("CARGO_BIN_EXE_ednas"))
        .args(["model", "list"])
        .output()
        .unwrap();
    let table = String::from_utf8(output.stdout).unwrap();
    assert_eq!(blocks(&page, "text"), [table]);
}

#[test]
fn comparing_works_as_written() {
    let page = page("comparing.md");
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    fs::create_dir(folder.path().join("models")).unwrap();
    write("models/small.tflite", &network(16));
    write("models/large.tflite", &network(64));
    write("measured.csv", blocks(&page, "csv")[0].as_bytes());
    write("board.log", blocks(&page, "text")[0].as_bytes());
    write(
        "small_per-layer.csv",
        b"Original Operator,NNG Operator,Op Cycles,Name\nConv2D,Conv2D,9000,conv\n",
    );
    assert!(run_commands(&page, folder.path()) >= 6);
    assert!(folder.path().join("compare.html").exists());
}

#[test]
fn calibrating_works_as_written() {
    let page = page("calibrating.md");
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    fs::create_dir(folder.path().join("models")).unwrap();
    for (name, side) in [("small", 16), ("medium", 32), ("large", 64), ("huge", 128)] {
        write(&format!("models/{name}.tflite"), &network(side));
    }
    write("measured.csv", blocks(&page, "csv")[0].as_bytes());
    write(
        "mine.toml",
        (machine() + &blocks(&page, "toml")[0]).as_bytes(),
    );
    assert!(run_commands(&page, folder.path()) >= 4);
    let fitted = fs::read_to_string(folder.path().join("fitted.toml")).unwrap();
    assert!(fitted.contains("fitted: inference_us to 5 rows of measured.csv, "));
    let output = Command::new(env!("CARGO_BIN_EXE_ednas"))
        .args(["calibrate", "measured.csv", "--models", "models"])
        .args(["--profile", "mine.toml", "-o", "fitted.toml"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let labels = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.is_empty());
        let label = |line: &str| line.trim_start().split("  ").next().unwrap().to_owned();
        lines
            .map(label)
            .map(|label| label.split(" interval ").next().unwrap().to_owned())
            .collect()
    };
    let tables = String::from_utf8(output.stdout).unwrap();
    assert_eq!(labels(&blocks(&page, "text")[0]), labels(&tables));
}

#[cfg(feature = "validate")]
#[test]
fn microbenchmarks_work_as_written() {
    let folder = tempfile::tempdir().unwrap();
    let commands = run_commands(&page("microbenchmarks.md"), folder.path());
    assert_eq!(commands, 3);
}

#[test]
fn the_lines_of_the_protocol_are_as_written() {
    let page = page("workers.md");
    let [events, job] = blocks(&page, "json").try_into().unwrap();
    for line in events.lines() {
        let event: Event = serde_json::from_str(line).unwrap();
        assert_eq!(serde_json::to_string(&event).unwrap(), line);
    }
    let job: Value = serde_json::from_str(&job).unwrap();
    let read: TrainJob = serde_json::from_value(job.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), job);
    assert!(read.training.graph().is_ok());
}

/// The file of the page, parsed by the shell alone.
#[cfg(unix)]
#[test]
fn the_slurm_script_is_one() {
    let script = &blocks(&page("workers.md"), "sh")[0];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sh");
    fs::write(&path, script).unwrap();
    let status = Command::new("bash").arg("-n").arg(path).status().unwrap();
    assert!(status.success());
}

#[test]
fn quantizing_works_as_written() {
    let folder = tempfile::tempdir().unwrap();
    write_float(folder.path());
    assert_eq!(run_commands(&page("quantizing.md"), folder.path()), 4);
    assert!(folder.path().join("out/model_int8.onnx").exists());
}

#[test]
fn mapping_works_as_written() {
    let page = page("mapping.md");
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run_commands(&page, folder.path()), 6);
    for fact in FactName::ALL {
        let row = format!("| `{}` | {} |\n", fact.name(), fact.meaning());
        assert!(page.contains(&row), "{row}");
    }
    // The limit of the page is one that ships.
    let shipped = ProfileFile::named("ethos-u55-128").unwrap();
    for limit in blocks(&page, "toml") {
        assert!(shipped.text().contains(&limit), "{limit}");
    }
}
