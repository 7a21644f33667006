//! PNG files as whole numbers.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use png::{ColorType, Decoder, Transformations};

use super::image::PIXELS_MAX;
use crate::data::error::{FETCH_AGAIN, Problem};

/// The pixels of a PNG file, without alpha.
pub(super) struct Pixels {
    /// Height and width.
    pub(super) size: [usize; 2],
    /// 1 gray, or 3 red, green, blue.
    pub(super) channels: usize,
    /// 8 or 16 bits a value.
    pub(super) bits: u32,
    /// `[h, w, channels]`.
    pub(super) values: Vec<u16>,
}

/// What to do with the colors of a palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Palette {
    /// The color of each pixel.
    Colors,
    /// The number of the color: labels are often stored so.
    Indices,
}

/// Reads the file at `path`.
pub(super) fn read(path: &Path, palette: Palette) -> Result<Pixels, Problem> {
    let file = File::open(path).map_err(|error| Problem::unreadable(path, &error))?;
    let damaged = |error: png::DecodingError| {
        let found = format!("is no whole PNG file: {error}");
        Problem::new(path, found, FETCH_AGAIN)
    };
    let mut decoder = Decoder::new(BufReader::new(file));
    if palette == Palette::Colors {
        decoder.set_transformations(Transformations::EXPAND);
    }
    let mut reader = decoder.read_info().map_err(damaged)?;
    let (color, depth) = reader.output_color_type();
    let samples = color.samples();
    let line = reader.output_buffer_size();
    let size = [reader.info().height as usize, reader.info().width as usize];
    let Some(length) = line.filter(|_| size[0].saturating_mul(size[1]) <= PIXELS_MAX) else {
        let found = format!("says that it is {}x{} pixels", size[0], size[1]);
        return Err(Problem::new(path, found, FETCH_AGAIN));
    };
    let mut bytes = vec![0; length];
    reader.next_frame(&mut bytes).map_err(damaged)?;
    // What follows the pixels must be there too: a cut file has none.
    reader.finish().map_err(damaged)?;
    let bits = depth as u32;
    let rows = size[0];
    let per_row = size[1] * samples;
    let stride = length.checked_div(rows).unwrap_or(0);
    let mut all = Vec::with_capacity(rows * per_row);
    for row in bytes.chunks_exact(stride.max(1)) {
        all.extend((0..per_row).map(|at| value(row, at, bits)));
    }
    let channels = match color {
        ColorType::Grayscale | ColorType::GrayscaleAlpha | ColorType::Indexed => 1,
        ColorType::Rgb | ColorType::Rgba => 3,
    };
    let values = match samples == channels {
        true => all,
        false => all
            .chunks_exact(samples)
            .flat_map(|pixel| pixel[..channels].iter().copied())
            .collect(),
    };
    Ok(Pixels {
        size,
        channels,
        bits: bits.max(8),
        values,
    })
}

/// Value `at` of a row of `bits` each, packed from the high end where below 8.
fn value(row: &[u8], at: usize, bits: u32) -> u16 {
    match bits {
        16 => u16::from_be_bytes([row[2 * at], row[2 * at + 1]]),
        8 => u16::from(row[at]),
        _ => {
            let per_byte = 8 / bits as usize;
            let place = u32::try_from(per_byte - 1 - at % per_byte).unwrap_or(0);
            u16::from(row[at / per_byte] >> (place * bits)) & ((1 << bits) - 1)
        }
    }
}
