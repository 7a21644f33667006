//! Inheritance against a twin that looks at every element by its place.

use kernels::Shape;
use proptest::prelude::*;

use super::*;
use crate::train::training::tests::training;

fn numbered(shape: &[usize], first: f32) -> Values {
    let count: usize = shape.iter().product();
    Values {
        shape: Shape::from(shape.to_vec()),
        values: (0..count)
            .map(|i| first + f32::from(u16::try_from(i).unwrap()))
            .collect(),
    }
}

fn place(shape: &[usize], mut index: usize) -> Vec<usize> {
    let mut place = vec![0; shape.len()];
    for axis in (0..shape.len()).rev() {
        place[axis] = index % shape[axis];
        index /= shape[axis];
    }
    place
}

fn index(shape: &[usize], place: &[usize]) -> usize {
    shape
        .iter()
        .zip(place)
        .fold(0, |index, (extent, at)| index * extent + at)
}

/// The place in `parent` that an element of `own` comes from, if any.
fn source(own: &[usize], parent: &[usize], place: &[usize]) -> Option<Vec<usize>> {
    let axis = |axis: usize| {
        let (own, parent, at) = (own[axis], parent[axis], place[axis]);
        // The middles of two kernels of odd sizes lie on each other.
        let from = match axis {
            1 | 2 => (at + parent / 2).checked_sub(own / 2)?,
            _ => at,
        };
        (from < parent).then_some(from)
    };
    (0..4).map(axis).collect()
}

fn shape() -> impl Strategy<Value = Vec<usize>> {
    (1..4_usize, 0..3_usize, 0..3_usize, 1..5_usize)
        .prop_map(|(out, h, w, c)| vec![out, 2 * h + 1, 2 * w + 1, c])
}

proptest! {
    #[test]
    fn what_is_common_is_taken_and_the_rest_stays(own in shape(), parent in shape()) {
        let start = numbered(&own, 0.0);
        let given = numbered(&parent, 10_000.0);
        let mut taken = start.clone();
        let count = take(&mut taken, &given);
        let mut expected = 0;
        for i in 0..start.values.len() {
            let value = match source(&own, &parent, &place(&own, i)) {
                Some(place) => {
                    expected += 1;
                    given.values[index(&parent, &place)]
                }
                None => start.values[i],
            };
            prop_assert_eq!(taken.values[i], value, "element {} of {:?} from {:?}", i, own, parent);
        }
        prop_assert_eq!(count, expected);
    }
}

#[test]
fn three_by_three_lies_in_the_middle_of_five_by_five() {
    let mut own = numbered(&[1, 5, 5, 1], 100.0);
    assert_eq!(take(&mut own, &numbered(&[1, 3, 3, 1], 0.0)), 9);
    let row = |i: usize| &own.values[5 * i..5 * i + 5];
    assert_eq!(row(0), [100.0, 101.0, 102.0, 103.0, 104.0]);
    assert_eq!(row(1), [105.0, 0.0, 1.0, 2.0, 109.0]);
    assert_eq!(row(3), [115.0, 6.0, 7.0, 8.0, 119.0]);
}

#[test]
fn a_network_of_the_same_shapes_takes_everything() {
    let graph = training().graph().unwrap();
    let parent = Weights::initial(&graph, 1);
    let mut child = Weights::initial(&graph, 2);
    assert_ne!(child, parent);
    assert_eq!(inherit(&mut child, &parent), 1.0);
    assert_eq!(child, parent);
}

#[test]
fn another_network_takes_what_it_has_in_common() {
    let of = |network: &str, seed| {
        let mut training = training();
        training.network = network.to_owned();
        Weights::initial(&training.graph().unwrap(), seed)
    };
    let parent = of("ednas-t6", 1);
    let start = of("ednas-t7", 2);
    let mut child = start.clone();
    let share = inherit(&mut child, &parent);
    assert!((0.2..0.95).contains(&share), "{share}");
    // The pyramid and the heads have the same shapes in all networks of the space.
    let name = "head/depth/predict/weights";
    assert_eq!(child.get(name), parent.get(name));
    for (name, values) in child.iter() {
        assert_eq!(values.shape, start.get(name).unwrap().shape, "{name}");
    }
}

#[test]
fn parameters_of_another_rank_are_left_alone() {
    let mut own = numbered(&[2, 2], 0.0);
    assert_eq!(take(&mut own, &numbered(&[4], 9.0)), 0);
    assert_eq!(own, numbered(&[2, 2], 0.0));
}
