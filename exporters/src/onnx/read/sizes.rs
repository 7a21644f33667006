//! The shapes of results that do not follow from the vocabulary.

use kernels::DataType;

use super::operator::{Operator, dimension};
use super::raise::{Raising, Value};
use super::types::{BOOL, element_type};
use crate::ReadError;

/// The shape and element type of a result.
pub(super) type Shaped = (Vec<usize>, DataType);

/// How shapes of foreign operators follow from their operands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// That of the first operand.
    Same,
    /// All operands broadcast.
    Broadcast,
    /// All operands broadcast, to truth values.
    Compare,
    /// Some dimensions of the first operand become 1 or go.
    Reduce,
    /// As `Reduce`, to the index of an element.
    Index,
    /// The first operand as another type.
    Cast,
    /// A window over the first operand.
    Window,
    /// As `Window`, from a small image to a large one.
    Transposed,
    /// One element for each channel.
    Global,
    /// Rows times columns.
    Product,
    /// A recurrent layer.
    Recurrent,
}

/// Operators of ONNX and onnxruntime that the vocabulary lacks.
const RULES: &[(Rule, &[&str])] = &[
    (
        Rule::Same,
        &[
            "Abs",
            "Acos",
            "Acosh",
            "Asin",
            "Asinh",
            "Atan",
            "Atanh",
            "BatchNormalization",
            "BiasGelu",
            "BitwiseNot",
            "Ceil",
            "Celu",
            "Clip",
            "Cos",
            "Cosh",
            "CumSum",
            "Dropout",
            "Elu",
            "Erf",
            "Exp",
            "FastGelu",
            "Floor",
            "Gelu",
            "GroupNormalization",
            "HardSigmoid",
            "HardSwish",
            "Hardmax",
            "Identity",
            "InstanceNormalization",
            "LRN",
            "LayerNormalization",
            "LeakyRelu",
            "Log",
            "LogSoftmax",
            "LpNormalization",
            "MeanVarianceNormalization",
            "Mish",
            "Neg",
            "Not",
            "PRelu",
            "QLinearLeakyRelu",
            "QLinearSigmoid",
            "QLinearSoftmax",
            "QuickGelu",
            "RMSNormalization",
            "RandomNormalLike",
            "RandomUniformLike",
            "Reciprocal",
            "Relu",
            "ReverseSequence",
            "RotaryEmbedding",
            "Round",
            "Scatter",
            "ScatterElements",
            "ScatterND",
            "Selu",
            "Shrink",
            "Sigmoid",
            "Sign",
            "SimplifiedLayerNormalization",
            "Sin",
            "Sinh",
            "SkipLayerNormalization",
            "Softmax",
            "Softplus",
            "Softsign",
            "Sqrt",
            "Swish",
            "Tan",
            "Tanh",
            "TensorScatter",
            "ThresholdedRelu",
            "Trilu",
        ],
    ),
    (
        Rule::Broadcast,
        &[
            "Add",
            "BitShift",
            "BitwiseAnd",
            "BitwiseOr",
            "BitwiseXor",
            "Div",
            "Max",
            "Mean",
            "Min",
            "Mod",
            "Mul",
            "Pow",
            "Sub",
            "Sum",
        ],
    ),
    (
        Rule::Compare,
        &[
            "And",
            "Equal",
            "Greater",
            "GreaterOrEqual",
            "IsInf",
            "IsNaN",
            "Less",
            "LessOrEqual",
            "Or",
            "Xor",
        ],
    ),
    (
        Rule::Reduce,
        &[
            "ReduceL1",
            "ReduceL2",
            "ReduceLogSum",
            "ReduceLogSumExp",
            "ReduceMax",
            "ReduceMean",
            "ReduceMin",
            "ReduceProd",
            "ReduceSum",
            "ReduceSumSquare",
        ],
    ),
    (Rule::Index, &["ArgMax", "ArgMin"]),
    (
        Rule::Cast,
        &["Cast", "QuantizeLinear", "DequantizeLinear", "CastLike"],
    ),
    (
        Rule::Window,
        &[
            "AveragePool",
            "Conv",
            "ConvInteger",
            "LpPool",
            "MaxPool",
            "QLinearAveragePool",
            "QLinearConv",
            "FusedConv",
            "NhwcFusedConv",
        ],
    ),
    (Rule::Transposed, &["ConvTranspose"]),
    (
        Rule::Global,
        &[
            "GlobalAveragePool",
            "GlobalLpPool",
            "GlobalMaxPool",
            "QLinearGlobalAveragePool",
        ],
    ),
    (
        Rule::Product,
        &[
            "FusedMatMul",
            "Gemm",
            "MatMul",
            "MatMulInteger",
            "QGemm",
            "QLinearMatMul",
        ],
    ),
    (Rule::Recurrent, &["GRU", "LSTM", "RNN"]),
];

