//! The labeled set of `NYUv2` as it is downloaded: `nyu_depth_v2_labeled.mat`, an HDF5 file (MATLAB
//! 7.3) of images and depths.
//!
//! What is published apart is read where it lies beside it: the 40 classes of Gupta et al. in
//! `labels40.mat`, without which there is no segmentation (the labels of the set itself are of 894
//! classes), and the split in `splits.mat`, without which all images are for training.
//! HDF5 shows the axes in the order opposite to that of MATLAB: columns come before rows.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use hdf5_reader::{Dataset, H5Type, Hdf5File, OpenOptions, SliceInfo, SliceInfoElem};

use super::coding::{DepthCoding, LabelCoding};
use super::list::{Given, Lists, apart};
use super::mat5::Array;
use super::{depth, labels};
use crate::data::VOID;
use crate::data::class_set::ClassSet;
use crate::data::contents::Contents;
use crate::data::error::{FETCH_AGAIN, Problem};
use crate::data::sample::Sample;
use crate::data::split::Split;
use crate::task::Task;

/// The file of the split, which counts images from 1.
const SPLITS: &str = "splits.mat";

/// The file of the 40 classes: 0 for none, else counted from 1.
const LABELS: &str = "labels40.mat";

/// The most images that a file may say it has: more is damage.
const COUNT_MAX: usize = 1_000_000;

/// The most bytes that the values of an image may take: more is damage.
const IMAGE_BYTES_MAX: usize = 1 << 28;

/// The open file, and what lies beside it.
pub(in crate::data) struct Labeled {
    path: PathBuf,
    contents: Contents,
    size: [usize; 2],
    /// `[n, 3, width, height]`, bytes.
    images: Dataset,
    /// `[n, width, height]`, meters, 0 where there is none.
    depths: Dataset,
    /// `[height, width, n]`, the first index fastest.
    classes: Option<Array>,
    lists: Lists<usize>,
}

/// Opens the file at `path`.
pub(in crate::data) fn nyuv2_raw(path: &Path) -> Result<Labeled, Problem> {
    fs::metadata(path).map_err(|error| Problem::unreadable(path, &error))?;
    let unread = |error| unread(path, error);
    let options = OpenOptions {
        max_read_bytes: IMAGE_BYTES_MAX,
        ..OpenOptions::default()
    };
    let file = Hdf5File::open_with_options(path, options).map_err(&unread)?;
    let images = file.dataset("images").map_err(&unread)?;
    let depths = file.dataset("depths").map_err(&unread)?;
    let [count, height, width] = shape(path, images.shape(), depths.shape())?;
    let beside = |name: &str| Some(path.with_file_name(name)).filter(|path| path.exists());
    let classes = beside(LABELS).map(|file| classes(&file, [height, width, count]));
    let classes = classes.transpose()?;
    let given = match beside(SPLITS) {
        Some(file) => {
            let train = numbers(&file, "trainNdxs", count)?;
            let test = numbers(&file, "testNdxs", count)?;
            let all = train.iter().chain(&test);
            apart(&file, all.map(|index| format!("image {}", index + 1)))?;
            Given {
                train,
                test,
                ..Given::default()
            }
        }
        None => Given {
            train: (0..count).collect(),
            ..Given::default()
        },
    };
    let indoor = Contents::indoor();
    let (tasks, named) = match classes {
        Some(_) => (vec![Task::Segmentation, Task::Depth], indoor.classes),
        None => (vec![Task::Depth], ClassSet::default()),
    };
    Ok(Labeled {
        path: path.to_owned(),
        contents: Contents {
            tasks,
            classes: named,
            depth: indoor.depth,
        },
        size: [height, width],
        images,
        depths,
        classes,
        lists: Lists::new(path, given)?,
    })
}

impl Labeled {
    /// What it is about.
    pub(in crate::data) fn contents(&self) -> &Contents {
        &self.contents
    }

    /// How many samples `split` has.
    pub(in crate::data) fn len(&self, split: Split) -> usize {
        self.lists.of(split).len()
    }

    /// What a person calls a sample that exists.
    pub(in crate::data) fn label(&self, split: Split, index: usize) -> String {
        self.place(self.lists.of(split)[index])
            .display()
            .to_string()
    }

