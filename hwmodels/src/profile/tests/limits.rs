//! Limits that make no sense are refused where they stand.

use expect_test::{Expect, expect};

use super::super::*;
use crate::task::FactName;

const RULES: &str = r#"name = "ruled"
description = "A test."
clock = { source = "assumed: a test", mhz = 1.0 }
vector = { source = "assumed: a test", bytes_per_cycle = 4.0 }
[support]
source = "assumed: a test"
operators = ["pool"]
multiple_segments = true
[[support.limits]]
source = "assumed: a test"
name = "small windows"
operators = ["pool"]
fact = "kernel_h"
at_most = 8
advice = "pool in two layers"
"#;

fn refused((from, to): (&str, &str), expected: &Expect) {
    assert!(RULES.contains(from));
    let error = Profile::parse(&RULES.replacen(from, to, 1), "my.toml").unwrap_err();
    let message = error.to_string();
    expected.assert_eq(message.lines().next().unwrap_or_default());
}

#[test]
fn limits_are_checked() {
    assert!(Profile::parse(RULES, "my.toml").is_ok());
    refused(
        ("\"kernel_h\"", "\"kernel_height\""),
        &expect![
            "my.toml:13:8: support.limits[0].fact is `kernel_height`; expected one of element_type, outer_extent, batch, weights, weight_type, weight_scales, kernel_h, kernel_w, kernel_area, stride_h, stride_w, dilation_h, dilation_w, padding, in_c, out_c, rows, output_elements, scale_h, scale_w, coordinates, activation_behind, constant_inputs, axis, batched"
        ],
    );
    refused(
        (
            "operators = [\"pool\"]\nfact",
            "operators = [\"add\"]\nfact",
        ),
        &expect![
            "my.toml:12:1: support.limits[0].operators is add; expected an operator that support.operators lists"
        ],
    );
    refused(
        ("at_most = 8\n", ""),
        &expect![
            "my.toml:9:1: support.limits[0] is no demand; expected one or more of is, one_of, at_least, at_most, multiple_of, same_as"
        ],
    );
    refused(
        ("at_most = 8", "multiple_of = 0"),
        &expect!["my.toml:14:15: support.limits[0].multiple_of is 0; expected at least 1"],
    );
    refused(
        ("at_most = 8", "at_most = 8\nwhen = \"padding\""),
        &expect![
            "my.toml:9:1: support.limits[0] is half a condition; expected both of when and when_is, or none"
        ],
    );
    refused(
        ("at_most = 8", "same_as = \"kernel\""),
        &expect![
            "my.toml:14:11: support.limits[0].same_as is `kernel`; expected one of element_type, outer_extent, batch, weights, weight_type, weight_scales, kernel_h, kernel_w, kernel_area, stride_h, stride_w, dilation_h, dilation_w, padding, in_c, out_c, rows, output_elements, scale_h, scale_w, coordinates, activation_behind, constant_inputs, axis, batched"
        ],
    );
    refused(
        ("at_most", "most"),
        &expect![
            "my.toml:14:1: unknown key `most` in [support.limits[0]]; known keys here: advice, at_least, at_most, fact, is, multiple_of, name, one_of, operators, same_as, source, when, when_is"
        ],
    );
    refused(
        ("\"pool in two layers\"", "\"\""),
        &expect!["my.toml:15:10: support.limits[0].advice is empty; expected a few words"],
    );
}

#[test]
fn facts_have_names_of_their_own() {
    let names: BTreeSet<&str> = FactName::ALL.iter().map(|fact| fact.name()).collect();
    assert_eq!(names.len(), FactName::ALL.len());
}
