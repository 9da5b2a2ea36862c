//! Arrow's stream between processes: written from columns, read as the text that a CSV has.
//!
//! The format is small where nothing is nested or compressed
//! (<https://arrow.apache.org/docs/format/Columnar.html>); crates that know all of it would make a
//! clean build one and a half CPU-minutes longer.

mod flat;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub(super) use self::read::as_csv;
pub(crate) use self::write::write;

/// What every message of a stream begins with, and so a stream.
pub(super) const CONTINUES: [u8; 4] = [0xff; 4];

/// What a file of Arrow (Feather, version 2) begins with.
pub(super) const FILE: [u8; 6] = *b"ARROW1";

/// What a message holds.
mod header {
    pub(super) const SCHEMA: u8 = 1;
    pub(super) const DICTIONARY: u8 = 2;
    pub(super) const BATCH: u8 = 3;
}

/// Types of columns.
mod kind {
    pub(super) const NULL: u8 = 1;
    pub(super) const INT: u8 = 2;
    pub(super) const FLOAT: u8 = 3;
    pub(super) const TEXT: u8 = 5;
    pub(super) const FLAG: u8 = 6;
    pub(super) const DATE: u8 = 8;
    pub(super) const TIMESTAMP: u8 = 10;
    pub(super) const LARGE_TEXT: u8 = 20;
    pub(super) const TEXT_VIEW: u8 = 24;
}

/// Why an Arrow table cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArrowFault {
    /// It ends too early, or what it says leads outside it.
    #[error("cut short or damaged")]
    Damaged,
    /// It is a file with an index at its end (Feather), not a stream.
    #[error("a file and not a stream")]
    File,
    /// Its batches are compressed.
    #[error("compressed")]
    Compressed,
    /// A column of a type that no cell of a table can hold.
    #[error("`{column}` has a type that a panel does not know (number {kind})")]
    Kind {
        /// The column.
        column: String,
        /// Number of the type in Arrow's schema.
        kind: u8,
    },
}
