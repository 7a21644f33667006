//! What the writer wrote, read back; files of other origin; and files that are damaged.

mod foreign;
mod hostile;
mod macs;
mod round_trip;
