//! Workers whose coordinator is no more.
#![cfg(target_os = "linux")]

use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::*;

/// What the system says of a process: its state, its parent and so on; nothing when it is gone.
fn stat(pid: u32) -> Vec<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    after_name.split_whitespace().map(str::to_owned).collect()
}

/// The processes whose parent is `parent`.
fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").unwrap();
    let pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter(|&pid| stat(pid).get(1) == Some(&parent.to_string()))
        .collect()
}

/// Whether a process runs no more. It keeps its number while the system takes its memory back, and
/// as a zombie, but no longer has a command line.
fn is_gone(pid: u32) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).map_or(true, |line| line.is_empty())
}

/// Waits until `condition` holds, `seconds` at most.
fn wait_for(seconds: u64, mut condition: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        if condition() {
            return true;
        }
        thread::sleep(Duration::from_millis(20));
    }
    false
}

/// `ednas train` with steps of many seconds each.
fn coordinator(folder: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_ednas"))
        .env("EDNAS_TRAIN", env!("CARGO_BIN_EXE_ednas-train"))
        .args(["train", "mt-edge", "--size", "512", "--batch", "8"])
        .args(["--train-samples", "2", "--validation-samples", "0"])
        .args(["--tasks", "depth", "--steps", "50", "-o"])
        .arg(folder.join("a.safetensors"))
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// CPU time of a process, in clock ticks.
fn ticks(pid: u32) -> u64 {
    let stat = stat(pid);
    let times = stat.iter().skip(11).take(2);
    times.map(|ticks| ticks.parse::<u64>().unwrap()).sum()
}

#[test]
fn a_worker_in_the_middle_of_a_step_ends_with_a_coordinator_that_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut coordinator = coordinator(folder.path());
    assert!(wait_for(60, || children(coordinator.id()).len() == 1));
    let worker = children(coordinator.id())[0];
    // Loaded, and well into its first step.
    assert!(wait_for(120, || ticks(worker) > 400), "it never worked");
    coordinator.kill().unwrap();
    coordinator.wait().unwrap();
    assert!(
        wait_for(2, || is_gone(worker)),
        "the worker {worker} lives on"
    );
}
