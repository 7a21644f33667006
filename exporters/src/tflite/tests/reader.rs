//! A reader of FlatBuffers, as small as the tests need.

use crate::tflite::flatbuffer::Slot;

/// A table of a buffer.
#[derive(Clone, Copy)]
pub(super) struct Table<'b> {
    bytes: &'b [u8],
    place: usize,
}

impl<'b> Table<'b> {
    /// The root of a TFLite file.
    pub(super) fn root(bytes: &'b [u8]) -> Self {
        assert_eq!(&bytes[4..8], b"TFL3");
        let place = offset(bytes, 0);
        Self { bytes, place }
    }

    pub(super) fn u8(&self, slot: Slot) -> u8 {
        self.field(slot).map_or(0, |at| self.bytes[at])
    }

    pub(super) fn i8(&self, slot: Slot) -> i8 {
        i8::from_le_bytes([self.u8(slot)])
    }

    pub(super) fn u32(&self, slot: Slot) -> u32 {
        self.field(slot)
            .map_or(0, |at| u32::from_le_bytes(chunk(self.bytes, at)))
    }

    pub(super) fn i32(&self, slot: Slot) -> i32 {
        i32::from_le_bytes(self.u32(slot).to_le_bytes())
    }

    pub(super) fn text(&self, slot: Slot) -> String {
        String::from_utf8(self.bytes(slot).to_vec()).unwrap()
    }

    pub(super) fn bytes(&self, slot: Slot) -> &'b [u8] {
        self.vector(slot, 1)
    }

    pub(super) fn i32s(&self, slot: Slot) -> Vec<i32> {
        let elements = self.vector(slot, 4).chunks_exact(4);
        elements.map(|e| i32::from_le_bytes(chunk(e, 0))).collect()
    }

    pub(super) fn f32s(&self, slot: Slot) -> Vec<f32> {
        let elements = self.vector(slot, 4).chunks_exact(4);
        elements.map(|e| f32::from_le_bytes(chunk(e, 0))).collect()
    }

    pub(super) fn i64s(&self, slot: Slot) -> Vec<i64> {
        let elements = self.vector(slot, 8).chunks_exact(8);
        elements.map(|e| i64::from_le_bytes(chunk(e, 0))).collect()
    }

    pub(super) fn table(&self, slot: Slot) -> Option<Self> {
        let at = self.field(slot)?;
        Some(self.at(at))
    }

    pub(super) fn tables(&self, slot: Slot) -> Vec<Self> {
        let elements = self.vector(slot, 4);
        let first = elements.as_ptr() as usize - self.bytes.as_ptr() as usize;
        (0..elements.len() / 4)
            .map(|i| self.at(first + 4 * i))
            .collect()
    }

    /// The table that the offset at `at` points to.
    fn at(&self, at: usize) -> Self {
        Self {
            bytes: self.bytes,
            place: at + offset(self.bytes, at),
        }
    }

    /// The bytes of a vector whose elements are `width` bytes; empty when it is absent.
    fn vector(&self, slot: Slot, width: usize) -> &'b [u8] {
        self.field(slot).map_or(&[], |at| {
            let start = at + offset(self.bytes, at);
            let length = offset(self.bytes, start);
            &self.bytes[start + 4..start + 4 + width * length]
        })
    }

    /// Where a field stands; `None` when it is absent.
    fn field(&self, slot: Slot) -> Option<usize> {
        let back = i32::from_le_bytes(chunk(self.bytes, self.place));
        let vtable = self.place - usize::try_from(back).unwrap();
        let size = usize::from(u16::from_le_bytes(chunk(self.bytes, vtable)));
        let entry = 4 + 2 * slot;
        if entry >= size {
            return None;
        }
        match u16::from_le_bytes(chunk(self.bytes, vtable + entry)) {
            0 => None,
            inside => Some(self.place + usize::from(inside)),
        }
    }
}

fn offset(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(chunk(bytes, at)) as usize
}

fn chunk<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes[at..at + N].try_into().unwrap()
}
