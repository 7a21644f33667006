//! What reads which value of the file, and what the file states about values.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::operator::Operator;
use super::types::stated;
use crate::onnx::message::{Graph, Model, ValueInfo};
use crate::{Format, ReadError};

/// The versions of the operators that are read.
const OPSETS: std::ops::RangeInclusive<i64> = 7..=25;

/// The main graph of a file, with what is looked up by name.
pub(super) struct Index<'f> {
    pub(super) graph: &'f Graph,
    pub(super) opset: i64,
    readers: HashMap<&'f str, Readers>,
    infos: HashMap<&'f str, &'f ValueInfo>,
    /// The extents that have names, where the caller gave them.
    pub(super) extents: BTreeMap<&'f str, usize>,
}

/// What reads a value.
#[derive(Clone, Copy)]
enum Readers {
    /// One node, which no output and no subgraph shares it with.
    One(usize),
    /// More, or what is no node.
    Others,
}

impl<'f> Index<'f> {
    pub(super) fn new(model: &'f Model) -> Result<Self, ReadError> {
        let graph = model.graph.as_ref().ok_or_else(|| ReadError::Format {
            format: Format::Onnx,
            expected: "a graph".to_owned(),
            found: "none".to_owned(),
        })?;
        let mut index = Self {
            graph,
            opset: opset(model)?,
            readers: HashMap::new(),
            infos: HashMap::new(),
            extents: BTreeMap::new(),
        };
        for (position, node) in graph.node.iter().enumerate() {
            for name in &node.input {
                index.read(name, Readers::One(position));
            }
            for name in captured(&bodies(node.attribute.iter())) {
                index.read(name, Readers::Others);
            }
        }
        for info in graph.value_info.iter().chain(&graph.output) {
            index.infos.insert(&info.name, info);
        }
        for output in &graph.output {
            index.read(&output.name, Readers::Others);
        }
        Ok(index)
    }

    fn read(&mut self, name: &'f str, by: Readers) {
        let readers = self.readers.entry(name);
        readers
            .and_modify(|readers| *readers = Readers::Others)
            .or_insert(by);
    }

    /// The node that alone reads a value.
    pub(super) fn sole_reader(&self, name: &str) -> Option<Operator<'f>> {
        match self.readers.get(name)? {
            Readers::One(position) => Some(self.operator(*position)),
            Readers::Others => None,
        }
    }

    /// Whether anything reads a result beyond the first.
    pub(super) fn reads_more_results(&self, operator: &Operator<'f>) -> bool {
        let more = operator.node.output.iter().skip(1);
        more.into_iter()
            .any(|name| self.readers.contains_key(&**name) && !name.is_empty())
    }

    pub(super) fn operator(&self, position: usize) -> Operator<'f> {
        Operator {
            position,
            node: &self.graph.node[position],
            opset: self.opset,
        }
    }

    /// The type code and shape that the file states for a value, where each extent is a number or a
    /// name that the caller gave one for.
    pub(super) fn stated(&self, name: &str) -> Option<(i32, Vec<usize>)> {
        let (code, shape) = stated(self.infos.get(name)?)?;
        let dims = shape?.dim.iter().map(|dim| match &dim.dim_param {
            Some(param) if dim.dim_value.is_none() => self.extents.get(param.as_str()).copied(),
            Some(_) | None => usize::try_from(dim.dim_value?).ok(),
        });
        Some((code, dims.collect::<Option<_>>()?))
    }
}

/// The version of ONNX's own operators.
fn opset(model: &Model) -> Result<i64, ReadError> {
    let own = |domain: &str| domain.is_empty() || domain == "ai.onnx";
    let found = model.opset_import.iter().find(|set| own(&set.domain));
    // Files of the first format version import nothing and mean operator set 1.
    let version = found.map_or(1, |set| set.version);
    if OPSETS.contains(&version) {
        return Ok(version);
    }
    let (first, last) = (OPSETS.start(), OPSETS.end());
    Err(ReadError::Format {
        format: Format::Onnx,
        expected: format!(
            "operator set {first} to {last} (onnx.version_converter converts between them)"
        ),
        found: format!("operator set {version}"),
    })
}

/// The graphs among attributes, with those inside of them.
pub(super) fn bodies<'f>(
    attributes: impl Iterator<Item = &'f crate::onnx::message::Attribute>,
) -> Vec<&'f Graph> {
    let mut found = Vec::new();
    let mut waiting: Vec<&Graph> = Vec::new();
    for attribute in attributes {
        waiting.extend(attribute.g.as_deref());
        waiting.extend(&attribute.graphs);
    }
    while let Some(graph) = waiting.pop() {
        found.push(graph);
        for attribute in graph.node.iter().flat_map(|node| &node.attribute) {
            waiting.extend(attribute.g.as_deref());
            waiting.extend(&attribute.graphs);
        }
    }
    found
}

/// The names that bodies read and do not define, in the order of their first reader.
pub(super) fn captured<'f>(bodies: &[&'f Graph]) -> Vec<&'f str> {
    let mut seen: HashSet<&str> = HashSet::new();
    for body in bodies {
        seen.extend(body.input.iter().map(|info| &*info.name));
        seen.extend(body.initializer.iter().map(|tensor| &*tensor.name));
        seen.extend(body.node.iter().flat_map(|node| &node.output).map(|o| &**o));
    }
    let mut captured = Vec::new();
    for body in bodies {
        let read = body.node.iter().flat_map(|node| &node.input);
        let results = body.output.iter().map(|info| &info.name);
        for name in read.chain(results) {
            if !name.is_empty() && seen.insert(name) {
                captured.push(&**name);
            }
        }
    }
    captured
}
