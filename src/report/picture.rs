//! Pictures of images, labels, depth and normals, and their PNG bytes.

use crate::data::{ClassSet, DepthUnit, INVERSE_DEPTH_MAX};

/// The depth colormap at 0, 1/4, ... 1: dark blue far, yellow near (anchors of matplotlib's
/// plasma).
const DEPTH_COLORS: [[f32; 3]; 5] = [
    [13.0, 8.0, 135.0],
    [126.0, 3.0, 168.0],
    [204.0, 71.0, 120.0],
    [248.0, 149.0, 64.0],
    [240.0, 249.0, 33.0],
];

/// What is this near, in meters, has the brightest color.
const NEAR_M: f32 = 1.0;

/// The color of a pixel without depth or normal.
const NOTHING: [u8; 3] = [40, 40, 40];

/// An 8-bit RGB picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// `[h, w, 3]`.
    pub rgb: Vec<u8>,
}

impl Picture {
    /// An image as it is: `rgb` is `[h, w, 3]`.
    #[must_use]
    pub fn image(height: usize, width: usize, rgb: &[u8]) -> Self {
        Self::new(height, width, rgb.to_vec())
    }

    /// Labels `[h, w]` in the colors of `classes`, void black.
    #[must_use]
    pub fn labels(height: usize, width: usize, labels: &[u8], classes: &ClassSet) -> Self {
        Self::new(
            height,
            width,
            labels.iter().flat_map(|&l| classes.color(l)).collect(),
        )
    }

    /// Depth `[h, w]` in `unit`: dark far, bright near, gray where there is none. The scale is the
    /// square root of the share of [`INVERSE_DEPTH_MAX`], or of a meter over the depth, so that far
    /// things differ too.
    #[must_use]
    pub fn depth(height: usize, width: usize, depth: &[f32], unit: DepthUnit) -> Self {
        let nearness = |d: f32| match unit {
            DepthUnit::Inverse => d / INVERSE_DEPTH_MAX,
            DepthUnit::Meters => NEAR_M / d,
        };
        let color = |&d: &f32| {
            if d > 0.0 {
                ramp(nearness(d).sqrt().min(1.0))
            } else {
                NOTHING
            }
        };
        Self::new(height, width, depth.iter().flat_map(color).collect())
    }

    /// Normals `[h, w, 3]` as (n + 1) / 2, gray where there is none.
    #[must_use]
    pub fn normals(height: usize, width: usize, normals: &[f32]) -> Self {
        let color = |n: &[f32]| match n {
            [x, y, z] if *x != 0.0 || *y != 0.0 || *z != 0.0 => {
                [x, y, z].map(|v| byte((v + 1.0) * 127.5))
            }
            _ => NOTHING,
        };
        Self::new(
            height,
            width,
            normals.chunks_exact(3).flat_map(color).collect(),
        )
    }

    /// Pictures of one size in a grid of `columns`, `gap` white pixels between them.
    ///
    /// # Panics
    /// When the list is empty or the sizes differ: a programming error.
    #[must_use]
    pub fn sheet(pictures: &[Self], columns: usize, gap: usize) -> Self {
        let first = pictures.first().expect("a sheet has pictures");
        let (h, w) = (first.height + gap, first.width + gap);
        let rows = pictures.len().div_ceil(columns);
        let (height, width) = (rows * h - gap, columns.min(pictures.len()) * w - gap);
        let mut rgb = vec![255; height * width * 3];
        for (index, picture) in pictures.iter().enumerate() {
            assert_eq!((picture.height, picture.width), (first.height, first.width));
            let (top, left) = (index / columns * h, index % columns * w);
            for (row, line) in picture.rgb.chunks_exact(picture.width * 3).enumerate() {
                let start = ((top + row) * width + left) * 3;
                rgb[start..start + line.len()].copy_from_slice(line);
            }
        }
        Self::new(height, width, rgb)
    }

    /// The picture as a PNG file.
    ///
    /// # Panics
    /// When a side is 0 or over 2^32 pixels: a programming error.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        let size = |n| u32::try_from(n).expect("a picture's side fits in 32 bits");
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, size(self.width), size(self.height));
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Balanced);
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&self.rgb))
            .expect("memory takes a picture of the announced size");
        bytes
    }

    fn new(height: usize, width: usize, rgb: Vec<u8>) -> Self {
        assert_eq!(
            rgb.len(),
            height * width * 3,
            "a picture of {height}x{width} needs its pixels"
        );
        Self { height, width, rgb }
    }
}

/// The depth color at `t` in 0..1.
fn ramp(t: f32) -> [u8; 3] {
    let at = t * 4.0;
    let below = if at < 1.0 {
        0
    } else if at < 2.0 {
        1
    } else if at < 3.0 {
        2
    } else {
        3
    };
    let share = at - below as f32;
    let (low, high) = (DEPTH_COLORS[below], DEPTH_COLORS[below + 1]);
    [0, 1, 2].map(|c| byte(low[c] + (high[c] - low[c]) * share))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a byte"
)]
fn byte(value: f32) -> u8 {
    (value.clamp(0.0, 255.0) + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_say_what_they_should() {
        let depth = Picture::depth(1, 3, &[0.0, 1e-9, INVERSE_DEPTH_MAX], DepthUnit::Inverse);
        assert_eq!(depth.rgb, [40, 40, 40, 13, 8, 135, 240, 249, 33]);
        let normals = Picture::normals(1, 2, &[0.0, 0.0, 0.0, 0.0, -1.0, 0.0]);
        assert_eq!(normals.rgb, [40, 40, 40, 128, 0, 128]);
        assert_eq!(
            Picture::labels(1, 2, &[0, 255], &ClassSet::cityscapes()).rgb,
            [128, 64, 128, 0, 0, 0]
        );
    }

    #[test]
    fn a_sheet_keeps_rows_and_columns() {
        let dot = |v| Picture::image(1, 1, &[v, v, v]);
        let sheet = Picture::sheet(&[dot(1), dot(2), dot(3)], 2, 1);
        assert_eq!((sheet.height, sheet.width), (3, 3));
        let reds: Vec<u8> = sheet.rgb.iter().copied().step_by(3).collect();
        assert_eq!(reds, [1, 255, 2, 255, 255, 255, 3, 255, 255]);
    }

    #[test]
    fn png_bytes_read_back() {
        let picture = Picture::image(2, 1, &[1, 2, 3, 250, 251, 252]);
        let bytes = picture.png();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes))
            .read_info()
            .unwrap();
        let mut back = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut back).unwrap();
        assert_eq!(back, picture.rgb);
    }
}
