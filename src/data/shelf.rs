//! Samples that were made once and are kept, as many as fit in memory.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::dataset::Dataset;
use super::error::DataError;
use super::sample::Sample;
use super::split::Split;

/// What the samples of a shelf may take, in bytes; those beyond are made again when they are asked for.
const BYTES_MAX: usize = 3 << 30;

/// The first samples of a split. Any number of threads may take from it at a time.
#[derive(Debug)]
pub struct Shelf {
    dataset: Dataset,
    split: Split,
    places: Vec<OnceLock<Arc<Sample>>>,
    bytes_left: AtomicUsize,
}

impl Shelf {
    /// An empty shelf for the first `count` samples of `split`.
    ///
    /// # Errors
    /// [`DataError::Index`] where the split has fewer.
    pub fn new(dataset: Dataset, split: Split, count: usize) -> Result<Self, DataError> {
        Self::of_bytes(dataset, split, count, BYTES_MAX)
    }

    fn of_bytes(
        dataset: Dataset,
        split: Split,
        count: usize,
        bytes: usize,
    ) -> Result<Self, DataError> {
        let len = dataset.len(split);
        if count > len {
            let index = count - 1;
            return Err(DataError::Index { split, index, len });
        }
        Ok(Self {
            dataset,
            split,
            places: (0..count).map(|_| OnceLock::new()).collect(),
            bytes_left: AtomicUsize::new(bytes),
        })
    }

    /// How many samples it is for.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether it is for none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Sample `index`: the one kept, or made now and kept where there is room.
    ///
    /// # Errors
    /// As [`Dataset::sample`].
    pub fn get(&self, index: usize) -> Result<Arc<Sample>, DataError> {
        let Some(place) = self.places.get(index) else {
            let (split, len) = (self.split, self.places.len());
            return Err(DataError::Index { split, index, len });
        };
        if let Some(kept) = place.get() {
            return Ok(Arc::clone(kept));
        }
        let sample = Arc::new(self.dataset.sample(self.split, index)?);
        let bytes = sample.bytes();
        let less = |left: usize| left.checked_sub(bytes);
        let order = Ordering::Relaxed;
        let has_room = self.bytes_left.fetch_update(order, order, less).is_ok();
        if has_room && place.set(Arc::clone(&sample)).is_err() {
            // Another thread has put it there meanwhile.
            self.bytes_left.fetch_add(bytes, order);
        }
        Ok(sample)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf(bytes: usize) -> Shelf {
        let data = Dataset::open("scenes", 16, 32, 0).unwrap();
        Shelf::of_bytes(data, Split::Validation, 6, bytes).unwrap()
    }

    #[test]
    fn a_full_shelf_still_gives_every_sample() {
        let one = 16 * 32 * 20;
        let (small, large) = (shelf(2 * one), shelf(BYTES_MAX));
        for index in [0, 1, 2, 3, 4, 5, 4, 3, 2, 1, 0] {
            assert_eq!(small.get(index).unwrap(), large.get(index).unwrap());
        }
        let kept = |shelf: &Shelf| shelf.places.iter().filter(|p| p.get().is_some()).count();
        assert_eq!((kept(&small), kept(&large)), (2, 6));
        assert!(Arc::ptr_eq(&large.get(1).unwrap(), &large.get(1).unwrap()));
    }

    #[test]
    fn more_than_there_are_is_refused() {
        let data = Dataset::open("scenes", 16, 32, 0).unwrap();
        let error = Shelf::new(data, Split::Validation, 501).unwrap_err();
        assert!(error.to_string().contains("it has 500"), "{error}");
        assert!(shelf(0).get(6).is_err());
    }
}
