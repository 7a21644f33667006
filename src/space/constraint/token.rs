//! The words of a constraint.

use super::super::error::SpaceError;

/// The longest constraint, in bytes.
const LENGTH_MAX: usize = 1000;

/// A word and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token<'t> {
    /// Column in characters, from 1.
    pub(super) column: usize,
    pub(super) kind: Kind<'t>,
}

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind<'t> {
    /// A decision's name or a word of the language.
    Name(&'t str),
    Number(&'t str),
    /// A value in quotes, without them.
    Word(&'t str),
    Symbol(&'t str),
    End,
}

/// Longer ones first.
const SYMBOLS: [&str; 14] = [
    "<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "(", ")", "[", "]", ",",
];

/// The words of `text`; the last one is [`Kind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, SpaceError> {
    if text.len() > LENGTH_MAX {
        return Err(refuse(text, LENGTH_MAX, "is longer than 1000 characters"));
    }
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let column = column_of(text, rest);
        let Some((kind, length)) = next(rest) else {
            return Err(refuse(
                text,
                column,
                "has something here that is no name, number, 'word' or comparison",
            ));
        };
        tokens.push(Token { column, kind });
        if kind == Kind::End {
            return Ok(tokens);
        }
        rest = &rest[length..];
    }
}

/// The first word of `text` and its length in bytes.
fn next(text: &str) -> Option<(Kind<'_>, usize)> {
    let Some(first) = text.chars().next() else {
        return Some((Kind::End, 0));
    };
    let run = |belongs: fn(char) -> bool| {
        let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
        &text[..end]
    };
    if first.is_ascii_alphabetic() || first == '_' {
        let name = run(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '*'));
        return Some((Kind::Name(name), name.len()));
    }
    if first.is_ascii_digit() {
        let number = run(|c| c.is_ascii_digit() || c == '.');
        return Some((Kind::Number(number), number.len()));
    }
    if matches!(first, '\'' | '"') {
        let word = text[1..].split_once(first)?.0;
        return Some((Kind::Word(word), word.len() + 2));
    }
    let symbol = SYMBOLS.into_iter().find(|s| text.starts_with(s))?;
    Some((Kind::Symbol(symbol), symbol.len()))
}

fn column_of(text: &str, rest: &str) -> usize {
    text[..text.len() - rest.len()].chars().count() + 1
}

/// The refusal of `text` at `column`.
pub(super) fn refuse(text: &str, column: usize, problem: impl Into<String>) -> SpaceError {
    SpaceError::Constraint {
        text: text.chars().take(200).collect(),
        column,
        problem: problem.into(),
    }
}
