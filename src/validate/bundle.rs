//! What is validated: a folder of model files, as `ednas export` and `ednas run` write it, or one
//! model file of any origin.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::golden::Vectors;
use super::network::{ModelFile, Network};
use crate::deploy::record::{BundleRecord, SCHEMA};
use crate::deploy::{FLOAT_ONNX, FLOAT_TFLITE, INT8_ONNX, INT8_TFLITE, RECORD};

/// Model files, read.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The folder or file that was named.
    pub path: PathBuf,
    /// The int8 network.
    pub int8: Network,
    /// The float network that it was quantized from, where the folder has it.
    pub float: Option<Network>,
    /// What the folder says about itself, where it does.
    pub record: Option<BundleRecord>,
    /// The golden vectors that the record lists.
    pub golden: Option<Vectors>,
}

impl Opened {
    /// Reads what is at `path`.
    ///
    /// # Errors
    ///
    /// When there is no int8 model, a file is damaged, or `bundle.json` is of another schema; the
    /// error names the file.
    pub fn open(path: &Path) -> Result<Self> {
        let opened = if path.is_dir() {
            Self::folder(path)?
        } else {
            Self::file(path)?
        };
        opened.int8.of_integers()?;
        Ok(opened)
    }

    fn folder(path: &Path) -> Result<Self> {
        let file = |name: &str| model_file(&path.join(name));
        let (tflite, onnx) = (file(INT8_TFLITE)?, file(INT8_ONNX)?);
        ensure!(
            tflite.is_some() || onnx.is_some(),
            "{} has neither {INT8_TFLITE} nor {INT8_ONNX}; expected a folder that `ednas export` or \
             `ednas run` wrote, or a model file",
            path.display()
        );
        let int8 = Network::read(onnx, tflite).with_context(|| path.display().to_string())?;
        let float = match (file(FLOAT_ONNX)?, file(FLOAT_TFLITE)?) {
            (None, None) => None,
            (onnx, tflite) => Some(Network::read(onnx, tflite)?),
        };
        let record = record(&path.join(RECORD))?;
        let golden = record
            .as_ref()
            .map(|record| Vectors::read(path, record, int8.graph()));
        Ok(Self {
            path: path.to_owned(),
            golden: golden.transpose()?,
            int8,
            float,
            record,
        })
    }

    fn file(path: &Path) -> Result<Self> {
        let shown = path.display();
        let file = model_file(path)?.with_context(|| format!("there is no {shown}"))?;
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        let int8 = match extension.to_str() {
            Some("tflite") => Network::read(None, Some(file))?,
            Some("onnx") => Network::read(Some(file), None)?,
            Some(_) | None => bail!("{shown} is neither a folder nor a .tflite or .onnx file"),
        };
        Ok(Self {
            path: path.to_owned(),
            int8,
            float: None,
            record: None,
            golden: None,
        })
    }
}

/// The file at `path`; `None` when there is none.
fn model_file(path: &Path) -> Result<Option<ModelFile>> {
    let Some(bytes) = contents(path)? else {
        return Ok(None);
    };
    ensure!(!bytes.is_empty(), "{} is empty", path.display());
    let name = path.file_name().unwrap_or(path.as_os_str());
    Ok(Some(ModelFile {
        name: name.to_string_lossy().into_owned(),
        bytes,
        written_here: false,
    }))
}

fn contents(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn record(path: &Path) -> Result<Option<BundleRecord>> {
    #[derive(Deserialize)]
    struct Versioned {
        schema: String,
    }
    let Some(bytes) = contents(path)? else {
        return Ok(None);
    };
    let shown = path.display();
    let cannot = || format!("cannot read {shown}");
    let Versioned { schema } = serde_json::from_slice(&bytes).with_context(cannot)?;
    ensure!(
        schema == SCHEMA,
        "{shown} is of schema `{schema}`, expected `{SCHEMA}`: export the network again"
    );
    serde_json::from_slice(&bytes).with_context(cannot)
}
