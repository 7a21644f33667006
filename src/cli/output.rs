//! Standard output: text for people, one JSON record for programs.

use std::io::{self, ErrorKind, Write};

use anyhow::Context;
use serde::Serialize;

/// Writes `text` to standard output; a reader that has seen enough (`| head`) is no error.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes one record as JSON.
pub(super) fn print_record(record: &impl Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_string_pretty(record).context("cannot write the record")?;
    text.push('\n');
    print(&text)
}
