//! Machines side by side on networks: the record of `ednas explore` and its table.

mod effect;
mod plot;
mod table;

use hwmodels::profile::Setting;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::explore::{JointSpace, Pair, Priced, SOURCE, on_front};
use crate::report::estimate::InfeasibleRecord;

/// `ednas.explore/1`: every machine that was tried, on every network.
#[derive(Clone, Debug, Serialize)]
pub struct ExploreRecord {
    /// `ednas.explore/1`.
    pub schema: &'static str,
    /// The profile that is varied.
    pub profile: String,
    /// Height and width of the image in pixels; nothing where networks take several sizes.
    pub size: Option<[usize; 2]>,
    /// The element sizes it was priced with.
    pub precision: &'static str,
    /// The space that networks were drawn from, where they were searched too.
    pub networks: Option<String>,
    /// How many combinations were drawn, and by which seed; nothing where all were tried.
    pub sample: Option<SampleRecord>,
    /// What is varied, in the order of the rows.
    pub varied: Vec<AxisRecord>,
    /// Where the numbers of every table with a varied key come from.
    pub source: &'static str,
    /// The costs that the Pareto front is over: those that every row knows. Empty where networks
    /// were searched too: they differ in accuracy, which no machine knows.
    pub objectives: Vec<&'static str>,
    /// Varied keys that changed no cost of any row; nothing where a sample cannot tell.
    pub without_effect: Option<Vec<String>>,
    /// A row per machine and network.
    pub rows: Vec<ExploreRow>,
}

/// A draw of combinations.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SampleRecord {
    /// How many combinations were asked for.
    pub count: usize,
    /// Seed of the draw.
    pub seed: u64,
}

/// Keys that vary together.
#[derive(Clone, Debug, Serialize)]
pub struct AxisRecord {
    /// The keys of the profile.
    pub keys: Vec<String>,
    /// What they say of a machine.
    pub meaning: String,
    /// The values, in order.
    pub values: Vec<Value>,
}

/// A machine on a network.
#[derive(Clone, Debug, Serialize)]
pub struct ExploreRow {
    /// The network: a name, or a genome.
    pub model: String,
    /// The varied keys and their values.
    pub settings: Map<String, Value>,
    /// One inference in steady state; nothing where the machine cannot run the network.
    pub latency_ms: Option<f64>,
    /// The same in core clock cycles.
    pub cycles: Option<u64>,
    /// Energy of one inference, where the profile tells.
    pub energy_mj: Option<f64>,
    /// The chip, where the profile tells.
    pub area_mm2: Option<f64>,
    /// Multiply-accumulates done of those the array could have done, 0 to 1.
    pub utilization: Option<f64>,
    /// Why the machine cannot run the network.
    pub infeasible: Option<InfeasibleRecord>,
    /// Whether no other row of the same network is as good in all objectives and better in one.
    pub pareto: bool,
}

/// A cost of a row, where it is known.
type Cost = fn(&ExploreRow) -> Option<f64>;

/// What was explored, and how.
#[derive(Clone, Copy, Debug)]
pub struct Exploration<'a> {
    /// The machines, and the networks where they are searched too.
    pub space: &'a JointSpace,
    /// Height and width of the image in pixels; nothing where networks take several sizes.
    pub size: Option<[usize; 2]>,
    /// The draw, where not all combinations were tried.
    pub sample: Option<SampleRecord>,
}

impl ExploreRecord {
    /// What was priced: `coral-edgetpu at 128x256`.
    fn title(&self) -> String {
        match self.size {
            Some([height, width]) => format!("{} at {height}x{width}", self.profile),
            None => self.profile.clone(),
        }
    }

    /// The record of `priced`: a pair of the space, its network by name, and its costs.
    #[must_use]
    pub fn new(exploration: &Exploration<'_>, priced: &[(&Pair, String, Priced)]) -> Self {
        let machines = exploration.space.machines();
        let rows = priced.iter().map(|(pair, model, priced)| {
            let settings = machines
                .settings(&pair.machine)
                .flat_map(|(axis, value)| axis.keys.iter().map(|key| (key.clone(), json(value))));
            ExploreRow::new(model.clone(), settings.collect(), priced)
        });
        let axes = machines.axes().iter().map(|axis| AxisRecord {
            keys: axis.keys.clone(),
            meaning: axis.meaning.clone(),
            values: axis.values.iter().map(json).collect(),
        });
        let mut record = Self {
            schema: "ednas.explore/1",
            profile: machines.base().name().to_owned(),
            size: exploration.size,
            precision: "int8",
            networks: exploration
                .space
                .networks()
                .map(|space| space.name().to_owned()),
            sample: exploration.sample,
            varied: axes.collect(),
            source: SOURCE,
            objectives: Vec::new(),
            without_effect: None,
            rows: rows.collect(),
        };
        if record.networks.is_none() {
            record.mark_front();
        }
        if record.sample.is_none() {
            record.without_effect = Some(effect::without(&record));
        }
        record
    }

    /// Marks what no other row of the same network beats.
    fn mark_front(&mut self) {
        let costs: [(&'static str, Cost); 3] = [
            ("latency_ms", |row| row.latency_ms),
            ("energy_mj", |row| row.energy_mj),
            ("area_mm2", |row| row.area_mm2),
        ];
        let runs = || self.rows.iter().filter(|row| row.infeasible.is_none());
        let known = costs
            .into_iter()
            .filter(|(_, cost)| runs().all(|row| cost(row).is_some()));
        let known: Vec<_> = known.collect();
        let mut models: Vec<String> = runs().map(|row| row.model.clone()).collect();
        models.sort();
        models.dedup();
        for model in models {
            let mut of_model: Vec<&mut ExploreRow> = (self.rows.iter_mut())
                .filter(|row| row.model == model && row.infeasible.is_none())
                .collect();
            let points = of_model.iter().map(|row| {
                let costs = known.iter().filter_map(|(_, cost)| cost(row));
                costs.collect::<Vec<f64>>()
            });
            let marks = on_front(&points.collect::<Vec<_>>());
            for (row, mark) in of_model.iter_mut().zip(marks) {
                row.pareto = mark;
            }
        }
        self.objectives = known.into_iter().map(|(name, _)| name).collect();
    }

    /// A table for people, and a summary.
    #[must_use]
    pub fn table(&self) -> String {
        table::table(self)
    }

    /// A scatter plot as a self-contained SVG file: latency against area, or against energy where
    /// no area is known, or else against the first varied number.
    #[must_use]
    pub fn plot(&self) -> String {
        plot::plot(self)
    }
}

impl ExploreRow {
    fn new(model: String, settings: Map<String, Value>, priced: &Priced) -> Self {
        let cost = priced.cost.as_ref();
        Self {
            model,
            settings,
            latency_ms: cost.map(|cost| cost.latency_ms),
            cycles: cost.map(|cost| cost.cycles),
            energy_mj: cost.and_then(|cost| cost.energy_mj),
            area_mm2: cost.and_then(|cost| cost.area_mm2),
            utilization: cost.and_then(|cost| cost.utilization),
            infeasible: priced.infeasible.clone(),
            pareto: false,
        }
    }
}

fn json(setting: &Setting) -> Value {
    match setting {
        Setting::Whole(number) => Value::from(*number),
        Setting::Number(number) => Value::from(*number),
        Setting::Switch(switch) => Value::from(*switch),
        Setting::Word(word) => Value::from(word.as_str()),
    }
}

#[cfg(test)]
mod tests;
