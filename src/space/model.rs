//! Networks by name or genome: what the command line calls MODEL.

use kernels::Verified;

use super::decode::Decoded;
use super::ednas::{Architecture, FusedDefinition, NetworkError, NetworkOptions, Trunk, named};
use super::methods::Method;
use super::methods::policy::PolicyError;
use super::{SpaceError, SpaceFile, SpaceFileError};

/// The names that [`Model::parse`] knows beside those of methods and genomes.
pub const FOUND: [&str; 2] = ["ednas-t6", "ednas-t7"];

/// A network that is not built yet: its architecture, and how its tasks share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// The name, or the genome as short text.
    pub name: String,
    /// What it is made of.
    pub architecture: Architecture,
    /// The genome as short text, which is also there where the name is another.
    pub genome: String,
    /// How its tasks share it.
    pub method: Method,
}

/// Why a word is not a model.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// Neither a name nor the text of a genome.
    #[error(
        "`{found}` is not a model: expected one of {}, or a genome such as the ones `ednas space \
         sample ednas` prints",
        names().join(", ")
    )]
    Unknown {
        /// What was asked for.
        found: String,
    },
    /// What a method is told of its network.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The text of a genome that is not in the space.
    #[error(transparent)]
    Genome(#[from] SpaceError),
    /// The space in front of a genome.
    #[error(transparent)]
    Space(#[from] Box<SpaceFileError>),
}

impl Model {
    /// The model that `text` names: the name of a [`Method`] is that method over the trunk of
    /// EfficientNet-B0, such as `mt-edge` for all tasks at once and `st-edge` for one task each;
    /// `ednas-t6` and `ednas-t7` are the trunks of the paper's Tables 6 and 7, anything with a `/` a
    /// genome: of a space that ships, or, where a file's path stands for the name, of the space in
    /// that file.
    ///
    /// `fused` replaces what the named trunks are built with; a genome's text says it itself.
    ///
    /// # Errors
    ///
    /// [`ModelError`], saying what is allowed.
    pub fn parse(text: &str, fused: FusedDefinition) -> Result<Self, ModelError> {
        let b0 = named::efficientnet_b0(fused);
        let method = Method::parse(text, &Architecture::from(&b0))?;
        let trunk = match &method {
            Some(_) => Some(b0),
            None => named::trunk(text, fused),
        };
        let (architecture, genome) = match (trunk, text.rsplit_once('/')) {
            (Some(trunk), _) => of_trunk(&trunk)?,
            (None, Some((space, _))) if space.starts_with("ednas/") => of_trunk(&text.parse()?)?,
            (None, Some(_)) => of_space(text)?,
            (None, None) => {
                let found = text.to_owned();
                return Err(ModelError::Unknown { found });
            }
        };
        Ok(Self {
            name: text.to_owned(),
            architecture,
            genome,
            method: method.unwrap_or(Method::MultiTask),
        })
    }

    /// The graphs to run for one image, in order: one, or one per task.
    ///
    /// # Errors
    ///
    /// [`NetworkError`] for a size or tasks that do not fit.
    pub fn networks(&self, options: &NetworkOptions) -> Result<Vec<Verified>, NetworkError> {
        self.method
            .networks(&self.name, &self.architecture, options)
    }
}

/// Every name that is not a genome, in the order people should read them.
#[must_use]
pub fn names() -> Vec<&'static str> {
    let methods = Method::ALL.iter().map(Method::name);
    FOUND.into_iter().chain(methods).collect()
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
