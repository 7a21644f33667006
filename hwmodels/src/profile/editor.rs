//! A profile's text with numbers that can be changed; comments and order stay.
//!
//! `[calibration]` says which numbers are free. A free key that modes set is a number of its own in
//! each of them. `throughput.CLASS` stands for the highest rate of its table, and the other rates
//! keep their share of it; `throughput.CLASS[N]` for its entry `N`, from 0, alone.

use toml_edit::{DocumentMut, Item, TableLike, Value};

use super::document::{Origin, join};
use super::keys::{KeyKind, key};
use super::{ProfileError, ProfileFile, schema};
use crate::units::{float, round, significant};

/// A profile's text that is being changed.
#[derive(Clone, Debug)]
pub struct Editor {
    document: DocumentMut,
}

/// A number that measurements may change.
#[derive(Clone, Debug, PartialEq)]
pub struct FreeNumber {
    /// The mode that it belongs to; nothing where it is the machine's own.
    pub mode: Option<String>,
    /// `table.key`, or `throughput.CLASS` for the highest rate of a table, or `throughput.CLASS[N]`.
    pub key: String,
    /// What the text says.
    pub value: f64,
    /// The least and the most it can be, both above 0.
    pub bounds: [f64; 2],
    /// Whether it is a whole number.
    pub is_whole: bool,
}

impl FreeNumber {
    /// Where it is in the file, `modes.MODE.table.key`.
    #[must_use]
    pub fn path(&self) -> String {
        match &self.mode {
            Some(mode) => join(&join("modes", mode), &self.key),
            None => self.key.clone(),
        }
    }

    /// The table that it stands in, as a path.
    fn table(&self) -> String {
        let path = self.path();
        match (self.is_rate(), path.rsplit_once('.')) {
            (false, Some((table, _))) => table.to_owned(),
            (true, _) | (_, None) => split_index(&path).0.to_owned(),
        }
    }

    fn is_rate(&self) -> bool {
        self.key.starts_with("throughput.")
    }
}

impl Editor {
    /// The text of a profile; `name` is what it is called, for errors.
    ///
    /// # Errors
    /// A text that is no profile.
    pub fn parse(text: &str, name: &str) -> Result<Editor, ProfileError> {
        ProfileFile::parse(text, name)?.base()?;
        let document = text.parse::<DocumentMut>();
        let document = document.map_err(|error| ProfileError::Syntax {
            place: Origin { name, text }.place(error.span().unwrap_or(0..0)),
            message: error.message().to_owned(),
        })?;
        Ok(Editor { document })
    }

    /// The text as it is now.
    #[must_use]
    pub fn text(&self) -> String {
        self.document.to_string()
    }

    /// The numbers that are free, those of the machine first, then mode by mode in the order of the
    /// file.
    ///
    /// # Errors
    /// A key that no profile has or that is no number, a machine that lacks it, a value outside its
    /// bounds.
    pub fn free(&self) -> Result<Vec<FreeNumber>, ProfileError> {
        let mut numbers = Vec::new();
        let Some(free) = self.item("calibration.free").and_then(Item::as_table_like) else {
            return Ok(numbers);
        };
        let modes = self.item("modes").and_then(Item::as_table_like);
        let modes = modes.into_iter().flat_map(TableLike::iter);
        let modes: Vec<Option<&str>> = [None]
            .into_iter()
            .chain(modes.map(|(name, _)| Some(name)))
            .collect();
        for mode in modes {
            for (key, bounds) in free.iter() {
                let bounds = numbers_of(bounds).unwrap_or_default();
                numbers.extend(self.number(mode, key, bounds)?);
            }
        }
        Ok(numbers)
    }

    /// Gives `number` the value `to`, to five digits or whole.
    pub fn set(&mut self, number: &FreeNumber, to: f64) {
        if number.is_rate() {
            self.set_rates(&number.path(), to);
            return;
        }
        let value = if number.is_whole {
            Value::from(i64::try_from(round(to)).unwrap_or(i64::MAX))
        } else {
            Value::from(significant(to, 5))
        };
        if let Some(Item::Value(old)) = self.item_mut(&number.path()) {
            replace(old, value);
        }
    }

    /// Sets one rate of a table, or its highest and the others with it.
    fn set_rates(&mut self, path: &str, to: f64) {
        let (table, index) = split_index(path);
        let mut rates = self.rates(table);
        let old: Vec<f64> = rates.iter().filter_map(|rate| value_of(rate)).collect();
        let highest = old.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        for (at, (rate, old)) in rates.iter_mut().zip(old).enumerate() {
            let new = match index {
                Some(index) if index == at => to,
                Some(_) => continue,
                None => old * to / highest,
            };
            replace(rate, Value::from(significant(new, 5)));
        }
    }

