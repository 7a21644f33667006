//! Arm's compiler Vela: which operators it places on an Ethos-U, and the cycles it expects.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use hwmodels::profile::split_modes;

use super::runtime::{Absent, Child, Python};

/// What pip calls it.
const PACKAGE: &str = "ethos-u-vela";

/// How Python starts it.
const START: &str = "import sys; from ethosu.vela.vela import main; sys.exit(main(sys.argv[1:]))";

/// How long a compilation may take.
const LIMIT: Duration = Duration::from_secs(600);

/// A Vela that runs.
#[derive(Clone, Debug)]
pub struct Vela {
    python: Python,
    /// Its release.
    pub version: String,
}

/// The machine that a profile describes, in Vela's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// `--accelerator-config`.
    pub accelerator: String,
    /// `--system-config` of `Arm/vela.ini`.
    pub system: &'static str,
    /// `--memory-mode` of `Arm/vela.ini`.
    pub memory: &'static str,
}

/// What Vela says of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Compiled {
    /// For which machine.
    pub machine: Machine,
    /// Operators of its own graph that run on the NPU.
    pub npu_operators: u64,
    /// Operators that stay on the processor.
    pub cpu_operators: u64,
    /// Cycles of one inference, whatever limits it.
    pub cycles: f64,
    /// The same as time at the clock of the system, in milliseconds.
    pub latency_ms: f64,
}

impl Machine {
    /// The machine that the profile `spelled`, modes included, was read from; `None` when it is
    /// not one of Vela's.
    #[must_use]
    pub fn of(spelled: &str) -> Option<Self> {
        let (name, modes) = split_modes(spelled);
        let has = |mode: &str| modes.contains(&mode);
        let family = name.strip_prefix("ethos-")?.split('-').next()?;
        let (system, memory) = match family {
            "u55" => (
                if has("deep-embedded") {
                    "Ethos_U55_Deep_Embedded"
                } else {
                    "Ethos_U55_High_End_Embedded"
                },
                if has("shared-sram") {
                    "Shared_Sram"
                } else {
                    "Sram_Only"
                },
            ),
            "u65" => (
                if has("mid-end") {
                    "Ethos_U65_Mid_End"
                } else {
                    "Ethos_U65_High_End"
                },
                if has("sram-only") {
                    "Sram_Only"
                } else {
                    "Dedicated_Sram_384KB"
                },
            ),
            "u85" if has("shared-sram") => ("Ethos_U85_SYS_Flash_High", "Shared_Sram"),
            "u85" if has("sram-only") => ("Ethos_U85_SYS_DRAM_Mid", "Sram_Only"),
            "u85" => ("Ethos_U85_SYS_DRAM_Mid", "Dedicated_Sram_384KB"),
            _ => return None,
        };
        Some(Self {
            accelerator: name.to_owned(),
            system,
            memory,
        })
    }
}

impl Vela {
    /// The Vela of the Python of this machine.
    ///
    /// # Errors
    ///
    /// [`Absent`] when it is not installed there.
    pub fn find() -> Result<Self, Absent> {
        let absent = |why: String, remedy: String| Absent {
            what: "Vela".to_owned(),
            why,
            remedy,
        };
        let python = Python::find().map_err(|python| absent(python.why, python.remedy))?;
        let version = || -> Result<String> {
            let folder = tempfile::tempdir()?;
            run(
                &python,
                "looking for Vela",
                folder.path(),
                &["--version".to_owned()],
            )
        };
        let version = version().map_err(|error| {
            let path = python.path().display();
            let said = format!("{error:#}");
            let last = said.lines().last().unwrap_or_default().trim();
            let remedy = format!("install it with `{path} -m pip install {PACKAGE}`");
            absent(format!("{path} says `{last}`"), remedy)
        })?;
        Ok(Self {
            python,
            version: version.trim().to_owned(),
        })
    }

