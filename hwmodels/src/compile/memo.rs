//! Tilings found before.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::{Arc, PoisonError, RwLock};

use rustc_hash::FxHasher;

use super::share::Share;
use super::{Block, Price};
use crate::task::Work;
use crate::units::Rate;

/// Tilings are forgotten together when there are this many: some hundred bytes each.
const ENTRIES_MAX: usize = 1 << 16;

/// All that the tiling of a unit depends on, beside the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) work: Work,
    pub(super) price: Price,
    pub(super) fused: Option<Rate>,
    pub(super) fused_bytes: u64,
    pub(super) plain_bytes: u64,
    pub(super) streamed: Share,
    pub(super) buffer_bytes: u64,
    pub(super) workspace_bytes: u64,
    pub(super) spilled_in: u64,
    pub(super) spilled_out: u64,
}

type Tilings = HashMap<Key, Arc<[Block]>, BuildHasherDefault<FxHasher>>;

/// What the tilings of layers came to on one machine.
#[derive(Debug)]
pub(super) struct Memo {
    /// Nothing is kept where there is none.
    tilings: Option<RwLock<Tilings>>,
}

impl Memo {
    /// One that remembers.
    pub(super) fn new() -> Memo {
        Memo {
            tilings: Some(RwLock::default()),
        }
    }

    /// One that remembers nothing.
    pub(super) fn forgetful() -> Memo {
        Memo { tilings: None }
    }

    /// The tiling for `key`: one found before, or what `search` finds.
    pub(super) fn find(&self, key: Key, search: impl FnOnce() -> Vec<Block>) -> Arc<[Block]> {
        let Some(tilings) = &self.tilings else {
            return search().into();
        };
        let known = tilings.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(blocks) = known.get(&key) {
            return Arc::clone(blocks);
        }
        drop(known);
        let blocks: Arc<[Block]> = search().into();
        let mut known = tilings.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= ENTRIES_MAX {
            known.clear();
        }
        known.insert(key, Arc::clone(&blocks));
        blocks
    }
}
