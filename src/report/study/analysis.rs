//! What the best genomes of a study have in common: the record of `ednas study analyze`, and its text.

mod page;

use std::fmt::Write;

use comfy_table::{Table, presets};
use serde::Serialize;

pub use page::page as analysis_page;

use crate::space::Value;
use crate::study::{Analysis, Taken, Together};

/// The share of the best genomes from which on a value is theirs.
const MOST: f64 = 0.5;

/// `ednas.study.analysis/1`: the choices of the best genomes, beside those of all.
#[derive(Clone, Debug, Serialize)]
pub struct AnalysisRecord {
    /// `ednas.study.analysis/1`.
    pub schema: &'static str,
    /// The journal's path, or the genomes, as they were given.
    pub studied: Vec<String>,
    /// What the best were ranked by; `null` where genomes were given.
    pub by: Option<String>,
    /// How many count as the best.
    pub best: usize,
    /// The numbers of their trials, best first; empty where genomes were given.
    pub trials: Vec<usize>,
    /// How many trials they are compared with; 0 where genomes were given.
    pub evaluated: usize,
    /// Per decision, how often each value is taken.
    pub decisions: Vec<TakenRecord>,
    /// The values of all decisions of a name, over the groups.
    pub values: Vec<ValueRecord>,
    /// The means of decisions whose values are numbers, over the groups.
    pub means: Vec<MeanRecord>,
}

/// How often each value of a decision is taken.
#[derive(Clone, Debug, Serialize)]
pub struct TakenRecord {
    /// What the decision belongs to, such as `block03`.
    pub group: String,
    /// What is decided, such as `kernel`.
    pub name: String,
    /// The values.
    pub values: Vec<String>,
    /// The share of the best genomes that take each, of those that decide it at all; 0 to 1.
    pub best: Vec<f64>,
    /// The same of all evaluated genomes; `null` where there are none.
    pub all: Option<Vec<f64>>,
}

/// In how many groups a value is taken.
#[derive(Clone, Debug, Serialize)]
pub struct ValueRecord {
    /// What is decided.
    pub name: String,
    /// The value.
    pub value: String,
    /// In how many groups, in the mean over the best genomes.
    pub best: f64,
    /// The same of all evaluated genomes; `null` where there are none.
    pub all: Option<f64>,
    /// In how many groups it is decided.
    pub groups: usize,
    /// The groups in which more than half of the best genomes take it.
    pub most_at: Vec<String>,
}

/// The mean of a decision over groups and genomes.
#[derive(Clone, Debug, Serialize)]
pub struct MeanRecord {
    /// What is decided.
    pub name: String,
    /// Over the best genomes.
    pub best: f64,
    /// Over all evaluated genomes; `null` where there are none.
    pub all: Option<f64>,
}

impl AnalysisRecord {
    /// The record of `analysis`, of a study ranked `by` an objective or of genomes by themselves.
    #[must_use]
    pub fn new(studied: Vec<String>, by: Option<String>, analysis: &Analysis) -> Self {
        let is_compared = analysis.evaluated > 0;
        let taken = |taken: &Taken| TakenRecord {
            group: taken.group.clone(),
            name: taken.name.clone(),
            values: taken.values.iter().map(ToString::to_string).collect(),
            best: taken.best.clone(),
            all: is_compared.then(|| taken.all.clone()),
        };
        let value = |row: &Together| ValueRecord {
            name: row.name.clone(),
            value: row.value.to_string(),
            best: row.best,
            all: is_compared.then_some(row.all),
            groups: row.groups,
            most_at: most_at(analysis, row),
        };
        let trials = match by {
            Some(_) => analysis.best.clone(),
            None => Vec::new(),
        };
        Self {
            schema: "ednas.study.analysis/1",
            studied,
            by,
            best: analysis.best.len(),
            trials,
            evaluated: analysis.evaluated,
            decisions: analysis.decisions.iter().map(taken).collect(),
            values: analysis.names.iter().map(value).collect(),
            means: means(&analysis.names, is_compared),
        }
    }

