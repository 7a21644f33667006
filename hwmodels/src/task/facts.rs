//! Facts of an operation that support rules may ask for: shapes and attributes, as plain data.
//!
//! Whoever makes a task says what it knows of it; a fact may hold several times, such as the element
//! types of two inputs, and one that is absent is not asked for.

/// A fact and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fact {
    /// Which.
    pub name: FactName,
    /// What it is.
    pub value: FactValue,
}

/// What a fact may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FactValue {
    /// A whole number.
    Count(u64),
    /// A word.
    Word(&'static str),
}

impl Fact {
    /// A fact that is a whole number.
    #[must_use]
    pub const fn count(name: FactName, count: u64) -> Fact {
        Fact {
            name,
            value: FactValue::Count(count),
        }
    }

    /// A fact that is a word.
    #[must_use]
    pub const fn word(name: FactName, word: &'static str) -> Fact {
        Fact {
            name,
            value: FactValue::Word(word),
        }
    }
}

macro_rules! facts {
    ($($variant:ident $name:literal $meaning:literal,)*) => {
        /// The facts that rules may ask for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FactName {
            $(#[doc = $meaning] $variant,)*
        }

        impl FactName {
            /// All of them.
            pub const ALL: &[FactName] = &[$(FactName::$variant,)*];

            /// As profiles spell it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(FactName::$variant => $name,)*
                }
            }

            /// What it says of an operation.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(FactName::$variant => $meaning,)*
                }
            }
        }
    };
}

facts! {
    ElementType "element_type" "Of every activation read or written: `int8`, `uint8`, `int16`, `int32`, `int64`, `float32`, ...",
    OuterExtent "outer_extent" "Of every activation: the product of its dimensions but the three innermost.",
    Batch "batch" "Of every activation of four dimensions: the first.",
    Weights "weights" "`constant`, or `computed` by another operator.",
    WeightType "weight_type" "Element type of the weights.",
    WeightScales "weight_scales" "`per-tensor` or `per-channel`.",
    KernelH "kernel_h" "Rows of the window.",
    KernelW "kernel_w" "Columns of the window.",
    KernelArea "kernel_area" "Rows times columns of the window.",
    StrideH "stride_h" "Rows from one window to the next; of a slice, the largest step.",
    StrideW "stride_w" "Columns from one window to the next; of a slice, the largest step.",
    DilationH "dilation_h" "Rows between the taps of a window.",
    DilationW "dilation_w" "Columns between the taps of a window.",
    Padding "padding" "Of a window: `valid` without padding, else `padded`.",
    InC "in_c" "Innermost extent of the first input.",
    OutC "out_c" "Innermost extent of the first result.",
    Rows "rows" "Elements of the first input over its innermost extent.",
    OutputElements "output_elements" "Elements of the first result.",
    ScaleH "scale_h" "Of a resize: output rows over input rows (each less one where corners are aligned), 0 where that is no whole number; absent where the image is one pixel or keeps its size.",
    ScaleW "scale_w" "The same of its columns.",
    Coordinates "coordinates" "Of a resize: `asymmetric`, `half_pixel` or `align_corners`.",
    ActivationBehind "activation_behind" "`none`, or the activation that alone reads the result, which converters fuse into the operator.",
    ConstantInputs "constant_inputs" "Of an operator that joins or combines activations: how many of them are constant.",
    Axis "axis" "Dimension that the operator works along, counted from the innermost: 0 is channels.",
    Batched "batched" "`yes` where the operator changes or joins along the first of four dimensions, else `no`.",
}
