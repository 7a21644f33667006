//! What is not TOML, or not of the right type, is shown where it stands.

use expect_test::expect;
use proptest::prelude::*;

use super::{CORAL, TABLE, refused};
use crate::profile::{ProfileError, ProfileFile};

const SMALL: &str = r#"name = "small"
description = "A test."

[clock]
source = "assumed: a test"
mhz = 100.0

[array]
source = "assumed: a test"
kind = "dot"
px = 4
cells = 4
"#;

#[test]
fn texts_that_are_not_toml_name_the_place() {
    refused(
        SMALL,
        ("mhz = 100.0", "mhz = "),
        &expect![[r#"
        my.toml:6:7: string values must be quoted, expected literal string
          |
        6 | mhz =
          |       ^"#]],
    );
    refused(
        SMALL,
        ("mhz = 100.0", "mhz = 100.0\nmhz = 50.0"),
        &expect![[r#"
        my.toml:7:1: `mhz` is given twice
          |
        7 | mhz = 50.0
          | ^^^"#]],
    );
    refused(
        SMALL,
        ("[array]", "[clock]"),
        &expect![[r#"
        my.toml:8:2: `clock` is given twice
          |
        8 | [clock]
          |  ^^^^^"#]],
    );
    refused(
        SMALL,
        ("[array]", "[array"),
        &expect![[r#"
        my.toml:8:7: unclosed table, expected `]`
          |
        8 | [array
          |       ^"#]],
    );
    refused(
        SMALL,
        ("mhz = 100.0", "mhz = 1e999"),
        &expect![[r#"
        my.toml:6:7: clock.mhz: floating-point number overflowed
          |
        6 | mhz = 1e999
          |       ^^^^^"#]],
    );
}

#[test]
fn wrong_types_say_what_is_expected() {
    refused(
        SMALL,
        ("mhz = 100.0", "mhz = \"fast\""),
        &expect![[r#"
        my.toml:6:7: clock.mhz is the text "fast"; expected a number
          |
        6 | mhz = "fast"
          |       ^^^^^^"#]],
    );
    refused(
        SMALL,
        ("px = 4", "px = 4.5"),
        &expect![[r#"
        my.toml:11:6: array.px is 4.5; expected a whole number, 0 or more
           |
        11 | px = 4.5
           |      ^^^"#]],
    );
    refused(
        SMALL,
        ("px = 4", "px = [4, 4]"),
        &expect![[r#"
        my.toml:11:6: array.px is a list of 2; expected a whole number, 0 or more
           |
        11 | px = [4, 4]
           |      ^^^^^^"#]],
    );
    refused(
        SMALL,
        ("px = 4", "px = 2024-01-01"),
        &expect![[r#"
        my.toml:11:6: array.px is the date 2024-01-01; expected a whole number, 0 or more
           |
        11 | px = 2024-01-01
           |      ^^^^^^^^^^"#]],
    );
    refused(
        SMALL,
        ("kind = \"dot\"", "kind = 3"),
        &expect![[r#"
        my.toml:10:8: array.kind is 3; expected one of systolic, dot
           |
        10 | kind = 3
           |        ^"#]],
    );
    refused(
        SMALL,
        ("[clock]", "[[clock]]"),
        &expect![[r#"
        my.toml:4:1: clock is a list of 1; expected a table
          |
        4 | [[clock]]
          | ^^^^^^^^^"#]],
    );
    refused(
        SMALL,
        ("name = \"small\"", "name = \"small\"\nhost = 4"),
        &expect![[r#"
        my.toml:2:8: host is 4; expected a table
          |
        2 | host = 4
          |        ^"#]],
    );
    refused(
        TABLE,
        ("kernel = [5, 5]", "kernel = [5, 5, 5]"),
        &expect![[r#"
        my.toml:13:16: throughput.conv.entries[4].kernel is a list of 3; expected a list of 2, each a whole number, 0 or more
           |
        13 |     { kernel = [5, 5, 5], stride = 1, macs_per_cycle = 7.0 },
           |                ^^^^^^^^^"#]],
    );
}

#[test]
fn missing_keys_say_what_they_mean() {
    refused(
        SMALL,
        ("mhz = 100.0", ""),
        &expect![[r#"
        my.toml:4:1: key `mhz` is missing in [clock]; it is: Core clock, MHz; above 0.
          |
        4 | [clock]
          | ^^^^^^^"#]],
    );
    refused(
        SMALL,
        ("name = \"small\"\n", ""),
        &expect![[r#"
        my.toml:1:1: key `name` is missing; it is: The name that the machine is asked for by.
          |
        1 | description = "A test."
          | ^"#]],
    );
    refused(
        SMALL,
        ("[clock]\nsource = \"assumed: a test\"\nmhz = 100.0", ""),
        &expect![[r#"
        my.toml:1:1: key `clock` is missing; it is: The core clock, which all cycles are counted in.
          |
        1 | name = "small"
          | ^"#]],
    );
    refused(
        CORAL,
        ("[memory.wide]\nsource", "[memory.narrow.wide]\nsource"),
        &expect![[r#"
            my.toml:22:16: unknown key `wide` in [memory.narrow]; known keys here: banks, bytes, ports, source, width_bytes
               |
            22 | [memory.narrow.wide]
               |                ^^^^"#]],
    );
    refused(
        TABLE,
        (
            "in_c = 8, out_c = 8, macs_per_cycle = 4.0",
            "in_c = 8, out_c = 8",
        ),
        &expect![[r#"
            my.toml:9:5: key `macs_per_cycle` is missing in [throughput.conv.entries[0]]; it is: Multiply-accumulates per cycle of on-chip compute alone, without transfers and overheads; above 0, at most the array's peak.
              |
            9 |     { kernel = [3, 3], stride = 1, in_c = 8, out_c = 8 },
              |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
    refused(
        SMALL,
        ("px = 4\n", ""),
        &expect![[r#"
        my.toml:8:2: array.px is missing; expected a value, for an array of this kind
          |
        8 | [array]
          |  ^^^^^"#]],
    );
}

#[test]
fn numbers_that_no_machine_has_are_refused() {
    refused(
        SMALL,
        ("px = 4", "px = 99999999999999999999"),
        &expect![[r#"
        my.toml:11:6: array.px is 99999999999999999999; expected a whole number, 0 or more
           |
        11 | px = 99999999999999999999
           |      ^^^^^^^^^^^^^^^^^^^^"#]],
    );
    refused(
        SMALL,
        ("px = 4", "px = 18446744073709551615"),
        &expect![[r#"
            my.toml:11:6: array.px is 18446744073709551615; expected at most 1e12; no machine has more
               |
            11 | px = 18446744073709551615
               |      ^^^^^^^^^^^^^^^^^^^^"#]],
    );
    refused(
        SMALL,
        (
            "px = 4",
            "px = 99999999999999999999999999999999999999999999",
        ),
        &expect![[r#"
        my.toml:11:6: array.px: integer number overflowed
           |
        11 | px = 99999999999999999999999999999999999999999999
           |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
    refused(
        SMALL,
        ("mhz = 100.0", "mhz = 1e30"),
        &expect![[r#"
            my.toml:6:7: clock.mhz is 1e+30; expected at most 1e12; no machine has more
              |
            6 | mhz = 1e30
              |       ^^^^"#]],
    );
    refused(
        SMALL,
        ("mhz = 100.0", "mhz = inf"),
        &expect![[r#"
            my.toml:6:7: clock.mhz is inf; expected a number above 0
              |
            6 | mhz = inf
              |       ^^^"#]],
    );
    refused(
        SMALL,
        ("mhz = 100.0", "mhz = -nan"),
        &expect![[r#"
            my.toml:6:7: clock.mhz is NaN; expected a number above 0
              |
            6 | mhz = -nan
              |       ^^^^"#]],
    );
    refused(
        SMALL,
        ("mhz = 100.0", "mhz = 0"),
        &expect![[r#"
            my.toml:6:7: clock.mhz is 0; expected a number above 0
              |
            6 | mhz = 0
              |       ^"#]],
    );
    refused(
        TABLE,
        (
            "out_c = 8, macs_per_cycle = 4.0",
            "out_c = 8, macs_per_cycle = -4.0",
        ),
        &expect![[r#"
        my.toml:8:1: throughput.conv.entries is -4; expected a number above 0
          |
        8 | entries = [
          | ^^^^^^^"#]],
    );
}

#[test]
fn keys_in_lists_of_tables_are_placed() {
    refused(
        TABLE,
        (
            "out_c = 32, macs_per_cycle = 8.0",
            "outc = 32, macs_per_cycle = 8.0",
        ),
        &expect![[r#"
        my.toml:10:46: unknown key `outc` in [throughput.conv.entries[1]] (did you mean `out_c`?); known keys here: in_c, kernel, macs_per_cycle, out_c, stride
           |
        10 |     { kernel = [3, 3], stride = 1, in_c = 8, outc = 32, macs_per_cycle = 8.0 },
           |                                              ^^^^"#]],
    );
    let list = "\n[[throughput.conv.entries]]\nmacs_per_cycle = 1.0\n\n[[throughput.conv.entries]]\nmacs_per_cyle = 2.0\n";
    let start = TABLE.find("entries").unwrap();
    let text = format!("{}{list}", &TABLE[..start]);
    refused(
        &text,
        ("macs_per_cyle", "macs_per_cyle"),
        &expect![[r#"
        my.toml:13:1: unknown key `macs_per_cyle` in [throughput.conv.entries[1]] (did you mean `macs_per_cycle`?); known keys here: in_c, kernel, macs_per_cycle, out_c, stride
           |
        13 | macs_per_cyle = 2.0
           | ^^^^^^^^^^^^^"#]],
    );
}

proptest! {
    /// Whatever is typed anywhere is read or refused, on a line that the text has.
    #[test]
    fn no_text_stops_the_reader(at in 0..CORAL.len(), cut in 0usize..30, typed in "[\\[\\]{}=.,\"# \n0-9a-zé-]{0,6}") {
        let end = (at + cut).min(CORAL.len());
        prop_assume!(CORAL.is_char_boundary(at) && CORAL.is_char_boundary(end));
        let text = format!("{}{typed}{}", &CORAL[..at], &CORAL[end..]);
        let file = ProfileFile::parse(&text, "my.toml");
        for modes in [&[][..], &["std"], &["usb2"]] {
            let read = file.clone().and_then(|file| file.with_modes(modes));
            let place = match read {
                Err(ProfileError::Syntax { place, .. }) => Some(place),
                Err(ProfileError::UnknownKey { place, .. }) => Some(place),
                Err(ProfileError::MissingKey { place, .. }) => Some(place),
                Err(ProfileError::Value { place, .. }) => place,
                Ok(_) | Err(ProfileError::UnknownName { .. } | ProfileError::UnknownMode { .. } | ProfileError::NoSuchKey { .. }) => None,
            };
            if let Some(place) = place {
                prop_assert!(place.line <= text.lines().count() + 1);
                prop_assert!(place.column <= place.text.chars().count() + 1);
                prop_assert!(!place.excerpt().is_empty());
            }
        }
    }
}
