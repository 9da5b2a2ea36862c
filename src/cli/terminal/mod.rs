//! What a person sees: answers, tables, progress, faults.

pub mod context;
pub(crate) mod fault;
pub(crate) mod grid;
pub(crate) mod screen;
