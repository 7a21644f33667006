//! Files of spaces: what ships, what is refused and how.

mod refusals;

use std::fs;

use expect_test::expect;
use proptest::prelude::*;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::space::ednas::{FusedDefinition, space as ednas_space};
use crate::space::{Choice, Decision, Model, Value};

/// The EDNAS space as Rust says it.
fn ednas_in_rust() -> Space {
    let decisions = (0..16).flat_map(|index: usize| {
        let group = format!("block{:02}", index + 1);
        let whole = |n: i64, short: String| Choice::new(Value::Int(n), short);
        let kinds = [("ibn", "i"), ("fused-ibn", "f")];
        let kinds = kinds.map(|(kind, short)| Choice::new(Value::Text(kind.into()), short));
        let kernels = [3, 5].map(|k| whole(k, k.to_string()));
        let multipliers =
            [0.5, 0.75, 1.0, 1.5].map(|m| Choice::new(Value::Float(m), format!("x{m}")));
        let expansions = [3, 6].map(|e| whole(e, format!("e{e}")));
        let mut decisions = vec![
            Decision::one_of(&group, "kind", kinds.to_vec()),
            Decision::one_of(&group, "kernel", kernels.to_vec()),
            Decision::one_of(&group, "multiplier", multipliers.to_vec()),
        ];
        if index > 0 {
            decisions.push(Decision::one_of(&group, "expansion", expansions.to_vec()));
        }
        decisions
    });
    Space::new("ednas", decisions.collect()).unwrap()
}

#[test]
fn the_ednas_file_is_the_space_as_rust_says_it() {
    let (file, rust) = (SpaceFile::named("ednas").unwrap().space, ednas_in_rust());
    assert_eq!(file, rust);
    assert_eq!(file.fingerprint(), rust.fingerprint());
    let fused = FusedDefinition::default();
    let of_file = ednas_space(fused);
    let of_rust = rust.renamed(format!("ednas/{fused}"));
    let (mut a, mut b) = (Pcg64Mcg::seed_from_u64(5), Pcg64Mcg::seed_from_u64(5));
    for _ in 0..100 {
        let genome = of_file.sample(&mut a);
        assert_eq!(of_file.text(&genome), of_rust.text(&of_rust.sample(&mut b)));
    }
}

#[test]
fn every_file_is_embedded_under_the_name_it_gives_itself_and_decodes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("spaces");
    let files = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut found: Vec<String> = files
        .map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    found.sort();
    assert_eq!(names().collect::<Vec<_>>(), found);
    for name in names() {
        let file = SpaceFile::named(name).unwrap();
        assert_eq!(file.space.name(), name);
        let decoder = file
            .decoder
            .as_ref()
            .expect("spaces that ship stand for something");
        assert_eq!(decoder.check(&file.space), Ok(()), "{name}");
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        for _ in 0..20 {
            let genome = file.space.sample(&mut rng);
            let text = file.space.text(&genome);
            let decoded = file
                .decode(&genome)
                .unwrap_or_else(|e| panic!("{text}: {e}"));
            if let Some(Decoded::Network(network)) = decoded {
                let model = Model::parse(&text, FusedDefinition::default()).unwrap();
                assert_eq!(model.architecture, network, "{text}");
            }
        }
    }
}

#[test]
fn sizes_of_what_ships() {
    let sizes: Vec<String> = names()
        .map(|name| format!("{name} {:?}", SpaceFile::named(name).unwrap().space.size()))
        .collect();
    expect![[r#"
        ednas Some(604462909807314587353088)
        hardware Some(69930)
        mobiledet Some(320304487543603200)
        pyramid Some(216)"#]]
    .assert_eq(&sizes.join("\n"));
}

const SMALL: &str = r#"
name = "small"
description = "All kinds of decisions"
constraints = ["a.side <= 7"]

[[group]]
name = "a"
decision = [
    { name = "kind", one_of = ["plain", { value = "fused", short = "f", decision = [
        { name = "side", int = { min = 3, max = 9, step = 2 } },
    ] }] },
    { name = "rate", float = { min = 0.001, max = 0.1, points = 5, log = true }, prefix = "r" },
]

[[group]]
name = "b#"
from = 1
to = 2
constraints = ["if keep == 1 then part >= 0.5"]
decision = [
    { name = "levels", many_of = { choose = 2, of = [3, 4, 5] } },
    { name = "keep", one_of = [0, 1] },
    { name = "part", float = { min = 0.0, max = 1.0, points = 3 } },
]
"#;

/// The file `text`, by its extension.
fn file_of(text: &str, extension: &str) -> Result<SpaceFile, SpaceFileError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("my.{extension}"));
    fs::write(&path, text).unwrap();
    SpaceFile::read(&path)
}

