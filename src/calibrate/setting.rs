//! What is fitted to what: a profile's text, its free numbers, and measurements.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use hwmodels::profile::{Editor, FreeNumber, Profile, ProfileError, ProfileFile};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::weights::weights;
use crate::compare::Pair;
use crate::measured::{Case, Model, estimate};

/// A profile, what of it is free, and what it is fitted to.
#[derive(Debug)]
pub struct Setting {
    editor: Editor,
    name: String,
    numbers: Vec<FreeNumber>,
    cases: Vec<Case>,
    /// By case: which of `questions` it asks.
    asks: Vec<usize>,
    questions: Vec<Question>,
    /// By case: how much its row counts in a fit, 0 to 1.
    weights: Vec<f64>,
}

/// A network on a machine, which any number of rows may have measured.
#[derive(Debug)]
struct Question {
    modes: Vec<String>,
    model: Arc<Model>,
}

/// Why nothing can be fitted.
#[derive(Debug, thiserror::Error)]
pub enum CalibrateError {
    /// A profile that is not as it should be.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// A list of free numbers that is not as it should be.
    #[error("[calibration.free] of profile `{profile}`: {fault}")]
    Free {
        /// The profile.
        profile: String,
        /// What is wrong with which number.
        fault: Box<ProfileError>,
    },
    /// A profile without free numbers.
    #[error(
        "profile `{0}` has no free numbers; say in it what may change, and between what: \
         [calibration.free] \"link.input_mb_per_s\" = [10.0, 500.0]"
    )]
    NothingFree(String),
    /// A row that the machine cannot run.
    #[error(
        "{place}: the profile cannot run it, so leave the row out or mend the profile: {problem}"
    )]
    Infeasible {
        /// Where the row stands.
        place: String,
        /// What stands in the way.
        problem: String,
    },
}

impl Setting {
    /// The numbers that are free in `text`, a profile's that is called `name`, and the measurements
    /// in `cases`, whose machines are modes of it.
    ///
    /// # Errors
    /// A profile without free numbers or with some that are not as they should be; a row that the
    /// machine cannot run.
    pub fn new(text: &str, name: &str, cases: Vec<Case>) -> Result<Setting, CalibrateError> {
        let editor = Editor::parse(text, name)?;
        let numbers = editor.free().map_err(|fault| CalibrateError::Free {
            profile: name.to_owned(),
            fault: Box::new(fault),
        })?;
        if numbers.is_empty() {
            return Err(CalibrateError::NothingFree(name.to_owned()));
        }
        let mut known: BTreeMap<(Vec<String>, PathBuf), usize> = BTreeMap::new();
        let mut questions = Vec::new();
        let mut asks = Vec::with_capacity(cases.len());
        for case in &cases {
            let (modes, model) = (&case.machine.modes, &case.model);
            let key = (modes.clone(), model.file.clone());
            asks.push(*known.entry(key).or_insert_with(|| {
                questions.push(Question {
                    modes: modes.clone(),
                    model: Arc::clone(model),
                });
                questions.len() - 1
            }));
        }
        let setting = Setting {
            editor,
            name: name.to_owned(),
            numbers,
            weights: weights(&cases),
            cases,
            asks,
            questions,
        };
        setting.check()?;
        Ok(setting)
    }

    /// Every row can be simulated on the machine as it is.
    fn check(&self) -> Result<(), CalibrateError> {
        let mut asked = vec![false; self.questions.len()];
        for (case, asks) in self.cases.iter().zip(&self.asks) {
            if std::mem::replace(&mut asked[*asks], true) {
                continue;
            }
            if let Err(infeasible) = estimate(&case.machine.profile, &case.model) {
                return Err(CalibrateError::Infeasible {
                    place: case.measurement.place.to_string(),
                    problem: infeasible.to_string(),
                });
            }
        }
        Ok(())
    }

