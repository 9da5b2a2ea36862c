//! Files → rows: recognise the format, decode, map columns, check, report every bad line.
//!
//! A format is a file in `data/formats/` ([`columns::format`]), not code; a person's `--map` file
//! ([`columns::mapping`]) says the same for a file of its own. [`Formats::read`] is the whole line:
//! inspect → recognise → lay out the columns → survey the conventions → rows, one at a time into
//! the caller's hands, so memory does not grow with the number of rows.

pub mod checkup;
pub mod columns;
mod coverage;
mod error;
pub(crate) mod file;
pub mod guide;
mod mapped;
mod read;
mod report;
mod rows;
#[cfg(test)]
mod tests;
pub(crate) mod value;

pub use columns::drafted::{Drafted, meanings};
pub use columns::formats::Formats;
pub use columns::mapping::Mapping;
pub use error::{Evidence, IngestError, Sketched};
pub use file::folder::files;
pub use file::opened::EncodingBy;
pub use read::Export;
pub use report::{
    Act, Allowed, ColumnReport, FileReport, LineFinding, MapDid, MapLine, Refunds, Role, Totals,
};
pub use value::actions::{Source, Sources};
pub(crate) use value::dates::YEARS;

use crate::reference::Reference;

/// Reads every format that `data/formats/` describes.
///
/// # Errors
///
/// [`IngestError`] when a table is missing or malformed.
pub fn formats(reference: &Reference) -> Result<Formats, IngestError> {
    Formats::load(reference)
}
