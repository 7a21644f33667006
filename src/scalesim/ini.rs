//! The INI dialect of SCALE-Sim's configs: Python's `configparser`, with the line of every entry.
//!
//! `[section]`, then `key = value` or `key: value`; keys in any case; a comment is a whole line that
//! begins with `#` or `;`. Values of several lines, which no config of SCALE-Sim has, are refused.
//! No crate that reads INI keeps the lines that our errors name.

use super::ScalesimError;

/// One `key = value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    /// The section it stands in.
    pub(super) section: &'a str,
    /// The key as written.
    pub(super) key: &'a str,
    /// The value, without the blanks around it.
    pub(super) value: &'a str,
    /// Line, from 1.
    pub(super) line: u64,
}

impl Entry<'_> {
    /// Whether it is the entry `key` of `section`.
    pub(super) fn is(&self, section: &str, key: &str) -> bool {
        self.section == section && self.key.eq_ignore_ascii_case(key)
    }
}

/// All entries of `text`, in its order.
///
/// # Errors
/// The first line that is none of the above, or gives a key of its section again.
pub(super) fn entries<'a>(text: &'a str, file: &str) -> Result<Vec<Entry<'a>>, ScalesimError> {
    let mut section = None;
    let mut entries: Vec<Entry<'a>> = Vec::new();
    for (line, text) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let refuse = |fault: String| ScalesimError::Line {
            file: file.to_owned(),
            line,
            fault,
        };
        let text = text.trim();
        if text.is_empty() || text.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
            section = Some(name.trim());
            continue;
        }
        let Some((key, value)) = text.split_once(['=', ':']) else {
            return Err(refuse(format!(
                "`{text}` is neither `[section]` nor `key = value`"
            )));
        };
        let Some(section) = section else {
            return Err(refuse(format!("`{text}` stands before any `[section]`")));
        };
        let entry = Entry {
            section,
            key: key.trim(),
            value: value.trim(),
            line,
        };
        if let Some(first) = entries.iter().find(|e| e.is(section, entry.key)) {
            let (key, first) = (entry.key, first.line);
            return Err(refuse(format!(
                "`{key}` of [{section}] was given on line {first} already"
            )));
        }
        entries.push(entry);
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_configparser_reads() {
        let text =
            "; c\n[general]\r\nrun_name = a = b\n\n[x y]\n  Key: 1 # not a comment\n#\nEmpty =\n";
        let found = entries(text, "f").unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|e| (e.section, e.key, e.value, e.line))
            .collect();
        assert_eq!(
            found,
            [
                ("general", "run_name", "a = b", 3),
                ("x y", "Key", "1 # not a comment", 6),
                ("x y", "Empty", "", 8),
            ]
        );
    }

    #[test]
    fn refuses_with_the_line() {
        let refused = |text| entries(text, "f.cfg").unwrap_err().to_string();
        assert_eq!(
            refused("[a]\nb\n"),
            "f.cfg:2: `b` is neither `[section]` nor `key = value`"
        );
        assert_eq!(
            refused("b = 1\n"),
            "f.cfg:1: `b = 1` stands before any `[section]`"
        );
        assert_eq!(
            refused("[a]\nb = 1\n[c]\nb = 1\n[a]\nB: 1\n"),
            "f.cfg:6: `B` of [a] was given on line 2 already"
        );
    }
}
