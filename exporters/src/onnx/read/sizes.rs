//! The shapes of results that do not follow from the vocabulary.

use kernels::DataType;

use super::numbers::Numbers;
use super::operator::{Operator, amount, dimension};
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
        return super::shapes::special(raising, operator, x);
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

fn broadcast(operands: &[Value<'_>]) -> Option<Vec<usize>> {
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

/// The shape that a resize gives, and whether its scales divide it without a rest; nothing where
/// they are computed.
pub(super) fn resized<'f>(
    raising: &Raising<'f, '_>,
    operator: &Operator<'f>,
    x: &Value<'f>,
) -> Result<Option<(Vec<usize>, bool)>, ReadError> {
    if operator.text("keep_aspect_ratio_policy", "stretch") != "stretch" {
        return Ok(None);
    }
    let upsample = operator.node.op_type == "Upsample";
    let known = |index| -> Result<Option<Numbers>, ReadError> {
        let value = raising.optional(operator, index)?;
        Ok(value
            .and_then(|value| raising.numbers(&value))
            .filter(|n| n.len() > 0))
    };
    let (scales, sizes) = match operator.opset {
        ..9 => (
            operator
                .attribute("scales")
                .map(|a| Numbers::Real(a.floats.clone())),
            None,
        ),
        9 | 10 => (known(1)?, None),
        _ if upsample => (known(1)?, None),
        _ => (known(2)?, known(3)?),
    };
    let own = x.shape();
    let axes = match operator.ints("axes") {
        Some(axes) => axes.to_vec(),
        None => (0..).take(own.len()).collect(),
    };
    let axes = axes.iter().map(|&axis| dimension(axis, own.len()));
    let axes: Vec<usize> = axes.collect::<Result<_, _>>()?;
    let numbers = sizes.or(scales);
    if let Some(numbers) = &numbers
        && numbers.len() != axes.len()
    {
        let expected = format!("{} sizes or scales", axes.len());
        return Err(ReadError::malformed(expected, numbers.len()));
    }
    let mut shape = own.clone();
    let mut exact = true;
    match numbers {
        None => return Ok(None),
        Some(Numbers::Whole(sizes)) => {
            for (&axis, &size) in axes.iter().zip(&sizes) {
                shape[axis] = amount(size, "a size")?;
            }
        }
        Some(Numbers::Real(scales)) => {
            for (&axis, &scale) in axes.iter().zip(&scales) {
                let scaled = own[axis] as f64 * f64::from(scale);
                exact &= scaled.fract() == 0.0;
                shape[axis] = amount(floor(scaled), "a size")?;
            }
        }
    }
    Ok(Some((shape, exact)))
}

/// The largest whole number that is not more; saturates.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the saturating cast of a rounded float is what is wanted"
)]
fn floor(x: f64) -> i64 {
    x.floor() as i64
}
