//! One import: many files, one transaction, all or nothing.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Statement, params};
use rust_decimal::Decimal;

use super::History;
use super::day::Span;
use super::error::{HistoryError, MOST};
use super::label::{Known, Labels};
use super::row::Row;
use super::schema::{self, State, VALUES};
use super::totals::Totals;
use crate::action::Action;
use crate::units::Currency;

/// What an import needs to know about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMeta {
    /// Its name, for messages and the journal.
    pub name: String,
    /// Digest of its bytes *and of the way they were read* (format, mapping): a file with the
    /// fingerprint of one already in place is taken as the same export.
    pub fingerprint: String,
    /// Name of its format.
    pub format: String,
    /// Its currency, where rows do not say their own.
    pub currency: Option<Currency>,
}

/// What became of the rows of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileCounts {
    /// New to the history.
    pub imported: u64,
    /// Took the place of an older row of the same thing and period.
    pub replaced: u64,
    /// Already there with the same values.
    pub duplicate: u64,
}

/// An import under way. Dropped without [`Import::commit`], nothing of it is stored.
#[derive(Debug)]
pub struct Import<'a> {
    store: &'a Connection,
    path: &'a Path,
    insert: Statement<'a>,
    labels: Labels,
    number: i64,
    file: Option<OpenFile>,
    stored: bool,
    open: bool,
}

#[derive(Debug)]
struct OpenFile {
    id: i64,
    currency: Option<Currency>,
    /// The same export is in place already: rows are only counted.
    seen: bool,
    counts: FileCounts,
    stored: Totals,
    old: Totals,
    new: Totals,
}

impl History {
    /// Starts an import of any number of files.
    ///
    /// # Errors
    ///
    /// [`HistoryError::Busy`] when another process is importing and does not finish in time;
    /// [`HistoryError::Unwritable`] and the like when the file cannot be written.
    pub fn begin(&mut self) -> Result<Import<'_>, HistoryError> {
        self.begin_noted(None)
    }

    /// Starts an import that notes when it happened, as the caller's clock says it.
    ///
    /// # Errors
    ///
    /// As [`History::begin`].
    pub fn begin_noted(&mut self, noted_at: Option<&str>) -> Result<Import<'_>, HistoryError> {
        self.start(noted_at).inspect_err(|_| {
            // Whatever was begun must not stay open under the next command.
            let _ = self.store.execute_batch("ROLLBACK");
        })?;
        let number = self.store.last_insert_rowid();
        let insert = self.store.prepare(&insert_sql()).map_err(|error| self.told(&error))?;
        Ok(Import {
            store: &self.store,
            path: &self.path,
            insert,
            labels: Labels::default(),
            number,
            file: None,
            stored: false,
            open: true,
        })
    }

    fn start(&self, noted_at: Option<&str>) -> Result<(), HistoryError> {
        let told = |error: rusqlite::Error| self.told(&error);
        self.store.execute_batch("BEGIN IMMEDIATE").map_err(told)?;
        if schema::state(&self.store, &self.path)? == State::Empty {
            schema::create(&self.store).map_err(told)?;
        }
        self.store
            .execute("INSERT INTO import (noted_at) VALUES (?1)", params![noted_at])
            .map_err(told)?;
        Ok(())
    }
}

fn insert_sql() -> String {
    format!(
        "INSERT INTO row (start, identity, end, nth, file, {VALUES}) VALUES \
         (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, \
         ?20, ?21) ON CONFLICT DO NOTHING"
    )
}

