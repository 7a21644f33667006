//! `ednas data`: whether a data set is whole, what it holds, and pictures of it.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, ensure};
use clap::{Subcommand, ValueEnum};
use rayon::prelude::*;

use super::exit::OrBadInput;
use super::{options, output};
use crate::data::check::check;
use crate::data::{Contents, Dataset, Sample, Split};
use crate::report::data::{CheckRecord, DataRecord};
use crate::report::{Picture, progress, write_atomically};

/// Samples of each split that are looked at where a data set is drawn and has no end.
const DRAWN_CHECKED: usize = 16;

/// Arguments of `ednas data`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Reads every file of a data set, and says what is wrong with it, where, and what to do.
    Check {
        /// The data set: scenes, scenes-indoor, cityscapes:DIR, nyuv2:DIR, cityscapes-raw:DIR,
        /// nyuv2-raw:FILE.mat or folder:DIR.
        #[arg(value_name = "NAME")]
        name: String,

        /// The samples of each split that are read [default: all files; 16 of a set that is drawn].
        #[arg(long, value_name = "N")]
        count: Option<usize>,

        /// Print one `ednas.data-check/1` record instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Says how large each split is and how often each class occurs; with -o writes a contact sheet.
    Show {
        /// The data set, as --data.
        #[arg(value_name = "NAME", conflicts_with = "data")]
        name: Option<String>,

        #[command(flatten)]
        choice: Choice,

        /// Write a contact sheet, a row of image, labels, depth and normals for each sample.
        #[arg(long, short, value_name = "SHEET.png")]
        out: Option<PathBuf>,

        /// Print one `ednas.data/1` record instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Writes images, labels, depth and normals as PNG files, and one contact sheet.
    Render {
        #[command(flatten)]
        choice: Choice,
        /// The folder to write to; made if missing.
        #[arg(long, default_value = "runs/data")]
        out: PathBuf,
    },
}

#[derive(Clone, Debug, clap::Args)]
struct Choice {
    /// The data set.
    #[arg(long, default_value = "scenes")]
    data: String,
    /// The split.
    #[arg(long, value_enum, default_value = "val")]
    split: SplitName,
    /// How many samples to look at [default: 16, or all where there are fewer].
    #[arg(long)]
    count: Option<usize>,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    first: usize,
    /// Height and width of the image: `256` or `256x512`.
    #[arg(long, value_name = "SIZE", default_value = "256x512", value_parser = options::size)]
    size: [usize; 2],
    /// Another seed is another world of the same kind.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

/// Samples that are looked at where nothing is said.
const SHOWN: usize = 16;

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SplitName {
    Train,
    Val,
    Calibration,
    Test,
}

impl SplitName {
    fn split(self) -> Split {
        match self {
            Self::Train => Split::Train,
            Self::Val => Split::Validation,
            Self::Calibration => Split::Calibration,
            Self::Test => Split::Test,
        }
    }
}

pub(super) fn run(args: &Args) -> Result<()> {
    match &args.action {
        Action::Check { name, count, json } => checked(name, *count, *json),
        Action::Show {
            name,
            choice,
            out,
            json,
        } => {
            let data = name.clone().unwrap_or_else(|| choice.data.clone());
            let choice = Choice {
                data,
                ..choice.clone()
            };
            show(&choice, out.as_deref(), *json)
        }
        Action::Render { choice, out } => render(choice, out),
    }
}

fn checked(name: &str, count: Option<usize>, json: bool) -> Result<()> {
    ensure_some(count).or_bad_input()?;
    let data = Dataset::open(name, 256, 512, 0).or_bad_input()?;
    let all = if data.is_drawn() {
        DRAWN_CHECKED
    } else {
        usize::MAX
    };
    let count = count.unwrap_or(all);
    // Calibration is of Train, or drawn like it.
    let splits = [Split::Train, Split::Validation, Split::Test];
    let total: usize = splits.iter().map(|&split| data.len(split).min(count)).sum();
    let bar = progress("checking", u64::try_from(total)?);
    let found = splits.map(|split| (split, check(&data, split, count, || bar.inc(1))));
    bar.finish_and_clear();
    let record = CheckRecord::new(name, data.contents(), &found);
    if json {
        output::print_record(&record)?;
    } else {
        output::print(&record.text())?;
    }
    match record.problems() {
        0 => Ok(()),
        problems => Err(anyhow!(
            "{name} cannot be used: {problems} samples are listed above"
        ))
        .or_bad_input(),
    }
}

fn ensure_some(count: Option<usize>) -> Result<()> {
    ensure!(count != Some(0), "--count must be 1 or more");
    Ok(())
}

fn show(choice: &Choice, out: Option<&Path>, json: bool) -> Result<()> {
    let (data, indices) = open(choice)?;
    let split = choice.split.split();
    let samples = data.samples(split, &indices).or_bad_input()?;
    if let Some(out) = out {
        let pictures: Vec<Picture> = samples
            .iter()
            .flat_map(|sample| pictures(sample, data.contents()))
            .collect();
        write_atomically(out, &Picture::sheet(&pictures, 4, 4).png())?;
        eprintln!("wrote {}", out.display());
    }
    let record = DataRecord::new(&choice.data, &data, split, &samples);
    if json {
        output::print_record(&record)
    } else {
        output::print(&record.table())
    }
}

fn render(choice: &Choice, out: &Path) -> Result<()> {
    let (data, indices) = open(choice)?;
    let split = choice.split.split();
    let bar = progress("rendering", u64::try_from(indices.len())?);
    let rows: Vec<[Picture; 4]> = indices
        .par_iter()
        .map(|&index| {
            let pictures = pictures(&data.sample(split, index).or_bad_input()?, data.contents());
            for (picture, kind) in pictures.iter().zip(["rgb", "labels", "depth", "normals"]) {
                let name = format!("{}_{index:05}_{kind}.png", split.name());
                write_atomically(&out.join(name), &picture.png())?;
            }
            bar.inc(1);
            Ok(pictures)
        })
        .collect::<Result<_>>()?;
    bar.finish_and_clear();
    let sheet = out.join(format!("{}_sheet.png", split.name()));
    write_atomically(&sheet, &Picture::sheet(&rows.concat(), 4, 4).png())?;
    println!(
        "wrote {} pictures of {} samples and {}",
        rows.len() * 4,
        rows.len(),
        sheet.display()
    );
    Ok(())
}

fn open(choice: &Choice) -> Result<(Dataset, Vec<usize>)> {
    let [height, width] = choice.size;
    let data = Dataset::open(&choice.data, height, width, choice.seed).or_bad_input()?;
    let end = end_of(choice, data.len(choice.split.split())).or_bad_input()?;
    Ok((data, (choice.first..end).collect()))
}

/// One past the last sample asked for, of a split of `len`.
fn end_of(choice: &Choice, len: usize) -> Result<usize> {
    ensure_some(choice.count)?;
    ensure!(
        choice.first < len,
        "split '{}' has {len} samples, expected --first below that; other splits may have some",
        choice.split.split().name(),
    );
    let Some(count) = choice.count else {
        return Ok(len.min(choice.first + SHOWN));
    };
    let end = choice.first.saturating_add(count);
    ensure!(
        end <= len,
        "samples {} to {} were asked for, but split '{}' has {len}, counted from 0",
        choice.first,
        end - 1,
        choice.split.split().name(),
    );
    Ok(end)
}

/// Image, labels, depth and normals of a sample.
fn pictures(sample: &Sample, contents: &Contents) -> [Picture; 4] {
    let (h, w) = (sample.height, sample.width);
    [
        Picture::image(h, w, &sample.rgb),
        Picture::labels(h, w, &sample.label, &contents.classes),
        Picture::depth(h, w, &sample.depth, contents.depth),
        Picture::normals(h, w, &sample.normal),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_four_pictures_a_sample_and_a_sheet() {
        let folder = tempfile::tempdir().unwrap();
        let choice = Choice {
            data: "scenes".into(),
            split: SplitName::Calibration,
            count: Some(2),
            first: 3,
            size: [32, 64],
            seed: 5,
        };
        render(&choice, folder.path()).unwrap();
        let mut names: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names.len(), 9);
        assert_eq!(names[0], "calibration_00003_depth.png");
        assert_eq!(names[8], "calibration_sheet.png");
    }
}
