//! An explanation in words.

use std::cmp::Reverse;
use std::fmt::Write;

use super::super::table::plain_table;
use super::{Effect, ExplainRecord, KeyRecord, ParameterRecord, PlacementRecord, VariationRecord};
use crate::report::chart::shortened;
use crate::report::numbers::{bytes, signed_percent};
use crate::report::value::spelled;

/// The most keys, parameters and activations that are told one by one.
const LINES_MAX: usize = 12;

/// Columns of running text.
const WIDTH: usize = 110;

impl ExplainRecord {
    /// For people; `latency_ms` is that of the estimate.
    #[must_use]
    pub fn text(&self, latency_ms: f64) -> String {
        let parts = [
            self.rests_on_text(),
            self.latency_text(latency_ms),
            self.names_text(Effect::OtherTotals, "keys that change other totals only"),
            self.names_text(Effect::None, "keys without effect on any total"),
            self.names_text(
                Effect::Untested,
                "keys without another sound value, untested",
            ),
            self.parameters_text(),
            self.placements.iter().map(placement_text).collect(),
            self.spilled_text(),
            self.fused_text(),
        ];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join("\n")
    }

    fn rests_on_text(&self) -> String {
        let mut text = "the latency rests on, by the table that bounds each layer\n".to_owned();
        let mut table = plain_table(&["share %", "source", "table", "which says"], 0..1);
        for record in &self.rests_on {
            table.add_row([
                format!("{:.1}", record.share * 100.0),
                record.source.unwrap_or("-").to_owned(),
                record
                    .table
                    .clone()
                    .unwrap_or_else(|| "(nothing bounds it)".to_owned()),
                shortened_end(record.text.as_deref().unwrap_or_default(), 90),
            ]);
        }
        let _ = writeln!(text, "{}", table.trim_fmt());
        text
    }

    /// The keys that the latency depends on most, and what their other values make of it.
    fn latency_text(&self, latency_ms: f64) -> String {
        let mut keys: Vec<&KeyRecord> = self.of(Effect::Latency).collect();
        let reach = |key: &KeyRecord| {
            let variations = key.variations.iter();
            variations
                .map(|v| change(v, latency_ms).map_or(f64::INFINITY, f64::abs))
                .fold(0.0, f64::max)
        };
        keys.sort_by(|a, b| reach(b).total_cmp(&reach(a)));
        let mut text = format!(
            "keys that change the latency: {}, of most effect\n",
            keys.len()
        );
        let mut table = plain_table(&["key", "value", "latency with other values"], 1..2);
        for key in keys.iter().take(LINES_MAX) {
            let others = key.variations.iter().map(|v| variation_text(v, latency_ms));
            let others: Vec<String> = others.collect();
            let is_word = key
                .variations
                .iter()
                .any(|variation| variation.value.is_none());
            let value = if is_word {
                String::new()
            } else {
                spelled(&key.value)
            };
            table.add_row([key.key.clone(), value, others.join(", ")]);
        }
        let _ = writeln!(text, "{}", table.trim_fmt());
        let rest: Vec<&str> = keys.iter().skip(LINES_MAX).map(|key| &*key.key).collect();
        if !rest.is_empty() {
            let _ = write!(text, "{}", listed("and", &rest));
        }
        text
    }

    fn names_text(&self, effect: Effect, what: &str) -> String {
        let names: Vec<&str> = self.of(effect).map(|key| &*key.key).collect();
        if names.is_empty() {
            return String::new();
        }
        listed(&format!("{what}:"), &names)
    }

    fn of(&self, effect: Effect) -> impl Iterator<Item = &KeyRecord> {
        self.keys.iter().filter(move |key| key.effect == effect)
    }

    fn parameters_text(&self) -> String {
        let cached = self.parameters.iter().filter(|one| one.cached_bytes > 0);
        let cached_bytes = cached.clone().map(|one| one.cached_bytes).sum();
        let streamed = self.parameters.iter().filter(|one| one.streamed_bytes > 0);
        let mut streamed: Vec<&ParameterRecord> = streamed.collect();
        let streamed_bytes = streamed.iter().map(|one| one.streamed_bytes).sum();
        streamed.sort_by_key(|one| Reverse(one.streamed_bytes));
        let names = streamed.iter().map(|one| {
            let part = if one.cached_bytes > 0 { " of it" } else { "" };
            format!("{} {}{part}", one.layer, bytes(one.streamed_bytes))
        });
        let of_layers = |count: usize| format!("parameters of {count} layers");
        [
            most(
                &of_layers(cached.count()),
                "stay on the chip",
                cached_bytes,
                &[],
            ),
            most(
                &of_layers(streamed.len()),
                "are streamed",
                streamed_bytes,
                &names.collect::<Vec<_>>(),
            ),
        ]
        .concat()
    }

