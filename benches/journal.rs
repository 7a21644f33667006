//! Rates of the journal: trials written per second, text and snapshots read back per second.
//!
//! `JOURNAL_TRIALS=1000000 cargo bench --bench journal` measures a long study; it needs 6 GB of
//! disk below `TMPDIR`. The default is a twentieth of that.

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ednas::space::Space;
use ednas::space::ednas::{FusedDefinition, space};
use ednas::study::{
    Direction, Header, History, Journal, Metrics, Opened, Outcome, Pace, SnapshotUse, read,
};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

/// Trials of the study, where the environment does not say.
const TRIALS: usize = 50_000;

/// What a simulated trial measures.
const METRICS: [&str; 6] = [
    "latency_ms",
    "energy_mj",
    "peak_memory_kib",
    "area_mm2",
    "parameters",
    "macs",
];

fn trials() -> usize {
    let given = std::env::var("JOURNAL_TRIALS").ok();
    given.map_or(TRIALS, |text| {
        text.parse().expect("JOURNAL_TRIALS is a number")
    })
}

fn outcome(number: usize) -> Outcome {
    let reward = 1.0 / (1.0 + f64::from(u32::try_from(number * 7919 % 10_007).unwrap_or(0)));
    let metrics: Metrics = METRICS
        .map(|name| (name.to_owned(), reward))
        .into_iter()
        .collect();
    Outcome::Complete {
        values: vec![reward],
        metrics,
    }
}

fn open(path: &Path, space: &Space) -> Opened {
    let header = Header::new(space, vec![Direction::Maximize], BTreeMap::new());
    Journal::open(path, space, &header).expect("a journal of this bench")
}

/// Appends trials until there are `count`, and returns the time that the journal took for them.
fn write(space: &Space, journal: &mut Journal, history: &mut History, count: usize) -> Duration {
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    let mut took = Duration::ZERO;
    for number in history.trials().len()..count {
        let genome = space.sample(&mut rng);
        let (text, outcome) = (space.text(&genome), outcome(number));
        let start = Instant::now();
        journal
            .propose(&genome, &text, None)
            .expect("room on the disk");
        journal.finish(number, &outcome).expect("room on the disk");
        if journal.is_snapshot_due() {
            journal.snapshot(history, &()).expect("room on the disk");
        }
        took += start.elapsed();
        history.propose(genome, None);
        history.finish(number, outcome);
    }
    took
}

fn writing(criterion: &mut Criterion) {
    let space = space(FusedDefinition::default());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let opened = open(&folder.path().join("search.journal"), &space);
    let (mut journal, mut history) = (
        opened.journal.paced(Pace::Every(Duration::from_secs(1))),
        opened.history,
    );
    let mut group = criterion.benchmark_group("journal");
    group.throughput(Throughput::Elements(1));
    group.bench_function("propose and finish", |bencher| {
        bencher.iter_custom(|count| {
            let count = usize::try_from(count).expect("a count fits");
            let count = history.trials().len() + count;
            write(&space, &mut journal, &mut history, count)
        });
    });
    group.finish();
}

fn reading(criterion: &mut Criterion) {
    let space = space(FusedDefinition::default());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("search.journal");
    let opened = open(&path, &space);
    let (mut journal, mut history) = (
        opened.journal.paced(Pace::Every(Duration::from_secs(1))),
        opened.history,
    );
    let count = trials();
    let took = write(&space, &mut journal, &mut history, count);
    journal.snapshot(&history, &()).expect("room on the disk");
    drop((journal, history));
    let bytes = fs::metadata(&path).expect("a journal").len();
    let micros = took.as_secs_f64() * 1e6 / f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    println!("{count} trials, {bytes} bytes, {micros:.1} us a trial with snapshots");
    let mut group = criterion.benchmark_group("journal");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(bytes));
    group.bench_function("resume from the snapshot", |bencher| {
        bencher.iter(|| {
            let opened = open(&path, &space);
            assert_eq!(opened.snapshot, SnapshotUse::Used { trials: count });
            black_box(opened)
        });
    });
    let resumed = open(&path, &space).history;
    fs::remove_file(folder.path().join("search.journal.snapshot")).expect("a snapshot");
    group.bench_function("rebuild from the text", |bencher| {
        bencher.iter(|| black_box(read(&path).expect("a journal")));
    });
    assert!(
        read(&path).expect("a journal").history == resumed,
        "a rebuild equals the snapshot"
    );
    group.finish();
}

criterion_group!(benches, writing, reading);
criterion_main!(benches);
