//! One import: many files, one transaction, all or nothing.

use crate::history::store::schema::VALUES;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Statement, params};
use rust_decimal::Decimal;

use super::blocks::{Blocks, Own};
use super::lowered::{Lowered, Replacing};
use super::open::History;
use super::packed::{NUMBERS, Numbers, Place, Stored, censored_mask};
use super::runs::Runs;
use super::schema::State;
use super::seal::{Change, Compared};
use super::{blocks, schema};
use crate::history::day::Span;
use crate::history::error::{HistoryError, MOST};
use crate::history::label::{Known, Labels};
use crate::history::question::totals::{Sums, Totals, grains_meet, windows_meet};
use crate::history::row::Row;
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
    /// Of those replaced, rows whose money was in another currency before.
    pub recoined: u64,
    /// The two currencies of the first of them, the earlier one first.
    pub currencies: Option<(Currency, Currency)>,
}

/// An import under way. Dropped without [`Import::commit`], nothing of it is stored.
#[derive(Debug)]
pub struct Import<'a> {
    store: &'a Connection,
    path: &'a Path,
    compared: &'a Compared,
    insert: Insert<'a>,
    labels: Labels<'a>,
    blocks: Blocks<'a>,
    number: i64,
    file: Option<OpenFile>,
    /// Rows of the open file that wait to be stored in the order of the store's key.
    waiting: Vec<Stored>,
    /// Room for those of them that are packed.
    packed: Vec<Stored>,
    sizes: Sizes,
    /// The last place that a row took, and whether an older row made way there.
    last: Option<(Place, i64, bool)>,
    /// Everything that the store holds, while that is known without reading it.
    whole: Option<Whole>,
    /// What the file that was ended last has lowered.
    lowered: Vec<Lowered>,
    first_file: i64,
    stored: bool,
    open: bool,
}

/// Rows that wait. A bounded number, so that memory does not grow with the file; many enough that
/// most of an export in order of time is appended to the store rather than fitted in.
const WAITING: usize = blocks::LEAST;

/// From where on rows are packed, and sorted first.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    /// So many rows wait at most.
    waiting: usize,
    /// Fewer are not packed.
    fewest: usize,
    /// Rows that meet more blocks than this are in no order.
    most_met: usize,
}

const SIZES: Sizes = Sizes { waiting: WAITING, fewest: blocks::FEWEST, most_met: blocks::MOST_MET };

/// What an import into an empty history has stored so far.
#[derive(Debug, Default)]
struct Whole {
    totals: Totals,
    spans: BTreeSet<Span>,
    last: Option<Span>,
}

impl Whole {
    /// More stretches than this are not worth remembering.
    const SPANS: usize = 20_000;

    fn see(&mut self, span: Span) {
        if self.last != Some(span) && self.spans.len() < Self::SPANS {
            self.spans.insert(span);
            self.last = Some(span);
        }
    }
}

#[derive(Debug)]
struct OpenFile {
    id: i64,
    currency: Option<Currency>,
    /// The same export is in place already: rows are only counted.
    seen: bool,
    /// It has so many rows that they are packed.
    packs: bool,
    /// What had been written before it.
    before: Change,
    /// It comes in no order: its rows are put aside, to be merged at its end.
    runs: Option<Runs>,
    /// They are being merged: they come in order now.
    merging: bool,
    counts: FileCounts,
    /// What its rows add up to, by currency: nearly always one.
    stored: Vec<(Option<Currency>, Sums)>,
    old: Sums,
    new: Sums,
    replacing: Replacing,
    /// Places of several older namesakes, with the last number of those.
    crowded: Vec<(Place, i64)>,
}

impl OpenFile {
    fn sums(&mut self, currency: Option<Currency>) -> &mut Sums {
        let known = self.stored.iter().position(|(known, _)| *known == currency);
        let at = known.unwrap_or(self.stored.len());
        if known.is_none() {
            self.stored.push((currency, Sums::default()));
        }
        &mut self.stored[at].1
    }

