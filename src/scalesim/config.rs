//! SCALE-Sim's config: what a machine of it is, and what of the file says nothing about cycles.

use super::ini::{self, Entry};
use super::{ARRAY_SIDE_MAX, ScalesimError};

const GENERAL: &str = "general";
const ARCHITECTURE: &str = "architecture_presets";
const LAYOUT: &str = "layout";
const SPARSITY: &str = "sparsity";
const RUN: &str = "run_presets";
const NETWORK: &str = "network_presets";

/// Keys that a profile takes over.
const TAKEN: [(&str, &str); 4] = [
    (GENERAL, "run_name"),
    (ARCHITECTURE, "ArrayHeight"),
    (ARCHITECTURE, "ArrayWidth"),
    (ARCHITECTURE, "Dataflow"),
];

const STALLS: &str =
    "they only shape stalls and DRAM traffic, and SCALE-Sim's stalls are not imitated";
const ADDRESSES: &str = "no duration depends on addresses";
const BANKS: &str = "they only shape bank conflicts, which are not imitated";
const DENSE: &str = "they mean something for sparse filters only";
const TOPOLOGY: &str = "the topology is named when it is estimated";

/// Keys that SCALE-Sim reads and a profile has no place for, by the reason.
const LEFT_OUT: [(&str, &str, &str); 27] = [
    (ARCHITECTURE, "IfmapSramSzkB", STALLS),
    (ARCHITECTURE, "FilterSramSzkB", STALLS),
    (ARCHITECTURE, "OfmapSramSzkB", STALLS),
    (ARCHITECTURE, "Bandwidth", STALLS),
    (ARCHITECTURE, "MemoryBanks", STALLS),
    (ARCHITECTURE, "ReadRequestBuffer", STALLS),
    (ARCHITECTURE, "WriteRequestBuffer", STALLS),
    (RUN, "InterfaceBandwidth", STALLS),
    (RUN, "UseRamulatorTrace", STALLS),
    (ARCHITECTURE, "IfmapOffset", ADDRESSES),
    (ARCHITECTURE, "FilterOffset", ADDRESSES),
    (ARCHITECTURE, "OfmapOffset", ADDRESSES),
    (LAYOUT, "IfmapCustomLayout", BANKS),
    (LAYOUT, "IfmapSRAMBankBandwidth", BANKS),
    (LAYOUT, "IfmapSRAMBankNum", BANKS),
    (LAYOUT, "IfmapSRAMBankPort", BANKS),
    (LAYOUT, "FilterCustomLayout", BANKS),
    (LAYOUT, "FilterSRAMBankBandwidth", BANKS),
    (LAYOUT, "FilterSRAMBankNum", BANKS),
    (LAYOUT, "FilterSRAMBankPort", BANKS),
    (SPARSITY, "SparsitySupport", DENSE),
    (SPARSITY, "SparseRep", DENSE),
    (SPARSITY, "OptimizedMapping", DENSE),
    (SPARSITY, "BlockSize", DENSE),
    (SPARSITY, "NonZeroElems", DENSE),
    (SPARSITY, "RandomNumberGeneratorSeed", DENSE),
    (NETWORK, "TopologyCsvLoc", TOPOLOGY),
];

/// What a config says of a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The file's name, without its folder.
    pub file: String,
    /// `run_name`.
    pub run_name: String,
    /// `ArrayHeight`: rows of elements, 1 to [`ARRAY_SIDE_MAX`].
    pub rows: u64,
    /// `ArrayWidth`: columns of elements, 1 to [`ARRAY_SIDE_MAX`].
    pub cols: u64,
    /// `Dataflow`: `os`, `ws` or `is`.
    pub dataflow: String,
    /// What the file says besides, by the reason why a profile does not take it over.
    pub left_out: Vec<LeftOut>,
}

/// Keys that are not taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// As the file writes them, with `[section]` and line where nothing is known about them.
    pub keys: Vec<String>,
    /// Why.
    pub why: &'static str,
}

impl std::fmt::Display for LeftOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "left out {}: {}", self.keys.join(", "), self.why)
    }
}

