//! What the columns of a file mean: its format, its vintage, maps of one's own, names that carry attributes.

pub mod drafted;
pub(crate) mod encoding;
pub(crate) mod format;
pub(crate) mod formats;
pub(crate) mod layout;
pub mod mapping;
pub(crate) mod names;
pub(crate) mod recognise;
pub(crate) mod sketch;
pub(crate) mod survey;
#[cfg(test)]
pub(crate) mod vintages;
