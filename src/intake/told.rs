//! What was read of a file and what became of its rows, in words.

use std::fmt::Write;
use std::path::Path;

use rust_decimal::prelude::ToPrimitive;

use super::Fate;
use crate::history::told::spend;
use crate::history::{FileCounts, Lowered, Totals};
use crate::ingest::{Act, EncodingBy, FileReport, LineFinding, MapDid, Role};
use crate::language::Language;
use crate::units::Currency;

/// Findings shown to people per file; `--json` has them all.
pub const SHOWN: usize = 20;

/// Columns that nobody knows, shown to people; `--json` and `--explain` have them all.
const COLUMNS_SHOWN: usize = 12;

/// What a file gave in one line; `None` where there is more to say.
pub fn brief(language: Language, report: &FileReport, fate: Option<&Fate>) -> Option<String> {
    let is_new = |Fate { counts, lowered, .. }: &Fate| {
        counts.replaced == 0
            && counts.duplicate == 0
            && counts.outdated == 0
            && counts.currencies.is_none()
            && lowered.is_empty()
    };
    let is_plain = report.findings.is_empty()
        && report.rows_rejected == 0
        && report.refunds.rows == 0
        && report.sheets_not_read.is_empty()
        && report.names_without_attributes.is_none()
        && report.hidden.is_empty()
        && report.actions.is_none()
        && report.encoding_by == EncodingBy::File
        && !report.is_extended
        && (report.currency.is_some() || report.totals.spend.is_none())
        && not_understood(language, report).is_none()
        && fate.is_none_or(is_new);
    let (start, end) = report.window.filter(|_| is_plain)?;
    let nothing = || language.text("ingest-not-reported");
    let spend = report.totals.spend.and_then(|spend| spend.to_f64());
    let spend = spend.map_or_else(nothing, |spend| language.money(spend, report.currency));
    Some(language.say(
        "ingest-brief",
        &[
            ("file", &report.path.display().to_string()),
            ("format", &report.format),
            ("rows", &language.number(report.rows_accepted() as f64, 0)),
            ("spend", &spend),
            ("start", &language.date(start)),
            ("end", &language.date(end)),
        ],
    ))
}

/// What a file gave, sentence by sentence; with what became of its rows where they were stored.
pub fn lines(language: Language, report: &FileReport, fate: Option<&Fate>) -> Vec<String> {
    let number = |n: u64| language.number(n as f64, 0);
    let mut lines = Vec::new();
    let mut line = |text: String| lines.push(text);
    line(language.say(
        "ingest-read",
        &[
            ("rows", &number(report.rows_read)),
            ("rejected", &number(report.rows_rejected)),
            ("ignored", &number(report.rows_ignored)),
        ],
    ));
    line(sums(language, "ingest-totals", report, &report.totals));
    if let Some(declared) = &report.declared {
        line(sums(language, "ingest-declared", report, declared));
    }
    if let Some((start, end)) = report.window {
        let (start, end) = (language.date(start), language.date(end));
        line(language.say("ingest-window", &[("start", &start), ("end", &end)]));
    }
    if report.window.is_none() && report.rows_accepted() > 0 {
        line(language.text("ingest-undated"));
    }
    let encoding = match report.encoding_by {
        EncodingBy::File => None,
        EncodingBy::Bytes => Some("ingest-encoding-bytes"),
        EncodingBy::Headers => Some("ingest-encoding-headers"),
        EncodingBy::Others => Some("ingest-encoding-others"),
        EncodingBy::Map => Some("ingest-encoding-map"),
    };
    if let Some(key) = encoding {
        line(language.say(key, &[("encoding", report.encoding)]));
    }
    if report.is_extended {
        line(extension(language, report));
    }
    if let Some(actions) = &report.actions {
        let actions = actions.display().to_string();
        line(language.say("ingest-actions", &[("file", &actions)]));
    }
    if report.currency.is_none() && report.totals.spend.is_some() {
        line(language.text("ingest-currency-unknown"));
    }
    if !report.sheets_not_read.is_empty() {
        let sheets = report.sheets_not_read.join(", ");
        line(language.say("ingest-sheets", &[("sheets", &sheets)]));
    }
    if let Some(headers) = not_understood(language, report) {
        line(language.say("ingest-columns-unknown", &[("headers", &headers)]));
    }
    if let Some((count, name)) = &report.names_without_attributes {
        line(language.count("ingest-names", *count, &[("name", name)]));
    }
    for note in &report.hidden {
        line(note.tell(language));
    }
    if let Some(told) = refunds(language, report) {
        line(told);
    }
    for own in report.findings.iter().take(SHOWN) {
        line(finding(language, own));
    }
    let more = report.findings.len().saturating_sub(SHOWN) as u64 + report.findings_omitted;
    if more > 0 {
        line(language.say("ingest-more-findings", &[("count", &number(more))]));
    }
    if let Some(fate) = fate {
        let Fate { counts, lowered, .. } = fate;
        line(language.say(
            "ingest-stored",
            &[
                ("imported", &number(counts.imported)),
                ("replaced", &number(counts.replaced)),
                ("duplicate", &number(counts.duplicate)),
            ],
        ));
        if let Some((_, told)) = recoined(language, counts) {
            line(told);
        }
        if counts.outdated > 0 {
            line(outdated(language, fate));
        }
        for own in lowered.iter().take(SHOWN) {
            line(self::lowered(language, own));
        }
        let more = lowered.len().saturating_sub(SHOWN) as u64;
        if more > 0 {
            line(language.say("ingest-more-findings", &[("count", &number(more))]));
        }
    }
    lines
}

