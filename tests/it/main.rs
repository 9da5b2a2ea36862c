//! Behaviour seen from outside: the binary in a temporary folder.

mod campaign;
mod folders;
mod history;
mod ingest;
mod plan;
mod report;
mod simulate;
