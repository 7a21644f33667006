//! SCALE-Sim's files through the command: a config, a topology, the reports; and what is refused.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::commands::{ednas, record, refused};
use super::estimate::without_speed;

const CONV: &str = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n";

/// SCALE-Sim 3's own keys, and one of nobody's.
fn config(dataflow: &str) -> String {
    format!(
        "[general]\nrun_name = four_by_three\n\n[architecture_presets]\nArrayHeight:    4\n\
         ArrayWidth : 3\nIfmapSramSzkB: 64\nFilterOffset: 10000000\nDataflow : {dataflow}\n\n\
         [layout]\nIfmapCustomLayout: False\n\n[sparsity]\nSparsitySupport : false\n\n\
         [run_presets]\nInterfaceBandwidth: USER\nTimeLinearModel: TPUv4\n"
    )
}

struct Files {
    folder: TempDir,
}

impl Files {
    fn new() -> Files {
        Files {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), text).unwrap();
        text_of(&self.path(name))
    }

    /// The profile of an imported config.
    fn profile(&self, dataflow: &str) -> String {
        let config = self.write("scale.cfg", config(dataflow));
        let profile = text_of(&self.path("p.toml"));
        let _ = fs::remove_file(&profile);
        let done = ednas(&["profile", "import", &config, "-o", &profile]);
        assert!(done.status.success(), "{done:?}");
        profile
    }
}

