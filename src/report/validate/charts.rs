//! The drawings of a validation: a heat map of agreement, and the steps of every layer.

use super::text::share;
use super::{DivergenceRecord, PairRecord, StepsRecord};
use crate::report::chart::{Axes, WIDTH, bar, drawing, label, line};
use crate::report::markup::Markup;

/// The side of a field of the heat map, across and down.
const FIELD: (f64, f64) = (118.0, 56.0);

/// Room for the names of its rows.
const NAMES: f64 = 108.0;

/// Shares within one step from which on a field has a color, best first, with what the color says.
pub(super) const LEVELS: [(f64, &str, &str); 4] = [
    (1.0, "hue-2", "all within one step"),
    (0.999, "hue-5", "99.9 % or more"),
    (0.99, "hue-6", "99 % or more"),
    (0.0, "hue-4", "less"),
];

/// The height of the plot of steps.
const STEPS: f64 = 260.0;

/// Every runtime against every other: the share within one step, and the largest difference.
pub(super) fn heat_map(m: &mut Markup, names: &[&str], pairs: &[PairRecord]) {
    let down = FIELD.1 * names.len() as f64;
    drawing(m, down + 26.0, "Agreement of every two runtimes", |m| {
        for (row, name) in names.iter().enumerate() {
            let y = FIELD.1 * row as f64;
            label(
                m,
                ("mark", "end"),
                (NAMES - 10.0, y + FIELD.1 / 2.0 + 4.0),
                name,
            );
            for (column, other) in names.iter().enumerate().take(row) {
                let of = |pair: &&PairRecord| pair.reference == *other && pair.runtime == *name;
                let at = (NAMES + FIELD.0 * column as f64, y);
                if let Some(pair) = pairs.iter().find(of) {
                    field(m, at, pair);
                }
            }
        }
        for (column, name) in names.iter().enumerate().take(names.len().saturating_sub(1)) {
            let x = NAMES + FIELD.0 * (column as f64 + 0.5);
            label(m, ("mark", "middle"), (x, down + 16.0), name);
        }
    });
}

fn field(m: &mut Markup, (x, y): (f64, f64), pair: &PairRecord) {
    let StepsRecord {
        max_steps,
        within_one,
        equal,
        ..
    } = pair.all;
    let note = format!(
        "{} against {}\n{} % equal, {} % within one step, at most {max_steps} steps",
        pair.runtime,
        pair.reference,
        share(equal),
        share(within_one)
    );
    let class = format!("{} faint", level(within_one));
    bar(
        m,
        &class,
        (x + 2.0, y + 2.0),
        (FIELD.0 - 4.0, FIELD.1 - 4.0),
        &note,
    );
    let middle = x + FIELD.0 / 2.0;
    let within = format!("{} %", share(within_one));
    label(m, ("mark", "middle"), (middle, y + 25.0), &within);
    let steps = match max_steps {
        1 => "at most 1 step".to_owned(),
        steps => format!("at most {steps} steps"),
    };
    label(m, ("halo", "middle"), (middle, y + 42.0), &steps);
}

/// The class of the color of a share within one step.
pub(super) fn level(within_one: f64) -> &'static str {
    let reached = LEVELS.iter().find(|(least, _, _)| within_one >= *least);
    reached.map_or(LEVELS[3].1, |(_, class, _)| class)
}

/// The largest difference of every layer, in the order of the graph: what the runtimes are apart,
/// and in front of it what the layer itself adds.
pub(super) fn steps(m: &mut Markup, of: &DivergenceRecord) {
    let count = of.layers.len();
    let largest = of
        .layers
        .iter()
        .map(|layer| layer.max_steps)
        .max()
        .unwrap_or(0);
    let ends = [(0.0, 0.0), (count as f64, f64::from(largest.max(2)))];
    let axes = Axes::covering(&ends, STEPS);
    let title = format!(
        "Steps between {} and {}, by layer",
        of.runtime, of.reference
    );
    drawing(m, STEPS, &title, |m| {
        axes.draw(
            m,
            "layer, in the order of the graph",
            "largest difference, steps",
        );
        let [left, _, right, _] = axes.edges();
        let one = axes.y.at(1.0);
        line(m, "rule", (left, one), (right, one));
        let width = ((right - left) / (count.max(1) as f64 * WIDTH / (right - left))).max(1.0);
        for (index, layer) in of.layers.iter().enumerate() {
            let x = axes.x.at(index as f64);
            let note = format!(
                "{} ({})\nat most {} steps, {:.4} in the mean, {} % equal\non its own operands at \
                 most {}, {} % equal",
                layer.tensor,
                layer.operator,
                layer.max_steps,
                layer.mean_steps,
                share(layer.equal),
                layer.own_max_steps,
                share(layer.own_equal)
            );
            for (class, steps) in [
                ("fill-0 faint", layer.max_steps),
                ("fill-1", layer.own_max_steps),
            ] {
                let top = axes.y.at(f64::from(steps));
                let height = axes.y.at(0.0) - top;
                if steps > 0 {
                    bar(m, class, (x, top), (width, height), &note);
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_color_says_how_much_is_within_a_step() {
        let shares = [1.0, 0.999_999, 0.9985, 0.2];
        assert_eq!(shares.map(level), ["hue-2", "hue-5", "hue-6", "hue-4"]);
    }
}
