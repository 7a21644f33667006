//! A validation as text: runtimes, golden vectors, agreement, layers, accuracy, latency.

use std::fmt::Write;

use super::{DivergenceRecord, LayerRecord, StepsRecord, ValidateRecord};
use crate::report::compare::{plain, right_aligned};
use crate::report::numbers::three;
use crate::validate::metrics::{Definition, Metric};

impl ValidateRecord {
    /// Tables for people; with the differences of every layer where `with_layers`.
    #[must_use]
    pub fn text(&self, with_layers: bool) -> String {
        let mut parts = vec![
            self.head(),
            self.runtimes_text(),
            self.golden_text(),
            self.agreement_text(),
        ];
        parts.extend(self.divergences.iter().map(first_layer));
        if with_layers {
            parts.extend(self.divergences.iter().map(all_layers));
        }
        parts.extend([
            self.accuracy_text(),
            self.latency_text(),
            self.failures_text(),
        ]);
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join("\n")
    }

    fn head(&self) -> String {
        let target = self.target.as_ref();
        let target = target.map_or(String::new(), |target| format!(", exported for {target}"));
        format!(
            "{}: network {}{target}; {} samples of {}\n",
            self.path, self.network, self.samples, self.inputs
        )
    }

    fn runtimes_text(&self) -> String {
        let mut table = plain(&["runtime", "release", "runs", "int8 is computed"]);
        for runtime in &self.runtimes {
            let mut model = runtime.model.clone().unwrap_or_default();
            if runtime.written_here {
                model += ", written for this check";
            }
            if model.is_empty() {
                "the graph of the int8 file".clone_into(&mut model);
            }
            table.add_row([
                runtime.name.to_owned(),
                runtime.version.clone(),
                model,
                arithmetic(runtime.exact).to_owned(),
            ]);
        }
        let mut text = format!("{}\n", table.trim_fmt());
        for absent in &self.absent {
            let _ = writeln!(
                text,
                "left out: {} is not there: {}; {}",
                absent.tool, absent.why, absent.remedy
            );
        }
        text
    }

    fn golden_text(&self) -> String {
        if self.golden.is_empty() {
            return String::new();
        }
        let mut table = plain(&[&["golden vectors", "", "output"], &HEADINGS[..]].concat());
        for golden in &self.golden {
            let verdict = if golden.passed {
                "as expected"
            } else {
                "OTHER BYTES"
            };
            for output in &golden.outputs {
                let head = [
                    golden.runtime.to_owned(),
                    verdict.to_owned(),
                    output.output.clone(),
                ];
                table.add_row([&head[..], &cells(&output.steps)].concat());
            }
        }
        right_aligned(&mut table, 3..8);
        format!("{}\n", table.trim_fmt())
    }

    fn agreement_text(&self) -> String {
        if self.agreement.is_empty() {
            return String::new();
        }
        let mut table = plain(&[&["agreement, in steps", "output"], &HEADINGS[..]].concat());
        for pair in &self.agreement {
            let name = format!("{} against {}", pair.runtime, pair.reference);
            let all = [("all", &pair.all)];
            let outputs = pair.outputs.iter().map(|o| (&*o.output, &o.steps));
            for (index, (output, steps)) in all.into_iter().chain(outputs).enumerate() {
                let name = if index == 0 { &*name } else { "" };
                let head = [name.to_owned(), output.to_owned()];
                table.add_row([&head[..], &cells(steps)].concat());
            }
        }
        right_aligned(&mut table, 2..7);
        format!("{}\n", table.trim_fmt())
    }

    fn accuracy_text(&self) -> String {
        let metrics = self.metrics();
        if metrics.is_empty() {
            return String::new();
        }
        let mut headings = vec!["accuracy".to_owned(), "runtime".to_owned()];
        headings.extend(metrics.iter().map(|metric| match metric.unit() {
            "" => metric.to_string(),
            unit => format!("{metric}, {unit}"),
        }));
        let mut table = plain(&headings.iter().map(String::as_str).collect::<Vec<_>>());
        for of in &self.accuracy {
            let scores = metrics.iter().map(|metric| {
                let score = of.scores.get(metric).copied();
                score.map_or_else(|| "-".to_owned(), |score| format!("{score:.4}"))
            });
            let head = [of.network.to_owned(), of.runtime.to_owned()];
            table.add_row(head.into_iter().chain(scores));
            if !of.loss_percent.is_empty() {
                let losses = metrics.iter().map(|metric| {
                    let loss = of.loss_percent.get(metric).copied();
                    loss.map_or_else(|| "-".to_owned(), |loss| format!("{loss:+.2} %"))
                });
                let head = ["  loss against float".to_owned(), String::new()];
                table.add_row(head.into_iter().chain(losses));
            }
        }
        right_aligned(&mut table, 2..2 + metrics.len());
        format!("{}\n{}", table.trim_fmt(), self.definition_text())
    }

    /// Whose definition of the metrics, where it is not the usual one.
    pub(super) fn definition_text(&self) -> String {
        match self.metrics {
            Definition::Standard => String::new(),
            Definition::AdaShareCityscapes | Definition::AdaShareNyuV2 => {
                let definition = self.metrics;
                format!("by the definition {definition}, not comparable with others\n")
            }
        }
    }

    /// Every metric that some network has.
    pub(super) fn metrics(&self) -> Vec<Metric> {
        let has = |metric: &Metric| {
            self.accuracy
                .iter()
                .any(|of| of.scores.contains_key(metric))
        };
        Metric::ALL.into_iter().filter(has).collect()
    }

