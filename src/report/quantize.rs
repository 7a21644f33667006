//! How a network was quantized: the record of `ednas quantize` and its table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use super::numbers::three;
use crate::quantize::{Activation, Layer, Options, Power, Quantized};

/// Layers that are named below the table.
const COSTLIEST: usize = 5;

/// `ednas.quantize/1`: what was chosen for a network, and what it costs.
#[derive(Clone, Debug, Serialize)]
pub struct QuantizeRecord {
    /// `ednas.quantize/1`.
    pub schema: &'static str,
    /// The network.
    pub network: String,
    /// What it was calibrated on.
    pub calibration: String,
    /// How the ranges of activations were chosen.
    pub method: String,
    /// Whether mean errors were put into the biases.
    pub bias_correction: bool,
    /// Calibration images that ratios are measured on.
    pub judged_images: usize,
    /// Signal-to-noise ratio of each output of the int8 network in dB; nothing without noise.
    pub outputs_db: BTreeMap<String, Option<f64>>,
    /// Every real activation.
    pub activations: Vec<ActivationRecord>,
    /// Every layer in the order they run; none without `--explain`.
    pub layers: Vec<LayerRecord>,
    /// What may be wrong with the calibration.
    pub warnings: Vec<String>,
}

/// The range of an activation.
#[derive(Clone, Debug, Serialize)]
pub struct ActivationRecord {
    /// Its name.
    pub tensor: String,
    /// What chose its range; nothing where an operand, the operator or training decided, and for
    /// inputs of the network.
    pub method: Option<String>,
    /// The smallest and the largest value over the calibration images.
    pub observed: [f32; 2],
    /// The range that its grid holds.
    pub range: [f64; 2],
    /// `real = scale * (integer - zero_point)`.
    pub scale: f32,
    /// See `scale`.
    pub zero_point: i32,
}

/// What one layer costs.
#[derive(Clone, Debug, Serialize)]
pub struct LayerRecord {
    /// The layer.
    pub layer: String,
    /// Its operator.
    pub op: String,
    /// Its result, one of the activations.
    pub tensor: String,
    /// Signal-to-noise ratio in dB of its result when it is int8 and its operands are exact; nothing
    /// without noise.
    pub alone_db: Option<f64>,
    /// The same of its result in the int8 network, with the noise of all before it.
    pub accumulated_db: Option<f64>,
    /// The same of each output of the network when this layer alone is int8.
    pub outputs_db: BTreeMap<String, Option<f64>>,
    /// Noise over signal in percent, summed over the outputs, when this layer alone is int8.
    pub cost_percent: f64,
}

impl QuantizeRecord {
    /// Of a network that was quantized as `options` say.
    #[must_use]
    pub fn new(network: &str, calibration: &str, options: &Options, found: &Quantized) -> Self {
        let outputs: Vec<&str> = found
            .outputs
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        let layer = |layer: &Layer| LayerRecord::new(layer, &outputs);
        Self {
            schema: "ednas.quantize/1",
            network: network.to_owned(),
            calibration: calibration.to_owned(),
            method: options.choice.to_string(),
            bias_correction: options.bias_correction,
            judged_images: found.judged_images,
            outputs_db: decibels(found.outputs.iter().map(|(name, power)| (&**name, power))),
            activations: found
                .activations
                .iter()
                .map(ActivationRecord::new)
                .collect(),
            layers: found.layers.iter().map(layer).collect(),
            warnings: warnings(&found.activations),
        }
    }

