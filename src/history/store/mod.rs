//! The history's file: its tables, imports, packed rows, seals, journal.

pub(crate) mod blocks;
mod designed;
pub(crate) mod import;
pub(crate) mod journal;
pub(crate) mod lowered;
pub(crate) mod named;
pub(crate) mod open;
mod outdated;
pub(crate) mod packed;
pub(crate) mod part;
pub(crate) mod rename;
pub(crate) mod runs;
pub(crate) mod schema;
pub(crate) mod seal;
pub(crate) mod table;
