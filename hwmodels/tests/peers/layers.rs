//! Networks as tables of layers, and what a machine makes of them.

use hwmodels::compile::compile;
use hwmodels::profile::Profile;
use hwmodels::simulate::{LayerOf, Speed, simulate};
use hwmodels::task::{BufferId, Depthwise, ListBuilder, LoopNest, TaskList, Work};

/// What a layer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Conv,
    Depthwise,
    Dense,
    /// Of the last two results of equal size.
    Add,
}

/// A layer of a chain, `same` padded, int8.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// `[rows, columns, channels]`
    pub(crate) input: [u64; 3],
    pub(crate) out_c: u64,
    pub(crate) kernel: [u64; 2],
    pub(crate) stride: u64,
    pub(crate) relu6: bool,
}

impl Layer {
    fn nest(&self, batch: u64) -> LoopNest {
        let [h, w, c] = self.input;
        match self.kind {
            Kind::Dense => LoopNest::matmul(batch * h * w, c, self.out_c),
            Kind::Conv | Kind::Depthwise | Kind::Add => {
                LoopNest::conv([batch, h, w, c], self.out_c, self.kernel, [self.stride; 2])
            }
        }
    }

    pub(crate) fn macs(&self) -> u64 {
        match self.kind {
            Kind::Conv | Kind::Dense => self.nest(1).macs(),
            Kind::Depthwise => self.nest(1).macs() / self.input[2],
            Kind::Add => 0,
        }
    }
}

/// The chain of `layers` over a batch, and the task of each.
pub(crate) fn chain(layers: &[Layer], batch: u64) -> TaskList {
    let mut list = ListBuilder::default();
    let [h, w, c] = layers[0].input;
    let mut last = list.input(batch * h * w * c);
    let mut blocks: Vec<(BufferId, u64)> = Vec::new();
    for layer in layers {
        let nest = layer.nest(batch);
        let bytes = nest.pixels() * layer.out_c;
        let weights = nest.kernel[0] * nest.kernel[1] * layer.out_c;
        let name = layer.name.as_str();
        last = match layer.kind {
            Kind::Conv | Kind::Dense => {
                let weights = list.weights(weights * nest.in_c);
                let operator = if layer.kind == Kind::Conv {
                    "conv2d"
                } else {
                    "dense"
                };
                list.task(
                    name,
                    operator,
                    Work::LoopNest(nest),
                    &[last],
                    Some(weights),
                    bytes,
                )
            }
            Kind::Depthwise => {
                let work = Work::Depthwise(Depthwise::new(nest, 1));
                let weights = list.weights(weights);
                list.task(
                    name,
                    "depthwise_conv2d",
                    work,
                    &[last],
                    Some(weights),
                    bytes,
                )
            }
            Kind::Add => {
                let touched_bytes = 3 * bytes;
                let before = blocks
                    .iter()
                    .rev()
                    .find(|(buffer, size)| *size == bytes && *buffer != last);
                let other = before.expect("an earlier result of the same size").0;
                list.task(
                    name,
                    "add",
                    Work::Vector { touched_bytes },
                    &[last, other],
                    None,
                    bytes,
                )
            }
        };
        if layer.relu6 {
            let work = Work::Vector {
                touched_bytes: 2 * bytes,
            };
            last = list.task(
                &format!("{name}/relu6"),
                "relu6",
                work,
                &[last],
                None,
                bytes,
            );
        } else {
            // Only what ends a block is added to later.
            blocks.push((last, bytes));
        }
    }
    list.output(last);
    list.finish().unwrap()
}

/// Cycles of every layer on `profile`, and of the whole; a layer has those of what is fused into
/// it, and of getting its input there.
pub(crate) fn cycles(profile: &Profile, layers: &[Layer], batch: u64) -> (Vec<u64>, u64) {
    let list = chain(layers, batch);
    let schedule = compile(profile, &list).unwrap();
    let estimate = simulate(profile, &schedule, Speed::Fast);
    assert_eq!(
        estimate.cycles,
        simulate(profile, &schedule, Speed::Events).cycles
    );
    let mut cycles = vec![0; layers.len()];
    let mut at = 0;
    for entry in &estimate.layers {
        if let LayerOf::Task(id) = entry.of {
            let name = list.tasks()[id.0].name.trim_end_matches("/relu6");
            at = layers.iter().position(|layer| layer.name == name).unwrap();
        }
        cycles[at] += entry.latency_cycles;
    }
    (cycles, estimate.cycles)
}
