//! The plots: accuracy against latency, reward over trials, time per layer.

use super::record::{LayerTime, SearchRecord, TrialPoint};
use crate::report::chart::{Axes, WIDTH, bar, circle, drawing, label, path, shortened};
use crate::report::markup::Markup;
use crate::report::numbers::three;

/// Layers with a bar of their own.
pub(super) const TOP_LAYERS: usize = 24;

/// Characters of a layer's name beside its bar.
const NAME: usize = 36;

/// Height of one bar and its gap.
const BAR: f64 = 19.0;

/// The trials as points of latency and accuracy, with their Pareto front.
pub(super) fn pareto(m: &mut Markup, search: &SearchRecord, baseline_name: &str) {
    let points: Vec<(f64, f64)> = search
        .trials
        .iter()
        .map(|t| (t.latency_ms, t.accuracy))
        .collect();
    let axes = Axes::covering(&points, 400.0);
    drawing(m, 400.0, "Accuracy against latency of every trial", |m| {
        axes.draw(
            m,
            "simulated latency on the target, ms",
            &search.accuracy_label,
        );
        if let Some(target) = search.latency_target_ms {
            axes.rule(m, target, "latency target");
        }
        let front = front(&search.trials);
        let mut corners = Vec::new();
        for pair in front.windows(2) {
            corners.push(spot(&axes, pair[0].latency_ms, pair[0].accuracy));
            corners.push(spot(&axes, pair[1].latency_ms, pair[0].accuracy));
        }
        corners.extend(front.last().map(|t| spot(&axes, t.latency_ms, t.accuracy)));
        path(m, "front", &corners);
        for trial in &search.trials {
            if Some(trial.number) != search.best && Some(trial.number) != search.baseline {
                let on_front = front.iter().any(|t| t.number == trial.number);
                dot(
                    m,
                    &axes,
                    if on_front { "on-front" } else { "trial" },
                    4.5,
                    trial,
                );
            }
        }
        named(
            m,
            &axes,
            search,
            (search.baseline, "baseline"),
            baseline_name,
            20.0,
        );
        named(m, &axes, search, (search.best, "best"), "best", -12.0);
    });
}

/// The reward of every trial and the best so far.
pub(super) fn rewards(m: &mut Markup, search: &SearchRecord) {
    let points: Vec<(f64, f64)> = search
        .trials
        .iter()
        .map(|t| (t.number as f64, t.reward))
        .collect();
    let axes = Axes::covering(&points, 260.0);
    drawing(
        m,
        260.0,
        "Reward of every trial, and the best so far",
        |m| {
            axes.draw(m, "trial", "reward");
            let mut best = f64::NEG_INFINITY;
            let mut corners = Vec::new();
            for &(number, reward) in &points {
                if best.is_finite() {
                    corners.push((axes.x.at(number), axes.y.at(best)));
                }
                best = best.max(reward);
                corners.push((axes.x.at(number), axes.y.at(best)));
            }
            path(m, "front", &corners);
            for trial in &search.trials {
                let class = if Some(trial.number) == search.best {
                    "best"
                } else {
                    "trial"
                };
                circle(
                    m,
                    class,
                    (axes.x.at(trial.number as f64), axes.y.at(trial.reward)),
                    4.0,
                    &note(trial),
                );
            }
        },
    );
}

/// The slowest layers as bars, colored by unit, with what limits them.
pub(super) fn layers(m: &mut Markup, layers: &[LayerTime], units: &[&str]) {
    let mut slowest: Vec<&LayerTime> = layers.iter().collect();
    slowest.sort_by(|a, b| b.latency_ms.total_cmp(&a.latency_ms));
    slowest.truncate(TOP_LAYERS);
    let longest = slowest.first().map_or(1.0, |l| l.latency_ms).max(1e-9);
    let total: f64 = layers.iter().map(|l| l.latency_ms).sum();
    let longest_name = slowest
        .iter()
        .map(|l| l.name.chars().count().min(NAME))
        .max()
        .unwrap_or(0);
    let (left, right) = (14.0 + 6.4 * longest_name as f64, WIDTH - 150.0);
    let height = BAR * slowest.len() as f64 + 8.0;
    drawing(m, height, "Time of the slowest layers", |m| {
        for (row, layer) in slowest.iter().enumerate() {
            let y = 4.0 + BAR * row as f64;
            let width = ((right - left) * layer.latency_ms / longest).max(1.0);
            let share = 100.0 * layer.latency_ms / total;
            let note = format!(
                "{} ({}) on {}: {} ms, {share:.1} % of the layers, bound by {}, {} MACs",
                layer.name,
                layer.op,
                layer.unit,
                three(layer.latency_ms),
                layer.bound_by,
                layer.macs
            );
            label(
                m,
                ("name", "end"),
                (left - 8.0, y + 12.0),
                &shortened(&layer.name, NAME),
            );
            bar(
                m,
                &unit_class(units, &layer.unit),
                (left, y + 2.0),
                (width, BAR - 5.0),
                &note,
            );
            let value = format!("{} ms  {}", three(layer.latency_ms), layer.bound_by);
            label(m, ("tick", "start"), (left + width + 6.0, y + 12.0), &value);
        }
    });
}

