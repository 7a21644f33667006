//! Values of a profile as people write them.

use serde_json::Value;

/// Whole numbers without a decimal point, words without quotes, lists as JSON has them.
pub(super) fn spelled(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => float.to_string(),
            Some(_) | None => number.to_string(),
        },
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_read_well() {
        let values = [
            json!(73.0),
            json!(0.5),
            json!(8),
            json!("ws"),
            json!([3, 3]),
        ];
        let spelled: Vec<String> = values.iter().map(spelled).collect();
        assert_eq!(spelled, ["73", "0.5", "8", "ws", "[3,3]"]);
    }
}
