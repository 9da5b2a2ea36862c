//! Sums over rows, money added exactly.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::Connection;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::History;
use super::day::Span;
use super::error::HistoryError;
use super::facts::{Fact, Facts, Source};
use super::grain::choose::Choice;
use super::grain::{settle, tree};
use super::import::censored_mask;
use super::label::family;
use super::row::Row;
use crate::action::{Action, Counts};
use crate::units::Currency;

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
        let mut sums = Sums::default();
        sums.add(row.spend, row.impressions, &row.actions, censored_mask(&row.censored));
        self.join(&sums.totals());
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

/// The same sums while rows come by the million.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Sums {
    pub(crate) rows: u64,
    spend: Decimal,
    impressions: f64,
    actions: Counts,
}

impl Sums {
    pub(crate) fn add(
        &mut self,
        spend: Option<Decimal>,
        impressions: Option<f64>,
        actions: &Counts,
        censored: u16,
    ) {
        self.rows += 1;
        self.spend += spend.unwrap_or_default();
        self.impressions += impressions.unwrap_or_default();
        for (i, (sum, count)) in self.actions.0.iter_mut().zip(actions.0).enumerate() {
            if let Some(count) = count
                && censored >> i & 1 == 0
            {
                *sum = Some(sum.unwrap_or_default() + count);
            }
        }
    }

    pub(crate) fn totals(&self) -> Totals {
        let counts = Action::ALL.into_iter().filter_map(|a| Some((a, self.actions.get(a)?)));
        Totals {
            rows: self.rows,
            spend: self.spend,
            impressions: self.impressions,
            actions: counts.collect(),
        }
    }
}

impl History {
    /// What the rows in force add up to, as the panel counts it: where exports overlap, every
    /// amount once. The number of rows is that of all rows.
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

/// Sums the rows in force, every amount once.
pub(crate) fn of_store(store: &Connection, path: &Path) -> Result<Totals, HistoryError> {
    let told = |error: rusqlite::Error| HistoryError::new(path, &error);
    if may_overlap(store).map_err(told)? {
        return Ok(counted_once(Source { store, path }.facts()?));
    }
    of_rows(store, path)
}

/// Whether rows may be views of the same money: two grains in one account, or windows that meet.
/// `true` costs time and changes no sum that is right already.
fn may_overlap(store: &Connection) -> rusqlite::Result<bool> {
    Ok(grains_meet(store)? || {
        let mut statement = store.prepare("SELECT DISTINCT start, end FROM row ORDER BY 1, 2")?;
        let spans =
            statement.query_map([], |row| Ok(Span { start: row.get(0)?, end: row.get(1)? }))?;
        windows_meet(spans.collect::<rusqlite::Result<Vec<_>>>()?)
    })
}

/// Whether one account is reported at two grains.
pub(crate) fn grains_meet(store: &Connection) -> rusqlite::Result<bool> {
    let mut statement = store.prepare(
        "SELECT DISTINCT coalesce(network, ''), level, breakdowns, CASE level WHEN 1 THEN \
         campaign_id IS NULL WHEN 2 THEN ad_set_id IS NULL WHEN 3 THEN ad_id IS NULL ELSE 0 END \
         FROM label",
    )?;
    let mut grain_of: BTreeMap<String, (i64, i64, i64)> = BTreeMap::new();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let network: String = row.get(0)?;
        let grain = (row.get(1)?, row.get(2)?, row.get(3)?);
        let first = grain_of.entry(family(&network).to_owned()).or_insert(grain);
        if *first != grain {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether any two of these sorted stretches share a day; undated rows may share any.
pub(crate) fn windows_meet(spans: impl IntoIterator<Item = Span>) -> bool {
    let mut last: Option<Span> = None;
    spans.into_iter().any(|span| {
        let meets = last.is_some_and(|last| !last.is_dated() || span.start <= last.end);
        last = Some(Span { end: last.map_or(span.end, |last| last.end.max(span.end)), ..span });
        meets
    })
}

/// The sum over one grain per knot and stretch of time, by currency.
fn counted_once(facts: Facts) -> Totals {
    let rows = facts.rows.len() as u64;
    let currency = |facts: &Facts, fact: &Fact| facts.label(fact).currency;
    let currencies: BTreeSet<Option<Currency>> =
        facts.rows.iter().map(|fact| currency(&facts, fact)).collect();
    let mut sums = Sums::default();
    let Facts { texts, labels, rows: all } = facts;
    let mut facts = Facts { texts, labels, rows: Vec::new() };
    for wanted in currencies {
        facts.rows = all.iter().filter(|fact| currency(&facts, fact) == wanted).copied().collect();
        let settled = settle::settle(&mut facts);
        let tree = tree::build(&facts, &settled);
        let mut choice = Choice::new(&facts, &settled, &tree, &[]);
        for piece in choice.pieces() {
            let measures = choice.measures(&piece);
            let (spend, shown) = (Some(measures.spend), measures.impressions);
            sums.add(spend, shown, &measures.actions, measures.censored);
        }
    }
    Totals { rows, ..sums.totals() }
}

/// Sums all rows in force.
fn of_rows(store: &Connection, path: &Path) -> Result<Totals, HistoryError> {
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
