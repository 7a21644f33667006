//! Arrays as images: what shape they have, and where in them a value stands.

use std::path::Path;

use kernels::Data;

use super::image::ending;
use crate::data::error::{FETCH_AGAIN, Problem};
use crate::npy::{self, Array};

/// The array in the file at `path`.
pub(super) fn array(path: &Path) -> Result<Array, Problem> {
    if let Err(error) = std::fs::metadata(path) {
        return Err(Problem::unreadable(path, &error));
    }
    npy::read(path).map_err(|error| {
        let found = format!("is no whole NumPy array: {}", error.root_cause());
        Problem::new(path, found, FETCH_AGAIN)
    })
}

/// Height and width of an array of `channels` values a pixel; one value may leave its extent out.
pub(super) fn size(path: &Path, array: &Array, channels: usize) -> Result<[usize; 2], Problem> {
    match array.shape[..] {
        [height, width] if channels == 1 && height * width > 0 => Ok([height, width]),
        [height, width, last] if last == channels && height * width > 0 => Ok([height, width]),
        _ => {
            let expected = match channels {
                1 => "[h, w] or [h, w, 1]".to_owned(),
                _ => format!("[h, w, {channels}]"),
            };
            Err(Problem::new(
                path,
                format!("has the shape {:?}, expected {expected}", array.shape),
                "save it with the pixels in rows, channels last",
            ))
        }
    }
}

/// The elements as real numbers.
pub(super) fn reals(data: &Data) -> Vec<f32> {
    match data {
        Data::F32(values) => values.to_vec(),
        Data::I8(values) => values.iter().map(|&v| f32::from(v)).collect(),
        Data::U8(values) => values.iter().map(|&v| f32::from(v)).collect(),
        Data::I32(values) => values.iter().map(|&v| v as f32).collect(),
        Data::I64(values) => values.iter().map(|&v| v as f32).collect(),
    }
}

/// `row R, column C` of pixel `at`, counted from 0.
pub(super) fn place(at: usize, width: usize) -> String {
    format!("row {}, column {}", at / width, at % width)
}

/// Whether the name of a file says that it holds an array.
pub(super) fn is_array(path: &Path) -> bool {
    ending(path) == "npy"
}
