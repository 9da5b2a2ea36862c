//! Rows one by one: the tables `row` and `older`.

use std::fmt::Write;
use std::path::Path;

use rusqlite::{Connection, Statement, params};
use rust_decimal::Decimal;

use super::packed::{NUMBERS, Numbers, Place, Stored};
use super::schema::VALUES;
use crate::history::day::Span;
use crate::history::error::HistoryError;
use crate::history::label::Known;

/// A place in a statement.
const AT: &str = "start = ?1 AND identity = ?2 AND end = ?3";

/// The rows in force of a place, and the files that they are of.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    store: &'a Connection,
    path: &'a Path,
    insert: Insert<'a>,
    insert_older: Insert<'a>,
}

impl<'a> Table<'a> {
    pub(crate) fn of_store(store: &'a Connection, path: &'a Path) -> rusqlite::Result<Self> {
        let (insert, insert_older) = (Insert::new(store, "row")?, Insert::new(store, "older")?);
        Ok(Self { store, path, insert, insert_older })
    }

    /// Stores a row of a file in force.
    pub(crate) fn insert(&mut self, file: i64, row: &Stored) -> rusqlite::Result<()> {
        self.insert.row(file, row)
    }

    /// Stores a row of a file out of force.
    pub(crate) fn insert_older(&mut self, file: i64, row: &Stored) -> rusqlite::Result<()> {
        self.insert_older.row(file, row)
    }

    /// Whether any row in force begins on these days.
    pub(crate) fn any_between(&self, first: i32, last: i32) -> rusqlite::Result<bool> {
        any_between(self.store, "row", first, last)
    }

    pub(crate) fn has(&self, (start, identity, end): Place) -> rusqlite::Result<bool> {
        let mut any =
            self.store.prepare_cached(&format!("SELECT 1 FROM row WHERE {AT} LIMIT 1"))?;
        any.exists(params![start, identity, end])
    }

    /// Visits the rows in force of a place with their files.
    pub(crate) fn at(
        &self,
        place: Place,
        visit: &mut dyn FnMut(i64, &Stored),
    ) -> Result<(), HistoryError> {
        self.visit(&format!("SELECT {} FROM row WHERE {AT}", columns()), place, visit)
    }

    /// Visits the newest rows out of force of a place with their file.
    pub(crate) fn behind(
        &self,
        place: Place,
        visit: &mut dyn FnMut(i64, &Stored),
    ) -> Result<(), HistoryError> {
        let newest = format!("file = (SELECT max(file) FROM older WHERE {AT})");
        let sql = format!("SELECT {} FROM older WHERE {AT} AND {newest}", columns());
        self.visit(&sql, place, visit)
    }

    fn visit(
        &self,
        sql: &str,
        place: Place,
        visit: &mut dyn FnMut(i64, &Stored),
    ) -> Result<(), HistoryError> {
        let told = |error: rusqlite::Error| HistoryError::new(self.path, &error);
        let mut statement = self.store.prepare_cached(sql).map_err(told)?;
        let mut rows = statement.query(params![place.0, place.1, place.2]).map_err(told)?;
        while let Some(row) = rows.next().map_err(told)? {
            let (file, found) = stored(row, self.path)?;
            visit(file, &found);
        }
        Ok(())
    }

    /// Removes all rows in force of a place.
    pub(crate) fn remove(&self, (start, identity, end): Place) -> rusqlite::Result<()> {
        self.store
            .prepare_cached(&format!("DELETE FROM row WHERE {AT}"))?
            .execute(params![start, identity, end])?;
        Ok(())
    }
}

/// Whether any row of `row` or `older` begins on these days.
pub(crate) fn any_between(
    store: &Connection,
    table: &str,
    first: i32,
    last: i32,
) -> rusqlite::Result<bool> {
    let sql = format!("SELECT 1 FROM {table} WHERE start BETWEEN ?1 AND ?2 LIMIT 1");
    store.prepare_cached(&sql)?.exists([first, last])
}

