//! What a drawing is made of: lines, texts, bars, dots.

use super::axes::WIDTH;
use crate::report::markup::Markup;

/// Opens a drawing of `height` with a text for those who cannot see it.
pub(in crate::report) fn drawing(
    m: &mut Markup,
    height: f64,
    alt: &str,
    inside: impl FnOnce(&mut Markup),
) {
    let view = format!("0 0 {WIDTH} {}", place(height));
    m.within(
        "svg",
        &[("viewBox", &view), ("role", "img"), ("aria-label", alt)],
        inside,
    );
}

/// A straight line.
pub(in crate::report) fn line(m: &mut Markup, class: &str, from: (f64, f64), to: (f64, f64)) {
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
pub(in crate::report) fn label(m: &mut Markup, look: (&str, &str), at: (f64, f64), text: &str) {
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
pub(in crate::report) fn bar(
    m: &mut Markup,
    class: &str,
    (x, y): (f64, f64),
    (w, h): (f64, f64),
    note: &str,
) {
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
pub(in crate::report) fn place(value: f64) -> String {
    format!("{value:.2}")
}

/// A dot with a note that shows when pointed at.
pub(in crate::report) fn circle(
    m: &mut Markup,
    class: &str,
    (x, y): (f64, f64),
    radius: f64,
    note: &str,
) {
    let (x, y, r) = (place(x), place(y), place(radius));
    let shape = [("class", class), ("cx", &*x), ("cy", &y), ("r", &r)];
    m.within("circle", &shape, |m| m.leaf("title", &[], note));
}

/// A line through `corners`.
pub(in crate::report) fn path(m: &mut Markup, class: &str, corners: &[(f64, f64)]) {
    let points: Vec<String> = corners
        .iter()
        .map(|&(x, y)| format!("{},{}", place(x), place(y)))
        .collect();
    m.leaf(
        "polyline",
        &[("class", class), ("points", &points.join(" "))],
        "",
    );
}

/// A text just above the beginning of the line between two places, along it.
pub(in crate::report) fn slanted(m: &mut Markup, from: (f64, f64), to: (f64, f64), text: &str) {
    let degrees = (to.1 - from.1).atan2(to.0 - from.0).to_degrees();
    let (x, y) = (place(from.0), place(from.1));
    let turn = format!("rotate({} {x} {y})", place(degrees));
    let shape = [
        ("class", "tick halo"),
        ("x", &*x),
        ("y", &y),
        ("dx", "24"),
        ("dy", "-5"),
        ("transform", &turn),
    ];
    m.leaf("text", &shape, text);
}

/// A sheet that what is drawn on it stands out from.
pub(in crate::report) fn panel(m: &mut Markup, (x, y): (f64, f64), (w, h): (f64, f64)) {
    let (x, y, w, h) = (place(x), place(y), place(w), place(h));
    let shape = [
        ("class", "panel"),
        ("x", &*x),
        ("y", &y),
        ("width", &w),
        ("height", &h),
    ];
    m.leaf("rect", &shape, "");
}

/// The end of a long name, which tells layers apart.
pub(in crate::report) fn shortened(name: &str, most: usize) -> String {
    let length = name.chars().count();
    if length <= most {
        return name.to_owned();
    }
    let tail: String = name.chars().skip(length + 1 - most).collect();
    format!("\u{2026}{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_keep_their_end() {
        assert_eq!(shortened("block_12/expand", 8), "\u{2026}/expand");
        assert_eq!(shortened("stem", 8), "stem");
    }
}
