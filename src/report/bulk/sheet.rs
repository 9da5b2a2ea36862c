//! The planner's file, whatever it is: delimited text or a workbook.

use std::ops::Range;

use super::BulkError;
use super::delimited::Delimited;
use super::names::{AD_SET_ID, AD_SET_NAME};
use super::package::Package;

/// Rows and columns that can be read, and of which cells can be replaced.
#[derive(Debug, Clone)]
pub(super) enum Sheet {
    /// CSV or tab-separated text.
    Text(Delimited),
    /// XLSX.
    Book(Package),
}

impl Sheet {
    /// Reads a file by what its bytes are.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, BulkError> {
        if Package::is_one(bytes) {
            return Package::read(bytes, [AD_SET_ID, AD_SET_NAME]).map(Self::Book);
        }
        Delimited::read(bytes).map(Self::Text)
    }

    /// Position of a column by its head, whatever its case.
    pub(super) fn column(&self, head: &str) -> Option<usize> {
        match self {
            Self::Text(text) => text.column(head),
            Self::Book(book) => book.column(head),
        }
    }

    /// A column's head.
    pub(super) fn head(&self, column: usize) -> &str {
        match self {
            Self::Text(text) => text.head(column),
            Self::Book(book) => book.head(column),
        }
    }

    /// Positions of the rows below the head.
    pub(super) fn rows(&self) -> Range<usize> {
        match self {
            Self::Text(text) => text.rows(),
            Self::Book(book) => book.rows(),
        }
    }

    /// A cell as it reads.
    pub(super) fn get(&self, row: usize, column: usize) -> &str {
        match self {
            Self::Text(text) => text.get(row, column),
            Self::Book(book) => book.get(row, column),
        }
    }

    /// The file's own number of a row, from 1.
    pub(super) fn line(&self, row: usize) -> usize {
        match self {
            Self::Text(text) => text.line(row),
            Self::Book(book) => book.line(row),
        }
    }

    /// Refuses formulas in columns that matter; text has none.
    pub(super) fn without_formulas(&self, columns: &[usize]) -> Result<(), BulkError> {
        match self {
            Self::Text(_) => Ok(()),
            Self::Book(book) => book.without_formulas(columns),
        }
    }

    /// Replaces cells: row, column, text.
    pub(super) fn replace(&mut self, cells: &[(usize, usize, String)]) {
        match self {
            Self::Text(text) => text.replace(cells),
            Self::Book(book) => book.replace(cells),
        }
    }

    /// The file's bytes.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, BulkError> {
        match self {
            Self::Text(text) => Ok(text.bytes()),
            Self::Book(book) => book.bytes(),
        }
    }
}
