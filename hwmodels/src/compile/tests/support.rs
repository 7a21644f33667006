//! Which tasks the support rules leave to the host, and why.

use super::*;
use crate::profile::SourceKind;
use crate::simulate::{Speed, simulate};
use crate::task::{Fact, FactName, Operation, Task};

/// Why each task is on the host, in words; nothing where it is not.
fn reasons(profile: &Profile, list: &TaskList) -> Vec<String> {
    let reasons = refusals(profile, list).into_iter();
    reasons
        .map(|refusal| refusal.map_or(String::new(), |refusal| format!("{refusal:?}")))
        .collect()
}

fn ruled(rules: &str) -> Profile {
    let host = "[host]\nsource = \"assumed: a test\"\noperator_us = 1.0\nmb_per_s = 1.0\n";
    let support =
        format!("{host}[support]\nsource = \"assumed: a test\"\n{rules}\n[memory.narrow]");
    small(("[memory.narrow]", &support))
}

/// What the host does before the first task of the accelerator ends nothing, nor does what runs
/// beside it.
#[test]
fn a_segment_ends_where_data_comes_back_from_the_host() {
    let mut list = ListBuilder::default();
    let work = Work::Vector { touched_bytes: 32 };
    let x = list.input(16);
    let quantized = list.task("entry", "quantize", work, &[x], None, 16);
    let a = list.task("a", "add", work, &[quantized], None, 16);
    let b = list.task("b", "odd", work, &[a], None, 16);
    let c = list.task("c", "add", work, &[b], None, 16);
    let d = list.task("d", "add", work, &[a, quantized], None, 16);
    let e = list.task("e", "odd", work, &[c, d], None, 16);
    list.output(e);
    let list = list.finish().unwrap();
    let one = ruled("operators = [\"add\"]\nmultiple_segments = false");
    let expected = [
        "Operator",
        "",
        "Operator",
        "After(TaskId(2))",
        "",
        "Operator",
    ];
    assert_eq!(reasons(&one, &list), expected);
    let many = ruled("operators = [\"add\"]\nmultiple_segments = true");
    let expected = ["Operator", "", "Operator", "", "", "Operator"];
    assert_eq!(reasons(&many, &list), expected);
}

/// A limit is about its operators, where its condition holds; a fact that is absent breaks none.
#[test]
fn limits_look_at_facts() {
    let profile = ruled(
        r#"operators = ["pool", "add"]
        multiple_segments = true
        [[support.limits]]
        source = "assumed: a test"
        name = "small windows where there is padding"
        operators = ["pool"]
        fact = "kernel_h"
        at_most = 8
        same_as = "kernel_w"
        when = "padding"
        when_is = ["padded"]
        advice = "none"
        [[support.limits]]
        source = "assumed: a test"
        name = "8-bit data"
        fact = "element_type"
        is = ["int8"]
        advice = "none""#,
    );
    let window = |height, width, padding| {
        vec![
            Fact::count(FactName::KernelH, height),
            Fact::count(FactName::KernelW, width),
            Fact::word(FactName::Padding, padding),
        ]
    };
    let types = ["int8", "float32"].map(|name| Fact::word(FactName::ElementType, name));
    let cases = [
        ("pool", window(8, 8, "padded"), ""),
        (
            "pool",
            window(9, 9, "padded"),
            "Limit { place: 0, found: Count(9) }",
        ),
        (
            "pool",
            window(8, 7, "padded"),
            "Limit { place: 0, found: Count(8) }",
        ),
        ("pool", window(9, 7, "valid"), ""),
        ("add", window(9, 7, "padded"), ""),
        (
            "add",
            types.to_vec(),
            "Limit { place: 1, found: Word(\"float32\") }",
        ),
        ("add", Vec::new(), ""),
    ];
    for (operator, facts, expected) in cases {
        let mut list = ListBuilder::default();
        let reads = vec![list.input(16)];
        let result = list.activation(16);
        let operation = Operation {
            name: "x".to_owned(),
            operator: operator.to_owned(),
            mode: None,
            shapes: Vec::new(),
            facts,
            work: Work::Vector { touched_bytes: 32 },
        };
        list.push(Task {
            operation: operation.into(),
            reads,
            weights: None,
            writes: vec![result],
        });
        list.output(result);
        assert_eq!(reasons(&profile, &list.finish().unwrap()), [expected]);
    }
}

