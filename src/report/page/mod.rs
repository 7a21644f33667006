//! The report page: one self-contained HTML file from one record.
//!
//! Everything is inline (style, SVG plots, PNG pictures), nothing is fetched and no script runs.
//! Every text is escaped. The same record gives the same bytes.

mod charts;
mod record;
mod results;
mod sections;

pub(super) use charts::split;
pub(super) use results::section;
pub(super) use sections::{legend, tiles};

pub use record::{
    Agreement, Assumption, Contender, Fact, FileEntry, Gallery, GalleryRow, Latencies, LayerTime,
    Machines, Page, Role, SearchRecord, TrialPoint,
};

use super::chart::{PALETTE, STYLE};
use super::markup::Markup;

/// The HTML of a page.
#[must_use]
pub fn html(page: &Page) -> String {
    document(&page.title, |m| {
        sections::header(m, page);
        results::accuracy(m, page);
        results::latency(m, page);
        if let Some(search) = &page.search {
            sections::search(m, search, page.baseline_name());
        }
        sections::layers(m, page);
        sections::gallery(m, &page.gallery);
        results::agreement(m, &page.agreement);
        sections::files(m, &page.files);
        sections::provenance(m, page);
    })
}

/// A self-contained HTML file around what `body` adds.
pub(super) fn document(title: &str, body: impl FnOnce(&mut Markup)) -> String {
    let mut m = Markup::default();
    m.raw("<!doctype html>\n");
    m.within("html", &[("lang", "en")], |m| {
        m.within("head", &[], |m| {
            m.empty("meta", &[("charset", "utf-8")]);
            let viewport = "width=device-width, initial-scale=1";
            m.empty("meta", &[("name", "viewport"), ("content", viewport)]);
            m.leaf("title", &[], title);
            m.within("style", &[], |m| {
                for style in [PALETTE, STYLE, include_str!("style.css")] {
                    m.raw(style);
                }
            });
        });
        m.within("body", &[], body);
    });
    m.finish()
}

#[cfg(test)]
mod tests;
