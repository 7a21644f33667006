//! Loops over elements that the compiler turns into vector instructions.
//!
//! It does so once for every set of them listed here, and the processor's best one is chosen when
//! the program runs. Results do not depend on which: every element is computed by itself, and no
//! set fuses a product with a sum, which would round differently.

use multiversion::multiversion;

/// `f` of every element.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn map<T: Copy, R>(x: &[T], f: impl Fn(T) -> R) -> Vec<R> {
    x.iter().map(|&x| f(x)).collect()
}

/// `f` of every pair of elements.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn zip<A: Copy, B: Copy, R>(a: &[A], b: &[B], f: impl Fn(A, B) -> R) -> Vec<R> {
    a.iter().zip(b).map(|(&a, &b)| f(a, b)).collect()
}

/// Appends `f` of every element of rows and of what belongs to its column.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn extend_rows<T: Copy, C: Copy, R>(
    results: &mut Vec<R>,
    rows: &[T],
    columns: &[C],
    f: impl Fn(T, C) -> R,
) {
    for row in rows.chunks_exact(columns.len()) {
        results.extend(row.iter().zip(columns).map(|(&x, &column)| f(x, column)));
    }
}

/// Makes every result `f` of itself and an element.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn fold<T: Copy, R: Copy>(results: &mut [R], x: &[T], f: impl Fn(R, T) -> R) {
    for (result, &x) in results.iter_mut().zip(x) {
        *result = f(*result, x);
    }
}
