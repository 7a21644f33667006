//! Every layout as small files, whole and broken.

mod broken;
mod layouts;
mod write;
