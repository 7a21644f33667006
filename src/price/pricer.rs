//! The pricer: what it prices, on which machines.

use std::sync::{Arc, Mutex, PoisonError};

use hwmodels::profile::Profile;
use hwmodels::quote::{Cost, NoCost, Quotes, cost};
use hwmodels::task::{Sequence, TaskList};
use hwmodels::units::float;
use kernels::work::Precision;

use super::error::{Infeasible, PriceError};
use super::measures::{Aggregate, Figures, Measures};
use super::reader::Reader;
use crate::space::ednas::{Architecture, Lowered, Lowering, LoweringError, NetworkOptions};
use crate::space::{Decoded, Decoder, Genome, Space, SpaceError, SpaceFile};

/// Durations from here on are not told apart.
const CYCLES_MAX: u64 = 1 << 62;

/// Prices the genomes of one space. Any number of threads may share it.
///
/// ```
/// use ednas::price::Pricer;
/// use ednas::space::{SpaceFile, ednas::{NetworkOptions, Upsampling, named}};
/// use ednas::task::Task;
/// use hwmodels::profile::Profile;
/// use kernels::{op::Coordinates, work::Precision};
///
/// let options = NetworkOptions {
///     size: [256, 256],
///     tasks: vec![Task::Segmentation, Task::Depth],
///     classes: ednas::task::SEGMENTATION_CLASSES,
///     upsampling: Upsampling::bilinear(Coordinates::Asymmetric),
/// };
/// let space = SpaceFile::named("ednas")?;
/// let machines = vec![Profile::named("coral-edgetpu")?];
/// let pricer = Pricer::new(&space, machines, options, Precision::Int8)?;
/// let genome = named::efficientnet_b0(Default::default()).genome()?;
/// let measures = pricer.price(&genome)?;
/// assert!(measures.together.latency_ms > 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Pricer {
    space: Space,
    subject: Subject,
    aggregate: Aggregate,
}

/// What a genome decides.
#[derive(Debug)]
enum Subject {
    /// A network, for machines that stay.
    Networks {
        networks: Networks,
        machines: Vec<Machine>,
    },
    /// A machine, for a network that stays.
    Machines {
        machines: Machines,
        list: TaskList,
        parameters: u64,
    },
    /// A network and then a machine.
    Pairs {
        networks: Networks,
        machines: Machines,
    },
}

#[derive(Debug)]
struct Networks {
    reader: Reader,
    lowering: Mutex<Lowering>,
}

#[derive(Debug)]
struct Machine {
    name: Arc<str>,
    quotes: Quotes,
}

/// A space of machines.
#[derive(Debug)]
struct Machines {
    space: Space,
    decoder: Decoder,
}

impl Pricer {
    /// Prices networks on `machines`; the worst of several counts.
    ///
    /// # Errors
    /// A space that does not decode to networks, no machine or one twice, a size or tasks that do
    /// not fit.
    pub fn new(
        networks: &SpaceFile,
        machines: Vec<Profile>,
        options: NetworkOptions,
        precision: Precision,
    ) -> Result<Self, PriceError> {
        if machines.is_empty() {
            return Err(PriceError::NoMachine);
        }
        let mut named: Vec<Machine> = Vec::with_capacity(machines.len());
        for profile in machines {
            let name: Arc<str> = profile.name().into();
            if named.iter().any(|machine| machine.name == name) {
                return Err(PriceError::Twice(name.to_string()));
            }
            let quotes = Quotes::new(profile);
            named.push(Machine { name, quotes });
        }
        let networks = Networks::new(networks, options, precision)?;
        Ok(Self {
            space: networks.reader.space().clone(),
            subject: Subject::Networks {
                networks,
                machines: named,
            },
            aggregate: Aggregate::Worst,
        })
    }

    /// Prices machines on one network.
    ///
    /// # Errors
    /// A space that does not decode to machines, a network that cannot be built.
    pub fn of_machines(
        machines: &SpaceFile,
        network: &Architecture,
        options: NetworkOptions,
        precision: Precision,
    ) -> Result<Self, PriceError> {
        let lowered = Lowering::new(options, precision)?.parts(network)?;
        let list = lowered.sequence.list().map_err(LoweringError::from)?;
        Ok(Self {
            space: machines.space.clone(),
            subject: Subject::Machines {
                machines: Machines::new(machines)?,
                list,
                parameters: lowered.parameters,
            },
            aggregate: Aggregate::Worst,
        })
    }

    /// Prices networks on machines: genomes of both spaces, joined.
    ///
    /// # Errors
    /// Spaces that do not decode so or have a decision of the same name, and as [`Pricer::new`].
    pub fn of_pairs(
        networks: &SpaceFile,
        machines: &SpaceFile,
        options: NetworkOptions,
        precision: Precision,
    ) -> Result<Self, PriceError> {
        let name = format!("{}+{}", networks.space.name(), machines.space.name());
        Ok(Self {
            space: networks.space.joined(name, &machines.space)?,
            subject: Subject::Pairs {
                networks: Networks::new(networks, options, precision)?,
                machines: Machines::new(machines)?,
            },
            aggregate: Aggregate::Worst,
        })
    }

