//! Tables 6 and 7 of the paper: the backbones it prints, what they cost, how they analyze.

use serde::Serialize;

use super::FactRecord;
use crate::comparison::Costs;
use crate::report::gains::plain;
use crate::space::ednas::{Block, BlockKind, Trunk};

/// `ednas.reproduce.backbones/1`: the backbones of Tables 6 and 7.
#[derive(Clone, Debug, Serialize)]
pub struct BackbonesRecord {
    /// `ednas.reproduce.backbones/1`.
    pub schema: &'static str,
    /// The machine of the latencies.
    pub profile: String,
    /// Table 6, then Table 7.
    pub backbones: Vec<BackboneRecord>,
    /// What the paper says of them, and whether it is so here.
    pub facts: Vec<FactRecord>,
}

/// A backbone.
#[derive(Clone, Debug, Serialize)]
pub struct BackboneRecord {
    /// What `ednas` calls it.
    pub name: &'static str,
    /// Its 16 blocks, in the order of the table.
    pub blocks: Vec<BlockRecord>,
}

/// A block.
#[derive(Clone, Debug, Serialize)]
pub struct BlockRecord {
    /// `IBN` or `FusedIBN`.
    pub layer: &'static str,
    /// Its stride.
    pub stride: usize,
    /// Height and width of its kernel.
    pub kernel: usize,
    /// Channels that leave it.
    pub filters: usize,
    /// How many times wider it is inside.
    pub expansion: usize,
}

/// What the paper prints of a backbone.
#[derive(Clone, Copy, Debug)]
pub struct Backbone {
    /// What `ednas` calls it.
    pub name: &'static str,
    /// Its blocks.
    pub trunk: Trunk,
    /// What it costs with two heads.
    pub costs: Costs,
    /// Parameters in millions, FLOPs in billions, speed, Fused-IBNs.
    pub printed: (f64, f64, f64, usize),
}

impl BackbonesRecord {
    /// The record of `backbones` on a machine, where a network per task takes `slowest_ms`.
    #[must_use]
    pub fn new(profile: &str, slowest_ms: Option<f64>, backbones: &[Backbone]) -> Self {
        Self {
            schema: "ednas.reproduce.backbones/1",
            profile: profile.to_owned(),
            backbones: backbones.iter().map(BackboneRecord::new).collect(),
            facts: backbones
                .iter()
                .flat_map(|backbone| facts(backbone, slowest_ms))
                .collect(),
        }
    }

    /// Both tables, then the facts.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for backbone in &self.backbones {
            text += &format!("{}\n\n{}\n\n", backbone.name, backbone.table());
        }
        text + &super::text::facts(&self.facts)
    }
}

impl BackboneRecord {
    fn new(backbone: &Backbone) -> Self {
        let block = |block: &Block| BlockRecord {
            layer: match block.kind {
                BlockKind::Ibn => "IBN",
                BlockKind::FusedIbn => "FusedIBN",
            },
            stride: block.stride,
            kernel: block.kernel,
            filters: block.filters,
            expansion: block.expansion,
        };
        Self {
            name: backbone.name,
            blocks: backbone.trunk.blocks.iter().map(block).collect(),
        }
    }

    fn table(&self) -> String {
        let head = ["", "layer", "stride", "kernel", "filters", "expansion"];
        let rows = self.blocks.iter().enumerate().map(|(index, block)| {
            vec![
                (index + 1).to_string(),
                block.layer.to_owned(),
                block.stride.to_string(),
                block.kernel.to_string(),
                block.filters.to_string(),
                block.expansion.to_string(),
            ]
        });
        plain(head.map(str::to_owned).to_vec(), rows)
    }
}

fn facts(backbone: &Backbone, slowest_ms: Option<f64>) -> Vec<FactRecord> {
    let (parameters, gflops, speed, fused) = backbone.printed;
    let named = |what: &str| format!("{}: {what}", backbone.name);
    let blocks = backbone.trunk.blocks.iter();
    let found = blocks
        .filter(|block| block.kind == BlockKind::FusedIbn)
        .count();
    let times = slowest_ms.zip(backbone.costs.latency_ms);
    let speed = times.map(|(slow, ms)| FactRecord::speed(named("speed"), speed, slow / ms));
    let sizes = [
        FactRecord::size(named("Fused-IBNs"), fused as f64, found as f64),
        FactRecord::size(
            named("parameters, M"),
            parameters,
            backbone.costs.parameters as f64 / 1e6,
        ),
        FactRecord::size(named("GFLOPs"), gflops, backbone.costs.flops as f64 / 1e9),
    ];
    sizes.into_iter().chain(speed).collect()
}