impl Config {
    /// Reads the config in `text`; `file` is its name, for errors and for the profile's sources.
    ///
    /// # Errors
    /// Lines that are no INI, keys that are missing or given twice, values that no array has, and
    /// sparse filters, which are not modeled.
    pub fn parse(text: &str, file: &str) -> Result<Config, ScalesimError> {
        let entries = ini::entries(text, file)?;
        let reader = Reader {
            entries: &entries,
            file,
        };
        reader.refuse_sparse()?;
        Ok(Config {
            file: file.to_owned(),
            run_name: reader.run_name()?,
            rows: reader.side("ArrayHeight")?,
            cols: reader.side("ArrayWidth")?,
            dataflow: reader.dataflow()?,
            left_out: left_out(&entries),
        })
    }
}

struct Reader<'a> {
    entries: &'a [Entry<'a>],
    file: &'a str,
}

impl<'a> Reader<'a> {
    fn find(&self, section: &str, key: &str) -> Option<&'a Entry<'a>> {
        self.entries.iter().find(|entry| entry.is(section, key))
    }

    fn needed(&self, section: &str, key: &str) -> Result<&'a Entry<'a>, ScalesimError> {
        self.find(section, key).ok_or_else(|| {
            let own = self.entries.iter().filter(|entry| entry.section == section);
            let there: Vec<&str> = own.map(|entry| entry.key).collect();
            let there = match there.as_slice() {
                [] => "it has no such section".to_owned(),
                keys => format!("the section has {}", keys.join(", ")),
            };
            ScalesimError::File {
                file: self.file.to_owned(),
                fault: format!("`{key}` of [{section}] is missing; {there}"),
            }
        })
    }

    fn refuse(&self, entry: &Entry<'_>, expected: &str) -> ScalesimError {
        ScalesimError::Line {
            file: self.file.to_owned(),
            line: entry.line,
            fault: format!("`{}` is `{}`; expected {expected}", entry.key, entry.value),
        }
    }

    fn run_name(&self) -> Result<String, ScalesimError> {
        let entry = self.needed(GENERAL, "run_name")?;
        if entry.value.is_empty() {
            return Err(self.refuse(entry, "a name"));
        }
        Ok(entry.value.to_owned())
    }

    fn side(&self, key: &str) -> Result<u64, ScalesimError> {
        let entry = self.needed(ARCHITECTURE, key)?;
        let side = entry.value.parse().ok();
        side.filter(|side| (1..=ARRAY_SIDE_MAX).contains(side))
            .ok_or_else(|| {
                self.refuse(entry, &format!("a whole number from 1 to {ARRAY_SIDE_MAX}"))
            })
    }

    fn dataflow(&self) -> Result<String, ScalesimError> {
        let entry = self.needed(ARCHITECTURE, "Dataflow")?;
        match entry.value {
            "os" | "ws" | "is" => Ok(entry.value.to_owned()),
            _ => Err(self.refuse(entry, "one of os, ws, is")),
        }
    }

    fn refuse_sparse(&self) -> Result<(), ScalesimError> {
        match self.find(SPARSITY, "SparsitySupport") {
            Some(entry) if entry.value.eq_ignore_ascii_case("true") => Err(self.refuse(
                entry,
                "false: sparse filters are not modeled, and a dense profile would be another machine",
            )),
            Some(_) | None => Ok(()),
        }
    }
}

/// What is not taken over, one entry per reason, in the order of the file.
fn left_out(entries: &[Entry<'_>]) -> Vec<LeftOut> {
    let mut found: Vec<LeftOut> = Vec::new();
    for entry in entries {
        if TAKEN.iter().any(|(section, key)| entry.is(section, key)) {
            continue;
        }
        let known = LEFT_OUT
            .iter()
            .find(|(section, key, _)| entry.is(section, key));
        let (key, why) = match known {
            Some((_, _, why)) => (format!("{} = {}", entry.key, entry.value), *why),
            None => (
                format!(
                    "`{}` of [{}] (line {})",
                    entry.key, entry.section, entry.line
                ),
                "they are not keys of SCALE-Sim 2 or 3 that are known here",
            ),
        };
        match found.iter_mut().find(|left| left.why == why) {
            Some(left) => left.keys.push(key),
            None => found.push(LeftOut {
                keys: vec![key],
                why,
            }),
        }
    }
    found
}
