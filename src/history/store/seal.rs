//! Checksums of everything stored, and their comparison with what is there.
//!
//! Of each part the history keeps the number of its rows and the sum of their digests. Whatever
//! asks it reads the parts that the question is about and compares, before anything is answered;
//! whatever writes to it compares everything first, and has SQLite check its pages. What it then
//! adds, changes and removes is added to the sums and taken off them, so that nothing need be read
//! again (`seal`, in the same transaction). So a history that was damaged, or edited by another
//! program, is refused by the name of what differs. Tables, views, triggers and indexes that are
//! none of ours are refused too: a trigger could change what is stored.
//!
//! A sum does not tell the order of rows. Their keys do, and are held to it when they are read: a
//! tree out of order would hide rows from whoever looks for one.
//!
//! Nobody is kept from forging a seal along with the rows: it tells accidents and edits, not
//! enemies. Histories of before version 5 have no seal, those of version 5 one in which every row
//! was digested with what came before it. They get today's when they are brought forward; in a place
//! that cannot be written, one of version 4 is read without, one of version 5 with its own.

use std::cell::Cell;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::part::Part;
use crate::history::error::HistoryError;
use crate::history::label::quick_digest;

/// What the rows in force are read from.
pub(crate) const ROWS: [Part; 4] = [Part::Schema, Part::Labels, Part::Rows, Part::Blocks];

/// What the journal is read from.
pub(crate) const JOURNAL: [Part; 4] = [Part::Schema, Part::Imports, Part::Files, Part::Renames];

/// What is known of labels alone.
pub(crate) const LABELS: [Part; 2] = [Part::Schema, Part::Labels];

/// Parts that may be large, with their tables: what is written to these is followed.
const FOLLOWED: [(Part, &str); 5] = [
    (Part::Labels, "label"),
    (Part::Identities, "identity"),
    (Part::Rows, "row"),
    (Part::Older, "older"),
    (Part::Blocks, "block"),
];

/// How many rows a part has, and the digest of all of them; or what of both was added.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Sealed {
    rows: i64,
    digest: u128,
}

impl Sealed {
    fn add(&mut self, digest: u128) {
        self.rows += 1;
        self.digest = self.digest.wrapping_add(digest);
    }

    fn take(&mut self, digest: u128) {
        self.rows -= 1;
        self.digest = self.digest.wrapping_sub(digest);
    }
}

/// How a part's digest is made of its rows'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Each is digested with what came before it: version 5.
    Chained,
    /// They are added up.
    Summed,
}

/// The digest of a row of a part.
fn digest<'v>(
    part: Part,
    text: &mut Vec<u8>,
    values: impl Iterator<Item = rusqlite::Result<ValueRef<'v>>>,
) -> rusqlite::Result<u128> {
    text.clear();
    text.push(part as u8);
    for value in values {
        write_value(text, value?);
    }
    Ok(quick_digest(text))
}

/// Reads a part; `None` where its rows are out of order.
fn found(store: &Connection, part: Part, way: Way) -> rusqlite::Result<Option<Sealed>> {
    if !part.is_in(store)? {
        return Ok(Some(Sealed::default()));
    }
    // One that was prepared before a table was altered counts the columns of then.
    let mut statement = store.prepare(part.sql())?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let (mut sealed, mut text) = (Sealed::default(), Vec::new());
    let (mut key, mut last) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        if way == Way::Chained {
            text.clear();
            text.extend(sealed.digest.to_le_bytes());
            for column in 0..columns {
                write_value(&mut text, row.get_ref(column)?);
            }
            sealed = Sealed { rows: sealed.rows + 1, digest: quick_digest(&text) };
            continue;
        }
        sealed.add(digest(part, &mut text, (0..columns).map(|column| row.get_ref(column)))?);
        key.clear();
        for column in part.key() {
            write_key(&mut key, row.get_ref(*column)?);
        }
        if !key.is_empty() && key <= last {
            return Ok(None);
        }
        std::mem::swap(&mut key, &mut last);
    }
    Ok(Some(sealed))
}