    /// What its rows add up to.
    fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        self.stored.iter().for_each(|(currency, sums)| totals.join(&sums.totals(*currency)));
        totals
    }
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
        self.bring_forward()?;
        self.start(noted_at)?;
        self.under_way().inspect_err(|_| self.take_back())
    }

    /// Whatever was begun must not stay open under the next command.
    fn take_back(&self) {
        let _ = self.store.execute_batch("ROLLBACK");
    }

    /// The import that was just started.
    fn under_way(&self) -> Result<Import<'_>, HistoryError> {
        let number = self.store.last_insert_rowid();
        let insert = Insert::new(&self.store).map_err(|error| self.failure(&error))?;
        let (rows, labels) = (self.any("row")? || self.any("block")?, self.any("label")?);
        let told = |error: rusqlite::Error| self.failure(&error);
        let last = "SELECT coalesce(max(id), 0) FROM file";
        let last: i64 = self.store.query_row(last, [], |row| row.get(0)).map_err(told)?;
        Ok(Import {
            store: &self.store,
            path: &self.path,
            compared: &self.compared,
            insert,
            labels: Labels::of_store(&self.store, !labels).map_err(told)?,
            first_file: last + 1,
            blocks: Blocks::of_store(&self.store, &self.path).map_err(told)?,
            number,
            file: None,
            waiting: Vec::new(),
            packed: Vec::new(),
            sizes: SIZES,
            last: None,
            whole: (!rows).then(Whole::default),
            lowered: Vec::new(),
            stored: false,
            open: true,
        })
    }

    /// Whether a table holds anything.
    fn any(&self, table: &str) -> Result<bool, HistoryError> {
        let any = self.store.query_row(&format!("SELECT 1 FROM {table} LIMIT 1"), [], |_| Ok(()));
        any.optional().map(|any| any.is_some()).map_err(|error| self.failure(&error))
    }

    fn start(&mut self, noted_at: Option<&str>) -> Result<(), HistoryError> {
        for _ in 0..super::open::REMOVED_AT_MOST {
            match self.try_start(noted_at) {
                Ok(true) => return Ok(()),
                Ok(false) => {
                    self.take_back();
                    self.open_again()?;
                }
                Err(error) => {
                    self.take_back();
                    if !self.is_upset_by(&error) {
                        return Err(error);
                    }
                    self.open_again()?;
                }
            }
        }
        Err(HistoryError::Busy {
            path: self.path.clone(),
            seconds: crate::history::error::PATIENCE.as_secs(),
        })
    }

    /// Begins, and gives `false` where another process has removed the empty file meanwhile: it
    /// can no longer, once this one has begun.
    fn try_start(&self, noted_at: Option<&str>) -> Result<bool, HistoryError> {
        let told = |error: rusqlite::Error| self.failure(&error);
        self.store.execute_batch("BEGIN IMMEDIATE").map_err(told)?;
        if schema::state(&self.store, &self.path)? == State::Empty {
            if !self.named.is_named(&self.path) {
                return Ok(false);
            }
            schema::create(&self.store).map_err(told)?;
        } else {
            self.compared.hold_all(&self.store, &self.path)?;
        }
        self.store
            .execute("INSERT INTO import (noted_at) VALUES (?1)", [noted_at])
            .map_err(told)?;
        Ok(true)
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
    /// Packs already so few rows, that small tests pack too.
    #[cfg(test)]
    pub(crate) fn pack_from(&mut self, rows: usize) {
        self.sizes = Sizes { waiting: rows, fewest: 1, most_met: 2 };
    }

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
        self.file = Some(opened.map_err(|error| self.failure(&error))?);
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
        let before = self.compared.so_far();
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
            packs: false,
            before,
            runs: None,
            merging: false,
            counts: FileCounts::default(),
            stored: Vec::new(),
            old: Sums::default(),
            new: Sums::default(),
            replacing: Replacing::default(),
            crowded: Vec::new(),
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
        added
    }

    fn add(&mut self, file: &mut OpenFile, row: &Row) -> Result<(), HistoryError> {
        if file.seen {
            file.counts.duplicate += 1;
            return Ok(());
        }
        let currency = row.currency.or(file.currency);
        let known =
            self.labels.of(row, currency).map_err(|error| HistoryError::new(self.path, &error))?;
        let waiting = Stored::new(row, known);
        if let Some(whole) = &mut self.whole {
            whole.see(waiting.span);
        }
        file.sums(currency).add(row.spend, row.impressions, &row.actions, waiting.censored);
        self.waiting.push(waiting);
        if self.waiting.len() < self.sizes.waiting {
            return Ok(());
        }
        file.packs = true;
        self.store_waiting(file)
    }

    /// Stores what waits, in the order of the key; rows of one place stay in the file's order.
    fn store_waiting(&mut self, file: &mut OpenFile) -> Result<(), HistoryError> {
        let told = |error: rusqlite::Error| HistoryError::new(self.path, &error);
        let mut waiting = std::mem::take(&mut self.waiting);
        // Rows are large; their keys with where they stand are not.
        let mut order: Vec<(Place, u32)> =
            (0..).zip(&waiting).map(|(at, row)| (row.place(), at)).collect();
        order.sort_unstable();
        let packing = file.packs && waiting.len() >= self.sizes.fewest;
        let near = self.blocks.near(&order);
        if packing && !file.merging && file.runs.is_none() && near > self.sizes.most_met {
            self.put_aside(file)?;
        }
        if let Some(runs) = &mut file.runs {
            runs.add(order.iter().map(|(_, at)| &waiting[*at as usize])).map_err(told)?;
            waiting.clear();
            self.waiting = waiting;
            return Ok(());
        }
        let own = self.make_room(file, packing, &order)?;
        if packing {
            self.pack(file, &waiting, &order, &own).map_err(told)?;
        } else {
            for (_, at) in order {
                self.place(file, &waiting[at as usize]).map_err(told)?;
            }
        }
        waiting.clear();
        self.waiting = waiting;
        Ok(())
    }

    /// Puts what was packed of a file aside, where the rest of it will be.
    fn put_aside(&mut self, file: &mut OpenFile) -> Result<(), HistoryError> {
        let told = |error: rusqlite::Error| HistoryError::new(self.path, &error);
        let mut runs = Runs::new().map_err(told)?;
        for block in self.blocks.of_file(file.id) {
            let mut rows = Vec::new();
            self.blocks.read(block, &mut |row| rows.push(*row))?;
            file.counts.imported -= rows.len() as u64;
            let moved = runs.add(rows.iter()).and_then(|()| self.blocks.drop_block(block));
            moved.map_err(told)?;
        }
        file.runs = Some(runs);
        Ok(())
    }

    /// Stores what was put aside, now in order.
    fn store_merged(&mut self, file: &mut OpenFile, runs: &Runs) -> Result<(), HistoryError> {
        file.merging = true;
        runs.merged(self.path, &mut |row| {
            self.waiting.push(*row);
            if self.waiting.len() < self.sizes.waiting {
                return Ok(());
            }
            self.store_waiting(file)
        })?;
        self.store_waiting(file)
    }

    /// Unpacks the blocks that hold some of these places; what remains are places of the file's
    /// own blocks, with the last number given there.
    fn make_room(
        &mut self,
        file: &OpenFile,
        packing: bool,
        order: &[(Place, u32)],
    ) -> Result<Own, HistoryError> {
        if self.blocks.is_empty() {
            return Ok(Own::default());
        }
        let met = self.blocks.meet(file.id, packing, order)?;
        for (block, owner) in met.unpack {
            let mut rows = Vec::new();
            self.blocks.read(block, &mut |row| rows.push(*row))?;
            let unpacked = rows
                .iter()
                .try_for_each(|row| self.insert.row(owner, row.nth, row).map(|_| ()))
                .and_then(|()| self.blocks.drop_block(block));
            unpacked.map_err(|error| HistoryError::new(self.path, &error))?;
        }
        Ok(met.own)
    }

    /// Packs rows; where the table has older rows of the same thing and period, a row goes there.
    fn pack(
        &mut self,
        file: &mut OpenFile,
        waiting: &[Stored],
        order: &[(Place, u32)],
        own: &Own,
    ) -> rusqlite::Result<()> {
        let (Some(first), Some(last)) = (order.first(), order.last()) else { return Ok(()) };
        let others = self.any_row_between(first.0.0, last.0.0)?;
        let mut packed = std::mem::take(&mut self.packed);
        packed.clear();
        let mut taken = None;
        for (place, at) in order {
            let row = &waiting[*at as usize];
            if others && taken.is_none_or(|(last, _)| last != *place) {
                taken = Some((*place, self.has_row(*place)?));
            }
            if let Some((_, true)) = taken {
                self.place(file, row)?;
                continue;
            }
            let nth = match packed.last() {
                Some(before) if before.place() == *place => before.nth + 1,
                _ => own.get(place).map_or(0, |last| last + 1),
            };
            packed.push(Stored { nth, ..*row });
        }
        file.counts.imported += packed.len() as u64;
        self.blocks.add(file.id, &packed)?;
        self.packed = packed;
        Ok(())
    }

    fn any_row_between(&self, first: i32, last: i32) -> rusqlite::Result<bool> {
        let mut any =
            self.store.prepare_cached("SELECT 1 FROM row WHERE start BETWEEN ?1 AND ?2 LIMIT 1")?;
        any.exists([first, last])
    }

    fn has_row(&self, (start, identity, end): Place) -> rusqlite::Result<bool> {
        let mut any = self.store.prepare_cached(
            "SELECT 1 FROM row WHERE start = ?1 AND identity = ?2 AND end = ?3 LIMIT 1",
        )?;
        any.exists(params![start, identity, end])
    }

    fn place(&mut self, file: &mut OpenFile, row: &Stored) -> rusqlite::Result<()> {
        let place = row.place();
        let (nth, made_way) = match self.last {
            // A namesake: the same thing and period again in the same file.
            Some((last, nth, made_way)) if last == place => (nth + 1, made_way),
            _ if self.insert.row(file.id, 0, row)? => {
                file.counts.imported += 1;
                self.last = Some((place, 0, false));
                return Ok(());
            }
            _ => self.make_way(file, row)?,
        };
        self.insert.row(file.id, nth, row)?;
        self.last = Some((place, nth, made_way));
        let before = if made_way { before(self.store, row, nth)? } else { None };
        match before {
            None => {
                file.counts.imported += 1;
                if made_way {
                    let [_, now] = file.replacing.of(row.known.label);
                    row.add_to(now);
                }
            }
            Some(old) if old.same_as(row) => file.counts.duplicate += 1,
            Some(old) => {
                file.counts.replaced += 1;
                if let Some(apart) = self.recoined(&old, row)? {
                    file.counts.recoined += 1;
                    file.counts.currencies.get_or_insert(apart);
                }
                old.add_to(&mut file.old);
                row.add_to(&mut file.new);
                let [before, now] = file.replacing.of(row.known.label);
                old.add_to(before);
                row.add_to(now);
            }
        }
        Ok(())
    }

    /// The currencies of a row's money before and now, when they are known and differ.
    fn recoined(&self, old: &Old, row: &Stored) -> rusqlite::Result<Option<(Currency, Currency)>> {
        if old.label == row.known.label || row.spend.is_none() {
            return Ok(None);
        }
        let mut find = self.store.prepare_cached("SELECT currency FROM label WHERE id = ?1")?;
        let mut of = |label: i64| -> rusqlite::Result<Option<Currency>> {
            let code: Option<String> = find.query_row([label], |row| row.get(0))?;
            Ok(code.and_then(|code| code.parse::<Currency>().ok()))
        };
        let (before, now) = (of(old.label)?, of(row.known.label)?);
        Ok(before.zip(now).filter(|(before, now)| before != now))
    }

    /// Whose place it is: an older export's rows are set aside; among the file's own rows the next
    /// number is free. Whether older rows have made way there.
    fn make_way(&mut self, file: &mut OpenFile, row: &Stored) -> rusqlite::Result<(i64, bool)> {
        let (start, identity, end) = row.place();
        let (owner, last): (i64, i64) = self
            .store
            .prepare_cached(
                "SELECT file, max(nth) FROM row WHERE start = ?1 AND identity = ?2 AND end = ?3",
            )?
            .query_row(params![start, identity, end], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if owner == file.id {
            return Ok((last + 1, true));
        }
        set_aside(self.store, identity, row.span)?;
        if last > 0 && file.crowded.len() < MOST_CROWDED {
            file.crowded.push((row.place(), last));
        }
        self.whole = None;
        Ok((0, true))
    }

    /// Ends the current file and says what became of its rows.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the store cannot be written.
    pub fn end_file(&mut self) -> Result<FileCounts, HistoryError> {
        let Some(mut file) = self.file.take() else {
            return Ok(FileCounts::default());
        };
        self.store_waiting(&mut file)?;
        if let Some(runs) = file.runs.take() {
            self.store_merged(&mut file, &runs)?;
        }
        self.labels.flush().map_err(|error| self.failure(&error))?;
        self.last = None;
        self.count_gone(&mut file).map_err(|error| self.failure(&error))?;
        self.close_file(&file).map_err(|error| self.failure(&error))?;
        let lowered = file.replacing.lowered(self.store);
        self.lowered = lowered.map_err(|error| self.failure(&error))?;
        Ok(file.counts)
    }

    /// The number of the first file that this import may store.
    #[must_use]
    pub fn first_file(&self) -> i64 {
        self.first_file
    }

    /// What the file that was ended last has lowered, by name: rows in whose place smaller ones
    /// stand now, or none.
    #[must_use]
    pub fn lowered(&self) -> &[Lowered] {
        &self.lowered
    }

    /// Takes account of namesakes that made way for fewer rows than they were.
    fn count_gone(&self, file: &mut OpenFile) -> rusqlite::Result<()> {
        for ((start, identity, end), last) in std::mem::take(&mut file.crowded) {
            let now: i64 = self
                .store
                .prepare_cached(
                    "SELECT max(nth) FROM row WHERE start = ?1 AND identity = ?2 AND end = ?3",
                )?
                .query_row(params![start, identity, end], |row| row.get(0))?;
            for nth in now + 1..=last {
                if let Some(old) = older(self.store, (start, identity, end), nth)? {
                    old.add_to(&mut file.replacing.of(old.label)[0]);
                }
            }
        }
        Ok(())
    }

    /// Leaves the current file out, as if it had never been begun.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the store cannot be written.
    pub fn abandon_file(&mut self) -> Result<(), HistoryError> {
        let Some(file) = self.file.take() else { return Ok(()) };
        self.waiting.clear();
        self.last = None;
        // It may have taken the place of older rows: what the store adds up to is to be read.
        self.whole = None;
        self.roll_back_file(&file).map_err(|error| self.failure(&error))
    }

    fn roll_back_file(&mut self, file: &OpenFile) -> rusqlite::Result<()> {
        self.compared.back_to(&file.before);
        self.store.execute_batch("ROLLBACK TO file; RELEASE file")?;
        self.labels.forget()?;
        self.blocks.refresh()
    }

    fn close_file(&mut self, file: &OpenFile) -> rusqlite::Result<()> {
        let FileCounts { imported, replaced, duplicate, .. } = file.counts;
        if imported + replaced == 0 {
            return self.roll_back_file(file);
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
                json(&file.totals()),
                json(&file.old.totals(None)),
                json(&file.new.totals(None))
            ],
        )?;
        if let Some(whole) = &mut self.whole {
            whole.totals.join(&file.totals());
        }
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
        let totals = match self.whole.take() {
            Some(whole) if self.adds_up(&whole)? => whole.totals,
            _ => crate::history::question::totals::of_store(self.store, self.path)?,
        };
        if self.stored {
            self.compared.seal(self.store).map_err(|error| self.failure(&error))?;
        }
        let end = if self.stored { "COMMIT" } else { "ROLLBACK" };
        self.store.execute_batch(end).map_err(|error| self.failure(&error))?;
        self.open = false;
        Ok(totals)
    }

    /// Whether the rows of this import, which are all there are, are no views of the same money.
    fn adds_up(&self, whole: &Whole) -> Result<bool, HistoryError> {
        let known = whole.spans.len() < Whole::SPANS;
        let meet = grains_meet(self.store).map_err(|error| self.failure(&error))?;
        Ok(known && !meet && !windows_meet(whole.spans.iter().copied()))
    }

    fn failure(&self, error: &rusqlite::Error) -> HistoryError {
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

impl Stored {
    fn add_to(&self, sums: &mut Sums) {
        let numbers = self.numbers;
        sums.add(self.spend, numbers.impressions(), &numbers.actions(), self.censored);
    }

    fn new(row: &Row, known: Known) -> Self {
        let mut numbers = Numbers::default();
        numbers.set(0, row.impressions);
        numbers.set(1, row.reach);
        row.actions.0.iter().enumerate().for_each(|(at, count)| numbers.set(2 + at, *count));
        Self {
            span: Span::from(row.period),
            known,
            nth: 0,
            line: row.line,
            spend: row.spend,
            numbers,
            censored: censored_mask(&row.censored),
        }
    }
}

/// The statement that stores a row. Parameters keep their values from row to row, so only what
/// changes is bound: most counts of most exports are never there.
#[derive(Debug)]
pub(super) struct Insert<'a> {
    statement: Statement<'a>,
    /// Numbers that are bound, bit `i` for number `i`.
    bound: u32,
    spend: String,
}

