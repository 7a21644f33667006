//! Rates of the journal: trials per second written, and read back from text and snapshot.
fn main() {}
