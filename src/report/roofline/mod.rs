//! The roofline of an estimate: what each layer achieves, under what the machine allows.
//!
//! `x` is a layer's multiply-accumulates per byte onto and off the chip, `y` those per cycle. The
//! level roof is the array's peak, the slanted ones what each way lets through: `y = x * bytes per
//! cycle`. A layer whose bytes were sent while others computed may stand above the roof of its way.

mod labels;
mod points;
mod roofs;

use anyhow::Context;
use hwmodels::profile::Profile;

use super::chart::{Axes, circle, label, panel, standalone};
use super::estimate::EstimateRecord;
use super::markup::Markup;
use super::numbers::three;
use points::{Bound, Point};
use roofs::Roofs;

const HEIGHT: f64 = 470.0;

/// Room for the title above the plot.
const TITLE: f64 = 44.0;

/// The radius of a layer that takes all of the time, and of one that takes none.
const RADIUS: [f64; 2] = [34.0, 2.5];

/// An SVG file of `record`, which is an estimate of `profile`.
///
/// # Errors
/// An estimate without layers that multiply.
pub fn svg(profile: &Profile, record: &EstimateRecord) -> anyhow::Result<String> {
    let points = points::points(record);
    let roofs = Roofs::new(profile, record);
    let cost = record.cost.as_ref().filter(|_| !points.is_empty());
    let cost = cost.with_context(|| {
        let (model, machine) = (&record.model, &record.profile);
        format!("no layer of {model} multiplies on {machine}, so there is no roofline")
    })?;
    let beyond = roofs.beyond(&points);
    let mut extent: Vec<(f64, f64)> = points
        .iter()
        .map(|p| (p.x(beyond), p.macs_per_cycle))
        .collect();
    extent.extend(roofs.corners());
    let axes = Axes::logarithmic(&extent, HEIGHT).below(TITLE);
    let alt = format!("Roofline of {} on {}", record.subject(), record.profile);
    let shown: f64 = points.iter().map(|point| point.share).sum();
    Ok(standalone(HEIGHT + TITLE, &alt, |m| {
        label(m, ("caption", "start"), (16.0, 22.0), &alt);
        let about = format!(
            "{} ms; area of a dot: its time. Layers that multiply: {} % of the latency",
            three(cost.latency_ms),
            three(shown * 100.0)
        );
        label(m, ("tick", "start"), (16.0, 40.0), &about);
        axes.draw(m, "MACs per byte onto and off the chip", "MACs per cycle");
        roofs.draw(m, &axes);
        if points.iter().any(|point| point.macs_per_byte.is_none()) {
            axes.rule(m, beyond, "nothing moved");
        }
        for point in &points {
            let at = (axes.x.at(point.x(beyond)), axes.y.at(point.macs_per_cycle));
            let class = format!("point {}", point.bound.class());
            circle(m, &class, at, radius(point), &point.note);
        }
        labels::draw(m, &axes, &points, beyond);
        legend(m, &axes, &points);
    }))
}

fn radius(point: &Point) -> f64 {
    RADIUS[1].max(RADIUS[0] * point.share.sqrt())
}

/// What the colors mean, of those that occur; in the corner above all roofs.
fn legend(m: &mut Markup, axes: &Axes, points: &[Point]) {
    let occurs = |bound: &Bound| points.iter().any(|point| point.bound == *bound);
    let bounds: Vec<Bound> = Bound::ALL.into_iter().filter(occurs).collect();
    let (left, top) = axes.corner();
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
