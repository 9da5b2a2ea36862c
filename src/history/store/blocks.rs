//! Rows of large files, packed: the store's second place for rows, beside its tables.
//!
//! An export of some thousand lines stays row by row in the table `row`. A file beyond [`LEAST`]
//! lines is packed, block by block. The rules:
//!
//! * the rows in force of a thing and period are of one file, in the table, in blocks or in both
//!   (namesakes lie in several);
//! * a newer export that takes the place of packed rows marks them, and they stay where they are;
//!   what it takes from the table goes to the table `older`, or to a block of which no row is in
//!   force;
//! * where anything is out of force, something newer of the same thing and period is in force: an
//!   import is taken back by dropping what is its own and unmarking the newest behind it.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, params};

use super::packed::{Marks, Place, Run, Stored, mark, pack, unpack};
use crate::history::error::HistoryError;

/// Files below this many rows are not packed.
pub(crate) const LEAST: usize = 16_384;

/// A packed block holds at least so many rows; the last few of a file are left in the table.
pub(crate) const FEWEST: usize = 1_024;

/// A part of a file that meets more blocks than this is in no order: looking into all of them
/// again and again would cost more than sorting the file.
pub(crate) const MOST_MET: usize = 8;

/// Rows of one place among those that are to be stored, or a place alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Group {
    pub(crate) place: Place,
    /// How many rows it has.
    pub(crate) rows: usize,
    /// Number of the first of them among the file's own rows of the place.
    pub(crate) next: i64,
}

impl Group {
    /// Groups of places that are in order.
    pub(crate) fn of(places: impl Iterator<Item = Place>) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for place in places {
            match groups.last_mut() {
                Some(last) if last.place == place => last.rows += 1,
                _ => groups.push(Self { place, rows: 1, next: 0 }),
            }
        }
        groups
    }

    /// Whether one of its rows has this number.
    pub(crate) fn numbers(&self, nth: i64) -> bool {
        (self.next..self.next + self.rows as i64).contains(&nth)
    }
}

/// Where a block stands in time and among the things reported on.
#[derive(Debug, Clone, Copy)]
struct Extent {
    id: i64,
    file: i64,
    days: (i32, i32),
    identities: (i64, i64),
    /// Rows in force.
    rows: i64,
}

impl Extent {
    /// Around places in order; `None` around none.
    fn of(places: impl Iterator<Item = Place> + Clone) -> Option<Self> {
        let (first, _, _) = places.clone().next()?;
        let (days, identities) = ((first, first), (i64::MAX, i64::MIN));
        let start = Self { id: 0, file: 0, days, identities, rows: 0 };
        Some(places.fold(start, |own, (day, identity, _)| Self {
            days: (own.days.0, day),
            identities: (own.identities.0.min(identity), own.identities.1.max(identity)),
            ..own
        }))
    }

    fn meets(&self, other: &Self) -> bool {
        let apart = |a: (i64, i64), b: (i64, i64)| a.1 < b.0 || b.1 < a.0;
        let days = |extent: &Self| (i64::from(extent.days.0), i64::from(extent.days.1));
        !apart(days(self), days(other)) && !apart(self.identities, other.identities)
    }
}

/// The blocks of a store as a writer sees them.
#[derive(Debug)]
pub(crate) struct Blocks<'a> {
    store: &'a Connection,
    path: &'a Path,
    /// In the order of their numbers.
    extents: Vec<Extent>,
    /// The block written last: the next rows of the file often meet it.
    latest: (i64, Vec<(Place, i64)>),
    /// Marks that are not yet written, by block: one may be met many times over.
    marks: BTreeMap<i64, Marks>,
}

impl<'a> Blocks<'a> {
    pub(crate) fn of_store(store: &'a Connection, path: &'a Path) -> rusqlite::Result<Self> {
        let (latest, marks) = ((0, Vec::new()), BTreeMap::new());
        Ok(Self { store, path, extents: extents(store)?, latest, marks })
    }

    /// Reads anew what the store has: after a rollback.
    pub(crate) fn refresh(&mut self) -> rusqlite::Result<()> {
        *self = Self::of_store(self.store, self.path)?;
        Ok(())
    }

    /// How many blocks with rows in force these places, which are in order, may meet.
    pub(crate) fn near(&self, groups: &[Group]) -> usize {
        self.near_of(groups).filter(|block| block.rows > 0).count()
    }

