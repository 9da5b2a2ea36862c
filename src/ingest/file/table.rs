//! One line of a table before it means anything.

use std::ops::ControlFlow;

use super::opened::{Kind, Opened};
use super::record::Record;
use super::{sheet, text};
use crate::ingest::error::IngestError;

/// Where the table is inside its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A text file with this delimiter.
    Delimited(u8),
    /// A workbook's sheet.
    Sheet(String),
}

/// Visits the records of a table in order until the visitor breaks.
pub(crate) fn records(
    opened: &Opened,
    place: &Place,
    visit: &mut dyn FnMut(&Record) -> Result<ControlFlow<()>, IngestError>,
) -> Result<(), IngestError> {
    match (opened.kind, place) {
        (Kind::Text(encoding, mark), Place::Delimited(delimiter)) => {
            text::records(opened, encoding, mark, *delimiter, visit)
        }
        (_, Place::Sheet(name)) => sheet::records(opened, name, visit),
        (Kind::Workbook | Kind::OpenDocument, Place::Delimited(_)) => Ok(()),
    }
}

/// Most bytes that the first records are kept with; a preamble and a header have far less.
const LARGEST_HEAD: usize = 4 << 20;

/// The first records of a table.
pub(crate) fn head(opened: &Opened, place: &Place, n: usize) -> Result<Vec<Record>, IngestError> {
    let mut head = Vec::new();
    let mut size = 0;
    records(opened, place, &mut |record| {
        size += record.size();
        head.push(record.clone());
        let enough = head.len() >= n || size > LARGEST_HEAD;
        Ok(if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(head)
}

/// Delimiters in the order they are tried.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// The first records of every place in a file that may hold the table.
pub(crate) fn heads(opened: &Opened, n: usize) -> Result<Vec<(Place, Vec<Record>)>, IngestError> {
    if let Kind::Text(..) = opened.kind {
        let places = DELIMITERS.map(Place::Delimited).into_iter();
        return places.map(|place| Ok((place.clone(), head(opened, &place, n)?))).collect();
    }
    let sheets = sheet::heads(opened, n, LARGEST_HEAD)?;
    Ok(sheets.into_iter().map(|(name, head)| (Place::Sheet(name), head)).collect())
}
