//! One network layer by layer, as a tool timed it and simulated: the record and its table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use hwmodels::compile::Infeasible;
use hwmodels::units::ms_of_cycles;
use serde::Serialize;

use super::ScoreRecord;
use super::text::{plain, right_aligned};
use crate::compare::{ByLayer, Pair, Score};
use crate::measured::{Layered, Machine, Model, Span, estimate};
use crate::report::chart::shortened;
use crate::report::estimate::names;
use crate::report::numbers::three;

/// Characters of a layer's name in the table.
const NAME: usize = 56;

/// `ednas.compare-layers/1`: the layers of one network. Absolute percentage errors are of layers
/// that both know and that take time in both.
#[derive(Clone, Debug, Serialize)]
pub struct LayersRecord {
    /// `ednas.compare-layers/1`.
    pub schema: &'static str,
    /// The file with the times.
    pub measured: String,
    /// The tool that wrote it.
    pub tool: &'static str,
    /// The model file that was simulated.
    pub model_file: String,
    /// The machine that it was simulated on, `PROFILE:MODE+MODE`.
    pub profile: String,
    /// Runs that times are the mean of, where told.
    pub runs: Option<u64>,
    /// The whole network: as the tool timed it, else the sum of its layers.
    pub measured_ms: f64,
    /// The whole network, simulated.
    pub simulated_ms: f64,
    /// `100 * (simulated - measured) / measured`, of the whole network.
    pub error_percent: f64,
    /// The figures over the layers, as fields of the record itself.
    #[serde(flatten)]
    pub score: ScoreRecord,
    /// The layers that both know, in the order they run; those of one name together.
    pub layers: Vec<LayerPairRecord>,
    /// What only the tool knows, in its order.
    pub only_measured: Vec<LoneLayerRecord>,
    /// What only the simulator knows and takes time, in its order.
    pub only_simulated: Vec<LoneLayerRecord>,
}

/// A layer that both know.
#[derive(Clone, Debug, Serialize)]
pub struct LayerPairRecord {
    /// Its name.
    pub name: String,
    /// Its operator.
    pub op: String,
    /// Multiply-accumulates.
    pub macs: u64,
    /// As the tool timed it.
    pub measured_ms: f64,
    /// Simulated: from the latest end of any layer before it to its own.
    pub simulated_ms: f64,
    /// `100 * (simulated - measured) / measured`; `null` where the tool says 0.
    pub error_percent: Option<f64>,
    /// What bounds it, simulated.
    pub bound_by: Option<&'static str>,
}

/// A layer that one side knows.
#[derive(Clone, Debug, Serialize)]
pub struct LoneLayerRecord {
    /// Its name.
    pub name: String,
    /// How long it takes.
    pub ms: f64,
}

impl LayersRecord {
    /// Simulates `model` on `machine` and brings its layers to those of `layered`.
    ///
    /// # Errors
    /// Which limit of the machine stands in the way.
    pub fn new(layered: &Layered, machine: &Machine, model: &Model) -> Result<Self, Infeasible> {
        let estimate = estimate(&machine.profile, model)?;
        let clock_hz = machine.profile.clock_hz();
        let simulated = simulated(model, &estimate);
        let known: BTreeSet<&str> = simulated.iter().map(|layer| layer.name.as_str()).collect();
        let ms = |span: Span| match span {
            Span::Ms(ms) => ms,
            Span::Cycles(cycles) => ms_of_cycles(cycles, clock_hz),
        };
        let times = layered.layers.iter();
        let sum: f64 = times.clone().map(|layer| ms(layer.span)).sum();
        let by_layer = ByLayer::new(times.map(|layer| (&*layer.name, ms(layer.span))), &known);
        let whole = Pair {
            measured_ms: layered.whole_ms.unwrap_or(sum),
            predicted_ms: estimate.latency_ms(),
        };
        let (layers, only_simulated) = paired(simulated, &by_layer);
        let pairs: Vec<Pair> = layers.iter().filter_map(LayerPairRecord::pair).collect();
        Ok(Self {
            schema: "ednas.compare-layers/1",
            measured: layered.place.file.clone(),
            tool: layered.format.name(),
            model_file: model.file.display().to_string(),
            profile: machine.name().to_owned(),
            runs: layered.runs,
            measured_ms: whole.measured_ms,
            simulated_ms: whole.predicted_ms,
            error_percent: whole.error_percent(),
            score: ScoreRecord::new(&Score::of(&pairs)),
            layers,
            only_measured: by_layer
                .of_none
                .into_iter()
                .map(LoneLayerRecord::new)
                .collect(),
            only_simulated,
        })
    }

