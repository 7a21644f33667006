//! The grammar of constraints, names not yet looked up.

use super::super::error::SpaceError;
use super::Comparison;
use super::decimal::Decimal;
use super::token::{Kind, Token, refuse, tokens};

/// A test as written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test<'t> {
    Compare {
        left: Vec<Term<'t>>,
        comparison: Comparison,
        right: Vec<Term<'t>>,
    },
    Member {
        name: Named<'t>,
        is_in: bool,
        values: Vec<(usize, Literal<'t>)>,
    },
}

/// A number of times something.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Term<'t> {
    pub(super) column: usize,
    pub(super) coefficient: Decimal,
    pub(super) factor: Factor<'t>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Factor<'t> {
    /// The coefficient alone.
    One,
    Word(&'t str),
    Name(Named<'t>),
    Sum(Named<'t>),
}

/// A name and its column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Named<'t> {
    pub(super) column: usize,
    pub(super) name: &'t str,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Literal<'t> {
    Number(Decimal),
    Word(&'t str),
}

type Tests<'t> = Vec<Test<'t>>;

/// The tests behind `if`, and the others.
pub(super) fn parse(text: &str) -> Result<(Tests<'_>, Tests<'_>), SpaceError> {
    let mut parser = Parser {
        text,
        tokens: tokens(text)?,
        at: 0,
    };
    let mut premises = Vec::new();
    if parser.skip(Kind::Name("if")) {
        premises = parser.tests()?;
        if !parser.skip(Kind::Name("then")) {
            return Err(parser.expected("`and` or `then`"));
        }
    }
    let conclusions = parser.tests()?;
    match parser.peek() {
        Kind::End => Ok((premises, conclusions)),
        Kind::Name(_) | Kind::Number(_) | Kind::Word(_) | Kind::Symbol(_) => {
            Err(parser.expected("`and` or the end"))
        }
    }
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token<'t>>,
    at: usize,
}

impl<'t> Parser<'t> {
    fn tests(&mut self) -> Result<Tests<'t>, SpaceError> {
        let mut tests = vec![self.test()?];
        while self.skip(Kind::Name("and")) {
            tests.push(self.test()?);
        }
        Ok(tests)
    }

    fn test(&mut self) -> Result<Test<'t>, SpaceError> {
        let left = self.sum()?;
        let is_in = match self.peek() {
            Kind::Name("in") => true,
            Kind::Name("not") => false,
            Kind::Name(_) | Kind::Number(_) | Kind::Word(_) | Kind::Symbol(_) | Kind::End => {
                let comparison = self.comparison()?;
                let right = self.sum()?;
                return Ok(Test::Compare {
                    left,
                    comparison,
                    right,
                });
            }
        };
        let [
            Term {
                factor: Factor::Name(name),
                coefficient: Decimal::ONE,
                ..
            },
        ] = left[..]
        else {
            return Err(self.expected("a comparison; `in` follows a single name"));
        };
        self.at += 1;
        if !is_in && !self.skip(Kind::Name("in")) {
            return Err(self.expected("`in`"));
        }
        let values = self.list()?;
        Ok(Test::Member {
            name,
            is_in,
            values,
        })
    }

    fn list(&mut self) -> Result<Vec<(usize, Literal<'t>)>, SpaceError> {
        self.demand("[")?;
        let mut values = Vec::new();
        loop {
            let column = self.column();
            let is_negative = self.skip(Kind::Symbol("-"));
            let literal = match self.peek() {
                Kind::Word(word) if !is_negative => Literal::Word(word),
                Kind::Number(number) => {
                    let number = self.number(number)?;
                    Literal::Number(if is_negative {
                        number.negated()
                    } else {
                        number
                    })
                }
                Kind::Name(_) | Kind::Word(_) | Kind::Symbol(_) | Kind::End => {
                    return Err(self.expected("a number or a 'word'"));
                }
            };
            self.at += 1;
            values.push((column, literal));
            if !self.skip(Kind::Symbol(",")) {
                self.demand("]")?;
                return Ok(values);
            }
        }
    }

    fn comparison(&mut self) -> Result<Comparison, SpaceError> {
        let comparison = match self.peek() {
            Kind::Symbol("<=") => Comparison::AtMost,
            Kind::Symbol("<") => Comparison::Below,
            Kind::Symbol("==") => Comparison::Equal,
            Kind::Symbol("!=") => Comparison::Unequal,
            Kind::Symbol(">=") => Comparison::AtLeast,
            Kind::Symbol(">") => Comparison::Above,
            Kind::Name(_) | Kind::Number(_) | Kind::Word(_) | Kind::Symbol(_) | Kind::End => {
                return Err(self.expected("one of <=, <, ==, !=, >=, >, in, not in"));
            }
        };
        self.at += 1;
        Ok(comparison)
    }

    fn sum(&mut self) -> Result<Vec<Term<'t>>, SpaceError> {
        let mut is_negative = self.skip(Kind::Symbol("-"));
        let mut terms = Vec::new();
        loop {
            let mut term = self.term()?;
            if is_negative {
                term.coefficient = term.coefficient.negated();
            }
            terms.push(term);
            is_negative = self.peek() == Kind::Symbol("-");
            if !is_negative && self.peek() != Kind::Symbol("+") {
                return Ok(terms);
            }
            self.at += 1;
        }
    }

    fn term(&mut self) -> Result<Term<'t>, SpaceError> {
        let first = self.factor()?;
        if !self.skip(Kind::Symbol("*")) {
            return Ok(first);
        }
        let second = self.factor()?;
        let (factor, other) = match (&first.factor, &second.factor) {
            (_, Factor::One) => (first.factor, &second),
            (Factor::One, _) => (second.factor.clone(), &second),
            _ => {
                let problem = "multiplies two decisions; one factor must be a number";
                return Err(refuse(self.text, second.column, problem));
            }
        };
        let coefficient = first.coefficient.times(other.coefficient);
        let coefficient = coefficient.ok_or_else(|| self.too_long(first.column))?;
        Ok(Term {
            column: first.column,
            coefficient,
            factor,
        })
    }

    fn factor(&mut self) -> Result<Term<'t>, SpaceError> {
        let column = self.column();
        let mut coefficient = Decimal::ONE;
        let factor = match self.peek() {
            Kind::Number(number) => {
                coefficient = self.number(number)?;
                Factor::One
            }
            Kind::Word(word) => Factor::Word(word),
            Kind::Name("sum") => {
                self.at += 1;
                self.demand("(")?;
                let column = self.column();
                let Kind::Name(name) = self.peek() else {
                    return Err(self.expected("the name of decisions"));
                };
                self.at += 1;
                self.demand(")")?;
                let factor = Factor::Sum(Named { column, name });
                return Ok(Term {
                    column,
                    coefficient,
                    factor,
                });
            }
            Kind::Name(name) if !KEYWORDS.contains(&name) => Factor::Name(Named { column, name }),
            Kind::Name(_) | Kind::Symbol(_) | Kind::End => {
                return Err(self.expected("a decision, a number, a 'word' or sum(...)"));
            }
        };
        self.at += 1;
        Ok(Term {
            column,
            coefficient,
            factor,
        })
    }

    fn number(&self, text: &str) -> Result<Decimal, SpaceError> {
        Decimal::parse(text).ok_or_else(|| self.too_long(self.column()))
    }

    fn too_long(&self, column: usize) -> SpaceError {
        refuse(
            self.text,
            column,
            "has a number here that is not a decimal of at most 30 digits",
        )
    }

    fn peek(&self) -> Kind<'t> {
        self.tokens[self.at].kind
    }

    fn column(&self) -> usize {
        self.tokens[self.at].column
    }

    fn skip(&mut self, kind: Kind<'_>) -> bool {
        let is_there = self.peek() == kind;
        self.at += usize::from(is_there);
        is_there
    }

    fn demand(&mut self, symbol: &str) -> Result<(), SpaceError> {
        match self.skip(Kind::Symbol(symbol)) {
            true => Ok(()),
            false => Err(self.expected(&format!("`{symbol}`"))),
        }
    }

    fn expected(&self, what: &str) -> SpaceError {
        refuse(self.text, self.column(), format!("expected {what} here"))
    }
}

/// Words that are no decisions.
pub(super) const KEYWORDS: [&str; 6] = ["if", "then", "and", "in", "not", "sum"];
