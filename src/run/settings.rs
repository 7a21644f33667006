//! What a run is asked to do.

use serde::{Deserialize, Serialize};

use crate::space::ednas::FusedDefinition;
use crate::task::Task;

/// The arguments of a run, as `run.json` keeps them; a run is continued with equal ones only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The machine to find a network for: the name of a profile, or a profile file.
    pub profile: String,
    /// The data set.
    pub data: String,
    /// What is predicted.
    pub tasks: Vec<Task>,
    /// Height and width of the image in pixels.
    pub size: [usize; 2],
    /// What a Fused-IBN is, as text.
    pub fused: String,
    /// Candidates to train, the baseline included; at least 2.
    pub trials: usize,
    /// Who proposes candidates.
    pub controller: ControllerSettings,
    /// The latency to aim at, in milliseconds; the baseline's where absent.
    pub target_latency_ms: Option<f64>,
    /// Exponent of the reward within the target latency; assumed where absent.
    pub reward_p: Option<f64>,
    /// Exponent of the reward beyond the target latency; assumed where absent.
    pub reward_q: Option<f64>,
    /// Candidates trained at a time.
    pub workers: usize,
    /// Threads that a candidate is trained on.
    pub threads: usize,
    /// Steps that a candidate is trained; fitted to the budget where absent.
    pub steps: Option<usize>,
    /// Steps that the final networks are trained; fitted to the budget where absent.
    pub final_steps: Option<usize>,
    /// Seconds that the whole run may take.
    pub budget_s: u64,
    /// Samples of the training split that are used.
    pub train_samples: usize,
    /// Samples of the validation split that are used.
    pub validation_samples: usize,
    /// Samples of the calibration split that are used.
    pub calibration_samples: usize,
    /// Picks the data, the proposals and the initial weights.
    pub seed: u64,
}

/// Who proposes candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "lowercase", deny_unknown_fields)]
pub enum ControllerSettings {
    /// Regularized evolution.
    Evolution {
        /// Trials alive at a time, and uniform proposals to begin with.
        population: usize,
        /// Draws per tournament.
        tournament: usize,
    },
    /// Uniform sampling.
    Random,
}

/// Settings that cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting} is {found}, expected {expected}")]
pub struct SettingsError {
    setting: &'static str,
    found: String,
    expected: &'static str,
}

impl Settings {
    /// The definition of a Fused-IBN.
    ///
    /// # Errors
    ///
    /// When the text names none.
    pub fn fused(&self) -> Result<FusedDefinition, crate::space::SpaceError> {
        self.fused.parse()
    }

    /// The arguments that differ from those of `other`, as `name: other's, own`.
    ///
    /// # Errors
    ///
    /// When the settings cannot be put into words, which plain data always can.
    pub fn differences(&self, other: &Self) -> Result<String, serde_json::Error> {
        let (own, other) = (serde_json::to_value(self)?, serde_json::to_value(other)?);
        let own = own.as_object().into_iter().flatten();
        let differing = own.filter_map(|(name, value)| {
            let found = &other[name];
            (found != value).then(|| format!("{name}: {found} there, {value} here"))
        });
        Ok(differing.collect::<Vec<_>>().join("; "))
    }

    /// Checks what no later stage would say as clearly.
    ///
    /// # Errors
    ///
    /// The first setting that is out of range.
    pub fn check(&self) -> Result<(), SettingsError> {
        let at_least = |setting, found: usize, fewest: usize, expected| {
            if found >= fewest {
                return Ok(());
            }
            let found = found.to_string();
            Err(SettingsError {
                setting,
                found,
                expected,
            })
        };
        at_least(
            "--trials",
            self.trials,
            2,
            "2 or more: the baseline and a candidate",
        )?;
        at_least("--workers", self.workers, 1, "1 or more")?;
        at_least("--threads", self.threads, 1, "1 or more")?;
        at_least("--steps", self.steps.unwrap_or(1), 1, "1 or more")?;
        at_least(
            "--final-steps",
            self.final_steps.unwrap_or(1),
            1,
            "1 or more",
        )?;
        at_least("--train-samples", self.train_samples, 2, "2 or more")?;
        at_least(
            "--validation-samples",
            self.validation_samples,
            1,
            "1 or more",
        )?;
        at_least(
            "--calibration-samples",
            self.calibration_samples,
            1,
            "1 or more",
        )
    }
}
