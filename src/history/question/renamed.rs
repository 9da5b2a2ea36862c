//! What was probably renamed between two exports without ids: the same lines under two names.
//!
//! A name is all that identifies a line without an id, so that a campaign renamed between two exports
//! counts twice on the days that both hold. The sign of it is a line of one export that stands in
//! another export with the same days, the same money and the same impressions under a name that
//! differs in one place. Nothing is merged by that sign: two campaigns may be alike, and only the
//! person knows. [`History::rename`] settles it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

use crate::history::day::Span;
use crate::history::error::HistoryError;
use crate::history::label;
use crate::history::label::NAMES;
use crate::history::store::open::History;
use crate::history::store::seal;
use crate::history::store::table::amount;
use crate::segment::Attribute;
use crate::units::Currency;

/// Two names that are probably of one thing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Renaming {
    /// What is named: campaign, ad set or ad.
    pub level: Attribute,
    /// Its network, where one is named.
    pub network: Option<String>,
    /// The name in the earlier export.
    pub before: String,
    /// The name in the later one.
    pub now: String,
    /// Lines that stand under both names.
    pub rows: u64,
    /// Their money, which counts twice.
    #[serde(with = "rust_decimal::serde::str")]
    pub spend: Decimal,
    /// Currency of the money.
    pub currency: Option<Currency>,
    /// Only the newest rows were looked at: there may be more lines and money.
    pub at_least: bool,
}

/// The newest rows that are looked at, so that a small import into a large history stays quick.
const LOOKED_AT: usize = 250_000;

/// Rows of which every number is the same that are compared with each other; beyond it they tell
/// nothing.
const ALIKE: usize = 16;

/// Digits of money (in hundredths) and impressions that must agree in all: by chance alone they do
/// once in a million.
const TELLING: f64 = 6.0;

/// A line of fewer digits tells nothing: there are many of a cent and an impression.
const LEAST: f64 = 2.0;

/// A label without an id: all of it but its names, by number, and its names.
struct Nameable {
    kind: u32,
    network: Option<String>,
    currency: Option<Currency>,
    names: [Option<String>; 3],
}

/// What is the same in two lines of one thing: kind, period, money, impressions.
type Numbers = (u32, Span, Decimal, u64);

/// Labels and files of lines by what is the same in them.
type Alike = BTreeMap<Numbers, Vec<(i64, i64)>>;

/// Two names of one place among the other names.
type Pair = (usize, Option<String>, Option<Currency>, String, String);

impl History {
    /// What was probably renamed, where lines of one of the two names are in a file from this number on:
    /// with what [`crate::history::Import::first_file`] says, in this import; with 0, in any.
    ///
    /// # Errors
    ///
    /// [`HistoryError`] when the file cannot be read.
    pub fn likely_renamings(&self, first_file: i64) -> Result<Vec<Renaming>, HistoryError> {
        self.renamings_among(first_file, LOOKED_AT)
    }

    fn renamings_among(&self, first_file: i64, most: usize) -> Result<Vec<Renaming>, HistoryError> {
        let _one_moment = self.reading()?;
        if self.is_blank()? {
            return Ok(Vec::new());
        }
        self.hold(&seal::ROWS)?;
        if self.one_file().map_err(|error| self.failure(&error))? {
            return Ok(Vec::new());
        }
        let labels = self.nameable()?;
        if labels.len() < 2 {
            return Ok(Vec::new());
        }
        let (alike, seen) = self.alike(&labels, most)?;
        let mut found = renamings(&labels, &alike, first_file);
        if !found.is_empty() && self.rows_in_force()? > seen as u64 {
            for own in &mut found {
                own.at_least = true;
            }
        }
        Ok(found)
    }

    fn rows_in_force(&self) -> Result<u64, HistoryError> {
        let sql = "SELECT (SELECT count(*) FROM row) + (SELECT coalesce(sum(rows), 0) FROM block)";
        let rows = self.store.query_row(sql, [], |row| row.get::<_, i64>(0));
        rows.map(i64::unsigned_abs).map_err(|error| self.failure(&error))
    }

    /// Whether fewer than two files were ever stored: then nothing can have two names.
    fn one_file(&self) -> rusqlite::Result<bool> {
        let files: i64 = self.store.query_row("SELECT count(*) FROM file", [], |row| row.get(0))?;
        Ok(files < 2)
    }

