//! The sweep of machines without a link, such as a processor: single operators.
//!
//! An operator's time is its network's less the fixed costs, which rows of tiny additions tell.

use kernels::Verified;

use super::grid::{CONV, DENSE, DEPTHWISE, Grid, POINTWISE};
use super::layers::{Layers, NetworkError, Values};
use super::probe::{Nest, Probe, additions, elementwise};

/// The image on which operators without channels of their own are measured.
const IMAGE: [usize; 4] = [1, 32, 32, 96];

/// Additions of the second probe; the first has one.
pub(crate) const ADDITIONS: usize = 33;

/// The sweep, in the order that tables are filled: two rows of tiny additions, the four classes,
/// an addition, the other operators without multiply-accumulates.
///
/// # Errors
///
/// None, unless a network of this module does not fit together.
pub fn operators(seed: u64) -> Result<Vec<Probe>, NetworkError> {
    let mut probes = Vec::new();
    for count in [1, ADDITIONS] {
        let id = format!("overhead_{count}");
        probes.push(Probe {
            network: additions(&id, [1, 1, 1, 8], count, Values::seeded(seed, &id))?,
            id,
            family: "overhead",
            isolates: format!("the fixed costs of an inference and of {count} operators"),
        });
    }
    for grid in [&CONV[..], &POINTWISE, &DEPTHWISE, &DENSE]
        .into_iter()
        .flatten()
    {
        for nest in Grid::nests(grid) {
            probes.push(single(&nest, seed)?);
        }
    }
    let id = "add_32x32_96".to_owned();
    probes.push(elementwise_probe(
        &id,
        additions(&id, IMAGE, 1, Values::seeded(seed, &id))?,
    ));
    for op in elementwise(IMAGE[1]) {
        let id = format!("{}_32x32_96", op.name());
        let mut layers = Layers::new(&id, IMAGE, Values::seeded(seed, &id));
        layers.apply(op)?;
        probes.push(elementwise_probe(&id, layers.finish()?));
    }
    let id = "concat_32x32_96".to_owned();
    let mut layers = Layers::new(&id, IMAGE, Values::seeded(seed, &id));
    let other = layers.second_input();
    layers.concat(other)?;
    probes.push(elementwise_probe(&id, layers.finish()?));
    Ok(probes)
}

fn single(nest: &Nest, seed: u64) -> Result<Probe, NetworkError> {
    let id = nest.id();
    let mut layers = Layers::new(&id, nest.input(), Values::seeded(seed, &id));
    if nest.reads_rectified() {
        layers.rectify_input();
    }
    nest.push(&mut layers)?;
    Ok(Probe {
        network: layers.finish()?,
        id,
        family: nest.class.name(),
        isolates: format!("the rate of {} layers of these channels", nest.class.name()),
    })
}

fn elementwise_probe(id: &str, network: Verified) -> Probe {
    Probe {
        id: id.to_owned(),
        family: "elementwise",
        isolates: format!("bytes per second of {}", network.nodes[0].op.name()),
        network,
    }
}
