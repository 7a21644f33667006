//! What a network is fed: pixels from -1 to 1.
//!
//! `x = rgb / 127.5 - 1`. A quantized network reads the same image as `int8 = rgb - 128` at scale
//! 1 / 127.5 and zero point 0 (off by half a step), without arithmetic on the device.

/// The pixel value that becomes 0.
pub const IMAGE_MEAN: f32 = 127.5;

/// The pixel values that become 1 unit.
pub const IMAGE_SCALE: f32 = 127.5;

/// The network's input for one color value, -1 to 1.
#[must_use]
pub fn network_input(value: u8) -> f32 {
    f32::from(value) / IMAGE_SCALE - IMAGE_MEAN / IMAGE_SCALE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_is_minus_one_and_white_is_one() {
        assert_eq!([0, 255].map(network_input), [-1.0, 1.0]);
    }
}
