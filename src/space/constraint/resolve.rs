//! Names to decisions: a test as written becomes a weighted sum of choices.

use super::super::decision::{Choice, Decision, Value};
use super::super::error::SpaceError;
use super::decimal::Decimal;
use super::parse::{self, Factor, Literal, Named};
use super::token::refuse;
use super::{Comparison, Term, Test};

/// Where the names of a constraint are looked for.
pub(super) struct Scope<'s> {
    pub(super) text: &'s str,
    pub(super) group: &'s str,
    pub(super) decisions: &'s [Decision],
}

/// What a decision adds, by choice, before all share one unit.
struct Share {
    decision: usize,
    by_choice: Vec<Decimal>,
    is_required: bool,
}

impl Scope<'_> {
    pub(super) fn test(&self, test: &parse::Test<'_>) -> Result<Test, SpaceError> {
        match test {
            parse::Test::Member {
                name,
                is_in,
                values,
            } => self.member(*name, *is_in, values),
            parse::Test::Compare {
                left,
                comparison,
                right,
            } => match (&left[..], &right[..]) {
                ([one], [word]) if is_word(word) => self.word(one, *comparison, word),
                ([word], [one]) if is_word(word) => self.word(one, *comparison, word),
                _ => self.compare(left, *comparison, right),
            },
        }
    }

    /// `name in [...]`: 1 for choices in the list, 0 for others, is 1.
    fn member(
        &self,
        name: Named<'_>,
        is_in: bool,
        values: &[(usize, Literal<'_>)],
    ) -> Result<Test, SpaceError> {
        let decision = self.one(name)?;
        let mut by_choice = vec![0; self.decisions[decision].choices.len()];
        for (column, literal) in values {
            by_choice[self.choice(decision, *column, *literal)?] = 1;
        }
        Ok(Test {
            terms: vec![Term {
                decision,
                by_choice,
                is_required: true,
            }],
            comparison: if is_in {
                Comparison::Equal
            } else {
                Comparison::Unequal
            },
            bound: 1,
        })
    }

    /// `name == 'word'` is membership of one.
    fn word(
        &self,
        one: &parse::Term<'_>,
        comparison: Comparison,
        word: &parse::Term<'_>,
    ) -> Result<Test, SpaceError> {
        let is_in = match comparison {
            Comparison::Equal => true,
            Comparison::Unequal => false,
            Comparison::AtMost | Comparison::Below | Comparison::AtLeast | Comparison::Above => {
                let problem = "puts words in an order; they are only equal (==) or not (!=)";
                return Err(refuse(self.text, word.column, problem));
            }
        };
        let (Factor::Name(name), Decimal::ONE, Factor::Word(text)) =
            (&one.factor, one.coefficient, &word.factor)
        else {
            let problem = "compares a word with something else than a single decision";
            return Err(refuse(self.text, one.column, problem));
        };
        self.member(*name, is_in, &[(word.column, Literal::Word(text))])
    }

    fn compare(
        &self,
        left: &[parse::Term<'_>],
        comparison: Comparison,
        right: &[parse::Term<'_>],
    ) -> Result<Test, SpaceError> {
        let mut shares = Vec::new();
        let mut constants = Vec::new();
        let left = left.iter().map(|term| (term, term.coefficient));
        let right = right.iter().map(|term| (term, term.coefficient.negated()));
        for (term, coefficient) in left.chain(right) {
            let (named, is_required) = match &term.factor {
                Factor::One => {
                    constants.push(coefficient.negated());
                    continue;
                }
                Factor::Word(_) => {
                    let problem = "adds a word; words are only compared with a single decision";
                    return Err(refuse(self.text, term.column, problem));
                }
                Factor::Name(name) => (vec![self.one(*name)?], true),
                Factor::Sum(name) => (self.all(*name)?, false),
            };
            for decision in named {
                shares.push(Share {
                    decision,
                    by_choice: self.numbers(decision, term.column, coefficient)?,
                    is_required,
                });
            }
        }
        if shares.is_empty() {
            return Err(refuse(
                self.text,
                1,
                "compares numbers without any decision",
            ));
        }
        in_one_unit(&shares, comparison, &constants).ok_or_else(|| {
            refuse(
                self.text,
                1,
                "needs more than 30 digits to be added up exactly",
            )
        })
    }

    /// The values of a decision as numbers, each times `coefficient`.
    fn numbers(
        &self,
        decision: usize,
        column: usize,
        coefficient: Decimal,
    ) -> Result<Vec<Decimal>, SpaceError> {
        let choices = &self.decisions[decision].choices;
        let number = |choice: &Choice| number(&choice.value)?.times(coefficient);
        let numbers: Option<Vec<Decimal>> = choices.iter().map(number).collect();
        numbers.ok_or_else(|| {
            let name = self.decisions[decision].full_name();
            let problem = format!(
                "computes with `{name}`, whose values are not all numbers of at most 30 digits"
            );
            refuse(self.text, column, problem)
        })
    }

    /// The index of the choice that a literal means.
    fn choice(
        &self,
        decision: usize,
        column: usize,
        literal: Literal<'_>,
    ) -> Result<usize, SpaceError> {
        let decision = &self.decisions[decision];
        let is_meant = |choice: &Choice| match (literal, &choice.value) {
            (Literal::Word(word), Value::Text(text)) => word == text,
            (Literal::Number(meant), value) => number(value).is_some_and(|n| same(n, meant)),
            (Literal::Word(_), Value::Int(_) | Value::Float(_) | Value::List(_)) => false,
        };
        decision.choices.iter().position(is_meant).ok_or_else(|| {
            let problem = format!(
                "has a value here that `{}` never takes; it takes: {}",
                decision.full_name(),
                decision.allowed_values()
            );
            refuse(self.text, column, problem)
        })
    }

    /// The one decision of a name.
    fn one(&self, named: Named<'_>) -> Result<usize, SpaceError> {
        let problem = match self.matching(named.name)[..] {
            [decision] => return Ok(decision),
            [] => "names a decision that does not exist".to_owned(),
            [first, second, ..] => format!(
                "names several decisions, such as `{}` and `{}`; give one full name, or add them up with sum()",
                self.decisions[first].full_name(),
                self.decisions[second].full_name()
            ),
        };
        Err(refuse(
            self.text,
            named.column,
            format!("{problem}: `{}`", named.name),
        ))
    }

    /// All decisions of a name or pattern, at least one.
    fn all(&self, named: Named<'_>) -> Result<Vec<usize>, SpaceError> {
        let found = self.matching(named.name);
        if found.is_empty() {
            let problem = format!("adds up decisions that do not exist: `{}`", named.name);
            return Err(refuse(self.text, named.column, problem));
        }
        Ok(found)
    }

    /// In the group before anywhere, by full name before name alone.
    fn matching(&self, name: &str) -> Vec<usize> {
        let in_group = format!("{}.{name}", self.group);
        let by = |matches: &dyn Fn(&Decision) -> bool| -> Vec<usize> {
            let all = self.decisions.iter().enumerate();
            all.filter(|(_, d)| matches(d))
                .map(|(index, _)| index)
                .collect()
        };
        let candidates = [
            by(&|d| is_like(&d.full_name(), &in_group)),
            by(&|d| is_like(&d.full_name(), name)),
            by(&|d| is_like(&d.name, name)),
        ];
        let found = candidates.into_iter().find(|found| !found.is_empty());
        found.unwrap_or_default()
    }
}

fn is_word(term: &parse::Term<'_>) -> bool {
    matches!(term.factor, Factor::Word(_))
}

/// Whether `name` fits `pattern`, in which `*` stands for any characters.
fn is_like(name: &str, pattern: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for piece in pieces {
        if let Some(middle) = last.replace(piece) {
            // The earliest place leaves most for what follows.
            let Some((_, after)) = rest.split_once(middle) else {
                return false;
            };
            rest = after;
        }
    }
    last.map_or(rest.is_empty(), |last: &str| rest.ends_with(last))
}

fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(number) => Some(Decimal::whole(i128::from(*number))),
        // The shortest decimal that reads back as the number: what its file says.
        Value::Float(number) => Decimal::parse(&number.to_string()),
        Value::Text(_) | Value::List(_) => None,
    }
}

fn same(a: Decimal, b: Decimal) -> bool {
    let places = a.places().max(b.places());
    a.in_units(places)
        .is_some_and(|units| Some(units) == b.in_units(places))
}

fn in_one_unit(shares: &[Share], comparison: Comparison, constants: &[Decimal]) -> Option<Test> {
    let numbers = shares.iter().flat_map(|share| &share.by_choice);
    let places = numbers
        .chain(constants)
        .map(|number| number.places())
        .max()?;
    let units = |numbers: &[Decimal]| -> Option<Vec<i128>> {
        numbers
            .iter()
            .map(|number| number.in_units(places))
            .collect()
    };
    let term = |share: &Share| {
        Some(Term {
            decision: share.decision,
            by_choice: units(&share.by_choice)?,
            is_required: share.is_required,
        })
    };
    Some(Test {
        terms: shares.iter().map(term).collect::<Option<_>>()?,
        comparison,
        bound: units(constants)?.iter().sum(),
    })
}
