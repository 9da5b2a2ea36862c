//! What was imported, what it replaced, and taking it back.

use crate::history::store::schema::VALUES;
use rusqlite::{Connection, params};
use serde::Serialize;

use super::open::History;
use super::seal;
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
        self.bring_forward()?;
        let told = |error: rusqlite::Error| self.failure(&error);
        self.store.execute_batch("BEGIN IMMEDIATE").map_err(told)?;
        let undone = self.undo_alone(import).and_then(|undone| {
            self.compared.seal(&self.store).map_err(told)?;
            self.store.execute_batch("COMMIT").map_err(told)?;
            Ok(undone)
        });
        if undone.is_err() {
            // The first error is the one to tell; the journal takes the rest back when next opened.
            let _ = self.store.execute_batch("ROLLBACK");
        }
        undone
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
        take_back(&self.store, import).map_err(|error| self.failure(&error))
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

fn take_back(store: &Connection, import: i64) -> rusqlite::Result<Undone> {
    let columns = format!("start, identity, end, nth, file, {VALUES}");
    let of_import = "file IN (SELECT id FROM file WHERE import = ?1)";
    let newest = "file = (SELECT max(file) FROM older AS newer WHERE newer.start = older.start \
         AND newer.identity = older.identity AND newer.end = older.end)";
    let freed = "(start, identity, end) IN (SELECT start, identity, end FROM freed)";
    store.execute_batch(
        "CREATE TEMP TABLE freed (start, identity, end, PRIMARY KEY (start, identity, end)) \
         WITHOUT ROWID",
    )?;
    store.execute(&format!("DELETE FROM older WHERE {of_import}"), params![import])?;
    store.execute(
        &format!(
            "INSERT INTO freed SELECT DISTINCT start, identity, end FROM row WHERE {of_import}"
        ),
        params![import],
    )?;
    // Nothing out of force stands behind packed rows, so nothing comes back in their place.
    let packed: i64 = store.query_row(
        &format!("SELECT coalesce(sum(rows), 0) FROM block WHERE {of_import}"),
        params![import],
        |row| row.get(0),
    )?;
    store.execute(&format!("DELETE FROM block WHERE {of_import}"), params![import])?;
    let of_table = store.execute(&format!("DELETE FROM row WHERE {of_import}"), params![import])?;
    let removed = of_table as u64 + packed.unsigned_abs();
    let restored = store.execute(
        &format!(
            "INSERT INTO row ({columns}) SELECT {columns} FROM older WHERE {freed} AND {newest}"
        ),
        [],
    )? as u64;
    // Every version has left `older` whole, so what is in force again is told by its file.
    store.execute(
        &format!(
            "DELETE FROM older WHERE {freed} AND file = (SELECT file FROM row WHERE \
             row.start = older.start AND row.identity = older.identity AND row.end = older.end \
             AND row.nth = 0)"
        ),
        [],
    )?;
    store.execute("UPDATE import SET undone = 1 WHERE id = ?1", params![import])?;
    store.execute_batch("DROP TABLE freed")?;
    Ok(Undone { removed, restored })
}
