//! Segmentation labels: gray or palette PNG files, and arrays of whole numbers.

use std::path::Path;

use kernels::Data;

use super::coding::LabelCoding;
use super::pixels::{array, is_array, place, size};
use super::png::{self, Palette};
use crate::data::error::Problem;

/// Height and width, and the class or void of every pixel.
pub(super) fn read(path: &Path, coding: &LabelCoding) -> Result<([usize; 2], Vec<u8>), Problem> {
    let (found, values) = match is_array(path) {
        true => of_array(path)?,
        false => of_png(path)?,
    };
    Ok((found, decoded(path, coding, &values, found[1])?))
}

/// The class or void that each of `values` of images of this width stands for.
pub(super) fn decoded(
    path: &Path,
    coding: &LabelCoding,
    values: &[i64],
    width: usize,
) -> Result<Vec<u8>, Problem> {
    let mut labels = Vec::with_capacity(values.len());
    for (at, &value) in values.iter().enumerate() {
        match coding.class(value) {
            Some(label) => labels.push(label),
            None => return Err(stranger(path, coding, values, at, width)),
        }
    }
    Ok(labels)
}

/// A label that stands for nothing: the first such pixel, and how many there are.
fn stranger(path: &Path, coding: &LabelCoding, values: &[i64], at: usize, width: usize) -> Problem {
    let all = values
        .iter()
        .filter(|&&value| coding.class(value).is_none());
    Problem::new(
        path,
        format!(
            "holds label {} at {}, and {} pixels with such labels; expected {}",
            values[at],
            place(at, width),
            all.count(),
            coding.expected()
        ),
        "map the labels to these numbers, or name another set of classes",
    )
}

fn of_png(path: &Path) -> Result<([usize; 2], Vec<i64>), Problem> {
    let pixels = png::read(path, Palette::Indices)?;
    if pixels.channels != 1 {
        return Err(Problem::new(
            path,
            "holds colors, expected one number a pixel, gray or of a palette",
            "save class ids, not their colors",
        ));
    }
    let values = pixels.values.into_iter().map(i64::from).collect();
    Ok((pixels.size, values))
}

fn of_array(path: &Path) -> Result<([usize; 2], Vec<i64>), Problem> {
    let array = array(path)?;
    let found = size(path, &array, 1)?;
    let values = match &array.data {
        Data::F32(values) => whole(path, values, found[1])?,
        Data::I8(values) => values.iter().map(|&v| i64::from(v)).collect(),
        Data::U8(values) => values.iter().map(|&v| i64::from(v)).collect(),
        Data::I32(values) => values.iter().map(|&v| i64::from(v)).collect(),
        Data::I64(values) => values.to_vec(),
    };
    Ok((found, values))
}

/// Floats that are whole numbers, as some arrays store labels.
#[expect(clippy::cast_possible_truncation, reason = "whole and small")]
fn whole(path: &Path, values: &[f32], width: usize) -> Result<Vec<i64>, Problem> {
    let is_whole = |value: &f32| value.fract() == 0.0 && value.abs() < 65536.0;
    if let Some(at) = values.iter().position(|value| !is_whole(value)) {
        return Err(Problem::new(
            path,
            format!(
                "holds label {} at {}, expected a whole number",
                values[at],
                place(at, width)
            ),
            "save labels as integers; scale them with the nearest pixel, not between pixels",
        ));
    }
    Ok(values.iter().map(|&value| value as i64).collect())
}
