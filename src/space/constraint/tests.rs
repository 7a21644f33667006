//! Constraints: what they mean, and what is said of those that mean nothing.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::space::decision::{Choice, Condition, Value};

/// `a.kind` of two words, `a.width` and `b.width` of 0.1, 0.2 and 0.3, `b.side`, which hangs on the
/// second kind, of 1 and 2, and `b.taps`, lists.
fn decisions() -> Vec<Decision> {
    let choices = |values: Vec<Value>| {
        let choice = |value: Value| Choice::new(value.clone(), value.to_string());
        values.into_iter().map(choice).collect()
    };
    let words = || vec![Value::Text("plain".into()), Value::Text("fused".into())];
    let widths = || [0.1, 0.2, 0.3].map(Value::Float).to_vec();
    let sides = [1, 2].map(Value::Int).to_vec();
    let lists = [1, 2].map(|n| Value::List(vec![Value::Int(n)])).to_vec();
    let when = Condition {
        decision: 0,
        choice: 1,
    };
    vec![
        Decision::one_of("a", "kind", choices(words())),
        Decision::one_of("a", "width", choices(widths())),
        Decision::one_of("b", "width", choices(widths())),
        Decision::one_of("b", "side", choices(sides)).when(when),
        Decision::one_of("b", "taps", choices(lists)),
    ]
}

/// Whether `a.kind`, `a.width`, `b.width` and `b.side`, nothing if idle, keep the constraint.
fn holds(text: &str, taken: [Option<usize>; 4]) -> bool {
    let constraint = Constraint::parse(text, "", &decisions()).unwrap();
    constraint.holds(&|index| taken[index])
}

#[test]
fn decimals_are_added_exactly() {
    let one_and_two = [Some(0), Some(0), Some(1), None];
    assert!(holds("a.width + b.width == 0.3", one_and_two));
    assert!(holds("sum(width) <= 0.3", one_and_two));
    assert!(!holds("sum(width) < 0.30", one_and_two));
    assert!(holds("3 * a.width == 0.3", one_and_two));
    assert!(holds("-a.width + b.width * 2 > 0.299999", one_and_two));
    assert!(holds("b.width - 0.1 >= a.width", one_and_two));
}

#[test]
fn idle_decisions_neither_keep_nor_break() {
    let plain = [Some(0), Some(0), Some(0), None];
    let fused = [Some(1), Some(0), Some(0), Some(1)];
    assert!(holds("side == 1", plain) && !holds("side == 1", fused));
    assert!(holds("side != 1", plain) && holds("side != 1", fused));
    // The premise does not apply, so nothing is demanded.
    assert!(holds("if side == 2 then a.width == 0.3", plain));
    assert!(!holds("if side == 2 then a.width == 0.3", fused));
    // In a sum an idle decision is 0.
    assert!(holds("sum(side) == 0", plain) && holds("sum(b.s*e) == 2", fused));
    assert!(holds(
        "if kind == 'fused' then side in [2] and a.width not in [0.2, 0.3]",
        fused
    ));
    assert!(!holds(
        "if 'plain' != kind and a.width == 0.10 then side in [1]",
        fused
    ));
}

#[test]
fn names_are_looked_for_in_the_group_first() {
    let widths = |group: &str, text: &str| {
        Constraint::parse(text, group, &decisions())
            .unwrap()
            .decisions()
    };
    assert_eq!(widths("a", "width <= 0.1"), [1]);
    assert_eq!(widths("b", "width <= 0.1"), [2]);
    assert_eq!(widths("b", "sum(width) <= 0.1"), [2]);
    assert_eq!(widths("", "sum(width) <= 0.1"), [1, 2]);
    assert_eq!(
        widths("b", "a.width <= width and kind == 'plain'"),
        [0, 1, 2]
    );
}

fn check_refusal(text: &str, expected: Expect) {
    let error = Constraint::parse(text, "", &decisions()).unwrap_err();
    expected.assert_eq(&error.to_string());
}