impl Import<'_> {
    /// Starts a file; the one before it must have been ended.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the store cannot be written.
    pub fn file(&mut self, meta: &FileMeta) -> Result<(), HistoryError> {
        if self.file.is_some() {
            self.end_file()?;
        }
        let opened = self.open_file(meta);
        self.file = Some(opened.map_err(|error| self.told(&error))?);
        Ok(())
    }

    fn open_file(&self, meta: &FileMeta) -> rusqlite::Result<OpenFile> {
        let seen = self
            .store
            .query_row(
                "SELECT 1 FROM file JOIN import ON import.id = file.import \
                 WHERE fingerprint = ?1 AND file.format = ?2 AND undone = 0",
                params![meta.fingerprint, meta.format],
                |_| Ok(()),
            )
            .optional()?
            .is_some();
        // A file whose every row is there already must leave no trace.
        self.store.execute_batch("SAVEPOINT file")?;
        self.store.execute(
            "INSERT INTO file (import, name, fingerprint, format, currency) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                self.number,
                meta.name,
                meta.fingerprint,
                meta.format,
                meta.currency.as_ref().map(Currency::code)
            ],
        )?;
        Ok(OpenFile {
            id: self.store.last_insert_rowid(),
            currency: meta.currency,
            seen,
            counts: FileCounts::default(),
            stored: Totals::default(),
            old: Totals::default(),
            new: Totals::default(),
        })
    }

    /// Adds a row of the current file.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the store cannot be written.
    pub fn row(&mut self, row: &Row) -> Result<(), HistoryError> {
        let Some(mut file) = self.file.take() else {
            return Err(HistoryError::Nothing);
        };
        if let Some(found) = row.spend.filter(|spend| spend.abs() >= MOST) {
            self.file = Some(file);
            return Err(HistoryError::Amount { line: row.line, found });
        }
        let added = self.add(&mut file, row);
        self.file = Some(file);
        added.map_err(|error| self.told(&error))
    }

    fn add(&mut self, file: &mut OpenFile, row: &Row) -> rusqlite::Result<()> {
        if file.seen {
            file.counts.duplicate += 1;
            return Ok(());
        }
        let known = self.labels.of(self.store, row, row.currency.or(file.currency))?;
        let span = Span::from(row.period);
        if insert(&mut self.insert, file.id, known, span, 0, row)? {
            file.counts.imported += 1;
        } else {
            self.beside(file, known, span, row)?;
        }
        file.stored.add(row);
        Ok(())
    }

    /// A row whose place is taken: by its own file (a namesake) or by an older export.
    fn beside(
        &mut self,
        file: &mut OpenFile,
        known: Known,
        span: Span,
        row: &Row,
    ) -> rusqlite::Result<()> {
        if owner(self.store, known.identity, span)? != file.id {
            set_aside(self.store, known.identity, span)?;
        }
        let mut nth = 0;
        while !insert(&mut self.insert, file.id, known, span, nth, row)? {
            nth += 1;
        }
        match before(self.store, known.identity, span, nth)? {
            None => file.counts.imported += 1,
            Some(old) if old.same_as(row, known.label) => file.counts.duplicate += 1,
            Some(old) => {
                file.counts.replaced += 1;
                old.add_to(&mut file.old);
                file.new.add(row);
            }
        }
        Ok(())
    }

    /// Ends the current file and says what became of its rows.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the store cannot be written.
    pub fn end_file(&mut self) -> Result<FileCounts, HistoryError> {
        let Some(file) = self.file.take() else {
            return Ok(FileCounts::default());
        };
        self.close_file(&file).map_err(|error| self.told(&error))?;
        Ok(file.counts)
    }

    fn close_file(&mut self, file: &OpenFile) -> rusqlite::Result<()> {
        let FileCounts { imported, replaced, duplicate } = file.counts;
        if imported + replaced == 0 {
            self.labels.forget();
            return self.store.execute_batch("ROLLBACK TO file; RELEASE file");
        }
        self.stored = true;
        self.store.execute(
            "UPDATE file SET imported = ?2, replaced = ?3, duplicate = ?4, stored_totals = ?5, \
             old_totals = ?6, new_totals = ?7 WHERE id = ?1",
            params![
                file.id,
                imported as i64,
                replaced as i64,
                duplicate as i64,
                json(&file.stored),
                json(&file.old),
                json(&file.new)
            ],
        )?;
        self.store.execute_batch("RELEASE file")
    }

    /// Stores everything at once, and says what the history now adds up to.
    ///
    /// When every row was there already nothing is stored, not even a journal entry.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the store cannot be written; then nothing is.
    pub fn commit(mut self) -> Result<Totals, HistoryError> {
        self.end_file()?;
        let totals = super::totals::of_store(self.store, self.path)?;
        let end = if self.stored { "COMMIT" } else { "ROLLBACK" };
        self.store.execute_batch(end).map_err(|error| self.told(&error))?;
        self.open = false;
        Ok(totals)
    }

    fn told(&self, error: &rusqlite::Error) -> HistoryError {
        HistoryError::new(self.path, error)
    }
}

impl Drop for Import<'_> {
    fn drop(&mut self) {
        if self.open {
            // The journal takes everything back, now or, if this fails, when next opened.
            let _ = self.store.execute_batch("ROLLBACK");
        }
    }
}

fn json(totals: &Totals) -> String {
    serde_json::to_string(totals).expect("totals are plain numbers and names")
}

