//! How a value of the file lies in the memory of a tensor of the graph.
//!
//! Images of the file are channels first and tensors of the graph channels last, and files reorder,
//! flatten and split dimensions back and forth. None of it moves an element until an operator
//! needs another order: a view says which elements of memory a dimension of the file runs over.

use std::collections::{BTreeMap, VecDeque};

/// The memory of a tensor, cut into pieces, and the dimensions of the file that they make up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct View {
    /// The extents of the pieces, outermost in memory first; none is 1.
    pieces: Vec<usize>,
    /// The pieces of each dimension of the file, outermost first; none for an extent of 1.
    dims: Vec<Vec<usize>>,
}

/// A reordering of memory with as few dimensions as say it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Reordering {
    /// The extents as they lie.
    pub(super) extents: Vec<usize>,
    /// Dimension `i` afterwards is dimension `permutation[i]` before.
    pub(super) permutation: Vec<usize>,
}

/// A stretch of memory that is not cut yet, in the order of the file.
struct Run {
    /// The piece it begins with, and how often it was cut before.
    key: (usize, usize),
    extent: usize,
}

impl View {
    /// A tensor of `shape` whose dimension `i` is dimension `order[i]` of the file.
    pub(super) fn ordered(shape: &[usize], order: &[usize]) -> Self {
        let mut pieces = Vec::with_capacity(shape.len());
        let mut dims = vec![Vec::new(); order.len()];
        for (&extent, &dim) in shape.iter().zip(order) {
            if extent != 1 {
                dims[dim].push(pieces.len());
                pieces.push(extent);
            }
        }
        Self { pieces, dims }
    }

    /// A tensor that lies as the file has it.
    pub(super) fn plain(shape: &[usize]) -> Self {
        Self::ordered(shape, &in_order(shape.len()))
    }

    /// The number of dimensions in the file.
    pub(super) fn rank(&self) -> usize {
        self.dims.len()
    }

    /// The extent of a dimension of the file.
    pub(super) fn extent(&self, dim: usize) -> usize {
        self.dims[dim].iter().map(|&p| self.pieces[p]).product()
    }

    /// The extents in the file.
    pub(super) fn shape(&self) -> Vec<usize> {
        (0..self.rank()).map(|dim| self.extent(dim)).collect()
    }

    /// The same memory with the dimensions of the file reordered.
    pub(super) fn transposed(&self, permutation: &[usize]) -> Self {
        Self {
            pieces: self.pieces.clone(),
            dims: permutation.iter().map(|&d| self.dims[d].clone()).collect(),
        }
    }

    /// The same memory under another shape of as many elements; nothing where that is no matter
    /// of cutting pieces.
    pub(super) fn reshaped(&self, shape: &[usize]) -> Option<Self> {
        if self.pieces.contains(&0) || shape.contains(&0) {
            return None;
        }
        let mut runs = self.runs();
        let mut cut: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        let mut dims = Vec::with_capacity(shape.len());
        for &extent in shape {
            let mut keys = Vec::new();
            let mut rest = extent;
            while rest > 1 {
                let run = runs.front_mut()?;
                let taken = if rest.is_multiple_of(run.extent) {
                    run.extent
                } else if run.extent.is_multiple_of(rest) {
                    rest
                } else {
                    return None;
                };
                keys.push(run.key);
                cut.insert(run.key, taken);
                rest /= taken;
                run.extent /= taken;
                run.key.1 += 1;
                if run.extent == 1 {
                    runs.pop_front();
                }
            }
            dims.push(keys);
        }
        if !runs.is_empty() {
            return None;
        }
        let position: BTreeMap<_, usize> = cut.keys().copied().zip(0..).collect();
        let dims = dims.iter().map(|keys| keys.iter().map(|k| position[k]));
        Some(Self {
            dims: dims.map(Iterator::collect).collect(),
            pieces: cut.into_values().collect(),
        })
    }

    /// The pieces in the order of the file, those that also follow each other in memory as one.
    fn runs(&self) -> VecDeque<Run> {
        let mut runs: VecDeque<Run> = VecDeque::new();
        let mut next = None;
        for &piece in self.dims.iter().flatten() {
            let extent = self.pieces[piece];
            match runs.back_mut() {
                Some(run) if next == Some(piece) => run.extent *= extent,
                Some(_) | None => runs.push_back(Run {
                    key: (piece, 0),
                    extent,
                }),
            }
            next = Some(piece + 1);
        }
        runs
    }

    /// Whether memory already holds the dimensions of the file in `order`.
    pub(super) fn lies_in(&self, order: &[usize]) -> bool {
        self.sequence(order).eq(0..self.pieces.len())
    }

    /// The dimensions of the file in the order of memory, as far as each lies in one place.
    pub(super) fn order(&self) -> Vec<usize> {
        let mut order = in_order(self.rank());
        // A dimension of extent 1 stays beside the one before it.
        let mut last = 0;
        let places = self.dims.iter().map(|pieces| {
            last = pieces.first().copied().unwrap_or(last);
            last
        });
        let places: Vec<usize> = places.collect();
        order.sort_by_key(|&dim| places[dim]);
        order
    }

