//! What the time of a layer goes to, in words and in color.

/// What takes the largest part of a layer's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    Compute,
    Feed,
    Overhead,
    Parameters,
    Code,
    Activations,
    Spill,
    Noc,
    Host,
    Hidden,
}

impl Bound {
    pub(super) const ALL: [Bound; 10] = [
        Bound::Compute,
        Bound::Feed,
        Bound::Overhead,
        Bound::Parameters,
        Bound::Code,
        Bound::Activations,
        Bound::Spill,
        Bound::Noc,
        Bound::Host,
        Bound::Hidden,
    ];

    /// Of what reports call it, where anything does.
    pub(super) fn of(name: Option<&str>) -> Bound {
        match name {
            Some("feed") => Bound::Feed,
            Some("invoke" | "overhead") => Bound::Overhead,
            Some("parameters") => Bound::Parameters,
            Some("code") => Bound::Code,
            Some("input" | "output") => Bound::Activations,
            Some("spill_in" | "spill_out") => Bound::Spill,
            Some("noc") => Bound::Noc,
            Some("host") => Bound::Host,
            Some(_) => Bound::Compute,
            None => Bound::Hidden,
        }
    }

    /// The class of its color.
    pub(super) fn class(self) -> &'static str {
        match self {
            Bound::Compute => "by-compute",
            Bound::Feed => "by-feed",
            Bound::Overhead => "by-overhead",
            Bound::Parameters => "by-parameters",
            Bound::Code => "by-code",
            Bound::Activations => "by-activations",
            Bound::Spill => "by-spill",
            Bound::Noc => "by-noc",
            Bound::Host => "by-host",
            Bound::Hidden => "by-nothing",
        }
    }

    /// The same for people.
    pub(super) fn words(self) -> &'static str {
        match self {
            Bound::Compute => "computing",
            Bound::Feed => "on-chip memory",
            Bound::Overhead => "overhead",
            Bound::Parameters => "parameters",
            Bound::Code => "code",
            Bound::Activations => "inputs, outputs",
            Bound::Spill => "spilling",
            Bound::Noc => "network of tiles",
            Bound::Host => "host",
            Bound::Hidden => "nothing: hidden",
        }
    }
}