/// The results of an operator, by its position among them, and its multiply-accumulates; nothing
/// where no rule is known or what it needs is computed.
pub(super) struct Ruled {
    pub(super) results: Vec<Shaped>,
    pub(super) macs: Option<u64>,
}

/// What the rule of an operator says.
pub(super) fn ruled<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
    operands: &[Value<'f>],
) -> Result<Option<Ruled>, ReadError> {
    let kind = &*operator.node.op_type;
    if operator.domain() == super::operator::Domain::Other {
        return Ok(None);
    }
    let Some(x) = operands.first() else {
        return Ok(None);
    };
    let rule = RULES.iter().find(|(_, kinds)| kinds.contains(&kind));
    let Some((rule, _)) = rule else {
        return super::special::special(raising, operator, x);
    };
    let plain = |results: Option<Vec<Shaped>>| {
        Ok(results.map(|results| Ruled {
            results,
            macs: None,
        }))
    };
    let own = || (x.shape(), x.real_type());
    match rule {
        Rule::Same => plain(Some(vec![own()])),
        Rule::Broadcast => {
            let shape = broadcast(operands);
            plain(shape.map(|shape| vec![(shape, x.real_type())]))
        }
        Rule::Compare => plain(broadcast(operands).map(|shape| vec![(shape, BOOL)])),
        Rule::Reduce | Rule::Index => {
            let shape = reduced(raising, operator, x, *rule == Rule::Index)?;
            let dtype = if *rule == Rule::Index {
                DataType::I64
            } else {
                x.real_type()
            };
            plain(shape.map(|shape| vec![(shape, dtype)]))
        }
        Rule::Cast => {
            let dtype = cast_to(raising, operator, operands)?;
            plain(dtype.map(|dtype| vec![(x.shape(), dtype)]))
        }
        Rule::Window => super::shapes::window(operator, operands),
        Rule::Transposed => super::shapes::transposed(operator, operands),
        Rule::Global => {
            let mut shape = x.shape();
            for extent in shape.iter_mut().skip(2) {
                *extent = 1;
            }
            plain(Some(vec![(shape, x.real_type())]))
        }
        Rule::Product => super::shapes::product(operator, operands),
        Rule::Recurrent => super::shapes::recurrent(operator, operands),
    }
}

/// The shape that operands broadcast to; nothing where they do not.
pub(super) fn broadcast(operands: &[Value<'_>]) -> Option<Vec<usize>> {
    let rank = operands.iter().map(Value::rank).max()?;
    let mut shape = vec![1; rank];
    for x in operands {
        let missing = rank - x.rank();
        for (extent, own) in shape[missing..].iter_mut().zip(x.shape()) {
            match (*extent, own) {
                (1, own) => *extent = own,
                (_, 1) => {}
                (extent, own) if extent == own => {}
                (_, _) => return None,
            }
        }
    }
    Some(shape)
}

fn reduced<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
    x: &Value<'f>,
    index: bool,
) -> Result<Option<Vec<usize>>, ReadError> {
    let shape = x.shape();
    // Sums take their axes as an operand since operator set 13, the others since 18.
    let opset = if operator.node.op_type == "ReduceSum" {
        13
    } else {
        18
    };
    let axes = if index {
        Some(vec![operator.int("axis", 0)])
    } else {
        super::views::axes(raising, operator, opset)?
    };
    let Some(axes) = axes else {
        return Ok(None);
    };
    let mut gone = vec![axes.is_empty(); shape.len()];
    if axes.is_empty() && operator.int("noop_with_empty_axes", 0) != 0 {
        return Ok(Some(shape));
    }
    for axis in axes {
        let dim = dimension(axis, shape.len())?;
        gone[dim] = true;
    }
    let keep = operator.int("keepdims", 1) != 0;
    let extents = shape.iter().zip(&gone);
    let left = extents.filter_map(|(&extent, &gone)| match (gone, keep) {
        (false, _) => Some(extent),
        (true, true) => Some(1),
        (true, false) => None,
    });
    Ok(Some(left.collect()))
}

fn cast_to<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
    operands: &[Value<'f>],
) -> Result<Option<DataType>, ReadError> {
    let stated = |attribute: &str| -> Result<Option<DataType>, ReadError> {
        match operator.int(attribute, 0) {
            0 => Ok(None),
            code => Ok(Some(element_type(code)?.0)),
        }
    };
    Ok(match &*operator.node.op_type {
        "Cast" => stated("to")?,
        "CastLike" => operands.get(1).map(Value::real_type),
        "DequantizeLinear" => match stated("output_dtype")? {
            Some(dtype) => Some(dtype),
            None => operands.get(1).map(|scale| scale.dtype),
        },
        _ => match raising.optional(operator, 2)? {
            Some(zero_point) => Some(zero_point.dtype),
            None => Some(stated("output_dtype")?.unwrap_or(DataType::U8)),
        },
    })
}
