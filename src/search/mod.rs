//! Controllers that propose genomes, and the reward that ranks them.
