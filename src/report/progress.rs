//! Progress on stderr: a bar with rate and time left, only where a person is watching.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar that [`progress`] made.
pub type Progress = ProgressBar;

/// A bar over `steps` steps, headed by `what` ("rendering scenes").
///
/// It draws on stderr, and draws nothing when stderr is not a terminal, so that logs and `--json`
/// stay clean. Call `inc`, `set_message` and `finish_and_clear` on it from any thread.
#[must_use]
pub fn progress(what: &str, steps: u64) -> Progress {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let style = ProgressStyle::with_template("{prefix} [{wide_bar}] {pos}/{len} {msg} ETA {eta}")
        .expect("the template is valid")
        .progress_chars("=> ");
    let bar = ProgressBar::with_draw_target(Some(steps), target)
        .with_style(style)
        .with_prefix(what.to_owned());
    if !bar.is_hidden() {
        bar.enable_steady_tick(Duration::from_millis(250));
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_steps_even_where_nothing_is_drawn() {
        let bar = progress("rendering scenes", 3);
        bar.inc(2);
        assert_eq!((bar.position(), bar.length()), (2, Some(3)));
        bar.finish_and_clear();
    }
}