    /// What the genomes are, in words.
    fn subject(&self) -> String {
        match &self.by {
            Some(by) => format!(
                "the best {} of {} evaluated trials of {} by {by}",
                self.best,
                self.evaluated,
                self.studied.join(", ")
            ),
            None => self.studied.join(", "),
        }
    }

    /// The commonest value of every decision, and the values over all groups.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}\n\n{}\n\n", self.subject(), self.commonest());
        for row in &self.values {
            let all = row.all.map(|all| format!(" (all: {all:.1})"));
            let _ = write!(
                text,
                "{} = {}: {:.1} of {} groups{}",
                row.name,
                row.value,
                row.best,
                row.groups,
                all.unwrap_or_default()
            );
            text += &match row.most_at[..] {
                [] => "\n".to_owned(),
                _ => format!("; mostly at {}\n", row.most_at.join(", ")),
            };
        }
        for MeanRecord { name, best, all } in &self.means {
            let all = all.map(|all| format!(" (all: {all:.3})"));
            let _ = writeln!(text, "mean {name}: {best:.3}{}", all.unwrap_or_default());
        }
        text
    }

    /// A row per group, a column per name: the commonest value among the best, its share there and
    /// among all.
    fn commonest(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        let names = self.names();
        table.set_header(std::iter::once("").chain(names.iter().copied()));
        let mut groups: Vec<&str> = self.decisions.iter().map(|d| &*d.group).collect();
        groups.dedup();
        for group in groups {
            let cell = |name: &&str| {
                let is_it = |d: &&TakenRecord| d.group == group && d.name == **name;
                let found = self.decisions.iter().find(is_it);
                found.map_or_else(|| "-".to_owned(), TakenRecord::commonest)
            };
            table.add_row(std::iter::once(group.to_owned()).chain(names.iter().map(cell)));
        }
        table.trim_fmt()
    }

    /// The names of the decisions, each once.
    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for value in &self.values {
            if !names.contains(&&*value.name) {
                names.push(&value.name);
            }
        }
        names
    }
}

impl TakenRecord {
    fn commonest(&self) -> String {
        let shares = self.best.iter().enumerate();
        let most = shares.fold(
            (0, 0.0),
            |most, (index, &share)| {
                if share > most.1 { (index, share) } else { most }
            },
        );
        let (index, share) = most;
        if share == 0.0 {
            return "-".to_owned();
        }
        let all = self.all.as_ref();
        let all = all.map(|all| format!(" ({:.0} %)", 100.0 * all[index]));
        let value = &self.values[index];
        format!("{value} {:.0} %{}", 100.0 * share, all.unwrap_or_default())
    }
}

fn most_at(analysis: &Analysis, row: &Together) -> Vec<String> {
    let of_name = analysis.decisions.iter().filter(|d| d.name == row.name);
    let most = of_name.filter(|decision| {
        let place = decision.values.iter().position(|value| *value == row.value);
        place.is_some_and(|place| decision.best[place] > MOST)
    });
    most.map(|decision| decision.group.clone()).collect()
}

/// Means by name, where every value of the name is a number.
fn means(rows: &[Together], is_compared: bool) -> Vec<MeanRecord> {
    let of_name = rows.chunk_by(|a, b| a.name == b.name);
    let mean = |rows: &[Together], count: fn(&Together) -> f64| -> Option<f64> {
        let mut sum = (0.0, 0.0);
        for row in rows {
            sum.0 += number(&row.value)? * count(row);
            sum.1 += count(row);
        }
        (sum.1 > 0.0).then(|| sum.0 / sum.1)
    };
    let records = of_name.filter_map(|rows| {
        Some(MeanRecord {
            name: rows.first()?.name.clone(),
            best: mean(rows, |row| row.best)?,
            all: mean(rows, |row| row.all).filter(|_| is_compared),
        })
    });
    records.collect()
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        Value::Text(_) | Value::List(_) => None,
    }
}

#[cfg(test)]
mod tests;
