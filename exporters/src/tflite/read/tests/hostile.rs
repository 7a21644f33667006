//! Damaged files: whatever the bytes, reading ends in a graph or an error.

use expect_test::expect;
use proptest::prelude::*;

use super::foreign::{check, file, tensor};
use crate::tflite::{read, write};
use crate::{Metadata, samples};

#[test]
fn other_formats_are_refused() {
    for (bytes, expected) in [
        (
            &b""[..],
            expect!["not read as TFLite: found ``, expected TFL3 at byte 4"],
        ),
        (
            b"\x89PNG\r\n\x1a\n",
            expect![[r#"not read as TFLite: found `\r\n\x1a\n`, expected TFL3 at byte 4"#]],
        ),
        (
            b"\x08\0\0\0TFL3",
            expect![
                "the root table: found 4 bytes at 8, expected a place within the file's 8 bytes"
            ],
        ),
    ] {
        check(bytes, &expected);
    }
}

#[test]
fn every_truncation_is_refused_or_read() {
    let bytes = write(&samples::small_int8(), &Metadata::default()).unwrap();
    for end in 0..bytes.len() {
        let _ = read(&bytes[..end]);
    }
}

/// A change to a file.
#[derive(Clone, Debug)]
enum Change {
    Flip { at: usize, mask: u8 },
    Word { at: usize, word: u32 },
    Splice { from: usize, to: usize, len: usize },
    Truncate { to: usize },
}

fn change() -> impl Strategy<Value = Change> {
    let at = || any::<prop::sample::Index>().prop_map(|at| at.index(1 << 20));
    let word = prop_oneof![
        any::<u32>(),
        0_u32..64,
        Just(u32::MAX),
        Just(1 << 31),
        Just(i32::MAX.unsigned_abs())
    ];
    prop_oneof![
        (at(), 1_u8..).prop_map(|(at, mask)| Change::Flip { at, mask }),
        (at(), word).prop_map(|(at, word)| Change::Word { at, word }),
        (at(), at(), 1_usize..64).prop_map(|(from, to, len)| Change::Splice { from, to, len }),
        at().prop_map(|to| Change::Truncate { to }),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    let len = bytes.len();
    if len < 8 {
        return;
    }
    match *change {
        Change::Flip { at, mask } => bytes[at % len] ^= mask,
        Change::Word { at, word } => {
            let at = at % (len - 4) / 4 * 4;
            bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
        }
        Change::Splice {
            from,
            to,
            len: count,
        } => {
            let count = count.min(len / 2);
            let (from, to) = (from % (len - count), to % (len - count));
            bytes.copy_within(from..from + count, to);
        }
        Change::Truncate { to } => bytes.truncate(to % len),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn damage_never_panics(
        changes in prop::collection::vec(change(), 1..6),
        int8 in any::<bool>(),
    ) {
        let graph = if int8 { samples::small_int8() } else { samples::small_float() };
        let mut bytes = write(&graph, &Metadata::default()).unwrap();
        for change in &changes {
            apply(&mut bytes, change);
        }
        if let Ok(graph) = read(&bytes) {
            let _ = kernels::cost::graph_cost(&graph);
            let _ = kernels::work::tasks(&graph, kernels::work::Precision::AsIs);
        }
    }
}

/// A file whose list of tensors names the same one over and over.
#[test]
fn shared_bytes_do_not_multiply() {
    let name = "a long name ".repeat(100).leak();
    let tensors = || vec![tensor(name, &[2], 0), tensor("y", &[2], 0)];
    let add = || (0, None, vec![0; 4000], vec![1], None);
    let concat = file(vec![(
        tensors(),
        vec![(2, None, vec![0; 2000], vec![1], None), add()],
    )]);
    assert!(read(&concat).is_err());
}
