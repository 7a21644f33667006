//! A space and genomes of it, found sound: the record of `ednas space check`.

use hwmodels::profile::Profile;
use serde::Serialize;

use super::{GenomeRecord, SizeRecord};
use crate::space::ednas::Architecture;
use crate::space::{Decoded, Genome, SpaceError, SpaceFile};

/// `ednas.space-check/1`: a space that is sound, and genomes that are in it.
#[derive(Clone, Debug, Serialize)]
pub struct CheckRecord {
    /// `ednas.space-check/1`.
    pub schema: &'static str,
    /// The space's name.
    pub space: String,
    /// What genomes stand for; `null` for nothing.
    pub decodes: Option<&'static str>,
    /// How many genomes there are.
    #[serde(flatten)]
    pub size: SizeRecord,
    /// The genomes that were asked about.
    pub genomes: Vec<CheckedGenome>,
}

/// A genome and what it stands for: one of the two, or nothing.
#[derive(Clone, Debug, Serialize)]
pub struct CheckedGenome {
    /// Text and values.
    #[serde(flatten)]
    pub genome: GenomeRecord,
    /// The network.
    pub network: Option<NetworkRecord>,
    /// The machine.
    pub machine: Option<MachineRecord>,
}

/// A network in a few numbers.
#[derive(Clone, Debug, Serialize)]
pub struct NetworkRecord {
    /// Blocks of the trunk.
    pub blocks: usize,
    /// Channels of the pyramid.
    pub pyramid_width: usize,
    /// Cells of the pyramid.
    pub pyramid_cells: usize,
    /// Separable convolutions of a head.
    pub head_depth: usize,
}

/// A machine in a few numbers.
#[derive(Clone, Debug, Serialize)]
pub struct MachineRecord {
    /// The profile that is varied.
    pub base: String,
    /// Core clock.
    pub clock_hz: u64,
    /// Multiply-accumulates per cycle when every multiplier works.
    pub peak_macs_per_cycle: Option<u64>,
}

impl CheckRecord {
    /// The record of `genomes` of the space in a file.
    ///
    /// # Errors
    /// A genome that stands for no network or machine that can be.
    pub fn new(file: &SpaceFile, genomes: &[Genome]) -> Result<Self, SpaceError> {
        let checked = |genome: &Genome| -> Result<CheckedGenome, SpaceError> {
            let (network, machine) = match file.decode(genome)? {
                Some(Decoded::Network(network)) => (Some(NetworkRecord::new(&network)), None),
                Some(Decoded::Machine(machine)) => (None, Some(MachineRecord::new(&machine))),
                None => (None, None),
            };
            Ok(CheckedGenome {
                genome: GenomeRecord::new(&file.space, genome),
                network,
                machine,
            })
        };
        Ok(Self {
            schema: "ednas.space-check/1",
            space: file.space.name().to_owned(),
            decodes: file.decoder.as_ref().map(|decoder| decoder.name()),
            size: SizeRecord::new(&file.space),
            genomes: genomes.iter().map(checked).collect::<Result<_, _>>()?,
        })
    }

    /// A line about the space, and one for each genome.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{} is sound: {}\n", self.space, self.size.text());
        for genome in &self.genomes {
            text += &format!("{}: {}\n", genome.genome.genome, genome.meaning());
        }
        text
    }
}

impl CheckedGenome {
    fn meaning(&self) -> String {
        match (&self.network, &self.machine) {
            (Some(network), _) => format!(
                "a network of {} blocks, {} BiFPN cells of {} channels, heads of depth {}",
                network.blocks, network.pyramid_cells, network.pyramid_width, network.head_depth
            ),
            (None, Some(machine)) => format!(
                "{} at {} Hz with {} MACs/cycle",
                machine.base,
                machine.clock_hz,
                (machine.peak_macs_per_cycle)
                    .map_or_else(|| "no array and no".to_owned(), |macs| macs.to_string())
            ),
            (None, None) => "in the space".to_owned(),
        }
    }
}

impl NetworkRecord {
    fn new(network: &Architecture) -> Self {
        Self {
            blocks: network.blocks.len(),
            pyramid_width: network.width,
            pyramid_cells: network.cells,
            head_depth: network.head_depth,
        }
    }
}

impl MachineRecord {
    fn new(machine: &Profile) -> Self {
        Self {
            base: machine.name().to_owned(),
            clock_hz: machine.clock_hz(),
            peak_macs_per_cycle: machine.peak_macs_per_cycle(),
        }
    }
}
