//! What a data set holds: the record of `ednas data show` and its table.

mod check;

use std::collections::BTreeMap;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

pub use check::CheckRecord;

use crate::data::{Dataset, Sample, Split, VOID};

/// `ednas.data/1`: the splits of a data set, and how often each class occurs in some samples.
#[derive(Clone, Debug, Serialize)]
pub struct DataRecord {
    /// `ednas.data/1`.
    pub schema: &'static str,
    /// The data set.
    pub name: String,
    /// Samples in each split.
    pub splits: BTreeMap<&'static str, usize>,
    /// The split that was looked at.
    pub split: &'static str,
    /// How many of its samples were looked at.
    pub samples: usize,
    /// Height and width in pixels.
    pub size: [usize; 2],
    /// Every class and void, in the order of the ids.
    pub classes: Vec<ClassRecord>,
}

/// How often a class occurs.
#[derive(Clone, Debug, Serialize)]
pub struct ClassRecord {
    /// The class, or `void`.
    pub name: String,
    /// Its label.
    pub id: u8,
    /// Its share of all pixels, 0 to 1.
    pub pixel_share: f64,
    /// How many of the samples show it.
    pub samples: usize,
}

impl DataRecord {
    /// Counts the classes of `samples`, which are of `split` of the data set `name`.
    #[must_use]
    pub fn new(name: &str, data: &Dataset, split: Split, samples: &[Sample]) -> Self {
        let names = data.contents().classes.names();
        let classes = names.zip(0..VOID).chain([("void", VOID)]);
        Self {
            schema: "ednas.data/1",
            name: name.to_owned(),
            splits: Split::ALL.map(|s| (s.name(), data.len(s))).into(),
            split: split.name(),
            samples: samples.len(),
            size: samples.first().map_or([0; 2], |s| [s.height, s.width]),
            classes: classes
                .map(|(name, id)| ClassRecord::new(name, id, samples))
                .collect(),
        }
    }

    /// The record as text for people.
    #[must_use]
    pub fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(["class", "id", "% of pixels", "in samples"]);
        for class in &self.classes {
            table.add_row([
                class.name.clone(),
                class.id.to_string(),
                format!("{:.2}", 100.0 * class.pixel_share),
                class.samples.to_string(),
            ]);
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let splits: Vec<String> = self
            .splits
            .iter()
            .map(|(split, samples)| format!("{split} {samples}"))
            .collect();
        let [height, width] = self.size;
        format!(
            "{}: {} samples; of {}, {} samples at {height}x{width} hold\n\n{table}\n",
            self.name,
            splits.join(", "),
            self.split,
            self.samples,
        )
    }
}

impl ClassRecord {
    fn new(name: &str, id: u8, samples: &[Sample]) -> Self {
        let all: usize = samples.iter().map(|s| s.label.len()).sum();
        let own = samples
            .iter()
            .flat_map(|s| &s.label)
            .filter(|&&label| label == id)
            .count();
        Self {
            name: name.to_owned(),
            id,
            pixel_share: if all == 0 {
                0.0
            } else {
                own as f64 / all as f64
            },
            samples: samples.iter().filter(|s| s.label.contains(&id)).count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_the_table_shows_them() {
        let data = Dataset::open("scenes", 32, 64, 0).unwrap();
        let samples = data.samples(Split::Validation, &[0, 1, 2]).unwrap();
        let record = DataRecord::new("scenes", &data, Split::Validation, &samples);
        let total: f64 = record.classes.iter().map(|c| c.pixel_share).sum();
        assert!((total - 1.0).abs() < 1e-9, "{total}");
        assert_eq!((record.classes.len(), record.classes[0].samples), (20, 3));
        let text = record.table();
        let head = "scenes: calibration 128, test 500, train 2975, val 500 samples; of val, 3 samples at 32x64";
        assert!(text.starts_with(head), "{text}");
        assert!(text.contains("traffic light"));
    }
}
