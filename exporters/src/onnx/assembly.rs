//! The lists of an ONNX model while it grows: nodes, constants, and the names of values.

use std::collections::BTreeMap;

use kernels::{Data, DataType, Node, Quantization, Tensor, TensorId, Verified};
use prost::Message;

use super::layout::{Layout, in_file_order};
use super::message::{self, Attribute, ElementType, int64};
use crate::constants::elements;
use crate::names::Names;
use crate::{ExportError, Format, Metadata};

/// A protobuf message is shorter than 2 GiB.
const FILE_BYTES_MAX: usize = i32::MAX as usize;

/// The name of a value in the file.
pub(super) type Value = String;

/// A model under construction.
pub(super) struct Assembly<'g> {
    pub(super) graph: &'g Verified,
    names: Names,
    nodes: Vec<message::Node>,
    initializers: Vec<message::Tensor>,
    /// Constants of the graph that are in the file, by the layouts they are there in.
    constants: BTreeMap<(TensorId, Layout), Value>,
    /// Dequantized tensors.
    reals: BTreeMap<(TensorId, Layout), Value>,
    /// Scale and zero point of each quantized tensor.
    scales: BTreeMap<TensorId, [Value; 2]>,
    /// Float scalars, by their bits.
    scalars: BTreeMap<u32, Value>,
}

impl<'g> Assembly<'g> {
    /// An empty model.
    pub(super) fn new(graph: &'g Verified) -> Self {
        Self {
            graph,
            names: Names::of(graph),
            nodes: Vec::new(),
            initializers: Vec::new(),
            constants: BTreeMap::new(),
            reals: BTreeMap::new(),
            scales: BTreeMap::new(),
            scalars: BTreeMap::new(),
        }
    }

    /// A tensor as it is stored, integers as integers, in its usual layout.
    pub(super) fn stored(&mut self, id: TensorId) -> Result<Value, ExportError> {
        let shape = &self.graph[id].shape;
        self.stored_as(id, &Layout::operand(shape, shape.len()))
    }

    /// A tensor as the reals it stands for, in its usual layout.
    pub(super) fn real(&mut self, id: TensorId) -> Result<Value, ExportError> {
        let shape = &self.graph[id].shape;
        self.real_as(id, &Layout::operand(shape, shape.len()))
    }

    /// A constant as the reals it stands for, in `layout`; a computed tensor has only its usual
    /// layout.
    pub(super) fn real_as(&mut self, id: TensorId, layout: &Layout) -> Result<Value, ExportError> {
        let tensor = &self.graph[id];
        let Some(quantization) = &tensor.quantization else {
            return self.stored_as(id, layout);
        };
        let key = (id, layout.clone());
        if let Some(value) = self.reals.get(&key) {
            return Ok(value.clone());
        }
        let axis = quantization
            .axis
            .map(|a| layout.axis(tensor.shape.len(), a));
        let stored = self.stored_as(id, layout)?;
        let value = self.dequantize(&tensor.name, id, stored, axis);
        self.reals.insert(key, value.clone());
        Ok(value)
    }

    /// The reals of a bias, whose `quantization` follows from its operands when it has none.
    pub(super) fn bias(
        &mut self,
        node: &Node,
        id: TensorId,
        quantization: Option<Quantization>,
    ) -> Result<Value, ExportError> {
        match (&self.graph[id].quantization, quantization) {
            (None, Some(quantization)) => {
                let stored = self.stored(id)?;
                let scale = self.scale(&format!("{}/bias_scale", node.name), &quantization);
                let axis = quantization.axis.map(|axis| Attribute::int("axis", axis));
                let inputs = vec![stored, scale];
                Ok(self.emit(&node.name, "DequantizeLinear", inputs, axis))
            }
            (Some(_), _) | (None, None) => self.real(id),
        }
    }

    /// The reals of the operand of `node`, by a node that belongs to it alone.
    pub(super) fn dequantized(&mut self, node: &Node) -> Result<Value, ExportError> {
        let id = node.inputs[0];
        let tensor = &self.graph[id];
        let layout = Layout::operand(&tensor.shape, tensor.shape.len());
        let along = tensor.quantization.as_ref().and_then(|q| q.axis);
        let axis = along.map(|axis| layout.axis(tensor.shape.len(), axis));
        let stored = self.stored_as(id, &layout)?;
        Ok(self.dequantize(&node.name, id, stored, axis))
    }