    fn latency_text(&self) -> String {
        let mut table = plain(&["latency", "on", "ms", "fastest ms", ""]);
        for (name, cells) in self.latencies() {
            table.add_row([&[name][..], &cells].concat());
        }
        right_aligned(&mut table, 2..4);
        if self.latencies().is_empty() {
            return String::new();
        }
        format!("{}\n", table.trim_fmt())
    }

    /// Rows of latency: what it is of, then where, how long, the fastest run, and remarks.
    pub(super) fn latencies(&self) -> Vec<(String, [String; 4])> {
        let none = || "-".to_owned();
        let mut rows = Vec::new();
        for of in &self.simulated {
            let remark = match (&of.problem, of.assumed_share) {
                (Some(problem), _) => problem.clone(),
                (None, Some(share)) if share > 0.0 => {
                    format!("{:.0} % of it rests on assumed numbers", 100.0 * share)
                }
                (None, _) => String::new(),
            };
            let ms = of.latency_ms.map_or_else(none, three);
            rows.push((
                "int8, simulated".to_owned(),
                [of.profile.clone(), ms, none(), remark],
            ));
        }
        for of in &self.compiled {
            let cells = match &of.problem {
                Some(problem) => [of.accelerator.clone(), none(), none(), problem.clone()],
                None => [
                    of.accelerator.clone(),
                    of.latency_ms.map_or_else(none, three),
                    none(),
                    compiled_text(of),
                ],
            };
            rows.push((format!("int8, {}", of.compiler), cells));
        }
        for of in &self.measured {
            rows.push((
                format!("{}, measured", of.network),
                [
                    format!("{} on this machine", of.runtime),
                    three(of.median_ms),
                    three(of.min_ms),
                    format!("median of {} runs on one thread", of.runs),
                ],
            ));
        }
        rows
    }

    fn failures_text(&self) -> String {
        let lines = self
            .failures
            .iter()
            .map(|failure| format!("FAILED: {}: {}\n", failure.runtime, failure.problem));
        lines.collect()
    }
}

/// The headings of [`cells`].
pub(super) const HEADINGS: [&str; 5] = ["max", "mean", "equal %", "within 1 %", "within 2 %"];

/// The figures of differences in steps.
pub(super) fn cells(steps: &StepsRecord) -> [String; 5] {
    [
        steps.max_steps.to_string(),
        three(steps.mean_steps),
        share(steps.equal),
        share(steps.within_one),
        share(steps.within_two),
    ]
}

/// A share in percent that says 100 only when it is all.
pub(super) fn share(share: f64) -> String {
    let text = format!("{:.3}", 100.0 * share);
    if text == "100.000" && share < 1.0 {
        return "99.999".to_owned();
    }
    text
}

pub(super) const fn arithmetic(exact: bool) -> &'static str {
    if exact {
        "in integers, as LiteRT rounds"
    } else {
        "from quantize-dequantize pairs"
    }
}

fn compiled_text(of: &super::CompiledRecord) -> String {
    let count = |count: Option<u64>| count.map_or_else(|| "-".to_owned(), |c| c.to_string());
    format!(
        "{} operators on the NPU, {} on the CPU, {:.0} cycles ({}, {})",
        count(of.npu_operators),
        count(of.cpu_operators),
        of.cycles.unwrap_or(0.0),
        of.system.unwrap_or("-"),
        of.memory.unwrap_or("-"),
    )
}

/// Where two runtimes part.
pub(super) fn first_layer(of: &DivergenceRecord) -> String {
    let place = |name: &Option<String>| {
        let index = of
            .layers
            .iter()
            .position(|l| Some(&l.tensor) == name.as_ref())?;
        let layer = &of.layers[index];
        Some(format!(
            "`{}` ({}, layer {} of {}, {} steps)",
            layer.tensor,
            layer.operator,
            index + 1,
            of.layers.len(),
            layer.max_steps
        ))
    };
    let head = format!(
        "{} against {}, sample {}:",
        of.runtime, of.reference, of.sample
    );
    let unequal = of.layers.iter().find(|layer| layer.equal < 1.0);
    let unequal = unequal.map_or(String::new(), |layer| {
        format!(
            "; the first that is not equal is `{}` ({})",
            layer.tensor, layer.operator
        )
    });
    let apart = match place(&of.first_beyond_one) {
        Some(place) => format!("the first layer more than a step apart is {place}"),
        None => "no layer is more than a step apart when each is an output: the runtime computes \
                 otherwise where it fuses them"
            .to_owned(),
    };
    let fault = match place(&of.first_fault) {
        Some(place) => format!("on its own operands, {place} is off by more than one step"),
        None => {
            "on its own operands, every layer is within one step: rounding that adds up".to_owned()
        }
    };
    format!("{head} {apart}{unequal};\n  {fault}\n")
}

/// The differences of every layer that has any.
fn all_layers(of: &DivergenceRecord) -> String {
    let title = format!("{} against {}", of.runtime, of.reference);
    let headings = [
        "operator",
        "max",
        "mean",
        "equal %",
        "own max",
        "own equal %",
    ];
    let mut table = plain(&[&[&*title][..], &headings].concat());
    for layer in &of.layers {
        table.add_row([&[layer.tensor.clone()][..], &layer_cells(layer)].concat());
    }
    right_aligned(&mut table, 2..7);
    format!("{}\n", table.trim_fmt())
}

pub(super) fn layer_cells(layer: &LayerRecord) -> [String; 6] {
    [
        layer.operator.clone(),
        layer.max_steps.to_string(),
        three(layer.mean_steps),
        share(layer.equal),
        layer.own_max_steps.to_string(),
        share(layer.own_equal),
    ]
}
