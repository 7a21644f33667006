//! The sizes of the networks, to the last integer.
//!
//! The integers are an independent count of the same recipe (parameters and MACs at 256x256); the
//! rounded ones are printed in the paper's Tables 2 and 5.

use kernels::cost::{Cost, graph_cost, node_cost};
use kernels::live::live;
use kernels::op::Coordinates;

use super::{NetworkError, NetworkOptions};
use crate::space::Model;
use crate::space::ednas::{BlockForm, FusedDefinition, Upsampling};
use crate::task::Task;

const SEPARABLE: FusedDefinition = FusedDefinition::LateSeparable { first_block: 9 };

fn options(size: usize, tasks: &[Task]) -> NetworkOptions {
    NetworkOptions {
        size: [size; 2],
        tasks: tasks.to_vec(),
        classes: crate::task::SEGMENTATION_CLASSES,
        upsampling: Upsampling::bilinear(Coordinates::Asymmetric),
    }
}

fn costs(model: &str, fused: FusedDefinition) -> Vec<Cost> {
    let options = options(256, &[Task::Segmentation, Task::Depth]);
    let networks = Model::parse(model, fused).unwrap().networks(&options);
    networks.unwrap().iter().map(graph_cost).collect()
}

/// Parameters in millions and GFLOPs as the paper prints them: the FLOPs of all runs, the
/// parameters of one.
fn printed(model: &str) -> (String, String) {
    let costs = costs(model, SEPARABLE);
    let params = costs.iter().map(|c| c.params).max().unwrap();
    let flops: u64 = costs.iter().map(Cost::flops).sum();
    let one_digit = |n: u64, unit: u64| format!("{:.1}", n as f64 / unit as f64);
    (
        one_digit(params, 1_000_000),
        one_digit(flops, 1_000_000_000),
    )
}

#[test]
fn the_eight_printed_sizes() {
    let size = |params: &str, gflops: &str| (params.to_owned(), gflops.to_owned());
    assert_eq!(printed("st-edge"), size("3.4", "2.3"));
    assert_eq!(printed("mt-edge"), size("3.4", "1.2"));
    assert_eq!(printed("ednas-t6"), size("4.3", "4.1"));
    assert_eq!(printed("ednas-t7"), size("3.6", "2.5"));
}

#[test]
fn whole_networks() {
    let full = FusedDefinition::Full;
    let size = |model: &str, fused: FusedDefinition| -> Vec<(u64, u64)> {
        let costs = costs(model, fused);
        costs.iter().map(|c| (c.params, c.macs)).collect()
    };
    let st_edge = [(3_387_123, 575_413_760), (3_385_377, 573_644_288)];
    assert_eq!(size("st-edge", SEPARABLE), st_edge);
    assert_eq!(size("mt-edge", SEPARABLE), [(3_407_764, 596_155_904)]);
    assert_eq!(size("ednas-t6", SEPARABLE), [(4_321_500, 2_066_514_688)]);
    assert_eq!(size("ednas-t7", SEPARABLE), [(3_577_580, 1_238_147_584)]);
    assert_eq!(size("ednas-t6", full), [(12_763_516, 3_367_410_176)]);
    assert_eq!(size("ednas-t7", full), [(9_612_748, 1_927_927_296)]);
}

/// Parameters and MACs of the stem and the 16 blocks.
fn trunk_costs(model: &str, fused: FusedDefinition) -> Vec<(u64, u64)> {
    let model = Model::parse(model, fused).unwrap();
    let networks = model.networks(&options(256, &[Task::Depth])).unwrap();
    let graph = &networks[0];
    let part = |prefix: &str| {
        let ids = graph
            .node_ids()
            .filter(|&id| graph[id].name.starts_with(prefix));
        let cost: Cost = ids.map(|id| node_cost(graph, id)).sum();
        (cost.params, cost.macs)
    };
    let blocks = (1..=16).map(|n| part(&format!("block{n:02}/")));
    std::iter::once(part("stem/")).chain(blocks).collect()
}

#[test]
fn blocks_of_efficientnet_b0() {
    let expected = [
        (928, 14_155_776),
        (896, 13_107_200),
        (5136, 38_141_952),
        (8832, 33_619_968),
        (13_472, 23_740_416),
        (26_240, 25_804_800),
        (32_080, 15_298_560),
        (83_200, 20_766_720),
        (83_200, 20_766_720),
        (106_304, 26_664_960),
        (170_240, 42_835_968),
        (170_240, 42_835_968),
        (224_160, 28_600_320),
        (476_160, 30_154_752),
        (476_160, 30_154_752),
        (476_160, 30_154_752),
        (605_440, 38_412_288),
    ];
    assert_eq!(trunk_costs("mt-edge", SEPARABLE), expected);
}

