//! Options that several commands share.

use std::num::NonZeroUsize;
use std::path::Path;

use anyhow::ensure;
use clap::Args;
use clap::ValueEnum;
use kernels::Verified;
use kernels::live::live;
use kernels::work::Precision;

use super::exit::OrBadInput;
use super::profile;
use super::shapes::{InputShape, by_input};
use crate::data::SIZE_MAX;
use crate::deploy::Target;
use crate::model_file::{self, Shapes};
use crate::report::estimate::Program;
use crate::space::Model;
use crate::space::ednas::{FusedDefinition, NetworkOptions, Upsampling};
use crate::task::{SEGMENTATION_CLASSES, Task};

/// The paper's heads.
const DEFAULT_TASKS: [Task; 2] = [Task::Segmentation, Task::Depth];

/// A network and the image it takes.
#[derive(Args, Clone, Debug)]
pub(super) struct ModelOptions {
    /// A name (`ednas model list` has them), a genome as short text, or a model file (FILE.tflite,
    /// FILE.onnx); where weights are needed, also a checkpoint (FILE.safetensors).
    #[arg(value_name = "MODEL")]
    pub(super) model: String,

    /// What a Fused-IBN of a named network is: `late-separable:9` fits the paper's printed sizes,
    /// `full` is its text [default: late-separable:9].
    #[arg(long, value_name = "DEFINITION")]
    pub(super) fused: Option<FusedDefinition>,

    #[command(flatten)]
    pub(super) image: ImageOptions,
}

/// The image and what is predicted of it.
#[derive(Args, Clone, Debug)]
pub(super) struct ImageOptions {
    /// Height and width of the image, multiples of 128: `256` or `256x512` [default: 256].
    #[arg(long, value_name = "SIZE", value_parser = size)]
    size: Option<[usize; 2]>,

    /// The heads, separated by commas: seg, depth, normals [default: seg,depth].
    #[arg(long, value_delimiter = ',')]
    tasks: Option<Vec<Task>>,

    /// The classes of a segmentation [default: 19].
    #[arg(long, value_name = "N")]
    classes: Option<usize>,

    /// The shape of an input of an ONNX file, in the order of the file, where the file leaves
    /// extents open; once for each such input.
    #[arg(long, value_name = "NAME=1,3,224,224", value_parser = InputShape::parse)]
    pub(super) shape: Vec<InputShape>,
}

/// Element sizes.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum PrecisionName {
    /// Floats as the 8-bit integers they become.
    Int8,
    /// The element types of the graph.
    AsIs,
}

impl PrecisionName {
    /// The element sizes it stands for.
    pub(super) fn precision(self) -> Precision {
        match self {
            PrecisionName::Int8 => Precision::Int8,
            PrecisionName::AsIs => Precision::AsIs,
        }
    }
}

impl ModelOptions {
    /// Whether the model stands alone, no other option given.
    pub(super) fn is_plain(&self) -> bool {
        self.leaves_sizes() && self.image.shape.is_empty()
    }

    /// Whether nothing is asked of the model that a file has of its own.
    pub(super) fn leaves_sizes(&self) -> bool {
        let image = &self.image;
        self.fused.is_none()
            && image.size.is_none()
            && image.tasks.is_none()
            && image.classes.is_none()
    }

    /// The model that the arguments name.
    pub(super) fn model(&self) -> anyhow::Result<Model> {
        let model = &self.model;
        let what = format!("`{model}`");
        self.image.without_shapes(&what).or_bad_input()?;
        Model::parse(model, self.fused.unwrap_or_default()).or_bad_input()
    }

    /// The element sizes that were asked for: a file's own and the 8-bit integers that other
    /// networks become, where nothing was.
    pub(super) fn precision(&self, asked: Option<PrecisionName>) -> Precision {
        match asked {
            Some(asked) => asked.precision(),
            None if self.is_file() => Precision::AsIs,
            None => Precision::Int8,
        }
    }

    /// The network in the file that MODEL names; nothing when it names no file.
    pub(super) fn file(&self) -> anyhow::Result<Option<Verified>> {
        self.read(model_file::read)
    }

    fn is_file(&self) -> bool {
        model_file::is_model_file(Path::new(&self.model))
    }

    fn read(
        &self,
        read: fn(&Path, &Shapes) -> anyhow::Result<Verified>,
    ) -> anyhow::Result<Option<Verified>> {
        if !self.is_file() {
            return Ok(None);
        }
        let file = &self.model;
        let checked = || {
            ensure!(
                self.leaves_sizes(),
                "`{file}` is a file, which has sizes of its own: leave out --size, --tasks, \
                 --classes and --fused"
            );
            read(Path::new(file), &by_input(&self.image.shape)?)
        };
        checked().map(Some).or_bad_input()
    }

