//! Machines as a search space: every axis a decision, every genome a profile.

use std::collections::BTreeSet;

use hwmodels::profile::{Profile, Setting};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::axis::{Axis, LIMIT};
use super::error::ExploreError;
use crate::space::{Choice, Decision, Genome, Space, Value};

/// Where the numbers of a varied table come from.
pub const SOURCE: &str = "assumed: varied by explore";

/// A profile, and the axes along which it is varied.
#[derive(Clone, Debug)]
pub struct MachineSpace {
    base: Profile,
    axes: Vec<Axis>,
    space: Space,
}

impl MachineSpace {
    /// The machines that `axes` make of `base`.
    ///
    /// # Errors
    /// When there is no axis, two vary the same key, or one has the same value twice.
    pub fn new(base: Profile, axes: Vec<Axis>) -> Result<Self, ExploreError> {
        let mut varied = BTreeSet::new();
        for key in axes.iter().flat_map(|axis| &axis.keys) {
            if !varied.insert(key) {
                return Err(ExploreError::KeyTwice(key.clone()));
            }
        }
        let space = Space::new(base.name(), axes.iter().map(decision).collect())?;
        Ok(Self { base, axes, space })
    }

    /// The profile that is varied.
    #[must_use]
    pub fn base(&self) -> &Profile {
        &self.base
    }

    /// What is varied, in the order of the decisions.
    #[must_use]
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// The same as a search space.
    #[must_use]
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// The value that every axis takes.
    pub fn settings<'a>(
        &'a self,
        genome: &'a Genome,
    ) -> impl Iterator<Item = (&'a Axis, &'a Setting)> {
        let values = self.axes.iter().zip(genome.choices());
        values.map(|(axis, &choice)| (axis, &axis.values[choice]))
    }

    /// The machine that a genome of this space stands for.
    ///
    /// # Errors
    /// When no such machine can be; the error names the combination.
    pub fn machine(&self, genome: &Genome) -> Result<Profile, ExploreError> {
        let settings: Vec<(&str, &Setting)> = self
            .settings(genome)
            .flat_map(|(axis, value)| axis.keys.iter().map(move |key| (key.as_str(), value)))
            .collect();
        self.base.varied(&settings, SOURCE).map_err(|fault| {
            let settings = settings.iter().map(|(key, value)| format!("{key}={value}"));
            ExploreError::Impossible {
                machine: settings.collect::<Vec<_>>().join(", "),
                fault: Box::new(fault),
            }
        })
    }

    /// Checks that every one of `genomes` is a machine, on all cores; the first that is not is
    /// the error.
    ///
    /// # Errors
    /// As [`MachineSpace::machine`].
    pub fn check(&self, genomes: &[Genome]) -> Result<(), ExploreError> {
        let faults = genomes.par_iter().map(|genome| self.machine(genome).err());
        match faults.find_first(Option::is_some).flatten() {
            Some(fault) => Err(fault),
            None => Ok(()),
        }
    }
}

/// All genomes of `space`, the last decision changing fastest.
///
/// # Errors
/// More than [`LIMIT`].
pub(super) fn all_genomes(space: &Space) -> Result<Vec<Genome>, ExploreError> {
    let size = space.size().and_then(|size| usize::try_from(size).ok());
    if size.is_none_or(|count| count > LIMIT) {
        return Err(ExploreError::TooMany {
            count: space
                .size()
                .map_or_else(|| "2^128 or more".to_owned(), |n| n.to_string()),
        });
    }
    Ok(space.genomes().collect())
}

/// `count` different genomes of `space`, drawn uniformly; all of them where it has no more.
///
/// # Errors
/// More than [`LIMIT`].
pub(super) fn sample(space: &Space, count: usize, seed: u64) -> Result<Vec<Genome>, ExploreError> {
    let small = space.size().and_then(|size| usize::try_from(size).ok());
    if small.is_some_and(|size| size <= count) {
        return all_genomes(space);
    }
    if count > LIMIT {
        return Err(ExploreError::TooMany {
            count: count.to_string(),
        });
    }
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let (mut seen, mut drawn) = (BTreeSet::new(), Vec::with_capacity(count));
    while drawn.len() < count {
        let genome = space.sample(&mut rng);
        if seen.insert(genome.clone()) {
            drawn.push(genome);
        }
    }
    Ok(drawn)
}

