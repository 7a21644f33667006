//! The single values of a profile, and other values to try in their place.

use hwmodels::profile::raw::RawProfile;
use hwmodels::profile::{KeyKind, Profile, key};
use serde_json::{Value, json};

/// A value of a profile's file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Leaf {
    /// Where it is: `array.rows`, `throughput.conv.entries[0].in_c`, `support.operators[3]`.
    path: Vec<Step>,
    pub(super) value: Value,
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Key(String),
    Index(usize),
}

/// What is put in the place of a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    /// Another value.
    To(Value),
    /// Nothing: a word is taken out of its list.
    Out,
}

/// Every single value of a profile but names, descriptions, sources, the words of `[when]` and the
/// limits of operators, which a mapping explains; in the order of the keys.
pub(super) fn leaves(raw: &RawProfile) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    if let Ok(file) = serde_json::to_value(raw) {
        gather(&file, &mut Vec::new(), &mut leaves);
    }
    // What stands at the top of the file names the machine, and so does `[when]`.
    let names = |leaf: &Leaf| leaf.path.len() == 1 || leaf.path[0] == Step::Key("when".to_owned());
    leaves.retain(|leaf| !names(leaf) && !leaf.is_of_a_limit());
    leaves
}

fn gather(value: &Value, path: &mut Vec<Step>, leaves: &mut Vec<Leaf>) {
    match value {
        Value::Object(table) => {
            for (key, inner) in table.iter().filter(|(key, _)| *key != "source") {
                path.push(Step::Key(key.clone()));
                gather(inner, path, leaves);
                path.pop();
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                path.push(Step::Index(index));
                gather(inner, path, leaves);
                path.pop();
            }
        }
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) | Value::String(_) => leaves.push(Leaf {
            path: path.clone(),
            value: value.clone(),
        }),
    }
}

impl Leaf {
    /// The key; for a word of a list, the key of the list and the word.
    pub(super) fn name(&self) -> String {
        let mut name = String::new();
        for step in &self.path {
            match step {
                Step::Key(key) if name.is_empty() => name.push_str(key),
                Step::Key(key) => name = format!("{name}.{key}"),
                Step::Index(index) => match &self.value {
                    Value::String(word) => name = format!("{name}[{word}]"),
                    Value::Null
                    | Value::Bool(_)
                    | Value::Number(_)
                    | Value::Array(_)
                    | Value::Object(_) => name = format!("{name}[{index}]"),
                },
            }
        }
        name
    }

    /// Whether it belongs to a limit of `[support]`.
    fn is_of_a_limit(&self) -> bool {
        let [table, list, ..] = &self.path[..] else {
            return false;
        };
        [table, list]
            == ["support", "limits"]
                .map(|key| Step::Key(key.to_owned()))
                .each_ref()
    }

    /// Whether it is an operator that the machine takes.
    fn is_operator(&self) -> bool {
        let [table, list, Step::Index(_)] = &self.path[..] else {
            return false;
        };
        [table, list]
            == ["support", "operators"]
                .map(|key| Step::Key(key.to_owned()))
                .each_ref()
    }

    /// What to try in its place: half and twice a number, the other state of a switch, the other
    /// words of a closed set, a list without the word.
    pub(super) fn changes(&self) -> Vec<Change> {
        let others = match &self.value {
            Value::Bool(switch) => vec![json!(!switch)],
            Value::Number(number) => match number.as_u64() {
                Some(0) => vec![json!(1)],
                Some(whole) => vec![json!(whole / 2), json!(whole.saturating_mul(2))],
                None => match number.as_f64().unwrap_or(0.0) {
                    0.0 => vec![json!(1.0)],
                    number => vec![json!(number / 2.0), json!(number * 2.0)],
                },
            },
            Value::String(_) if matches!(self.path.last(), Some(Step::Index(_))) => {
                return vec![Change::Out];
            }
            Value::String(word) => match key(&self.name()).map(|key| key.kind) {
                Ok(KeyKind::Word(words)) => {
                    let others = words.into_iter().filter(|other| other != word);
                    others.map(Value::String).collect()
                }
                Ok(KeyKind::Whole | KeyKind::Number | KeyKind::Switch) | Err(_) => Vec::new(),
            },
            Value::Null | Value::Array(_) | Value::Object(_) => Vec::new(),
        };
        others.into_iter().map(Change::To).collect()
    }

