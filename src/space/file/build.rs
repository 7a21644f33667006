//! From a file as written to its decisions and constraints.

use super::super::constraint::{Constraint, is_keyword};
use super::super::decision::{Choice, Condition, Decision, Scale, Value};
use super::super::definition::Space;
use super::super::error::SpaceError;
use super::place::Step;
use super::raw::{RawChoice, RawDecision, RawGroup, RawSpace};

/// The most decisions of a space.
const DECISIONS_MAX: usize = 2000;

/// Something wrong, and the path of where it stands.
pub(super) struct Fault {
    pub(super) path: Vec<Step>,
    pub(super) problem: String,
}

/// The space that a file describes.
pub(super) fn build(raw: &RawSpace) -> Result<Space, Fault> {
    let is_name_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if raw.name.is_empty() || !raw.name.chars().all(is_name_part) {
        return Err(Fault {
            path: vec![Step::Key("name")],
            problem: "expected letters, digits, `-`, `_` and `.`".to_owned(),
        });
    }
    let mut builder = Builder::default();
    for (index, group) in raw.group.iter().enumerate() {
        builder.path = vec![Step::Key("group"), Step::Index(index)];
        builder.group(group)?;
    }
    let own = vec![Step::Key("constraints")];
    builder.pending.extend(pending(&raw.constraints, "", &own));
    builder.finish(&raw.name)
}

#[derive(Default)]
struct Builder {
    decisions: Vec<Decision>,
    /// Where each of them stands.
    paths: Vec<Vec<Step>>,
    /// Constraints are read when all decisions are known.
    pending: Vec<Pending>,
    /// Where the builder is.
    path: Vec<Step>,
}

struct Pending {
    text: String,
    group: String,
    path: Vec<Step>,
}

impl Builder {
    fn group(&mut self, group: &RawGroup) -> Result<(), Fault> {
        for name in self.group_names(group)? {
            self.decisions(&name, &group.decision, None)?;
            let mut path = self.path.clone();
            path.push(Step::Key("constraints"));
            self.pending
                .extend(pending(&group.constraints, &name, &path));
        }
        Ok(())
    }

    /// One name, or one for each number from `from` to `to`.
    fn group_names(&self, group: &RawGroup) -> Result<Vec<String>, Fault> {
        let name = &group.name;
        if !name
            .split('.')
            .all(|part| is_identifier(&part.replace('#', "0")))
        {
            return Err(self.fault_at("name", "expected letters, digits and `_`, a letter first; dots between such words; a run of `#` where numbers go"));
        }
        let width = name.matches('#').count();
        let (from, to) = match (width, group.from, group.to) {
            (0, None, None) => return Ok(vec![name.clone()]),
            (0, ..) => {
                return Err(
                    self.fault_at("name", "expected a `#` where the numbers `from` to `to` go")
                );
            }
            (_, Some(from), Some(to)) if from <= to && to - from < 1000 => (from, to),
            _ => {
                return Err(self.fault_at("name", "a `#` stands for each number `from` to `to`; expected both, in order, at most 1000 numbers"));
            }
        };
        let run = "#".repeat(width);
        if !name.contains(&run) {
            return Err(self.fault_at("name", "expected one run of `#`, without anything between"));
        }
        let numbered = |number| name.replace(&run, &format!("{number:0width$}"));
        Ok((from..=to).map(numbered).collect())
    }

    /// Adds decisions, those that hang on their choices behind each.
    fn decisions(
        &mut self,
        group: &str,
        decisions: &[RawDecision],
        when: Option<Condition>,
    ) -> Result<(), Fault> {
        let depth = self.path.len();
        for (index, raw) in decisions.iter().enumerate() {
            self.path
                .extend([Step::Key("decision"), Step::Index(index)]);
            self.decision(group, raw, when)?;
            self.path.truncate(depth);
        }
        Ok(())
    }

