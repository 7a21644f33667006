//! The graph that grows of a file, and the values of the file in it.

use std::collections::HashMap;

use kernels::tensor::Content;
use kernels::verify::{NodeError, fits};
use kernels::{Data, DataType, Graph, Node, Op, Quantization, Tensor, TensorId, shape};

use super::constants::{Constant, Held, reordered};
use super::external::External;
use super::index::Index;
use super::numbers::Numbers;
use super::operator::Operator;
use super::types::countable;
use super::view::{Reordering, View, in_order};
use crate::ReadError;
use crate::countable::macs;
use crate::names::Names;

/// A value of the file.
#[derive(Clone)]
pub(super) struct Value<'f> {
    /// Its name in the file.
    pub(super) name: &'f str,
    pub(super) base: Base,
    pub(super) view: View,
    /// The type of the stored elements.
    pub(super) dtype: DataType,
    /// How stored integers stand for reals, where the file has the reals here; an axis is a
    /// dimension of the file.
    pub(super) reals: Option<Quantization>,
}

/// What holds the elements of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Base {
    /// A computed tensor of the graph.
    Tensor(TensorId),
    /// A constant of the file, by its place in the list.
    Constant(usize),
}

/// A constant as a tensor of the graph.
pub(super) struct HeldAs {
    pub(super) reordering: Reordering,
    pub(super) shape: Vec<usize>,
    pub(super) quantization: Option<Quantization>,
    pub(super) id: TensorId,
}

/// The result that a node is to write.
#[derive(Clone)]
pub(super) struct Outcome<'f> {
    pub(super) name: &'f str,
    /// What the result stands for, when it is of integers.
    pub(super) quantization: Option<(DataType, Quantization)>,
}

/// A graph under construction.
pub(super) struct Raising<'f, 'a> {
    pub(super) file: Index<'f>,
    pub(super) graph: Graph,
    pub(super) names: Names,
    values: HashMap<&'f str, Value<'f>>,
    pub(super) constants: Vec<Constant<'f>>,
    pub(super) held: Held,
    pub(super) arranged: HashMap<(TensorId, Reordering, Vec<usize>), TensorId>,
    /// The floats of tensors of integers.
    pub(super) reals: HashMap<TensorId, TensorId>,
    /// Nodes of the file that are in the graph already.
    pub(super) done: Vec<bool>,
    /// What stored integers stand for, as the nodes that read or write them say.
    pub(super) scales: HashMap<&'f str, Quantization>,
    /// What results are integers for that the file quantizes behind a change of view.
    pub(super) quantized_behind: HashMap<&'f str, Quantization>,
    pub(super) external: External<'a>,
    /// The length of the file in bytes.
    file_bytes: usize,
    /// How many bytes constants were copied to.
    copied_bytes: usize,
}

impl<'f> Value<'f> {
    pub(super) fn shape(&self) -> Vec<usize> {
        self.view.shape()
    }

    pub(super) fn rank(&self) -> usize {
        self.view.rank()
    }

    pub(super) const fn is_constant(&self) -> bool {
        matches!(self.base, Base::Constant(_))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.shape().contains(&0)
    }

    /// The type of what the file has here.
    pub(super) const fn real_type(&self) -> DataType {
        if self.reals.is_some() {
            DataType::F32
        } else {
            self.dtype
        }
    }
}

impl<'f, 'a> Raising<'f, 'a> {
    /// An empty graph; `bytes` is the length of the file.
    pub(super) fn new(file: Index<'f>, external: External<'a>, bytes: usize) -> Self {
        Self {
            graph: Graph {
                name: file.graph.name.clone(),
                tensors: Vec::new(),
                nodes: Vec::new(),
                inputs: Vec::new(),
                outputs: Vec::new(),
            },
            names: Names::default(),
            values: HashMap::new(),
            constants: Vec::new(),
            held: Held::new(),
            arranged: HashMap::new(),
            reals: HashMap::new(),
            done: vec![false; file.graph.node.len()],
            scales: HashMap::new(),
            quantized_behind: HashMap::new(),
            external,
            file_bytes: bytes,
            copied_bytes: 0,
            file,
        }
    }

