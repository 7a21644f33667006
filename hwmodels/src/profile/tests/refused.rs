//! Names, keys and values that are refused, and in which words.

use expect_test::expect;

use super::{CORAL, SYSTOLIC, refused};
use crate::profile::Profile;

#[test]
fn unknown_names_and_keys_come_with_the_nearest() {
    let error = Profile::named("coral-edgtpu").unwrap_err().to_string();
    let begin =
        "there is no profile `coral-edgtpu` (did you mean `coral-edgetpu`?); known profiles: ";
    assert!(
        error.starts_with(begin) && error.contains("systolic-32x32-ws"),
        "{error}"
    );
    refused(
        CORAL,
        ("transfer_us", "tranfser_us"),
        &expect![[r#"
            my.toml:49:1: unknown key `tranfser_us` in [link] (did you mean `transfer_us`?); known keys here: input_mb_per_s, output_mb_per_s, parameters_mb_per_s, source, transfer_us
               |
            49 | tranfser_us = 0.0
               | ^^^^^^^^^^^"#]],
    );
    refused(
        CORAL,
        ("[link]", "[lnik]"),
        &expect![[r#"
            my.toml:44:2: unknown key `lnik` (did you mean `link`?); known keys here: area, array, calibration, clock, code, description, dram, energy, flash, fusion, grid, host, link, memory, modes, name, overheads, parameter_cache, storage, support, throughput, vector, when
               |
            44 | [lnik]
               |  ^^^^"#]],
    );
}

#[test]
fn impossible_values_name_their_field() {
    refused(
        SYSTOLIC,
        ("rows = 32", "rows = 0"),
        &expect![[r#"
            my.toml:11:8: array.rows is 0; expected at least 1
               |
            11 | rows = 0
               |        ^"#]],
    );
    refused(
        SYSTOLIC,
        ("rows = 32", "rows = -1"),
        &expect![[r#"
            my.toml:11:8: array.rows is -1; expected a whole number, 0 or more
               |
            11 | rows = -1
               |        ^^"#]],
    );
    refused(
        SYSTOLIC,
        ("rows = 32", "rows = 32\npx = 4"),
        &expect![[r#"
            my.toml:12:6: array.px is given; expected no such key; it is for kind = "dot"
               |
            12 | px = 4
               |      ^"#]],
    );
    refused(
        SYSTOLIC,
        ("rows = 32", "rows = 32\ndepthwise_taps = 4"),
        &expect![[r#"
            my.toml:12:18: array.depthwise_taps is given; expected no such key; a systolic array hands operands from column to column, so columns cannot take channels of their own
               |
            12 | depthwise_taps = 4
               |                  ^"#]],
    );
    refused(
        CORAL,
        ("simd = 4", "simd = 4\ndepthwise_taps = 5"),
        &expect![[r#"
            my.toml:14:18: array.depthwise_taps is 5; expected at most array.simd, 4
               |
            14 | depthwise_taps = 5
               |                  ^"#]],
    );
    refused(
        SYSTOLIC,
        ("\"pipelined\"", "\"pipelined\"\nfirst_preload_cycles = 3"),
        &expect![[r#"
            my.toml:16:24: array.first_preload_cycles is 3; expected at least array.rows, 32
               |
            16 | first_preload_cycles = 3
               |                        ^"#]],
    );
    refused(
        SYSTOLIC,
        ("\"pipelined\"", "\"sometimes\""),
        &expect![[r#"
            my.toml:15:8: array.fill is `sometimes`; expected one of per-fold, pipelined
               |
            15 | fill = "sometimes"
               |        ^^^^^^^^^^^"#]],
    );
    refused(
        SYSTOLIC,
        ("bytes = 786432", "bytes = 1048577"),
        &expect![[r#"
            my.toml:31:9: parameter_cache.bytes is 1048577; expected at most memory.wide.bytes, 1048576
               |
            31 | bytes = 1048577
               |         ^^^^^^^"#]],
    );
    refused(
        CORAL,
        ("input_mb_per_s = 268.88", "input_mb_per_s = -1.0"),
        &expect![[r#"
            my.toml:46:18: link.input_mb_per_s is -1; expected a number above 0
               |
            46 | input_mb_per_s = -1.0
               |                  ^^^^"#]],
    );
    refused(
        CORAL,
        ("output_mb_per_s = 72.539", "output_mb_per_s = nan"),
        &expect![[r#"
            my.toml:48:19: link.output_mb_per_s is NaN; expected a number above 0
               |
            48 | output_mb_per_s = nan
               |                   ^^^"#]],
    );
    refused(
        CORAL,
        ("\"fitted: conv", "\"guessed: conv"),
        &expect![[r#"
            my.toml:188:10: throughput.conv.source is `guessed: conv to 318 rows of edgetpu_models.csv and edgetpu_micro.csv, 2026-11-24, 4.31 % median error, 7.20 % on networks left out; before: fitted: 0.93 of 4096 in a first sketch; that channels count in fours and 32s follows from stacks of 32 to 432 channels and from the compiler's own estimates`; expected `KIND: where to look it up`, KIND one of datasheet, paper, measured, fitted, assumed
                |
            188 | source = "guessed: conv to 318 rows of edgetpu_models.csv and edgetpu_micro.csv, 2026-11-24, 4.31 %
                |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
    refused(
        CORAL,
        ("macs_per_cycle = 3342.6", "macs_per_cycle = 5000.0"),
        &expect![[r#"
            my.toml:189:1: throughput.conv.entries is 5000 MACs per cycle; expected at most the array's 4096
                |
            189 | entries = [{ macs_per_cycle = 5000.0 }]
                | ^^^^^^^"#]],
    );
    refused(
        CORAL,
        ("[memory.narrow]", "[memory.thin]"),
        &expect![[r#"
            my.toml:26:9: unknown key `thin` in [memory]; known keys here: narrow, wide
               |
            26 | [memory.thin]
               |         ^^^^"#]],
    );
}
