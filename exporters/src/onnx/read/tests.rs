//! What is read of written files, of files of others and of damaged ones.
