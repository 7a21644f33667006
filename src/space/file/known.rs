//! The spaces that ship with this crate, as text.

/// The files below `spaces/`, in alphabetical order.
macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../spaces/", $name, ".toml")))),*]
    };
}

const SPACES: &[(&str, &str)] = embedded!["ednas", "hardware", "mobiledet", "pyramid"];

/// The names of the spaces that ship with this crate, in alphabetical order.
pub fn names() -> impl Iterator<Item = &'static str> {
    SPACES.iter().map(|(name, _)| *name)
}

/// The text of the space `name`.
pub(super) fn find(name: &str) -> Option<&'static str> {
    let found = SPACES.iter().find(|(known, _)| *known == name);
    found.map(|(_, text)| *text)
}
