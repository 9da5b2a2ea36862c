//! A first campaign out of what a history holds, each choice with its reason.
//!
//! [`draft`] asks the history, in this order: whose money it is (currency, attribution window), what
//! was bought one by one ([`ways`]), when ([`draft`]: the flight begins on the first Monday after the
//! later of today and the last day known), and how much (as in the last weeks). [`write`] puts it into
//! a campaign file that people can read and change. A history that cannot carry a plan is refused
//! with what it lacks and which export has it.

mod error;
mod ways;
mod write;

use std::path::{Path, PathBuf};

use jiff::civil::Date;

pub use self::error::DraftError;
pub use self::ways::{Bought, Way};

use crate::action::{Action, Counts};
use crate::files;
use crate::history::{History, HistoryError, PanelOptions};
use crate::panel::{Panel, PanelNote, Period};
use crate::rules::Tables;
use crate::segment::ToldApart;
use crate::units::{Currency, Week, days_between};

/// Weeks of a first flight.
const FLIGHT_WEEKS: i32 = 4;
/// The budget is like that of so many last days.
const LAST_DAYS: i32 = 56;
/// One report of more days than this, and nothing else, says nothing of weeks.
const LONG: u32 = 92;

/// What a campaign is proposed from, and proposed to be.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The history, as the campaign file names it.
    pub history: PathBuf,
    /// First and last day known.
    pub span: Period,
    /// Lines in force.
    pub lines: u64,
    /// Of the money; `None` where no export names one.
    pub currency: Option<Currency>,
    /// Currencies whose lines are left out.
    pub other_currencies: Vec<Currency>,
    /// The window under which the actions were counted that are learnt from, where there are several;
    /// the others.
    pub window: Option<(String, Vec<String>)>,
    /// First and last day of the flight.
    pub flight: Period,
    /// The later of today and the last day known is today.
    pub from_today: bool,
    /// Money of a week, over the last weeks of the history; how many days those are.
    pub weekly: f64,
    /// Days of history that it is taken from.
    pub weekly_days: u32,
    /// Budget of the flight, in whole units.
    pub budget: f64,
    /// How audiences are told apart.
    pub way: Way,
    /// Other ways, in the order of preference.
    pub others: Vec<Way>,
    /// Active kinds of action that are reported.
    pub actions: Vec<Action>,
    /// The least that some network accepts of an ad set over the flight; `None` where none is known
    /// in this currency.
    pub minimum: Option<f64>,
}

/// Proposes a campaign from a history, `today` being the day it is asked; the campaign file will lie
/// at `file`.
///
/// # Errors
///
/// [`DraftError`] says why this history cannot carry a plan, and what to export instead.
pub fn draft(
    history: &History,
    path: &Path,
    file: &Path,
    tables: &Tables,
    today: Date,
) -> Result<Draft, DraftError> {
    let (options, others, known) = one_currency(history)?;
    let (options, window) = one_window(history, options)?;
    let totals = history.totals()?;
    // Nothing is asked twice of a history of one currency and one window.
    let known = match known.filter(|_| window.is_none()) {
        Some(known) => known,
        None => history.ways(&options)?,
    };
    let (way, panel, other_ways) = ways::choose(history, &options, &known)?;
    let span = panel.span().ok_or(DraftError::NoDates)?;
    let dated: Vec<Period> =
        panel.cells.iter().filter(|cell| cell.spend > 0.0).filter_map(|cell| cell.period).collect();
    if dated.iter().all(|period| period.days() > LONG) {
        return Err(DraftError::OneReport { span });
    }
    let mut reported = Counts::default();
    panel.actions.iter().for_each(|kind| reported.set(*kind, Some(1.0)));
    let actions = reported.active_kinds();
    if actions.is_empty() {
        return Err(DraftError::NoActions);
    }
    if way.audiences.len() < 2 {
        return Err(DraftError::OneAudience {
            named: way.audiences.first().map(|own| own.name.clone()),
        });
    }
    let from_today = today > span.end;
    let flight = flight(today.max(span.end));
    let (weekly, weekly_days) = weekly(&panel, span);
    let budget = round(weekly * f64::from(FLIGHT_WEEKS));
    let minimum = minimum(&panel, tables, flight);
    Ok(Draft {
        history: beside(path, file),
        span,
        lines: totals.rows,
        currency: panel.currency,
        other_currencies: others,
        window,
        flight,
        from_today,
        weekly,
        weekly_days,
        budget,
        way,
        others: other_ways,
        actions,
        minimum,
    })
}

/// What is asked of the history, the currencies left out, and the ways that the question for them
/// has found already.
type Asked = (PanelOptions, Vec<Currency>, Option<Vec<ToldApart>>);

/// The currency with the most lines, where there are several, and the others.
fn one_currency(history: &History) -> Result<Asked, DraftError> {
    let options = PanelOptions::default();
    let found = match history.ways(&options) {
        Err(HistoryError::Currencies { found }) => found,
        Err(error) => return Err(error.into()),
        Ok(known) => return Ok((options, Vec::new(), Some(known))),
    };
    let mut counted = Vec::new();
    for currency in found.iter().filter_map(|code| code.parse::<Currency>().ok()) {
        let own = PanelOptions { currency: Some(currency), ..options.clone() };
        counted.push((history.panel(&own)?.panel.cells.len(), currency));
    }
    counted.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.code().cmp(b.1.code())));
    let mut currencies = counted.into_iter().map(|(_, currency)| currency);
    let currency = currencies.next();
    Ok((PanelOptions { currency, ..options }, currencies.collect(), None))
}

