//! Samples in another size.
//!
//! Colors are interpolated with a triangle as wide as one pixel of the coarser of both grids:
//! bilinear where an image grows, an average where it shrinks. Labels, depth and normals are those
//! of the nearest pixel, so that no value appears that was not there. Depth keeps its value: a
//! nearer look is not a nearer thing (AdaShare does the same).

use super::sample::Sample;

impl Sample {
    /// The sample at `height` x `width`; itself where that is its size already.
    #[must_use]
    pub fn scaled(self, height: usize, width: usize) -> Self {
        if (self.height, self.width) == (height, width) {
            return self;
        }
        let rows = nearest(self.height, height);
        let columns = nearest(self.width, width);
        let width_before = self.width;
        let pixels: Vec<usize> = rows
            .iter()
            .flat_map(|row| {
                columns
                    .iter()
                    .map(move |column| row * width_before + column)
            })
            .collect();
        Self {
            height,
            width,
            rgb: colors(&self, height, width),
            label: pixels.iter().map(|&at| self.label[at]).collect(),
            depth: pixels.iter().map(|&at| self.depth[at]).collect(),
            normal: pixels
                .iter()
                .flat_map(|&at| [0, 1, 2].map(|axis| self.normal[at * 3 + axis]))
                .collect(),
        }
    }
}

/// For each of `to` pixels in a row, the one of `from` that its center falls in.
fn nearest(from: usize, to: usize) -> Vec<usize> {
    (0..to).map(|at| (2 * at + 1) * from / (2 * to)).collect()
}

/// A pixel of a scaled row: where its neighbors begin, and what each weighs.
struct Tap {
    first: usize,
    weights: Vec<f32>,
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the pixels of a row"
)]
fn taps(from: usize, to: usize) -> Vec<Tap> {
    let step = from as f32 / to as f32;
    let reach = step.max(1.0);
    let tap = |at: usize| {
        let center = (at as f32 + 0.5) * step - 0.5;
        let first = (center - reach).ceil().max(0.0) as usize;
        let last = ((center + reach).floor().max(0.0) as usize).min(from - 1);
        let first = first.min(last);
        let weight = |near: usize| (1.0 - (near as f32 - center).abs() / reach).max(0.0);
        let mut weights: Vec<f32> = (first..=last).map(weight).collect();
        let sum: f32 = weights.iter().sum();
        // Far from every center there is no weight: then all neighbors count alike.
        let even = 1.0 / weights.len() as f32;
        for weight in &mut weights {
            *weight = if sum > 0.0 { *weight / sum } else { even };
        }
        Tap { first, weights }
    };
    (0..to).map(tap).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a mean of bytes is a byte"
)]
fn colors(sample: &Sample, height: usize, width: usize) -> Vec<u8> {
    let columns = taps(sample.width, width);
    let mut wide = Vec::with_capacity(sample.height * width * 3);
    for row in sample.rgb.chunks_exact(sample.width * 3) {
        for tap in &columns {
            for channel in 0..3 {
                let near = row[tap.first * 3 + channel..].iter().step_by(3);
                let sum: f32 = near.zip(&tap.weights).map(|(&v, w)| f32::from(v) * w).sum();
                wide.push(sum);
            }
        }
    }
    let mut rgb = Vec::with_capacity(height * width * 3);
    for tap in taps(sample.height, height) {
        for at in 0..width * 3 {
            let near = wide[tap.first * width * 3 + at..].iter().step_by(width * 3);
            let sum: f32 = near.zip(&tap.weights).map(|(v, w)| v * w).sum();
            rgb.push(sum.clamp(0.0, 255.0).round() as u8);
        }
    }
    rgb
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(height: usize, width: usize) -> Sample {
        let value = |at: usize| u8::try_from(at % 251).unwrap();
        let pixels = height * width;
        Sample {
            height,
            width,
            rgb: (0..pixels * 3).map(value).collect(),
            label: (0..pixels).map(value).collect(),
            depth: (0..pixels).map(|at| at as f32).collect(),
            normal: vec![0.5; pixels * 3],
        }
    }

    #[test]
    fn a_sample_of_the_size_stays_and_a_constant_stays_constant() {
        assert_eq!(ramp(3, 5).scaled(3, 5), ramp(3, 5));
        for (height, width) in [(1, 1), (2, 3), (9, 31)] {
            let mut flat = ramp(4, 7);
            flat.rgb.fill(77);
            let scaled = flat.scaled(height, width);
            assert_eq!(scaled.rgb, vec![77; height * width * 3]);
            assert_eq!(scaled.label.len(), height * width);
        }
    }

    #[test]
    fn growing_twice_and_shrinking_twice_keep_labels() {
        let sample = ramp(4, 6);
        let back = sample.clone().scaled(8, 12).scaled(4, 6);
        assert_eq!((back.label, back.depth), (sample.label, sample.depth));
    }

    #[test]
    fn halves_lie_between_their_neighbors() {
        let two = Sample {
            rgb: vec![0, 0, 0, 100, 100, 100],
            ..ramp(1, 2)
        };
        let four = two.clone().scaled(1, 4);
        let red: Vec<u8> = four.rgb.iter().copied().step_by(3).collect();
        assert_eq!(red, [0, 25, 75, 100]);
        assert_eq!(two.scaled(1, 1).rgb, [50, 50, 50]);
    }
}
