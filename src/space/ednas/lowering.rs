//! Task lists of networks, stitched from parts that were lowered before.
//!
//! A search prices thousands of networks that share most of their parts. A part is built, checked,
//! folded and lowered once, by the functions that make whole networks; from then on a network that
//! holds it costs a look-up and the renumbering of its buffers. The list is the one that
//! `tasks(&fold(&live(&network(..)?)), precision)` gives, task by task and name by name.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use std::sync::Arc;

use hwmodels::task::{BufferId, Sequence, TaskError, TaskList};
use kernels::cost::graph_cost;
use kernels::live::live;
use kernels::work::{Precision, tasks};
use kernels::{fold, verify};

use super::Architecture;
use super::layers::Layers;
use super::network::{NetworkError, NetworkOptions};
use super::parts::{Assembly, Part, assemble};

/// The most parts that are kept. The EDNAS space under one definition of Fused-IBN has 2005: 16 first
/// blocks, 15 times 32 others over 4 input widths, 64 laterals, a stem, the cells, three heads.
const PARTS_MAX: usize = 4096;

/// `[n, h, w, c]`.
type Extents = [usize; 4];

/// Lowers networks of one size, set of tasks and precision, and remembers their parts.
///
/// The results do not depend on what was lowered before, and the memory is bounded.
///
/// ```
/// use ednas::space::ednas::{FusedDefinition, Lowering, NetworkOptions, Upsampling, named};
/// use ednas::task::Task;
/// use kernels::{op::Coordinates, work::Precision};
///
/// let options = NetworkOptions {
///     size: [256, 256],
///     tasks: vec![Task::Segmentation, Task::Depth],
///     classes: ednas::task::SEGMENTATION_CLASSES,
///     upsampling: Upsampling::bilinear(Coordinates::Asymmetric),
/// };
/// let mut lowering = Lowering::new(options, Precision::Int8)?;
/// let list = lowering.tasks(&named::efficientnet_b0(FusedDefinition::default()))?;
/// assert_eq!(list.outputs().len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Lowering {
    options: NetworkOptions,
    precision: Precision,
    parts: HashMap<Key, LoweredPart>,
    /// How many parts may be there before a network is lowered.
    room: usize,
}

/// Why a network cannot be lowered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoweringError {
    /// It cannot be built.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// It has a layer that is impossible on any machine.
    #[error(transparent)]
    Task(#[from] TaskError),
}

/// What a lowered part depends on, options and precision aside.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    part: Part,
    inputs: Vec<Extents>,
}

#[derive(Debug)]
struct LoweredPart {
    list: Arc<TaskList>,
    /// The shapes of the results of `list`.
    outputs: Vec<Extents>,
    /// Learned numbers, also of layers that no machine runs.
    parameters: u64,
}

/// A network as parts that were lowered before.
#[derive(Debug)]
pub struct Lowered {
    /// What a machine runs of it, folded.
    pub sequence: Sequence,
    /// Learned numbers of the whole network, as [`graph_cost`] counts them.
    pub parameters: u64,
}

impl Lowering {
    /// Knows no part yet.
    ///
    /// # Errors
    /// When the size or the tasks do not fit.
    pub fn new(options: NetworkOptions, precision: Precision) -> Result<Self, NetworkError> {
        options.check()?;
        Ok(Self {
            options,
            precision,
            parts: HashMap::new(),
            room: PARTS_MAX,
        })
    }

    /// The tasks of a network, or of a trunk's network: what a machine runs of it, folded.
    ///
    /// # Errors
    /// [`LoweringError`] for blocks that no network or no machine can have.
    pub fn tasks(&mut self, network: impl Into<Architecture>) -> Result<TaskList, LoweringError> {
        Ok(self.parts(&network.into())?.sequence.list()?)
    }

    /// A network as a sequence of the parts that [`Lowering::tasks`] makes one list of.
    ///
    /// # Errors
    /// As [`Lowering::tasks`], for what is wrong with a part alone.
    pub fn parts(&mut self, network: &Architecture) -> Result<Lowered, LoweringError> {
        if self.parts.len() > self.room {
            self.parts.clear();
        }
        let shape = self.options.image();
        let filters = network.stem_filters;
        let stem = self.part(Part::Stem { filters }, vec![shape])?;
        let bytes = stem.list.activations()[stem.list.inputs()[0].0].bytes;
        let sequence = Sequence::over(&[bytes]);
        let buffer = sequence.inputs()[0];
        let image = Flow { buffer, shape };
        let tasks = self.options.tasks.clone();
        let mut stitching = Stitching {
            lowering: self,
            lowered: Lowered {
                sequence,
                parameters: 0,
            },
        };
        let predictions = assemble(&mut stitching, network, &tasks, image)?;
        let mut lowered = stitching.lowered;
        for prediction in predictions {
            lowered.sequence.output(prediction.buffer);
        }
        Ok(lowered)
    }

    fn part(&mut self, part: Part, inputs: Vec<Extents>) -> Result<&LoweredPart, LoweringError> {
        Ok(match self.parts.entry(Key { part, inputs }) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let lowered = LoweredPart::new(unknown.key(), &self.options, self.precision)?;
                unknown.insert(lowered)
            }
        })
    }
}

impl LoweredPart {
    /// Lowers the part as a network of its own.
    fn new(
        key: &Key,
        options: &NetworkOptions,
        precision: Precision,
    ) -> Result<Self, LoweringError> {
        let mut layers = Layers::new("part");
        let inputs = key.inputs.iter().enumerate();
        let inputs: Vec<_> = inputs
            .map(|(index, &shape)| layers.input(&format!("input{index}"), shape))
            .collect();
        let results = key.part.build(&mut layers, &inputs, options);
        for result in results.map_err(NetworkError::from)? {
            layers.output(result);
        }
        let graph = verify(layers.finish()).map_err(NetworkError::from)?;
        let outputs = graph.outputs.iter();
        let outputs = outputs.map(|&id| graph[id].shape.nhwc().expect("layers are over images"));
        Ok(Self {
            outputs: outputs.collect(),
            list: Arc::new(tasks(&fold(&live(&graph)), precision)?),
            parameters: graph_cost(&graph).params,
        })
    }
}

/// A network under construction.
struct Stitching<'a> {
    lowering: &'a mut Lowering,
    lowered: Lowered,
}

/// What flows between parts.
#[derive(Clone, Copy)]
struct Flow {
    buffer: BufferId,
    shape: Extents,
}

impl Assembly for Stitching<'_> {
    type Value = Flow;
    type Error = LoweringError;

    fn add(&mut self, part: Part, inputs: &[Flow]) -> Result<Vec<Flow>, LoweringError> {
        let shapes = inputs.iter().map(|flow| flow.shape).collect();
        let buffers: Vec<BufferId> = inputs.iter().map(|flow| flow.buffer).collect();
        let part = self.lowering.part(part, shapes)?;
        self.lowered.parameters += part.parameters;
        let results = self.lowered.sequence.append(&part.list, &buffers)?;
        let results = results.into_iter().zip(&part.outputs);
        Ok(results
            .map(|(buffer, &shape)| Flow { buffer, shape })
            .collect())
    }
}

#[cfg(test)]
mod tests;
