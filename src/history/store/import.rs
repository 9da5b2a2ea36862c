//! One import: many files, one transaction, all or nothing.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::BuildHasherDefault;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};

use super::blocks::{Blocks, Group};
use super::lowered::{Lowered, Replacing};
use super::open::History;
use super::outdated::Places;
use super::packed::{Numbers, Place, Stored, censored_mask};
use super::runs::Runs;
use super::schema::State;
use super::seal::{Change, Compared};
use super::table::Table;
use super::{blocks, schema};
use crate::history::day::Span;
use crate::history::error::{HistoryError, MOST};
use crate::history::label::{Known, Labels, Words};
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
    /// Imported before, and replaced since by newer rows that say something else.
    pub outdated: u64,
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
    table: Table<'a>,
    labels: Labels<'a>,
    blocks: Blocks<'a>,
    number: i64,
    file: Option<OpenFile>,
    /// Rows of the open file that wait to be stored in the order of the store's key.
    waiting: Vec<Stored>,
    /// Room for those of them that are packed.
    packed: Vec<Stored>,
    sizes: Sizes,
    /// Everything that the store holds, while that is known without reading it.
    whole: Option<Whole>,
    /// What the file that was ended last has lowered.
    lowered: Vec<Lowered>,
    /// Imports and names of the files that have replaced rows of the file that was ended last since
    /// it was imported.
    newer: Vec<(i64, String)>,
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
    spans: HashSet<Span, BuildHasherDefault<Words>>,
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
    /// The same export, which is in place already: rows are only counted.
    seen: Option<i64>,
    /// It has so many rows that they are packed.
    packs: bool,
    /// What had been written before it.
    before: Change,
    /// It comes in no order, or takes the place of other rows: its rows are put aside, to be merged
    /// at its end.
    runs: Option<Runs>,
    /// They are being merged: they come in order now.
    merging: bool,
    counts: FileCounts,
    /// What its rows add up to, by currency: nearly always one.
    stored: Vec<(Option<Currency>, Sums)>,
    old: Sums,
    new: Sums,
    replacing: Replacing,
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
        let (rows, labels) = (self.any("row")? || self.any("block")?, self.any("label")?);
        let told = |error: rusqlite::Error| self.failure(&error);
        let last = "SELECT coalesce(max(id), 0) FROM file";
        let last: i64 = self.store.query_row(last, [], |row| row.get(0)).map_err(told)?;
        Ok(Import {
            store: &self.store,
            path: &self.path,
            compared: &self.compared,
            table: Table::of_store(&self.store, &self.path).map_err(told)?,
            labels: Labels::of_store(&self.store, !labels).map_err(told)?,
            first_file: last + 1,
            blocks: Blocks::of_store(&self.store, &self.path).map_err(told)?,
            number,
            file: None,
            waiting: Vec::new(),
            packed: Vec::new(),
            sizes: SIZES,
            whole: (!rows).then(Whole::default),
            lowered: Vec::new(),
            newer: Vec::new(),
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

/// A row that makes way for one of a group's.
#[derive(Debug)]
struct Before {
    group: usize,
    row: Stored,
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
                "SELECT file.id FROM file JOIN import ON import.id = file.import \
                 WHERE fingerprint = ?1 AND file.format = ?2 AND undone = 0",
                params![meta.fingerprint, meta.format],
                |row| row.get(0),
            )
            .optional()?;
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
        if file.seen.is_some() {
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
        let mut groups = Group::of(order.iter().map(|(place, _)| *place));
        let packing = file.packs && waiting.len() >= self.sizes.fewest;
        let comes_first = packing && !file.merging && file.runs.is_none();
        if comes_first
            && (self.blocks.near(&groups) > self.sizes.most_met
                || self.are_met(file.id, &groups)?)
        {
            self.put_aside(file)?;
        }
        if let Some(runs) = &mut file.runs {
            runs.add(order.iter().map(|(_, at)| &waiting[*at as usize])).map_err(told)?;
            waiting.clear();
            self.waiting = waiting;
            return Ok(());
        }
        self.blocks.number(file.id, &mut groups)?;
        // What comes first and is packed has met nobody.
        let before = if comes_first { Vec::new() } else { self.make_room(file, &mut groups)? };
        let rows = order.iter().map(|(_, at)| &waiting[*at as usize]);
        self.settle(file, &groups, rows, before, packing).map_err(told)?;
        waiting.clear();
        self.waiting = waiting;
        Ok(())
    }

    /// Puts what was packed of a file aside, where the rest of it will be.
    fn put_aside(&mut self, file: &mut OpenFile) -> Result<(), HistoryError> {
        let told = |error: rusqlite::Error| HistoryError::new(self.path, &error);
        let mut runs = Runs::new().map_err(told)?;
        for block in self.blocks.of_files(&[file.id]) {
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

    /// Whether rows of other files are in force at any of these places.
    fn are_met(&self, file: i64, groups: &[Group]) -> Result<bool, HistoryError> {
        if self.has_rows_about(groups)? {
            for group in groups {
                if self.table.has(group.place).map_err(|error| self.failure(&error))? {
                    return Ok(true);
                }
            }
        }
        self.blocks.are_met(file, groups)
    }

    /// Whether the table has rows in force that begin on the days of these places.
    fn has_rows_about(&self, groups: &[Group]) -> Result<bool, HistoryError> {
        let (Some(first), Some(last)) = (groups.first(), groups.last()) else { return Ok(false) };
        let any = self.table.any_between(first.place.0, last.place.0);
        any.map_err(|error| self.failure(&error))
    }

    /// Takes the rows in force of other files at these places out of force. Gives those that the
    /// rows of each group are to be compared with, in order; places of the file's own are numbered
    /// on, and what lies behind them is compared.
    fn make_room(
        &mut self,
        file: &mut OpenFile,
        groups: &mut [Group],
    ) -> Result<Vec<Before>, HistoryError> {
        let mut before = Vec::new();
        if self.has_rows_about(groups)? {
            self.take_from_table(file, groups, &mut before)?;
        }
        let replacing = &mut file.replacing;
        self.blocks.take(file.id, groups, &mut |group, row| {
            if groups[group].numbers(row.nth) {
                before.push(Before { group, row: *row });
            } else {
                replacing.goes(row);
            }
        })?;
        let numbered: Vec<usize> = (0..groups.len()).filter(|at| groups[*at].next > 0).collect();
        if !numbered.is_empty() {
            self.look_behind(file, groups, &numbered, &mut before)?;
        }
        if !before.is_empty() {
            self.whole = None;
        }
        before.sort_unstable_by_key(|old| (old.group, old.row.nth));
        Ok(before)
    }

    /// Moves rows in force of other files out of the table.
    fn take_from_table(
        &mut self,
        file: &mut OpenFile,
        groups: &mut [Group],
        before: &mut Vec<Before>,
    ) -> Result<(), HistoryError> {
        let path = self.path;
        let told = |error: rusqlite::Error| HistoryError::new(path, &error);
        let mut taken: BTreeMap<i64, Vec<Stored>> = BTreeMap::new();
        for (at, group) in groups.iter_mut().enumerate() {
            let mut any = false;
            self.table.at(group.place, &mut |owner, row| {
                if owner == file.id {
                    group.next = group.next.max(row.nth + 1);
                    return;
                }
                any = true;
                if group.numbers(row.nth) {
                    before.push(Before { group: at, row: *row });
                } else {
                    file.replacing.goes(row);
                }
                taken.entry(owner).or_default().push(*row);
            })?;
            if any {
                self.table.remove(group.place).map_err(told)?;
            }
        }
        for (owner, rows) in taken {
            if file.packs && rows.len() >= self.sizes.fewest {
                self.blocks.add_older(owner, &rows).map_err(told)?;
            } else {
                rows.iter()
                    .try_for_each(|row| self.table.insert_older(owner, row))
                    .map_err(told)?;
            }
        }
        Ok(())
    }

    /// What has made way before for rows of the file at places that it already holds.
    fn look_behind(
        &self,
        file: &OpenFile,
        groups: &[Group],
        numbered: &[usize],
        before: &mut Vec<Before>,
    ) -> Result<(), HistoryError> {
        let held: Vec<Group> = numbered.iter().map(|at| groups[*at]).collect();
        let mut newest = vec![0; held.len()];
        let mut behind = Vec::new();
        let mut see = |at: usize, file: i64, row: &Stored| {
            newest[at] = newest[at].max(file);
            if held[at].numbers(row.nth) {
                behind.push((at, file, *row));
            }
        };
        self.blocks.behind(file.id, &held, &mut see)?;
        for (at, group) in held.iter().enumerate() {
            self.table.behind(group.place, &mut |file, row| see(at, file, row))?;
        }
        let nearest = behind.into_iter().filter(|(at, file, _)| newest[*at] == *file);
        before.extend(nearest.map(|(at, _, row)| Before { group: numbered[at], row }));
        Ok(())
    }

    /// Stores the rows of groups, and counts what became of what they are compared with.
    fn settle<'r>(
        &mut self,
        file: &mut OpenFile,
        groups: &[Group],
        mut rows: impl Iterator<Item = &'r Stored>,
        before: Vec<Before>,
        packing: bool,
    ) -> rusqlite::Result<()> {
        let mut before = before.into_iter().peekable();
        let mut packed = std::mem::take(&mut self.packed);
        packed.clear();
        for (at, group) in groups.iter().enumerate() {
            // What makes way for later rows of a place was taken account of with its first.
            let goes_on = group.next > 0;
            let mut made_way = goes_on;
            for (nth, row) in (group.next..).zip(rows.by_ref().take(group.rows)) {
                let row = Stored { nth, ..*row };
                let old = before.next_if(|old| (old.group, old.row.nth) == (at, nth));
                made_way |= old.is_some();
                if made_way && (goes_on || old.is_none()) {
                    row.add_to(&mut file.replacing.of(row.known.label)[1]);
                }
                match old {
                    None => file.counts.imported += 1,
                    Some(old) => self.replace(file, &old.row, &row, goes_on)?,
                }
                if packing {
                    packed.push(row);
                } else {
                    self.table.insert(file.id, &row)?;
                }
            }
        }
        if packing {
            self.blocks.add(file.id, &packed)?;
        }
        self.packed = packed;
        Ok(())
    }

    /// Counts a row that takes the place of another; whether a total falls with it may be known.
    fn replace(
        &self,
        file: &mut OpenFile,
        old: &Stored,
        row: &Stored,
        is_known: bool,
    ) -> rusqlite::Result<()> {
        if row.says_the_same_as(old) {
            file.counts.duplicate += 1;
            return Ok(());
        }
        file.counts.replaced += 1;
        if let Some(apart) = self.recoined(old, row)? {
            file.counts.recoined += 1;
            file.counts.currencies.get_or_insert(apart);
        }
        old.add_to(&mut file.old);
        row.add_to(&mut file.new);
        if !is_known {
            let [before, now] = file.replacing.of(row.known.label);
            old.add_to(before);
            row.add_to(now);
        }
        Ok(())
    }

    /// The currencies of a row's money before and now, when they are known and differ.
    fn recoined(
        &self,
        old: &Stored,
        row: &Stored,
    ) -> rusqlite::Result<Option<(Currency, Currency)>> {
        if old.known.label == row.known.label || row.spend.is_none() {
            return Ok(None);
        }
        let mut find = self.store.prepare_cached("SELECT currency FROM label WHERE id = ?1")?;
        let mut of = |label: i64| -> rusqlite::Result<Option<Currency>> {
            let code: Option<String> = find.query_row([label], |row| row.get(0))?;
            Ok(code.and_then(|code| code.parse::<Currency>().ok()))
        };
        let (before, now) = (of(old.known.label)?, of(row.known.label)?);
        Ok(before.zip(now).filter(|(before, now)| before != now))
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
        if file.counts.imported + file.counts.replaced > 0 {
            self.blocks.write_marks()?;
        }
        self.close_file(&file).map_err(|error| self.failure(&error))?;
        let lowered = file.replacing.lowered(self.store);
        self.lowered = lowered.map_err(|error| self.failure(&error))?;
        self.newer.clear();
        if let Some(seen) = file.seen {
            let Self { store, path, table, blocks, .. } = &*self;
            let outdated = Places { store, path, table, blocks }.outdated(seen)?;
            file.counts.outdated = outdated.rows.min(file.counts.duplicate);
            file.counts.duplicate -= file.counts.outdated;
            for file in outdated.files {
                let sql = "SELECT import, name FROM file WHERE id = ?1";
                let named = self.store.query_row(sql, [file], |row| Ok((row.get(0)?, row.get(1)?)));
                self.newer.push(named.map_err(|error| self.failure(&error))?);
            }
        }
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

    /// The files, with the numbers of their imports, that have replaced rows of the file that was
    /// ended last since it was imported.
    #[must_use]
    pub fn newer(&self) -> &[(i64, String)] {
        &self.newer
    }

    /// Leaves the current file out, as if it had never been begun.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the store cannot be written.
    pub fn abandon_file(&mut self) -> Result<(), HistoryError> {
        let Some(file) = self.file.take() else { return Ok(()) };
        self.waiting.clear();
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
        let spans: BTreeSet<Span> = whole.spans.iter().copied().collect();
        Ok(known && !meet && !windows_meet(spans))
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

    /// Whether nothing but its line differs; `1.5` and `1.50` do.
    pub(super) fn says_the_same_as(&self, other: &Self) -> bool {
        let money = |row: &Self| {
            row.spend.map(|spend| (spend.mantissa(), spend.scale(), spend.is_sign_negative()))
        };
        self.known.label == other.known.label
            && money(self) == money(other)
            && self.numbers == other.numbers
            && self.censored == other.censored
    }

    pub(super) fn add_to(&self, sums: &mut Sums) {
        let numbers = self.numbers;
        sums.add(self.spend, numbers.impressions(), &numbers.actions(), self.censored);
    }
}
