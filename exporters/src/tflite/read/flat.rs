//! FlatBuffers, read in place from bytes that nobody vouches for.
//!
//! Every offset, vtable and length is checked before it is followed. Offsets may lead anywhere, so
//! that a small file could claim to be endless: what is read in all is bounded by [`READS_PER_BYTE`]
//! times the size of the file. The schema fixes how deep tables nest, so nothing here recurses.

use std::cell::Cell;

use crate::ReadError;
use crate::tflite::flatbuffer::Slot;

/// How often a file may be read over. Honest files share vtables, names and elements, hardly more.
const READS_PER_BYTE: usize = 8;
/// What visiting a table counts, at least what one takes in an honest file.
const TABLE_BYTES: usize = 16;

/// The bytes of a file, and how many more may be read.
pub(super) struct File<'b> {
    bytes: &'b [u8],
    left: Cell<usize>,
}

/// A table whose vtable lies in the file.
#[derive(Clone, Copy)]
pub(super) struct Table<'b> {
    file: &'b File<'b>,
    place: usize,
    vtable: usize,
    vtable_bytes: usize,
}

/// A vector of tables whose offsets lie in the file.
#[derive(Clone, Copy)]
pub(super) struct Tables<'b> {
    file: &'b File<'b>,
    first: usize,
    len: usize,
}

impl<'b> File<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        let left = Cell::new(bytes.len().saturating_mul(READS_PER_BYTE));
        Self { bytes, left }
    }

    /// The table that the first four bytes point to.
    pub(super) fn root(&'b self) -> Result<Table<'b>, ReadError> {
        self.pointed(0)
    }

    /// The four bytes behind the first four.
    pub(super) fn identifier(&self) -> Option<&'b [u8]> {
        self.bytes.get(4..8)
    }

    /// `count` bytes from `at` on.
    pub(super) fn region(&self, at: u64, count: u64) -> Result<&'b [u8], ReadError> {
        let outside = || {
            let expected = format!("bytes within the file's {}", self.bytes.len());
            ReadError::malformed(expected, format!("{count} bytes from {at} on"))
        };
        let start = usize::try_from(at).map_err(|_| outside())?;
        let count = usize::try_from(count).map_err(|_| outside())?;
        let end = start.checked_add(count).ok_or_else(outside)?;
        self.bytes.get(start..end).ok_or_else(outside)
    }

    /// Counts `bytes` as read.
    pub(super) fn charge(&self, bytes: usize) -> Result<(), ReadError> {
        match self.left.get().checked_sub(bytes) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(ReadError::malformed(
                format!("parts that add up to at most {READS_PER_BYTE} times the file's size"),
                "more, through offsets that share bytes",
            )),
        }
    }

    fn chunk<const N: usize>(&self, at: usize) -> Result<[u8; N], ReadError> {
        let rest = self.bytes.get(at..).and_then(<[u8]>::first_chunk);
        rest.copied().ok_or_else(|| {
            let expected = format!("a place within the file's {} bytes", self.bytes.len());
            ReadError::malformed(expected, format!("{N} bytes at {at}"))
        })
    }

    fn unsigned(&self, at: usize) -> Result<usize, ReadError> {
        let number = u32::from_le_bytes(self.chunk(at)?);
        Ok(usize::try_from(number).unwrap_or(usize::MAX))
    }

    fn short(&self, at: usize) -> Result<usize, ReadError> {
        Ok(usize::from(u16::from_le_bytes(self.chunk(at)?)))
    }

    /// Where the offset at `at` leads.
    fn target(&self, at: usize) -> Result<usize, ReadError> {
        let offset = self.unsigned(at)?;
        Ok(at.saturating_add(offset))
    }

    fn pointed(&'b self, at: usize) -> Result<Table<'b>, ReadError> {
        Table::at(self, self.target(at)?)
    }
}

impl<'b> Table<'b> {
    fn at(file: &'b File<'b>, place: usize) -> Result<Self, ReadError> {
        file.charge(TABLE_BYTES)?;
        let back = i64::from(i32::from_le_bytes(file.chunk(place)?));
        let vtable = i64::try_from(place)
            .ok()
            .and_then(|place| usize::try_from(place - back).ok())
            .ok_or_else(|| {
                ReadError::malformed("a vtable within the file", format!("{back} bytes back"))
            })?;
        let vtable_bytes = file.short(vtable)?;
        if vtable_bytes < 4 {
            let expected = "a vtable of at least 4 bytes";
            return Err(ReadError::malformed(expected, vtable_bytes));
        }
        let table = Self {
            file,
            place,
            vtable,
            vtable_bytes,
        };
        Ok(table)
    }

    /// A field of `N` bytes; `None` when it is left out.
    fn field<const N: usize>(&self, slot: Slot) -> Result<Option<[u8; N]>, ReadError> {
        match self.place_of(slot)? {
            Some(at) => self.file.chunk(at).map(Some),
            None => Ok(None),
        }
    }

