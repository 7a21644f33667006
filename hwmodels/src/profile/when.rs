//! Which machine a measurement means: the words of `[when]` against the words of whoever measured.
//!
//! At the top of a file, `devices` says whether the machine is meant at all, and the other lists
//! what the base itself stands for. In a mode, every list that is there must match; each mode whose
//! lists do is laid over the base, in the order of the file, so that later ones win.

use super::ProfileError;
use super::raw::RawWhen;

/// Where and how a latency was measured, in the words of whoever measured it; empty where nothing
/// is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Setup<'a> {
    /// The accelerator, as a product.
    pub device: &'a str,
    /// What connects it to the host.
    pub link: &'a str,
    /// The machine around it.
    pub host: &'a str,
    /// Its clock or operating point.
    pub clock: &'a str,
}

/// What a profile makes of a [`Setup`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meant {
    /// The modes to lay over the base, in this order.
    pub modes: Vec<String>,
    /// What of the setup the profile has words for.
    pub named: Named,
}

/// What of a setup a profile has words for; numbers for the rest are those of the base.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// The device: without it, the profile is not meant.
    pub device: bool,
    /// The link.
    pub link: bool,
    /// The host.
    pub host: bool,
    /// The clock.
    pub clock: bool,
}

impl Setup<'_> {
    /// The text that says what the link is.
    fn link_or_device(&self) -> &str {
        if is_open(self.link) {
            self.device
        } else {
            self.link
        }
    }
}

/// Whether `text` says that it says nothing.
#[must_use]
pub fn is_open(text: &str) -> bool {
    const WORDS: [&str; 4] = ["unstated", "unknown", "not stated", "n/a"];
    let text = text.trim().to_lowercase();
    text.is_empty() || text == "-" || WORDS.iter().any(|word| text.starts_with(word))
}

impl RawWhen {
    /// What of `setup` the lists name; a list that is not there names nothing.
    pub(super) fn names(&self, setup: &Setup<'_>) -> Named {
        Named {
            device: holds(&self.devices, setup.device) == Some(true),
            link: holds(&self.links, setup.link_or_device()) == Some(true),
            host: holds(&self.hosts, setup.host) == Some(true),
            clock: holds(&self.clocks, setup.clock) == Some(true),
        }
    }

    /// Whether every list that is there has a word for `setup`.
    pub(super) fn fits(&self, setup: &Setup<'_>) -> bool {
        let texts = [
            (&self.devices, setup.device),
            (&self.links, setup.link_or_device()),
            (&self.hosts, setup.host),
            (&self.clocks, setup.clock),
        ];
        texts
            .into_iter()
            .all(|(words, text)| holds(words, text) != Some(false))
    }

    /// Refuses lists without words, which no measurement could match.
    pub(super) fn check(&self) -> Result<(), ProfileError> {
        let lists = [
            ("devices", &self.devices),
            ("links", &self.links),
            ("hosts", &self.hosts),
            ("clocks", &self.clocks),
        ];
        if lists.iter().all(|(_, words)| words.is_none()) {
            let expected = "at least one of devices, links, hosts and clocks";
            return Err(refuse("when", "empty", expected));
        }
        for (name, words) in lists {
            let field = format!("when.{name}");
            match words.as_deref() {
                Some([]) => return Err(refuse(&field, "an empty list", "at least one word")),
                Some(words) if words.iter().any(|word| word == "!") => {
                    return Err(refuse(&field, "`!`", "a word after the `!`"));
                }
                Some(_) | None => {}
            }
        }
        Ok(())
    }
}

impl Named {
    pub(super) fn or(self, other: Named) -> Named {
        Named {
            device: self.device || other.device,
            link: self.link || other.link,
            host: self.host || other.host,
            clock: self.clock || other.clock,
        }
    }
}

/// Whether `text` has one of the wanted words and none of the unwanted; nothing without a list.
fn holds(words: &Option<Vec<String>>, text: &str) -> Option<bool> {
    let text = text.to_lowercase();
    let is_there = |word: &str| text.contains(&word.to_lowercase());
    let words = words.as_ref()?;
    let mut unwanted = words.iter().filter_map(|word| word.strip_prefix('!'));
    let mut wanted = words
        .iter()
        .filter(|word| !word.starts_with('!'))
        .peekable();
    let is_wanted = wanted.peek().is_none() || wanted.any(|word| is_there(word));
    Some(is_wanted && !unwanted.any(is_there))
}

fn refuse(field: &str, found: &str, expected: &str) -> ProfileError {
    ProfileError::Value {
        place: None,
        field: field.to_owned(),
        found: found.to_owned(),
        expected: expected.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Option<Vec<String>> {
        Some(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn words_are_found_anywhere_whatever_their_case() {
        for (list, text, expected) in [
            (&["usb 3", "usb3"][..], "on USB3.0", true),
            (&["usb 3", "usb3"], "USB2.0", false),
            (
                &["jetson", "!5w mode"],
                "Jetson Nano 10W mode (of 10W/5W)",
                true,
            ),
            (&["jetson", "!5w mode"], "Jetson Nano 5W mode", false),
            (&["!usb"], "PCIe", true),
            (&["!usb"], "", true),
            (&["!usb"], "USB", false),
            (&[""], "", true),
            (&["x86"], "", false),
        ] {
            assert_eq!(holds(&words(list), text), Some(expected), "{list:?} {text}");
        }
        assert_eq!(holds(&None, "anything"), None);
    }

    #[test]
    fn an_open_link_is_looked_for_in_the_device() {
        let when = RawWhen {
            links: words(&["m.2"]),
            ..RawWhen::default()
        };
        let fits = |device, link| {
            when.fits(&Setup {
                device,
                link,
                ..Setup::default()
            })
        };
        assert!(fits("Coral M.2 Accelerator", "unstated"));
        assert!(fits("Coral M.2 Accelerator", ""));
        assert!(!fits("Coral M.2 Accelerator", "USB3.0"));
        assert!(fits("Coral", "M.2 slot"));
    }

    #[test]
    fn lists_without_words_are_refused() {
        let empty = RawWhen {
            hosts: words(&[]),
            ..RawWhen::default()
        };
        let bare = RawWhen {
            hosts: words(&["!"]),
            ..RawWhen::default()
        };
        for (when, part) in [
            (RawWhen::default(), "devices, links, hosts and clocks"),
            (empty, "when.hosts is an empty list"),
            (bare, "when.hosts is `!`"),
        ] {
            let message = when.check().unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
    }
}
