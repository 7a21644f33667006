//! What a network is fed: pixels from -1 to 1.
//!
//! `x = rgb / 127.5 - 1`. A quantized network reads the same image as integers of scale 1 / 127.002
//! and zero point -1: `rgb - 128` for the darker half of the colors, one less for the brighter
//! half. A device may feed `rgb - 128` throughout, without arithmetic, and is one step off there.

/// The pixel value that becomes 0.
pub const IMAGE_MEAN: f32 = 127.5;

/// The pixel values that become 1 unit.
pub const IMAGE_SCALE: f32 = 127.5;

/// The network's input for one color value, -1 to 1.
#[must_use]
pub fn network_input(value: u8) -> f32 {
    f32::from(value) / IMAGE_SCALE - IMAGE_MEAN / IMAGE_SCALE
}

/// What a quantized input must hold, smallest and largest: one color more than there are. From -1
/// to 1 every color would lie in the middle between two integers, and half of them would be lost.
#[must_use]
pub fn input_range() -> [f32; 2] {
    let step = network_input(1) - network_input(0);
    [network_input(0), network_input(255) + step]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantize::{Range, grids::asymmetric};

    #[test]
    fn colors_keep_apart_on_the_grid_of_the_range() {
        let [min, max] = input_range();
        let grid = asymmetric(Range { min, max });
        let steps = |value: u8| {
            let steps = network_input(value) / grid.scales[0];
            let nearest = steps.round();
            assert!((steps - nearest).abs() < 0.499, "{value} lies at {steps}");
            nearest
        };
        let apart = (1..=255).filter(|&value| steps(value) != steps(value - 1));
        assert_eq!(apart.count(), 254);
    }

    #[test]
    fn black_is_minus_one_and_white_is_one() {
        assert_eq!([0, 255].map(network_input), [-1.0, 1.0]);
    }
}
