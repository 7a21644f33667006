//! The profiles that ship with this crate, as text.

use super::ProfileError;
use super::error::nearest;

/// The files below `profiles/`, by path without extension, in alphabetical order.
macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../profiles/", $name, ".toml")))),*]
    };
}

const PROFILES: &[(&str, &str)] = embedded![
    "coral-edgetpu",
    "ethos-u55-128",
    "ethos-u55-256",
    "ethos-u65-512",
    "ethos-u85-256",
    "gemmini-16x16",
    "kendryte-k210",
    "npu-512",
    "nvdla-large",
    "nvdla-small",
    "systolic-32x32-ws",
    "tpu-v1",
    "unverified/edgetpu-v1",
    "unverified/edgetpu-v2",
    "unverified/edgetpu-v3",
];

/// The names of the profiles that ship with this crate, in alphabetical order, those of machines
/// that nobody could check (`unverified/NAME`) last.
pub fn names() -> impl Iterator<Item = &'static str> {
    let all = || PROFILES.iter().map(|(name, _)| *name);
    all()
        .filter(|name| is_verified(name))
        .chain(all().filter(|name| !is_verified(name)))
}

/// Whether the numbers of the profile `name` could be checked against the machine or its papers.
#[must_use]
pub fn is_verified(name: &str) -> bool {
    !name.starts_with("unverified/")
}

/// Name and text of the profile `name`.
pub(super) fn find(name: &str) -> Result<(&'static str, &'static str), ProfileError> {
    let found = PROFILES.iter().find(|(known, _)| *known == name);
    found.copied().ok_or_else(|| {
        let all: Vec<String> = names().map(str::to_owned).collect();
        ProfileError::UnknownName {
            name: name.to_owned(),
            nearest: nearest(name, &all),
            known: all.into_iter().filter(|name| is_verified(name)).collect(),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::profile::Profile;

    fn files_in(folder: &str) -> BTreeSet<String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("profiles")
            .join(folder);
        let entries = std::fs::read_dir(path).into_iter().flatten();
        let paths = entries.map(|entry| entry.unwrap().path());
        let files = paths.filter(|path| path.extension().is_some_and(|e| e == "toml"));
        files
            .map(|file| format!("{folder}{}", file.file_stem().unwrap().to_str().unwrap()))
            .collect()
    }

    #[test]
    fn every_file_is_embedded_under_the_name_it_gives_itself() {
        let mut files = files_in("");
        files.extend(files_in("unverified/"));
        assert_eq!(names().map(str::to_owned).collect::<BTreeSet<_>>(), files);
        for name in names() {
            assert_eq!(Profile::named(name).unwrap().name(), name);
        }
    }

    #[test]
    fn what_nobody_could_check_says_so_in_its_name() {
        assert!(is_verified("coral-edgetpu:usb2"));
        assert!(!is_verified("unverified/edgetpu-v1"));
    }
}
