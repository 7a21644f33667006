//! The evaluator beside LiteRT (XNNPACK) on one thread, in the same run: single layers and whole
//! networks, int8 and float.
//!
//! ```text
//! make setup-test && cargo bench --bench litert [-- WORD...]
//! ```
//!
//! Words select the cases whose names contain one of them. Both take turns, a few runs each, so
//! that what else the machine does falls on both; the minimum is what the processor can do, the
//! median what it did. `ours / LiteRT` is the ratio of the minima.

mod cases;
mod peer;

use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use kernels::eval::evaluate;

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
    let turns = |each: f64| ((TURN.as_secs_f64() / each) as usize).clamp(1, 1000);
    let ours_each = turns(ours(case, 1)?[0]);
    let theirs_each = turns(peer.run(2)?[1]);
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

/// Seconds of each of `runs` evaluations.
fn ours(case: &Case, runs: usize) -> Result<Vec<f64>> {
    let mut seconds = Vec::with_capacity(runs);
    for _ in 0..runs {
        let start = Instant::now();
        black_box(evaluate(&case.graph, black_box(&case.inputs))?);
        seconds.push(start.elapsed().as_secs_f64());
    }
    Ok(seconds)
}

/// The minimum and the median.
fn spread(mut seconds: Vec<f64>) -> [f64; 2] {
    seconds.sort_by(f64::total_cmp);
    [seconds[0], seconds[seconds.len() / 2]]
}