/// `reference` as the recipe counts it.
///
/// The reference counts of blocks have a batch norm behind the depthwise convolution of a
/// separable Fused-IBN; the recipe and the reference counts of whole networks have none. It is
/// two parameters per input channel of the block.
fn without_depthwise_norm(model: &str, mut reference: [(u64, u64); 17]) -> [(u64, u64); 17] {
    let network = Model::parse(model, SEPARABLE).unwrap().architecture;
    for (number, (params, _)) in reference.iter_mut().enumerate().skip(9) {
        if matches!(network.blocks[number - 1].form, BlockForm::Separable { .. }) {
            *params -= 2 * network.blocks[number - 2].filters as u64;
        }
    }
    reference
}

#[test]
fn blocks_of_table_6() {
    let reference = [
        (928, 14_155_776),
        (9824, 159_383_552),
        (7848, 49_152_000),
        (200_064, 817_496_064),
        (40_152, 40_697_856),
        (104_840, 106_905_600),
        (134_880, 34_406_400),
        (91_320, 22_947_840),
        (2_219_200, 567_705_600),
        (122_496, 30_986_240),
        (132_720, 33_589_248),
        (88_116, 22_213_632),
        (97_092, 6_134_016),
        (336_864, 21_399_552),
        (112_992, 7_133_184),
        (57_120, 3_594_240),
        (151_520, 9_590_784),
    ];
    let separable = trunk_costs("ednas-t6", SEPARABLE);
    assert_eq!(separable, without_depthwise_norm("ednas-t6", reference));
    let late_full = [
        (1_041_936, 266_403_840),
        (2_160_312, 552_738_816),
        (1_101_912, 281_788_416),
        (602_856, 38_513_664),
        (2_324_352, 148_635_648),
        (554_304, 35_389_440),
        (277_248, 17_694_720),
        (1_476_032, 94_371_840),
    ];
    let full = trunk_costs("ednas-t6", FusedDefinition::Full);
    assert_eq!(full[..9], separable[..9]);
    assert_eq!(full[9..], late_full);
}

#[test]
fn blocks_of_table_7() {
    let reference = [
        (928, 14_155_776),
        (10_096, 163_577_856),
        (10_584, 83_165_184),
        (18_432, 71_663_616),
        (203_552, 207_912_960),
        (125_120, 127_795_200),
        (32_080, 15_298_560),
        (202_320, 51_609_600),
        (836_800, 213_811_200),
        (61_216, 15_421_440),
        (229_768, 58_189_824),
        (29_400, 7_354_368),
        (209_040, 13_253_632),
        (447_168, 28_422_144),
        (238_272, 15_077_376),
        (238_272, 15_077_376),
        (252_576, 16_035_840),
    ];
    let separable = trunk_costs("ednas-t7", SEPARABLE);
    assert_eq!(separable, without_depthwise_norm("ednas-t7", reference));
}

#[test]
fn only_the_unread_nodes_of_the_last_cell_are_dead() {
    let model = Model::parse("mt-edge", SEPARABLE).unwrap();
    let networks = model.networks(&options(128, &Task::ALL)).unwrap();
    let alive = live(&networks[0]);
    let dead: Vec<&str> = networks[0]
        .nodes
        .iter()
        .filter(|n| !alive.nodes.iter().any(|a| a.name == n.name))
        .map(|n| n.name.rsplit_once('/').unwrap().0)
        .collect();
    assert!(!dead.is_empty());
    let unread = ["bifpn4/p4", "bifpn4/p5", "bifpn4/p6", "bifpn4/p7"];
    assert!(dead.iter().all(|name| unread.contains(name)), "{dead:?}");
}

#[test]
fn sizes_and_tasks_that_do_not_fit() {
    let build = |size: usize, tasks: &[Task]| {
        let model = Model::parse("mt-edge", SEPARABLE).unwrap();
        model.networks(&options(size, tasks)).unwrap_err()
    };
    let error = build(200, &Task::ALL);
    let (found, nearest) = ([200; 2], [256; 2]);
    assert_eq!(error, NetworkError::Size { found, nearest });
    assert!(error.to_string().contains("try 256x256"));
    assert!(matches!(build(0, &Task::ALL), NetworkError::Size { .. }));
    assert!(matches!(build(128, &[]), NetworkError::Tasks(_)));
    assert!(matches!(
        build(128, &[Task::Depth; 2]),
        NetworkError::Tasks(_)
    ));
}
