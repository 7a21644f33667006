//! Convolution and matrix product as loop nests, and their view as matrix products.
//!
//! A nest is `groups` products of an `M x K` by a `K x N` matrix, one after another, with
//! `M = batch * out_h * out_w`, `N = out_c / groups`, `K = kernel_h * kernel_w * in_c / groups`.

/// How a nest came about; a matrix product is priced by the `dense` tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NestForm {
    /// A window over an image.
    Conv,
    /// A fully connected layer or a matrix product.
    Matmul,
}

/// The classes that throughput tables are kept for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Convolution with a window larger than one pixel.
    Conv,
    /// Convolution of one pixel by one.
    Pointwise,
    /// Convolution of every channel alone.
    Depthwise,
    /// Matrix product.
    Dense,
}

impl Class {
    /// The name as profiles spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Class::Conv => "conv",
            Class::Pointwise => "pointwise",
            Class::Depthwise => "depthwise",
            Class::Dense => "dense",
        }
    }
}

/// A convolution or matrix product over `[batch, h, w, c]`; every count is at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LoopNest {
    /// How it came about.
    pub form: NestForm,
    /// Images.
    pub batch: u64,
    /// Input rows, without padding.
    pub in_h: u64,
    /// Input columns, without padding.
    pub in_w: u64,
    /// Input channels of all groups.
    pub in_c: u64,
    /// Output rows.
    pub out_h: u64,
    /// Output columns.
    pub out_w: u64,
    /// Output channels of all groups.
    pub out_c: u64,
    /// Window `[rows, columns]`.
    pub kernel: [u64; 2],
    /// Stride `[rows, columns]`.
    pub stride: [u64; 2],
    /// Dilation `[rows, columns]`, 1 for a dense window.
    pub dilation: [u64; 2],
    /// Padding before the first `[row, column]`; what follows the last one is implied by `out_h` and `out_w`.
    pub padding: [u64; 2],
    /// Groups, run one after another.
    pub groups: u64,
    /// Bits of an input element.
    pub input_bits: u64,
    /// Bits of a weight.
    pub weight_bits: u64,
    /// Bits of an accumulator.
    pub accumulator_bits: u64,
}

impl LoopNest {
    /// An int8 convolution over `input` = `[batch, h, w, c]` with `same` padding and one group.
    #[must_use]
    pub fn conv(input: [u64; 4], out_c: u64, kernel: [u64; 2], stride: [u64; 2]) -> LoopNest {
        let [batch, in_h, in_w, in_c] = input;
        let out = [in_h.div_ceil(stride[0]), in_w.div_ceil(stride[1])];
        let before = |size: u64, out: u64, side: usize| {
            ((out - 1) * stride[side] + kernel[side]).saturating_sub(size) / 2
        };
        LoopNest {
            form: NestForm::Conv,
            batch,
            in_h,
            in_w,
            in_c,
            out_h: out[0],
            out_w: out[1],
            out_c,
            kernel,
            stride,
            dilation: [1, 1],
            padding: [before(in_h, out[0], 0), before(in_w, out[1], 1)],
            groups: 1,
            input_bits: 8,
            weight_bits: 8,
            accumulator_bits: 32,
        }
    }

    /// An int8 product of a `rows x in_c` by an `in_c x out_c` matrix.
    #[must_use]
    pub fn matmul(rows: u64, in_c: u64, out_c: u64) -> LoopNest {
        LoopNest {
            form: NestForm::Matmul,
            ..LoopNest::conv([1, rows, 1, in_c], out_c, [1, 1], [1, 1])
        }
    }

    /// Multiply-accumulates, padding included.
    #[must_use]
    pub fn macs(&self) -> u64 {
        self.pixels() * self.out_c * self.kernel[0] * self.kernel[1] * (self.in_c / self.groups)
    }

