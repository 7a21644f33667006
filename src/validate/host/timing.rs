//! Times many networks on a machine that may have other things to do.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use exporters::{Metadata, onnx};
use kernels::{Data, DataType, Tensor, TensorId, Verified};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::report::progress;
use crate::validate::runtime::Repeats;
use crate::validate::tract::Model;

/// How often all networks are run.
#[derive(Clone, Copy, Debug)]
pub struct Rounds {
    /// At least so often; 1 or more.
    pub min: usize,
    /// And then until so often, or until the time is up.
    pub max: usize,
    /// The time.
    pub budget: Duration,
}

/// How long one inference of a network takes: tenths of the runs took at most this.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// One tenth.
    pub p10_ms: f64,
    /// Half.
    pub median_ms: f64,
    /// Nine tenths.
    pub p90_ms: f64,
    /// Runs.
    pub runs: usize,
}

/// A network to be timed.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The network, of integers.
    pub network: &'a Verified,
    /// Runs right before each that counts: 0 finds the caches full of other networks, as a layer
    /// does in a network; 1 finds them as a network does that runs again and again.
    pub warmup_runs: usize,
}

/// Times each network with tract, on one thread, after one round that does not count.
///
/// All networks run once before any runs again: a slow minute of the machine slows a run of each.
///
/// # Errors
///
/// When tract cannot load or run a network.
pub fn time(subjects: &[Subject<'_>], rounds: Rounds) -> Result<Vec<Spread>> {
    let loaded = subjects.iter().map(|subject| load(subject.network));
    let models: Vec<_> = loaded.collect::<Result<_>>()?;
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); models.len()];
    let bar = progress("measuring tract", rounds.max as u64);
    let start = Instant::now();
    for round in 0..=rounds.max {
        if round > rounds.min && start.elapsed() > rounds.budget {
            break;
        }
        for (index, (model, inputs)) in models.iter().enumerate() {
            let repeats = Repeats {
                warm_up: subjects[index].warmup_runs,
                timed: 1,
            };
            let timing = model.time(inputs, repeats)?;
            if round > 0 {
                times[index].push(timing.median);
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    times.into_iter().map(spread).collect()
}

fn load(network: &Verified) -> Result<(Model, Vec<Data>)> {
    let name = &network.name;
    let bytes = onnx::write(network, &Metadata::default())?;
    let model = Model::load(&bytes).with_context(|| format!("network {name}"))?;
    let mut random = Pcg64Mcg::seed_from_u64(0);
    let input = |id: &TensorId| {
        let tensor = &network[*id];
        if tensor.dtype == DataType::I8 {
            return Ok(noise(tensor, &mut random));
        }
        bail!("network {name} takes {}, expected i8", tensor.dtype)
    };
    let inputs = network.inputs.iter().map(input).collect::<Result<_>>()?;
    Ok((model, inputs))
}

/// Integers of all sizes; half of them zeros where the tensor has no negative numbers, as a
/// rectifier leaves them.
fn noise(tensor: &Tensor, random: &mut Pcg64Mcg) -> Data {
    let zero_points = tensor.quantization.iter().flat_map(|q| &q.zero_points);
    let is_rectified = zero_points.copied().any(|zero| zero == i32::from(i8::MIN));
    let mut integer = || match random.random::<i8>() {
        drawn if is_rectified && drawn < 0 => i8::MIN,
        drawn if is_rectified => drawn.wrapping_mul(2).wrapping_add(i8::MIN),
        drawn => drawn,
    };
    Data::I8((0..tensor.shape.elements()).map(|_| integer()).collect())
}

fn spread(mut times: Vec<Duration>) -> Result<Spread> {
    times.sort_unstable();
    let last = times.len().checked_sub(1).context("there were no runs")?;
    let tenths = |n: usize| times[last * n / 10].as_secs_f64() * 1e3;
    Ok(Spread {
        p10_ms: tenths(1),
        median_ms: tenths(5),
        p90_ms: tenths(9),
        runs: times.len(),
    })
}
