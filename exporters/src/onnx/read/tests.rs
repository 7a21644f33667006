//! What is read of written files, of files of others and of damaged ones.

mod made;

mod foreign;
mod hostile;
mod integers;
mod order;
mod round_trip;
