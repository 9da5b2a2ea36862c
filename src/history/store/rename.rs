//! One name for what an export without ids calls by two.
//!
//! Without an id a name is all that identifies a campaign, so a campaign renamed between two exports
//! is two, and the days that both exports hold count twice. A rename says that they are one: rows of
//! the earlier name go to the later one, where both have the same thing and period the newer export's
//! rows stay in force, as if it had been exported again, and whatever is imported later under the
//! earlier name is taken for the same thing. What is identified by an id is not touched: a new name
//! for it needs nobody's help.

use rusqlite::{Connection, OptionalExtension as _, params};
use serde::Serialize;

use super::blocks::Blocks;
use super::open::History;
use super::packed::Stored;
use super::schema::VALUES;
use super::table::{self, Table};
use crate::history::error::HistoryError;
use crate::history::label;
use crate::history::label::{NAMES, Named};
use crate::segment::Attribute;

/// What a rename did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Renamed {
    /// Rows that stood under the earlier name.
    pub moved: u64,
    /// Rows of either name that another export's rows of the same period now stand for.
    pub set_aside: u64,
}

impl History {
    /// Takes a campaign, ad set or ad for another one of a later name.
    ///
    /// # Errors
    ///
    /// [`HistoryError::NoSuchName`] when no row without an id has one of the names,
    /// [`HistoryError::TwoNames`] when one export has both for the same period, so that they are two
    /// things; nothing is changed then.
    pub fn rename(
        &mut self,
        level: Attribute,
        from: &str,
        to: &str,
    ) -> Result<Renamed, HistoryError> {
        self.bring_forward()?;
        let told = |error: rusqlite::Error| self.failure(&error);
        self.store.execute_batch("BEGIN IMMEDIATE").map_err(told)?;
        let renamed = self.rename_alone(level, from, to).and_then(|renamed| {
            self.compared.seal(&self.store).map_err(told)?;
            self.store.execute_batch("COMMIT").map_err(told)?;
            Ok(renamed)
        });
        if renamed.is_err() {
            // The first error is the one to tell; the journal takes the rest back when next opened.
            let _ = self.store.execute_batch("ROLLBACK");
        }
        renamed
    }

    fn rename_alone(
        &self,
        level: Attribute,
        from: &str,
        to: &str,
    ) -> Result<Renamed, HistoryError> {
        let told = |error: rusqlite::Error| self.failure(&error);
        if self.is_blank()? {
            return Err(HistoryError::Nothing);
        }
        self.compared.hold_all(&self.store, &self.path)?;
        let step = NAMES.iter().position(|name| *name == level).unwrap_or_default();
        let named = |name: &str| label::named(&self.store, step, name).map_err(told);
        let labels = named(from)?;
        for (name, is_missing) in [(from, labels.is_empty()), (to, named(to)?.is_empty())] {
            if is_missing || from == to {
                let known = label::names(&self.store, step).map_err(told)?;
                return Err(HistoryError::no_such_name(name, &known));
            }
        }
        self.store
            .execute_batch(
                "CREATE TEMP TABLE moved (old INTEGER PRIMARY KEY, new INTEGER NOT NULL)",
            )
            .map_err(told)?;
        for own in labels {
            point(&self.store, own, level, to).map_err(told)?;
        }
        self.unpack_moved()?;
        if let Some(file) = both_in_one(&self.store).map_err(told)? {
            let (from, to) = (from.to_owned(), to.to_owned());
            return Err(HistoryError::TwoNames { from, to, file });
        }
        let renamed = move_rows(&self.store).map_err(told)?;
        self.store.execute_batch("DROP TABLE moved").map_err(told)?;
        Ok(renamed)
    }

    /// Puts packed rows of either name into the tables, in force or not, where they can be moved one
    /// by one.
    fn unpack_moved(&self) -> Result<(), HistoryError> {
        let told = |error: rusqlite::Error| self.failure(&error);
        let mut blocks = Blocks::of_store(&self.store, &self.path).map_err(told)?;
        let mut table = Table::of_store(&self.store, &self.path).map_err(told)?;
        let mut is_moved =
            self.store.prepare("SELECT 1 FROM moved WHERE ?1 IN (old, new)").map_err(told)?;
        for (block, file) in blocks.all() {
            let mut rows: Vec<(Stored, bool)> = Vec::new();
            blocks.read_all(block, &mut |row, is_older| rows.push((*row, is_older)))?;
            let mut meets = false;
            let mut last = None;
            for row in rows
                .iter()
                .map(|(row, _)| row)
                .filter(|row| last.replace(row.known.identity) != Some(row.known.identity))
            {
                meets = meets || is_moved.exists([row.known.identity]).map_err(told)?;
            }
            if !meets {
                continue;
            }
            rows.iter()
                .try_for_each(|(row, is_older)| {
                    if *is_older { table.insert_older(file, row) } else { table.insert(file, row) }
                })
                .and_then(|()| blocks.drop_block(block))
                .map_err(told)?;
        }
        Ok(())
    }
}

