//! Ends the worker when nobody is left to read its answers.
//!
//! A coordinator that is killed cannot tell its workers to stop, and a worker in the middle of a
//! step would only notice at the next thing it has to say. The system tells the writing end of a
//! pipe at once when the last reader is gone, whatever became of it. A worker whose answers go to a
//! file is not meant.

use std::io;
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{Signal, getpid, kill_process};

/// Has a thread wait for the end of the last reader of standard output.
pub(crate) fn end_with_reader() {
    thread::spawn(|| {
        let output = io::stdout();
        let gone = PollFlags::ERR | PollFlags::HUP;
        loop {
            let mut watched = [PollFd::new(&output, PollFlags::empty())];
            match poll(&mut watched, None) {
                Ok(_) if watched[0].revents().intersects(gone) => break,
                Err(Errno::INTR) => {}
                // Nothing that can be watched.
                Ok(_) | Err(_) => return,
            }
        }
        // Not an exit: libtorch's destructors must not run beside its working threads.
        let _ = kill_process(getpid(), Signal::KILL);
    });
}
