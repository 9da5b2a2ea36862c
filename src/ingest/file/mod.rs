//! Files as records: workbooks and text, opened, decoded, bounded.

pub(crate) mod folder;
pub(crate) mod opened;
pub(crate) mod record;
pub(crate) mod sheet;
pub(crate) mod table;
pub(crate) mod text;