/// The currency of rows whose money was in another one before, and what is to be said of them.
pub fn recoined(language: Language, counts: &FileCounts) -> Option<(Currency, String)> {
    let (before, now) = counts.currencies?;
    let (before, after) = (before.code(), now.code());
    let values = [("before", before), ("now", after)];
    Some((now, language.count("ingest-other-currency", counts.recoined, &values)))
}

/// Rows that were imported before and are not what the history counts.
fn outdated(language: Language, fate: &Fate) -> String {
    let newer = fate.newer.iter().take(SHOWN).map(|(import, file)| {
        language.say("ingest-newer", &[("file", file), ("import", &import.to_string())])
    });
    let mut newer = newer.collect::<Vec<_>>().join(", ");
    if fate.newer.len() > SHOWN {
        newer.push_str(", …");
    }
    language.count("ingest-outdated", fate.counts.outdated, &[("newer", &newer)])
}

/// A total that newer rows have lowered.
pub fn lowered(language: Language, own: &Lowered) -> String {
    let shown = |value: f64| match own.measure {
        "spend" => language.money(value, own.currency),
        _ => language.number(value, 0),
    };
    let measure = language.text(&format!("history-column-{}", own.measure));
    let (before, now) = (shown(own.before), shown(own.now));
    let mut values = vec![("measure", measure.as_str()), ("before", &before), ("now", &now)];
    let key = match &own.name {
        Some(name) => {
            values.push(("name", name));
            "ingest-lowered"
        }
        None => "ingest-lowered-others",
    };
    language.say(key, &values)
}

/// The lines that give money back.
fn refunds(language: Language, report: &FileReport) -> Option<String> {
    let refunds = &report.refunds;
    let mut lines = refunds.lines.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    if refunds.rows > refunds.lines.len() as u64 {
        lines.push_str(", …");
    }
    let spend = language.money(refunds.spend.to_f64().unwrap_or_default(), report.currency);
    let values = [("spend", spend.as_str()), ("lines", &lines)];
    (refunds.rows > 0).then(|| language.count("ingest-refunds", refunds.rows, &values))
}

