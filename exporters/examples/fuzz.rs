//! Reads damaged copies of model files: whatever the bytes, reading ends in a graph or an error.
//!
//! `cargo run --release -p exporters --example fuzz -- COUNT SEED FILE...` reads COUNT damaged copies
//! of each file, prices what is read, and says how many were refused. The same seed damages the same
//! way, so that a panic can be seen again: its copy is written to the folder of temporary files.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use exporters::{ReadError, onnx, tflite};
use kernels::Verified;
use kernels::cost::graph_cost;
use kernels::work::{Precision, tasks};

/// A copy that takes longer is reported.
const SLOW: Duration = Duration::from_secs(2);

/// A small generator of numbers: what is damaged needs no statistics.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        // Vigna's splitmix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        let limit = limit.max(1) as u64;
        usize::try_from(self.next() % limit).unwrap_or(0)
    }
}

/// Numbers that formats treat in some way of their own.
const WORDS: [u64; 10] = [
    0,
    1,
    2,
    127,
    128,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    i64::MAX.cast_unsigned(),
    u64::MAX,
];

/// Damages `bytes` once.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    let len = bytes.len();
    if len < 16 {
        return;
    }
    match random.below(8) {
        0 | 1 => bytes[random.below(len)] ^= 1 << random.below(8),
        2 => bytes[random.below(len)] = random.next().to_le_bytes()[0],
        3 => {
            let word = WORDS[random.below(WORDS.len())].to_le_bytes();
            let width = 1 << random.below(4);
            let at = random.below(len - width) / width * width;
            bytes[at..at + width].copy_from_slice(&word[..width]);
        }
        4 => {
            let count = 1 + random.below(64.min(len / 2));
            let (from, to) = (random.below(len - count), random.below(len - count));
            bytes.copy_within(from..from + count, to);
        }
        5 => {
            let at = random.below(len);
            let count = 1 + random.below(16);
            let added: Vec<u8> = (0..count).map(|_| random.next().to_le_bytes()[0]).collect();
            bytes.splice(at..at, added);
        }
        6 => {
            let at = random.below(len);
            let end = (at + 1 + random.below(32)).min(len);
            bytes.drain(at..end);
        }
        _ => {
            // Most cuts are near the end, where most has been read.
            let cut = random.below(len).min(random.below(len));
            bytes.truncate(len - cut);
        }
    }
}

fn read(path: &Path, bytes: &[u8]) -> Result<Verified, ReadError> {
    if path
        .extension()
        .is_some_and(|extension| extension == "onnx")
    {
        let options = onnx::ReadOptions::default();
        return onnx::read(bytes, &options).or_else(|error| dynamic(bytes, error));
    }
    tflite::read(bytes)
}

/// A second try where an extent was all that was missing.
fn dynamic(bytes: &[u8], error: ReadError) -> Result<Verified, ReadError> {
    let ReadError::Dynamic { input, example, .. } = &error else {
        return Err(error);
    };
    let extents = example.split(',').map(str::parse);
    let Ok(extents) = extents.collect::<Result<Vec<usize>, _>>() else {
        return Err(error);
    };
    let mut options = onnx::ReadOptions::default();
    options.shapes.insert(input.clone(), extents);
    onnx::read(bytes, &options)
}

/// Reads, and prices what was read; whether it was.
fn priced(path: &Path, bytes: &[u8]) -> bool {
    match read(path, bytes) {
        Ok(graph) => {
            let _ = graph_cost(&graph);
            let _ = tasks(&graph, Precision::AsIs);
            true
        }
        Err(error) => {
            let _ = error.to_string();
            false
        }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [count, seed, files @ ..] = arguments.as_slice() else {
        eprintln!("fuzz COUNT SEED FILE...");
        return ExitCode::from(2);
    };
    let (Ok(count), Ok(seed)) = (count.parse::<u64>(), seed.parse::<u64>()) else {
        eprintln!("COUNT and SEED are whole numbers");
        return ExitCode::from(2);
    };
    let mut panics = 0;
    for file in files {
        let path = Path::new(file);
        let Ok(original) = std::fs::read(path) else {
            eprintln!("cannot read {file}");
            return ExitCode::from(2);
        };
        let mut random = Random(seed);
        let mut refused = 0;
        let (start, mut slowest) = (Instant::now(), Duration::ZERO);
        for round in 0..count {
            let mut bytes = original.clone();
            // Mostly once or twice: what is damaged more is refused sooner.
            let most = random.below(6);
            for _ in 0..=random.below(most + 1) {
                damage(&mut bytes, &mut random);
            }
            let begin = Instant::now();
            let outcome = catch_unwind(AssertUnwindSafe(|| priced(path, &bytes)));
            let took = begin.elapsed();
            slowest = slowest.max(took);
            match &outcome {
                Ok(was_read) => refused += u64::from(!was_read),
                Err(_) => panics += 1,
            }
            if outcome.is_err() || took > SLOW {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                let copy = std::env::temp_dir().join(format!("found-{stem}-{seed}-{round}"));
                let _ = std::fs::write(&copy, &bytes);
                eprintln!("{file}: round {round} took {took:?}: {}", copy.display());
            }
        }
        println!(
            "{file}: {count} read, {refused} refused, slowest {slowest:?}, {:.0} a second",
            count as f64 / start.elapsed().as_secs_f64()
        );
    }
    if panics > 0 {
        eprintln!("{panics} panics");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