#[test]
fn refusals_say_where_and_what() {
    check_refusal(
        "",
        expect![
            "constraint ``, column 1: expected a decision, a number, a 'word' or sum(...) here"
        ],
    );
    check_refusal(
        "a.width",
        expect![
            "constraint `a.width`, column 8: expected one of <=, <, ==, !=, >=, >, in, not in here"
        ],
    );
    check_refusal(
        "a.width <= ",
        expect![
            "constraint `a.width <= `, column 12: expected a decision, a number, a 'word' or sum(...) here"
        ],
    );
    check_refusal(
        "a.width = 0.1",
        expect![
            "constraint `a.width = 0.1`, column 9: has something here that is no name, number, 'word' or comparison"
        ],
    );
    check_refusal(
        "a.width <= 0.1 then",
        expect!["constraint `a.width <= 0.1 then`, column 16: expected `and` or the end here"],
    );
    check_refusal(
        "if side == 1",
        expect!["constraint `if side == 1`, column 13: expected `and` or `then` here"],
    );
    check_refusal(
        "a.widht <= 0.1",
        expect![
            "constraint `a.widht <= 0.1`, column 1: names a decision that does not exist: `a.widht`"
        ],
    );
    check_refusal(
        "width <= 0.1",
        expect![
            "constraint `width <= 0.1`, column 1: names several decisions, such as `a.width` and `b.width`; give one full name, or add them up with sum(): `width`"
        ],
    );
    check_refusal(
        "sum(c.*) <= 1",
        expect!["constraint `sum(c.*) <= 1`, column 5: adds up decisions that do not exist: `c.*`"],
    );
    check_refusal(
        "a.width * side <= 1",
        expect![
            "constraint `a.width * side <= 1`, column 11: multiplies two decisions; one factor must be a number"
        ],
    );
    check_refusal(
        "kind <= 1",
        expect![
            "constraint `kind <= 1`, column 1: computes with `a.kind`, whose values are not all numbers of at most 30 digits"
        ],
    );
    check_refusal(
        "kind == 'fusd'",
        expect![
            "constraint `kind == 'fusd'`, column 9: has a value here that `a.kind` never takes; it takes: plain, fused"
        ],
    );
    check_refusal(
        "kind < 'fused'",
        expect![
            "constraint `kind < 'fused'`, column 8: puts words in an order; they are only equal (==) or not (!=)"
        ],
    );
    check_refusal(
        "kind + 1 == 'fused'",
        expect![
            "constraint `kind + 1 == 'fused'`, column 1: computes with `a.kind`, whose values are not all numbers of at most 30 digits"
        ],
    );
    check_refusal(
        "'fused' + 1 == kind",
        expect![
            "constraint `'fused' + 1 == kind`, column 1: adds a word; words are only compared with a single decision"
        ],
    );
    check_refusal(
        "side in [1, 3]",
        expect![
            "constraint `side in [1, 3]`, column 13: has a value here that `b.side` never takes; it takes: 1, 2"
        ],
    );
    check_refusal(
        "side + 1 in [1]",
        expect![
            "constraint `side + 1 in [1]`, column 10: expected a comparison; `in` follows a single name here"
        ],
    );
    check_refusal(
        "side in 1",
        expect!["constraint `side in 1`, column 9: expected `[` here"],
    );
    check_refusal(
        "side not [1]",
        expect!["constraint `side not [1]`, column 10: expected `in` here"],
    );
    check_refusal(
        "taps == 1",
        expect![
            "constraint `taps == 1`, column 1: computes with `b.taps`, whose values are not all numbers of at most 30 digits"
        ],
    );
    check_refusal(
        "1 < 2",
        expect!["constraint `1 < 2`, column 1: compares numbers without any decision"],
    );
    check_refusal(
        "side < 1.2.3",
        expect![
            "constraint `side < 1.2.3`, column 8: has a number here that is not a decimal of at most 30 digits"
        ],
    );
    check_refusal(
        "side < 1234567890123456789012345678901234567890",
        expect![
            "constraint `side < 1234567890123456789012345678901234567890`, column 8: has a number here that is not a decimal of at most 30 digits"
        ],
    );
    check_refusal(
        "side < 'one",
        expect![
            "constraint `side < 'one`, column 8: has something here that is no name, number, 'word' or comparison"
        ],
    );
    check_refusal(
        "sum < 1",
        expect!["constraint `sum < 1`, column 5: expected `(` here"],
    );
    check_refusal(
        "é < 1",
        expect![
            "constraint `é < 1`, column 1: has something here that is no name, number, 'word' or comparison"
        ],
    );
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(
        words in prop::collection::vec(prop::sample::select(vec![
            "if", "then", "and", "in", "not", "sum", "(", ")", "[", "]", "<", "<=", "==", "+", "-",
            "*", ",", "kind", "side", "width", "a.width", "'plain'", "1", "0.2", "99999999999999999999",
        ]), 0..12),
        noise in ".{0,20}",
    ) {
        let text = words.join(" ");
        let _ = Constraint::parse(&text, "a", &decisions());
        let _ = Constraint::parse(&format!("{text}{noise}"), "", &decisions());
    }
}
