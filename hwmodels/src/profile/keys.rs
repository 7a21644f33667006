//! The single values of a profile's file, by key: what they are, and settings of them.

use std::fmt;

use serde_json::Value;

use super::ProfileError;
use super::document::join;
use super::error::nearest;
use super::schema::{allowed, description, schema};

/// A key that holds one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// `table.key`; a `*` stands for a name that the profile gives, as in `vector.operators.*`.
    pub name: String,
    /// What may stand there.
    pub kind: KeyKind,
    /// What it says of a machine.
    pub meaning: String,
}

/// What kind of value a key holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// A whole number, 0 or more.
    Whole,
    /// A number.
    Number,
    /// `true` or `false`.
    Switch,
    /// One of these words; any where there are none.
    Word(Vec<String>),
}

/// A value for a key.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// A whole number.
    Whole(u64),
    /// A number.
    Number(f64),
    /// `true` or `false`.
    Switch(bool),
    /// A word.
    Word(String),
}

/// Every key of a machine that holds one value, in alphabetical order; names, descriptions and
/// sources are left out.
#[must_use]
pub fn keys() -> Vec<Key> {
    let mut keys = Vec::new();
    let tables = schema()["properties"].as_object().into_iter().flatten();
    for (table, node) in tables.filter(|(table, _)| *table != "modes") {
        gather(node, table, &mut keys);
    }
    // What stands at the top of the file names the machine.
    keys.retain(|key| key.name.contains('.'));
    keys
}

/// The key `name`.
///
/// # Errors
/// A key that no profile has, with the nearest that some have.
pub fn key(name: &str) -> Result<Key, ProfileError> {
    let keys = keys();
    if let Some(key) = keys.iter().find(|key| matches(&key.name, name)) {
        return Ok(Key {
            name: name.to_owned(),
            ..key.clone()
        });
    }
    let known: Vec<String> = keys.into_iter().map(|key| key.name).collect();
    Err(ProfileError::NoSuchKey {
        key: name.to_owned(),
        nearest: nearest(name, &known),
    })
}

impl KeyKind {
    /// The value that `text` spells for a key of this kind.
    ///
    /// # Errors
    /// What was expected.
    pub fn parse(&self, text: &str) -> Result<Setting, String> {
        let setting = match self {
            KeyKind::Whole => text.parse().ok().map(Setting::Whole),
            KeyKind::Number => {
                let number = text.parse().ok().filter(|number: &f64| number.is_finite());
                number.map(Setting::Number)
            }
            KeyKind::Switch => text.parse().ok().map(Setting::Switch),
            KeyKind::Word(words) => {
                let known = words.is_empty() || words.iter().any(|word| word == text);
                known.then(|| Setting::Word(text.to_owned()))
            }
        };
        setting.ok_or_else(|| self.to_string())
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyKind::Whole => f.write_str("a whole number, 0 or more"),
            KeyKind::Number => f.write_str("a number"),
            KeyKind::Switch => f.write_str("true or false"),
            KeyKind::Word(words) if words.is_empty() => f.write_str("a word"),
            KeyKind::Word(words) => write!(f, "one of {}", words.join(", ")),
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Setting::Whole(number) => write!(f, "{number}"),
            Setting::Number(number) => write!(f, "{number}"),
            Setting::Switch(switch) => write!(f, "{switch}"),
            Setting::Word(word) => f.write_str(word),
        }
    }
}

/// Whether `name` is the key `pattern`, in which `*` stands for any one step.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<&str>, Vec<&str>) =
        (pattern.split('.').collect(), name.split('.').collect());
    let same = |(p, n): (&&str, &&str)| p == n || (*p == "*" && !n.is_empty());
    pattern.len() == name.len() && pattern.iter().zip(&name).all(same)
}

fn gather(node: &Value, path: &str, keys: &mut Vec<Key>) {
    let kind = match node.get("type").and_then(Value::as_str) {
        Some("integer") => KeyKind::Whole,
        Some("number") => KeyKind::Number,
        Some("boolean") => KeyKind::Switch,
        Some("string") => KeyKind::Word(allowed(node).into_iter().map(str::to_owned).collect()),
        Some("array") => return,
        Some(_) | None => {
            let inner = node.get("properties").and_then(Value::as_object);
            for (key, node) in inner.into_iter().flatten() {
                gather(node, &join(path, key), keys);
            }
            if let Some(rest) = node
                .get("additionalProperties")
                .filter(|rest| rest.is_object())
            {
                gather(rest, &join(path, "*"), keys);
            }
            return;
        }
    };
    if !path.ends_with(".source") {
        keys.push(Key {
            name: path.to_owned(),
            kind,
            meaning: description(node).to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_know_their_kind() {
        let kind = |name: &str| key(name).unwrap().kind;
        assert_eq!(kind("array.rows"), KeyKind::Whole);
        assert_eq!(kind("clock.mhz"), KeyKind::Number);
        assert_eq!(kind("support.multiple_segments"), KeyKind::Switch);
        assert_eq!(kind("memory.narrow.bytes"), KeyKind::Whole);
        assert_eq!(kind("vector.operators.softmax"), KeyKind::Number);
        let KeyKind::Word(words) = kind("array.dataflow") else {
            panic!("a dataflow is a word");
        };
        assert!(words.contains(&"ws".to_owned()), "{words:?}");
    }

    #[test]
    fn unknown_keys_come_with_the_nearest() {
        for (wrong, near) in [
            ("array.row", "array.rows"),
            ("memory.narow.bytes", "memory.narrow.bytes"),
        ] {
            let error = key(wrong).unwrap_err().to_string();
            assert!(error.contains(&format!("did you mean `{near}`")), "{error}");
        }
        for not_single in [
            "name",
            "clock.source",
            "support.operators",
            "array",
            "modes.x.clock.mhz",
        ] {
            assert!(key(not_single).is_err(), "{not_single}");
        }
    }

    #[test]
    fn settings_are_of_their_kind() {
        assert_eq!(KeyKind::Whole.parse("8"), Ok(Setting::Whole(8)));
        assert_eq!(KeyKind::Number.parse("8"), Ok(Setting::Number(8.0)));
        assert_eq!(KeyKind::Switch.parse("true"), Ok(Setting::Switch(true)));
        for (kind, text) in [
            (KeyKind::Whole, "8.5"),
            (KeyKind::Whole, "-1"),
            (KeyKind::Number, "nan"),
            (KeyKind::Number, "inf"),
            (KeyKind::Switch, "yes"),
            (KeyKind::Word(vec!["ws".to_owned()]), "rs"),
        ] {
            assert_eq!(kind.parse(text), Err(kind.to_string()));
        }
    }
}
