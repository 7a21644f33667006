//! A Ray cluster of two nodes on this machine, one of which is killed in the middle of a search.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use ednas::search::{
    Candidate, Cheaper, Controller, Ending, Evaluation, Plan, Random, Reward, TaskMetrics, search,
};
use ednas::space::ednas::space;
use ednas::study::Pace;
use ednas::workers::{RayFleet, RaySettings};

use super::*;

/// Sleeps for so many seconds, which is what a trial takes.
const TRIAL: &str = "ok:1";

/// A cluster that ends when it is dropped.
struct Cluster {
    process: Child,
    said: BufReader<ChildStdout>,
    address: String,
}

impl Cluster {
    /// Starts a cluster whose nodes find `worker` as `ednas-train`, and whose files are in `folder`.
    fn start(folder: &Path, worker: &Path) -> Self {
        // Ray gives a node 30 s to start, which a busy machine may not have.
        let mut attempts = ["1", "2", "3"].into_iter();
        let cluster = attempts.find_map(|name| Self::try_start(&folder.join(name), worker));
        cluster.unwrap_or_else(|| {
            let log = fs::read_to_string(folder.join("3.log")).unwrap();
            panic!("no cluster: {log}");
        })
    }

    fn try_start(folder: &Path, worker: &Path) -> Option<Self> {
        let mut process = Command::new(python(root()))
            .arg(root().join("tests/python/ray_cluster.py"))
            .arg(folder)
            .env("EDNAS_TRAIN", worker)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(folder.with_extension("log")).unwrap())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap());
        let mut address = String::new();
        said.read_line(&mut address).unwrap();
        if address.is_empty() {
            process.wait().unwrap();
            return None;
        }
        Some(Self {
            process,
            said,
            address: address.trim().to_owned(),
        })
    }

    /// Ends the second node with SIGKILL.
    fn lose_a_node(&mut self) {
        writeln!(self.process.stdin.as_mut().unwrap()).unwrap();
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        assert_eq!(line, "lost\n");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// A script that runs Python with the package of this repository, and with a Ray that stays on
/// this machine.
fn python_with_package(folder: &Path) -> PathBuf {
    let path = folder.join("python");
    let text = format!(
        "#!/bin/sh\nexport PYTHONPATH={} RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER=0\nexec {} \"$@\"\n",
        root().join("python").display(),
        python(root()).display()
    );
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn ray_settings(folder: &Path, address: &str) -> RaySettings {
    RaySettings {
        address: address.to_owned(),
        workers: None,
        threads: count(1),
        gpus: 0.0,
        time_limit: Some(Duration::from_secs(60)),
        memory_limit_mib: None,
        retries: 1,
        python: python_with_package(folder),
    }
}

/// How often each trial was answered.
type Answers = BTreeMap<usize, usize>;

/// A search of 16 trials by `fleet`; `lose` is called once, after the fifth answer, when two trials
/// are in work and far from their ends.
fn search_16(fleet: &dyn Fleet, folder: &Path, lose: impl Fn() + Sync) -> Answers {
    let space = space(FusedDefinition::default());
    let plan = Plan {
        space: &space,
        controller: Controller::Random(Random),
        seed: 3,
        initial: Vec::new(),
        workers: fleet.workers(),
        trials: 16,
        goal: Reward::new(vec![TaskMetrics::standard(Task::Depth)], 3.0).into(),
        cheaper: Cheaper::default(),
        pace: Pace::EachOutcome,
        settings: BTreeMap::new(),
    };
    let (answers, lost) = (Mutex::new(Answers::new()), AtomicBool::new(false));
    let running: Mutex<BTreeMap<usize, Instant>> = Mutex::default();
    let evaluate = |_: usize, candidate: &Candidate| {
        let number = candidate.number;
        let mut watch = |_: &Event| {
            let mut running = running.lock().unwrap();
            running.insert(number, Instant::now());
            let fresh = |start: &Instant| start.elapsed() < Duration::from_millis(500);
            let in_work = running.len() == 2 && running.values().all(fresh);
            let late = answers.lock().unwrap().len() >= 5;
            if in_work && late && !lost.swap(true, Ordering::Relaxed) {
                lose();
            }
        };
        let job = job(folder, TRIAL, number as u64);
        let outcome = fleet.train(&job, &mut watch, &AtomicBool::new(false))?;
        running.lock().unwrap().remove(&number);
        *answers.lock().unwrap().entry(number).or_default() += 1;
        let metrics = outcome.scores.iter();
        let metrics = metrics.map(|(metric, &value)| (metric.name().to_owned(), value));
        Ok(Evaluation::Measured {
            latency_ms: 2.0,
            metrics: metrics.collect(),
        })
    };
    let journal = folder.join("search.journal");
    let finished = search(&plan, &journal, &AtomicBool::new(false), evaluate, |_| {}).unwrap();
    assert!(matches!(finished.ending, Ending::Complete));
    for (number, trial) in finished.history.trials().iter().enumerate() {
        assert_eq!(trial.metric("AbsE"), Some(1.0 + number as f64));
    }
    answers.into_inner().unwrap()
}

#[test]
fn a_search_outlives_a_node_and_counts_every_trial_once() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(folder.path(), &fake_worker(folder.path()));
    let fleet = RayFleet::start(ray_settings(folder.path(), &cluster.address)).unwrap();
    assert_eq!(fleet.workers(), count(2), "one per node");
    let cluster = Mutex::new(cluster);
    let answers = search_16(&fleet, folder.path(), || {
        cluster.lock().unwrap().lose_a_node()
    });
    let once: BTreeMap<usize, usize> = (0..16).map(|number| (number, 1)).collect();
    assert_eq!(answers, once);
    let counts = fleet.counts();
    assert_eq!(counts.answered, 16);
    // The lost node had a trial in work, which another worker was given.
    let jobs = (0..16).map(|seed| begun(&job(folder.path(), TRIAL, seed)));
    assert_eq!((counts.retried, jobs.sum::<usize>()), (1, 17));

    let text = |what: &str| {
        let job = job(folder.path(), what, 20);
        train(&fleet, &job).unwrap_err().to_string()
    };
    assert!(text("garbage").contains("does not keep to the protocol"));
    assert!(text("nan").contains("NaN is not a finite number"));
    assert!(text("null").contains("invalid type: null"));
    assert!(text("unknown").contains("never got a job 77"));
    assert!(text("die").contains("2 times (signal: 9)"));
    assert!(text("refuse").contains("unknown field"));
    // Paths begin where the coordinator was started.
    let beside = job(&from_here(folder.path()), "ok", 21);
    train(&fleet, &beside).unwrap();
    assert_eq!(begun(&beside), 1);
    // The process that reaches the cluster is replaced as well.
    let address = cluster.lock().unwrap().address.clone();
    let mut bridges = children(std::process::id(), &address);
    let bridge = bridges.pop().unwrap();
    Command::new("kill").args(["-9", &bridge]).status().unwrap();
    let outcome = train(&fleet, &job(folder.path(), "ok", 30)).unwrap();
    assert_eq!(outcome.scores[&Metric::AbsoluteError], 31.0);
    assert!(bridges.is_empty());
}

/// An absolute path as one that begins in the current folder.
fn from_here(path: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap();
    let up = here.components().skip(1).map(|_| "..");
    up.collect::<PathBuf>()
        .join(path.strip_prefix("/").unwrap())
}

/// The processes that `parent` started whose command line has `word`.
fn children(parent: u32, word: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap();
    let pids = processes.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let is_meant = |pid: &String| {
        let read = |file: &str| fs::read_to_string(format!("/proc/{pid}/{file}"));
        let stat = read("stat").unwrap_or_default();
        let of_parent = stat
            .rsplit_once(')')
            .is_some_and(|(_, rest)| rest.split_whitespace().nth(1) == Some(&parent.to_string()));
        of_parent && read("cmdline").is_ok_and(|line| line.contains(word))
    };
    pids.filter(is_meant).collect()
}

#[test]
fn a_cluster_that_is_not_there_is_said_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let error = RayFleet::start(ray_settings(folder.path(), "127.0.0.1:1")).unwrap_err();
    assert!(error.is_setup());
    let text = error.to_string();
    for part in ["127.0.0.1:1", "refused", "pip install ednas-ray"] {
        assert!(text.contains(part), "{text}");
    }
    let mut settings = ray_settings(folder.path(), "127.0.0.1:1");
    settings.python = folder.path().join("nowhere");
    let text = RayFleet::start(settings).unwrap_err().to_string();
    assert!(text.contains("No such file"), "{text}");
}