    /// Adds a node; its one result.
    pub(super) fn emit(
        &mut self,
        of: &str,
        op_type: &str,
        input: Vec<Value>,
        attributes: impl IntoIterator<Item = Attribute>,
    ) -> Value {
        let name = self.names.fresh(&format!("{of}/{op_type}"));
        self.nodes.push(message::Node {
            input,
            output: vec![name.clone()],
            name: name.clone(),
            op_type: op_type.to_owned(),
            attribute: attributes.into_iter().collect(),
            domain: String::new(),
        });
        name
    }

    /// Makes `reals`, the result of the node emitted last, the result of `node`, quantized where
    /// the graph has it quantized.
    pub(super) fn conclude_real(&mut self, node: &Node, reals: Value) {
        let output = node.outputs[0];
        if self.graph[output].quantization.is_some() {
            let [scale, zero_point] = self.scale_and_zero_point(output);
            let inputs = vec![reals, scale, zero_point];
            self.emit(&node.name, "QuantizeLinear", inputs, []);
        }
        self.conclude_stored(node);
    }

    /// Makes the result of the node emitted last the result of `node`, as it is.
    pub(super) fn conclude_stored(&mut self, node: &Node) {
        let last = self.nodes.last_mut().expect("a node was emitted");
        last.output[0].clone_from(&self.graph[node.outputs[0]].name);
    }

    /// A float scalar.
    pub(super) fn scalar(&mut self, value: f32) -> Value {
        if let Some(name) = self.scalars.get(&value.to_bits()) {
            return name.clone();
        }
        let data = Data::F32(vec![value].into());
        let name = self.constant(&format!("scalar/{value}"), &[], &data);
        self.scalars.insert(value.to_bits(), name.clone());
        name
    }

    /// Whole numbers as an operand: axes, extents, amounts.
    pub(super) fn integers(&mut self, wanted: &str, values: &[usize]) -> Value {
        let data = Data::I64(values.iter().map(|&v| int64(v)).collect());
        self.constant(wanted, &[values.len()], &data)
    }

    /// The bytes of the model.
    pub(super) fn finish(mut self, metadata: &Metadata) -> Result<Vec<u8>, ExportError> {
        let graph = self.graph;
        for &output in &graph.outputs {
            self.stored(output)?;
        }
        let interface = |ids: &[TensorId]| ids.iter().map(|&id| value_info(&graph[id])).collect();
        let inner = graph.tensor_ids().filter(|id| {
            !graph[*id].is_constant() && !graph.inputs.contains(id) && !graph.outputs.contains(id)
        });
        let model = message::Model {
            ir_version: 8,
            producer_name: "ednas".to_owned(),
            producer_version: env!("CARGO_PKG_VERSION").to_owned(),
            opset_import: vec![message::OperatorSet {
                domain: String::new(),
                version: 17,
            }],
            metadata_props: properties(metadata),
            graph: Some(message::Graph {
                node: self.nodes,
                name: graph.name.clone(),
                initializer: self.initializers,
                input: interface(&graph.inputs),
                output: interface(&graph.outputs),
                value_info: interface(&inner.collect::<Vec<_>>()),
                sparse_initializer: Vec::new(),
            }),
        };
        let found = model.encoded_len();
        if found > FILE_BYTES_MAX {
            return Err(ExportError::TooLarge {
                what: graph.name.clone(),
                format: Format::Onnx,
                found,
                limit: FILE_BYTES_MAX,
            });
        }
        Ok(model.encode_to_vec())
    }

    /// The stored elements of a tensor in `layout`.
    fn stored_as(&mut self, id: TensorId, layout: &Layout) -> Result<Value, ExportError> {
        let tensor = &self.graph[id];
        if !tensor.is_constant() {
            return Ok(tensor.name.clone());
        }
        let key = (id, layout.clone());
        if let Some(value) = self.constants.get(&key) {
            return Ok(value.clone());
        }
        let data = elements(tensor)?;
        let known = self.constants.keys().any(|(other, _)| *other == id);
        let name = if known {
            self.names.fresh(&tensor.name)
        } else {
            tensor.name.clone()
        };
        self.initialize(&name, &layout.extents(), tensor.dtype, layout.bytes(data));
        self.constants.insert(key, name.clone());
        Ok(name)
    }

