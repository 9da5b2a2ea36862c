//! Sums over rows, money added exactly.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::History;
use super::error::HistoryError;
use super::row::Row;
use crate::action::Action;

/// What a set of rows adds up to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Number of rows.
    pub rows: u64,
    /// Money, exactly as read.
    #[serde(with = "rust_decimal::serde::str")]
    pub spend: Decimal,
    /// Impressions.
    pub impressions: f64,
    /// Actions by kind; suppressed counts are left out.
    pub actions: BTreeMap<Action, f64>,
}

impl Totals {
    /// Adds one row.
    pub fn add(&mut self, row: &Row) {
        self.rows += 1;
        self.spend += row.spend.unwrap_or_default();
        self.impressions += row.impressions.unwrap_or_default();
        for action in Action::ALL {
            if let Some(count) = row.actions.get(action)
                && !row.censored.contains(&action)
            {
                *self.actions.entry(action).or_default() += count;
            }
        }
    }

    /// Adds another sum.
    pub fn join(&mut self, other: &Self) {
        self.rows += other.rows;
        self.spend += other.spend;
        self.impressions += other.impressions;
        for (action, count) in &other.actions {
            *self.actions.entry(*action).or_default() += count;
        }
    }
}

impl History {
    /// What all rows in force add up to. Rows of overlapping exports are all in it; the panel
    /// counts their money once.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the file cannot be read.
    pub fn totals(&self) -> Result<Totals, HistoryError> {
        if self.is_blank()? {
            return Ok(Totals::default());
        }
        of_store(&self.store, &self.path)
    }
}

/// Sums the rows in force.
pub(crate) fn of_store(store: &Connection, path: &Path) -> Result<Totals, HistoryError> {
    let told = |error: rusqlite::Error| HistoryError::new(path, &error);
    let kinds = Action::ALL
        .map(|action| {
            format!(
                "sum({0}) FILTER (WHERE censored >> {1} & 1 = 0)",
                action.column(),
                action.index()
            )
        })
        .join(", ");
    let mut totals = store
        .query_row(&format!("SELECT count(*), total(impressions), {kinds} FROM row"), [], |row| {
            let mut totals = Totals {
                rows: row.get::<_, i64>(0)?.unsigned_abs(),
                impressions: row.get(1)?,
                ..Totals::default()
            };
            for action in Action::ALL {
                if let Some(count) = row.get(2 + action.index())? {
                    totals.actions.insert(action, count);
                }
            }
            Ok(totals)
        })
        .map_err(told)?;
    let mut statement =
        store.prepare("SELECT spend FROM row WHERE spend IS NOT NULL").map_err(told)?;
    let mut rows = statement.query([]).map_err(told)?;
    while let Some(row) = rows.next().map_err(told)? {
        totals.spend += amount(row, 0, path)?.unwrap_or_default();
    }
    Ok(totals)
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

impl History {
    /// A digest of all rows in force, the same whatever order they were imported in.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the file cannot be read.
    pub fn fingerprint(&self) -> Result<String, HistoryError> {
        let mut sum = [0_u64; 4];
        if !self.is_blank()? {
            self.add_digests(&mut sum).map_err(|error| self.told(&error))?;
        }
        let [a, b, c, d] = sum;
        Ok(format!("{a:016x}{b:016x}{c:016x}{d:016x}"))
    }

    fn add_digests(&self, sum: &mut [u64; 4]) -> rusqlite::Result<()> {
        let kinds = Action::ALL.map(Action::column).join(", ");
        let mut statement = self.store.prepare(&format!(
            "SELECT digest, start, end, nth, spend, impressions, reach, censored, {kinds} \
             FROM row JOIN label ON label.id = row.label"
        ))?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let mut digest = Sha256::new();
            for column in 0..columns {
                digest.update(format!("{:?}\u{1f}", row.get_ref(column)?));
            }
            // Sums of digests do not depend on the order of rows.
            for (part, bytes) in sum.iter_mut().zip(digest.finalize().chunks_exact(8)) {
                let bytes = bytes.try_into().expect("chunks of eight bytes");
                *part = part.wrapping_add(u64::from_le_bytes(bytes));
            }
        }
        Ok(())
    }
}
