//! Surface normals: colored PNG files, and arrays of vectors.

use std::path::Path;

use super::coding::NormalCoding;
use super::pixels::{array, is_array, place, reals, size};
use super::png::{self, Palette};
use crate::data::error::Problem;

/// A vector shorter than this points nowhere.
const LENGTH_MIN: f32 = 0.1;

/// Height and width, and the unit normal of every pixel; 0, 0, 0 for none.
pub(super) fn read(path: &Path, coding: NormalCoding) -> Result<([usize; 2], Vec<f32>), Problem> {
    match is_array(path) {
        true => of_array(path),
        false => of_png(path, coding),
    }
}

fn of_png(path: &Path, coding: NormalCoding) -> Result<([usize; 2], Vec<f32>), Problem> {
    let pixels = png::read(path, Palette::Colors)?;
    if (pixels.channels, pixels.bits) != (3, 8) {
        return Err(Problem::new(
            path,
            format!(
                "has {} channels of {} bits, expected 3 of 8",
                pixels.channels, pixels.bits
            ),
            "save (n + 1) * 127.5 as red, green and blue",
        ));
    }
    let ignore = coding.ignore.map(u16::from);
    let normals = pixels.values.chunks_exact(3).flat_map(|color| {
        let vector = [0, 1, 2].map(|axis| f32::from(color[axis]) / 127.5 - 1.0);
        if color == ignore {
            [0.0; 3]
        } else {
            unit(vector)
        }
    });
    Ok((pixels.size, normals.collect()))
}

fn of_array(path: &Path) -> Result<([usize; 2], Vec<f32>), Problem> {
    let array = array(path)?;
    let found = size(path, &array, 3)?;
    let values = reals(&array.data);
    if let Some(at) = values.iter().position(|value| !value.is_finite()) {
        let place = place(at / 3, found[1]);
        return Err(Problem::new(
            path,
            format!("holds {} at {place}, expected finite numbers", values[at]),
            "write 0, 0, 0 where there is no normal",
        ));
    }
    let vectors = values.chunks_exact(3);
    let normals = vectors.flat_map(|v| unit([v[0], v[1], v[2]])).collect();
    Ok((found, normals))
}

fn unit(vector: [f32; 3]) -> [f32; 3] {
    let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
    match length < LENGTH_MIN {
        true => [0.0; 3],
        false => vector.map(|v| v / length),
    }
}
