//! A profile to start from: a machine's values, with the meaning of every key beside them.

use std::fmt::Write;

use serde_json::Value;
use toml::Table;

use super::document::join;
use super::raw::RawProfile;
use super::schema::{allowed, description, meaning, node, schema};

/// Characters of a comment line at most.
const WIDTH: usize = 96;

/// A file for a machine called `name`, with the values and sources of `base`: every key has its
/// meaning and unit as a comment, keys and tables that `base` lacks are there as comments, and a
/// header says what to do next.
#[must_use]
pub fn starter(name: &str, base: &RawProfile) -> String {
    let raw = RawProfile {
        name: name.to_owned(),
        ..base.clone()
    };
    let text = raw.to_toml();
    let mut starter = Starter {
        out: header(name, &base.name),
        present: toml::from_str(&text).unwrap_or_default(),
        table: String::new(),
        described: Vec::new(),
    };
    text.lines().for_each(|line| starter.line(line));
    starter.absent_keys();
    starter.absent_tables(schema(), "");
    starter.mode(name, &raw);
    starter.out
}

fn header(name: &str, base: &str) -> String {
    format!(
        "# An accelerator profile, begun from `{base}`: all values below are those of `{base}`.\n\
         #\n\
         # 1. Say in `description` which machine this is, and in which state.\n\
         # 2. Go through the tables. Replace each value by your machine's, and each `source` by where\n\
         #    the new numbers come from: \"datasheet: ...\", \"paper: ...\", \"measured: ...\",\n\
         #    \"fitted: ...\" or \"assumed: ...\". What is assumed is named in every estimate.\n\
         #    A table that your machine does not have is deleted; one that says `#` may be added.\n\
         # 3. ednas profile check {name}.toml\n\
         # 4. ednas profile diff {base} {name}.toml\n\
         # 5. ednas estimate mt-edge --profile {name}.toml\n\n"
    )
}

struct Starter {
    out: String,
    /// The values of the base.
    present: Table,
    /// The table that is being written.
    table: String,
    /// Keys and tables that have had their comment; entries of lists get it once.
    described: Vec<String>,
}

impl Starter {
    /// Copies a line of the base, with the comment that belongs before it.
    fn line(&mut self, line: &str) {
        if let Some(table) = line.strip_prefix('[') {
            self.absent_keys();
            self.table = table.trim_matches(['[', ']']).to_owned();
            self.blank();
            self.describe(&self.table.clone());
        } else if let Some((key, _)) = line.split_once(" = ") {
            self.describe(&join(&self.table, key));
        }
        if !line.is_empty() {
            self.out.push_str(line);
            self.out.push('\n');
        }
    }

    /// The meaning of `path`, the first time it comes up.
    fn describe(&mut self, path: &str) {
        let is_new = !self.described.iter().any(|known| known == path);
        if is_new && !path.ends_with(".source") {
            self.described.push(path.to_owned());
            let path = self.in_schema(path);
            self.comment(meaning(&path));
        }
    }

    /// What the keys of the table that was written last could still say.
    fn absent_keys(&mut self) {
        let path = self.in_schema(&self.table);
        let table = self.table.clone();
        for (key, node) in node(&path).into_iter().flat_map(values) {
            let path = join(&table, key);
            if !self.described.contains(&path) && key != "source" {
                self.described.push(path);
                self.absent_key(key, node);
            }
        }
    }

    /// The tables that the base lacks, as comments.
    fn absent_tables(&mut self, node: &Value, path: &str) {
        for (key, inner) in properties(node) {
            let path = join(path, key);
            if path == "modes" || !(is_table(inner) || is_list_of_tables(inner)) {
                continue;
            }
            if !self.has(&path) {
                self.absent_table(inner, &path);
            }
            self.absent_tables(inner, &path);
        }
    }

    fn absent_table(&mut self, node: &Value, path: &str) {
        self.blank();
        self.comment(description(node));
        let keys: Vec<(&String, &Value)> = if is_list_of_tables(node) {
            self.comment(&format!("[[{path}]]"));
            node.get("items").into_iter().flat_map(values).collect()
        } else {
            self.comment(&format!("[{path}]"));
            values(node).collect()
        };
        if keys.iter().any(|(key, _)| *key == "source") {
            self.comment("source = \"assumed: \"");
        }
        for (key, node) in keys.into_iter().filter(|(key, _)| *key != "source") {
            self.absent_key(key, node);
        }
    }

    fn absent_key(&mut self, key: &str, node: &Value) {
        self.comment(description(node));
        self.comment(&format!("{key} = {}", sample(node)));
    }

