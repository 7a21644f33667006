//! Search spaces: decisions, genomes, and the networks they decode to.
