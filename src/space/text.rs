//! The short text of a genome: `SPACE/group,group,...`, each group the spellings of the choices made
//! there in a row; idle decisions leave no trace.

use super::decision::Decision;
use super::definition::Space;
use super::error::SpaceError;
use super::genome::Genome;

impl Space {
    /// The short text of `genome`, which [`Space::parse`] reads back.
    ///
    /// # Panics
    /// When the genome belongs to another space.
    #[must_use]
    pub fn text(&self, genome: &Genome) -> String {
        assert_eq!(
            genome.choices().len(),
            self.decisions().len(),
            "a genome of another space"
        );
        let mut index = 0;
        let mut groups = Vec::new();
        for group in self.groups() {
            let mut part = String::new();
            for decision in group {
                if self.is_active(index, genome.choices()) {
                    part += &decision.choices[genome.choices()[index]].short;
                }
                index += 1;
            }
            groups.push(part);
        }
        format!("{}/{}", self.name(), groups.join(","))
    }

    /// Reads a genome as people give it: the short text, or the JSON object of its values.
    ///
    /// # Errors
    /// As [`Space::parse`] and [`Space::from_json`], and for what is not JSON after all.
    pub fn read(&self, given: &str) -> Result<Genome, SpaceError> {
        if !given.trim_start().starts_with('{') {
            return self.parse(given);
        }
        let values = serde_json::from_str(given).map_err(|error| SpaceError::NotJson {
            problem: error.to_string(),
        })?;
        self.from_json(&values)
    }

    /// Reads a short text. Where one spelling begins another (`x1`, `x1.5`), the longer one wins.
    ///
    /// # Errors
    /// When the text is of another space, spells a choice that does not exist, or breaks a
    /// constraint; the error says in which group, what was found and what is allowed.
    pub fn parse(&self, text: &str) -> Result<Genome, SpaceError> {
        let Some((name, body)) = text.rsplit_once('/') else {
            return Err(SpaceError::NotAGenome {
                found: text.to_owned(),
            });
        };
        if name != self.name() {
            let (expected, found) = (self.name().to_owned(), name.to_owned());
            return Err(SpaceError::OtherSpace { expected, found });
        }
        let parts: Vec<&str> = body.split(',').collect();
        let groups: Vec<&[Decision]> = self.groups().collect();
        if parts.len() != groups.len() {
            let last_group = groups.last().and_then(|g| g.first());
            return Err(SpaceError::GroupCount {
                space: self.name().to_owned(),
                expected: groups.len(),
                found: parts.len(),
                last_group: last_group.map_or_else(String::new, |d| d.group.clone()),
            });
        }
        let mut choices = Vec::with_capacity(self.decisions().len());
        for (group, part) in groups.into_iter().zip(parts) {
            self.parse_group(group, part, &mut choices)?;
        }
        self.genome(choices)
    }

    /// Adds the choices that `part` spells to those of the groups before.
    fn parse_group(
        &self,
        group: &[Decision],
        part: &str,
        choices: &mut Vec<usize>,
    ) -> Result<(), SpaceError> {
        let mut rest = part;
        for decision in group {
            if !self.is_active(choices.len(), choices) {
                choices.push(0);
                continue;
            }
            let spelled = |c: usize| decision.choices[c].short.as_str();
            let best = (0..decision.choices.len())
                .filter(|&c| rest.starts_with(spelled(c)))
                .max_by_key(|&c| spelled(c).len());
            let Some(choice) = best else {
                let allowed: Vec<&str> =
                    decision.choices.iter().map(|c| c.short.as_str()).collect();
                return Err(SpaceError::NoSuchSpelling {
                    group: decision.group.clone(),
                    part: part.to_owned(),
                    found: rest.to_owned(),
                    decision: decision.name.clone(),
                    allowed: allowed.join(", "),
                });
            };
            rest = &rest[spelled(choice).len()..];
            choices.push(choice);
        }
        match group.first() {
            Some(decision) if !rest.is_empty() => Err(SpaceError::Trailing {
                group: decision.group.clone(),
                part: part.to_owned(),
                found: rest.to_owned(),
            }),
            Some(_) | None => Ok(()),
        }
    }
}