    /// Labels that their names identify.
    fn nameable(&self) -> Result<HashMap<i64, Nameable>, HistoryError> {
        let told = |error: rusqlite::Error| self.failure(&error);
        let others: Vec<&str> = Attribute::ALL
            .into_iter()
            .filter(|own| !NAMES.contains(own) && *own != Attribute::Attribution)
            .map(Attribute::column)
            .collect();
        let conditions = (0..NAMES.len()).map(label::by_name).collect::<Vec<_>>().join(" OR ");
        let mut statement = self
            .store
            .prepare(&format!(
                "SELECT id, network, currency, campaign, ad_set, ad, campaign_id, ad_set_id, level, \
                 breakdowns, identity < 0, {} FROM label WHERE {conditions} ORDER BY id",
                others.join(", ")
            ))
            .map_err(told)?;
        let columns = statement.column_count();
        let mut kinds: HashMap<String, u32> = HashMap::new();
        let mut labels = HashMap::new();
        let mut rows = statement.query([]).map_err(told)?;
        while let Some(row) = rows.next().map_err(told)? {
            let mut kind = String::new();
            for column in 6..columns {
                use std::fmt::Write as _;
                // Writing to a string cannot fail.
                let _ = write!(kind, "{:?}\u{1f}", row.get_ref(column).map_err(told)?);
            }
            let next = kinds.len() as u32;
            let kind = *kinds.entry(kind).or_insert(next);
            let text = |at: usize| row.get::<_, Option<String>>(at).map_err(told);
            let id: i64 = row.get(0).map_err(told)?;
            let code = text(2)?;
            let label = Nameable {
                kind,
                network: text(1)?,
                currency: code.and_then(|code| code.parse().ok()),
                names: [text(3)?, text(4)?, text(5)?],
            };
            labels.insert(id, label);
        }
        Ok(labels)
    }

    /// Labels and files of rows whose numbers are the same, and how many rows were looked at.
    fn alike(
        &self,
        labels: &HashMap<i64, Nameable>,
        most: usize,
    ) -> Result<(Alike, usize), HistoryError> {
        let told = |error: rusqlite::Error| self.failure(&error);
        let mut found = Alike::new();
        let mut see = |label: i64, file: i64, span: Span, spend: Option<Decimal>, shown: f64| {
            let Some(own) = labels.get(&label) else { return };
            let tells = |spend: &Decimal| digits(*spend, shown) >= LEAST;
            let Some(spend) = spend.filter(tells) else {
                return;
            };
            let key = (own.kind, span, spend.normalize(), shown.to_bits());
            let rows = found.entry(key).or_default();
            if rows.len() <= ALIKE {
                rows.push((label, file));
            }
        };
        let mut statement = self
            .store
            .prepare(
                "SELECT label, file, start, end, impressions, spend FROM row ORDER BY start DESC, \
                 identity, end, nth LIMIT ?1",
            )
            .map_err(told)?;
        let mut rows = statement.query([most as i64]).map_err(told)?;
        let mut seen = 0;
        while let Some(row) = rows.next().map_err(told)? {
            seen += 1;
            let of = |at: usize| row.get::<_, i64>(at).map_err(told);
            let span = Span { start: row.get(2).map_err(told)?, end: row.get(3).map_err(told)? };
            let shown: Option<f64> = row.get(4).map_err(told)?;
            let spend = amount(row, 5, &self.path)?;
            see(of(0)?, of(1)?, span, spend, shown.unwrap_or_default());
        }
        seen += self.newest_blocks(most.saturating_sub(seen), &mut |file, row| {
            let shown = row.numbers.impressions().unwrap_or_default();
            see(row.known.label, file, row.span, row.spend, shown);
        })?;
        found.retain(|_, rows| (2..=ALIKE).contains(&rows.len()));
        Ok((found, seen))
    }

    /// Visits packed rows block by block, those of the latest days first, until so many were seen;
    /// gives how many.
    fn newest_blocks(
        &self,
        most: usize,
        visit: &mut dyn FnMut(i64, &crate::history::store::packed::Stored),
    ) -> Result<usize, HistoryError> {
        let told = |error: rusqlite::Error| self.failure(&error);
        let mut statement = self
            .store
            .prepare("SELECT id, file FROM block WHERE rows > 0 ORDER BY last_day DESC, id")
            .map_err(told)?;
        let blocks = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(told)?;
        let blocks: Vec<(i64, i64)> = blocks.collect::<Result<_, _>>().map_err(told)?;
        let all = crate::history::store::blocks::Blocks::of_store(&self.store, &self.path);
        let all = all.map_err(told)?;
        let mut seen = 0;
        for (block, file) in blocks {
            if seen >= most {
                break;
            }
            all.read(block, &mut |row| {
                seen += 1;
                visit(file, row);
            })?;
        }
        Ok(seen)
    }
}