    /// Counts bytes that constants are copied to; false, and nothing, where they are more than eight
    /// times what the file and the files beside it hold, as no file for use asks for.
    pub(super) fn charge(&mut self, bytes: usize) -> bool {
        let held = self.file_bytes.saturating_add(self.external.bytes());
        let limit = held.saturating_mul(8).saturating_add(1 << 24);
        let copied = self.copied_bytes.saturating_add(bytes);
        let fits = copied <= limit;
        if fits {
            self.copied_bytes = copied;
        }
        fits
    }

    /// Gives a value its name.
    pub(super) fn define(&mut self, name: &'f str, mut value: Value<'f>) -> Result<(), ReadError> {
        value.name = name;
        if let Some(reals) = self.quantized_behind.remove(name) {
            value.reals = Some(reals);
        }
        self.define_as(name, value)
    }

    /// Gives a value a name beside its own, after which what is made of it is called.
    pub(super) fn define_as(&mut self, name: &'f str, value: Value<'f>) -> Result<(), ReadError> {
        if self.values.insert(name, value).is_some() {
            let expected = "a name for each value";
            return Err(ReadError::malformed(expected, format!("`{name}` twice")));
        }
        Ok(())
    }

    /// Takes a value's name back, to give it to another.
    pub(super) fn forget(&mut self, name: &str) -> Option<Value<'f>> {
        self.values.remove(name)
    }

    /// The elements of a constant in an order of the dimensions of the file; nothing when it is none
    /// or they are not known.
    pub(super) fn elements(&mut self, value: &Value<'f>, order: &[usize]) -> Option<Data> {
        let Base::Constant(index) = value.base else {
            return None;
        };
        let constant = &self.constants[index];
        let bytes = constant.count().saturating_mul(constant.dtype.bytes());
        if !self.charge(bytes) {
            return None;
        }
        let data = self.constants[index].data()?;
        Some(reordered(&data, &value.view.reordering(order)))
    }

    pub(super) fn known(&self, name: &str) -> Option<&Value<'f>> {
        self.values.get(name)
    }

    /// The operand of a node; nothing where it is left out.
    pub(super) fn optional(
        &self,
        operator: &Operator<'f>,
        index: usize,
    ) -> Result<Option<Value<'f>>, ReadError> {
        let Some(name) = operator.operand(index) else {
            return Ok(None);
        };
        match self.values.get(name) {
            Some(value) => Ok(Some(value.clone())),
            None => {
                let expected = "operands that stand before it";
                Err(ReadError::malformed(expected, format!("`{name}`")))
            }
        }
    }

    /// An operand of a node, which needs it.
    pub(super) fn operand(
        &self,
        operator: &Operator<'f>,
        index: usize,
    ) -> Result<Value<'f>, ReadError> {
        self.optional(operator, index)?.ok_or_else(|| {
            let expected = format!("at least {} operands", index + 1);
            ReadError::malformed(expected, operator.node.input.len())
        })
    }

    /// All operands that are there.
    pub(super) fn operands(&self, operator: &Operator<'f>) -> Result<Vec<Value<'f>>, ReadError> {
        let operands = (0..operator.node.input.len()).map(|i| self.optional(operator, i));
        operands.filter_map(Result::transpose).collect()
    }

    /// A constant of the file, with its value.
    pub(super) fn constant(&mut self, constant: Constant<'f>) -> Value<'f> {
        let value = Value {
            name: "",
            base: Base::Constant(self.constants.len()),
            view: View::plain(&constant.shape),
            dtype: constant.dtype,
            reals: None,
        };
        self.constants.push(constant);
        value
    }

    /// The elements of a small constant in the order of the file; nothing when it is none.
    pub(super) fn numbers(&self, value: &Value<'f>) -> Option<Numbers> {
        let Base::Constant(index) = value.base else {
            return None;
        };
        if value.reals.is_some() {
            return None;
        }
        let numbers = self.constants[index].numbers()?;
        let reordering = value.view.reordering(&in_order(value.rank()));
        Some(numbers.at(super::constants::positions(&reordering)))
    }

    /// The elements of a small constant of whole numbers.
    pub(super) fn whole(&self, value: &Value<'f>) -> Option<Vec<i64>> {
        match self.numbers(value)? {
            Numbers::Whole(numbers) => Some(numbers),
            Numbers::Real(_) => None,
        }
    }

    /// The elements of a small constant of floats.
    pub(super) fn floats(&self, value: &Value<'f>) -> Option<Vec<f32>> {
        match self.numbers(value)? {
            Numbers::Real(numbers) => Some(numbers),
            Numbers::Whole(_) => None,
        }
    }

    /// Calls the result of the last node after a value that it also is.
    pub(super) fn rename_last(&mut self, id: TensorId, wanted: &str) {
        if self
            .graph
            .nodes
            .last()
            .is_some_and(|node| node.outputs == [id])
        {
            self.rename(id, self.graph.nodes.len() - 1, wanted);
        }
    }

    /// Calls the only result of a node, and the node, anew.
    pub(super) fn rename(&mut self, id: TensorId, node: usize, wanted: &str) {
        let name = self.names.fresh(wanted);
        self.graph.nodes[node].name.clone_from(&name);
        self.graph.tensors[id.index()].name = name;
    }

    /// Adds a node with one result; as a foreign one where the vocabulary does not have it on these
    /// element types.
    pub(super) fn push(
        &mut self,
        kind: &str,
        op: Op,
        inputs: Vec<TensorId>,
        to: &Outcome<'f>,
    ) -> Result<TensorId, ReadError> {
        self.push_as(kind, op, inputs, to.name, to.quantization.clone())
    }

    /// As [`Self::push`], with a result called `wanted`.
    pub(super) fn push_as(
        &mut self,
        kind: &str,
        op: Op,
        inputs: Vec<TensorId>,
        wanted: &str,
        quantization: Option<(DataType, Quantization)>,
    ) -> Result<TensorId, ReadError> {
        let operands: Vec<&Tensor> = inputs.iter().map(|&id| &self.graph[id]).collect();
        let (shape, inferred) = shape::infer(&op, &operands).map_err(ReadError::contradiction)?;
        let (dtype, quantization) = match quantization {
            Some((dtype, quantization)) => (dtype, Some(quantization)),
            None => (inferred, None),
        };
        countable(&shape, dtype.bytes())?;
        let result = Tensor {
            name: String::new(),
            shape: shape.clone(),
            dtype,
            quantization: quantization.clone(),
            content: Content::Computed,
        };
        let op = match fits(&op, &operands, &result) {
            Ok(()) => op,
            Err(NodeError::ElementType(_)) => Op::Foreign {
                kind: kind.to_owned(),
                macs: macs(&op, &operands, shape.elements()),
            },
            Err(error) => return Err(ReadError::contradiction(error)),
        };
        let name = self.names.fresh(wanted);
        let id = self.tensor(name, &shape, dtype, quantization);
        self.node(op, inputs, id);
        Ok(id)
    }

    /// Adds a node that is called after its result.
    pub(super) fn node(&mut self, op: Op, inputs: Vec<TensorId>, output: TensorId) {
        self.graph.nodes.push(Node {
            name: self.graph[output].name.clone(),
            op,
            inputs,
            outputs: vec![output],
        });
    }

    /// Adds a computed tensor.
    pub(super) fn tensor(
        &mut self,
        name: String,
        shape: &[usize],
        dtype: DataType,
        quantization: Option<Quantization>,
    ) -> TensorId {
        self.add(Tensor {
            name,
            shape: shape.into(),
            dtype,
            quantization,
            content: Content::Computed,
        })
    }

    pub(super) fn add(&mut self, tensor: Tensor) -> TensorId {
        let id = TensorId::new(self.graph.tensors.len());
        self.graph.tensors.push(tensor);
        id
    }

    /// The value of a tensor whose dimensions are those of the file in `order`.
    pub(super) fn value(&self, id: TensorId, order: &[usize]) -> Value<'f> {
        let tensor = &self.graph[id];
        Value {
            name: "",
            base: Base::Tensor(id),
            view: View::ordered(&tensor.shape, order),
            dtype: tensor.dtype,
            reals: None,
        }
    }
}
