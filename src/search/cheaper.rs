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
    /// The settings, as journals keep them; null where off.
    pub(super) fn to_json(&self) -> BTreeMap<String, Json> {
        let rungs = self.rungs.as_ref();
        let promotes = rungs.is_some_and(Rungs::promotes);
        let settings = [
            ("rungs", json!(rungs.map(Rungs::steps))),
            (
                "keep_one_in",
                json!(rungs.map(|rungs| shares(rungs.keep_one_in()))),
            ),
            ("promotes", json!(promotes.then_some(true))),
            ("candidates", json!(self.candidates)),
            ("inherit_steps", json!(self.inherit_steps)),
        ];
        settings
            .map(|(name, value)| (name.to_owned(), value))
            .into()
    }
}

/// One number where all rungs have the same, else one for each.
fn shares(keep_one_in: &[usize]) -> Json {
    match keep_one_in {
        [all, others @ ..] if others.iter().all(|other| other == all) => json!(all),
        each => json!(each),
    }
}