#[test]
fn all_kinds_of_decisions_are_read() {
    let space = file_of(SMALL, "toml").unwrap().space;
    // (plain or fused of 3 sides up to 7) x 5 rates x (3 lists x (3 + 2 of 6 combinations))^2.
    assert_eq!(space.size(), Some((1 + 3) * 5 * (3 * 5) * (3 * 5)));
    let first = space.genomes().next().unwrap();
    expect!["small/plainr0.001,levels3+4keep0part0,levels3+4keep0part0"]
        .assert_eq(&space.text(&first));
    let last = space.genomes().last().unwrap();
    expect!["small/fside7r0.1,levels4+5keep1part1,levels4+5keep1part1"]
        .assert_eq(&space.text(&last));
    expect![[r#"{"a.kind":"fused","a.rate":0.1,"a.side":7,"b1.keep":1,"b1.levels":[4,5],"b1.part":1.0,"b2.keep":1,"b2.levels":[4,5],"b2.part":1.0}"#]].assert_eq(&serde_json::to_string(&space.to_json(&last)).unwrap());
    let rates = space.decisions().iter().find(|d| d.name == "rate").unwrap();
    expect!["0.001, 0.00316228, 0.01, 0.0316228, 0.1"].assert_eq(&rates.allowed_values());
    for genome in space.genomes().step_by(97) {
        assert_eq!(space.read(&space.text(&genome)).as_ref(), Ok(&genome));
        assert_eq!(space.from_json(&space.to_json(&genome)), Ok(genome));
    }
}

#[test]
fn json_is_the_same_as_toml() {
    let json =
        serde_json::to_string_pretty(&toml::from_str::<toml::Value>(SMALL).unwrap()).unwrap();
    let space = file_of(&json, "json").unwrap().space;
    assert_eq!(space, file_of(SMALL, "toml").unwrap().space);
}

#[test]
fn lists_are_of_the_four_kinds() {
    let lists = |distinct: bool, sorted: bool| {
        let many = raw::RawMany {
            choose: 2,
            of: [1, 2, 3].map(Value::Int).to_vec(),
            distinct,
            sorted,
        };
        let lists: Vec<String> = many
            .values()
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        lists.join(" ")
    };
    assert_eq!(lists(true, true), "1+2 1+3 2+3");
    assert_eq!(lists(false, true), "1+1 1+2 1+3 2+2 2+3 3+3");
    assert_eq!(lists(true, false), "1+2 1+3 2+1 2+3 3+1 3+2");
    assert_eq!(lists(false, false), "1+1 1+2 1+3 2+1 2+2 2+3 3+1 3+2 3+3");
    let many = raw::RawMany {
        choose: 30,
        of: (0..60).map(Value::Int).collect(),
        distinct: true,
        sorted: true,
    };
    assert!(many.values().unwrap_err().contains("10000 lists"));
}

#[test]
fn files_that_are_no_spaces_are_refused() {
    let refused = |name: &str, part: &str| {
        let message = SpaceFile::open(name).unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    };
    refused("no/such.toml", "no/such.toml");
    refused("mobilenet", "did you mean `mobiledet`?");
    refused("ednas/late", "late-separable:N");
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("long.toml");
    fs::write(&long, " ".repeat(2 << 20)).unwrap();
    refused(long.to_str().unwrap(), "longer than a mebibyte");
    let bytes = folder.path().join("bytes.toml");
    fs::write(&bytes, [0xff, 0xfe]).unwrap();
    refused(bytes.to_str().unwrap(), "UTF-8");
}

proptest! {
    #[test]
    fn no_file_makes_the_reader_panic(cut in 0..SMALL.len(), noise in "[\\[\\]{}=\",#a-z0-9\n ]{0,12}") {
        let text = format!("{}{noise}{}", &SMALL[..cut], &SMALL[(cut + noise.len()).min(SMALL.len())..]);
        let _ = parse(&text, "noise.toml", Format::Toml);
        let _ = parse(&text, "noise.json", Format::Json);
    }
}