/// What is known of two names.
#[derive(Default)]
struct Signs {
    rows: u64,
    spend: Decimal,
    digits: f64,
    is_new: bool,
}

fn renamings(labels: &HashMap<i64, Nameable>, alike: &Alike, first_file: i64) -> Vec<Renaming> {
    let mut pairs: BTreeMap<Pair, Signs> = BTreeMap::new();
    let mut together: BTreeSet<Pair> = BTreeSet::new();
    for ((_, _, spend, shown), rows) in alike {
        for (at, (one, earlier)) in rows.iter().enumerate() {
            for (other, later) in &rows[at + 1..] {
                let (first, second, is_one) = match earlier.cmp(later) {
                    std::cmp::Ordering::Greater => (&labels[other], &labels[one], false),
                    order => (&labels[one], &labels[other], order.is_eq()),
                };
                let Some(step) = only_difference(first, second) else { continue };
                let pair = pair(step, first, second);
                if is_one {
                    // One export has both: two things that are alike.
                    together.insert(swapped(&pair));
                    together.insert(pair);
                    continue;
                }
                let signs = pairs.entry(pair).or_default();
                signs.rows += 1;
                signs.spend += spend;
                signs.digits += digits(*spend, f64::from_bits(*shown));
                signs.is_new |= *earlier.max(later) >= first_file;
            }
        }
    }
    let is_told = |pair: &Pair, signs: &Signs| {
        signs.is_new && signs.digits >= TELLING && !together.contains(pair)
    };
    let told = pairs.into_iter().filter(|(pair, signs)| is_told(pair, signs));
    let told = told.map(|((step, network, currency, before, now), signs)| Renaming {
        level: NAMES[step],
        network,
        before,
        now,
        rows: signs.rows,
        spend: signs.spend,
        currency,
        at_least: false,
    });
    told.collect()
}

/// How many digits two lines agree in when their money and impressions are these.
fn digits(spend: Decimal, shown: f64) -> f64 {
    (100.0 * spend.to_f64().unwrap_or_default() * shown).max(1.0).log10()
}

/// The one level at which two labels have different names, both of them with one.
fn only_difference(one: &Nameable, other: &Nameable) -> Option<usize> {
    let mut differ = (0..NAMES.len()).filter(|step| one.names[*step] != other.names[*step]);
    let step = differ.next()?;
    let both = one.names[step].is_some() && other.names[step].is_some();
    // The same numbers of two currencies are two amounts.
    let apart = one.currency.zip(other.currency).is_some_and(|(one, other)| one != other);
    (both && !apart && differ.next().is_none()).then_some(step)
}

fn pair(step: usize, first: &Nameable, second: &Nameable) -> Pair {
    let name = |own: &Nameable| own.names[step].clone().unwrap_or_default();
    let currency = second.currency.or(first.currency);
    (step, second.network.clone(), currency, name(first), name(second))
}

