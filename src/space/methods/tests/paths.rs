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

/// The method of a name, over the tiny network.
fn method(text: &str) -> Method {
    Method::parse(text, &tiny()).unwrap().unwrap()
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
    let all = method("adashare-edge:seg=11,depth=11,normals=11");
    assert_eq!(build(&all, &TASKS), build(&Method::MultiTask, &TASKS));
}

/// Every task skips block 3: the network is that of a trunk without it.
#[test]
fn a_block_that_all_skip_is_not_there() {
    let skipped = method("adashare-edge:seg=01,depth=01,normals=01");
    let skipped = build(&skipped, &TASKS);
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
    let Method::AdaShare(Some(policy)) = method("adashare-edge:seg=11,depth=01,normals=10") else {
        panic!("a policy is given")
    };
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
            let index = adashare::residual_blocks(&tiny())
                .iter()
                .position(|&b| b == block)
                .unwrap();
            set(&mut of_open, name, |_| {
                f32::from(policy.choice(task, index).unwrap())
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

#[test]
fn all_levels_of_all_blocks_are_hard_sharing() {
    let all = method("den-edge:seg=4444444,depth=4444444,normals=4444444");
    assert_eq!(build(&all, &TASKS), build(&Method::MultiTask, &TASKS));
}

/// The weights of a network whose blocks have levels by those of hard sharing: of a part of a
/// block, the hidden channels that it has.
fn parted(graph: &Verified, plain: &Weights, hidden: impl Fn(&str) -> [usize; 2]) -> Weights {
    let mut weights = Weights::initial(graph, 0);
    let names: Vec<String> = weights.iter().map(|(name, _)| name.to_owned()).collect();
    for name in &names {
        let shared = without_task(name);
        let words: Vec<&str> = shared.split('/').collect();
        let (block, rest) = match words[..] {
            [block, level, ..] if level.starts_with("level") => (block, &words[2..]),
            [block, ..] => (block, &words[1..]),
            [] => unreachable!("a name has a word"),
        };
        if rest.contains(&"gate") {
            continue;
        }
        let whole = plain.get(&format!("{block}/{}", rest.join("/"))).unwrap();
        let part = weights.get(name).unwrap().shape.clone();
        let [first, _] = hidden(&shared);
        let mut values = Values {
            shape: part.clone(),
            values: Vec::new(),
        };
        // Where an axis is shorter, it begins at the first channel of the part.
        let start = |axis: usize| match part[axis] == whole.shape[axis] {
            true => 0,
            false => first,
        };
        for index in 0..part.elements() {
            let (mut left, mut place, mut stride) = (index, 0, 1);
            for axis in (0..part.len()).rev() {
                place += (left % part[axis] + start(axis)) * stride;
                left /= part[axis];
                stride *= whole.shape[axis];
            }
            values.values.push(whole.values[place]);
        }
        weights.insert(name.clone(), values);
    }
    weights
}

/// An open network with gates of 0 and 1 computes what the decided one computes, and a task's levels
/// are the first channels of hard sharing.
#[test]
fn gates_choose_the_levels_that_a_policy_decides() {
    let text = "den-edge:seg=4241444,depth=2241123,normals=4141444";
    let Method::Den(Some(policy)) = method(text) else {
        panic!("a policy is given")
    };
    let decided = build(&method(text), &TASKS);
    let open = build(&Method::Den(None), &TASKS);
    let plain = random(&build(&Method::MultiTask, &TASKS), 5);
    // Which channels a part has: those behind the level before it that some task chooses.
    let channels = |name: &str, ends: &dyn Fn(usize) -> Vec<u8>| -> [usize; 2] {
        let words: Vec<&str> = name.split('/').collect();
        let Some(number) = words[0].strip_prefix("block") else {
            return [0; 2];
        };
        let number: usize = number.parse().unwrap();
        let level = words[1]
            .strip_prefix("level")
            .map(|level| level.parse::<u8>().unwrap());
        let ends = ends(number);
        let end = level.unwrap_or(ends[0]);
        let first = ends
            .iter()
            .rev()
            .find(|&&other| other < end)
            .copied()
            .unwrap_or(0);
        let (shape, in_c) = tiny()
            .blocks_with_inputs()
            .nth(number - 1)
            .map(|(b, c)| (*b, c))
            .unwrap();
        let BlockForm::Ibn { expansion } = shape.form else {
            panic!("all of tiny's blocks are inverted bottlenecks")
        };
        let group = in_c * expansion / usize::from(den::LEVELS);
        [first, end].map(|level| usize::from(level) * group)
    };
    let all = |_| vec![1, 2, 3, 4];
    let chosen = |number: usize| {
        let mut ends: Vec<u8> = TASKS
            .map(|task| policy.choice(task, number - 1).unwrap())
            .to_vec();
        ends.sort_unstable();
        ends.dedup();
        ends
    };
    let mut of_open = parted(&open, &plain, |name| channels(name, &all));
    let of_decided = parted(&decided, &plain, |name| channels(name, &chosen));
    let names: Vec<String> = of_open.iter().map(|(name, _)| name.to_owned()).collect();
    for name in &names {
        if let Some((task, number, level)) = den::gate(name) {
            let runs = level <= policy.choice(task, number - 1).unwrap();
            set(&mut of_open, name, |_| f32::from(u8::from(runs)));
        }
    }
    close(
        &predictions(&open, &of_open),
        &predictions(&decided, &of_decided),
    );
    // seg and normals share the first block, and part at the second.
    let nodes: BTreeSet<&str> = decided.nodes.iter().map(|n| n.name.as_str()).collect();
    assert!(
        nodes.contains("seg+normals/block01/level4/project/conv"),
        "{nodes:?}"
    );
    assert!(nodes.contains("depth/block01/level2/project/conv"));
    assert!(!nodes.contains("depth/block01/level4/project/conv"));
    assert!(
        nodes.contains("seg/block03/project/conv")
            && nodes.contains("normals/block03/project/conv")
    );
    assert!(!nodes.iter().any(|name| name.contains("block03/level")));
}
