//! Programs of parts against their whole lists, in the slow obvious way.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::*;
use crate::simulate::tests::random::{any_list, any_machine};
use crate::task::{BufferId, ListBuilder, Task};

/// `list` cut into parts of so many tasks each.
fn cut(list: &TaskList, tasks: usize) -> Sequence {
    let inputs: Vec<u64> = list
        .inputs()
        .iter()
        .map(|id| list.activations()[id.0].bytes)
        .collect();
    let mut sequence = Sequence::over(&inputs);
    // By buffer of the list: the buffer of the sequence.
    let mut buffers: Vec<Option<BufferId>> = vec![None; list.activations().len()];
    for (input, &made) in list.inputs().iter().zip(sequence.inputs()) {
        buffers[input.0] = Some(made);
    }
    let all = list.tasks();
    for (place, chunk) in all.chunks(tasks).enumerate() {
        let later = &all[all.len().min((place + 1) * tasks)..];
        let (part, inputs, outputs) = part(list, chunk, later);
        let over: Vec<BufferId> = inputs.iter().filter_map(|id| buffers[id.0]).collect();
        let results = sequence.append(&Arc::new(part), &over).unwrap();
        for (output, result) in outputs.into_iter().zip(results) {
            buffers[output.0] = Some(result);
        }
    }
    for output in list.outputs() {
        sequence.output(buffers[output.0].unwrap());
    }
    sequence
}

/// Some tasks of a list as a list of their own, and what they read and write of the whole.
fn part(
    list: &TaskList,
    chunk: &[Task],
    later: &[Task],
) -> (TaskList, Vec<BufferId>, Vec<BufferId>) {
    let mut own = ListBuilder::default();
    let mut numbers: Vec<Option<BufferId>> = vec![None; list.activations().len()];
    let bytes = |id: &BufferId| list.activations()[id.0].bytes;
    let written = |id: &BufferId| chunk.iter().any(|task| task.writes.contains(id));
    let mut inputs = Vec::new();
    for read in chunk.iter().flat_map(|task| &task.reads) {
        if !written(read) && !inputs.contains(read) {
            inputs.push(*read);
            numbers[read.0] = Some(own.input(bytes(read)));
        }
    }
    let mut outputs = Vec::new();
    for task in chunk {
        for write in &task.writes {
            numbers[write.0] = Some(own.activation(bytes(write)));
            let read = later.iter().any(|task| task.reads.contains(write));
            outputs.extend((read || list.outputs().contains(write)).then_some(*write));
        }
        let renumbered = |ids: &[BufferId]| ids.iter().filter_map(|id| numbers[id.0]).collect();
        let weights = task.weights;
        let weights = weights.map(|id| own.parameters(list.weights()[id.0]));
        own.push(Task {
            operation: Arc::clone(&task.operation),
            reads: renumbered(&task.reads),
            weights,
            writes: renumbered(&task.writes),
        });
    }
    for output in &outputs {
        own.output(numbers[output.0].unwrap());
    }
    (own.finish().unwrap(), inputs, outputs)
}

/// Random programs on random machines: most spill or work on the host, but many do not.
#[test]
fn programs_of_parts_cost_what_their_lists_cost() {
    let of_parts = Cell::new(0);
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::with_cases(6000), rng);
    let lists = prop::collection::vec(any_list(), 1..3);
    let outcome = runner.run(
        &(any_machine(), lists, 1..4_usize),
        |(parts, lists, tasks)| {
            let profile = parts.machine().check().expect("a machine");
            let quotes = Quotes::new(profile.clone());
            for list in lists.iter().chain(&lists) {
                let program = cut(list, tasks);
                let whole = cost(&profile, &program.list().unwrap()).map_err(NoCost::Infeasible);
                prop_assert_eq!(quotes.cost(&program), whole);
                if let Ok(Some(_)) = quotes.of_parts(&program) {
                    of_parts.set(of_parts.get() + 1);
                }
            }
            Ok(())
        },
    );
    outcome.unwrap();
    assert!(of_parts.get() > 1000, "{} of parts", of_parts.get());
}

#[test]
fn memory_is_bounded() {
    let profile = Profile::named("coral-edgetpu").unwrap();
    let quotes = Quotes::new(profile);
    for bytes in 0..PARTS_MAX + 10 {
        let mut list = ListBuilder::default();
        let input = list.input(bytes as u64);
        list.output(input);
        let program = Arc::new(list.finish().unwrap());
        quotes.known(&program);
        assert!(quotes.parts.read().unwrap().0.len() <= PARTS_MAX);
    }
}
