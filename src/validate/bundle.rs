//! What is validated: a folder of model files, as `ednas export` and `ednas run` write it, or one
//! model file of any origin.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use exporters::Format;
use serde::Deserialize;

use super::network::{self, ModelFile, Network};
use crate::deploy::{FLOAT_ONNX, INT8_ONNX, INT8_TFLITE};

/// What a bundle says about itself.
const RECORD: &str = "bundle.json";

/// Its schema.
const SCHEMA: &str = "ednas.bundle/1";

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
    pub about: Option<About>,
}

/// The part of `bundle.json` that validation needs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct About {
    /// `ednas.bundle/1`.
    pub schema: String,
    /// The target's name.
    #[serde(default)]
    pub target: Option<String>,
    /// What the network was trained on.
    #[serde(default)]
    pub data_set: Option<DataSet>,
}

/// A data set by name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DataSet {
    /// Its name.
    pub name: String,
    /// Its seed.
    pub seed: u64,
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
        let graph = match (&tflite, &onnx) {
            (Some(tflite), _) => network::read(tflite, Format::TfLite)?,
            (None, Some(onnx)) => network::read(onnx, Format::Onnx)?,
            (None, None) => bail!(
                "{} has neither {INT8_TFLITE} nor {INT8_ONNX}; expected a folder that `ednas \
                 export` or `ednas run` wrote, or a model file",
                path.display()
            ),
        };
        let float = file(FLOAT_ONNX)?.map(|onnx| -> Result<Network> {
            let graph = network::read(&onnx, Format::Onnx)?;
            Ok(Network::new(graph, Some(onnx), None))
        });
        Ok(Self {
            path: path.to_owned(),
            int8: Network::new(graph, onnx, tflite),
            float: float.transpose()?,
            about: about(&path.join(RECORD))?,
        })
    }

    fn file(path: &Path) -> Result<Self> {
        let shown = path.display();
        let file = model_file(path)?.with_context(|| format!("there is no {shown}"))?;
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        let int8 = match extension.to_str() {
            Some("tflite") => {
                let graph = network::read(&file, Format::TfLite)?;
                Network::new(graph, None, Some(file))
            }
            Some("onnx") => {
                let graph = network::read(&file, Format::Onnx)?;
                Network::new(graph, Some(file), None)
            }
            Some(_) | None => bail!("{shown} is neither a folder nor a .tflite or .onnx file"),
        };
        Ok(Self {
            path: path.to_owned(),
            int8,
            float: None,
            about: None,
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

fn about(path: &Path) -> Result<Option<About>> {
    let Some(bytes) = contents(path)? else {
        return Ok(None);
    };
    let shown = path.display();
    let about: About =
        serde_json::from_slice(&bytes).with_context(|| format!("cannot read {shown}"))?;
    ensure!(
        about.schema == SCHEMA,
        "{shown} is of schema `{}`, expected `{SCHEMA}`: export the network again",
        about.schema
    );
    Ok(Some(about))
}
