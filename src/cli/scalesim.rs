//! SCALE-Sim's files on the command line: configs to profiles, topologies to estimates and reports.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use hwmodels::profile::Profile;
use kernels::work::Precision;

use super::exit::OrBadInput;
use super::options::ModelOptions;
use super::output;
use crate::report::estimate::Program;
use crate::report::write_atomically;
use crate::scalesim::{Config, Report, Topology, profile, profile_file, tasks};

/// Whether MODEL is a topology file.
pub(super) fn is_topology(model: &str) -> bool {
    Path::new(model)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"))
}

/// The topology that MODEL names, which has sizes, heads and elements of its own.
pub(super) fn topology(options: &ModelOptions, precision: Precision) -> anyhow::Result<Topology> {
    let file = &options.model;
    ensure_own_sizes(options, precision).or_bad_input()?;
    let bytes = fs::read(file)
        .with_context(|| format!("cannot read topology `{file}`"))
        .or_bad_input()?;
    Topology::parse(&bytes, file).or_bad_input()
}

fn ensure_own_sizes(options: &ModelOptions, precision: Precision) -> anyhow::Result<()> {
    ensure!(
        options.is_plain(),
        "`{}` is a topology, which has sizes of its own: leave out --size, --tasks, --shape and \
         --fused",
        options.model
    );
    ensure!(
        precision == Precision::Int8,
        "`{}` is a topology, whose elements are bytes: leave out --precision",
        options.model
    );
    Ok(())
}

/// A topology as a program like any other.
pub(super) fn program(model: &str, topology: &Topology) -> anyhow::Result<Program> {
    Ok(Program {
        name: model.to_owned(),
        size: None,
        images: 1,
        list: tasks(topology).or_bad_input()?,
    })
}

/// Writes SCALE-Sim's reports of a topology to `folder`.
pub(super) fn write_report(
    profile: &Profile,
    topology: &Topology,
    folder: &Path,
) -> anyhow::Result<()> {
    let report = Report::new(profile, topology).or_bad_input()?;
    let files = [
        ("COMPUTE_REPORT.csv", report.compute()),
        ("DETAILED_ACCESS_REPORT.csv", report.detailed_access()),
    ];
    for (name, text) in &files {
        let path = folder.join(name);
        write_atomically(&path, text.as_bytes())?;
        eprintln!("wrote {}, {} layers", path.display(), report.layers.len());
    }
    Ok(())
}

/// `ednas profile import`: a config as a profile, and what it left out.
pub(super) fn import(config: &Path, out: Option<&Path>) -> anyhow::Result<()> {
    let text = fs::read_to_string(config)
        .with_context(|| format!("cannot read config `{}`", config.display()))
        .or_bad_input()?;
    let name = config.file_name().unwrap_or(config.as_os_str());
    let config = Config::parse(&text, &name.to_string_lossy()).or_bad_input()?;
    profile(&config).check().or_bad_input()?;
    let file = profile_file(&config);
    for left in &config.left_out {
        eprintln!("{}: {left}", config.file);
    }
    match out {
        Some(path) => {
            super::profile::ensure_new(path)?;
            write_atomically(path, file.as_bytes())
        }
        None => output::print(&file),
    }
}
