//! A program as a sequence of parts, each a list of its own that many programs share.

use std::sync::Arc;

use super::list::fault;
use super::{BufferId, ListBuilder, TaskError, TaskList};

/// Parts in the order they run, each over buffers that parts before it wrote.
///
/// Buffers are numbered as those of [`Sequence::list`] are.
#[derive(Clone, Debug, Default)]
pub struct Sequence {
    inputs: Vec<BufferId>,
    parts: Vec<Placed>,
    outputs: Vec<BufferId>,
    /// By buffer: its size.
    bytes: Vec<u64>,
}

/// A part at its place.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The part.
    pub list: Arc<TaskList>,
    /// By buffer of the part: the buffer of the program.
    pub buffers: Vec<BufferId>,
}

impl Sequence {
    /// No part yet, over activations of so many bytes that are in host memory at the start.
    #[must_use]
    pub fn over(input_bytes: &[u64]) -> Sequence {
        Sequence {
            inputs: (0..input_bytes.len()).map(BufferId).collect(),
            bytes: input_bytes.to_vec(),
            ..Sequence::default()
        }
    }

    /// Adds a part over `inputs` in place of its own inputs; returns its results.
    ///
    /// # Errors
    /// `inputs` that are not as many or not as large as those of `part`.
    pub fn append(
        &mut self,
        part: &Arc<TaskList>,
        inputs: &[BufferId],
    ) -> Result<Vec<BufferId>, TaskError> {
        let activations = part.activations();
        let expected = part.inputs().iter().map(|id| activations[id.0].bytes);
        let expected = expected.map(Some);
        if !expected.eq(inputs.iter().map(|id| self.bytes.get(id.0).copied())) {
            return Err(fault(
                part.tasks().first().map_or("(part)", |task| &task.name),
                format_args!("stands in a part over other inputs"),
            ));
        }
        let mut buffers = Vec::with_capacity(activations.len());
        for (id, activation) in activations.iter().enumerate() {
            let input = part.inputs().iter().position(|input| input.0 == id);
            buffers.push(match input {
                Some(position) => inputs[position],
                None => self.activation(activation.bytes),
            });
        }
        let results = part.outputs().iter().map(|id| buffers[id.0]).collect();
        self.parts.push(Placed {
            list: Arc::clone(part),
            buffers,
        });
        Ok(results)
    }

    /// Says that `buffer` is a result of the program.
    pub fn output(&mut self, buffer: BufferId) {
        self.outputs.push(buffer);
    }

    /// Activations that are in host memory before the program runs.
    #[must_use]
    pub fn inputs(&self) -> &[BufferId] {
        &self.inputs
    }

    /// The parts in the order they run.
    #[must_use]
    pub fn parts(&self) -> &[Placed] {
        &self.parts
    }

    /// Activations that must be in host memory when the program has run.
    #[must_use]
    pub fn outputs(&self) -> &[BufferId] {
        &self.outputs
    }

    /// By buffer: its size in bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u64] {
        &self.bytes
    }

    /// The whole program as one list, checked.
    ///
    /// # Errors
    /// As [`ListBuilder::finish`].
    pub fn list(&self) -> Result<TaskList, TaskError> {
        let mut list = ListBuilder::default();
        for &BufferId(input) in &self.inputs {
            list.input(self.bytes[input]);
        }
        for part in &self.parts {
            let inputs = part.list.inputs().iter().map(|id| part.buffers[id.0]);
            list.append(&part.list, &inputs.collect::<Vec<_>>())?;
        }
        for &output in &self.outputs {
            list.output(output);
        }
        list.finish()
    }

    fn activation(&mut self, bytes: u64) -> BufferId {
        self.bytes.push(bytes);
        BufferId(self.bytes.len() - 1)
    }
}