/// The newest file of which rows of a place are out of force in the table; 0 for none.
pub(crate) fn newest_behind(
    store: &Connection,
    (start, identity, end): Place,
) -> rusqlite::Result<i64> {
    store
        .prepare_cached(&format!("SELECT coalesce(max(file), 0) FROM older WHERE {AT}"))?
        .query_row(params![start, identity, end], |row| row.get(0))
}

/// Brings rows of a file and place in force again; gives how many there were.
pub(crate) fn restore(
    store: &Connection,
    (start, identity, end): Place,
    file: i64,
) -> rusqlite::Result<u64> {
    let columns = columns();
    let own = format!("WHERE {AT} AND file = ?4");
    let restored = store
        .prepare_cached(&format!("INSERT INTO row ({columns}) SELECT {columns} FROM older {own}"))?
        .execute(params![start, identity, end, file])?;
    store
        .prepare_cached(&format!("DELETE FROM older {own}"))?
        .execute(params![start, identity, end, file])?;
    Ok(restored as u64)
}

/// An amount as it was stored.
pub(crate) fn amount(
    row: &rusqlite::Row<'_>,
    column: usize,
    path: &Path,
) -> Result<Option<Decimal>, HistoryError> {
    let damaged = |detail: String| HistoryError::damaged(path, detail);
    let text = row.get_ref(column).map_err(|error| HistoryError::new(path, &error))?;
    let Some(text) = text.as_str_or_null().map_err(|error| damaged(error.to_string()))? else {
        return Ok(None);
    };
    Decimal::from_str_exact(text).map(Some).map_err(|_| damaged(format!("spend `{text}`")))
}

/// The columns of `row` and `older`, as [`stored`] reads them.
pub(crate) fn columns() -> String {
    format!("start, identity, end, nth, file, {VALUES}")
}

/// A row of [`columns`], and its file.
pub(crate) fn stored(row: &rusqlite::Row<'_>, path: &Path) -> Result<(i64, Stored), HistoryError> {
    let spend = amount(row, 7, path)?;
    let read = || -> rusqlite::Result<(i64, Stored)> {
        let mut numbers = Numbers::default();
        for i in 0..NUMBERS {
            numbers.set(i, row.get(8 + i)?);
        }
        let stored = Stored {
            span: Span { start: row.get(0)?, end: row.get(2)? },
            known: Known { label: row.get(6)?, identity: row.get(1)? },
            nth: row.get(3)?,
            line: row.get::<_, i64>(5)?.cast_unsigned(),
            spend,
            numbers,
            censored: row.get(8 + NUMBERS)?,
        };
        Ok((row.get(4)?, stored))
    };
    read().map_err(|error| HistoryError::new(path, &error))
}

/// A statement that stores a row. Parameters keep their values from row to row, so only what
/// changes is bound: most counts of most exports are never there.
#[derive(Debug)]
struct Insert<'a> {
    statement: Statement<'a>,
    /// Numbers that are bound, bit `i` for number `i`.
    bound: u32,
    spend: String,
}

impl<'a> Insert<'a> {
    fn new(store: &'a Connection, table: &str) -> rusqlite::Result<Self> {
        let sql = format!(
            "INSERT INTO {table} ({}) VALUES \
             (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, \
             ?19, ?20, ?21)",
            columns()
        );
        Ok(Self { statement: store.prepare(&sql)?, bound: 0, spend: String::new() })
    }

    fn row(&mut self, file: i64, row: &Stored) -> rusqlite::Result<()> {
        let statement = &mut self.statement;
        statement.raw_bind_parameter(1, row.span.start)?;
        statement.raw_bind_parameter(2, row.known.identity)?;
        statement.raw_bind_parameter(3, row.span.end)?;
        statement.raw_bind_parameter(4, row.nth)?;
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
        statement.raw_execute()?;
        Ok(())
    }
}
