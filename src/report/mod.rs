//! What people read: records, tables, plots and the report page.
