//! `ednas microbench`: what it writes, read back, run by LiteRT, and run again.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use ednas::measured;
use ednas::microbench::{Probe, board, write};
use hwmodels::profile::Profile;
use kernels::cost::graph_cost;

use super::commands::{ednas, refused};
use super::foreign::python;

type Row = std::collections::BTreeMap<String, String>;

fn rows(path: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

fn probes(profile: &str) -> Vec<Probe> {
    board(&Profile::named(profile).unwrap(), 0).unwrap()
}

/// Probes of the Coral sweep that are small enough to run many times.
fn small_sweep(folder: &Path) -> Vec<String> {
    let mut probes = probes("coral-edgetpu");
    probes.retain(|probe| probe.cost().macs < 3_000_000);
    write(folder, &probes).unwrap();
    probes.into_iter().map(|probe| probe.id).collect()
}

fn bench_board(folder: &Path, arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Command::new(python(root))
        .arg("bench_board.py")
        .args([
            "-o",
            "measured.csv",
            "--device",
            "a processor",
            "--runs",
            "3",
        ])
        .args(["--warmup", "1", "--host", "a machine, with a comma"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

#[test]
fn the_command_writes_files_that_read_back_as_the_manifest_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let output = ednas(&["microbench", "--profile", "kendryte-k210", "-o", path]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let manifest = rows(&folder.path().join("manifest.csv"));
    assert!((50..=120).contains(&manifest.len()), "{}", manifest.len());
    for row in &manifest {
        let bytes = fs::read(folder.path().join(&row["model_file"])).unwrap();
        let graph = exporters::tflite::read(&bytes).unwrap();
        let cost = graph_cost(&graph);
        let found = [cost.macs, cost.params].map(|count| count.to_string());
        assert_eq!(found, [&*row["macs"], &*row["parameters"]], "{row:?}");
        assert!(folder.path().join(&row["onnx_file"]).exists());
    }
    assert!(folder.path().join("bench_board.py").exists());
}

#[test]
fn a_sweep_holds_what_the_profile_has() {
    let families = |profile: &str| -> BTreeSet<&'static str> {
        probes(profile).iter().map(|probe| probe.family).collect()
    };
    let coral = families("coral-edgetpu");
    for family in ["overhead", "input_transfer", "conv", "parameter_streaming"] {
        assert!(coral.contains(family), "{coral:?}");
    }
    // Its parameters all come from memory, and its multipliers are no array.
    assert!(!families("kendryte-k210").contains("parameter_streaming"));
    let coral = probes("coral-edgetpu");
    let ids: BTreeSet<&str> = coral.iter().map(|probe| probe.id.as_str()).collect();
    assert_eq!(ids.len(), coral.len(), "an id is there twice");
    let parameters: u64 = coral.iter().map(|probe| probe.cost().constant_bytes).sum();
    assert!(
        parameters < 50_000_000,
        "{parameters} bytes in either format"
    );
    // Those that the Edge TPU's support table lacks are left out.
    assert!(
        !ids.iter()
            .any(|id| id.starts_with("argmax") || id.starts_with("hard_swish"))
    );
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let bytes = |seed: u64| {
        let folder = tempfile::tempdir().unwrap();
        let mut probes = board(&Profile::named("coral-edgetpu").unwrap(), seed).unwrap();
        probes.truncate(20);
        write(folder.path(), &probes).unwrap();
        let file = |name: &str| fs::read(folder.path().join(name)).unwrap();
        [
            file("manifest.csv"),
            file("tflite/conv_k3s1_32x32_16_16.tflite"),
            file("onnx/conv_k3s1_32x32_16_16.onnx"),
        ]
    };
    assert_eq!(bytes(1), bytes(1));
    let ([manifest, model, _], [other_manifest, other_model, _]) = (bytes(1), bytes(2));
    assert_eq!(manifest, other_manifest);
    assert_ne!(model, other_model);
}

/// LiteRT runs the files; the table is one that `ednas compare` reads; rows that are there are not
/// measured again; a model that fails does not stop the others.
#[test]
fn the_script_measures_with_litert_and_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let ids = small_sweep(folder.path());
    let broken = &ids[3];
    fs::write(
        folder.path().join(format!("tflite/{broken}.tflite")),
        "no model",
    )
    .unwrap();
    let output = bench_board(folder.path(), &[]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains(&format!("failed: {broken}")), "{errors}");

    let table = folder.path().join("measured.csv");
    let measurements = measured::read(&table).unwrap();
    let found: Vec<&str> = measurements.iter().map(|m| m.id.as_str()).collect();
    let expected: Vec<&String> = ids.iter().filter(|id| *id != broken).collect();
    assert_eq!(found, expected);
    for measurement in &measurements {
        assert_eq!(measurement.statistic, measured::Statistic::Median);
        assert_eq!(
            (measurement.runs, measurement.warmup_runs),
            (Some(3), Some(1))
        );
        assert_eq!(measurement.includes, measured::Includes::Network);
        assert_eq!(measurement.host, "a machine, with a comma");
    }

    // Half a row, as a machine that lost power leaves it; and the failed model mended.
    let text = fs::read_to_string(&table).unwrap();
    fs::write(&table, format!("{text}{},conv,tfl", ids[3])).unwrap();
    write(folder.path(), &[probe(broken)]).unwrap();
    let output = bench_board(folder.path(), &[]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let again = fs::read_to_string(&table).unwrap();
    assert!(again.starts_with(&text), "a row that was there has changed");
    let found = measured::read(&table).unwrap();
    assert_eq!(found.last().unwrap().id, *broken);
    assert_eq!(found.len(), ids.len());
}

fn probe(id: &str) -> Probe {
    let mut probes = probes("coral-edgetpu").into_iter();
    probes.find(|probe| probe.id == id).unwrap()
}

#[test]
fn the_script_names_a_model_that_is_not_there_and_a_table_of_other_columns() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &probes("coral-edgetpu")[..2]).unwrap();
    let output = bench_board(folder.path(), &["--suffix", "_edgetpu"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        errors.contains("overhead_1_edgetpu.tflite is not there"),
        "{errors}"
    );

    fs::write(folder.path().join("measured.csv"), "a,b\n1,2\n").unwrap();
    let output = bench_board(folder.path(), &[]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(errors.contains("other columns"), "{errors}");
}

#[test]
fn bad_arguments_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    refused(&["microbench", "-o", path], &["--profile"]);
    refused(
        &["microbench", "--profile", "coral", "-o", path],
        &["coral", "coral-edgetpu"],
    );
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    refused(
        &[
            "microbench",
            "--profile",
            "kendryte-k210",
            "-o",
            file.to_str().unwrap(),
        ],
        &["cannot write", "file"],
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// One short round: the form of what it writes; its figures mean little.
#[cfg(feature = "validate")]
#[test]
fn a_host_run_writes_a_profile_that_prices_the_networks_it_timed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let arguments = ["microbench", "--run-host", "-o", path, "--seconds", "1"];
    let output = ednas(&[&arguments[..], &["--network", "mt-edge"]].concat());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let probes = measured::read(&folder.path().join("measured.csv")).unwrap();
    let manifest = rows(&folder.path().join("manifest.csv"));
    assert_eq!(probes.len(), manifest.len());

    let profile = folder.path().join("host-tract.toml");
    let networks = measured::read(&folder.path().join("networks.csv")).unwrap();
    assert_eq!(networks.len(), 1);
    let model = folder.path().join(&networks[0].model_file);
    let record = super::commands::record(&[
        "estimate",
        model.to_str().unwrap(),
        "--profile",
        profile.to_str().unwrap(),
        "--json",
    ]);
    let simulated_ms = record["latency_ms"].as_f64().unwrap();
    // Five rounds on a machine that runs other tests say no more than this.
    let ratio = simulated_ms / networks[0].latency_ms;
    assert!((0.3..3.0).contains(&ratio), "{simulated_ms} {networks:?}");
}