    /// The table whose `source` is that of `number`: its own or, where that has none, the one around.
    #[must_use]
    pub fn sourced_table(&self, number: &FreeNumber) -> String {
        let mut table = number.table();
        while self.source(&table).is_none()
            && let Some((outer, _)) = table.rsplit_once('.')
        {
            table = outer.to_owned();
        }
        table
    }

    /// Where the numbers of `table`, a path, come from; nothing where it does not say.
    #[must_use]
    pub fn source(&self, table: &str) -> Option<&str> {
        self.item(&join(table, "source"))?.as_str()
    }

    /// Says where the numbers of `table` come from.
    pub fn set_source(&mut self, table: &str, source: &str) {
        if let Some(Item::Value(old)) = self.item_mut(&join(table, "source")) {
            replace(old, Value::from(source));
        }
    }

    /// The number that `key` is in `mode`; nothing where a mode does not set it.
    fn number(
        &self,
        mode: Option<&str>,
        name: &str,
        bounds: [f64; 2],
    ) -> Result<Option<FreeNumber>, ProfileError> {
        let mut number = FreeNumber {
            mode: mode.map(str::to_owned),
            key: name.to_owned(),
            value: 0.0,
            bounds,
            is_whole: false,
        };
        let (table, index) = split_index(name);
        let is_table = number.is_rate() && schema::node(table).is_some();
        if !is_table {
            number.is_whole = match key(name)?.kind {
                KeyKind::Whole => true,
                KeyKind::Number => false,
                KeyKind::Switch | KeyKind::Word(_) => {
                    return Err(refuse(name, "no number", "a key that holds a number"));
                }
            };
        }
        let path = number.path();
        let value = if is_table {
            let rates = self
                .item(split_index(&path).0)
                .map(rates_of)
                .unwrap_or_default();
            match index {
                Some(index) => rates.get(index).copied(),
                None => rates.into_iter().reduce(f64::max),
            }
        } else {
            self.item(&path).and_then(float_of)
        };
        let Some(value) = value else {
            return match mode {
                Some(_) => Ok(None),
                None => Err(refuse(name, "missing", "a number that can be fitted")),
            };
        };
        number.value = value;
        let [low, high] = bounds;
        if !(low..=high).contains(&value) {
            let expected = format!("within its calibration.free, {low} to {high}");
            return Err(refuse(&path, &value.to_string(), &expected));
        }
        Ok(Some(number))
    }

    fn item(&self, path: &str) -> Option<&Item> {
        path.split('.')
            .try_fold(self.document.as_item(), |item, step| {
                item.as_table_like()?.get(step)
            })
    }

    fn item_mut(&mut self, path: &str) -> Option<&mut Item> {
        path.split('.')
            .try_fold(self.document.as_item_mut(), |item, step| {
                item.as_table_like_mut()?.get_mut(step)
            })
    }

    /// The rates of a throughput table.
    fn rates(&mut self, path: &str) -> Vec<&mut Value> {
        let Some(entries) = self.item_mut(&join(path, "entries")) else {
            return Vec::new();
        };
        match entries {
            Item::Value(Value::Array(list)) => list
                .iter_mut()
                .filter_map(|entry| entry.as_inline_table_mut()?.get_mut("macs_per_cycle"))
                .collect(),
            Item::ArrayOfTables(list) => list
                .iter_mut()
                .filter_map(|entry| entry.get_mut("macs_per_cycle")?.as_value_mut())
                .collect(),
            Item::Value(_) | Item::Table(_) | Item::None => Vec::new(),
        }
    }
}

/// `path[3]` as `path` and 3.
fn split_index(path: &str) -> (&str, Option<usize>) {
    let split = || {
        let (table, index) = path.strip_suffix(']')?.split_once('[')?;
        Some((table, Some(index.parse().ok()?)))
    };
    split().unwrap_or((path, None))
}

/// Puts `new` where `old` is, comments around it kept.
fn replace(old: &mut Value, new: Value) {
    let around = old.decor().clone();
    *old = new;
    *old.decor_mut() = around;
}

fn rates_of(table: &Item) -> Vec<f64> {
    let rate = |entry: &dyn TableLike| entry.get("macs_per_cycle").and_then(float_of);
    match table.get("entries") {
        Some(Item::Value(Value::Array(list))) => list
            .iter()
            .filter_map(|entry| rate(entry.as_inline_table()?))
            .collect(),
        Some(Item::ArrayOfTables(list)) => list.iter().filter_map(|entry| rate(entry)).collect(),
        Some(Item::Value(_) | Item::Table(_) | Item::None) | None => Vec::new(),
    }
}

fn numbers_of(bounds: &Item) -> Option<[f64; 2]> {
    let list = bounds.as_array()?;
    Some([value_of(list.get(0)?)?, value_of(list.get(1)?)?])
}

