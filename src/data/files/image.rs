//! Images: PNG files of 8 or 16 bits, gray or colored, JPEG files, and arrays of floats from 0 to 1 or
//! of bytes.

use std::ffi::OsStr;
use std::path::Path;

use kernels::Data;

use super::jpeg;
use super::pixels::{array, place, reals, size};
use super::png::{self, Palette};
use crate::data::error::Problem;

/// The most pixels of an image that is stored: more is a damaged header.
pub(super) const PIXELS_MAX: usize = 1 << 28;

/// How far beyond 0 to 1 a float may be: what interpolation overshoots.
const OVERSHOOT: f32 = 1e-3;

/// Height and width, and red, green, blue of every pixel, 0 to 255.
pub(super) fn read(path: &Path) -> Result<([usize; 2], Vec<u8>), Problem> {
    match &*ending(path) {
        "npy" => of_array(path),
        "jpg" | "jpeg" => jpeg::read(path),
        _ => of_png(path),
    }
}

/// How the name of a file ends, in small letters: cameras write large ones.
pub(super) fn ending(path: &Path) -> String {
    let ending = path.extension().and_then(OsStr::to_str);
    ending.unwrap_or_default().to_ascii_lowercase()
}

fn of_png(path: &Path) -> Result<([usize; 2], Vec<u8>), Problem> {
    let pixels = png::read(path, Palette::Colors)?;
    let shift = pixels.bits - 8;
    let byte = |&value: &u16| u8::try_from(value >> shift).unwrap_or(u8::MAX);
    let bytes = pixels.values.iter().map(byte);
    let rgb = match pixels.channels {
        1 => bytes.flat_map(|gray| [gray; 3]).collect(),
        _ => bytes.collect(),
    };
    Ok((pixels.size, rgb))
}

fn of_array(path: &Path) -> Result<([usize; 2], Vec<u8>), Problem> {
    let array = array(path)?;
    let found = size(path, &array, 3)?;
    if let Data::U8(bytes) = &array.data {
        return Ok((found, bytes.to_vec()));
    }
    let values = reals(&array.data);
    let range = -OVERSHOOT..=1.0 + OVERSHOOT;
    if let Some(at) = values.iter().position(|value| !range.contains(value)) {
        let place = place(at / 3, found[1]);
        return Err(Problem::new(
            path,
            format!("holds {} at {place}, expected 0 to 1", values[at]),
            "save colors as floats from 0 to 1, or as uint8",
        ));
    }
    Ok((found, values.into_iter().map(byte).collect()))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a byte"
)]
fn byte(value: f32) -> u8 {
    (value.clamp(0.0, 1.0) * 255.0).round() as u8
}
