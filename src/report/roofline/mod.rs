//! The roofline of an estimate: what each layer achieves, under what the machine allows.
//!
//! `x` is a layer's multiply-accumulates per byte onto and off the chip, `y` those per cycle. The
//! level roof is the array's peak, the slanted ones what each way lets through: `y = x * bytes per
//! cycle`. A layer whose bytes were sent while others computed may stand above the roof of its way.

mod labels;
mod points;
mod roofs;

use anyhow::{Context, ensure};
use hwmodels::profile::Profile;

use super::bound::Bound;
use super::chart::{Axes, circle, label, line, panel, standalone};
use super::estimate::EstimateRecord;
use super::markup::Markup;
use super::numbers::three;
use points::Point;
use roofs::Roofs;

const HEIGHT: f64 = 470.0;

/// Room for the title above the plot.
const TITLE: f64 = 44.0;

/// The radius of the layer of most time, and of one that takes none.
const RADIUS: [f64; 2] = [13.0, 2.5];

/// An SVG file of `record`, which is an estimate of `profile`.
///
/// # Errors
/// An estimate without layers that multiply.
pub fn svg(profile: &Profile, record: &EstimateRecord) -> anyhow::Result<String> {
    let cost = record.cost.as_ref();
    let cost = cost.with_context(|| format!("no roofline: {}", record.refusal()))?;
    let points = points::points(record);
    ensure!(
        !points.is_empty(),
        "no roofline: no layer of {} multiplies",
        record.model
    );
    let roofs = Roofs::new(profile, record);
    let beyond = roofs.beyond(&points);
    let axes = Axes::logarithmic(&extent(&points, &roofs, beyond), HEIGHT).below(TITLE);
    let caption = format!("Roofline of {} on {}", record.subject(), record.profile);
    let shown: f64 = points.iter().map(|point| point.share).sum();
    let about = format!(
        "{} ms; area of a dot: its time. Layers that multiply: {} % of the latency",
        three(cost.latency_ms),
        three(shown * 100.0)
    );
    Ok(standalone(HEIGHT + TITLE, &caption, |m| {
        label(m, ("caption", "start"), (16.0, 22.0), &caption);
        label(m, ("tick", "start"), (16.0, 40.0), &about);
        axes.draw(m, "MACs per byte onto and off the chip", "MACs per cycle");
        roofs.draw(m, &axes);
        if points.iter().any(|point| point.macs_per_byte.is_none()) {
            nothing_moved(m, &axes, axes.x.at(beyond));
        }
        let dots = dots(&points, &axes, beyond);
        for dot in &dots {
            let class = format!("point {}", dot.point.bound.class());
            circle(m, &class, (dot.x, dot.y), dot.radius, &dot.point.note);
        }
        let [left, top, right, bottom] = axes.edges();
        // Names keep clear of the words above the level roof.
        let top = roofs.ceiling().map_or(top, |peak| axes.y.at(peak) - 16.0);
        labels::draw(m, [left, top, right, bottom], &dots);
        legend(m, &axes, &points);
    }))
}

/// What the axes must cover: points, where roofs meet, and the words above them.
fn extent(points: &[Point], roofs: &Roofs, beyond: f64) -> Vec<(f64, f64)> {
    let spots = points
        .iter()
        .map(|point| (point.x(beyond), point.macs_per_cycle));
    let mut extent: Vec<(f64, f64)> = spots.chain(roofs.corners()).collect();
    let words = roofs.ceiling().map(|peak| 2.0 * peak);
    extent.extend(words.zip(extent.first().copied()).map(|(y, (x, _))| (x, y)));
    extent
}

fn dots<'a>(points: &'a [Point], axes: &Axes, beyond: f64) -> Vec<Dot<'a>> {
    let shares = points.iter().map(|point| point.share);
    let longest = shares.fold(f64::MIN_POSITIVE, f64::max);
    let dot = |point: &'a Point| Dot {
        point,
        x: axes.x.at(point.x(beyond)),
        y: axes.y.at(point.macs_per_cycle),
        radius: RADIUS[1].max(RADIUS[0] * (point.share / longest).sqrt()),
    };
    points.iter().map(dot).collect()
}

/// A layer in the drawing.
struct Dot<'a> {
    point: &'a Point,
    x: f64,
    y: f64,
    radius: f64,
}

/// Where layers stand that moved no byte.
fn nothing_moved(m: &mut Markup, axes: &Axes, x: f64) {
    let [_, top, _, bottom] = axes.edges();
    line(m, "rule", (x, top), (x, bottom));
    label(
        m,
        ("tick halo", "end"),
        (x - 5.0, bottom - 6.0),
        "nothing moved",
    );
}

/// What the colors mean, of those that occur; in the corner above all roofs.
fn legend(m: &mut Markup, axes: &Axes, points: &[Point]) {
    let occurs = |bound: &Bound| points.iter().any(|point| point.bound == *bound);
    let bounds: Vec<Bound> = Bound::ALL.into_iter().filter(occurs).collect();
    let [left, top, _, _] = axes.edges();
    let (x, row) = (left + 14.0, 17.0);
    let height = row * hwmodels::units::float(bounds.len() as u64 + 1) + 6.0;
    panel(m, (left + 4.0, top + 4.0), (132.0, height));
    label(m, ("tick", "start"), (x - 4.0, top + 18.0), "bound by");
    for (bound, y) in bounds
        .iter()
        .zip((1..).map(|n: u32| top + 18.0 + row * f64::from(n)))
    {
        circle(m, bound.class(), (x, y - 4.0), 5.0, bound.words());
        label(m, ("tick", "start"), (x + 11.0, y), bound.words());
    }
}
