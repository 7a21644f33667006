//! The training worker: executes graphs in libtorch and answers on standard output.

fn main() {}
