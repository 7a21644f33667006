//! Rules on whole networks of one step.

use std::collections::BTreeMap;

use ednas::space::ednas::{FusedDefinition, Upsampling};
use ednas::space::methods::den;
use ednas::task::Task;
use ednas::train::{DataChoice, Judged, Precision, Recipe, TrainJob};
use kernels::op::Coordinates;
use kernels::{Verified, live::live};
use tch::{Device, Kind};

use super::*;
use crate::losses::{Truth, loss};
use crate::network::Network;
use crate::operators::Mode;
use crate::samples::Store;

fn training(network: &str) -> Training {
    Training {
        network: network.to_owned(),
        fused: FusedDefinition::default(),
        tasks: vec![Task::Segmentation, Task::Depth],
        classes: 19,
        height: 128,
        width: 128,
        upsampling: Upsampling::bilinear(Coordinates::Asymmetric),
        data: DataChoice {
            name: "scenes".to_owned(),
            seed: 1,
            train: 2,
            validation: 0,
            judged_on: Judged::Validation,
        },
        recipe: Recipe::of_steps(10),
        seed: 1,
        start: None,
        inherit: None,
    }
}

struct Made {
    training: Training,
    graph: Verified,
    parameters: Parameters,
}

fn made(network: &str) -> Made {
    let training = training(network);
    let network = training.graph().unwrap();
    let method = training.model().unwrap().method;
    let mut weights = Weights::initial_of(&method, &training.tasks, &network, 1);
    Rule::begin(&training, &mut weights).unwrap();
    let graph = live(&network);
    let parameters = Parameters::new(&graph, &weights, Device::Cpu).unwrap();
    Made {
        training,
        graph,
        parameters,
    }
}

impl Made {
    fn job(&self) -> TrainJob {
        TrainJob {
            id: 1,
            training: self.training.clone(),
            threads: 1,
            checkpoint: "none.safetensors".into(),
            state_every_s: 60.0,
            resume: false,
            stop_at: None,
            state: None,
        }
    }

    fn rule(&self) -> Rule {
        Rule::new(&self.training, &self.graph, &self.parameters).unwrap()
    }

    /// The largest gradient of the loss of `task` in step `step`, by parameter.
    fn gradients(&self, task: Task, step: usize) -> BTreeMap<String, f64> {
        let (parameters, mut store) = (&self.parameters, Store::default());
        let job = self.job();
        let samples = store.samples(&job).unwrap();
        let parts = (&self.graph, parameters);
        let network = Network::new(&self.training, parts, None, samples, Device::Cpu).unwrap();
        let float = (Kind::Float, Device::Cpu);
        let images = Tensor::rand([2, 128, 128, 3], float);
        let drawn = self.rule().drawn(parameters, step);
        let mode = Mode::Train {
            decay: 0.9,
            precision: Precision::Single,
        };
        let pass = network
            .forward_with(drawn, parameters, &images, mode)
            .unwrap();
        let truth = Truth {
            classes: Tensor::ones([2, 128, 128], (Kind::Int64, Device::Cpu)),
            has_classes: true,
            depth: Tensor::ones([2, 128, 128, 1], float) * 0.3,
            normals: Tensor::zeros([2, 128, 128, 3], float),
        };
        let index = self.training.tasks.iter().position(|&t| t == task).unwrap();
        let recipe = &self.training.recipe;
        let loss = loss(task, &pass.outputs[index], &truth, recipe.depth_loss);
        let flat = parameters.gradient(&loss, &pass.leaves);
        let mut first = 0;
        let named = parameters.named().map(|(name, _, tensor)| {
            let count = i64::try_from(tensor.numel()).unwrap();
            let largest = flat.narrow(0, first, count).abs().max().double_value(&[]);
            first += count;
            (name.to_owned(), largest)
        });
        named.collect()
    }
}

/// What the rule adds to losses of 1 that have no rival.
fn penalty(made: &Made, step: usize) -> Option<Tensor> {
    let losses = made.training.tasks.iter();
    let losses = losses.map(|&task| (task, Tensor::from(1.0))).collect();
    let contest = Contest {
        drawn: &losses,
        rival: None,
    };
    made.rule().penalty(&made.parameters, step, contest)
}

