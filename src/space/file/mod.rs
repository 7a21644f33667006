//! Spaces as files: TOML or JSON, read strictly, each fault with its line and column.

mod build;
mod error;
mod known;
mod place;
mod raw;
mod values;

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use hwmodels::profile::{Place, Profile, nearest};

pub use error::SpaceFileError;
pub use known::names;

use self::build::{Fault, build};
use self::error::suggestion;
use self::place::{Format, Step, span_of};
use self::raw::{RawDecodes, RawSpace};
use super::decode::{Decoded, Decoder};
use super::definition::Space;
use super::ednas::FusedDefinition;
use super::ednas::genomes::{fused_of_name, space_named};
use super::error::SpaceError;
use super::genome::Genome;

/// The longest file, in bytes.
const LENGTH_MAX: u64 = 1 << 20;

/// A space as its file gives it.
#[derive(Debug, Clone)]
pub struct SpaceFile {
    /// The space.
    pub space: Space,
    /// A line about it.
    pub description: String,
    /// What its genomes stand for, where that is said.
    pub decoder: Option<Decoder>,
}

impl SpaceFile {
    /// The space that `name` means: one that ships with this crate, `ednas/DEFINITION`, or a file.
    ///
    /// # Errors
    /// An unknown name, and as [`SpaceFile::read`].
    pub fn open(name: &str) -> Result<Self, SpaceFileError> {
        if format_of(Path::new(name)).is_some() {
            return Self::read(Path::new(name));
        }
        match space_named(name) {
            Ok(space) => Ok(Self {
                space,
                decoder: Some(Decoder::Ednas(fused_of_name(name)?)),
                ..Self::named("ednas")?
            }),
            Err(error) if name.starts_with("ednas/") => Err(error.into()),
            Err(_) => Self::named(name),
        }
    }

    /// A genome spelled `SPACE/BODY`, where the space is what [`SpaceFile::open`] takes, and that
    /// space.
    ///
    /// # Errors
    /// As [`SpaceFile::open`], and for a text that spells no genome of the space.
    pub fn genome(spelled: &str) -> Result<(Self, Genome), SpaceFileError> {
        let Some((space, body)) = spelled.rsplit_once('/') else {
            let found = spelled.to_owned();
            return Err(SpaceError::NotAGenome { found }.into());
        };
        let file = Self::open(space)?;
        let genome = file.space.parse(&format!("{}/{body}", file.space.name()))?;
        Ok((file, genome))
    }

    /// What a genome of the space stands for; nothing where the space does not say.
    ///
    /// # Errors
    /// As [`Decoder::decode`].
    pub fn decode(&self, genome: &Genome) -> Result<Option<Decoded>, SpaceError> {
        let decoder = self.decoder.as_ref();
        decoder.map(|d| d.decode(&self.space, genome)).transpose()
    }

    /// Whether `spelled` begins as a genome does: with the name of a space that ships or a file's.
    #[must_use]
    pub fn is_genome(spelled: &str) -> bool {
        let Some((space, _)) = spelled.rsplit_once('/') else {
            return false;
        };
        names().any(|name| name == space) || format_of(Path::new(space)).is_some()
    }

    /// The space called `name` that ships with this crate.
    ///
    /// # Errors
    /// An unknown name, with the known ones.
    pub fn named(name: &str) -> Result<Self, SpaceFileError> {
        match known::find(name) {
            Some(text) => parse(text, name, Format::Toml),
            None => {
                let known: Vec<String> = names().map(str::to_owned).collect();
                Err(SpaceFileError::UnknownName {
                    name: name.to_owned(),
                    nearest: nearest(name, &known),
                    known,
                })
            }
        }
    }