/// A part of a key as bytes that are ordered as it is. Keys are whole numbers and digests of one
/// length; anything else is no row of ours, and its digest tells.
fn write_key(out: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::Integer(number) => out.extend((number ^ i64::MIN).to_be_bytes()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => out.extend(bytes),
        ValueRef::Null | ValueRef::Real(_) => {}
    }
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

/// Seals what is now stored, all of it read; the caller holds the transaction.
pub(crate) fn close(store: &Connection, way: Way) -> rusqlite::Result<()> {
    Part::ALL.into_iter().try_for_each(|part| {
        let read = found(store, part, way)?;
        write(store, part, read.ok_or_else(out_of_order)?)
    })
}

/// What SQLite itself says of such a tree.
fn out_of_order() -> rusqlite::Error {
    let corrupt = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    rusqlite::Error::SqliteFailure(corrupt, None)
}

fn write(store: &Connection, part: Part, sealed: Sealed) -> rusqlite::Result<()> {
    store
        .prepare_cached("INSERT OR REPLACE INTO seal (part, rows, digest) VALUES (?1, ?2, ?3)")?
        .execute(params![part.name(), sealed.rows, sealed.digest.to_le_bytes()])?;
    Ok(())
}

/// The seal of a part.
fn sealed(store: &Connection, part: Part) -> rusqlite::Result<Option<Sealed>> {
    let mut statement = store.prepare_cached("SELECT rows, digest FROM seal WHERE part = ?1")?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Sealed { rows: row.get(0)?, digest: u128::from_le_bytes(row.get(1)?) })
    };
    statement.query_row([part.name()], read).optional()
}

/// Compares a part with its seal.
fn compare(store: &Connection, path: &Path, part: Part, way: Way) -> Result<(), HistoryError> {
    let told = |error: rusqlite::Error| HistoryError::new(path, &error);
    let mut sealed = sealed(store, part).map_err(told)?;
    if sealed.is_none() && !part.is_in(store).map_err(told)? {
        sealed = Some(Sealed::default());
    }
    let found = found(store, part, way).map_err(told)?;
    let Some(found) = found else { return Err(HistoryError::new(path, &out_of_order())) };
    if sealed == Some(found) {
        return Ok(());
    }
    let stored = sealed.map_or(found.rows, |sealed| sealed.rows).unsigned_abs();
    let (path, found) = (path.to_path_buf(), found.rows.unsigned_abs());
    Err(HistoryError::Altered { path, part, stored, found })
}

/// Compares everything, sealed one way or the other.
pub(crate) fn compare_all(store: &Connection, path: &Path, way: Way) -> Result<(), HistoryError> {
    Part::ALL.into_iter().try_for_each(|part| compare(store, path, part, way))
}

/// Has SQLite check its pages: what they hold, and that none is used twice.
pub(crate) fn check_pages(store: &Connection, path: &Path) -> Result<(), HistoryError> {
    let told = |error: rusqlite::Error| HistoryError::new(path, &error);
    let check = "PRAGMA quick_check(1)";
    let found: String = store.query_row(check, [], |row| row.get(0)).map_err(told)?;
    if found == "ok" { Ok(()) } else { Err(HistoryError::damaged(path, found)) }
}

/// What has been added to each part since it was compared, as [`Sealed`] holds it.
pub(crate) type Change = [Sealed; Part::ALL.len()];

/// Which parts of a store have been compared since others last wrote to it, and what was written
/// to them since.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    done: Cell<(i64, u16)>,
    /// Everything was compared in this transaction, and what is written to it is followed.
    follows: Cell<bool>,
    change: Arc<Mutex<Change>>,
}

impl Compared {
    /// Compares parts that have not been; the caller reads at one moment.
    pub(crate) fn hold(
        &self,
        store: &Connection,
        path: &Path,
        parts: &[Part],
        way: Way,
    ) -> Result<(), HistoryError> {
        let told = |error: rusqlite::Error| HistoryError::new(path, &error);
        let moment: i64 =
            store.query_row("PRAGMA data_version", [], |row| row.get(0)).map_err(told)?;
        let (before, mut done) = self.done.get();
        if before != moment {
            done = 0;
        }
        for part in parts {
            let bit = 1 << *part as u16;
            if done & bit == 0 {
                compare(store, path, *part, way)?;
                done |= bit;
            }
        }
        self.done.set((moment, done));
        Ok(())
    }

