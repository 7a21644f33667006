//! Arrays of multipliers: how many cycles a matrix product takes on one, twice over.
//!
//! [`Array::cycles`] is the closed form; [`Array::step`] moves every operand through every
//! register, counts the cycles, and returns the product. Tests hold them equal.

mod dot;
mod operands;
mod product;
mod step_dot;
mod step_output;
mod step_stationary;
mod systolic;

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
    /// The product of every group: `[groups, m, n]`.
    pub accumulators: Vec<i32>,
}

impl Array {
    /// Cycles of `product`, by the closed form.
    #[must_use]
    pub fn cycles(&self, product: &Product) -> u64 {
        match self {
            Array::Systolic(systolic) => systolic.cycles(product),
            Array::Dot(dot) => dot.cycles(product),
        }
    }

    /// Cycles and accumulators of `product`, register by register.
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

    /// Multiply-accumulates per cycle when every multiplier works.
    #[must_use]
    pub fn peak_macs_per_cycle(&self) -> u64 {
        match self {
            Array::Systolic(systolic) => systolic.rows * systolic.cols * systolic.simd,
            Array::Dot(dot) => dot.px * dot.cells * dot.simd,
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
