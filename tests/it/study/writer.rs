//! Studies to test with: every trial follows from its number.

use std::collections::BTreeMap;
use std::path::Path;

use ednas::space::{Genome, Space, SpaceFile};
use ednas::study::{Direction, Header, History, Journal, Metrics, Opened, Outcome, Rung};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use serde_json::{Value, json};

/// What a study is about.
pub(crate) struct Study {
    pub(crate) space: Space,
    pub(crate) header: Header,
}

impl Study {
    /// A study of a reward over the space that ships as `name`.
    pub(crate) fn of_reward(name: &str, seed: u64) -> Self {
        let settings = [("profile", json!("coral-edgetpu")), ("seed", json!(seed))];
        Self::new(name, vec![Direction::Maximize], &settings)
    }

    /// A study of accuracy and latency.
    pub(crate) fn of_two(name: &str, seed: u64) -> Self {
        let settings = [
            ("objectives", json!(["accuracy", "latency_ms"])),
            ("seed", json!(seed)),
        ];
        Self::new(
            name,
            vec![Direction::Maximize, Direction::Minimize],
            &settings,
        )
    }

    fn new(name: &str, directions: Vec<Direction>, settings: &[(&str, Value)]) -> Self {
        let space = SpaceFile::open(name).unwrap().space;
        let settings = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        let header = Header::new(&space, directions, settings.collect::<BTreeMap<_, _>>());
        Self { space, header }
    }

    pub(crate) fn open(&self, path: &Path) -> Opened {
        Journal::open(path, &self.space, &self.header).unwrap()
    }

    /// Writes trials until there are `count`, every one finished but the last.
    pub(crate) fn write(&self, path: &Path, count: usize) -> History {
        let opened = self.open(path);
        let (mut journal, mut history) = (opened.journal, opened.history);
        for number in history.trials().len()..count {
            self.propose(&mut journal, &mut history, number);
            if number + 1 < count {
                self.finish(&mut journal, &mut history, number);
            }
        }
        history
    }

    fn propose(&self, journal: &mut Journal, history: &mut History, number: usize) {
        let genome = self.genome(number);
        let parent = number.checked_sub(3).filter(|n| n % 2 == 0);
        journal
            .propose(&genome, &self.space.text(&genome), parent)
            .unwrap();
        history.propose(genome, parent);
    }

    pub(crate) fn finish(&self, journal: &mut Journal, history: &mut History, number: usize) {
        // Optuna knows values on the way of single objectives only.
        if number % 4 == 1 && self.header.directions().len() == 1 {
            for step in [10, 20] {
                let value = share(number) / share(step);
                journal.reach(number, Rung { step, value }).unwrap();
                history.reach(number, Rung { step, value });
            }
        }
        let outcome = self.outcome(number);
        journal.finish(number, &outcome).unwrap();
        history.finish(number, outcome);
    }

    pub(crate) fn genome(&self, number: usize) -> Genome {
        let seed = u64::try_from(number).unwrap();
        self.space.sample(&mut Pcg64Mcg::seed_from_u64(seed))
    }

    pub(crate) fn outcome(&self, number: usize) -> Outcome {
        let (accuracy, latency_ms) = (share(number * 7), 1.0 + 10.0 * share(number * 13));
        let values = match self.header.directions().len() {
            1 => vec![accuracy / latency_ms],
            _ => vec![accuracy, latency_ms],
        };
        let metrics = [
            ("accuracy", accuracy),
            ("latency_ms", latency_ms),
            ("macs", 1e9 / 3.0),
        ];
        let metrics: Metrics = metrics
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect();
        match number % 10 {
            3 => Outcome::Infeasible {
                reason: "needs 9 MiB, there are 8".into(),
            },
            5 => Outcome::Stopped { values, metrics },
            7 => Outcome::Failed {
                reason: "the loss is \"NaN\",\nat step 3".into(),
            },
            _ => Outcome::Complete { values, metrics },
        }
    }
}

/// A number from 0 to 1 that jumps about.
fn share(number: usize) -> f64 {
    f64::from(u32::try_from(number * 7919 % 10_007).unwrap()) / 10_007.0
}