    fn spilled_text(&self) -> String {
        let all_bytes = self.spilled.iter().map(|one| one.bytes).sum();
        let names = self
            .spilled
            .iter()
            .map(|one| format!("{} {}", one.name, bytes(one.bytes)));
        let names: Vec<String> = names.collect();
        let count = format!("{} activations", names.len());
        most(&count, "find no room on the chip", all_bytes, &names)
    }

    fn fused_text(&self) -> String {
        let names = self
            .fused
            .iter()
            .map(|one| format!("{} into {}", one.layer, one.into));
        let names: Vec<String> = names.collect();
        match names.len() {
            0 => String::new(),
            count => most_of(
                &format!("{count} layers are computed as part of another"),
                &names,
            ),
        }
    }
}

/// How many bytes of what are where, and the names of the first of them; nothing for no bytes.
fn most(what: &str, are: &str, all_bytes: u64, names: &[String]) -> String {
    match all_bytes {
        0 => String::new(),
        all_bytes => most_of(&format!("{what} {are}, {}", bytes(all_bytes)), names),
    }
}

/// `what`, and the first of its names.
fn most_of(what: &str, names: &[String]) -> String {
    let mut first: Vec<&str> = names.iter().take(LINES_MAX).map(|name| &**name).collect();
    let more = names.len().saturating_sub(LINES_MAX);
    let rest = format!("and {more} more (--json has all)");
    if more > 0 {
        first.push(&rest);
    }
    match first.len() {
        0 => format!("{what}\n"),
        _ => listed(&format!("{what}:"), &first),
    }
}

fn placement_text(placement: &PlacementRecord) -> String {
    let mut text = format!(
        "activations of {} reach {} of {} on the chip, at {}\n",
        placement.network,
        bytes(placement.peak_bytes),
        bytes(placement.available_bytes),
        placement.layer,
    );
    let mut table = plain_table(&["address", "bytes", "activation"], 0..2);
    for placed in placement.activations.iter().take(LINES_MAX) {
        let (address, size) = (placed.address.to_string(), placed.bytes.to_string());
        table.add_row([address, size, placed.name.clone()]);
    }
    let _ = writeln!(text, "{}", table.trim_fmt());
    let more = placement.activations.len().saturating_sub(LINES_MAX);
    if more > 0 {
        let _ = writeln!(text, "  and {more} more");
    }
    text
}

/// What a variation does to the latency, in percent; nothing where the network does not run.
fn change(variation: &VariationRecord, latency_ms: f64) -> Option<f64> {
    match (variation.effect, variation.latency_ms) {
        (Effect::Untested, _) => Some(0.0),
        (_, Some(ms)) => Some(100.0 * (ms - latency_ms) / latency_ms),
        (_, None) => None,
    }
}

fn variation_text(variation: &VariationRecord, latency_ms: f64) -> String {
    let value = variation
        .value
        .as_ref()
        .map_or_else(|| "left out".to_owned(), spelled);
    match (variation.effect, change(variation, latency_ms)) {
        (Effect::Untested, _) => format!("{value}: impossible"),
        (_, None) => format!("{value}: does not run"),
        (_, Some(percent)) => format!("{value}: {}", signed_percent(percent)),
    }
}

/// The beginning of a long text.
fn shortened_end(text: &str, most: usize) -> String {
    let reversed: String = text.chars().rev().collect();
    shortened(&reversed, most).chars().rev().collect()
}

/// `what` and names, separated by commas, in lines of at most [`WIDTH`] columns.
fn listed(what: &str, names: &[&str]) -> String {
    let mut text = what.to_owned();
    let mut column = what.chars().count();
    for (index, name) in names.iter().enumerate() {
        let comma = if index + 1 < names.len() { "," } else { "" };
        let length = name.chars().count() + comma.len() + 1;
        if column + length > WIDTH {
            text.push_str("\n ");
            column = 1;
        }
        let _ = write!(text, " {name}{comma}");
        column += length;
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_break_between_names() {
        let names: Vec<String> = (0..30).map(|n| format!("table.key_{n}")).collect();
        let names: Vec<&str> = names.iter().map(|name| &**name).collect();
        let text = listed("keys:", &names);
        assert!(text.lines().count() > 2 && text.lines().all(|line| line.chars().count() <= WIDTH));
        let read: Vec<&str> = text
            .trim_start_matches("keys:")
            .split([','])
            .map(str::trim)
            .collect();
        assert_eq!(read, names);
        assert_eq!(shortened_end("a long text", 7), "a long\u{2026}");
    }
}
