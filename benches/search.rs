//! Rates of the search itself: proposals per second, and trials per second read from a journal.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ednas::search::{Ask, Controller, Evolution, Random};
use ednas::space::Space;
use ednas::space::ednas::{FusedDefinition, space};
use ednas::study::{Direction, Header, History, Journal, Outcome, read};

/// Trials of the longest study measured.
const TRIALS: usize = 1_000;

/// The metrics of a trial on two tasks.
const METRICS: [&str; 6] = ["accuracy", "latency_ms", "AbsE", "RelE", "mIoU", "PAcc"];

fn outcome(number: usize) -> Outcome {
    let reward = 1.0 / (1.0 + f64::from(u32::try_from(number * 7919 % 10_007).unwrap_or(0)));
    let metrics = METRICS.map(|name| (name.to_owned(), reward));
    Outcome::Complete {
        values: vec![reward],
        metrics: metrics.into_iter().collect(),
    }
}

/// A study of `trials` trials by `controller`, every one with an outcome.
fn study(space: &Space, controller: Controller, trials: usize) -> History {
    let mut history = History::default();
    for number in 0..trials {
        let ask = Ask {
            space,
            seed: 1,
            history: &history,
            visible: number,
        };
        let genome = controller
            .propose(&ask)
            .expect("the space has 2^79 genomes");
        history.propose(genome, None);
        history.finish(number, outcome(number));
    }
    history
}

fn proposals(criterion: &mut Criterion) {
    let space = space(FusedDefinition::default());
    let mut group = criterion.benchmark_group("proposals");
    group.throughput(Throughput::Elements(1000));
    for (name, controller) in [
        ("evolution", Controller::Evolution(Evolution::default())),
        ("random", Controller::Random(Random)),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(study(&space, controller, 1000)));
        });
    }
    group.finish();
}

fn replay(criterion: &mut Criterion) {
    let space = space(FusedDefinition::default());
    let history = study(&space, Controller::Random(Random), TRIALS);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("search.journal");
    write(&space, &history, &path);
    let mut group = criterion.benchmark_group("journal");
    group.throughput(Throughput::Elements(u64::try_from(TRIALS).unwrap_or(0)));
    group.sample_size(20);
    group.bench_function("replay", |bencher| {
        bencher.iter_batched(
            || (),
            |()| read(&path).expect("a journal"),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn write(space: &Space, history: &History, path: &Path) {
    let header = Header::new(space, vec![Direction::Maximize], BTreeMap::new());
    let mut journal = Journal::open(path, space, &header)
        .expect("a new journal")
        .journal;
    for (number, trial) in history.trials().iter().enumerate() {
        journal
            .propose(&trial.genome, &space.text(&trial.genome), None)
            .expect("room on the disk");
        journal
            .finish(number, &outcome(number))
            .expect("room on the disk");
    }
}

criterion_group!(benches, proposals, replay);
criterion_main!(benches);
