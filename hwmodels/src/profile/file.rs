//! A profile's file: a machine, and the modes that it comes in.
//!
//! `[modes.NAME]` holds what differs from the machine of the rest of the file: another clock,
//! another link, another split of its memory. Tables are laid over those of the base key by key,
//! and each says in a `source` of its own where its numbers come from. `[modes.NAME.when]` is no
//! part of the machine: it says which measurements mean the mode ([`super::when`]).

use toml::de::{DeTable, DeValue};

use super::document::{Origin, entry, join, merge, span_of, words};
use super::error::nearest;
use super::{Meant, Profile, ProfileError, Setup, known, read, schema};

/// A profile's file, read but for its numbers.
#[derive(Clone, Debug)]
pub struct ProfileFile<'t> {
    origin: Origin<'t>,
    base: DeTable<'t>,
    modes: DeTable<'t>,
}

/// A mode of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mode {
    /// The name it is asked for by, after the profile's and a colon.
    pub name: String,
    /// What it is, if the file says.
    pub description: Option<String>,
}

/// Splits `PROFILE:MODE+MODE` into the profile, by name or path, and its modes.
///
/// ```
/// use hwmodels::profile::split_modes;
///
/// assert_eq!(split_modes("coral-edgetpu:usb2+std"), ("coral-edgetpu", vec!["usb2", "std"]));
/// assert_eq!(split_modes("C:/mine.toml"), ("C:/mine.toml", vec![]));
/// ```
#[must_use]
pub fn split_modes(name: &str) -> (&str, Vec<&str>) {
    match name.rsplit_once(':') {
        Some((profile, modes)) if !modes.contains(['/', '\\']) && !modes.ends_with(".toml") => {
            (profile, modes.split('+').collect())
        }
        Some(_) | None => (name, Vec::new()),
    }
}

