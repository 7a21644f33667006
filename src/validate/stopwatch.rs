//! Time that this thread spent on a processor.
//!
//! On a busy machine a thread waits for its turn, and a wall clock counts the wait. Linux says in
//! `/proc/thread-self/schedstat` how long a thread has waited so far, in nanoseconds; where nothing
//! says so, the wall clock is all there is.

use std::fs;
use std::time::{Duration, Instant};

/// A running measurement.
pub(super) struct Stopwatch {
    waited: Duration,
    start: Instant,
}

impl Stopwatch {
    /// Starts now.
    pub(super) fn start() -> Self {
        let waited = waited();
        Self {
            waited,
            start: Instant::now(),
        }
    }

    /// The time since the start, less what was waited for a processor.
    pub(super) fn stop(&self) -> Duration {
        let elapsed = self.start.elapsed();
        elapsed.saturating_sub(waited().saturating_sub(self.waited))
    }
}

/// How long this thread has waited for a processor since it began; zero where nobody says.
fn waited() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    waiting_ns(&text).map_or(Duration::ZERO, Duration::from_nanos)
}

/// `RUNNING WAITING SLICES`.
fn waiting_ns(text: &str) -> Option<u64> {
    text.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_the_second_number() {
        assert_eq!(waiting_ns("51234 3438027 12\n"), Some(3_438_027));
        assert_eq!(waiting_ns(""), None);
        assert_eq!(waiting_ns("51234"), None);
    }

    #[test]
    fn work_takes_time() {
        let watch = Stopwatch::start();
        let sum = (0..200_000_u64).fold(0, |sum, n| std::hint::black_box(sum ^ n));
        assert!(watch.stop() > Duration::ZERO, "{sum}");
    }
}
