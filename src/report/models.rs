//! The networks that have a name, beside each other: the record of `ednas model list` and its table.

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use super::model::ModelRecord;
use crate::space::ednas::{FusedDefinition, NetworkError, NetworkOptions};
use crate::space::model::{Model, ModelError, names};
use crate::task::Task;

/// `ednas.models/1`: the networks that have a name.
#[derive(Clone, Debug, Serialize)]
pub struct ModelsRecord {
    /// `ednas.models/1`.
    pub schema: &'static str,
    /// Height and width of the image in pixels.
    pub size: [usize; 2],
    /// What is predicted.
    pub tasks: Vec<Task>,
    /// In the order people should read them.
    pub models: Vec<NamedRecord>,
}

/// A network that has a name.
#[derive(Clone, Debug, Serialize)]
pub struct NamedRecord {
    /// The name.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Networks that are run one after another for one image.
    pub runs: usize,
    /// As [`ModelRecord::params`]: of the largest network.
    pub params: u64,
    /// As [`ModelRecord::macs`]: of all networks.
    pub macs: u64,
    /// Two per MAC.
    pub flops: u64,
}

/// Why they cannot be listed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ModelsError {
    /// A name is not a model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The size or the tasks do not fit.
    #[error(transparent)]
    Network(#[from] NetworkError),
}

impl ModelsRecord {
    /// The networks for an image and tasks.
    ///
    /// # Errors
    /// When the size or the tasks do not fit.
    pub fn new(options: &NetworkOptions) -> Result<Self, ModelsError> {
        let mut models = Vec::new();
        for name in names() {
            let model = Model::parse(name, FusedDefinition::default())?;
            let record = ModelRecord::of_networks(name, &model.networks(options)?);
            models.push(NamedRecord {
                name,
                description: match name {
                    "ednas-t6" => "found by multi-task search: Table 6 of the paper",
                    "ednas-t7" => "found by single-task search for depth: Table 7 of the paper",
                    _ => model.method.description(),
                },
                runs: record.runs,
                params: record.params,
                macs: record.macs,
                flops: record.flops,
            });
        }
        Ok(Self {
            schema: "ednas.models/1",
            size: options.size,
            tasks: options.tasks.clone(),
            models,
        })
    }

    /// A table for people: a row per name.
    #[must_use]
    pub fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(["name", "M params", "GFLOPs", "runs", "what it is"]);
        for model in &self.models {
            table.add_row([
                model.name.to_owned(),
                format!("{:.3}", model.params as f64 / 1e6),
                format!("{:.3}", model.flops as f64 / 1e9),
                model.runs.to_string(),
                model.description.to_owned(),
            ]);
        }
        for column in 1..=3 {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let tasks: Vec<&str> = self.tasks.iter().map(|task| task.name()).collect();
        let [height, width] = self.size;
        format!(
            "{}\n\nat {height}x{width}, heads {}; FLOPs of all runs, parameters of the largest network\n",
            table.trim_fmt(),
            tasks.join(", ")
        )
    }
}
