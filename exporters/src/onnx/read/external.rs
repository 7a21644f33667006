//! Elements that are not in the file but beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ReadError;
use crate::onnx::message::Property;

/// A region of a file beside the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region<'a> {
    /// The path of the file, relative to the model's folder, as the model gives it. Not checked: the
    /// supplier refuses what leaves the folder.
    pub location: &'a str,
    /// The first byte.
    pub offset: u64,
    /// How many bytes; at least 1.
    pub length: usize,
}

/// Supplies the bytes of a region; nothing when the file is not there, and a reason when it cannot
/// be read or the path is refused.
pub type Supply<'a> = dyn Fn(Region<'_>) -> Result<Option<Vec<u8>>, String> + 'a;

/// How many bytes were asked for, and the bytes where anyone has them.
type Supplied = (usize, Option<Arc<[u8]>>);

/// The regions that were asked for, each once.
pub(super) struct External<'a> {
    supply: Option<&'a Supply<'a>>,
    /// By file: first byte to length and bytes.
    regions: BTreeMap<String, BTreeMap<u64, Supplied>>,
    bytes: usize,
}

impl<'a> External<'a> {
    pub(super) const fn new(supply: Option<&'a Supply<'a>>) -> Self {
        Self {
            supply,
            regions: BTreeMap::new(),
            bytes: 0,
        }
    }

    /// The bytes that were supplied.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The `bytes` that the entries of a tensor point to; nothing when no one supplies them.
    ///
    /// Regions of one file are the same or apart, so that a small model cannot ask for a large file
    /// over and over.
    pub(super) fn elements(
        &mut self,
        entries: &[Property],
        bytes: usize,
    ) -> Result<Option<Arc<[u8]>>, ReadError> {
        let entry = |key: &str| entries.iter().find(|e| e.key == key).map(|e| &*e.value);
        let location = entry("location");
        let location = location
            .ok_or_else(|| ReadError::malformed("the location of its external data", "none"))?;
        let number = |key: &str| match entry(key) {
            None => Ok(None),
            Some(text) => text
                .parse::<u64>()
                .map(Some)
                .map_err(|_| ReadError::malformed(format!("a number as {key}"), text)),
        };
        let offset = number("offset")?.unwrap_or(0);
        if let Some(length) = number("length")?
            && length != bytes as u64
        {
            let expected = format!("{bytes} bytes of external data");
            return Err(ReadError::malformed(expected, length));
        }
        let Some(supply) = self.supply.filter(|_| bytes > 0) else {
            return Ok(None);
        };
        let of_file = self.regions.entry(location.to_owned()).or_default();
        if let Some((length, found)) = of_file.get(&offset)
            && *length == bytes
        {
            return Ok(found.clone());
        }
        let end = offset.saturating_add(bytes as u64);
        let overlaps = of_file
            .range(..end)
            .next_back()
            .is_some_and(|(first, (length, _))| first.saturating_add(*length as u64) > offset);
        if overlaps {
            let expected = "external data apart from that of other tensors";
            return Err(ReadError::malformed(
                expected,
                format!("`{location}` at {offset}"),
            ));
        }
        let region = Region {
            location,
            offset,
            length: bytes,
        };
        let found = supply(region).map_err(ReadError::contradiction)?;
        if let Some(found) = &found
            && found.len() != bytes
        {
            let expected = format!("{bytes} bytes of `{location}` from {offset} on");
            return Err(ReadError::malformed(expected, found.len()));
        }
        let found: Option<Arc<[u8]>> = found.map(Into::into);
        self.bytes = self
            .bytes
            .saturating_add(found.as_ref().map_or(0, |f| f.len()));
        of_file.insert(offset, (bytes, found.clone()));
        Ok(found)
    }
}