    fn mode(&mut self, name: &str, raw: &RawProfile) {
        self.blank();
        self.comment(&format!(
            "Variants of the machine: the tables of a mode are laid over those above, key by key. \
             With this one, `--profile {name}.toml:slow` is the same machine at half the clock."
        ));
        self.comment("[modes.slow]");
        self.comment("description = \"Half the clock.\"");
        self.comment("[modes.slow.clock]");
        self.comment("source = \"assumed: an example\"");
        self.comment(&format!("mhz = {:?}", raw.clock.mhz / 2.0));
    }

    fn has(&self, path: &str) -> bool {
        let mut table = Some(&self.present);
        path.split('.').all(|step| {
            let value = table.and_then(|table| table.get(step));
            table = value.and_then(toml::Value::as_table);
            value.is_some()
        })
    }

    /// `path` with an index where it goes through a list of tables, as the schema wants it.
    fn in_schema(&self, path: &str) -> String {
        let mut known = String::new();
        for step in path.split('.') {
            known = join(&known, step);
            if node(&known).is_some_and(|node| node["type"] == "array") && known != path {
                known.push_str("[0]");
            }
        }
        match node(&known) {
            Some(list) if list["type"] == "array" && path == self.table => format!("{known}[0]"),
            Some(_) | None => known,
        }
    }

    fn blank(&mut self) {
        if !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// `text` as comment lines; what is laid out already stays as it is.
    fn comment(&mut self, text: &str) {
        let mut line = String::new();
        for word in text.split_whitespace() {
            if !line.is_empty() && line.len() + word.len() >= WIDTH {
                self.push_comment(&line);
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if !line.is_empty() {
            self.push_comment(&line);
        }
    }

    fn push_comment(&mut self, line: &str) {
        writeln!(self.out, "# {line}").expect("a string takes every text");
    }
}

fn properties(node: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let properties = node.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten()
}

/// The keys of a table that hold a value, or a list of values.
fn values(node: &Value) -> impl Iterator<Item = (&String, &Value)> {
    properties(node).filter(|(_, inner)| !is_table(inner) && !is_list_of_tables(inner))
}

fn is_table(node: &Value) -> bool {
    node["type"] == "object"
}

fn is_list_of_tables(node: &Value) -> bool {
    node.get("items").is_some_and(is_table)
}

/// A value of the right type.
fn sample(node: &Value) -> String {
    let words = allowed(node);
    match (words.first(), node["type"].as_str()) {
        (Some(word), _) => format!("\"{word}\""),
        (None, Some("integer")) => "0".to_owned(),
        (None, Some("number")) => "0.0".to_owned(),
        (None, Some("boolean")) => "false".to_owned(),
        (None, Some("array")) => "[]".to_owned(),
        (None, Some(_) | None) => "\"\"".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Profile, keys, names};

    #[test]
    fn starters_are_the_machine_they_begin_with() {
        for name in names() {
            let base = Profile::named(name).unwrap();
            let text = starter("mine", base.raw());
            let mine = Profile::parse(&text, "mine.toml").unwrap();
            let raw = RawProfile {
                name: name.to_owned(),
                ..mine.raw().clone()
            };
            assert_eq!(raw, *base.raw());
        }
    }

    #[test]
    fn every_key_is_there_with_its_meaning() {
        for name in names() {
            let text = starter("mine", Profile::named(name).unwrap().raw());
            assert!(text.lines().all(|line| line.len() < 1000), "{name}");
            for key in keys().iter().filter(|key| !key.name.contains('*')) {
                let last = key.name.rsplit('.').next().unwrap();
                let given = text.lines().any(|line| {
                    let line = line.trim_start_matches("# ");
                    line.starts_with(&format!("{last} = "))
                });
                assert!(given, "{name}: {}", key.name);
            }
        }
    }

    /// Taking the comment marks off gives TOML with known keys only.
    #[test]
    fn what_is_commented_out_can_be_switched_on() {
        let text = starter("mine", Profile::named("systolic-32x32-ws").unwrap().raw());
        let switched_on: Vec<&str> = text
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(key) if key.starts_with('[') || key.contains(" = ") => key,
                Some(_) | None => line,
            })
            .collect();
        let text = switched_on.join("\n");
        let file = toml::from_str::<Table>(&text).unwrap();
        assert!(file.contains_key("storage"), "{text}");
        assert!(file["modes"].as_table().unwrap().contains_key("slow"));
    }
}
