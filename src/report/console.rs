//! What a long command says while it runs: lines and progress bars on standard error.

use indicatif::{MultiProgress, ProgressBar};

use super::progress::progress;

/// Standard error, as lines and bars that do not tear each other.
///
/// Bars appear only where a person is watching; lines always do.
#[derive(Clone, Debug, Default)]
pub struct Console {
    bars: MultiProgress,
}

impl Console {
    /// Writes a line.
    pub fn say(&self, line: impl AsRef<str>) {
        self.bars.suspend(|| eprintln!("{}", line.as_ref()));
    }

    /// A bar over `steps` steps, headed by `what`, gone when it is finished and cleared.
    #[must_use]
    pub fn bar(&self, what: &str, steps: u64) -> ProgressBar {
        self.bars.add(progress(what, steps))
    }
}
