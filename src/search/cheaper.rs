//! What a search does to spend less on evaluations; each of it is a choice.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use serde_json::{Value as Json, json};

use super::rungs::Rungs;

/// What is done to spend less on evaluations; nothing by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cheaper {
    /// Trials are compared on the way, and most are stopped.
    pub rungs: Option<Rungs>,
    /// So many proposals are made per trial, of which a predictor picks one.
    pub candidates: Option<NonZeroUsize>,
    /// The training steps of trials that start from their parent's weights.
    pub inherit_steps: Option<usize>,
}

impl Cheaper {
    /// The settings, as journals keep them; those that are off are left out.
    pub(super) fn to_json(&self) -> BTreeMap<String, Json> {
        let rungs = self.rungs.as_ref();
        let settings = [
            ("rungs", rungs.map(|rungs| json!(rungs.steps()))),
            (
                "keep_one_in",
                rungs.map(|rungs| shares(rungs.keep_one_in())),
            ),
            (
                "promotes",
                rungs.filter(|rungs| rungs.promotes()).map(|_| json!(true)),
            ),
            ("candidates", self.candidates.map(|k| json!(k))),
            (
                "inherit_steps",
                self.inherit_steps.map(|steps| json!(steps)),
            ),
        ];
        let set = settings.into_iter();
        set.filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect()
    }
}

/// One number where all rungs have the same, else one for each.
fn shares(keep_one_in: &[usize]) -> Json {
    match keep_one_in {
        [all, others @ ..] if others.iter().all(|other| other == all) => json!(all),
        each => json!(each),
    }
}