fn text_of(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_config_becomes_a_profile_and_says_what_it_left_out() {
    let files = Files::new();
    let config = files.write("scale.cfg", config("is"));
    let done = ednas(&["profile", "import", &config]);
    let said = String::from_utf8(done.stderr).unwrap();
    let profile = String::from_utf8(done.stdout).unwrap();
    for left in [
        "IfmapSramSzkB = 64, InterfaceBandwidth = USER: they only shape stalls",
        "FilterOffset = 10000000: no duration",
        "IfmapCustomLayout = False: they only shape bank conflicts",
        "`TimeLinearModel` of [run_presets] (line 19): they are not keys of SCALE-Sim",
    ] {
        assert!(said.contains(left), "{said}");
        assert!(profile.contains(&format!("# left out {left}")), "{profile}");
    }
    for line in [
        "name = \"four_by_three\"",
        "source = \"datasheet: SCALE-Sim config scale.cfg\"",
        "source = \"assumed: SCALE-Sim counts cycles and has no clock\"",
        "rows = 4",
        "cols = 3",
        "dataflow = \"is\"",
        "edges = \"full\"",
        "fill = \"per-fold\"",
    ] {
        assert!(
            profile.lines().any(|found| found == line),
            "{line}: {profile}"
        );
    }
    let file = files.write("p.toml", &profile);
    assert!(ednas(&["profile", "check", &file]).status.success());
}

/// On an array of 4 rows and 3 columns (last digits of means aside, which come from adding the folds
/// one by one as SCALE-Sim does: 1 + 1 + 1/4 + 2/3 + 2/3 + 1/6 of 6 folds are 62.499999999999986 %):
///
/// - `c` is 5 x 5 under a window of 2 with stride 2: ceil(5 / 2) = 3 places a side, so M = 9 pixels,
///   N = 5 filters, K = 2 * 2 * 3 = 12.
/// - `DPd` is 3 x 3 under a window of 2: of each of its 2 channels, M = 4, N = 1, K = 4.
///
/// os: (9, 5, 12) is 3 * 2 = 6 folds of 4 + 3 + 12 - 2 = 17 cycles, less one: 101. 540 MACs are
/// 100 * 540 / (101 * 12) % overall. 45 results on 6 * 12 elements are 62.5 %; 45 * 12 / (6 * 12 * 17)
/// is computing. Reads are 9 * 12 * 2 and 12 * 5 * 3; writes are 45 + 6 * (4 + 3). `DPd`, (4, 1, 4),
/// is 1 fold of 9; 16 MACs in 8 * 12; 4 of 12 elements; 16 / (12 * 9); 16, 4, and 4 + 7.
///
/// ws: (12, 5, 9) is 3 * 2 = 6 folds of 2 * 4 + 3 + 9 - 2 = 18: 107; 60 weights on 72 elements;
/// 60 * 9 / (72 * (2 * 4 + 2 * 3 + 9 - 3)) = 37.5 %; 9 * 12 * 2, 60, 45 * 3. `DPd`, (4, 1, 4), is 1 fold
/// of 13; 16 / (12 * 12); 4 of 12; 16 / (12 * 15); 16, 4, 4.
///
/// is: (12, 9, 5) is 3 * 3 = 9 folds of 2 * 4 + 3 + 5 - 2 = 14: 125; 108 inputs fill 9 * 12 elements;
/// 108 * 5 / (108 * 16) = 31.25 %; 108, 12 * 5 * 3, 45 * 3. `DPd`, (4, 4, 1), is 2 folds of 10: 19;
/// 16 / (19 * 12); 16 of 24; 16 / (24 * 12); 16, 4 * 1 * 2, 4.
#[test]
fn reports_worked_by_hand() {
    let files = Files::new();
    let topology = files.write(
        "net.csv",
        format!("{CONV}c, 5, 5, 2, 2, 3, 5, 2,\nDPd, 3, 3, 2, 2, 2, 1, 1,\n"),
    );
    let cases = [
        (
            "os",
            "101, , 44.554455445544555, 62.499999999999986, 44.117647058823536",
            "216, , , 180, , , 87",
            "8, , 16.666666666666668, 33.33333333333333, 14.814814814814813",
            "16, , , 4, , , 11",
        ),
        (
            "ws",
            "107, , 42.05607476635514, 83.33333333333334, 37.5",
            "216, , , 60, , , 135",
            "12, , 11.11111111111111, 33.33333333333333, 8.88888888888889",
            "16, , , 4, , , 4",
        ),
        (
            "is",
            "125, , 36.0, 100.0, 31.25",
            "108, , , 180, , , 135",
            "19, , 7.017543859649122, 66.66666666666666, 5.555555555555555",
            "16, , , 8, , , 4",
        ),
    ];
    for (dataflow, compute, access, channel_compute, channel_access) in cases {
        let profile = files.profile(dataflow);
        let out = files.path(dataflow);
        let folder = text_of(&out);
        let record = record(&[
            "estimate",
            &topology,
            "--profile",
            &profile,
            "--json",
            "--report",
            "scalesim",
            "--out",
            &folder,
        ]);
        let lines = |name: &str, layers: [&str; 3]| {
            let text = fs::read_to_string(out.join(name)).unwrap();
            let behind_header = text.split_once('\n').unwrap().1.to_owned();
            assert_eq!(behind_header, layers.concat(), "{dataflow} {name}");
        };
        lines(
            "COMPUTE_REPORT.csv",
            [0, 1, 2]
                .map(|id| (id, if id == 0 { compute } else { channel_compute }))
                .map(|(id, cells)| format!("{id}, , {cells},\n"))
                .each_ref()
                .map(String::as_str),
        );
        lines(
            "DETAILED_ACCESS_REPORT.csv",
            [0, 1, 2]
                .map(|id| (id, if id == 0 { access } else { channel_access }))
                .map(|(id, cells)| format!("{id}, , , {cells}{},\n", ", ".repeat(9)))
                .each_ref()
                .map(String::as_str),
        );
        // Our own cycles count the first one, too, of every run.
        let total = |cells: &str| cells.split(',').next().unwrap().parse::<u64>().unwrap() + 1;
        let cycles = total(compute) + 2 * total(channel_compute);
        assert_eq!(record["cycles"].as_u64(), Some(cycles), "{dataflow}");
    }
}

#[test]
fn a_topology_is_priced_like_any_network() {
    let files = Files::new();
    let conv = files.write(
        "net.csv",
        format!("{CONV}a, 9, 9, 3, 3, 6, 8, 1,\nbDP, 9, 9, 3, 3, 8, 1, 2,\n"),
    );
    let gemm = files.write("gemm.csv", "Layer, M, N, K,\nq, 7, 9, 11,\n");
    for (topology, layers, macs) in [
        (
            &conv,
            vec![("a", "conv2d"), ("bDP", "depthwise_conv2d")],
            49 * 8 * 54 + 16 * 8 * 9,
        ),
        (&gemm, vec![("q", "dense")], 7 * 9 * 11),
    ] {
        for profile in ["coral-edgetpu", "systolic-32x32-ws", &files.profile("os")] {
            let at = |speed| {
                record(&[
                    "estimate",
                    topology,
                    "--profile",
                    profile,
                    "--json",
                    "--speed",
                    speed,
                ])
            };
            let (fast, events, stepped) = (at("fast"), at("events"), at("stepped"));
            for slower in [events, stepped] {
                assert_eq!(
                    without_speed(fast.clone()),
                    without_speed(slower),
                    "{profile}"
                );
            }
            assert_eq!(fast["macs"].as_u64(), Some(macs));
            assert_eq!(fast["size"], serde_json::Value::Null);
            let found = fast["layers"].as_array().unwrap().iter();
            let found: Vec<_> = found
                .map(|layer| {
                    (
                        layer["name"].as_str().unwrap(),
                        layer["op"].as_str().unwrap(),
                    )
                })
                .filter(|(_, op)| !["invoke", "load", "store"].contains(op))
                .collect();
            assert_eq!(found, layers, "{profile}");
        }
    }
    let table = ednas(&["estimate", &gemm, "--profile", "coral-edgetpu"]);
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(
        table.contains(&format!("{gemm} (int8) on coral-edgetpu at")),
        "{table}"
    );
}

#[test]
fn bad_configs_are_refused() {
    let files = Files::new();
    let import = |text: &str, parts: &[&str]| {
        let config = files.write("bad.cfg", text);
        let out = text_of(&files.path("never.toml"));
        refused(&["profile", "import", &config, "-o", &out], parts);
        assert!(!files.path("never.toml").exists());
    };
    let good = config("ws");
    import(
        "",
        &["bad.cfg: `run_name` of [general] is missing; it has no such section"],
    );
    import(
        &good.replace("ArrayWidth", "ArrayWdith"),
        &[
            "`ArrayWidth` of [architecture_presets] is missing; the section has ArrayHeight, ArrayWdith",
        ],
    );
    import(
        &good.replace("ArrayWidth : 3", "ArrayWidth : 0"),
        &["bad.cfg:6: `ArrayWidth` is `0`", "1 to 65536"],
    );
    import(
        &good.replace(": 3", ": 1000000000000"),
        &["bad.cfg:6", "1 to 65536"],
    );
    import(
        &config("rs"),
        &["bad.cfg:9: `Dataflow` is `rs`; expected one of os, ws, is"],
    );
    import(
        &good.replace("false", "True"),
        &[
            "bad.cfg:15: `SparsitySupport`",
            "sparse filters are not modeled",
        ],
    );
    import(
        &format!("{good}TimeLinearModel=x\n"),
        &["bad.cfg:20: `TimeLinearModel` of [run_presets] was given on line 19"],
    );
    refused(&["profile", "import", "no/such.cfg"], &["no/such.cfg"]);
}

#[test]
fn bad_topologies_and_machines_are_refused() {
    let files = Files::new();
    let profile = files.profile("ws");
    let layer = format!("{CONV}c, 9, 9, 3, 3, 1, 1, 1,\n");
    let good = files.write("good.csv", &layer);
    let bad = files.write("bad.csv", layer.replace("9, 9", "2, 9"));
    let out = text_of(&files.path("out"));
    let estimate = |file: &str, more: &[&str], parts: &[&str]| {
        refused(&[&["estimate", file], more].concat(), parts);
        assert!(!files.path("out").exists());
    };
    let report = ["--report", "scalesim", "--out", &out];
    let with = |profile| [&["--profile", profile], &report[..]].concat();
    estimate(
        &bad,
        &with(&profile),
        &["bad.csv:2: column 4 (`Filter Height`) of layer `c` is `3`"],
    );
    estimate("no/such.csv", &with(&profile), &["no/such.csv"]);
    estimate(
        &good,
        &with("systolic-32x32-ws"),
        &["systolic-32x32-ws", "array.fill", "per-fold"],
    );
    estimate(
        "mt-edge",
        &with(&profile),
        &["--report scalesim", "FILE.csv"],
    );
    estimate(
        &good,
        &["--profile", &profile, "--out", &out],
        &["--report"],
    );
    estimate(
        &good,
        &["--profile", &profile, "--size", "512"],
        &["--size", "sizes of its own"],
    );
    estimate(
        &good,
        &["--profile", &profile, "--precision", "as-is"],
        &["--precision", "bytes"],
    );
    let channels = "DPmany, 9, 9, 3, 3, 2000000, 1, 1,\n";
    let long = files.write("long.csv", format!("{CONV}{channels}"));
    estimate(
        &long,
        &with(&profile),
        &["long.csv:2: layer `DPmany`", "2000000 lines"],
    );
    let wide = files.write("wide.csv", "Layer, M, N, K,\ng, 1000, 200000, 200000,\n");
    estimate(&wide, &with(&profile), &["wide.csv:2: layer `g`", "folds"]);
}

/// People go on to edit what was imported, and reports are of one image.
#[test]
fn what_would_be_lost_or_wrong_is_refused() {
    let files = Files::new();
    let profile = files.profile("ws");
    let (config, before) = (
        text_of(&files.path("scale.cfg")),
        fs::read(&profile).unwrap(),
    );
    let import = ["profile", "import", &config, "-o", &profile];
    refused(&import, &["p.toml exists already"]);
    assert_eq!(fs::read(&profile).unwrap(), before);
    let topology = files.write("net.csv", "Layer,M,N,K,\nGemm,8,8,8,\n");
    let out = text_of(&files.path("reports"));
    let estimate = [
        "estimate",
        &topology,
        "--profile",
        &profile,
        "--report",
        "scalesim",
    ];
    refused(
        &[&estimate[..], &["--out", &out, "--batch", "2"]].concat(),
        &["of one image", "leave out --batch"],
    );
}