/// An operator known by name alone costs its bytes on the vector unit, and that is an assumption.
#[test]
fn a_listed_name_runs_on_the_vector_unit() {
    let mut list = ListBuilder::default();
    let x = list.input(16);
    let work = Work::Host {
        macs: None,
        touched_bytes: 32,
    };
    let y = list.task("y", "TANH", work, &[x], None, 16);
    list.output(y);
    let list = list.finish().unwrap();
    let listed = ruled("operators = [\"TANH\"]\nmultiple_segments = true");
    let schedule = compile(&listed, &list).unwrap();
    let Step::Run(run) = &schedule.steps()[1] else {
        panic!("it runs on the accelerator");
    };
    assert_eq!(run.blocks[0].tiles[0].1.compute, Compute::Bytes(32));
    let Price::Vector(price) = run.price else {
        panic!("the vector unit prices it");
    };
    assert_eq!(price.source, SourceKind::Assumed);
    let unlisted = ruled("operators = [\"add\"]\nmultiple_segments = true");
    assert_eq!(reasons(&unlisted, &list), ["Operator"]);
}

/// Where its multiply-accumulates are counted, they take the time of a convolution's, and the slower
/// count decides; its parameters are stored, cached and streamed as those of others.
#[test]
fn counted_multiply_accumulates_of_a_listed_name_are_priced() {
    let listed = ruled("operators = [\"TRANSPOSE_CONV\"]\nmultiple_segments = true");
    let peak = listed.peak_macs_per_cycle().unwrap();
    let run = |macs: u64, touched_bytes: u64| {
        let mut list = ListBuilder::default();
        let x = list.input(16);
        let weights = list.weights(24);
        let work = Work::Host {
            macs: Some(macs),
            touched_bytes,
        };
        let y = list.task("y", "TRANSPOSE_CONV", work, &[x], Some(weights), 16);
        list.output(y);
        let list = list.finish().unwrap();
        let schedule = compile(&listed, &list).unwrap();
        assert_eq!(schedule.stored_bytes(weights), 24);
        let estimate = simulate(&listed, &schedule, Speed::Stepped);
        let layer = estimate.layers.iter().find(|layer| layer.price.is_some());
        let layer = layer.expect("it runs on the accelerator");
        assert_eq!(layer.price.unwrap().source(), SourceKind::Assumed);
        layer.compute_cycles
    };
    assert_eq!(run(1000 * peak, 32), 1000);
    assert_eq!(run(1000 * peak + 1, 32), 1001);
    let by_bytes = run(0, 3200);
    assert!(by_bytes > 1);
    assert_eq!(run(peak, 3200), by_bytes);
}

/// Parameters of an operator known by name alone lie on many tiles: they may be more than one has room
/// for.
#[test]
fn parameters_of_a_listed_name_are_spread_over_tiles() {
    let machine = Profile::named("coral-edgetpu:compiler-2019").unwrap();
    let mut list = ListBuilder::default();
    let x = list.input(64);
    let weights = list.weights(1 << 20);
    let work = Work::Host {
        macs: Some(1 << 26),
        touched_bytes: 1 << 20,
    };
    let y = list.task("y", "TRANSPOSE_CONV", work, &[x], Some(weights), 64);
    list.output(y);
    let list = list.finish().unwrap();
    let schedule = compile(&machine, &list).unwrap();
    assert_eq!(schedule.stored_bytes(weights), 1 << 20);
    assert_eq!(schedule.streamed_bytes(weights), 0);
}
