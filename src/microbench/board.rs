//! The sweep of an accelerator behind a link, chosen from what its profile has.
//!
//! Moving an image over a link takes longer than most layers. A probe therefore takes 2 x 2
//! pixels, pads them to an image on the chip, repeats one layer until it takes a good part of a
//! millisecond, and sends one pixel back.

use hwmodels::profile::Profile;
use hwmodels::task::Class;
use kernels::Verified;
use kernels::op::Fused;

use super::layers::{Layers, NetworkError, Values, Window};
use super::probe::{Nest, Probe, additions, elementwise};

/// Probes of a class compute for one part in so many of a second at the peak of the machine.
const PARTS_OF_A_SECOND: u64 = 2000;

/// The most repetitions of a layer.
const LAYERS_MAX: usize = 32;

/// The most parameters of a probe, but for those that are streamed on purpose.
const PARAMETERS_MAX: usize = 1 << 19;

/// Parameter caches above this are not filled: the files would be too large to copy around.
const CACHE_BYTES_MAX: u64 = 16 << 20;

/// Images of this side and so many channels feed the operators without multiply-accumulates.
const IMAGE: (usize, usize) = (32, 96);

/// Bytes of one transfer.
const TRANSFERS: [usize; 5] = [32, 64, 128, 256, 512];

/// Channels on either side of a layer, which is repeated there and back.
const CHANNELS: [(usize, usize); 5] = [(16, 16), (16, 64), (64, 64), (64, 256), (256, 256)];
const POINTWISE_CHANNELS: [(usize, usize); 10] = [
    (16, 16),
    (16, 96),
    (24, 144),
    (40, 240),
    (64, 64),
    (96, 96),
    (128, 512),
    (256, 256),
    (320, 1280),
    (512, 512),
];
const DEPTHWISE_CHANNELS: [usize; 6] = [32, 96, 144, 240, 480, 1152];
const DENSE_CHANNELS: [(usize, usize); 5] =
    [(64, 64), (64, 1024), (256, 256), (512, 512), (1024, 1024)];

/// The sweep for the machine `profile`; the same seed gives the same bytes.
///
/// # Errors
///
/// None, unless a network of this module does not fit together.
pub fn board(profile: &Profile, seed: u64) -> Result<Vec<Probe>, NetworkError> {
    let mut sweep = Sweep {
        probes: Vec::new(),
        seed,
        macs: compute_macs(profile),
    };
    sweep.overheads()?;
    sweep.transfers()?;
    sweep.classes()?;
    sweep.sides()?;
    if let Some(channels) = channels_at_once(profile) {
        sweep.steps(channels)?;
    }
    sweep.elementwise(profile)?;
    if let Some(cache) = profile
        .cache()
        .filter(|cache| cache.bytes <= CACHE_BYTES_MAX)
    {
        sweep.streaming(cache.bytes)?;
    }
    Ok(sweep.probes)
}

struct Sweep {
    probes: Vec<Probe>,
    seed: u64,
    /// What a probe of a class should have.
    macs: usize,
}

impl Sweep {
    fn values(&self, id: &str) -> Values {
        Values::seeded(self.seed, id)
    }

    fn add(&mut self, id: &str, family: &'static str, isolates: String, network: Verified) {
        self.probes.push(Probe {
            id: id.to_owned(),
            family,
            isolates,
            network,
        });
    }

    fn overheads(&mut self) -> Result<(), NetworkError> {
        for count in [1, 9, 33] {
            let id = format!("overhead_{count}");
            let network = additions(&id, [1, 1, 1, 8], count, self.values(&id))?;
            let isolates = format!("the fixed costs of an inference and of {count} operators");
            self.add(&id, "overhead", isolates, network);
        }
        Ok(())
    }

