//! Prices against whole networks that are compiled and simulated, in the slow obvious way.

use hwmodels::compile::compile;
use hwmodels::profile::Profile;
use hwmodels::simulate::{Speed, actions, simulate};
use kernels::cost::graph_cost;
use kernels::fold;
use kernels::live::live;
use kernels::op::Coordinates;
use kernels::work::{Precision, tasks};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::space::ednas::{Architecture, NetworkOptions, Upsampling, network};
use crate::space::{Decoded, Genome, SpaceFile};
use crate::task::Task;

const PRECISION: Precision = Precision::Int8;

fn options(side: usize) -> NetworkOptions {
    NetworkOptions {
        size: [side; 2],
        tasks: vec![Task::Segmentation, Task::Depth],
        upsampling: Upsampling::bilinear(Coordinates::Asymmetric),
    }
}

/// The slow obvious twin: one network, one machine, nothing remembered.
fn twin(
    architecture: &Architecture,
    profile: &Profile,
    options: &NetworkOptions,
) -> Result<(Figures, u64, u64), hwmodels::compile::Infeasible> {
    let graph = network("whole", architecture, options).unwrap();
    let list = tasks(&fold(&live(&graph)), PRECISION).unwrap();
    let schedule = compile(profile, &list)?;
    let estimate = simulate(profile, &schedule, Speed::Fast);
    let counted = actions(profile, &schedule, &estimate);
    let energy = profile
        .energy()
        .and_then(|costs| counted.energy(costs, &estimate));
    let kib = hwmodels::units::float(estimate.narrow_peak_bytes) / 1024.0;
    let figures = Figures {
        latency_ms: estimate.latency_ms(),
        energy_mj: energy.map(|energy| energy.total_mj()),
        peak_memory_kib: profile.memory().map(|_| kib),
        area_mm2: profile.area().map(|area| area.total_mm2()),
    };
    Ok((figures, graph_cost(&graph).params, estimate.macs))
}

fn check_equal(
    found: &Result<Measures, Infeasible>,
    expected: &Result<(Figures, u64, u64), hwmodels::compile::Infeasible>,
) {
    match (found, expected) {
        (Ok(found), Ok((figures, parameters, macs))) => {
            assert_eq!(found.together, *figures);
            assert_eq!((found.parameters, found.macs), (*parameters, *macs));
        }
        (Err(Infeasible::Limit { limit, .. }), Err(expected)) => assert_eq!(limit, expected),
        (found, expected) => panic!("{found:?} and {expected:?}"),
    }
}

fn decoded(file: &SpaceFile, genome: &Genome) -> Architecture {
    match file.decode(genome).unwrap() {
        Some(Decoded::Network(network)) => network,
        Some(Decoded::Machine(_)) | None => panic!("a space of networks"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A chain of children, as a search prices them, on any shipped machine in any shipped space.
    #[test]
    fn prices_equal_those_of_whole_networks(
        space in prop::sample::select(vec!["ednas", "ednas/full", "mobiledet", "pyramid"]),
        profile in prop::sample::select(hwmodels::profile::names().collect::<Vec<_>>()),
        side in prop::sample::select(vec![128_usize, 256, 512]),
        seed: u64,
    ) {
        let file = SpaceFile::open(space).unwrap();
        let machine = Profile::named(profile).unwrap();
        let pricer = Pricer::new(&file, vec![machine.clone()], options(side), PRECISION).unwrap();
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let mut genome = file.space.sample(&mut rng);
        for _ in 0..3 {
            let expected = twin(&decoded(&file, &genome), &machine, &options(side));
            check_equal(&pricer.price(&genome), &expected);
            genome = file.space.mutate(&genome, &mut rng).unwrap();
        }
    }
}
