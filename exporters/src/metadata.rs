//! What a file says about itself beyond the graph.

use std::collections::BTreeMap;

/// Named texts kept in the file: the task of each output, how to prepare an image, where the
/// network came from.
///
/// ONNX stores them as `metadata_props`, TFLite as metadata buffers; Netron shows both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Key to text, both UTF-8, in the order of the keys.
    pub properties: BTreeMap<String, String>,
}

impl Metadata {
    /// The same with `key` set to `text`.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, text: impl Into<String>) -> Self {
        self.properties.insert(key.into(), text.into());
        self
    }
}