    fn transfers(&mut self) -> Result<(), NetworkError> {
        for side in TRANSFERS {
            let id = format!("input_{side}x{side}");
            let mut layers = Layers::new(&id, [1, side, side, 4], self.values(&id));
            layers.conv(1, one_pixel(side))?;
            let isolates = "the rate of inputs over the link".to_owned();
            self.add(&id, "input_transfer", isolates, layers.finish()?);
            let id = format!("output_{side}x{side}");
            let mut layers = self.on_chip(&id, side, 4)?;
            layers.conv(4, pixelwise())?;
            let isolates = "the rate of results over the link".to_owned();
            self.add(&id, "output_transfer", isolates, layers.finish()?);
        }
        Ok(())
    }

    fn classes(&mut self) -> Result<(), NetworkError> {
        let nest = |class, kernel, stride, (in_c, out_c): (usize, usize)| Nest {
            class,
            side: side(in_c.max(out_c)) * stride,
            kernel,
            stride,
            in_c,
            out_c,
        };
        let mut nests: Vec<Nest> = Vec::new();
        for (kernel, stride, count) in [(3, 1, 5), (5, 1, 3), (3, 2, 5)] {
            let channels = CHANNELS.into_iter().take(count);
            nests.extend(channels.map(|channels| nest(Class::Conv, kernel, stride, channels)));
        }
        nests.extend(POINTWISE_CHANNELS.map(|channels| nest(Class::Pointwise, 1, 1, channels)));
        for (kernel, stride) in [(3, 1), (5, 1), (3, 2)] {
            let channels = DEPTHWISE_CHANNELS
                .into_iter()
                .map(|channels| (channels, channels));
            nests.extend(channels.map(|channels| nest(Class::Depthwise, kernel, stride, channels)));
        }
        nests.extend(DENSE_CHANNELS.map(|channels| nest(Class::Dense, 1, 1, channels)));
        for nest in nests {
            self.class(nest)?;
        }
        Ok(())
    }

    /// Layers of images of several sides, whose rates a table cannot tell apart.
    fn sides(&mut self) -> Result<(), NetworkError> {
        for side in [8, 16, 64, 128] {
            for (class, kernel) in [(Class::Conv, 3), (Class::Depthwise, 3)] {
                self.class(Nest {
                    class,
                    side,
                    kernel,
                    stride: 1,
                    in_c: 48,
                    out_c: 48,
                })?;
            }
        }
        Ok(())
    }

    /// Output channels on either side of what the array computes at once.
    fn steps(&mut self, at_once: usize) -> Result<(), NetworkError> {
        for out_c in [
            at_once - at_once / 8,
            at_once,
            at_once + at_once / 8,
            2 * at_once,
        ] {
            self.class(Nest {
                class: Class::Conv,
                side: 24,
                kernel: 3,
                stride: 1,
                in_c: at_once,
                out_c,
            })?;
        }
        Ok(())
    }

    /// A layer and the one that leads back to its input, in turn. A window that strides makes
    /// another image, so it stands alone.
    fn class(&mut self, nest: Nest) -> Result<(), NetworkError> {
        let id = nest.id();
        let back = Nest {
            in_c: nest.out_c,
            out_c: nest.in_c,
            ..nest
        };
        let is_image = nest.class != Class::Dense;
        let input = if is_image {
            vec![1, 2, 2, nest.in_c]
        } else {
            nest.input()
        };
        let mut layers = Layers::new(&id, input, self.values(&id));
        if nest.reads_rectified() {
            layers.rectify_input();
        }
        if is_image {
            layers.pad(nest.side, nest.side)?;
        }
        let count = if nest.stride > 1 {
            1
        } else {
            self.repetitions(&nest)
        };
        for index in 0..count {
            if index % 2 == 0 { nest } else { back }.push(&mut layers)?;
        }
        if is_image {
            layers.conv(1, one_pixel(nest.side / nest.stride))?;
        }
        let class = nest.class.name();
        let isolates = format!("the rate of {count} {class} layers of these channels");
        self.add(&id, class, isolates, layers.finish()?);
        Ok(())
    }

