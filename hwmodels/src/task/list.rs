//! A whole program: buffers, and the tasks over them in the order they run.

use std::fmt;
use std::sync::Arc;

use super::nest::WORK_MAX;
use super::{BufferId, Operation, Task, WeightId, Work};

/// An activation: one operator's result or an input of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activation {
    /// Its size.
    pub bytes: u64,
}

/// The parameters of one or several operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    /// Their size before any padding of a machine.
    pub bytes: u64,
    /// Whether every output channel has a scale of its own, rather than the whole a common one.
    pub channel_scales: bool,
}

/// Tasks in the order they run, checked: every buffer is written before it is read, and once.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskList {
    tasks: Vec<Task>,
    activations: Vec<Activation>,
    weights: Vec<Weights>,
    inputs: Vec<BufferId>,
    outputs: Vec<BufferId>,
}

impl TaskList {
    /// The tasks in the order they run.
    #[must_use]
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// All activations, by [`BufferId`].
    #[must_use]
    pub fn activations(&self) -> &[Activation] {
        &self.activations
    }

    /// All parameters, by [`WeightId`].
    #[must_use]
    pub fn weights(&self) -> &[Weights] {
        &self.weights
    }

    /// Activations that are in host memory before the program runs.
    #[must_use]
    pub fn inputs(&self) -> &[BufferId] {
        &self.inputs
    }

    /// Activations that must be in host memory when it has run.
    #[must_use]
    pub fn outputs(&self) -> &[BufferId] {
        &self.outputs
    }

    /// The same program for `images` times as many images at once; parameters stay one set.
    ///
    /// # Errors
    /// Names the task whose work is then beyond what can be counted.
    pub fn batched(mut self, images: u64) -> Result<TaskList, TaskError> {
        for task in &mut self.tasks {
            let operation = Arc::make_mut(&mut task.operation);
            operation.work = operation.work.batched(images);
        }
        for activation in &mut self.activations {
            activation.bytes = activation.bytes.saturating_mul(images);
        }
        let TaskList {
            tasks,
            activations,
            weights,
            inputs,
            outputs,
        } = self;
        let builder = ListBuilder {
            tasks,
            activations,
            weights,
            inputs,
            outputs,
        };
        builder.finish()
    }

    /// Multiply-accumulates of all tasks.
    #[must_use]
    pub fn macs(&self) -> u64 {
        self.tasks.iter().map(|task| task.work.macs()).sum()
    }
}

/// A task list that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("task `{task}` {fault}")]
pub struct TaskError {
    /// The task's name.
    pub task: String,
    /// What is wrong with it.
    pub fault: String,
}

/// Collects buffers and tasks, then checks them.
#[derive(Clone, Debug, Default)]
pub struct ListBuilder {
    tasks: Vec<Task>,
    activations: Vec<Activation>,
    weights: Vec<Weights>,
    inputs: Vec<BufferId>,
    outputs: Vec<BufferId>,
}

impl ListBuilder {
    /// An activation of `bytes` that some task writes.
    pub fn activation(&mut self, bytes: u64) -> BufferId {
        self.activations.push(Activation { bytes });
        BufferId(self.activations.len() - 1)
    }

    /// An activation of `bytes` that is in host memory at the start.
    pub fn input(&mut self, bytes: u64) -> BufferId {
        let buffer = self.activation(bytes);
        self.inputs.push(buffer);
        buffer
    }

    /// Says that `buffer` is a result of the program.
    pub fn output(&mut self, buffer: BufferId) {
        self.outputs.push(buffer);
    }

    /// Parameters of `bytes` with one scale for all; several tasks may read them.
    pub fn weights(&mut self, bytes: u64) -> WeightId {
        self.parameters(Weights {
            bytes,
            channel_scales: false,
        })
    }

    /// Parameters as they are; several tasks may read them.
    pub fn parameters(&mut self, weights: Weights) -> WeightId {
        self.weights.push(weights);
        WeightId(self.weights.len() - 1)
    }

    /// Adds a task as it is.
    pub fn push(&mut self, task: Task) {
        self.tasks.push(task);
    }

    /// Adds a task with one result of `out_bytes`, and returns that result.
    pub fn task(
        &mut self,
        name: &str,
        operator: &str,
        work: Work,
        reads: &[BufferId],
        weights: Option<WeightId>,
        out_bytes: u64,
    ) -> BufferId {
        let result = self.activation(out_bytes);
        let operation = Operation {
            name: name.to_owned(),
            operator: operator.to_owned(),
            mode: None,
            shapes: Vec::new(),
            facts: Vec::new(),
            work,
        };
        self.push(Task {
            operation: Arc::new(operation),
            reads: reads.to_vec(),
            weights,
            writes: vec![result],
        });
        result
    }

