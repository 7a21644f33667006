//! Model files that other tools wrote: which files they are, and the network in one.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use exporters::tflite;
use kernels::{Verified, verify};

/// The formats, by what their files' names end in.
pub const EXTENSIONS: [&str; 1] = ["tflite"];

/// Whether the file is called as a model file is.
#[must_use]
pub fn is_model_file(file: &Path) -> bool {
    extension(file).is_some()
}

/// The network in `file`, called as the file is.
///
/// # Errors
/// A file that cannot be opened, is in no known format, or is damaged; the error names it.
pub fn read(file: &Path) -> anyhow::Result<Verified> {
    let read = || -> anyhow::Result<Verified> {
        let bytes = fs::read(file)?;
        let network = match extension(file) {
            Some("tflite") => tflite::read(&bytes)?,
            Some(_) | None => bail!("expected a file of {}", EXTENSIONS.join(" or ")),
        };
        let mut graph = network.into_graph();
        let stem = file.file_stem().unwrap_or_default();
        graph.name = stem.to_string_lossy().into_owned();
        Ok(verify(graph)?)
    };
    read().with_context(|| format!("cannot read model `{}`", file.display()))
}

fn extension(file: &Path) -> Option<&'static str> {
    let found = file.extension().and_then(OsStr::to_str)?;
    EXTENSIONS
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(found))
}
