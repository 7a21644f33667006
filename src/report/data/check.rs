//! Whether a data set is whole: the record of `ednas data check` and its text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::data::check::{Checked, Tally};
use crate::data::{Contents, Split};
use crate::task::Task;

/// Problems and warnings of a split that the text has in full.
const SHOWN: usize = 20;

/// `ednas.data-check/1`: what is wrong with a data set, and what it holds.
#[derive(Clone, Debug, Serialize)]
pub struct CheckRecord {
    /// `ednas.data-check/1`.
    pub schema: &'static str,
    /// The data set.
    pub name: String,
    /// What it has labels for.
    pub tasks: Vec<Task>,
    /// The unit of its depth.
    pub depth_unit: String,
    /// What was found in each split.
    pub splits: BTreeMap<&'static str, SplitRecord>,
}

/// What was found in a split.
#[derive(Clone, Debug, Serialize)]
pub struct SplitRecord {
    /// Samples that were read.
    pub samples: usize,
    /// Files that cannot be used: which, what is wrong, what to do.
    pub problems: Vec<String>,
    /// What is hardly meant, though it can be used.
    pub warnings: Vec<String>,
    /// Heights and widths that occur.
    pub sizes: Vec<[usize; 2]>,
    /// The share of the labeled pixels that each class has, 0 to 1.
    pub classes: Vec<ShareRecord>,
    /// The share of pixels without a class, 0 to 1; absent without segmentation.
    pub ignored: Option<f64>,
    /// The share of pixels with depth; absent without that task.
    pub depth: Option<f64>,
    /// The smallest and the largest depth.
    pub depth_range: Option<[f32; 2]>,
    /// The share of pixels with a normal; absent without that task.
    pub normals: Option<f64>,
}

/// How often a class occurs.
#[derive(Clone, Debug, Serialize)]
pub struct ShareRecord {
    /// The class.
    pub name: String,
    /// Its share of the labeled pixels, 0 to 1.
    pub share: f64,
    /// How many samples show it.
    pub samples: usize,
}

impl CheckRecord {
    /// What was `found` in the splits of the data set `name`.
    #[must_use]
    pub fn new(name: &str, contents: &Contents, found: &[(Split, Checked)]) -> Self {
        let splits = found.iter();
        let splits = splits.map(|(split, found)| (split.name(), SplitRecord::new(contents, found)));
        Self {
            schema: "ednas.data-check/1",
            name: name.to_owned(),
            tasks: contents.tasks.clone(),
            depth_unit: contents.depth.to_string(),
            splits: splits.collect(),
        }
    }

    /// Samples that cannot be used.
    #[must_use]
    pub fn problems(&self) -> usize {
        self.splits.values().map(|split| split.problems.len()).sum()
    }

    /// The record as text for people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let tasks: Vec<&str> = self.tasks.iter().map(|task| task.name()).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}: labels of {}", self.name, tasks.join(", "));
        for (name, split) in &self.splits {
            let _ = write!(text, "\n{name}: {} samples", split.samples);
            let _ = match &split.sizes[..] {
                [] => writeln!(text),
                [[height, width]] => writeln!(text, " of {height}x{width}"),
                sizes => writeln!(text, " of {} sizes", sizes.len()),
            };
            split.write(&mut text, &self.depth_unit);
        }
        let verdict = match self.problems() {
            0 => "nothing stands in the way of training".to_owned(),
            problems => format!("{problems} samples cannot be used"),
        };
        let _ = writeln!(text, "\n{verdict}");
        text
    }
}

impl SplitRecord {
    fn new(contents: &Contents, found: &Checked) -> Self {
        let tally = &found.tally;
        let share = |task, count: u64| {
            let there = contents.tasks.contains(&task) && tally.pixels > 0;
            there.then(|| count as f64 / tally.pixels as f64)
        };
        Self {
            samples: found.samples,
            problems: found.problems.clone(),
            warnings: found.warnings.clone(),
            sizes: tally.sizes.clone(),
            classes: shares(contents, tally),
            ignored: share(Task::Segmentation, tally.void),
            depth: share(Task::Depth, tally.depth),
            depth_range: tally.depth_range,
            normals: share(Task::Normals, tally.normals),
        }
    }

    fn write(&self, text: &mut String, unit: &str) {
        if self.samples == 0 {
            return;
        }
        for class in &self.classes {
            let share = 100.0 * class.share;
            let _ = writeln!(
                text,
                "  {:<16} {share:6.2} % of labeled pixels, in {} samples",
                class.name, class.samples
            );
        }
        let lines = [
            ("no class", self.ignored),
            ("depth", self.depth),
            ("normals", self.normals),
        ];
        for (what, share) in lines {
            let Some(share) = share else {
                continue;
            };
            let range = match (what, self.depth_range) {
                ("depth", Some([low, high])) => format!(", {low} to {high}, {unit}"),
                _ => String::new(),
            };
            let _ = writeln!(
                text,
                "  {what:<16} {:6.2} % of pixels{range}",
                100.0 * share
            );
        }
        for (word, list) in [("warning", &self.warnings), ("problem", &self.problems)] {
            for line in list.iter().take(SHOWN) {
                let _ = writeln!(text, "  {word}: {line}");
            }
            let more = list.len().saturating_sub(SHOWN);
            if more > 0 {
                let _ = writeln!(text, "  {more} more of this kind; --json has them all");
            }
        }
    }
}

fn shares(contents: &Contents, tally: &Tally) -> Vec<ShareRecord> {
    let labeled: u64 = tally.classes.iter().sum();
    let counts = tally.classes.iter().zip(&tally.shown);
    let classes = contents.classes.names().zip(counts);
    classes
        .filter(|_| contents.tasks.contains(&Task::Segmentation))
        .map(|(name, (&pixels, &samples))| ShareRecord {
            name: name.to_owned(),
            share: if labeled == 0 {
                0.0
            } else {
                pixels as f64 / labeled as f64
            },
            samples,
        })
        .collect()
}
