//! What is written, against an obvious twin, and how Optuna's distributions are made of decisions.

use expect_test::expect;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::super::line::{self, Line};
use super::super::parameters::Parameters;
use super::super::write;
use super::*;
use crate::space::SpaceFile;

const NOW: &str = "2026-01-31T23:59:59.000001+00:00";

fn text(lines: Vec<u8>) -> String {
    String::from_utf8(lines).unwrap()
}

#[test]
fn lines_are_those_of_optuna() {
    let (_folder, path, _) = sample();
    let text = fs::read_to_string(path).unwrap();
    let shown = text.lines().filter(|l| !l.contains("space_definition"));
    let timeless: Vec<String> = shown
        .take(9)
        .map(|line| match line.split_once(":\"20") {
            Some((front, rest)) => format!("{front}:\"TIME{}\n", &rest[NOW.len() - 2..]),
            None => line.to_owned() + "\n",
        })
        .collect();
    expect![[r#"
        {"op_code":0,"worker_id":"ednas","study_name":"ednas","directions":[2]}
        {"op_code":2,"worker_id":"ednas","study_id":0,"user_attr":{"journal":"ednas.journal/2"}}
        {"op_code":2,"worker_id":"ednas","study_id":0,"user_attr":{"seed":7}}
        {"op_code":2,"worker_id":"ednas","study_id":0,"user_attr":{"space":"toy"}}
        {"op_code":2,"worker_id":"ednas","study_id":0,"user_attr":{"space_fingerprint":"70442ed887001af9"}}
        {"op_code":3,"worker_id":"ednas","study_id":0,"system_attr":{"study:metric_names":["reward"]}}
        {"op_code":4,"worker_id":"ednas","study_id":0,"datetime_start":"TIME","user_attrs":{"genome":"toy/k3,e3"},"params":{"a.k":0,"b.e":0},"distributions":{"a.k":"{\"type\":\"categorical\",\"choices\":[3,5]}","b.e":"{\"type\":\"categorical\",\"choices\":[3,6]}"}}
        {"op_code":8,"worker_id":"ednas","trial_id":0,"user_attr":{"accuracy":0.3333333333333333}}
        {"op_code":8,"worker_id":"ednas","trial_id":0,"user_attr":{"latency_ms":1.5}}
    "#]].assert_eq(&timeless.concat());
}

/// A trial's line as it is made where time does not matter.
fn slow_proposal(space: &Space, genome: &Genome, parent: Option<usize>) -> Json {
    let mut attributes = json!({ "genome": space.text(genome) });
    if let Some(parent) = parent {
        attributes["parent"] = json!(parent);
    }
    let mut params = json!({});
    let mut distributions = json!({});
    for (index, decision) in space.decisions().iter().enumerate() {
        if !space.is_active(index, genome.choices()) {
            continue;
        }
        let choice = genome.choices()[index];
        let values: Vec<Json> = decision.choices.iter().map(|c| c.value.to_json()).collect();
        let (low, high) = (&values[0], &values[values.len() - 1]);
        let is_float = matches!(decision.choices[0].value, Value::Float(_));
        let (number, distribution) = match decision.scale {
            crate::space::Scale::Unordered => (
                json!(choice),
                json!({ "type": "categorical", "choices": values }),
            ),
            crate::space::Scale::Logarithmic => (
                values[choice].clone(),
                json!({ "type": "float", "low": low, "high": high, "log": true }),
            ),
            crate::space::Scale::Linear if is_float => (
                values[choice].clone(),
                json!({ "type": "float", "low": low, "high": high }),
            ),
            crate::space::Scale::Linear => {
                let mut int = json!({ "type": "int", "low": low, "high": high });
                let step = values
                    .get(1)
                    .map_or(1, |v| v.as_i64().unwrap() - low.as_i64().unwrap());
                if step != 1 {
                    int["step"] = json!(step);
                }
                (values[choice].clone(), int)
            }
        };
        params[decision.full_name()] = number;
        distributions[decision.full_name()] = distribution;
    }
    json!({
        "op_code": 4, "worker_id": "ednas", "study_id": 0, "datetime_start": NOW,
        "user_attrs": attributes, "params": params, "distributions": distributions,
    })
}

#[test]
fn proposals_are_written_as_the_obvious_twin_writes_them() {
    for name in crate::space::file::names() {
        let space = SpaceFile::named(name).unwrap().space;
        let parameters = Parameters::new(&space);
        let mut rng = Pcg64Mcg::seed_from_u64(3);
        for parent in [None, Some(7), Some(123_456)] {
            let genome = space.sample(&mut rng);
            let mut lines = Vec::new();
            let short = space.text(&genome);
            write::create_trial(&parameters, &genome, &short, parent, NOW, &mut lines);
            let mut written: Json = serde_json::from_slice(&lines).unwrap();
            for (_, distribution) in written["distributions"].as_object_mut().unwrap() {
                *distribution = serde_json::from_str(distribution.as_str().unwrap()).unwrap();
            }
            assert_eq!(written, slow_proposal(&space, &genome, parent), "{name}");
        }
    }
}

#[test]
fn lists_are_categories_that_are_spelled() {
    let of =
        |values: &[&str]| Value::List(values.iter().map(|v| Value::Text((*v).into())).collect());
    let choices = [of(&["a", "b"]), of(&["a", "c"])];
    let choices = choices.map(|v| Choice::new(v.clone(), v.to_string()));
    let many = Decision::one_of("g", "many", choices.to_vec());
    let space = Space::new("lists", vec![many]).unwrap();
    let mut line = Vec::new();
    let genome = space.genome(vec![1]).unwrap();
    Parameters::new(&space).write_distributions(&genome, &mut line);
    expect![[r#""g.many":"{\"type\":\"categorical\",\"choices\":[\"a+b\",\"a+c\"]}""#]]
        .assert_eq(&text(line));
}

#[test]
fn what_ends_a_trial_is_written_as_the_obvious_twin_writes_it() {
    let failed = Outcome::Failed {
        reason: "\"quoted\",\nand \u{fc}".into(),
    };
    for (outcome, attributes, state, values) in [
        (
            complete(0.25, 1e-9, 3e22),
            vec![json!({ "accuracy": 3e22 }), json!({ "latency_ms": 1e-9 })],
            1,
            json!([0.25]),
        ),
        (
            failed,
            vec![json!({ "reason": "\"quoted\",\nand \u{fc}" })],
            3,
            Json::Null,
        ),
    ] {
        let attributes = attributes.into_iter().map(|attribute| {
            json!({ "op_code": 8, "worker_id": "ednas", "trial_id": 4711, "user_attr": attribute })
        });
        let end = json!({
            "op_code": 6, "worker_id": "ednas", "trial_id": 4711, "state": state,
            "values": values, "datetime_complete": NOW,
        });
        let expected: Vec<Json> = attributes.chain([end]).collect();
        let mut lines = Vec::new();
        let count = write::finish_trial(4711, &outcome, NOW, &mut lines);
        assert_eq!(count, expected.len());
        let lines = text(lines);
        let written = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        assert_eq!(written.collect::<Vec<Json>>(), expected);
    }
}

proptest! {
    #[test]
    fn every_float_reads_back_to_the_bit(reward in prop::num::f64::NORMAL) {
        let mut written = Vec::new();
        write::finish_trial(0, &complete(reward, reward, 1.0), NOW, &mut written);
        let written = text(written);
        let last: Line = serde_json::from_str(written.lines().last().unwrap()).unwrap();
        prop_assert_eq!(last.values.unwrap()[0].to_bits(), reward.to_bits());
        prop_assert_eq!(last.op_code, line::TRIAL_STATE_VALUES);
    }
}
