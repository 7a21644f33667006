//! What a network is calibrated on: samples of a data set, or arrays that a user gives.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use kernels::{Data, DataType, Graph, TensorId};

use crate::data::input::network_input;
use crate::data::{Dataset, Sample, Split};
use crate::npy::{self, Array};

/// Inputs of a network, sample by sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// Per sample, the inputs in the order of the graph.
    pub samples: Vec<Vec<Data>>,
    /// Where they come from, in a few words.
    pub origin: String,
}

/// The input of a float network for an image: `[1, h, w, 3]`, -1 to 1.
#[must_use]
pub fn image(sample: &Sample) -> Data {
    Data::F32(sample.rgb.iter().map(|&v| network_input(v)).collect())
}

impl Calibration {
    /// The first `count` samples of the calibration split of the data set `name`.
    ///
    /// # Errors
    ///
    /// For an unknown data set, or more samples than it has.
    pub fn of_dataset(
        name: &str,
        seed: u64,
        [height, width]: [usize; 2],
        count: usize,
    ) -> anyhow::Result<Self> {
        let data = Dataset::open(name, height, width, seed)?;
        let indices: Vec<usize> = (0..count).collect();
        let samples = data.samples(Split::Calibration, &indices)?;
        Ok(Self {
            samples: samples.iter().map(|sample| vec![image(sample)]).collect(),
            origin: format!("{count} images of the calibration split of {name}, seed {seed}"),
        })
    }

    /// The arrays at `path`, prepared as the network takes them: `[n, ...]`, where the rest is the
    /// shape of the input without its batch; images channels first or last. A file for a network
    /// of one input; a folder with a file per input, called as the input is, or of files with
    /// samples of the only input.
    ///
    /// # Errors
    ///
    /// When a file is missing or damaged, or its shape or type is not what the network takes.
    pub fn read(path: &Path, graph: &Graph) -> anyhow::Result<Self> {
        let per_input = match path.is_dir() {
            true => in_folder(path, graph)?,
            false => vec![vec![path.to_owned()]],
        };
        ensure!(
            per_input.len() == graph.inputs.len(),
            "the network has {} inputs ({}): give a folder with a file for each, such as `{}.npy`",
            graph.inputs.len(),
            names(graph),
            graph[graph.inputs[0]].name
        );
        let mut samples: Vec<Vec<Data>> = Vec::new();
        for (position, (&input, files)) in graph.inputs.iter().zip(&per_input).enumerate() {
            let of_input = of_input(graph, input, files)?;
            if position == 0 {
                samples = of_input.into_iter().map(|data| vec![data]).collect();
                continue;
            }
            ensure!(
                of_input.len() == samples.len(),
                "`{}` has {} samples, `{}` has {}: expected as many",
                graph[input].name,
                of_input.len(),
                graph[graph.inputs[0]].name,
                samples.len()
            );
            for (sample, data) in samples.iter_mut().zip(of_input) {
                sample.push(data);
            }
        }
        let count = samples.len();
        let origin = format!("{count} samples of {}", path.display());
        Ok(Self { samples, origin })
    }
}

/// The files of each input, in the order of the graph.
fn in_folder(folder: &Path, graph: &Graph) -> anyhow::Result<Vec<Vec<PathBuf>>> {
    let named = |id: &TensorId| folder.join(format!("{}.npy", graph[*id].name));
    if graph.inputs.iter().all(|id| named(id).exists()) {
        return Ok(graph.inputs.iter().map(|id| vec![named(id)]).collect());
    }
    ensure!(
        graph.inputs.len() == 1,
        "{} lacks a file for each input: expected {}.npy",
        folder.display(),
        names(graph).replace(", ", ".npy, ")
    );
    let entries = fs::read_dir(folder)
        .with_context(|| format!("cannot list the folder {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "npy") {
            files.push(path);
        }
    }
    ensure!(
        !files.is_empty(),
        "{} holds no .npy file: save calibration samples with numpy.save",
        folder.display()
    );
    files.sort();
    Ok(vec![files])
}

/// The samples of one input in all `files`.
fn of_input(graph: &Graph, input: TensorId, files: &[PathBuf]) -> anyhow::Result<Vec<Data>> {
    let mut samples = Vec::new();
    for file in files {
        let array = npy::read(file)?;
        let cut = cut(graph, input, &array);
        samples.extend(cut.with_context(|| format!("array `{}`", file.display()))?);
    }
    Ok(samples)
}

