//! What stepping costs: element updates per second of a 128 x 128 int8 array, and cycles per
//! second beside the closed form.
//!
//! An element update is one element in one cycle, whether or not it holds valid data: a product
//! of `cycles` cycles updates `cycles * 128 * 128` times.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group};
use hwmodels::array::{Array, Dataflow, Drain, Edges, Fill, Product, Systolic, WordOperands};

const SIDE: u64 = 128;

/// A 3x3 convolution of 64 channels into 128, over 32 x 32 pixels.
const PRODUCT: Product = Product {
    groups: 1,
    m: 32 * 32,
    n: 128,
    window: 9,
    in_c: 64,
};

fn arrays() -> [(&'static str, Array); 3] {
    let array = |dataflow| {
        Array::Systolic(Systolic {
            rows: SIDE,
            cols: SIDE,
            simd: 1,
            dataflow,
            edges: Edges::Full,
            fill: Fill::PerFold {
                drain: Drain::Free,
                control_cycles: 0,
            },
            min_rows: 1,
        })
    };
    [
        ("output-stationary", array(Dataflow::Output)),
        ("weight-stationary", array(Dataflow::Weight)),
        ("input-stationary", array(Dataflow::Input)),
    ]
}

fn stepped(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("stepped element updates");
    for (name, array) in arrays() {
        let updates = array.cycles(&PRODUCT) * SIDE * SIDE;
        group.throughput(Throughput::Elements(updates));
        group.bench_function(name, |b| {
            b.iter(|| array.step(black_box(&PRODUCT), &WordOperands));
        });
    }
    group.finish();
}

fn cycles(criterion: &mut Criterion) {
    let (_, array) = arrays()[0];
    let mut group = criterion.benchmark_group("array cycles");
    group.throughput(Throughput::Elements(array.cycles(&PRODUCT)));
    group.bench_function("stepped", |b| {
        b.iter(|| array.step(black_box(&PRODUCT), &WordOperands));
    });
    group.bench_function("closed form", |b| {
        b.iter(|| array.cycles(black_box(&PRODUCT)));
    });
    group.finish();
}

criterion_group!(benches, stepped, cycles);
