//! Networks as the simulator takes them, compiled and timed: what every view of an estimate reads.

use anyhow::Context;
use hwmodels::compile::{Infeasible, Schedule, compile};
use hwmodels::profile::Profile;
use hwmodels::simulate::{Estimate, Speed, simulate, watch};
use hwmodels::task::TaskList;
use kernels::work::{Precision, tasks};
use kernels::{Shape, Verified, fold};

/// What is estimated, and how.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The network, by the name it was asked for.
    pub model: &'a str,
    /// The machine.
    pub profile: &'a Profile,
    /// Element sizes.
    pub precision: Precision,
    /// How much is played through.
    pub speed: Speed,
}

/// A network as the simulator takes it.
#[derive(Clone, Debug)]
pub struct Program {
    /// The network's name.
    pub name: String,
    /// Height and width of its image in pixels; nothing where the layers alone are known.
    pub size: Option<[usize; 2]>,
    /// Images that one inference takes at once.
    pub images: u64,
    /// What it asks of a machine.
    pub list: TaskList,
}

/// A program on a machine.
#[derive(Clone, Debug)]
pub struct Timed<'a> {
    /// The network's name.
    pub name: &'a str,
    /// What the machine does, in order.
    pub schedule: Schedule<'a>,
    /// When it does it.
    pub estimate: Estimate,
}

impl Program {
    /// Folds a network and asks for its work.
    ///
    /// # Errors
    /// A layer that is impossible on any machine.
    pub fn new(network: &Verified, precision: Precision) -> anyhow::Result<Self> {
        Self::as_it_is(&fold(network), precision)
    }

    /// Asks for the work of a network of which every operator runs, as those of model files do.
    ///
    /// # Errors
    /// A layer that is impossible on any machine.
    pub fn as_it_is(network: &Verified, precision: Precision) -> anyhow::Result<Self> {
        let list = tasks(network, precision)
            .with_context(|| format!("cannot price network `{}`", network.name))?;
        let input = network.inputs.first().map(|input| &network[*input].shape);
        let image = input.and_then(Shape::nhwc);
        Ok(Self {
            name: network.name.clone(),
            size: image.map(|[_, height, width, _]| [height, width]),
            images: 1,
            list,
        })
    }

    /// The same network for `images` times as many images at once.
    ///
    /// # Errors
    /// Work beyond what can be counted.
    pub fn batched(self, images: u64) -> anyhow::Result<Self> {
        let list = self
            .list
            .batched(images)
            .with_context(|| format!("cannot price `{}` for {images} images", self.name))?;
        Ok(Self {
            images: self.images * images,
            list,
            ..self
        })
    }
}

/// Compiles each of `programs` for `profile` and times it; or says why that machine cannot run it.
#[must_use]
pub fn timed<'a>(
    profile: &Profile,
    programs: &'a [Program],
    speed: Speed,
) -> Vec<Result<Timed<'a>, Infeasible>> {
    timed_by(profile, programs, |schedule| match speed {
        Speed::Fast => simulate(profile, schedule, speed),
        // Nobody asks for the intervals, which may be too many to keep.
        Speed::Events | Speed::Stepped => watch(profile, schedule, speed, &mut |_| {}),
    })
}

/// Compiles each of `programs` for `profile`, and times it with `time`.
pub(in crate::report) fn timed_by<'a>(
    profile: &Profile,
    programs: &'a [Program],
    mut time: impl FnMut(&Schedule<'_>) -> Estimate,
) -> Vec<Result<Timed<'a>, Infeasible>> {
    let mut timed = Vec::with_capacity(programs.len());
    for Program { name, list, .. } in programs {
        timed.push(compile(profile, list).map(|schedule| Timed {
            name,
            estimate: time(&schedule),
            schedule,
        }));
    }
    timed
}
