//! The networks of published measurements of stacks and transfers, rebuilt from their columns.
//!
//! A table of such measurements describes a network by its `family` and by numbers:
//!
//! | family | network |
//! |---|---|
//! | `conv3x3_stack` | `layers` convolutions 3x3 to `cout` channels on an image of `h` x `w` x `cin` |
//! | `conv7x7_stack` | a tiny image padded to `h` x `w` x 3, `layers` convolutions 7x7 to `cout` channels, a 1x1 convolution to one pixel |
//! | `dense_stack` | `layers` matrix products to `cout` channels, then one to the outputs |
//! | `input_transfer` | an image of `h` x `w` x `cin` of which a 1x1 convolution takes one pixel |
//! | `output_transfer` | a tiny image padded to `h` x `w` x `cin` |
//! | `invoke_overhead_plus_pad` | a tiny image padded to `h` x `w` x `cin`, of which a 1x1 convolution takes one pixel |
//!
//! Where `cin` of a dense stack is the number of inputs, `layers` counts the last product too;
//! elsewhere it is the number of channels between the products. The tiny image is 2 x 2.
//!
//! DIFFERENCE: the vocabulary has no tanh. Dense stacks with one get a sigmoid, which machines
//! look up in a table of the same size. An input of floats that the host turns to integers before it
//! sends them is an input of integers here.

use kernels::op::{Fused, Unary};
use kernels::{Op, Verified};

use super::layers::{Layers, NetworkError, Values, Window};

/// One measured network, as a table describes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    /// What kind of network it is.
    pub family: Family,
    /// Rows of the image.
    pub height: usize,
    /// Columns of the image.
    pub width: usize,
    /// Channels of the image, or of a dense layer's input.
    pub in_c: usize,
    /// Channels of a layer.
    pub out_c: usize,
    /// Layers of the stack.
    pub layers: usize,
    /// Elements of the input, one byte each.
    pub input_bytes: usize,
    /// Elements of the output of a dense stack, one byte each.
    pub output_bytes: usize,
    /// What follows each layer of a dense stack.
    pub activation: Activation,
}

/// The kinds of networks, as the column `family` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// `conv3x3_stack`.
    Conv3x3Stack,
    /// `conv7x7_stack`.
    Conv7x7Stack,
    /// `dense_stack`.
    DenseStack,
    /// `input_transfer`.
    InputTransfer,
    /// `output_transfer`.
    OutputTransfer,
    /// `invoke_overhead_plus_pad`.
    InvokeOverhead,
}

/// What follows each layer of a dense stack, as the column `net` says in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Activation {
    /// A ReLU, fused.
    Relu,
    /// A tanh, an operator of its own.
    Tanh,
}

/// A row that describes no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// A column that the table lacks.
    #[error("column `{0}` is missing")]
    Missing(&'static str),
    /// A value that the column cannot have.
    #[error("column `{column}` is `{found}`; expected {expected}")]
    Value {
        /// The column.
        column: &'static str,
        /// What stands there.
        found: String,
        /// What could stand there.
        expected: String,
    },
}

/// Every known family, under its name.
const FAMILIES: [(&str, Family); 6] = [
    ("conv3x3_stack", Family::Conv3x3Stack),
    ("conv7x7_stack", Family::Conv7x7Stack),
    ("dense_stack", Family::DenseStack),
    ("input_transfer", Family::InputTransfer),
    ("output_transfer", Family::OutputTransfer),
    ("invoke_overhead_plus_pad", Family::InvokeOverhead),
];

/// Larger than any extent, count or number of channels, in all layers, of a measured network.
const LARGEST: usize = 1 << 24;

/// Rows, columns and channels of the image that is padded on the chip.
const TINY: [usize; 4] = [1, 2, 2, 3];

impl Row {
    /// The row whose cells `column` gives, by the names of their columns.
    ///
    /// Read are `family`, `net`, `h`, `w`, `cin`, `cout`, `layers`, `input_bytes` and
    /// `output_bytes`.
    ///
    /// # Errors
    ///
    /// [`RowError`] names the first column that is missing or has an impossible value.
    pub fn from_columns<'a>(
        column: impl Fn(&'static str) -> Option<&'a str>,
    ) -> Result<Self, RowError> {
        let cell = |name| column(name).ok_or(RowError::Missing(name));
        let count = |name| {
            let found = cell(name)?;
            let number = found.trim().parse().ok();
            let number = number.filter(|number| (1..=LARGEST).contains(number));
            number.ok_or_else(|| RowError::Value {
                column: name,
                found: found.to_owned(),
                expected: format!("a whole number from 1 to {LARGEST}"),
            })
        };
        let activation = if cell("net")?.contains("tanh") {
            Activation::Tanh
        } else {
            Activation::Relu
        };
        let (out_c, layers) = (count("cout")?, count("layers")?);
        if layers > LARGEST / out_c {
            return Err(RowError::Value {
                column: "layers",
                found: layers.to_string(),
                expected: format!("at most {} of `cout` {out_c}", LARGEST / out_c),
            });
        }
        Ok(Self {
            family: family(cell("family")?)?,
            height: count("h")?,
            width: count("w")?,
            in_c: count("cin")?,
            out_c,
            layers,
            input_bytes: count("input_bytes")?,
            output_bytes: count("output_bytes")?,
            activation,
        })
    }
}

