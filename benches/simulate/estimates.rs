//! Estimates per second at 256 x 256: from genomes, stage by stage and through what a search keeps
//! of earlier ones; and from the tasks of `mt-edge` at each speed, on the profile whose tables
//! price everything and on the one whose array does.

use std::collections::VecDeque;
use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group};
use ednas::price::Pricer;
use ednas::space::ednas::{
    FusedDefinition, Lowering, NetworkOptions, Trunk, Upsampling, named, network, space,
};
use ednas::space::{Genome, Space, SpaceFile};
use ednas::task::Task;
use hwmodels::compile::{Compiler, compile};
use hwmodels::profile::Profile;
use hwmodels::simulate::{Estimate, Speed, simulate};
use hwmodels::task::TaskList;
use kernels::live::live;
use kernels::op::Coordinates;
use kernels::work::{Precision, tasks};
use kernels::{Verified, fold, verify};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

const SPEEDS: [(&str, Speed); 2] = [("fast", Speed::Fast), ("events", Speed::Events)];

/// Genomes alive at a time, as in regularized evolution.
const POPULATION: usize = 64;

fn options() -> NetworkOptions {
    NetworkOptions {
        size: [256, 256],
        tasks: vec![Task::Segmentation, Task::Depth],
        classes: ednas::task::SEGMENTATION_CLASSES,
        upsampling: Upsampling::bilinear(Coordinates::Asymmetric),
    }
}

fn coral() -> Profile {
    Profile::named("coral-edgetpu").expect("a known name")
}

fn trunk(genome: &Genome) -> Trunk {
    Trunk::decode(FusedDefinition::default(), genome).expect("a genome of the space")
}

fn graph(genome: &Genome) -> Verified {
    network("network", &trunk(genome), &options()).expect("a sound network")
}

fn lowered(graph: &Verified) -> TaskList {
    tasks(graph, Precision::Int8).expect("a sound network")
}

fn estimate(profile: &Profile, list: &TaskList) -> Option<Estimate> {
    let schedule = compile(profile, list).ok()?;
    Some(simulate(profile, &schedule, Speed::Fast))
}

fn mt_edge() -> Genome {
    let trunk = named::efficientnet_b0(FusedDefinition::default());
    trunk.genome().expect("a trunk of the space")
}

/// Candidates whose prices are held against the plain path before any is timed.
const EQUAL: usize = 32;

/// An endless search without a goal: a child of a random member takes the place of the oldest.
struct Population {
    space: Space,
    members: VecDeque<Genome>,
    rng: Pcg64Mcg,
}

impl Population {
    fn of_mt_edge() -> Self {
        let mut population = Self {
            space: space(FusedDefinition::default()),
            members: VecDeque::from(vec![mt_edge(); POPULATION]),
            rng: Pcg64Mcg::seed_from_u64(1),
        };
        for _ in 0..4 * POPULATION {
            population.child();
        }
        population
    }

    fn child(&mut self) -> Genome {
        let parent = &self.members[self.rng.random_range(0..POPULATION)];
        let child = self.space.mutate(parent, &mut self.rng);
        let child = child.expect("the space has 2^79 genomes");
        self.members.pop_front();
        self.members.push_back(child.clone());
        child
    }
}

