//! Where a number comes from.

/// The kinds of evidence, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// The vendor's word: datasheet, driver source.
    Datasheet,
    /// A publication.
    Paper,
    /// A measurement of just this number.
    Measured,
    /// A fit to measurements of whole programs.
    Fitted,
    /// Nobody's word: a plausible number.
    Assumed,
}

impl SourceKind {
    /// All of them, best first.
    pub const ALL: [SourceKind; 5] = [
        SourceKind::Datasheet,
        SourceKind::Paper,
        SourceKind::Measured,
        SourceKind::Fitted,
        SourceKind::Assumed,
    ];

    /// The word that opens a `source` text of this kind.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            SourceKind::Datasheet => "datasheet",
            SourceKind::Paper => "paper",
            SourceKind::Measured => "measured",
            SourceKind::Fitted => "fitted",
            SourceKind::Assumed => "assumed",
        }
    }
}

/// A `source` text: a kind, a colon, and where to look it up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The kind of evidence.
    pub kind: SourceKind,
    /// Where to look it up, or why it was assumed.
    pub text: String,
}

impl Source {
    /// Reads `kind: text`; both must be there.
    #[must_use]
    pub fn parse(source: &str) -> Option<Source> {
        let (word, text) = source.split_once(':')?;
        let kind = SourceKind::ALL
            .into_iter()
            .find(|kind| kind.name() == word.trim())?;
        let text = text.trim();
        (!text.is_empty()).then(|| Source {
            kind,
            text: text.to_owned(),
        })
    }
}
