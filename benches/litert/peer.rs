//! A Python process that runs TFLite files with LiteRT when it is told to.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};

/// The process, and the two ends that are spoken with.
pub(crate) struct Peer {
    process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    /// With the Python that has LiteRT: `EDNAS_PYTHON`, or what `make setup-test` made.
    pub(crate) fn start() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = std::env::var_os("EDNAS_PYTHON")
            .map_or_else(|| root.join(".venv/bin/python"), PathBuf::from);
        let mut process = Command::new(&python)
            .arg(root.join("benches/litert/peer.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{}: run `make setup-test`", python.display()))?;
        let orders = process.stdin.take().context("the process has no input")?;
        let answers = process.stdout.take().context("the process has no output")?;
        Ok(Self {
            process,
            orders,
            answers: BufReader::new(answers),
        })
    }

    /// Makes the file at `path` the one that runs.
    pub(crate) fn load(&mut self, path: &Path) -> Result<()> {
        self.ask(&format!("load {}", path.display())).map(|_| ())
    }

    /// Seconds of each of `runs` runs of the loaded file.
    pub(crate) fn run(&mut self, runs: usize) -> Result<Vec<f64>> {
        let answer = self.ask(&format!("run {runs}"))?;
        let seconds = answer.split_whitespace().map(str::parse);
        Ok(seconds.collect::<Result<_, _>>()?)
    }

    fn ask(&mut self, order: &str) -> Result<String> {
        writeln!(self.orders, "{order}")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        ensure!(!answer.is_empty(), "LiteRT stopped at `{order}`");
        Ok(answer)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing left to stop.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