fn swapped((step, network, currency, one, other): &Pair) -> Pair {
    (*step, network.clone(), *currency, other.clone(), one.clone())
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::Renaming;
    use crate::action::Action;
    use crate::history::row::{Level, Row};
    use crate::history::tests::{NET, history, import, import_packed, row, split};
    use crate::history::{HistoryError, Renamed};
    use crate::segment::Attribute::{Ad, AdSet, Campaign, Network};

    /// Days of two ad sets of a campaign, from one day on.
    fn days(campaign: &str, days: std::ops::Range<i64>) -> Vec<Row> {
        let day = |n: i64| {
            ["S", "T"].map(|set| {
                let names = [NET, (Campaign, campaign), (AdSet, set)];
                let mut row = row(Level::AdSet, &names, (n, n), &format!("{}.5", 10 + n));
                row.impressions = Some(1_000.0 + n as f64 + set.len() as f64);
                row.actions.set(Action::Shares, Some(n as f64));
                row
            })
        };
        days.flat_map(day).collect()
    }

    fn names(found: &[Renaming]) -> Vec<(&str, &str, u64)> {
        found.iter().map(|own| (own.before.as_str(), own.now.as_str(), own.rows)).collect()
    }

    #[test]
    fn a_campaign_renamed_between_two_exports_is_told_and_settled_in_one_step() {
        for is_packed in [false, true] {
            let (_folder, mut history) = history();
            let add = if is_packed { import_packed } else { import };
            add(&mut history, "a", &days("Salon", 0..4));
            add(&mut history, "b", &days("Salon v2", 1..6));
            let found = history.likely_renamings(0).unwrap();
            // Two ad sets of equal numbers stand in one export each: four pairs of a day, one name.
            assert_eq!(names(&found), [("Salon", "Salon v2", 6)]);
            assert_eq!((found[0].level, found[0].spend), (Campaign, Decimal::from(75)));
            let both = history.totals().unwrap().spend;
            let renamed = history.rename(Campaign, "Salon", "Salon v2", None).unwrap();
            assert_eq!(renamed, Renamed { moved: 8, set_aside: 6, restored: 0 });
            assert_eq!(history.likely_renamings(0).unwrap(), []);
            let once = both - Decimal::from(75);
            assert_eq!(history.totals().unwrap().spend, once);
            let panel = history.panel(&split(&[Network, Campaign])).unwrap();
            assert_eq!(panel.spend, once);
            let segments: Vec<&str> =
                panel.panel.segments.iter().map(|own| own.id.as_str()).collect();
            assert_eq!(segments, ["linkedin · Salon v2"]);
            // The earlier name, exported once more, is the same thing still.
            let again = import(&mut history, "c", &days("Salon", 0..6));
            assert_eq!((again.imported, again.replaced + again.duplicate), (0, 12));
            assert_eq!(history.totals().unwrap().spend, once);
            let panel = history.panel(&split(&[Network, Campaign])).unwrap().panel;
            assert_eq!(panel.segments.len(), 1);
            // Imports are taken back as ever.
            history.undo(3).unwrap();
            history.undo(2).unwrap();
            let left: Decimal = days("Salon", 0..4).iter().filter_map(|row| row.spend).sum();
            assert_eq!(history.totals().unwrap().spend, left);
        }
    }

    #[test]
    fn a_sum_of_the_newest_rows_alone_is_told_as_the_least_that_it_is() {
        for add in [import, import_packed] {
            let (_folder, mut history) = history();
            add(&mut history, "a", &days("Salon", 0..9));
            add(&mut history, "b", &days("Salon v2", 0..9));
            let told = |most| {
                let found = history.renamings_among(0, most).unwrap();
                (found[0].rows, found[0].at_least)
            };
            assert_eq!(told(36), (18, false));
            let (rows, at_least) = told(24);
            assert!(rows < 18 && at_least, "{rows}");
        }
    }

    #[test]
    fn two_campaigns_alike_in_one_export_are_two() {
        let (_folder, mut history) = history();
        let mut both = days("A", 0..3);
        both.extend(days("B", 0..3));
        import(&mut history, "a", &both);
        import(&mut history, "b", &days("C", 5..8));
        assert_eq!(history.likely_renamings(0).unwrap(), []);
        let error = history.rename(Campaign, "A", "B", None).unwrap_err();
        assert!(matches!(error, HistoryError::TwoNames { file, .. } if file == "a"));
        let later = days("C", 5..8);
        let all: Decimal = both.iter().chain(&later).filter_map(|row| row.spend).sum();
        assert_eq!(history.totals().unwrap().spend, all);
        let error = history.rename(Campaign, "Salon", "B", None).unwrap_err();
        assert!(matches!(error, HistoryError::NoSuchName { nearest, .. } if nearest.len() == 3));
        // Refused renames leave the history as it was, for whoever asks next.
        assert!(history.rename(Campaign, "C", "B", None).is_ok());
    }

    #[test]
    fn what_has_an_id_or_other_numbers_is_no_renaming() {
        let (_folder, mut history) = history();
        let ad = |name: &str, id: Option<&str>, spend: &str| {
            let mut row = row(Level::Ad, &[NET, (Campaign, "C"), (Ad, name)], (0, 0), spend);
            row.ids[2] = id.map(Into::into);
            row.impressions = Some(5_000.0);
            row
        };
        import(&mut history, "a", &[ad("one", Some("1"), "10"), ad("two", None, "7")]);
        import(&mut history, "b", &[ad("uno", Some("1"), "10"), ad("due", None, "7.01")]);
        assert_eq!(history.likely_renamings(0).unwrap(), []);
        import(&mut history, "c", &[ad("tre", None, "7.01")]);
        assert_eq!(names(&history.likely_renamings(0).unwrap()), [("due", "tre", 1)]);
        let mut dollars = ad("dollar", None, "7.01");
        dollars.currency = "USD".parse().ok();
        import(&mut history, "d", &[dollars]);
        assert_eq!(names(&history.likely_renamings(0).unwrap()), [("due", "tre", 1)]);
        history.rename(Ad, "due", "tre", None).unwrap();
        assert_eq!(history.likely_renamings(0).unwrap(), []);
    }
}
