//! The profiles that ship with this crate, as text.

use super::error::nearest;
use super::{Profile, ProfileError};

const PROFILES: [(&str, &str); 2] = [
    (
        "coral-edgetpu",
        include_str!("../../profiles/coral-edgetpu.toml"),
    ),
    (
        "systolic-32x32-ws",
        include_str!("../../profiles/systolic-32x32-ws.toml"),
    ),
];

/// The names of the profiles that ship with this crate, in alphabetical order.
pub fn names() -> impl Iterator<Item = &'static str> {
    PROFILES.iter().map(|(name, _)| *name)
}

pub(super) fn named(name: &str) -> Result<Profile, ProfileError> {
    match PROFILES.iter().find(|(known, _)| *known == name) {
        Some((_, text)) => Profile::parse(text, &format!("{name}.toml")),
        None => {
            let known: Vec<String> = names().map(str::to_owned).collect();
            Err(ProfileError::UnknownName {
                name: name.to_owned(),
                nearest: nearest(name, &known),
                known,
            })
        }
    }
}
