//! Files as records: workbooks and text, opened, decoded, bounded.

mod archive;
pub(crate) mod folder;
mod open_document;
pub(crate) mod opened;
pub(crate) mod record;
pub(crate) mod sheet;
pub(crate) mod table;
pub(crate) mod text;
