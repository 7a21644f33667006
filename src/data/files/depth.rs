//! Depth: arrays of numbers, and gray PNG files of 8 or 16 bits.

use std::path::Path;

use super::coding::DepthCoding;
use super::pixels::{array, is_array, place, reals, size};
use super::png::{self, Palette};
use crate::data::error::Problem;

/// Height and width, and the depth of every pixel in the unit of the data set; 0 for none.
pub(super) fn read(path: &Path, coding: DepthCoding) -> Result<([usize; 2], Vec<f32>), Problem> {
    let (found, values) = match is_array(path) {
        true => {
            let array = array(path)?;
            (size(path, &array, 1)?, reals(&array.data))
        }
        false => of_png(path)?,
    };
    Ok((found, decoded(path, coding, values, found[1])?))
}

/// The depth that `values` of images of this width stand for.
pub(super) fn decoded(
    path: &Path,
    coding: DepthCoding,
    values: Vec<f32>,
    width: usize,
) -> Result<Vec<f32>, Problem> {
    let wrong = |value: &f32| !value.is_finite() || *value < 0.0;
    if let Some(at) = values.iter().position(wrong) {
        let all = values.iter().filter(|value| wrong(value)).count();
        return Err(Problem::new(
            path,
            format!(
                "holds depth {} at {}, and {all} pixels like it; expected finite numbers, 0 where \
                 there is no depth",
                values[at],
                place(at, width)
            ),
            "write 0 where depth is unknown",
        ));
    }
    let depth = |value: f32| match coding {
        DepthCoding::Scaled(scale) => value * scale,
        DepthCoding::Disparity => (value - 1.0).max(0.0) / 65535.0,
    };
    Ok(values.into_iter().map(depth).collect())
}

fn of_png(path: &Path) -> Result<([usize; 2], Vec<f32>), Problem> {
    let pixels = png::read(path, Palette::Indices)?;
    if pixels.channels != 1 {
        return Err(Problem::new(
            path,
            "holds colors, expected one gray number a pixel",
            "save depth as a 16-bit gray image or as an array",
        ));
    }
    let values = pixels.values.into_iter().map(f32::from).collect();
    Ok((pixels.size, values))
}
