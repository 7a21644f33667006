//! What the best genomes of a study have in common: how often they take each choice, beside how
//! often all genomes do.

use std::collections::BTreeMap;

use super::history::History;
use super::trial::Trial;
use crate::space::{Genome, Space, Value};

/// The choices of the best genomes of a study, beside those of all that were evaluated.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// The trials that count as the best, best first.
    pub best: Vec<usize>,
    /// How many trials were evaluated.
    pub evaluated: usize,
    /// Per decision of the space, in its order.
    pub decisions: Vec<Taken>,
    /// The decisions of one name together, over all groups that have it; in the order in which the
    /// space first has the name.
    pub names: Vec<Together>,
}

/// How often each choice of a decision is taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// What the decision belongs to, such as `block03`.
    pub group: String,
    /// What is decided, such as `kernel`.
    pub name: String,
    /// The values, in the order of the decision.
    pub values: Vec<Value>,
    /// Share of the best genomes that take each value, of those that decide it at all.
    pub best: Vec<f64>,
    /// The same of all evaluated genomes.
    pub all: Vec<f64>,
}

/// One value of the decisions of a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Together {
    /// What is decided, such as `type`.
    pub name: String,
    /// The value, such as `fused-ibn`.
    pub value: Value,
    /// In how many groups a genome of the best takes it, in the mean.
    pub best: f64,
    /// The same of all evaluated genomes.
    pub all: f64,
    /// In how many groups the decision stands.
    pub groups: usize,
}

impl Analysis {
    /// The `top` evaluated trials of the highest reward; all, where there are fewer.
    #[must_use]
    pub fn of(space: &Space, history: &History, top: usize) -> Self {
        let mut rewarded: Vec<(f64, usize)> = history
            .trials()
            .iter()
            .enumerate()
            .filter_map(|(number, trial)| Some((trial.reward()?, number)))
            .collect();
        rewarded.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let best = rewarded.iter().take(top).map(|(_, number)| *number);
        Self::among(space, history, best.collect())
    }

    /// The trials `best`, such as a Pareto front, beside all that have values.
    #[must_use]
    pub fn among(space: &Space, history: &History, best: Vec<usize>) -> Self {
        let trials = history.trials();
        let chosen: Vec<&Genome> = best.iter().map(|&n| &trials[n].genome).collect();
        let evaluated = trials.iter().filter(|trial| trial.values().is_some());
        let evaluated: Vec<&Genome> = evaluated.map(genome).collect();
        let counts = [counted(space, &chosen), counted(space, &evaluated)];
        let decisions = space.decisions().iter().enumerate().map(|(index, d)| {
            let [best, all] = [&counts[0][index], &counts[1][index]].map(|c| shares(c));
            Taken {
                group: d.group.clone(),
                name: d.name.clone(),
                values: d.choices.iter().map(|c| c.value.clone()).collect(),
                best,
                all,
            }
        });
        Self {
            decisions: decisions.collect(),
            names: together(space, &counts, [chosen.len(), evaluated.len()]),
            evaluated: evaluated.len(),
            best,
        }
    }
}

fn genome(trial: &Trial) -> &Genome {
    &trial.genome
}

/// Per decision and choice, how many genomes take it where the decision is not idle.
fn counted(space: &Space, genomes: &[&Genome]) -> Vec<Vec<usize>> {
    let zeros = space.decisions().iter().map(|d| vec![0; d.choices.len()]);
    let mut counts: Vec<Vec<usize>> = zeros.collect();
    for genome in genomes {
        for (index, &choice) in genome.choices().iter().enumerate() {
            counts[index][choice] += usize::from(space.is_active(index, genome.choices()));
        }
    }
    counts
}

fn shares(counts: &[usize]) -> Vec<f64> {
    let sum: usize = counts.iter().sum();
    counts.iter().map(|&count| ratio(count, sum)).collect()
}

