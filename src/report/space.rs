//! Search spaces and genomes: the records of `ednas space` and their text.

use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::space::{Genome, Space};

/// `ednas.space/1`: a search space.
#[derive(Clone, Debug, Serialize)]
pub struct SpaceRecord {
    /// `ednas.space/1`.
    pub schema: &'static str,
    /// The space's name, the front of every genome.
    pub name: String,
    /// The exact number of genomes, in decimal digits, since it exceeds what most readers of JSON
    /// hold; `null` from 2^128 on.
    pub size: Option<String>,
    /// Tells the space from any other; journals carry it.
    pub fingerprint: String,
    /// The decisions in genome order.
    pub decisions: Vec<DecisionRecord>,
}

/// A decision of a space.
#[derive(Clone, Debug, Serialize)]
pub struct DecisionRecord {
    /// What the decision belongs to, such as `block03`.
    pub group: String,
    /// What is decided, such as `kernel`.
    pub name: String,
    /// The values.
    pub values: Vec<Json>,
    /// Their spellings in the short text.
    pub spellings: Vec<String>,
}

/// `ednas.genomes/1`: genomes of a space.
#[derive(Clone, Debug, Serialize)]
pub struct GenomesRecord {
    /// `ednas.genomes/1`.
    pub schema: &'static str,
    /// The space's name.
    pub space: String,
    /// The seed they were drawn with.
    pub seed: u64,
    /// The genomes.
    pub genomes: Vec<GenomeRecord>,
}

/// A genome.
#[derive(Clone, Debug, Serialize)]
pub struct GenomeRecord {
    /// Its short text.
    pub genome: String,
    /// The value of every decision by full name.
    pub values: Map<String, Json>,
}

impl SpaceRecord {
    /// The record of `space`.
    #[must_use]
    pub fn new(space: &Space) -> Self {
        let decisions = space.decisions().iter().map(|decision| DecisionRecord {
            group: decision.group.clone(),
            name: decision.name.clone(),
            values: decision.choices.iter().map(|c| c.value.to_json()).collect(),
            spellings: decision.choices.iter().map(|c| c.short.clone()).collect(),
        });
        Self {
            schema: "ednas.space/1",
            name: space.name().to_owned(),
            size: space.size().map(|size| size.to_string()),
            fingerprint: space.fingerprint(),
            decisions: decisions.collect(),
        }
    }

    /// One line per group: its decisions, and each value with its spelling.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}: {}\n\n", self.name, self.size_text());
        for group in self.decisions.chunk_by(|a, b| a.group == b.group) {
            let decisions: Vec<String> = group.iter().map(DecisionRecord::text).collect();
            text += &format!("{}  {}\n", group[0].group, decisions.join(" x "));
        }
        text
    }

    /// The number of genomes in words.
    #[must_use]
    pub fn size_text(&self) -> String {
        match &self.size {
            Some(size) => format!("{size} genomes"),
            None => "2^128 genomes or more".to_owned(),
        }
    }
}

impl DecisionRecord {
    /// `kernel {3, 5}`, with the spelling where it is not the value itself.
    fn text(&self) -> String {
        let values = self
            .values
            .iter()
            .zip(&self.spellings)
            .map(|(value, spelling)| {
                let value = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                if value == *spelling {
                    value
                } else {
                    format!("{value} ({spelling})")
                }
            });
        format!(
            "{} {{{}}}",
            self.name,
            values.collect::<Vec<_>>().join(", ")
        )
    }
}

impl GenomesRecord {
    /// The record of `genomes`, drawn from `space` with `seed`.
    #[must_use]
    pub fn new(space: &Space, seed: u64, genomes: &[Genome]) -> Self {
        let record = |genome: &Genome| GenomeRecord {
            genome: space.text(genome),
            values: space.to_json(genome),
        };
        Self {
            schema: "ednas.genomes/1",
            space: space.name().to_owned(),
            seed,
            genomes: genomes.iter().map(record).collect(),
        }
    }

    /// One short text per line.
    #[must_use]
    pub fn text(&self) -> String {
        self.genomes
            .iter()
            .map(|genome| genome.genome.clone() + "\n")
            .collect()
    }
}
