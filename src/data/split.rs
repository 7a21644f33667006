//! The parts of a data set.

/// Which part of a data set; no sample of Train, Validation or Test is in another of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Split {
    /// What weights are fitted on.
    Train,
    /// What candidates are chosen by and exported models are checked on.
    Validation,
    /// What int8 ranges are read from; of a data set of files, some of Train.
    Calibration,
    /// What nothing is chosen by: the figures of a report.
    Test,
}

impl Split {
    /// Every split.
    pub const ALL: [Self; 4] = [Self::Train, Self::Validation, Self::Calibration, Self::Test];

    /// The name used in commands and file names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "val",
            Self::Calibration => "calibration",
            Self::Test => "test",
        }
    }
}
