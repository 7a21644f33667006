//! What a network says of one image, and how good that is.

use anyhow::{Context, Result};
use kernels::eval::to_reals;
use kernels::{Data, DataType, Verified};

use super::metrics::{Predictions, argmax};
use crate::task::Task;

/// Classes are bytes, and 255 is void.
const CLASSES_MAX: usize = 255;

/// What a network says of one image, at full resolution and as real numbers; `None` for tasks
/// that it lacks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prediction {
    /// Class of every pixel.
    pub classes: Option<Vec<u8>>,
    /// Depth of every pixel, in the unit of the data set.
    pub depth: Option<Vec<f32>>,
    /// Normals, `[.., 3]`, of any length.
    pub normals: Option<Vec<f32>>,
}

impl Prediction {
    /// From the outputs of `graph`, which are named after tasks, in its order; integers are read
    /// as the reals they stand for.
    ///
    /// # Errors
    ///
    /// When an output is named otherwise, or `outputs` are not those of the graph.
    pub fn new(graph: &Verified, outputs: &[Data]) -> Result<Self> {
        let mut prediction = Self::default();
        for (&id, data) in graph.outputs.iter().zip(outputs) {
            let tensor = &graph[id];
            let task = tensor.name.parse::<Task>()?;
            if let (Task::Segmentation, Data::I32(classes)) = (task, data) {
                prediction.classes = Some(bytes(classes)?);
                continue;
            }
            let values = to_reals(tensor, data)?;
            match task {
                Task::Segmentation => {
                    let classes = tensor.shape.last().copied().unwrap_or_default();
                    prediction.classes = Some(argmax(&values, classes)?);
                }
                Task::Depth => prediction.depth = Some(values),
                Task::Normals => prediction.normals = Some(values),
            }
        }
        Ok(prediction)
    }

    /// The same as slices.
    #[must_use]
    pub fn borrowed(&self) -> Predictions<'_> {
        Predictions {
            classes: self.classes.as_deref(),
            depth: self.depth.as_deref(),
            normals: self.normals.as_deref(),
        }
    }
}

/// Classes that a network tells itself.
fn bytes(classes: &[i32]) -> Result<Vec<u8>> {
    let byte = |&class: &i32| {
        u8::try_from(class).with_context(|| format!("{class} is no class of a segmentation"))
    };
    classes.iter().map(byte).collect()
}

/// The tasks that the outputs of `graph` are named after, in their order; `None` when an output
/// is named or shaped otherwise, so that it cannot be judged.
#[must_use]
pub fn tasks(graph: &Verified) -> Option<Vec<Task>> {
    let task = |id| {
        let tensor: &kernels::Tensor = &graph[id];
        let task = tensor.name.parse::<Task>().ok()?;
        let fits = match (task, &tensor.shape[..]) {
            (Task::Segmentation, &[_, _, _, classes]) => (1..=CLASSES_MAX).contains(&classes),
            (_, &[_, _, _, channels]) => channels == task.channels(0),
            (Task::Segmentation, &[_, _, _]) => tensor.dtype == DataType::I32,
            (Task::Depth | Task::Normals | Task::Segmentation, _) => false,
        };
        fits.then_some(task)
    };
    graph.outputs.iter().map(|&id| task(id)).collect()
}

#[cfg(test)]
mod tests {
    use kernels::op::Unary;
    use kernels::{GraphBuilder, Op, verify};

    use super::*;

    fn network(output: &str, channels: usize) -> Verified {
        let mut b = GraphBuilder::new("n");
        let x = b.input("image", [1, 1, 2, channels], DataType::F32);
        let y = b.push(output, Op::Unary(Unary::Relu), &[x]).unwrap();
        b.output(y);
        verify(b.finish()).unwrap()
    }

    #[test]
    fn outputs_are_read_by_the_task_they_are_named_after() {
        let graph = network("depth", 1);
        assert_eq!(tasks(&graph), Some(vec![Task::Depth]));
        let depth = vec![0.25, 0.5];
        let found = Prediction::new(&graph, &[Data::F32(depth.clone().into())]).unwrap();
        assert_eq!(found.depth, Some(depth));
        assert_eq!(tasks(&network("depth", 2)), None);
        assert_eq!(tasks(&network("logits", 1)), None);
    }
}
