//! What a data set is about: its tasks, its classes, and the unit of its depth.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::class_set::ClassSet;
use crate::task::Task;

/// What a data set is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    /// The tasks that it has labels for, in the order of [`Task::ALL`].
    pub tasks: Vec<Task>,
    /// The classes of its segmentation; none without that task.
    pub classes: ClassSet,
    /// What its depth labels are.
    pub depth: DepthUnit,
}

/// What a depth label is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DepthUnit {
    /// As near as large: disparity, or a factor over meters.
    #[default]
    Inverse,
    /// The distance along the axis of the camera, in meters.
    Meters,
}

impl Contents {
    /// All three tasks, the 19 classes of Cityscapes, inverse depth: what `scenes` is about.
    #[must_use]
    pub fn street() -> Self {
        Self {
            tasks: Task::ALL.to_vec(),
            classes: ClassSet::cityscapes(),
            depth: DepthUnit::Inverse,
        }
    }

    /// All three tasks, the 40 classes of `NYUv2`, depth in meters.
    #[must_use]
    pub fn indoor() -> Self {
        Self {
            tasks: Task::ALL.to_vec(),
            classes: ClassSet::nyuv2(),
            depth: DepthUnit::Meters,
        }
    }

    /// What `tasks` have no label for here, if anything, in words.
    #[must_use]
    pub fn lacks(&self, tasks: &[Task]) -> Option<String> {
        let names = |tasks: &[Task]| {
            let names: Vec<&str> = tasks.iter().map(|task| task.name()).collect();
            names.join(", ")
        };
        let missing = tasks.iter().filter(|task| !self.tasks.contains(task));
        let missing: Vec<Task> = missing.copied().collect();
        (!missing.is_empty()).then(|| {
            format!(
                "has no labels of {}: expected tasks among {}",
                names(&missing),
                names(&self.tasks)
            )
        })
    }
}

impl fmt::Display for DepthUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Inverse => "inverse depth",
            Self::Meters => "meters",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_tasks_are_named() {
        let contents = Contents {
            tasks: vec![Task::Segmentation, Task::Depth],
            ..Contents::street()
        };
        assert_eq!(contents.lacks(&[Task::Depth]), None);
        let lacks = contents.lacks(&Task::ALL).unwrap();
        assert!(lacks.starts_with("has no labels of normals"), "{lacks}");
    }
}
