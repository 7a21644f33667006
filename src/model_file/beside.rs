//! Constants of ONNX models that lie in files beside them.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Component, Path};

use anyhow::ensure;
use exporters::onnx;

/// Bytes of a file beside the model; nothing when there is no such file.
pub(super) fn beside(folder: &Path, region: &onnx::Region<'_>) -> anyhow::Result<Option<Vec<u8>>> {
    let location = Path::new(region.location);
    let stays = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    ensure!(
        location.components().all(stays),
        "external data must lie in the model's folder"
    );
    let path = match folder.join(location).canonicalize() {
        Ok(path) => path,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    ensure!(
        path.starts_with(folder.canonicalize()?),
        "external data must lie in the model's folder, and this is a link to {}",
        path.display()
    );
    let metadata = fs::metadata(&path)?;
    ensure!(metadata.is_file(), "external data must be a file");
    let end = region.offset.checked_add(region.length as u64);
    ensure!(
        end.is_some_and(|end| end <= metadata.len()),
        "has {} bytes, and the model wants {} from {} on",
        metadata.len(),
        region.length,
        region.offset
    );
    let mut file = File::open(&path)?;
    file.seek(SeekFrom::Start(region.offset))?;
    let mut bytes = vec![0; region.length];
    file.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(location: &str, offset: u64, length: usize) -> onnx::Region<'_> {
        onnx::Region {
            location,
            offset,
            length,
        }
    }

    #[test]
    fn only_what_lies_beside_the_model_is_read() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("model");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("weights.bin"), b"0123456789").unwrap();
        fs::write(root.path().join("secret"), b"0123456789").unwrap();
        let read = |location, offset, length| beside(&folder, &region(location, offset, length));
        assert_eq!(read("weights.bin", 2, 3).unwrap().unwrap(), b"234");
        assert_eq!(read("./weights.bin", 0, 1).unwrap().unwrap(), b"0");
        assert_eq!(read("missing.bin", 0, 1).unwrap(), None);
        let outside = root.path().join("secret");
        for location in ["../secret", outside.to_str().unwrap(), "a/../../secret"] {
            let error = read(location, 0, 1).unwrap_err().to_string();
            assert!(error.contains("in the model's folder"), "{error}");
        }
        let error = read("weights.bin", 8, 3).unwrap_err().to_string();
        assert_eq!(error, "has 10 bytes, and the model wants 3 from 8 on");
        assert!(read("weights.bin", u64::MAX, 3).is_err());
        assert!(read(".", 0, 1).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_that_leave_the_folder_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("model");
        fs::create_dir(&folder).unwrap();
        fs::write(root.path().join("secret"), b"0123456789").unwrap();
        std::os::unix::fs::symlink(root.path().join("secret"), folder.join("link")).unwrap();
        let error = beside(&folder, &region("link", 0, 1)).unwrap_err();
        assert!(error.to_string().contains("this is a link to"), "{error}");
    }
}
