//! What people read: records, tables, plots and the report page.

pub mod data;
pub mod estimate;
pub mod model;
pub mod space;
pub mod study;

pub mod page;

mod files;
mod picture;
mod progress;

pub use files::write_atomically;
pub use picture::Picture;
pub use progress::progress;
