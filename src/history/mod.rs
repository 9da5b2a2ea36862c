//! The store of everything ever imported, and the questions asked of it.
//!
//! One SQLite file with a rollback journal rather than a write-ahead log: it stays *one* file that
//! can be copied or mailed between commands, and it can be read from a folder without write
//! permission. Readers wait while an import commits; imports are short and rare.

mod blocks;
mod compare;
mod day;
mod error;
mod facts;
mod filter;
mod grain;
mod hidden;
mod import;
mod journal;
mod label;
#[cfg(test)]
mod overlap;
mod packed;
mod panel;
mod posts;
mod rate;
pub mod row;
mod schema;
pub mod stream;
#[cfg(test)]
mod tests;
mod totals;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

pub use self::compare::{By, Change, CompareQuery, ComparedPeriod, Comparison, Doubt, Stretch};
pub use self::error::HistoryError;
pub use self::filter::{Field, Filter, FilterError, Measure};
pub use self::import::{FileCounts, FileMeta, Import};
pub use self::journal::{JournalEntry, JournalFile, Undone};
pub(crate) use self::label::Words;
pub use self::panel::{GrainUse, PanelOptions, PanelReport};
pub use self::posts::{Post, PostQuery, Posts};
pub use self::rate::Rate;
pub use self::totals::Totals;

use self::schema::State;
use crate::panel::PanelNote;

/// How long one process waits for another that is writing.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Everything ever imported, in one file.
#[derive(Debug)]
pub struct History {
    store: Connection,
    path: PathBuf,
    migrated: Option<PathBuf>,
}

impl History {
    /// Opens a history, or starts one where there is none.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the folder cannot be written or the file is not a sound history.
    pub fn open(path: &Path) -> Result<Self, HistoryError> {
        Self::open_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)
    }

    /// Opens a history that must be there; works in a folder without write permission.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when there is none or the file is not a sound history.
    pub fn open_existing(path: &Path) -> Result<Self, HistoryError> {
        if !path.is_file() {
            return Err(HistoryError::Missing { path: path.to_path_buf() });
        }
        Self::open_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
    }

    fn open_with(path: &Path, flags: OpenFlags) -> Result<Self, HistoryError> {
        let told = |error: rusqlite::Error| HistoryError::new(path, &error);
        // Without the URI flag, a path that looks like `file:…?mode=…` stays a path.
        let store = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(told)?;
        store.busy_timeout(PATIENCE).map_err(told)?;
        // A file made by a stranger must not run functions through its schema.
        store.pragma_update(None, "trusted_schema", false).map_err(told)?;
        store.pragma_update(None, "cache_size", -65_536).map_err(told)?;
        store.set_prepared_statement_cache_capacity(64);
        let mut history = Self { store, path: path.to_path_buf(), migrated: None };
        history.bring_forward()?;
        Ok(history)
    }

    fn bring_forward(&mut self) -> Result<(), HistoryError> {
        if let State::Known(version) = schema::state(&self.store, &self.path)?
            && version < schema::VERSION
        {
            self.migrated = Some(schema::migrate(&self.store, &self.path, version)?);
        }
        Ok(())
    }

    /// How long to wait for another process that is writing; 10 seconds unless said.
    ///
    /// # Errors
    ///
    /// [`HistoryError::Store`] when SQLite refuses, which it has no reason to.
    pub fn wait_at_most(&self, patience: Duration) -> Result<(), HistoryError> {
        self.store.busy_timeout(patience).map_err(|error| self.told(&error))
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The copy that was kept when opening brought an older file to the present schema.
    #[must_use]
    pub fn kept_copy(&self) -> Option<&Path> {
        self.migrated.as_deref()
    }

    /// The networks whose rows in force were counted under several attribution windows.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the file cannot be read.
    pub fn windows(&self) -> Result<Vec<PanelNote>, HistoryError> {
        let told = |error: rusqlite::Error| self.told(&error);
        // Nearly always there is at most one, and the rows need not be read.
        let known: i64 = self
            .store
            .query_row("SELECT count(DISTINCT attribution) FROM label", [], |row| row.get(0))
            .map_err(told)?;
        if known < 2 { Ok(Vec::new()) } else { Ok(hidden::windows(&self.facts()?)) }
    }

    /// Whether anything was ever stored.
    pub(crate) fn is_blank(&self) -> Result<bool, HistoryError> {
        Ok(schema::state(&self.store, &self.path)? == State::Empty)
    }

    /// Says an SQLite error in the history's terms.
    pub(crate) fn told(&self, error: &rusqlite::Error) -> HistoryError {
        HistoryError::new(&self.path, error)
    }
}
