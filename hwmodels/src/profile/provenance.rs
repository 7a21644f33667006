//! What every table of a profile rests on.

use super::Profile;
use super::source::Source;

impl Profile {
    /// Every table of the file that has numbers, as `memory.wide`, with its source; in the order
    /// of the names.
    #[must_use]
    pub fn sources(&self) -> Vec<(String, Source)> {
        let mut sources = Vec::new();
        if let Ok(file) = toml::Value::try_from(self.raw()) {
            gather(&file, "", &mut sources);
        }
        sources
    }
}

fn gather(value: &toml::Value, name: &str, sources: &mut Vec<(String, Source)>) {
    for (place, inner) in value.as_array().into_iter().flatten().enumerate() {
        gather(inner, &format!("{name}[{place}]"), sources);
    }
    let Some(table) = value.as_table() else {
        return;
    };
    let source = table.get("source").and_then(toml::Value::as_str);
    sources.extend(source.and_then(Source::parse).map(|s| (name.to_owned(), s)));
    for (key, inner) in table {
        let inner_name = if name.is_empty() {
            key.clone()
        } else {
            format!("{name}.{key}")
        };
        gather(inner, &inner_name, sources);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_line_of_a_file_is_found() {
        for name in crate::profile::names() {
            let profile = Profile::named(name).unwrap();
            let text = profile.raw().to_toml();
            let lines = text.lines().filter(|l| l.starts_with("source = ")).count();
            assert_eq!(profile.sources().len(), lines, "{name}");
        }
        let coral = Profile::named("coral-edgetpu").unwrap();
        let names: Vec<String> = coral.sources().into_iter().map(|s| s.0).collect();
        assert!(names.contains(&"memory.wide".to_owned()), "{names:?}");
    }
}
