//! ONNX files of any origin, read as a verified graph.
//!
//! Operator sets 7 to 25 are read. An operator inside the vocabulary becomes that operator; every
//! other one becomes [`kernels::Op::Foreign`] under its name, with all its operands and, where they
//! are known, its multiply-accumulates. So does one on element types that the vocabulary lacks, such
//! as half floats.
//!
//! **Order.** Images of the file are channels first, those of the graph channels last. An image that
//! comes in or goes out is channels last in the graph; one that the file itself turns from or to
//! channels last stays as it is, unless the metadata says `layout = NCHW`, as this crate writes.
//! Transposes, reshapes and their kin only change how memory is seen; elements move where an
//! operator needs another order than memory has, and nowhere else. Weights behind a flattened image
//! are reordered in its place.
//!
//! **Integers.** A node between `DequantizeLinear` and `QuantizeLinear` computes with the integers
//! where all its operands stand for reals; so do `QLinearConv` and its kin. What is left of either
//! becomes quantize and dequantize nodes. A bias of floats is rounded to the units of the sums.
//!
//! **Constants.** Nodes that only constants and shapes go into are computed while the file is read.
//! Constants whose elements are not there or not finite, those of foreign element types, and large
//! ones that a node fills with one number are [`kernels::tensor::Content::Parameter`]. Those of many
//! zeros are filled up. What a node has as scales, axes, sizes and the like moves out of the list of
//! tensors. The operators of subgraphs are not listed; the bytes of their constants are one operand
//! of the node that has them, and what they read from outside are others.
//!
//! Files are not trusted: whatever the bytes, reading ends in a graph or a [`ReadError`], and takes
//! time and memory in proportion to their number.

mod external;
mod numbers;
mod types;
mod view;

mod index;
mod operator;

mod constants;
mod raise;

mod arrange;

mod bias;
mod plan;
mod quantized;

mod elementwise;
mod folding;
mod joins;
mod moves;
mod products;
mod reduce;
mod resize;
mod views;
mod windows;

mod foreign;
mod shapes;
mod sizes;
mod special;

mod interface;
mod operators;

use std::collections::{BTreeMap, HashSet};

use kernels::{Verified, verify};
use prost::Message;

use super::message::Model;
use crate::countable::countable;
use crate::read_error::Inside;
use crate::{Format, ReadError};
use constants::Constant;
use external::External;
pub use external::{Region, Supply};
use index::Index;
use raise::Raising;

/// What of the options contradicts a file.
const GIVEN: &str = "the given shapes";

/// What a file does not say of itself.
#[derive(Clone, Default)]
pub struct ReadOptions<'a> {
    /// The extents of inputs, by name, in the order of the file; needed for those that may change.
    pub shapes: BTreeMap<String, Vec<usize>>,
    /// Supplies constants that are in files beside the model. Without it they are parameters without
    /// values.
    pub external: Option<&'a Supply<'a>>,
}

/// The network in the bytes of an `.onnx` file.
///
/// It is named as in the file, and so are its tensors; its nodes are named after their first result.
/// Tensors are in the order in which inputs and nodes mention them.
///
/// # Errors
///
/// [`ReadError::Format`] when the bytes are no ONNX file of operator sets 7 to 25,
/// [`ReadError::Dynamic`] when an input has an extent that may change and the options do not give
/// it, [`ReadError::Malformed`] and [`ReadError::Contradiction`] when the file or the options
/// contradict themselves.
pub fn read(bytes: &[u8], options: &ReadOptions<'_>) -> Result<Verified, ReadError> {
    let model = Model::decode(bytes).map_err(|error| ReadError::Format {
        format: Format::Onnx,
        expected: "a protobuf message of a model".to_owned(),
        found: error.to_string(),
    })?;
    let index = Index::new(&model)?;
    let layout = model.metadata_props.iter();
    let is_ours = layout
        .clone()
        .any(|p| p.key == "layout" && p.value == "NCHW");
    let external = External::new(options.external);
    let mut raising = Raising::new(index, external, bytes.len());
    raising.all(options, is_ours)?;
    countable(&raising.graph)?;
    verify(raising.graph).map_err(ReadError::contradiction)
}

