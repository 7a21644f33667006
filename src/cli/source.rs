//! Which float network, and what it is calibrated on: options of commands that quantize.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::Args;

use super::options::{self, ModelOptions};
use super::shapes::by_input;
use crate::deploy::{Calibration, Source, Target};
use crate::model_file;

/// Images for the statistics and ranges of a network that nobody trained.
const UNTRAINED_SAMPLES: usize = 8;

/// Images of its data set that a trained network is calibrated on where nothing is said.
const TRAINED_SAMPLES: NonZeroUsize = NonZeroUsize::new(32).expect("32 is not 0");

/// The data set whose images those are.
const UNTRAINED_DATA: &str = "scenes";

/// What an untrained network is built for where nothing is said.
const UNTRAINED_TARGET: &str = "coral";

/// A float network and its calibration data: a checkpoint of `ednas train` (FILE.safetensors), a
/// float model file with --calibrate, or a named network with --untrained.
#[derive(Args, Clone, Debug)]
pub(super) struct SourceOptions {
    #[command(flatten)]
    options: ModelOptions,

    /// Give a named network random values.
    #[arg(long)]
    untrained: bool,

    /// Picks those values.
    #[arg(long, requires = "untrained", default_value_t = 0)]
    seed: u64,

    /// What a model file is calibrated on: a .npy file of samples `[n, ...]`, float32, prepared as
    /// the network takes them, or a folder of such files.
    #[arg(long, value_name = "DIR|FILE.npy")]
    calibrate: Option<PathBuf>,

    /// Images of its data set that a trained network is calibrated on [default: 32].
    #[arg(long, value_name = "N", value_parser = options::count_of_some)]
    calibration_samples: Option<NonZeroUsize>,
}

/// A float network and what it is calibrated on.
pub(super) struct Prepared {
    pub(super) source: Source,
    pub(super) calibration: Calibration,
}

impl SourceOptions {
    /// Whether the network is in a model file of some tool.
    fn is_model_file(&self) -> bool {
        model_file::is_model_file(Path::new(&self.options.model))
    }

    /// The network, and its calibration data; refused where `target` wants another form of it.
    pub(super) fn prepare(&self, target: Option<&Target>) -> anyhow::Result<Prepared> {
        let path = Path::new(&self.options.model);
        if self.is_model_file() {
            return self.in_file(path);
        }
        if path.extension().is_some_and(|end| end == "safetensors") {
            return self.in_checkpoint(path, target);
        }
        match target {
            Some(target) => self.by_name(target),
            None => self.by_name(&Target::named(UNTRAINED_TARGET)?),
        }
    }

    fn by_name(&self, target: &Target) -> anyhow::Result<Prepared> {
        let name = &self.options.model;
        ensure!(
            self.untrained,
            "`{name}` has no values: give --untrained for random ones, or a checkpoint of \
             `ednas train`"
        );
        ensure!(
            self.calibrate.is_none(),
            "`{name}` with random values is calibrated on rendered scenes: leave out --calibrate"
        );
        ensure!(
            self.calibration_samples.is_none(),
            "`{name}` with random values is calibrated on {UNTRAINED_SAMPLES} rendered scenes: leave \
             out --calibration-samples"
        );
        let size = self.options.image.size();
        let calibration =
            Calibration::of_dataset(UNTRAINED_DATA, self.seed, size, UNTRAINED_SAMPLES)?;
        let options = self.options.image.network(target.upsampling);
        let model = self.options.model()?;
        let source = Source::untrained(&model, &options, self.seed, &calibration)?;
        Ok(Prepared {
            source,
            calibration,
        })
    }

    fn in_checkpoint(&self, path: &Path, target: Option<&Target>) -> anyhow::Result<Prepared> {
        let file = path.display();
        ensure!(
            !self.untrained && self.calibrate.is_none() && self.options.is_plain(),
            "`{file}` says itself what its network is and what it was trained on: leave out \
             --untrained, --calibrate, --size, --tasks, --classes, --fused and --shape"
        );
        let source = Source::checkpoint(path)?;
        if let (Some(target), Some(upsampling)) = (target, source.upsampling) {
            target.accepts(upsampling)?;
        }
        let data = source.data.as_ref().context("a trained network has data")?;
        let count = self.calibration_samples.unwrap_or(TRAINED_SAMPLES).get();
        let calibration = Calibration::of_dataset(&data.name, data.seed, data.size, count)?;
        Ok(Prepared {
            source,
            calibration,
        })
    }

    fn in_file(&self, path: &Path) -> anyhow::Result<Prepared> {
        let file = path.display();
        ensure!(
            !self.untrained,
            "`{file}` has values of its own: leave out --untrained"
        );
        ensure!(
            self.options.leaves_sizes() && self.calibration_samples.is_none(),
            "`{file}` has sizes of its own, and is calibrated on all samples of --calibrate: leave out \
             --size, --tasks, --classes, --fused and --calibration-samples"
        );
        let Some(data) = &self.calibrate else {
            bail!(
                "`{file}` cannot be quantized without samples of its input: save some with \
                 numpy.save and give the file, or a folder of such, with --calibrate"
            );
        };
        let source = Source::file(path, &by_input(&self.options.image.shape)?)?;
        let calibration = Calibration::read(data, &source.graph)?;
        Ok(Prepared {
            source,
            calibration,
        })
    }
}