    /// The measurements.
    #[must_use]
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// The free numbers.
    #[must_use]
    pub fn numbers(&self) -> &[FreeNumber] {
        &self.numbers
    }

    /// How much the row of each case counts in a fit, 0 to 1.
    pub(super) fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The text of the profile before anything was fitted.
    pub(super) fn editor(&self) -> &Editor {
        &self.editor
    }

    /// The free numbers as they were.
    #[must_use]
    pub fn start(&self) -> Vec<f64> {
        self.numbers.iter().map(|number| number.value).collect()
    }

    /// Whether case `case` may change with number `number`.
    pub(super) fn depends(&self, case: usize, number: usize) -> bool {
        self.questions[self.asks[case]].depends(number, &self.numbers)
    }

    /// By case of `cases`: simulated milliseconds with the free numbers at `values`; nothing where the
    /// machine cannot run the network.
    pub(super) fn simulated(&self, values: &[f64], cases: &[usize]) -> Vec<Option<f64>> {
        let text = self.text(values);
        let mut asked: Vec<usize> = cases.iter().map(|case| self.asks[*case]).collect();
        asked.sort_unstable();
        asked.dedup();
        let Ok(file) = ProfileFile::parse(&text, &self.name) else {
            return vec![None; cases.len()];
        };
        let mut machines: BTreeMap<&[String], Option<Profile>> = BTreeMap::new();
        for question in asked.iter().map(|asked| &self.questions[*asked]) {
            machines.entry(&question.modes).or_insert_with(|| {
                let modes: Vec<&str> = question.modes.iter().map(String::as_str).collect();
                file.with_modes(&modes).ok()
            });
        }
        let answers: BTreeMap<usize, Option<f64>> = asked
            .into_par_iter()
            .map(|asked| {
                let question = &self.questions[asked];
                let machine = machines[question.modes.as_slice()].as_ref();
                let estimate = machine.and_then(|machine| estimate(machine, &question.model).ok());
                (asked, estimate.map(|estimate| estimate.latency_ms()))
            })
            .collect();
        let answer = |case: &usize| answers[&self.asks[*case]];
        cases.iter().map(answer).collect()
    }

    /// The profile's text with the free numbers at `values`.
    fn text(&self, values: &[f64]) -> String {
        let mut editor = self.editor.clone();
        for (number, value) in self.numbers.iter().zip(values) {
            editor.set(number, *value);
        }
        editor.text()
    }

    /// By case, in their order: measured and simulated with the free numbers at `values`.
    #[must_use]
    pub fn predictions(&self, values: &[f64]) -> Vec<Option<Pair>> {
        let all: Vec<usize> = (0..self.cases.len()).collect();
        let mut predictions = vec![None; all.len()];
        for (case, pair) in self.pairs(values, &all) {
            predictions[case] = Some(pair);
        }
        predictions
    }

    /// Measured and simulated of `cases`, with the free numbers at `values`.
    pub(super) fn pairs(&self, values: &[f64], cases: &[usize]) -> Vec<(usize, Pair)> {
        let simulated = self.simulated(values, cases);
        let pairs = cases.iter().zip(simulated).filter_map(|(case, simulated)| {
            let measured_ms = self.cases[*case].measurement.latency_ms;
            let predicted_ms = simulated?;
            Some((
                *case,
                Pair {
                    measured_ms,
                    predicted_ms,
                },
            ))
        });
        pairs.collect()
    }
}

impl Question {
    /// Whether `number` is what this machine reads, rather than one that a later mode sets again.
    fn depends(&self, number: usize, numbers: &[FreeNumber]) -> bool {
        let key = &numbers[number].key;
        let sets = |mode: &&String| {
            let is_own =
                |other: &FreeNumber| other.key == *key && other.mode.as_ref() == Some(*mode);
            numbers.iter().any(is_own)
        };
        self.modes.iter().rev().find(sets) == numbers[number].mode.as_ref()
    }
}
