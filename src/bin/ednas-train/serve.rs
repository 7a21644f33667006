//! Jobs in, events out, a line each, until the input ends.

use std::any::Any;
use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Context, Result, anyhow};
use ednas::train::{Event, TrainJob, protocol::PROTOCOL};

use crate::samples::Store;
use crate::train::train;

/// Serves the jobs of `input`.
///
/// # Errors
///
/// When `output` is closed: whoever asked is gone.
pub(crate) fn serve(input: impl BufRead, mut output: impl Write) -> Result<()> {
    let mut samples = Store::default();
    let mut tell = move |event: &Event| tell(&mut output, event);
    tell(&Event::Ready {
        protocol: PROTOCOL.to_owned(),
        jobs: None,
    })?;
    for line in input.lines() {
        let line = line.context("cannot read the next job")?;
        if line.trim().is_empty() {
            continue;
        }
        let event = answer(&line, &mut samples, &mut tell);
        tell(&event)?;
    }
    Ok(())
}

fn answer(line: &str, samples: &mut Store, tell: &mut dyn FnMut(&Event) -> Result<()>) -> Event {
    let job: TrainJob = match serde_json::from_str(line) {
        Ok(job) => job,
        Err(error) => {
            return Event::Failed {
                id: None,
                reason: format!("not a job of {PROTOCOL}: {error}"),
            };
        }
    };
    // libtorch reports some failures, memory among them, as panics; the next job starts afresh.
    let outcome = catch_unwind(AssertUnwindSafe(|| train(&job, samples, tell)))
        .unwrap_or_else(|panic| Err(anyhow!("libtorch stopped: {}", message(&*panic))));
    match outcome {
        Ok(outcome) => Event::Done(outcome),
        Err(error) => Event::Failed {
            id: Some(job.id),
            reason: format!("{}: {error:#}", job.training.network),
        },
    }
}

fn tell(output: &mut impl Write, event: &Event) -> Result<()> {
    let line = serde_json::to_string(event)?;
    writeln!(output, "{line}").context("cannot answer")?;
    output.flush().context("cannot answer")
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    // The rest of libtorch's message is its own call stack.
    let first = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    text.map_or_else(|| "no message".to_owned(), first)
}
