//! Places in a file, as errors show them.

use std::fmt;
use std::ops::Range;

/// Characters of a line that an excerpt shows at most.
const EXCERPT: usize = 100;

/// Where something stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, or whatever the text came from.
    pub origin: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The whole line.
    pub text: String,
    /// Characters of that line which are meant, at least 1.
    pub length: usize,
}

impl Place {
    /// The place of the bytes `span` of `text`; of its first line only, where there are several.
    #[must_use]
    pub fn new(origin: &str, text: &str, span: Range<usize>) -> Place {
        let start = span.start.min(text.len());
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let end = span
            .end
            .clamp(start, line_start + line.len().max(start - line_start));
        Place {
            origin: origin.to_owned(),
            line: before.matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            text: line.to_owned(),
            length: text
                .get(start..end)
                .map_or(1, |meant| meant.chars().count().max(1)),
        }
    }

    /// The line under its number, and a caret under what is meant; begins with a line break.
    #[must_use]
    pub fn excerpt(&self) -> String {
        let margin = " ".repeat(self.line.to_string().len());
        // A long line is cut so that what is meant stays in sight.
        let skipped = (self.column + 20).saturating_sub(EXCERPT);
        let shown: String = self.text.chars().skip(skipped).take(EXCERPT).collect();
        let shown = shown.replace('\t', " ");
        let indent = " ".repeat(self.column - 1 - skipped);
        let room = EXCERPT.saturating_sub(indent.len()).max(1);
        let caret = "^".repeat(self.length.min(room));
        format!(
            "\n{margin} |\n{} | {}\n{margin} | {indent}{caret}",
            self.line,
            shown.trim_end()
        )
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.origin, self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_from_one() {
        let text = "é = 1\nkey = \"ü\"  # why\n";
        let at = text.find("\"ü\"").unwrap();
        let place = Place::new("my.toml", text, at..at + 4);
        assert_eq!(place.to_string(), "my.toml:2:7");
        assert_eq!(
            place.excerpt(),
            "\n  |\n2 | key = \"ü\"  # why\n  |       ^^^"
        );
        let end = Place::new("my.toml", text, text.len()..text.len());
        assert_eq!((end.line, end.column, end.length), (3, 1, 1));
        let all = Place::new("my.toml", text, 0..text.len());
        assert_eq!((all.line, all.column, all.length), (1, 1, 5));
    }

    #[test]
    fn long_lines_show_what_is_meant() {
        let text = format!("{}key = 1", " ".repeat(300));
        let place = Place::new("my.toml", &text, 300..303);
        let excerpt = place.excerpt();
        let lines: Vec<&str> = excerpt.lines().collect();
        let caret = lines[3].find('^').unwrap();
        assert_eq!(&lines[2][caret..caret + 3], "key");
        assert!(lines[2].len() <= EXCERPT + 4);
    }
}
