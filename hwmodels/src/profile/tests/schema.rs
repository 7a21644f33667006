//! The schema holds exactly what the reader takes.

use serde_json::{Value, json};

use crate::profile::{KeyKind, Profile, ProfileFile, Setting, keys, names, schema};

/// Where `value` breaks `node`: unknown or missing keys, wrong types, words that are not allowed.
/// As much of JSON Schema as the schema uses; any other word of it is a fault too.
fn faults(value: &Value, node: &Value, path: &str, found: &mut Vec<String>) {
    let fits = match node["type"].as_str().unwrap_or_default() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        _ => false,
    };
    if !fits {
        found.push(format!("{path}: {value} is not {}", node["type"]));
    }
    for (keyword, rule) in node.as_object().unwrap() {
        let holds = match keyword.as_str() {
            "type"
            | "description"
            | "properties"
            | "additionalProperties"
            | "items"
            | "title"
            | "$schema" => true,
            "pattern" => {
                crate::profile::Source::parse(value.as_str().unwrap_or_default()).is_some()
            }
            "minimum" => value.as_f64() >= rule.as_f64(),
            "minItems" => {
                value.as_array().map(Vec::len) >= rule.as_u64().map(|n| usize::try_from(n).unwrap())
            }
            "maxItems" => {
                value.as_array().map(Vec::len) <= rule.as_u64().map(|n| usize::try_from(n).unwrap())
            }
            "enum" => rule.as_array().unwrap().contains(value),
            "required" => rule
                .as_array()
                .unwrap()
                .iter()
                .all(|key| value.get(key.as_str().unwrap()).is_some()),
            _ => false,
        };
        if !holds {
            found.push(format!("{path}: {keyword} {rule}"));
        }
    }
    for (key, inner) in value.as_object().into_iter().flatten() {
        let path = format!("{path}.{key}");
        match (
            node["properties"].get(key),
            node.get("additionalProperties"),
        ) {
            (Some(node), _) => faults(inner, node, &path, found),
            (None, Some(rest)) if rest.is_object() => faults(inner, rest, &path, found),
            (None, _) => found.push(format!("{path}: not allowed")),
        }
    }
    for inner in value.as_array().into_iter().flatten() {
        faults(inner, &node["items"], path, found);
    }
}

fn faults_of(text: &str) -> Vec<String> {
    let file: Value = toml::from_str(text).unwrap();
    let mut found = Vec::new();
    faults(&file, schema(), "", &mut found);
    found
}

#[test]
fn shipped_profiles_keep_to_the_schema() {
    for name in names() {
        let file = ProfileFile::named(name).unwrap();
        assert_eq!(faults_of(file.text()), Vec::<String>::new(), "{name}");
        let written = file.base().unwrap().raw().to_toml();
        assert_eq!(faults_of(&written), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn what_the_reader_refuses_breaks_the_schema() {
    let coral = ProfileFile::named("coral-edgetpu").unwrap().text();
    for (from, to) in [
        ("tiles", "tiles"),
        ("mhz = 294.94", "mgz = 294.94"),
        ("mhz = 294.94", "mhz = 294.94\nmgz = 1"),
        ("px = 16", "px = -16"),
        ("px = 16", "px = \"16\""),
        ("kind = \"dot\"", "kind = \"dots\""),
        ("source = \"datasheet:", "source = \"sheet:"),
        ("[link]", "[lnik]"),
        ("name = \"coral-edgetpu\"\n", ""),
    ] {
        let text = coral.replacen(from, to, 1);
        assert_eq!(faults_of(&text).is_empty(), from == to, "{to}");
        assert_eq!(Profile::parse(&text, "my.toml").is_ok(), from == to, "{to}");
    }
    let mode = coral.replace("input_mb_per_s = 30.914", "inputs_mb_per_s = 30.914");
    assert_eq!(faults_of(&mode).len(), 1);
}

/// Every table refuses unknown keys, and every key has its meaning.
#[test]
fn tables_are_closed_and_keys_have_descriptions() {
    fn walk(node: &Value, path: &str) {
        if node["type"] == json!("object") {
            assert!(node.get("additionalProperties").is_some(), "{path} is open");
        }
        assert!(
            node["description"].is_string() || path.ends_with(']') || path.ends_with('*'),
            "{path}"
        );
        for (key, inner) in node["properties"].as_object().into_iter().flatten() {
            walk(inner, &format!("{path}.{key}"));
        }
        if let Some(items) = node
            .get("items")
            .filter(|items| items["type"] == json!("object"))
        {
            walk(items, &format!("{path}[]"));
        }
        if node["additionalProperties"].is_object() {
            walk(&node["additionalProperties"], &format!("{path}.*"));
        }
    }
    walk(schema(), "");
}

/// A machine with keys that the shipped ones lack.
const BY_OUTPUT: &str = r#"name = "os"
description = "A test."
clock = { source = "assumed: a test", mhz = 1.0 }

[array]
source = "assumed: a test"
kind = "systolic"
rows = 4
cols = 4
dataflow = "os"
edges = "full"
fill = "per-fold"
"#;

/// The words that the schema allows are those that the check knows.
#[test]
fn words_are_those_of_the_check() {
    let shipped = names().map(|name| Profile::named(name).unwrap());
    let mut machines: Vec<Profile> = shipped.collect();
    machines.push(Profile::parse(BY_OUTPUT, "os.toml").unwrap());
    let wrong = Setting::Word("?".to_owned());
    for key in keys() {
        let KeyKind::Word(words) = &key.kind else {
            continue;
        };
        let expected = format!("expected one of {}", words.join(", "));
        let refused = machines.iter().filter_map(|machine| {
            let change = [(key.name.as_str(), &wrong)];
            machine.varied(&change, "assumed: a test").err()
        });
        let refused: Vec<String> = refused.map(|error| error.to_string()).collect();
        assert!(
            refused.iter().any(|e| e.ends_with(&expected)),
            "{}: {refused:?}",
            key.name
        );
    }
}