    fn dequantize(&mut self, of: &str, id: TensorId, stored: Value, axis: Option<usize>) -> Value {
        let tensor = &self.graph[id];
        let quantization = tensor.quantization.as_ref().expect("the caller checked");
        let [scale, zero_point] = self.scale_and_zero_point(id);
        let mut inputs = vec![stored, scale];
        // The zero point may be left out where it is 0, and must be for int32.
        if quantization.zero_points.iter().any(|&z| z != 0) || !tensor.is_constant() {
            inputs.push(zero_point);
        }
        let axis = axis.map(|axis| Attribute::int("axis", axis));
        self.emit(of, "DequantizeLinear", inputs, axis)
    }

    fn scale_and_zero_point(&mut self, id: TensorId) -> [Value; 2] {
        if let Some(values) = self.scales.get(&id) {
            return values.clone();
        }
        let tensor = &self.graph[id];
        let quantization = tensor.quantization.as_ref().expect("the caller checked");
        let scale = self.scale(&format!("{}/scale", tensor.name), quantization);
        let zero_point = if tensor.is_constant() && quantization.zero_points.iter().all(|&z| z == 0)
        {
            String::new()
        } else {
            let data = zero_points(tensor.dtype, &quantization.zero_points);
            self.constant(
                &format!("{}/zero_point", tensor.name),
                &extents(quantization),
                &data,
            )
        };
        self.scales.insert(id, [scale.clone(), zero_point.clone()]);
        [scale, zero_point]
    }

    fn scale(&mut self, wanted: &str, quantization: &Quantization) -> Value {
        let data = Data::F32(quantization.scales.clone().into());
        self.constant(wanted, &extents(quantization), &data)
    }

    fn constant(&mut self, wanted: &str, shape: &[usize], data: &Data) -> Value {
        let name = self.names.fresh(wanted);
        let bytes = crate::constants::little_endian(data);
        self.initialize(&name, shape, data.dtype(), bytes);
        name
    }

    fn initialize(&mut self, name: &str, shape: &[usize], dtype: DataType, raw_data: Vec<u8>) {
        self.initializers.push(message::Tensor {
            dims: shape.iter().map(|&d| int64(d)).collect(),
            data_type: element_type(dtype) as i32,
            name: name.to_owned(),
            raw_data,
            ..message::Tensor::default()
        });
    }
}

/// A scalar for the whole tensor, a vector when there is one per channel.
fn extents(quantization: &Quantization) -> Vec<usize> {
    quantization
        .axis
        .map(|_| quantization.scales.len())
        .into_iter()
        .collect()
}

/// Zero points in the type of the elements they belong to.
fn zero_points(dtype: DataType, values: &[i32]) -> Data {
    const IN_RANGE: &str = "a verified zero point is within the range of its type";
    match dtype {
        DataType::I8 => Data::I8(
            values
                .iter()
                .map(|&z| i8::try_from(z).expect(IN_RANGE))
                .collect(),
        ),
        DataType::U8 => Data::U8(
            values
                .iter()
                .map(|&z| u8::try_from(z).expect(IN_RANGE))
                .collect(),
        ),
        DataType::I32 => Data::I32(values.into()),
        DataType::F32 | DataType::I64 | DataType::Foreign { .. } => {
            unreachable!("a verified quantized tensor is 8 or 32 bit")
        }
    }
}

fn properties(metadata: &Metadata) -> Vec<message::Property> {
    let with_layout = metadata.clone().with("layout", "NCHW");
    let property = |(key, value)| message::Property { key, value };
    with_layout.properties.into_iter().map(property).collect()
}

fn value_info(tensor: &Tensor) -> message::ValueInfo {
    let dim = in_file_order(&tensor.shape)
        .into_iter()
        .map(|d| message::Dimension {
            dim_value: Some(int64(d)),
            dim_param: None,
        })
        .collect();
    message::ValueInfo {
        name: tensor.name.clone(),
        r#type: Some(message::Type {
            tensor_type: Some(message::TensorType {
                elem_type: element_type(tensor.dtype) as i32,
                shape: Some(message::TensorShape { dim }),
            }),
        }),
    }
}

pub(super) fn element_type(dtype: DataType) -> ElementType {
    match dtype {
        DataType::F32 => ElementType::Float,
        DataType::I8 => ElementType::Int8,
        DataType::U8 => ElementType::Uint8,
        DataType::I32 => ElementType::Int32,
        DataType::I64 => ElementType::Int64,
        DataType::Foreign { .. } => unreachable!("refused before writing"),
    }
}
