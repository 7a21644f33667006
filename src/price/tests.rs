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
use crate::space::ednas::named::efficientnet_b0;
use crate::space::ednas::{Architecture, FusedDefinition, NetworkOptions, Upsampling, network};
use crate::space::{Decoded, Genome, SpaceFile};
use crate::task::Task;

const PRECISION: Precision = Precision::Int8;

fn options(side: usize) -> NetworkOptions {
    NetworkOptions {
        size: [side; 2],
        tasks: vec![Task::Segmentation, Task::Depth],
        classes: crate::task::SEGMENTATION_CLASSES,
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

fn names(measures: &Measures) -> Vec<String> {
    measures.metrics().into_keys().collect()
}

fn profile(name: &str) -> Profile {
    Profile::named(name).unwrap()
}

fn ednas() -> (SpaceFile, Genome) {
    let b0 = efficientnet_b0(FusedDefinition::default());
    (SpaceFile::named("ednas").unwrap(), b0.genome().unwrap())
}

#[test]
fn several_machines_are_told_apart_and_put_together() {
    let (file, genome) = ednas();
    let machines = || vec![profile("coral-edgetpu"), profile("systolic-32x32-ws")];
    let pricer = || Pricer::new(&file, machines(), options(256), PRECISION).unwrap();
    let worst = pricer().price(&genome).unwrap();
    let [coral, systolic] = [0, 1].map(|index: usize| worst.machines[index].1);
    assert_eq!(
        worst.together.latency_ms,
        coral.latency_ms.max(systolic.latency_ms)
    );
    let own = worst.metrics();
    assert_eq!(own["latency_ms@coral-edgetpu"], coral.latency_ms);
    assert_eq!(own["latency_ms@systolic-32x32-ws"], systolic.latency_ms);
    // One of them does not tell what actions cost.
    let energies = [coral.energy_mj, systolic.energy_mj];
    assert_eq!(
        worst.together.energy_mj.is_some(),
        energies.iter().all(Option::is_some)
    );
    let weighted = pricer()
        .aggregated(Aggregate::Weighted(vec![1.0, 3.0]))
        .unwrap();
    let mean = weighted.price(&genome).unwrap().together.latency_ms;
    assert_eq!(mean, (coral.latency_ms + systolic.latency_ms * 3.0) / 4.0);
    for weights in [
        vec![1.0],
        vec![0.0, 0.0],
        vec![-1.0, 2.0],
        vec![f64::NAN, 1.0],
    ] {
        let refused = pricer()
            .aggregated(Aggregate::Weighted(weights))
            .unwrap_err();
        assert!(
            refused.to_string().contains("expected 2 numbers"),
            "{refused}"
        );
    }
}

#[test]
fn what_cannot_be_priced_is_refused() {
    let (file, _) = ednas();
    let refused = |file: &SpaceFile, machines| {
        let pricer = Pricer::new(file, machines, options(256), PRECISION);
        pricer.unwrap_err().to_string()
    };
    let coral = || vec![profile("coral-edgetpu")];
    let silent = SpaceFile {
        decoder: None,
        ..file.clone()
    };
    assert!(refused(&silent, coral()).contains("does not say what its genomes stand for"));
    let hardware = SpaceFile::named("hardware").unwrap();
    assert!(refused(&hardware, coral()).contains("are machines; expected networks"));
    assert!(refused(&file, Vec::new()).contains("at least one profile"));
    assert!(refused(&file, [coral(), coral()].concat()).contains("named twice"));
    let wrong = Pricer::new(&file, coral(), options(200), PRECISION).unwrap_err();
    assert!(wrong.to_string().contains("128"), "{wrong}");
    let pairs = Pricer::of_pairs(&file, &file, options(256), PRECISION);
    assert!(pairs.is_err());
}

/// Machines that genomes decide, alone and with networks.
#[test]
fn machines_are_priced_as_networks_are() {
    let (file, network_genome) = ednas();
    let hardware = SpaceFile::named("hardware").unwrap();
    let network = decoded(&file, &network_genome);
    let alone = Pricer::of_machines(&hardware, &network, options(128), PRECISION).unwrap();
    let pairs = Pricer::of_pairs(&file, &hardware, options(128), PRECISION).unwrap();
    let mut rng = Pcg64Mcg::seed_from_u64(3);
    for _ in 0..8 {
        let genome = hardware.space.sample(&mut rng);
        let Some(Decoded::Machine(machine)) = hardware.decode(&genome).unwrap() else {
            panic!("a space of machines");
        };
        let expected = twin(&network, &machine, &options(128));
        check_equal(&alone.price(&genome), &expected);
        let both = [network_genome.choices(), genome.choices()].concat();
        let both = pairs.space().genome(both).unwrap();
        check_equal(&pairs.price(&both), &expected);
    }
}

#[test]
fn a_limit_says_which_machine_what_was_asked_and_what_there_is() {
    let (file, genome) = ednas();
    let base = profile("systolic-32x32-ws");
    let key = (
        "memory.narrow.bytes",
        &hwmodels::profile::Setting::Whole(64),
    );
    let tiny = base.varied(&[key], "assumed: a test").unwrap();
    let pricer = Pricer::new(&file, vec![tiny.clone()], options(256), PRECISION).unwrap();
    let found = pricer.price(&genome);
    check_equal(
        &found,
        &twin(&decoded(&file, &genome), &tiny, &options(256)),
    );
    let message = found.unwrap_err().to_string();
    assert!(message.contains("on systolic-32x32-ws: "), "{message}");
    assert!(
        message.contains("(memory.narrow) at once; there are 64"),
        "{message}"
    );
}

#[test]
fn metrics_have_the_names_of_journals() {
    let (file, genome) = ednas();
    let machines = vec![profile("systolic-32x32-ws")];
    let pricer = Pricer::new(&file, machines, options(256), PRECISION).unwrap();
    let measures = pricer.price(&genome).unwrap();
    let known = [
        "area_mm2",
        "energy_mj",
        "latency_ms",
        "macs",
        "parameters",
        "peak_memory_kib",
    ];
    let names = names(&measures);
    assert!(
        names.iter().all(|name| known.contains(&name.as_str())),
        "{names:?}"
    );
    assert!(names.iter().any(|name| name == "latency_ms"));
}
