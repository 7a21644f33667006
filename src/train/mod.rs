//! The training worker: its JSON-lines protocol and how it is started.
