//! The check-up of exports, in words.

use jiff::civil::Date;

use crate::ingest::checkup::{Checkup, Finding, Lack, Length};
use crate::ingest::guide::Guide;
use crate::ingest::{FileReport, Formats, IngestError};
use crate::language::{Language, capital};
use crate::reference::Reference;

/// Days of a month and of a year, as people reckon.
const MONTH: f64 = 30.44;
const YEAR: f64 = 365.25;

/// Looks at what was read; `known` are the first and last day of the money that a history has.
///
/// # Errors
///
/// When a table of the guide is malformed.
pub fn look(
    reports: &[&FileReport],
    formats: &Formats,
    known: Option<(Date, Date)>,
    reference: &Reference,
    (today, language): (Date, Language),
) -> Result<Checkup, IngestError> {
    let guide = Guide::load(reference, formats, language)?;
    Ok(Checkup::of(reports, formats, &guide, known, today, language))
}

/// That nothing lacks; `None` where there is nothing to look at, and where something does.
#[must_use]
pub fn good(language: Language, checkup: &Checkup) -> Option<String> {
    let (last, longest) = (checkup.window?.1, checkup.grains.iter().map(|own| own.length).max()?);
    let grain = if longest == Length::Day { "checkup-by-day" } else { "checkup-by-week" };
    let (last, grain) = (language.date(last), language.text(grain));
    let told = language.say("checkup-good", &[("last", &last), ("grain", &grain)]);
    checkup.findings.is_empty().then_some(told)
}

/// Whether findings must say of which network they are.
#[must_use]
pub fn names(checkup: &Checkup) -> bool {
    let mut named = checkup.findings.iter().filter_map(|finding| finding.network.as_ref());
    let first = named.next();
    checkup.networks.len() > 1 || named.any(|other| Some(other) != first)
}

/// A finding in a sentence, with its network where there are several.
#[must_use]
pub fn sentence(language: Language, finding: &Finding, is_named: bool) -> String {
    let what = lack(language, &finding.what);
    match finding.network.as_ref().filter(|_| is_named) {
        Some(network) => {
            let network = network_name(language, network);
            language.say("checkup-of-network", &[("network", &network), ("what", &what)])
        }
        None => what,
    }
}

fn network_name(language: Language, network: &str) -> String {
    language.find(&format!("report-network-{network}")).unwrap_or_else(|| capital(network))
}

/// A sentence with the name of a column, or the one for exports whose columns only relais names.
fn with_header(
    language: Language,
    key: &str,
    header: Option<&String>,
    values: &[(&str, &str)],
) -> String {
    match header {
        Some(header) => {
            let quoted = quoted(language, header);
            language.say(key, &[&[("header", quoted.as_str())], values].concat())
        }
        None => language.say(&format!("{key}-plain"), values),
    }
}

fn quoted(language: Language, header: &str) -> String {
    language.say("checkup-header", &[("name", header)])
}

fn lack(language: Language, lack: &Lack) -> String {
    match lack {
        Lack::Money => language.text("checkup-no-money"),
        Lack::Dates { header } => with_header(language, "checkup-no-dates", header.as_ref(), &[]),
        Lack::Days { days, window: Some((start, end)), header } => {
            let (start, end) = (language.date(*start), language.date(*end));
            let span = span(language, *days);
            let values = [("span", span.as_str()), ("start", &start), ("end", &end)];
            with_header(language, "checkup-one-window", header.as_ref(), &values)
        }
        Lack::Days { days, window: None, header } => {
            let span = span(language, *days);
            with_header(language, "checkup-long-rows", header.as_ref(), &[("span", &span)])
        }
        Lack::AdSets { header } => {
            with_header(language, "checkup-no-ad-sets", header.as_ref(), &[])
        }
        Lack::Levers { by } => {
            let name = |own: &crate::segment::Attribute| {
                language.text(&format!("history-column-{}", own.column()))
            };
            let by = by.iter().map(name).collect::<Vec<_>>().join(" × ");
            language.say("checkup-no-levers", &[("by", &by)])
        }
        Lack::Columns { columns } => {
            let name = |own: &crate::ingest::checkup::Column| {
                quoted(language, own.header.as_deref().unwrap_or(own.column))
            };
            let columns = columns.iter().map(name).collect::<Vec<_>>().join(", ");
            language.say("checkup-no-columns", &[("columns", &columns)])
        }
        Lack::Recent { last, days } => {
            let (last, span) = (language.date(*last), span(language, *days));
            language.say("checkup-old", &[("last", &last), ("span", &span)])
        }
        Lack::Knowledge { unknown, weeks } => {
            let each = unknown.iter().map(|own| language.count(own.key(), (*weeks).into(), &[]));
            let unknown = each.collect::<Vec<_>>().join(", ");
            language.say("checkup-unknown", &[("unknown", &unknown)])
        }
    }
}

/// A stretch of time as people say it: in years from two on, in months from two on, else in days.
fn span(language: Language, days: u32) -> String {
    let days = f64::from(days);
    let (key, count) = if days >= 2.0 * YEAR - 15.0 {
        ("checkup-years", days / YEAR)
    } else if days >= 2.0 * MONTH - 3.0 {
        ("checkup-months", days / MONTH)
    } else {
        ("checkup-days", days)
    };
    language.count(key, count.round() as u64, &[])
}