    /// How memory must be reordered to hold the dimensions of the file in `order`.
    pub(super) fn reordering(&self, order: &[usize]) -> Reordering {
        let mut groups: Vec<(usize, usize)> = Vec::new();
        let mut next = None;
        for piece in self.sequence(order) {
            let extent = self.pieces[piece];
            match groups.last_mut() {
                Some((_, group)) if next == Some(piece) => *group *= extent,
                Some(_) | None => groups.push((piece, extent)),
            }
            next = Some(piece + 1);
        }
        let mut memory = groups.clone();
        memory.sort_unstable();
        let place: BTreeMap<usize, usize> = memory.iter().map(|&(p, _)| p).zip(0..).collect();
        Reordering {
            permutation: groups.iter().map(|(piece, _)| place[piece]).collect(),
            extents: memory.into_iter().map(|(_, extent)| extent).collect(),
        }
    }

    /// The permutation of the dimensions of a tensor of `shape` that puts the file's in `order`,
    /// where each of them is one of the tensor's.
    pub(super) fn permutation(&self, shape: &[usize], order: &[usize]) -> Option<Vec<usize>> {
        if shape.len() != order.len() {
            return None;
        }
        let mut of_tensor: Vec<Option<Vec<usize>>> =
            self.pieces_of(shape)?.into_iter().map(Some).collect();
        let places = order.iter().map(|&dim| {
            let wanted = Some(&self.dims[dim]);
            let place = of_tensor.iter().position(|own| own.as_ref() == wanted)?;
            // Taken: each dimension of the tensor is used once.
            of_tensor[place] = None;
            Some(place)
        });
        places.collect()
    }

    /// The permutation of the dimensions of a tensor of `shape` after which memory holds the file's
    /// in `order`, if whole dimensions are all that moves.
    pub(super) fn permutation_in_whole(
        &self,
        shape: &[usize],
        order: &[usize],
    ) -> Option<Vec<usize>> {
        let of_tensor = self.pieces_of(shape)?;
        let sequence: Vec<usize> = self.sequence(order).collect();
        let first = |dim: usize| match of_tensor[dim].first() {
            None => Some(0),
            Some(&piece) => sequence.iter().position(|&own| own == piece),
        };
        let mut places = Vec::with_capacity(shape.len());
        for dim in 0..shape.len() {
            places.push((first(dim)?, dim));
        }
        places.sort_unstable_by_key(|&(place, dim)| (place, !of_tensor[dim].is_empty(), dim));
        let permutation: Vec<usize> = places.into_iter().map(|(_, dim)| dim).collect();
        let moved = permutation.iter().flat_map(|&dim| &of_tensor[dim]);
        moved.eq(&sequence).then_some(permutation)
    }

    /// The pieces of each dimension of a tensor of `shape`, where no piece reaches over two.
    fn pieces_of(&self, shape: &[usize]) -> Option<Vec<Vec<usize>>> {
        let mut of_tensor = Vec::with_capacity(shape.len());
        let mut pieces = 0;
        for &extent in shape {
            let (mut own, mut reached) = (Vec::new(), 1);
            while reached < extent {
                own.push(pieces);
                reached *= self.pieces.get(pieces)?;
                pieces += 1;
            }
            if reached != extent {
                return None;
            }
            of_tensor.push(own);
        }
        Some(of_tensor)
    }

    /// How memory must be reordered to hold the last dimension of the file as the file has it, if
    /// nothing else lies behind or between it.
    pub(super) fn innermost(&self) -> Option<Reordering> {
        let own = self.dims.last()?;
        let first = self.pieces.len() - own.len();
        let is_inner = own.iter().all(|&piece| piece >= first);
        is_inner.then(|| Reordering {
            extents: own.iter().map(|&piece| self.pieces[piece]).collect(),
            permutation: (first..self.pieces.len())
                .map(|piece| super::position(own, piece))
                .collect(),
        })
    }

    /// The same dimensions with the elements of the last one in the order of memory.
    pub(super) fn innermost_as_it_lies(&self) -> Self {
        let mut view = self.clone();
        if let Some(last) = view.dims.last_mut() {
            last.sort_unstable();
        }
        view
    }

    fn sequence(&self, order: &[usize]) -> impl Iterator<Item = usize> {
        order.iter().flat_map(|&dim| self.dims[dim].iter().copied())
    }
}

/// All dimensions, first to last.
pub(super) fn in_order(rank: usize) -> Vec<usize> {
    (0..rank).collect()
}

/// The dimensions of an image of the file, whose channels come second, with the channels last.
pub(super) fn channels_last(rank: usize) -> Vec<usize> {
    if rank < 3 {
        return in_order(rank);
    }
    let mut order = vec![0];
    order.extend(2..rank);
    order.push(1);
    order
}
