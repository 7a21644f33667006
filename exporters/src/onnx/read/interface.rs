//! What a caller supplies and receives: inputs, outputs, and the extents that may change.

use std::collections::{BTreeMap, HashMap, HashSet};

use kernels::{DataType, TensorId};

use super::raise::{Raising, Value};
use super::types::{countable, element_type, stated};
use super::view::{channels_last, in_order};
use crate::ReadError;
use crate::onnx::message::{Dimension, Graph, ValueInfo};

/// Operators whose images have channels second.
const OF_IMAGES: [&str; 17] = [
    "AveragePool",
    "BatchNormalization",
    "Conv",
    "ConvInteger",
    "ConvTranspose",
    "DepthToSpace",
    "FusedConv",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "GroupNormalization",
    "InstanceNormalization",
    "LRN",
    "MaxPool",
    "QLinearConv",
    "Resize",
    "SpaceToDepth",
    "Upsample",
];
/// Operators whose operands are matrices in the order of the file.
const OF_MATRICES: [&str; 6] = [
    "Attention",
    "Einsum",
    "Gemm",
    "LayerNormalization",
    "MatMul",
    "MatMulInteger",
];

/// The most nodes that are looked through for what takes an input as what.
const SEEN_MAX: usize = 64;

/// The nodes that read each value.
pub(super) fn readers(graph: &Graph) -> HashMap<&str, Vec<usize>> {
    let mut readers: HashMap<&str, Vec<usize>> = HashMap::new();
    for (position, node) in graph.node.iter().enumerate() {
        for input in &node.input {
            let of_value = readers.entry(input).or_default();
            if of_value.last() != Some(&position) {
                of_value.push(position);
            }
        }
    }
    readers
}

/// The shape of an input in the file, with the extents that the caller gave.
pub(super) fn shape<'f>(
    info: &'f ValueInfo,
    given: Option<&Vec<usize>>,
    named: &mut BTreeMap<&'f str, usize>,
) -> Result<Vec<usize>, ReadError> {
    let dims = stated(info)
        .and_then(|(_, shape)| shape)
        .map(|shape| &*shape.dim);
    let Some(dims) = dims else {
        let given = given.cloned();
        return given.ok_or_else(|| ReadError::dynamic(&info.name, "of unknown shape", "1"));
    };
    if let Some(given) = given
        && given.len() != dims.len()
    {
        let expected = format!("{} extents of `{}`, {}", dims.len(), info.name, text(dims));
        return Err(ReadError::malformed(expected, format!("{given:?}")));
    }
    let mut shape = Vec::with_capacity(dims.len());
    for (d, dim) in dims.iter().enumerate() {
        let own = dim.dim_value.and_then(|value| usize::try_from(value).ok());
        let own = own.filter(|&extent| extent > 0);
        let name = dim.dim_param.as_deref().filter(|name| !name.is_empty());
        let wanted = given.map(|given| given[d]);
        let extent = own.or(wanted).or_else(|| named.get(name?).copied());
        let extent = extent
            .filter(|&extent| extent > 0)
            .ok_or_else(|| ReadError::dynamic(&info.name, &text(dims), &example(dims)))?;
        let fixed = own.or_else(|| named.get(name?).copied());
        if let (Some(fixed), Some(wanted)) = (fixed, wanted)
            && fixed != wanted
        {
            let expected = format!("{fixed} as extent {d} of `{}`, {}", info.name, text(dims));
            return Err(ReadError::malformed(expected, wanted));
        }
        if let Some(name) = name {
            named.insert(name, extent);
        }
        shape.push(extent);
    }
    Ok(shape)
}

/// Extents as the file states them: `[batch, 3, ?, ?]`.
fn text(dims: &[Dimension]) -> String {
    let extents = dims
        .iter()
        .map(|dim| match (dim.dim_value, &dim.dim_param) {
            (Some(value), _) if value > 0 => value.to_string(),
            (_, Some(name)) if !name.is_empty() => name.clone(),
            (_, _) => "?".to_owned(),
        });
    format!("[{}]", extents.collect::<Vec<_>>().join(", "))
}

/// The extents with an example for each that may change.
fn example(dims: &[Dimension]) -> String {
    let extents = dims.iter().enumerate().map(|(d, dim)| match dim.dim_value {
        Some(value) if value > 0 => value.to_string(),
        Some(_) | None => if d == 0 && dims.len() > 2 { "1" } else { "224" }.to_owned(),
    });
    extents.collect::<Vec<_>>().join(",")
}

/// Whether an input of four dimensions is an image with channels second: unless the operators that
/// come first take it as matrices, or turn it from channels last.
pub(super) fn has_channels_second<'f>(
    graph: &'f Graph,
    readers: &HashMap<&'f str, Vec<usize>>,
    name: &'f str,
) -> bool {
    let mut waiting = std::collections::VecDeque::from([name]);
    let (mut seen, mut named) = (HashSet::new(), HashSet::from([name]));
    while let Some(name) = waiting.pop_front() {
        for &position in readers.get(name).map_or(&[][..], Vec::as_slice) {
            let node = &graph.node[position];
            let kind = &*node.op_type;
            if OF_IMAGES.contains(&kind) {
                return true;
            }
            if OF_MATRICES.contains(&kind) {
                return false;
            }
            let to_channels_second = |a: &crate::onnx::message::Attribute| a.ints == [0, 3, 1, 2];
            match kind {
                "Transpose" => return !node.attribute.iter().any(to_channels_second),
                "Reshape" | "Flatten" => continue,
                _ if seen.len() < SEEN_MAX && seen.insert(position) => {
                    let outputs = node.output.iter().map(|output| &**output);
                    waiting.extend(outputs.filter(|&output| named.insert(output)));
                }
                _ => {}
            }
        }
    }
    true
}

impl<'f> Raising<'f, '_> {
    /// Adds an input of the file.
    pub(super) fn input(
        &mut self,
        info: &'f ValueInfo,
        shape: &[usize],
        channels_second: bool,
    ) -> Result<(), ReadError> {
        let code = stated(info).map(|(code, _)| code);
        let code = code.ok_or_else(|| ReadError::malformed("a tensor", "another type"))?;
        let (dtype, _) = element_type(code.into())?;
        countable(shape, dtype.bytes())?;
        let order = if shape.len() == 4 && channels_second {
            channels_last(4)
        } else {
            in_order(shape.len())
        };
        let extents: Vec<usize> = order.iter().map(|&d| shape[d]).collect();
        let integers = matches!(dtype, DataType::I8 | DataType::U8);
        let quantization = self.scales.get(&*info.name).filter(|_| integers).cloned();
        let name = self.names.fresh(&info.name);
        let id = self.tensor(name, &extents, dtype, quantization);
        self.graph.inputs.push(id);
        let value = self.value(id, &order);
        self.define(&info.name, value)
    }

    /// The tensor that a caller receives: channels last where the file has an image, in the order of
    /// the file where memory already has that.
    pub(super) fn output(
        &mut self,
        info: &'f ValueInfo,
        channels_second: bool,
    ) -> Result<TensorId, ReadError> {
        let Some(value) = self.known(&info.name).cloned() else {
            let expected = "outputs that a node computes";
            return Err(ReadError::malformed(expected, format!("`{}`", info.name)));
        };
        let value = Value {
            name: &info.name,
            ..value
        };
        let rank = value.rank();
        let plain = in_order(rank);
        let free = value.view.lies_in(&plain) && !value.view.lies_in(&channels_last(rank));
        let order = if rank == 4 && (channels_second || !free) {
            channels_last(4)
        } else {
            plain
        };
        self.real(&value, &order)
    }
}
