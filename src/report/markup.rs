//! HTML and SVG text in which nothing goes unescaped by accident.

/// Markup under construction.
#[derive(Debug, Default)]
pub(super) struct Markup(String);

/// Attribute names and values of an element.
pub(super) type Attributes<'a> = &'a [(&'a str, &'a str)];

impl Markup {
    /// An element around what `inside` adds.
    pub(super) fn within(
        &mut self,
        tag: &str,
        attributes: Attributes,
        inside: impl FnOnce(&mut Self),
    ) {
        self.open(tag, attributes);
        inside(self);
        self.0.push_str("</");
        self.0.push_str(tag);
        self.0.push_str(">\n");
    }

    /// An element around a text.
    pub(super) fn leaf(&mut self, tag: &str, attributes: Attributes, text: &str) {
        self.within(tag, attributes, |m| m.text(text));
    }

    /// An element that has no end tag (`meta`, `img`).
    pub(super) fn empty(&mut self, tag: &str, attributes: Attributes) {
        self.open(tag, attributes);
        self.0.push('\n');
    }

    /// Text, escaped.
    pub(super) fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                _ => self.0.push(c),
            }
        }
    }

    /// Text of our own that is already markup.
    pub(super) fn raw(&mut self, markup: &'static str) {
        self.0.push_str(markup);
    }

    /// A table: headings, and rows of cells. Columns from `numbers_from` on are right-aligned
    /// figures; a row with `true` stands out.
    pub(super) fn table(
        &mut self,
        headings: &[&str],
        numbers_from: usize,
        rows: &[(bool, Vec<String>)],
    ) {
        let class = |column| {
            if column >= numbers_from {
                "number"
            } else {
                "word"
            }
        };
        self.within("div", &[("class", "scroll")], |m| {
            m.within("table", &[], |m| {
                m.within("thead", &[], |m| {
                    m.within("tr", &[], |m| {
                        for (column, heading) in headings.iter().enumerate() {
                            m.leaf("th", &[("class", class(column))], heading);
                        }
                    });
                });
                m.within("tbody", &[], |m| {
                    for (strong, cells) in rows {
                        let row = if *strong { "strong" } else { "plain" };
                        m.within("tr", &[("class", row)], |m| {
                            for (column, cell) in cells.iter().enumerate() {
                                m.leaf("td", &[("class", class(column))], cell);
                            }
                        });
                    }
                });
            });
        });
    }

    /// The finished text.
    pub(super) fn finish(self) -> String {
        self.0
    }

    fn open(&mut self, tag: &str, attributes: Attributes) {
        self.0.push('<');
        self.0.push_str(tag);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            self.text(value);
            self.0.push('"');
        }
        self.0.push('>');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_attributes_are_escaped() {
        let mut m = Markup::default();
        m.leaf("p", &[("title", "\"><script>")], "a < b & 'c'");
        assert_eq!(
            m.finish(),
            "<p title=\"&quot;&gt;&lt;script&gt;\">a &lt; b &amp; &#39;c&#39;</p>\n"
        );
    }
}