/// Whether some parameter of a prefix has a gradient.
fn moves(gradients: &BTreeMap<String, f64>, prefix: &str) -> bool {
    let mut of = gradients
        .iter()
        .filter(|(name, _)| name.starts_with(prefix))
        .peekable();
    assert!(of.peek().is_some(), "no parameter is called {prefix}");
    of.any(|(_, &largest)| largest > 0.0)
}

#[test]
fn a_loss_moves_its_own_last_units_and_the_trunks_of_all() {
    for (network, unit) in [
        ("cross-stitch-edge", "stitch"),
        ("sluice-edge", "sluice"),
        ("nddr-cnn-edge", "nddr"),
    ] {
        let gradients = made(network).gradients(Task::Depth, 0);
        assert!(moves(&gradients, &format!("depth/{unit}5/")), "{network}");
        assert!(!moves(&gradients, &format!("seg/{unit}5/")), "{network}");
        assert!(moves(&gradients, &format!("seg/{unit}4/")), "{network}");
        assert!(moves(&gradients, "seg/block16/"), "{network}");
        assert!(!moves(&gradients, "seg/lateral/"), "{network}");
        assert!(!moves(&gradients, "head/seg/"), "{network}");
    }
}

#[test]
fn a_loss_moves_the_shared_trunk_and_its_own_attention() {
    let gradients = made("mtan-edge").gradients(Task::Segmentation, 0);
    assert!(moves(&gradients, "block01/") && moves(&gradients, "block16/"));
    assert!(moves(&gradients, "seg/attention1/") && moves(&gradients, "seg/attention5/"));
    assert!(!moves(&gradients, "depth/"));
}

#[test]
fn a_loss_moves_its_own_gates_that_are_open() {
    let made = made("adashare-edge");
    let gradients = made.gradients(Task::Depth, 0);
    assert!(moves(&gradients, "block16/"));
    assert!(!moves(&gradients, "depth/block15/gate"));
    let gradients = made.gradients(Task::Depth, 2);
    assert!(moves(&gradients, "depth/block15/gate"));
    assert!(!moves(&gradients, "seg/block15/gate"));
    assert!(!moves(&gradients, "depth/block03/gate"));
    let gradients = made.gradients(Task::Depth, 9);
    assert!(moves(&gradients, "depth/block03/gate"));
    assert!(!moves(&gradients, "seg/block03/gate"));
}

#[test]
fn gates_are_decided_by_their_logits() {
    let mut made = made("adashare-edge");
    let rule = made.rule();
    fill_gates(&made, |name| match name {
        "seg/block05/gate/select" => -0.1,
        "depth/block15/gate/select" => -2.0,
        _ => 0.4,
    });
    rule.decide(&mut made.parameters);
    let decided = rule.decided(&made.parameters).unwrap();
    assert_eq!(decided, "adashare-edge:seg=101111111,depth=111111110");
}

#[test]
fn what_a_policy_costs_is_as_written() {
    let made = made("adashare-edge");
    assert!(penalty(&made, 0).is_none());
    // Step 2 opens the last block alone: two logits of one block.
    for (name, logit) in [("seg", 1.0_f64), ("depth", -0.5)] {
        let name = format!("{name}/block15/gate/select");
        let (_, _, tensor) = made.parameters.named().find(|(n, ..)| *n == name).unwrap();
        let _ = tensor.detach().fill_(logit);
    }
    let found = penalty(&made, 2).unwrap().double_value(&[]);
    let p = |logit: f64| 1.0 / (1.0 + (-logit).exp());
    let few = -0.01 * ((1.0 - p(1.0)).ln() + (1.0 - p(-0.5)).ln()) / 2.0;
    let alike = 0.05 * (p(1.0) - p(-0.5)) / 9.0;
    assert!((found - few - alike).abs() < 1e-6, "{found}");
}

