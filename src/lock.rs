//! One process at a time: locks on files that the system frees with the process.

use std::fs::{File, TryLockError};
use std::thread;
use std::time::Duration;

/// How often a lock is tried.
const ATTEMPTS: u32 = 25;

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(20);

/// Locks `file`, trying for half a second: a lock that was given up lives on for a moment where
/// another thread is just starting a process, which holds a copy of every open file until then.
///
/// # Errors
///
/// [`TryLockError::WouldBlock`] when another process keeps the lock.
pub(crate) fn try_lock(file: &File) -> Result<(), TryLockError> {
    for _ in 1..ATTEMPTS {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            result => return result,
        }
    }
    file.try_lock()
}
