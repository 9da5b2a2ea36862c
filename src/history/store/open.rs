//! The history's file: opened, checked, read from, written to.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::named::Named;
use super::schema;
use super::schema::State;
use super::seal::Compared;
use crate::history::error::PATIENCE;
use crate::history::{HistoryError, Part};

/// So many refused imports may remove an empty file that this process has just opened.
pub(crate) const REMOVED_AT_MOST: usize = 100;

/// Everything ever imported, in one file.
#[derive(Debug)]
pub struct History {
    pub(crate) store: Connection,
    /// What had the name just before it was opened.
    pub(crate) named: Named,
    pub(crate) path: PathBuf,
    flags: OpenFlags,
    migrated: Option<PathBuf>,
    pub(crate) compared: Compared,
}

/// A question under way: everything that it reads is of one moment, whoever writes meanwhile.
#[derive(Debug)]
pub(crate) struct Reading<'a>(Option<&'a Connection>);

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if let Some(store) = self.0 {
            // Nothing was written; a lock that cannot be given back now goes with the connection.
            let _ = store.execute_batch("ROLLBACK");
        }
    }
}

impl History {
    /// Opens a history, or starts one where there is none.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the folder cannot be written or the file is not a sound history.
    ///
    /// ```
    /// use std::ops::ControlFlow;
    ///
    /// use relais::history::{FileMeta, History, PanelOptions};
    /// use relais::ingest;
    /// use relais::reference::Reference;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let export = folder.path().join("export.csv");
    /// std::fs::write(&export, "network,ad_set,start,end,spend,shares\nx,a,2026-03-02,2026-03-08,10,3\n")?;
    /// let mut history = History::open(&folder.path().join("history.sqlite"))?;
    /// let mut import = history.begin()?;
    /// import.file(&FileMeta {
    ///     name: "export.csv".to_owned(),
    ///     fingerprint: "digest of its bytes".to_owned(),
    ///     format: "generic".to_owned(),
    ///     currency: None,
    /// })?;
    /// let formats = ingest::formats(&Reference::default())?;
    /// formats.read(&export, None, &mut |row| {
    ///     import.row(&row).expect("an amount that money has");
    ///     ControlFlow::Continue(())
    /// })?;
    /// import.commit()?;
    /// let panel = history.panel(&PanelOptions::default())?.panel;
    /// assert_eq!(panel.cells.iter().map(|cell| cell.spend).sum::<f64>(), 10.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(path: &Path) -> Result<Self, HistoryError> {
        Self::open_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)
    }

    /// Opens a history that must be there; works in a folder without write permission.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when there is none or the file is not a sound history.
    pub fn open_existing(path: &Path) -> Result<Self, HistoryError> {
        Self::open_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
    }

    /// Opens a history that must be there and changes nothing, not even the schema of an older file.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when there is none or the file is not a sound history.
    pub fn open_to_look(path: &Path) -> Result<Self, HistoryError> {
        Self::open_with(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
    }

    /// Refuses a name beside which SQLite could not write its journal, before anything is made.
    pub(crate) fn check_name(path: &Path) -> Result<(), HistoryError> {
        let mut journal = path.as_os_str().to_owned();
        journal.push("-journal");
        let journal = PathBuf::from(journal);
        let is_refused = std::fs::symlink_metadata(&journal)
            .is_err_and(|error| error.kind() == std::io::ErrorKind::InvalidFilename);
        let whole = std::path::absolute(&journal).map_or(0, |whole| whole.as_os_str().len());
        if is_refused || whole > LONGEST_PATH {
            return Err(HistoryError::LongName { path: path.to_path_buf() });
        }
        Ok(())
    }

    fn open_with(path: &Path, flags: OpenFlags) -> Result<Self, HistoryError> {
        check_kind(path, flags)?;
        let mut last = None;
        for _ in 0..REMOVED_AT_MOST {
            let path = path.to_path_buf();
            let (store, named) = connect(&path, flags).map_err(|error| {
                // Removed by another process since it was looked for.
                let is_missing = std::fs::symlink_metadata(&path).is_err();
                if makes_none(flags) && is_missing {
                    HistoryError::Missing { path: path.clone() }
                } else {
                    HistoryError::new(&path, &error)
                }
            })?;
            let compared = Compared::default();
            let mut history = Self { store, named, path, flags, migrated: None, compared };
            match history.bring_forward_if_writable() {
                Ok(()) => return Ok(history),
                // Whatever a lost file says is no news of the one that has its name now.
                Err(error) if makes_none(flags) || !history.is_upset_by(&error) => {
                    return Err(error);
                }
                Err(error) => last = Some(error),
            }
        }
        let busy = HistoryError::Busy { path: path.to_path_buf(), seconds: PATIENCE.as_secs() };
        Err(last.unwrap_or(busy))
    }

    /// Brings an older file forward, where it can be written.
    fn bring_forward_if_writable(&mut self) -> Result<(), HistoryError> {
        match self.bring_forward() {
            Err(
                HistoryError::Unwritable { .. }
                | HistoryError::System { .. }
                | HistoryError::DiskFull { .. },
            ) if matches!(self.state()?, State::Known(schema::UNSEALED..)) => Ok(()),
            brought => brought,
        }
    }

    /// Brings an older file forward.
    pub(crate) fn bring_forward(&mut self) -> Result<(), HistoryError> {
        if let State::Known(version) = self.state()?
            && version < schema::VERSION
        {
            self.migrated = schema::migrate(&self.store, &self.path)?;
        }
        Ok(())
    }

    /// Compares what a question reads with its seal.
    pub(crate) fn hold(&self, parts: &[Part]) -> Result<(), HistoryError> {
        let State::Known(version) = self.state()? else { return Ok(()) };
        let Some(way) = schema::way(version) else { return Ok(()) };
        let held = self.compared.hold(&self.store, &self.path, parts, way);
        held.map_err(|error| self.or_missing(error))
    }

    /// Opens the file that now has the history's name, where another process has removed the empty
    /// one that was opened.
    pub(crate) fn open_again(&mut self) -> Result<(), HistoryError> {
        *self = Self::open_with(&self.path, self.flags)?;
        Ok(())
    }

    fn state(&self) -> Result<State, HistoryError> {
        let _one_moment = self.reading()?;
        schema::state(&self.store, &self.path).map_err(|error| self.or_missing(error))
    }

    /// Whether an error may come from a file that was removed between two steps of SQLite: nothing
    /// is begun then, and opening anew tells.
    pub(crate) fn is_upset_by(&self, error: &HistoryError) -> bool {
        !self.named.is_named(&self.path)
            || matches!(error, HistoryError::Disk { .. } | HistoryError::Store { .. })
    }

    /// What a file that has lost its name says is no news of the history: it was empty, and there
    /// is none now.
    fn or_missing(&self, error: HistoryError) -> HistoryError {
        if self.named.is_lost(&self.path) {
            return HistoryError::Missing { path: self.path.clone() };
        }
        error
    }

    /// Begins a question of several readings.
    pub(crate) fn reading(&self) -> Result<Reading<'_>, HistoryError> {
        if !self.store.is_autocommit() {
            return Ok(Reading(None));
        }
        self.store.execute_batch("BEGIN").map_err(|error| self.failure(&error))?;
        Ok(Reading(Some(&self.store)))
    }

    /// Changes what is stored, all of it or nothing, while nobody else writes.
    pub(crate) fn in_one<T>(
        &mut self,
        change: impl FnOnce(&Self) -> Result<T, HistoryError>,
    ) -> Result<T, HistoryError> {
        self.bring_forward()?;
        let told = |error: rusqlite::Error| self.failure(&error);
        self.store.execute_batch("BEGIN IMMEDIATE").map_err(told)?;
        let changed = change(self).and_then(|changed| {
            self.compared.seal(&self.store).map_err(told)?;
            self.store.execute_batch("COMMIT").map_err(told)?;
            Ok(changed)
        });
        if changed.is_err() {
            // The first error is the one to tell; the journal takes the rest back when next opened.
            let _ = self.store.execute_batch("ROLLBACK");
        }
        changed
    }

    /// How long to wait for another process that is writing; 10 seconds unless said.
    ///
    /// # Errors
    ///
    /// [`HistoryError::Store`] when SQLite refuses, which it has no reason to.
    pub fn wait_at_most(&self, patience: Duration) -> Result<(), HistoryError> {
        self.store.busy_timeout(patience).map_err(|error| self.failure(&error))
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

    /// Whether anything was ever stored.
    pub(crate) fn is_blank(&self) -> Result<bool, HistoryError> {
        Ok(self.state()? == State::Empty)
    }

    /// Says an SQLite error in the history's terms.
    pub(crate) fn failure(&self, error: &rusqlite::Error) -> HistoryError {
        self.or_missing(HistoryError::new(&self.path, error))
    }
}

