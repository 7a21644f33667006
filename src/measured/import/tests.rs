//! What is read of files as the tools write them, and what is refused.

use super::*;

fn rows(text: &str) -> Vec<Measurement> {
    match import_text(text, "board.log", None).unwrap() {
        Imported::Rows(rows) => rows,
        Imported::Layers(layered) => panic!("{layered:?}"),
    }
}

fn layers(text: &str, file: &str) -> Layered {
    match import_text(text, file, None).unwrap() {
        Imported::Layers(layered) => layered,
        Imported::Rows(rows) => panic!("{rows:?}"),
    }
}

fn refused(text: &str, format: Format, parts: &[&str]) {
    let message = import_text(text, "board.log", Some(format))
        .unwrap_err()
        .to_string();
    for part in parts {
        assert!(message.contains(part), "{text}: {message}");
    }
}

const LOG: &str = "\
INFO: STARTING!
INFO: Graph: [/data/local/tmp/net_quant.tflite]
INFO: #threads used for CPU inference: [4]
INFO: Loaded model /data/local/tmp/net_quant.tflite
INFO: Running benchmark for at least 1 iterations and at least 0.5 seconds
INFO: count=7 first=9000 curr=8000 min=8000 max=9000 avg=8100 std=300

INFO: Running benchmark for at least 50 iterations and at least 1 seconds
INFO: count=120 first=8010 curr=8003 min=7900 max=8300 avg=8012.5 std=40 p5=7950 median=8001 p95=8200

INFO: Inference timings in us: Init: 5600, First inference: 9000, Warmup (avg): 8100, Inference (avg): 8012.5
Graph: [other.tflite]
count=1 curr=1357602
count=50 first=1 curr=1 min=1 max=1 avg=1.24027e+06 std=2
Inference timings in us: Init: 1, First inference: 1, Warmup (avg): 1, Inference (avg): 1.24027e+06
";

#[test]
fn benchmark_model_logs() {
    let rows = rows(LOG);
    let seen: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                &*row.id,
                &*row.model_file,
                row.latency_ms,
                row.runs,
                row.warmup_runs,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (
                "run 1",
                "/data/local/tmp/net_quant.tflite",
                8.0125,
                Some(120),
                Some(7)
            ),
            ("run 2", "other.tflite", 1240.27, Some(50), Some(1)),
        ]
    );
    assert_eq!(
        (rows[0].statistic, rows[0].place.line),
        (Statistic::Mean, 11)
    );
    assert_eq!(rows[0].notes["threads"], "4");
    assert!(rows[1].notes.is_empty());

    let cut = LOG.split("INFO: Inference").next().unwrap();
    refused(cut, Format::LiteRt, &["board.log", "did the benchmark end"]);
    let nameless = LOG.replace("Graph: [", "Graf: [");
    refused(
        &nameless,
        Format::LiteRt,
        &["board.log:11", "Graph: [FILE]"],
    );
    for wrong in ["nan", "-3", "0", "inf", "soon"] {
        let text = LOG.replace(
            "Inference (avg): 8012.5",
            &format!("Inference (avg): {wrong}"),
        );
        refused(
            &text,
            Format::LiteRt,
            &["board.log:11", wrong, "microseconds above 0"],
        );
    }
}

#[test]
fn edge_tpu_tables() {
    let rows =
        rows("MODEL DATA_SET INFERENCE_TIME\nnet_edgetpu.tflite |two words| 2.5\nb.tflite x 3\n");
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (&*rows[0].model_file, rows[0].latency_ms),
        ("net_edgetpu.tflite", 2.5)
    );
    assert_eq!(rows[0].notes["data_set"], "two words");
    assert_eq!(
        (rows[1].place.line, rows[1].statistic),
        (3, Statistic::Unstated)
    );
    refused(
        "MODEL T\nnet.tflite -1\n",
        Format::EdgeTpu,
        &["board.log:2", "`-1`", "milliseconds"],
    );
    refused("MODEL T\n", Format::EdgeTpu, &["no rows"]);
    refused("MODEL\nnet.tflite\n", Format::EdgeTpu, &["between spaces"]);
    refused(
        "MODEL T\n|| 1\n",
        Format::EdgeTpu,
        &["board.log:2", "first column"],
    );
}

const TRACT: &str = r#"{"nodes": [
    {"qualified_id": [[], 0], "op_name": "Conv", "node_name": "c1", "cost": {"FMA(F32)": "9"}, "secs_per_iter": 0.002},
    {"qualified_id": [[[0, "loop"]], 0], "op_name": "Add", "node_name": "inner", "secs_per_iter": 0.001},
    {"qualified_id": [[], 1], "op_name": "Source", "node_name": "x"}],
    "profiling_info": {"iterations": 12, "secs_per_iter": 0.0025}}"#;

