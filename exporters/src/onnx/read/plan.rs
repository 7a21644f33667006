//! What becomes of a node: floats, integers that stand for reals, or other types; and the nodes
//! behind it that it takes in.

use kernels::op::Fused;
use kernels::{DataType, Quantization, TensorId};

use super::numbers::Numbers;
use super::operator::{Domain, Operator};
use super::raise::{Outcome, Raising, Value};
use crate::ReadError;

/// The most views of a result that are looked through for what quantizes it.
const VIEWS_MAX: usize = 4;

/// What a node computes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    /// Floats; integers that stand for reals are dequantized first.
    Float,
    /// 8-bit integers that stand for reals, in and out.
    Quantized,
    /// Elements as they are stored, of types that the vocabulary does not compute with.
    Stored,
}

/// How a node is computed and what it writes.
pub(super) struct Plan<'f> {
    pub(super) arithmetic: Arithmetic,
    pub(super) fused: Fused,
    pub(super) outcome: Outcome<'f>,
}

impl<'f> Raising<'f, '_> {
    /// Decides on a node with these operands, whose result is that of `operator`: in integers where
    /// all operands stand for reals and the result is quantized. What quantizes it is then done.
    pub(super) fn plan(
        &mut self,
        operator: &Operator<'f>,
        operands: &[&Value<'f>],
    ) -> Result<Plan<'f>, ReadError> {
        let arithmetic = if operands.iter().any(|x| x.real_type() != DataType::F32) {
            Arithmetic::Stored
        } else {
            Arithmetic::Float
        };
        let mut plan = Plan {
            arithmetic,
            fused: Fused::None,
            outcome: Outcome {
                name: operator.result()?,
                quantization: None,
            },
        };
        self.plan_in_integers(&mut plan, operator, operands, None)?;
        Ok(plan)
    }

    /// As [`Self::plan`], with the ReLU behind the node, which is then done too. Weights may be
    /// integers of another type than the other operands.
    pub(super) fn plan_fusing(
        &mut self,
        operator: &Operator<'f>,
        operands: &[&Value<'f>],
        weights: Option<&Value<'f>>,
    ) -> Result<Plan<'f>, ReadError> {
        let mut all = operands.iter().copied().chain(weights);
        let mut plan = Plan {
            arithmetic: Arithmetic::Stored,
            fused: Fused::None,
            outcome: Outcome {
                name: operator.result()?,
                quantization: None,
            },
        };
        if all.any(|x| x.real_type() != DataType::F32) {
            return Ok(plan);
        }
        plan.arithmetic = Arithmetic::Float;
        let mut last = *operator;
        if let Some((next, fused)) = self.activation_behind(&last) {
            plan.fused = fused;
            plan.outcome.name = next.result()?;
            self.done[next.position] = true;
            last = next;
        }
        self.plan_in_integers(&mut plan, &last, operands, weights)?;
        Ok(plan)
    }

    /// Turns a plan in floats to one in integers, where operands and result allow it.
    fn plan_in_integers(
        &mut self,
        plan: &mut Plan<'f>,
        last: &Operator<'f>,
        operands: &[&Value<'f>],
        weights: Option<&Value<'f>>,
    ) -> Result<(), ReadError> {
        let integers =
            |x: &Value<'_>| x.reals.is_some() && matches!(x.dtype, DataType::I8 | DataType::U8);
        let all = operands.iter().copied().chain(weights).all(integers);
        if plan.arithmetic != Arithmetic::Float || !all || self.file.reads_more_results(last) {
            return Ok(());
        }
        let Some((next, quantization)) = self.quantization_behind(last) else {
            return Ok(());
        };
        if operands.iter().any(|x| x.dtype != quantization.0) {
            return Ok(());
        }
        plan.arithmetic = Arithmetic::Quantized;
        if next.operand(0) == last.first_result() {
            plan.outcome.name = next.result()?;
            self.done[next.position] = true;
        } else {
            let reals = quantization.1.clone();
            self.quantized_behind.insert(plan.outcome.name, reals);
        }
        plan.outcome.quantization = Some(quantization);
        Ok(())
    }

    /// An operand as the arithmetic takes it.
    pub(super) fn taken(
        &mut self,
        value: &Value<'f>,
        order: &[usize],
        arithmetic: Arithmetic,
    ) -> Result<TensorId, ReadError> {
        match arithmetic {
            Arithmetic::Float => self.real(value, order),
            Arithmetic::Quantized | Arithmetic::Stored => self.stored(value, order),
        }
    }

    /// The ReLU or ReLU6 that alone reads the result of a node.
    fn activation_behind(&self, operator: &Operator<'f>) -> Option<(Operator<'f>, Fused)> {
        let next = self.file.sole_reader(operator.first_result()?)?;
        let fused = self.activation(&next)?;
        (next.operand(0) == operator.first_result()).then_some((next, fused))
    }

    /// The activation that a node is, where other nodes fuse it.
    pub(super) fn activation(&self, operator: &Operator<'f>) -> Option<Fused> {
        if operator.is("Relu") {
            return Some(Fused::Relu);
        }
        if !operator.is("Clip") {
            return None;
        }
        let [low, high] = self.bounds(operator)?;
        match (low, high) {
            (0.0, 6.0) => Some(Fused::Relu6),
            (0.0, high) if high >= f32::MAX => Some(Fused::Relu),
            _ => None,
        }
    }

    /// The bounds of a `Clip`, where they are known; without one, the largest float.
    fn bounds(&self, operator: &Operator<'f>) -> Option<[f32; 2]> {
        if operator.opset < 11 {
            let bounds = [("min", f32::MIN), ("max", f32::MAX)];
            return Some(bounds.map(|(name, default)| operator.float(name, default)));
        }
        let bound = |index: usize, default| match operator.operand(index) {
            None => Some(default),
            Some(name) => match self.numbers(self.known(name)?)? {
                Numbers::Real(values) => values.first().copied(),
                Numbers::Whole(_) => None,
            },
        };
        Some([bound(1, f32::MIN)?, bound(2, f32::MAX)?])
    }

    /// The `QuantizeLinear` that alone reads the result of a node or a view of it, and what it
    /// quantizes to.
    fn quantization_behind(
        &self,
        operator: &Operator<'f>,
    ) -> Option<(Operator<'f>, (DataType, Quantization))> {
        let next = self.behind_views(operator)?;
        if next.node.op_type != "QuantizeLinear" || next.domain() == Domain::Other {
            return None;
        }
        self.target(&next).map(|target| (next, target))
    }

    /// The node that alone reads the result of a node, or a view of it, as its first operand.
    pub(super) fn behind_views(&self, operator: &Operator<'f>) -> Option<Operator<'f>> {
        let mut last = *operator;
        for _ in 0..=VIEWS_MAX {
            let next = self.file.sole_reader(last.first_result()?)?;
            if next.operand(0) != last.first_result() {
                return None;
            }
            let views = [
                "Flatten",
                "Identity",
                "Reshape",
                "Squeeze",
                "Transpose",
                "Unsqueeze",
            ];
            if next.domain() != Domain::Onnx || !views.contains(&&*next.node.op_type) {
                return Some(next);
            }
            last = next;
        }
        None
    }
}
