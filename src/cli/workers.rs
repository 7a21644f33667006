//! Who trains the networks of a search: the arguments that every searching command takes.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

use crate::train::worker::{WorkerError, find_worker};
use crate::validate::runtime::Python;
use crate::workers::{Fleet, Pool, PoolSettings, RayFleet, RaySettings, threads_each};

/// The most workers, each of which takes a thread of the coordinator.
const WORKERS_MAX: usize = 1024;

/// Arguments about workers.
#[derive(clap::Args, Clone)]
#[group(skip)]
pub(super) struct Args {
    /// Networks trained at a time, by processes here [default: as many as the cores have threads
    /// for]; or `ray:ADDRESS`, by as many as a Ray cluster has room for, or `ray:ADDRESS,N`. A
    /// proposal sees the outcomes of all but the last N - 1.
    #[arg(long, value_name = "N|ray:ADDRESS", value_parser = place)]
    workers: Option<Place>,

    /// Threads of each worker [default: the cores, shared evenly by the workers; 1 in a cluster].
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// GPUs of a cluster that each worker takes: a number, or the part of one.
    #[arg(long, value_name = "GPUS", default_value_t = 0.0, value_parser = share)]
    gpus: f64,

    /// What the training of one network may take, such as `90s`, `15m` or `2h`: then its worker is
    /// killed, and the trial has failed [default: any time].
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    trial_timeout: Option<u64>,

    /// The memory that one worker may hold, in MiB: beyond it is killed, and the trial has failed
    /// [default: any].
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..))]
    trial_memory: Option<u64>,

    /// How often a trial is tried again whose worker died.
    #[arg(long, value_name = "N", default_value_t = 1)]
    retries: usize,
}

/// Where workers are, and how many.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Here(NonZeroUsize),
    /// As many as there is room for where no number is given.
    Ray(String, Option<NonZeroUsize>),
}

impl Args {
    /// How many networks at a time were asked for, where a number was given.
    pub(super) fn asked(&self) -> Option<NonZeroUsize> {
        match self.workers.as_ref()? {
            Place::Here(count) => Some(*count),
            Place::Ray(_, count) => *count,
        }
    }

    /// How many networks are trained at a time, as far as that is known before the workers are
    /// started; 1 for a cluster that is yet to say.
    pub(super) fn workers(&self) -> NonZeroUsize {
        match &self.workers {
            Some(Place::Here(count)) => *count,
            Some(Place::Ray(_, count)) => count.unwrap_or(NonZeroUsize::MIN),
            None => self
                .threads
                .map_or_else(cores, |threads| threads_each(cores(), threads)),
        }
    }

    /// Threads of each worker.
    pub(super) fn threads(&self) -> NonZeroUsize {
        self.threads.unwrap_or_else(|| match &self.workers {
            Some(Place::Ray(..)) => NonZeroUsize::MIN,
            Some(Place::Here(_)) | None => threads_each(cores(), self.workers()),
        })
    }

    /// Starts the workers.
    ///
    /// # Errors
    ///
    /// [`WorkerError`] of the set-up.
    pub(super) fn start(&self) -> Result<Box<dyn Fleet>, WorkerError> {
        match &self.workers {
            Some(Place::Ray(address, workers)) => Ok(Box::new(RayFleet::start(RaySettings {
                address: address.clone(),
                workers: *workers,
                threads: self.threads(),
                gpus: self.gpus,
                time_limit: self.time_limit(),
                memory_limit_mib: self.trial_memory,
                retries: self.retries,
                python: python()?,
            })?)),
            Some(Place::Here(_)) | None if self.gpus > 0.0 => Err(WorkerError::Unfit {
                problem: "--gpus is for the workers of a cluster (--workers ray:ADDRESS)"
                    .to_owned(),
                remedy: "leave it out; workers of this machine share its first GPU".to_owned(),
            }),
            Some(Place::Here(_)) | None => Ok(Box::new(Pool::start(PoolSettings {
                workers: self.workers(),
                threads: self.threads(),
                time_limit: self.time_limit(),
                memory_limit_mib: self.trial_memory,
                retries: self.retries,
                binary: find_worker()?,
            })?)),
        }
    }

    fn time_limit(&self) -> Option<Duration> {
        self.trial_timeout.map(Duration::from_secs)
    }
}

fn python() -> Result<PathBuf, WorkerError> {
    match Python::find() {
        Ok(python) => Ok(python.path().to_owned()),
        Err(absent) => Err(WorkerError::Unfit {
            problem: absent.why,
            remedy: absent.remedy,
        }),
    }
}

/// Parses where workers are, and how many.
fn place(text: &str) -> Result<Place, String> {
    let expected = || {
        format!(
            "`{text}` is not a number from 1 to {WORKERS_MAX}, `ray:ADDRESS` or `ray:ADDRESS,N`"
        )
    };
    let number = |digits: &str| {
        let number = digits.parse::<NonZeroUsize>().ok();
        let number = number.filter(|number| number.get() <= WORKERS_MAX);
        number.ok_or_else(expected)
    };
    let Some(cluster) = text.strip_prefix("ray:") else {
        return number(text).map(Place::Here);
    };
    let (address, count) = match cluster.split_once(',') {
        Some((address, count)) => (address, Some(number(count)?)),
        None => (cluster, None),
    };
    match address {
        "" => Err(expected()),
        address => Ok(Place::Ray(address.to_owned(), count)),
    }
}

fn cores() -> NonZeroUsize {
    available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Parses a number of GPUs.
fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok(number),
        Ok(_) | Err(_) => Err(format!("`{text}` is not a number of GPUs, 0 or more")),
    }
}

/// Parses a time: `900s`, `15m` or `12h`.
pub(super) fn seconds(text: &str) -> Result<u64, String> {
    let (digits, unit) = match text.char_indices().next_back() {
        Some((at, 's')) => (&text[..at], 1),
        Some((at, 'm')) => (&text[..at], 60),
        Some((at, 'h')) => (&text[..at], 3600),
        Some(_) | None => ("", 1),
    };
    let number = digits.parse::<u64>().ok().filter(|&n| n > 0);
    number
        .and_then(|n| n.checked_mul(unit))
        .ok_or_else(|| format!("`{text}` is not a time; expected such as 900s, 15m or 12h"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read() {
        let count = |n| NonZeroUsize::new(n).unwrap();
        assert_eq!(place("3"), Ok(Place::Here(count(3))));
        let ray = |address: &str, n| Ok(Place::Ray(address.to_owned(), n));
        assert_eq!(place("ray:auto"), ray("auto", None));
        assert_eq!(
            place("ray:10.0.0.1:6379,8"),
            ray("10.0.0.1:6379", Some(count(8)))
        );
        for wrong in ["0", "1025", "-1", "many", "ray:", "ray:,2", "ray:auto,0"] {
            assert!(place(wrong).unwrap_err().contains(wrong), "{wrong}");
        }
    }

    #[test]
    fn times_are_read() {
        assert_eq!(seconds("90s"), Ok(90));
        assert_eq!(seconds("15m"), Ok(900));
        assert_eq!(seconds("2h"), Ok(7200));
        for wrong in ["", "90", "0s", "1d", "m", "-1s"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
