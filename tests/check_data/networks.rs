//! Parameters and MACs of the EDNAS networks: `edge_cost_networks.csv`, `edge_cost_golden.csv`.

use ednas::space::Model;
use ednas::space::ednas::{BlockKind, FusedDefinition, NetworkOptions, Trunk, Upsampling};
use ednas::task::Task;
use kernels::Verified;
use kernels::cost::{Cost, graph_cost, node_cost};
use kernels::op::Coordinates;

use crate::{number, rows};

const SEPARABLE: FusedDefinition = FusedDefinition::LateSeparable { first_block: 9 };

fn networks(model: &str, fused: FusedDefinition) -> (Trunk, Vec<Verified>) {
    let model = Model::parse(model, fused).unwrap();
    let options = NetworkOptions {
        size: [256; 2],
        tasks: vec![Task::Segmentation, Task::Depth],
        classes: ednas::task::SEGMENTATION_CLASSES,
        upsampling: Upsampling::bilinear(Coordinates::Asymmetric),
    };
    let networks = model.networks(&options).unwrap();
    (model.genome.parse().unwrap(), networks)
}

#[test]
fn whole_networks_with_the_default_head() {
    let mut checked = 0;
    for row in rows("edge_cost_networks.csv") {
        if !row["head"].starts_with("head=P3,") {
            continue;
        }
        let fused = match row["fused"].as_str() {
            "full" => FusedDefinition::Full,
            _ => SEPARABLE,
        };
        let (name, run) = match row["network"].as_str() {
            "st-edge seg" => ("st-edge", 0),
            "st-edge depth" => ("st-edge", 1),
            name => (name, 0),
        };
        let cost = graph_cost(&networks(name, fused).1[run]);
        let found = (cost.params, cost.macs);
        let expected = (number(&row, "params"), number(&row, "macs_256x256"));
        assert_eq!(found, expected, "{row:?}");
        checked += 1;
    }
    assert_eq!(checked, 7);
}

/// The table has a batch norm behind the depthwise convolution of separable blocks, the recipe of
/// whole networks has none; and its "textbook" Fused-IBN at expansion 1 is a single convolution.
#[test]
fn blocks() {
    let mut checked = 0;
    for row in rows("edge_cost_golden.csv") {
        let Ok(number_of_block) = row["layer"].parse::<usize>() else {
            continue;
        };
        let inferred = row["definition"] == "inferred";
        let is_fused = row["type"] == "fused";
        if !inferred && is_fused && row["expansion"] == "1" {
            continue;
        }
        let name = match row["arch"].as_str() {
            "Table6" => "ednas-t6",
            "Table7" => "ednas-t7",
            _ => "mt-edge",
        };
        let fused = if inferred {
            SEPARABLE
        } else {
            FusedDefinition::Full
        };
        let (trunk, graphs) = networks(name, fused);
        let prefix = match number_of_block {
            0 => "stem/".to_owned(),
            n => format!("block{n:02}/"),
        };
        let graph = &graphs[0];
        let nodes = graph
            .node_ids()
            .filter(|&id| graph[id].name.starts_with(&prefix));
        let cost: Cost = nodes.map(|id| node_cost(graph, id)).sum();
        let mut params = number(&row, "params_bn2");
        if inferred && is_fused && number_of_block >= 9 {
            assert_eq!(trunk.blocks[number_of_block - 1].kind, BlockKind::FusedIbn);
            params -= 2 * number(&row, "cin");
        }
        let expected = (params, number(&row, "macs_256"));
        assert_eq!((cost.params, cost.macs), expected, "{row:?}");
        checked += 1;
    }
    assert_eq!(checked, 100);
}
