//! Stitched task lists against those of whole graphs.

use kernels::op::Coordinates;
use proptest::prelude::*;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::space::ednas::{
    Architecture, BLOCK_COUNT, FusedDefinition, Trunk, Upsampling, named, network, space,
};
use crate::space::{Decoded, SpaceFile};
use crate::task::Task;

/// The slow obvious twin: the whole network as a graph.
fn whole(
    trunk: impl Into<Architecture>,
    options: &NetworkOptions,
    precision: Precision,
) -> TaskList {
    let graph = network("whole", trunk, options).unwrap();
    tasks(&fold(&live(&graph)), precision).unwrap()
}

fn any_options() -> impl Strategy<Value = NetworkOptions> {
    let side = || prop_oneof![Just(128_usize), Just(256), Just(384), Just(1024)];
    let upsampling = prop_oneof![
        Just("asymmetric"),
        Just("half_pixel_doubling"),
        Just("nearest_asymmetric"),
    ];
    let tasks = Just(Task::ALL.to_vec()).prop_shuffle();
    (side(), side(), tasks, 1..=Task::ALL.len(), upsampling).prop_map(
        |(height, width, mut tasks, count, upsampling)| {
            tasks.truncate(count);
            NetworkOptions {
                size: [height, width],
                tasks,
                classes: crate::task::SEGMENTATION_CLASSES,
                upsampling: upsampling.parse().unwrap(),
            }
        },
    )
}

fn any_fused() -> impl Strategy<Value = FusedDefinition> {
    prop_oneof![
        1 => Just(FusedDefinition::Full),
        3 => (1..=BLOCK_COUNT)
            .prop_map(|first_block| FusedDefinition::LateSeparable { first_block }),
    ]
}

proptest! {
    /// A walk through the whole space: what was lowered before never shows.
    #[test]
    fn stitched_lists_equal_those_of_whole_graphs(
        options in any_options(),
        fused in any_fused(),
        precision in prop_oneof![Just(Precision::Int8), Just(Precision::AsIs)],
        seed in any::<u64>(),
        room in prop_oneof![Just(PARTS_MAX), Just(0), Just(30)],
    ) {
        let mut lowering = Lowering::new(options.clone(), precision).unwrap();
        lowering.room = room;
        let (space, mut rng) = (space(fused), Pcg64Mcg::seed_from_u64(seed));
        let parent = space.sample(&mut rng);
        let child = space.mutate(&parent, &mut rng).unwrap();
        let stranger = space.sample(&mut rng);
        for genome in [&parent, &child, &stranger, &parent] {
            let trunk = Trunk::decode(fused, genome).unwrap();
            let stitched = lowering.tasks(&trunk).unwrap();
            prop_assert_eq!(stitched, whole(&trunk, &options, precision));
            let lowered = lowering.parts(&Architecture::from(&trunk)).unwrap();
            let graph = network("whole", &trunk, &options).unwrap();
            prop_assert_eq!(lowered.parameters, graph_cost(&graph).params);
        }
    }
}

fn options() -> NetworkOptions {
    NetworkOptions {
        size: [128; 2],
        tasks: vec![Task::Segmentation, Task::Depth],
        classes: crate::task::SEGMENTATION_CLASSES,
        upsampling: Upsampling::bilinear(Coordinates::Asymmetric),
    }
}

#[test]
fn parts_are_lowered_once() {
    let mut lowering = Lowering::new(options(), Precision::Int8).unwrap();
    let baseline = named::efficientnet_b0(FusedDefinition::default());
    let first = lowering.tasks(&baseline).unwrap();
    assert_eq!(lowering.parts.len(), 1 + BLOCK_COUNT + 2 + 2);
    let second = lowering.tasks(&baseline).unwrap();
    assert_eq!(lowering.parts.len(), 1 + BLOCK_COUNT + 2 + 2);
    let shared = |(a, b): (&hwmodels::task::Task, &hwmodels::task::Task)| {
        std::sync::Arc::ptr_eq(&a.operation, &b.operation)
    };
    assert!(first.tasks().iter().zip(second.tasks()).all(shared));
}

#[test]
fn memory_is_bounded_beyond_the_space_too() {
    let mut lowering = Lowering::new(options(), Precision::Int8).unwrap();
    lowering.room = 40;
    let mut trunk = named::efficientnet_b0(FusedDefinition::default());
    for filters in 1..40 {
        trunk.blocks[7].filters = filters;
        let stitched = lowering.tasks(&trunk).unwrap();
        assert_eq!(stitched, whole(&trunk, &options(), Precision::Int8));
        assert!(lowering.parts.len() <= 40 + 1 + BLOCK_COUNT + 2 + 2);
    }
}

#[test]
fn networks_of_every_space_are_stitched_from_parts() {
    let mut lowering = Lowering::new(options(), Precision::Int8).unwrap();
    let mut rng = Pcg64Mcg::seed_from_u64(9);
    for name in ["mobiledet", "pyramid"] {
        let file = SpaceFile::named(name).unwrap();
        for _ in 0..6 {
            let genome = file.space.sample(&mut rng);
            let Some(Decoded::Network(network)) = file.decode(&genome).unwrap() else {
                panic!("{name} is a space of networks");
            };
            let stitched = lowering.tasks(&network).unwrap();
            assert_eq!(stitched, whole(&network, &options(), Precision::Int8));
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_as_by_whole_graphs() {
    let wrong = NetworkOptions {
        size: [200; 2],
        ..options()
    };
    let trunk = named::efficientnet_b0(FusedDefinition::default());
    assert_eq!(
        Lowering::new(wrong.clone(), Precision::Int8).unwrap_err(),
        network("whole", &trunk, &wrong).unwrap_err()
    );
    let mut empty = trunk;
    empty.blocks[3].filters = 0;
    let mut lowering = Lowering::new(options(), Precision::Int8).unwrap();
    assert!(matches!(
        (lowering.tasks(&empty), network("whole", &empty, &options())),
        (
            Err(LoweringError::Network(NetworkError::Verify(_))),
            Err(NetworkError::Verify(_))
        )
    ));
}
