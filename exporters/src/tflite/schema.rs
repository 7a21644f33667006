//! The parts of the TFLite schema (version 3) that a network needs: field numbers and codes.

/// Fields of each table, by its name.
pub(super) mod field {
    use super::super::flatbuffer::Slot;

    macro_rules! fields {
        ($($table:ident { $($field:ident = $slot:literal),* $(,)? })*) => {
            $(pub(in crate::tflite) mod $table {
                use super::Slot;
                $(pub(in crate::tflite) const $field: Slot = $slot;)*
            })*
        };
    }

    fields! {
        model {
            VERSION = 0, OPERATOR_CODES = 1, SUBGRAPHS = 2, DESCRIPTION = 3, BUFFERS = 4,
            METADATA = 6, SIGNATURES = 7,
        }
        operator_code { DEPRECATED_CODE = 0, CUSTOM = 1, VERSION = 2, CODE = 3 }
        subgraph { TENSORS = 0, INPUTS = 1, OUTPUTS = 2, OPERATORS = 3, NAME = 4 }
        tensor {
            SHAPE = 0, TYPE = 1, BUFFER = 2, NAME = 3, QUANTIZATION = 4, IS_VARIABLE = 5,
            SPARSITY = 6, HAS_RANK = 8, EXTERNAL_BUFFER = 10,
        }
        quantization { SCALES = 2, ZERO_POINTS = 3, DIMENSION = 6 }
        operator {
            CODE_INDEX = 0, INPUTS = 1, OUTPUTS = 2, OPTIONS_TYPE = 3, OPTIONS = 4, OPTIONS_2 = 12,
        }
        buffer { DATA = 0, OFFSET = 1, SIZE = 2 }
        metadata { NAME = 0, BUFFER = 1 }
        tensor_map { NAME = 0, TENSOR = 1 }
        signature { INPUTS = 0, OUTPUTS = 1, KEY = 2, SUBGRAPH = 4 }

        conv_2d {
            PADDING = 0, STRIDE_W = 1, STRIDE_H = 2, FUSED = 3, DILATION_W = 4, DILATION_H = 5,
        }
        depthwise {
            PADDING = 0, STRIDE_W = 1, STRIDE_H = 2, MULTIPLIER = 3, FUSED = 4, DILATION_W = 5,
            DILATION_H = 6,
        }
        pool_2d {
            PADDING = 0, STRIDE_W = 1, STRIDE_H = 2, KERNEL_W = 3, KERNEL_H = 4, FUSED = 5,
        }
        fully_connected { FUSED = 0, WEIGHTS_FORMAT = 1, KEEP_DIMS = 2 }
        softmax { BETA = 0 }
        concatenation { AXIS = 0, FUSED = 1 }
        binary { FUSED = 0 }
        resize_bilinear { ALIGN_CORNERS = 2, HALF_PIXEL = 3 }
        resize_nearest { ALIGN_CORNERS = 0, HALF_PIXEL = 1 }
        reshape { SHAPE = 0 }
        reducer { KEEP_DIMS = 0 }
        arg_max { OUTPUT_TYPE = 0 }
        strided_slice {
            BEGIN_MASK = 0, END_MASK = 1, ELLIPSIS_MASK = 2, NEW_AXIS_MASK = 3,
            SHRINK_AXIS_MASK = 4, OFFSET = 5,
        }
        call { SUBGRAPH = 0 }
        branch { FIRST = 0, SECOND = 1 }
        composite { SUBGRAPH = 1 }
    }
}

/// An operator code. Its number is the one in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub(super) enum Builtin {
    Add = 0,
    AveragePool2d = 1,
    Concatenation = 2,
    Conv2d = 3,
    DepthwiseConv2d = 4,
    Dequantize = 6,
    FullyConnected = 9,
    Logistic = 14,
    MaxPool2d = 17,
    Mul = 18,
    Relu = 19,
    Relu6 = 21,
    Reshape = 22,
    ResizeBilinear = 23,
    Softmax = 25,
    Pad = 34,
    Transpose = 39,
    Mean = 40,
    Sub = 41,
    StridedSlice = 45,
    ArgMax = 56,
    ResizeNearestNeighbor = 97,
    Quantize = 114,
    HardSwish = 117,
}

impl Builtin {
    /// Which table holds the operator's attributes, as a member of the union `BuiltinOptions`;
    /// `None` for an operator without attributes.
    pub(super) const fn options_type(self) -> Option<u8> {
        Some(match self {
            Self::Conv2d => 1,
            Self::DepthwiseConv2d => 2,
            Self::AveragePool2d | Self::MaxPool2d => 5,
            Self::FullyConnected => 8,
            Self::Softmax => 9,
            Self::Concatenation => 10,
            Self::Add => 11,
            Self::ResizeBilinear => 15,
            Self::Reshape => 17,
            Self::Mul => 21,
            Self::Pad => 22,
            Self::Transpose => 26,
            Self::Mean => 27,
            Self::Sub => 28,
            Self::StridedSlice => 32,
            Self::Dequantize => 38,
            Self::ArgMax => 40,
            Self::ResizeNearestNeighbor => 74,
            Self::Quantize => 89,
            Self::HardSwish => 91,
            Self::Logistic | Self::Relu | Self::Relu6 => return None,
        })
    }
}

/// The element types.
pub(super) mod element_type {
    pub(in crate::tflite) const FLOAT32: i8 = 0;
    pub(in crate::tflite) const INT32: i8 = 2;
    pub(in crate::tflite) const UINT8: i8 = 3;
    pub(in crate::tflite) const INT64: i8 = 4;
    pub(in crate::tflite) const INT8: i8 = 9;
}

/// The paddings of windows.
pub(super) mod padding {
    pub(in crate::tflite) const SAME: i8 = 0;
    pub(in crate::tflite) const VALID: i8 = 1;
}

/// The activations that other operators can apply.
pub(super) mod activation {
    pub(in crate::tflite) const NONE: i8 = 0;
    pub(in crate::tflite) const RELU: i8 = 1;
    pub(in crate::tflite) const RELU_N1_TO_1: i8 = 2;
    pub(in crate::tflite) const RELU6: i8 = 3;
    pub(in crate::tflite) const TANH: i8 = 4;
    pub(in crate::tflite) const SIGN_BIT: i8 = 5;
}
