//! Makes a graph in float or in int8 from one description.

use kernels::{Data, DataType, GraphBuilder, Op, Quantization, Shape, TensorId};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// The scale and zero point of what a maker quantizes without being told.
pub(super) const USUAL: (f32, i32) = (0.02, 5);

/// A graph under construction, and the elements of its inputs.
pub(super) struct Maker {
    pub(super) builder: GraphBuilder,
    pub(super) inputs: Vec<Data>,
    int8: bool,
    random: Pcg64Mcg,
}

impl Maker {
    pub(super) fn new(name: &str, int8: bool) -> Self {
        Self {
            builder: GraphBuilder::new(name),
            inputs: Vec::new(),
            int8,
            random: Pcg64Mcg::seed_from_u64(7),
        }
    }

    /// An input of values between about -2.5 and 2.5.
    pub(super) fn input(&mut self, name: &str, shape: impl Into<Shape>) -> TensorId {
        self.input_as(name, shape, USUAL)
    }

    /// An input under a quantization of its own.
    pub(super) fn input_as(
        &mut self,
        name: &str,
        shape: impl Into<Shape>,
        (scale, zero_point): (f32, i32),
    ) -> TensorId {
        let shape = shape.into();
        let count = shape.elements();
        if self.int8 {
            let id = self.builder.input(name, shape, DataType::I8);
            self.quantize(id, (scale, zero_point));
            let elements = (0..count).map(|_| self.random.random::<i8>());
            self.inputs.push(Data::I8(elements.collect()));
            id
        } else {
            let id = self.builder.input(name, shape, DataType::F32);
            let elements = (0..count).map(|_| self.random.random_range(-2.5_f32..2.5));
            self.inputs.push(Data::F32(elements.collect()));
            id
        }
    }

    /// Weights that keep the size of what they are applied to, with a scale per index of `axis`.
    pub(super) fn weights(&mut self, name: &str, shape: impl Into<Shape>, axis: usize) -> TensorId {
        let shape = shape.into();
        let channels = shape[axis];
        let reach = 2.0 / extent(shape.elements() / channels).sqrt();
        if self.int8 {
            let scales = (0..channels).map(|_| reach / 127.0 * self.random.random_range(0.5..1.0));
            let scales = Quantization::per_channel(scales.collect(), axis);
            let elements = (0..shape.elements()).map(|_| self.random.random_range(-127..=127_i8));
            let data = Data::I8(elements.collect());
            self.builder.constant(name, shape, data, Some(scales))
        } else {
            let elements = (0..shape.elements()).map(|_| self.random.random_range(-reach..reach));
            let data = Data::F32(elements.collect());
            self.builder.constant(name, shape, data, None)
        }
    }

    /// A bias for `weights` applied to `x`.
    pub(super) fn bias(&mut self, name: &str, x: TensorId, weights: TensorId) -> TensorId {
        if !self.int8 {
            let channels = {
                let shape = self.builder.shape(weights);
                if shape.len() == 4 && shape[0] == 1 {
                    shape[3]
                } else {
                    shape[0]
                }
            };
            return self.floats(name, channels);
        }
        let scale = |id, maker: &mut Self| {
            let tensor = maker.builder.tensor_mut(id);
            tensor.quantization.clone().unwrap().scales
        };
        let (x, weights) = (scale(x, self)[0], scale(weights, self));
        let scales: Vec<f32> = weights.iter().map(|w| x * w).collect();
        let elements = scales.iter().map(|_| self.random.random_range(-999..999));
        let data = Data::I32(elements.collect());
        let shape = [scales.len()];
        let quantization = Quantization::per_channel(scales, 0);
        self.builder.constant(name, shape, data, Some(quantization))
    }

    /// Float parameters between 0.5 and 1.5, one per channel.
    pub(super) fn floats(&mut self, name: &str, channels: usize) -> TensorId {
        let elements = (0..channels).map(|_| self.random.random_range(0.5_f32..1.5));
        let data = Data::F32(elements.collect());
        self.builder.constant(name, [channels], data, None)
    }

    /// A node whose result, in int8, has the usual quantization.
    pub(super) fn node(&mut self, name: &str, op: Op, inputs: &[TensorId]) -> TensorId {
        self.node_as(name, op, inputs, USUAL)
    }

    /// A node whose result, in int8, has a quantization of its own.
    pub(super) fn node_as(
        &mut self,
        name: &str,
        op: Op,
        inputs: &[TensorId],
        quantization: (f32, i32),
    ) -> TensorId {
        let id = self.builder.push(name, op, inputs).unwrap();
        if self.builder.tensor_mut(id).dtype == DataType::I8 {
            self.quantize(id, quantization);
        }
        id
    }

    fn quantize(&mut self, id: TensorId, (scale, zero_point): (f32, i32)) {
        let quantization = Quantization::per_tensor(scale, zero_point);
        self.builder.tensor_mut(id).quantization = Some(quantization);
    }
}

fn extent(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap())
}