    /// The same with the figures of several machines put together in another way.
    ///
    /// # Errors
    /// Weights that are not one for each machine, or weigh nothing.
    pub fn aggregated(self, aggregate: Aggregate) -> Result<Self, PriceError> {
        if let Aggregate::Weighted(weights) = &aggregate {
            let machines = match &self.subject {
                Subject::Networks { machines, .. } => machines.len(),
                Subject::Machines { .. } | Subject::Pairs { .. } => 1,
            };
            let sound = weights.iter().all(|w| w.is_finite() && *w >= 0.0);
            if !sound || weights.len() != machines || weights.iter().sum::<f64>() <= 0.0 {
                let found: Vec<String> = weights.iter().map(f64::to_string).collect();
                let found = found.join(", ");
                return Err(PriceError::Weights { found, machines });
            }
        }
        Ok(Self { aggregate, ..self })
    }

    /// The space whose genomes are priced.
    #[must_use]
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// What the candidate measures.
    ///
    /// # Errors
    /// Why it has no price.
    pub fn price(&self, genome: &Genome) -> Result<Measures, Infeasible> {
        match &self.subject {
            Subject::Networks { networks, machines } => {
                let Lowered {
                    sequence,
                    parameters,
                } = networks.lowered(&networks.reader.read(genome)?)?;
                let costs = machines.iter().map(|machine| machine.cost(&sequence));
                self.measures(costs, parameters)
            }
            Subject::Machines {
                machines,
                list,
                parameters,
            } => {
                let machine = machines.machine(genome)?;
                self.measures([priced(&machine, list)].into_iter(), *parameters)
            }
            Subject::Pairs { networks, machines } => {
                let first = networks.reader.space().decisions().len();
                let choices = genome.choices();
                let (network, machine) = choices.split_at(first.min(choices.len()));
                let network = networks.reader.space().genome(network.to_vec())?;
                let lowered = networks.lowered(&networks.reader.read(&network)?)?;
                let machine = machines.space.genome(machine.to_vec())?;
                let machine = machines.machine(&machine)?;
                let list = lowered.sequence.list().map_err(LoweringError::from)?;
                self.measures([priced(&machine, &list)].into_iter(), lowered.parameters)
            }
        }
    }

    fn measures(
        &self,
        costs: impl Iterator<Item = Result<(Arc<str>, Figures, u64), Infeasible>>,
        parameters: u64,
    ) -> Result<Measures, Infeasible> {
        let mut machines = Vec::with_capacity(1);
        let mut macs = 0;
        for cost in costs {
            let (name, figures, counted) = cost?;
            macs = counted;
            machines.push((name, figures));
        }
        let together = self.aggregate.of(&machines);
        Ok(Measures {
            together: together.expect("there is a machine, and each says its latency"),
            machines,
            parameters,
            macs,
        })
    }
}

impl Networks {
    fn new(
        file: &SpaceFile,
        options: NetworkOptions,
        precision: Precision,
    ) -> Result<Self, PriceError> {
        Ok(Self {
            reader: Reader::new(file)?,
            lowering: Mutex::new(Lowering::new(options, precision)?),
        })
    }

    fn lowered(&self, network: &Architecture) -> Result<Lowered, LoweringError> {
        let lowering = self.lowering.lock();
        lowering
            .unwrap_or_else(PoisonError::into_inner)
            .parts(network)
    }
}

impl Machine {
    fn cost(&self, program: &Sequence) -> Result<(Arc<str>, Figures, u64), Infeasible> {
        let cost = self.quotes.cost(program).map_err(|why| match why {
            NoCost::Infeasible(limit) => {
                let profile = Arc::clone(&self.name);
                Infeasible::Limit { profile, limit }
            }
            NoCost::Task(fault) => Infeasible::Network(fault.into()),
        })?;
        figures(&self.name, self.quotes.profile(), &cost)
    }
}

impl Machines {
    fn new(file: &SpaceFile) -> Result<Self, PriceError> {
        let space = || file.space.name().to_owned();
        match &file.decoder {
            None => Err(PriceError::NoDecoder { space: space() }),
            Some(Decoder::Ednas(_) | Decoder::Mobiledet | Decoder::Pyramid) => {
                Err(PriceError::Kind {
                    space: space(),
                    found: "networks",
                    expected: "machines",
                })
            }
            Some(decoder @ Decoder::Profile(_)) => Ok(Self {
                space: file.space.clone(),
                decoder: decoder.clone(),
            }),
        }
    }

    fn machine(&self, genome: &Genome) -> Result<Profile, SpaceError> {
        match self.decoder.decode(&self.space, genome)? {
            Decoded::Machine(machine) => Ok(*machine),
            Decoded::Network(_) => unreachable!("the decoder of machines gives machines"),
        }
    }
}

/// The figures of a machine that is priced once.
fn priced(machine: &Profile, list: &TaskList) -> Result<(Arc<str>, Figures, u64), Infeasible> {
    let profile: Arc<str> = machine.name().into();
    match cost(machine, list) {
        Ok(cost) => figures(&profile, machine, &cost),
        Err(limit) => Err(Infeasible::Limit { profile, limit }),
    }
}

fn figures(
    name: &Arc<str>,
    machine: &Profile,
    cost: &Cost,
) -> Result<(Arc<str>, Figures, u64), Infeasible> {
    let name = Arc::clone(name);
    if cost.cycles >= CYCLES_MAX {
        return Err(Infeasible::Endless {
            profile: name,
            cycles: cost.cycles,
            available: CYCLES_MAX,
        });
    }
    let figures = Figures {
        latency_ms: cost.latency_ms(),
        energy_mj: cost.energy_mj,
        peak_memory_kib: cost.narrow_peak_bytes.map(|bytes| float(bytes) / 1024.0),
        area_mm2: machine.area().map(|area| area.total_mm2()),
    };
    Ok((name, figures, cost.macs))
}
