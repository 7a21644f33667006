//! Axes of a plot: round ticks, and the way from a value to a place in the drawing.

use super::markup::Markup;
use super::numbers::three;

/// Width of every drawing, in its own units; the page scales it.
pub(super) const WIDTH: f64 = 720.0;

/// Distance of the plot from the left edge: room for tick labels.
const LEFT: f64 = 62.0;

/// Distance of the plot from the right edge.
const RIGHT: f64 = 18.0;

/// Distance of the plot from the top edge.
const TOP: f64 = 14.0;

/// Distance of the plot from the bottom edge: tick labels and the axis title.
const BOTTOM: f64 = 48.0;

/// About how many ticks an axis gets.
const TICKS: f64 = 7.0;

/// The largest over the smallest value from which on a scale is logarithmic, where it may be.
const DECADES_FROM: f64 = 8.0;

/// A scale from values to drawing units, linear or logarithmic.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    /// The ends; their logarithms on a logarithmic scale.
    low: f64,
    high: f64,
    step: f64,
    is_logarithmic: bool,
    from: f64,
    to: f64,
}

impl Scale {
    /// Covers all `values` with a little room, between two drawing positions. Equal or no values
    /// get a range around them.
    fn covering(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|v| v.is_finite()) {
            (low, high) = (low.min(value), high.max(value));
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        let room = if high > low {
            0.07 * (high - low)
        } else {
            (0.1 * high.abs()).max(1e-6)
        };
        let at_zero = low >= 0.0 && low < 0.25 * high;
        let low = if at_zero { 0.0 } else { low - room };
        let high = high + room;
        let rough = (high - low) / TICKS;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|m| m * power)
            .into_iter()
            .find(|&step| step >= rough)
            .unwrap_or(power * 10.0);
        Self {
            low,
            high,
            step,
            is_logarithmic: false,
            from,
            to,
        }
    }

    /// As [`Scale::covering`], but logarithmic where the values are above 0 and far apart.
    fn covering_decades(values: impl Iterator<Item = f64> + Clone, from: f64, to: f64) -> Self {
        let finite = || values.clone().filter(|v| v.is_finite());
        let (low, high) = (
            finite().fold(f64::INFINITY, f64::min),
            finite().fold(0.0, f64::max),
        );
        if low <= 0.0 || high < DECADES_FROM * low {
            return Self::covering(values, from, to);
        }
        let room = 0.05 * (high / low).log10();
        Self {
            low: low.log10() - room,
            high: high.log10() + room,
            step: 1.0,
            is_logarithmic: true,
            from,
            to,
        }
    }

    /// The place of a value.
    pub(super) fn at(&self, value: f64) -> f64 {
        self.from + (self.to - self.from) * self.share(value)
    }

    /// The value as a share of the axis, 0 to 1.
    pub(super) fn share(&self, value: f64) -> f64 {
        let value = if self.is_logarithmic {
            value.log10()
        } else {
            value
        };
        (value - self.low) / (self.high - self.low)
    }

    /// Round values on the axis.
    fn ticks(&self) -> Vec<f64> {
        if self.is_logarithmic {
            return self.decades();
        }
        let first = (self.low / self.step).ceil();
        let mut ticks = Vec::new();
        let mut index = first;
        while index * self.step <= self.high + 1e-9 * self.step {
            ticks.push(index * self.step + 0.0);
            index += 1.0;
        }
        ticks
    }

    /// 1, 2 and 5 times the powers of ten on the axis; the powers alone where these are many.
    fn decades(&self) -> Vec<f64> {
        let multiples: &[f64] = if self.high - self.low > 3.0 {
            &[1.0]
        } else {
            &[1.0, 2.0, 5.0]
        };
        let mut ticks = Vec::new();
        let mut power = self.low.floor();
        while power <= self.high {
            let here = multiples
                .iter()
                .map(|multiple| multiple * 10_f64.powf(power));
            ticks.extend(here.filter(|tick| (0.0..=1.0).contains(&self.share(*tick))));
            power += 1.0;
        }
        ticks
    }

    /// A tick's label with as many decimals as the step has.
    fn label(&self, tick: f64) -> String {
        if self.is_logarithmic {
            // The shortest decimal that means the tick.
            format!("{tick:.0e}").parse().unwrap_or(tick).to_string()
        } else if self.step >= 1.0 {
            format!("{tick:.0}")
        } else if self.step >= 0.1 {
            format!("{tick:.1}")
        } else if self.step >= 0.01 {
            format!("{tick:.2}")
        } else if self.step >= 0.001 {
            format!("{tick:.3}")
        } else {
            three(tick)
        }
    }
}

/// The two scales of a plot of `height`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axes {
    pub(super) x: Scale,
    pub(super) y: Scale,
    height: f64,
}

impl Axes {
    /// Scales that cover the points.
    pub(super) fn covering(points: &[(f64, f64)], height: f64) -> Self {
        let xs = points.iter().map(|p| p.0);
        let ys = points.iter().map(|p| p.1);
        Self {
            x: Scale::covering(xs, LEFT, WIDTH - RIGHT),
            y: Scale::covering(ys, height - BOTTOM, TOP),
            height,
        }
    }

    /// As [`Axes::covering`], but an axis is logarithmic where its values are far apart.
    pub(super) fn covering_decades(points: &[(f64, f64)], height: f64) -> Self {
        let xs = points.iter().map(|p| p.0);
        let ys = points.iter().map(|p| p.1);
        Self {
            x: Scale::covering_decades(xs, LEFT, WIDTH - RIGHT),
            y: Scale::covering_decades(ys, height - BOTTOM, TOP),
            height,
        }
    }

