//! Many regressions, each fitted to a resample of what is known.

use rand::{Rng, RngExt};

use super::encoding::Encoding;
use super::rank::kendall_tau;
use super::ridge::Ridge;
use super::tree::Tree;
use crate::search::seeds;
use crate::space::{Genome, Space};

/// Members of an ensemble. Each genome is left out of about a third of them.
const MEMBERS: usize = 24;

/// Genomes that an ensemble needs at least.
pub(in crate::search) const GENOMES_MIN: usize = 12;

/// The most genomes that are fitted; of more, the latest.
const GENOMES_MAX: usize = 2_000;

/// Penalties that ridge regressions are tried with, for values of variance 1.
const PENALTIES: [f64; 4] = [0.3, 3.0, 30.0, 300.0];

/// What an ensemble is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Ridge regressions on the choices.
    Ridge,
    /// Extremely randomized trees.
    Trees,
}

/// What an ensemble says of a genome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// The mean of the members, in the unit of the values.
    pub mean: f64,
    /// Their standard deviation.
    pub spread: f64,
}

/// A fitted ensemble.
#[derive(Debug, Clone)]
pub struct Ensemble {
    encoding: Encoding,
    kind: Kind,
    members: Vec<Member>,
    rank_correlation: f64,
    mean: f64,
    deviation: f64,
}

#[derive(Debug, Clone)]
enum Member {
    Ridge(Ridge),
    Tree(Tree),
}

/// What is known, as regressions take it.
struct Known {
    rows: Vec<Vec<f64>>,
    /// Of mean 0 and variance 1.
    values: Vec<f64>,
    /// Per member, the rows it is fitted to.
    resamples: Vec<Vec<usize>>,
}

impl Ensemble {
    /// An ensemble that has seen `evaluated` genomes of `space` with their values, in order.
    ///
    /// Ridge regressions and trees are both fitted; the kind and the penalty with the highest rank
    /// correlation out of bag stay. The same input and `seed` give the same ensemble. `None` for
    /// fewer than 12 finite values, and where they are all equal.
    #[must_use]
    pub fn fit(space: &Space, evaluated: &[(&Genome, f64)], seed: u64) -> Option<Self> {
        let finite = evaluated.iter().filter(|(_, value)| value.is_finite());
        let finite: Vec<_> = finite.collect();
        let latest = &finite[finite.len().saturating_sub(GENOMES_MAX)..];
        if latest.len() < GENOMES_MIN {
            return None;
        }
        let (mean, deviation) = moments(latest.iter().map(|(_, value)| *value));
        if deviation <= 0.0 {
            return None;
        }
        let encoding = Encoding::new(space);
        let mut rng = seeds::of_trial(seed, latest.len());
        let known = Known {
            rows: latest.iter().map(|(g, _)| encoding.row(g)).collect(),
            values: latest.iter().map(|(_, v)| (v - mean) / deviation).collect(),
            resamples: (0..MEMBERS)
                .map(|_| resample(latest.len(), &mut rng))
                .collect(),
        };
        let trees = known.fitted(|picked| {
            let tree = Tree::fit(&known.rows, &known.values, picked, &mut rng);
            Some(Member::Tree(tree))
        });
        let mut best = (Kind::Trees, known.out_of_bag(&trees), trees);
        for penalty in PENALTIES {
            let ridges = known.fitted(|picked| {
                Ridge::fit(&known.rows, &known.values, picked, penalty).map(Member::Ridge)
            });
            let tau = known.out_of_bag(&ridges);
            if tau > best.1 {
                best = (Kind::Ridge, tau, ridges);
            }
        }
        let (kind, rank_correlation, members) = best;
        Some(Self {
            encoding,
            kind,
            members,
            rank_correlation,
            mean,
            deviation,
        })
    }

    /// What the members say of `genome`.
    #[must_use]
    pub fn predict(&self, genome: &Genome) -> Prediction {
        let row = self.encoding.row(genome);
        let (mean, spread) = moments(self.members.iter().map(|member| member.value(&row)));
        Prediction {
            mean: self.mean + self.deviation * mean,
            spread: self.deviation * spread,
        }
    }

    /// Kendall's tau between the values and what the members that had not seen them said.
    #[must_use]
    pub fn rank_correlation(&self) -> f64 {
        self.rank_correlation
    }

    /// What it is made of.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl Member {
    fn value(&self, row: &[f64]) -> f64 {
        match self {
            Self::Ridge(ridge) => ridge.value(row),
            Self::Tree(tree) => tree.value(row),
        }
    }
}

impl Known {
    /// One member per resample; those that cannot be fitted are left out.
    fn fitted(&self, fit: impl FnMut(&[usize]) -> Option<Member>) -> Vec<Member> {
        let picked = self.resamples.iter().map(Vec::as_slice);
        let members: Option<Vec<Member>> = picked.map(fit).collect();
        members.unwrap_or_default()
    }

    /// The rank correlation of the values with the mean of the members that had not seen them.
    fn out_of_bag(&self, members: &[Member]) -> f64 {
        let mut sums = vec![(0.0, 0.0); self.rows.len()];
        for (member, picked) in members.iter().zip(&self.resamples) {
            let mut unseen = vec![true; self.rows.len()];
            for &row in picked {
                unseen[row] = false;
            }
            for (row, sum) in sums.iter_mut().enumerate().filter(|(row, _)| unseen[*row]) {
                sum.0 += member.value(&self.rows[row]);
                sum.1 += 1.0;
            }
        }
        let pairs = sums.iter().zip(&self.values);
        let pairs = pairs.filter(|((_, count), _)| *count > 0.0);
        let pairs: Vec<_> = pairs.map(|((sum, count), &v)| (sum / count, v)).collect();
        kendall_tau(&pairs)
    }
}

/// As many draws with replacement as there are rows.
fn resample(rows: usize, rng: &mut impl Rng) -> Vec<usize> {
    (0..rows).map(|_| rng.random_range(0..rows)).collect()
}

/// Mean and standard deviation.
fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let count = values.clone().fold(0.0, |count, _| count + 1.0);
    let mean = values.clone().sum::<f64>() / count;
    let variance = values.map(|v| (v - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt())
}