fn family(name: &str) -> Result<Family, RowError> {
    let known = FAMILIES.iter().find(|(known, _)| *known == name.trim());
    known.map(|&(_, family)| family).ok_or_else(|| {
        let names: Vec<&str> = FAMILIES.iter().map(|&(name, _)| name).collect();
        RowError::Value {
            column: "family",
            found: name.to_owned(),
            expected: format!("one of {}", names.join(", ")),
        }
    })
}

/// The network of `row`, in int8, its parameters without values.
///
/// # Errors
///
/// [`NetworkError`] when the numbers of the row make no network, such as one too large to count.
pub fn network(row: &Row) -> Result<Verified, NetworkError> {
    match row.family {
        Family::Conv3x3Stack => {
            let mut layers = Layers::new("conv3x3_stack", row.image(), Values::Unknown);
            for _ in 0..row.layers {
                layers.conv(row.out_c, square(3))?;
            }
            layers.finish()
        }
        Family::Conv7x7Stack => {
            let mut layers = Layers::new("conv7x7_stack", TINY, Values::Unknown);
            layers.pad(row.height, row.width)?;
            for _ in 0..row.layers {
                layers.conv(row.out_c, square(7))?;
            }
            layers.conv(1, row.one_pixel())?;
            layers.finish()
        }
        Family::DenseStack => dense_stack(row),
        Family::InputTransfer => {
            let mut layers = Layers::new("input_transfer", row.image(), Values::Unknown);
            layers.conv(row.out_c, row.one_pixel())?;
            layers.finish()
        }
        Family::OutputTransfer => {
            let mut layers = Layers::new("output_transfer", row.tiny(), Values::Unknown);
            layers.pad(row.height, row.width)?;
            layers.finish()
        }
        Family::InvokeOverhead => {
            let mut layers = Layers::new("invoke_overhead_plus_pad", row.tiny(), Values::Unknown);
            layers.pad(row.height, row.width)?;
            layers.conv(row.out_c, row.one_pixel())?;
            layers.finish()
        }
    }
}

fn dense_stack(row: &Row) -> Result<Verified, NetworkError> {
    let counts_the_last = row.in_c == row.input_bytes;
    let mut layers = Layers::new("dense_stack", [1, row.input_bytes], Values::Unknown);
    for _ in 0..row.layers - usize::from(counts_the_last) {
        match row.activation {
            Activation::Relu => layers.dense(row.out_c, Fused::Relu)?,
            Activation::Tanh => {
                layers.dense(row.out_c, Fused::None)?;
                layers.apply(Op::Unary(Unary::Sigmoid))?;
            }
        }
    }
    layers.dense(row.output_bytes, Fused::None)?;
    layers.finish()
}

impl Row {
    fn image(&self) -> [usize; 4] {
        [1, self.height, self.width, self.in_c]
    }

    fn tiny(&self) -> [usize; 4] {
        let [batch, height, width, _] = TINY;
        [batch, height, width, self.in_c]
    }

    /// A window as far from the next as the image is large.
    fn one_pixel(&self) -> Window {
        Window {
            kernel: [1; 2],
            stride: [self.height, self.width],
            fused: Fused::None,
        }
    }
}

fn square(side: usize) -> Window {
    Window {
        kernel: [side; 2],
        stride: [1; 2],
        fused: Fused::Relu,
    }
}

#[cfg(test)]
mod tests {
    use kernels::cost::graph_cost;

    use super::*;

    /// Two products to 4 channels and one to 2, over 3 inputs.
    const CELLS: [(&str, &str); 9] = [
        ("family", "dense_stack"),
        ("net", "Dense(4,tanh) x2, then Dense(2)"),
        ("h", "1"),
        ("w", "1"),
        ("cin", "3"),
        ("cout", "4"),
        ("layers", "3"),
        ("input_bytes", "3"),
        ("output_bytes", "2"),
    ];

    fn with(changed: &str, cell: Option<&'static str>) -> Result<Row, RowError> {
        Row::from_columns(|name| {
            let known = CELLS.iter().find(|(column, _)| *column == name);
            if name == changed {
                cell
            } else {
                known.map(|&(_, cell)| cell)
            }
        })
    }

    #[test]
    fn a_stack_is_built_layer_upon_layer() {
        let row = with("", None).unwrap();
        let graph = network(&row).unwrap();
        let kinds: Vec<&str> = graph.nodes.iter().map(|node| node.op.name()).collect();
        assert_eq!(kinds, ["dense", "sigmoid", "dense", "sigmoid", "dense"]);
        let cost = graph_cost(&graph);
        assert_eq!((cost.macs, cost.params), (12 + 16 + 8, 16 + 20 + 10));
    }

    #[test]
    fn a_row_that_describes_no_network_is_refused_by_column() {
        for (column, cell, expected) in [
            ("cin", None, "column `cin` is missing"),
            (
                "family",
                Some("lstm_stack"),
                "column `family` is `lstm_stack`; expected one of",
            ),
            (
                "h",
                Some("-1"),
                "column `h` is `-1`; expected a whole number from 1 to 16777216",
            ),
            (
                "w",
                Some("99999999999999999999"),
                "expected a whole number from 1 to 16777216",
            ),
            ("layers", Some("0"), "column `layers` is `0`"),
            (
                "layers",
                Some("5000000"),
                "expected at most 4194304 of `cout` 4",
            ),
        ] {
            let message = with(column, cell).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn a_network_too_large_to_count_is_refused() {
        let mut row = with("", None).unwrap();
        row.family = Family::OutputTransfer;
        (row.height, row.width, row.in_c) = (usize::MAX / 2, usize::MAX / 2, 1 << 20);
        assert!(network(&row).is_err());
    }
}
