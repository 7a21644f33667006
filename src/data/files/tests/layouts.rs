//! What is read from whole files of every layout.

use super::write::{self, PIXELS, SIZE, colors};
use crate::data::{Class, Dataset, DepthUnit, Sample, Split, VOID};
use crate::task::Task;

fn open(kind: &str, folder: &tempfile::TempDir, query: &str) -> Dataset {
    let name = format!("{kind}:{}{query}", folder.path().display());
    Dataset::open(&name, SIZE[0], SIZE[1], 0).unwrap()
}

fn lengths(data: &Dataset) -> [usize; 4] {
    Split::ALL.map(|split| data.len(split))
}

fn first(data: &Dataset, split: Split) -> Sample {
    data.sample(split, 0).unwrap()
}

#[test]
fn cityscapes_of_adashare_is_read_with_each_of_its_class_sets() {
    let folder = tempfile::tempdir().unwrap();
    write::cityscapes(folder.path());
    for (query, classes, label) in [("", 19, 8), ("?classes=7", 7, 1), ("?classes=2", 2, 0)] {
        let data = open("cityscapes", &folder, query);
        assert_eq!(data.contents().tasks, [Task::Segmentation, Task::Depth]);
        assert_eq!(data.contents().classes.len(), classes);
        assert_eq!(data.contents().depth, DepthUnit::Inverse);
        // The tenth of twelve is held out.
        assert_eq!(lengths(&data), [11, 1, 11, 2]);
        let held_out = first(&data, Split::Validation);
        assert_eq!(held_out.label[1], u8::try_from(9 % classes).unwrap());
        let ninth = data.sample(Split::Train, 8).unwrap();
        assert_eq!(ninth.label[1], label);
        assert_eq!((ninth.label[0], ninth.depth[0]), (VOID, 0.0));
        assert_eq!(ninth.depth[1], 0.125);
        assert_eq!(ninth.rgb, colors(8));
        assert!(ninth.normal.iter().all(|&v| v == 0.0));
    }
}

#[test]
fn nyuv2_of_adashare_is_read() {
    let folder = tempfile::tempdir().unwrap();
    write::nyuv2(folder.path());
    let data = open("nyuv2", &folder, "");
    assert_eq!(data.contents().tasks, Task::ALL);
    assert_eq!(data.contents().classes.len(), 40);
    assert_eq!(data.contents().depth, DepthUnit::Meters);
    assert_eq!(lengths(&data), [1, 0, 1, 1]);
    let sample = first(&data, Split::Test);
    assert_eq!((sample.label[0], sample.label[1]), (VOID, 39));
    assert_eq!((sample.depth[0], sample.depth[1]), (0.0, 2.5));
    assert_eq!(sample.normal[..3], [0.0; 3]);
    let x = sample.normal[3];
    assert!(x > 0.999, "{x}");
}

#[test]
fn the_labeled_set_of_nyuv2_is_read_with_what_lies_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let [labeled, labels, splits] = write::LABELED;
    let open = || {
        let name = format!("nyuv2-raw:{}", folder.path().join(labeled.0).display());
        Dataset::open(&name, SIZE[0], SIZE[1], 0).unwrap()
    };
    let write = |(name, bytes): (&str, &[u8])| write::file(&folder.path().join(name), bytes);
    write(labeled);
    let alone = open();
    assert_eq!(alone.contents().tasks, [Task::Depth]);
    assert_eq!(alone.contents().depth, DepthUnit::Meters);
    assert_eq!(lengths(&alone), [4, 0, 4, 0]);
    assert!(
        first(&alone, Split::Train)
            .label
            .iter()
            .all(|&label| label == VOID)
    );
    write(labels);
    write(splits);
    let data = open();
    assert_eq!(data.contents().tasks, [Task::Segmentation, Task::Depth]);
    assert_eq!(lengths(&data), [3, 0, 3, 1]);
    for (split, index, number) in [(Split::Train, 2, 3), (Split::Test, 0, 1)] {
        let sample = data.sample(split, index).unwrap();
        for at in 0..PIXELS {
            let (row, column) = (at / SIZE[1], at % SIZE[1]);
            let color = |channel: usize| 50 * number + 20 * channel + 3 * column + 7 * row;
            let colors = [0, 1, 2].map(|channel| u8::try_from(color(channel) % 256).unwrap());
            assert_eq!(sample.rgb[3 * at..][..3], colors);
            let depth = 1.0 + number as f32 + row as f32 / 4.0 + column as f32 / 8.0;
            assert_eq!(sample.depth[at], depth);
            let class = match (row + 2 * column + number) % 41 {
                0 => VOID,
                class => u8::try_from(class - 1).unwrap(),
            };
            assert_eq!(sample.label[at], class);
        }
    }
    assert!(
        data.label(Split::Test, 0)
            .ends_with("nyu_depth_v2_labeled.mat, image 2")
    );
}

