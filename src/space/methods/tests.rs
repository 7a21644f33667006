//! The wiring of each method, by equalities that only the right wiring has.

use std::collections::{BTreeMap, BTreeSet};

use kernels::cost::graph_cost;
use kernels::eval::evaluate;
use kernels::live::live;
use kernels::op::Coordinates;
use kernels::{Data, Graph, Verified};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::*;
use crate::space::ednas::{BlockForm, BlockShape, Upsampling};
use crate::train::Weights;
use crate::train::weights::Values;

mod paths;
mod towers;

const TASKS: [Task; 3] = Task::ALL;

/// Seven blocks in five stages, of which the third and the fifth add their input.
fn tiny() -> Architecture {
    let block = |filters, stride| BlockShape {
        form: BlockForm::Ibn { expansion: 2 },
        kernel: 3,
        filters,
        stride,
    };
    Architecture {
        stem_filters: 4,
        blocks: vec![
            block(2, 1),
            block(4, 2),
            block(4, 1),
            block(6, 2),
            block(6, 1),
            block(8, 2),
            block(8, 2),
        ],
        taps: [5, 6, 7],
        width: 4,
        cells: 1,
        head_depth: 1,
    }
}

fn options(tasks: &[Task]) -> NetworkOptions {
    NetworkOptions {
        size: [128; 2],
        tasks: tasks.to_vec(),
        classes: 19,
        upsampling: Upsampling::bilinear(Coordinates::Asymmetric),
    }
}

fn build(method: &Method, tasks: &[Task]) -> Verified {
    let mut networks = method.networks("tiny", &tiny(), &options(tasks)).unwrap();
    assert_eq!(networks.len(), 1);
    networks.remove(0)
}

/// Values of every parameter: random weights, and statistics that no two layers share.
fn random(graph: &Graph, seed: u64) -> Weights {
    let mut weights = Weights::initial(graph, seed);
    let rng = &mut Pcg64::seed_from_u64(seed);
    let names: Vec<String> = weights.iter().map(|(name, _)| name.to_owned()).collect();
    for name in names {
        let range = match name.rsplit('/').next().unwrap() {
            "mean" | "beta" | "bias" => -0.3..0.3,
            "variance" | "gamma" => 0.5..1.5,
            _ => continue,
        };
        let mut values = weights.get(&name).unwrap().clone();
        let draw = |value: &mut f32| *value = rng.random_range(range.clone());
        values.values.iter_mut().for_each(draw);
        weights.insert(name, values);
    }
    weights
}

fn set(weights: &mut Weights, name: &str, value: impl Fn(usize) -> f32) {
    let mut values: Values = weights.get(name).unwrap().clone();
    for (index, v) in values.values.iter_mut().enumerate() {
        *v = value(index);
    }
    weights.insert(name.to_owned(), values);
}

/// The outputs for one random image, in the order of the tasks.
fn predictions(graph: &Verified, weights: &Weights) -> Vec<Vec<f32>> {
    let rng = &mut Pcg64::seed_from_u64(9);
    let image: Vec<f32> = (0..128 * 128 * 3)
        .map(|_| rng.random_range(-1.0..1.0))
        .collect();
    let filled = weights.fill(&live(graph)).unwrap();
    let outputs = evaluate(&filled, &[Data::F32(image.as_slice().into())]).unwrap();
    let floats = |data: Data| match data {
        Data::F32(values) => values.to_vec(),
        Data::I8(_) | Data::U8(_) | Data::I32(_) | Data::I64(_) => panic!("expected floats"),
    };
    outputs.into_iter().map(floats).collect()
}

/// Asks for equal predictions, but for how sums are rounded.
fn close(found: &[Vec<f32>], expected: &[Vec<f32>]) {
    for (found, expected) in found.iter().zip(expected) {
        let largest = expected.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
        assert!(largest > 0.0);
        for (f, e) in found.iter().zip(expected) {
            assert!((f - e).abs() <= 1e-5 * largest, "{f}, expected {e}");
        }
    }
}

/// The learned and running parameters that the prediction of `task` depends on.
fn read_by(graph: &Verified, task: Task) -> BTreeSet<String> {
    let mut alone = Graph::clone(graph);
    let output = alone.tensor_named(task.name()).unwrap();
    alone.outputs = vec![output];
    let alone = live(&verify(alone).unwrap());
    let constants = alone.constant_ids();
    constants.map(|id| alone[id].name.clone()).collect()
}

fn costs(model: &str, tasks: &[Task]) -> (u64, u64) {
    let model = crate::space::Model::parse(model, Default::default()).unwrap();
    let options = NetworkOptions {
        size: [256; 2],
        ..options(tasks)
    };
    let networks = model.networks(&options).unwrap();
    let costs = networks.iter().map(graph_cost);
    costs.fold((0, 0), |(params, macs), cost| {
        (params + cost.params, macs + cost.macs)
    })
}

