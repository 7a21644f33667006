//! A genome as Optuna's parameters, and back.
//!
//! A decision becomes an `IntDistribution` or `FloatDistribution` where its values are numbers on a
//! scale, and a `CategoricalDistribution` elsewhere; lists are categories spelled `a+b`. Only
//! decisions that are made are parameters of a trial.
//!
//! DIFFERENCE: Optuna knows no `float` of a few points: it is told the range, so that its own
//! samplers would also draw from between. Nothing here ever takes such a value.
//!
//! Distributions are in Optuna's short form, a third shorter than what Optuna writes: every trial
//! repeats them, and they are most of a journal.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::line::Pairs;
use crate::space::{Decision, Genome, Scale, Space, Value};

/// Whole numbers up to here are told apart as floats, which Optuna takes parameters for.
const EXACT_MAX: i64 = 1 << 53;

/// The parameters that the genomes of a space have.
#[derive(Debug)]
pub(super) struct Parameters {
    space: Space,
    of: Vec<Parameter>,
}

/// What a decision is to Optuna.
#[derive(Debug)]
struct Parameter {
    name: String,
    /// Optuna's number for every choice, ascending.
    numbers: Vec<f64>,
    /// `"NAME":NUMBER` for every choice, as in a line's parameters.
    written: Vec<String>,
    /// `"NAME":"DISTRIBUTION"`, as in a line's distributions.
    distribution: String,
}

/// How Optuna sees the choices of a decision.
enum Form {
    /// By index.
    Categorical,
    /// As whole numbers.
    Int { low: i64, high: i64, step: i64 },
    /// As numbers.
    Float { low: f64, high: f64, log: bool },
}

impl Parameters {
    pub(super) fn new(space: &Space) -> Self {
        Self {
            space: space.clone(),
            of: space.decisions().iter().map(Parameter::new).collect(),
        }
    }

    /// The space whose genomes these are.
    pub(super) fn space(&self) -> &Space {
        &self.space
    }

    /// Writes the parameters of `genome`, `"a.k":0,"b.e":1`.
    pub(super) fn write_values(&self, genome: &Genome, line: &mut Vec<u8>) {
        self.write(genome, line, |parameter, choice| &parameter.written[choice]);
    }

    /// Writes the distributions of the parameters of `genome`.
    pub(super) fn write_distributions(&self, genome: &Genome, line: &mut Vec<u8>) {
        self.write(genome, line, |parameter, _| &parameter.distribution);
    }

    fn write<'a>(
        &'a self,
        genome: &Genome,
        line: &mut Vec<u8>,
        part: impl Fn(&'a Parameter, usize) -> &'a str,
    ) {
        let mut comma = "";
        for (index, (parameter, &choice)) in self.of.iter().zip(genome.choices()).enumerate() {
            if self.space.is_active(index, genome.choices()) {
                line.extend_from_slice(comma.as_bytes());
                line.extend_from_slice(part(parameter, choice).as_bytes());
                comma = ",";
            }
        }
    }

    /// Whether `written` is what [`Parameters::write_distributions`] writes of `genome`.
    pub(super) fn has_distributions(&self, genome: &Genome, written: &str) -> bool {
        let mut rest = written;
        let mut comma = "";
        for (index, parameter) in self.of.iter().enumerate() {
            if self.space.is_active(index, genome.choices()) {
                let behind = rest.strip_prefix(comma);
                match behind.and_then(|rest| rest.strip_prefix(&*parameter.distribution)) {
                    Some(behind) => rest = behind,
                    None => return false,
                }
                comma = ",";
            }
        }
        rest.is_empty()
    }

    /// The genome that has these parameters, in any order.
    pub(super) fn genome(&self, given: &Pairs<f64>) -> Result<Genome, String> {
        let mut choices = Vec::with_capacity(self.of.len());
        let mut read = 0;
        for (index, parameter) in self.of.iter().enumerate() {
            // The writer's order is the usual one.
            let next = given.0.get(read).filter(|p| p.0 == parameter.name);
            let found = next.or_else(|| given.0.iter().find(|p| p.0 == parameter.name));
            let choice = match (self.space.is_active(index, &choices), found) {
                (true, Some(found)) => {
                    read += 1;
                    parameter.choice(found.1)?
                }
                (true, None) => {
                    return Err(format!("the trial has no parameter `{}`", parameter.name));
                }
                (false, None) => 0,
                (false, Some(_)) => {
                    let name = &parameter.name;
                    return Err(format!("the trial has `{name}`, which is not asked there"));
                }
            };
            choices.push(choice);
        }
        if read != given.0.len() {
            let known = |name: &str| self.of.iter().any(|p| p.name == name);
            let other = given.0.iter().find(|p| !known(&p.0));
            let other = other.map_or_else(|| "one twice".to_owned(), |p| format!("`{}`", p.0));
            return Err(format!(
                "the trial has more parameters than the space: {other}"
            ));
        }
        self.space.genome(choices).map_err(|e| e.to_string())
    }
}

