//! What differs between two profiles, key by key: the record of `ednas profile diff`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use hwmodels::profile::Profile;
use serde::Serialize;
use serde_json::Value;

use super::value::spelled;

/// `ednas.profile-diff/1`: the keys whose values or sources differ.
#[derive(Clone, Debug, Serialize)]
pub struct ProfileDiffRecord {
    /// `ednas.profile-diff/1`.
    pub schema: &'static str,
    /// The name of the first profile.
    pub a: String,
    /// The name of the second.
    pub b: String,
    /// What differs, by key; names, descriptions and the words of `[when]` are left out.
    pub differences: Vec<Difference>,
}

/// A key whose value differs, or the `source` of a table whose source alone does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// `table.key`.
    pub key: String,
    /// Its value in the first profile; nothing where it is left out.
    pub a: Option<Value>,
    /// Its value in the second.
    pub b: Option<Value>,
    /// Where the value of the first comes from.
    pub source_a: Option<String>,
    /// Where the value of the second comes from.
    pub source_b: Option<String>,
}

impl ProfileDiffRecord {
    /// Compares two machines as their files would spell them.
    ///
    /// # Errors
    /// None for checked profiles: their numbers all have a JSON form.
    pub fn new(a: &Profile, b: &Profile) -> anyhow::Result<Self> {
        let (of_a, of_b) = (keys(a)?, keys(b)?);
        let all: BTreeSet<&String> = of_a.keys().chain(of_b.keys()).collect();
        let differing = all
            .into_iter()
            .filter(|key| of_a.get(*key) != of_b.get(*key));
        let mut differences: Vec<Difference> = differing
            .map(|key| Difference {
                key: key.clone(),
                a: of_a.get(key).cloned(),
                b: of_b.get(key).cloned(),
                source_a: source(&of_a, key),
                source_b: source(&of_b, key),
            })
            .collect();
        // A changed source is shown beside the values that it is for.
        let values = differences.iter().filter(|d| !d.key.ends_with(".source"));
        let tables: BTreeSet<String> = values.map(|d| table(&d.key).to_owned()).collect();
        differences.retain(|d| !d.key.ends_with(".source") || !tables.contains(table(&d.key)));
        Ok(Self {
            schema: "ednas.profile-diff/1",
            a: a.name().to_owned(),
            b: b.name().to_owned(),
            differences,
        })
    }

    /// A line per key, and both sources under the keys of a table.
    #[must_use]
    pub fn text(&self) -> String {
        if self.differences.is_empty() {
            return format!("{} and {} describe the same machine\n", self.a, self.b);
        }
        let mut text = format!("{} -> {}\n", self.a, self.b);
        for group in self
            .differences
            .chunk_by(|x, y| table(&x.key) == table(&y.key))
        {
            text.push('\n');
            for difference in group {
                let _ = writeln!(text, "{}", difference.line());
            }
            if let [first, ..] = group
                && !first.key.ends_with(".source")
            {
                for (name, source) in [(&self.a, &first.source_a), (&self.b, &first.source_b)] {
                    if let Some(source) = source {
                        let _ = writeln!(text, "    {name}: {source}");
                    }
                }
            }
        }
        text
    }
}

impl Difference {
    fn line(&self) -> String {
        if let (Some(Value::Array(a)), Some(Value::Array(b))) = (&self.a, &self.b) {
            let only = |of: &[Value], not: &[Value]| -> Vec<String> {
                of.iter()
                    .filter(|v| !not.contains(v))
                    .map(spelled)
                    .collect()
            };
            let (gone, new) = (only(a, b), only(b, a));
            let gone = gone.iter().map(|value| format!(" -{value}"));
            let new = new.iter().map(|value| format!(" +{value}"));
            let changes: String = gone.chain(new).collect();
            if !changes.is_empty() {
                return format!("{}:{changes}", self.key);
            }
        }
        let side = |value: &Option<Value>| value.as_ref().map_or("(none)".to_owned(), spelled);
        format!("{}: {} -> {}", self.key, side(&self.a), side(&self.b))
    }
}