impl<'f> Raising<'f, '_> {
    /// Adds everything that is in the file.
    fn all(&mut self, options: &ReadOptions<'_>, is_ours: bool) -> Result<(), ReadError> {
        let file = self.file.graph;
        let constants = self.initializers()?;
        let inputs = file.input.iter().filter(|i| !constants.contains(&*i.name));
        let known: HashSet<&str> = inputs.clone().map(|info| &*info.name).collect();
        if let Some(name) = options.shapes.keys().find(|name| !known.contains(&***name)) {
            let names: Vec<&str> = inputs.map(|info| &*info.name).collect();
            let expected = format!("one of the inputs {}", names.join(", "));
            let error = Err(ReadError::malformed(expected, format!("`{name}`")));
            return error.inside(|| GIVEN.to_owned());
        }
        let mut named = BTreeMap::new();
        let mut shapes = Vec::new();
        // Names of extents that one input has may be given by another.
        for info in inputs
            .clone()
            .filter(|i| options.shapes.contains_key(&i.name))
        {
            interface::shape(info, options.shapes.get(&info.name), &mut named)
                .inside(|| GIVEN.to_owned())?;
        }
        for info in inputs.clone() {
            let shape = interface::shape(info, options.shapes.get(&info.name), &mut named);
            shapes.push(shape.inside(|| GIVEN.to_owned())?);
        }
        self.file.extents = named;
        for position in 0..file.node.len() {
            self.constant_node(position)?;
        }
        self.note_scales();
        let readers = interface::readers(file);
        for (info, shape) in inputs.zip(shapes) {
            let image = shape.len() == 4;
            let second =
                image && (is_ours || interface::has_channels_second(file, &readers, &info.name));
            self.input(info, &shape, second)
                .inside(|| format!("input `{}`", info.name))?;
        }
        for position in 0..file.node.len() {
            self.computed_node(position)?;
        }
        for info in &file.output {
            let id = self.output(info, is_ours);
            let id = id.inside(|| format!("output `{}`", info.name))?;
            self.graph.outputs.push(id);
        }
        self.name_outputs();
        Ok(())
    }

    /// Calls outputs as the file does, where no view of them was called before.
    fn name_outputs(&mut self) {
        let producers = self.graph.producers();
        let mut named = HashSet::new();
        let file = self.file.graph;
        for (info, id) in file.output.iter().zip(self.graph.outputs.clone()) {
            if let Some(node) = producers[id.index()]
                && self.graph[node].outputs == [id]
                && self.graph[id].name != info.name
                && named.insert(id)
            {
                self.rename(id, node.index(), &info.name);
            }
        }
    }

    /// Defines the constants of the file; their names.
    fn initializers(&mut self) -> Result<HashSet<&'f str>, ReadError> {
        let file = self.file.graph;
        let mut names = HashSet::new();
        for tensor in &file.initializer {
            let constant = Constant::new(tensor, &tensor.name, &mut self.external);
            let constant = constant.inside(|| format!("constant `{}`", tensor.name))?;
            let value = self.constant(constant);
            self.define(&tensor.name, value)?;
            names.insert(&*tensor.name);
        }
        for sparse in &file.sparse_initializer {
            let name = sparse.values.as_ref().map_or("", |values| &values.name);
            let constant = Constant::sparse(sparse);
            let constant = constant.inside(|| format!("sparse constant `{name}`"))?;
            let value = self.constant(constant);
            self.define(name, value)?;
            names.insert(name);
        }
        Ok(names)
    }

    /// Defines what a node gives, where only constants go into it: so that a node is known to those
    /// that stand before it, as are the scales of what they write.
    fn constant_node(&mut self, position: usize) -> Result<(), ReadError> {
        let operator = self.file.operator(position);
        let mut operands = operator.node.input.iter().filter(|name| !name.is_empty());
        let constant = |name: &String| self.known(name).is_some_and(raise::Value::is_constant);
        if !operands.all(constant) {
            return Ok(());
        }
        let done = folding::folded(self, &operator)
            .and_then(|done| {
                let has_operands = !operator.node.input.is_empty();
                Ok(done || has_operands && operators::seen(self, &operator)?)
            })
            .inside(|| operator.place())?;
        self.done[position] = done;
        Ok(())
    }

    fn computed_node(&mut self, position: usize) -> Result<(), ReadError> {
        if self.done[position] {
            return Ok(());
        }
        let operator = self.file.operator(position);
        let done = folding::folded(self, &operator);
        let done = done.inside(|| operator.place())?;
        if done {
            return Ok(());
        }
        operators::raise(self, &operator).inside(|| operator.place())
    }
}

/// Where `wanted` stands in `order`.
fn position(order: &[usize], wanted: usize) -> usize {
    super::layout::position(order, wanted)
}

#[cfg(test)]
mod tests;
