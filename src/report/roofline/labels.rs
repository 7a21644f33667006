//! Names beside the points of most time, where they run into nothing.

use hwmodels::units::float;

use super::Dot;
use crate::report::chart::{label, shortened};
use crate::report::markup::Markup;

/// The most points with a name.
const NAMED_MAX: usize = 10;

/// Characters of a name.
const NAME_MAX: usize = 28;

/// Width and height of a character.
const CHARACTER: [f64; 2] = [6.4, 11.0];

/// A rectangle: left, top, right, bottom.
type Area = [f64; 4];

/// Names the first dots that take time, within the plot.
pub(super) fn draw(m: &mut Markup, plot: Area, dots: &[Dot<'_>]) {
    let mut taken: Vec<Area> = dots.iter().map(area).collect();
    let slowest = dots.iter().filter(|dot| dot.point.share > 0.0);
    for dot in slowest.take(NAMED_MAX) {
        let name = shortened(&dot.point.name, NAME_MAX);
        let free = |area: &Area| {
            let inside = area[0] > plot[0] && area[1] > plot[1] && area[2] < plot[2];
            inside && area[3] < plot[3] && !taken.iter().any(|other| overlap(area, other))
        };
        let found = places(&name, dot)
            .into_iter()
            .find(|(_, _, area)| free(area));
        if let Some((anchor, spot, area)) = found {
            label(m, ("name halo", anchor), spot, &name);
            taken.push(area);
        }
    }
}

/// Where a name may go, best first: on either side of its dot, level, above or below, or over or
/// under it.
fn places(name: &str, dot: &Dot<'_>) -> [(&'static str, (f64, f64), Area); 8] {
    let [wide, high] = CHARACTER;
    let width = wide * float(name.chars().count() as u64);
    let (beside, slant) = (dot.radius + 4.0, 0.7 * dot.radius + 3.0);
    let (level, over, under) = (4.0, -slant - 2.0, slant + 8.0);
    let spots = [
        ("start", beside, level),
        ("end", -beside, level),
        ("start", slant, over),
        ("start", slant, under),
        ("end", -slant, over),
        ("end", -slant, under),
        ("middle", 0.0, -beside),
        ("middle", 0.0, beside + 8.0),
    ];
    spots.map(|(anchor, dx, dy)| {
        let (x, y) = (dot.x + dx, dot.y + dy);
        let left = match anchor {
            "start" => x,
            "end" => x - width,
            _ => x - width / 2.0,
        };
        (
            anchor,
            (x, y),
            [left, y - high + 2.0, left + width, y + 2.0],
        )
    })
}

fn area(dot: &Dot<'_>) -> Area {
    let Dot { x, y, radius, .. } = dot;
    [x - radius, y - radius, x + radius, y + radius]
}

fn overlap(a: &Area, b: &Area) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}
