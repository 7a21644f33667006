//! FlatBuffers, written front to back.
//!
//! A buffer is a tree of tables. Each table is preceded by its vtable (where each field stands),
//! followed by what its fields point to; offsets point forward and are filled in once their
//! target has a place. Equal vtables are stored once. Everything is little-endian.

use std::collections::BTreeMap;

/// The number of a field within its table.
pub(super) type Slot = usize;

/// A table: fields by number. A field that is left out has the default of its schema.
#[derive(Clone, Debug, Default)]
pub(super) struct Table(BTreeMap<Slot, Value>);

/// The value of a field.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Bool(bool),
    I8(i8),
    U8(u8),
    I32(i32),
    U32(u32),
    F32(f32),
    Text(String),
    /// Elements that start at a multiple of 16, as TFLite requires of buffers.
    Bytes(Vec<u8>),
    I32s(Vec<i32>),
    I64s(Vec<i64>),
    F32s(Vec<f32>),
    Table(Table),
    Tables(Vec<Table>),
}

impl Table {
    /// The same with field `slot` set to `value`.
    pub(super) fn with(mut self, slot: Slot, value: Value) -> Self {
        self.0.insert(slot, value);
        self
    }
}

/// The bytes of a buffer whose root is `root`, with the file identifier at byte 4.
///
/// # Panics
///
/// When the buffer exceeds 2 GiB, the reach of an offset.
pub(super) fn finish(root: &Table, identifier: [u8; 4]) -> Vec<u8> {
    let mut out = Output::default();
    out.bytes.extend([0; 4]);
    out.bytes.extend(identifier);
    let place = out.table(root);
    out.point(0, place);
    out.bytes
}

#[derive(Default)]
struct Output {
    bytes: Vec<u8>,
    /// Where each vtable stands.
    vtables: BTreeMap<Vec<u8>, usize>,
}

impl Output {
    /// Writes a table and all below it; its place.
    fn table(&mut self, table: &Table) -> usize {
        let slots = table.0.keys().next_back().map_or(0, |last| last + 1);
        let mut offsets = vec![0_usize; slots];
        let mut size = 4;
        for width in [4, 1] {
            let fields = table.0.iter();
            for (&slot, _) in fields.filter(|(_, v)| v.inline_bytes() == width) {
                offsets[slot] = size;
                size += width;
            }
        }
        let vtable: Vec<u8> = [4 + 2 * slots, size]
            .iter()
            .chain(&offsets)
            .flat_map(|&n| u16::try_from(n).expect("a table is small").to_le_bytes())
            .collect();
        let vtable_place = *self.vtables.entry(vtable).or_insert_with_key(|vtable| {
            self.bytes.resize(self.bytes.len().next_multiple_of(2), 0);
            let place = self.bytes.len();
            self.bytes.extend(vtable);
            place
        });
        let place = self.align(4);
        self.bytes.resize(place + size, 0);
        self.set(place, distance(vtable_place, place).to_le_bytes());
        for (&slot, value) in &table.0 {
            self.field(place + offsets[slot], value);
        }
        place
    }

    /// Writes the value of the field at `at`: in place, or behind with an offset in place.
    fn field(&mut self, at: usize, value: &Value) {
        let target = match value {
            Value::Bool(v) => return self.set(at, [u8::from(*v)]),
            Value::I8(v) => return self.set(at, v.to_le_bytes()),
            Value::U8(v) => return self.set(at, [*v]),
            Value::I32(v) => return self.set(at, v.to_le_bytes()),
            Value::U32(v) => return self.set(at, v.to_le_bytes()),
            Value::F32(v) => return self.set(at, v.to_le_bytes()),
            Value::Text(text) => {
                let place = self.vector(1, text.bytes().map(|b| [b]));
                self.bytes.push(0);
                place
            }
            Value::Bytes(v) => self.vector(16, v.iter().map(|&b| [b])),
            Value::I32s(v) => self.vector(4, v.iter().map(|x| x.to_le_bytes())),
            Value::I64s(v) => self.vector(8, v.iter().map(|x| x.to_le_bytes())),
            Value::F32s(v) => self.vector(4, v.iter().map(|x| x.to_le_bytes())),
            Value::Table(table) => self.table(table),
            Value::Tables(tables) => {
                let place = self.vector(4, tables.iter().map(|_| [0; 4]));
                for (i, table) in tables.iter().enumerate() {
                    let target = self.table(table);
                    self.point(place + 4 + 4 * i, target);
                }
                place
            }
        };
        self.point(at, target);
    }

    /// Writes a length and elements, the first at a multiple of `alignment`; the length's place.
    fn vector<const N: usize>(
        &mut self,
        alignment: usize,
        elements: impl ExactSizeIterator<Item = [u8; N]>,
    ) -> usize {
        let length = u32::try_from(elements.len()).expect("a vector fits the buffer");
        let first = (self.bytes.len() + 4).next_multiple_of(alignment.max(4));
        self.bytes.resize(first - 4, 0);
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend(elements.flatten());
        first - 4
    }

    /// Makes the offset at `at` point to `target`, which stands behind it.
    fn point(&mut self, at: usize, target: usize) {
        self.set(at, distance(at, target).to_le_bytes());
    }

    fn set<const N: usize>(&mut self, at: usize, bytes: [u8; N]) {
        self.bytes[at..at + N].copy_from_slice(&bytes);
    }

    fn align(&mut self, alignment: usize) -> usize {
        let place = self.bytes.len().next_multiple_of(alignment);
        self.bytes.resize(place, 0);
        place
    }
}

impl Value {
    /// The size within the table: the value's own, or an offset's.
    const fn inline_bytes(&self) -> usize {
        match self {
            Self::Bool(_) | Self::I8(_) | Self::U8(_) => 1,
            Self::I32(_)
            | Self::U32(_)
            | Self::F32(_)
            | Self::Text(_)
            | Self::Bytes(_)
            | Self::I32s(_)
            | Self::I64s(_)
            | Self::F32s(_)
            | Self::Table(_)
            | Self::Tables(_) => 4,
        }
    }
}

/// From an earlier place to a later one.
fn distance(earlier: usize, later: usize) -> i32 {
    i32::try_from(later - earlier).expect("a buffer of at most 2 GiB, checked before writing")
}
