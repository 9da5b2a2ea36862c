//! Sums over rows, money added exactly.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write as _;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::grain::choose::Choice;
use super::grain::{settle, tree};
use super::rows::facts::{Fact, Facts, Source};
use crate::action::{Action, Counts};
use crate::history::day::Span;
use crate::history::error::HistoryError;
use crate::history::label;
use crate::history::label::family;
use crate::history::row::Row;
use crate::history::store::open::History;
use crate::history::store::packed::{Stored, censored_mask};
use crate::history::store::table::amount;
use crate::history::store::{blocks, seal};
use crate::units::Currency;

/// What a set of rows adds up to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Number of rows.
    pub rows: u64,
    /// Money, exactly as read. With several currencies in `currencies` it is no amount of any.
    #[serde(with = "rust_decimal::serde::str")]
    pub spend: Decimal,
    /// Money by currency code; without a code where exports do not say.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub currencies: BTreeMap<String, Decimal>,
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
        self.join(&sums.totals(row.currency));
    }

    /// The one known currency of the money; what does not say its currency is taken as that.
    /// Amounts of two currencies have no sum: then they are all given.
    ///
    /// # Errors
    ///
    /// The amount of each currency when there are several.
    pub fn currency(&self) -> Result<Option<Currency>, Vec<(Option<Currency>, Decimal)>> {
        let all = self.currencies.iter().map(|(code, spend)| (code.parse().ok(), *spend));
        let all: Vec<(Option<Currency>, Decimal)> = all.collect();
        let mut known = all.iter().filter_map(|(currency, _)| *currency);
        let first = known.next();
        if known.next().is_some() { Err(all) } else { Ok(first) }
    }

    /// Adds another sum.
    pub fn join(&mut self, other: &Self) {
        self.rows += other.rows;
        self.spend += other.spend;
        self.impressions += other.impressions;
        for (code, spend) in &other.currencies {
            *self.currencies.entry(code.clone()).or_default() += spend;
        }
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

    /// What has been added, all of it in one currency.
    pub(crate) fn totals(&self, currency: Option<Currency>) -> Totals {
        let counts = Action::ALL.into_iter().filter_map(|a| Some((a, self.actions.get(a)?)));
        let code = currency.map_or_else(String::new, |currency| currency.code().to_owned());
        Totals {
            rows: self.rows,
            spend: self.spend,
            currencies: BTreeMap::from([(code, self.spend)])
                .into_iter()
                .filter(|(_, spend)| !spend.is_zero())
                .collect(),
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
        let _one_moment = self.reading()?;
        if self.is_blank()? {
            return Ok(Totals::default());
        }
        self.hold(&seal::ROWS)?;
        of_store(&self.store, &self.path)
    }
}

/// Sums the rows in force, every amount once.
pub(crate) fn of_store(store: &Connection, path: &Path) -> Result<Totals, HistoryError> {
    if !grains_meet(store).map_err(|error| HistoryError::new(path, &error))? {
        let (totals, spans) = of_rows(store, path)?;
        if !windows_meet(spans) {
            return Ok(totals);
        }
    }
    // Rows may be views of the same money: two grains in one account, or windows that meet.
    Ok(counted_once(Source { store, path }.facts()?))
}

/// The stretches of the rows in the table.
fn spans(store: &Connection) -> rusqlite::Result<BTreeSet<Span>> {
    let mut statement = store.prepare("SELECT DISTINCT start, end FROM row")?;
    let spans = statement.query_map([], |row| Ok(Span { start: row.get(0)?, end: row.get(1)? }))?;
    spans.collect()
}

/// Whether one account is reported at two grains, or any post since its publication.
pub(crate) fn grains_meet(store: &Connection) -> rusqlite::Result<bool> {
    // Totals of one post may be of several exports, or its days beside them.
    let both = "SELECT 1 FROM label WHERE identity < 0 LIMIT 1";
    if store.prepare(both)?.exists([])? {
        return Ok(true);
    }
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
    let rows = facts.stored;
    let currency = |facts: &Facts, fact: &Fact| facts.label(fact).currency;
    let currencies: BTreeSet<Option<Currency>> =
        facts.rows.iter().map(|fact| currency(&facts, fact)).collect();
    let mut totals = Totals::default();
    let Facts { texts, labels, rows: all, .. } = facts;
    let mut facts = Facts { texts, labels, ..Facts::default() };
    for wanted in currencies {
        facts.rows = all.iter().filter(|fact| currency(&facts, fact) == wanted).copied().collect();
        let settled = settle::settle(&mut facts);
        let tree = tree::build(&facts, &settled);
        let mut choice = Choice::new(&facts, &settled, &tree, &[]);
        let mut sums = Sums::default();
        for piece in choice.pieces() {
            let measures = choice.measures(&piece);
            let (spend, shown) = (Some(measures.spend), measures.impressions);
            // What is known of a kind counts; a kind of which nothing is known is left out.
            let unknown = |kind: &Action| {
                measures.hides(*kind) && measures.actions.get(*kind).unwrap_or_default() == 0.0
            };
            let hidden: Vec<Action> = Action::ALL.into_iter().filter(unknown).collect();
            sums.add(spend, shown, &measures.actions, censored_mask(&hidden));
        }
        totals.join(&sums.totals(wanted));
    }
    Totals { rows, ..totals }
}

/// Sums all rows in force; with them the stretches of time that they tell of.
fn of_rows(store: &Connection, path: &Path) -> Result<(Totals, BTreeSet<Span>), HistoryError> {
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
    let currency_of = label::currencies(store).map_err(told)?;
    let currency = |label: i64| currency_of.get(&label).copied().flatten();
    let mut money: BTreeMap<Option<Currency>, Sums> = BTreeMap::new();
    let mut statement =
        store.prepare("SELECT spend, label FROM row WHERE spend IS NOT NULL").map_err(told)?;
    let mut rows = statement.query([]).map_err(told)?;
    while let Some(row) = rows.next().map_err(told)? {
        let label = row.get(1).map_err(told)?;
        let spend = amount(row, 0, path)?;
        money.entry(currency(label)).or_default().add(spend, None, &Counts::default(), 0);
    }
    for (currency, sums) in &money {
        totals.join(&Totals { rows: 0, ..sums.totals(*currency) });
    }
    let mut packed: BTreeMap<Option<Currency>, Sums> = BTreeMap::new();
    let (mut spans, mut last) = (spans(store).map_err(told)?, None);
    blocks::each(store, path, &mut |_, row| {
        if last != Some(row.span) {
            last = Some(row.span);
            spans.insert(row.span);
        }
        let numbers = row.numbers;
        packed.entry(currency(row.known.label)).or_default().add(
            row.spend,
            numbers.impressions(),
            &numbers.actions(),
            row.censored,
        );
    })?;
    for (currency, sums) in &packed {
        totals.join(&sums.totals(*currency));
    }
    Ok((totals, spans))
}

impl History {
    /// A digest of all rows in force, the same whatever order they were imported in.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the file cannot be read.
    pub fn fingerprint(&self) -> Result<String, HistoryError> {
        let mut sum = [0_u64; 4];
        let _one_moment = self.reading()?;
        if !self.is_blank()? {
            self.hold(&seal::ROWS)?;
            let told = |error: rusqlite::Error| self.failure(&error);
            let labels = label::digests(&self.store).map_err(told)?;
            self.add_rows(&mut sum, &labels).map_err(told)?;
            let mut cells = Vec::new();
            blocks::each(&self.store, &self.path, &mut |_, row| {
                if let Some(label) = labels.get(&row.known.label) {
                    add_packed(&mut sum, &mut cells, label, row);
                }
            })?;
            // What is learnt from a history depends on which of its weeks were designed.
            for week in self.designed()? {
                let mut digest = Sha256::new();
                digest.update(format!("designed\u{1f}{:?}\u{1f}{}", week.attributes, week.week));
                add_digest(&mut sum, digest);
            }
        }
        let [a, b, c, d] = sum;
        Ok(format!("{a:016x}{b:016x}{c:016x}{d:016x}"))
    }

    fn add_rows(
        &self,
        sum: &mut [u64; 4],
        labels: &HashMap<i64, [u8; 16]>,
    ) -> rusqlite::Result<()> {
        let kinds = Action::ALL.map(Action::column).join(", ");
        let mut statement = self.store.prepare(&format!(
            "SELECT label, start, end, nth, spend, impressions, reach, censored, {kinds} FROM row"
        ))?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let Some(label) = labels.get(&row.get(0)?) else { continue };
            let mut digest = begun(label);
            for column in 1..columns {
                digest.update(format!("{:?}\u{1f}", row.get_ref(column)?));
            }
            add_digest(sum, digest);
        }
        Ok(())
    }
}

