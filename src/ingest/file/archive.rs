//! What workbooks are packed in: which kind one is, and what one may hold.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use crate::ingest::error::IngestError;

/// The part with all sheets of an OpenDocument workbook.
pub(super) const CONTENT: &str = "content.xml";
/// Most parts that a workbook may have; real exports have about ten.
pub(super) const MOST_PARTS: usize = 2_000;
/// Longest stretch between two tags: one cell's text.
pub(super) const LONGEST_TEXT: u64 = 4 << 20;

/// Whether a file is an OpenDocument workbook and no Office workbook.
pub(super) fn is_open_document(path: &Path) -> bool {
    let archive = File::open(path).map(|file| zip::ZipArchive::new(BufReader::new(file)));
    let Ok(Ok(parts)) = archive else { return false };
    let has = |name: &str| parts.index_for_name(name).is_some();
    has(CONTENT) && !has("[Content_Types].xml")
}

pub(super) fn broken(path: &Path, error: &dyn std::fmt::Display) -> IngestError {
    let message = error.to_string();
    // The directory of an archive is at its end: without it the file was cut.
    let message = if message.contains("EOCD") { "cut-off".to_owned() } else { message };
    IngestError::Workbook { path: path.to_owned(), message }
}

pub(super) fn too_large(path: &Path, what: &str, allowed: &str) -> IngestError {
    IngestError::TooLarge {
        path: path.to_owned(),
        what: what.to_owned(),
        allowed: allowed.to_owned(),
    }
}
