//! Rows of large files, packed: the store's second place for rows in force.
//!
//! An export of some thousand lines stays row by row in the table `row`, where a newer export can
//! take the place of each. A file beyond [`LEAST`] lines is packed, block by block. The rules:
//!
//! * the rows in force of a thing and period are of one file, in the table, in blocks or in both
//!   (another line of a block was met, and namesakes lie in several);
//! * only rows whose place nobody else holds are packed, so nothing out of force stands behind
//!   them, and an import is taken back by dropping its blocks;
//! * a newer export that meets a block unpacks it first, and goes on as with any other rows.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::path::Path;

use rusqlite::{Connection, params};

use super::packed::{Place, Stored, pack, unpack};
use crate::history::error::HistoryError;
use crate::history::label::Words;

/// Files below this many rows are not packed.
pub(crate) const LEAST: usize = 16_384;

/// A packed block holds at least so many rows; the last few of a file are left in the table.
pub(crate) const FEWEST: usize = 1_024;

/// A part of a file that meets more blocks than this is in no order: looking into all of them
/// again and again would cost more than sorting the file.
pub(crate) const MOST_MET: usize = 8;

/// Where a block stands in time and among the things reported on.
#[derive(Debug, Clone, Copy)]
struct Extent {
    id: i64,
    file: i64,
    days: (i32, i32),
    identities: (i64, i64),
}

impl Extent {
    /// Around places in order; `None` around none.
    fn of(id: i64, file: i64, places: impl Iterator<Item = Place> + Clone) -> Option<Self> {
        let (first, _, _) = places.clone().next()?;
        let start = Self { id, file, days: (first, first), identities: (i64::MAX, i64::MIN) };
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

/// The blocks of a store as an import sees them.
#[derive(Debug)]
pub(crate) struct Blocks<'a> {
    store: &'a Connection,
    path: &'a Path,
    extents: Vec<Extent>,
    /// The block written last: the next rows of the file often meet it.
    latest: (i64, Vec<(Place, i64)>),
}

/// Last numbers by place.
pub(crate) type Own = HashMap<Place, i64, BuildHasherDefault<Words>>;

/// What must make room before rows can be stored.
#[derive(Debug, Default)]
pub(crate) struct Met {
    /// Blocks to unpack, with their files.
    pub(crate) unpack: Vec<(i64, i64)>,
    /// Places that the file's own blocks hold, with their last number.
    pub(crate) own: Own,
}

impl<'a> Blocks<'a> {
    pub(crate) fn of_store(store: &'a Connection, path: &'a Path) -> rusqlite::Result<Self> {
        let extents = extents(store)?;
        Ok(Self { store, path, extents, latest: (0, Vec::new()) })
    }

    /// Reads anew what the store has: after a rollback.
    pub(crate) fn refresh(&mut self) -> rusqlite::Result<()> {
        self.extents = extents(self.store)?;
        self.latest = (0, Vec::new());
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.extents.is_empty()
    }

    /// How many blocks these places, which are in order, may meet.
    pub(crate) fn near(&self, places: &[(Place, u32)]) -> usize {
        self.near_of(places).count()
    }

    fn near_of(&self, places: &[(Place, u32)]) -> impl Iterator<Item = &Extent> {
        let extent = Extent::of(0, 0, places.iter().map(|(place, _)| *place));
        self.extents.iter().filter(move |other| extent.is_some_and(|own| own.meets(other)))
    }

    /// All blocks, with their files.
    pub(crate) fn all(&self) -> Vec<(i64, i64)> {
        self.extents.iter().map(|block| (block.id, block.file)).collect()
    }

    /// The blocks of a file.
    pub(crate) fn of_file(&self, file: i64) -> Vec<i64> {
        self.extents.iter().filter(|block| block.file == file).map(|block| block.id).collect()
    }

    /// What the blocks already hold of these places, which are in order. When the rows are to be
    /// packed, the file's own blocks may stay: their rows are namesakes.
    pub(crate) fn meet(
        &self,
        file: i64,
        packing: bool,
        places: &[(Place, u32)],
    ) -> Result<Met, HistoryError> {
        let mut met = Met::default();
        for block in self.near_of(places) {
            let held = self.held(block, places)?;
            if held.is_empty() {
                continue;
            }
            if packing && block.file == file {
                for (place, nth) in held {
                    let last = met.own.entry(place).or_insert(nth);
                    *last = (*last).max(nth);
                }
            } else {
                met.unpack.push((block.id, block.file));
            }
        }
        Ok(met)
    }

