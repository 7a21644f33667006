//! Variants of a machine: what they replace, what they must say, where they are wrong.

use expect_test::{Expect, expect};

use super::CORAL;
use crate::profile::{Mode, Profile, ProfileFile, SourceKind, raw::RawProfile};

const MODES: &str = r#"name = "m"
description = "A machine."

[clock]
source = "datasheet: p. 1"
mhz = 100.0

[vector]
source = "datasheet: p. 2"
bytes_per_cycle = 8.0

[memory.wide]
source = "datasheet: p. 3"
bytes = 4096

[memory.narrow]
source = "datasheet: p. 3"
bytes = 4096

[link]
source = "datasheet: p. 4"
input_mb_per_s = 100.0
parameters_mb_per_s = 100.0
output_mb_per_s = 100.0
transfer_us = 0.0

[modes.slow]
description = "At half the clock."

[modes.slow.clock]
source = "measured: it"
mhz = 50.0

[modes.hosted.host]
source = "assumed: a host"
operator_us = 1.0
mb_per_s = 10.0
"#;

fn refused(change: (&str, &str), modes: &[&str], expected: &Expect) {
    assert!(MODES.contains(change.0), "the profile has `{}`", change.0);
    let text = MODES.replacen(change.0, change.1, 1);
    let profile = ProfileFile::parse(&text, "my.toml").and_then(|file| file.with_modes(modes));
    expected.assert_eq(&profile.unwrap_err().to_string());
}

#[test]
fn modes_are_laid_over_the_base() {
    let file = ProfileFile::parse(MODES, "my.toml").unwrap();
    let slow = Mode {
        name: "slow".to_owned(),
        description: Some("At half the clock.".to_owned()),
    };
    let hosted = Mode {
        name: "hosted".to_owned(),
        description: None,
    };
    assert_eq!(file.modes(), [hosted, slow]);
    assert_eq!(file.base().unwrap().clock_hz(), 100_000_000);

    let both = file.with_modes(&["slow", "hosted"]).unwrap();
    assert_eq!(both.name(), "m:slow+hosted");
    assert_eq!(both.raw().description, "A machine. At half the clock.");
    assert_eq!(both.clock_hz(), 50_000_000);
    assert_eq!(both.host().unwrap().source, SourceKind::Assumed);
    assert_eq!(both.memory().unwrap().source, SourceKind::Datasheet);
}

#[test]
fn a_profile_in_a_mode_is_complete_in_itself() {
    let file = ProfileFile::parse(MODES, "my.toml").unwrap();
    let slow = file.with_modes(&["slow"]).unwrap();
    let again = Profile::parse(&slow.raw().to_toml(), "again.toml").unwrap();
    assert_eq!(again.raw(), slow.raw());
    // The base is what it would be in a file without modes.
    let alone = &MODES[..MODES.find("[modes").unwrap()];
    assert_eq!(
        Profile::parse(alone, "alone.toml").unwrap().raw(),
        file.base().unwrap().raw()
    );
}

#[test]
fn later_modes_win() {
    let text = format!("{MODES}\n[modes.fast.clock]\nsource = \"assumed: it\"\nmhz = 200.0\n");
    let file = ProfileFile::parse(&text, "my.toml").unwrap();
    let mhz = |modes: &[&str]| file.with_modes(modes).unwrap().raw().clock.mhz;
    assert_eq!(
        [mhz(&["slow", "fast"]), mhz(&["fast", "slow"])],
        [200.0, 50.0]
    );
}

#[test]
fn shipped_modes_are_asked_for_by_name() {
    let coral = Profile::named("coral-edgetpu:usb2+std").unwrap();
    assert_eq!(coral.name(), "coral-edgetpu:usb2+std");
    let RawProfile {
        clock, link, array, ..
    } = coral.raw();
    assert_eq!(
        (clock.mhz, link.as_ref().unwrap().output_mb_per_s),
        (250.0, 12.0)
    );
    assert_eq!(
        *array,
        Profile::parse(CORAL, "coral.toml").unwrap().raw().array
    );
}

#[test]
fn unknown_modes_come_with_the_known_ones() {
    let known = [
        "no mode `usb`",
        "did you mean `usb2`",
        "known modes: ",
        "std",
    ];
    let error = Profile::named("coral-edgetpu:usb").unwrap_err().to_string();
    assert!(known.iter().all(|part| error.contains(part)), "{error}");
    refused(
        ("name", "name"),
        &["slwo"],
        &expect![[
            r#"profile `my.toml` has no mode `slwo` (did you mean `slow`?); known modes: hosted, slow"#
        ]],
    );
    refused(
        ("name", "name"),
        &[""],
        &expect!["profile `my.toml` has no mode ``; known modes: hosted, slow"],
    );
    expect!["profile `systolic-32x32-ws` has no mode `usb`; it has no modes"].assert_eq(
        &Profile::named("systolic-32x32-ws:usb")
            .unwrap_err()
            .to_string(),
    );
}

#[test]
fn every_shipped_mode_is_sound() {
    for name in crate::profile::names() {
        let file = ProfileFile::named(name).unwrap();
        for mode in file.modes() {
            assert_eq!(
                file.with_modes(&[&mode.name]).unwrap().name(),
                format!("{name}:{}", mode.name)
            );
        }
    }
}

