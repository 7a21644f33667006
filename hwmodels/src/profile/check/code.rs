//! `[code]`.

use super::{Checked, refuse, source};
use crate::profile::raw::RawProfile;
use crate::profile::{Code, Ragged, Sent};

pub(super) fn check(raw: &RawProfile) -> Checked<Option<Code>> {
    let Some(code) = &raw.code else {
        return Ok(None);
    };
    if raw.memory.is_none() {
        let expected = "no [code] on a machine without on-chip memory";
        return Err(refuse("code", "a table", expected));
    }
    let sent = match code.sent.as_deref() {
        Some("at-once") => Sent::AtOnce,
        Some("ahead") | None => Sent::Ahead,
        Some(other) => return Err(refuse("code.sent", other, "one of at-once, ahead")),
    };
    let multiple = code.ragged_multiple;
    if let Some(found) = multiple.filter(|multiple| *multiple < 2) {
        return Err(refuse("code.ragged_multiple", found, "at least 2"));
    }
    let ragged = Ragged {
        multiple: multiple.unwrap_or(1),
        operator_bytes: code.ragged_operator_bytes.unwrap_or(0),
        window_block_bytes: code.ragged_window_block_bytes.unwrap_or(0),
    };
    let storage = raw.storage.as_ref();
    Ok(Some(Code {
        sent,
        program_bytes: code.program_bytes.unwrap_or(0),
        operator_bytes: code.operator_bytes,
        window_bytes: code.window_bytes.unwrap_or(0),
        vector_block_bytes: code.vector_block_bytes.unwrap_or(0),
        ragged,
        strip_bytes: code.strip_bytes,
        block_channels: storage.map_or(1, |storage| {
            storage
                .block_channels
                .unwrap_or(storage.out_channel_multiple)
                .max(1)
        }),
        source: source("code", &code.source)?,
    }))
}
