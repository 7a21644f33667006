//! What joins networks that stand side by side: parameters of its own, which start from given values.

/// The units of a method.
pub(super) struct Units {
    /// What the second word of their parameters' names begins with, behind the task: one of these.
    pub(super) words: &'static [&'static str],
    /// What the parameter of a name and a shape starts from, among so many tasks; nothing for one that
    /// starts as in any network.
    pub(super) initial: fn(&str, &[usize], usize) -> Option<Vec<f32>>,
}

impl Units {
    /// Whether the parameter called `name` belongs to a unit.
    pub(super) fn have(&self, name: &str) -> bool {
        let word = name.split('/').nth(1);
        word.is_some_and(|word| self.words.iter().any(|start| word.starts_with(start)))
    }
}

/// What something starts with that has `own` of itself, and the rest evenly of `others`.
#[expect(
    clippy::cast_precision_loss,
    reason = "tasks, subspaces and layers are a handful"
)]
pub(super) const fn share(is_own: bool, own: f32, others: usize) -> f32 {
    match (is_own, others) {
        (true, 0) => 1.0,
        (true, _) => own,
        (false, _) => (1.0 - own) / others as f32,
    }
}