    /// Adds the tasks of `part`, a list of its own, over `inputs` in place of its inputs, and
    /// returns its results. Operations are shared, not copied.
    ///
    /// # Errors
    /// `inputs` that are not as many or not as large as those of `part`.
    pub fn append(
        &mut self,
        part: &TaskList,
        inputs: &[BufferId],
    ) -> Result<Vec<BufferId>, TaskError> {
        let expected = part.inputs.iter().map(|id| part.activations.get(id.0));
        let found = inputs.iter().map(|id| self.activations.get(id.0));
        if !expected.eq(found) {
            return Err(fault(
                part.tasks.first().map_or("(part)", |task| &task.name),
                format_args!("stands in a part over other inputs"),
            ));
        }
        let mut placed = Vec::with_capacity(part.activations.len());
        for (id, activation) in part.activations.iter().enumerate() {
            let input = part.inputs.iter().position(|input| input.0 == id);
            placed.push(match input {
                Some(position) => inputs[position],
                None => self.activation(activation.bytes),
            });
        }
        let place = |ids: &[BufferId]| ids.iter().map(|id| placed[id.0]).collect();
        let first_weight = self.weights.len();
        self.weights.extend_from_slice(&part.weights);
        self.tasks.extend(part.tasks.iter().map(|task| Task {
            operation: Arc::clone(&task.operation),
            reads: place(&task.reads),
            weights: task.weights.map(|id| WeightId(first_weight + id.0)),
            writes: place(&task.writes),
        }));
        Ok(place(&part.outputs))
    }

    /// The checked list.
    ///
    /// # Errors
    /// Names the first task with an impossible loop nest, or that reads what nobody has written,
    /// writes what was written before, or uses a buffer that is not there.
    pub fn finish(self) -> Result<TaskList, TaskError> {
        self.countable()?;
        let mut written = vec![false; self.activations.len()];
        for &BufferId(input) in &self.inputs {
            written[input] = true;
        }
        for task in &self.tasks {
            check(task, &mut written, self.weights.len())?;
        }
        if let Some(BufferId(lost)) = self
            .outputs
            .iter()
            .find(|id| written.get(id.0) != Some(&true))
        {
            return Err(fault(
                "(result)",
                format_args!("asks for buffer {lost}, which no task writes"),
            ));
        }
        Ok(TaskList {
            tasks: self.tasks,
            activations: self.activations,
            weights: self.weights,
            inputs: self.inputs,
            outputs: self.outputs,
        })
    }
}

impl ListBuilder {
    /// Sums of bytes and work stay far from where counters wrap.
    fn countable(&self) -> Result<(), TaskError> {
        let within = |sum: u64, more: u64| sum.checked_add(more).filter(|sum| *sum <= WORK_MAX);
        let mut work = Some(0);
        for task in &self.tasks {
            if let Some(nest_fault) = task.work.nest().and_then(|nest| nest.fault()) {
                return Err(fault(&task.name, format_args!("{nest_fault}")));
            }
            work = work.and_then(|sum| within(sum, task.work.macs()));
            work = work.and_then(|sum| within(sum, task.work.touched_bytes()));
            if work.is_none() {
                let limit =
                    "brings the work of the program above 2^46 multiply-accumulates or bytes";
                return Err(fault(&task.name, format_args!("{limit}")));
            }
        }
        let activations = self.activations.iter().map(|activation| activation.bytes);
        let weights = self.weights.iter().map(|weights| weights.bytes);
        match activations.chain(weights).try_fold(0, within) {
            Some(_) => Ok(()),
            None => Err(fault(
                "(program)",
                format_args!("holds more than 2^46 bytes of activations and parameters"),
            )),
        }
    }
}

fn check(task: &Task, written: &mut [bool], weights: usize) -> Result<(), TaskError> {
    if let Some(BufferId(id)) = task
        .reads
        .iter()
        .find(|id| written.get(id.0) != Some(&true))
    {
        return Err(fault(
            &task.name,
            format_args!("reads buffer {id} before any task wrote it"),
        ));
    }
    if let Some(WeightId(id)) = task.weights.filter(|id| id.0 >= weights) {
        return Err(fault(
            &task.name,
            format_args!("reads parameters {id}, but there are {weights}"),
        ));
    }
    for &BufferId(id) in &task.writes {
        match written.get_mut(id) {
            Some(done @ false) => *done = true,
            Some(true) => return Err(fault(&task.name, format_args!("writes buffer {id} again"))),
            None => {
                return Err(fault(
                    &task.name,
                    format_args!("writes buffer {id}, which is not there"),
                ));
            }
        }
    }
    Ok(())
}

pub(super) fn fault(task: &str, fault: fmt::Arguments<'_>) -> TaskError {
    TaskError {
        task: task.to_owned(),
        fault: fault.to_string(),
    }
}
