//! Targets: what a graph must look like for a machine, and the files written for it.
