//! The journal: what was imported, what it replaced, what was renamed.

use rust_decimal::prelude::ToPrimitive;

use super::{Cells, column, spend};
use crate::history::{JournalEntry, JournalFile, Rename, Totals, Undone};
use crate::language::Language;

/// Imports and renames in the order in which they happened: header and lines.
#[must_use]
pub fn journal(journal: &[JournalEntry], renames: &[Rename], language: Language) -> Cells {
    let names = [
        "import",
        "when",
        "file",
        "new",
        "replaced",
        "duplicate",
        "spend",
        "old-and-new",
        "remark",
    ];
    let header = names.map(|name| column(language, name)).to_vec();
    let mut rows = Vec::new();
    let mut renames = renames.iter().peekable();
    for entry in journal {
        while let Some(rename) = renames.next_if(|rename| rename.import < entry.import) {
            rows.push(rename_cells(rename, language));
        }
        rows.extend(entry.files.iter().map(|file| cells(entry, file, language)));
    }
    rows.extend(renames.map(|rename| rename_cells(rename, language)));
    (header, rows)
}

/// That an import was taken back.
#[must_use]
pub fn undone(import: i64, undone: Undone, language: Language) -> String {
    language.say(
        "history-undone",
        &[
            ("import", &import.to_string()),
            ("removed", &language.number(undone.removed as f64, 0)),
            ("restored", &language.number(undone.restored as f64, 0)),
        ],
    )
}

/// A moment to the minute, as people write it; `--json` has it as it was noted.
fn noted(when: Option<&str>, language: Language) -> String {
    let Some(when) = when else { return "–".to_owned() };
    let Ok(noted) = when.parse::<jiff::Timestamp>() else { return when.to_owned() };
    let noted = noted.to_zoned(jiff::tz::TimeZone::UTC);
    let clock = format!("{:02}:{:02}", noted.hour(), noted.minute());
    format!("{} {clock} UTC", language.date(noted.date()))
}

/// The file's own name: the folder that it was imported from says little and is long.
fn own_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn cells(entry: &JournalEntry, file: &JournalFile, language: Language) -> Vec<String> {
    let count = |n: u64| language.number(n as f64, 0);
    let money = |totals: &Totals| language.money(totals.spend.to_f64().unwrap_or_default(), None);
    let change = if file.replaced == 0 {
        "–".to_owned()
    } else {
        format!("{} → {}", money(&file.old), money(&file.new))
    };
    let remark = remark(entry.undone, language);
    vec![
        entry.import.to_string(),
        noted(entry.noted_at.as_deref(), language),
        format!("{} ({})", own_name(&file.name), file.format),
        count(file.imported),
        count(file.replaced),
        count(file.duplicate),
        spend(language, &file.stored),
        change,
        remark,
    ]
}

fn rename_cells(rename: &Rename, language: Language) -> Vec<String> {
    let nothing = || "–".to_owned();
    let level = column(language, rename.level.column());
    vec![
        nothing(),
        noted(rename.noted_at.as_deref(), language),
        language.say(
            "history-journal-rename",
            &[("level", &level), ("before", &rename.before), ("now", &rename.now)],
        ),
        language.number(rename.moved as f64, 0),
        language.number(rename.set_aside as f64, 0),
        nothing(),
        nothing(),
        nothing(),
        remark(rename.undone, language),
    ]
}

fn remark(is_undone: bool, language: Language) -> String {
    if is_undone { language.text("history-journal-undone") } else { String::new() }
}