    /// A sample that exists, in the size of its image.
    pub(in crate::data) fn read(&self, split: Split, index: usize) -> Result<Sample, Problem> {
        let number = self.lists.of(split)[index];
        let [height, width] = self.size;
        let place = self.place(number);
        let rgb = slice(&self.images, number).map_err(|error| unread(&self.path, error))?;
        let depth = slice(&self.depths, number).map_err(|error| unread(&self.path, error))?;
        let depth = rows(&depth, 1, self.size);
        let label = match &self.classes {
            Some(classes) => {
                let stored =
                    (0..height * width).map(|at| classes.whole(number * height * width + at));
                let stored: Vec<i64> = stored.collect();
                let stored = rows(&stored, 1, self.size);
                let place = self
                    .path
                    .with_file_name(format!("{LABELS}, image {}", number + 1));
                labels::decoded(&place, &coding(), &stored, width)?
            }
            None => vec![VOID; height * width],
        };
        Ok(Sample {
            height,
            width,
            rgb: rows(&rgb, 3, self.size),
            label,
            depth: depth::decoded(&place, DepthCoding::default(), depth, width)?,
            normal: vec![0.0; height * width * 3],
        })
    }

    fn place(&self, number: usize) -> PathBuf {
        format!("{}, image {}", self.path.display(), number + 1).into()
    }
}

impl PartialEq for Labeled {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.lists == other.lists
    }
}

impl fmt::Debug for Labeled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Labeled").field(&self.path).finish()
    }
}

fn unread(path: &Path, error: hdf5_reader::error::Error) -> Problem {
    let found = format!("cannot be read as HDF5, which MATLAB 7.3 writes: {error}");
    Problem::new(path, found, FETCH_AGAIN)
}

/// How many images there are, their height and their width.
fn shape(path: &Path, images: &[u64], depths: &[u64]) -> Result<[usize; 3], Problem> {
    let sides = |&[n, width, height]: &[u64; 3]| [n, height, width].map(usize::try_from);
    let found = match (images, depths) {
        (&[n, 3, width, height], &[m, w, h]) if [n, width, height] == [m, w, h] => {
            match sides(&[n, width, height]) {
                [Ok(n), Ok(height), Ok(width)] if n <= COUNT_MAX && height > 0 && width > 0 => {
                    Some([n, height, width])
                }
                _ => None,
            }
        }
        _ => None,
    };
    found.ok_or_else(|| {
        Problem::new(
            path,
            format!(
                "holds `images` of the shape {images:?} and `depths` of {depths:?}, expected \
                 [n, 3, width, height] and [n, width, height]"
            ),
            FETCH_AGAIN,
        )
    })
}

/// The labels in `file`, of `shape`.
fn classes(file: &Path, shape: [usize; 3]) -> Result<Array, Problem> {
    let array = Array::read(file, "labels40")?;
    match array.shape == shape {
        true => Ok(array),
        false => Err(Problem::new(
            file,
            format!("has the shape {:?}, its images {shape:?}", array.shape),
            FETCH_AGAIN,
        )),
    }
}

/// The images that `file` lists under `name`, counted from 0.
fn numbers(file: &Path, name: &str, count: usize) -> Result<Vec<usize>, Problem> {
    let array = Array::read(file, name)?;
    let number = |at: usize| {
        let number = array.whole(at);
        let index = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
        let index = index.filter(|&index| index < count);
        index.ok_or_else(|| {
            Problem::new(
                file,
                format!("lists image {number} in `{name}`, expected 1 to {count}"),
                "take the split of the same set",
            )
        })
    };
    let mut numbers = (0..array.len())
        .map(number)
        .collect::<Result<Vec<_>, _>>()?;
    numbers.sort_unstable();
    Ok(numbers)
}

/// Values are classes counted from 1.
fn coding() -> LabelCoding {
    let classes = Contents::indoor().classes.len();
    LabelCoding {
        ignore: 0,
        classes: [VOID].into_iter().chain((0..VOID).take(classes)).collect(),
    }
}

/// All of image `number`.
fn slice<T: H5Type>(all: &Dataset, number: usize) -> Result<Vec<T>, hdf5_reader::error::Error> {
    let mut selection = SliceInfo::all(all.ndim());
    selection.selections[0] = SliceInfoElem::Index(number as u64);
    Ok(all.read_slice::<T>(&selection)?.into_iter().collect())
}

/// `[channels, width, height]` as `[height, width, channels]`.
fn rows<T: Copy>(columns: &[T], channels: usize, [height, width]: [usize; 2]) -> Vec<T> {
    let pixels = (0..height).flat_map(|row| (0..width).map(move |column| (row, column)));
    let values = pixels.flat_map(|(row, column)| {
        (0..channels).map(move |channel| (channel * width + column) * height + row)
    });
    values.map(|at| columns[at]).collect()
}
