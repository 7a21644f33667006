//! JPEG files as colors.

use std::fs;
use std::path::Path;

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::data::error::{FETCH_AGAIN, Problem};

/// The marker before the pixels of an image, or of a part of them.
const START_OF_SCAN: [u8; 2] = [0xff, 0xda];

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
    let rgb = decoder
        .decode()
        .map_err(|error| damaged(error.to_string()))?;
    let size = decoder
        .info()
        .map(|info| [info.height, info.width].map(usize::from));
    let size = size.filter(|[height, width]| rgb.len() == height * width * 3);
    let size = size.ok_or_else(|| damaged("it has fewer pixels than it says".to_owned()))?;
    // The decoder does not miss the last bytes of a cut file.
    match last(&bytes, END_OF_IMAGE) > last(&bytes, START_OF_SCAN) {
        true => Ok((size, rgb)),
        false => Err(damaged("it ends before its last pixels".to_owned())),
    }
}

/// Where `marker` stands last. Nothing in the data of pixels looks like a marker.
fn last(bytes: &[u8], marker: [u8; 2]) -> Option<usize> {
    bytes.windows(2).rposition(|pair| pair == marker)
}
