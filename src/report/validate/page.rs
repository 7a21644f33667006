//! A validation as a page: one self-contained HTML file.

use super::text::{HEADINGS, arithmetic, cells, first_layer, layer_cells};
use super::{DivergenceRecord, ValidateRecord, charts};
use crate::report::markup::Markup;
use crate::report::numbers::three;
use crate::report::page::{document, legend, section, tiles};

impl ValidateRecord {
    /// The HTML of the page; the same record gives the same bytes.
    #[must_use]
    pub fn page(&self) -> String {
        document(&format!("Validation of {}", self.network), |m| {
            self.header(m);
            if !self.agreement.is_empty() {
                section(m, "Do runtimes agree?", |m| self.agreement_of_all(m));
            }
            for divergence in &self.divergences {
                let title = format!(
                    "Where {} and {} part",
                    divergence.runtime, divergence.reference
                );
                section(m, &title, |m| layer_by_layer(m, divergence));
            }
            if !self.golden.is_empty() {
                section(m, "Golden vectors", |m| self.golden_vectors(m));
            }
            if !self.accuracy.is_empty() {
                section(m, "Accuracy", |m| self.accuracies(m));
            }
            section(m, "Latency", |m| self.latency_table(m));
            section(m, "What ran", |m| self.what_ran(m));
        })
    }

    fn header(&self, m: &mut Markup) {
        m.within("header", &[], |m| {
            m.leaf("h1", &[], &format!("Validation of {}", self.network));
            let subtitle = format!("{}: {} samples of {}", self.path, self.samples, self.inputs);
            m.leaf("p", &[], &subtitle);
        });
        let tile = |name: &str, value: String, detail: String| (name.to_owned(), value, detail);
        let mut all = vec![tile(
            "verdict",
            if self.passed { "passed" } else { "failed" }.to_owned(),
            match self.failures.len() {
                0 if self.golden.is_empty() => "there are no golden vectors".to_owned(),
                0 => "exact runtimes give the golden bytes where it passed".to_owned(),
                count => format!("{count} failures, at the end of the page"),
            },
        )];
        for pair in self
            .agreement
            .iter()
            .filter(|pair| Some(pair.reference) == self.first())
        {
            all.push(tile(
                &format!("{} against {}", pair.runtime, pair.reference),
                format!("{} %", super::text::share(pair.all.within_one)),
                format!("within one step, at most {}", pair.all.max_steps),
            ));
        }
        tiles(m, &all);
    }

