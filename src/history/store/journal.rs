//! What was imported, what it replaced, and taking it back.

use std::path::Path;

use rusqlite::{Connection, params};
use serde::Serialize;

use super::blocks::{Blocks, Group, LEAST};
use super::open::History;
use super::packed::Place;
use super::{seal, table};
use crate::history::error::HistoryError;
use crate::history::question::totals::Totals;

/// One import, as the journal remembers it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JournalEntry {
    /// Its number, by which it is taken back.
    pub import: i64,
    /// When it happened, as the importing command noted it.
    pub noted_at: Option<String>,
    /// Taken back since.
    pub undone: bool,
    /// Its files, in order.
    pub files: Vec<JournalFile>,
}

/// One file of an import.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JournalFile {
    /// Name of the file.
    pub name: String,
    /// Its format.
    pub format: String,
    /// SHA-256 of its bytes.
    pub fingerprint: String,
    /// Rows that were new.
    pub imported: u64,
    /// Rows that took the place of older ones.
    pub replaced: u64,
    /// Rows that were there already.
    pub duplicate: u64,
    /// What all its stored rows add up to.
    pub stored: Totals,
    /// What the rows that were replaced added up to.
    pub old: Totals,
    /// What the rows that replaced them add up to.
    pub new: Totals,
}

/// What taking an import back did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// Rows taken out.
    pub removed: u64,
    /// Older rows that are in force again.
    pub restored: u64,
}

impl History {
    /// All imports, oldest first, those taken back included.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the file cannot be read.
    pub fn journal(&self) -> Result<Vec<JournalEntry>, HistoryError> {
        let _one_moment = self.reading()?;
        if self.is_blank()? {
            return Ok(Vec::new());
        }
        self.hold(&seal::JOURNAL)?;
        entries(&self.store).map_err(|error| self.failure(&error))
    }

    /// Takes an import back: its rows leave, and what they replaced is in force again.
    ///
    /// Rows that a later import replaced stay replaced. The result is what the other imports
    /// alone would have made.
    ///
    /// # Errors
    ///
    /// [`HistoryError::TakenBack`] when it was taken back before (by another process just now, for
    /// instance), [`HistoryError::NothingToUndo`] when no import is in place, and
    /// [`HistoryError::NoSuchImport`] when none has this number.
    pub fn undo(&mut self, import: i64) -> Result<Undone, HistoryError> {
        self.in_one(|own| own.undo_alone(import))
    }

    /// Takes back while nobody else writes: of two who ask for the same, one is told.
    fn undo_alone(&self, import: i64) -> Result<Undone, HistoryError> {
        let journal = self.journal()?;
        if journal.iter().any(|entry| entry.import == import && entry.undone) {
            return Err(HistoryError::TakenBack { found: import });
        }
        let in_place: Vec<i64> =
            journal.iter().filter(|entry| !entry.undone).map(|entry| entry.import).collect();
        if in_place.is_empty() {
            return Err(HistoryError::NothingToUndo { path: self.path.clone() });
        }
        if !in_place.contains(&import) {
            let allowed = in_place.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
            return Err(HistoryError::NoSuchImport { found: import, allowed });
        }
        self.compared.hold_all(&self.store, &self.path)?;
        TakeBack { store: &self.store, path: &self.path }.all(import)
    }
}

fn entries(store: &Connection) -> rusqlite::Result<Vec<JournalEntry>> {
    let mut statement = store.prepare("SELECT id, noted_at, undone FROM import ORDER BY id")?;
    let imports = statement.query_map([], |row| {
        Ok(JournalEntry {
            import: row.get(0)?,
            noted_at: row.get(1)?,
            undone: row.get(2)?,
            files: Vec::new(),
        })
    })?;
    imports
        .map(|entry| {
            let mut entry = entry?;
            entry.files = files(store, entry.import)?;
            Ok(entry)
        })
        .collect()
}

fn files(store: &Connection, import: i64) -> rusqlite::Result<Vec<JournalFile>> {
    let mut statement = store.prepare_cached(
        "SELECT name, format, imported, replaced, duplicate, stored_totals, old_totals, new_totals, \
         fingerprint FROM file WHERE import = ?1 ORDER BY id",
    )?;
    let files = statement.query_map([import], |row| {
        let totals = |column| -> rusqlite::Result<Totals> {
            let text: Option<String> = row.get(column)?;
            // A total is a convenience of the journal; the rows themselves are the truth.
            Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
        };
        Ok(JournalFile {
            name: row.get(0)?,
            format: row.get(1)?,
            imported: row.get::<_, i64>(2)?.unsigned_abs(),
            replaced: row.get::<_, i64>(3)?.unsigned_abs(),
            duplicate: row.get::<_, i64>(4)?.unsigned_abs(),
            stored: totals(5)?,
            old: totals(6)?,
            new: totals(7)?,
            fingerprint: row.get(8)?,
        })
    })?;
    files.collect()
}

