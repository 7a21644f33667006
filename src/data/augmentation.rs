//! Variations of a sample for training: another scale, cut or padded to the size of the image.
//!
//! A factor is drawn uniformly, the sample scaled by it, and a window of its former size taken at a
//! random place of the result; where the result is smaller, it is put at a random place on black
//! without labels. Mirroring is a matter of batches, with or without this. What is drawn follows
//! from the [`Draw`] alone.
//!
//! Source: the training augmentation of AdaShare (scale 0.5 to 1.5, mirror, pad, crop), which cuts
//! smaller images than it validates on. DIFFERENCE: here both have the size of the network's input.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde::{Deserialize, Serialize};

use super::sample::Sample;
use crate::random::seed_of_stream;

/// How far samples are scaled.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Augmentation {
    /// The smallest factor, above 0.
    pub scale_min: f64,
    /// The largest factor.
    pub scale_max: f64,
}

/// What decides a variation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The seed of the training.
    pub seed: u64,
    /// How often all samples were seen before.
    pub epoch: usize,
    /// Which sample.
    pub sample: usize,
}

/// The largest factor: more would only show single pixels.
const SCALE_MAX: f64 = 8.0;

impl Default for Augmentation {
    fn default() -> Self {
        Self {
            scale_min: 0.5,
            scale_max: 1.5,
        }
    }
}

impl Augmentation {
    /// What is wrong with it, if anything: what was found and what is allowed.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let Self {
            scale_min,
            scale_max,
        } = *self;
        let fits = scale_min > 0.0 && scale_min <= scale_max && scale_max <= SCALE_MAX;
        (!fits).then(|| {
            format!(
                "the scales are {scale_min} to {scale_max}, expected two rising numbers above 0, \
                 {SCALE_MAX} at most"
            )
        })
    }

    /// `sample`, varied, in its own size.
    #[must_use]
    pub fn apply(&self, sample: &Sample, draw: Draw) -> Sample {
        let mut random = draw.random();
        let factor = match self.scale_min < self.scale_max {
            true => random.random_range(self.scale_min..self.scale_max),
            false => self.scale_min,
        };
        let (height, width) = (sample.height, sample.width);
        let scaled = sample
            .clone()
            .scaled(times(height, factor), times(width, factor));
        let top = offset(scaled.height, height, &mut random);
        let left = offset(scaled.width, width, &mut random);
        window(&scaled, [top, left], [height, width])
    }
}

impl Draw {
    /// A stream of its own for every draw.
    fn random(self) -> Pcg64 {
        let epoch = seed_of_stream(self.seed, self.epoch as u64);
        Pcg64::seed_from_u64(seed_of_stream(epoch, self.sample as u64))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an extent times a factor of 8 at most"
)]
fn times(extent: usize, factor: f64) -> usize {
    ((extent as f64 * factor).round() as usize).max(1)
}

/// Where in a row of `scaled` a window of `wanted` begins; negative where the row is shorter.
fn offset(scaled: usize, wanted: usize, random: &mut Pcg64) -> isize {
    let room = scaled.abs_diff(wanted);
    let drawn = random.random_range(0..=room).cast_signed();
    if scaled >= wanted { drawn } else { -drawn }
}

/// The window of `sample` that begins at `[top, left]`; black without labels outside it.
fn window(sample: &Sample, [top, left]: [isize; 2], [height, width]: [usize; 2]) -> Sample {
    let mut cut = Sample::blank(height, width);
    let first = (-left).max(0).unsigned_abs();
    let from = left.max(0).unsigned_abs();
    let count = (sample.width - from).min(width - first);
    for row in 0..height {
        let Some(source) = row
            .checked_add_signed(top)
            .filter(|&row| row < sample.height)
        else {
            continue;
        };
        let (to, from) = (row * width + first, source * sample.width + from);
        let copy = |into: &mut [f32], all: &[f32], of: usize| {
            into[to * of..(to + count) * of].copy_from_slice(&all[from * of..(from + count) * of]);
        };
        copy(&mut cut.depth, &sample.depth, 1);
        copy(&mut cut.normal, &sample.normal, 3);
        cut.label[to..to + count].copy_from_slice(&sample.label[from..from + count]);
        cut.rgb[to * 3..(to + count) * 3]
            .copy_from_slice(&sample.rgb[from * 3..(from + count) * 3]);
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::super::classes::VOID;
    use super::*;

    fn sample(height: usize, width: usize) -> Sample {
        let pixels = height * width;
        let byte = |at: usize| u8::try_from(1 + at % 200).unwrap();
        Sample {
            height,
            width,
            rgb: (0..pixels).flat_map(|at| [byte(at); 3]).collect(),
            label: (0..pixels).map(byte).collect(),
            depth: (0..pixels).map(|at| f32::from(byte(at))).collect(),
            normal: vec![1.0; pixels * 3],
        }
    }

    fn draw(epoch: usize, sample: usize) -> Draw {
        Draw {
            seed: 4,
            epoch,
            sample,
        }
    }

    #[test]
    fn a_draw_decides_everything() {
        let augmentation = Augmentation::default();
        let sample = sample(12, 20);
        let one = augmentation.apply(&sample, draw(0, 3));
        assert_eq!(one, augmentation.apply(&sample, draw(0, 3)));
        assert_ne!(one, augmentation.apply(&sample, draw(1, 3)));
        assert_ne!(one, augmentation.apply(&sample, draw(0, 4)));
    }

    #[test]
    fn labels_depth_and_color_stay_together() {
        let augmentation = Augmentation::default();
        let sample = sample(12, 20);
        let mut padded = 0;
        for index in 0..40 {
            let varied = augmentation.apply(&sample, draw(0, index));
            assert_eq!((varied.height, varied.width), (12, 20));
            for (at, &label) in varied.label.iter().enumerate() {
                if label == VOID {
                    padded += 1;
                    assert_eq!(varied.depth[at], 0.0);
                    assert_eq!(varied.rgb[at * 3..at * 3 + 3], [0; 3]);
                    assert_eq!(varied.normal[at * 3..at * 3 + 3], [0.0; 3]);
                } else {
                    assert_eq!(varied.depth[at], f32::from(label));
                    assert_eq!(varied.normal[at * 3], 1.0);
                }
            }
        }
        assert!(padded > 100, "{padded}");
    }

    #[test]
    fn a_scale_of_one_changes_nothing() {
        let still = Augmentation {
            scale_min: 1.0,
            scale_max: 1.0,
        };
        let sample = sample(5, 7);
        assert_eq!(still.apply(&sample, draw(2, 2)), sample);
    }

    #[test]
    fn scales_that_cannot_be_are_refused() {
        for (scale_min, scale_max) in [(0.0, 1.0), (1.5, 0.5), (f64::NAN, 1.0), (1.0, 100.0)] {
            let wrong = Augmentation {
                scale_min,
                scale_max,
            };
            assert!(wrong.problem().is_some(), "{wrong:?}");
        }
        assert_eq!(Augmentation::default().problem(), None);
    }
}
