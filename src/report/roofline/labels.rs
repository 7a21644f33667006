//! Names beside the points of most time, where they do not run into each other.

use crate::report::chart::{Axes, label, shortened};
use crate::report::markup::Markup;

use super::points::Point;
use super::radius;

/// The most points with a name.
const NAMED_MAX: usize = 10;

/// Characters of a name, and the width and height of one.
const NAME_MAX: usize = 28;
const CHARACTER: (f64, f64) = (6.4, 11.0);

/// A rectangle: left, top, right, bottom.
type Area = [f64; 4];

pub(super) fn draw(m: &mut Markup, axes: &Axes, points: &[Point], beyond: f64) {
    let mut taken: Vec<Area> = Vec::new();
    let (left, top) = axes.corner();
    let right = axes.x.at(axes.x.ends().1);
    let named = points.iter().filter(|point| point.share > 0.0);
    for point in named.take(NAMED_MAX) {
        let name = shortened(&point.name, NAME_MAX);
        let at = (axes.x.at(point.x(beyond)), axes.y.at(point.macs_per_cycle));
        let inside = |area: &Area| area[0] > left && area[1] > top && area[2] < right;
        let free = |area: &Area| inside(area) && !taken.iter().any(|other| overlap(area, other));
        let places = places(&name, at, radius(point)).into_iter();
        if let Some((anchor, spot, area)) = places.into_iter().find(|(_, _, area)| free(area)) {
            label(m, ("name halo", anchor), spot, &name);
            taken.push(area);
        }
    }
}

/// Where a name may go: right of its point, left of it, above, below.
fn places(name: &str, (x, y): (f64, f64), radius: f64) -> [(&'static str, (f64, f64), Area); 4] {
    let (wide, high) = CHARACTER;
    let width = wide * hwmodels::units::float(name.chars().count() as u64);
    let gap = radius + 4.0;
    let area = |left: f64, base: f64| [left, base - high + 2.0, left + width, base + 2.0];
    [
        ("start", (x + gap, y + 4.0), area(x + gap, y + 4.0)),
        ("end", (x - gap, y + 4.0), area(x - gap - width, y + 4.0)),
        ("middle", (x, y - gap), area(x - width / 2.0, y - gap)),
        (
            "middle",
            (x, y + gap + 8.0),
            area(x - width / 2.0, y + gap + 8.0),
        ),
    ]
}

fn overlap(a: &Area, b: &Area) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}
