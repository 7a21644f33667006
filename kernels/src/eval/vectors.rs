//! Loops over elements that the compiler turns into vector instructions.
//!
//! It does so once for every set of them listed here, and the processor's best one is chosen when
//! the program runs. Results do not depend on which: every element is computed by itself, and no
//! set fuses a product with a sum, which would round differently.
//!
//! Plain loops, because a closure written here would be compiled for the set, and iterators of the
//! standard library, which are not, could not inline it. What callers hand in is inlined.

use multiversion::multiversion;

/// `f` of every element.
pub(super) fn map<T: Copy, R: Copy + Default>(x: &[T], f: impl Fn(T) -> R) -> Vec<R> {
    let mut results = vec![R::default(); x.len()];
    fold(&mut results, x, |_, x| f(x));
    results
}

/// Makes every result `f` of itself and an element.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn fold<T: Copy, R: Copy>(results: &mut [R], x: &[T], f: impl Fn(R, T) -> R) {
    for (result, &x) in results.iter_mut().zip(x) {
        *result = f(*result, x);
    }
}

/// `f` of every pair of elements.
pub(super) fn zip<A: Copy, B: Copy, R: Copy + Default>(
    a: &[A],
    b: &[B],
    f: impl Fn(A, B) -> R,
) -> Vec<R> {
    let mut results = vec![R::default(); a.len()];
    write_pairs(&mut results, a, b, f);
    results
}

/// Appends `f` of every element of rows and of what belongs to its column.
pub(super) fn extend_rows<T: Copy, C: Copy, R: Copy + Default>(
    results: &mut Vec<R>,
    rows: &[T],
    columns: &[C],
    f: impl Fn(T, C) -> R,
) {
    let start = results.len();
    results.resize(start + rows.len(), R::default());
    write_rows(&mut results[start..], rows, columns, f);
}

#[multiversion(targets("x86_64+avx2"))]
fn write_pairs<A: Copy, B: Copy, R>(results: &mut [R], a: &[A], b: &[B], f: impl Fn(A, B) -> R) {
    for ((result, &a), &b) in results.iter_mut().zip(a).zip(b) {
        *result = f(a, b);
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn write_rows<T: Copy, C: Copy, R>(
    results: &mut [R],
    rows: &[T],
    columns: &[C],
    f: impl Fn(T, C) -> R,
) {
    let lines = results.chunks_exact_mut(columns.len());
    for (results, row) in lines.zip(rows.chunks_exact(columns.len())) {
        for ((result, &x), &column) in results.iter_mut().zip(row).zip(columns) {
            *result = f(x, column);
        }
    }
}
