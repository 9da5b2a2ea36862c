//! The command line as typed: arguments, their ranges, help in both languages, the files they name.

pub mod args;
pub mod help;
pub(crate) mod ranges;
pub(crate) mod touched;
pub mod usage;
