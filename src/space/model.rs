//! Networks by name or genome: what the command line calls MODEL.

use kernels::Verified;

use super::decode::Decoded;
use super::ednas::{
    self, Architecture, FusedDefinition, NetworkError, NetworkOptions, Trunk, named, network,
};
use super::{SpaceError, SpaceFile, SpaceFileError};

/// The names that [`Model::parse`] knows beside genomes.
pub const NAMES: [&str; 4] = ["ednas-t6", "ednas-t7", "mt-edge", "st-edge"];

/// A network that is not built yet: its architecture, and how its tasks share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// The name, or the genome as short text.
    pub name: String,
    /// What it is made of.
    pub architecture: Architecture,
    /// The genome as short text, which is also there where the name is another.
    pub genome: String,
    /// Whether all tasks share one network.
    pub sharing: Sharing,
}

/// How the tasks of a model share the trunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// One network with a head per task.
    MultiTask,
    /// One network per task, run one after another.
    SingleTask,
}

/// Why a word is not a model.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// Neither a name nor the text of a genome.
    #[error(
        "`{0}` is not a model: expected one of ednas-t6, ednas-t7, mt-edge, st-edge, or a genome \
         such as the ones `ednas space sample ednas` prints"
    )]
    Unknown(String),
    /// The text of a genome that is not in the space.
    #[error(transparent)]
    Genome(#[from] SpaceError),
    /// The space in front of a genome.
    #[error(transparent)]
    Space(#[from] Box<SpaceFileError>),
}

impl Model {
    /// The model that `text` names: `mt-edge` and `st-edge` are EfficientNet-B0 trunks for all
    /// tasks at once and for one task each, `ednas-t6` and `ednas-t7` the trunks of the paper's
    /// Tables 6 and 7, anything with a `/` a genome: of a space that ships, or, where a file's path
    /// stands for the name, of the space in that file.
    ///
    /// `fused` replaces what the named trunks are built with; a genome's text says it itself.
    ///
    /// # Errors
    ///
    /// [`ModelError`], saying what is allowed.
    pub fn parse(text: &str, fused: FusedDefinition) -> Result<Self, ModelError> {
        let named = |name: &str| named::trunk(name, fused);
        let (trunk, sharing) = match text {
            "mt-edge" => (named("efficientnet-b0"), Sharing::MultiTask),
            "st-edge" => (named("efficientnet-b0"), Sharing::SingleTask),
            _ => (named(text), Sharing::MultiTask),
        };
        let (architecture, genome) = match (trunk, text.rsplit_once('/')) {
            (Some(trunk), _) => of_trunk(&trunk)?,
            (None, Some((space, _))) if space.starts_with("ednas/") => of_trunk(&text.parse()?)?,
            (None, Some(_)) => of_space(text)?,
            (None, None) => return Err(ModelError::Unknown(text.to_owned())),
        };
        Ok(Self {
            name: text.to_owned(),
            architecture,
            genome,
            sharing,
        })
    }

    /// The graphs to run for one image, in order: one, or one per task.
    ///
    /// # Errors
    ///
    /// [`NetworkError`] for a size or tasks that do not fit.
    pub fn networks(&self, options: &NetworkOptions) -> Result<Vec<Verified>, NetworkError> {
        match self.sharing {
            Sharing::MultiTask => Ok(vec![network(&self.name, &self.architecture, options)?]),
            Sharing::SingleTask => options
                .tasks
                .iter()
                .map(|&task| {
                    let options = ednas::NetworkOptions {
                        tasks: vec![task],
                        ..options.clone()
                    };
                    let name = format!("{}-{task}", self.name);
                    network(&name, &self.architecture, &options)
                })
                .collect(),
        }
    }
}

fn of_trunk(trunk: &Trunk) -> Result<(Architecture, String), ModelError> {
    Ok((Architecture::from(trunk), trunk.text()?))
}

/// The network that a genome of the space of a name or file stands for.
fn of_space(spelled: &str) -> Result<(Architecture, String), ModelError> {
    let (file, genome) = SpaceFile::genome(spelled).map_err(Box::new)?;
    let found = match file.decode(&genome)? {
        Some(Decoded::Network(network)) => return Ok((network, file.space.text(&genome))),
        Some(Decoded::Machine(_)) => "a machine",
        None => "values whose meaning is not given (`decodes`)",
    };
    let space = file.space.name().to_owned();
    Err(SpaceError::NotANetwork { space, found }.into())
}