    /// Grid, ticks and titles.
    pub(super) fn draw(&self, m: &mut Markup, x_title: &str, y_title: &str) {
        let (bottom, right) = (self.height - BOTTOM, WIDTH - RIGHT);
        for tick in self.y.ticks() {
            let y = self.y.at(tick);
            line(m, "grid", (LEFT, y), (right, y));
            label(
                m,
                ("tick", "end"),
                (LEFT - 8.0, y + 4.0),
                &self.y.label(tick),
            );
        }
        for tick in self.x.ticks() {
            let x = self.x.at(tick);
            line(m, "grid", (x, TOP), (x, bottom));
            label(
                m,
                ("tick", "middle"),
                (x, bottom + 18.0),
                &self.x.label(tick),
            );
        }
        line(m, "axis", (LEFT, bottom), (right, bottom));
        label(
            m,
            ("title", "middle"),
            (LEFT.midpoint(right), self.height - 8.0),
            x_title,
        );
        let middle = TOP.midpoint(bottom);
        let turn = format!("rotate(-90 14 {})", place(middle));
        let at = [
            ("class", "title"),
            ("text-anchor", "middle"),
            ("x", "14"),
            ("y", &place(middle)),
            ("transform", &turn),
        ];
        m.leaf("text", &at, y_title);
    }

    /// A vertical rule at `x` with a caption at its top.
    pub(super) fn rule(&self, m: &mut Markup, x: f64, caption: &str) {
        let at = self.x.at(x);
        if (0.0..=1.0).contains(&self.x.share(x)) {
            line(m, "rule", (at, TOP), (at, self.height - BOTTOM));
            let (anchor, shift) = if self.x.share(x) > 0.7 {
                ("end", -6.0)
            } else {
                ("start", 6.0)
            };
            label(m, ("tick", anchor), (at + shift, TOP + 11.0), caption);
        }
    }
}

/// Opens a drawing of `height` with a text for those who cannot see it.
pub(super) fn drawing(m: &mut Markup, height: f64, alt: &str, inside: impl FnOnce(&mut Markup)) {
    let view = format!("0 0 {WIDTH} {}", place(height));
    m.within(
        "svg",
        &[("viewBox", &view), ("role", "img"), ("aria-label", alt)],
        inside,
    );
}

/// A straight line.
pub(super) fn line(m: &mut Markup, class: &str, from: (f64, f64), to: (f64, f64)) {
    let (x1, y1, x2, y2) = (place(from.0), place(from.1), place(to.0), place(to.1));
    m.leaf(
        "line",
        &[
            ("class", class),
            ("x1", &x1),
            ("y1", &y1),
            ("x2", &x2),
            ("y2", &y2),
        ],
        "",
    );
}

/// A text; `look` is its class and its anchor.
pub(super) fn label(m: &mut Markup, look: (&str, &str), at: (f64, f64), text: &str) {
    let (x, y) = (place(at.0), place(at.1));
    m.leaf(
        "text",
        &[
            ("class", look.0),
            ("text-anchor", look.1),
            ("x", &x),
            ("y", &y),
        ],
        text,
    );
}

/// A rectangle with a note that shows when pointed at.
pub(super) fn bar(m: &mut Markup, class: &str, (x, y): (f64, f64), (w, h): (f64, f64), note: &str) {
    let (x, y, w, h) = (place(x), place(y), place(w), place(h));
    let shape = [
        ("class", class),
        ("x", &*x),
        ("y", &y),
        ("width", &w),
        ("height", &h),
    ];
    m.within("rect", &shape, |m| m.leaf("title", &[], note));
}

/// A coordinate with two decimals.
pub(super) fn place(value: f64) -> String {
    format!("{value:.2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        for values in [
            vec![0.3, 17.2],
            vec![2.5],
            vec![],
            vec![-0.031, 0.002],
            vec![41.2, 41.9],
        ] {
            let scale = Scale::covering(values.iter().copied(), 0.0, 100.0);
            let ticks = scale.ticks();
            assert!((2..=10).contains(&ticks.len()), "{values:?}: {ticks:?}");
            assert!(
                ticks
                    .iter()
                    .all(|&t| (-1e-6..=100.000_001).contains(&scale.at(t))),
                "{values:?}"
            );
            assert!(
                values.iter().all(|&v| (0.0..=100.0).contains(&scale.at(v))),
                "{values:?}"
            );
        }
    }

    #[test]
    fn decades_are_told_where_values_are_far_apart() {
        let scale = |values: &[f64]| Scale::covering_decades(values.iter().copied(), 0.0, 100.0);
        for values in [[3.0, 200.0], [65536.0, 1_048_576.0], [0.001, 1000.0]] {
            let scale = scale(&values);
            let ticks = scale.ticks();
            assert!((2..=10).contains(&ticks.len()), "{values:?}: {ticks:?}");
            assert!(
                ticks
                    .iter()
                    .chain(&values)
                    .all(|&v| (0.0..=100.0).contains(&scale.at(v)))
            );
            let middle = (values[0] * values[1]).sqrt();
            assert!((scale.at(middle) - 50.0).abs() < 1e-9, "{values:?}");
        }
        let labels = |values| {
            let scale = scale(values);
            scale
                .ticks()
                .into_iter()
                .map(|t| scale.label(t))
                .collect::<Vec<_>>()
        };
        assert_eq!(labels(&[3.0, 200.0]), ["5", "10", "20", "50", "100", "200"]);
        assert_eq!(labels(&[0.02, 0.5]), ["0.02", "0.05", "0.1", "0.2", "0.5"]);
        assert!(!scale(&[0.0, 100.0]).is_logarithmic);
        assert!(!scale(&[40.0, 100.0]).is_logarithmic);
        assert!(!scale(&[]).is_logarithmic);
    }
}