#[test]
fn profiles_by_tract() {
    let layered = layers(TRACT, "out/net_profile.json");
    assert_eq!(layered.model_file, "net");
    assert_eq!((layered.whole_ms, layered.runs), (Some(2.5), Some(12)));
    let only = LayerTime {
        name: "c1".to_owned(),
        operator: "Conv".to_owned(),
        span: Span::Ms(2.0),
    };
    assert_eq!(layered.layers, [only]);
    refused("{}", Format::Tract, &["not a profile by tract", "nodes"]);
    refused("{\"nodes\": []}", Format::Tract, &["without a profile"]);
    let negative = TRACT.replace("0.002}", "-0.002}");
    refused(
        &negative,
        Format::Tract,
        &["node `c1` takes -0.002 seconds"],
    );
}

#[test]
fn tables_by_vela() {
    const HEADER: &str = "TFLite_operator,NNG Operator,SRAM Usage,Peak%,Op Cycles,Network%,Name";
    let text = format!(
        "{HEADER}\nCONV_2D,Conv2DBias,9,1.5,7312.0,17.6,a/Relu;a/Conv2D\n{HEADER}\nADD,Add,9,1,12.0,2,b\n"
    );
    let layered = layers(&text, "net_per-layer.csv");
    assert_eq!(layered.model_file, "net");
    let seen: Vec<_> = layered
        .layers
        .iter()
        .map(|layer| (&*layer.name, layer.span))
        .collect();
    assert_eq!(
        seen,
        [
            ("a/Relu;a/Conv2D", Span::Cycles(7312)),
            ("b", Span::Cycles(12))
        ]
    );
    assert_eq!(layered.layers[0].operator, "CONV_2D");
    refused(
        &text.replace("Op Cycles", "Cycles"),
        Format::Vela,
        &["no column `Op Cycles`"],
    );
    refused(
        &text.replace(",12.0,", ",NaN,"),
        Format::Vela,
        &["board.log:4", "`NaN`", "Op Cycles"],
    );
    refused(HEADER, Format::Vela, &["no rows"]);
}

#[test]
fn formats_have_names() {
    for format in Format::ALL {
        assert_eq!(format.name().parse(), Ok(format));
    }
    assert!("excel".parse::<Format>().unwrap_err().contains("litert"));
    assert_eq!(Format::of("model_file,latency_ms\n"), Format::Csv);
    assert_eq!(Format::of(""), Format::Csv);
}

/// Files of all formats that are read.
fn samples() -> [String; 5] {
    [
        "id,model_file,latency_ms,runs\na,n.tflite,1,5\nb,\"m,n.tflite\",2.5,6\n".to_owned(),
        LOG.to_owned(),
        "MODEL DATA_SET T\nnet.tflite |two words| 2.5\n".to_owned(),
        TRACT.to_owned(),
        "A,NNG Operator,Op Cycles,Name\nCONV_2D,C,7312.0,a\nADD,Add,12.0,b\n".to_owned(),
    ]
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(2000))]
    /// Whatever the bytes, there is an answer: what is read has latencies that can be.
    #[test]
    fn damaged_files_are_read_or_refused(
        sample in 0_usize..5,
        format in proptest::option::of(0_usize..5),
        edits in proptest::collection::vec((0.0..1.0_f64, proptest::prelude::any::<char>(), 0_usize..4), 1..5),
    ) {
        let mut text: Vec<char> = samples()[sample].chars().collect();
        for (place, new, kind) in edits {
            let places = 0..text.len();
            let at = places.clone().find(|at| *at as f64 >= place * places.end as f64);
            match (at, kind) {
                (Some(at), 0) => text[at] = new,
                (Some(at), 1) => drop(text.remove(at)),
                (Some(at), 2) => text.truncate(at),
                (at, _) => text.insert(at.unwrap_or(0), [',', ' ', '\n', '"', '|'][places.end % 5]),
            }
        }
        let text: String = text.into_iter().collect();
        let format = format.map(|format| Format::ALL[format]);
        match import_text(&text, "board.log", format) {
            Ok(Imported::Rows(rows)) => {
                proptest::prop_assert!(rows.iter().all(|row| row.latency_ms > 0.0 && row.latency_ms.is_finite()));
                proptest::prop_assert!(rows.iter().all(|row| !row.model_file.is_empty()));
            }
            Ok(Imported::Layers(layered)) => proptest::prop_assert!(!layered.layers.is_empty()),
            Err(error) => proptest::prop_assert!(error.to_string().contains("board.log")),
        }
    }
}
