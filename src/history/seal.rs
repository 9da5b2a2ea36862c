//! Checksums of everything stored, and their comparison with what is there.
//!
//! Whatever writes a history ends by reading it back, part by part in the order of its keys, and
//! keeps of each part the number of rows and a digest of all their values (`seal`, in the same
//! transaction). Whatever asks it reads the parts that the question is about and compares, before
//! anything is answered; whatever writes to it compares everything first, and has SQLite check its
//! pages. So a history that was damaged, or edited by another program, is refused by the name of
//! what differs. Tables, views, triggers and indexes that are none of ours are refused too: a
//! trigger could change what is stored.
//!
//! Nobody is kept from forging a seal along with the rows: it tells accidents and edits, not
//! enemies. Histories of before version 5 have no seal. They get one when they are brought forward;
//! one of version 4 in a place that cannot be written is read without.

use std::cell::Cell;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::error::HistoryError;
use super::label::quick_digest;

/// What is sealed by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// How tables and views are made.
    Schema,
    /// The imports.
    Imports,
    /// The files of the imports.
    Files,
    /// What rows stand for.
    Labels,
    /// The order in which labels are found by what they identify.
    LabelIndex,
    /// What stands for the same thing under changed names.
    Identities,
    /// Rows in force, one by one.
    Rows,
    /// Rows that a newer export took the place of.
    Older,
    /// Rows in force of large files.
    Blocks,
}

/// What the rows in force are read from.
pub(super) const ROWS: [Part; 4] = [Part::Schema, Part::Labels, Part::Rows, Part::Blocks];

/// What the journal is read from.
pub(super) const JOURNAL: [Part; 3] = [Part::Schema, Part::Imports, Part::Files];

/// What is known of labels alone.
pub(super) const LABELS: [Part; 2] = [Part::Schema, Part::Labels];

impl Part {
    /// All parts, in the order in which they are compared.
    pub const ALL: [Self; 9] = [
        Self::Schema,
        Self::Imports,
        Self::Files,
        Self::Labels,
        Self::LabelIndex,
        Self::Identities,
        Self::Rows,
        Self::Older,
        Self::Blocks,
    ];

    /// Its name in the store and in the catalogues of messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Schema => "schema",
            Self::Imports => "import",
            Self::Files => "file",
            Self::Labels => "label",
            Self::LabelIndex => "label_by_identity",
            Self::Identities => "identity",
            Self::Rows => "row",
            Self::Older => "older",
            Self::Blocks => "block",
        }
    }

    /// Everything in it that an answer can come from, in the order of its keys.
    const fn sql(self) -> &'static str {
        match self {
            Self::Schema => "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name",
            Self::Imports => "SELECT * FROM import ORDER BY id",
            Self::Files => "SELECT * FROM file ORDER BY id",
            Self::Labels => "SELECT * FROM label ORDER BY id",
            Self::LabelIndex => {
                "SELECT identity, id FROM label INDEXED BY label_by_identity ORDER BY identity"
            }
            Self::Identities => "SELECT * FROM identity ORDER BY digest",
            Self::Rows => "SELECT * FROM row ORDER BY start, identity, end, nth",
            Self::Older => "SELECT * FROM older ORDER BY start, identity, end, file, nth",
            Self::Blocks => "SELECT * FROM block ORDER BY id",
        }
    }
}

/// How many rows a part has, and the digest of all of them.
#[derive(Debug, PartialEq)]
struct Sealed {
    rows: i64,
    digest: [u8; 16],
}

/// Reads a part. Every row is digested together with what came before it, so that order counts.
fn found(store: &Connection, part: Part) -> rusqlite::Result<Sealed> {
    let mut statement = store.prepare_cached(part.sql())?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let (mut sealed, mut text) = (Sealed { rows: 0, digest: [0; 16] }, Vec::new());
    while let Some(row) = rows.next()? {
        text.clear();
        text.extend(sealed.digest);
        for column in 0..columns {
            write_value(&mut text, row.get_ref(column)?);
        }
        sealed.digest = quick_digest(&text).to_le_bytes();
        sealed.rows += 1;
    }
    Ok(sealed)
}