    /// Tables for people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut table = plain(&[
            "layer",
            "op",
            "MACs",
            "measured ms",
            "simulated ms",
            "error %",
            "bound by",
        ]);
        for layer in &self.layers {
            let error = layer.error_percent;
            table.add_row([
                shortened(&layer.name, NAME),
                layer.op.clone(),
                layer.macs.to_string(),
                three(layer.measured_ms),
                three(layer.simulated_ms),
                error.map_or_else(|| "-".to_owned(), |error| format!("{error:+.1}")),
                layer.bound_by.unwrap_or("-").to_owned(),
            ]);
        }
        right_aligned(&mut table, 2..6);
        let mut figures = plain(&[&["error %"], &ScoreRecord::HEADINGS[..]].concat());
        figures.add_row([&["layers".to_owned()][..], &self.score.cells()].concat());
        right_aligned(&mut figures, 1..9);
        let mut text = format!("{}\n\n", table.trim_fmt());
        let _ = writeln!(
            text,
            "{} on {}: {} ms by {}, {} simulated ({:+.1} %)",
            self.model_file,
            self.profile,
            three(self.measured_ms),
            self.tool,
            three(self.simulated_ms),
            self.error_percent
        );
        let _ = writeln!(text, "{}", figures.trim_fmt());
        text += &lone("known to the tool only", &self.only_measured);
        text += &lone("known to the simulator only", &self.only_simulated);
        text
    }
}

impl LayerPairRecord {
    fn pair(&self) -> Option<Pair> {
        let both = self.measured_ms > 0.0 && self.simulated_ms > 0.0;
        both.then_some(Pair {
            measured_ms: self.measured_ms,
            predicted_ms: self.simulated_ms,
        })
    }
}

impl LoneLayerRecord {
    fn new((name, ms): (String, f64)) -> Self {
        Self { name, ms }
    }
}

/// A layer of the simulator; all entries of one name together.
struct Simulated {
    name: String,
    op: String,
    macs: u64,
    ms: f64,
    bound_by: Option<&'static str>,
}

fn simulated(model: &Model, estimate: &hwmodels::simulate::Estimate) -> Vec<Simulated> {
    let mut layers: Vec<Simulated> = Vec::new();
    let mut place: BTreeMap<String, usize> = BTreeMap::new();
    for layer in &estimate.layers {
        let (name, op, macs) = names(&model.program.list, layer.of);
        let ms = ms_of_cycles(layer.latency_cycles, estimate.clock_hz);
        match place.get(&name).and_then(|index| layers.get_mut(*index)) {
            Some(known) => {
                known.ms += ms;
                known.macs += macs;
            }
            None => {
                place.insert(name.clone(), layers.len());
                layers.push(Simulated {
                    name,
                    op,
                    macs,
                    ms,
                    bound_by: layer.bound_by.map(|what| what.name()),
                });
            }
        }
    }
    layers
}

/// The layers that the tool knows too, and the others that take time.
fn paired(
    simulated: Vec<Simulated>,
    measured: &ByLayer,
) -> (Vec<LayerPairRecord>, Vec<LoneLayerRecord>) {
    let (mut layers, mut lone) = (Vec::new(), Vec::new());
    for layer in simulated {
        match measured.of.get(&layer.name) {
            Some(&measured_ms) => layers.push(LayerPairRecord {
                error_percent: (measured_ms > 0.0)
                    .then(|| 100.0 * (layer.ms - measured_ms) / measured_ms),
                name: layer.name,
                op: layer.op,
                macs: layer.macs,
                measured_ms,
                simulated_ms: layer.ms,
                bound_by: layer.bound_by,
            }),
            None if layer.ms > 0.0 => lone.push(LoneLayerRecord::new((layer.name, layer.ms))),
            None => {}
        }
    }
    (layers, lone)
}

/// How much the layers of one side take, and the longest of them.
fn lone(what: &str, layers: &[LoneLayerRecord]) -> String {
    let longest = layers.iter().max_by(|a, b| a.ms.total_cmp(&b.ms));
    let Some(longest) = longest else {
        return String::new();
    };
    let sum: f64 = layers.iter().map(|layer| layer.ms).sum();
    format!(
        "{what}: {} layers, {} ms; longest {} ({} ms)\n",
        layers.len(),
        three(sum),
        shortened(&longest.name, NAME),
        three(longest.ms)
    )
}
