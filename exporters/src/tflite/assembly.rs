//! The lists of a TFLite model while it grows: tensors, buffers, operators and their codes.

use std::collections::BTreeMap;

use kernels::{Data, DataType, Quantization, Tensor, TensorId, Verified};

use super::flatbuffer::{Table, Value, finish};
use super::schema::{Builtin, element_type, field};
use super::version::{Traits, version};
use crate::constants::{elements, little_endian};
use crate::names::Names;
use crate::{ExportError, Format, Metadata};

/// Offsets reach 2 GiB; what is left is for everything but the elements.
const ELEMENT_BYTES_MAX: usize = 2_000_000_000;

/// The position of a tensor in the file.
pub(super) type Place = i32;

/// A model under construction.
pub(super) struct Assembly<'g> {
    pub(super) graph: &'g Verified,
    names: Names,
    places: BTreeMap<TensorId, Place>,
    tensors: Vec<Table>,
    buffers: Vec<Table>,
    element_bytes: usize,
    codes: Vec<(Builtin, i32)>,
    operators: Vec<Table>,
}

/// An operator of the file.
pub(super) struct Operator {
    pub(super) code: Builtin,
    pub(super) traits: Traits,
    pub(super) inputs: Vec<Place>,
    pub(super) output: Place,
    pub(super) options: Table,
}

impl<'g> Assembly<'g> {
    /// An empty model whose first tensors are the inputs of `graph`.
    pub(super) fn new(graph: &'g Verified) -> Result<Self, ExportError> {
        let mut assembly = Self {
            graph,
            names: Names::of(graph),
            places: BTreeMap::new(),
            tensors: Vec::new(),
            // Buffer 0 is empty: computed tensors refer to it.
            buffers: vec![Table::default()],
            element_bytes: 0,
            codes: Vec::new(),
            operators: Vec::new(),
        };
        for &input in &graph.inputs {
            assembly.tensor(input)?;
        }
        Ok(assembly)
    }

    /// The place of a tensor of the graph.
    pub(super) fn tensor(&mut self, id: TensorId) -> Result<Place, ExportError> {
        if let Some(&place) = self.places.get(&id) {
            return Ok(place);
        }
        let tensor = &self.graph[id];
        let buffer = if tensor.is_constant() {
            self.buffer(&tensor.name, little_endian(elements(tensor)?))?
        } else {
            0
        };
        let place = self.describe(
            &tensor.name,
            &tensor.shape,
            tensor.dtype,
            buffer,
            tensor.quantization.as_ref(),
        )?;
        self.places.insert(id, place);
        Ok(place)
    }

    /// A further constant, named `wanted` or close to it.
    pub(super) fn constant(
        &mut self,
        wanted: &str,
        shape: &[usize],
        data: &Data,
        quantization: Option<&Quantization>,
    ) -> Result<Place, ExportError> {
        let name = self.names.fresh(wanted);
        let buffer = self.buffer(&name, little_endian(data))?;
        self.describe(&name, shape, data.dtype(), buffer, quantization)
    }

    /// A further constant of whole numbers: axes, extents, amounts.
    pub(super) fn integers(
        &mut self,
        wanted: &str,
        shape: &[usize],
        values: &[usize],
    ) -> Result<Place, ExportError> {
        let values: Vec<i32> = values
            .iter()
            .map(|&v| int(wanted, v))
            .collect::<Result<_, _>>()?;
        self.constant(wanted, shape, &Data::I32(values.into()), None)
    }

    /// A further computed tensor that is like `model` but for its shape.
    pub(super) fn computed(
        &mut self,
        wanted: &str,
        shape: &[usize],
        model: &Tensor,
    ) -> Result<Place, ExportError> {
        let name = self.names.fresh(wanted);
        self.describe(&name, shape, model.dtype, 0, model.quantization.as_ref())
    }

    /// Adds an operator.
    pub(super) fn push(&mut self, operator: Operator) {
        use field::operator as f;
        let code = (operator.code, version(operator.code, operator.traits));
        let known = self.codes.iter().position(|c| *c == code);
        let index = known.unwrap_or_else(|| {
            self.codes.push(code);
            self.codes.len() - 1
        });
        let mut table = Table::default()
            .with(f::CODE_INDEX, Value::U32(position(index)))
            .with(f::INPUTS, Value::I32s(operator.inputs))
            .with(f::OUTPUTS, Value::I32s(vec![operator.output]));
        if let Some(options) = operator.code.options_type() {
            table = table
                .with(f::OPTIONS_TYPE, Value::U8(options))
                .with(f::OPTIONS, Value::Table(operator.options));
        }
        self.operators.push(table);
    }

    /// The bytes of the model.
    pub(super) fn finish(mut self, metadata: &Metadata) -> Result<Vec<u8>, ExportError> {
        use field::model as f;
        let graph = self.graph;
        let outputs = graph.outputs.clone();
        let inputs = self.interface(&graph.inputs)?;
        let outputs = self.interface(&outputs)?;
        let notes = self.notes(metadata)?;
        let codes = self
            .codes
            .iter()
            .map(|&(code, version)| operator_code(code, version));
        let root = Table::default()
            .with(f::VERSION, Value::U32(3))
            .with(f::OPERATOR_CODES, Value::Tables(codes.collect()))
            .with(f::DESCRIPTION, Value::Text(graph.name.clone()))
            .with(f::METADATA, Value::Tables(notes))
            .with(
                f::SIGNATURES,
                Value::Tables(vec![signature(&inputs, &outputs)]),
            )
            .with(
                f::SUBGRAPHS,
                Value::Tables(vec![
                    Table::default()
                        .with(field::subgraph::TENSORS, Value::Tables(self.tensors))
                        .with(field::subgraph::INPUTS, Value::I32s(places(&inputs)))
                        .with(field::subgraph::OUTPUTS, Value::I32s(places(&outputs)))
                        .with(field::subgraph::OPERATORS, Value::Tables(self.operators))
                        .with(field::subgraph::NAME, Value::Text("main".to_owned())),
                ]),
            )
            .with(f::BUFFERS, Value::Tables(self.buffers));
        Ok(finish(&root, *b"TFL3"))
    }

