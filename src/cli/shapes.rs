//! Shapes of inputs on the command line.

use std::collections::BTreeMap;

use anyhow::ensure;

/// The shape of an input: `NAME=1,3,224,224`, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InputShape {
    name: String,
    extents: Vec<usize>,
}

impl InputShape {
    /// Parses `NAME=1,3,224,224`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let expected =
            || format!("`{text}` is not the shape of an input; expected NAME=1,3,224,224");
        let (name, extents) = text.rsplit_once('=').ok_or_else(expected)?;
        let extents = extents.split(',').map(|extent| extent.trim().parse());
        let extents: Vec<usize> = extents.collect::<Result<_, _>>().map_err(|_| expected())?;
        if name.is_empty() || extents.contains(&0) {
            return Err(expected());
        }
        Ok(Self {
            name: name.to_owned(),
            extents,
        })
    }
}

/// The shapes by input, each of which has one.
pub(super) fn by_input(shapes: &[InputShape]) -> anyhow::Result<BTreeMap<String, Vec<usize>>> {
    let mut by_input = BTreeMap::new();
    for InputShape { name, extents } in shapes {
        let twice = by_input.insert(name.clone(), extents.clone()).is_some();
        ensure!(!twice, "--shape says what `{name}` is twice");
    }
    Ok(by_input)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_parsed() {
        let shape = InputShape::parse("serving=default:0=1,3, 224").unwrap();
        assert_eq!(shape.name, "serving=default:0");
        assert_eq!(shape.extents, [1, 3, 224]);
        for text in ["x", "=1", "x=", "x=1,,2", "x=0,1", "x=-1", "x=1x2"] {
            assert!(InputShape::parse(text).unwrap_err().contains(text));
        }
    }
}
