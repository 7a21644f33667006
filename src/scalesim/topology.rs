//! SCALE-Sim's topology: the layers of a network, one after another, by their sizes alone.

use hwmodels::array::Product;

use super::ScalesimError;
use super::columns::{Column, Form};
use super::table::{Row, Table};

/// The most multiply-accumulates and input elements that the layers of a topology may have
/// together, so that no count of cycles overflows.
const WORK_MAX: u64 = 1 << 46;

/// The layers of a file, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topology {
    /// The file's name, for errors.
    pub file: String,
    /// The layers in its order.
    pub layers: Vec<Layer>,
}

/// One row of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Its name.
    pub name: String,
    /// Line of the file, from 1.
    pub line: u64,
    /// Its sizes.
    pub shape: Shape,
}

/// The sizes of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A window over an image.
    Conv(Conv),
    /// A matrix product.
    Gemm(Gemm),
}

/// A convolution without padding, which is written into the image where it is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv {
    /// Input `[rows, columns]`.
    pub ifmap: [u64; 2],
    /// Window `[rows, columns]`, no larger than the input.
    pub filter: [u64; 2],
    /// Input channels.
    pub channels: u64,
    /// Output channels; of each input channel where it is depthwise.
    pub filters: u64,
    /// Stride `[rows, columns]`.
    pub stride: [u64; 2],
    /// Each channel is convolved alone: a name with `DP` in it.
    pub depthwise: bool,
}

/// `m x k` times `k x n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gemm {
    /// Rows of the input.
    pub m: u64,
    /// Columns of the weights.
    pub n: u64,
    /// Columns of the input.
    pub k: u64,
}

impl Topology {
    /// Reads the topology in `bytes`, in either form, which the header tells; `file` is its name.
    ///
    /// # Errors
    /// Text that is no table of either form, and the first layer with a size that is missing, zero,
    /// no number or absurd, with a window larger than its image, or with sparse filters.
    pub fn parse(bytes: &[u8], file: &str) -> Result<Topology, ScalesimError> {
        let table = Table::read(bytes, file)?;
        let mut layers = Vec::new();
        let mut work = 0;
        for row in table.rows() {
            let layer = Layer {
                name: row.layer(),
                line: row.line,
                shape: shape(&row, table.form)?,
            };
            work = layer
                .shape
                .work()
                .and_then(|own| own.checked_add(work))
                .filter(|work| *work <= WORK_MAX)
                .ok_or_else(|| {
                    row.fault(format!(
                        "brings the topology above {WORK_MAX} multiply-accumulates and input elements together, the most that is priced"
                    ))
                })?;
            layers.push(layer);
        }
        Ok(Topology {
            file: file.to_owned(),
            layers,
        })
    }
}

fn shape(row: &Row<'_>, form: Form) -> Result<Shape, ScalesimError> {
    if row.layer().is_empty() {
        return Err(row.refuse(Column::Layer, "a name".to_owned()));
    }
    refuse_sparse(row)?;
    let size = |column| row.size(column);
    match form {
        Form::Gemm => Ok(Shape::Gemm(Gemm {
            m: size(Column::M)?,
            n: size(Column::N)?,
            k: size(Column::K)?,
        })),
        Form::Conv => {
            let ifmap = [size(Column::IfmapHeight)?, size(Column::IfmapWidth)?];
            let stride = if row.has(Column::Strides) {
                [size(Column::Strides)?; 2]
            } else {
                [size(Column::StrideHeight)?, size(Column::StrideWidth)?]
            };
            Ok(Shape::Conv(Conv {
                ifmap,
                filter: [
                    window(row, Column::FilterHeight, ifmap[0])?,
                    window(row, Column::FilterWidth, ifmap[1])?,
                ],
                channels: size(Column::Channels)?,
                filters: size(Column::NumFilter)?,
                stride,
                depthwise: row.layer().contains("DP"),
            }))
        }
    }
}

/// A side of the window, which lies in the image.
fn window(row: &Row<'_>, column: Column, image: u64) -> Result<u64, ScalesimError> {
    let side = row.size(column)?;
    if side > image {
        let expected =
            format!("at most {image}, the same side of the IFMAP; padding is part of it");
        return Err(row.refuse(column, expected));
    }
    Ok(side)
}

/// `1:1` and `4:4` are dense; a column that is empty says nothing.
fn refuse_sparse(row: &Row<'_>) -> Result<(), ScalesimError> {
    let ratio = row.text(Column::Sparsity);
    let dense = match ratio.split_once(':') {
        Some((n, m)) => {
            matches!((n.trim().parse::<u64>(), m.trim().parse::<u64>()), (Ok(n), Ok(m)) if n == m && n > 0)
        }
        None => ratio.is_empty(),
    };
    if dense {
        return Ok(());
    }
    let expected = "1:1, a dense filter; sparse ones are not modeled";
    Err(row.refuse(Column::Sparsity, expected.to_owned()))
}

impl Layer {
    /// Runs of the array that SCALE-Sim makes of the layer, and the product of each.
    ///
    /// DIFFERENCE: SCALE-Sim makes a layer of its own of every channel of a `DP` row.
    #[must_use]
    pub fn runs(&self) -> (u64, Product) {
        match &self.shape {
            Shape::Gemm(Gemm { m, n, k }) => (
                1,
                Product {
                    groups: 1,
                    m: *m,
                    n: *n,
                    window: 1,
                    in_c: *k,
                },
            ),
            Shape::Conv(conv) => {
                let (runs, in_c) = if conv.depthwise {
                    (conv.channels, 1)
                } else {
                    (1, conv.channels)
                };
                let [out_h, out_w] = conv.ofmap();
                let product = Product {
                    groups: 1,
                    m: out_h * out_w,
                    n: conv.filters,
                    window: conv.filter[0] * conv.filter[1],
                    in_c,
                };
                (runs, product)
            }
        }
    }
}

impl Conv {
    /// Output `[rows, columns]`.
    ///
    /// DIFFERENCE: `ceil((H - F + S) / S)`, where other tools round down: where the stride does not
    /// divide, the last window hangs over the edge, and what it finds there is zero.
    #[must_use]
    pub fn ofmap(&self) -> [u64; 2] {
        [0, 1].map(|side| {
            let stride = self.stride[side];
            (self.ifmap[side] - self.filter[side] + stride).div_ceil(stride)
        })
    }
}

impl Shape {
    /// Multiply-accumulates and input elements; nothing where that is no 64-bit number.
    fn work(&self) -> Option<u64> {
        let product = |sizes: &[u64]| {
            let mut sizes = sizes.iter();
            sizes.try_fold(1, |product: u64, size| product.checked_mul(*size))
        };
        match self {
            Shape::Gemm(Gemm { m, n, k }) => {
                product(&[*m, *n, *k])?.checked_add(product(&[*m, *k])?)
            }
            Shape::Conv(conv) => {
                let ([h, w], [out_h, out_w], [kh, kw]) = (conv.ifmap, conv.ofmap(), conv.filter);
                let macs = product(&[out_h, out_w, kh, kw, conv.channels, conv.filters])?;
                macs.checked_add(product(&[h, w, conv.channels])?)
            }
        }
    }
}

#[cfg(test)]
mod tests;