#[cfg(feature = "train")]
#[test]
fn real_workers_train_on_a_cluster() {
    let folder = tempfile::tempdir().unwrap();
    let worker = Path::new(env!("CARGO_BIN_EXE_ednas-train"));
    let cluster = Cluster::start(folder.path(), worker);
    let fleet = RayFleet::start(ray_settings(folder.path(), &cluster.address)).unwrap();
    let outcomes: Vec<Outcome> = thread::scope(|scope| {
        let jobs = (0..2).map(|seed| {
            let mut job = job(folder.path(), "mt-edge", seed);
            job.training.recipe.batch_size = 2;
            let fleet = &fleet;
            scope.spawn(move || train(fleet, &job).unwrap())
        });
        let jobs: Vec<_> = jobs.collect();
        jobs.into_iter().map(|job| job.join().unwrap()).collect()
    });
    // The same bytes as by a worker of this machine.
    let pool = Pool::start(settings(worker.to_owned(), 1)).unwrap();
    for (seed, outcome) in (0..).zip(outcomes) {
        let mut here = job(folder.path(), "mt-edge", seed);
        here.training.recipe.batch_size = 2;
        here.checkpoint = folder.path().join("here");
        assert_eq!(train(&pool, &here).unwrap().scores, outcome.scores);
        assert!(fs::read(&here.checkpoint).unwrap() == fs::read(&outcome.checkpoint).unwrap());
    }
}