#[test]
fn raw_cityscapes_is_read_and_grouped() {
    let folder = tempfile::tempdir().unwrap();
    write::cityscapes_raw(folder.path());
    let data = open("cityscapes-raw", &folder, "");
    assert_eq!(lengths(&data), [2, 0, 2, 1]);
    let sample = first(&data, Split::Train);
    let labels = [Class::Road.id(), Class::Car.id(), VOID, VOID];
    assert_eq!(sample.label[..4], labels);
    let expected = [0.0, 0.0, 256.0 / 65535.0, 32256.0 / 65535.0];
    assert_eq!(sample.depth[..4], expected);
    let grouped = first(&open("cityscapes-raw", &folder, "?classes=7"), Split::Test);
    assert_eq!(grouped.label[..4], [0, 6, VOID, VOID]);
}

#[test]
fn train_ids_of_raw_cityscapes_are_taken_where_all_images_have_them() {
    let folder = tempfile::tempdir().unwrap();
    write::cityscapes_raw(folder.path());
    for (split, city) in [("val", "lindau"), ("train", "aachen"), ("train", "bochum")] {
        let data = open("cityscapes-raw", &folder, "");
        let ids = [Split::Train, Split::Test].map(|split| first(&data, split).label[..2].to_vec());
        assert_eq!(
            ids,
            [[Class::Road.id(), Class::Car.id()]; 2],
            "before {city}"
        );
        let name = format!("gtFine/{split}/{city}/{city}_000000_000019_gtFine_labelTrainIds.png");
        let labels: Vec<u8> = (0..PIXELS).map(|at| [13, 255][at % 2]).collect();
        write::gray(&folder.path().join(name), &labels);
    }
    let data = open("cityscapes-raw", &folder, "");
    for split in [Split::Train, Split::Test] {
        assert_eq!(first(&data, split).label[..2], [Class::Car.id(), VOID]);
    }
}

#[test]
fn raw_cityscapes_without_disparity_is_a_segmentation() {
    let folder = tempfile::tempdir().unwrap();
    write::cityscapes_raw(folder.path());
    std::fs::remove_dir_all(folder.path().join("disparity")).unwrap();
    let data = open("cityscapes-raw", &folder, "");
    assert_eq!(data.contents().tasks, [Task::Segmentation]);
    assert!(
        first(&data, Split::Train)
            .depth
            .iter()
            .all(|&depth| depth == 0.0)
    );
}

#[test]
fn a_folder_says_what_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    write::folder(folder.path());
    let data = open("folder", &folder, "");
    let names: Vec<&str> = data.contents().classes.names().collect();
    assert_eq!(names, ["ground", "thing"]);
    assert_eq!(lengths(&data), [2, 1, 2, 1]);
    let sample = first(&data, Split::Test);
    assert_eq!(sample.rgb, colors(3));
    assert_eq!(sample.label[..3], [0, 1, VOID]);
    assert_eq!(sample.depth[0], 1500.0 * 0.001);
    assert_eq!(sample.normal[..3], [0.0, 0.0, -1.0]);
}

#[test]
fn a_folder_may_have_any_of_the_tasks_and_no_lists() {
    let folder = tempfile::tempdir().unwrap();
    write::folder(folder.path());
    for gone in ["seg", "normals"] {
        std::fs::remove_dir_all(folder.path().join(gone)).unwrap();
    }
    write::file(
        &folder.path().join("dataset.toml"),
        b"[depth]\nunit = \"inverse\"\n",
    );
    let data = open("folder", &folder, "");
    assert_eq!(data.contents().tasks, [Task::Depth]);
    assert_eq!(data.contents().depth, DepthUnit::Inverse);
    assert_eq!(lengths(&data), [4, 0, 4, 0]);
}

#[test]
fn images_of_a_folder_may_be_jpeg_files() {
    let folder = tempfile::tempdir().unwrap();
    write::folder(folder.path());
    // Cameras write large letters, and films behind a picture.
    let with_film = [write::JPEG, &[0, 0xff, 0xda, 1, 2, 3]].concat();
    for (name, ending) in [("a", "jpg"), ("b", "JPEG")] {
        let image = folder.path().join("images").join(name);
        std::fs::remove_file(image.with_extension("png")).unwrap();
        write::file(&image.with_extension(ending), &with_film);
    }
    let data = open("folder", &folder, "");
    for index in 0..2 {
        let sample = data.sample(Split::Train, index).unwrap();
        for (at, color) in sample.rgb.chunks_exact(3).enumerate() {
            let (row, column) = (at / 24 / 8, at % 24 / 8);
            let expected = [50 + 100 * row, 40 + 80 * column, 200 - 80 * column];
            for (&found, expected) in color.iter().zip(expected) {
                let off = usize::from(found).abs_diff(expected);
                assert!(off <= 2, "{color:?} in block {row}, {column}");
            }
        }
    }
}

#[test]
fn samples_have_the_size_that_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    write::folder(folder.path());
    let name = format!("folder:{}", folder.path().display());
    let data = Dataset::open(&name, 32, 32, 0).unwrap();
    let sample = first(&data, Split::Train);
    assert_eq!((sample.height, sample.width), (32, 32));
    assert_eq!(sample.label.len(), 32 * 32);
    let original = data.original(Split::Train, 0).unwrap();
    assert_eq!([original.height, original.width], SIZE);
}