/// From a genome to its latency, nothing known beforehand: every stage on its own, then all.
fn cold(criterion: &mut Criterion) {
    let profile = coral();
    let genome = mt_edge();
    let whole = graph(&genome);
    let alive = live(&whole);
    let folded = fold(&alive);
    let list = lowered(&folded);
    let schedule = compile(&profile, &list).expect("mt-edge fits");
    let mut group = criterion.benchmark_group("cold");
    group.throughput(Throughput::Elements(1));
    group.bench_function("decode and verify", |b| {
        b.iter(|| graph(black_box(&genome)))
    });
    group.bench_function("verify", |b| {
        let graph = || Verified::clone(&whole).into_graph();
        b.iter_batched(graph, verify, BatchSize::SmallInput);
    });
    group.bench_function("live", |b| b.iter(|| live(black_box(&whole))));
    group.bench_function("fold", |b| b.iter(|| fold(black_box(&alive))));
    group.bench_function("lower", |b| b.iter(|| lowered(black_box(&folded))));
    group.bench_function("compile", |b| {
        b.iter(|| compile(black_box(&profile), &list).is_ok())
    });
    group.bench_function("time", |b| {
        b.iter(|| simulate(black_box(&profile), &schedule, Speed::Fast));
    });
    let mut population = Population::of_mt_edge();
    group.bench_function("genome to list", |b| {
        let lower = |genome: Genome| lowered(&fold(&live(&graph(&genome))));
        b.iter_batched(|| population.child(), lower, BatchSize::SmallInput);
    });
    group.bench_function("genome to latency", |b| {
        let price = |genome: Genome| {
            let list = lowered(&fold(&live(&graph(&genome))));
            estimate(&profile, &list)
        };
        b.iter_batched(|| population.child(), price, BatchSize::SmallInput);
    });
    group.finish();
}

/// The same in a search, where most blocks were seen before.
fn warm(criterion: &mut Criterion) {
    let profile = coral();
    let mut lowering = Lowering::new(options(), Precision::Int8).expect("a sound size");
    let mut list = |genome: Genome| lowering.tasks(&trunk(&genome)).expect("a sound network");
    let mut population = Population::of_mt_edge();
    let mut group = criterion.benchmark_group("warm");
    group.throughput(Throughput::Elements(1));
    group.bench_function("genome to list", |b| {
        b.iter_batched(|| population.child(), &mut list, BatchSize::SmallInput);
    });
    group.bench_function("genome to latency", |b| {
        let compiler = Compiler::new(&profile);
        let price = |genome: Genome| {
            let list = list(genome);
            let schedule = compiler.compile(&list).ok()?;
            Some(simulate(&profile, &schedule, Speed::Fast))
        };
        b.iter_batched(|| population.child(), price, BatchSize::SmallInput);
    });
    group.finish();
}

/// Candidates of a search from genome to measures, on one core: the plain path, which remembers
/// nothing, and the pricer of searches; the ratio of both rows is its gain.
fn candidates(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("candidates");
    group.throughput(Throughput::Elements(1));
    let profile = coral();
    let mut population = Population::of_mt_edge();
    group.bench_function("plain", |b| {
        let price = |genome: Genome| {
            let list = lowered(&fold(&live(&graph(&genome))));
            estimate(&profile, &list)
        };
        b.iter_batched(|| population.child(), price, BatchSize::SmallInput);
    });
    let space = SpaceFile::named("ednas").expect("a known name");
    for name in ["coral-edgetpu", "systolic-32x32-ws"] {
        let profile = Profile::named(name).expect("a known name");
        let pricer = Pricer::new(&space, vec![profile.clone()], options(), Precision::Int8);
        let pricer = pricer.expect("a sound size");
        let mut population = Population::of_mt_edge();
        for genome in population.members.iter().take(EQUAL) {
            let whole = estimate(&profile, &lowered(&fold(&live(&graph(genome)))));
            let found = pricer.price(genome).ok();
            assert_eq!(
                found.map(|found| found.together.latency_ms),
                whole.map(|whole| whole.latency_ms())
            );
        }
        group.bench_function(format!("pricer, {name}"), |b| {
            let price = |genome: Genome| pricer.price(&genome).is_ok();
            b.iter_batched(|| population.child(), price, BatchSize::SmallInput);
        });
    }
    group.finish();
}

/// Compiling and simulating, by speed; the ratio of two rows is the gain of the faster one.
fn speeds(criterion: &mut Criterion) {
    let list = lowered(&fold(&live(&graph(&mt_edge()))));
    for name in ["coral-edgetpu", "systolic-32x32-ws"] {
        let profile = Profile::named(name).expect("a known name");
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(1));
        for (speed, kind) in SPEEDS {
            group.bench_function(speed, |b| {
                b.iter(|| {
                    let schedule = compile(black_box(&profile), &list).expect("mt-edge fits");
                    simulate(&profile, &schedule, kind)
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, candidates, cold, warm, speeds);
