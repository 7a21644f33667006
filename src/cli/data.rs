//! `ednas data`: what a data set holds, and pictures of it.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::{Subcommand, ValueEnum};
use rayon::prelude::*;

use super::exit::OrBadInput;
use super::{options, output};
use crate::data::{Dataset, Sample, Split};
use crate::report::data::DataRecord;
use crate::report::{Picture, progress, write_atomically};

/// Arguments of `ednas data`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Says how large each split is and how often each class occurs.
    Show {
        #[command(flatten)]
        choice: Choice,

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

#[derive(Debug, clap::Args)]
struct Choice {
    /// The data set.
    #[arg(long, default_value = "scenes")]
    data: String,
    /// The split.
    #[arg(long, value_enum, default_value = "val")]
    split: SplitName,
    /// How many samples to look at.
    #[arg(long, default_value_t = 16)]
    count: usize,
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

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SplitName {
    Train,
    Val,
    Calibration,
}

impl SplitName {
    fn split(self) -> Split {
        match self {
            Self::Train => Split::Train,
            Self::Val => Split::Validation,
            Self::Calibration => Split::Calibration,
        }
    }
}

pub(super) fn run(args: &Args) -> Result<()> {
    match &args.action {
        Action::Show { choice, json } => show(choice, *json),
        Action::Render { choice, out } => render(choice, out),
    }
}

fn show(choice: &Choice, json: bool) -> Result<()> {
    let (data, indices) = open(choice)?;
    let split = choice.split.split();
    let record = DataRecord::new(&choice.data, &data, split, &data.samples(split, &indices)?);
    if json {
        output::print_record(&record)
    } else {
        output::print(&record.table())
    }
}

fn render(choice: &Choice, out: &std::path::Path) -> Result<()> {
    let (data, indices) = open(choice)?;
    let split = choice.split.split();
    let bar = progress("rendering", u64::try_from(indices.len())?);
    let rows: Vec<[Picture; 4]> = indices
        .par_iter()
        .map(|&index| {
            let pictures = pictures(&data.sample(split, index)?);
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
    ensure!(choice.count > 0, "--count must be 1 or more");
    let end = choice.first.saturating_add(choice.count);
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
fn pictures(sample: &Sample) -> [Picture; 4] {
    let (h, w) = (sample.height, sample.width);
    [
        Picture::image(h, w, &sample.rgb),
        Picture::labels(h, w, &sample.label),
        Picture::depth(h, w, &sample.depth),
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
            count: 2,
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
