//! The parts of the page around the results: headline, plots, pictures, files, provenance.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::charts;
use super::record::{FileEntry, Gallery, LayerTime, Page, Role, SearchRecord};
use super::results::{gain_text, section};
use crate::data::ClassSet;
use crate::data::classes::VOID_COLOR;
use crate::report::Picture;
use crate::report::markup::Markup;
use crate::report::numbers::{bytes, change_percent, signed_percent, three};
use crate::task::Task;

/// Title, subtitle, and the few figures that answer "did it work?".
pub(super) fn header(m: &mut Markup, page: &Page) {
    m.within("header", &[], |m| {
        m.leaf("h1", &[], &page.title);
        m.leaf("p", &[], &page.subtitle);
    });
    tiles(m, &headline(page));
}

/// Name, value and detail of a few figures, each in a tile.
pub(in crate::report) fn tiles(m: &mut Markup, tiles: &[(String, String, String)]) {
    m.within("div", &[("class", "tiles")], |m| {
        for (name, value, detail) in tiles {
            m.within("div", &[("class", "tile")], |m| {
                m.leaf("div", &[("class", "tile-name")], name);
                m.leaf("div", &[("class", "tile-value")], value);
                m.leaf("div", &[("class", "tile-detail")], detail);
            });
        }
    });
}

/// Name, value and detail of each tile that the page has figures for.
fn headline(page: &Page) -> Vec<(String, String, String)> {
    let mut tiles = Vec::new();
    let Some(best) = page.of(Role::Best) else {
        return tiles;
    };
    let baseline = page.of(Role::Baseline);
    if let Some(ms) = best.latency.target_simulated_ms {
        let base = baseline.and_then(|b| b.latency.target_simulated_ms);
        let detail = base.map_or_else(String::new, |base| {
            let change = signed_percent(change_percent(base, ms));
            format!("{change} to {} ({} ms)", page.baseline_name(), three(base))
        });
        let name = format!("{} latency, simulated", page.machines.target);
        tiles.push((name, format!("{} ms", three(ms)), detail));
    }
    for (precision, scores, base) in [
        (
            "float32",
            &best.float,
            baseline.and_then(|b| b.float.as_ref()),
        ),
        ("int8", &best.int8, baseline.and_then(|b| b.int8.as_ref())),
    ] {
        if let (Some(scores), Some(base)) = (scores, base) {
            let detail = format!(
                "to {} in {precision}; positive is better",
                page.baseline_name()
            );
            tiles.push((
                format!("accuracy \u{394}T, {precision}"),
                gain_text(scores, Some(base)),
                detail,
            ));
        }
    }
    if let Some(search) = &page.search {
        let detail = format!("{} infeasible, {} failed", search.infeasible, search.failed);
        tiles.push((
            "trials evaluated".to_owned(),
            search.trials.len().to_string(),
            detail,
        ));
    }
    tiles
}

/// The two plots of a search.
pub(super) fn search(m: &mut Markup, search: &SearchRecord, baseline_name: &str) {
    if search.trials.is_empty() {
        return;
    }
    section(m, "Search", |m| {
        m.within("figure", &[], |m| {
            charts::pareto(m, search, baseline_name);
            m.within("figcaption", &[], |m| {
                let keys = [
                    ("key best", "best reward"),
                    ("key baseline", baseline_name),
                    ("key on-front", "on the Pareto front"),
                    ("key trial", "other trials"),
                ];
                legend(
                    m,
                    &keys.map(|(class, text)| (class.to_owned(), text.to_owned())),
                );
                m.text("Each trial after its short training; point at one for its genome.");
            });
        });
        m.within("figure", &[], |m| {
            charts::rewards(m, search);
            m.leaf("figcaption", &[], "The line is the best reward so far.");
        });
    });
}

/// Where the time of the best network goes, layer by layer.
pub(super) fn layers(m: &mut Markup, page: &Page) {
    if page.layers.is_empty() {
        return;
    }
    let mut units: Vec<&str> = page.layers.iter().map(|l| &*l.unit).collect();
    units.sort_unstable();
    units.dedup();
    let by_unit = shares(&page.layers, |l| &l.unit);
    let by_bound = shares(&page.layers, |l| &l.bound_by);
    let name = page.of(Role::Best).map_or("the network", |c| &c.name);
    section(
        m,
        &format!("Latency per layer: {name} on {}", page.machines.target),
        |m| {
            m.within("figure", &[], |m| {
                m.leaf("figcaption", &[], "By unit:");
                charts::split(m, &by_unit, |i| charts::unit_class(&units, &by_unit[i].0));
                m.leaf("figcaption", &[], "By what limits the layer:");
                charts::split(m, &by_bound, |i| format!("shade-{}", i % 4));
            });
            m.within("figure", &[], |m| {
                charts::layers(m, &page.layers, &units);
                m.within("figcaption", &[], |m| {
                    let keys: Vec<_> = units
                        .iter()
                        .map(|u| {
                            (
                                format!("key {}", charts::unit_class(&units, u)),
                                (*u).to_owned(),
                            )
                        })
                        .collect();
                    legend(m, &keys);
                    let shown = page.layers.len().min(charts::TOP_LAYERS);
                    m.text(&format!(
                        "The {shown} slowest of {} layers.",
                        page.layers.len()
                    ));
                });
            });
        },
    );
}

