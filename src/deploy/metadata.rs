//! What exported files say about themselves: how to prepare the image, what each output means.

use exporters::Metadata;
use kernels::{DataType, Tensor, Verified};

use super::source::Origin;
use crate::data::Class;
use crate::task::{SEGMENTATION_CLASSES, Task};

/// What a file that holds `graph` says of a network from `origin`.
///
/// `network` is the graph's name; `input.NAME` and `output.NAME` describe a tensor, with its
/// scale and zero point where it is quantized; `classes` are those of a segmentation, in order. Of a
/// network of others nobody knows what its tensors mean.
#[must_use]
pub fn metadata(graph: &Verified, origin: &Origin) -> Metadata {
    let mut metadata = Metadata::default().with("network", &graph.name);
    let of_others = matches!(origin, Origin::File { .. });
    for &id in &graph.inputs {
        let text = if of_others { PREPARED } else { IMAGE };
        metadata = described(metadata, "input", &graph[id], text);
    }
    for &id in &graph.outputs {
        let tensor = &graph[id];
        let task = tensor.name.parse::<Task>().ok();
        let task = task.filter(|_| !of_others);
        if task == Some(Task::Segmentation) {
            metadata = metadata.with("classes", Class::ALL.map(Class::name).join(", "));
        }
        let text = task.map_or_else(|| GIVEN.to_owned(), |task| meaning(task, tensor));
        metadata = described(metadata, "output", tensor, &text);
    }
    metadata
}

const IMAGE: &str = "RGB, 0 to 255, as x = rgb / 127.5 - 1";
const PREPARED: &str = "prepared as the float network takes it";
const GIVEN: &str = "as the float network gives it";

fn meaning(task: Task, tensor: &Tensor) -> String {
    match task {
        Task::Segmentation if tensor.dtype == DataType::I32 => format!(
            "semantic segmentation: the class of each pixel, 0 to {}, a Cityscapes train id",
            SEGMENTATION_CLASSES - 1
        ),
        Task::Segmentation => format!(
            "semantic segmentation: {SEGMENTATION_CLASSES} scores per pixel in the order of the \
             Cityscapes train ids; the largest is the class"
        ),
        Task::Depth => "inverse depth: 1.850 / meters, 0 to 0.4922".to_owned(),
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