    /// What the networks that run for one image ask of a machine, in order.
    pub(super) fn programs(
        &self,
        upsampling: Upsampling,
        precision: Precision,
    ) -> anyhow::Result<Vec<Program>> {
        if let Some(network) = self.read(model_file::read_to_run)? {
            return Ok(vec![Program::as_it_is(&network, precision).or_bad_input()?]);
        }
        let networks = self.networks(upsampling)?;
        let programs = networks
            .iter()
            .map(|network| Program::new(&live(network), precision).or_bad_input());
        programs.collect()
    }

    /// The graphs to run for one image, in order.
    pub(super) fn networks(&self, upsampling: Upsampling) -> anyhow::Result<Vec<Verified>> {
        let options = self.image.network(upsampling);
        self.model()?.networks(&options).or_bad_input()
    }
}

impl ImageOptions {
    /// Refuses a `--shape`, which `what` has no use for.
    pub(super) fn without_shapes(&self, what: &str) -> anyhow::Result<()> {
        ensure!(
            self.shape.is_empty(),
            "{what} is no ONNX file: give its --size instead of a --shape"
        );
        Ok(())
    }

    /// What is not searched of a network.
    pub(super) fn network(&self, upsampling: Upsampling) -> NetworkOptions {
        NetworkOptions {
            size: self.size(),
            tasks: self.tasks(),
            classes: self.classes.unwrap_or(SEGMENTATION_CLASSES),
            upsampling,
        }
    }

    /// Height and width in pixels.
    pub(super) fn size(&self) -> [usize; 2] {
        self.size.unwrap_or([256; 2])
    }

    /// The heads.
    pub(super) fn tasks(&self) -> Vec<Task> {
        let asked = self.tasks.clone();
        asked.unwrap_or_else(|| DEFAULT_TASKS.to_vec())
    }
}

/// The target that `--target` or `--profile` names; nothing where neither is given.
pub(in crate::cli) fn target(
    target: Option<&str>,
    profile: Option<&str>,
) -> anyhow::Result<Option<Target>> {
    match (target, profile) {
        (Some(name), _) => Target::named(name).map(Some),
        (None, Some(name)) => Ok(Some(Target::of(&profile::load(name)?))),
        (None, None) => Ok(None),
    }
}

/// Parses `256` (square) or `256x512` (height, width).
pub(super) fn size(text: &str) -> Result<[usize; 2], String> {
    let number = |digits: &str| match digits.parse::<usize>() {
        Ok(side) if side <= SIZE_MAX => Ok(side),
        Ok(side) => Err(format!(
            "{side} pixels are too many; expected {SIZE_MAX} a side at most"
        )),
        Err(_) => Err(format!(
            "`{text}` is not a size; expected one number (256) or HEIGHTxWIDTH (256x512)"
        )),
    };
    match text.split_once('x') {
        Some((height, width)) => Ok([number(height)?, number(width)?]),
        None => number(text).map(|side| [side; 2]),
    }
}

/// Parses `0.5:1.5`, two numbers.
pub(super) fn span(text: &str) -> Result<[f64; 2], String> {
    let number = |digits: &str| {
        digits
            .parse::<f64>()
            .map_err(|_| format!("`{text}` is not two numbers; expected MIN:MAX, such as 0.5:1.5"))
    };
    let (low, high) = text.split_once(':').unwrap_or((text, ""));
    Ok([number(low)?, number(high)?])
}

/// Parses what a moving average keeps of itself: 0, with which it is what it averages, up to 1.
pub(super) fn kept(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..1.0).contains(&share) => Ok(share),
        Ok(_) | Err(_) => Err(format!(
            "`{text}` is not a share below 1, such as 0.95, or 0 for no average"
        )),
    }
}

/// Parses any number.
pub(super) fn finite(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(_) | Err(_) => Err(format!("`{text}` is not a number")),
    }
}

/// Parses how many draws, runs or samples there are, up to a million.
pub(super) fn count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count @ 0..=1_000_000) => Ok(count),
        Ok(_) | Err(_) => Err(format!("`{text}` is not a number from 0 to 1000000")),
    }
}

/// As [`count`], 1 at least.
pub(super) fn count_of_some(text: &str) -> Result<NonZeroUsize, String> {
    let some = count(text).ok().and_then(NonZeroUsize::new);
    some.ok_or_else(|| format!("`{text}` is not a number from 1 to 1000000"))
}

/// Parses a number above 0.
pub(super) fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(number),
        Ok(_) | Err(_) => Err(format!("`{text}` is not a number above 0")),
    }
}