#[test]
fn names_are_read_as_they_are_written() {
    let b0 = crate::space::Model::parse("mt-edge", Default::default())
        .unwrap()
        .architecture;
    let residual = adashare::residual_blocks(&b0);
    assert_eq!(residual, [3, 5, 7, 8, 10, 11, 13, 14, 15]);
    let elastic = den::elastic_blocks(&b0);
    assert_eq!(elastic, (2..=16).collect::<Vec<_>>());
    let parse = |text: &str| Method::parse(text, &b0).unwrap().unwrap();
    for method in Method::ALL {
        assert_eq!(parse(&method.to_string()), method);
    }
    for text in [
        "adashare-edge:seg=111111111,depth=101010101",
        "den-edge:seg=123412341234123,depth=444444444444444",
    ] {
        assert_eq!(parse(text).to_string(), text);
        assert!(!parse(text).is_open());
    }
    assert_eq!(Method::parse("mtan-edge:seg=1", &b0), Ok(None));
    let refused = |text: &str| Method::parse(text, &b0).unwrap_err().to_string();
    assert!(refused("adashare-edge:seg=11").contains("seg has 2 choices, not 9"));
    assert!(refused("adashare-edge:seg=1111x1111").contains("`x` is no choice"));
    assert!(refused("adashare-edge:111").contains("`111` has no `=`"));
    assert!(refused("adashare-edge:sky=111111111").contains("`sky` is not a task"));
    let twice = refused("adashare-edge:seg=111111111,seg=111111111");
    assert!(twice.contains("seg is there twice"), "{twice}");
    let none = refused("den-edge:seg=444444444444440");
    assert!(none.contains("`0` is no choice"), "{none}");
    assert!(
        none.contains("15 digits from 1 to 4 for each task"),
        "{none}"
    );
}

#[test]
fn sizes_follow_from_those_of_single_task_networks() {
    let two = [Task::Segmentation, Task::Depth];
    let (single, single_macs) = costs("st-edge", &two);
    // Channels and pixels at the ends of the stages of EfficientNet-B0, 256x256.
    let stages: [(u64, u64); 5] = [
        (16, 128 * 128),
        (24, 64 * 64),
        (40, 32 * 32),
        (112, 16 * 16),
        (320, 8 * 8),
    ];
    let channels: u64 = stages.iter().map(|(c, _)| c).sum();
    let elements: u64 = stages.iter().map(|(c, pixels)| c * pixels).sum();
    let stitched = (single + 4 * channels, single_macs + 4 * elements);
    assert_eq!(costs("cross-stitch-edge", &two), stitched);
    // 4 subspaces into 4, of half the channels; and 96 channels of four layers in two heads.
    let layers = 96 * (2 * 32 * 32 + 16 * 16 + 8 * 8);
    let sluice = (
        single + 8 * channels + 2 * 4 * 96,
        single_macs + 8 * elements + 2 * layers,
    );
    assert_eq!(costs("sluice-edge", &two), sluice);
    let squares: u64 = stages.iter().map(|(c, _)| 4 * c * c + 4 * c).sum();
    let products: u64 = stages.iter().map(|(c, pixels)| 4 * c * c * pixels).sum();
    let reduced = (single + squares, single_macs + products);
    assert_eq!(costs("nddr-cnn-edge", &two), reduced);
    // A gate per task and residual block; the stem and two blocks run once.
    let (together, _) = costs("mt-edge", &two);
    let (open, macs) = costs("adashare-edge", &two);
    assert_eq!(open, together + 18);
    let once = 14_155_776 + 13_107_200 + 38_141_952;
    assert_eq!(macs, single_macs - once);
    // All levels of DEN's blocks are those of hard sharing; half of them, half the hidden channels.
    let policy = |level: &str| {
        let levels = level.repeat(15);
        costs(&format!("den-edge:seg={levels},depth={levels}"), &two)
    };
    assert_eq!(policy("4"), costs("mt-edge", &two));
    let levels = ["1", "2", "3", "4"].map(policy);
    let [first, second, third] = [0, 1, 2].map(|at| levels[at + 1].1 - levels[at].1);
    assert_eq!([second, third], [first, first]);
    let hidden = levels[1].0 - levels[0].0;
    assert_eq!(levels[3].0 - levels[2].0, hidden);
    // Open: three gates per task and block, and all but stem and first block once per task.
    let (open, macs) = costs("den-edge", &two);
    assert_eq!(open, together + 2 * 3 * 15);
    assert_eq!(macs, single_macs - 14_155_776 - 13_107_200);
}
