//! A comparison as a page: one self-contained HTML file.

use super::text::{cells, noise_line};
use super::{CompareRecord, MissRecord, RepeatsRecord, RowRecord, ScoreRecord, charts};
use crate::report::bound::Bound;
use crate::report::chart::shortened;
use crate::report::markup::Markup;
use crate::report::numbers::{bytes, count, three};
use crate::report::page::{document, legend, section, split, tiles};

/// Characters of a layer's name in a table.
const NAME: usize = 64;

impl CompareRecord {
    /// The HTML of the page; the same record gives the same bytes.
    #[must_use]
    pub fn page(&self) -> String {
        document(
            &format!("Simulated beside measured: {}", self.measured),
            |m| {
                self.header(m);
                section(m, "Simulated against measured", |m| self.scatter(m));
                section(m, "How good, beside what", |m| self.figures(m));
                section(m, "What the error goes with", |m| self.residuals(m));
                section(m, "By machine and host", |m| self.strips(m));
                if !self.misses.is_empty() {
                    section(m, "The largest errors, one of each network", |m| {
                        self.misses.iter().for_each(|each| miss(m, each));
                    });
                }
                section(m, "Noise", |m| self.noise(m));
                section(m, "Every measurement", |m| self.table(m));
            },
        )
    }

    fn header(&self, m: &mut Markup) {
        m.within("header", &[], |m| {
            m.leaf("h1", &[], "Simulated beside measured");
            let subtitle = format!(
                "{}: {} rows of {} networks on {} machines",
                self.measured,
                self.rows.len(),
                self.networks,
                self.machines.len()
            );
            m.leaf("p", &[], &subtitle);
        });
        let percent = |value: Option<f64>| {
            value.map_or_else(|| "-".to_owned(), |value| format!("{} %", three(value)))
        };
        let rule = self
            .baselines
            .iter()
            .find(|b| b.name == "macs-bytes-roofline");
        let of_rule = |of: fn(&ScoreRecord) -> Option<f64>| {
            let fitted = rule.and_then(|rule| of(&rule.fitted));
            fitted.map(|value| format!("{} by a roofline of MACs and bytes", three(value)))
        };
        let score = &self.score;
        let tile = |name: &str, value: String, detail: Option<String>| {
            (name.to_owned(), value, detail.unwrap_or_default())
        };
        let tau = score
            .kendall_tau
            .map_or_else(|| "-".to_owned(), |tau| format!("{tau:.3}"));
        let noise = self.repeats.median_deviation_percent;
        tiles(
            m,
            &[
                tile(
                    "median error",
                    percent(score.median_ape),
                    of_rule(|s| s.median_ape),
                ),
                tile(
                    "90 % of rows keep to",
                    percent(score.p90_ape),
                    of_rule(|s| s.p90_ape),
                ),
                tile("order, Kendall's tau", tau, of_rule(|s| s.kendall_tau)),
                tile(
                    "noise of repeated rows",
                    percent(noise),
                    Some("from the median of the same".to_owned()),
                ),
            ],
        );
    }

    fn scatter(&self, m: &mut Markup) {
        m.within("figure", &[], |m| {
            charts::scatter(m, &self.rows, &self.machines);
            m.within("figcaption", &[], |m| {
                let keys = self.machines.iter().enumerate();
                let keys: Vec<(String, String)> = keys
                    .map(|(index, name)| (format!("key {}", charts::hue(index)), name.clone()))
                    .collect();
                legend(m, &keys);
                m.text(
                    "On the line, both are the same; between the dotted ones they differ by less \
                     than a quarter. Hollow: a host that the profile has no words for. Point at a \
                     dot for its row.",
                );
            });
        });
    }

    fn figures(&self, m: &mut Markup) {
        let rows = self.scores().into_iter().map(|(name, score)| {
            let is_part = name.starts_with(' ');
            let name = name.trim_start().to_owned();
            (!is_part, [&[name][..], &score.cells()].concat())
        });
        let headings = [&["absolute error, %"], &ScoreRecord::HEADINGS[..]].concat();
        m.table(&headings, 1, &rows.collect::<Vec<_>>());
        let rules: Vec<String> = self
            .baselines
            .iter()
            .map(|b| format!("{}: {}", b.name, b.rule))
            .collect();
        let note = format!(
            "Errors are |simulated - measured| / measured; bias is the median with its sign, above 0 \
             where the simulation is too slow. Rules of thumb ({}; bytes are parameters, inputs and \
             results) have numbers of their own for every machine with enough rows, of least \
             absolute relative error. Fitted here: to these very rows, which is the best they can \
             do. The simulator's numbers are those of the profile.",
            rules.join("; ")
        );
        m.leaf("p", &[("class", "note")], &note);
        if self.mixed_statistics {
            let note =
                "Rows are of several figures of their runs; means and medians stand apart above.";
            m.leaf("p", &[("class", "note")], note);
        }
        if self.infeasible > 0 {
            let note = format!(
                "{} rows do not run on their machine and are in no figure.",
                self.infeasible
            );
            m.leaf("p", &[("class", "note")], &note);
        }
    }

