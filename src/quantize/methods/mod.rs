//! From the histogram of an activation to the range of its grid.

mod entropy;
mod mse;
mod percentile;

use kernels::Verified;
use rayon::prelude::*;

use super::histogram::{Histogram, Histograms};
use super::options::Method;
use super::ranges::{Range, Ranges};

/// The range that `method` chooses for values spread as `histogram` says; `observed` is the
/// smallest and the largest of them.
#[must_use]
pub fn range(method: Method, observed: Range, histogram: &Histogram) -> Range {
    match method {
        Method::MinMax => observed,
        Method::Percentile(share) => percentile::range(histogram, share),
        Method::Mse => mse::range(histogram),
        Method::Entropy => entropy::range(histogram),
    }
}

/// The range that `method` chooses for every activation. A graph input keeps what was observed: it
/// is the interface, and what a caller passes should not be cut.
#[must_use]
pub fn ranges(
    graph: &Verified,
    method: Method,
    observed: &Ranges,
    histograms: &Histograms,
) -> Ranges {
    let ids: Vec<_> = graph.tensor_ids().collect();
    let chosen = ids.into_par_iter().map(|id| {
        let seen = observed.get(id)?;
        match histograms.get(id) {
            Some(histogram) if !graph.inputs.contains(&id) => Some(range(method, seen, histogram)),
            Some(_) | None => Some(seen),
        }
    });
    chosen.collect::<Vec<_>>().into()
}

#[cfg(test)]
mod tests;
