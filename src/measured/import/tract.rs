//! The JSON of a profile by tract's command line: seconds of every node and of the whole.

use serde::Deserialize;

use super::super::error::MeasuredError;
use super::super::measurement::Place;
use super::super::read::LONGEST_MS;
use super::{Format, LayerTime, Layered, Span, stem};

#[derive(Deserialize)]
struct Profile {
    profiling_info: Option<Summary>,
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Summary {
    iterations: Option<u64>,
    secs_per_iter: Option<f64>,
}

#[derive(Deserialize)]
struct Node {
    /// The way to the graph that holds the node, which is empty for the network itself, and its
    /// number there.
    qualified_id: Option<(Vec<serde_json::Value>, u64)>,
    node_name: String,
    op_name: String,
    secs_per_iter: Option<f64>,
}

pub(super) fn read(text: &str, file: &str) -> Result<Layered, MeasuredError> {
    let refuse = |problem: String| MeasuredError::Table {
        file: file.to_owned(),
        problem,
    };
    let profile: Profile = serde_json::from_str(text)
        .map_err(|error| refuse(format!("not a profile by tract: {error}")))?;
    let mut layers = Vec::new();
    for node in profile.nodes {
        // The time of a node includes that of the graphs inside it.
        let is_inner = node.qualified_id.is_some_and(|(way, _)| !way.is_empty());
        let Some(seconds) = node.secs_per_iter.filter(|_| !is_inner) else {
            continue;
        };
        let ms = seconds * 1e3;
        if !(0.0..=LONGEST_MS).contains(&ms) {
            let name = node.node_name;
            return Err(refuse(format!("node `{name}` takes {seconds} seconds")));
        }
        layers.push(LayerTime {
            name: node.node_name,
            operator: node.op_name,
            span: Span::Ms(ms),
        });
    }
    if layers.is_empty() {
        let problem = "no node has a time (`secs_per_iter`): it is a dump without a profile";
        return Err(refuse(problem.to_owned()));
    }
    let whole = profile.profiling_info;
    let whole_ms = whole.as_ref().and_then(|whole| whole.secs_per_iter);
    Ok(Layered {
        place: Place {
            file: file.to_owned(),
            line: 1,
        },
        model_file: stem(file, "_profile"),
        format: Format::Tract,
        whole_ms: whole_ms
            .map(|seconds| seconds * 1e3)
            .filter(|ms| *ms > 0.0 && *ms <= LONGEST_MS),
        runs: whole.and_then(|whole| whole.iterations),
        layers,
    })
}