#[test]
fn faults_of_a_mode_are_found_in_the_mode() {
    refused(
        ("mhz = 50.0", "mhz = -50.0"),
        &["slow"],
        &expect![[r#"
            my.toml:32:7: clock.mhz is -50; expected a number above 0
               |
            32 | mhz = -50.0
               |       ^^^^^"#]],
    );
    refused(
        ("mhz = 50.0", "mgz = 50.0"),
        &["slow"],
        &expect![[r#"
        my.toml:32:1: unknown key `mgz` in [clock] (did you mean `mhz`?); known keys here: mhz, source
           |
        32 | mgz = 50.0
           | ^^^"#]],
    );
    refused(
        ("mhz = 50.0", "mhz = \"slow\""),
        &["slow"],
        &expect![[r#"
        my.toml:32:7: clock.mhz is the text "slow"; expected a number
           |
        32 | mhz = "slow"
           |       ^^^^^^"#]],
    );
    refused(
        ("[modes.slow.clock]", "[modes.slow.clok]"),
        &["slow"],
        &expect![[r#"
            my.toml:30:13: unknown key `clok` in [modes.slow] (did you mean `clock`?); known keys here: area, array, calibration, clock, code, description, dram, energy, flash, fusion, grid, host, link, memory, overheads, parameter_cache, storage, support, throughput, vector, when
               |
            30 | [modes.slow.clok]
               |             ^^^^"#]],
    );
    refused(
        ("mb_per_s = 10.0\n", ""),
        &["hosted"],
        &expect![[r#"
        my.toml:34:1: key `mb_per_s` is missing in [host]; it is: Bytes read plus bytes written, millions per second; above 0.
           |
        34 | [modes.hosted.host]
           | ^^^^^^^^^^^^^^^^^^^"#]],
    );
    refused(
        ("source = \"measured: it\"", "source = \"it\""),
        &["slow"],
        &expect![[r#"
            my.toml:31:10: clock.source is `it`; expected `KIND: where to look it up`, KIND one of datasheet, paper, measured, fitted, assumed
               |
            31 | source = "it"
               |          ^^^^"#]],
    );
    refused(
        ("[modes.slow]\n", "[modes.slow]\nname = \"n\"\n"),
        &["slow"],
        &expect![[r#"
            my.toml:28:1: unknown key `name` in [modes.slow]; known keys here: area, array, calibration, clock, code, description, dram, energy, flash, fusion, grid, host, link, memory, overheads, parameter_cache, storage, support, throughput, vector, when
               |
            28 | name = "n"
               | ^^^^"#]],
    );
    refused(
        ("\"At half the clock.\"", "3"),
        &["slow"],
        &expect![[r#"
        my.toml:28:15: modes.slow.description is 3; expected a text in quotes
           |
        28 | description = 3
           |               ^"#]],
    );
    refused(
        ("[modes.slow]", "[modes]\nslow = 3\n[modes.sloww]"),
        &[],
        &expect![[r#"
        my.toml:32:8: cannot extend value of type integer with a dotted key
           |
        32 | [modes.slow.clock]
           |        ^^^^"#]],
    );
    refused(
        ("[modes.slow]", "[modes.\"a+b\"]"),
        &[],
        &expect![[r#"
        my.toml:27:8: the name of a mode is `a+b`; expected a name without `:`, `+`, `/` and `.`
           |
        27 | [modes."a+b"]
           |        ^^^^^"#]],
    );
}

#[test]
fn every_table_of_a_mode_says_where_its_numbers_come_from() {
    refused(
        ("source = \"measured: it\"\n", ""),
        &["slow"],
        &expect![[r#"
            my.toml:30:13: key `source` is missing in [modes.slow.clock]; it is: Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or `assumed`, a colon, and where to look it up.
               |
            30 | [modes.slow.clock]
               |             ^^^^^"#]],
    );
    refused(
        (
            "[modes.hosted.host]\nsource = \"assumed: a host\"",
            "[modes.hosted.host]",
        ),
        &["hosted"],
        &expect![[r#"
            my.toml:34:1: key `source` is missing in [host]; it is: Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or `assumed`, a colon, and where to look it up.
               |
            34 | [modes.hosted.host]
               | ^^^^^^^^^^^^^^^^^^^"#]],
    );
    let operators = "[modes.slow.vector.operators]\nsoftmax = 0.5\n\n[modes.slow.clock]";
    refused(
        ("[modes.slow.clock]", operators),
        &["slow"],
        &expect![[r#"
            my.toml:30:13: key `source` is missing in [modes.slow.vector]; it is: Where the numbers of this table come from: `datasheet`, `paper`, `measured`, `fitted` or `assumed`, a colon, and where to look it up.
               |
            30 | [modes.slow.vector.operators]
               |             ^^^^^^"#]],
    );
    let sourced = format!("[modes.slow.vector]\nsource = \"measured: it\"\n{operators}");
    let text = MODES.replace("[modes.slow.clock]", &sourced);
    let file = ProfileFile::parse(&text, "my.toml").unwrap();
    let slow = file.with_modes(&["slow"]).unwrap();
    assert_eq!(slow.vector("add").unwrap().value.units_per_cycle(), 8.0);
    assert_eq!(slow.vector("softmax").unwrap().value.units_per_cycle(), 0.5);
}