impl<'a> Insert<'a> {
    pub(super) fn new(store: &'a Connection) -> rusqlite::Result<Self> {
        Ok(Self { statement: store.prepare(&insert_sql())?, bound: 0, spend: String::new() })
    }

    /// Inserts a row; `false` when its place is taken.
    pub(super) fn row(&mut self, file: i64, nth: i64, row: &Stored) -> rusqlite::Result<bool> {
        let statement = &mut self.statement;
        statement.raw_bind_parameter(1, row.span.start)?;
        statement.raw_bind_parameter(2, row.known.identity)?;
        statement.raw_bind_parameter(3, row.span.end)?;
        statement.raw_bind_parameter(4, nth)?;
        statement.raw_bind_parameter(5, file)?;
        statement.raw_bind_parameter(6, row.line as i64)?;
        statement.raw_bind_parameter(7, row.known.label)?;
        match row.spend {
            None => statement.raw_bind_parameter(8, rusqlite::types::Null)?,
            Some(spend) => {
                self.spend.clear();
                // Writing to a string cannot fail.
                let _ = write!(self.spend, "{spend}");
                statement.raw_bind_parameter(8, self.spend.as_str())?;
            }
        }
        for i in 0..NUMBERS {
            let number = row.numbers.get(i);
            if number.is_some() || self.bound >> i & 1 == 1 {
                statement.raw_bind_parameter(9 + i, number)?;
                self.bound = self.bound & !(1 << i) | u32::from(number.is_some()) << i;
            }
        }
        statement.raw_bind_parameter(21, row.censored)?;
        Ok(statement.raw_execute()? == 1)
    }
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
    numbers: Numbers,
    censored: u16,
}

