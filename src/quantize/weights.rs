//! Weights and biases of one linear operator.
//!
//! `scale[c] = max |w[c]| / 127`, `w_q = round(w / scale[c])` and
//! `b_q = round(b / (input_scale * scale[c]))`. A smaller scale hardly ever errs less: it costs the
//! largest weight a whole step, and saves each other one in 127 of a rounding error. A scale is
//! raised where its channel needs it:
//!
//! - to `2^-24` of a step of the result, which a channel of (nearly) zeros would fall below and
//!   runtimes refuse;
//! - until the bias, together with the largest possible sum of products, fits `i32`.

/// Quantized weights and bias.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// In the order of the float weights; -127 to 127.
    pub weights: Vec<i8>,
    /// Per output channel.
    pub bias: Vec<i32>,
    /// The scale of the weights, per output channel.
    pub scales: Vec<f32>,
}

/// What [`linear`] needs to know of an operator.
#[derive(Clone, Copy, Debug)]
pub struct Channels {
    /// How many output channels there are.
    pub count: usize,
    /// From one weight of a channel to the next: 1 where channels are outermost, `count` where
    /// they are innermost.
    pub innermost: bool,
    /// One scale for all channels instead of one each.
    pub one_scale: bool,
}

/// Products of an 8-bit activation less its zero point with a weight are at most this.
pub(super) const PRODUCT_MAX: f64 = 255.0 * 127.0;

/// Quantizes the weights and the bias (zero where there is none) of an operator whose input and
/// output have the given scales. `None` when the sums of products alone may not fit `i32`, or a
/// scale would not be finite.
#[must_use]
pub fn linear(
    weights: &[f32],
    bias: Option<&[f32]>,
    channels: Channels,
    input_scale: f32,
    output_scale: f32,
) -> Option<Linear> {
    let Channels { count, .. } = channels;
    let taps = weights.len() / count;
    let room = f64::from(i32::MAX) - taps as f64 * PRODUCT_MAX - 1.0;
    if room <= 0.0 {
        return None;
    }
    let bias_of = |c: usize| bias.map_or(0.0, |b| f64::from(b[c]));
    let input_scale = f64::from(input_scale);
    let least = f64::from(output_scale) / input_scale * 2_f64.powi(-24);

    let mut largest = vec![0.0_f64; count];
    for (i, &w) in weights.iter().enumerate() {
        let channel = &mut largest[channel(i, taps, channels)];
        *channel = channel.max(f64::from(w).abs());
    }
    let wanted = |(c, largest): (usize, &f64)| {
        let for_bias = bias_of(c).abs() / (input_scale * room);
        (largest / 127.0).max(least).max(for_bias * 1.000_001)
    };
    let mut scales: Vec<f64> = largest.iter().enumerate().map(wanted).collect();
    if channels.one_scale {
        let widest = scales.iter().copied().fold(0.0, f64::max);
        scales.fill(widest);
    }
    let scales: Vec<f32> = scales.into_iter().map(single).collect();
    if !scales.iter().all(|s| s.is_normal()) {
        return None;
    }
    let steps = |i: usize, w: f32| {
        let scale = scales[channel(i, taps, channels)];
        byte(f64::from(w) / f64::from(scale))
    };
    let bias_step = |c: usize| input_scale * f64::from(scales[c]);
    Some(Linear {
        weights: weights
            .iter()
            .enumerate()
            .map(|(i, &w)| steps(i, w))
            .collect(),
        bias: (0..count)
            .map(|c| round(bias_of(c) / bias_step(c)))
            .collect(),
        scales,
    })
}

const fn channel(index: usize, taps: usize, channels: Channels) -> usize {
    if channels.innermost {
        index % channels.count
    } else {
        index / taps
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "scales are stored in single precision"
)]
const fn single(x: f64) -> f32 {
    x as f32
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "rounded and clamped to the range of the type"
)]
fn byte(x: f64) -> i8 {
    x.round_ties_even().clamp(-127.0, 127.0) as i8
}

/// The nearest integer, ties to even; saturates at the range of `i32`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "rounded, and the cast saturates"
)]
pub(super) fn round(x: f64) -> i32 {
    x.round_ties_even() as i32
}