    /// The runtime that others are held against.
    fn first(&self) -> Option<&'static str> {
        self.runtimes.first().map(|runtime| runtime.name)
    }

    fn agreement_of_all(&self, m: &mut Markup) {
        let names: Vec<&str> = self.runtimes.iter().map(|runtime| runtime.name).collect();
        m.within("figure", &[], |m| {
            charts::heat_map(m, &names, &self.agreement);
            m.within("figcaption", &[], |m| {
                let keys = charts::LEVELS;
                let keys = keys.map(|(_, class, text)| (format!("key {class}"), text.to_owned()));
                legend(m, &keys);
                m.text(
                    "The share of output elements at most one int8 step apart, over all outputs and \
                     samples. Point at a field for more.",
                );
            });
        });
        let mut rows = Vec::new();
        for pair in &self.agreement {
            for (index, output) in pair.outputs.iter().enumerate() {
                let name = format!("{} against {}", pair.runtime, pair.reference);
                let name = if index == 0 { name } else { String::new() };
                let head = [name, output.output.clone()];
                rows.push((false, [&head[..], &cells(&output.steps)].concat()));
            }
        }
        m.table(&[&["in steps", "output"], &HEADINGS[..]].concat(), 2, &rows);
    }

    fn golden_vectors(&self, m: &mut Markup) {
        let mut rows = Vec::new();
        for golden in &self.golden {
            let verdict = if golden.passed {
                "as expected"
            } else {
                "other bytes"
            };
            for output in &golden.outputs {
                let head = [golden.runtime, verdict, &output.output].map(str::to_owned);
                rows.push((!golden.passed, [&head[..], &cells(&output.steps)].concat()));
            }
        }
        m.table(
            &[&["runtime", "", "output"], &HEADINGS[..]].concat(),
            3,
            &rows,
        );
        let note = "Runtimes that compute in integers must give the very bytes; those that compute in \
                    float are held against them in steps.";
        m.leaf("p", &[("class", "note")], note);
    }

    fn accuracies(&self, m: &mut Markup) {
        let metrics = self.metrics();
        let mut headings = vec!["network".to_owned(), "runtime".to_owned()];
        for metric in &metrics {
            headings.push(match metric.unit() {
                "" => metric.to_string(),
                unit => format!("{metric}, {unit}"),
            });
            headings.push("loss, %".to_owned());
        }
        let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
        let none = || "-".to_owned();
        let rows = self.accuracy.iter().map(|of| {
            let mut cells = vec![of.network.to_owned(), of.runtime.to_owned()];
            for metric in &metrics {
                let score = of.scores.get(metric).copied();
                cells.push(score.map_or_else(none, three));
                let loss = of.loss_percent.get(metric).copied();
                cells.push(loss.map_or_else(none, |loss| format!("{loss:+.2}")));
            }
            (of.network == "float", cells)
        });
        m.within("div", &[("class", "wide")], |m| {
            m.table(&headings, 2, &rows.collect::<Vec<_>>());
        });
        let note = "Losses are relative to the float network; positive is worse, whichever way the \
                    metric improves.";
        m.leaf("p", &[("class", "note")], note);
        m.leaf("p", &[("class", "note")], &self.definition_text());
    }

    fn latency_table(&self, m: &mut Markup) {
        let rows = self
            .latencies()
            .into_iter()
            .map(|(of, [on, ms, min, remark])| (false, vec![of, on, remark, ms, min]));
        let headings = ["network", "on", "how", "ms", "fastest, ms"];
        m.table(&headings, 3, &rows.collect::<Vec<_>>());
    }

    fn what_ran(&self, m: &mut Markup) {
        let rows = self.runtimes.iter().map(|runtime| {
            let model = runtime
                .model
                .clone()
                .unwrap_or_else(|| "the graph".to_owned());
            let model = match runtime.written_here {
                true => format!("{model}, written for this check"),
                false => model,
            };
            let cells = [
                runtime.name,
                &runtime.version,
                &model,
                arithmetic(runtime.exact),
            ];
            (false, cells.map(str::to_owned).to_vec())
        });
        let headings = ["runtime", "release", "runs", "int8 is computed"];
        m.table(&headings, 4, &rows.collect::<Vec<_>>());
        for absent in &self.absent {
            let text = format!(
                "{} is not there: {}; {}",
                absent.tool, absent.why, absent.remedy
            );
            m.leaf("p", &[("class", "note")], &text);
        }
        for failure in &self.failures {
            m.leaf(
                "p",
                &[],
                &format!("{} failed: {}", failure.runtime, failure.problem),
            );
        }
    }
}

fn layer_by_layer(m: &mut Markup, of: &DivergenceRecord) {
    m.within("figure", &[], |m| {
        charts::steps(m, of);
        m.within("figcaption", &[], |m| {
            let keys = [
                ("key fill-0".to_owned(), "apart".to_owned()),
                (
                    "key fill-1".to_owned(),
                    "added by the layer on its own operands".to_owned(),
                ),
            ];
            legend(m, &keys);
            m.text(
                "Every activation of one sample is an output here. The dotted line is one step.",
            );
        });
    });
    m.leaf("p", &[], &first_layer(of));
    let mut layers: Vec<_> = of
        .layers
        .iter()
        .filter(|layer| layer.max_steps > 1)
        .collect();
    layers.truncate(12);
    let rows = layers.iter().map(|layer| {
        let head = [layer.tensor.clone()];
        (false, [&head[..], &layer_cells(layer)].concat())
    });
    let headings = [
        "the first layers more than a step apart",
        "operator",
        "max",
        "mean",
        "equal %",
        "own max",
        "own equal %",
    ];
    m.table(&headings, 2, &rows.collect::<Vec<_>>());
}
