//! Genomes: the record of `ednas space sample`, `mutate` and `neighbors`.

use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::space::{Genome, Space};

/// `ednas.genomes/1`: genomes of a space.
#[derive(Clone, Debug, Serialize)]
pub struct GenomesRecord {
    /// `ednas.genomes/1`.
    pub schema: &'static str,
    /// The space's name.
    pub space: String,
    /// The genome that these were made from; `null` where they were drawn from the whole space.
    pub of: Option<String>,
    /// The seed they were drawn with; `null` where nothing was drawn.
    pub seed: Option<u64>,
    /// Whether these are all there are; `null` where they were drawn.
    pub complete: Option<bool>,
    /// The genomes.
    pub genomes: Vec<GenomeRecord>,
}

/// A genome.
#[derive(Clone, Debug, Serialize)]
pub struct GenomeRecord {
    /// Its short text.
    pub genome: String,
    /// The value of every decision that is made, by full name.
    pub values: Map<String, Json>,
}

impl GenomesRecord {
    /// The record of `genomes` of `space`.
    #[must_use]
    pub fn new(space: &Space, genomes: &[Genome]) -> Self {
        let record = |genome: &Genome| GenomeRecord::new(space, genome);
        Self {
            schema: "ednas.genomes/1",
            space: space.name().to_owned(),
            of: None,
            seed: None,
            complete: None,
            genomes: genomes.iter().map(record).collect(),
        }
    }

    /// The same, made from a genome.
    #[must_use]
    pub fn of(self, space: &Space, genome: &Genome) -> Self {
        let of = Some(space.text(genome));
        Self { of, ..self }
    }

    /// The same, drawn with a seed.
    #[must_use]
    pub fn drawn_with(self, seed: u64) -> Self {
        let seed = Some(seed);
        Self { seed, ..self }
    }

    /// The same, of which more may have been left out.
    #[must_use]
    pub fn complete(self, complete: bool) -> Self {
        let complete = Some(complete);
        Self { complete, ..self }
    }

    /// One short text per line; a last line says what was left out.
    #[must_use]
    pub fn text(&self) -> String {
        let genomes = self.genomes.iter();
        let mut text: String = genomes.map(|genome| genome.genome.clone() + "\n").collect();
        if self.complete == Some(false) {
            text += &format!("(the first {}; --limit N shows more)\n", self.genomes.len());
        }
        text
    }
}

impl GenomeRecord {
    /// The record of a genome of `space`.
    #[must_use]
    pub fn new(space: &Space, genome: &Genome) -> Self {
        Self {
            genome: space.text(genome),
            values: space.to_json(genome),
        }
    }
}
