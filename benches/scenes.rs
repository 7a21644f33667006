//! Street scenes rendered per second: one core, and all threads.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ednas::data::{Dataset, Split};
use std::hint::black_box;

/// Different scenes cost differently: every measurement is over this many.
const SCENES: u64 = 16;

fn render(criterion: &mut Criterion) {
    let indices: Vec<usize> = (0..16).collect();
    let mut group = criterion.benchmark_group("scenes");
    group
        .throughput(Throughput::Elements(SCENES))
        .sample_size(10);
    for (height, width) in [(128, 128), (256, 512)] {
        let data = Dataset::open("scenes", height, width, 0).expect("the size is drawable");
        let size = format!("{height}x{width}");
        group.bench_function(BenchmarkId::new("one_core", &size), |bencher| {
            bencher.iter(|| {
                for &index in &indices {
                    black_box(data.sample(Split::Train, index).expect("the index exists"));
                }
            });
        });
        group.bench_function(BenchmarkId::new("all_threads", &size), |bencher| {
            bencher.iter(|| black_box(data.samples(Split::Train, &indices)));
        });
    }
    group.finish();
}

criterion_group!(benches, render);
criterion_main!(benches);