    /// Seals what is now stored; the caller holds the transaction.
    pub(crate) fn seal(&self, store: &Connection) -> rusqlite::Result<()> {
        if self.follows.replace(false) {
            let change = *self.change();
            for part in Part::ALL {
                let change = change[part as usize];
                let is_followed =
                    part == Part::LabelIndex || FOLLOWED.iter().any(|(own, _)| *own == part);
                let now = if is_followed {
                    let before = sealed(store, part)?.ok_or_else(out_of_order)?;
                    let digest = before.digest.wrapping_add(change.digest);
                    Sealed { rows: before.rows + change.rows, digest }
                } else {
                    found(store, part, Way::Summed)?.ok_or_else(out_of_order)?
                };
                write(store, part, now)?;
            }
        } else {
            close(store, Way::Summed)?;
        }
        let moment = store.query_row("PRAGMA data_version", [], |row| row.get(0))?;
        self.done.set((moment, u16::MAX));
        Ok(())
    }

    /// Compares everything, has the pages checked, and follows what is written from here on.
    pub(crate) fn hold_all(&self, store: &Connection, path: &Path) -> Result<(), HistoryError> {
        check_pages(store, path)?;
        self.hold(store, path, &Part::ALL, Way::Summed)?;
        self.follow(store).map_err(|error| HistoryError::new(path, &error))
    }

    /// Has triggers of this connection alone, in no file, tell every row that comes and goes.
    fn follow(&self, store: &Connection) -> rusqlite::Result<()> {
        *self.change() = Change::default();
        self.follows.set(true);
        for (part, table) in FOLLOWED {
            let columns: Vec<String> = {
                let all = store.prepare(&format!("SELECT * FROM main.{table}"))?;
                all.column_names().map(str::to_owned).collect()
            };
            for (name, at) in [("add", "INSERT"), ("take", "DELETE")] {
                let row = if name == "add" { "NEW" } else { "OLD" };
                let values = columns.iter().map(|own| format!("{row}.{own}")).collect::<Vec<_>>();
                let values = values.join(", ");
                store.execute_batch(&format!(
                    "CREATE TEMP TRIGGER IF NOT EXISTS {table}_{name} AFTER {at} ON main.{table} \
                     BEGIN SELECT {table}_{name}({values}); END"
                ))?;
                self.define(store, part, &format!("{table}_{name}"), name == "add")?;
            }
        }
        Ok(())
    }

    fn define(
        &self,
        store: &Connection,
        part: Part,
        name: &str,
        adds: bool,
    ) -> rusqlite::Result<()> {
        let change = Arc::clone(&self.change);
        store.create_scalar_function(name, -1, FunctionFlags::SQLITE_UTF8, move |context| {
            let mut text = Vec::new();
            let value = |at: usize| Ok(context.get_raw(at));
            let seen = |part: Part, digest: u128| {
                let mut change = change.lock().unwrap_or_else(PoisonError::into_inner);
                let own = &mut change[part as usize];
                if adds { own.add(digest) } else { own.take(digest) }
            };
            seen(part, digest(part, &mut text, (0..context.len()).map(value))?);
            if part == Part::Labels {
                // Its index holds its second column and its first.
                seen(
                    Part::LabelIndex,
                    digest(Part::LabelIndex, &mut text, [1, 0].into_iter().map(value))?,
                );
            }
            Ok(rusqlite::types::Null)
        })
    }

    fn change(&self) -> MutexGuard<'_, Change> {
        self.change.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was written so far, for [`Compared::back_to`].
    pub(crate) fn so_far(&self) -> Change {
        *self.change()
    }

    /// Forgets what was written since: it was rolled back.
    pub(crate) fn back_to(&self, before: &Change) {
        *self.change() = *before;
    }
}
