//! What `docs/adding-a-profile.md` tells its readers to type works as it stands there.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// The contents of the code blocks of `language`, in order.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let blocks = page.split(&fence).skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap().to_owned());
    blocks.collect()
}

#[test]
fn adding_a_profile_works_as_written() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/adding-a-profile.md");
    let page = fs::read_to_string(page).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("mine.toml"),
        blocks(&page, "toml").join("\n"),
    )
    .unwrap();
    let binaries = Path::new(env!("CARGO_BIN_EXE_ednas")).parent().unwrap();
    let path = env::join_paths(
        std::iter::once(binaries.to_owned()).chain(env::split_paths(&env::var("PATH").unwrap())),
    );
    let path = path.unwrap();
    let commands: Vec<String> = blocks(&page, "sh")
        .iter()
        .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(commands.len() >= 8, "{commands:?}");
    for command in commands {
        assert!(command.starts_with("ednas "), "{command}");
        let output = Command::new("sh")
            .args(["-c", &command])
            .current_dir(folder.path())
            .env("PATH", &path)
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {errors}");
    }
    assert!(folder.path().join("mine.svg").exists());
}