/// Kind and length before the bytes, so that no two rows are written alike.
fn write_value(out: &mut Vec<u8>, value: ValueRef<'_>) {
    let mut write = |kind: u8, bytes: &[u8]| {
        out.push(kind);
        out.extend(bytes);
    };
    match value {
        ValueRef::Null => write(0, &[]),
        ValueRef::Integer(number) => write(1, &number.to_le_bytes()),
        ValueRef::Real(number) => write(2, &number.to_bits().to_le_bytes()),
        ValueRef::Text(bytes) => {
            write(3, &(bytes.len() as u64).to_le_bytes());
            out.extend(bytes);
        }
        ValueRef::Blob(bytes) => {
            write(4, &(bytes.len() as u64).to_le_bytes());
            out.extend(bytes);
        }
    }
}

/// Seals what is now stored; the caller holds the transaction.
pub(super) fn close(store: &Connection) -> rusqlite::Result<()> {
    for part in Part::ALL {
        let Sealed { rows, digest } = found(store, part)?;
        store
            .prepare_cached("INSERT OR REPLACE INTO seal (part, rows, digest) VALUES (?1, ?2, ?3)")?
            .execute(params![part.name(), rows, digest])?;
    }
    Ok(())
}

/// Compares a part with its seal.
fn compare(store: &Connection, path: &Path, part: Part) -> Result<(), HistoryError> {
    let told = |error: rusqlite::Error| HistoryError::new(path, &error);
    let sealed = store
        .prepare_cached("SELECT rows, digest FROM seal WHERE part = ?1")
        .map_err(told)?
        .query_row([part.name()], |row| Ok(Sealed { rows: row.get(0)?, digest: row.get(1)? }))
        .optional()
        .map_err(told)?;
    let found = found(store, part).map_err(told)?;
    if sealed.as_ref() == Some(&found) {
        return Ok(());
    }
    let stored = sealed.map_or(found.rows, |sealed| sealed.rows).unsigned_abs();
    let (path, found) = (path.to_path_buf(), found.rows.unsigned_abs());
    Err(HistoryError::Altered { path, part, stored, found })
}

/// Has SQLite check its pages: what they hold, and that none is used twice.
pub(super) fn check_pages(store: &Connection, path: &Path) -> Result<(), HistoryError> {
    let told = |error: rusqlite::Error| HistoryError::new(path, &error);
    let check = "PRAGMA quick_check(1)";
    let found: String = store.query_row(check, [], |row| row.get(0)).map_err(told)?;
    if found == "ok" { Ok(()) } else { Err(HistoryError::damaged(path, found)) }
}

/// Which parts of a store have been compared since others last wrote to it.
#[derive(Debug, Default)]
pub(super) struct Compared(Cell<(i64, u16)>);

impl Compared {
    /// Compares parts that have not been; the caller reads at one moment.
    pub(super) fn hold(
        &self,
        store: &Connection,
        path: &Path,
        parts: &[Part],
    ) -> Result<(), HistoryError> {
        let told = |error: rusqlite::Error| HistoryError::new(path, &error);
        let moment: i64 =
            store.query_row("PRAGMA data_version", [], |row| row.get(0)).map_err(told)?;
        let (before, mut done) = self.0.get();
        if before != moment {
            done = 0;
        }
        for part in parts {
            let bit = 1 << *part as u16;
            if done & bit == 0 {
                compare(store, path, *part)?;
                done |= bit;
            }
        }
        self.0.set((moment, done));
        Ok(())
    }

    /// Seals what is now stored; the caller holds the transaction.
    pub(super) fn seal(&self, store: &Connection) -> rusqlite::Result<()> {
        close(store)?;
        let moment = store.query_row("PRAGMA data_version", [], |row| row.get(0))?;
        self.0.set((moment, u16::MAX));
        Ok(())
    }

    /// Compares everything, and has the pages checked: before anything is written.
    pub(super) fn hold_all(&self, store: &Connection, path: &Path) -> Result<(), HistoryError> {
        check_pages(store, path)?;
        self.hold(store, path, &Part::ALL)
    }
}