    /// The places of a block that are among these, with their numbers.
    fn held(
        &self,
        block: &Extent,
        places: &[(Place, u32)],
    ) -> Result<Vec<(Place, i64)>, HistoryError> {
        if block.id == self.latest.0 {
            return Ok(common(&self.latest.1, places));
        }
        let mut keys = Vec::new();
        self.read(block.id, &mut |row| keys.push((row.place(), row.nth)))?;
        Ok(common(&keys, places))
    }

    /// Visits the rows of a block in order.
    pub(crate) fn read(&self, id: i64, visit: &mut dyn FnMut(&Stored)) -> Result<(), HistoryError> {
        let told = |error: rusqlite::Error| HistoryError::new(self.path, &error);
        let mut statement =
            self.store.prepare_cached("SELECT content FROM block WHERE id = ?1").map_err(told)?;
        let mut rows = statement.query([id]).map_err(told)?;
        let Some(row) = rows.next().map_err(told)? else { return Ok(()) };
        let bytes = row.get_ref(0).map_err(told)?;
        opened(bytes, id, self.path, visit)
    }

    /// Packs rows of a file, which are in order.
    pub(crate) fn add(&mut self, file: i64, rows: &[Stored]) -> rusqlite::Result<()> {
        let Some(mut extent) = Extent::of(0, file, rows.iter().map(Stored::place)) else {
            return Ok(());
        };
        self.store
            .prepare_cached(
                "INSERT INTO block (file, first_day, last_day, first_identity, last_identity, \
                 rows, content) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                file,
                extent.days.0,
                extent.days.1,
                extent.identities.0,
                extent.identities.1,
                rows.len() as i64,
                pack(rows.iter())
            ])?;
        extent.id = self.store.last_insert_rowid();
        self.extents.push(extent);
        self.latest.0 = extent.id;
        self.latest.1.clear();
        self.latest.1.extend(rows.iter().map(|row| (row.place(), row.nth)));
        Ok(())
    }

    /// Drops a block whose rows have found another place.
    pub(crate) fn drop_block(&mut self, id: i64) -> rusqlite::Result<()> {
        self.store.prepare_cached("DELETE FROM block WHERE id = ?1")?.execute([id])?;
        self.extents.retain(|block| block.id != id);
        Ok(())
    }
}

fn extents(store: &Connection) -> rusqlite::Result<Vec<Extent>> {
    let mut statement = store.prepare(
        "SELECT id, file, first_day, last_day, first_identity, last_identity FROM block ORDER BY id",
    )?;
    let extents = statement.query_map([], |row| {
        Ok(Extent {
            id: row.get(0)?,
            file: row.get(1)?,
            days: (row.get(2)?, row.get(3)?),
            identities: (row.get(4)?, row.get(5)?),
        })
    })?;
    extents.collect()
}

/// Visits all packed rows with their files, block by block.
pub(crate) fn each(
    store: &Connection,
    path: &Path,
    visit: &mut dyn FnMut(i64, &Stored),
) -> Result<(), HistoryError> {
    let told = |error: rusqlite::Error| HistoryError::new(path, &error);
    let mut statement =
        store.prepare("SELECT id, file, content FROM block ORDER BY id").map_err(told)?;
    let mut rows = statement.query([]).map_err(told)?;
    while let Some(row) = rows.next().map_err(told)? {
        let (id, file) = (row.get(0).map_err(told)?, row.get(1).map_err(told)?);
        let bytes = row.get_ref(2).map_err(told)?;
        opened(bytes, id, path, &mut |row| visit(file, row))?;
    }
    Ok(())
}

fn opened(
    content: rusqlite::types::ValueRef<'_>,
    id: i64,
    path: &Path,
    visit: &mut dyn FnMut(&Stored),
) -> Result<(), HistoryError> {
    let sound = content.as_blob().ok().and_then(|bytes| unpack(bytes, visit));
    sound.ok_or_else(|| HistoryError::damaged(path, format!("block {id}")))
}

/// Of sorted keys, those with a place among the sorted places.
fn common(keys: &[(Place, i64)], places: &[(Place, u32)]) -> Vec<(Place, i64)> {
    let mut common = Vec::new();
    let Some(first) = places.first() else { return common };
    let mut at = 0;
    for key in &keys[keys.partition_point(|key| key.0 < first.0)..] {
        while at < places.len() && places[at].0 < key.0 {
            at += 1;
        }
        let Some(place) = places.get(at) else { break };
        if place.0 == key.0 {
            common.push(*key);
        }
    }
    common
}