/// One bar of the whole time, split by `of` a layer.
pub(in crate::report) fn split(
    m: &mut Markup,
    parts: &[(String, f64)],
    class: impl Fn(usize) -> String,
) {
    let total: f64 = parts.iter().map(|p| p.1).sum();
    drawing(m, 44.0, "Shares of the time", |m| {
        let mut x = 0.0;
        for (index, (name, ms)) in parts.iter().enumerate() {
            let width = WIDTH * ms / total;
            let share = format!("{name} {:.0} %", 100.0 * ms / total);
            let note = format!("{share}, {} ms", three(*ms));
            bar(
                m,
                &class(index),
                (x, 0.0),
                ((width - 2.0).max(0.5), 18.0),
                &note,
            );
            if width > 7.0 * share.len() as f64 {
                label(m, ("tick", "start"), (x, 34.0), &share);
            }
            x += width;
        }
    });
}

/// The class of a unit's color: the place of the unit among all units.
pub(super) fn unit_class(units: &[&str], unit: &str) -> String {
    let place = units.iter().position(|&u| u == unit).unwrap_or(0);
    format!("fill-{}", place % 4)
}

/// The trials that no other beats in both latency and accuracy, from fast to slow.
fn front(trials: &[TrialPoint]) -> Vec<&TrialPoint> {
    let mut order: Vec<&TrialPoint> = trials.iter().collect();
    order.sort_by(|a, b| {
        a.latency_ms
            .total_cmp(&b.latency_ms)
            .then(b.accuracy.total_cmp(&a.accuracy))
    });
    let mut best = f64::NEG_INFINITY;
    order.retain(|trial| {
        let better = trial.accuracy > best;
        best = best.max(trial.accuracy);
        better
    });
    order
}

fn named(
    m: &mut Markup,
    axes: &Axes,
    search: &SearchRecord,
    (number, class): (Option<usize>, &str),
    name: &str,
    shift: f64,
) {
    let Some(trial) = search.trials.iter().find(|t| Some(t.number) == number) else {
        return;
    };
    dot(m, axes, class, 7.0, trial);
    let (x, y) = spot(axes, trial.latency_ms, trial.accuracy);
    let share = axes.x.share(trial.latency_ms);
    let anchor = if share > 0.8 {
        "end"
    } else if share < 0.2 {
        "start"
    } else {
        "middle"
    };
    let text = format!("{name}: {} ms", three(trial.latency_ms));
    label(m, ("mark", anchor), (x, y + shift), &text);
}

fn dot(m: &mut Markup, axes: &Axes, class: &str, radius: f64, trial: &TrialPoint) {
    circle(
        m,
        class,
        spot(axes, trial.latency_ms, trial.accuracy),
        radius,
        &note(trial),
    );
}

fn spot(axes: &Axes, latency_ms: f64, accuracy: f64) -> (f64, f64) {
    (axes.x.at(latency_ms), axes.y.at(accuracy))
}

fn note(trial: &TrialPoint) -> String {
    format!(
        "trial {}: {} ms, accuracy {}, reward {}\n{}",
        trial.number,
        three(trial.latency_ms),
        three(trial.accuracy),
        three(trial.reward),
        trial.genome
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The twin compares every pair.
        #[test]
        fn the_front_is_what_nothing_beats(values in prop::collection::vec((0u8..20, 0u8..20), 0..30)) {
            let trials: Vec<TrialPoint> = values.iter().enumerate().map(|(number, &(l, a))| TrialPoint {
                number,
                genome: String::new(),
                latency_ms: f64::from(l),
                accuracy: f64::from(a),
                reward: 0.0,
            }).collect();
            let on_front: Vec<(f64, f64)> =
                front(&trials).iter().map(|t| (t.latency_ms, t.accuracy)).collect();
            for trial in &trials {
                let beaten = trials.iter().any(|o| {
                    o.latency_ms <= trial.latency_ms && o.accuracy >= trial.accuracy
                        && (o.latency_ms, o.accuracy) != (trial.latency_ms, trial.accuracy)
                });
                let spot = (trial.latency_ms, trial.accuracy);
                prop_assert_eq!(on_front.contains(&spot), !beaten);
            }
        }
    }
}