    fn residuals(&self, m: &mut Markup) {
        let float = hwmodels::units::float;
        let mut chart = |title: &str, of: &dyn Fn(&RowRecord) -> Option<f64>| {
            m.within("figure", &[], |m| {
                charts::residuals(m, &self.rows, &self.machines, title, of);
            });
        };
        chart("multiply-accumulates", &|row| Some(float(row.macs)));
        chart("parameters, bytes", &|row| Some(float(row.parameter_bytes)));
        let title = "share of depthwise convolutions in the multiply-accumulates";
        chart(title, &|row| row.depthwise_share);
    }

    fn strips(&self, m: &mut Markup) {
        m.within("figure", &[], |m| {
            charts::strips(m, &self.rows, "machine", |row| row.profile.clone())
        });
        let host = |row: &RowRecord| match (row.host.as_str(), row.host_known) {
            ("", _) => "(not told)".to_owned(),
            (host, true) => host.to_owned(),
            (host, false) => format!("{host} (unknown to the profile)"),
        };
        m.within("figure", &[], |m| {
            charts::strips(m, &self.rows, "host", host)
        });
    }

    fn noise(&self, m: &mut Markup) {
        for (repeats, words) in [
            (&self.repeats, "in one host"),
            (&self.repeats_over_hosts, "whatever the host"),
        ] {
            match noise_line(repeats, words) {
                Some(line) => m.leaf("p", &[], &line),
                None => m.leaf("p", &[], &format!("Nothing was measured twice {words}.")),
            }
        }
        let wide = |repeats: &RepeatsRecord| -> Vec<(bool, Vec<String>)> {
            let widest = repeats.widest.iter().take(10);
            widest
                .map(|spread| {
                    let range = format!("{} to {}", three(spread.min_ms), three(spread.max_ms));
                    let cells = vec![
                        spread.of.join(", "),
                        spread.rows.to_string(),
                        range,
                        three(spread.spread_percent),
                    ];
                    (false, cells)
                })
                .collect()
        };
        let rows = wide(&self.repeats_over_hosts);
        if !rows.is_empty() {
            m.table(
                &[
                    "the widest apart, whatever the host",
                    "rows",
                    "ms",
                    "spread, %",
                ],
                1,
                &rows,
            );
        }
    }

    fn table(&self, m: &mut Markup) {
        let rows: Vec<(bool, Vec<String>)> = self
            .rows
            .iter()
            .map(|row| {
                let mut cells = cells(row);
                let remarks = cells.pop().unwrap_or_default();
                cells.extend([
                    count(row.macs),
                    bytes(row.parameter_bytes),
                    row.streamed_bytes.map_or_else(|| "-".to_owned(), bytes),
                    remarks,
                ]);
                (false, cells)
            })
            .collect();
        let headings = [
            "id",
            "network",
            "machine",
            "figure",
            "measured, ms",
            "simulated, ms",
            "error, %",
            "repeats, %",
            "bound by",
            "MACs",
            "parameters",
            "streamed",
            "keep in mind",
        ];
        m.within("div", &[("class", "wide")], |m| {
            m.table(&headings, 4, &rows)
        });
    }
}

/// A large error: where the simulated time goes, in a bar and in words.
fn miss(m: &mut Markup, miss: &MissRecord) {
    m.within("figure", &[], |m| {
        m.leaf("p", &[], &format!("{}: {}", miss.id, miss.text));
        let parts: Vec<(String, f64)> = miss
            .shares
            .iter()
            .map(|share| (share.what.to_owned(), share.ms))
            .collect();
        split(m, &parts, |index| {
            Bound::of(Some(miss.shares[index].what)).class().to_owned()
        });
        let layers = miss.layers.iter().map(|layer| {
            let bound = layer.bound_by.unwrap_or("-").to_owned();
            let name = shortened(&layer.name, NAME);
            (false, vec![name, layer.op.clone(), bound, three(layer.ms)])
        });
        m.table(
            &["layers of most time", "operator", "bound by", "ms"],
            3,
            &layers.collect::<Vec<_>>(),
        );
    });
}
