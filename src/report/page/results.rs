//! The tables of results: accuracy, latency, agreement of runtimes.

use super::record::{Agreement, Contender, Page, Role};
use crate::report::markup::Markup;
use crate::report::numbers::{change_percent, count, figure, signed_percent, three};
use crate::validate::metrics::{Direction, Metric, Scores, delta_t};

/// Metrics of every network, in float and in int8, with the gains.
pub(super) fn accuracy(m: &mut Markup, page: &Page) {
    let metrics: Vec<Metric> = Metric::ALL
        .into_iter()
        .filter(|metric| {
            let has =
                |scores: &Option<Scores>| scores.as_ref().is_some_and(|s| s.contains_key(metric));
            page.contenders
                .iter()
                .any(|c| has(&c.float) || has(&c.int8))
        })
        .collect();
    if metrics.is_empty() {
        return;
    }
    let baseline = page.of(Role::Baseline);
    let mut headings = vec!["network".to_owned(), "numbers".to_owned()];
    headings.extend(metrics.iter().map(|&metric| heading(metric)));
    headings.push(format!("\u{394}T to {}", page.baseline_name()));
    headings.push("\u{394}T int8 to float".to_owned());
    let mut rows = Vec::new();
    for contender in &page.contenders {
        let versions = [
            (
                "float32",
                &contender.float,
                baseline.and_then(|b| b.float.as_ref()),
            ),
            (
                "int8",
                &contender.int8,
                baseline.and_then(|b| b.int8.as_ref()),
            ),
        ];
        for (precision, scores, base) in versions {
            let Some(scores) = scores else { continue };
            let mut cells = vec![contender.name.clone(), precision.to_owned()];
            cells.extend(
                metrics
                    .iter()
                    .map(|metric| figure(scores.get(metric).copied())),
            );
            let gain = base.filter(|_| contender.role != Role::Baseline);
            cells.push(gain_text(scores, gain));
            cells.push(gain_text(
                scores,
                contender.float.as_ref().filter(|_| precision == "int8"),
            ));
            rows.push((contender.role == Role::Best, cells));
        }
    }
    section(m, "Accuracy", |m| {
        let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
        m.table(&headings, 2, &rows);
        let text = "On the validation split, over labeled pixels. \u{2191} higher is better, \u{2193} lower is \
                    better. \u{394}T is the mean over tasks of the mean relative gain of the task's metrics; \
                    positive is better.";
        m.leaf("p", &[("class", "note")], text);
    });
}

/// Simulated and measured milliseconds of every network.
pub(super) fn latency(m: &mut Markup, page: &Page) {
    if page.contenders.is_empty() {
        return;
    }
    let machines = &page.machines;
    let base = page
        .of(Role::Baseline)
        .and_then(|b| b.latency.target_simulated_ms);
    let target = format!("{} simulated, ms", machines.target);
    let change = format!("to {}", page.baseline_name());
    let host = format!("{} simulated, ms", machines.host);
    let with_host = page
        .contenders
        .iter()
        .any(|c| c.latency.host_measured_ms.is_some());
    let mut headings = vec!["network", "params", "MACs", &target, &change];
    if with_host {
        headings.extend([&*host, "measured, ms", "error of simulation"]);
    }
    let row = |c: &Contender| {
        let l = c.latency;
        let both = |a: Option<f64>, b: Option<f64>| {
            a.zip(b).map_or_else(
                || "-".to_owned(),
                |(a, b)| signed_percent(change_percent(a, b)),
            )
        };
        let base = base.filter(|_| c.role != Role::Baseline);
        let mut cells = vec![
            c.name.clone(),
            count(c.params),
            count(c.macs),
            figure(l.target_simulated_ms),
            both(base, l.target_simulated_ms),
        ];
        if with_host {
            cells.push(figure(l.host_simulated_ms));
            cells.push(figure(l.host_measured_ms));
            cells.push(both(l.host_measured_ms, l.host_simulated_ms));
        }
        (c.role == Role::Best, cells)
    };
    let rows: Vec<_> = page.contenders.iter().map(row).collect();
    section(m, "Latency", |m| {
        m.table(&headings, 1, &rows);
        let mut text = format!("One image. {} is simulated, not measured.", machines.target);
        if with_host {
            text.push_str(&format!(
                " {} is this machine, running the int8 model in {}.",
                machines.host, machines.host_runtime
            ));
        }
        m.leaf("p", &[("class", "note")], &text);
        for note in &page.notes {
            m.leaf("p", &[("class", "note")], note);
        }
    });
}

/// Where two runtimes differ on the same model.
pub(super) fn agreement(m: &mut Markup, agreement: &[Agreement]) {
    if agreement.is_empty() {
        return;
    }
    let headings = [
        "model and runtimes",
        "output",
        "equal, %",
        "largest, steps",
        "mean, steps",
    ];
    let row = |a: &Agreement| {
        let cells = vec![
            a.pair.clone(),
            a.output.clone(),
            format!("{:.2}", a.equal_percent),
            three(a.steps_max),
            three(a.steps_mean),
        ];
        (false, cells)
    };
    let rows: Vec<_> = agreement.iter().map(row).collect();
    section(m, "Agreement of runtimes", |m| {
        m.table(&headings, 2, &rows);
        let text = "Differences between the values of the same output, in steps of its int8 scale.";
        m.leaf("p", &[("class", "note")], text);
    });
}

/// A section with its heading.
pub(in crate::report) fn section(m: &mut Markup, title: &str, inside: impl FnOnce(&mut Markup)) {
    m.within("section", &[], |m| {
        m.leaf("h2", &[], title);
        inside(m);
    });
}

/// The gain of `scores` over `base` as text, `-` where there is none or it is undefined.
pub(super) fn gain_text(scores: &Scores, base: Option<&Scores>) -> String {
    base.and_then(|base| delta_t(scores, base).ok())
        .map_or_else(|| "-".to_owned(), |delta| signed_percent(delta.total))
}

fn heading(metric: Metric) -> String {
    let arrow = match metric.direction() {
        Direction::HigherIsBetter => '\u{2191}',
        Direction::LowerIsBetter => '\u{2193}',
    };
    match metric.unit() {
        "" => format!("{metric} {arrow}"),
        unit => format!("{metric}, {unit} {arrow}"),
    }
}
