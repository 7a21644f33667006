//! What is said of files with a fault, and where.

use expect_test::{Expect, expect};

use super::{SMALL, file_of};

/// Checks the refusal of `SMALL` with `from` replaced by `to`; the folder's name is left out.
fn check_refusal(from: &str, to: &str, expected: Expect) {
    assert!(SMALL.contains(from), "{from}");
    expected.assert_eq(&refusal(&SMALL.replacen(from, to, 1), "toml"));
}

fn refusal(text: &str, extension: &str) -> String {
    let message = file_of(text, extension).unwrap_err().to_string();
    let at = message.find("my.").unwrap();
    message[at..].to_owned()
}

#[test]
fn refusals_of_keys_and_values_say_where() {
    check_refusal(
        "prefix =",
        "prefx =",
        expect![[r#"
        my.toml:12:82: unknown key `prefx` (did you mean `prefix`?); known here: name, prefix, one_of, many_of, int, float
           |
        12 |   { name = "rate", float = { min = 0.001, max = 0.1, points = 5, log = true }, prefx = "r" },
           |                                                                                ^^^^^"#]],
    );
    check_refusal(
        "short =",
        "shrot =",
        expect![[r#"
        my.toml:9:60: unknown key `shrot` (did you mean `short`?); known here: value, short, decision
          |
        9 |     { name = "kind", one_of = ["plain", { value = "fused", shrot = "f", decision = [
          |                                                            ^^^^^"#]],
    );
    check_refusal(
        "name = \"a\"",
        "nam = \"a\"",
        expect![[r#"
        my.toml:7:1: unknown key `nam` (did you mean `name`?); known here: name, from, to, decision, constraints
          |
        7 | nam = "a"
          | ^^^"#]],
    );
    check_refusal(
        "description =",
        "decodes = \"ednsa\"\ndescription =",
        expect![[r#"
            my.toml:3:11: unknown word `ednsa` (did you mean `ednas`?); known here: ednas, mobiledet, pyramid, profile
              |
            3 | decodes = "ednsa"
              |           ^^^^^^^"#]],
    );
    check_refusal(
        "min = 3,",
        "min = \"3\",",
        expect![[r#"
            my.toml:10:40: invalid type: string "3", expected a whole number
               |
            10 |         { name = "side", int = { min = "3", max = 9, step = 2 } },
               |                                        ^^^"#]],
    );
    check_refusal(
        "max = 9",
        "max = 10",
        expect![[r#"
        my.toml:10:32: steps of 2 from 3 never meet 10; `max` must be among the values
           |
        10 |         { name = "side", int = { min = 3, max = 10, step = 2 } },
           |                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
    check_refusal(
        "step = 2",
        "step = 0",
        expect![[r#"
        my.toml:10:32: expected `min` at most `max` and `step` above 0
           |
        10 |         { name = "side", int = { min = 3, max = 9, step = 0 } },
           |                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
    check_refusal(
        "points = 5",
        "points = 1",
        expect![[r#"
        my.toml:12:30: expected 2 to 10000 `points`, both ends among them
           |
        12 |     { name = "rate", float = { min = 0.001, max = 0.1, points = 1, log = true }, prefix = "r" },
           |                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
    check_refusal(
        "min = 0.001",
        "min = 0.0",
        expect![[r#"
        my.toml:12:30: expected `min` above 0, since `log` compares ratios
           |
        12 |     { name = "rate", float = { min = 0.0, max = 0.1, points = 5, log = true }, prefix = "r" },
           |                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
    check_refusal(
        "choose = 2",
        "choose = 4",
        expect![[r#"
        my.toml:21:34: cannot choose 4 of 3 distinct values; expected 1 to 100
           |
        21 |     { name = "levels", many_of = { choose = 4, of = [3, 4, 5] } },
           |                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
    check_refusal(
        "[3, 4, 5]",
        "[3, { value = 4, short = \"x\" }, 5]",
        expect![[r#"
            my.toml:21:53: values of many_of have no `short` and no decisions of their own; give each its own one_of decision instead
               |
            21 |     { name = "levels", many_of = { choose = 2, of = [3, { value = 4, short = "x" }, 5] } },
               |                                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
    check_refusal(
        "one_of = [0, 1]",
        "one_of = [0, 0]",
        expect![[r#"
        my.toml:22:5: decision `b1.keep` has the same choice twice
           |
        22 |     { name = "keep", one_of = [0, 0] },
           |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
    check_refusal(
        "one_of = [0, 1]",
        "one_of = [0, true]",
        expect![[r#"
        my.toml:22:35: invalid type: boolean `true`, expected a number, a word or a table with `value`
           |
        22 |     { name = "keep", one_of = [0, true] },
           |                                   ^^^^"#]],
    );
    check_refusal(
        "one_of = [0, 1]",
        "one_of = [0, nan]",
        expect![[r#"
        my.toml:22:35: a number that is not finite
           |
        22 |     { name = "keep", one_of = [0, nan] },
           |                                   ^^^"#]],
    );
    check_refusal(
        "one_of = [0, 1]",
        "one_of = []",
        expect![[r#"
        my.toml:22:5: decision `b1.keep` has no choice
           |
        22 |     { name = "keep", one_of = [] },
           |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
    check_refusal(
        ", one_of = [0, 1]",
        "",
        expect![[r#"
        my.toml:22:14: expected exactly one of `one_of`, `many_of`, `int`, `float`
           |
        22 |     { name = "keep" },
           |              ^^^^^^"#]],
    );
}

#[test]
fn refusals_of_names_and_constraints_say_where() {
    check_refusal(
        "name = \"small\"",
        "name = \"sm/all\"",
        expect![[r#"
        my.toml:2:8: expected letters, digits, `-`, `_` and `.`
          |
        2 | name = "sm/all"
          |        ^^^^^^^^"#]],
    );
    check_refusal(
        "name = \"keep\"",
        "name = \"if\"",
        expect![[r#"
        my.toml:22:14: expected letters, digits and `_`, a letter first, and no word of the constraints (if, then, and, in, not, sum)
           |
        22 |     { name = "if", one_of = [0, 1] },
           |              ^^^^"#]],
    );
    check_refusal(
        "name = \"keep\"",
        "name = \"part\"",
        expect![[r#"
        my.toml:19:16: constraint `if keep == 1 then part >= 0.5`, column 4: names a decision that does not exist: `keep`
           |
        19 | constraints = ["if keep == 1 then part >= 0.5"]
           |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
    check_refusal(
        "name = \"b#\"",
        "name = \"b\"",
        expect![[r#"
        my.toml:16:8: expected a `#` where the numbers `from` to `to` go
           |
        16 | name = "b"
           |        ^^^"#]],
    );
    check_refusal(
        "to = 2",
        "",
        expect![[r#"
        my.toml:16:8: a `#` stands for each number `from` to `to`; expected both, in order, at most 1000 numbers
           |
        16 | name = "b#"
           |        ^^^^"#]],
    );
    check_refusal(
        "\"a.side <= 7\"",
        "\"a.kind == 'fused' and a.side <= 1\"",
        expect![[r#"
            my.toml:2:8: the space `small` has no genome: nothing keeps `a.kind == 'fused' and a.side <= 1`; loosen or leave out one of them
              |
            2 | name = "small"
              |        ^^^^^^^"#]],
    );
    check_refusal(
        "\"a.side <= 7\"",
        "\"a.sied <= 7\"",
        expect![[r#"
        my.toml:4:16: constraint `a.sied <= 7`, column 1: names a decision that does not exist: `a.sied`
          |
        4 | constraints = ["a.sied <= 7"]
          |                ^^^^^^^^^^^^^"#]],
    );
    check_refusal(
        "if keep == 1 then",
        "if keep in [2] then",
        expect![[r#"
        my.toml:19:16: constraint `if keep in [2] then part >= 0.5`, column 13: has a value here that `b1.keep` never takes; it takes: 0, 1
           |
        19 | constraints = ["if keep in [2] then part >= 0.5"]
           |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
    check_refusal(
        "\"a.side <= 7\"",
        "\"a.kind == 'fused'\", \"a.side + b1.keep < 3\"",
        expect![[r#"
            my.toml:2:8: the space `small` has no genome: nothing keeps `a.kind == 'fused'`, `a.side + b1.keep < 3`; loosen or leave out one of them
              |
            2 | name = "small"
              |        ^^^^^^^"#]],
    );
    check_refusal(
        "one_of = [\"plain\", {",
        "one_of = [\"plain\", \"plainr\", {",
        expect![[r#"
            my.toml:9:5: decision `a.kind`: its spelling `plain` begins a longer one, and what follows in the short text may continue alike; give its choices a `prefix` or `short` forms that end clearly
              |
            9 |     { name = "kind", one_of = ["plain", "plainr", { value = "fused", short = "f", decision = [
              |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
    check_refusal(
        "description =",
        "base = \"coral-edgetpu\"\ndescription =",
        expect![[r#"
            my.toml:3:8: only spaces with decodes = "profile" have a `base`
              |
            3 | base = "coral-edgetpu"
              |        ^^^^^^^^^^^^^^^"#]],
    );
    check_refusal(
        "description =",
        "decodes = \"profile\"\ndescription =",
        expect![[r#"
            my.toml:3:11: `profile` needs `base`, the name of the profile to vary
              |
            3 | decodes = "profile"
              |           ^^^^^^^^^"#]],
    );
    check_refusal(
        "description =",
        "decodes = \"pyramid\"\ndescription =",
        expect![[r#"
            my.toml:3:11: decision `a.kind` is plain; expected no decision of this name; the decoder reads none
              |
            3 | decodes = "pyramid"
              |           ^^^^^^^^^"#]],
    );
}

#[test]
fn json_refusals_say_where() {
    let json =
        serde_json::to_string_pretty(&toml::from_str::<toml::Value>(SMALL).unwrap()).unwrap();
    let check = |from: &str, to: &str, expected: Expect| {
        assert!(json.contains(from), "{from}: {json}");
        expected.assert_eq(&refusal(&json.replacen(from, to, 1), "json"));
    };
    check(
        "\"prefix\"",
        "\"prefx\"",
        expect![[r#"
            my.json:37:11: unknown key `prefx` (did you mean `prefix`?); known here: name, prefix, one_of, many_of, int, float
               |
            37 |           "prefx": "r"
               |           ^^^^^^^"#]],
    );
    check(
        "\"max\": 9",
        "\"max\": 10",
        expect![[r#"
        my.json:16:26: steps of 2 from 3 never meet 10; `max` must be among the values
           |
        16 |                   "int": {
           |                          ^"#]],
    );
    check(
        "a.side <= 7",
        "a.sied <= 7",
        expect![[r#"
        my.json:3:5: constraint `a.sied <= 7`, column 1: names a decision that does not exist: `a.sied`
          |
        3 |     "a.sied <= 7"
          |     ^^^^^^^^^^^^^"#]],
    );
    check(
        "\"step\": 2",
        "\"step\": 2,",
        expect![[r#"
        my.json:20:19: trailing comma
           |
        20 |                   },
           |                   ^"#]],
    );
}
