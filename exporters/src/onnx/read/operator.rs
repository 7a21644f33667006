//! A node of the file and its attributes.

use crate::ReadError;
use crate::onnx::message::{Attribute, Node};

/// A node of the file.
#[derive(Clone, Copy)]
pub(super) struct Operator<'f> {
    pub(super) position: usize,
    pub(super) node: &'f Node,
    pub(super) opset: i64,
}

/// Whose operators a node is one of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Domain {
    /// ONNX's own.
    Onnx,
    /// Those that onnxruntime adds, and its quantizer writes.
    Microsoft,
    /// Anyone else's.
    Other,
}

impl<'f> Operator<'f> {
    pub(super) fn domain(&self) -> Domain {
        match &*self.node.domain {
            "" | "ai.onnx" => Domain::Onnx,
            "com.microsoft" => Domain::Microsoft,
            _ => Domain::Other,
        }
    }

    /// Its name in the vocabulary of the file: `Conv`, `com.microsoft.FusedMatMul`.
    pub(super) fn kind(&self) -> String {
        match self.domain() {
            Domain::Onnx => self.node.op_type.clone(),
            Domain::Microsoft | Domain::Other => {
                format!("{}.{}", self.node.domain, self.node.op_type)
            }
        }
    }

    /// Whether it is ONNX's own operator of this name.
    pub(super) fn is(&self, op_type: &str) -> bool {
        self.domain() == Domain::Onnx && self.node.op_type == op_type
    }

    /// Where it is, for errors.
    pub(super) fn place(&self) -> String {
        let name = &self.node.name;
        let named = if name.is_empty() {
            self.node.output.first().map_or("", |output| output)
        } else {
            name
        };
        format!("node {} {} `{named}`", self.position, self.kind())
    }

    /// The name of an operand; nothing where it is left out.
    pub(super) fn operand(&self, index: usize) -> Option<&'f str> {
        let name = self.node.input.get(index)?;
        (!name.is_empty()).then_some(name)
    }

    /// The name of the first result, if it has any.
    pub(super) fn first_result(&self) -> Option<&'f str> {
        self.node.output.first().map(|name| &**name)
    }

    /// The name of the first result.
    pub(super) fn result(&self) -> Result<&'f str, ReadError> {
        match self.node.output.first() {
            Some(name) if !name.is_empty() => Ok(name),
            Some(_) | None => Err(ReadError::malformed("a result", "none")),
        }
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&'f Attribute> {
        self.node.attribute.iter().find(|a| a.name == name)
    }

    pub(super) fn int(&self, name: &str, default: i64) -> i64 {
        let found = self.attribute(name);
        found.map_or(default, |attribute| attribute.i.unwrap_or(0))
    }

    pub(super) fn float(&self, name: &str, default: f32) -> f32 {
        let found = self.attribute(name);
        found.map_or(default, |attribute| attribute.f.unwrap_or(0.0))
    }

    pub(super) fn ints(&self, name: &str) -> Option<&'f [i64]> {
        self.attribute(name).map(|attribute| &*attribute.ints)
    }

    /// A text; what is no text reads as empty.
    pub(super) fn text(&self, name: &str, default: &'static str) -> &'f str {
        let found = self.attribute(name);
        found.map_or(default, |attribute| {
            let bytes = attribute.s.as_deref().unwrap_or_default();
            str::from_utf8(bytes).unwrap_or_default()
        })
    }

    /// A count or extent among attributes, within what a dimension can be.
    pub(super) fn amounts(&self, name: &str) -> Result<Option<Vec<usize>>, ReadError> {
        let Some(values) = self.ints(name) else {
            return Ok(None);
        };
        let amounts = values.iter().map(|&v| amount(v, name));
        amounts.collect::<Result<_, _>>().map(Some)
    }
}

/// A number of elements, within what a dimension can be.
pub(super) fn amount(number: i64, what: &str) -> Result<usize, ReadError> {
    i32::try_from(number)
        .ok()
        .and_then(|number| usize::try_from(number).ok())
        .ok_or_else(|| ReadError::malformed(format!("{what} of 0 to 2147483647"), number))
}

/// A dimension counted from the front, or from the back when it is negative.
pub(super) fn dimension(number: i64, rank: usize) -> Result<usize, ReadError> {
    let index = usize::try_from(number).ok();
    let from_back = usize::try_from(number.unsigned_abs()).ok();
    index
        .or_else(|| from_back.and_then(|back| rank.checked_sub(back)))
        .filter(|&dimension| dimension < rank)
        .ok_or_else(|| ReadError::malformed(format!("one of {rank} dimensions"), number))
}

/// As [`dimension`], of an axis that is 1 by default, for vectors too, whose dimensions end before it.
pub(super) fn axis_of(number: i64, rank: usize) -> Result<usize, ReadError> {
    dimension(number, if number < 0 { rank } else { rank.max(2) })
}
