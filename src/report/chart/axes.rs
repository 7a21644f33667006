//! Axes of a plot: grid, ticks and titles.

use super::marks::{label, line, place};
use super::scale::Scale;
use crate::report::markup::Markup;

/// Width of every drawing, in its own units; the page scales it.
pub(in crate::report) const WIDTH: f64 = 720.0;

/// Distance of the plot from the left edge: room for tick labels.
const LEFT: f64 = 62.0;

/// Distance of the plot from the right edge.
const RIGHT: f64 = 18.0;

/// Distance of the plot from the top edge.
const TOP: f64 = 14.0;

/// Distance of the plot from the bottom edge: tick labels and the axis title.
const BOTTOM: f64 = 48.0;

/// The two scales of a plot of `height`.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) struct Axes {
    pub(in crate::report) x: Scale,
    pub(in crate::report) y: Scale,
    /// Of the free room above the plot, and of all down to the edge below it.
    top: f64,
    height: f64,
}

impl Axes {
    /// Scales that cover the points.
    pub(in crate::report) fn covering(points: &[(f64, f64)], height: f64) -> Self {
        let xs = points.iter().map(|p| p.0);
        let ys = points.iter().map(|p| p.1);
        Self {
            x: Scale::linear(xs, LEFT, WIDTH - RIGHT),
            y: Scale::linear(ys, height - BOTTOM, TOP),
            top: TOP,
            height,
        }
    }

    /// Logarithmic scales that cover the points, as far as they are above zero.
    pub(in crate::report) fn logarithmic(points: &[(f64, f64)], height: f64) -> Self {
        let xs = points.iter().map(|p| p.0);
        let ys = points.iter().map(|p| p.1);
        Self {
            x: Scale::logarithmic(xs, LEFT, WIDTH - RIGHT),
            y: Scale::logarithmic(ys, height - BOTTOM, TOP),
            top: TOP,
            height,
        }
    }

    /// As [`Axes::covering`], but an axis is logarithmic where its values are far apart.
    pub(in crate::report) fn covering_decades(points: &[(f64, f64)], height: f64) -> Self {
        let xs = points.iter().map(|p| p.0);
        let ys = points.iter().map(|p| p.1);
        Self {
            x: Scale::either(xs, LEFT, WIDTH - RIGHT),
            y: Scale::either(ys, height - BOTTOM, TOP),
            top: TOP,
            height,
        }
    }

    /// The same axes with `room` above them.
    pub(in crate::report) fn below(self, room: f64) -> Self {
        Self {
            x: self.x,
            y: self.y.moved(room),
            top: self.top + room,
            height: self.height + room,
        }
    }

    /// The plot: left, top, right and bottom edge.
    pub(in crate::report) fn edges(&self) -> [f64; 4] {
        [LEFT, self.top, WIDTH - RIGHT, self.height - BOTTOM]
    }

    /// Grid, ticks and titles.
    pub(in crate::report) fn draw(&self, m: &mut Markup, x_title: &str, y_title: &str) {
        let (bottom, right) = (self.height - BOTTOM, WIDTH - RIGHT);
        for (tick, text) in self.y.ticks() {
            let y = self.y.at(tick);
            line(m, "grid", (LEFT, y), (right, y));
            label(m, ("tick", "end"), (LEFT - 8.0, y + 4.0), &text);
        }
        self.draw_across(m, x_title);
        let middle = self.top.midpoint(bottom);
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

    /// Grid, ticks and title of the horizontal axis alone.
    pub(in crate::report) fn draw_across(&self, m: &mut Markup, title: &str) {
        let (bottom, right) = (self.height - BOTTOM, WIDTH - RIGHT);
        for (tick, text) in self.x.ticks() {
            let x = self.x.at(tick);
            line(m, "grid", (x, self.top), (x, bottom));
            label(m, ("tick", "middle"), (x, bottom + 18.0), &text);
        }
        line(m, "axis", (LEFT, bottom), (right, bottom));
        let at = (LEFT.midpoint(right), self.height - 8.0);
        label(m, ("title", "middle"), at, title);
    }

    /// A vertical rule at `x` with a caption at its top.
    pub(in crate::report) fn rule(&self, m: &mut Markup, x: f64, caption: &str) {
        let at = self.x.at(x);
        if (0.0..=1.0).contains(&self.x.share(x)) {
            line(m, "rule", (at, self.top), (at, self.height - BOTTOM));
            let (anchor, shift) = if self.x.share(x) > 0.7 {
                ("end", -6.0)
            } else {
                ("start", 6.0)
            };
            label(m, ("tick", anchor), (at + shift, self.top + 11.0), caption);
        }
    }
}