    /// The record as text for people.
    #[must_use]
    pub fn text(&self) -> String {
        let corrected = if self.bias_correction {
            ", biases corrected"
        } else {
            ""
        };
        // Writing to a string cannot fail.
        let mut text = String::new();
        let _ = writeln!(
            text,
            "{}: {}{corrected}; calibrated on {}\n",
            self.network, self.method, self.calibration
        );
        if !self.layers.is_empty() {
            let _ = writeln!(text, "{}\n\n{}\n", self.table(), self.costliest());
        }
        let outputs = self.outputs_db.iter();
        let outputs = outputs.map(|(name, db)| format!("{name} {}", shown(*db)));
        let _ = writeln!(
            text,
            "signal to noise of the outputs over {} images, dB: {}",
            self.judged_images,
            outputs.collect::<Vec<_>>().join(", ")
        );
        for warning in &self.warnings {
            let _ = writeln!(text, "warning: {warning}");
        }
        text
    }

    fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        let fixed = [
            "layer",
            "op",
            "method",
            "range",
            "alone dB",
            "gathered dB",
            "cost %",
        ];
        let outputs = self.outputs_db.keys().map(|name| format!("{name} dB"));
        table.set_header(fixed.map(str::to_owned).into_iter().chain(outputs));
        for layer in &self.layers {
            let activation = self.activations.iter().find(|a| a.tensor == layer.tensor);
            let method = activation.and_then(|a| a.method.clone());
            let range = activation.map(|a| {
                let [min, max] = a.range.map(three);
                format!("{min} .. {max}")
            });
            let own = [
                layer.layer.clone(),
                layer.op.clone(),
                method.unwrap_or_else(|| "-".to_owned()),
                range.unwrap_or_else(|| "-".to_owned()),
                shown(layer.alone_db),
                shown(layer.accumulated_db),
                three(layer.cost_percent),
            ];
            let outputs = layer.outputs_db.values().map(|db| shown(*db));
            table.add_row(own.into_iter().chain(outputs));
        }
        for column in table.column_iter_mut().skip(3) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table.trim_fmt()
    }

    /// The layers that cost most, in words.
    fn costliest(&self) -> String {
        let mut layers: Vec<&LayerRecord> = self.layers.iter().collect();
        layers.sort_by(|a, b| b.cost_percent.total_cmp(&a.cost_percent));
        let named = layers.iter().take(COSTLIEST);
        let named = named.map(|l| format!("{} ({} %)", l.layer, three(l.cost_percent)));
        let named = named.collect::<Vec<_>>().join(", ");
        format!(
            "cost: noise over signal, summed over the outputs, when the layer alone is int8; most \
             cost {named}"
        )
    }
}

impl ActivationRecord {
    fn new(activation: &Activation) -> Self {
        Self {
            tensor: activation.tensor.clone(),
            method: activation.method.map(|method| method.to_string()),
            observed: [activation.observed.min, activation.observed.max],
            range: [-128, 127].map(|integer| {
                f64::from(activation.scale) * f64::from(integer - activation.zero_point)
            }),
            scale: activation.scale,
            zero_point: activation.zero_point,
        }
    }
}

impl LayerRecord {
    fn new(layer: &Layer, outputs: &[&str]) -> Self {
        Self {
            layer: layer.node.clone(),
            op: layer.op.clone(),
            tensor: layer.tensor.clone(),
            alone_db: layer.alone.db(),
            accumulated_db: layer.accumulated.db(),
            outputs_db: decibels(outputs.iter().copied().zip(&layer.at_outputs)),
            cost_percent: 100.0 * layer.cost(),
        }
    }
}

fn decibels<'a>(
    powers: impl Iterator<Item = (&'a str, &'a Power)>,
) -> BTreeMap<String, Option<f64>> {
    let named = powers.map(|(name, power)| (name.to_owned(), power.db()));
    named.collect()
}

fn shown(db: Option<f64>) -> String {
    db.map_or_else(|| "-".to_owned(), |db| format!("{db:.1}"))
}

fn warnings(activations: &[Activation]) -> Vec<String> {
    let constant = activations.iter().filter(|a| a.is_constant());
    constant
        .map(|a| {
            format!(
                "`{}` is {} over all calibration images: its range says nothing of other images",
                a.tensor, a.observed.min
            )
        })
        .collect()
}
