//! A user's own data set: `images/`, any of `seg/`, `depth/` and `normals/`, and `dataset.toml`.
//!
//! The files of a sample have one name in all folders, `.png` or `.npy`, for images `.jpg` too.
//! `dataset.toml` says what they hold; `docs/data.md` has its keys.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Files;
use super::cityscapes_raw::listed;
use super::coding::{Coding, DepthCoding, LabelCoding, NormalCoding};
use super::image::ending;
use super::list::{Entry, Given, Lists, apart};
use crate::data::class_set::{CLASSES_MAX, ClassSet};
use crate::data::contents::{Contents, DepthUnit};
use crate::data::error::Problem;
use crate::task::Task;

const DESCRIPTION: &str = "dataset.toml";

/// How the names of images end.
const OF_IMAGES: &[&str] = &["png", "npy", "jpg", "jpeg"];

/// How the names of labels, depth and normals end: those that keep every value.
const OF_LABELS: &[&str] = &["png", "npy"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    #[serde(default)]
    seg: Seg,
    #[serde(default)]
    depth: Depth,
    #[serde(default)]
    normals: Normals,
    #[serde(default)]
    splits: Splits,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Seg {
    classes: Vec<String>,
    ignore: Option<i64>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Depth {
    unit: DepthUnit,
    scale: f32,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Normals {
    ignore: [u8; 3],
}

/// Each split, as names of samples without their endings.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Splits {
    train: Option<Names>,
    val: Option<Names>,
    test: Option<Names>,
    calibration: Option<Names>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    /// The names themselves.
    Listed(Vec<String>),
    /// A file of them, one a line.
    File(String),
}

impl Default for Depth {
    fn default() -> Self {
        Self {
            unit: DepthUnit::Meters,
            scale: 1.0,
        }
    }
}

/// Opens the folder `root`.
pub(in crate::data) fn folder(root: &Path) -> Result<Files, Problem> {
    let path = root.join(DESCRIPTION);
    let description = read(&path)?;
    let stored = Stored::list(root)?;
    let given = stored.splits(root, &path, &description.splits)?;
    Ok(Files {
        coding: Coding {
            labels: LabelCoding::ids(
                description.seg.classes.len(),
                description.seg.ignore.unwrap_or(255),
            ),
            depth: DepthCoding::Scaled(description.depth.scale),
            normals: NormalCoding {
                ignore: description.normals.ignore,
            },
        },
        contents: contents(&path, &description, &stored)?,
        lists: Lists::new(&path, given)?,
    })
}

fn read(path: &Path) -> Result<Description, Problem> {
    let text = fs::read_to_string(path).map_err(|error| {
        let mut problem = Problem::unreadable(path, &error);
        problem.remedy = "write it beside images/, as docs/data.md shows".to_owned();
        problem
    })?;
    toml::from_str(&text).map_err(|error| {
        let found = format!("cannot be understood: {}", error.to_string().trim_end());
        Problem::new(path, found, "docs/data.md has its keys")
    })
}

fn contents(path: &Path, description: &Description, stored: &Stored) -> Result<Contents, Problem> {
    let refuse = |found: String, remedy: &str| Err(Problem::new(path, found, remedy));
    let classes = &description.seg.classes;
    let tasks: Vec<Task> = Task::ALL
        .into_iter()
        .filter(|task| stored.labels.contains_key(task))
        .collect();
    if tasks.is_empty() {
        let found = "stands beside no seg/, depth/ or normals/".to_owned();
        return refuse(found, "add the labels of one task or more");
    }
    if tasks.contains(&Task::Segmentation) && classes.is_empty() {
        let found = "names no classes, and there is a folder seg/".to_owned();
        return refuse(found, "add [seg] with classes = [\"first\", \"second\"]");
    }
    if classes.len() > CLASSES_MAX {
        let found = format!("names {} classes", classes.len());
        return refuse(found, "name 255 at most");
    }
    let distinct: BTreeSet<&String> = classes.iter().collect();
    if distinct.len() != classes.len() {
        let found = "names a class twice".to_owned();
        return refuse(found, "give every class a name of its own");
    }
    let scale = description.depth.scale;
    if !(scale > 0.0 && scale.is_finite()) {
        let found = format!("has depth.scale = {scale}");
        return refuse(
            found,
            "give the factor from stored numbers to depth, above 0",
        );
    }
    Ok(Contents {
        tasks,
        classes: ClassSet::new(classes),
        depth: description.depth.unit,
    })
}

/// The files that are there, by the name of their sample.
struct Stored {
    images: BTreeMap<String, PathBuf>,
    labels: BTreeMap<Task, BTreeMap<String, PathBuf>>,
}

impl Stored {
    fn list(root: &Path) -> Result<Self, Problem> {
        let images = by_name(&root.join("images"), OF_IMAGES)?;
        let mut labels = BTreeMap::new();
        for task in Task::ALL {
            let folder = root.join(task.name());
            if folder.is_dir() {
                labels.insert(task, by_name(&folder, OF_LABELS)?);
            }
        }
        Ok(Self { images, labels })
    }

    fn splits(&self, root: &Path, path: &Path, splits: &Splits) -> Result<Given<Entry>, Problem> {
        let of = |names: &Option<Names>| -> Result<Option<Vec<Entry>>, Problem> {
            let Some(names) = names else {
                return Ok(None);
            };
            let (place, names) = names.read(root, path)?;
            let entries = names.iter().map(|name| self.entry(root, &place, name));
            entries.collect::<Result<_, _>>().map(Some)
        };
        let named = [&splits.val, &splits.test, &splits.calibration];
        let train = match of(&splits.train)? {
            Some(train) => train,
            None if named.iter().all(|names| names.is_none()) => {
                let names = self.images.keys();
                let entries = names.map(|name| self.entry(root, path, name));
                entries.collect::<Result<_, _>>()?
            }
            None => {
                return Err(Problem::new(
                    path,
                    "has [splits] without `train`",
                    "list the samples of `train` too",
                ));
            }
        };
        let validation = of(&splits.val)?;
        let test = of(&splits.test)?.unwrap_or_default();
        let all = train.iter().chain(validation.iter().flatten()).chain(&test);
        apart(path, all.map(|entry| entry.image.display().to_string()))?;
        Ok(Given {
            train,
            validation,
            calibration: of(&splits.calibration)?,
            test,
        })
    }

    /// The files of the sample called `name`, which `place` lists.
    fn entry(&self, root: &Path, place: &Path, name: &str) -> Result<Entry, Problem> {
        let missing = |folder: &str, endings: &[&str]| {
            Problem::new(
                place,
                format!(
                    "lists `{name}`, and there is no {folder}/{name}.{}",
                    endings.join(" or .")
                ),
                format!("add the file to {}, or take the sample out", root.display()),
            )
        };
        let label = |task: Task| match self.labels.get(&task) {
            None => Ok(None),
            Some(files) => match files.get(name) {
                Some(path) => Ok(Some(path.clone())),
                None => Err(missing(task.name(), OF_LABELS)),
            },
        };
        let image = self.images.get(name).cloned();
        Ok(Entry {
            image: image.ok_or_else(|| missing("images", OF_IMAGES))?,
            seg: label(Task::Segmentation)?,
            depth: label(Task::Depth)?,
            normals: label(Task::Normals)?,
        })
    }
}

impl Names {
    /// The names, and the file that lists them.
    fn read(&self, root: &Path, path: &Path) -> Result<(PathBuf, Vec<String>), Problem> {
        match self {
            Self::Listed(names) => Ok((path.to_owned(), names.clone())),
            Self::File(file) => {
                let file = root.join(file);
                let text = fs::read_to_string(&file);
                let text = text.map_err(|error| Problem::unreadable(&file, &error))?;
                let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                let names = lines.map(str::to_owned).collect();
                Ok((file, names))
            }
        }
    }
}

/// The files of a folder that end so, by their names without the ending.
fn by_name(folder: &Path, endings: &[&str]) -> Result<BTreeMap<String, PathBuf>, Problem> {
    let mut files = BTreeMap::new();
    for path in listed(folder)? {
        let ending = ending(&path);
        let Some(name) = path.file_stem().filter(|_| endings.contains(&&*ending)) else {
            continue;
        };
        let name = name.to_string_lossy().into_owned();
        if let Some(other) = files.insert(name, path.clone()) {
            return Err(Problem::new(
                &path,
                format!("has the name of {}", other.display()),
                "keep one of both",
            ));
        }
    }
    if files.is_empty() {
        return Err(Problem::new(
            folder,
            format!("holds no file that ends in .{}", endings.join(" or .")),
            "add one file of these kinds a sample",
        ));
    }
    Ok(files)
}
