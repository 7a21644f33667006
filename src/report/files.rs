//! Whole files or none: written beside their place, synced, then renamed.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Writes `bytes` to `path` so that a reader, or a crash, sees the old file or the new one.
///
/// The bytes go to a temporary file in the same folder, which is made if it is missing, reach the
/// disk, and take the name in one step; that of the target where `path` is a link. What is no file,
/// such as a pipe or a device, is written to as it is.
///
/// # Errors
/// When the folder cannot be made, or the file cannot be written or renamed; the error names `path`.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    place(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// Removes the file at `path`, if there is one.
///
/// # Errors
/// When it cannot be removed; the error names `path`.
pub fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

fn place(path: &Path, bytes: &[u8]) -> Result<()> {
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if path.is_dir() {
        bail!("it is a folder, expected the name of a file");
    }
    if path.exists() && !path.is_file() {
        return Ok(fs::write(path, bytes)?);
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let mut file = beside().tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A hidden name, with the permissions an ordinary new file would have.
fn beside() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".ednas-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_a_file_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs/a/run.json");
        write_atomically(&path, b"old, and longer than the new").unwrap();
        write_atomically(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_pipes_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link, pipe] = ["file", "link", "pipe"].map(|name| folder.path().join(name));
        fs::write(&file, b"old").unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        write_atomically(&link, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(link.is_symlink());

        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read(pipe).unwrap()
        });
        write_atomically(&pipe, b"through").unwrap();
        assert_eq!(reader.join().unwrap(), b"through");
        let error = format!("{:#}", write_atomically(folder.path(), b"").unwrap_err());
        assert!(
            error.ends_with("it is a folder, expected the name of a file"),
            "{error}"
        );
    }

    #[test]
    fn a_failed_write_names_the_path_and_keeps_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        write_atomically(&file, b"kept").unwrap();
        let below = file.join("report.html");
        let message = format!("{:#}", write_atomically(&below, b"lost").unwrap_err());
        assert!(message.contains(&below.display().to_string()), "{message}");
        assert_eq!(fs::read(&file).unwrap(), b"kept");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
