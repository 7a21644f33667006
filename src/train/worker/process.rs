//! A child process that reads and writes lines.
//!
//! It is killed when it is dropped. What it says is read on threads of its own, so that a wait for
//! it can end, and is bounded: neither a flood of lines nor a line without an end fills the memory.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Lines that wait to be read; a process that says more waits itself.
const LINES_WAITING: usize = 1024;

/// The longest line that is read as one.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// The last complaints that are kept.
const COMPLAINTS: usize = 4;

/// The longest complaint that is kept.
const COMPLAINT_CHARS: usize = 300;

/// How long a process that closed its output may take to end, and its complaints to arrive.
const GRACE: Duration = Duration::from_millis(200);

/// A running process.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    input: ChildStdin,
    complaints: Arc<Mutex<VecDeque<String>>>,
    complaining: thread::JoinHandle<()>,
}

impl Process {
    /// Starts `command`; gives the lines that it says, without their ends, until it closes its
    /// output.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub(crate) fn spawn(command: &mut Command) -> io::Result<(Self, Receiver<String>)> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (Some(input), Some(said), Some(complained)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            unreachable!("all three streams were asked for")
        };
        let (sender, lines) = mpsc::sync_channel(LINES_WAITING);
        thread::spawn(move || send_lines(said, &sender));
        let complaints = Arc::new(Mutex::new(VecDeque::new()));
        let kept = Arc::clone(&complaints);
        let complaining = thread::spawn(move || keep_last_lines(complained, &kept));
        let process = Self {
            child,
            input,
            complaints,
            complaining,
        };
        Ok((process, lines))
    }

    /// Tells it `line`.
    ///
    /// # Errors
    ///
    /// When it no longer listens.
    pub(crate) fn tell(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.input, "{line}")?;
        self.input.flush()
    }

    /// The most memory that it has held so far, in KiB; nothing where the system does not say, or
    /// the process has ended.
    pub(crate) fn memory_peak_kib(&self) -> Option<u64> {
        memory_peak_kib(&self.child.id().to_string())
    }

    /// How the process ended, and the last things it complained about. One that has closed its
    /// output without ending is killed.
    pub(crate) fn last_words(&mut self) -> String {
        let ended = match self.ended_within(GRACE) {
            Some(ended) => ended,
            None => {
                self.kill();
                "it closed its output and went on running".to_owned()
            }
        };
        // A process that it left behind may hold the stream open: no waiting for its end.
        wait_until(GRACE, || self.complaining.is_finished());
        let complaints = self
            .complaints
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let complaints: Vec<&str> = complaints.iter().map(String::as_str).collect();
        match complaints.is_empty() {
            true => ended,
            false => format!("{ended}: {}", complaints.join(" | ")),
        }
    }

    /// Ends it at once.
    pub(crate) fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn ended_within(&mut self, time: Duration) -> Option<String> {
        let mut ended = None;
        wait_until(time, || {
            ended = match self.child.try_wait() {
                Ok(status) => status.map(|status| status.to_string()),
                Err(error) => Some(error.to_string()),
            };
            ended.is_some()
        });
        ended
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The most memory that process `pid` has held so far (`self` is this one), in KiB.
///
/// Linux's high-water mark of resident memory, so that no peak between two looks is missed. A limit
/// on the address space would be no limit on memory: libtorch and CUDA map many times what they use.
pub(crate) fn memory_peak_kib(pid: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// Looks at `condition` until it holds or `time` is over.
fn wait_until(time: Duration, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + time;
    while !condition() && Instant::now() < end {
        thread::sleep(Duration::from_millis(5));
    }
}

/// Sends the whole lines of `stream`: one that a dying process left half-written says nothing.
fn send_lines(stream: impl Read, sender: &SyncSender<String>) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        let read = (&mut stream)
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', &mut line);
        let whole = line.last() == Some(&b'\n');
        let endless = read.as_ref().is_ok_and(|&n| n as u64 == LINE_BYTES_MAX);
        if !(whole || endless) {
            return;
        }
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        if sender.send(text).is_err() || endless && !whole {
            return;
        }
    }
}

/// Keeps the last lines of `stream` that say something.
fn keep_last_lines(stream: impl Read, kept: &Mutex<VecDeque<String>>) {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut stream)
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', &mut line);
        if read.unwrap_or(0) == 0 {
            return;
        }
        let text = String::from_utf8_lossy(&line);
        let text: String = text.trim().chars().take(COMPLAINT_CHARS).collect();
        if text.is_empty() {
            continue;
        }
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == COMPLAINTS {
            kept.pop_front();
        }
        kept.push_back(text);
    }
}