/// Fills the gates of `made` by their names.
fn fill_gates(made: &Made, logit: impl Fn(&str) -> f64) {
    for (name, _, tensor) in made.parameters.named() {
        if name.ends_with("/select") {
            let _ = tensor.detach().fill_(logit(name));
        }
    }
}

/// The level of every block, from the drawn gates: those of a block are 1 up to its level, then 0.
fn drawn_levels(made: &Made, drawn: &Replaced) -> BTreeMap<(Task, usize), u8> {
    let mut levels: BTreeMap<(Task, usize), BTreeMap<u8, f64>> = BTreeMap::new();
    for (name, id, _) in made.parameters.named() {
        if let Some((task, block, level)) = den::gate(name) {
            let runs = drawn[&id].double_value(&[0; 4]);
            levels.entry((task, block)).or_default().insert(level, runs);
        }
    }
    let level = |gates: BTreeMap<u8, f64>| {
        let gates: Vec<f64> = gates.into_values().collect();
        assert!(gates.is_sorted_by(|a, b| a >= b), "{gates:?}");
        assert_eq!(gates.len(), usize::from(den::LEVELS) - 1);
        1 + u8::try_from(gates.iter().filter(|&&runs| runs == 1.0).count()).unwrap()
    };
    let levels = levels.into_iter();
    levels.map(|(of, gates)| (of, level(gates))).collect()
}

#[test]
fn levels_are_all_run_at_first_and_then_drawn_as_their_logits_say() {
    let made = made("den-edge");
    let rule = made.rule();
    let levels = |step| drawn_levels(&made, &rule.drawn(&made.parameters, step));
    assert!(rule.rival(&made.parameters, 1).is_none() && penalty(&made, 1).is_none());
    let first = levels(1);
    assert_eq!(first.len(), 2 * 15);
    assert!(first.values().all(|&level| level == den::LEVELS));

    // All four are equally likely: 30 draws a step.
    let mut counts = [0; 4];
    for step in 2..102 {
        for level in levels(step).into_values() {
            counts[usize::from(level) - 1] += 1;
        }
    }
    let expected = 3000.0 / 4.0;
    let squares = counts.map(|count| (f64::from(count) - expected).powi(2) / expected);
    // 16.3 is the 99.9 % point of chi-square with 3 degrees of freedom.
    assert!(squares.iter().sum::<f64>() < 16.3, "{counts:?}");
    let rival = rule.rival(&made.parameters, 2).unwrap();
    assert_ne!(drawn_levels(&made, &rival), levels(2));

    fill_gates(
        &made,
        |name| if name.contains("level3") { -20.0 } else { 20.0 },
    );
    assert!(levels(2).values().all(|&level| level == 2));
}

/// The policy learns from two draws: it comes to prefer that of the smaller loss.
#[test]
fn the_policy_of_levels_follows_the_better_of_two_draws() {
    let made = made("den-edge");
    let rule = made.rule();
    let of = |seg: f64| {
        let losses = [(Task::Segmentation, seg), (Task::Depth, 1.0)];
        BTreeMap::from(losses.map(|(task, loss)| (task, Tensor::from(loss))))
    };
    let rival_losses = of(1.0);
    let gradient = |seg: f64| {
        let losses = of(seg);
        let contest = Contest {
            drawn: &losses,
            rival: Some(&rival_losses),
        };
        let penalty = rule.penalty(&made.parameters, 5, contest).unwrap();
        made.parameters
            .gradient(&penalty, &made.parameters.leaves())
    };
    // What size costs is in both.
    let by_loss = gradient(0.5) - gradient(1.0);
    let learned = drawn_levels(&made, &rule.drawn(&made.parameters, 5));
    let rival = drawn_levels(&made, &rule.rival(&made.parameters, 5).unwrap());
    let (mut first, mut moved) = (0, 0);
    for (name, _, tensor) in made.parameters.named() {
        let at = first;
        first += i64::try_from(tensor.numel()).unwrap();
        let Some((task, block, level)) = den::gate(name) else {
            continue;
        };
        let found = by_loss.double_value(&[at]);
        // d ln P(n) / d a of level l: 1 - p where l is run, -p where n stops before it, else 0.
        let p = 1.0 - 1.0 / f64::from(den::LEVELS + 2 - level);
        let slope = |n: u8| match level {
            _ if level <= n => 1.0 - p,
            _ if level == n + 1 => -p,
            _ => 0.0,
        };
        let of = (task, block);
        let expected = match task {
            Task::Segmentation => -(2.0_f64.ln()) / 2.0 * (slope(learned[&of]) - slope(rival[&of])),
            Task::Depth | Task::Normals => 0.0,
        };
        assert!(
            (found - expected).abs() < 1e-6,
            "{name}: {found}, {expected}"
        );
        moved += u32::from(found != 0.0);
    }
    assert!(moved > 5, "{moved}");
}

