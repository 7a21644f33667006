//! Selection against its definition, limits first.

use super::*;

fn member(number: usize, values: &[f64], excess: f64) -> Member {
    Member {
        number,
        values: values.to_vec(),
        excess,
        rank: 0,
        room: 0.0,
    }
}

fn numbers(members: &[Member]) -> Vec<usize> {
    members.iter().map(|m| m.number).collect()
}

#[test]
fn feasible_ones_come_first_and_the_others_by_their_excess() {
    let all = vec![
        member(0, &[], f64::MAX),
        member(1, &[], 0.5),
        member(2, &[1.0, 1.0], 0.0),
        member(3, &[2.0, 2.0], 0.0),
        member(4, &[], 0.1),
    ];
    let kept = selected(all.clone(), 5);
    assert_eq!(numbers(&kept), [3, 2, 4, 1, 0]);
    let ranks: Vec<usize> = kept.iter().map(|m| m.rank).collect();
    assert_eq!(ranks, [0, 1, 2, 3, 4]);
    assert_eq!(numbers(&selected(all, 3)), [3, 2, 4]);
}

#[test]
fn of_a_front_that_does_not_fit_the_roomiest_are_kept() {
    let all = vec![
        member(0, &[0.0, 10.0], 0.0),
        member(1, &[1.0, 9.0], 0.0),
        member(2, &[2.0, 8.0], 0.0),
        member(3, &[7.0, 3.0], 0.0),
        member(4, &[10.0, 0.0], 0.0),
    ];
    assert_eq!(numbers(&selected(all.clone(), 3)), [0, 4, 3]);
    assert_eq!(numbers(&selected(all, 4)), [0, 4, 3, 2]);
}
