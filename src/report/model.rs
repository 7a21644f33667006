//! What a network is made of: the record of `ednas model show` and its table.

use comfy_table::{CellAlignment, Table, presets};
use kernels::cost::{Cost, graph_cost, node_cost};
use kernels::live::live;
use kernels::{NodeId, Verified};
use serde::Serialize;

use crate::space::Model;
use crate::task::Task;

/// `ednas.model/1`: a network, or one per task, and their layers.
#[derive(Clone, Debug, Serialize)]
pub struct ModelRecord {
    /// `ednas.model/1`.
    pub schema: &'static str,
    /// The name or genome that was asked for.
    pub name: String,
    /// The trunk as short text; nothing for a model file.
    pub genome: Option<String>,
    /// Height and width of the image in pixels; nothing where the input is no image.
    pub size: Option<[usize; 2]>,
    /// What is predicted.
    pub tasks: Vec<Task>,
    /// The networks that are run one after another for one image; one, unless the model has a
    /// network per task.
    pub runs: usize,
    /// Learned numbers of the largest network. DIFFERENCE: one for all would be their sum; the
    /// paper's tables multiply the FLOPs of single-task networks by their number and not the
    /// parameters, and this follows them.
    pub params: u64,
    /// Multiply-accumulate operations of all networks.
    pub macs: u64,
    /// Two per MAC.
    pub flops: u64,
    /// As `params`, without the nodes that no output reads (they are in the published sizes; no
    /// machine runs them).
    pub params_live: u64,
    /// As `macs`, without the nodes that no output reads.
    pub macs_live: u64,
    /// Every node of every network, in execution order.
    pub layers: Vec<LayerRecord>,
}

/// One node of a network.
#[derive(Clone, Debug, Serialize)]
pub struct LayerRecord {
    /// The network.
    pub network: String,
    /// The node.
    pub name: String,
    /// The operator, such as `conv2d`.
    pub op: String,
    /// The extents of the result, `[n, h, w, c]`.
    pub shape: Vec<usize>,
    /// Learned numbers.
    pub params: u64,
    /// Multiply-accumulate operations.
    pub macs: u64,
}

impl ModelRecord {
    /// The record of the networks of a model.
    #[must_use]
    pub fn new(model: &Model, tasks: &[Task], networks: &[Verified]) -> Self {
        Self {
            genome: Some(model.genome.clone()),
            tasks: tasks.to_vec(),
            ..Self::of_networks(&model.name, networks)
        }
    }

    /// The record of networks that no genome describes, such as those of files.
    #[must_use]
    pub fn of_networks(name: &str, networks: &[Verified]) -> Self {
        let whole: Vec<Cost> = networks.iter().map(graph_cost).collect();
        let alive: Vec<Cost> = networks.iter().map(|n| graph_cost(&live(n))).collect();
        let most_params = |costs: &[Cost]| costs.iter().map(|c| c.params).max().unwrap_or(0);
        let all: Cost = whole.iter().copied().sum();
        let all_alive: Cost = alive.iter().copied().sum();
        let size = networks.first().and_then(image_size);
        let layers = networks
            .iter()
            .flat_map(|graph| graph.node_ids().map(|id| layer(graph, id)))
            .collect();
        Self {
            schema: "ednas.model/1",
            name: name.to_owned(),
            genome: None,
            size,
            tasks: Vec::new(),
            runs: networks.len(),
            params: most_params(&whole),
            macs: all.macs,
            flops: all.flops(),
            params_live: most_params(&alive),
            macs_live: all_alive.macs,
            layers,
        }
    }

    /// A table for people: a row per layer, and the totals.
    #[must_use]
    pub fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(["layer", "op", "shape", "params", "MACs"]);
        for layer in &self.layers {
            table.add_row([
                layer.name.clone(),
                layer.op.clone(),
                format!("{:?}", layer.shape),
                layer.params.to_string(),
                layer.macs.to_string(),
            ]);
        }
        for column in [3, 4] {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        format!("{}\n\n{}", table.trim_fmt(), self.totals())
    }

    fn totals(&self) -> String {
        let millions = |n: u64| n as f64 / 1e6;
        let billions = |n: u64| n as f64 / 1e9;
        let size = match self.size {
            Some([height, width]) => format!(" at {height}x{width}"),
            None => String::new(),
        };
        let genome = match &self.genome {
            Some(genome) => format!("{genome}\n"),
            None => String::new(),
        };
        let runs = match self.runs {
            1 => String::new(),
            n => format!(" ({n} single-task networks: MACs of all, parameters of the largest)"),
        };
        format!(
            "{}{size}{runs}\n{genome}{:.3} M parameters, {:.3} G MACs, {:.3} GFLOPs; \
             {:.3} M and {:.3} G MACs without the nodes that no output reads\n",
            self.name,
            millions(self.params),
            billions(self.macs),
            billions(self.flops),
            millions(self.params_live),
            billions(self.macs_live),
        )
    }
}

fn layer(graph: &Verified, id: NodeId) -> LayerRecord {
    let node = &graph[id];
    let cost = node_cost(graph, id);
    LayerRecord {
        network: graph.name.clone(),
        name: node.name.clone(),
        op: node.op.name().to_owned(),
        shape: node
            .outputs
            .first()
            .map_or_else(Vec::new, |&t| graph[t].shape.to_vec()),
        params: cost.params,
        macs: cost.macs,
    }
}

fn image_size(graph: &Verified) -> Option<[usize; 2]> {
    let input = graph.inputs.first()?;
    let [_, height, width, _] = graph[*input].shape.nhwc()?;
    Some([height, width])
}