#[test]
fn the_most_probable_levels_are_decided_on() {
    let mut made = made("den-edge");
    let rule = made.rule();
    // Level 2 is certain, level 3 has 0.6, level 4 has 0.6 of that: 0, 0.4, 0.24, 0.36.
    let even = (0.6_f64 / 0.4).ln();
    fill_gates(&made, |name| match name {
        "seg/block02/level2/gate/select" => -9.0,
        _ if name.starts_with("depth/block16/") => 9.0,
        _ if name.contains("/level2/") => 40.0,
        _ => even,
    });
    rule.decide(&mut made.parameters);
    let decided = rule.decided(&made.parameters).unwrap();
    assert_eq!(
        decided,
        "den-edge:seg=122222222222222,depth=222222222222224"
    );
}

#[test]
fn a_loss_moves_the_channels_of_the_levels_that_are_drawn() {
    let made = made("den-edge");
    fill_gates(&made, |name| {
        match name.starts_with("depth/") && name.contains("/level3/") {
            true => -20.0,
            false => 20.0,
        }
    });
    let gradients = made.gradients(Task::Depth, 5);
    assert!(moves(&gradients, "block05/level1/") && moves(&gradients, "block05/level2/"));
    assert!(!moves(&gradients, "block05/level3/") && !moves(&gradients, "block05/level4/"));
    let gradients = made.gradients(Task::Segmentation, 5);
    assert!(moves(&gradients, "block05/level4/"));
}

#[test]
fn what_two_subspaces_share_is_penalized() {
    let made = made("sluice-edge");
    let rule = made.rule();
    assert_eq!(rule.apart.len(), 10);
    for (_, id, tensor) in made.parameters.named() {
        if rule.apart.contains(&id) {
            let _ = tensor.detach().zero_();
        }
    }
    let penalty = || penalty(&made, 0).unwrap().double_value(&[]);
    assert_eq!(penalty(), 0.0);
    let name = "seg/block01/project/conv/weights";
    let (_, _, weights) = made.parameters.named().find(|(n, ..)| *n == name).unwrap();
    // Rows 2 and 9 of 16 read the same input: their product is 3 x 4.
    let _ = weights.detach().select(0, 2).select(-1, 5).fill_(3.0);
    assert_eq!(penalty(), 0.0);
    let _ = weights.detach().select(0, 9).select(-1, 5).fill_(4.0);
    assert!((penalty() - 1e-3 * 144.0).abs() < 1e-6);
}

#[test]
fn units_have_a_rate_of_their_own() {
    let mut made = made("nddr-cnn-edge");
    assert!(made.rule().turn(3, 0.5).multiples.is_none());
    made.training.recipe.unit_rate = 10.0;
    let rule = made.rule();
    let turn = rule.turn(3, 0.5);
    let multiples = turn.multiples.unwrap();
    let units = made
        .parameters
        .named()
        .filter(|(name, ..)| name.contains("/nddr"));
    let units: usize = units.map(|(_, _, tensor)| tensor.numel()).sum();
    assert!(units > 0);
    let tens = multiples.eq(10.0).sum(Kind::Int64).int64_value(&[]);
    let ones = multiples.eq(1.0).sum(Kind::Int64).int64_value(&[]);
    assert_eq!(usize::try_from(tens).unwrap(), units);
    assert_eq!(usize::try_from(tens + ones).unwrap(), multiples.numel());
}
