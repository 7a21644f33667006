//! The names of data sets: what kind, where its files are, and which of its class sets.

use std::path::PathBuf;

use super::error::DataError;

/// The data sets that [`Dataset::open`](super::Dataset::open) knows.
pub const KNOWN_DATASETS: [&str; 7] = [
    "scenes",
    "scenes-indoor",
    "cityscapes:DIR",
    "nyuv2:DIR",
    "cityscapes-raw:DIR",
    "nyuv2-raw:FILE.mat",
    "folder:DIR",
];

/// A name, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// Procedural streets.
    Scenes,
    /// Procedural rooms.
    Indoor,
    /// AdaShare's arrays of Cityscapes with so many classes.
    Cityscapes(PathBuf, usize),
    /// AdaShare's files of `NYUv2`.
    Nyuv2(PathBuf),
    /// Cityscapes as it is downloaded, with so many classes.
    CityscapesRaw(PathBuf, usize),
    /// The labeled set of `NYUv2` as it is downloaded.
    Nyuv2Raw(PathBuf),
    /// A user's own.
    Folder(PathBuf),
}

/// The classes of Cityscapes where nothing is asked for.
const CITYSCAPES_CLASSES: usize = 19;

impl Name {
    pub(super) fn parse(name: &str) -> Result<Self, DataError> {
        let (kind, place) = match name.split_once(':') {
            Some((kind, place)) => (kind, Some(place)),
            None => (name, None),
        };
        let wrong = |problem: String| DataError::Name {
            name: name.to_owned(),
            problem,
        };
        let place = || match place {
            Some(place) if !place.is_empty() => Ok(place),
            Some(_) | None => {
                let what = if kind == "nyuv2-raw" {
                    "FILE.mat"
                } else {
                    "DIR"
                };
                Err(wrong(format!(
                    "says no place, expected {kind}:{what}, the place of its files"
                )))
            }
        };
        let alone = |found: Self| match name == kind {
            true => Ok(found),
            false => Err(wrong(format!("takes no place, expected `{kind}`"))),
        };
        let of_classes = |known: &[usize]| -> Result<(PathBuf, usize), DataError> {
            let place = place()?;
            let Some((path, query)) = place.rsplit_once('?') else {
                return Ok((place.into(), CITYSCAPES_CLASSES));
            };
            let asked = query.strip_prefix("classes=").and_then(|n| n.parse().ok());
            let Some(classes) = asked.filter(|classes| known.contains(classes)) else {
                let known: Vec<String> = known.iter().map(usize::to_string).collect();
                return Err(wrong(format!(
                    "`?{query}` is unknown, expected ?classes=N with N one of {}",
                    known.join(", ")
                )));
            };
            Ok((path.into(), classes))
        };
        match kind {
            "scenes" => alone(Self::Scenes),
            "scenes-indoor" => alone(Self::Indoor),
            "cityscapes" => {
                of_classes(&[2, 7, 19]).map(|(path, classes)| Self::Cityscapes(path, classes))
            }
            "cityscapes-raw" => {
                of_classes(&[7, 19]).map(|(path, classes)| Self::CityscapesRaw(path, classes))
            }
            "nyuv2" => Ok(Self::Nyuv2(place()?.into())),
            "nyuv2-raw" => Ok(Self::Nyuv2Raw(place()?.into())),
            "folder" => Ok(Self::Folder(place()?.into())),
            _ => Err(DataError::Unknown {
                name: name.to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        let parsed = |name| Name::parse(name).unwrap();
        assert_eq!(parsed("scenes"), Name::Scenes);
        assert_eq!(parsed("folder:a:b"), Name::Folder("a:b".into()));
        let of = |classes| Name::Cityscapes("/d/c".into(), classes);
        assert_eq!(parsed("cityscapes:/d/c"), of(19));
        assert_eq!(parsed("cityscapes:/d/c?classes=2"), of(2));
    }

    #[test]
    fn what_is_wrong_with_a_name_is_said() {
        for (name, part) in [
            (
                "kitti",
                "there is no data set 'kitti'; known: scenes, scenes-indoor, ",
            ),
            ("cityscapes", "expected cityscapes:DIR"),
            ("nyuv2-raw:", "expected nyuv2-raw:FILE.mat"),
            ("scenes:/tmp", "takes no place"),
            ("cityscapes:/d?classes=20", "one of 2, 7, 19"),
            ("cityscapes-raw:/d?classes=2", "one of 7, 19"),
            ("cityscapes:/d?class=7", "`?class=7` is unknown"),
        ] {
            let error = Name::parse(name).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
