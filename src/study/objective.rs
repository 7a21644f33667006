//! What trials of a study are compared in, the front that no trial beats, and how much it covers.

use super::header::Header;
use super::history::History;
use super::trial::{ACCURACY, Direction, LATENCY_MS, Trial};
use crate::explore::on_front;

/// One thing that trials are compared in.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    /// What it is called, such as `latency_ms`.
    pub name: String,
    /// Which way it is better.
    pub direction: Direction,
    source: Source,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Source {
    /// The value at this place.
    Value(usize),
    /// The metric of its name.
    Metric,
}

impl Objective {
    /// What a trial has of it, once it was evaluated.
    #[must_use]
    pub fn of(&self, trial: &Trial) -> Option<f64> {
        match self.source {
            Source::Value(place) => trial.values()?.get(place).copied(),
            Source::Metric => trial.metric(&self.name),
        }
    }

    /// The same as a cost, of which less is better.
    #[must_use]
    pub fn cost_of(&self, trial: &Trial) -> Option<f64> {
        self.of(trial).map(|value| match self.direction {
            Direction::Minimize => value,
            Direction::Maximize => -value,
        })
    }

    fn metric(name: &str, direction: Direction) -> Self {
        Self {
            name: name.to_owned(),
            direction,
            source: Source::Metric,
        }
    }
}

impl Header {
    /// The objectives of the study, in the order of the values of its trials.
    #[must_use]
    pub fn goals(&self) -> Vec<Objective> {
        let named = self.objectives().into_iter().zip(self.directions());
        let goals = named
            .enumerate()
            .map(|(place, (name, &direction))| Objective {
                name,
                direction,
                source: Source::Value(place),
            });
        goals.collect()
    }

    /// What the front of the study is over: its objectives, or, where a reward is the only one,
    /// accuracy and latency; the reward and latency where no accuracy was measured.
    #[must_use]
    pub fn trade_off(&self, history: &History) -> Vec<Objective> {
        let goals = self.goals();
        let measured = |name: &str| history.trials().iter().any(|t| t.metric(name).is_some());
        if goals.len() > 1 || !measured(LATENCY_MS) {
            return goals;
        }
        let latency = Objective::metric(LATENCY_MS, Direction::Minimize);
        if measured(ACCURACY) {
            vec![latency, Objective::metric(ACCURACY, Direction::Maximize)]
        } else {
            goals.into_iter().chain([latency]).collect()
        }
    }
}

/// Numbers of the completed trials that no other beats in all of `objectives`, the best in the first
/// one first. Of equals, the earliest.
#[must_use]
pub fn pareto_front(history: &History, objectives: &[Objective]) -> Vec<usize> {
    let trials = history.trials().iter().enumerate();
    let points = trials
        .filter(|(_, trial)| trial.is_complete())
        .filter_map(|(number, trial)| Some((number, costs_of(trial, objectives)?)));
    let (numbers, costs): (Vec<usize>, Vec<Vec<f64>>) = points.unzip();
    let on_front = on_front(&costs);
    let marked = numbers.into_iter().zip(costs).zip(on_front);
    let mut front: Vec<(usize, Vec<f64>)> = marked.filter(|(_, on)| *on).map(|(p, _)| p).collect();
    let order = |a: &Vec<f64>, b: &Vec<f64>| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal);
    // The sort is stable, and so the earliest of equals stays first.
    front.sort_by(|a, b| order(&a.1, &b.1));
    front.dedup_by(|later, earlier| later.1 == earlier.1);
    front.into_iter().map(|(number, _)| number).collect()
}

/// Numbers of the completed trials, the best in `objective` first; of equals, the earliest.
#[must_use]
pub fn ranking(history: &History, objective: &Objective) -> Vec<usize> {
    let trials = history.trials().iter().enumerate();
    let mut ranked: Vec<(f64, usize)> = trials
        .filter(|(_, trial)| trial.is_complete())
        .filter_map(|(number, trial)| Some((objective.cost_of(trial)?, number)))
        .collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    ranked.into_iter().map(|(_, number)| number).collect()
}

/// The costs of a trial, one per objective; nothing where one was not measured.
#[must_use]
pub fn costs_of(trial: &Trial, objectives: &[Objective]) -> Option<Vec<f64>> {
    objectives.iter().map(|o| o.cost_of(trial)).collect()
}

/// The volume between `points` and `reference`: of all costs that are no better than some point and
/// better than the reference. The hypervolume indicator of Zitzler and Thiele, by slices.
///
/// Points that are not better than the reference in every cost add nothing.
#[must_use]
pub fn hypervolume(points: &[Vec<f64>], reference: &[f64]) -> f64 {
    let is_inside = |point: &&Vec<f64>| point.iter().zip(reference).all(|(p, r)| p < r);
    let inside: Vec<&[f64]> = points.iter().filter(is_inside).map(Vec::as_slice).collect();
    volume(inside, reference)
}

/// Slices across the last cost: each is as thick as the way to the next point, and as large as what
/// all points before it cover in the other costs.
fn volume(mut points: Vec<&[f64]>, reference: &[f64]) -> f64 {
    let Some((&end, rest)) = reference.split_last() else {
        return if points.is_empty() { 0.0 } else { 1.0 };
    };
    let last = rest.len();
    points.sort_by(|a, b| a[last].total_cmp(&b[last]));
    let slices = (0..points.len()).map(|index| {
        let next = points.get(index + 1).map_or(end, |point| point[last]);
        match next - points[index][last] {
            thickness if thickness > 0.0 => thickness * volume(points[..=index].to_vec(), rest),
            _ => 0.0,
        }
    });
    slices.sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Counts the unit boxes of a grid that some point covers.
    fn counted(points: &[Vec<f64>], side: u8, costs: usize) -> u32 {
        let boxes = (0..u32::from(side).pow(u32::try_from(costs).unwrap())).filter(|&index| {
            let mut rest = index;
            let corner: Vec<f64> = (0..costs)
                .map(|_| {
                    let at = rest % u32::from(side);
                    rest /= u32::from(side);
                    f64::from(at)
                })
                .collect();
            points
                .iter()
                .any(|p| p.iter().zip(&corner).all(|(p, c)| p <= c))
        });
        u32::try_from(boxes.count()).unwrap()
    }

    proptest! {
        #[test]
        fn a_hypervolume_is_what_can_be_counted(
            points in (1usize..4).prop_flat_map(|costs| {
                prop::collection::vec(prop::collection::vec((0u8..6).prop_map(f64::from), costs), 0..12)
            })
        ) {
            let costs = points.first().map_or(2, Vec::len);
            let found = hypervolume(&points, &vec![5.0; costs]);
            prop_assert_eq!(found, f64::from(counted(&points, 5, costs)));
        }
    }
}