    fn place_of(&self, slot: Slot) -> Result<Option<usize>, ReadError> {
        let entry = 4 + 2 * slot;
        if entry + 2 > self.vtable_bytes {
            return Ok(None);
        }
        Ok(match self.file.short(self.vtable + entry)? {
            0 => None,
            inside => Some(self.place + inside),
        })
    }

    pub(super) fn flag(&self, slot: Slot) -> Result<bool, ReadError> {
        Ok(self.field::<1>(slot)?.is_some_and(|byte| byte != [0]))
    }

    pub(super) fn u8(&self, slot: Slot) -> Result<u8, ReadError> {
        Ok(self.field(slot)?.map_or(0, u8::from_le_bytes))
    }

    pub(super) fn i8(&self, slot: Slot) -> Result<i8, ReadError> {
        Ok(self.field(slot)?.map_or(0, i8::from_le_bytes))
    }

    pub(super) fn i32(&self, slot: Slot, default: i32) -> Result<i32, ReadError> {
        Ok(self.field(slot)?.map_or(default, i32::from_le_bytes))
    }

    pub(super) fn u32(&self, slot: Slot) -> Result<u32, ReadError> {
        Ok(self.field(slot)?.map_or(0, u32::from_le_bytes))
    }

    pub(super) fn u64(&self, slot: Slot) -> Result<u64, ReadError> {
        Ok(self.field(slot)?.map_or(0, u64::from_le_bytes))
    }

    pub(super) fn f32(&self, slot: Slot) -> Result<f32, ReadError> {
        Ok(self.field(slot)?.map_or(0.0, f32::from_le_bytes))
    }

    /// A whole number that counts, such as an index.
    pub(super) fn index(&self, slot: Slot) -> Result<usize, ReadError> {
        Ok(usize::try_from(self.u32(slot)?).unwrap_or(usize::MAX))
    }

    /// A text; bytes that are not UTF-8 are replaced. `None` when it is left out or empty.
    pub(super) fn text(&self, slot: Slot) -> Result<Option<String>, ReadError> {
        let bytes = self.bytes(slot)?;
        self.file.charge(bytes.len())?;
        Ok((!bytes.is_empty()).then(|| String::from_utf8_lossy(bytes).into_owned()))
    }

    /// The elements of a vector of bytes; empty when it is left out.
    pub(super) fn bytes(&self, slot: Slot) -> Result<&'b [u8], ReadError> {
        self.vector(slot, 1)
    }

    pub(super) fn i32s(&self, slot: Slot) -> Result<Vec<i32>, ReadError> {
        self.numbers(slot, i32::from_le_bytes)
    }

    pub(super) fn i64s(&self, slot: Slot) -> Result<Vec<i64>, ReadError> {
        self.numbers(slot, i64::from_le_bytes)
    }

    pub(super) fn f32s(&self, slot: Slot) -> Result<Vec<f32>, ReadError> {
        self.numbers(slot, f32::from_le_bytes)
    }

    fn numbers<T, const N: usize>(
        &self,
        slot: Slot,
        number: impl Fn([u8; N]) -> T,
    ) -> Result<Vec<T>, ReadError> {
        let bytes = self.vector(slot, N)?;
        self.file.charge(bytes.len())?;
        let (elements, _) = bytes.as_chunks();
        Ok(elements.iter().map(|&element| number(element)).collect())
    }

    pub(super) fn table(&self, slot: Slot) -> Result<Option<Self>, ReadError> {
        match self.place_of(slot)? {
            Some(at) => self.file.pointed(at).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn tables(&self, slot: Slot) -> Result<Tables<'b>, ReadError> {
        let (first, len) = self.extent(slot, 4)?;
        Ok(Tables {
            file: self.file,
            first,
            len,
        })
    }

    fn vector(&self, slot: Slot, width: usize) -> Result<&'b [u8], ReadError> {
        let (first, len) = self.extent(slot, width)?;
        Ok(&self.file.bytes[first..first + width * len])
    }

    /// Where the elements of a vector start and how many there are; all lie in the file.
    fn extent(&self, slot: Slot, width: usize) -> Result<(usize, usize), ReadError> {
        let Some(at) = self.place_of(slot)? else {
            return Ok((0, 0));
        };
        let start = self.file.target(at)?;
        let len = self.file.unsigned(start)?;
        let first = start + 4;
        let room = self.file.bytes.len().saturating_sub(first) / width;
        if len > room {
            let expected = format!("a vector of at most {room} elements, where the file ends");
            return Err(ReadError::malformed(expected, len));
        }
        Ok((first, len))
    }
}

impl<'b> Tables<'b> {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The table at `index`.
    pub(super) fn get(&self, index: usize) -> Result<Table<'b>, ReadError> {
        if index >= self.len {
            let expected = format!("an index below {}", self.len);
            return Err(ReadError::malformed(expected, index));
        }
        self.file.pointed(self.first + 4 * index)
    }
}
