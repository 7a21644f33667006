//! The spaces that ship: the record of `ednas space list`.

use comfy_table::{Table, presets};
use serde::Serialize;

use crate::space::file::names;
use crate::space::{SpaceFile, SpaceFileError};

use super::SizeRecord;

/// `ednas.spaces/1`: the spaces that come with ednas.
#[derive(Clone, Debug, Serialize)]
pub struct SpaceListRecord {
    /// `ednas.spaces/1`.
    pub schema: &'static str,
    /// The spaces, by name.
    pub spaces: Vec<SpaceEntry>,
}

/// One space.
#[derive(Clone, Debug, Serialize)]
pub struct SpaceEntry {
    /// The name it is asked for by.
    pub name: String,
    /// What genomes stand for; `null` for nothing.
    pub decodes: Option<&'static str>,
    /// Decisions, those that are not always made included.
    pub decisions: usize,
    /// How many genomes there are.
    #[serde(flatten)]
    pub size: SizeRecord,
    /// A line about it.
    pub description: String,
}

impl SpaceListRecord {
    /// The spaces that ship.
    ///
    /// # Errors
    /// None for spaces that ship, which tests hold sound.
    pub fn new() -> Result<Self, SpaceFileError> {
        let entry = |name: &str| -> Result<SpaceEntry, SpaceFileError> {
            let file = SpaceFile::named(name)?;
            Ok(SpaceEntry {
                name: name.to_owned(),
                decodes: file.decoder.as_ref().map(|decoder| decoder.name()),
                decisions: file.space.decisions().len(),
                size: SizeRecord::new(&file.space),
                description: file.description,
            })
        };
        Ok(Self {
            schema: "ednas.spaces/1",
            spaces: names().map(entry).collect::<Result<_, _>>()?,
        })
    }

    /// A table for people.
    #[must_use]
    pub fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(["name", "decisions", "genomes", "description"]);
        for space in &self.spaces {
            table.add_row([
                space.name.as_str(),
                &space.decisions.to_string(),
                &space.size.size,
                &space.description,
            ]);
        }
        format!("{table}\n")
    }
}
