//! `ednas estimate --trace` as Perfetto reads it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::commands::{ednas, record};

/// A trace and the estimate that was printed beside it.
struct Traced {
    bytes: Vec<u8>,
    trace: Value,
    estimate: Value,
}

fn traced(folder: &Path, arguments: &[&str]) -> Traced {
    let file = folder.join("trace.json");
    let path = file.to_str().unwrap();
    let estimate = record(&[&["estimate", "--json", "--trace", path], arguments].concat());
    let bytes = fs::read(&file).unwrap();
    Traced {
        trace: serde_json::from_slice(&bytes).unwrap(),
        bytes,
        estimate,
    }
}

/// Nanoseconds as Perfetto takes them from a number of microseconds.
#[expect(clippy::cast_possible_truncation, reason = "Perfetto's own cast")]
fn ns(value: &Value) -> i64 {
    (value.as_f64().unwrap() * 1000.0) as i64
}

impl Traced {
    fn events(&self, phase: &str) -> Vec<&Value> {
        let events = self.trace["traceEvents"].as_array().unwrap();
        events.iter().filter(|event| event["ph"] == phase).collect()
    }

    fn track_names(&self) -> BTreeMap<u64, &str> {
        let named = self
            .events("M")
            .into_iter()
            .filter(|event| event["name"] == "thread_name");
        let name = |event: &Value| event["tid"].as_u64().unwrap();
        named
            .map(|event| (name(event), event["args"]["name"].as_str().unwrap()))
            .collect()
    }

    /// By name of the track: start, end and event, in the order of time.
    fn tracks(&self) -> BTreeMap<&str, Vec<(i64, i64, &Value)>> {
        let names = self.track_names();
        let mut tracks: BTreeMap<&str, Vec<(i64, i64, &Value)>> = BTreeMap::new();
        for event in self.events("X") {
            let start = ns(&event["ts"]);
            let track = names[&event["tid"].as_u64().unwrap()];
            let slice = (start, start + ns(&event["dur"]), event);
            tracks.entry(track).or_default().push(slice);
        }
        tracks
    }

    /// Slices of a track follow each other, the last of all ends with the inference, and the
    /// layers share out its time.
    fn check(&self) {
        let tracks = self.tracks();
        let mut last = 0;
        for (name, slices) in &tracks {
            let mut free = 0;
            for (start, end, event) in slices {
                assert!(*start >= free && end >= start, "{name} at {free}: {event}");
                free = *end;
            }
            last = last.max(free);
        }
        let latency_ns = self.estimate["latency_ms"].as_f64().unwrap() * 1e6;
        let close = |ns: i64| (i32::try_from(ns).map(f64::from).unwrap() - latency_ns).abs() <= 1.0;
        assert!(close(last), "{last} {latency_ns}");
        let layers = &tracks["layers"];
        assert_eq!(layers[0].0, 0);
        assert!(layers.windows(2).all(|pair| pair[0].1 == pair[1].0));
        assert!(close(layers.last().unwrap().1));
        let cycles = layers
            .iter()
            .map(|(_, _, event)| event["args"]["cycles"].as_u64().unwrap());
        assert_eq!(
            cycles.sum::<u64>(),
            self.estimate["cycles"].as_u64().unwrap()
        );
    }
}

/// A machine with part of its file replaced, and `more` behind it.
fn machine(folder: &Path, change: (&str, &str), more: &str) -> PathBuf {
    let shown = ednas(&["profile", "show", "systolic-32x32-ws"]);
    let text = String::from_utf8(shown.stdout).unwrap();
    assert!(text.contains(change.0));
    let file = folder.join("machine.toml");
    fs::write(&file, text.replace(change.0, change.1) + more).unwrap();
    file
}

#[test]
fn slices_never_overlap_and_end_with_the_inference() {
    let folder = tempfile::tempdir().unwrap();
    // The second runs several networks one after another.
    for model in ["mt-edge", "st-edge"] {
        let traced = traced(folder.path(), &[model, "--profile", "coral-edgetpu"]);
        traced.check();
        assert_eq!(traced.trace["otherData"]["schema"], "ednas.trace/1");
        assert_eq!(traced.trace["otherData"]["speed"], "events");
        assert_eq!(traced.trace["otherData"]["joined_intervals"], 0);
    }
    let list = record(&["profile", "list", "--all", "--json"]);
    for profile in list["profiles"].as_array().unwrap() {
        let profile = profile["name"].as_str().unwrap();
        traced(folder.path(), &["ednas-t6", "--profile", profile]).check();
    }
}

#[test]
fn the_same_estimate_gives_the_same_bytes_at_every_speed_but_for_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let at = |speed| {
        let speed = [
            "mt-edge",
            "--profile",
            "systolic-32x32-ws",
            "--speed",
            speed,
        ];
        traced(folder.path(), &speed).bytes
    };
    assert_eq!(at("fast"), at("events"));
}

