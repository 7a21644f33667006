//! A study as a page: `ednas study plot`.

mod charts;
mod decisions;

use std::path::Path;

use serde::Serialize;

use super::{CountsRecord, StudyRecord};
use crate::report::markup::Markup;
use crate::report::numbers::three;
use crate::report::page::{document, legend, section, tiles};
use crate::study::{Recorded, ranking};

/// `ednas.study.plot/1`: what was drawn.
#[derive(Clone, Debug, Serialize)]
pub struct PlotRecord {
    /// `ednas.study.plot/1`.
    pub schema: &'static str,
    /// The journal's path, as it was given.
    pub journal: String,
    /// The page.
    pub file: String,
    /// How many trials it is about.
    pub trials: usize,
}

impl PlotRecord {
    /// The record of a page at `file` about the journal at `path`.
    #[must_use]
    pub fn new(path: &Path, recorded: &Recorded, file: &Path) -> Self {
        Self {
            schema: "ednas.study.plot/1",
            journal: path.display().to_string(),
            file: file.display().to_string(),
            trials: recorded.history.trials().len(),
        }
    }

    /// A line of text.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{} trials drawn in {}\n", self.trials, self.file)
    }
}

/// The HTML of the page about the journal at `path`; the same journal gives the same bytes.
#[must_use]
pub fn page(path: &Path, recorded: &Recorded) -> String {
    let record = StudyRecord::new(path, recorded);
    document(&format!("Study {}", record.journal), |m| {
        header(m, recorded, &record);
        best_so_far(m, recorded);
        trade_off(m, recorded, &record);
        endings(m, recorded);
        values(m, recorded);
        settings(m, &record);
    })
}

fn header(m: &mut Markup, recorded: &Recorded, record: &StudyRecord) {
    m.within("header", &[], |m| {
        m.leaf("h1", &[], &format!("Study {}", record.journal));
        let name = recorded.space.name();
        m.leaf(
            "p",
            &[],
            &format!("{} trials over {name}", record.counts.trials),
        );
    });
    let tile = |name: &str, value: String, detail: String| (name.to_owned(), value, detail);
    let mut all = Vec::new();
    if let (Some(best), Some(first)) = (&record.best, record.objectives.first()) {
        let value = best.value(&first.name).map_or_else(String::new, three);
        let name = format!("best {}", first.name);
        all.push(tile(&name, value, format!("trial {}", best.trial)));
    }
    let CountsRecord {
        trials,
        complete,
        stopped,
        infeasible,
        failed,
        unfinished,
    } = record.counts;
    let detail =
        format!("of {trials}: {stopped} stopped, {failed} failed, {unfinished} unfinished");
    all.push(tile("complete", complete.to_string(), detail));
    let ended = complete + stopped + infeasible;
    if ended > 0 {
        let share = 100.0 * (complete + stopped) as f64 / ended as f64;
        let detail = format!("{infeasible} that the machine cannot run");
        all.push(tile("feasible", format!("{} %", three(share)), detail));
    }
    let over: Vec<&str> = record.trade_off.iter().map(|o| &*o.name).collect();
    all.push(tile(
        "on the front",
        record.front.len().to_string(),
        over.join(", "),
    ));
    tiles(m, &all);
}

fn best_so_far(m: &mut Markup, recorded: &Recorded) {
    let goals = recorded.header.goals();
    let some = goals
        .first()
        .is_some_and(|goal| !ranking(&recorded.history, goal).is_empty());
    if !some {
        return;
    }
    section(m, "Best so far", |m| {
        for goal in &goals {
            m.within("figure", &[], |m| {
                let drawn = charts::best_so_far(m, &recorded.history, goal);
                caption(
                    m,
                    &[("trial", "a trial"), ("fill-0", "the best until then")],
                    &drawn,
                );
            });
        }
    });
}

fn trade_off(m: &mut Markup, recorded: &Recorded, record: &StudyRecord) {
    let objectives = recorded.header.trade_off(&recorded.history);
    if objectives.len() < 2 || record.front.is_empty() {
        return;
    }
    let front: Vec<usize> = record.front.iter().map(|t| t.trial).collect();
    let best = record.best.as_ref().map(|best| best.trial);
    section(m, "Trade-off", |m| {
        for (index, x) in objectives.iter().enumerate() {
            for y in &objectives[index + 1..] {
                m.within("figure", &[], |m| {
                    let drawn = charts::trade_off(m, recorded, (x, y), &front, best);
                    let keys = [
                        ("trial", "a complete trial"),
                        ("on-front", "on the Pareto front"),
                        ("best", "the best in the first objective"),
                    ];
                    caption(m, &keys, &drawn);
                });
            }
        }
    });
}

fn endings(m: &mut Markup, recorded: &Recorded) {
    if recorded.history.trials().is_empty() {
        return;
    }
    section(m, "How trials ended", |m| {
        m.within("figure", &[], |m| {
            charts::endings(m, &recorded.history);
            let keys = charts::ENDINGS.map(|(state, class)| (class, state));
            caption(
                m,
                &keys,
                "Shares of the trials of every stretch, in the order of their numbers.",
            );
        });
    });
}

fn values(m: &mut Markup, recorded: &Recorded) {
    let goals = recorded.header.goals();
    let Some(goal) = goals.first() else { return };
    let ranked = ranking(&recorded.history, goal);
    if ranked.is_empty() {
        return;
    }
    section(m, "What good trials are made of", |m| {
        m.within("figure", &[], |m| {
            let top = decisions::draw(m, recorded, &ranked);
            let text = format!(
                "Per decision, the shares of its values: above among the best {top} trials by {}, below among \
                 all {} complete ones. Point at a bar for the value. Idle decisions do not count.",
                goal.name,
                ranked.len()
            );
            m.leaf("figcaption", &[], &text);
        });
    });
}

fn settings(m: &mut Markup, record: &StudyRecord) {
    section(m, "Settings", |m| {
        let rows = record.settings.iter();
        let rows = rows.map(|(name, value)| (false, vec![name.clone(), value.to_string()]));
        m.table(&["setting", "value"], 2, &rows.collect::<Vec<_>>());
    });
}

fn caption(m: &mut Markup, keys: &[(&str, &str)], text: &str) {
    m.within("figcaption", &[], |m| {
        let keys = keys
            .iter()
            .map(|(class, name)| (format!("key {class}"), (*name).to_owned()));
        legend(m, &keys.collect::<Vec<_>>());
        m.text(text);
    });
}
