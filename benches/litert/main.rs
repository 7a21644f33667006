//! The evaluator beside LiteRT (XNNPACK) on one thread, in the same run: single layers and whole
//! networks, int8 and float.
//!
//! ```text
//! make setup-test && cargo bench --bench litert [-- WORD...]
//! ```
//!
//! Words select the cases whose names contain one of them. Both take turns, a few runs each, and
//! are charged the time that the processor worked for them, so that what else the machine does
//! falls on neither, or on both. The ratio is that of the minima.

mod cases;
mod peer;

use std::fs;
use std::hint::black_box;
use std::time::Duration;

use anyhow::{Context, Result};
use kernels::eval::evaluate;
use rustix::time::{ClockId, clock_gettime};

use cases::Case;
use peer::Peer;

/// How long one side runs before it is the other's turn.
const TURN: Duration = Duration::from_millis(50);
/// How often each side has its turn.
const TURNS: usize = 12;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with("--"))
        .collect();
    let folder = tempfile::tempdir()?;
    let mut peer = Peer::start()?;
    println!(
        "{:<28} {:>7} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7}",
        "", "MMAC", "ours ms", "median", "LiteRT ms", "median", "GMAC/s", "ratio"
    );
    for (name, make) in cases::all() {
        if !words.is_empty() && !words.iter().any(|word| name.contains(word)) {
            continue;
        }
        for case in make().with_context(|| name.clone())? {
            let path = folder.path().join(format!("{}.tflite", case.name));
            fs::write(&path, &case.file)?;
            peer.load(&path)?;
            report(&case, &mut peer)?;
        }
    }
    Ok(())
}

/// Measures one case and prints its row.
fn report(case: &Case, peer: &mut Peer) -> Result<()> {
    let ours_each = runs_per_turn(ours(case, 2)?[1]);
    let theirs_each = runs_per_turn(peer.run(2)?[1]);
    let (mut found, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        found.extend(ours(case, ours_each)?);
        theirs.extend(peer.run(theirs_each)?);
    }
    let ([least, median], [their_least, their_median]) = (spread(found), spread(theirs));
    println!(
        "{:<28} {:>7.1} {:>9.3} {:>9.3} {:>9.3} {:>9.3} {:>9.1} {:>7.2}",
        case.name,
        case.macs as f64 * 1e-6,
        least * 1e3,
        median * 1e3,
        their_least * 1e3,
        their_median * 1e3,
        case.macs as f64 * 1e-9 / least,
        least / their_least
    );
    Ok(())
}

/// How many runs of so many seconds make a turn.
fn runs_per_turn(seconds: f64) -> usize {
    let turn = TURN.as_secs_f64();
    (1..1000)
        .find(|&runs| runs as f64 * seconds >= turn)
        .unwrap_or(1000)
}

/// Seconds that the processor worked for each of `runs` evaluations.
fn ours(case: &Case, runs: usize) -> Result<Vec<f64>> {
    let mut seconds = Vec::with_capacity(runs);
    for _ in 0..runs {
        let start = worked();
        black_box(evaluate(&case.graph, black_box(&case.inputs))?);
        seconds.push((worked() - start).as_secs_f64());
    }
    Ok(seconds)
}

/// How long the processor has worked for this thread.
fn worked() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("the time worked is not negative")
}

/// The minimum and the median.
fn spread(mut seconds: Vec<f64>) -> [f64; 2] {
    seconds.sort_by(f64::total_cmp);
    [seconds[0], seconds[seconds.len() / 2]]
}