    /// So many layers that they are seen beside the fixed costs.
    fn repetitions(&self, nest: &Nest) -> usize {
        let taps = nest.kernel * nest.kernel;
        let (pixels, parameters) = match nest.class {
            Class::Dense => (1, nest.in_c * nest.out_c),
            Class::Depthwise => (nest.side * nest.side, taps * nest.in_c),
            Class::Conv | Class::Pointwise => {
                (nest.side * nest.side, taps * nest.in_c * nest.out_c)
            }
        };
        let most = LAYERS_MAX.min(PARAMETERS_MAX / parameters.max(1)).max(1);
        (self.macs / (pixels * parameters).max(1)).clamp(1, most)
    }

    fn elementwise(&mut self, profile: &Profile) -> Result<(), NetworkError> {
        let takes = |operator: &str| {
            let support = profile.support();
            support.is_none_or(|support| support.operators.contains(operator))
        };
        for op in elementwise(IMAGE.0) {
            if takes(op.name()) {
                let name = op.name().to_owned();
                self.one_elementwise(&name, |layers| layers.apply(op))?;
            }
        }
        if takes("concat") {
            self.one_elementwise("concat", |layers| layers.concat(layers.last()))?;
        }
        Ok(())
    }

    fn one_elementwise(
        &mut self,
        operator: &str,
        push: impl FnOnce(&mut Layers) -> Result<(), NetworkError>,
    ) -> Result<(), NetworkError> {
        let (side, channels) = IMAGE;
        let id = format!("{operator}_{side}x{side}_{channels}");
        let mut layers = self.on_chip(&id, side, channels)?;
        push(&mut layers)?;
        if let Some([_, height, _, _]) = layers.extents().nhwc() {
            layers.conv(1, one_pixel(height))?;
        }
        let isolates = format!("bytes per cycle of {operator}");
        self.add(&id, "elementwise", isolates, layers.finish()?);
        Ok(())
    }

    /// Stacks of matrix products that fit the parameter cache, and that do not.
    fn streaming(&mut self, cache_bytes: u64) -> Result<(), NetworkError> {
        const SIDE: usize = 1024;
        for percent in [50, 110, 150] {
            let layer_bytes = (SIDE * SIDE) as u64;
            let count = (cache_bytes * percent / 100).div_ceil(layer_bytes);
            let id = format!("parameters_{count}_x_{SIDE}");
            let mut layers = Layers::new(&id, [1, SIDE], self.values(&id));
            for _ in 0..count {
                layers.dense(SIDE, Fused::Relu6)?;
            }
            let isolates =
                format!("parameters of {percent} % of the cache: its room, the rate of streaming");
            self.add(&id, "parameter_streaming", isolates, layers.finish()?);
        }
        Ok(())
    }

    /// An image on the chip, made of 2 x 2 pixels.
    fn on_chip(&self, id: &str, side: usize, channels: usize) -> Result<Layers, NetworkError> {
        let mut layers = Layers::new(id, [1, 2, 2, channels], self.values(id));
        layers.pad(side, side)?;
        Ok(layers)
    }
}

/// What the machine computes in one of [`PARTS_OF_A_SECOND`].
fn compute_macs(profile: &Profile) -> usize {
    // A machine without an array, such as a processor: 16 a cycle.
    let macs_per_cycle = profile.peak_macs_per_cycle().unwrap_or(16);
    let cycles_per_second = profile.clock_hz();
    let macs_per_second = macs_per_cycle.saturating_mul(cycles_per_second);
    usize::try_from(macs_per_second / PARTS_OF_A_SECOND).unwrap_or(usize::MAX)
}

/// Output channels that the array computes at once.
fn channels_at_once(profile: &Profile) -> Option<usize> {
    let array = profile.raw().array.as_ref()?;
    let channels = array.cells.or(array.cols)?;
    usize::try_from(channels)
        .ok()
        .filter(|channels| (8..=256).contains(channels))
}

/// The side of images of `channels`, as networks have them.
const fn side(channels: usize) -> usize {
    match channels {
        0..=96 => 32,
        97..=256 => 16,
        257.. => 8,
    }
}

fn one_pixel(side: usize) -> Window {
    Window {
        kernel: [1; 2],
        stride: [side; 2],
        fused: Fused::None,
    }
}

fn pixelwise() -> Window {
    Window {
        kernel: [1; 2],
        stride: [1; 2],
        fused: Fused::None,
    }
}
