//! The JSON Schema of a profile's file, made from the types that read it.
//!
//! Editors complete and check by it, and the descriptions in it are the doc comments of
//! [`super::raw`]. Errors and the starter file take the meaning of a key from here.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::raw::RawProfile;
use super::source::SourceKind;

static SCHEMA: LazyLock<Value> = LazyLock::new(build);

/// The schema (JSON Schema, draft 2020-12) of a profile's file, modes included.
#[must_use]
pub fn schema() -> &'static Value {
    &SCHEMA
}

/// The part of the schema that describes `path`, such as `throughput.conv.entries[0].in_c`; the
/// empty path is the whole file.
pub(super) fn node(path: &str) -> Option<&'static Value> {
    let steps = path.split(['.', '[']).filter(|step| !step.is_empty());
    steps
        .into_iter()
        .try_fold(schema(), |node, step| match step.strip_suffix(']') {
            Some(_) => node.get("items"),
            None => node
                .get("properties")
                .and_then(|properties| properties.get(step))
                .or_else(|| {
                    node.get("additionalProperties")
                        .filter(|rest| rest.is_object())
                }),
        })
}

/// What a key or table says of a machine.
pub(super) fn meaning(path: &str) -> &'static str {
    node(path).map_or("", description)
}

/// The description of a part of the schema.
pub(super) fn description(node: &Value) -> &str {
    node.get("description")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The keys that may stand in the table `path`, in alphabetical order.
pub(super) fn keys_of(path: &str) -> Vec<String> {
    let properties = node(path).and_then(|node| node.get("properties")?.as_object());
    properties
        .into_iter()
        .flatten()
        .map(|(key, _)| key.clone())
        .collect()
}

/// What may stand at `path`, in words.
pub(super) fn expected(path: &str) -> String {
    node(path).map_or_else(|| "another value".to_owned(), words)
}

/// The words that a text may be, where only some are allowed.
pub(super) fn allowed(node: &Value) -> Vec<&str> {
    let words = node.get("enum").and_then(Value::as_array);
    words
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn words(node: &Value) -> String {
    let allowed = allowed(node);
    if !allowed.is_empty() {
        return format!("one of {}", allowed.join(", "));
    }
    match node.get("type").and_then(Value::as_str) {
        Some("integer") => "a whole number, 0 or more".to_owned(),
        Some("number") => "a number".to_owned(),
        Some("boolean") => "true or false".to_owned(),
        Some("string") => "a text in quotes".to_owned(),
        Some("array") => {
            let items = node.get("items").map_or_else(String::new, words);
            match node.get("minItems").and_then(Value::as_u64) {
                Some(count) => format!("a list of {count}, each {items}"),
                None => format!("a list, each {items}"),
            }
        }
        Some(_) | None => "a table".to_owned(),
    }
}

fn build() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
    let mut schema = settings
        .into_generator()
        .into_root_schema_for::<RawProfile>()
        .to_value();
    simplify(&mut schema);
    schema["title"] = json!("An accelerator profile of ednas");
    let modes = json!({
        "description": "Variants of the machine: `[modes.NAME]` holds what differs, each table \
                        with a `source` of its own. A profile `P` is asked for as `P:NAME`.",
        "type": "object",
        "additionalProperties": mode(&schema),
    });
    schema["properties"]["modes"] = modes;
    schema
}

/// A mode may give any part of a profile but its name.
fn mode(profile: &Value) -> Value {
    let mut mode = profile.clone();
    if let Some(fields) = mode.as_object_mut() {
        fields.remove("$schema");
        fields.remove("title");
    }
    if let Some(properties) = mode["properties"].as_object_mut() {
        properties.remove("name");
        properties.insert(
            "description".to_owned(),
            json!({ "description": "What the mode is, in one sentence.", "type": "string" }),
        );
    }
    mode["description"] = json!("A variant: any part of the profile, to replace it.");
    make_partial(&mut mode);
    mode
}

/// Nothing is required of tables; entries of lists are replaced whole.
fn make_partial(node: &mut Value) {
    let Some(fields) = node.as_object_mut() else {
        return;
    };
    fields.remove("required");
    let properties = fields.get_mut("properties").and_then(Value::as_object_mut);
    properties
        .into_iter()
        .flatten()
        .for_each(|(_, inner)| make_partial(inner));
}

/// Drops what says nothing in TOML: `null` for keys that are left out, widths of numbers, line
/// breaks of doc comments.
fn simplify(node: &mut Value) {
    if let Some(list) = node.as_array_mut() {
        list.iter_mut().for_each(simplify);
    }
    let Some(fields) = node.as_object_mut() else {
        return;
    };
    for (keyword, inner) in fields.iter_mut() {
        // The members of `properties` are keys of the profile, not words of the schema.
        match (keyword.as_str(), inner.as_object_mut()) {
            ("properties", Some(keys)) => keys.values_mut().for_each(simplify),
            _ => simplify(inner),
        }
    }
    fields.remove("default");
    fields.remove("format");
    if let Some(Value::String(description)) = fields.get_mut("description") {
        *description = description.replace('\n', " ");
    }
    drop_null(fields);
    if let Some(source) = fields
        .get_mut("properties")
        .and_then(|p| p.get_mut("source"))
    {
        let kinds: Vec<&str> = SourceKind::ALL.iter().map(|kind| kind.name()).collect();
        source["pattern"] = json!(format!("^\\s*({})\\s*:\\s*\\S", kinds.join("|")));
    }
}

fn drop_null(fields: &mut Map<String, Value>) {
    if let Some(types) = fields.get_mut("type")
        && let Some([kind, Value::String(null)]) = types.as_array().map(Vec::as_slice)
        && null == "null"
    {
        *types = kind.clone();
    }
    let is_null = |option: &Value| option["type"] == json!("null");
    let Some(options) = fields.get("anyOf").and_then(Value::as_array) else {
        return;
    };
    if let [Value::Object(kept), null] = options.as_slice()
        && is_null(null)
    {
        let kept = kept.clone();
        fields.remove("anyOf");
        for (key, value) in kept {
            fields.entry(key).or_insert(value);
        }
    }
}