impl Parameter {
    fn new(decision: &Decision) -> Self {
        let name = decision.full_name();
        let key = Json::from(name.as_str()).to_string();
        let form = Form::of(decision);
        let numbers: Vec<Json> = (0..decision.choices.len())
            .map(|choice| form.number(decision, choice))
            .collect();
        let distribution = Json::from(form.distribution(decision)).to_string();
        Self {
            name,
            written: numbers.iter().map(|n| format!("{key}:{n}")).collect(),
            numbers: numbers.iter().filter_map(Json::as_f64).collect(),
            distribution: format!("{key}:{distribution}"),
        }
    }

    fn choice(&self, number: f64) -> Result<usize, String> {
        let found = self.numbers.binary_search_by(|n| n.total_cmp(&number));
        found.map_err(|_| {
            let name = &self.name;
            let count = self.numbers.len();
            let (low, high) = (self.numbers[0], self.numbers[count - 1]);
            format!("`{name}` is {number}; expected one of {count} numbers from {low} to {high}")
        })
    }
}

impl Form {
    fn of(decision: &Decision) -> Self {
        let ends = (decision.choices.first(), decision.choices.last());
        let (Some(first), Some(last)) = ends else {
            return Self::Categorical;
        };
        let log = match decision.scale {
            Scale::Unordered => return Self::Categorical,
            Scale::Linear => false,
            Scale::Logarithmic => true,
        };
        match (&first.value, &last.value) {
            (&Value::Int(low), &Value::Int(high))
                if !log && -EXACT_MAX <= low && high <= EXACT_MAX =>
            {
                let second = decision.choices.get(1).map(|c| &c.value);
                let step = match second {
                    Some(Value::Int(second)) => second - low,
                    Some(Value::Text(_) | Value::Float(_) | Value::List(_)) | None => 1,
                };
                Self::Int { low, high, step }
            }
            (&Value::Float(low), &Value::Float(high)) => Self::Float { low, high, log },
            (Value::Text(_) | Value::Int(_) | Value::Float(_) | Value::List(_), _) => {
                Self::Categorical
            }
        }
    }

    /// Optuna's number for a choice.
    fn number(&self, decision: &Decision, choice: usize) -> Json {
        match self {
            Self::Categorical => json!(choice),
            Self::Int { .. } | Self::Float { .. } => decision.choices[choice].value.to_json(),
        }
    }

    /// The distribution as the JSON that Optuna keeps as a text within the JSON, its keys in the
    /// order of Optuna's documentation.
    fn distribution(&self, decision: &Decision) -> String {
        match self {
            Self::Categorical => {
                let choices: Vec<Json> = decision
                    .choices
                    .iter()
                    .map(|c| category(&c.value))
                    .collect();
                format!(r#"{{"type":"categorical","choices":{}}}"#, json!(choices))
            }
            Self::Int { low, high, step } => {
                let mut text = format!(r#"{{"type":"int","low":{low},"high":{high}"#);
                if *step != 1 {
                    // Writing to a string cannot fail.
                    let _ = write!(text, r#","step":{step}"#);
                }
                text + "}"
            }
            Self::Float { low, high, log } => {
                let (low, high) = (json!(low), json!(high));
                let log = if *log { r#","log":true"# } else { "" };
                format!(r#"{{"type":"float","low":{low},"high":{high}{log}}}"#)
            }
        }
    }
}

/// A category that Optuna takes: lists are spelled out, since it asks for words and numbers.
pub(super) fn category(value: &Value) -> Json {
    match value {
        Value::Text(_) | Value::Int(_) | Value::Float(_) => value.to_json(),
        Value::List(_) => json!(value.to_string()),
    }
}
