//! Random networks of the EDNAS space, exported and taken by every runtime and compiler.
//!
//! `make acceptance [COUNT=200]`. What was accepted is kept, line by line, in
//! `target/acceptance.txt`: a run that was stopped goes on where it was.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod accept;

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use accept::{Export, float_files_come_back, left_by_vela, runtimes_agree, tract_agrees};
use ednas::space::ednas::space_named;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

const COUNT: usize = 200;

/// Targets whose networks differ, with the machines of each as Vela knows them.
const TARGETS: [(&str, &[&str]); 2] = [
    ("ethos-u55", &["ethos-u55-128", "ethos-u65-512"]),
    ("ethos-u85", &["ethos-u85-256"]),
];

#[test]
fn random_networks_are_accepted() {
    let count = std::env::var("COUNT").map_or(COUNT, |count| count.parse().unwrap());
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/acceptance.txt");
    let done = fs::read_to_string(&kept).unwrap_or_default();
    let space = space_named("ednas").unwrap();
    let mut random = Pcg64Mcg::seed_from_u64(2026);
    for number in 0..count {
        let genome = space.text(&space.sample(&mut random));
        if done.lines().any(|line| line == genome) {
            continue;
        }
        accepted(&genome, number as u64);
        let mut file = OpenOptions::new().append(true).create(true).open(&kept);
        writeln!(file.as_mut().unwrap(), "{genome}").unwrap();
        eprintln!("{} of {count}: {genome}", number + 1);
    }
}

fn accepted(genome: &str, seed: u64) {
    let root = tempfile::tempdir().unwrap();
    let mut bundles = Vec::new();
    for (target, accelerators) in TARGETS {
        let bundle = root.path().join(target);
        let export = Export {
            model: genome.to_owned(),
            tasks: "seg,depth,normals",
            target,
            seed,
        };
        export.write(&bundle);
        tract_agrees(&bundle);
        float_files_come_back(&bundle);
        for accelerator in accelerators {
            let left = left_by_vela(&bundle.join("model_int8.tflite"), accelerator);
            assert!(left.is_empty(), "{genome} on {accelerator}: {left:?}");
        }
        bundles.push(bundle);
    }
    runtimes_agree(&bundles);
}