    /// Name and place of each tensor of `ids`.
    fn interface(&mut self, ids: &[TensorId]) -> Result<Vec<(String, Place)>, ExportError> {
        ids.iter()
            .map(|&id| Ok((self.graph[id].name.clone(), self.tensor(id)?)))
            .collect()
    }

    fn notes(&mut self, metadata: &Metadata) -> Result<Vec<Table>, ExportError> {
        let mut notes = Vec::new();
        for (key, text) in &metadata.properties {
            let buffer = self.buffer(key, text.clone().into_bytes())?;
            notes.push(
                Table::default()
                    .with(field::metadata::NAME, Value::Text(key.clone()))
                    .with(field::metadata::BUFFER, Value::U32(buffer)),
            );
        }
        Ok(notes)
    }

    fn buffer(&mut self, what: &str, bytes: Vec<u8>) -> Result<u32, ExportError> {
        self.element_bytes += bytes.len();
        if self.element_bytes > ELEMENT_BYTES_MAX {
            return Err(ExportError::TooLarge {
                what: what.to_owned(),
                format: Format::TfLite,
                found: self.element_bytes,
                limit: ELEMENT_BYTES_MAX,
            });
        }
        let index = position(self.buffers.len());
        self.buffers
            .push(Table::default().with(field::buffer::DATA, Value::Bytes(bytes)));
        Ok(index)
    }

    fn describe(
        &mut self,
        name: &str,
        shape: &[usize],
        dtype: DataType,
        buffer: u32,
        quantization: Option<&Quantization>,
    ) -> Result<Place, ExportError> {
        use field::tensor as f;
        let extents = shape.iter().map(|&d| int(name, d));
        let mut table = Table::default()
            .with(f::SHAPE, Value::I32s(extents.collect::<Result<_, _>>()?))
            .with(f::TYPE, Value::I8(type_code(dtype)))
            .with(f::BUFFER, Value::U32(buffer))
            .with(f::NAME, Value::Text(name.to_owned()))
            .with(f::HAS_RANK, Value::Bool(true));
        if let Some(quantization) = quantization {
            table = table.with(f::QUANTIZATION, Value::Table(scales(name, quantization)?));
        }
        let place = int(name, self.tensors.len())?;
        self.tensors.push(table);
        Ok(place)
    }
}

/// A count as the format's signed 32 bits.
pub(super) fn int(what: &str, count: usize) -> Result<i32, ExportError> {
    i32::try_from(count).map_err(|_| ExportError::TooLarge {
        what: what.to_owned(),
        format: Format::TfLite,
        found: count,
        limit: i32::MAX as usize,
    })
}

fn operator_code(code: Builtin, version: i32) -> Table {
    use field::operator_code as f;
    let number = code as i32;
    // Readers older than the wide field look at the narrow one, which ends at 127.
    let narrow = i8::try_from(number).unwrap_or(i8::MAX);
    Table::default()
        .with(f::DEPRECATED_CODE, Value::I8(narrow))
        .with(f::VERSION, Value::I32(version))
        .with(f::CODE, Value::I32(number))
}

fn scales(what: &str, quantization: &Quantization) -> Result<Table, ExportError> {
    use field::quantization as f;
    let zero_points = quantization.zero_points.iter().map(|&z| i64::from(z));
    Ok(Table::default()
        .with(f::SCALES, Value::F32s(quantization.scales.clone()))
        .with(f::ZERO_POINTS, Value::I64s(zero_points.collect()))
        .with(
            f::DIMENSION,
            Value::I32(int(what, quantization.axis.unwrap_or(0))?),
        ))
}

fn signature(inputs: &[(String, Place)], outputs: &[(String, Place)]) -> Table {
    use field::signature as f;
    let maps = |tensors: &[(String, Place)]| {
        let map = |(name, place): &(String, Place)| {
            Table::default()
                .with(field::tensor_map::NAME, Value::Text(name.clone()))
                .with(field::tensor_map::TENSOR, Value::U32(place.unsigned_abs()))
        };
        Value::Tables(tensors.iter().map(map).collect())
    };
    Table::default()
        .with(f::INPUTS, maps(inputs))
        .with(f::OUTPUTS, maps(outputs))
        .with(f::KEY, Value::Text("serving_default".to_owned()))
        .with(f::SUBGRAPH, Value::U32(0))
}

fn places(tensors: &[(String, Place)]) -> Vec<Place> {
    tensors.iter().map(|(_, place)| *place).collect()
}

pub(super) fn type_code(dtype: DataType) -> i8 {
    match dtype {
        DataType::F32 => element_type::FLOAT32,
        DataType::I8 => element_type::INT8,
        DataType::U8 => element_type::UINT8,
        DataType::I32 => element_type::INT32,
        DataType::I64 => element_type::INT64,
        DataType::Foreign { .. } => unreachable!("refused before writing"),
    }
}

/// The position in a list of the file.
fn position(index: usize) -> u32 {
    u32::try_from(index).expect("a graph has fewer than 2^32 elements")
}