    fn decision(
        &mut self,
        group: &str,
        raw: &RawDecision,
        when: Option<Condition>,
    ) -> Result<(), Fault> {
        if !is_identifier(&raw.name) || is_keyword(&raw.name) {
            return Err(self.fault_at("name", "expected letters, digits and `_`, a letter first, and no word of the constraints (if, then, and, in, not, sum)"));
        }
        if self.decisions.len() >= DECISIONS_MAX {
            return Err(self.fault_at("name", "a space has at most 2000 decisions"));
        }
        let (kind, values) = self.values(raw)?;
        let short = |at: usize, value: &Value| {
            let given = raw
                .one_of
                .as_ref()
                .and_then(|choices| choices[at].short.clone());
            given.unwrap_or_else(|| spelling(raw, value))
        };
        let choices = values.into_iter().enumerate();
        let choices = choices.map(|(at, value)| Choice {
            short: short(at, &value),
            value,
        });
        let number = self.decisions.len();
        let decision = Decision::one_of(group, &raw.name, choices.collect());
        let scale = scale(raw);
        self.decisions.push(Decision {
            when,
            scale,
            ..decision
        });
        self.paths.push(self.path.clone());
        let depth = self.path.len();
        for (choice, of) in raw.one_of.iter().flatten().enumerate() {
            self.path.extend([Step::Key(kind), Step::Index(choice)]);
            let decision = number;
            self.decisions(group, &of.decision, Some(Condition { decision, choice }))?;
            self.path.truncate(depth);
        }
        Ok(())
    }

    /// The key of the kind of decision, and its values.
    fn values(&self, raw: &RawDecision) -> Result<(&'static str, Vec<Value>), Fault> {
        let plain =
            |choices: &Vec<RawChoice>| Ok(choices.iter().map(|c| c.value.clone()).collect());
        let given = [
            raw.one_of.as_ref().map(|of| ("one_of", plain(of))),
            raw.many_of.as_ref().map(|of| ("many_of", of.values())),
            raw.int.as_ref().map(|of| ("int", of.values())),
            raw.float.as_ref().map(|of| ("float", of.values())),
        ];
        let mut given = given.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some((kind, values)), None) => match values {
                Ok(values) => Ok((kind, values)),
                Err(problem) => Err(self.fault_at(kind, problem)),
            },
            (None, _) | (_, Some(_)) => {
                let problem = "expected exactly one of `one_of`, `many_of`, `int`, `float`";
                Err(self.fault_at("name", problem))
            }
        }
    }

    fn finish(self, name: &str) -> Result<Space, Fault> {
        let Self {
            decisions,
            paths,
            pending,
            path: _,
        } = self;
        let mut constraints = Vec::with_capacity(pending.len());
        for Pending { text, group, path } in pending {
            let read = Constraint::parse(&text, &group, &decisions);
            constraints.push(read.map_err(|error| Fault {
                path,
                problem: error.to_string(),
            })?);
        }
        let names: Vec<String> = decisions.iter().map(Decision::full_name).collect();
        Space::constrained(name, decisions, constraints).map_err(|error| {
            let mut path = vec![Step::Key("name")];
            if let SpaceError::Malformed { decision, .. } | SpaceError::Ambiguous { decision, .. } =
                &error
            {
                // The later one is to blame where a name appears twice.
                let blamed = names.iter().rposition(|name| name == decision);
                path = blamed.map_or(path, |at| paths[at].clone());
            }
            Fault {
                path,
                problem: error.to_string(),
            }
        })
    }

    fn fault_at(&self, key: &'static str, problem: impl Into<String>) -> Fault {
        let mut path = self.path.clone();
        path.push(Step::Key(key));
        Fault {
            path,
            problem: problem.into(),
        }
    }
}

fn pending<'p>(
    constraints: &'p [String],
    group: &'p str,
    path: &'p [Step],
) -> impl Iterator<Item = Pending> + 'p {
    let numbered = constraints.iter().enumerate();
    numbered.map(move |(index, text)| Pending {
        text: text.clone(),
        group: group.to_owned(),
        path: [path, &[Step::Index(index)]].concat(),
    })
}

fn scale(raw: &RawDecision) -> Scale {
    match &raw.float {
        Some(float) if float.log => Scale::Logarithmic,
        Some(_) => Scale::Linear,
        None if raw.int.is_some() => Scale::Linear,
        None => Scale::Unordered,
    }
}

/// Words stand for themselves; numbers and lists are told apart by the decision's name.
fn spelling(raw: &RawDecision, value: &Value) -> String {
    let usual = match value {
        Value::Text(_) => "",
        Value::Int(_) | Value::Float(_) | Value::List(_) => raw.name.as_str(),
    };
    format!("{}{value}", raw.prefix.as_deref().unwrap_or(usual))
}

fn is_identifier(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