/// The digest of a row, which begins with what the row stands for.
fn begun(label: &[u8; 16]) -> Sha256 {
    let mut digest = Sha256::new();
    digest.update(format!("{:?}\u{1f}", ValueRef::Blob(label)));
    digest
}

/// A packed row counts as the same row in the table does.
fn add_packed(sum: &mut [u64; 4], cells: &mut Vec<u8>, label: &[u8; 16], row: &Stored) {
    let mut digest = begun(label);
    let spend = row.spend.map(|spend| spend.to_string());
    let text = spend.as_deref().map_or(ValueRef::Null, |text| ValueRef::Text(text.as_bytes()));
    let number = |number: Option<f64>| number.map_or(ValueRef::Null, ValueRef::Real);
    let numbers = row.numbers;
    let whole = [i64::from(row.span.start), i64::from(row.span.end), row.nth];
    let before = whole.map(ValueRef::Integer).into_iter().chain([text]);
    let censored = ValueRef::Integer(row.censored.into());
    let shown = [number(numbers.impressions()), number(numbers.reach()), censored];
    cells.clear();
    for value in before.chain(shown).chain(numbers.actions().0.map(number)) {
        // Writing to memory cannot fail.
        let _ = write!(cells, "{value:?}\u{1f}");
    }
    digest.update(&*cells);
    add_digest(sum, digest);
}

/// Sums of digests do not depend on the order of rows.
fn add_digest(sum: &mut [u64; 4], digest: Sha256) {
    for (part, bytes) in sum.iter_mut().zip(digest.finalize().chunks_exact(8)) {
        let bytes = bytes.try_into().expect("chunks of eight bytes");
        *part = part.wrapping_add(u64::from_le_bytes(bytes));
    }
}
