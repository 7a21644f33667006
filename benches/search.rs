//! Rates of the search itself: proposals per second of every controller, and trials per second of
//! the whole simulated loop: propose, decode, price, record.
//!
//! `benches/search_peers.py` measures the same of PyGlove and Optuna.

use std::cell::Cell;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ednas::deploy::Target;
use ednas::evaluate::{Evaluator, Simulated};
use ednas::price::Pricer;
use ednas::search::{
    Capacity, Cheaper, Controller, Evolution, Goal, Local, Nsga2, Plan, Ppo, Random, Search, search,
};
use ednas::space::SpaceFile;
use ednas::space::ednas::NetworkOptions;
use ednas::study::{Metrics, Outcome, Pace};
use ednas::task::Task;
use hwmodels::profile::Profile;
use kernels::work::Precision;

/// Trials before the measurement, so that every controller has left its first phase.
const BEFORE: usize = 2_000;
/// Trials of a measured search.
const TRIALS: usize = 10_000;

fn controllers() -> [Controller; 5] {
    [
        Controller::Evolution(Evolution::default()),
        Controller::Random(Random),
        Controller::Ppo(Ppo::default()),
        Controller::Nsga2(Nsga2::default()),
        Controller::Local(Local),
    ]
}

/// Asks for a candidate and rewards it in no time.
fn step(search: &mut Search) {
    let candidate = search.ask().expect("the space has 2^79 genomes");
    let sum: usize = candidate.genome.choices().iter().sum();
    let values = vec![f64::from(u32::try_from(sum).unwrap_or(0))];
    let metrics = Metrics::default();
    search.tell(candidate.number, Outcome::Complete { values, metrics });
}

fn proposals(criterion: &mut Criterion) {
    let space = SpaceFile::named("ednas").expect("it ships").space;
    let mut group = criterion.benchmark_group("proposals");
    group.throughput(Throughput::Elements(1));
    for controller in controllers() {
        let mut search = Search::new(space.clone(), controller, 1, NonZeroUsize::MIN);
        (0..BEFORE).for_each(|_| step(&mut search));
        group.bench_function(controller.name(), |bencher| {
            bencher.iter(|| step(&mut search))
        });
    }
    group.finish();
}

/// What prices the networks of the paper's space on one machine.
fn pricer(file: &SpaceFile) -> Pricer {
    let machine = Profile::named("coral-edgetpu").expect("it ships");
    let options = NetworkOptions {
        size: [256, 256],
        tasks: vec![Task::Segmentation, Task::Depth],
        classes: ednas::task::SEGMENTATION_CLASSES,
        upsampling: Target::of(&machine).upsampling,
    };
    Pricer::new(file, vec![machine], options, Precision::Int8).expect("its genomes are networks")
}

fn loops(criterion: &mut Criterion) {
    let file = SpaceFile::named("ednas").expect("it ships");
    let pricer = pricer(&file);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut group = criterion.benchmark_group("simulated loop");
    group.throughput(Throughput::Elements(u64::try_from(TRIALS).unwrap_or(0)));
    group.sample_size(10);
    for controller in controllers() {
        let runs = Cell::new(0);
        group.bench_function(controller.name(), |bencher| {
            bencher.iter(|| {
                runs.set(runs.get() + 1);
                let name = format!("{}-{}.journal", controller.name(), runs.get());
                run(&pricer, controller, &folder.path().join(name))
            });
        });
    }
    group.finish();
}

fn run(pricer: &Pricer, controller: Controller, journal: &Path) {
    let plan = Plan {
        space: pricer.space(),
        controller,
        seed: 1,
        initial: Vec::new(),
        workers: NonZeroUsize::MIN,
        trials: TRIALS,
        goal: Goal::from(Capacity::new(5.0)),
        cheaper: Cheaper::default(),
        pace: Pace::Every(Duration::from_secs(1)),
        settings: [].into(),
    };
    let evaluator = Simulated { pricer };
    let stop = AtomicBool::new(false);
    let finished = search(
        &plan,
        journal,
        &stop,
        |_, candidate| evaluator.evaluate(candidate, &stop),
        |_| {},
    );
    black_box(finished.expect("room on the disk"));
}

criterion_group!(benches, proposals, loops);
criterion_main!(benches);
