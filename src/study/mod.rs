//! The study journal: an append-only log that a killed search resumes from.
