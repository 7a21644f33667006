//! Profiles that ship, and what is refused.

mod limits;
mod modes;
mod refused;
mod schema;
mod texts;
mod when;

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
fn work_of_unknown_shape_gets_the_middle_rate_or_the_peak() {
    let profile = Profile::parse(TABLE, "table.toml").unwrap();
    let usual = |profile: &Profile| profile.macs_per_cycle_usual().unwrap().units_per_cycle();
    let rates = [4.0, 6.0, 7.0, 8.0, 10.0];
    assert_eq!(usual(&profile), rates[2]);
    let ethos = Profile::named("ethos-u55-128").unwrap();
    assert_eq!(usual(&ethos), 128.0);
}

#[test]
fn tables_are_full_grids() {
    refused(
        TABLE,
        (
            "{ kernel = [3, 3], stride = 1, in_c = 32, out_c = 8, macs_per_cycle = 6.0 },",
            "",
        ),
        &expect![[r#"
            my.toml:8:1: throughput.conv.entries is 3 entries over 2 in_c by 2 out_c at kernel 3 x 3, stride 1; expected every pair of in_c and out_c exactly once
              |
            8 | entries = [
              | ^^^^^^^"#]],
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