/// Images with truth and predictions side by side.
pub(super) fn gallery(m: &mut Markup, galleries: &[Gallery]) {
    if galleries.is_empty() {
        return;
    }
    section(m, "Predictions beside truth", |m| {
        for gallery in galleries {
            m.within("div", &[("class", "scroll")], |m| {
                m.within("table", &[("class", "pictures")], |m| pictures(m, gallery));
            });
        }
        m.within("p", &[("class", "note")], |m| {
            let classes = galleries.first().map(|gallery| &gallery.classes);
            for (id, name) in (0u8..).zip(classes.into_iter().flat_map(ClassSet::names)) {
                m.within("span", &[("class", "class-name")], |m| {
                    let [r, g, b] = classes.map_or(VOID_COLOR, |classes| classes.color(id));
                    m.leaf("i", &[("style", &format!("background:rgb({r},{g},{b})"))], "");
                    m.text(name);
                });
            }
            m.text("Black: void. Depth: bright is near, gray is unlabeled. Normals: (x, y, z) as red, green, blue.");
        });
    });
}

fn pictures(m: &mut Markup, gallery: &Gallery) {
    m.within("tr", &[], |m| {
        m.leaf("th", &[], "");
        m.leaf("th", &[("class", "word")], &gallery.name);
        for task in &gallery.tasks {
            let name = match task {
                Task::Segmentation => "segmentation",
                Task::Depth => "depth",
                Task::Normals => "normals",
            };
            m.leaf("th", &[("class", "word")], name);
        }
    });
    for (index, row) in gallery.rows.iter().enumerate() {
        m.within("tr", &[], |m| {
            m.leaf("th", &[("class", "word")], &row.label);
            m.within("td", &[], |m| {
                if index == 0 {
                    picture(m, &gallery.image, &gallery.name);
                }
            });
            for (task, shown) in gallery.tasks.iter().zip(&row.pictures) {
                m.within("td", &[], |m| {
                    picture(m, shown, &format!("{task} {}", row.label))
                });
            }
        });
    }
}

/// The run's files with their sizes.
pub(super) fn files(m: &mut Markup, files: &[FileEntry]) {
    if files.is_empty() {
        return;
    }
    let rows: Vec<_> = files
        .iter()
        .map(|f| (false, vec![f.name.clone(), f.what.clone(), bytes(f.bytes)]))
        .collect();
    section(m, "Files", |m| {
        m.table(&["file", "what it is", "size"], 2, &rows)
    });
}

/// What is needed to run it again, and what was assumed.
pub(super) fn provenance(m: &mut Markup, page: &Page) {
    let genomes = page.contenders.iter().filter(|c| !c.genome.is_empty());
    let mut facts: Vec<_> = page
        .facts
        .iter()
        .map(|f| (false, vec![f.name.clone(), f.value.clone()]))
        .collect();
    facts.extend(genomes.map(|c| {
        (
            false,
            vec![format!("genome of {}", c.name), c.genome.clone()],
        )
    }));
    if !facts.is_empty() {
        section(m, "Run", |m| m.table(&["what", "value"], 2, &facts));
    }
    if !page.assumptions.is_empty() {
        let rows: Vec<_> = page
            .assumptions
            .iter()
            .map(|a| (false, vec![a.name.clone(), a.value.clone(), a.why.clone()]))
            .collect();
        section(m, "Assumed numbers", |m| {
            m.table(&["number", "value", "why"], 3, &rows);
            let text = "Nobody measured or published these; the figures above depend on them.";
            m.leaf("p", &[("class", "note")], text);
        });
    }
}

fn picture(m: &mut Markup, picture: &Picture, alt: &str) {
    let source = format!(
        "data:image/png;base64,{}",
        BASE64_STANDARD.encode(picture.png())
    );
    let (width, height) = (picture.width.to_string(), picture.height.to_string());
    m.empty(
        "img",
        &[
            ("src", &source),
            ("alt", alt),
            ("width", &width),
            ("height", &height),
        ],
    );
}

pub(in crate::report) fn legend(m: &mut Markup, keys: &[(String, String)]) {
    for (class, text) in keys {
        m.within("span", &[("class", "legend")], |m| {
            m.leaf("i", &[("class", class)], "");
            m.text(text);
        });
    }
}

/// Milliseconds by a property of the layers, the largest first.
fn shares(layers: &[LayerTime], of: impl Fn(&LayerTime) -> &str) -> Vec<(String, f64)> {
    let mut sums = std::collections::BTreeMap::new();
    for layer in layers {
        *sums.entry(of(layer).to_owned()).or_insert(0.0) += layer.latency_ms;
    }
    let mut sums: Vec<(String, f64)> = sums.into_iter().collect();
    sums.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    sums
}
