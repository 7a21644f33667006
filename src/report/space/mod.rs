//! Search spaces and genomes: the records of `ednas space` and their text.

mod check;
mod genomes;
mod list;

use serde::Serialize;
use serde_json::Value as Json;

pub use check::{CheckRecord, CheckedGenome, MachineRecord, NetworkRecord};
pub use genomes::{GenomeRecord, GenomesRecord};
pub use list::{SpaceEntry, SpaceListRecord};

use crate::space::{Count, Space, SpaceFile};

/// `ednas.space/1`: a search space.
#[derive(Clone, Debug, Serialize)]
pub struct SpaceRecord {
    /// `ednas.space/1`.
    pub schema: &'static str,
    /// The space's name, the front of every genome.
    pub name: String,
    /// A line about it.
    pub description: String,
    /// What genomes stand for: `ednas`, `mobiledet`, `pyramid`, `profile`; `null` for nothing.
    pub decodes: Option<&'static str>,
    /// How many genomes there are.
    #[serde(flatten)]
    pub size: SizeRecord,
    /// Tells the space from any other; journals carry it.
    pub fingerprint: String,
    /// The decisions in genome order.
    pub decisions: Vec<DecisionRecord>,
    /// What may not be taken together.
    pub constraints: Vec<String>,
}

/// How many genomes a space has.
#[derive(Clone, Debug, Serialize)]
pub struct SizeRecord {
    /// The number of genomes, in decimal digits, since it exceeds what most readers of JSON hold.
    pub size: String,
    /// Whether it is exact; else it counts combinations that the constraints forbid.
    pub size_is_exact: bool,
    /// The share of those combinations that keep the constraints, from uniform draws, where the
    /// size is not exact.
    pub share_kept: Option<f64>,
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
    /// What must be taken for the decision to be made at all; `null` if it always is.
    pub when: Option<WhenRecord>,
}

/// What a decision hangs on.
#[derive(Clone, Debug, Serialize)]
pub struct WhenRecord {
    /// Full name of the earlier decision.
    pub decision: String,
    /// The value that must be taken there.
    pub value: Json,
}

impl SpaceRecord {
    /// The record of the space in a file.
    #[must_use]
    pub fn new(file: &SpaceFile) -> Self {
        let space = &file.space;
        let decisions = space.decisions().iter().map(|decision| DecisionRecord {
            group: decision.group.clone(),
            name: decision.name.clone(),
            values: decision.choices.iter().map(|c| c.value.to_json()).collect(),
            spellings: decision.choices.iter().map(|c| c.short.clone()).collect(),
            when: decision.when.map(|condition| {
                let on = &space.decisions()[condition.decision];
                WhenRecord {
                    decision: on.full_name(),
                    value: on.choices[condition.choice].value.to_json(),
                }
            }),
        });
        Self {
            schema: "ednas.space/1",
            name: space.name().to_owned(),
            description: file.description.clone(),
            decodes: file.decoder.as_ref().map(|decoder| decoder.name()),
            size: SizeRecord::new(space),
            fingerprint: space.fingerprint(),
            decisions: decisions.collect(),
            constraints: space
                .constraints()
                .iter()
                .map(ToString::to_string)
                .collect(),
        }
    }

    /// One line per group: its decisions, and each value with its spelling; what hangs on a choice
    /// and the constraints below.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!(
            "{}: {}\n{}\n\n",
            self.name,
            self.size_text(),
            self.description
        );
        for group in self.decisions.chunk_by(|a, b| a.group == b.group) {
            let always = group.iter().filter(|decision| decision.when.is_none());
            let always: Vec<String> = always.map(DecisionRecord::text).collect();
            text += &format!("{}  {}\n", group[0].group, always.join(" x "));
            for decision in group {
                if let Some(WhenRecord {
                    decision: on,
                    value,
                }) = &decision.when
                {
                    let on = on.rsplit('.').next().unwrap_or(on);
                    text += &format!("  if {on} is {}:  {}\n", plain(value), decision.text());
                }
            }
        }
        if !self.constraints.is_empty() {
            text += &format!("\nconstraints\n  {}\n", self.constraints.join("\n  "));
        }
        text
    }

    /// The number of genomes in words.
    #[must_use]
    pub fn size_text(&self) -> String {
        self.size.text()
    }
}

impl SizeRecord {
    fn new(space: &Space) -> Self {
        match space.count() {
            Count::Exact(count) => Self {
                size: count.to_string(),
                size_is_exact: true,
                share_kept: None,
            },
            Count::AtMost(count, probe) => Self {
                size: count.to_string(),
                size_is_exact: false,
                share_kept: Some(probe.share()),
            },
        }
    }

    fn text(&self) -> String {
        match self.share_kept {
            None => format!("{} genomes", self.size),
            Some(share) => format!(
                "at most {} genomes: all combinations, of which about {:.1}% keep the constraints, \
                 which are too entangled to be counted with",
                self.size,
                share * 100.0
            ),
        }
    }
}

impl DecisionRecord {
    /// `kernel {3, 5}`, with the spelling where it is not the value itself.
    fn text(&self) -> String {
        let values = self.values.iter().zip(&self.spellings);
        let values = values.map(|(value, spelling)| {
            let value = plain(value);
            if value == *spelling {
                value
            } else {
                format!("{value} ({spelling})")
            }
        });
        let values: Vec<String> = values.collect();
        format!("{} {{{}}}", self.name, values.join(", "))
    }
}

/// A value without quotes.
fn plain(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
