//! Arrays of multipliers: how many cycles a matrix product takes on one, twice over.
//!
//! [`Array::cycles`] and [`Array::accesses`] are closed forms; [`Array::step`] moves every operand
//! through every register, counts both, and returns the product. Tests hold them equal.

mod accesses;
mod dot;
mod edge;
mod operands;
mod product;
mod registers;
mod stationary_grid;
mod step_dot;
mod step_output;
mod step_stationary;
mod systolic;

pub use accesses::Accesses;
use accesses::times;
pub use dot::Dot;
pub use operands::{Operands, TensorOperands, WordOperands};
pub use product::Product;
pub use systolic::{Dataflow, Drain, Edges, Fill, Systolic};

/// One array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Array {
    /// A grid of elements that hand operands to their neighbors.
    Systolic(Systolic),
    /// Cells that each reduce a vector, operands broadcast to them.
    Dot(Dot),
}

/// What an array did, step by step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stepped {
    /// Cycles from the first load to the last result.
    pub cycles: u64,
    /// What crossed the border of the array.
    pub accesses: Accesses,
    /// The product of every group: `[groups, m, n]`. Like the 32-bit registers, sums wrap.
    pub accumulators: Vec<i32>,
}

impl Array {
    /// Cycles of `product`, by the closed form; `u64::MAX` where there are more.
    #[must_use]
    pub fn cycles(&self, product: &Product) -> u64 {
        match self {
            Array::Systolic(systolic) => systolic.cycles(product),
            Array::Dot(dot) => dot.cycles(product),
        }
    }

    /// Elements that cross the border in `product`, by the closed form; `u64::MAX` for a count
    /// beyond it.
    #[must_use]
    pub fn accesses(&self, product: &Product) -> Accesses {
        match self {
            Array::Systolic(systolic) => systolic.accesses(product),
            Array::Dot(dot) => dot.accesses(product),
        }
    }

    /// Cycles, accesses and accumulators of `product`, register by register.
    #[must_use]
    pub fn step(&self, product: &Product, operands: &impl Operands) -> Stepped {
        match self {
            Array::Systolic(systolic) => match systolic.dataflow {
                Dataflow::Output => step_output::step(systolic, product, operands),
                Dataflow::Weight | Dataflow::Input => {
                    step_stationary::step(systolic, product, operands)
                }
            },
            Array::Dot(dot) => step_dot::step(dot, product, operands),
        }
    }

    /// Multiply-accumulates per cycle when every multiplier works; `u64::MAX` where there are more.
    #[must_use]
    pub fn peak_macs_per_cycle(&self) -> u64 {
        match self {
            Array::Systolic(systolic) => times([systolic.rows, systolic.cols, systolic.simd]),
            Array::Dot(dot) => times([dot.px, dot.cells, dot.simd]),
        }
    }

    /// Operands of an element or cell in one cycle, along the input channels.
    #[must_use]
    pub fn simd(&self) -> u64 {
        match self {
            Array::Systolic(systolic) => systolic.simd,
            Array::Dot(dot) => dot.simd,
        }
    }

    /// The side that output channels are laid along; 1 where they are streamed.
    #[must_use]
    pub fn channel_side(&self) -> u64 {
        match self {
            Array::Systolic(systolic) => match systolic.dataflow {
                Dataflow::Output | Dataflow::Weight => systolic.cols,
                Dataflow::Input => 1,
            },
            Array::Dot(dot) => dot.cells,
        }
    }

    /// Depthwise channels computed at once; 1 where they run one after another.
    #[must_use]
    pub fn depthwise_side(&self) -> u64 {
        match self {
            Array::Systolic(_) => 1,
            Array::Dot(dot) => dot.depthwise_taps.map_or(1, |_| dot.cells),
        }
    }

    /// The side that output pixels are laid along; 1 where they are streamed.
    #[must_use]
    pub fn pixel_side(&self) -> u64 {
        match self {
            Array::Systolic(systolic) => match systolic.dataflow {
                Dataflow::Output => systolic.rows,
                Dataflow::Weight => 1,
                Dataflow::Input => systolic.cols,
            },
            Array::Dot(dot) => dot.px,
        }
    }
}

#[cfg(test)]
mod tests;