impl Old {
    fn same_as(&self, row: &Stored) -> bool {
        self.label == row.known.label
            && self.spend == row.spend.map(|spend| spend.to_string())
            && self.numbers == row.numbers
            && self.censored == row.censored
    }

    fn add_to(&self, sums: &mut Sums) {
        let spend = self.spend.as_deref().and_then(|text| text.parse::<Decimal>().ok());
        let numbers = self.numbers;
        sums.add(spend, numbers.impressions(), &numbers.actions(), self.censored);
    }
}

/// Places of several namesakes that are remembered of a file.
const MOST_CROWDED: usize = 4_096;

/// The newest row out of force for this thing, period and place.
fn before(store: &Connection, row: &Stored, nth: i64) -> rusqlite::Result<Option<Old>> {
    older(store, row.place(), nth)
}

fn older(
    store: &Connection,
    (start, identity, end): Place,
    nth: i64,
) -> rusqlite::Result<Option<Old>> {
    store
        .prepare_cached(&format!(
            "SELECT {VALUES} FROM older WHERE start = ?1 AND identity = ?2 AND end = ?3 AND \
             nth = ?4 AND file = (SELECT max(file) FROM older WHERE start = ?1 AND identity = ?2 \
             AND end = ?3)"
        ))?
        .query_row(params![start, identity, end, nth], |row| {
            let mut numbers = Numbers::default();
            for i in 0..NUMBERS {
                numbers.set(i, row.get(3 + i)?);
            }
            Ok(Old { label: row.get(1)?, spend: row.get(2)?, numbers, censored: row.get(15)? })
        })
        .optional()
}