/// A window of attribution and the others.
type Window = Option<(String, Vec<String>)>;

/// The attribution window with the most money, where some network has several.
fn one_window(
    history: &History,
    options: PanelOptions,
) -> Result<(PanelOptions, Window), DraftError> {
    let mut windows: Vec<String> = history
        .windows()?
        .into_iter()
        .flat_map(|note| match note {
            PanelNote::AttributionWindows { windows, .. } => windows,
            _ => Vec::new(),
        })
        .collect();
    windows.sort();
    windows.dedup();
    let mut spends = Vec::new();
    for window in windows {
        let own = PanelOptions { attribution: Some(window.clone()), ..options.clone() };
        spends.push((history.panel(&own)?.spend, window));
    }
    spends.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let mut windows = spends.into_iter().map(|(_, window)| window);
    let Some(first) = windows.next() else { return Ok((options, None)) };
    let attribution = Some(first.clone());
    Ok((PanelOptions { attribution, ..options }, Some((first, windows.collect()))))
}

/// The first Monday after a day, and the weeks that follow.
fn flight(after: Date) -> Period {
    let first = Week::of(after).plus(1);
    let last = first.plus(i64::from(FLIGHT_WEEKS) - 1);
    Period { start: first.monday(), end: last.sunday() }
}

/// Money of a week over the last days of the history, and how many days those are; over all of it
/// where hardly anything was spent at its end.
fn weekly(panel: &Panel, span: Period) -> (f64, u32) {
    let last = span.end.saturating_sub(jiff::Span::new().days(LAST_DAYS - 1)).max(span.start);
    let within = |from: Date| -> (f64, u32) {
        let days = days_between(from, span.end);
        let of = |cell: &crate::panel::Cell| {
            let Some(period) = cell.period.filter(|period| period.end >= from) else { return 0.0 };
            let shared = days_between(period.start.max(from), period.end);
            cell.spend * f64::from(shared) / f64::from(period.days())
        };
        let spend: f64 = panel.cells.iter().map(of).sum();
        (7.0 * spend / f64::from(days), days)
    };
    let (recent, all) = (within(last), within(span.start));
    if recent.0 < 0.2 * all.0 { all } else { recent }
}

/// Two digits, as people name budgets.
fn round(amount: f64) -> f64 {
    if amount < 10.0 {
        return amount.ceil().max(1.0);
    }
    let unit = 10_f64.powf(amount.log10().floor() - 1.0);
    (amount / unit).round() * unit
}

/// The least that some network accepts of one ad set over the flight.
fn minimum(panel: &Panel, tables: &Tables, flight: Period) -> Option<f64> {
    let networks: std::collections::BTreeSet<&str> = panel
        .segments
        .iter()
        .filter_map(|segment| segment.get(crate::segment::Attribute::Network))
        .collect();
    networks
        .into_iter()
        .filter_map(|network| tables.platform_minimum(network, panel.currency, flight.days()))
        .reduce(f64::min)
}

/// The history as the campaign file names it: a relative path stays one, from the file's folder.
fn beside(path: &Path, file: &Path) -> PathBuf {
    if path.is_absolute() {
        return path.to_owned();
    }
    let folder = files::folder_of(file);
    let way = files::way(folder, path).ok();
    // Where a link stands on it, the way by names may lead elsewhere.
    let way = way.filter(|way| files::is_same(&folder.join(way), path));
    way.unwrap_or_else(|| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
}

/// The highest week of each audience, in money.
pub(crate) fn highest_weeks(panel: &Panel) -> Vec<f64> {
    let mut weeks = std::collections::BTreeMap::new();
    for cell in &panel.cells {
        let Some(period) = cell.period else { continue };
        for (week, share) in period.by_week() {
            *weeks.entry((cell.segment, week)).or_insert(0.0) += share * cell.spend;
        }
    }
    let mut highest = vec![0.0_f64; panel.segments.len()];
    for ((segment, _), spend) in weeks {
        highest[segment] = highest[segment].max(spend);
    }
    highest
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_flight_begins_on_the_first_monday_after_a_day() {
        // 30 November 2026 is a Monday: the next one is a week later.
        let after_monday = flight(date(2026, 11, 30));
        assert_eq!(after_monday.start, date(2026, 12, 7));
        assert_eq!(flight(date(2026, 12, 6)).start, date(2026, 12, 7));
        assert_eq!((after_monday.end, after_monday.days()), (date(2027, 1, 3), 28));
    }

    #[test]
    fn budgets_have_two_digits() {
        for (amount, told) in
            [(0.2, 1.0), (7.3, 8.0), (44.4, 44.0), (1234.0, 1200.0), (98_700.0, 99_000.0)]
        {
            assert!((round(amount) - told).abs() < 1e-6, "{amount}: {}", round(amount));
        }
    }
}
