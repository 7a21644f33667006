//! What is read of a CSV of measurements, and what is refused.

use super::*;
use crate::measured::Statistic;

const HEADER: &str = "id,model,model_file,input,device,link,host,clock,statistic,latency_ms,device_time_only,source,note";

fn rows(text: &str) -> Vec<Measurement> {
    read_text(text, "m.csv").unwrap()
}

/// Checks that `text` is refused with every one of `parts`.
fn refused(text: &str, parts: &[&str]) {
    let message = read_text(text, "m.csv").unwrap_err().to_string();
    for part in parts {
        assert!(message.contains(part), "{text}: {message}");
    }
}

#[test]
fn every_column_is_kept() {
    let text = format!(
        "{HEADER}\n\
         m1,Net,real/net.tflite,8x8x3,Board,USB3.0,\"desktop, fast\",max,\"median of 99 after first\",2.5,yes,us,odd\n\
         m2,,net.tflite,,,,,,,3,partly: argmax on the CPU,,\n"
    );
    let rows = rows(&text);
    let notes = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        let pairs = pairs.iter();
        pairs
            .map(|(key, text)| ((*key).to_owned(), (*text).to_owned()))
            .collect()
    };
    let place = |line| Place {
        file: "m.csv".to_owned(),
        line,
    };
    let first = Measurement {
        place: place(2),
        id: "m1".to_owned(),
        model: "Net".to_owned(),
        model_file: "real/net.tflite".to_owned(),
        stack: None,
        device: "Board".to_owned(),
        link: "USB3.0".to_owned(),
        host: "desktop, fast".to_owned(),
        clock: "max".to_owned(),
        latency_ms: 2.5,
        statistic: Statistic::Median,
        runs: Some(99),
        warmup_runs: Some(1),
        includes: Includes::Network,
        network: None,
        family: None,
        source: "us".to_owned(),
        notes: notes(&[
            ("device_time_only", "yes"),
            ("input", "8x8x3"),
            ("note", "odd"),
            ("statistic", "median of 99 after first"),
        ]),
    };
    assert_eq!(rows[0], first);
    assert_eq!((rows[1].place.clone(), rows[1].latency_ms), (place(3), 3.0));
    assert_eq!(rows[1].statistic, Statistic::Unstated);
    assert_eq!(rows[1].includes, Includes::HostOperators);
    assert_eq!(rows.len(), 2);
}

#[test]
fn two_columns_are_enough() {
    let rows = rows("model_file,latency_ms\nnet.tflite,2\n");
    assert_eq!((rows[0].id.as_str(), rows[0].latency_ms), ("row 1", 2.0));
}

#[test]
fn optional_columns_say_more_than_texts() {
    let rows = rows(
        "model_file, Latency_MS ,statistic,runs,warmup,includes,network,family,fan\n\
         net.tflite, 2 ,mean of 9,30,0,pipeline,n,f,on\n",
    );
    let row = &rows[0];
    assert_eq!((row.runs, row.warmup_runs), (Some(30), Some(0)));
    assert_eq!(row.includes, Includes::Pipeline);
    assert_eq!(
        (row.network.as_deref(), row.family.as_deref()),
        (Some("n"), Some("f"))
    );
    assert_eq!(row.notes["fan"], "on");
}

#[test]
fn units_are_those_of_the_column() {
    for (column, text, ms) in [
        ("latency_ms", "1.5", 1.5),
        ("latency_us", "1500", 1.5),
        ("latency_s", "0.0015", 1.5),
        ("latency_ns", "1.5e6", 1.5),
    ] {
        let rows = rows(&format!("model_file,{column}\nn.tflite,{text}\n"));
        assert!((rows[0].latency_ms - ms).abs() < 1e-12, "{column}");
    }
    refused(
        "model_file,latency_ms,latency_us\nn.tflite,1,1000\n",
        &["m.csv:1", "latency_ms", "latency_us"],
    );
    refused(
        "model_file,latency\nn.tflite,1\n",
        &[
            "`latency_ms` is missing",
            "after its unit",
            "latency_us",
            "found: model_file, latency",
        ],
    );
}

#[test]
fn impossible_latencies_are_refused_where_they_stand() {
    for found in [
        "NaN", "-1", "0", "inf", "-inf", "1e300", "", "2,4", "2.4 ms", "1e-400",
    ] {
        refused(
            &format!("id,model_file,latency_ms\na,n.tflite,1\nb,n.tflite,\"{found}\"\n"),
            &[
                "m.csv:3: column 3 (`latency_ms`)",
                &format!("is `{found}`"),
                "a number of ms above 0",
            ],
        );
    }
}

#[test]
fn other_values_are_refused_where_they_stand() {
    for (column, found, expected) in [
        ("runs", "0", "a whole number, 1 or more"),
        ("runs", "many", "a whole number, 1 or more"),
        ("warmup", "-1", "a whole number, 0 or more"),
        (
            "includes",
            "all",
            "network, host-operators, pipeline or unstated",
        ),
        ("device_time_only", "perhaps", "yes, partly or no"),
    ] {
        refused(
            &format!("model_file,latency_ms,{column}\nn.tflite,1,{found}\n"),
            &["m.csv:2: column 3", column, found, expected],
        );
    }
    refused(
        "model_file,latency_ms\n,1\n",
        &["m.csv:2: column 1 (`model_file`)"],
    );
}

#[test]
fn rows_that_are_there_already_are_refused() {
    refused(
        "id,model_file,latency_ms\na,n.tflite,1\nb,n.tflite,1\na,n.tflite,2\n",
        &["m.csv:4: id `a` is there already, in line 2"],
    );
    refused(
        "model_file,latency_ms\nn.tflite,1\nn.tflite,2\nn.tflite,1\n",
        &["m.csv:4: the whole row is there already, in line 2"],
    );
}

#[test]
fn tables_that_are_none_are_refused() {
    refused("", &["m.csv", "`latency_ms` is missing"]);
    refused("model_file,latency_ms\n", &["it has no rows"]);
    refused(
        "model,latency_ms\nn,1\n",
        &["`model_file` is missing", "--models"],
    );
    refused(
        "model_file;latency_ms\nn.tflite;1\n",
        &["not separated by commas"],
    );
    refused(
        "model_file,latency_ms,model_file\nn,1,n\n",
        &["`model_file` is there twice"],
    );
    refused(
        "model_file,latency_ms\nn.tflite,1,2\n",
        &["line: 2", "3 fields"],
    );
    let missing = read(Path::new("no/such.csv")).unwrap_err().to_string();
    assert!(missing.contains("no/such.csv"), "{missing}");
}
