//! The walk over a subgraph's operators, and the graph that grows of it.

use kernels::tensor::Content;
use kernels::verify::{NodeError, fits};
use kernels::{DataType, Graph, Node, Op, Tensor, TensorId, Verified, shape, verify};

use super::calls::Calls;
use super::macs;
use super::model::{Model, Operator, Subgraph};
use super::operators::{Step, plan};
use super::tensors::{Entry, Shared, numbers};
use crate::ReadError;
use crate::countable::countable;
use crate::names::Names;
use crate::read_error::Inside;

/// A graph under construction.
pub(super) struct Raising<'m, 'b> {
    pub(super) model: &'m Model<'b>,
    subgraph: Subgraph<'b>,
    pub(super) graph: Graph,
    names: Names,
    /// By position in the file.
    ids: Vec<Option<TensorId>>,
    shared: Shared,
    calls: Calls,
}

impl<'m, 'b> Raising<'m, 'b> {
    pub(super) fn new(model: &'m Model<'b>, subgraph: Subgraph<'b>) -> Self {
        let name = model.description.clone();
        let name = name.unwrap_or_else(|| subgraph.name.clone());
        Self {
            model,
            graph: Graph {
                name,
                tensors: Vec::new(),
                nodes: Vec::new(),
                inputs: Vec::new(),
                outputs: Vec::new(),
            },
            names: Names::default(),
            ids: vec![None; subgraph.tensors.len()],
            shared: Shared::new(),
            calls: Calls::default(),
            subgraph,
        }
    }

    /// The graph of all operators.
    pub(super) fn graph(mut self) -> Result<Verified, ReadError> {
        let inputs = std::mem::take(&mut self.subgraph.inputs);
        self.graph.inputs = self.tensors(&inputs).inside(|| "its inputs".to_owned())?;
        for index in 0..self.subgraph.operators.len() {
            let model = self.model;
            let table = self.subgraph.operators.get(index);
            let operator = table.and_then(|table| model.operator(&table));
            let operator = operator.inside(|| format!("operator {index}"))?;
            self.operator(index, &operator)
                .inside(|| format!("operator {index} {}", operator.code.name()))?;
        }
        let outputs = std::mem::take(&mut self.subgraph.outputs);
        self.graph.outputs = self.tensors(&outputs).inside(|| "its outputs".to_owned())?;
        countable(&self.graph)?;
        verify(self.graph).map_err(ReadError::contradiction)
    }

    fn operator(&mut self, index: usize, operator: &Operator<'_, 'b>) -> Result<(), ReadError> {
        if let Some((x, steps)) = plan(self, operator)?
            && self.chain(x, steps, operator)?
        {
            return Ok(());
        }
        self.foreign(index, operator)
    }

    /// Adds nodes that run one after another from `x` to the operator's one result; nothing, and
    /// `false`, when the vocabulary does not have them on these element types.
    fn chain(
        &mut self,
        x: TensorId,
        steps: Vec<Step>,
        operator: &Operator<'_, 'b>,
    ) -> Result<bool, ReadError> {
        let &[output] = operator.outputs.as_slice() else {
            let expected = "one result";
            return Err(ReadError::malformed(expected, operator.outputs.len()));
        };
        let output = self.tensor(output)?;
        let Some(between) = self.between(x, &steps, output)? else {
            return Ok(false);
        };
        let mut from = x;
        let mut between = between.into_iter();
        for step in steps {
            let to = match between.next() {
                Some(mut tensor) => {
                    let wanted = format!("{}/{}", self.graph[output].name, step.op.name());
                    tensor.name = self.names.fresh(&wanted);
                    self.add(tensor)
                }
                None => output,
            };
            let mut inputs = vec![from];
            inputs.extend(step.others);
            self.graph.nodes.push(Node {
                name: self.graph[to].name.clone(),
                op: step.op,
                inputs,
                outputs: vec![to],
            });
            from = to;
        }
        Ok(true)
    }

