//! The plots over trials: the best so far, the trade-off, how trials ended.

use crate::report::chart::{Axes, WIDTH, bar, circle, drawing, label, path};
use crate::report::markup::Markup;
use crate::report::numbers::three;
use crate::study::{Direction, History, Objective, Recorded, Trial};

/// Dots of a plot; of more, evenly spaced ones are drawn.
const DOTS_MAX: usize = 4000;

/// Stretches of trials whose endings are counted together.
const STRETCHES_MAX: usize = 60;

/// How trials end, and the class of the color that says so.
pub(super) const ENDINGS: [(&str, &str); 5] = [
    ("complete", "hue-2"),
    ("stopped", "hue-0"),
    ("infeasible", "hue-1"),
    ("failed", "hue-4"),
    ("unfinished", "hue-9"),
];

/// Every trial's value, and the best one until then. Says what is left out.
pub(super) fn best_so_far(m: &mut Markup, history: &History, goal: &Objective) -> String {
    let all = history.trials().iter().enumerate();
    let points: Vec<(f64, f64)> = all
        .filter(|(_, trial)| trial.is_complete())
        .filter_map(|(number, trial)| Some((number as f64, goal.of(trial)?)))
        .collect();
    let axes = Axes::covering(&points, 280.0);
    let spot = |(x, y): (f64, f64)| (axes.x.at(x), axes.y.at(y));
    let title = format!("{} of every trial, and the best so far", goal.name);
    drawing(m, 280.0, &title, |m| {
        axes.draw(m, "trial", &goal.name);
        for &point in thinned(&points) {
            let note = format!("trial {}: {}", point.0, three(point.1));
            circle(m, "trial", spot(point), 2.5, &note);
        }
        let mut corners: Vec<(f64, f64)> = Vec::new();
        let mut best = None;
        for &(number, value) in &points {
            if best.is_none_or(|best| is_better(goal.direction, value, best)) {
                corners.extend(best.map(|best| spot((number, best))));
                corners.push(spot((number, value)));
                best = Some(value);
            }
        }
        if let (Some(best), Some(last)) = (best, points.last()) {
            corners.push(spot((last.0, best)));
        }
        path(m, "front", &corners);
    });
    left_out(points.len())
}

/// Two objectives of every complete trial, and those that no other beats.
pub(super) fn trade_off(
    m: &mut Markup,
    recorded: &Recorded,
    (x, y): (&Objective, &Objective),
    front: &[usize],
    best: Option<usize>,
) -> String {
    let trials = recorded.history.trials();
    let place = |number: usize| Some((x.of(&trials[number])?, y.of(&trials[number])?));
    let complete = trials
        .iter()
        .enumerate()
        .filter(|(_, trial)| trial.is_complete());
    let points: Vec<(usize, (f64, f64))> = complete
        .filter_map(|(number, _)| Some((number, place(number)?)))
        .collect();
    let places: Vec<(f64, f64)> = points.iter().map(|p| p.1).collect();
    let axes = Axes::covering_decades(&places, 420.0);
    let title = format!("{} against {} of every complete trial", y.name, x.name);
    drawing(m, 420.0, &title, |m| {
        axes.draw(m, &x.name, &y.name);
        let dot = |m: &mut Markup, class: &str, radius: f64, number: usize| {
            if let Some((at_x, at_y)) = place(number) {
                let genome = recorded.space.text(&trials[number].genome);
                let (x_name, y_name) = (&x.name, &y.name);
                let note = format!("trial {number}\n{x_name} {at_x}\n{y_name} {at_y}\n{genome}");
                circle(m, class, (axes.x.at(at_x), axes.y.at(at_y)), radius, &note);
            }
        };
        for &(number, _) in thinned(&points) {
            dot(m, "trial", 3.0, number);
        }
        for &number in front {
            dot(m, "on-front", 4.5, number);
        }
        if let Some(best) = best {
            dot(m, "best", 5.0, best);
        }
    });
    left_out(points.len())
}

/// How the trials of every stretch ended, as stacked shares.
pub(super) fn endings(m: &mut Markup, history: &History) {
    let trials = history.trials();
    let per_stretch = trials.len().div_ceil(STRETCHES_MAX).max(1);
    let (left, right, top, bottom) = (62.0, WIDTH - 18.0, 10.0, 150.0);
    let width = (right - left) / trials.len().div_ceil(per_stretch) as f64;
    drawing(m, 190.0, "How trials ended, over the study", |m| {
        for (index, stretch) in trials.chunks(per_stretch).enumerate() {
            let mut y = bottom;
            for (state, class) in ENDINGS {
                let count = stretch
                    .iter()
                    .filter(|t: &&Trial| t.state() == state)
                    .count();
                if count == 0 {
                    continue;
                }
                let share = count as f64 / stretch.len() as f64;
                let height = share * (bottom - top);
                y -= height;
                let first = index * per_stretch;
                let last = first + stretch.len() - 1;
                let note = format!(
                    "trials {first} to {last}\n{count} {state}, {} %",
                    three(100.0 * share)
                );
                let at = (left + width * index as f64, y);
                bar(m, class, at, ((width - 1.0).max(0.5), height), &note);
            }
        }
        for (share, text) in [(0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")] {
            let y = bottom - share * (bottom - top);
            label(m, ("tick", "end"), (left - 8.0, y + 4.0), text);
        }
        label(m, ("tick", "start"), (left, bottom + 18.0), "0");
        let last = trials.len().saturating_sub(1).to_string();
        label(m, ("tick", "end"), (right, bottom + 18.0), &last);
        label(
            m,
            ("title", "middle"),
            (left.midpoint(right), bottom + 34.0),
            "trial",
        );
    });
}

fn is_better(direction: Direction, value: f64, than: f64) -> bool {
    match direction {
        Direction::Minimize => value < than,
        Direction::Maximize => value > than,
    }
}

/// At most [`DOTS_MAX`] of the points, evenly spaced.
fn thinned<T>(points: &[T]) -> impl Iterator<Item = &T> {
    points
        .iter()
        .step_by(points.len().div_ceil(DOTS_MAX).max(1))
}

fn left_out(points: usize) -> String {
    match points.div_ceil(DOTS_MAX) {
        0 | 1 => String::new(),
        every => format!("One of {every} trials is drawn as a dot; lines and fronts are of all."),
    }
}
