//! What is wrong with a data set, and what it holds: every sample of every split is read once.

use rayon::prelude::*;

use super::classes::VOID;
use super::contents::Contents;
use super::dataset::Dataset;
use super::error::DataError;
use super::sample::Sample;
use super::split::Split;
use crate::task::Task;

/// What was found in the samples of a split.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checked {
    /// Samples that were read, with or without success.
    pub samples: usize,
    /// What stands in the way of training: files that cannot be used.
    pub problems: Vec<String>,
    /// What does not stand in the way, but is hardly meant.
    pub warnings: Vec<String>,
    /// What the samples that could be read hold.
    pub tally: Tally,
}

/// Counts over samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Pixels of all images.
    pub pixels: u64,
    /// Pixels of each class, in the order of the ids.
    pub classes: Vec<u64>,
    /// Samples that show each class.
    pub shown: Vec<usize>,
    /// Pixels of no class.
    pub void: u64,
    /// Pixels with depth.
    pub depth: u64,
    /// The smallest and the largest depth.
    pub depth_range: Option<[f32; 2]>,
    /// Pixels with a normal.
    pub normals: u64,
    /// Heights and widths that occur, sorted.
    pub sizes: Vec<[usize; 2]>,
}

/// Reads the first `count` samples of `split`, all where there are fewer, on all of rayon's threads.
/// `tick` is called after each.
#[must_use]
pub fn check(data: &Dataset, split: Split, count: usize, tick: impl Fn() + Sync) -> Checked {
    let count = count.min(data.len(split));
    let contents = data.contents();
    let read: Vec<(Vec<String>, Result<Tally, DataError>)> = (0..count)
        .into_par_iter()
        .map(|index| {
            let outcome = data.original(split, index);
            let name = data.label(split, index);
            let found = match &outcome {
                Ok(sample) => hardly_meant(sample, contents, &name),
                Err(_) => Vec::new(),
            };
            tick();
            (found, outcome.map(|sample| Tally::of(&sample, contents)))
        })
        .collect();
    let mut checked = Checked {
        samples: count,
        tally: Tally::empty(contents),
        ..Checked::default()
    };
    for (warnings, outcome) in read {
        checked.warnings.extend(warnings);
        match outcome {
            Ok(tally) => checked.tally.add(&tally),
            Err(error) => checked.problems.push(error.to_string()),
        }
    }
    checked.warnings.extend(of_split(&checked, contents, split));
    checked
}

/// What one sample can be used with, but is hardly meant so.
fn hardly_meant(sample: &Sample, contents: &Contents, name: &str) -> Vec<String> {
    let has = |task| contents.tasks.contains(&task);
    let mut warnings = Vec::new();
    if has(Task::Segmentation) && sample.label.iter().all(|&label| label == VOID) {
        warnings.push(format!(
            "{name}: no pixel has a class; it teaches segmentation nothing: check the ignored label"
        ));
    }
    if has(Task::Depth) && sample.depth.iter().all(|&depth| depth == 0.0) {
        warnings.push(format!(
            "{name}: no pixel has depth; it teaches depth nothing: check the unit and the scale"
        ));
    }
    if has(Task::Normals) && sample.normal.iter().all(|&normal| normal == 0.0) {
        warnings.push(format!(
            "{name}: no pixel has a normal; it teaches normals nothing: check the ignored color"
        ));
    }
    if sample.rgb.iter().all(|value| *value == sample.rgb[0]) {
        warnings.push(format!(
            "{name}: every pixel has one color; look at it with `ednas data show`"
        ));
    }
    warnings
}

/// What a split as a whole is hardly meant to be.
fn of_split(checked: &Checked, contents: &Contents, split: Split) -> Vec<String> {
    let mut warnings = Vec::new();
    if split != Split::Train {
        return warnings;
    }
    if checked.samples == 1 {
        warnings.push(
            "train has one sample: a network learns it by heart, and nothing is left to judge it by; \
             add more"
                .to_owned(),
        );
    }
    if !contents.tasks.contains(&Task::Segmentation) || checked.tally.pixels == 0 {
        return warnings;
    }
    let names = contents.classes.names().zip(&checked.tally.classes);
    let empty: Vec<&str> = names
        .filter(|(_, n)| **n == 0)
        .map(|(name, _)| name)
        .collect();
    if !empty.is_empty() {
        warnings.push(format!(
            "train shows no pixel of {}: no network can learn what it never sees; add samples, or leave \
             these classes out",
            empty.join(", ")
        ));
    }
    warnings
}

impl Tally {
    fn empty(contents: &Contents) -> Self {
        Self {
            classes: vec![0; contents.classes.len()],
            shown: vec![0; contents.classes.len()],
            ..Self::default()
        }
    }

    fn of(sample: &Sample, contents: &Contents) -> Self {
        let mut tally = Self {
            pixels: sample.label.len() as u64,
            sizes: vec![[sample.height, sample.width]],
            ..Self::empty(contents)
        };
        for &label in &sample.label {
            match tally.classes.get_mut(usize::from(label)) {
                Some(count) => *count += 1,
                None => tally.void += 1,
            }
        }
        tally.shown = tally.classes.iter().map(|&n| usize::from(n > 0)).collect();
        for &depth in sample.depth.iter().filter(|&&depth| depth > 0.0) {
            tally.depth += 1;
            tally.depth_range = Some(wider(tally.depth_range, [depth; 2]));
        }
        let normals = sample.normal.chunks_exact(3);
        tally.normals = normals.filter(|n| n.iter().any(|&v| v != 0.0)).count() as u64;
        tally
    }

    fn add(&mut self, other: &Self) {
        self.pixels += other.pixels;
        self.void += other.void;
        self.depth += other.depth;
        self.normals += other.normals;
        for (own, more) in self.classes.iter_mut().zip(&other.classes) {
            *own += more;
        }
        for (own, more) in self.shown.iter_mut().zip(&other.shown) {
            *own += more;
        }
        if let Some(range) = other.depth_range {
            self.depth_range = Some(wider(self.depth_range, range));
        }
        self.sizes.extend(&other.sizes);
        self.sizes.sort_unstable();
        self.sizes.dedup();
    }
}

fn wider(range: Option<[f32; 2]>, [low, high]: [f32; 2]) -> [f32; 2] {
    range.map_or([low, high], |[a, b]| [a.min(low), b.max(high)])
}
