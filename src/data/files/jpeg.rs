//! JPEG files as colors.

use std::fs;
use std::path::Path;

use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::image::PIXELS_MAX;
use crate::data::error::{FETCH_AGAIN, Problem};

/// What follows 0xff before the pixels of an image, or of a part of them.
const START_OF_SCAN: u8 = 0xda;

/// The marker behind the last pixels.
const END_OF_IMAGE: [u8; 2] = [0xff, 0xd9];

/// The most pixels of a side that the format has.
const SIDE_MAX: usize = 65_535;

/// Height and width, and red, green, blue of every pixel, of the file at `path`. As stored: a
/// rotation that its EXIF data asks for is not applied.
pub(super) fn read(path: &Path) -> Result<([usize; 2], Vec<u8>), Problem> {
    let bytes = fs::read(path).map_err(|error| Problem::unreadable(path, &error))?;
    let damaged =
        |found: String| Problem::new(path, format!("is no whole JPEG file: {found}"), FETCH_AGAIN);
    let options = DecoderOptions::new_safe()
        .set_strict_mode(true)
        .set_max_width(SIDE_MAX)
        .set_max_height(SIDE_MAX)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&bytes), options);
    let unread = |error: DecodeErrors| damaged(error.to_string());
    decoder.decode_headers().map_err(unread)?;
    let said = decoder.info();
    let said = said.map(|info| [info.height, info.width].map(usize::from));
    let size = said.filter(|[height, width]| height * width <= PIXELS_MAX);
    let size = size.ok_or_else(|| damaged(format!("it says that it is {said:?} pixels")))?;
    let rgb = decoder.decode().map_err(unread)?;
    if rgb.len() != size[0] * size[1] * 3 {
        return Err(damaged("it has fewer pixels than it says".to_owned()));
    }
    // The decoder does not miss the last bytes of a cut file.
    let pixels = &bytes[first_scan(&bytes).unwrap_or(bytes.len())..];
    match pixels.windows(2).any(|pair| pair == END_OF_IMAGE) {
        true => Ok((size, rgb)),
        false => Err(damaged("it ends before its last pixels".to_owned())),
    }
}

/// Where the pixels of the image begin, behind all that is said of it, small pictures included.
/// Nothing in them looks like the end of the image; what follows that, as films do, is not looked at.
fn first_scan(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    loop {
        match *bytes.get(at..at + 4)? {
            [0xff, START_OF_SCAN, ..] => return Some(at),
            [0xff, 0xff, ..] => at += 1,
            [0xff, _, high, low] => at += 2 + usize::from(u16::from_be_bytes([high, low])),
            _ => return None,
        }
    }
}
