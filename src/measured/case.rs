//! Measurements with their machine and network, and the simulator's answer.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use hwmodels::compile::{Infeasible, compile};
use hwmodels::profile::Profile;
use hwmodels::simulate::{Estimate, Speed, simulate};
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::error::MeasuredError;
use super::machine::{Machine, Machines};
use super::measurement::Measurement;
use super::models::{Model, Models};

/// A measurement that can be simulated.
#[derive(Clone, Debug)]
pub struct Case {
    /// What was measured.
    pub measurement: Measurement,
    /// On what, shared by the cases on the same.
    pub machine: Arc<Machine>,
    /// Of what, shared by the cases of the same.
    pub model: Arc<Model>,
}

/// What the simulator says of a case; or why the machine cannot run the network.
pub type Simulated = Result<Estimate, Infeasible>;

impl Case {
    /// The network's name; cases of one network share it.
    #[must_use]
    pub fn network(&self) -> &str {
        let told = self.measurement.network.as_deref();
        told.unwrap_or(&self.model.network)
    }

    /// The network's family; all widths and sizes of a network are one.
    #[must_use]
    pub fn family(&self) -> &str {
        let told = self.measurement.family.as_deref();
        told.unwrap_or(&self.model.family)
    }
}

/// Brings every measurement together with its machine and network, in the order of `rows`. Files
/// are read once, on all cores.
///
/// # Errors
/// The first row whose machine or model file is not as it should be.
pub fn cases(
    rows: Vec<Measurement>,
    machines: &Machines<'_>,
    models: &Models,
) -> Result<Vec<Case>, MeasuredError> {
    let mut files: BTreeMap<PathBuf, &Measurement> = BTreeMap::new();
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let file = match &row.stack {
            Some(stack) => PathBuf::from(Model::name_of_stack(stack)),
            None => models.find(&row.place, &row.model_file)?,
        };
        files.entry(file.clone()).or_insert(row);
        found.push(file);
    }
    let read: Vec<(PathBuf, Result<Arc<Model>, MeasuredError>)> = files
        .into_par_iter()
        .map(|(file, row)| {
            let model = match &row.stack {
                Some(stack) => Model::of_stack(stack),
                None => Model::read(&file),
            };
            let model = model.map(Arc::new);
            let model = model.map_err(|problem| MeasuredError::Unreadable {
                place: row.place.clone(),
                problem,
            });
            (file, model)
        })
        .collect();
    let mut of_file: BTreeMap<PathBuf, Arc<Model>> = BTreeMap::new();
    for (file, model) in read {
        of_file.insert(file, model?);
    }
    let mut shared: BTreeMap<String, Arc<Machine>> = BTreeMap::new();
    let mut cases = Vec::with_capacity(rows.len());
    for (row, file) in rows.into_iter().zip(found) {
        let machine = machines.machine(&row.place, &row.setup())?;
        let key = format!("{} {:?}", machine.name(), machine.named);
        let machine = shared.entry(key).or_insert_with(|| Arc::new(machine));
        cases.push(Case {
            machine: Arc::clone(machine),
            model: Arc::clone(&of_file[&file]),
            measurement: row,
        });
    }
    Ok(cases)
}

/// One inference of `model` on `profile`.
///
/// # Errors
/// Which limit of the machine stands in the way.
pub fn estimate(profile: &Profile, model: &Model) -> Simulated {
    let schedule = compile(profile, &model.program.list)?;
    Ok(simulate(profile, &schedule, Speed::Fast))
}

/// Every case on its machine, in the order of `cases`, on all cores. Cases of one network on one
/// machine are simulated once.
#[must_use]
pub fn estimates(cases: &[Case]) -> Vec<Simulated> {
    let key = |case: &Case| {
        let file = case.model.file.clone();
        (case.machine.name().to_owned(), file)
    };
    let distinct: BTreeMap<_, &Case> = cases.iter().map(|case| (key(case), case)).collect();
    let simulated: BTreeMap<_, Simulated> = distinct
        .into_par_iter()
        .map(|(key, case)| (key, estimate(&case.machine.profile, &case.model)))
        .collect();
    cases
        .par_iter()
        .map(|case| simulated[&key(case)].clone())
        .collect()
}
