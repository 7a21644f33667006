//! One trunk: masks of 1 and policies that skip nothing leave the network with hard sharing.

use super::*;

/// The weights of `graph` by those of the network with hard sharing; what it has beside them is as
/// it is. `own` is what stands before the names of what each task has of its own there.
fn shared(weights: &mut Weights, plain: &Weights, own: impl Fn(&str) -> String) {
    let names: Vec<String> = weights.iter().map(|(name, _)| name.to_owned()).collect();
    for name in names {
        if let Some(values) = plain.get(&own(&name)) {
            weights.insert(name, values.clone());
        }
    }
}

/// A name without a task in front.
fn without_task(name: &str) -> String {
    let parts = name.split_once('/');
    match parts {
        Some((task, rest)) if task.split('+').all(|t| t.parse::<Task>().is_ok()) => rest.to_owned(),
        _ => name.to_owned(),
    }
}

#[test]
fn attention_of_1_is_hard_sharing() {
    let plain = build(&Method::MultiTask, &TASKS);
    let graph = build(&Method::Mtan, &TASKS);
    let of_plain = random(&plain, 1);
    let mut weights = random(&graph, 2);
    shared(&mut weights, &of_plain, without_task);
    assert_ne!(
        predictions(&graph, &weights),
        predictions(&plain, &of_plain)
    );
    // A mask is the sigmoid of a batch norm; of 100 it is 1 in single precision.
    let names: Vec<String> = weights.iter().map(|(name, _)| name.to_owned()).collect();
    for name in &names {
        if name.ends_with("/mask/norm/gamma") {
            set(&mut weights, name, |_| 0.0);
        }
        if name.ends_with("/mask/norm/beta") {
            set(&mut weights, name, |_| 100.0);
        }
    }
    assert_eq!(
        predictions(&graph, &weights),
        predictions(&plain, &of_plain)
    );
}

#[test]
fn a_task_reads_the_shared_trunk_and_its_own_attention() {
    let graph = build(&Method::Mtan, &TASKS);
    let read = read_by(&graph, Task::Depth);
    let any = |prefix: &str| read.iter().any(|name| name.starts_with(prefix));
    assert!(any("block01/") && any("block07/"));
    for stage in 1..=5 {
        assert!(any(&format!("depth/attention{stage}/mask/")), "{stage}");
        assert!(!any(&format!("seg/attention{stage}/")), "{stage}");
    }
    // The fifth block is the last of its stage; the module reads what it reads.
    let module = graph
        .nodes
        .iter()
        .find(|n| n.name == "depth/attention3/concat");
    let read = module.unwrap().inputs.iter();
    let names: Vec<&str> = read.map(|&id| graph[id].name.as_str()).collect();
    assert_eq!(names, ["block04/project/norm", "depth/attention2/pool"]);
}

#[test]
fn a_policy_that_skips_nothing_is_hard_sharing() {
    let policy: Policy = "seg=11,depth=11,normals=11".parse().unwrap();
    let all = Method::AdaShare(Some(policy));
    assert_eq!(build(&all, &TASKS), build(&Method::MultiTask, &TASKS));
}

/// Every task skips block 3: the network is that of a trunk without it.
#[test]
fn a_block_that_all_skip_is_not_there() {
    let policy: Policy = "seg=01,depth=01,normals=01".parse().unwrap();
    let skipped = build(&Method::AdaShare(Some(policy)), &TASKS);
    let mut shorter = tiny();
    shorter.blocks.remove(2);
    shorter.taps = [4, 5, 6];
    let without = network("tiny", &shorter, &options(&TASKS)).unwrap();
    let names = |graph: &Verified| -> Vec<String> {
        let names = graph.nodes.iter().map(|node| node.name.clone());
        names.filter(|name| !name.starts_with("block")).collect()
    };
    assert_eq!(names(&skipped), names(&without));
    assert_eq!(graph_cost(&skipped), graph_cost(&without));
    // The blocks behind it are one number further.
    let weights = random(&without, 3);
    let mut of_skipped = Weights::initial(&skipped, 0);
    shared(&mut of_skipped, &weights, |name| {
        match name.split_once('/') {
            Some((block, rest)) if block > "block03" && block.starts_with("block") => {
                let number: usize = block["block".len()..].parse().unwrap();
                format!("block{:02}/{rest}", number - 1)
            }
            _ => name.to_owned(),
        }
    });
    let found = predictions(&skipped, &of_skipped);
    assert_eq!(found, predictions(&without, &weights));
}

/// An open network with gates of 0 and 1 computes what the decided one computes.
#[test]
fn gates_choose_what_a_policy_decides() {
    let policy: Policy = "seg=11,depth=01,normals=10".parse().unwrap();
    let decided = build(&Method::AdaShare(Some(policy.clone())), &TASKS);
    let open = build(&Method::AdaShare(None), &TASKS);
    // Statistics of the same layer on paths of other tasks, or of several, are the same here.
    let plain = random(&build(&Method::MultiTask, &TASKS), 5);
    let (mut of_open, mut of_decided) = (Weights::initial(&open, 0), Weights::initial(&decided, 0));
    shared(&mut of_open, &plain, without_task);
    shared(&mut of_decided, &plain, without_task);
    let names: Vec<String> = of_open.iter().map(|(name, _)| name.to_owned()).collect();
    let mut gates = 0;
    for name in &names {
        if let Some((task, block)) = adashare::gate(name) {
            let index = residual_blocks(&tiny())
                .iter()
                .position(|&b| b == block)
                .unwrap();
            set(&mut of_open, name, |_| {
                f32::from(policy.selects(task, index))
            });
            gates += 1;
        }
    }
    assert_eq!(gates, 6);
    let [found, expected] = [
        predictions(&open, &of_open),
        predictions(&decided, &of_decided),
    ];
    assert_eq!(found, expected);
    // seg and normals share block 3, and part at block 5.
    let nodes: BTreeSet<&str> = decided.nodes.iter().map(|n| n.name.as_str()).collect();
    assert!(nodes.contains("seg+normals/block03/add"), "{nodes:?}");
    assert!(nodes.contains("seg/block05/add") && nodes.contains("depth/block05/add"));
    assert!(!nodes.contains("normals/block05/add"));
    assert!(!nodes.iter().any(|name| name.starts_with("depth/block03")));
}

#[test]
fn paths_share_what_is_learned_and_not_what_runs() {
    let open = build(&Method::AdaShare(None), &TASKS);
    let plain = build(&Method::MultiTask, &TASKS);
    assert_eq!(graph_cost(&open).params, graph_cost(&plain).params + 6);
    let read = read_by(&open, Task::Depth);
    let has = |name: &str| read.contains(name);
    assert!(has("block05/expand/conv/weights") && has("block05/expand/norm/gamma"));
    assert!(has("depth/block05/expand/norm/mean") && has("depth/block05/gate/select"));
    assert!(!has("seg/block05/gate/select") && !has("seg/block05/expand/norm/mean"));
}