    /// The space in the file at `path`; JSON if it ends in `.json`, else TOML.
    ///
    /// # Errors
    /// A file that cannot be read or is no space, and decisions that its decoder cannot read.
    pub fn read(path: &Path) -> Result<Self, SpaceFileError> {
        let unreadable = |error: std::io::Error| SpaceFileError::Unreadable {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let mut text = String::new();
        let file = File::open(path).map_err(unreadable)?;
        file.take(LENGTH_MAX + 1)
            .read_to_string(&mut text)
            .map_err(unreadable)?;
        if u64::try_from(text.len()).is_ok_and(|length| length > LENGTH_MAX) {
            return Err(SpaceFileError::TooLong {
                path: path.to_owned(),
            });
        }
        let format = format_of(path).unwrap_or(Format::Toml);
        let origin = path.display().to_string();
        let file = parse(&text, &origin, format)?;
        if let Some(decoder) = &file.decoder {
            decoder.check(&file.space).map_err(|error| {
                let span = span_of(format, &text, &[Step::Key("decodes")]);
                refuse(&origin, &text, span, error.to_string())
            })?;
        }
        Ok(file)
    }
}

/// The space in `text`, its decoder not held against its decisions.
fn parse(text: &str, origin: &str, format: Format) -> Result<SpaceFile, SpaceFileError> {
    let raw = match format {
        Format::Toml => toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            refuse(origin, text, span, in_words(error.message()))
        }),
        Format::Json => serde_json::from_str(text).map_err(|error| {
            let span = span_of_json(text, &error);
            refuse(origin, text, span, in_words(&error.to_string()))
        }),
    };
    let raw: RawSpace = raw?;
    let locate = |Fault { path, problem }: Fault| {
        refuse(origin, text, span_of(format, text, &path), problem)
    };
    let space = build(&raw).map_err(locate)?;
    let decoder = decoder(&raw).map_err(locate)?;
    Ok(SpaceFile {
        space,
        description: raw.description,
        decoder,
    })
}

fn decoder(raw: &RawSpace) -> Result<Option<Decoder>, Fault> {
    let fault = |key, problem: &str| {
        Err(Fault {
            path: vec![Step::Key(key)],
            problem: problem.to_owned(),
        })
    };
    let decoder = match (raw.decodes, &raw.base) {
        (Some(RawDecodes::Profile), Some(base)) => match Profile::named(base) {
            Ok(base) => Decoder::Profile(Box::new(base)),
            Err(error) => return fault("base", &error.to_string()),
        },
        (Some(RawDecodes::Profile), None) => {
            return fault(
                "decodes",
                "`profile` needs `base`, the name of the profile to vary",
            );
        }
        (_, Some(_)) => {
            return fault(
                "base",
                "only spaces with decodes = \"profile\" have a `base`",
            );
        }
        (Some(RawDecodes::Ednas), None) => Decoder::Ednas(FusedDefinition::default()),
        (Some(RawDecodes::Mobiledet), None) => Decoder::Mobiledet,
        (Some(RawDecodes::Pyramid), None) => Decoder::Pyramid,
        (None, None) => return Ok(None),
    };
    Ok(Some(decoder))
}

fn format_of(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()? {
        "toml" => Some(Format::Toml),
        "json" => Some(Format::Json),
        _ => None,
    }
}

fn refuse(origin: &str, text: &str, span: Range<usize>, problem: String) -> SpaceFileError {
    let place = Box::new(Place::new(origin, text, span));
    SpaceFileError::Refused { place, problem }
}

/// What the reader says, unknown keys with the nearest known one.
fn in_words(message: &str) -> String {
    // The place is said before.
    let message = message.split(" at line ").next().unwrap_or(message);
    let mut quoted = message.split('`').skip(1).step_by(2);
    let unknown = ["unknown field", "unknown variant"];
    match quoted.next() {
        Some(key) if unknown.iter().any(|start| message.starts_with(start)) => {
            let known: Vec<String> = quoted.map(str::to_owned).collect();
            let what = if message.starts_with(unknown[0]) {
                "key"
            } else {
                "word"
            };
            let near = suggestion(&nearest(key, &known));
            format!(
                "unknown {what} `{key}`{near}; known here: {}",
                known.join(", ")
            )
        }
        Some(_) | None => {
            let said = [
                ("field", "key"),
                ("i64", "a whole number"),
                ("usize", "a whole number from 0"),
                ("u32", "a whole number from 0"),
                ("f64", "a number"),
            ];
            let plain = |text: String, (said, meant): (&str, &str)| text.replace(said, meant);
            said.into_iter().fold(message.to_owned(), plain)
        }
    }
}

/// The bytes that a JSON error means: the key it names, or where the reader stopped.
fn span_of_json(text: &str, error: &serde_json::Error) -> Range<usize> {
    let lines = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1));
    let line_start: usize = lines.map(str::len).sum();
    let mut at = (line_start + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let message = error.to_string();
    let key = message.strip_prefix("unknown field `");
    let key = key.and_then(|rest| rest.split('`').next());
    let found = key.and_then(|key| {
        let quoted = format!("\"{key}\"");
        // The reader stops on the closing quote.
        let start = text.get(..=at)?.rfind(&quoted)?;
        Some(start..start + quoted.len())
    });
    found.unwrap_or(at..at)
}

#[cfg(test)]
mod tests;
