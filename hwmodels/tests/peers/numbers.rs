//! Every number that ships, beside its source, on one page.

use std::collections::BTreeMap;
use std::fmt::Write;

use expect_test::expect_file;
use hwmodels::profile::{Profile, ProfileFile, names};

/// What the file of `profile` says, by table: its numbers, and the source of them.
fn tables(profile: &Profile) -> BTreeMap<String, (Vec<String>, String)> {
    let mut tables: BTreeMap<String, (Vec<String>, String)> = BTreeMap::new();
    let mut table = String::new();
    let mut limits = 0;
    for line in profile.raw().to_toml().lines() {
        if let Some(name) = line.strip_prefix('[') {
            // Entries of a list and tables without a source belong to the one around them.
            let name = name.trim_matches(['[', ']']);
            let outer = [".entries", ".operators", ".modes", ".mac_pj"];
            let outer = outer.iter().find_map(|inner| name.strip_suffix(inner));
            table = outer.unwrap_or(name).to_owned();
            // Words of measurements and bounds, no numbers of the machine.
            if table == "when" || table.starts_with("calibration") {
                table.clear();
            }
            if table == "support.limits" {
                table = format!("support.limits[{limits:02}]");
                limits += 1;
            }
        } else if let Some((key, value)) = line.split_once(" = ")
            && !table.is_empty()
        {
            let (numbers, source) = tables.entry(table.clone()).or_default();
            match key {
                "source" => *source = value.trim_matches('"').to_owned(),
                "advice" => {}
                key => numbers.push(format!("{key} {}", value.trim_matches('"'))),
            }
        }
    }
    tables
}

#[test]
fn numbers_and_their_sources() {
    let mut page = String::from(include_str!("numbers_head.md"));
    let mut rows = |title: &str, tables: BTreeMap<String, (Vec<String>, String)>| {
        write!(
            page,
            "\n## {title}\n\n| table | numbers | source |\n|---|---|---|\n"
        )
        .unwrap();
        for (table, (numbers, source)) in tables {
            assert!(!source.is_empty(), "{title}: {table}");
            writeln!(page, "| {table} | {} | {source} |", numbers.join(", ")).unwrap();
        }
    };
    for name in names() {
        let file = ProfileFile::named(name).unwrap();
        let base = tables(&file.base().unwrap());
        rows(name, base.clone());
        for mode in file.modes() {
            let mut with = tables(&file.with_modes(&[&mode.name]).unwrap());
            with.retain(|table, row| base.get(table) != Some(row));
            rows(&format!("{name}:{}", mode.name), with);
        }
    }
    expect_file!["../../../docs/profiles/numbers.md"].assert_eq(&page);
}