impl<'t> ProfileFile<'t> {
    /// The file with the given `text`; `name` is its file name or other name, for errors.
    ///
    /// # Errors
    /// A text that is not TOML, or modes that are not tables of tables.
    pub fn parse(text: &'t str, name: &'t str) -> Result<ProfileFile<'t>, ProfileError> {
        let origin = Origin { name, text };
        let mut base = read::parse(origin)?;
        let modes = entry(&base, "modes").map(|(_, modes)| modes.clone());
        base.remove("modes");
        let modes = match modes.map(|modes| (modes.span(), modes.into_inner())) {
            None => DeTable::new(),
            Some((_, DeValue::Table(modes))) => modes,
            Some((span, other)) => return Err(not_a_table(origin, span, "modes", &other)),
        };
        for (mode, value) in &modes {
            let path = join("modes", mode.get_ref());
            if mode.get_ref().is_empty() || mode.get_ref().contains([':', '+', '/', '.']) {
                return Err(ProfileError::Value {
                    place: Some(origin.place(mode.span())),
                    field: "the name of a mode".to_owned(),
                    found: format!("`{}`", mode.get_ref()),
                    expected: "a name without `:`, `+`, `/` and `.`".to_owned(),
                });
            }
            if value.get_ref().as_table().is_none() {
                return Err(not_a_table(origin, value.span(), &path, value.get_ref()));
            }
        }
        Ok(ProfileFile {
            origin,
            base,
            modes,
        })
    }

    /// The file of a profile that ships with this crate, by its name without modes.
    ///
    /// # Errors
    /// An unknown name, with the known ones.
    pub fn named(name: &str) -> Result<ProfileFile<'static>, ProfileError> {
        let (name, text) = known::find(name)?;
        ProfileFile::parse(text, name)
    }

    /// The text as it was written, comments included.
    #[must_use]
    pub fn text(&self) -> &'t str {
        self.origin.text
    }

    /// Its modes, in alphabetical order.
    #[must_use]
    pub fn modes(&self) -> Vec<Mode> {
        let modes = self.modes.iter().map(|(name, mode)| {
            let table = mode.get_ref().as_table();
            let description = table.and_then(|table| entry(table, "description"));
            Mode {
                name: name.get_ref().to_string(),
                description: description
                    .and_then(|(_, text)| text.get_ref().as_str())
                    .map(str::to_owned),
            }
        });
        modes.collect()
    }

    /// The machine without a mode.
    ///
    /// # Errors
    /// As [`Profile::parse`].
    pub fn base(&self) -> Result<Profile, ProfileError> {
        self.with_modes(&[])
    }

    /// The machine with `modes` laid over it, in this order; it is named after them and complete
    /// in itself.
    ///
    /// # Errors
    /// As [`Profile::parse`], and: a mode that the file does not have, a table of a mode that does
    /// not say where its numbers come from.
    pub fn with_modes(&self, modes: &[&str]) -> Result<Profile, ProfileError> {
        let mut merged = self.base.clone();
        for mode in modes {
            let mut table = self.mode(mode)?.clone();
            self.check_mode(mode, &table)?;
            table.remove("description");
            table.remove("when");
            merge(&mut merged, &table);
            self.check_sources(&table, Some(&merged), &join("modes", mode), None)?;
        }
        read::read(self.origin, &merged, |raw| {
            if !modes.is_empty() {
                raw.name = format!("{}:{}", raw.name, modes.join("+"));
            }
            let taken = self.modes().into_iter();
            let taken = taken.filter(|mode| modes.contains(&mode.name.as_str()));
            for description in taken.filter_map(|mode| mode.description) {
                raw.description = format!("{} {description}", raw.description);
            }
        })
    }

    /// Whether it says which measurements it is meant by.
    #[must_use]
    pub fn has_when(&self) -> bool {
        entry(&self.base, "when").is_some()
    }

    /// What `setup` means in terms of this file.
    ///
    /// # Errors
    /// A `[when]`, of the machine or of a mode, that is not as it should be.
    pub fn meant_by(&self, setup: &Setup<'_>) -> Result<Meant, ProfileError> {
        let base = read::when(self.origin, &self.base)?.unwrap_or_default();
        let mut meant = Meant {
            modes: Vec::new(),
            named: base.names(setup),
        };
        let mut modes: Vec<_> = self.modes.iter().collect();
        modes.sort_by_key(|(name, _)| name.span().start);
        for (name, mode) in modes {
            let Some(table) = mode.get_ref().as_table() else {
                continue;
            };
            if let Some(when) = read::when(self.origin, table)?
                && when.fits(setup)
            {
                meant.modes.push(name.get_ref().to_string());
                meant.named = meant.named.or(when.names(setup));
            }
        }
        Ok(meant)
    }

    fn mode(&self, mode: &str) -> Result<&DeTable<'t>, ProfileError> {
        let found = entry(&self.modes, mode).and_then(|(_, mode)| mode.get_ref().as_table());
        found.ok_or_else(|| {
            let known: Vec<String> = self.modes().into_iter().map(|mode| mode.name).collect();
            ProfileError::UnknownMode {
                profile: self.origin.name.to_owned(),
                mode: (*mode).to_owned(),
                nearest: nearest(mode, &known),
                known,
            }
        })
    }

    /// A mode's own keys: tables and a description.
    fn check_mode(&self, mode: &str, table: &DeTable<'t>) -> Result<(), ProfileError> {
        let path = join("modes", mode);
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if schema::node(&join(&path, name)).is_none() {
                return Err(read::unknown(self.origin, key.span(), &path, name));
            }
            let is_text = value.get_ref().as_str().is_some();
            if name == "description" && !is_text {
                return Err(ProfileError::Value {
                    place: Some(self.origin.place(value.span())),
                    field: join(&path, name),
                    found: words(value.get_ref()),
                    expected: schema::expected(&join(&path, name)),
                });
            }
        }
        read::when(self.origin, table).map(|_| ())
    }

    /// Every number of a mode must be covered by a `source` of the mode: in its own table or,
    /// where tables of that kind have none, in the nearest one around it that has. `lacking` is
    /// the table around this one that should have it and has not.
    fn check_sources(
        &self,
        mode: &DeTable<'t>,
        merged: Option<&DeTable<'t>>,
        path: &str,
        lacking: Option<&str>,
    ) -> Result<(), ProfileError> {
        let has_source = merged.is_some_and(|table| entry(table, "source").is_some());
        let lacking = match (has_source, entry(mode, "source")) {
            (true, Some(_)) => None,
            (true, None) => Some(path),
            (false, _) => lacking,
        };
        for (key, value) in mode {
            let name = key.get_ref().as_ref();
            match (value.get_ref().as_table(), lacking) {
                (Some(inner), _) => {
                    let merged =
                        merged.and_then(|table| entry(table, name)?.1.get_ref().as_table());
                    self.check_sources(inner, merged, &join(path, name), lacking)?;
                }
                (None, Some(table)) => {
                    let span = span_of(&self.modes, table.trim_start_matches("modes."));
                    let span = span.unwrap_or_else(|| key.span());
                    return Err(read::missing(self.origin, span, table, "source"));
                }
                (None, None) => {}
            }
        }
        Ok(())
    }
}

fn not_a_table(
    origin: Origin<'_>,
    span: std::ops::Range<usize>,
    path: &str,
    found: &DeValue<'_>,
) -> ProfileError {
    ProfileError::Value {
        place: Some(origin.place(span)),
        field: path.to_owned(),
        found: words(found),
        expected: "a table".to_owned(),
    }
}
