//! Networks side by side: units that pass a task's own features on leave single-task networks.

use super::*;

/// What `method` predicts when its units pass on what is a task's own, and what single-task networks
/// with the same weights do.
fn passed_on(method: &Method, own: impl Fn(&str, usize) -> Option<f32>) -> [Vec<Vec<f32>>; 2] {
    let graph = build(method, &TASKS);
    let mut weights = random(&graph, 1);
    let names: Vec<String> = weights.iter().map(|(name, _)| name.to_owned()).collect();
    for name in names.iter().filter(|name| method.is_unit(name)) {
        set(&mut weights, name, |index| own(name, index).unwrap());
    }
    let alone = TASKS.map(|task| {
        let network = single_task("tiny", &tiny(), task, &options(&TASKS)).unwrap();
        let mut own = Weights::initial(&network, 7);
        let names: Vec<String> = own.iter().map(|(name, _)| name.to_owned()).collect();
        for name in names {
            let of_tower = match name.starts_with("head/") {
                true => name.clone(),
                false => format!("{task}/{name}"),
            };
            own.insert(name, weights.get(&of_tower).unwrap().clone());
        }
        predictions(&network, &own).remove(0)
    });
    [predictions(&graph, &weights), alone.to_vec()]
}

#[test]
fn identity_stitches_leave_single_task_networks_bit_for_bit() {
    let [stitched, alone] = passed_on(&Method::CrossStitch, |name, _| {
        let mut words = name.split('/');
        let (target, source) = (words.next()?, words.nth(1)?);
        Some(f32::from(target == source))
    });
    assert_eq!(stitched, alone);
}

#[test]
fn subspaces_that_keep_to_themselves_leave_single_task_networks_bit_for_bit() {
    let [mixed, alone] = passed_on(&Method::Sluice, |name, _| {
        let words: Vec<&str> = name.split('/').collect();
        let own = match words[..] {
            [_, "layers", layer, _] => layer == "last",
            [target, _, into, source, from, _] => target == source && into == from,
            _ => return None,
        };
        Some(f32::from(own))
    });
    assert_eq!(mixed, alone);
}

#[test]
fn reductions_to_the_own_channels_leave_single_task_networks() {
    let graph = build(&Method::NddrCnn, &TASKS);
    let [reduced, alone] = passed_on(&Method::NddrCnn, |name, index| {
        let part = name.rsplit('/').next()?;
        match part {
            "weights" => {
                let id = graph.tensor_named(name)?;
                let in_c = graph[id].shape[3];
                Some(f32::from(index / in_c == index % in_c))
            }
            // Epsilon is 1e-3: the norm divides by 1.
            "variance" => Some(1.0 - 1e-3),
            "gamma" => Some(1.0),
            "mean" | "beta" => Some(0.0),
            _ => None,
        }
    });
    close(&reduced, &alone);
}

#[test]
fn units_start_with_most_of_their_own() {
    let stitch = ["seg/stitch2/seg/weights", "seg/stitch2/depth/weights"];
    let sluice = [
        "seg/sluice2/1/seg/1/weights",
        "seg/sluice2/1/depth/2/weights",
    ];
    let nddr = ["seg/nddr2/conv/weights"; 2];
    // The weights of a reduction are [4, 1, 1, 12]: the channels of the task, then of the others.
    for (method, names, places, [own, others]) in [
        (Method::CrossStitch, stitch, [0, 0], [0.9, 0.05]),
        (Method::Sluice, sluice, [0, 0], [0.95, 0.01]),
        (Method::NddrCnn, nddr, [0, 4], [0.9, 0.05]),
    ] {
        let graph = build(&method, &TASKS);
        let initial: BTreeMap<String, Vec<f32>> =
            method.initial(&graph, &TASKS).into_iter().collect();
        assert!(!initial.is_empty());
        for (name, values) in &initial {
            let id = graph.tensor_named(name).unwrap();
            assert_eq!(values.len(), graph[id].shape.elements(), "{name}");
        }
        let [same, other] = [0, 1].map(|n| initial[names[n]][places[n]]);
        assert!((same - own).abs() < 1e-6_f32, "{method}: {same}");
        assert!((other - others).abs() < 1e-6_f32, "{method}: {other}");
    }
    let graph = build(&Method::NddrCnn, &TASKS);
    let initial: BTreeMap<String, Vec<f32>> = Method::NddrCnn
        .initial(&graph, &TASKS)
        .into_iter()
        .collect();
    let row = &initial[nddr[0]][12..24];
    let read = row.iter().enumerate().filter(|(_, v)| **v != 0.0);
    assert_eq!(read.map(|(index, _)| index).collect::<Vec<_>>(), [1, 5, 9]);
}

/// A task reads the trunks of all, its own units, and no pyramid, head or last units of others.
#[test]
fn a_task_reads_the_trunks_of_all_and_the_last_units_of_its_own() {
    for (method, unit) in [
        (Method::CrossStitch, "stitch"),
        (Method::Sluice, "sluice"),
        (Method::NddrCnn, "nddr"),
    ] {
        let graph = build(&method, &TASKS);
        let read = read_by(&graph, Task::Depth);
        let any = |prefix: &str| read.iter().any(|name| name.starts_with(prefix));
        for task in TASKS {
            let own = task == Task::Depth;
            assert!(any(&format!("{task}/block07/")), "{method}, {task}");
            assert!(any(&format!("{task}/{unit}4/")), "{method}, {task}");
            assert_eq!(any(&format!("{task}/{unit}5/")), own, "{method}, {task}");
            assert_eq!(any(&format!("{task}/lateral/")), own, "{method}, {task}");
            assert_eq!(any(&format!("head/{task}/")), own, "{method}, {task}");
        }
    }
}

#[test]
fn the_subspaces_of_every_stage_of_every_trunk_are_kept_apart() {
    let graph = build(&Method::Sluice, &TASKS);
    let names = Method::Sluice.subspaces(&tiny(), &TASKS, &graph);
    assert_eq!(names.len(), 5 * 3);
    assert!(names.contains(&"depth/block03/project/conv/weights".to_owned()));
    assert!(
        Method::CrossStitch
            .subspaces(&tiny(), &TASKS, &graph)
            .is_empty()
    );
}
