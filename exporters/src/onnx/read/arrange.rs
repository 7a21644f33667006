//! Values as tensors of the graph, with their dimensions in the order that an operator needs.

use kernels::tensor::Content;
use kernels::{DataType, Op, Quantization, Tensor, TensorId, shape};

use super::raise::{Base, HeldAs, Raising, Value};
use super::view::{Reordering, View, channels_last, in_order};
use crate::ReadError;
use crate::constants::is_finite;

impl<'f> Raising<'f, '_> {
    /// The stored elements of a value, as a tensor whose dimensions are those of the file in
    /// `order`.
    pub(super) fn stored(
        &mut self,
        value: &Value<'f>,
        order: &[usize],
    ) -> Result<TensorId, ReadError> {
        if value.is_empty() {
            let expected = format!("extents of at least 1 of `{}`", value.name);
            return Err(ReadError::malformed(
                expected,
                format!("{:?}", value.shape()),
            ));
        }
        let shape: Vec<usize> = order.iter().map(|&d| value.view.extent(d)).collect();
        match value.base {
            Base::Constant(index) => Ok(self.held(index, value, order, shape)),
            Base::Tensor(id) => Ok(self.rearranged(id, value, order, shape)),
        }
    }

    /// The reals of a value, as [`Self::stored`] has its elements.
    pub(super) fn real(
        &mut self,
        value: &Value<'f>,
        order: &[usize],
    ) -> Result<TensorId, ReadError> {
        let stored = self.stored(value, order)?;
        Ok(self.dequantized(value, stored))
    }

    /// The reals of `stored`, which holds the elements of `value`.
    fn dequantized(&mut self, value: &Value<'f>, stored: TensorId) -> TensorId {
        if value.reals.is_none() {
            return stored;
        }
        if let Some(&id) = self.reals.get(&stored) {
            return id;
        }
        let shape = self.graph[stored].shape.clone();
        let name = self.name_after(value, stored, "dequantize");
        let id = self.tensor(name, &shape, DataType::F32, None);
        self.node(Op::Dequantize, vec![stored], id);
        self.reals.insert(stored, id);
        id
    }

    /// A value without moving an element, as reals or as it is stored, and how the file sees that
    /// tensor.
    pub(super) fn as_it_lies(
        &mut self,
        value: &Value<'f>,
        real: bool,
    ) -> Result<(TensorId, View), ReadError> {
        let (id, view) = match value.base {
            Base::Tensor(id) => (id, value.view.clone()),
            Base::Constant(_) => {
                let id = self.stored(value, &in_order(value.rank()))?;
                (id, View::plain(&value.shape()))
            }
        };
        Ok(if real {
            (self.dequantized(value, id), view)
        } else {
            (id, view)
        })
    }

    /// The order of the dimensions of the file that asks for the least moves: the one that memory
    /// has, where it has any.
    pub(super) fn order(&self, value: &Value<'f>) -> Vec<usize> {
        let rank = value.rank();
        let own = match value.base {
            Base::Tensor(id) => self.graph[id].shape.to_vec(),
            Base::Constant(index) => self.constants[index].shape.clone(),
        };
        let mut candidates = vec![in_order(rank), channels_last(rank), value.view.order()];
        if rank == 4 {
            candidates.swap(0, 1);
        }
        candidates.retain(|order| value.view.lies_in(order));
        let as_it_is = candidates.iter().position(|order| {
            let shape = order.iter().map(|&d| value.view.extent(d));
            shape.eq(own.iter().copied())
        });
        match as_it_is.or((!candidates.is_empty()).then_some(0)) {
            Some(found) => candidates.swap_remove(found),
            None if rank == 4 => channels_last(rank),
            None => in_order(rank),
        }
    }

    fn held(
        &mut self,
        index: usize,
        value: &Value<'f>,
        order: &[usize],
        mut shape: Vec<usize>,
    ) -> TensorId {
        let reordering = value.view.reordering(order);
        let quantization = value.reals.clone().map(|reals| Quantization {
            axis: reals.axis.map(|axis| super::position(order, axis)),
            ..reals
        });
        let known = self.held.get(&index).into_iter().flatten().find(|held| {
            held.reordering == reordering
                && held.shape == shape
                && held.quantization == quantization
        });
        if let Some(held) = known {
            return held.id;
        }
        let data = self.elements(value, order).filter(is_finite);
        let constant = &self.constants[index];
        let dtype = constant.dtype;
        let held_shape = shape.clone();
        if let Some(bytes) = constant.packed_bytes {
            shape = vec![bytes];
        }
        let wanted = if constant.name.is_empty() {
            value.name
        } else {
            &constant.name
        };
        let name = self.names.fresh(wanted);
        let id = self.add(Tensor {
            name,
            shape: shape.into(),
            dtype,
            quantization: quantization.clone(),
            content: data.map_or(Content::Parameter, Content::Constant),
        });
        self.held.entry(index).or_default().push(HeldAs {
            reordering,
            shape: held_shape,
            quantization,
            id,
        });
        id
    }

    /// A computed tensor in another order, moved as little as it takes.
    fn rearranged(
        &mut self,
        id: TensorId,
        value: &Value<'f>,
        order: &[usize],
        shape: Vec<usize>,
    ) -> TensorId {
        let own = self.graph[id].shape.to_vec();
        let lies = value.view.lies_in(order);
        if lies && own == shape {
            return id;
        }
        let reordering = value.view.reordering(order);
        let key = (id, reordering, shape);
        if let Some(&known) = self.arranged.get(&key) {
            return known;
        }
        let (id, reordering, shape) = key.clone();
        let moves = moves(&value.view, &own, order, reordering, shape);
        let mut from = id;
        let last = moves.len() - 1;
        for (index, op) in moves.into_iter().enumerate() {
            from = self.moved([id, from], op, (index == last).then_some(value));
        }
        self.arranged.insert(key, from);
        from
    }

    /// The result of an operator that moves elements, called after the value that it is.
    fn moved(
        &mut self,
        [base, from]: [TensorId; 2],
        op: Op,
        value: Option<&Value<'f>>,
    ) -> TensorId {
        let name = match value {
            Some(value) if value.name != self.graph[base].name => self.names.fresh(value.name),
            Some(_) | None => {
                let wanted = format!("{}/{}", self.graph[from].name, op.name());
                self.names.fresh(&wanted)
            }
        };
        let tensor = &self.graph[from];
        let (shape, dtype) = shape::infer(&op, &[tensor])
            .expect("a view holds as many elements as the tensor, each dimension once");
        let quantization = tensor.quantization.clone();
        let foreign = matches!(dtype, DataType::Foreign { .. });
        let id = self.tensor(name, &shape, dtype, quantization);
        let op = if foreign {
            let kind = op.name().to_owned();
            Op::Foreign { kind, macs: None }
        } else {
            op
        };
        self.node(op, vec![from], id);
        id
    }

    /// A name for what `value` is made of `from` as: the value's own, unless `from` has it.
    fn name_after(&mut self, value: &Value<'f>, from: TensorId, what: &str) -> String {
        let own = &self.graph[from].name;
        if own == value.name {
            let wanted = format!("{own}/{what}");
            self.names.fresh(&wanted)
        } else {
            self.names.fresh(value.name)
        }
    }
}

/// What brings a tensor of the shape `own` into an order of the file's dimensions: as few operators as
/// say it, and no transpose where memory has that order.
fn moves(
    view: &View,
    own: &[usize],
    order: &[usize],
    reordering: Reordering,
    shape: Vec<usize>,
) -> Vec<Op> {
    if view.lies_in(order) {
        return vec![Op::Reshape { shape }];
    }
    if let Some(permutation) = view.permutation(own, order) {
        return vec![Op::Transpose { permutation }];
    }
    let mut moves = Vec::new();
    let permutation = if let Some(permutation) = view.permutation_in_whole(own, order) {
        permutation
    } else {
        if reordering.extents != own {
            let shape = reordering.extents.clone();
            moves.push(Op::Reshape { shape });
        }
        reordering.permutation
    };
    let from = if moves.is_empty() {
        own
    } else {
        &reordering.extents
    };
    let moved: Vec<usize> = permutation.iter().map(|&d| from[d]).collect();
    moves.push(Op::Transpose { permutation });
    if moved != shape {
        moves.push(Op::Reshape { shape });
    }
    moves
}