/// A decision named `table.key`, of all keys that vary together.
fn decision(axis: &Axis) -> Decision {
    let first = axis.keys.first().map_or("", String::as_str);
    let (group, name) = first.rsplit_once('.').unwrap_or(("", first));
    let mut names = vec![name];
    names.extend(axis.keys.iter().skip(1).map(String::as_str));
    let choices = axis.values.iter().map(|value| {
        // A name before every value keeps neighbors apart in the short text.
        Choice::new(space_value(value), format!("{name}={value}"))
    });
    Decision::one_of(group, names.join(","), choices.collect())
}

fn space_value(setting: &Setting) -> Value {
    match setting {
        Setting::Whole(number) => match i64::try_from(*number) {
            Ok(number) => Value::Int(number),
            Err(_) => Value::Text(number.to_string()),
        },
        Setting::Number(number) => Value::Float(*number),
        Setting::Switch(switch) => Value::Text(switch.to_string()),
        Setting::Word(word) => Value::Text(word.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machines(axes: &[&str]) -> Result<MachineSpace, ExploreError> {
        let axes = axes
            .iter()
            .map(|axis| axis.parse())
            .collect::<Result<_, _>>()?;
        MachineSpace::new(Profile::named("systolic-32x32-ws").unwrap(), axes)
    }

    #[test]
    fn genomes_are_machines() {
        let machines = machines(&[
            "array.rows,array.cols=8,16",
            "memory.narrow.bytes=65536..262144x2",
        ])
        .unwrap();
        let space = machines.space();
        assert_eq!(space.size(), Some(6));
        let genomes = all_genomes(space).unwrap();
        let texts: Vec<String> = genomes.iter().map(|genome| space.text(genome)).collect();
        assert_eq!(texts[0], "systolic-32x32-ws/rows=8,bytes=65536");
        assert_eq!(texts[1], "systolic-32x32-ws/rows=8,bytes=131072");
        assert_eq!(texts[5], "systolic-32x32-ws/rows=16,bytes=262144");
        for (genome, text) in genomes.iter().zip(&texts) {
            assert_eq!(space.parse(text).as_ref(), Ok(genome));
        }
        let raw = machines.machine(&genomes[5]).unwrap().raw().clone();
        let array = raw.array.unwrap();
        assert_eq!(
            (array.rows, array.cols, array.source.as_str()),
            (Some(16), Some(16), SOURCE)
        );
        assert_eq!(raw.memory.unwrap().narrow.bytes, 262_144);
        let json = space.to_json(&genomes[5]);
        assert_eq!(json["array.rows,array.cols"], 16);
        assert_eq!(json["memory.narrow.bytes"], 262_144);
    }

    /// Values that run into each other without a name between them.
    #[test]
    fn neighbors_of_one_table_keep_apart_in_the_text() {
        let machines = machines(&["array.rows=8,81", "array.cols=16,6"]).unwrap();
        let space = machines.space();
        for genome in all_genomes(space).unwrap() {
            assert_eq!(space.parse(&space.text(&genome)), Ok(genome));
        }
    }

    #[test]
    fn samples_are_drawn_without_repetition() {
        let machines = machines(&["array.rows=1..100+1", "array.cols=1..100+1"]).unwrap();
        let drawn = |count, seed| sample(machines.space(), count, seed).unwrap();
        let twenty = drawn(20, 1);
        assert_eq!(twenty, drawn(20, 1));
        assert_ne!(twenty, drawn(20, 2));
        let distinct: BTreeSet<&Genome> = twenty.iter().collect();
        assert_eq!(distinct.len(), 20);
        assert_eq!(drawn(20_000, 1), all_genomes(machines.space()).unwrap());
    }

    #[test]
    fn impossible_spaces_are_refused() {
        let refused = |axes: &[&str]| machines(axes).unwrap_err().to_string();
        assert!(refused(&[]).contains("--vary"), "{}", refused(&[]));
        assert_eq!(
            refused(&["array.rows=8", "array.rows=9"]),
            "`array.rows` is varied twice"
        );
        assert!(refused(&["array.rows=8,8"]).contains("same choice twice"));
        let many = machines(&["array.rows=1..2000+1", "array.cols=1..2000+1"]).unwrap();
        let error = all_genomes(many.space()).unwrap_err().to_string();
        assert!(error.contains("4000000 combinations"), "{error}");
        let small = machines(&["memory.wide.bytes=512,1048576"]).unwrap();
        let genomes = all_genomes(small.space()).unwrap();
        assert_eq!(
            small.check(&genomes).unwrap_err().to_string(),
            "no machine has memory.wide.bytes=512: parameter_cache.bytes is 786432; expected at most memory.wide.bytes, 512"
        );
        assert_eq!(small.check(&genomes[1..]), Ok(()));
    }
}
