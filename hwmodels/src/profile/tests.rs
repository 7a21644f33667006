//! Profiles that ship, and what is refused.

use expect_test::{Expect, expect};

use super::*;
use crate::task::{Class, LoopNest};

const CORAL: &str = include_str!("../../profiles/coral-edgetpu.toml");
const SYSTOLIC: &str = include_str!("../../profiles/systolic-32x32-ws.toml");

fn refused(text: &str, change: (&str, &str), expected: &Expect) {
    assert!(text.contains(change.0), "the profile has `{}`", change.0);
    let error = Profile::parse(&text.replacen(change.0, change.1, 1), "my.toml").unwrap_err();
    expected.assert_eq(&error.to_string());
}

#[test]
fn shipped_profiles_read_back_as_written() {
    for name in names() {
        let profile = Profile::named(name).unwrap();
        assert_eq!(profile.name(), name);
        let again = Profile::parse(&profile.raw().to_toml(), name).unwrap();
        assert_eq!(again.raw(), profile.raw());
    }
}

#[test]
fn the_coral_profile_peaks_at_four_tops() {
    let array = Profile::named("coral-edgetpu")
        .unwrap()
        .array()
        .unwrap()
        .value;
    assert_eq!(array.peak_macs_per_cycle(), 4096);
}

#[test]
fn unknown_names_and_keys_come_with_the_nearest() {
    expect!["there is no profile `coral` (did you mean `coral-edgetpu`?); known profiles: coral-edgetpu, systolic-32x32-ws"]
        .assert_eq(&Profile::named("coral").unwrap_err().to_string());
    refused(
        CORAL,
        ("transfer_us", "tranfser_us"),
        &expect![[r#"
        my.toml:43: unknown key `tranfser_us` (did you mean `transfer_us`?); known keys here: source, input_mb_per_s, parameters_mb_per_s, output_mb_per_s, transfer_us"#]],
    );
    refused(
        CORAL,
        ("[link]", "[lnik]"),
        &expect![
            "my.toml:38: unknown key `lnik` (did you mean `link`?); known keys here: name, description, clock, array, vector, memory, parameter_cache, storage, grid, dram, flash, link, host, overheads, support, fusion, energy, area, throughput"
        ],
    );
}

#[test]
fn impossible_values_name_their_field() {
    refused(
        SYSTOLIC,
        ("rows = 32", "rows = 0"),
        &expect!["my.toml:11: array.rows is 0; expected at least 1"],
    );
    refused(
        SYSTOLIC,
        ("rows = 32", "rows = -1"),
        &expect!["my.toml:11: invalid value: integer `-1`, expected u64, in `rows = -1`"],
    );
    refused(
        SYSTOLIC,
        ("rows = 32", "rows = 32\npx = 4"),
        &expect![[
            r#"my.toml:12: array.px is given; expected no such key; it is for kind = "dot""#
        ]],
    );
    refused(
        SYSTOLIC,
        ("rows = 32", "rows = 32\ndepthwise_taps = 4"),
        &expect![
            "my.toml:12: array.depthwise_taps is given; expected no such key; a systolic array hands operands from column to column, so columns cannot take channels of their own"
        ],
    );
    refused(
        CORAL,
        ("simd = 4", "simd = 4\ndepthwise_taps = 5"),
        &expect!["my.toml:14: array.depthwise_taps is 5; expected at most array.simd, 4"],
    );
    refused(
        SYSTOLIC,
        ("\"pipelined\"", "\"pipelined\"\nfirst_preload_cycles = 3"),
        &expect!["my.toml:16: array.first_preload_cycles is 3; expected at least array.rows, 32"],
    );
    refused(
        SYSTOLIC,
        ("\"pipelined\"", "\"sometimes\""),
        &expect!["my.toml:15: array.fill is `sometimes`; expected one of per-fold, pipelined"],
    );
    refused(
        SYSTOLIC,
        ("bytes = 786432", "bytes = 1048577"),
        &expect![
            "my.toml:31: parameter_cache.bytes is 1048577; expected at most memory.wide.bytes, 1048576"
        ],
    );
    refused(
        CORAL,
        ("input_mb_per_s = 311.0", "input_mb_per_s = -1.0"),
        &expect!["my.toml:40: link.input_mb_per_s is -1; expected a number above 0"],
    );
    refused(
        CORAL,
        ("output_mb_per_s = 73.0", "output_mb_per_s = nan"),
        &expect!["my.toml:42: link.output_mb_per_s is NaN; expected a number above 0"],
    );
    refused(
        CORAL,
        ("\"fitted: 0.93", "\"guessed: 0.93"),
        &expect![
            "my.toml:72: throughput.conv.source is `guessed: 0.93 of 4096, whole-network latencies, leaving one network out`; expected `KIND: where to look it up`, KIND one of datasheet, paper, measured, fitted, assumed"
        ],
    );
    refused(
        CORAL,
        ("macs_per_cycle = 3809.0", "macs_per_cycle = 5000.0"),
        &expect![
            "my.toml:73: throughput.conv.entries is 5000 MACs per cycle; expected at most the array's 4096"
        ],
    );
    refused(
        CORAL,
        ("[memory.narrow]", "[memory.thin]"),
        &expect!["my.toml:23: unknown key `thin`; known keys here: wide, narrow"],
    );
}

const TABLE: &str = r#"
name = "table"
description = "A processor that tables price."
clock = { source = "assumed: a test", mhz = 1000.0 }

[throughput.conv]
source = "measured: a test"
entries = [
    { kernel = [3, 3], stride = 1, in_c = 8, out_c = 8, macs_per_cycle = 4.0 },
    { kernel = [3, 3], stride = 1, in_c = 8, out_c = 32, macs_per_cycle = 8.0 },
    { kernel = [3, 3], stride = 1, in_c = 32, out_c = 8, macs_per_cycle = 6.0 },
    { kernel = [3, 3], stride = 1, in_c = 32, out_c = 32, macs_per_cycle = 10.0 },
    { kernel = [5, 5], stride = 1, macs_per_cycle = 7.0 },
]
"#;

#[test]
fn tables_interpolate_over_octaves_of_channels() {
    let profile = Profile::parse(TABLE, "table.toml").unwrap();
    let price = |kernel: u64, stride: u64, in_c: u64, out_c: u64| {
        let nest = LoopNest::conv([1, 16, 16, in_c], out_c, [kernel, kernel], [stride, stride]);
        let priced = profile.throughput().price(Class::Conv, &nest).unwrap();
        (priced.rate.units_per_cycle(), priced.extrapolated)
    };
    assert_eq!(price(3, 1, 8, 32), (8.0, false));
    assert_eq!(price(3, 1, 16, 8), (5.0, false));
    assert_eq!(price(3, 1, 16, 16), (7.0, false));
    assert_eq!(price(3, 1, 4, 64), (8.0, true));
    assert_eq!(price(3, 2, 32, 32), (10.0, true));
    assert_eq!(price(5, 1, 3, 3), (7.0, false));
    assert_eq!(price(7, 1, 3, 3), (7.0, true));
    assert!(
        profile
            .throughput()
            .price(Class::Dense, &LoopNest::matmul(1, 8, 8))
            .is_none()
    );
}

#[test]
fn tables_are_full_grids() {
    refused(
        TABLE,
        (
            "{ kernel = [3, 3], stride = 1, in_c = 32, out_c = 8, macs_per_cycle = 6.0 },",
            "",
        ),
        &expect![
            "my.toml:8: throughput.conv.entries is 3 entries over 2 in_c by 2 out_c at kernel 3 x 3, stride 1; expected every pair of in_c and out_c exactly once"
        ],
    );
}

#[test]
fn operators_may_have_their_own_vector_rate() {
    let text = include_str!("../../profiles/systolic-32x32-ws.toml").replace(
        "bytes_per_cycle = 32.0\n",
        "bytes_per_cycle = 32.0\n\n[vector.operators]\nsoftmax = 0.5\n",
    );
    let profile = Profile::parse(&text, "my.toml").unwrap();
    let rate = |operator| profile.vector(operator).unwrap().value.units_per_cycle();
    assert_eq!([rate("add"), rate("softmax")], [32.0, 0.5]);
}