/// Inserts a row; `false` when its place is taken.
fn insert(
    statement: &mut Statement<'_>,
    file: i64,
    known: Known,
    span: Span,
    nth: i64,
    row: &Row,
) -> rusqlite::Result<bool> {
    statement.raw_bind_parameter(1, span.start)?;
    statement.raw_bind_parameter(2, known.identity)?;
    statement.raw_bind_parameter(3, span.end)?;
    statement.raw_bind_parameter(4, nth)?;
    statement.raw_bind_parameter(5, file)?;
    statement.raw_bind_parameter(6, row.line as i64)?;
    statement.raw_bind_parameter(7, known.label)?;
    bind_spend(statement, row.spend)?;
    statement.raw_bind_parameter(9, row.impressions)?;
    statement.raw_bind_parameter(10, row.reach)?;
    for (i, count) in row.actions.0.iter().enumerate() {
        statement.raw_bind_parameter(11 + i, *count)?;
    }
    statement.raw_bind_parameter(21, censored_mask(&row.censored))?;
    Ok(statement.raw_execute()? == 1)
}

fn bind_spend(statement: &mut Statement<'_>, spend: Option<Decimal>) -> rusqlite::Result<()> {
    match spend {
        None => statement.raw_bind_parameter(8, rusqlite::types::Null),
        Some(spend) => statement.raw_bind_parameter(8, spend.to_string()),
    }
}

/// Suppressed kinds as one number, bit `i` for kind `i`.
pub(crate) fn censored_mask(censored: &[Action]) -> u16 {
    censored.iter().fold(0, |mask, action| mask | 1 << action.index())
}

/// The file whose row is in force for this thing and period.
fn owner(store: &Connection, identity: i64, span: Span) -> rusqlite::Result<i64> {
    store
        .prepare_cached(
            "SELECT file FROM row WHERE start = ?1 AND identity = ?2 AND end = ?3 AND nth = 0",
        )?
        .query_row(params![span.start, identity, span.end], |row| row.get(0))
}

/// Moves all rows of a thing and period out of force.
fn set_aside(store: &Connection, identity: i64, span: Span) -> rusqlite::Result<()> {
    let same = "WHERE start = ?1 AND identity = ?2 AND end = ?3";
    let columns = format!("start, identity, end, nth, file, {VALUES}");
    store
        .prepare_cached(&format!("INSERT INTO older ({columns}) SELECT {columns} FROM row {same}"))?
        .execute(params![span.start, identity, span.end])?;
    store
        .prepare_cached(&format!("DELETE FROM row {same}"))?
        .execute(params![span.start, identity, span.end])?;
    Ok(())
}

/// The values of a row that was in force before.
#[derive(Debug, PartialEq)]
struct Old {
    label: i64,
    spend: Option<String>,
    numbers: [Option<f64>; 2 + Action::COUNT],
    censored: u16,
}

impl Old {
    fn same_as(&self, row: &Row, label: i64) -> bool {
        let numbers = [row.impressions, row.reach].into_iter().chain(row.actions.0);
        self.label == label
            && self.spend == row.spend.map(|spend| spend.to_string())
            && self.numbers.iter().copied().eq(numbers)
            && self.censored == censored_mask(&row.censored)
    }

    fn add_to(&self, totals: &mut Totals) {
        totals.rows += 1;
        let spend = self.spend.as_deref().and_then(|text| text.parse::<Decimal>().ok());
        totals.spend += spend.unwrap_or_default();
        totals.impressions += self.numbers[0].unwrap_or_default();
        for action in Action::ALL {
            if let Some(count) = self.numbers[2 + action.index()]
                && self.censored >> action.index() & 1 == 0
            {
                *totals.actions.entry(action).or_default() += count;
            }
        }
    }
}

/// The newest row out of force for this thing, period and place.
fn before(
    store: &Connection,
    identity: i64,
    span: Span,
    nth: i64,
) -> rusqlite::Result<Option<Old>> {
    store
        .prepare_cached(&format!(
            "SELECT {VALUES} FROM older WHERE start = ?1 AND identity = ?2 AND end = ?3 AND \
             nth = ?4 AND file = (SELECT max(file) FROM older WHERE start = ?1 AND identity = ?2 \
             AND end = ?3)"
        ))?
        .query_row(params![span.start, identity, span.end, nth], |row| {
            let mut numbers = [None; 2 + Action::COUNT];
            for (i, number) in numbers.iter_mut().enumerate() {
                *number = row.get(3 + i)?;
            }
            Ok(Old { label: row.get(1)?, spend: row.get(2)?, numbers, censored: row.get(15)? })
        })
        .optional()
}
