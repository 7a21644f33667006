//! Estimates per second of `mt-edge` at 256 x 256: from the graph, from its tasks, and at each
//! speed, on the profile whose tables price everything and on the one whose array does.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ednas::space::Model;
use ednas::space::ednas::NetworkOptions;
use ednas::task::Task;
use hwmodels::compile::compile;
use hwmodels::profile::Profile;
use hwmodels::simulate::{Speed, simulate};
use kernels::op::Coordinates;
use kernels::work::{Precision, tasks};
use kernels::{Verified, fold};

const SPEEDS: [(&str, Speed); 2] = [("fast", Speed::Fast), ("events", Speed::Events)];

fn mt_edge() -> Verified {
    let options = NetworkOptions {
        size: [256, 256],
        tasks: vec![Task::Segmentation, Task::Depth],
        upsampling: Coordinates::Asymmetric,
    };
    let model = Model::parse("mt-edge", ednas::space::ednas::FusedDefinition::default());
    let networks = model.expect("a known name").networks(&options);
    networks.expect("a sound size").remove(0)
}

/// One estimate from the graph that a search space decodes to, and its stages.
fn stages(criterion: &mut Criterion) {
    let graph = mt_edge();
    let folded = fold(&graph);
    let list = tasks(&folded, Precision::Int8).expect("a sound network");
    let profile = Profile::named("coral-edgetpu").expect("a known name");
    let schedule = compile(&profile, &list).expect("mt-edge fits");
    let mut group = criterion.benchmark_group("stages");
    group.throughput(Throughput::Elements(1));
    group.bench_function("fold", |b| b.iter(|| fold(black_box(&graph))));
    group.bench_function("tasks", |b| {
        b.iter(|| tasks(black_box(&folded), Precision::Int8))
    });
    group.bench_function("compile", |b| {
        b.iter(|| compile(black_box(&profile), &list).is_ok())
    });
    group.bench_function("simulate", |b| {
        b.iter(|| simulate(black_box(&profile), &schedule, Speed::Fast));
    });
    group.finish();
}

/// Compiling and simulating, by speed; the ratio of two rows is the gain of the faster one.
fn speeds(criterion: &mut Criterion) {
    let list = tasks(&fold(&mt_edge()), Precision::Int8).expect("a sound network");
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

criterion_group!(benches, stages, speeds);
criterion_main!(benches);
