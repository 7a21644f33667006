//! Lists put together from parts.

use std::sync::Arc;

use super::{BufferId, ListBuilder, LoopNest, TaskList, WeightId, Work};

const BYTES: u64 = 64;

/// Two tasks over two inputs of unequal size; the second one adds the first input again.
fn tail(list: &mut ListBuilder, x: BufferId, y: BufferId) -> BufferId {
    let work = Work::Vector { touched_bytes: 3 };
    let product = Work::LoopNest(LoopNest::matmul(8, 8, 8));
    let weights = list.weights(64);
    let z = list.task("product", "dense", product, &[y], Some(weights), BYTES);
    list.task("sum", "add", work, &[x, z], None, BYTES)
}

fn tail_alone() -> TaskList {
    let mut list = ListBuilder::default();
    let (x, y) = (list.input(BYTES), list.input(2 * BYTES));
    let sum = tail(&mut list, x, y);
    list.output(sum);
    list.finish().unwrap()
}

/// A list whose last tasks are added by `tail`.
fn list(tail: impl FnOnce(&mut ListBuilder, BufferId, BufferId) -> BufferId) -> TaskList {
    let mut list = ListBuilder::default();
    let image = list.input(3);
    let weights = list.weights(7);
    let product = Work::LoopNest(LoopNest::matmul(8, 8, 8));
    let y = list.task(
        "first",
        "dense",
        product,
        &[image],
        Some(weights),
        2 * BYTES,
    );
    let work = Work::Vector { touched_bytes: 3 };
    let x = list.task("second", "relu", work, &[image], None, BYTES);
    let sum = tail(&mut list, x, y);
    list.output(sum);
    list.finish().unwrap()
}

#[test]
fn an_appended_part_is_as_if_its_tasks_were_added_one_by_one() {
    let part = tail_alone();
    let appended = list(|list, x, y| list.append(&part, &[x, y]).unwrap()[0]);
    assert_eq!(appended, list(tail));
    assert_eq!(appended.tasks()[2].weights, Some(WeightId(1)));
    let operations = [&appended.tasks()[2], &part.tasks()[0]].map(|task| &task.operation);
    assert!(Arc::ptr_eq(operations[0], operations[1]));
}

#[test]
fn a_part_is_refused_over_other_inputs() {
    let part = tail_alone();
    let mut list = ListBuilder::default();
    let (x, y) = (list.input(BYTES), list.input(2 * BYTES));
    for inputs in [&[y, x][..], &[x], &[x, y, y], &[x, BufferId(7)]] {
        let error = list.append(&part, inputs).unwrap_err();
        assert_eq!(
            error.to_string(),
            "task `product` stands in a part over other inputs"
        );
    }
    assert!(list.append(&part, &[x, y]).is_ok());
}
