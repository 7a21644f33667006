//! What exported files say about themselves: how to prepare the image, what each output means.

use exporters::Metadata;
use kernels::{DataType, Tensor, Verified};

use crate::task::{SEGMENTATION_CLASSES, Task};

/// The metadata of a network whose outputs are named after tasks.
///
/// `network` is the graph's name; `input.NAME` and `output.NAME` describe a tensor, with its
/// scale and zero point where it is quantized.
#[must_use]
pub fn metadata(graph: &Verified) -> Metadata {
    let mut metadata = Metadata::default().with("network", &graph.name);
    for &id in &graph.inputs {
        let tensor = &graph[id];
        let text = "RGB, 0 to 255, as x = rgb / 127.5 - 1";
        metadata = metadata.with(format!("input.{}", tensor.name), described(tensor, text));
    }
    for &id in &graph.outputs {
        let tensor = &graph[id];
        if let Some(task) = Task::ALL.into_iter().find(|t| t.name() == tensor.name) {
            let text = meaning(task, tensor);
            metadata = metadata.with(format!("output.{}", tensor.name), described(tensor, &text));
        }
    }
    metadata
}

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

fn described(tensor: &Tensor, text: &str) -> String {
    match &tensor.quantization {
        Some(q) => format!(
            "{text}; stored as {}, real = {} * (stored - {})",
            tensor.dtype, q.scales[0], q.zero_points[0]
        ),
        None => text.to_owned(),
    }
}
