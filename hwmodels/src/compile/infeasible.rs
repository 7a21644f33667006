//! Why a machine cannot run a task list: a result, with the numbers.

use std::fmt;

/// The limit that stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Room for activations, in bytes.
    NarrowMemory,
    /// Room for parameters, in bytes.
    WideMemory,
    /// Room outside the chip, in bytes.
    Dram,
    /// Operators that only a host can run, on a machine whose profile has no host.
    HostOperators,
}

/// Which limit, how much was asked of it, how much there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Infeasible {
    /// The limit.
    pub limit: Limit,
    /// The task that asked.
    pub task: String,
    /// The least it can do with: bytes, or operators.
    pub asked: u64,
    /// What there is.
    pub available: u64,
}

impl fmt::Display for Infeasible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Infeasible {
            limit,
            task,
            asked,
            available,
        } = self;
        match limit {
            Limit::NarrowMemory => write!(
                f,
                "`{task}` needs {asked} bytes of activation memory (memory.narrow) at once; there are {available}"
            ),
            Limit::WideMemory => write!(
                f,
                "`{task}` needs {asked} bytes of parameter memory (memory.wide) at once; there are {available}"
            ),
            Limit::Dram => write!(
                f,
                "`{task}` needs {asked} bytes of outside memory (dram.bytes) at once; there are {available}"
            ),
            Limit::HostOperators => write!(
                f,
                "`{task}` runs only on a host, and the profile has no [host] ({asked} such operators)"
            ),
        }
    }
}
