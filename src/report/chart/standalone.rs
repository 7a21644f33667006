//! A drawing as a file of its own, for any viewer: sizes given, colors spelled out.

use super::STYLE;
use super::axes::WIDTH;
use super::marks::place;
use crate::report::markup::Markup;

/// How much larger than its units a drawing opens.
const SCALE: f64 = 1.5;

/// An SVG file of `height` with a text for those who cannot see it.
pub(in crate::report) fn standalone(
    height: f64,
    alt: &str,
    inside: impl FnOnce(&mut Markup),
) -> String {
    let mut m = Markup::default();
    let view = format!("0 0 {WIDTH} {}", place(height));
    let (wide, high) = (place(WIDTH * SCALE), place(height * SCALE));
    let root = [
        ("xmlns", "http://www.w3.org/2000/svg"),
        ("width", &*wide),
        ("height", &high),
        ("viewBox", &view),
        ("role", "img"),
        ("aria-label", alt),
    ];
    m.within("svg", &root, |m| {
        m.leaf("style", &[], &spelled_out(STYLE, super::PALETTE));
        let paper = [("class", "paper"), ("width", "100%"), ("height", "100%")];
        m.leaf("rect", &paper, "");
        inside(m);
    });
    m.finish()
}

/// `style` with every `var(--name)` replaced by its color in daylight, the first in `palette`:
/// viewers other than browsers know no variables.
fn spelled_out(style: &str, palette: &str) -> String {
    let daylight = palette.split('}').next().unwrap_or_default();
    let colors = daylight.split([';', '{']).filter_map(|definition| {
        let (name, color) = definition.trim().strip_prefix("--")?.split_once(": ")?;
        Some((format!("var(--{name})"), color))
    });
    colors.fold(style.to_owned(), |style, (name, color)| {
        style.replace(&name, color)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_variable_is_left() {
        let svg = standalone(100.0, "a < b", |m| m.leaf("text", &[], "x & y"));
        assert!(!svg.contains("var("), "{svg}");
        assert!(svg.contains(".axis { stroke: #d9dde1; }"), "{svg}");
        assert!(svg.contains("aria-label=\"a &lt; b\""), "{svg}");
        assert!(svg.contains("x &amp; y"), "{svg}");
    }
}