/// The samples in one array.
fn cut(graph: &Graph, input: TensorId, array: &Array) -> anyhow::Result<Vec<Data>> {
    let tensor = &graph[input];
    let Data::F32(elements) = &array.data else {
        bail!(
            "holds {}, `{}` takes {}: expected float32, prepared as the network takes it",
            array.data.dtype(),
            tensor.name,
            DataType::F32
        );
    };
    let wanted = tensor.shape.to_vec();
    let one = tensor.shape.elements();
    // An array of one sample may leave the batch out.
    let extents = match array.shape.len() + 1 == wanted.len() {
        true => &array.shape[..],
        false => array.shape.get(1..).unwrap_or_default(),
    };
    let last = extents == wanted.get(1..).unwrap_or_default() && !elements.is_empty();
    let channels_first = match *wanted {
        [_, h, w, c] => extents == [c, h, w] && !elements.is_empty(),
        _ => false,
    };
    ensure!(
        (last || channels_first) && elements.len().is_multiple_of(one),
        "is {:?}, `{}` takes samples of {}: expected [n, ...], images channels first or last",
        array.shape,
        tensor.name,
        tensor.shape
    );
    let samples = elements.chunks_exact(one);
    Ok(samples
        .map(|sample| {
            Data::F32(match *wanted {
                [n, h, w, c] if !last => channels_last(sample, [n, c, h * w]).into(),
                _ => sample.into(),
            })
        })
        .collect())
}

/// `[n, c, pixels]` as `[n, pixels, c]`.
fn channels_last(elements: &[f32], [n, c, pixels]: [usize; 3]) -> Vec<f32> {
    let mut moved = Vec::with_capacity(elements.len());
    for image in 0..n {
        for pixel in 0..pixels {
            moved.extend((0..c).map(|channel| elements[(image * c + channel) * pixels + pixel]));
        }
    }
    moved
}

fn names(graph: &Graph) -> String {
    let names = graph.inputs.iter().map(|&id| graph[id].name.as_str());
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use kernels::GraphBuilder;

    use super::*;

    /// A network of one input, `[1, 2, 2, 3]`.
    fn graph() -> Graph {
        let mut b = GraphBuilder::new("one");
        let x = b.input("image", [1, 2, 2, 3], DataType::F32);
        b.output(x);
        b.finish()
    }

    fn saved(shape: &[usize], data: Data) -> tempfile::NamedTempFile {
        let file = tempfile::Builder::new().suffix(".npy").tempfile().unwrap();
        let shape = shape.to_vec();
        fs::write(file.path(), npy::bytes(&Array { shape, data }).unwrap()).unwrap();
        file
    }

    fn ramp(count: u8) -> Data {
        Data::F32((0..count).map(f32::from).collect())
    }

    #[test]
    fn channels_first_and_last_are_told_apart() {
        let last = saved(&[2, 2, 2, 3], ramp(24));
        let samples = Calibration::read(last.path(), &graph()).unwrap().samples;
        assert_eq!(samples.len(), 2);
        assert_eq!(samples[0][0], ramp(12));
        let first = saved(&[1, 3, 2, 2], ramp(12));
        let samples = Calibration::read(first.path(), &graph()).unwrap().samples;
        let expected = [0., 4., 8., 1., 5., 9., 2., 6., 10., 3., 7., 11.];
        assert_eq!(samples, [[Data::F32(expected.into())]]);
        let alone = saved(&[2, 2, 3], ramp(12));
        let samples = Calibration::read(alone.path(), &graph()).unwrap().samples;
        assert_eq!(samples, [[ramp(12)]]);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_both_shapes() {
        for (shape, data, parts) in [
            (vec![1, 2, 2, 4], ramp(16), ["[1, 2, 2, 4]", "[1, 2, 2, 3]"]),
            (vec![0, 2, 2, 3], ramp(0), ["[0, 2, 2, 3]", "`image`"]),
            (vec![12], ramp(12), ["[12]", "`image`"]),
            (
                vec![1, 2, 2, 3],
                Data::U8([0; 12].into()),
                ["u8", "float32"],
            ),
        ] {
            let file = saved(&shape, data);
            let error = Calibration::read(file.path(), &graph()).unwrap_err();
            let error = format!("{error:#}");
            for part in parts {
                assert!(error.contains(part), "{error}");
            }
        }
        let empty = tempfile::tempdir().unwrap();
        let error = Calibration::read(empty.path(), &graph()).unwrap_err();
        assert!(error.to_string().contains("no .npy file"), "{error}");
    }
}
