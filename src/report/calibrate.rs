//! A fitted profile: the record of `ednas calibrate` and its tables.

use std::fmt::Write;

use serde::Serialize;

use super::compare::{BaselineRecord, ScoreRecord, plain, right_aligned};
use super::numbers::three;
use crate::calibrate::{Fate, Fit, LeftOut, Part, Setting, Validation};
use crate::compare::Comparison;
use crate::measured::Case;

/// `ednas.calibrate/1`: free numbers of a profile, fitted to measurements, and how well that predicts
/// networks that were left out.
#[derive(Clone, Debug, Serialize)]
pub struct CalibrateRecord {
    /// `ednas.calibrate/1`.
    pub schema: &'static str,
    /// The profile.
    pub profile: String,
    /// The files of measurements.
    pub measured: Vec<String>,
    /// Their rows.
    pub rows: usize,
    /// The free numbers, and what became of them.
    pub numbers: Vec<NumberRecord>,
    /// Errors of whole networks, before the fit.
    pub before: Option<LeftOutRecord>,
    /// The same after it: not an honest prediction.
    pub fitted: Option<LeftOutRecord>,
    /// Each network predicted by a fit without it.
    pub network_left_out: Option<LeftOutRecord>,
    /// Each network predicted by a fit without its family.
    pub family_left_out: Option<LeftOutRecord>,
    /// Stacks of layers, after the fit.
    pub stacks_fitted: Option<LeftOutRecord>,
    /// Stacks of layers, predicted by a fit without their family.
    pub stacks_left_out: Option<LeftOutRecord>,
    /// What rules of thumb say of the whole networks.
    pub baselines: Vec<BaselineRecord>,
}

/// A free number.
#[derive(Clone, Debug, Serialize)]
pub struct NumberRecord {
    /// Where it is in the file.
    pub path: String,
    /// Its value before.
    pub before: f64,
    /// Its value after.
    pub after: f64,
    /// The least it can be.
    pub low: f64,
    /// The most it can be.
    pub high: f64,
    /// `fitted`, `no-effect` (no latency depends on it) or `untold` (the measurements do not tell it);
    /// the last two stay as they were.
    pub fate: &'static str,
    /// Of what was unknown of its logarithm before, the share that still is; of fitted ones.
    pub doubt: Option<f64>,
}

/// How far predictions are from measurements.
#[derive(Clone, Debug, Serialize)]
pub struct LeftOutRecord {
    /// Over rows.
    #[serde(flatten)]
    pub rows: ScoreRecord,
    /// Where each network counts once, with the median of its errors.
    pub by_network: ScoreRecord,
    /// The interval that holds the median over networks in 90 % of resamples of them.
    pub median_interval: Option<[f64; 2]>,
}

impl CalibrateRecord {
    /// The record of one fit.
    #[must_use]
    pub fn new(
        setting: &Setting,
        (profile, measured): (&str, &[String]),
        fit: &Fit,
        validations: &[Validation],
    ) -> CalibrateRecord {
        let left_out = |part, counts: fn(&Case) -> bool| {
            let of_part = |validation: &&Validation| validation.part == part;
            let validation = validations.iter().find(of_part)?;
            LeftOut::of(setting.cases(), &validation.predicted, counts)
        };
        let at = |values: &[f64], counts: fn(&Case) -> bool| {
            LeftOut::of(setting.cases(), &setting.predictions(values), counts)
        };
        let networks = setting.cases().iter().filter(|case| is_network(case));
        CalibrateRecord {
            schema: "ednas.calibrate/1",
            profile: profile.to_owned(),
            measured: measured.to_vec(),
            rows: setting.cases().len(),
            numbers: numbers(setting, fit),
            before: at(&setting.start(), is_network).map(LeftOutRecord::new),
            fitted: at(&fit.values, is_network).map(LeftOutRecord::new),
            network_left_out: left_out(Part::Network, is_network).map(LeftOutRecord::new),
            family_left_out: left_out(Part::Family, is_network).map(LeftOutRecord::new),
            stacks_fitted: at(&fit.values, is_stack).map(LeftOutRecord::new),
            stacks_left_out: left_out(Part::Network, is_stack).map(LeftOutRecord::new),
            baselines: BaselineRecord::all(&Comparison::new(networks.cloned().collect()).rows()),
        }
    }

