//! Journals over every space: kept whole, read without its file, refused with what differs.

use super::*;
use crate::space::{Condition, SpaceFile};

/// Trials of `space`, every third infeasible, written to `path`.
fn write_trials(path: &Path, space: &Space, count: usize, seed: u64) -> History {
    let opened = Journal::open(path, space, &header(space, seed)).unwrap();
    let (mut journal, mut history) = (opened.journal, opened.history);
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    for number in 0..count {
        let genome = space.sample(&mut rng);
        let parent = number.checked_sub(2);
        journal
            .propose(&genome, &space.text(&genome), parent)
            .unwrap();
        history.propose(genome, parent);
        let outcome = match number % 3 {
            0 => Outcome::Infeasible {
                reason: "needs more".into(),
            },
            _ => complete(f64::from(u32::try_from(number).unwrap()), 1.0, 0.5),
        };
        journal.finish(number, &outcome).unwrap();
        history.finish(number, outcome);
    }
    history
}

#[test]
fn every_shipped_space_is_read_without_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let shipped = crate::space::file::names().map(|name| SpaceFile::named(name).unwrap().space);
    let full = ednas::space_named("ednas/full").unwrap();
    for (index, space) in shipped.chain([full]).enumerate() {
        let path = folder.path().join(format!("{index}.journal"));
        let history = write_trials(&path, &space, 20, 5);
        let recorded = read(&path).unwrap();
        assert_eq!(recorded.space, space);
        assert_eq!(recorded.history, history);
        assert!(recorded.header.is_over(&space));
    }
}

/// `b.e` is only asked where `a.k` is 5.
fn nested() -> Space {
    let mut decisions = space().decisions().to_vec();
    decisions[1].when = Some(Condition {
        decision: 0,
        choice: 1,
    });
    Space::new("toy", decisions).unwrap()
}

#[test]
fn idle_decisions_are_no_parameters() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.journal");
    let space = nested();
    let mut journal = Journal::open(&path, &space, &header(&space, 1))
        .unwrap()
        .journal;
    for choices in [[0, 0], [1, 0], [1, 1]] {
        let genome = space.genome(choices.to_vec()).unwrap();
        journal
            .propose(&genome, &space.text(&genome), None)
            .unwrap();
    }
    let text = fs::read_to_string(&path).unwrap();
    let asked = text.lines().filter(|l| l.contains("params"));
    let asked: Vec<bool> = asked.map(|l| l.contains("b.e")).collect();
    assert_eq!(asked, [false, true, true]);
    let genomes: Vec<Genome> = read(&path)
        .unwrap()
        .history
        .trials()
        .iter()
        .map(|t| t.genome.clone())
        .collect();
    assert_eq!(genomes[0].choices(), [0, 0]);
    assert_eq!(genomes[2].choices(), [1, 1]);
    drop(journal);
    // A value for what is not asked is no trial of this space.
    let forged = text.replacen(r#""params":{"a.k":0}"#, r#""params":{"a.k":0,"b.e":0}"#, 1);
    fs::write(&path, forged).unwrap();
    let error = read(&path).unwrap_err();
    expect!["study.journal, line 8: the trial has `b.e`, which is not asked there"]
        .assert_eq(error.to_string().rsplit('/').next().unwrap());
}

#[test]
fn a_journal_over_another_space_of_the_same_name_says_what_differs() {
    let (_folder, path, _) = sample();
    let other = |change: fn(&mut Vec<Decision>)| {
        let mut decisions = space().decisions().to_vec();
        change(&mut decisions);
        header(&Space::new("toy", decisions).unwrap(), 7)
    };
    check_refusal(
        &path,
        &other(|decisions| decisions[0].choices.truncate(1)),
        &expect![
            "DIR/study.journal belongs to another study: its `a.k` takes 3, 5, this search's 3; give the same settings to continue it, or another journal"
        ],
    );
    check_refusal(
        &path,
        &other(|decisions| decisions[1].name = "f".into()),
        &expect![
            "DIR/study.journal belongs to another study: its decision `b.e` is not in this search's; it lacks the decision `b.f` of this search's; give the same settings to continue it, or another journal"
        ],
    );
    check_refusal(
        &path,
        &other(|decisions| decisions[0].choices[0].short = "three".into()),
        &expect![
            "DIR/study.journal belongs to another study: its `a.k` is spelled, scaled or hung on other decisions otherwise than this search's; give the same settings to continue it, or another journal"
        ],
    );
    check_refusal(
        &path,
        &other(|decisions| decisions.reverse()),
        &expect![
            "DIR/study.journal belongs to another study: its decisions stand in another order than this search's; give the same settings to continue it, or another journal"
        ],
    );
}

#[test]
fn a_journal_of_another_version_is_refused() {
    let (_folder, path, _) = sample();
    let text = fs::read_to_string(&path).unwrap();
    let seven = header(&space(), 7);
    fs::write(
        &path,
        text.replacen("ednas.journal/2", "ednas.journal/9", 1),
    )
    .unwrap();
    check_refusal(
        &path,
        &seven,
        &expect![[
            r#"DIR/study.journal was written by another version of ednas: it is laid out as "ednas.journal/9", this version as "ednas.journal/2"; read it with that version, or begin another journal"#
        ]],
    );
    let without: String = text
        .lines()
        .filter(|l| !l.contains("ednas.journal/2"))
        .map(|l| l.to_owned() + "\n")
        .collect();
    fs::write(&path, without).unwrap();
    check_refusal(
        &path,
        &seven,
        &expect![[
            r#"DIR/study.journal was written by another version of ednas: it does not say how it is laid out; this version's say "ednas.journal/2" in the attribute `journal`; read it with that version, or begin another journal"#
        ]],
    );
}

#[test]
fn a_folder_is_no_journal() {
    let folder = tempfile::tempdir().unwrap();
    let error = read(folder.path()).unwrap_err();
    assert!(error.is_bad_input());
    assert!(error.to_string().contains("is not a file"), "{error}");
}
