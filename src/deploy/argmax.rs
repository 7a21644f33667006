//! Classes instead of scores: an operator at the end of a network for hosts that want no more.

use anyhow::{Context, ensure};
use kernels::graph::Graph;
use kernels::tensor::Content;
use kernels::{DataType, Node, Op, Tensor, TensorId, Verified, verify};

use crate::task::Task;

/// `graph` with the class of each pixel, `[n, h, w]`, in place of the scores `[n, h, w, classes]`
/// of its segmentation; the scores are called `seg.scores` from then on.
///
/// # Errors
///
/// When the network has no segmentation.
pub fn with_classes(graph: &Verified) -> anyhow::Result<Verified> {
    let name = Task::Segmentation.name();
    let outputs = graph.outputs.iter();
    let position = outputs.clone().position(|&id| graph[id].name == name);
    let position = position.with_context(|| {
        let names: Vec<&str> = outputs.map(|&id| graph[id].name.as_str()).collect();
        format!(
            "the network has no output `{name}` whose classes could be told, only {}",
            names.join(", ")
        )
    })?;
    let mut graph: Graph = graph.clone().into_graph();
    let scores = graph.outputs[position];
    let shape = graph[scores].shape.clone();
    ensure!(
        shape.len() == 4,
        "`{name}` is {shape}, expected [n, h, w, classes]"
    );
    let renamed = format!("{name}.scores");
    for node in &mut graph.nodes {
        if node.outputs.contains(&scores) {
            node.name.clone_from(&renamed);
        }
    }
    graph.tensors[scores.index()].name = renamed;
    let classes = TensorId::new(graph.tensors.len());
    graph.tensors.push(Tensor {
        name: name.to_owned(),
        shape: shape[..3].into(),
        dtype: DataType::I32,
        quantization: None,
        content: Content::Computed,
    });
    graph.nodes.push(Node {
        name: name.to_owned(),
        op: Op::ArgMax { axis: 3 },
        inputs: vec![scores],
        outputs: vec![classes],
    });
    graph.outputs[position] = classes;
    verify(graph).context("an argmax over scores is well formed")
}

#[cfg(test)]
mod tests {
    use kernels::eval::evaluate;
    use kernels::op::Unary;
    use kernels::{Data, GraphBuilder};

    use super::*;

    #[test]
    fn the_largest_score_is_the_class() {
        let mut b = GraphBuilder::new("small");
        let image = b.input("image", [1, 1, 2, 3], DataType::F32);
        let seg = b.push("seg", Op::Unary(Unary::Relu), &[image]).unwrap();
        b.output(seg);
        let graph = with_classes(&verify(b.finish()).unwrap()).unwrap();
        assert_eq!(graph[graph.outputs[0]].name, "seg");
        let scores = Data::F32([0.0, 2.0, 1.0, 3.0, 1.0, 0.0].into());
        let found = evaluate(&graph, &[scores]).unwrap();
        assert_eq!(found, [Data::I32([1, 0].into())]);
    }

    #[test]
    fn a_network_without_segmentation_is_refused() {
        let mut b = GraphBuilder::new("small");
        let image = b.input("image", [1, 1, 2, 3], DataType::F32);
        let depth = b.push("depth", Op::Unary(Unary::Relu), &[image]).unwrap();
        b.output(depth);
        let error = with_classes(&verify(b.finish()).unwrap()).unwrap_err();
        assert!(error.to_string().contains("only depth"), "{error}");
    }
}
