//! The machine that a measurement was taken on, as a profile in some of its modes.

use hwmodels::profile::{Meant, Named, Profile, ProfileError, ProfileFile, Setup, names};

use super::error::MeasuredError;
use super::measurement::Place;

/// The profiles to choose from.
#[derive(Clone, Debug)]
pub struct Machines<'t> {
    files: Vec<ProfileFile<'t>>,
    choice: Choice,
}

#[derive(Clone, Debug)]
enum Choice {
    /// The one file whose `[when]` names the device, in the modes that the row means.
    Device,
    /// The only file, in the modes that the row means.
    Only,
    /// The only file, in these modes.
    Fixed(Vec<String>),
}

/// A profile in some of its modes.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The machine.
    pub profile: Profile,
    /// Its modes, in the order that they are laid over the base.
    pub modes: Vec<String>,
    /// What of the measurement the profile has words for; the rest has the numbers of its base.
    pub named: Named,
}

/// Everything is as the user says.
const BY_HAND: Named = Named {
    device: true,
    link: true,
    host: true,
    clock: true,
};

impl Machines<'static> {
    /// The profiles that ship, chosen by device.
    ///
    /// # Errors
    /// None for profiles that ship, which tests hold sound.
    pub fn shipped() -> Result<Machines<'static>, ProfileError> {
        let files = names().map(ProfileFile::named);
        Ok(Machines {
            files: files.collect::<Result<_, _>>()?,
            choice: Choice::Device,
        })
    }
}

impl<'t> Machines<'t> {
    /// One profile for every row, in `modes`; where there are none, in those that each row means.
    #[must_use]
    pub fn only(file: ProfileFile<'t>, modes: Vec<String>) -> Machines<'t> {
        let choice = if modes.is_empty() && file.has_when() {
            Choice::Only
        } else {
            Choice::Fixed(modes)
        };
        Machines {
            files: vec![file],
            choice,
        }
    }

    /// The machine that a measurement at `place` was taken on.
    ///
    /// # Errors
    /// No profile, or more than one, that the device means; a profile that is not sound.
    pub fn machine(&self, place: &Place, setup: &Setup<'_>) -> Result<Machine, MeasuredError> {
        let (file, meant) = match &self.choice {
            Choice::Device => self.by_device(place, setup)?,
            Choice::Only => (&self.files[0], self.files[0].meant_by(setup)?),
            Choice::Fixed(modes) => {
                let meant = Meant {
                    modes: modes.clone(),
                    named: BY_HAND,
                };
                (&self.files[0], meant)
            }
        };
        let modes: Vec<&str> = meant.modes.iter().map(String::as_str).collect();
        Ok(Machine {
            profile: file.with_modes(&modes)?,
            modes: meant.modes,
            named: meant.named,
        })
    }

    fn by_device(
        &self,
        place: &Place,
        setup: &Setup<'_>,
    ) -> Result<(&ProfileFile<'t>, Meant), MeasuredError> {
        let mut found = Vec::new();
        for file in &self.files {
            let meant = file.meant_by(setup)?;
            if meant.named.device {
                found.push((file, meant));
            }
        }
        let refuse = |problem| MeasuredError::Machine {
            place: place.clone(),
            problem,
        };
        match found.len() {
            0 if setup.device.is_empty() => Err(refuse("no device is named".to_owned())),
            0 => Err(refuse(format!(
                "no profile that ships with ednas is meant by device `{}`",
                setup.device
            ))),
            1 => Ok(found.remove(0)),
            _ => {
                let names = found
                    .iter()
                    .map(|(file, _)| Ok(file.base()?.name().to_owned()));
                let names = names.collect::<Result<Vec<_>, ProfileError>>()?;
                Err(refuse(format!(
                    "device `{}` means several profiles: {}",
                    setup.device,
                    names.join(", ")
                )))
            }
        }
    }
}

impl Machine {
    /// `PROFILE:MODE+MODE`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.profile.name()
    }
}
