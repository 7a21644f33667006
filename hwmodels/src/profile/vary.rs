//! The same machine with other values of some keys.

use toml::{Table, Value};

use super::document::join;
use super::raw::RawProfile;
use super::{Profile, ProfileError, Setting, key, schema};

impl Profile {
    /// This machine with each key of `settings` set; every table that is touched gives `source`
    /// as the place its numbers come from. The name stays.
    ///
    /// A table that the machine lacks is made, so all keys that such a table needs must be set.
    ///
    /// # Errors
    /// A key that no profile has, and whatever makes the result impossible.
    pub fn varied(
        &self,
        settings: &[(&str, &Setting)],
        source: &str,
    ) -> Result<Profile, ProfileError> {
        let mut file = Table::try_from(self.raw()).map_err(|error| refuse("profile", &error))?;
        for (name, setting) in settings {
            key(name)?;
            let value = match setting {
                Setting::Whole(number) => {
                    Value::Integer(i64::try_from(*number).map_err(|_| too_large(name, *number))?)
                }
                Setting::Number(number) => Value::Float(*number),
                Setting::Switch(switch) => Value::Boolean(*switch),
                Setting::Word(word) => Value::String(word.clone()),
            };
            set(&mut file, "", name, value, source);
        }
        let raw: RawProfile = file
            .try_into()
            .map_err(|error| refuse("the machine", &error))?;
        raw.check()
    }
}

/// Sets `path` below `table`, which is called `name`, and the innermost source on the way.
fn set(table: &mut Table, name: &str, path: &str, value: Value, source: &str) {
    match path.split_once('.') {
        None => {
            table.insert(path.to_owned(), value);
        }
        Some((step, rest)) => {
            let inner = table
                .entry(step)
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                let name = join(name, step);
                if schema::keys_of(&name).iter().any(|key| key == "source") {
                    inner.insert("source".to_owned(), Value::String(source.to_owned()));
                }
                set(inner, &name, rest, value, source);
            }
        }
    }
}

fn refuse(what: &str, error: &impl ToString) -> ProfileError {
    ProfileError::Value {
        place: None,
        field: what.to_owned(),
        found: format!("incomplete: {}", error.to_string().trim()),
        expected: "all keys that its tables need".to_owned(),
    }
}

fn too_large(field: &str, found: u64) -> ProfileError {
    ProfileError::Value {
        place: None,
        field: field.to_owned(),
        found: found.to_string(),
        expected: "at most 1e12; no machine has more".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::SourceKind;

    const SOURCE: &str = "assumed: a test";

    #[test]
    fn varied_values_carry_their_source() {
        let base = Profile::named("systolic-32x32-ws").unwrap();
        let rows = ("array.rows", &Setting::Whole(64));
        let softmax = ("vector.operators.softmax", &Setting::Number(0.5));
        let narrow = ("memory.narrow.bytes", &Setting::Whole(4096));
        let machine = base.varied(&[rows, softmax, narrow], SOURCE).unwrap();
        let raw = machine.raw();
        let array = raw.array.as_ref().unwrap();
        assert_eq!((array.rows, array.cols), (Some(64), Some(32)));
        assert_eq!(array.source, SOURCE);
        assert_eq!(raw.vector.as_ref().unwrap().source, SOURCE);
        assert_eq!(machine.memory().unwrap().narrow.bytes, 4096);
        let sources = machine.sources();
        let touched = sources.iter().filter(|(_, source)| source.text == "a test");
        let touched: Vec<&str> = touched.map(|(table, _)| table.as_str()).collect();
        assert_eq!(touched, ["array", "memory.narrow", "vector"]);
        assert!(
            sources
                .iter()
                .all(|(_, source)| source.kind == SourceKind::Assumed)
        );
        assert_eq!(base.varied(&[], SOURCE).unwrap().raw(), base.raw());
    }

    #[test]
    fn impossible_machines_are_refused() {
        let base = Profile::named("systolic-32x32-ws").unwrap();
        let refused = |name: &str, setting: Setting| {
            let error = base.varied(&[(name, &setting)], SOURCE).unwrap_err();
            error.to_string()
        };
        assert_eq!(
            refused("memory.wide.bytes", Setting::Whole(512)),
            "parameter_cache.bytes is 786432; expected at most memory.wide.bytes, 512"
        );
        assert!(
            refused("storage.out_channel_multiple", Setting::Whole(4))
                .contains("in_channel_multiple")
        );
        assert!(
            refused("array.rows", Setting::Whole(u64::MAX))
                .contains("array.rows is 18446744073709551615")
        );
        assert!(refused("array.rows", Setting::Whole(1 << 60)).contains("at most 1e12"));
        assert!(refused("array.raws", Setting::Whole(1)).contains("array.rows"));
    }
}
