//! Subgraphs that operators call: what they hold, and that they may call themselves.

use std::collections::{BTreeMap, BTreeSet};

use kernels::TensorId;

use super::flat::Table;
use super::model::{Model, Operator};
use super::tensors::{Entry, TENSOR_BYTES_MAX};
use crate::ReadError;
use crate::read_error::Inside;
use crate::tflite::schema::field;

/// The parameters that stand for called subgraphs, by the subgraphs.
#[derive(Default)]
pub(super) struct Calls(BTreeMap<Vec<usize>, Option<TensorId>>);

/// What called subgraphs hold, each counted once.
#[derive(Default)]
pub(super) struct Body {
    pub(super) operators: usize,
    pub(super) constant_bytes: usize,
}

impl Calls {
    /// The subgraphs that an operator calls.
    pub(super) fn of(operator: &Operator<'_, '_>) -> Result<Vec<usize>, ReadError> {
        let (options, slots): (Option<Table<'_>>, &[usize]) = match operator.code.name() {
            "IF" | "WHILE" => (
                operator.options,
                &[field::branch::FIRST, field::branch::SECOND],
            ),
            "CALL" | "CALL_ONCE" => (operator.options, &[field::call::SUBGRAPH]),
            "STABLEHLO_WHILE" => (
                operator.options_2,
                &[field::branch::FIRST, field::branch::SECOND],
            ),
            "STABLEHLO_COMPOSITE" => (operator.options_2, &[field::composite::SUBGRAPH]),
            _ => (None, &[]),
        };
        let Some(options) = options else {
            return Ok(Vec::new());
        };
        slots.iter().map(|&slot| options.index(slot)).collect()
    }

    pub(super) fn known(&self, called: &[usize]) -> Option<Option<TensorId>> {
        self.0.get(called).copied()
    }

    pub(super) fn remember(&mut self, called: Vec<usize>, id: Option<TensorId>) {
        self.0.insert(called, id);
    }

    /// What the subgraphs hold, with all that they call in turn.
    pub(super) fn body(&self, model: &Model<'_>, called: &[usize]) -> Result<Body, ReadError> {
        let mut body = Body::default();
        let mut waiting = called.to_vec();
        let mut seen = BTreeSet::new();
        let mut buffers = BTreeSet::new();
        while let Some(index) = waiting.pop() {
            if !seen.insert(index) {
                continue;
            }
            let subgraph = model.subgraph(index)?;
            let place = || format!("called subgraph {index} `{}`", subgraph.name);
            for tensor in 0..subgraph.tensors.len() {
                let entry = subgraph.tensors.get(tensor);
                let entry = entry.and_then(|table| Entry::new(model, &table));
                let entry = entry.inside(|| format!("{}, tensor {tensor}", place()))?;
                if buffers.insert(entry.buffer) {
                    body.constant_bytes = body.constant_bytes.saturating_add(entry.elements.len());
                }
            }
            body.operators += subgraph.operators.len();
            for operator in 0..subgraph.operators.len() {
                let table = subgraph.operators.get(operator);
                let called = table.and_then(|table| Self::of(&model.operator(&table)?));
                let called = called.inside(|| format!("{}, operator {operator}", place()))?;
                waiting.extend(called);
            }
        }
        if body.constant_bytes > TENSOR_BYTES_MAX {
            let expected = format!("called subgraphs of at most {TENSOR_BYTES_MAX} bytes");
            return Err(ReadError::malformed(expected, body.constant_bytes));
        }
        Ok(body)
    }
}