#[test]
fn tiles_of_a_grid_have_tracks_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let grid = "\n[grid]\nsource = \"assumed: a test\"\nrows = 1\ncols = 3\nhop_cycles = 1\n\
                noc_bytes_per_cycle = 32.0\n";
    let file = machine(folder.path(), ("mhz = 400", "mhz = 400"), grid);
    let traced = traced(
        folder.path(),
        &["mt-edge", "--profile", file.to_str().unwrap()],
    );
    traced.check();
    let tracks = traced.tracks();
    let spans = |track: &str| -> Vec<(i64, i64)> {
        tracks[track]
            .iter()
            .map(|(start, end, _)| (*start, *end))
            .collect()
    };
    for unit in ["array", "vector"] {
        assert_eq!(spans(&format!("{unit}[0]")), spans(&format!("{unit}[2]")));
        assert!(!tracks.contains_key(unit) && !tracks.contains_key(&*format!("{unit}[3]")));
    }
    assert!(tracks.contains_key("noc"));
}

/// Bytes and multiply-accumulates in the trace are those of the estimate, and the counter of the
/// activations reaches its peak.
#[test]
fn a_trace_tells_what_the_estimate_does() {
    let folder = tempfile::tempdir().unwrap();
    let traced = traced(
        folder.path(),
        &["mt-edge", "--profile", "systolic-32x32-ws"],
    );
    let tracks = traced.tracks();
    let bytes = |track: &str, what: &str| -> u64 {
        let own = tracks[track]
            .iter()
            .filter(|(_, _, event)| event["cat"] == what);
        own.map(|(_, _, event)| event["args"]["bytes"].as_u64().unwrap())
            .sum()
    };
    let traffic = &traced.estimate["traffic"];
    assert_eq!(
        bytes("link_in", "parameters"),
        traffic["parameter_bytes"].as_u64().unwrap()
    );
    assert_eq!(
        bytes("link_in", "input"),
        traffic["input_bytes"].as_u64().unwrap()
    );
    let spilled = bytes("link_in", "spill_in") + bytes("link_out", "spill_out");
    assert_eq!(spilled, traffic["spill_bytes"].as_u64().unwrap());
    let counters = traced.events("C");
    let addresses = counters
        .iter()
        .filter_map(|event| event["args"]["highest address"].as_u64());
    assert_eq!(
        addresses.max(),
        traced.estimate["activation_peak_bytes"].as_u64()
    );
    let names: Vec<&str> = counters
        .iter()
        .map(|event| event["name"].as_str().unwrap())
        .collect();
    for name in ["activations on the chip", "array", "link_in", "link_out"] {
        assert!(names.contains(&name), "{name}");
    }
}

#[test]
fn a_layer_of_many_tiles_is_told_in_few_slices() {
    let folder = tempfile::tempdir().unwrap();
    let narrow = "[memory.narrow]\nsource = \"assumed: room for a small network\"\nbytes = ";
    let (before, after) = (format!("{narrow}1048576"), format!("{narrow}16384"));
    let file = machine(folder.path(), (&before, &after), "");
    let topology = folder.path().join("tall.csv");
    fs::write(
        &topology,
        "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, \
         Strides,\ntall, 8192, 64, 3, 3, 16, 16, 1,\n",
    )
    .unwrap();
    let arguments = [
        topology.to_str().unwrap(),
        "--profile",
        file.to_str().unwrap(),
    ];
    let traced = traced(folder.path(), &arguments);
    traced.check();
    let tracks = traced.tracks();
    let array = &tracks["array"];
    assert!((200..=512).contains(&array.len()), "{} slices", array.len());
    let sum = |key: &str, single: u64| -> u64 {
        let own = array.iter().map(|(_, _, event)| &event["args"]);
        own.map(|arguments| arguments[key].as_u64().unwrap_or(single))
            .sum()
    };
    let intervals = sum("intervals", 1);
    assert!(intervals > 512, "{intervals}");
    assert!(
        traced.trace["otherData"]["joined_intervals"]
            .as_u64()
            .unwrap()
            >= intervals
    );
    let compute = traced.estimate["layers"].as_array().unwrap().iter();
    let compute: u64 = compute
        .map(|layer| layer["compute_cycles"].as_u64().unwrap())
        .sum();
    assert_eq!(sum("busy_cycles", 0), compute);
    let spilled = tracks["link_in"]
        .iter()
        .map(|(_, _, event)| &event["args"]["bytes"]);
    let spilled: u64 = spilled.map(|bytes| bytes.as_u64().unwrap_or(0)).sum();
    assert!(spilled >= 8192 * 64 * 16);
}

#[test]
fn what_cannot_be_traced_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let wide = machine(folder.path(), ("bytes = 786432", "bytes = 512"), "");
    let text = fs::read_to_string(&wide).unwrap();
    fs::write(&wide, text.replace("bytes = 1048576", "bytes = 1024")).unwrap();
    for (option, file) in [("--trace", "out.json"), ("--roofline", "out.svg")] {
        let path = folder.path().join(file);
        let (profile, out) = (wide.to_str().unwrap(), path.to_str().unwrap());
        let output = ednas(&["estimate", "mt-edge", "--profile", profile, option, out]);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(
            message.contains("does not run on systolic-32x32-ws"),
            "{message}"
        );
        assert!(output.stdout.is_empty() && !path.exists());
    }
    let below_a_file = wide.join("trace.json");
    let out = below_a_file.to_str().unwrap();
    let output = ednas(&[
        "estimate",
        "mt-edge",
        "--profile",
        "coral-edgetpu",
        "--trace",
        out,
    ]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains(out), "{message}");
}
