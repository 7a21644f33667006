//! Networks and machines in one space: the decisions of both, networks first.

use super::error::ExploreError;
use super::machines::{MachineSpace, all_genomes, sample};
use crate::space::{Genome, Space};

/// The machines of a space, alone or each with a network of another space.
///
/// Its genomes are those of an ordinary [`Space`], so the controllers of
/// [`search`](crate::search) propose machines, or pairs, as they propose networks.
#[derive(Clone, Debug)]
pub struct JointSpace {
    networks: Option<Space>,
    machines: MachineSpace,
    space: Space,
}

/// A genome of a [`JointSpace`] taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The network, where networks are searched.
    pub network: Option<Genome>,
    /// The machine.
    pub machine: Genome,
}

impl JointSpace {
    /// The space of both; of the machines alone without `networks`.
    ///
    /// # Errors
    /// When both have a decision of the same name.
    pub fn new(networks: Option<Space>, machines: MachineSpace) -> Result<Self, ExploreError> {
        let space = match &networks {
            None => machines.space().clone(),
            Some(networks) => {
                let name = format!("{}+{}", networks.name(), machines.space().name());
                networks.joined(name, machines.space())?
            }
        };
        Ok(Self {
            networks,
            machines,
            space,
        })
    }

    /// The space that controllers search.
    #[must_use]
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// The space of the networks, where they are searched.
    #[must_use]
    pub fn networks(&self) -> Option<&Space> {
        self.networks.as_ref()
    }

    /// The space of the machines.
    #[must_use]
    pub fn machines(&self) -> &MachineSpace {
        &self.machines
    }

    /// All pairs, the last decision changing fastest.
    ///
    /// # Errors
    /// More than [`LIMIT`](super::LIMIT).
    pub fn all(&self) -> Result<Vec<Pair>, ExploreError> {
        all_genomes(&self.space)?
            .iter()
            .map(|genome| self.pair(genome))
            .collect()
    }

    /// `count` different pairs, drawn uniformly; all of them where there are no more.
    ///
    /// # Errors
    /// More than [`LIMIT`](super::LIMIT).
    pub fn sample(&self, count: usize, seed: u64) -> Result<Vec<Pair>, ExploreError> {
        let genomes = sample(&self.space, count, seed)?;
        genomes.iter().map(|genome| self.pair(genome)).collect()
    }

    /// The network and the machine of a genome of this space.
    ///
    /// # Errors
    /// A genome of another space.
    pub fn pair(&self, genome: &Genome) -> Result<Pair, ExploreError> {
        // Checks that it is a genome of this space, and not only as long as one.
        let genome = self.space.genome(genome.choices().to_vec())?;
        let first = self
            .networks
            .as_ref()
            .map_or(0, |networks| networks.decisions().len());
        let (network, machine) = genome.choices().split_at(first);
        let network = self
            .networks
            .as_ref()
            .map(|networks| networks.genome(network.to_vec()));
        Ok(Pair {
            network: network.transpose()?,
            machine: self.machines.space().genome(machine.to_vec())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::num::NonZeroUsize;
    use std::sync::atomic::AtomicBool;

    use hwmodels::profile::Profile;

    use super::*;
    use crate::search::{Controller, Evaluation, Evolution, Plan, Reward, TaskMetrics, search};
    use crate::space::ednas::space_named;
    use crate::task::Task;

    fn joint() -> JointSpace {
        let axes = ["array.rows=8..64x2", "memory.narrow.bytes=65536..1048576x2"];
        let axes = axes.map(|axis| axis.parse().unwrap()).to_vec();
        let base = Profile::named("systolic-32x32-ws").unwrap();
        let machines = MachineSpace::new(base, axes).unwrap();
        JointSpace::new(Some(space_named("ednas").unwrap()), machines).unwrap()
    }

    #[test]
    fn genomes_come_apart_into_a_network_and_a_machine() {
        let joint = joint();
        let networks = joint.networks().unwrap();
        assert_eq!(joint.space().size(), Some((1 << 79) * 20));
        for pair in joint.sample(10, 1).unwrap() {
            let network = pair.network.unwrap();
            let both = [network.choices(), pair.machine.choices()].concat();
            let genome = joint.space().genome(both).unwrap();
            let text = joint.space().text(&genome);
            assert_eq!(joint.space().parse(&text), Ok(genome));
            assert!(networks.text(&network).starts_with("ednas/"));
            assert!(joint.machines().machine(&pair.machine).is_ok());
        }
        assert!(joint.all().unwrap_err().to_string().contains("too many"));
    }

    /// The controllers of networks search machines as well: evolution finds the larger array.
    #[test]
    fn controllers_propose_pairs() {
        let joint = joint();
        let folder = tempfile::tempdir().unwrap();
        let metrics = TaskMetrics::standard(Task::Segmentation);
        let names: Vec<String> = metrics.metrics.iter().map(|m| m.name.clone()).collect();
        let plan = Plan {
            space: joint.space(),
            controller: Controller::Evolution(Evolution {
                population: 8,
                tournament: 4,
                ..Evolution::default()
            }),
            seed: 1,
            initial: Vec::new(),
            workers: NonZeroUsize::MIN,
            trials: 40,
            goal: Reward::new(vec![metrics], 1.0).into(),
            cheaper: crate::search::Cheaper::default(),
            pace: crate::study::Pace::EachOutcome,
            settings: BTreeMap::new(),
        };
        let evaluate = |_: usize, candidate: &crate::search::Candidate| {
            let pair = joint.pair(&candidate.genome)?;
            let array = joint.machines().machine(&pair.machine)?.raw().array.clone();
            let rows = array.and_then(|array| array.rows).unwrap_or(1);
            Ok(Evaluation::Measured {
                latency_ms: 64.0 / hwmodels::units::float(rows),
                metrics: names.iter().map(|name| (name.clone(), 0.5)).collect(),
            })
        };
        let stop = AtomicBool::new(false);
        let found = search(&plan, &folder.path().join("j"), &stop, evaluate, |_| {}).unwrap();
        let trials = found.history.trials();
        let rows = |trial: &crate::study::Trial| {
            let pair = joint.pair(&trial.genome).unwrap();
            pair.machine.choices()[0]
        };
        let late: usize = trials[30..].iter().map(rows).sum();
        let early: usize = trials[..10].iter().map(rows).sum();
        assert!(late > early, "{early} {late}");
    }
}
