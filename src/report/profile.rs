//! Accelerator profiles side by side: the record of `ednas profile list` and its table.

use comfy_table::{CellAlignment, Table, presets};
use hwmodels::array::{Array, Dataflow};
use hwmodels::profile::{Mode, Profile, ProfileError, ProfileFile, is_verified, names};
use hwmodels::units::float;
use serde::Serialize;

/// `ednas.profile-list/1`: the profiles that come with ednas.
#[derive(Clone, Debug, Serialize)]
pub struct ProfileListRecord {
    /// `ednas.profile-list/1`.
    pub schema: &'static str,
    /// The profiles, by name; those that nobody could check last.
    pub profiles: Vec<ProfileEntry>,
}

/// One profile.
#[derive(Clone, Debug, Serialize)]
pub struct ProfileEntry {
    /// The name it is asked for by.
    pub name: String,
    /// Which machine it is, in which state.
    pub description: String,
    /// Whether its numbers could be checked against the machine or its papers.
    pub verified: bool,
    /// Kind and sides of its array, where there is one.
    pub array: Option<String>,
    /// Multiply-accumulates per cycle when every multiplier works.
    pub peak_macs_per_cycle: Option<u64>,
    /// Core clock.
    pub clock_mhz: f64,
    /// All on-chip memory.
    pub on_chip_bytes: Option<u64>,
    /// Its modes, by name.
    pub modes: Vec<ModeEntry>,
}

/// A mode of a profile.
#[derive(Clone, Debug, Serialize)]
pub struct ModeEntry {
    /// The name it is asked for by, after the profile's and a colon.
    pub name: String,
    /// What it is, if the profile says.
    pub description: Option<String>,
}

impl ProfileListRecord {
    /// The profiles that ship, with the unverified ones if `all`.
    ///
    /// # Errors
    /// None for profiles that ship, which tests hold sound.
    pub fn new(all: bool) -> Result<Self, ProfileError> {
        let listed = names().filter(|name| all || is_verified(name));
        Ok(Self {
            schema: "ednas.profile-list/1",
            profiles: listed.map(ProfileEntry::new).collect::<Result<_, _>>()?,
        })
    }

    /// A table for people.
    #[must_use]
    pub fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header([
            "name",
            "array",
            "MACs/cycle",
            "MHz",
            "on chip",
            "modes",
            "what it is",
        ]);
        for profile in &self.profiles {
            let none = || "-".to_owned();
            let modes: Vec<&str> = profile
                .modes
                .iter()
                .map(|mode| mode.name.as_str())
                .collect();
            table.add_row([
                profile.name.clone(),
                profile.array.clone().unwrap_or_else(none),
                profile
                    .peak_macs_per_cycle
                    .map_or_else(none, |macs| macs.to_string()),
                profile.clock_mhz.to_string(),
                profile.on_chip_bytes.map_or_else(none, kib),
                if modes.is_empty() {
                    none()
                } else {
                    modes.join(", ")
                },
                format!(
                    "{}{}",
                    if profile.verified {
                        ""
                    } else {
                        "(unverified) "
                    },
                    first_sentence(&profile.description)
                ),
            ]);
        }
        for column in [2, 3, 4] {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        format!(
            "{}\n\nA mode is asked for as NAME:MODE, several as NAME:MODE+MODE.\n",
            table.trim_fmt()
        )
    }
}

impl ProfileEntry {
    fn new(name: &str) -> Result<Self, ProfileError> {
        let file = ProfileFile::named(name)?;
        let profile = file.base()?;
        let array = profile.array().map(|array| array.value);
        Ok(Self {
            name: name.to_owned(),
            description: profile.raw().description.clone(),
            verified: is_verified(name),
            array: array.map(|array| array_words(&array, profile.tiles())),
            peak_macs_per_cycle: profile.peak_macs_per_cycle(),
            clock_mhz: float(profile.clock_hz()) / 1e6,
            on_chip_bytes: on_chip_bytes(&profile),
            modes: file.modes().into_iter().map(ModeEntry::new).collect(),
        })
    }
}

impl ModeEntry {
    fn new(mode: Mode) -> Self {
        Self {
            name: mode.name,
            description: mode.description,
        }
    }
}

/// Kind and sides: `systolic 32 x 32 ws`, `16 tiles of dot 1 px x 64 cells x 4`.
fn array_words(array: &Array, tiles: u64) -> String {
    let copies = match tiles {
        1 => String::new(),
        tiles => format!("{tiles} tiles of "),
    };
    copies + &one_array(array)
}

fn one_array(array: &Array) -> String {
    match array {
        Array::Systolic(systolic) => {
            let dataflow = match systolic.dataflow {
                Dataflow::Output => "os",
                Dataflow::Weight => "ws",
                Dataflow::Input => "is",
            };
            let simd = match systolic.simd {
                1 => String::new(),
                simd => format!(" x {simd}"),
            };
            format!(
                "systolic {} x {}{simd} {dataflow}",
                systolic.rows, systolic.cols
            )
        }
        Array::Dot(dot) => format!("dot {} px x {} cells x {}", dot.px, dot.cells, dot.simd),
    }
}

fn on_chip_bytes(profile: &Profile) -> Option<u64> {
    let memory = profile.memory()?;
    Some(memory.wide.bytes.saturating_add(memory.narrow.bytes))
}

fn kib(bytes: u64) -> String {
    format!("{} KiB", bytes.div_ceil(1024))
}

/// Up to the first full stop that ends a sentence, without it.
fn first_sentence(text: &str) -> &str {
    let first = text.split_once(". ").map_or(text, |(first, _)| first);
    first.trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unverified_profiles_are_listed_on_request_only() {
        let listed = |all| ProfileListRecord::new(all).unwrap().profiles;
        assert!(listed(false).iter().all(|profile| profile.verified));
        assert_eq!(listed(true).len(), names().count());
    }

    #[test]
    fn entries_are_one_line_each() {
        let record = ProfileListRecord::new(true).unwrap();
        let coral = record
            .profiles
            .iter()
            .find(|p| p.name == "coral-edgetpu")
            .unwrap();
        assert_eq!(coral.array.as_deref(), Some("dot 16 px x 64 cells x 4"));
        assert_eq!(
            (coral.peak_macs_per_cycle, coral.clock_mhz),
            (Some(4096), 294.94)
        );
        assert!(coral.modes.iter().any(|mode| mode.name == "usb2"));
        let table = record.table();
        assert_eq!(table.lines().count(), record.profiles.len() + 3, "{table}");
    }
}