    /// `raw` with this value changed, where that is a sound machine; why not, otherwise.
    pub(super) fn changed(&self, raw: &RawProfile, change: &Change) -> Result<Profile, String> {
        if let (Change::Out, Value::String(operator), true) =
            (change, &self.value, self.is_operator())
        {
            let mut raw = raw.clone();
            raw.support = raw.support.map(|support| support.without(operator));
            return raw.check().map_err(|error| error.to_string());
        }
        let mut file = serde_json::to_value(raw).map_err(|error| error.to_string())?;
        put(&mut file, &self.path, change);
        let raw: RawProfile = serde_json::from_value(file).map_err(|error| error.to_string())?;
        raw.check().map_err(|error| error.to_string())
    }
}

fn put(value: &mut Value, path: &[Step], change: &Change) {
    match (path, change) {
        ([], Change::To(new)) => *value = new.clone(),
        ([Step::Index(index)], Change::Out) => {
            if let Value::Array(list) = value {
                list.remove(*index);
            }
        }
        ([], Change::Out) => {}
        ([Step::Key(key), rest @ ..], _) => {
            if let Some(inner) = value.get_mut(key) {
                put(inner, rest, change);
            }
        }
        ([Step::Index(index), rest @ ..], _) => {
            if let Some(inner) = value.get_mut(index) {
                put(inner, rest, change);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(profile: &Profile, name: &str) -> Leaf {
        let mut leaves = leaves(profile.raw()).into_iter();
        leaves.find(|leaf| leaf.name() == name).unwrap()
    }

    #[test]
    fn every_value_of_a_file_is_a_leaf() {
        let coral = Profile::named("coral-edgetpu").unwrap();
        let names: Vec<String> = leaves(coral.raw()).iter().map(Leaf::name).collect();
        for name in [
            "clock.mhz",
            "array.kind",
            "support.multiple_segments",
            "support.operators[softmax]",
            "support.modes.resize_bilinear[asymmetric]",
            "throughput.conv.entries[0].macs_per_cycle",
        ] {
            assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
        }
        assert!(
            names
                .iter()
                .all(|name| !name.ends_with("source") && name != "name")
        );
        let mut raw = coral.raw().clone();
        raw.support.as_mut().unwrap().limits.clear();
        let lines = raw.to_toml();
        let values = lines
            .lines()
            .filter(|line| line.contains(" = ") && !line.contains('['));
        let single = values.filter(|line| {
            ["source", "name", "description"]
                .iter()
                .all(|key| !line.starts_with(key))
        });
        assert!(single.count() <= names.len());
    }

    #[test]
    fn changes_are_of_the_kind_of_the_value() {
        let machine = Profile::named("systolic-32x32-ws").unwrap();
        let changes = |name: &str| leaf(&machine, name).changes();
        let to = |values: &[Value]| values.iter().cloned().map(Change::To).collect::<Vec<_>>();
        assert_eq!(changes("array.rows"), to(&[json!(16), json!(64)]));
        assert_eq!(changes("clock.mhz"), to(&[json!(200.0), json!(800.0)]));
        assert_eq!(changes("array.dataflow"), to(&[json!("os"), json!("is")]));
        assert_eq!(changes("link.transfer_us"), to(&[json!(0.05), json!(0.2)]));
        let coral = Profile::named("coral-edgetpu").unwrap();
        assert_eq!(
            leaf(&coral, "link.transfer_us").changes(),
            to(&[json!(1.0)])
        );
        assert_eq!(
            leaf(&coral, "support.operators[pad]").changes(),
            [Change::Out]
        );
        let segments = leaf(&coral, "support.multiple_segments").changes();
        assert_eq!(segments, to(&[json!(true)]));
    }

    #[test]
    fn one_value_changes_and_nothing_else() {
        let coral = Profile::named("coral-edgetpu").unwrap();
        let without = leaf(&coral, "support.operators[relu]").changed(coral.raw(), &Change::Out);
        let mut twin = coral.raw().clone();
        twin.support
            .as_mut()
            .unwrap()
            .operators
            .retain(|operator| operator != "relu");
        assert_eq!(*without.unwrap().raw(), twin);
        let pad = leaf(&coral, "support.operators[pad]").changed(coral.raw(), &Change::Out);
        let rules = pad.unwrap().raw().support.clone().unwrap();
        assert!(!rules.operators.contains(&"pad".to_owned()));
        let rate = leaf(&coral, "throughput.conv.entries[0].macs_per_cycle");
        let slower = rate.changed(coral.raw(), &Change::To(json!(1904.5)));
        let mut twin = coral.raw().clone();
        twin.throughput.conv.as_mut().unwrap().entries[0].macs_per_cycle = 1904.5;
        assert_eq!(*slower.unwrap().raw(), twin);
        let wide = leaf(&coral, "memory.wide.bytes");
        let message = wide
            .changed(coral.raw(), &Change::To(json!(4_194_304)))
            .unwrap_err();
        assert!(message.contains("parameter_cache.bytes"), "{message}");
    }
}
