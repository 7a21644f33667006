//! Traces worked out by hand.

use super::laws::plain;
use crate::compile::compile;
use crate::profile::Port;
use crate::simulate::{Resource, Speed, What, simulate};
use crate::task::{ListBuilder, LoopNest, Work};

/// One streamed layer by hand: 4 pixels of 2 channels to 6, on 2 x 2 elements, weights in tiles of
/// two channels (4 bytes at 1 byte a cycle, 2 a transfer).
#[test]
fn hand_worked_stream() {
    let array = "kind = \"systolic\", rows = 2, cols = 2, dataflow = \"ws\", edges = \"full\", fill = \"per-fold\"";
    let profile = plain(array, 10, 0, [4, 1, 2]).machine().check().unwrap();
    let mut list = ListBuilder::default();
    let x = list.input(8);
    let weights = list.weights(12);
    let nest = LoopNest::conv([1, 2, 2, 2], 6, [1, 1], [1, 1]);
    let y = list.task("c", "conv", Work::LoopNest(nest), &[x], Some(weights), 24);
    list.output(y);
    let list = list.finish().unwrap();
    let schedule = compile(&profile, &list).unwrap();
    let estimate = simulate(&profile, &schedule, Speed::Stepped);
    let seen: Vec<_> = estimate
        .timeline
        .unwrap()
        .intervals
        .iter()
        .map(|i| (i.resource, i.what, i.start_cycle, i.end_cycle, i.bytes))
        .collect();
    let [link_in, link_out] = [Port::LinkIn, Port::LinkOut].map(Resource::Port);
    // A tile computes 2 (load) + 2 + 2 - 2 + 4 (pixels) = 8 cycles; the third buffer waits for the first.
    assert_eq!(
        seen,
        vec![
            (link_in, What::Input, 0, 4, 8),
            (link_in, What::Parameters, 4, 10, 4),
            (Resource::Array, What::Compute, 10, 18, 0),
            (link_in, What::Parameters, 10, 16, 4),
            (Resource::Array, What::Compute, 18, 26, 0),
            (link_in, What::Parameters, 18, 24, 4),
            (Resource::Array, What::Compute, 26, 34, 0),
            (link_out, What::Output, 34, 48, 24),
        ]
    );
    assert_eq!(
        estimate
            .layers
            .iter()
            .map(|layer| layer.latency_cycles)
            .collect::<Vec<_>>(),
        vec![0, 4, 30, 14]
    );
    assert_eq!(estimate.layers[2].bound_by, Some(What::Compute));
}