/// Columns with something in them that nobody knows.
fn not_understood(language: Language, report: &FileReport) -> Option<String> {
    let unknown = |role: &Role| matches!(role, Role::Unknown(_));
    let columns = report.columns.iter().filter(|c| unknown(&c.role) && !c.example.is_empty());
    let told: Vec<String> = columns
        .map(|column| match column.role {
            Role::Unknown(Some(like)) => {
                let arguments = [("header", column.header.as_str()), ("name", like)];
                language.say("ingest-column-like", &arguments)
            }
            _ => format!("`{}`", column.header),
        })
        .collect();
    let more = told.len().saturating_sub(COLUMNS_SHOWN);
    let mut text = told.into_iter().take(COLUMNS_SHOWN).collect::<Vec<_>>().join(", ");
    if more > 0 {
        // Writing to a string cannot fail.
        let _ = write!(text, ", … (+{})", language.number(more as f64, 0));
    }
    (!text.is_empty()).then_some(text)
}

fn sums(
    language: Language,
    key: &str,
    report: &FileReport,
    totals: &crate::ingest::Totals,
) -> String {
    let nothing = || language.text("ingest-not-reported");
    let spend = totals.spend.and_then(|spend| spend.to_f64());
    let spend = spend.map_or_else(nothing, |spend| language.money(spend, report.currency));
    let impressions = totals.impressions.map_or_else(nothing, |n| language.number(n, 0));
    let mut text = language.say(key, &[("spend", &spend), ("impressions", &impressions)]);
    for (action, count) in totals.by_action() {
        let name = language.text(&format!("ingest-action-{}", action.column().replace('_', "-")));
        // Writing to a string cannot fail.
        let _ = write!(text, ", {name} {}", language.number(count, 0));
    }
    text
}

/// Something that was found at a line.
#[must_use]
pub fn finding(language: Language, finding: &LineFinding) -> String {
    let act = match finding.action {
        Act::Rejected => "ingest-act-rejected",
        Act::Noted => "ingest-act-noted",
        Act::Check => "ingest-act-check",
        Act::NotStored => "ingest-act-not-stored",
    };
    let (line, allowed) = (finding.line.to_string(), finding.allowed.tell(language));
    let key = if finding.column.is_empty() { "ingest-finding-line" } else { "ingest-finding" };
    language.say(
        key,
        &[
            ("line", &line),
            ("column", &finding.column),
            ("found", &finding.found),
            ("allowed", &allowed),
            ("action", &language.text(act)),
        ],
    )
}

/// What a history adds up to.
#[must_use]
pub fn history(language: Language, totals: &Totals, path: &Path) -> String {
    language.say(
        "ingest-history",
        &[
            ("file", &path.display().to_string()),
            ("rows", &language.number(totals.rows as f64, 0)),
            ("spend", &spend(language, totals)),
            ("impressions", &language.number(totals.impressions, 0)),
        ],
    )
}

/// How a column was understood.
#[must_use]
pub fn role(language: Language, role: &Role) -> String {
    let say = |key: &str, name: &str| language.say(key, &[("name", name)]);
    match role {
        Role::Kept { name, breakdown: false } => say("ingest-role-kept", name),
        Role::Kept { name, breakdown: true } => say("ingest-role-breakdown", name),
        Role::Known => language.text("ingest-role-known"),
        Role::Duplicate(name) => say("ingest-role-duplicate", name),
        Role::Unknown(None) => language.text("ingest-role-unknown"),
        Role::Unknown(Some(name)) => say("ingest-role-unknown-like", name),
        Role::Personal(kind) => {
            let kind = language.text(&format!("ingest-what-{kind}"));
            language.say("ingest-role-personal", &[("kind", &kind)])
        }
    }
}

/// What a map adds to a known format, and which of its columns the file lacks.
fn extension(language: Language, report: &FileReport) -> String {
    let named = |wanted: &[MapDid]| {
        let lines = report.map.iter().filter(|line| wanted.contains(&line.did));
        let named = lines.map(|line| format!("`{}` = {}", line.key, line.value));
        named.collect::<Vec<_>>().join(", ")
    };
    let added = named(&[MapDid::Read, MapDid::Ignored]);
    let mut text =
        language.say("ingest-extended", &[("format", &report.format), ("added", &added)]);
    let absent = named(&[MapDid::Absent]);
    if !absent.is_empty() {
        text.push_str(&language.say("ingest-extended-absent", &[("absent", &absent)]));
    }
    text
}