    /// Compiles a TFLite file for a machine.
    ///
    /// # Errors
    ///
    /// When Vela refuses the file, or does not say what is read here.
    pub fn compile(&self, tflite: &[u8], machine: &Machine) -> Result<Compiled> {
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        fs::write(folder.path().join("model.tflite"), tflite)?;
        let arguments = [
            "model.tflite",
            "--accelerator-config",
            &machine.accelerator,
            "--system-config",
            machine.system,
            "--memory-mode",
            machine.memory,
            "--config",
            "Arm/vela.ini",
            "--output-dir",
            "out",
        ];
        let what = format!("Vela for {}", machine.accelerator);
        let said = run(
            &self.python,
            &what,
            folder.path(),
            &arguments.map(str::to_owned),
        )?;
        let summary = summary(&folder.path().join("out"))?;
        Ok(Compiled {
            machine: machine.clone(),
            npu_operators: operators(&said, "NPU")?,
            cpu_operators: operators(&said, "CPU")?,
            cycles: column(&summary, "cycles_total")?,
            latency_ms: 1e3 * column(&summary, "inference_time")?,
        })
    }
}

fn run(python: &Python, what: &str, folder: &Path, arguments: &[String]) -> Result<String> {
    let start = ["-c", START].map(str::to_owned);
    let child = Child {
        what,
        arguments: [&start[..], arguments].concat(),
        folder,
        limit: LIMIT,
    };
    python.run(&child, &mut || ())
}

/// The number behind `NPU operators = 93 (100.0%)`.
fn operators(said: &str, unit: &str) -> Result<u64> {
    let line = said.lines().find_map(|line| {
        let rest = line.trim().strip_prefix(unit)?.trim_start();
        rest.strip_prefix("operators = ")
    });
    let line =
        line.with_context(|| format!("Vela does not say how many operators run on the {unit}"))?;
    let count = line.split_whitespace().next().unwrap_or_default();
    count
        .parse()
        .with_context(|| format!("Vela says `{line}` {unit} operators"))
}

/// The one table of figures of the whole network.
fn summary(folder: &Path) -> Result<String> {
    for entry in fs::read_dir(folder).context("Vela has written nothing")? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.contains("_summary_") && name.ends_with(".csv") {
            return fs::read_to_string(&path).context("cannot read the summary that Vela wrote");
        }
    }
    bail!("Vela has written no summary")
}

/// The number in column `wanted` of the table's first row; no cell of it is quoted.
fn column(table: &str, wanted: &str) -> Result<f64> {
    let mut lines = table.lines().map(|line| line.split(',').map(str::trim));
    let headings = lines.next().context("Vela's summary is empty")?;
    let position = headings.into_iter().position(|heading| heading == wanted);
    let position = position.with_context(|| format!("Vela's summary has no column `{wanted}`"))?;
    let mut row = lines.next().context("Vela's summary has no row")?;
    let cell = row.nth(position).unwrap_or_default();
    cell.parse()
        .with_context(|| format!("Vela's summary has `{cell}` as {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_the_machines_they_were_read_from() {
        let words = |spelled: &str| {
            let machine = Machine::of(spelled).unwrap();
            (machine.accelerator, machine.system, machine.memory)
        };
        let u55 = |memory| {
            let name = "ethos-u55-128".to_owned();
            (name, "Ethos_U55_High_End_Embedded", memory)
        };
        assert_eq!(words("ethos-u55-128"), u55("Sram_Only"));
        assert_eq!(words("ethos-u55-128:shared-sram"), u55("Shared_Sram"));
        assert_eq!(
            words("ethos-u65-512:sram-only+mid-end"),
            ("ethos-u65-512".to_owned(), "Ethos_U65_Mid_End", "Sram_Only")
        );
        assert_eq!(Machine::of("coral-edgetpu"), None);
    }

    #[test]
    fn figures_are_found_in_what_vela_says() {
        let said =
            "\nNetwork summary for model\nCPU operators = 2 (3.1%)\nNPU operators = 63 (96.9%)\n";
        assert_eq!(operators(said, "NPU").unwrap(), 63);
        assert_eq!(operators(said, "CPU").unwrap(), 2);
        assert!(operators("nothing", "CPU").is_err());
        let table = "experiment,network,cycles_total\ndefault,model,1597426.0\n";
        assert!((column(table, "cycles_total").unwrap() - 1_597_426.0).abs() < 0.5);
        let missing = column(table, "inference_time").unwrap_err().to_string();
        assert_eq!(missing, "Vela's summary has no column `inference_time`");
    }
}