/// Values by the name of their decision, with the mean number of groups that take them.
fn together(space: &Space, counts: &[Vec<Vec<usize>>; 2], genomes: [usize; 2]) -> Vec<Together> {
    let mut order = Vec::new();
    let mut sums: BTreeMap<(String, String), ([usize; 2], usize)> = BTreeMap::new();
    for (index, decision) in space.decisions().iter().enumerate() {
        for (choice, known) in decision.choices.iter().enumerate() {
            let key = (decision.name.clone(), known.short.clone());
            let (sum, groups) = sums.entry(key.clone()).or_insert_with(|| {
                order.push((key, known.value.clone()));
                ([0; 2], 0)
            });
            *groups += 1;
            for (sum, counts) in sum.iter_mut().zip(counts) {
                *sum += counts[index][choice];
            }
        }
    }
    let row = |(key, value): ((String, String), Value)| {
        let (sum, groups) = sums[&key];
        Together {
            name: key.0,
            value,
            best: ratio(sum[0], genomes[0]),
            all: ratio(sum[1], genomes[1]),
            groups,
        }
    };
    let mut rows: Vec<Together> = order.into_iter().map(row).collect();
    let places: Vec<&str> = space.decisions().iter().map(|d| d.name.as_str()).collect();
    rows.sort_by_key(|row| places.iter().position(|name| *name == row.name));
    rows
}

/// `part / whole`; 0 of nothing.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of trials are far below 2^52"
)]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::space::{Choice, Decision};
    use crate::study::{Metrics, Outcome};

    fn space() -> Space {
        let of = |group: &str, name: &str, values: &[i64]| {
            let choice = |&v: &i64| Choice::new(Value::Int(v), format!("{name}{v}"));
            Decision::one_of(group, name, values.iter().map(choice).collect())
        };
        let decisions = vec![
            of("b1", "kernel", &[3, 5]),
            of("b1", "width", &[1, 2, 3]),
            of("b2", "kernel", &[3, 5]),
        ];
        Space::new("toy", decisions).unwrap()
    }

    fn history(space: &Space) -> History {
        let mut history = History::default();
        for (choices, reward) in [
            ([0, 0, 0], Some(0.1)),
            ([1, 2, 1], Some(0.9)),
            ([1, 1, 0], Some(0.8)),
            ([0, 2, 1], None),
        ] {
            let genome = space.genome(choices.to_vec()).unwrap();
            let number = history.propose(genome, None);
            let outcome = match reward {
                Some(reward) => Outcome::Complete {
                    values: vec![reward],
                    metrics: Metrics::default(),
                },
                None => Outcome::Failed {
                    reason: "lost".into(),
                },
            };
            history.finish(number, outcome);
        }
        history
    }

    #[test]
    fn shares_are_of_the_best_and_of_all_with_values() {
        let space = space();
        let found = Analysis::of(&space, &history(&space), 2);
        assert_eq!(found.best, [1, 2]);
        assert_eq!(found.evaluated, 3);
        assert_eq!(found.decisions[0].best, [0.0, 1.0]);
        assert_eq!(found.decisions[0].all, [1.0 / 3.0, 2.0 / 3.0]);
        assert_eq!(found.decisions[1].best, [0.0, 0.5, 0.5]);
        assert_eq!(found.decisions[2].best, [0.5, 0.5]);
    }

    #[test]
    fn decisions_of_one_name_count_together() {
        let space = space();
        let found = Analysis::of(&space, &history(&space), 2);
        let kernel5 = &found.names[1];
        assert_eq!(
            (kernel5.name.as_str(), &kernel5.value),
            ("kernel", &Value::Int(5))
        );
        assert_eq!((kernel5.best, kernel5.groups), (1.5, 2));
        assert_eq!(kernel5.all, 1.0);
        let names: Vec<&str> = found.names.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["kernel", "kernel", "width", "width", "width"]);
    }

    #[test]
    fn a_study_without_values_has_no_best() {
        let space = space();
        let found = Analysis::of(&space, &History::default(), 5);
        assert!(found.best.is_empty());
        assert!(
            found
                .decisions
                .iter()
                .all(|d| d.best.iter().all(|&share| share == 0.0))
        );
    }
}
