//! Tilings found before.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::{Arc, PoisonError, RwLock};

use rustc_hash::FxHasher;

use super::share::Share;
use super::{Block, Price};
use crate::task::Operation;
use crate::units::Rate;

/// Tilings are forgotten together when there are this many: some hundred bytes each.
const ENTRIES_MAX: usize = 1 << 16;

/// All that the tiling of a unit depends on, beside the machine.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) operation: Arc<Operation>,
    pub(super) price: Price,
    pub(super) fused: Option<Rate>,
    pub(super) sizes: Sizes,
}

/// The numbers of a [`Key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Sizes {
    pub(super) fused_bytes: u64,
    pub(super) plain_bytes: u64,
    pub(super) streamed: Share,
    pub(super) buffer_bytes: u64,
    pub(super) workspace_bytes: u64,
    pub(super) spilled_in: u64,
    pub(super) spilled_out: u64,
}

/// Tasks of one search mostly share their operations: one look at the address then tells that the
/// work is the same.
impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        let (own, others) = (&self.operation, &other.operation);
        self.sizes == other.sizes
            && self.price == other.price
            && self.fused == other.fused
            && (Arc::ptr_eq(own, others) || own.work == others.work)
    }
}

impl Eq for Key {}

/// Of the work, what tells most layers apart is enough: hashing all of it takes as long as tiling
/// a layer that lives on the chip.
impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.sizes.hash(state);
        match self.operation.work.nest() {
            Some(nest) => [nest.out_h, nest.in_c, nest.out_c, nest.kernel[0]].hash(state),
            None => self.operation.work.touched_bytes().hash(state),
        }
    }
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