/// Gives a label its later name, and what it identifies the identity of that name; notes which
/// identity's rows are to move.
fn point(store: &Connection, own: Named, level: Attribute, to: &str) -> rusqlite::Result<()> {
    let before = own.identity_digest();
    let sign = own.identity.signum();
    let mut row = own.row;
    row.attributes[level.index()] = Some(to.into());
    let later = Named { row, ..own };
    let after = later.identity_digest();
    let find = |digest: &[u8; 16]| -> rusqlite::Result<Option<i64>> {
        store
            .prepare_cached("SELECT id FROM identity WHERE digest = ?1")?
            .query_row([digest.as_slice()], |row| row.get(0))
            .optional()
    };
    let place = |digest: &[u8; 16], id: i64| -> rusqlite::Result<()> {
        // Rows come and go; seals do not follow what is changed in place.
        store.execute("DELETE FROM identity WHERE digest = ?1", [digest.as_slice()])?;
        store.execute(
            "INSERT INTO identity (digest, id) VALUES (?1, ?2)",
            params![digest.as_slice(), id],
        )?;
        Ok(())
    };
    let known = find(&after)?;
    let target = known.unwrap_or(later.identity.abs());
    if known.is_none() {
        place(&after, target)?;
    }
    place(&before, target)?;
    if later.identity.abs() != target {
        store.execute(
            "INSERT OR REPLACE INTO moved (old, new) VALUES (?1, ?2)",
            params![later.identity, sign * target],
        )?;
    }
    label::replace(store, &Named { identity: sign * target, ..later })
}

/// A file whose rows have both names for one period.
fn both_in_one(store: &Connection) -> rusqlite::Result<Option<String>> {
    for one in ["row", "older"] {
        for other in ["row", "older"] {
            let found = store
                .query_row(
                    &format!(
                        "SELECT file.name FROM {one} AS own JOIN moved ON moved.old = own.identity \
                         JOIN {other} AS other ON other.start = own.start AND other.identity = \
                         moved.new AND other.end = own.end AND other.file = own.file \
                         JOIN file ON file.id = own.file LIMIT 1"
                    ),
                    [],
                    |row| row.get(0),
                )
                .optional()?;
            if found.is_some() {
                return Ok(found);
            }
        }
    }
    Ok(None)
}

fn move_rows(store: &Connection) -> rusqlite::Result<Renamed> {
    let columns = table::columns();
    let as_new =
        |table: &str| format!("own.start, moved.new, own.end, own.nth, own.file, {}", of(table));
    let meets = "JOIN row AS other ON other.start = own.start AND other.identity = moved.new AND \
                 other.end = own.end AND other.nth = 0";
    // The newer file's rows stay in force.
    let lost = store.execute(
        &format!(
            "INSERT INTO older ({columns}) SELECT {} FROM row AS own JOIN moved ON moved.old = \
             own.identity {meets} WHERE other.file > own.file",
            as_new("own")
        ),
        [],
    )?;
    store.execute(
        &format!(
            "DELETE FROM row WHERE (start, identity, end, nth) IN (SELECT own.start, own.identity, \
             own.end, own.nth FROM row AS own JOIN moved ON moved.old = own.identity {meets} \
             WHERE other.file > own.file)"
        ),
        [],
    )?;
    let place = "(start, identity, end) IN (SELECT own.start, moved.new, own.end FROM row AS own \
                 JOIN moved ON moved.old = own.identity)";
    let won = store.execute(
        &format!("INSERT INTO older ({columns}) SELECT {columns} FROM row WHERE {place}"),
        [],
    )?;
    store.execute(&format!("DELETE FROM row WHERE {place}"), [])?;
    let mut moved = lost;
    for table in ["row", "older"] {
        let own = store.execute(
            &format!(
                "INSERT INTO {table} ({columns}) SELECT {} FROM {table} AS own JOIN moved ON \
                 moved.old = own.identity",
                as_new("own")
            ),
            [],
        )?;
        store.execute(
            &format!("DELETE FROM {table} WHERE identity IN (SELECT old FROM moved)"),
            [],
        )?;
        moved += if table == "row" { own } else { 0 };
    }
    Ok(Renamed { moved: moved as u64, set_aside: (lost + won) as u64 })
}

/// The values of a row, of one of several tables.
fn of(table: &str) -> String {
    VALUES.split(',').map(|own| format!("{table}.{}", own.trim())).collect::<Vec<_>>().join(", ")
}
