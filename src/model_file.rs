//! Model files that other tools wrote: which files they are, and the network in one.

mod beside;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use anyhow::{Context, anyhow, bail, ensure};
use exporters::{ReadError, onnx, tflite};
use kernels::{Verified, fold, verify};

use beside::beside;

/// The formats, by what their files' names end in.
pub const EXTENSIONS: [&str; 2] = ["tflite", "onnx"];

/// How an input gets extents that its file leaves open.
const OPEN_EXTENTS: &str = "an extent of an input is open: say what it is with --shape";

/// The extents of inputs that a file leaves open, by name, in the order of the file.
pub type Shapes = BTreeMap<String, Vec<usize>>;

/// Whether the file is called as a model file is.
#[must_use]
pub fn is_model_file(file: &Path) -> bool {
    extension(file).is_some()
}

/// The network in `file`, called as the file is.
///
/// # Errors
/// A file that cannot be opened, is in no known format, is damaged, or leaves extents open that
/// `shapes` does not give; the error names it.
pub fn read(file: &Path, shapes: &Shapes) -> anyhow::Result<Verified> {
    let read = || -> anyhow::Result<Verified> {
        let bytes = fs::read(file)?;
        let network = match extension(file) {
            Some("tflite") => {
                ensure!(
                    shapes.is_empty(),
                    "TFLite files have shapes of their own: leave out --shape"
                );
                tflite::read(&bytes)?
            }
            Some("onnx") => read_onnx(file, &bytes, shapes)?,
            Some(_) | None => bail!("expected a file of {}", EXTENSIONS.join(" or ")),
        };
        let mut graph = network.into_graph();
        let stem = file.file_stem().unwrap_or_default();
        graph.name = stem.to_string_lossy().into_owned();
        Ok(verify(graph)?)
    };
    read().with_context(|| format!("cannot read model `{}`", file.display()))
}

/// As [`read`], as inference runs it: every tool that takes ONNX folds batch norms, those that write
/// TFLite have done so.
///
/// # Errors
/// As [`read`].
pub fn read_to_run(file: &Path, shapes: &Shapes) -> anyhow::Result<Verified> {
    let network = read(file, shapes)?;
    Ok(match extension(file) {
        Some("onnx") => fold(&network),
        Some(_) | None => network,
    })
}

fn read_onnx(file: &Path, bytes: &[u8], shapes: &Shapes) -> anyhow::Result<Verified> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let supply = |region: onnx::Region<'_>| {
        beside(folder, &region).map_err(|error| format!("`{}`: {error:#}", region.location))
    };
    let options = onnx::ReadOptions {
        shapes: shapes.clone(),
        external: Some(&supply),
    };
    let read = onnx::read(bytes, &options);
    read.map_err(|error| match error {
        ReadError::Dynamic { .. } => anyhow!("{error}").context(OPEN_EXTENTS),
        ReadError::Format { .. }
        | ReadError::Malformed { .. }
        | ReadError::Contradiction { .. } => error.into(),
    })
}

fn extension(file: &Path) -> Option<&'static str> {
    let found = file.extension().and_then(OsStr::to_str)?;
    EXTENSIONS
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(found))
}