    /// The error of the fit in words, for the sources of fitted numbers.
    #[must_use]
    pub fn residual(&self) -> String {
        let percent = |value: Option<f64>| value.map_or_else(|| "unknown".to_owned(), three);
        let fitted = self.fitted.as_ref().or(self.stacks_fitted.as_ref());
        let fitted = percent(fitted.and_then(|fitted| fitted.rows.median_ape));
        match &self.network_left_out {
            Some(left_out) => format!(
                "{fitted} % median error, {} % of networks left out",
                percent(left_out.rows.median_ape)
            ),
            None => format!("{fitted} % median error, no network left out"),
        }
    }

    /// Tables for people.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}", self.numbers_text(), self.errors_text())
    }

    fn numbers_text(&self) -> String {
        let mut table = plain(&[
            "number",
            "before",
            "after",
            "least",
            "most",
            "unknown still",
        ]);
        for number in &self.numbers {
            let still = match number.doubt {
                Some(doubt) => format!("{:.0} %", 100.0 * doubt),
                None if number.fate == "untold" => {
                    "kept: the measurements do not tell it".to_owned()
                }
                None => "kept: no latency depends on it".to_owned(),
            };
            let values = [number.before, number.after, number.low, number.high];
            let cells = values.map(five).to_vec();
            table.add_row([vec![number.path.clone()], cells, vec![still]].concat());
        }
        right_aligned(&mut table, 1..5);
        format!("{}\n", table.trim_fmt())
    }

    fn errors_text(&self) -> String {
        let mut table = plain(&[&["error %"], &ScoreRecord::HEADINGS[..]].concat());
        let mut intervals = String::new();
        let parts = [
            ("networks, before", &self.before),
            ("networks, fitted", &self.fitted),
            ("networks, each left out", &self.network_left_out),
            ("networks, family left out", &self.family_left_out),
            ("stacks, fitted", &self.stacks_fitted),
            ("stacks, kind left out", &self.stacks_left_out),
        ];
        for (name, record) in parts {
            let Some(record) = record else {
                continue;
            };
            table.add_row([&[name.to_owned()][..], &record.rows.cells()].concat());
            let once = "  each network once".to_owned();
            table.add_row([&[once][..], &record.by_network.cells()].concat());
            if let Some([low, high]) = record.median_interval {
                writeln!(
                    intervals,
                    "{name}: median over networks, 90 % interval {low:.1} to {high:.1} %"
                )
                .expect("text is written");
            }
        }
        for baseline in &self.baselines {
            let score = baseline.left_out.as_ref().unwrap_or(&baseline.fitted);
            let name = format!("{}, each left out", baseline.rule);
            table.add_row([&[name][..], &score.cells()].concat());
        }
        right_aligned(&mut table, 1..9);
        let left_out = if self.network_left_out.is_none() {
            "nothing was left out: there is one network, so how well this predicts others is unknown\n"
        } else {
            ""
        };
        format!("{}\n\n{intervals}{left_out}", table.trim_fmt())
    }
}

impl LeftOutRecord {
    fn new(left_out: LeftOut) -> LeftOutRecord {
        LeftOutRecord {
            rows: ScoreRecord::new(&left_out.rows),
            by_network: ScoreRecord::new(&left_out.networks),
            median_interval: left_out
                .median
                .map(|interval| [interval.low, interval.high]),
        }
    }
}

fn numbers(setting: &Setting, fit: &Fit) -> Vec<NumberRecord> {
    let free = setting.numbers().iter().zip(&fit.values).zip(&fit.fates);
    let record = |((number, value), fate): ((&hwmodels::profile::FreeNumber, &f64), &Fate)| {
        let (fate, doubt) = match fate {
            Fate::Fitted(doubt) => ("fitted", Some(*doubt)),
            Fate::NoEffect => ("no-effect", None),
            Fate::Untold => ("untold", None),
        };
        NumberRecord {
            path: number.path(),
            before: number.value,
            after: *value,
            low: number.bounds[0],
            high: number.bounds[1],
            fate,
            doubt,
        }
    };
    free.map(record).collect()
}

fn is_network(case: &Case) -> bool {
    case.measurement.stack.is_none()
}

fn is_stack(case: &Case) -> bool {
    case.measurement.stack.is_some()
}

fn five(value: f64) -> String {
    hwmodels::units::significant(value, 5).to_string()
}
