//! Arrays of numbers in MATLAB 5 files ("MAT-File Format", The MathWorks): what `save` writes without
//! `-v7.3`.

use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::read::ZlibDecoder;

use crate::data::error::{FETCH_AGAIN, Problem};

/// Bytes before the first element: a text, the version and the byte order.
const HEADER_BYTES: usize = 128;

/// The byte order of the file as its last two bytes say it, low bytes first.
const LITTLE_ENDIAN: &[u8] = b"IM";

/// The kinds of elements that are read.
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;

/// The most that a compressed array may have: over twice what the 40 classes of `NYUv2` take.
const BYTES_MAX: u64 = 1 << 30;

/// An array of real numbers, the first index fastest.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Array {
    pub(super) shape: Vec<usize>,
    stored: Stored,
    bytes: Vec<u8>,
}

/// How numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stored {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    F32,
    F64,
}

impl Array {
    /// The array called `name` in the file at `path`.
    pub(super) fn read(path: &Path, name: &str) -> Result<Self, Problem> {
        let bytes = fs::read(path).map_err(|error| Problem::unreadable(path, &error))?;
        let is_of_5 = bytes.get(HEADER_BYTES - 2..HEADER_BYTES) == Some(LITTLE_ENDIAN);
        if !is_of_5 {
            return Err(Problem::new(
                path,
                "is no MATLAB 5 file",
                "copy or download it again, or save it with -v7",
            ));
        }
        let damaged = || Problem::new(path, "ends early, or is damaged", FETCH_AGAIN);
        let mut rest = &bytes[HEADER_BYTES..];
        while !rest.is_empty() {
            let (kind, data) = element(&mut rest).ok_or_else(damaged)?;
            let array = match kind {
                MATRIX => matrix(data, name),
                COMPRESSED => {
                    let inflated = inflated(data).ok_or_else(damaged)?;
                    let (_, data) = element(&mut &inflated[..]).ok_or_else(damaged)?;
                    matrix(data, name)
                }
                _ => Some(None),
            };
            if let Some(array) = array.ok_or_else(damaged)? {
                return Ok(array);
            }
        }
        Err(Problem::new(
            path,
            format!("holds no array of numbers called `{name}`"),
            "check that it is the file that docs/data.md names",
        ))
    }

    /// How many numbers there are.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() / self.stored.bytes()
    }

    /// Number `at` of them, which exists, its fraction cut off.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what fits into no label is none"
    )]
    pub(super) fn whole(&self, at: usize) -> i64 {
        self.get(at).unwrap_or(f64::NAN) as i64
    }

    fn get(&self, at: usize) -> Option<f64> {
        let size = self.stored.bytes();
        let bytes = self.bytes.get(at * size..(at + 1) * size)?;
        Some(match (self.stored, bytes) {
            (Stored::I8, &[a]) => f64::from(i8::from_le_bytes([a])),
            (Stored::U8, &[a]) => f64::from(a),
            (Stored::I16, &[a, b]) => f64::from(i16::from_le_bytes([a, b])),
            (Stored::U16, &[a, b]) => f64::from(u16::from_le_bytes([a, b])),
            (Stored::I32, &[a, b, c, d]) => f64::from(i32::from_le_bytes([a, b, c, d])),
            (Stored::U32, &[a, b, c, d]) => f64::from(u32::from_le_bytes([a, b, c, d])),
            (Stored::F32, &[a, b, c, d]) => f64::from(f32::from_le_bytes([a, b, c, d])),
            (_, bytes) => f64::from_le_bytes(bytes.try_into().ok()?),
        })
    }
}

impl Stored {
    fn of(kind: u32) -> Option<Self> {
        Some(match kind {
            1 => Self::I8,
            2 => Self::U8,
            3 => Self::I16,
            4 => Self::U16,
            5 => Self::I32,
            6 => Self::U32,
            7 => Self::F32,
            9 => Self::F64,
            _ => return None,
        })
    }

    const fn bytes(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }
}

/// Takes an element off `rest`: its kind and its data. A short one stands in its own tag; all but
/// compressed ones begin at multiples of 8 bytes.
fn element<'a>(rest: &mut &'a [u8]) -> Option<(u32, &'a [u8])> {
    let word = |at: usize| {
        let bytes = rest.get(at..at + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    let (kind, second) = (word(0)?, word(4)?);
    if kind >> 16 != 0 {
        let length = usize::try_from(kind >> 16).ok()?;
        let data = rest.get(4..8)?.get(..length)?;
        *rest = &rest[8..];
        return Some((kind & 0xffff, data));
    }
    let length = usize::try_from(second).ok()?;
    let data = rest.get(8..8 + length)?;
    let padded = match kind {
        COMPRESSED => length,
        _ => length.next_multiple_of(8),
    };
    *rest = rest.get(8 + padded..).unwrap_or_default();
    Some((kind, data))
}

fn inflated(data: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = ZlibDecoder::new(data)
        .take(BYTES_MAX)
        .read_to_end(&mut bytes);
    read.ok().map(|_| bytes)
}

/// The matrix in `data`; nothing in it where it has another name or holds no numbers.
#[expect(clippy::option_option, reason = "damaged, of another name, found")]
fn matrix(mut data: &[u8], name: &str) -> Option<Option<Array>> {
    let (_, _flags) = element(&mut data)?;
    let (_, dimensions) = element(&mut data)?;
    let (_, found) = element(&mut data)?;
    if found != name.as_bytes() {
        return Some(None);
    }
    let (kind, numbers) = element(&mut data)?;
    let Some(stored) = Stored::of(kind) else {
        return Some(None);
    };
    let dimensions = dimensions.chunks_exact(4);
    let shape = dimensions.map(|bytes| {
        let count = i32::from_le_bytes(bytes.try_into().ok()?);
        usize::try_from(count).ok()
    });
    let array = Array {
        shape: shape.collect::<Option<_>>()?,
        stored,
        bytes: numbers.to_vec(),
    };
    let count = array
        .shape
        .iter()
        .try_fold(1_usize, |all, &n| all.checked_mul(n))?;
    (count == array.len()).then_some(Some(array))
}
