//! Files → rows: recognise the format, decode, map columns, check, report every bad line.
//!
//! A format is a file in `data/formats/` ([`format`]), not code; a person's `--map` file
//! ([`mapping`]) says the same for a file of its own. [`Formats::read`] is the whole line:
//! inspect → recognise → lay out the columns → survey the conventions → rows, one at a time into
//! the caller's hands, so memory does not grow with the number of rows.

mod actions;
mod dates;
mod error;
mod folder;
mod format;
mod key;
mod layout;
pub mod mapping;
mod names;
mod number;
mod opened;
mod personal;
mod read;
mod recognise;
mod record;
mod report;
mod rows;
mod sheet;
mod survey;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod values;
#[cfg(test)]
mod vintages;

pub use actions::Source;
pub use error::{Evidence, IngestError};
pub use folder::files;
pub use format::Formats;
pub use mapping::Mapping;
pub use read::Export;
pub use report::{Act, Allowed, ColumnReport, FileReport, LineFinding, Role, Totals};

use crate::reference::Reference;

/// Reads every format that `data/formats/` describes.
///
/// # Errors
///
/// [`IngestError`] when a table is missing or malformed.
pub fn formats(reference: &Reference) -> Result<Formats, IngestError> {
    Formats::load(reference)
}
