//! Python beside this program: which one, and a script in a process of its own.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::Absent;

/// The variable that names the Python to use.
const VARIABLE: &str = "EDNAS_PYTHON";

/// Where a project keeps its Python, from its root.
const IN_PROJECT: &str = ".venv/bin/python";

/// How often a running script is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Lines of an error message that are shown.
const ERROR_LINES: usize = 4;

/// A Python that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Python {
    path: PathBuf,
}

/// A run of a script.
#[derive(Debug)]
pub struct Child<'a> {
    /// What the script is called in messages.
    pub what: &'a str,
    /// What Python is given: the script and its arguments.
    pub arguments: Vec<String>,
    /// Where it runs and where what it prints is kept: a folder of its own.
    pub folder: &'a Path,
    /// When it is given up.
    pub limit: Duration,
}

impl Python {
    /// `EDNAS_PYTHON`, else `.venv/bin/python` of this folder or one above it, else `python3`.
    ///
    /// # Errors
    ///
    /// [`Absent`] when it does not run.
    pub fn find() -> Result<Self, Absent> {
        let path = chosen(
            env::var_os(VARIABLE).map(PathBuf::from),
            env::current_dir().ok(),
        );
        let tried = Command::new(&path)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .stdin(Stdio::null())
            .status();
        let problem = match tried {
            Ok(status) if status.success() => return Ok(Self { path }),
            Ok(status) => said(status),
            Err(error) => error.to_string(),
        };
        Err(Absent {
            what: "Python".to_owned(),
            why: format!("`{}` does not run ({problem})", path.display()),
            remedy: format!("install python3, or set {VARIABLE} to one"),
        })
    }

    /// The program.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `child` to its end and gives what it printed on standard output. `look` is called now
    /// and then while it runs.
    ///
    /// # Errors
    ///
    /// When it cannot be started, fails, is killed by a signal, or takes longer than its limit; the
    /// error has the end of what it said on standard error.
    pub fn run(&self, child: &Child<'_>, look: &mut dyn FnMut()) -> Result<String> {
        let place = |name: &str| child.folder.join(format!("{name}.txt"));
        let create = |name| File::create(place(name)).context("cannot write a temporary file");
        let mut process = Command::new(&self.path)
            .args(&child.arguments)
            .current_dir(child.folder)
            .stdin(Stdio::null())
            .stdout(create("stdout")?)
            .stderr(create("stderr")?)
            .spawn()
            .with_context(|| format!("cannot start {}", self.path.display()))?;
        let started = Instant::now();
        let status = loop {
            if let Some(status) = process.try_wait()? {
                break status;
            }
            if started.elapsed() > child.limit {
                process.kill()?;
                process.wait()?;
                let seconds = child.limit.as_secs();
                bail!(
                    "{} did not end within {seconds} s and was stopped",
                    child.what
                );
            }
            look();
            thread::sleep(LOOK_EVERY);
        };
        if !status.success() {
            let errors = fs::read(place("stderr")).unwrap_or_default();
            let (what, how) = (child.what, said(status));
            bail!("{what} {how}{}", ending(&String::from_utf8_lossy(&errors)));
        }
        let printed = fs::read(place("stdout")).context("cannot read a temporary file")?;
        Ok(String::from_utf8_lossy(&printed).into_owned())
    }
}

/// Which Python to use: the one that was `named`, the one of the project around `folder`, or that
/// of the system.
fn chosen(named: Option<PathBuf>, folder: Option<PathBuf>) -> PathBuf {
    let in_project = || {
        let folder = folder?;
        let above = folder.ancestors().map(|above| above.join(IN_PROJECT));
        above.into_iter().find(|python| python.exists())
    };
    named
        .filter(|path| !path.as_os_str().is_empty())
        .or_else(in_project)
        .unwrap_or_else(|| PathBuf::from("python3"))
}

/// How a process ended.
fn said(status: ExitStatus) -> String {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        if let Some(signal) = status.signal() {
            return format!("was killed by signal {signal}");
        }
    }
    match status.code() {
        Some(code) => format!("ended with exit code {code}"),
        None => "ended without an exit code".to_owned(),
    }
}

/// The last lines of a text, as the end of a message.
fn ending(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let last = &lines[lines.len().saturating_sub(ERROR_LINES)..];
    last.iter().map(|line| format!("\n  {line}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(code: &str, limit_ms: u64) -> Result<String> {
        let folder = tempfile::tempdir().unwrap();
        let child = Child {
            what: "the script",
            arguments: vec!["-c".to_owned(), code.to_owned()],
            folder: folder.path(),
            limit: Duration::from_millis(limit_ms),
        };
        Python {
            path: PathBuf::from("python3"),
        }
        .run(&child, &mut || ())
    }

    #[test]
    fn gives_what_is_printed_and_says_what_went_wrong() {
        assert_eq!(run("print('a', 1)", 60_000).unwrap(), "a 1\n");
        let raised = run("raise ValueError('no such model')", 60_000).unwrap_err();
        let raised = raised.to_string();
        assert!(
            raised.starts_with("the script ended with exit code 1\n"),
            "{raised}"
        );
        assert!(raised.ends_with("ValueError: no such model"), "{raised}");
        let killed = run("import os; os.kill(os.getpid(), 9)", 60_000).unwrap_err();
        assert_eq!(killed.to_string(), "the script was killed by signal 9");
        let endless = run("import time; time.sleep(60)", 50).unwrap_err();
        assert_eq!(
            endless.to_string(),
            "the script did not end within 0 s and was stopped"
        );
    }

    #[test]
    fn a_named_python_wins_over_that_of_the_project() {
        let root = tempfile::tempdir().unwrap();
        let project = root.path().join(IN_PROJECT);
        fs::create_dir_all(project.parent().unwrap()).unwrap();
        fs::write(&project, "").unwrap();
        let inside = root.path().join("runs/a");
        fs::create_dir_all(&inside).unwrap();
        let named = PathBuf::from("/opt/python");
        assert_eq!(chosen(Some(named.clone()), Some(inside.clone())), named);
        assert_eq!(chosen(None, Some(inside.clone())), project);
        assert_eq!(chosen(Some(PathBuf::new()), Some(inside)), project);
        assert_eq!(chosen(None, None), PathBuf::from("python3"));
    }
}