    fn near_of(&self, groups: &[Group]) -> impl Iterator<Item = &Extent> {
        let extent = Extent::of(groups.iter().map(|group| group.place));
        self.extents.iter().filter(move |other| extent.is_some_and(|own| own.meets(other)))
    }

    /// All blocks, with their files.
    pub(crate) fn all(&self) -> Vec<(i64, i64)> {
        self.extents.iter().map(|block| (block.id, block.file)).collect()
    }

    /// The blocks of some files.
    pub(crate) fn of_files(&self, files: &[i64]) -> Vec<i64> {
        self.extents.iter().filter(|own| files.contains(&own.file)).map(|own| own.id).collect()
    }

    /// How many rows of some files are in force.
    pub(crate) fn in_force(&self, files: &[i64]) -> u64 {
        let own = self.extents.iter().filter(|block| files.contains(&block.file));
        own.map(|block| block.rows.unsigned_abs()).sum()
    }

    /// Whether any row of any block is out of force.
    pub(crate) fn any_older(&self) -> Result<bool, HistoryError> {
        for block in &self.extents {
            let mut any = false;
            self.open(block.id, &mut |run| {
                any = run.is_marked();
                Some(())
            })?;
            if any {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether other files have rows in force at any of these places, which are in order.
    pub(crate) fn are_met(&self, file: i64, groups: &[Group]) -> Result<bool, HistoryError> {
        for block in self.near_of(groups).filter(|block| block.file != file && block.rows > 0) {
            let mut any = false;
            self.at(block.id, groups, &mut |_, _, _, is_older| any |= !is_older)?;
            if any {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Visits the rows in force of other files at these places, which are in order.
    pub(crate) fn in_place(
        &self,
        file: i64,
        groups: &[Group],
        visit: &mut dyn FnMut(i64, &Stored),
    ) -> Result<(), HistoryError> {
        for block in self.near_of(groups).filter(|block| block.file != file && block.rows > 0) {
            self.at(block.id, groups, &mut |_, _, row, is_older| {
                if !is_older {
                    visit(block.file, row);
                }
            })?;
        }
        Ok(())
    }

    /// Numbers the rows of places that the file's own blocks hold on from there.
    pub(crate) fn number(&self, file: i64, groups: &mut [Group]) -> Result<(), HistoryError> {
        let near = self.near_of(groups).filter(|block| block.file == file);
        let own: Vec<i64> = near.map(|block| block.id).collect();
        for block in own {
            if block == self.latest.0 {
                let first = groups.first().map(|group| group.place);
                let begin = self.latest.1.partition_point(|(place, _)| Some(*place) < first);
                for (place, nth) in &self.latest.1[begin..] {
                    if let Ok(at) = groups.binary_search_by_key(place, |group| group.place) {
                        groups[at].next = groups[at].next.max(nth + 1);
                    }
                }
                continue;
            }
            let mut last = Vec::new();
            self.at(block, groups, &mut |group, _, row, _| last.push((group, row.nth)))?;
            for (group, nth) in last {
                groups[group].next = groups[group].next.max(nth + 1);
            }
        }
        Ok(())
    }

    /// Marks the rows in force of other files at these places, which are in order, as out of force,
    /// and visits them.
    pub(crate) fn take(
        &mut self,
        file: i64,
        groups: &[Group],
        visit: &mut dyn FnMut(usize, &Stored),
    ) -> Result<(), HistoryError> {
        let near = self.near_of(groups).filter(|block| block.file != file && block.rows > 0);
        let near: Vec<i64> = near.map(|block| block.id).collect();
        for block in near {
            let mut taken = Vec::new();
            self.at(block, groups, &mut |group, at, row, is_older| {
                if !is_older {
                    taken.push(at);
                    visit(group, row);
                }
            })?;
            self.mark(block, &taken, true)?;
        }
        Ok(())
    }

    /// Visits the rows out of force of earlier files at these places, which are in order, with
    /// their files.
    pub(crate) fn behind(
        &self,
        file: i64,
        groups: &[Group],
        visit: &mut dyn FnMut(usize, i64, &Stored),
    ) -> Result<(), HistoryError> {
        for block in self.near_of(groups).filter(|block| block.file < file) {
            self.at(block.id, groups, &mut |group, _, row, is_older| {
                if is_older {
                    visit(group, block.file, row);
                }
            })?;
        }
        Ok(())
    }

    /// Brings the rows of each place's file, if any, in force again; gives how many there were.
    pub(crate) fn restore(&mut self, groups: &[Group], files: &[i64]) -> Result<u64, HistoryError> {
        let near = self.near_of(groups).filter(|block| files.contains(&block.file));
        let near: Vec<(i64, i64)> = near.map(|block| (block.id, block.file)).collect();
        let mut restored = 0;
        for (block, owner) in near {
            let mut back = Vec::new();
            self.at(block, groups, &mut |group, at, _, is_older| {
                if is_older && files[group] == owner {
                    back.push(at);
                }
            })?;
            self.mark(block, &back, false)?;
            restored += back.len() as u64;
        }
        Ok(restored)
    }

    /// Visits the rows of a block that lie at some places: the place, the row's number in the
    /// block, the row, and whether it is out of force.
    fn at(
        &self,
        id: i64,
        groups: &[Group],
        visit: &mut dyn FnMut(usize, usize, &Stored, bool),
    ) -> Result<(), HistoryError> {
        let mut group = 0;
        self.open(id, &mut |run| {
            let own = run.marks();
            let marks = self.marks.get(&id).unwrap_or(&own);
            run.each(&mut |at, row| {
                let place = row.place();
                while groups.get(group).is_some_and(|group| group.place < place) {
                    group += 1;
                }
                if groups.get(group).is_some_and(|group| group.place == place) {
                    visit(group, at, row, marks.has(at));
                }
            })
        })
    }

    /// Visits the rows of a block in force in order.
    pub(crate) fn read(&self, id: i64, visit: &mut dyn FnMut(&Stored)) -> Result<(), HistoryError> {
        self.read_all(id, &mut |row, is_older| {
            if !is_older {
                visit(row);
            }
        })
    }

    /// Visits all rows of a block in order, with whether each is out of force.
    pub(crate) fn read_all(
        &self,
        id: i64,
        visit: &mut dyn FnMut(&Stored, bool),
    ) -> Result<(), HistoryError> {
        self.open(id, &mut |run| {
            let own = run.marks();
            let marks = self.marks.get(&id).unwrap_or(&own);
            run.each(&mut |at, row| visit(row, marks.has(at)))
        })
    }

    /// Reads a block.
    fn open(
        &self,
        id: i64,
        read: &mut dyn FnMut(Run<'_>) -> Option<()>,
    ) -> Result<(), HistoryError> {
        let told = |error: rusqlite::Error| HistoryError::new(self.path, &error);
        let mut statement =
            self.store.prepare_cached("SELECT content FROM block WHERE id = ?1").map_err(told)?;
        let mut rows = statement.query([id]).map_err(told)?;
        let row = rows.next().map_err(told)?;
        let bytes = row.map(|row| row.get_ref(0)).transpose().map_err(told)?;
        let bytes = bytes.and_then(|content| content.as_blob().ok());
        bytes.and_then(Run::of).and_then(read).ok_or_else(|| damaged(self.path, id))
    }

    /// Takes rows of a block out of force, or back.
    fn mark(&mut self, id: i64, rows: &[usize], is_older: bool) -> Result<(), HistoryError> {
        if rows.is_empty() {
            return Ok(());
        }
        if !self.marks.contains_key(&id) {
            let mut marks = None;
            self.open(id, &mut |run| {
                marks = Some(run.marks());
                Some(())
            })?;
            self.marks.extend(marks.map(|marks| (id, marks)));
        }
        if let Some(marks) = self.marks.get_mut(&id) {
            for at in rows {
                marks.set(*at, is_older);
            }
        }
        if let Ok(at) = self.extents.binary_search_by_key(&id, |block| block.id) {
            let change = rows.len() as i64;
            self.extents[at].rows += if is_older { -change } else { change };
        }
        Ok(())
    }

    /// Writes what was marked.
    pub(crate) fn write_marks(&mut self) -> Result<(), HistoryError> {
        let told = |error: rusqlite::Error| HistoryError::new(self.path, &error);
        for (id, marks) in std::mem::take(&mut self.marks) {
            let mut find = self
                .store
                .prepare_cached("SELECT content FROM block WHERE id = ?1")
                .map_err(told)?;
            let content: Vec<u8> = find.query_row([id], |row| row.get(0)).map_err(told)?;
            let marked = mark(&content, &marks).ok_or_else(|| damaged(self.path, id))?;
            let Ok(at) = self.extents.binary_search_by_key(&id, |block| block.id) else { continue };
            let extent = self.extents[at];
            self.delete(id).and_then(|()| self.insert(&extent, &marked)).map_err(told)?;
        }
        Ok(())
    }

    /// Packs rows of a file, which are in order.
    pub(crate) fn add(&mut self, file: i64, rows: &[Stored]) -> rusqlite::Result<()> {
        if let Some(id) = self.put(file, rows, rows.len() as i64, &pack(rows.iter()))? {
            self.latest.0 = id;
            self.latest.1.clear();
            self.latest.1.extend(rows.iter().map(|row| (row.place(), row.nth)));
        }
        Ok(())
    }

    /// Packs rows of a file, which are in order and out of force.
    pub(crate) fn add_older(&mut self, file: i64, rows: &[Stored]) -> rusqlite::Result<()> {
        let plain = pack(rows.iter());
        let all = Run::of(&plain).and_then(|run| {
            let mut marks = run.marks();
            (0..rows.len()).for_each(|at| marks.set(at, true));
            mark(&plain, &marks)
        });
        self.put(file, rows, 0, &all.expect("what was just packed is sound")).map(drop)
    }

    fn put(
        &mut self,
        file: i64,
        rows: &[Stored],
        in_force: i64,
        content: &[u8],
    ) -> rusqlite::Result<Option<i64>> {
        let Some(extent) = Extent::of(rows.iter().map(Stored::place)) else { return Ok(None) };
        let id = self.extents.last().map_or(1, |last| last.id + 1);
        let extent = Extent { id, file, rows: in_force, ..extent };
        self.insert(&extent, content)?;
        self.extents.push(extent);
        Ok(Some(id))
    }

    fn insert(&self, extent: &Extent, content: &[u8]) -> rusqlite::Result<()> {
        let Extent { id, file, days, identities, rows } = *extent;
        self.store
            .prepare_cached(
                "INSERT INTO block (id, file, first_day, last_day, first_identity, last_identity, \
                 rows, content) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                id,
                file,
                days.0,
                days.1,
                identities.0,
                identities.1,
                rows,
                content
            ])?;
        Ok(())
    }

    fn delete(&self, id: i64) -> rusqlite::Result<()> {
        self.store.prepare_cached("DELETE FROM block WHERE id = ?1")?.execute([id])?;
        Ok(())
    }

    /// Drops a block.
    pub(crate) fn drop_block(&mut self, id: i64) -> rusqlite::Result<()> {
        self.delete(id)?;
        self.marks.remove(&id);
        self.latest = (0, Vec::new());
        self.extents.retain(|block| block.id != id);
        Ok(())
    }
}

fn damaged(path: &Path, id: i64) -> HistoryError {
    HistoryError::damaged(path, format!("block {id}"))
}

fn extents(store: &Connection) -> rusqlite::Result<Vec<Extent>> {
    let mut statement = store.prepare(
        "SELECT id, file, first_day, last_day, first_identity, last_identity, rows FROM block \
         ORDER BY id",
    )?;
    let extents = statement.query_map([], |row| {
        Ok(Extent {
            id: row.get(0)?,
            file: row.get(1)?,
            days: (row.get(2)?, row.get(3)?),
            identities: (row.get(4)?, row.get(5)?),
            rows: row.get(6)?,
        })
    })?;
    extents.collect()
}

/// Visits all packed rows in force with their files, block by block.
pub(crate) fn each(
    store: &Connection,
    path: &Path,
    visit: &mut dyn FnMut(i64, &Stored),
) -> Result<(), HistoryError> {
    let told = |error: rusqlite::Error| HistoryError::new(path, &error);
    let mut statement = store
        .prepare("SELECT id, file, content FROM block WHERE rows > 0 ORDER BY id")
        .map_err(told)?;
    let mut rows = statement.query([]).map_err(told)?;
    while let Some(row) = rows.next().map_err(told)? {
        let (id, file) = (row.get(0).map_err(told)?, row.get(1).map_err(told)?);
        let content = row.get_ref(2).map_err(told)?;
        let bytes = content.as_blob().ok();
        bytes
            .and_then(|bytes| unpack(bytes, &mut |row| visit(file, row)))
            .ok_or_else(|| damaged(path, id))?;
    }
    Ok(())
}
