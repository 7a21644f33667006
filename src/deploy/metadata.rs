//! What exported files say about themselves: how to prepare the image, what each output means.

use exporters::Metadata;
use kernels::{DataType, Tensor, Verified};

use super::source::{Origin, Source};
use crate::data::{Contents, DepthUnit};
use crate::task::Task;

/// What a file that holds `graph` says of the network of `source`.
///
/// `network` is the graph's name; `input.NAME` and `output.NAME` describe a tensor, with its
/// scale and zero point where it is quantized; `classes` are those of a segmentation, in order. Of a
/// network of others nobody knows what its tensors mean.
#[must_use]
pub fn metadata(graph: &Verified, source: &Source) -> Metadata {
    let mut metadata = Metadata::default().with("network", &graph.name);
    let contents = &source.contents;
    let of_others = matches!(source.origin, Origin::File { .. });
    for &id in &graph.inputs {
        let text = if of_others { PREPARED } else { IMAGE };
        metadata = described(metadata, "input", &graph[id], text);
    }
    for &id in &graph.outputs {
        let tensor = &graph[id];
        let task = tensor.name.parse::<Task>().ok();
        let task = task.filter(|_| !of_others);
        if task == Some(Task::Segmentation) {
            let names: Vec<&str> = contents.classes.names().collect();
            metadata = metadata.with("classes", names.join(", "));
        }
        let text = task.map_or_else(|| GIVEN.to_owned(), |task| meaning(task, tensor, contents));
        metadata = described(metadata, "output", tensor, &text);
    }
    metadata
}

const IMAGE: &str = "RGB, 0 to 255, as x = rgb / 127.5 - 1";
const PREPARED: &str = "prepared as the float network takes it";
const GIVEN: &str = "as the float network gives it";

fn meaning(task: Task, tensor: &Tensor, contents: &Contents) -> String {
    let classes = contents.classes.len();
    let ids = match *contents == Contents::street() {
        true => "Cityscapes train id",
        false => "class id",
    };
    match task {
        Task::Segmentation if tensor.dtype == DataType::I32 => format!(
            "semantic segmentation: the class of each pixel, 0 to {}, a {ids}",
            classes.saturating_sub(1)
        ),
        Task::Segmentation => format!(
            "semantic segmentation: {classes} scores per pixel in the order of the {ids}s; the largest is the class"
        ),
        Task::Depth => match contents.depth {
            DepthUnit::Inverse => "inverse depth: 1.850 / meters, 0 to 0.4922".to_owned(),
            DepthUnit::Meters => "depth in meters".to_owned(),
        },
        Task::Normals => "surface normal: x right, y down, z forward; to be normalized".to_owned(),
    }
}

/// `metadata` with what a tensor means and how its reals are stored.
fn described(metadata: Metadata, role: &str, tensor: &Tensor, text: &str) -> Metadata {
    let stored = tensor.quantization.as_ref().map(|q| {
        let (scale, zero_point) = (q.scales[0], q.zero_points[0]);
        let dtype = tensor.dtype;
        format!("; stored as {dtype}, real = {scale} * (stored - {zero_point})")
    });
    let text = format!("{text}{}", stored.unwrap_or_default());
    metadata.with(format!("{role}.{}", tensor.name), text)
}