/// Whether the history must be there already.
pub(crate) fn makes_none(flags: OpenFlags) -> bool {
    !flags.contains(OpenFlags::SQLITE_OPEN_CREATE)
}

/// SQLite takes no longer paths, counted from the root.
const LONGEST_PATH: usize = 511;

/// Refuses what is no file before anything opens it: a pipe would be waited for.
pub(crate) fn check_kind(path: &Path, flags: OpenFlags) -> Result<(), HistoryError> {
    if !makes_none(flags) {
        History::check_name(path)?;
    }
    let path = || path.to_path_buf();
    match std::fs::metadata(path()) {
        Ok(there) if there.is_file() => Ok(()),
        Ok(there) => Err(HistoryError::NoFile { path: path(), is_folder: there.is_dir() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if makes_none(flags) {
                Err(HistoryError::Missing { path: path() })
            } else {
                Ok(())
            }
        }
        Err(source) => Err(HistoryError::System { path: path(), source }),
    }
}

/// Opens a connection, and gives what had the name just before.
pub(crate) fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<(Connection, Named)> {
    if flags.contains(OpenFlags::SQLITE_OPEN_CREATE) {
        // Made here rather than by SQLite, so that it can be known by its number; that it cannot
        // be made is told below.
        let _ = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    }
    let named = Named::of(path);
    // Without the URI flag, a path that looks like `file:…?mode=…` stays a path.
    let store = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    store.busy_timeout(PATIENCE)?;
    // A file made by a stranger must not run functions through its schema.
    store.pragma_update(None, "trusted_schema", false)?;
    store.pragma_update(None, "cache_size", -65_536)?;
    store.set_prepared_statement_cache_capacity(64);
    Ok((store, named))
}