fn float_of(item: &Item) -> Option<f64> {
    value_of(item.as_value()?)
}

fn value_of(value: &Value) -> Option<f64> {
    let whole = value
        .as_integer()
        .and_then(|whole| u64::try_from(whole).ok());
    value.as_float().or_else(|| whole.map(float))
}

fn refuse(field: &str, found: &str, expected: &str) -> ProfileError {
    ProfileError::Value {
        place: None,
        field: field.to_owned(),
        found: found.to_owned(),
        expected: expected.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    const TEXT: &str = r#"name = "mine"
description = "A test."
clock = { source = "assumed: a test", mhz = 1.0 }
vector = { source = "assumed: a test", bytes_per_cycle = 4.0 } # of both ports

[memory]
wide = { source = "assumed: a test", bytes = 512 }
narrow = { source = "assumed: a test", bytes = 512 }

[link]
source = "assumed: a test"
input_mb_per_s = 300 # as bought
parameters_mb_per_s = 2.0
output_mb_per_s = 1.0
transfer_us = 3.0

[throughput.conv]
source = "assumed: a test"
entries = [{ in_c = 1, macs_per_cycle = 8.0 }, { in_c = 2, macs_per_cycle = 12.0 }]

[modes.slow]
link = { source = "assumed: a test", input_mb_per_s = 40.0 }

[calibration.free]
"link.input_mb_per_s" = [10.0, 400.0]
"throughput.conv" = [1.0, 20.0]
"throughput.conv[0]" = [1.0, 20.0]
"memory.wide.bytes" = [1, 1024]
"#;

    #[test]
    fn numbers_change_and_comments_stay() {
        let mut editor = Editor::parse(TEXT, "mine.toml").unwrap();
        let free = editor.free().unwrap();
        let told: Vec<(String, f64)> = free.iter().map(|n| (n.path(), n.value)).collect();
        let expected = [
            ("link.input_mb_per_s", 300.0),
            ("throughput.conv", 12.0),
            ("throughput.conv[0]", 8.0),
            ("memory.wide.bytes", 512.0),
            ("modes.slow.link.input_mb_per_s", 40.0),
        ];
        assert_eq!(told, expected.map(|(path, value)| (path.to_owned(), value)));
        assert_eq!(free[4].table(), "modes.slow.link");
        assert_eq!(free[2].table(), "throughput.conv");
        assert_eq!(free[1].table(), "throughput.conv");
        for number in free
            .iter()
            .filter(|number| number.key != "throughput.conv[0]")
        {
            editor.set(number, number.value * 1.000_001 / 3.0);
        }
        editor.set_source("modes.slow.link", "fitted: a test");
        assert_eq!(editor.source("modes.slow.link"), Some("fitted: a test"));
        let changed: Vec<String> = (editor.text().lines())
            .filter(|line| !TEXT.contains(*line))
            .map(str::to_owned)
            .collect();
        expect![[r#"
            wide = { source = "assumed: a test", bytes = 171 }
            input_mb_per_s = 100.0 # as bought
            entries = [{ in_c = 1, macs_per_cycle = 2.6667 }, { in_c = 2, macs_per_cycle = 4.0 }]
            link = { source = "fitted: a test", input_mb_per_s = 13.333 }"#]]
        .assert_eq(&changed.join("\n"));
        editor.set(&free[2], 7.0);
        let entries =
            "entries = [{ in_c = 1, macs_per_cycle = 7.0 }, { in_c = 2, macs_per_cycle = 4.0 }]";
        assert!(editor.text().contains(entries), "{}", editor.text());
    }

    #[test]
    fn impossible_bounds_are_refused() {
        let refused = |old: &str, new: &str| {
            let text = TEXT.replace(old, new);
            let editor = Editor::parse(&text, "mine.toml");
            editor
                .and_then(|editor| editor.free())
                .unwrap_err()
                .to_string()
        };
        let outside = refused("[10.0, 400.0]", "[10.0, 200.0]");
        assert_eq!(
            outside,
            "link.input_mb_per_s is 300; expected within its calibration.free, 10 to 200"
        );
        let reversed = refused("[10.0, 400.0]", "[400.0, 10.0]");
        assert!(
            reversed.contains("the least above 0 and below the most"),
            "{reversed}"
        );
        let unknown = refused("\"link.input_mb_per_s\" =", "\"link.input_mb\" =");
        assert!(unknown.contains("link.input_mb_per_s"), "{unknown}");
        let word = refused("\"link.input_mb_per_s\" =", "\"array.kind\" =");
        assert!(word.contains("a key that holds a number"), "{word}");
        let absent = refused("\"link.input_mb_per_s\" =", "\"host.mb_per_s\" =");
        assert!(absent.contains("host.mb_per_s is missing"), "{absent}");
    }
}
