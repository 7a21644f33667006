//! The largest number that a profile may hold.

use serde_json::Value;

use super::ProfileError;
use super::document::join;
use super::raw::RawProfile;

/// A terabyte, a terahertz, eleven days: no machine has more, and whatever is computed from
/// numbers below it stays exact.
const LARGEST: f64 = 1e12;

/// Refuses a number beyond [`LARGEST`], wherever it stands.
pub(super) fn check(raw: &RawProfile) -> Result<(), ProfileError> {
    match serde_json::to_value(raw) {
        Ok(file) => within(&file, ""),
        Err(error) => Err(refuse("profile", error.to_string())),
    }
}

fn within(value: &Value, path: &str) -> Result<(), ProfileError> {
    match value {
        Value::Number(number) if number.as_f64().is_none_or(|n| n.abs() > LARGEST) => {
            Err(refuse(path, number.to_string()))
        }
        Value::Array(list) => (list.iter().enumerate())
            .try_for_each(|(index, inner)| within(inner, &format!("{path}[{index}]"))),
        Value::Object(table) => table
            .iter()
            .try_for_each(|(key, inner)| within(inner, &join(path, key))),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

fn refuse(field: &str, found: String) -> ProfileError {
    ProfileError::Value {
        place: None,
        field: field.to_owned(),
        found,
        expected: "at most 1e12; no machine has more".to_owned(),
    }
}