/// Every key that holds a value or a list of values, and what it holds.
fn keys(profile: &Profile) -> anyhow::Result<BTreeMap<String, Value>> {
    let mut keys = BTreeMap::new();
    flatten(&serde_json::to_value(profile.raw())?, "", &mut keys);
    keys.retain(|key, _| key.contains('.') && !key.starts_with("when."));
    Ok(keys)
}

fn flatten(value: &Value, path: &str, keys: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(table) => {
            for (key, inner) in table {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                flatten(inner, &path, keys);
            }
        }
        Value::Array(list) if list.iter().any(Value::is_object) => {
            for (index, inner) in list.iter().enumerate() {
                flatten(inner, &format!("{path}[{index}]"), keys);
            }
        }
        Value::Null => {}
        Value::Array(_) | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            keys.insert(path.to_owned(), value.clone());
        }
    }
}

/// The source of the innermost table around `key` that has one.
fn source(keys: &BTreeMap<String, Value>, key: &str) -> Option<String> {
    let mut around = table(key);
    loop {
        if let Some(Value::String(source)) = keys.get(&format!("{around}.source")) {
            return Some(source.clone());
        }
        around = around.rsplit_once('.')?.0;
    }
}

/// The table that `key` stands in.
fn table(key: &str) -> &str {
    key.rsplit_once('.').map_or("", |(table, _)| table)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use hwmodels::profile::ProfileFile;

    use super::*;

    fn coral(change: (&str, &str)) -> ProfileDiffRecord {
        let text = ProfileFile::named("coral-edgetpu").unwrap().text();
        assert!(text.contains(change.0));
        let b = Profile::parse(&text.replacen(change.0, change.1, 1), "b.toml").unwrap();
        ProfileDiffRecord::new(&Profile::named("coral-edgetpu").unwrap(), &b).unwrap()
    }

    #[test]
    fn a_mode_differs_in_what_it_replaces() {
        let [a, b] =
            ["coral-edgetpu", "coral-edgetpu:usb2"].map(|name| Profile::named(name).unwrap());
        let record = ProfileDiffRecord::new(&a, &b).unwrap();
        let keys: Vec<&str> = record.differences.iter().map(|d| d.key.as_str()).collect();
        assert_eq!(
            keys,
            [
                "link.input_mb_per_s",
                "link.output_mb_per_s",
                "link.parameters_mb_per_s"
            ]
        );
        let text = record.text();
        assert!(
            text.contains("link.output_mb_per_s: 72.539 -> 12\n"),
            "{text}"
        );
        assert!(
            text.contains("    coral-edgetpu:usb2: fitted: input_mb_per_s"),
            "{text}"
        );
    }

    #[test]
    fn lists_and_lone_sources_are_readable() {
        let same = coral(("transfer_us = 0.0", "transfer_us = 0"));
        assert_eq!(same.differences, []);
        expect!["coral-edgetpu and coral-edgetpu describe the same machine\n"]
            .assert_eq(&same.text());
        let text = coral(("\"reshape\", \"transpose\"", "\"tanh\", \"transpose\"")).text();
        assert!(
            text.contains("\nsupport.operators: -reshape +tanh\n"),
            "{text}"
        );
        let text = coral(("macs_per_cycle = 3342.6", "macs_per_cycle = 3000.0")).text();
        assert!(
            text.contains("\nthroughput.conv.entries[0].macs_per_cycle: 3342.6 -> 3000\n"),
            "{text}"
        );
        assert!(
            text.contains("    coral-edgetpu: fitted: conv to"),
            "{text}"
        );
        let lone = coral(("before: assumed: one core", "before: measured: one core"));
        assert_eq!(lone.differences.len(), 1);
        assert!(
            lone.text().contains("\nhost.source: fitted: mb_per_s"),
            "{}",
            lone.text()
        );
        let gone = coral(("mmacs_per_s = 5000.0", "")).text();
        assert!(
            gone.contains("\nhost.mmacs_per_s: 5000 -> (none)\n"),
            "{gone}"
        );
    }
}
