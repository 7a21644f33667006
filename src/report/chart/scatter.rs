//! A scatter plot as a file of its own: points in series, those on a front ringed and joined.

use super::axes::Axes;
use super::marks::{circle, label, path};
use super::standalone::standalone;
use crate::report::markup::Markup;

const HEIGHT: f64 = 440.0;

/// Distance between the plot and the lines of text above it.
const HEAD: f64 = 22.0;

/// Colors told apart; further series begin anew.
const COLORS: usize = 4;

/// A plot of points.
#[derive(Clone, Debug)]
pub(in crate::report) struct Scatter {
    /// What is shown, in one line.
    pub(in crate::report) caption: String,
    /// What marks mean and what is left out, in one line.
    pub(in crate::report) remark: String,
    /// The horizontal axis, with its unit.
    pub(in crate::report) x_title: String,
    /// The vertical axis, with its unit.
    pub(in crate::report) y_title: String,
    /// The names of the series; no legend where there is at most one.
    pub(in crate::report) series: Vec<String>,
    /// The points.
    pub(in crate::report) marks: Vec<Mark>,
}

/// A point.
#[derive(Clone, Debug)]
pub(in crate::report) struct Mark {
    pub(in crate::report) x: f64,
    pub(in crate::report) y: f64,
    /// Index of its series.
    pub(in crate::report) series: usize,
    /// Whether it is ringed.
    pub(in crate::report) on_front: bool,
    /// Shown when pointed at.
    pub(in crate::report) note: String,
}

impl Scatter {
    /// The SVG file; an axis that spans more than a factor of 8 is logarithmic.
    pub(in crate::report) fn svg(&self) -> String {
        let points: Vec<(f64, f64)> = self.marks.iter().map(|mark| (mark.x, mark.y)).collect();
        let head = HEAD * self.head_lines();
        let axes = Axes::covering_decades(&points, HEIGHT).below(head);
        standalone(HEIGHT + head, &self.caption, |m| {
            label(m, ("caption", "start"), (14.0, 20.0), &self.caption);
            label(m, ("tick", "start"), (14.0, 16.0 + HEAD), &self.remark);
            self.legend(m);
            axes.draw(m, &self.x_title, &self.y_title);
            for series in 0..self.series.len().max(1) {
                self.front(m, &axes, series);
            }
            // What is on a front lies above what is not.
            for mark in self.marks.iter().filter(|mark| !mark.on_front) {
                dot(m, &axes, mark, 3.5);
            }
            for mark in self.marks.iter().filter(|mark| mark.on_front) {
                dot(m, &axes, mark, 5.0);
            }
        })
    }

    fn head_lines(&self) -> f64 {
        if self.series.len() > 1 { 3.0 } else { 2.0 }
    }

    fn legend(&self, m: &mut Markup) {
        if self.series.len() < 2 {
            return;
        }
        let mut x = 20.0;
        for (index, name) in self.series.iter().enumerate() {
            circle(m, &color(index), (x, 14.0 + 2.0 * HEAD), 4.0, name);
            label(m, ("name", "start"), (x + 9.0, 18.0 + 2.0 * HEAD), name);
            let characters = u32::try_from(name.chars().count()).unwrap_or(u32::MAX);
            x += 32.0 + 6.6 * f64::from(characters);
        }
    }

    /// Steps through the points of a series on the front that none beats on the drawn axes.
    fn front(&self, m: &mut Markup, axes: &Axes, series: usize) {
        let marks = self
            .marks
            .iter()
            .filter(|mark| mark.on_front && mark.series == series);
        let mut order: Vec<(f64, f64)> = marks.map(|mark| (mark.x, mark.y)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut best = f64::INFINITY;
        order.retain(|(_, y)| {
            let better = *y < best;
            best = best.min(*y);
            better
        });
        let mut corners = Vec::new();
        for pair in order.windows(2) {
            corners.extend([pair[0], (pair[1].0, pair[0].1)]);
        }
        corners.extend(order.last());
        let corners: Vec<(f64, f64)> = corners
            .iter()
            .map(|&(x, y)| (axes.x.at(x), axes.y.at(y)))
            .collect();
        path(m, &format!("front {}", stroke(series)), &corners);
    }
}

fn dot(m: &mut Markup, axes: &Axes, mark: &Mark, radius: f64) {
    let ring = if mark.on_front { " ringed" } else { " faint" };
    let class = format!("{}{ring}", color(mark.series));
    let at = (axes.x.at(mark.x), axes.y.at(mark.y));
    circle(m, &class, at, radius, &mark.note);
}

fn stroke(series: usize) -> String {
    format!("stroke-{}", series % COLORS)
}

fn color(series: usize) -> String {
    format!("fill-{}", series % COLORS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(x: f64, y: f64, on_front: bool) -> Mark {
        Mark {
            x,
            y,
            series: 0,
            on_front,
            note: "a & b".to_owned(),
        }
    }

    #[test]
    fn every_point_is_drawn_and_the_front_steps_down() {
        let scatter = Scatter {
            caption: "<caption>".to_owned(),
            remark: String::new(),
            x_title: "area, mm\u{b2}".to_owned(),
            y_title: "latency, ms".to_owned(),
            series: vec!["one".to_owned()],
            // The third is on a front over more than the two axes.
            marks: vec![
                mark(1.0, 9.0, true),
                mark(2.0, 4.0, true),
                mark(3.0, 5.0, true),
                mark(4.0, 3.0, true),
                mark(4.0, 8.0, false),
            ],
        };
        let svg = scatter.svg();
        assert!(svg.starts_with("<svg xmlns="), "{svg}");
        assert_eq!(svg.matches("<circle").count(), 5);
        assert_eq!(svg.matches("ringed\"").count(), 4);
        assert!(svg.contains("a &amp; b") && svg.contains("&lt;caption&gt;"));
        assert!(svg.contains(">area, mm\u{b2}<") && svg.contains(">latency, ms<"));
        let line = svg.split("<polyline").nth(1).unwrap();
        let points = line
            .split("points=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        assert_eq!(points.split(' ').count(), 5, "{points}");
        assert_eq!(svg, scatter.svg());
    }

    #[test]
    fn nothing_to_draw_is_still_a_plot() {
        let scatter = Scatter {
            caption: String::new(),
            remark: String::new(),
            x_title: "x".to_owned(),
            y_title: "y".to_owned(),
            series: Vec::new(),
            marks: Vec::new(),
        };
        assert!(scatter.svg().ends_with("</svg>\n"));
    }
}