    /// Output pixels of all images, `M`.
    #[must_use]
    pub fn pixels(&self) -> u64 {
        self.batch * self.out_h * self.out_w
    }

    /// Output channels of one group, `N`.
    #[must_use]
    pub fn group_out_c(&self) -> u64 {
        self.out_c / self.groups
    }

    /// Input channels of one group.
    #[must_use]
    pub fn group_in_c(&self) -> u64 {
        self.in_c / self.groups
    }

    /// The class whose throughput table prices it.
    #[must_use]
    pub fn class(&self) -> Class {
        match self.form {
            NestForm::Matmul => Class::Dense,
            NestForm::Conv if self.groups > 1 && self.groups == self.in_c => Class::Depthwise,
            NestForm::Conv if self.kernel == [1, 1] => Class::Pointwise,
            NestForm::Conv => Class::Conv,
        }
    }

    /// Input rows that `rows` output rows of one image read, padding left out.
    #[must_use]
    pub fn input_rows(&self, rows: u64) -> u64 {
        ((rows - 1) * self.stride[0] + (self.kernel[0] - 1) * self.dilation[0] + 1).min(self.in_h)
    }

    /// What no nest may be: a count of zero or beyond what can be counted with, or groups that do
    /// not divide the channels.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let counts = [
            self.batch,
            self.in_h,
            self.in_w,
            self.in_c,
            self.out_h,
            self.out_w,
            self.out_c,
            self.kernel[0],
            self.kernel[1],
            self.stride[0],
            self.stride[1],
            self.dilation[0],
            self.dilation[1],
            self.groups,
            self.input_bits,
            self.weight_bits,
            self.accumulator_bits,
        ];
        if counts.contains(&0) {
            Some("has a count of zero")
        } else if !self.in_c.is_multiple_of(self.groups) || !self.out_c.is_multiple_of(self.groups)
        {
            Some("has groups that do not divide its channels")
        } else if counts.iter().chain(&self.padding).any(|n| *n > COUNT_MAX) {
            Some("has a count above 2^32")
        } else if self.too_large() {
            Some("has more than 2^46 multiply-accumulates or operands, which no duration can count")
        } else {
            None
        }
    }

    fn too_large(&self) -> bool {
        let product = |factors: &[u64]| {
            let bounded = |product: u64, factor: &u64| product.checked_mul(*factor);
            factors.iter().try_fold(1, bounded)
        };
        let window = [self.kernel[0], self.kernel[1], self.group_in_c()];
        let macs = product(&[self.batch, self.out_h, self.out_w, self.out_c])
            .and_then(|outputs| product(&[outputs, window[0], window[1], window[2]]));
        let inputs = product(&[self.batch, self.in_h, self.in_w, self.in_c]);
        let bits = [self.input_bits, self.weight_bits, self.accumulator_bits];
        let most = |count: Option<u64>| count.is_none_or(|count| count > WORK_MAX);
        most(macs) || most(inputs) || bits.iter().any(|bits| *bits > BITS_MAX)
    }
}

/// The most of anything that a nest counts along one axis.
const COUNT_MAX: u64 = 1 << 32;
/// The most operands and multiply-accumulates: a year of a machine of 1 TOPS takes 2^64.
pub(crate) const WORK_MAX: u64 = 1 << 46;
/// The widest operand.
const BITS_MAX: u64 = 64;

/// A convolution with as many groups as input channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Depthwise {
    pub(crate) nest: LoopNest,
}

impl Depthwise {
    /// `nest` with one group per input channel and `multiplier` output channels for each.
    #[must_use]
    pub fn new(nest: LoopNest, multiplier: u64) -> Depthwise {
        Depthwise {
            nest: LoopNest {
                groups: nest.in_c,
                out_c: nest.in_c * multiplier,
                ..nest
            },
        }
    }

    /// Output channels per input channel.
    #[must_use]
    pub fn multiplier(&self) -> u64 {
        self.nest.group_out_c()
    }
}
