//! The analysis as a page: a panel per decision name, a pair of bars per group.

use super::{AnalysisRecord, TakenRecord};
use crate::report::chart::{WIDTH, bar, drawing, label, line};
use crate::report::markup::Markup;
use crate::report::numbers::three;
use crate::report::page::{document, legend, section, tiles};

/// Where the bars begin, and how much is left to their right.
const LEFT: f64 = 40.0;
const RIGHT: f64 = 6.0;

/// Height of a bar of all genomes, and where it begins.
const BAR: f64 = 120.0;
const TOP: f64 = 8.0;

/// The most that the bars of a group are wide.
const SLOT_MAX: f64 = 64.0;

/// Colors before they begin anew.
const HUES: usize = 10;

/// The HTML of the page about `record`.
#[must_use]
pub fn page(record: &AnalysisRecord) -> String {
    let title = match &record.by {
        Some(_) => "What the best genomes have in common",
        None => "What the genomes are made of",
    };
    document(title, |m| {
        m.within("header", &[], |m| {
            m.leaf("h1", &[], title);
            m.leaf("p", &[], &record.subject());
        });
        tiles(m, &figures(record));
        for name in record.names() {
            section(m, name, |m| panel(m, record, name));
        }
    })
}

/// The means, and for words the values by their number of groups.
fn figures(record: &AnalysisRecord) -> Vec<(String, String, String)> {
    let all = |all: Option<f64>| all.map_or_else(String::new, |all| format!("all: {}", three(all)));
    let means = record.means.iter();
    let means = means.map(|mean| {
        (
            format!("mean {}", mean.name),
            three(mean.best),
            all(mean.all),
        )
    });
    let is_word = |name: &str| record.means.iter().all(|mean| mean.name != name);
    let words = record.values.iter().filter(|row| is_word(&row.name));
    let words = words.map(|row| {
        let value = format!("{} of {}", three(row.best), row.groups);
        (row.value.clone(), value, all(row.all))
    });
    words.chain(means).collect()
}

fn panel(m: &mut Markup, record: &AnalysisRecord, name: &str) {
    let decisions = record.decisions.iter().filter(|d| d.name == name);
    let decisions: Vec<&TakenRecord> = decisions.collect();
    let mut values: Vec<&str> = Vec::new();
    for value in decisions.iter().flat_map(|d| &d.values) {
        if !values.contains(&&**value) {
            values.push(value);
        }
    }
    m.within("figure", &[], |m| {
        let alt = format!("Shares of the values of {name} by group");
        drawing(m, TOP + BAR + 20.0, &alt, |m| {
            axis(m);
            let room = WIDTH - LEFT - RIGHT;
            let slot = (room / decisions.len() as f64).min(SLOT_MAX);
            for (index, decision) in decisions.iter().enumerate() {
                let x = LEFT + slot * index as f64;
                group(m, decision, &values, (x, slot));
            }
        });
        m.within("figcaption", &[], |m| {
            let keys = values.iter().enumerate();
            let keys = keys.map(|(i, value)| (format!("key hue-{}", i % HUES), (*value).to_owned()));
            legend(m, &keys.collect::<Vec<_>>());
            m.text(match record.evaluated {
                0 => "Shares of the values by group. Point at a bar for the share.",
                _ => {
                    "Shares of the values by group: the wide bar of the best genomes, the narrow one of \
                     all evaluated ones. Point at a bar for the share. Idle decisions do not count."
                }
            });
        });
    });
}

fn axis(m: &mut Markup) {
    for (share, words) in [(0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")] {
        let y = TOP + BAR * (1.0 - share);
        line(m, "grid", (LEFT - 4.0, y), (WIDTH - RIGHT, y));
        label(m, ("tick", "end"), (LEFT - 6.0, y + 3.5), words);
    }
}

/// The two bars of a group, and its name below.
fn group(m: &mut Markup, decision: &TakenRecord, values: &[&str], (x, slot): (f64, f64)) {
    let room = slot - 4.0;
    let wide = if decision.all.is_some() {
        0.68 * room
    } else {
        room
    };
    stack(
        m,
        decision,
        values,
        (x, wide, &decision.best, "of the best"),
    );
    if let Some(all) = &decision.all {
        let place = x + wide + 1.0;
        stack(
            m,
            decision,
            values,
            (place, room - wide - 1.0, all, "of all"),
        );
    }
    let name = short(&decision.group);
    label(
        m,
        ("tick", "middle"),
        (x + room / 2.0, TOP + BAR + 14.0),
        &name,
    );
}

/// One bar of shares, from the bottom up.
fn stack(
    m: &mut Markup,
    decision: &TakenRecord,
    values: &[&str],
    (x, width, shares, whose): (f64, f64, &[f64], &str),
) {
    let mut y = TOP + BAR;
    for (value, &share) in decision.values.iter().zip(shares) {
        if share <= 0.0 {
            continue;
        }
        let height = BAR * share;
        y -= height;
        let hue = values.iter().position(|known| known == value).unwrap_or(0) % HUES;
        let name = &decision.name;
        let note = format!(
            "{} {name} = {value}\n{} % {whose}",
            decision.group,
            three(100.0 * share)
        );
        bar(
            m,
            &format!("hue-{hue}"),
            (x, y),
            (width, (height - 0.7).max(0.3)),
            &note,
        );
    }
}

/// `03` of `block03`: the digits at the end, where there are any; else the end of the name.
fn short(group: &str) -> String {
    let word = group.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &group[word.len()..];
    match digits.is_empty() {
        true => crate::report::chart::shortened(group, 8),
        false => digits.to_owned(),
    }
}
