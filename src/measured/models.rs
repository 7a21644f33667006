//! The model files that measurements name: where they are, and what is in them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::ensure;
use hwmodels::task::Work;
use kernels::work::Precision;

use super::error::MeasuredError;
use super::measurement::Place;
use super::names::{family, network};
use crate::microbench::stacks;
use crate::model_file::{self, Shapes};
use crate::report::estimate::Program;

/// The operator that stands for everything in a compiled file.
const COMPILED: &str = "edgetpu-custom-op";

/// A folder of model files.
#[derive(Clone, Debug)]
pub struct Models {
    folder: PathBuf,
    /// All model files anywhere below it, in alphabetical order.
    files: BTreeSet<PathBuf>,
}

/// A network that was measured.
#[derive(Clone, Debug)]
pub struct Model {
    /// Its file.
    pub file: PathBuf,
    /// What it asks of a machine.
    pub program: Program,
    /// Its name, by its file; files that differ in how they were made share it.
    pub network: String,
    /// Its family, by its name.
    pub family: String,
    /// Multiply-accumulates.
    pub macs: u64,
    /// Those of depthwise convolutions.
    pub depthwise_macs: u64,
    /// Parameters, as the file stores them.
    pub parameter_bytes: u64,
    /// Inputs and results of one inference.
    pub io_bytes: u64,
}

impl Models {
    /// The model files anywhere below `folder`.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub fn new(folder: &Path) -> Result<Models, MeasuredError> {
        let mut files = BTreeSet::new();
        gather(folder, &mut files).map_err(|error| MeasuredError::Table {
            file: folder.display().to_string(),
            problem: format!("cannot list the folder of models: {error}"),
        })?;
        Ok(Models {
            folder: folder.to_owned(),
            files,
        })
    }

    /// The file that a measurement at `place` names: below the folder as it is written, else the
    /// only one of its name in any folder below. A name without an ending is that of any format;
    /// where a file that was compiled for the Edge TPU is not there, what it was compiled from is
    /// meant.
    ///
    /// # Errors
    /// A file that is not there, or of which there are several.
    pub fn find(&self, place: &Place, model_file: &str) -> Result<PathBuf, MeasuredError> {
        let written = self.folder.join(model_file);
        if written.is_file() && model_file::is_model_file(&written) {
            return Ok(written);
        }
        let name = Path::new(model_file).file_name();
        let name = name.map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        let mut found = self.called(&name);
        if found.is_empty() {
            found = self.called(&name.replace("_edgetpu", ""));
        }
        let refuse = |problem| MeasuredError::Model {
            place: place.clone(),
            problem,
        };
        match found.as_slice() {
            [one] => Ok((*one).clone()),
            [] => Err(refuse(format!(
                "there is no model file `{}`: looked for {} and for `{}` among the {} model files \
                 ({}) below {}",
                model_file,
                written.display(),
                name,
                self.files.len(),
                model_file::EXTENSIONS.join(", "),
                self.folder.display(),
            ))),
            several => {
                let several = several.iter().map(|file| file.display().to_string());
                Err(refuse(format!(
                    "there are several model files of the name `{}`: {}; write the path below {}",
                    name,
                    several.collect::<Vec<_>>().join(", "),
                    self.folder.display(),
                )))
            }
        }
    }

    /// The files of that name, anywhere; of that stem, where the name has no known ending.
    fn called(&self, name: &str) -> Vec<&PathBuf> {
        let is_whole = model_file::is_model_file(Path::new(name));
        let is_called = |file: &&PathBuf| {
            let own = if is_whole {
                file.file_name()
            } else {
                file.file_stem()
            };
            !name.is_empty() && own.is_some_and(|own| own.to_string_lossy() == name)
        };
        self.files.iter().filter(is_called).collect()
    }
}

impl Model {
    /// Reads `file`.
    ///
    /// # Errors
    /// A file that cannot be read, or a network that no machine can run.
    pub fn read(file: &Path) -> anyhow::Result<Model> {
        let graph = model_file::read_to_run(file, &Shapes::new())?;
        let program = Program::as_it_is(&graph, Precision::AsIs)?;
        Model::of(file, program)
    }

    /// The network that was read of `file`.
    ///
    /// # Errors
    /// A program that was compiled, whose layers nobody can see.
    pub(super) fn of(file: &Path, program: Program) -> anyhow::Result<Model> {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let network = network(&stem);
        let family = family(&network);
        Model::new(file.to_owned(), program, network, family)
    }

    /// Builds a stack of layers.
    ///
    /// # Errors
    /// Numbers that make no network.
    pub fn of_stack(stack: &stacks::Row) -> anyhow::Result<Model> {
        let program = Program::as_it_is(&stacks::network(stack)?, Precision::AsIs)?;
        let name = Model::name_of_stack(stack);
        let family = program.name.clone();
        Model::new(PathBuf::from(&name), program, name, family)
    }

    /// What a stack is called; others have other names.
    pub(super) fn name_of_stack(stack: &stacks::Row) -> String {
        let stacks::Row {
            family,
            height,
            width,
            in_c,
            out_c,
            layers,
            input_bytes,
            output_bytes,
            activation,
        } = stack;
        format!(
            "{family:?} {layers} x {out_c} {activation:?} on {height}x{width}x{in_c}, \
             {input_bytes} in, {output_bytes} out"
        )
    }

    fn new(
        file: PathBuf,
        program: Program,
        network: String,
        family: String,
    ) -> anyhow::Result<Model> {
        let list = &program.list;
        ensure!(
            !list.tasks().iter().any(|task| task.operator == COMPILED),
            "`{}` is compiled for the Edge TPU, which hides its layers; give the file that it was \
             compiled from",
            file.display()
        );
        let depthwise = list.tasks().iter().filter(|task| match task.work {
            Work::Depthwise(_) => true,
            Work::LoopNest(_) | Work::Vector { .. } | Work::Move { .. } | Work::Host { .. } => {
                false
            }
        });
        let ends = list.inputs().iter().chain(list.outputs());
        Ok(Model {
            family,
            network,
            macs: list.macs(),
            depthwise_macs: depthwise.map(|task| task.work.macs()).sum(),
            parameter_bytes: list.weights().iter().map(|weights| weights.bytes).sum(),
            io_bytes: ends.map(|id| list.activations()[id.0].bytes).sum(),
            file,
            program,
        })
    }
}

/// Folders that are links are left out, so that this ends.
fn gather(folder: &Path, files: &mut BTreeSet<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if entry.file_type()?.is_dir() {
            if !is_hidden {
                gather(&path, files)?;
            }
        } else if model_file::is_model_file(&path) && path.is_file() {
            files.insert(path);
        }
    }
    Ok(())
}
