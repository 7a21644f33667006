//! `ednas quantize`: a float network in, int8 files and what was chosen for them out.

use std::path::{Path, PathBuf};

use kernels::Verified;

use super::exit::OrBadInput;
use super::output;
use super::source::{Prepared, SourceOptions};
use crate::deploy::{INT8_ONNX, INT8_TFLITE, Source, onnx, tflite};
use crate::quantize::{self, Choice, Judged};
use crate::report::quantize::QuantizeRecord;
use crate::report::{Console, write_atomically};

/// Arguments of `ednas quantize`.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    source: SourceOptions,

    #[command(flatten)]
    quantize: QuantizeOptions,

    /// Quantize every layer alone, and say what it does to the outputs.
    #[arg(long)]
    explain: bool,

    /// Write `model_int8.tflite` and `model_int8.onnx` to this folder.
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Print one `ednas.quantize/1` record instead of a table.
    #[arg(long)]
    json: bool,
}

/// How a float network becomes integers.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct QuantizeOptions {
    /// How the range of an activation follows from the values that calibration saw: minmax,
    /// percentile:99.99, mse, entropy, or auto, which tries all of them on each activation
    /// [default: mse, or what quantization-aware training learned].
    #[arg(long, value_name = "METHOD")]
    method: Option<Choice>,

    /// Put the mean error of every channel into its bias.
    #[arg(long)]
    bias_correction: bool,
}

impl QuantizeOptions {
    /// What they ask of `source`.
    pub(super) fn options(&self, source: &Source) -> quantize::Options {
        let default = source.quantization();
        quantize::Options {
            choice: self.method.clone().unwrap_or(default.choice),
            bias_correction: self.bias_correction,
            ..default
        }
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let console = Console::default();
    let Prepared {
        source,
        calibration,
    } = args.source.prepare(None).or_bad_input()?;
    let options = quantize::Options {
        judged: if args.explain {
            Judged::Layers
        } else {
            Judged::Outputs
        },
        ..args.quantize.options(&source)
    };
    let quantized = quantize::run(&source.graph, &calibration.samples, &options, &console);
    let quantized = quantized.or_bad_input()?;
    if let Some(folder) = &args.out {
        write(folder, &quantized.int8, &source)?;
    }
    let network = &source.graph.name;
    let record = QuantizeRecord::new(network, &calibration.origin, &options, &quantized);
    match args.json {
        true => output::print_record(&record),
        false => output::print(&record.text()),
    }
}

fn write(folder: &Path, int8: &Verified, source: &Source) -> anyhow::Result<()> {
    let files = [
        (
            INT8_TFLITE,
            tflite(int8, source, INT8_TFLITE).or_bad_input()?,
        ),
        (INT8_ONNX, onnx(int8, source, INT8_ONNX).or_bad_input()?),
    ];
    for (name, bytes) in files {
        let path = folder.join(name);
        write_atomically(&path, &bytes)?;
        eprintln!("wrote {}", path.display());
    }
    Ok(())
}