/// An import being taken back.
struct TakeBack<'a> {
    store: &'a Connection,
    path: &'a Path,
}

impl TakeBack<'_> {
    fn all(&self, import: i64) -> Result<Undone, HistoryError> {
        let told = |error: rusqlite::Error| HistoryError::new(self.path, &error);
        let of_import = "file IN (SELECT id FROM file WHERE import = ?1)";
        let delete = |table: &str| {
            self.store.execute(&format!("DELETE FROM {table} WHERE {of_import}"), [import])
        };
        let files = self.files(import).map_err(told)?;
        let mut blocks = Blocks::of_store(self.store, self.path).map_err(told)?;
        delete("older").map_err(told)?;
        let leaves_room = blocks.any_older()? || self.any_older().map_err(told)?;
        if leaves_room {
            self.free(&blocks, &files)?;
        }
        let packed = blocks.in_force(&files);
        delete("block").map_err(told)?;
        let of_table = delete("row").map_err(told)?;
        blocks.refresh().map_err(told)?;
        let restored = if leaves_room { self.fill(&mut blocks)? } else { 0 };
        self.store.execute("UPDATE import SET undone = 1 WHERE id = ?1", [import]).map_err(told)?;
        Ok(Undone { removed: of_table as u64 + packed, restored })
    }

    fn files(&self, import: i64) -> rusqlite::Result<Vec<i64>> {
        let mut statement = self.store.prepare("SELECT id FROM file WHERE import = ?1")?;
        statement.query_map([import], |row| row.get(0))?.collect()
    }

    fn any_older(&self) -> rusqlite::Result<bool> {
        self.store.prepare("SELECT 1 FROM older LIMIT 1")?.exists([])
    }

    /// Notes the places that the rows in force of these files leave.
    fn free(&self, blocks: &Blocks<'_>, files: &[i64]) -> Result<(), HistoryError> {
        let told = |error: rusqlite::Error| HistoryError::new(self.path, &error);
        self.store
            .execute_batch(
                "CREATE TEMP TABLE freed (start, identity, end, PRIMARY KEY (start, identity, \
                 end)) WITHOUT ROWID",
            )
            .map_err(told)?;
        for file in files {
            self.store
                .execute(
                    "INSERT OR IGNORE INTO freed SELECT start, identity, end FROM row WHERE \
                     file = ?1",
                    [file],
                )
                .map_err(told)?;
        }
        let mut insert =
            self.store.prepare("INSERT OR IGNORE INTO freed VALUES (?1, ?2, ?3)").map_err(told)?;
        for block in blocks.of_files(files) {
            let mut noted = Ok(());
            blocks.read(block, &mut |row| {
                let (start, identity, end) = row.place();
                if noted.is_ok() {
                    noted = insert.execute(params![start, identity, end]).map(drop);
                }
            })?;
            noted.map_err(told)?;
        }
        Ok(())
    }

    /// Brings in force again what lies nearest behind every place that is free now; gives how many
    /// rows that are.
    fn fill(&self, blocks: &mut Blocks<'_>) -> Result<u64, HistoryError> {
        let told = |error: rusqlite::Error| HistoryError::new(self.path, &error);
        let mut restored = 0;
        {
            let sql = "SELECT start, identity, end FROM freed ORDER BY start, identity, end";
            let mut freed = self.store.prepare(sql).map_err(told)?;
            let mut places = freed
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .map_err(told)?;
            loop {
                let some: Vec<Place> =
                    places.by_ref().take(LEAST).collect::<Result<_, _>>().map_err(told)?;
                if some.is_empty() {
                    break;
                }
                restored += self.fill_some(blocks, &Group::of(some.into_iter()))?;
            }
        }
        blocks.write_marks()?;
        self.store.execute_batch("DROP TABLE freed").map_err(told)?;
        Ok(restored)
    }

    fn fill_some(&self, blocks: &mut Blocks<'_>, groups: &[Group]) -> Result<u64, HistoryError> {
        let told = |error: rusqlite::Error| HistoryError::new(self.path, &error);
        let (Some(first), Some(last)) = (groups.first(), groups.last()) else { return Ok(0) };
        let any = table::any_between(self.store, "older", first.place.0, last.place.0);
        let in_table: Vec<i64> = if any.map_err(told)? {
            let newest = groups.iter().map(|own| table::newest_behind(self.store, own.place));
            newest.collect::<Result<_, _>>().map_err(told)?
        } else {
            vec![0; groups.len()]
        };
        let mut newest = in_table.clone();
        blocks.behind(i64::MAX, groups, &mut |group, file, _| {
            newest[group] = newest[group].max(file);
        })?;
        let mut restored = blocks.restore(groups, &newest)?;
        for ((group, file), newest) in groups.iter().zip(in_table).zip(newest) {
            if file != 0 && file == newest {
                restored += table::restore(self.store, group.place, file).map_err(told)?;
            }
        }
        Ok(restored)
    }
}