    /// The results of all steps but the last, still without names; nothing when the vocabulary does
    /// not have a step on its element types.
    fn between(
        &self,
        x: TensorId,
        steps: &[Step],
        output: TensorId,
    ) -> Result<Option<Vec<Tensor>>, ReadError> {
        let output = &self.graph[output];
        let mut between: Vec<Tensor> = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let from = between.last().unwrap_or(&self.graph[x]);
            let mut operands = vec![from];
            operands.extend(step.others.iter().map(|&id| &self.graph[id]));
            let result = if index + 1 == steps.len() {
                None
            } else {
                let like = if step.moves { from } else { output };
                let (shape, dtype) =
                    shape::infer(&step.op, &operands).map_err(ReadError::contradiction)?;
                Some(Tensor {
                    name: step.op.name().to_owned(),
                    shape,
                    dtype,
                    quantization: like.quantization.clone(),
                    content: Content::Computed,
                })
            };
            if !matches!(step.op, Op::Foreign { .. }) {
                match fits(&step.op, &operands, result.as_ref().unwrap_or(output)) {
                    Ok(()) => {}
                    Err(NodeError::ElementType(_)) => return Ok(None),
                    Err(error) => return Err(ReadError::contradiction(error)),
                }
            }
            between.extend(result);
        }
        Ok(Some(between))
    }

    /// Adds an operator that the vocabulary lacks, with every operand that has elements.
    fn foreign(&mut self, index: usize, operator: &Operator<'_, 'b>) -> Result<(), ReadError> {
        let mut inputs = self.present(&operator.inputs, true)?;
        if let Some(body) = self.called(operator)? {
            inputs.push(body);
        }
        let outputs = self.present(&operator.outputs, false)?;
        let macs = macs::of_foreign(self, operator, &outputs)?;
        let kind = operator.code.name().to_owned();
        let name = match outputs.first() {
            Some(&first) => self.graph[first].name.clone(),
            None => self.names.fresh(&format!("{kind} {index}")),
        };
        self.graph.nodes.push(Node {
            name,
            op: Op::Foreign { kind, macs },
            inputs,
            outputs,
        });
        Ok(())
    }

    /// The constants of subgraphs that an operator calls, as one parameter.
    fn called(&mut self, operator: &Operator<'_, 'b>) -> Result<Option<TensorId>, ReadError> {
        let called = Calls::of(operator)?;
        if called.is_empty() {
            return Ok(None);
        }
        if let Some(known) = self.calls.known(&called) {
            return Ok(known);
        }
        let body = self.calls.body(self.model, &called)?;
        let id = (body.constant_bytes > 0).then(|| {
            let wanted = format!("{} operators of called subgraphs", body.operators);
            let name = self.names.fresh(&wanted);
            self.add(Tensor {
                name,
                shape: [body.constant_bytes].into(),
                dtype: DataType::U8,
                quantization: None,
                content: Content::Parameter,
            })
        });
        self.calls.remember(called, id);
        Ok(id)
    }

    /// The tensors of a list that are there; without state, when they are operands.
    fn present(&mut self, positions: &[i32], operands: bool) -> Result<Vec<TensorId>, ReadError> {
        let mut ids = Vec::with_capacity(positions.len());
        for &position in positions.iter().filter(|&&position| position != -1) {
            let known = usize::try_from(position).ok().and_then(|i| self.ids.get(i));
            let absent = known.is_none_or(Option::is_none) && {
                let entry = self.entry(position)?;
                entry.is_empty() || operands && entry.variable && !entry.is_constant()
            };
            if !absent {
                ids.push(self.tensor(position)?);
            }
        }
        Ok(ids)
    }

    fn tensors(&mut self, positions: &[i32]) -> Result<Vec<TensorId>, ReadError> {
        positions.iter().map(|&p| self.tensor(p)).collect()
    }

    /// The tensor at a position of the file, added to the graph when it is first asked for.
    pub(super) fn tensor(&mut self, position: i32) -> Result<TensorId, ReadError> {
        let index = usize::try_from(position).ok();
        if let Some(Some(id)) = index.and_then(|index| self.ids.get(index)) {
            return Ok(*id);
        }
        let entry = self.entry(position)?;
        let wanted = entry.name.clone();
        let wanted = wanted.unwrap_or_else(|| format!("tensor {position}"));
        let name = self.names.fresh(&wanted);
        let tensor = entry
            .tensor(name, self.model, &mut self.shared)
            .inside(|| format!("tensor {position} `{wanted}`"))?;
        let id = self.add(tensor);
        if let Some(slot) = index.and_then(|index| self.ids.get_mut(index)) {
            *slot = Some(id);
        }
        Ok(id)
    }

    /// A tensor as the file has it.
    pub(super) fn entry(&self, position: i32) -> Result<Entry<'b>, ReadError> {
        let Ok(index) = usize::try_from(position) else {
            return Err(ReadError::malformed("a tensor", position));
        };
        let table = self.subgraph.tensors.get(index);
        let entry = table.and_then(|table| Entry::new(self.model, &table));
        entry.inside(|| format!("tensor {position}"))
    }

    /// The elements of a constant of whole numbers; nothing when it is none.
    pub(super) fn integers(&self, position: i32) -> Result<Option<Vec<i64>>, ReadError> {
        if position == -1 {
            return Ok(None);
        }
        let entry = self.entry(position)?;
        if entry.elements.is_empty() {
            return Ok(None);
        }
        self.model.file.charge(entry.elements.len())?;
        Ok(match entry.dtype {
            DataType::I32 => Some(
                numbers(entry.elements, i32::from_le_bytes)
                    .map(i64::from)
                    .collect(),
            ),
            DataType::I64 => Some(numbers(entry.elements, i64::from_le_bytes).collect()),
            DataType::F32 | DataType::I8 | DataType::U8 | DataType::Foreign { .. } => None,
        })
    }

    /// `weights` as floats, where `x` is of floats and they are not.
    pub(super) fn real_weights(&mut self, x: TensorId, weights: TensorId) -> TensorId {
        let tensor = &self.graph[weights];
        let integers = matches!(tensor.dtype, DataType::I8 | DataType::U8);
        if self.graph[x].dtype != DataType::F32 || !integers || tensor.quantization.is_none() {
            return weights;
        }
        let wanted = format!("{}/dequantize", tensor.name);
        let reals = Tensor {
            name: self.names.fresh(&wanted),
            shape: tensor.shape.clone(),
            dtype: DataType::F32,
            quantization: None,
            content: Content::Computed,
        };
        let name = reals.name.clone();
        let id = self.add(reals);
        self.graph.nodes.push(Node {
            name,
            op: Op::Dequantize,
            inputs: vec![weights],
            outputs: vec![id],
        });
        id
    }

    fn add(&mut self, tensor: Tensor) -> TensorId {
        let id = TensorId::new(self.graph.tensors.len());
        self.graph.tensors.push(tensor);
        id
    }
}
