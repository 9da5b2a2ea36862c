use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use proptest::prelude::*;
use rust_decimal::Decimal;
use tempfile::TempDir;

use super::day::{date_of, number};
use super::row::{Level, Row};
use super::store::packed::{NUMBERS, Run};
use super::store::seal::{Way, compare_all};
use super::*;
use crate::action::{Action, Counts};
use crate::panel::Cell;
use crate::segment::{Attribute, NOT_BROKEN_DOWN};
use crate::units::Currency;

pub(super) fn history() -> (TempDir, History) {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(&folder.path().join("history.sqlite")).unwrap();
    (folder, history)
}

pub(super) fn day(n: i64) -> Date {
    date(2024, 1, 1).saturating_add(jiff::Span::new().days(n))
}

pub(super) fn row(
    level: Level,
    pairs: &[(Attribute, &str)],
    period: (i64, i64),
    spend: &str,
) -> Row {
    let mut row = Row {
        line: 2,
        level,
        attributes: Default::default(),
        ids: Default::default(),
        breakdowns: Vec::new(),
        lifetime: false,
        period: Some((day(period.0), day(period.1))),
        currency: Some(Currency::EUR),
        spend: Some(spend.parse().unwrap()),
        impressions: Some(1000.0),
        reach: Some(700.0),
        actions: Counts::default(),
        censored: Vec::new(),
    };
    for (attribute, value) in pairs {
        row.attributes[attribute.index()] = Some((*value).into());
    }
    row.actions.set(Action::Shares, Some(3.0));
    row
}

pub(super) fn by(mut row: Row, breakdowns: &[Attribute]) -> Row {
    row.breakdowns = breakdowns.to_vec();
    row
}

fn with_ids(mut row: Row, ids: [Option<&str>; 3]) -> Row {
    row.ids = ids.map(|id| id.map(Into::into));
    row
}

pub(super) fn import(history: &mut History, name: &str, rows: &[Row]) -> FileCounts {
    let mut import = history.begin().unwrap();
    import.file(&meta(name)).unwrap();
    for row in rows {
        import.row(row).unwrap();
    }
    let counts = import.end_file().unwrap();
    import.commit().unwrap();
    counts
}

/// Imports a file and packs its rows three by three.
pub(super) fn import_packed(history: &mut History, name: &str, rows: &[Row]) -> FileCounts {
    import_all(history, &[(name, rows)], Some(3)).remove(0)
}

/// Imports files at once, and packs their rows so many by so many.
fn import_all(
    history: &mut History,
    files: &[(&str, &[Row])],
    pack_from: Option<usize>,
) -> Vec<FileCounts> {
    let mut import = history.begin().unwrap();
    if let Some(rows) = pack_from {
        import.pack_from(rows);
    }
    let counts = files.iter().map(|(name, rows)| {
        import.file(&meta(name)).unwrap();
        for row in *rows {
            import.row(row).unwrap();
        }
        import.end_file().unwrap()
    });
    let counts = counts.collect();
    import.commit().unwrap();
    counts
}

/// Every row that a history holds, wherever: whether it is out of force, its file, and itself.
fn everything(history: &History) -> Vec<String> {
    let mut all = Vec::new();
    if history.is_blank().unwrap() {
        return all;
    }
    for (table, is_older) in [("row", false), ("older", true)] {
        let mut statement = history.store.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let values = (0..columns).map(|at| row.get::<_, rusqlite::types::Value>(at).unwrap());
            let number = |value: &rusqlite::types::Value| match value {
                rusqlite::types::Value::Text(text) => text.clone(),
                rusqlite::types::Value::Real(number) => number.to_string(),
                rusqlite::types::Value::Integer(number) => number.to_string(),
                _ => "-".to_owned(),
            };
            let values: Vec<String> = values.map(|value| number(&value)).collect();
            all.push(format!("{is_older} {}", values.join(" ")));
        }
    }
    let mut statement =
        history.store.prepare("SELECT id, file, rows, content FROM block ORDER BY id").unwrap();
    let mut blocks = statement.query([]).unwrap();
    while let Some(block) = blocks.next().unwrap() {
        let file: i64 = block.get(1).unwrap();
        let content: Vec<u8> = block.get(3).unwrap();
        let run = Run::of(&content).unwrap();
        let (marks, mut in_force) = (run.marks(), 0);
        run.each(&mut |at, row| {
            in_force += i64::from(!marks.has(at));
            let shown = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
            let (start, identity, end) = row.place();
            let numbers = (0..NUMBERS).map(|at| shown(row.numbers.get(at).map(|n| n.to_string())));
            let numbers: Vec<String> = numbers.collect();
            all.push(format!(
                "{} {start} {identity} {end} {} {file} {} {} {} {} {}",
                marks.has(at),
                row.nth,
                row.line,
                row.known.label,
                shown(row.spend.map(|spend| spend.to_string())),
                numbers.join(" "),
                row.censored
            ));
        })
        .unwrap();
        assert_eq!(block.get::<_, i64>(2).unwrap(), in_force);
    }
    all.sort_unstable();
    all
}

pub(super) fn count(history: &History, sql: &str) -> i64 {
    history.store.query_row(sql, [], |row| row.get(0)).unwrap()
}

pub(super) fn meta(name: &str) -> FileMeta {
    FileMeta { name: name.into(), fingerprint: name.into(), format: "test".into(), currency: None }
}

pub(super) fn split(split_by: &[Attribute]) -> PanelOptions {
    PanelOptions { split_by: split_by.to_vec(), ..PanelOptions::default() }
}

use Attribute::{AdSet, Age, Campaign, Gender, Network};

pub(super) const NET: (Attribute, &str) = (Network, "linkedin");
pub(super) const CAMPAIGN: (Attribute, &str) = (Campaign, "C");

fn spends(report: &PanelReport) -> BTreeMap<String, f64> {
    let mut spends = BTreeMap::new();
    for cell in &report.panel.cells {
        *spends.entry(report.panel.segments[cell.segment].id.clone()).or_default() += cell.spend;
    }
    spends
}

#[test]
fn money_is_kept_exactly_as_read() {
    let (_folder, mut history) = history();
    let texts = ["12.233571428571", "0.10", "123456789012345.0000000000001"];
    let rows: Vec<Row> = (0..)
        .zip(texts)
        .map(|(i, text)| row(Level::Campaign, &[NET, CAMPAIGN], (i, i), text))
        .collect();
    import(&mut history, "a", &rows);
    let sum: Decimal = rows.iter().filter_map(|row| row.spend).sum();
    assert_eq!(history.totals().unwrap().spend, sum);
    let mut statement = history.store.prepare("SELECT spend FROM row ORDER BY start").unwrap();
    let stored: Vec<String> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(stored, texts);
}

#[test]
fn an_impossible_amount_is_an_error_and_no_crash() {
    let (_folder, mut history) = history();
    let mut import = history.begin().unwrap();
    import.file(&meta("a")).unwrap();
    let huge = row(Level::Campaign, &[NET, CAMPAIGN], (0, 0), "79228162514264337593543950335");
    assert!(matches!(import.row(&huge), Err(HistoryError::Amount { line: 2, .. })));
    assert_eq!(error::MOST, Decimal::from(10_i64.pow(15)));
}

#[test]
fn the_same_export_twice_changes_nothing() {
    let (_folder, mut history) = history();
    let rows: Vec<Row> =
        (0..5).map(|i| row(Level::Campaign, &[NET, CAMPAIGN], (i, i), "1.5")).collect();
    let first = import(&mut history, "a", &rows);
    let bytes = std::fs::read(history.path()).unwrap();
    let again = import(&mut history, "a", &rows);
    let renamed = import(&mut history, "b", &rows);
    assert_eq!(first, FileCounts { imported: 5, ..FileCounts::default() });
    assert_eq!(again, FileCounts { duplicate: 5, ..FileCounts::default() });
    assert_eq!(renamed, again);
    assert_eq!(std::fs::read(history.path()).unwrap(), bytes);
}

#[test]
fn a_newer_export_replaces_and_undo_brings_the_older_back() {
    let (_folder, mut history) = history();
    let rows = |spend: &str| -> Vec<Row> {
        (0..3).map(|i| row(Level::Campaign, &[NET, CAMPAIGN], (i, i), spend)).collect()
    };
    import(&mut history, "old", &rows("1"));
    let before = history.fingerprint().unwrap();
    let mut newer = rows("2");
    newer.remove(0);
    assert_eq!(import(&mut history, "new", &newer).replaced, 2);
    assert_eq!(history.totals().unwrap().spend, Decimal::from(5));
    let entry = &history.journal().unwrap()[1];
    assert_eq!(entry.files[0].old.spend, Decimal::from(2));
    assert_eq!(entry.files[0].new.spend, Decimal::from(4));
    // The old file again, from a folder that still holds it, does not bring old numbers back.
    let again = import(&mut history, "old", &rows("1"));
    assert_eq!(again, FileCounts { duplicate: 1, outdated: 2, ..FileCounts::default() });
    assert_eq!(history.totals().unwrap().spend, Decimal::from(5));
    assert_eq!(history.undo(2).unwrap(), Undone { removed: 2, restored: 2 });
    assert_eq!(history.fingerprint().unwrap(), before);
    assert!(matches!(history.undo(2), Err(HistoryError::TakenBack { found: 2 })));
    assert_eq!(history.totals().unwrap().spend, Decimal::from(3));
}

#[test]
fn namesakes_in_one_file_are_kept_apart() {
    let (_folder, mut history) = history();
    let rows = vec![row(Level::Campaign, &[NET, CAMPAIGN], (0, 0), "1"); 3];
    assert_eq!(import(&mut history, "a", &rows).imported, 3);
    assert_eq!(history.totals().unwrap().spend, Decimal::from(3));
    assert_eq!(import(&mut history, "b", &rows).duplicate, 3);
    // One of them is gone in the newer export: it must not linger.
    assert_eq!(
        import(&mut history, "c", &[rows[0].clone(), by(rows[1].clone(), &[])]).duplicate,
        2
    );
    assert_eq!(history.panel(&split(&[Network])).unwrap().spend, Decimal::from(3));
}

#[test]
fn an_import_that_is_not_committed_leaves_nothing() {
    let (_folder, mut history) = history();
    import(&mut history, "a", &[row(Level::Campaign, &[NET, CAMPAIGN], (0, 0), "1")]);
    let before = history.fingerprint().unwrap();
    let mut dropped = history.begin().unwrap();
    dropped.file(&meta("b")).unwrap();
    dropped.row(&row(Level::Campaign, &[NET, CAMPAIGN], (0, 0), "9")).unwrap();
    drop(dropped);
    assert_eq!(history.fingerprint().unwrap(), before);
    assert_eq!(history.journal().unwrap().len(), 1);
}

#[test]
fn a_breakdown_and_its_whole_are_counted_once() {
    let (_folder, mut history) = history();
    let whole = row(Level::AdSet, &[NET, CAMPAIGN, (AdSet, "S")], (0, 6), "10");
    let age = |age, spend| {
        by(row(Level::AdSet, &[NET, CAMPAIGN, (AdSet, "S"), (Age, age)], (0, 6), spend), &[Age])
    };
    import(&mut history, "whole", std::slice::from_ref(&whole));
    import(&mut history, "ages", &[age("18-24", "6"), age("25-34", "3.5")]);
    let report = history.panel(&split(&[Network, Age])).unwrap();
    assert_eq!(
        spends(&report),
        BTreeMap::from([
            ("linkedin · 18-24".to_owned(), 6.0),
            ("linkedin · 25-34".to_owned(), 3.5),
            (format!("linkedin · {NOT_BROKEN_DOWN}"), 0.5),
        ])
    );
    assert_eq!(report.not_broken_down, "0.5".parse().unwrap());
    assert!(report.panel.cells.iter().all(|cell| cell.from_breakdown));
    assert_eq!(report.panel.cells[0].reach, Some(700.0));
    let plain = history.panel(&split(&[Network])).unwrap();
    assert_eq!(plain.spend, Decimal::from(10));
    assert!(!plain.panel.cells[0].from_breakdown);
    assert_eq!(plain.panel.cells[0].reach, Some(700.0));
}

#[test]
fn two_views_by_the_same_kind_of_breakdown_are_counted_once() {
    let (_folder, mut history) = history();
    let part = |creative, spend| {
        let pairs = [NET, CAMPAIGN, (Attribute::Creative, creative)];
        by(row(Level::Campaign, &pairs, (0, 6), spend), &[Attribute::Creative])
    };
    import(&mut history, "texts", &[part("text a", "6"), part("text b", "4")]);
    import(&mut history, "videos", &[part("video a", "7"), part("video b", "2.9")]);
    let report = history.panel(&split(&[Attribute::Creative])).unwrap();
    assert_eq!(report.spend, Decimal::TEN);
    assert_eq!(report.panel.segments[0].id, "text a");
    assert_eq!((report.grains[0].rows, report.grains[0].used), (4, 2));
}

#[test]
fn a_window_beside_some_of_its_days_leaves_the_rest_to_the_other_days() {
    let (_folder, mut history) = history();
    let at = |period, spend| row(Level::Campaign, &[NET, CAMPAIGN], period, spend);
    import(&mut history, "window", &[at((0, 27), "28")]);
    let days: Vec<Row> = (0..14).map(|i| at((i, i), "1")).collect();
    import(&mut history, "days", &days);
    let report = history.panel(&split(&[Network])).unwrap();
    let cells: Vec<(Date, Date, f64)> = report
        .panel
        .cells
        .iter()
        .map(|cell| (cell.period.unwrap().start, cell.period.unwrap().end, cell.spend))
        .collect();
    assert_eq!(cells, [(day(0), day(6), 7.0), (day(7), day(13), 7.0), (day(14), day(27), 14.0)]);
}

#[test]
fn rolling_windows_are_never_added_up() {
    let (_folder, mut history) = history();
    let rows: Vec<Row> =
        (0..6).map(|i| row(Level::Campaign, &[NET, CAMPAIGN], (7 * i, 7 * i + 27), "28")).collect();
    import(&mut history, "rolling", &rows);
    let report = history.panel(&split(&[Network])).unwrap();
    assert_eq!(report.spend, Decimal::from(56));
    assert_eq!(report.overlapping, Decimal::from(28 * 4));
}

#[test]
fn the_same_rows_with_and_without_ids_are_one() {
    let (_folder, mut history) = history();
    let named = row(Level::AdSet, &[NET, CAMPAIGN, (AdSet, "S")], (0, 0), "4");
    let other = row(Level::AdSet, &[NET, CAMPAIGN, (AdSet, "T")], (0, 0), "5");
    let id = with_ids(named.clone(), [Some("1"), Some("11"), None]);
    let campaign = with_ids(row(Level::Campaign, &[NET], (0, 0), "9"), [Some("1"), None, None]);
    import(&mut history, "names", &[named, other.clone()]);
    import(&mut history, "ids", &[id, with_ids(other, [Some("1"), Some("12"), None])]);
    import(&mut history, "campaign", &[campaign]);
    for attributes in [&[Network][..], &[AdSet], &[Campaign]] {
        let report = history.panel(&split(attributes)).unwrap();
        assert_eq!(report.spend, Decimal::from(9), "{attributes:?}: {:?}", spends(&report));
    }
}

#[test]
fn namesakes_with_ids_stay_two_segments() {
    let (_folder, mut history) = history();
    let set = |id, spend| {
        let named = row(Level::AdSet, &[NET, CAMPAIGN, (AdSet, "S")], (0, 0), spend);
        with_ids(named, [None, Some(id), None])
    };
    import(&mut history, "a", &[set("11", "1"), set("12", "2")]);
    let report = history.panel(&split(&[AdSet])).unwrap();
    let expected = [("S (11)".to_owned(), 1.0), ("S (12)".to_owned(), 2.0)];
    assert_eq!(spends(&report), BTreeMap::from(expected));
}

#[test]
fn two_breakdowns_that_cannot_be_joined_are_modelled_and_say_so() {
    let (_folder, mut history) = history();
    let part = |attribute, value, spend, shares: f64| {
        let mut row = row(Level::Campaign, &[NET, CAMPAIGN, (attribute, value)], (0, 6), spend);
        row.actions.set(Action::Shares, Some(shares));
        by(row, &[attribute])
    };
    import(&mut history, "ages", &[part(Age, "18-24", "6", 9.0), part(Age, "25-34", "4", 1.0)]);
    import(
        &mut history,
        "genders",
        &[part(Gender, "female", "5", 8.0), part(Gender, "male", "5", 2.0)],
    );
    let report = history.panel(&split(&[Age, Gender])).unwrap();
    assert_eq!(report.spend, Decimal::TEN);
    assert_eq!(report.modelled, Decimal::TEN);
    let cell = &report.panel.cells[0];
    assert_eq!(report.panel.segments[cell.segment].id, "18-24 · female");
    assert!((cell.spend - 3.0).abs() < 1e-9);
    let shares = cell.actions.get(Action::Shares).unwrap();
    assert!((shares - 7.2).abs() < 1e-9, "{shares}");
}

#[test]
fn reach_is_taken_only_where_nothing_is_added() {
    let (_folder, mut history) = history();
    let at = |period| row(Level::Campaign, &[NET, CAMPAIGN], period, "1");
    import(&mut history, "a", &[at((0, 6)), at((7, 7)), at((8, 8)), at((14, 40))]);
    let report = history.panel(&split(&[Network])).unwrap();
    let reach: Vec<Option<f64>> = report.panel.cells.iter().map(|cell| cell.reach).collect();
    assert_eq!(reach, [Some(700.0), None, Some(700.0)]);
}

#[test]
fn suppressed_counts_stay_upper_limits() {
    let (_folder, mut history) = history();
    let at = |i, shares: f64, censored| {
        let mut row = row(Level::Campaign, &[NET, CAMPAIGN], (i, i), "1");
        row.actions.set(Action::Shares, Some(shares));
        row.censored = if censored { vec![Action::Shares] } else { vec![] };
        row
    };
    import(&mut history, "a", &[at(0, 5.0, true), at(1, 5.0, true), at(2, 7.0, false)]);
    let report = history.panel(&split(&[Network])).unwrap();
    let cell: &Cell = &report.panel.cells[0];
    // At most 4 + 4 + 7 = 15, so below 16.
    assert_eq!(cell.actions.get(Action::Shares), Some(16.0));
    assert_eq!(cell.censored, [Action::Shares]);
    assert_eq!(history.totals().unwrap().actions[&Action::Shares], 7.0);
}

#[test]
fn currencies_are_not_added() {
    let (_folder, mut history) = history();
    let mut dollars = row(Level::Campaign, &[NET, (Campaign, "D")], (0, 0), "1");
    dollars.currency = "USD".parse().ok();
    import(&mut history, "a", &[dollars, row(Level::Campaign, &[NET, CAMPAIGN], (0, 0), "1")]);
    let euro: Decimal = "1".parse().unwrap();
    let each = vec![(Some(Currency::EUR), euro), ("USD".parse().ok(), euro)];
    assert_eq!(history.totals().unwrap().currency(), Err(each));
    let error = history.panel(&PanelOptions::default());
    assert!(matches!(error, Err(HistoryError::Currencies { found }) if found == ["EUR", "USD"]));
    let euros = PanelOptions { currency: Some(Currency::EUR), ..PanelOptions::default() };
    assert_eq!(history.panel(&euros).unwrap().panel.currency, Some(Currency::EUR));
}

#[test]
fn the_finest_grain_known_throughout_is_chosen() {
    let (_folder, mut history) = history();
    let age = |set, age| {
        by(row(Level::AdSet, &[NET, CAMPAIGN, (AdSet, set), (Age, age)], (0, 6), "5"), &[Age])
    };
    import(&mut history, "a", &[age("S", "18-24"), age("T", "25-34")]);
    assert_eq!(history.panel(&PanelOptions::default()).unwrap().split_by, [Network, Age]);
    let plain = row(Level::AdSet, &[NET, CAMPAIGN, (AdSet, "U")], (0, 6), "90");
    import(&mut history, "b", &[plain]);
    assert_eq!(history.panel(&PanelOptions::default()).unwrap().split_by, [Network, AdSet]);
}

#[test]
fn files_that_are_no_history_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("é t’.sqlite");
    assert!(matches!(History::open_existing(&path), Err(HistoryError::Missing { .. })));
    assert!(matches!(
        History::open(&folder.path().join("no/such/folder.sqlite")),
        Err(HistoryError::Unwritable { .. })
    ));
    let text = "spend;impressions\n1;2\n".repeat(400);
    std::fs::write(&path, &text).unwrap();
    assert!(matches!(History::open(&path), Err(HistoryError::NotAHistory { .. })));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    std::fs::remove_file(&path).unwrap();
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    assert!(matches!(History::open(&path), Err(HistoryError::NotAHistory { .. })));
}

#[test]
fn a_cut_or_later_history_is_refused() {
    let (_folder, mut history) = history();
    let rows: Vec<Row> =
        (0..400).map(|i| row(Level::Campaign, &[NET, CAMPAIGN], (i, i), "1.5")).collect();
    import(&mut history, "a", &rows);
    let path = history.path().to_path_buf();
    drop(history);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    assert!(matches!(History::open(&path), Err(HistoryError::Damaged { .. })));
    assert_eq!(std::fs::metadata(&path).unwrap().len(), bytes.len() as u64 / 2);
    std::fs::write(&path, &bytes).unwrap();
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(History::open(&path), Err(HistoryError::Newer { found: 99, .. })));
}

/// Turns a file of version 3 into what version 1 would have written: no readable view, no blocks,
/// a label found by its digest.
pub(super) const AS_VERSION_1: &str =
    "DROP VIEW readable; DROP TABLE rename; DROP TABLE designed; DROP TABLE seal; DROP TABLE block; DROP INDEX label_by_identity;
    ALTER TABLE label RENAME TO newer_label;
    CREATE TABLE label (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE,
        identity INTEGER NOT NULL, level INTEGER NOT NULL, breakdowns INTEGER NOT NULL,
        currency TEXT, network TEXT, profile TEXT, campaign TEXT, ad_set TEXT, ad TEXT, age TEXT,
        gender TEXT, territory TEXT, interest TEXT, format TEXT, topic TEXT, objective TEXT,
        placement TEXT, creative TEXT, campaign_id TEXT, ad_set_id TEXT, ad_id TEXT);
    INSERT INTO label SELECT id, randomblob(16), identity, level, breakdowns, currency, network,
        profile, campaign, ad_set, ad, age, gender, territory, interest, format, topic, objective,
        placement, creative, campaign_id, ad_set_id, ad_id FROM newer_label;
    DROP TABLE newer_label;
    ALTER TABLE identity RENAME TO newer_identity;
    CREATE TABLE identity (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE);
    INSERT INTO identity SELECT id, digest FROM newer_identity;
    DROP TABLE newer_identity;
    PRAGMA user_version = 1";

#[test]
fn large_files_are_packed_and_stay_so_where_a_newer_export_meets_them() {
    let (_folder, mut history) = history();
    let rows: Vec<Row> = (0..40)
        .map(|i| row(Level::Campaign, &[NET, CAMPAIGN], (i / 2, i / 2), &format!("1.{i:02}0")))
        .collect();
    assert_eq!(import_packed(&mut history, "a", &rows).imported, 40);
    assert_eq!(count(&history, "SELECT sum(rows) FROM block"), 40);
    assert_eq!(count(&history, "SELECT count(*) FROM row"), 0);
    // Two lines of one campaign and day are two rows, whichever block they are in.
    let before = (history.fingerprint().unwrap(), history.totals().unwrap());
    assert_eq!(before.1.rows, 40);
    assert_eq!(before.1.spend, "47.80".parse().unwrap());
    // The same lines from another file are there already, and leave no trace.
    let again = import_packed(&mut history, "b", &rows);
    assert_eq!(again, FileCounts { duplicate: 40, ..FileCounts::default() });
    assert_eq!(count(&history, "SELECT sum(rows) FROM block"), 40);
    // A newer export of three days changes those alone.
    let newer: Vec<Row> =
        (10..13).map(|i| row(Level::Campaign, &[NET, CAMPAIGN], (i, i), "5")).collect();
    assert_eq!(import(&mut history, "c", &newer).replaced, 3);
    assert_eq!(count(&history, "SELECT sum(rows) FROM block"), 34);
    assert_eq!(count(&history, "SELECT count(*) FROM row"), 3);
    assert_eq!(count(&history, "SELECT count(*) FROM older"), 0);
    assert_eq!(history.totals().unwrap().rows, 37);
    history.undo(history.journal().unwrap().last().unwrap().import).unwrap();
    assert_eq!((history.fingerprint().unwrap(), history.totals().unwrap()), before);
    let undone = history.undo(history.journal().unwrap()[0].import).unwrap();
    assert_eq!((undone.removed, history.totals().unwrap().rows), (40, 0));
}

#[test]
fn a_large_file_in_no_order_is_packed_as_if_it_were_in_order() {
    let (_folder, mut sorted) = history();
    let (_folder, mut shuffled) = history();
    // Two lines of each campaign and day: those keep the file's order in either.
    let rows: Vec<Row> = (0..120_i64)
        .map(|i| row(Level::Campaign, &[NET, CAMPAIGN], (i / 2, i / 2), &format!("1.{i:03}")))
        .collect();
    // First lines before second ones, days in no order.
    let mut order: Vec<usize> = (0..60).map(|i| 2 * (i * 7 % 60)).collect();
    order.extend((0..60).map(|i| 2 * (i * 11 % 60) + 1));
    let mixed: Vec<Row> = order.iter().map(|&i| rows[i].clone()).collect();
    assert_eq!(import_packed(&mut sorted, "a", &rows).imported, 120);
    assert_eq!(import_packed(&mut shuffled, "a", &mixed).imported, 120);
    assert_eq!(count(&shuffled, "SELECT sum(rows) FROM block"), 120);
    assert_eq!(count(&shuffled, "SELECT count(*) FROM row"), 0);
    let blocks = "SELECT count(*) FROM block";
    assert_eq!(count(&shuffled, blocks), count(&sorted, blocks));
    assert_eq!(shuffled.fingerprint().unwrap(), sorted.fingerprint().unwrap());
    assert_eq!(shuffled.totals().unwrap(), sorted.totals().unwrap());
    // Met by a shuffled newer export, it gives way row by row, and comes back.
    let before = shuffled.fingerprint().unwrap();
    let newer: Vec<Row> =
        mixed.iter().map(|old| Row { spend: Some(3.into()), ..old.clone() }).collect();
    assert_eq!(import_packed(&mut shuffled, "b", &newer).replaced, 120);
    assert_eq!(shuffled.totals().unwrap().spend, Decimal::from(360));
    shuffled.undo(shuffled.journal().unwrap().last().unwrap().import).unwrap();
    assert_eq!(shuffled.fingerprint().unwrap(), before);
    // Left out in the middle, it leaves nothing.
    let mut import = shuffled.begin().unwrap();
    import.pack_from(4);
    import.file(&meta("c")).unwrap();
    for old in &mixed {
        import.row(&Row { spend: Some(9.into()), ..old.clone() }).unwrap();
    }
    import.abandon_file().unwrap();
    import.commit().unwrap();
    assert_eq!(shuffled.fingerprint().unwrap(), before);
}

#[test]
fn promoted_delivery_is_counted_once_where_the_ads_export_tells_it_too() {
    let (_folder, mut history) = history();
    let net = (Network, "x");
    let post = |delivery, day, shares| {
        let pairs = [net, (Attribute::Ad, "post"), (Attribute::Placement, delivery)];
        let mut row = by(row(Level::Ad, &pairs, (day, day), "0"), &[Attribute::Placement]);
        (row.spend, row.reach) = (None, None);
        row.actions.set(Action::Shares, Some(shares));
        row
    };
    let posts = [("organic", 0, 2.0), ("promoted", 0, 30.0), ("promoted", 9, 4.0)];
    import(&mut history, "posts", &posts.map(|(delivery, day, n)| post(delivery, day, n)));
    let shares = |history: &History| -> f64 {
        let posts = history.posts(&PostQuery::default()).unwrap().posts;
        posts.iter().filter_map(|post| post.actions.get(&Action::Shares)).sum()
    };
    assert_eq!(shares(&history), 36.0);
    let mut ads = row(Level::Campaign, &[net, CAMPAIGN], (0, 0), "10");
    ads.actions.set(Action::Shares, Some(30.0));
    import(&mut history, "ads", &[ads]);
    assert_eq!(shares(&history), 36.0);
    assert_eq!(history.totals().unwrap().actions[&Action::Shares], 36.0);
    let panel = history.panel(&split(&[Network])).unwrap().panel;
    assert_eq!(panel.cells.len(), 1);
    assert_eq!(panel.cells[0].actions.get(Action::Shares), Some(30.0));
}

/// A page's own numbers: of a day, or of a post since its publication.
fn organic(level: Level, names: &[(Attribute, &str)], on: i64, shown: f64, shares: f64) -> Row {
    let mut row = row(level, names, (on, on), "0");
    (row.spend, row.reach, row.currency, row.impressions) = (None, None, None, Some(shown));
    row.actions.set(Action::Shares, Some(shares));
    row
}

/// What cells count: impressions and shares.
fn counted<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> (f64, f64) {
    cells.into_iter().fold((0.0, 0.0), |(shown, shares), cell| {
        let own = cell.actions.get(Action::Shares).unwrap_or_default();
        (shown + cell.impressions.unwrap_or_default(), shares + own)
    })
}

fn organic_post(name: &str, on: i64, shown: f64, shares: f64) -> Row {
    let names = [(Network, "x"), (Attribute::Ad, name), (Attribute::Format, "video")];
    organic(Level::Ad, &names, on, shown, shares)
}

#[test]
fn what_posts_have_beyond_their_page_by_day_is_kept_and_no_view_of_what_was_paid() {
    let days = [(0, 300.0, 6.0), (1, 200.0, 4.0), (2, 400.0, 6.0), (7, 300.0, 4.0)]
        .map(|(on, shown, shares)| organic(Level::Account, &[(Network, "x")], on, shown, shares));
    // The last was published when nothing of the page is known.
    let posts =
        [("a", 0, 500.0, 10.0), ("b", 2, 500.0, 8.0), ("c", 7, 900.0, 3.0), ("d", 30, 50.0, 1.0)]
            .map(|(name, on, shown, shares)| organic_post(name, on, shown, shares));
    let ads = [row(Level::Campaign, &[(Network, "x"), CAMPAIGN], (1, 1), "10")];
    let all = (1000.0 + 1000.0 + 900.0 + 50.0, 3.0 + 18.0 + 4.0 + 1.0);
    for order in [[&days[..], &posts, &ads], [&ads[..], &posts, &days]] {
        let (_folder, mut history) = history();
        for (name, rows) in ["a", "b", "c"].iter().zip(order) {
            import(&mut history, name, rows);
        }
        let totals = history.totals().unwrap();
        assert_eq!((totals.impressions, totals.actions[&Action::Shares]), all);
        for by in [Network, Attribute::Format, Campaign] {
            let asked = PanelOptions { organic: true, ..split(&[Network, by]) };
            let (shown, shares) = counted(&history.panel(&asked).unwrap().panel.cells);
            assert!((shown - all.0).abs() < 1e-9 && (shares - all.1).abs() < 1e-9, "{by:?}");
        }
        let posts = history.posts(&PostQuery::default()).unwrap().posts;
        let of =
            |name| posts.iter().find(|post| post.attributes.get(&Attribute::Ad) == Some(&name));
        assert_eq!(of("a".to_owned()).unwrap().impressions, Some(500.0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// However a page's numbers fall to its posts, and in whatever order the exports come: a page by
    /// day holds its posts, each of which counts on one day what came until the last.
    #[test]
    fn a_page_by_day_and_its_posts_are_counted_once(
        older in proptest::collection::vec((0_u32..50, 0_u32..5), 20),
        posts in proptest::collection::vec((0_usize..20, proptest::collection::vec(0_u32..90, 1..20)), 0..6),
        promoted in proptest::collection::vec(0_u32..2, 20),
        order in Just([0, 1, 2]).prop_shuffle(),
    ) {
        let net = (Network, "x");
        let mut daily: Vec<(f64, f64)> =
            older.iter().map(|(shown, shares)| (f64::from(*shown), f64::from(*shares))).collect();
        let mut of_posts = Vec::new();
        for (n, (on, counts)) in posts.iter().enumerate() {
            let (mut shown, mut shares) = (0.0, 0.0);
            for (day, count) in daily[*on..].iter_mut().zip(counts) {
                let (more, acted) = (f64::from(*count), f64::from(count / 10));
                (shown, shares) = (shown + more, shares + acted);
                *day = (day.0 + more, day.1 + acted);
            }
            of_posts.push(organic_post(&n.to_string(), *on as i64, shown, shares));
        }
        let mut of_page = Vec::new();
        for (on, ((shown, shares), promoted)) in daily.iter().zip(&promoted).enumerate() {
            let parts = if *promoted == 1 {
                vec![(Some("organic"), shown * 0.25), (Some("promoted"), shown * 0.75)]
            } else {
                vec![(None, *shown)]
            };
            for (at, (delivery, shown)) in parts.into_iter().enumerate() {
                let shares = if at == 0 { *shares } else { 0.0 };
                let mut row = organic(Level::Account, &[net], on as i64, shown, shares);
                if let Some(delivery) = delivery {
                    row.attributes[Attribute::Placement.index()] = Some(delivery.into());
                    row.breakdowns = vec![Attribute::Placement];
                }
                of_page.push(row);
            }
        }
        let paid = [row(Level::Campaign, &[net, CAMPAIGN], (40, 40), "10")];
        let files = [&of_page[..], &of_posts, &paid];
        let (_folder, mut history) = history();
        for file in order {
            import(&mut history, &file.to_string(), files[file]);
        }
        let all = daily.iter().fold((1000.0, 3.0), |sum, day| (sum.0 + day.0, sum.1 + day.1));
        let near = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).abs() + (a.1 - b.1).abs() < 1e-6;
        let totals = history.totals().unwrap();
        prop_assert!(near((totals.impressions, totals.actions[&Action::Shares]), all));
        for by in [&[Network][..], &[Network, Attribute::Format], &[Attribute::Placement], &[Attribute::Ad]] {
            let asked = PanelOptions { organic: true, ..split(by) };
            let cells = history.panel(&asked).unwrap().panel.cells;
            prop_assert!(near(counted(&cells), all), "by {:?}: {:?}, {:?}", by, counted(&cells), all);
            // Where nothing is asked that only posts know, every week is the page's.
            let first = cells.iter().filter(|cell| cell.period.unwrap().end < day(7));
            let week = daily[..7].iter().fold((0.0, 0.0), |sum, day| (sum.0 + day.0, sum.1 + day.1));
            prop_assert!(by.len() > 1 || by[0] != Network || near(counted(first), week));
        }
    }
}

#[test]
fn a_file_that_is_left_out_leaves_no_trace() {
    let (_folder, mut history) = history();
    let rows: Vec<Row> =
        (0..9).map(|i| row(Level::Campaign, &[NET, CAMPAIGN], (i, i), "1")).collect();
    import_packed(&mut history, "a", &rows);
    let before = history.fingerprint().unwrap();
    let mut import = history.begin().unwrap();
    import.pack_from(3);
    import.file(&meta("b")).unwrap();
    for i in 4..12 {
        import.row(&row(Level::Campaign, &[NET, (Campaign, "D")], (i, i), "5")).unwrap();
        import.row(&row(Level::Campaign, &[NET, CAMPAIGN], (i, i), "5")).unwrap();
    }
    import.abandon_file().unwrap();
    import.file(&meta("c")).unwrap();
    import.row(&row(Level::Campaign, &[NET, (Campaign, "D")], (4, 4), "7")).unwrap();
    assert_eq!(import.commit().unwrap().spend, Decimal::from(16));
    assert_eq!(history.journal().unwrap().last().unwrap().files.len(), 1);
    history.undo(history.journal().unwrap().last().unwrap().import).unwrap();
    assert_eq!(history.fingerprint().unwrap(), before);
}

#[test]
fn a_damaged_block_is_told_of() {
    let (_folder, mut history) = history();
    let rows: Vec<Row> =
        (0..9).map(|i| row(Level::Campaign, &[NET, CAMPAIGN], (i, i), "1")).collect();
    import_packed(&mut history, "a", &rows);
    history
        .store
        .execute("UPDATE block SET content = zeroblob(length(content)) WHERE id = 2", [])
        .unwrap();
    assert!(matches!(history.totals(), Err(HistoryError::Damaged { .. })));
    assert!(matches!(history.panel(&split(&[Network])), Err(HistoryError::Damaged { .. })));
    assert!(matches!(history.fingerprint(), Err(HistoryError::Damaged { .. })));
}

#[test]
fn many_who_open_an_older_schema_at_once_move_it_once() {
    let (folder, mut history) = history();
    import(&mut history, "a", &[row(Level::Campaign, &[NET, CAMPAIGN], (0, 0), "1.50")]);
    let path = history.path().to_path_buf();
    history.store.execute_batch(AS_VERSION_1).unwrap();
    drop(history);
    let moved: Vec<bool> = std::thread::scope(|scope| {
        let open = || {
            let history = History::open_existing(&path).unwrap();
            assert_eq!(history.totals().unwrap().rows, 1);
            history.kept_copy().is_some()
        };
        let all: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(moved.iter().filter(|moved| **moved).count(), 1);
    let names = std::fs::read_dir(folder.path()).unwrap();
    assert_eq!(names.count(), 2, "the history and one copy");
}

#[test]
fn of_two_who_undo_the_same_import_one_is_told() {
    let (_folder, mut history) = history();
    import(&mut history, "a", &[row(Level::Campaign, &[NET, CAMPAIGN], (0, 0), "1.50")]);
    let path = history.path().to_path_buf();
    let undone: Vec<bool> = std::thread::scope(|scope| {
        let undo = || History::open_existing(&path).unwrap().undo(1).is_ok();
        let both: Vec<_> = (0..2).map(|_| scope.spawn(undo)).collect();
        both.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(undone.iter().filter(|undone| **undone).count(), 1, "{undone:?}");
}

#[test]
fn an_older_schema_moves_forward_and_leaves_a_copy() {
    let (_folder, mut history) = history();
    import(&mut history, "a", &[row(Level::Campaign, &[NET, CAMPAIGN], (0, 0), "1.50")]);
    let (path, before) = (history.path().to_path_buf(), history.fingerprint().unwrap());
    history.store.execute_batch(AS_VERSION_1).unwrap();
    drop(history);
    let history = History::open_existing(&path).unwrap();
    assert_eq!(history.fingerprint().unwrap(), before);
    let line: (String, String, String) = history
        .store
        .query_row("SELECT start, campaign, spend FROM readable", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    assert_eq!(line, ("2024-01-01".into(), "C".into(), "1.50".into()));
    let copy = history.kept_copy().unwrap().to_path_buf();
    assert!(copy.ends_with("history.sqlite.v1"));
    let old = rusqlite::Connection::open(&copy).unwrap();
    let version: i64 = old.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    let rows: i64 = old.query_row("SELECT count(*) FROM row", [], |row| row.get(0)).unwrap();
    assert_eq!((version, rows), (1, 1));
    drop(history);
    let mut history = History::open(&path).unwrap();
    assert!(history.kept_copy().is_none());
    // What was stored before is still known by what it stands for.
    let newer = [row(Level::Campaign, &[NET, CAMPAIGN], (0, 0), "2")];
    assert_eq!(import(&mut history, "b", &newer).replaced, 1);
    assert_eq!(count(&history, "SELECT count(*) FROM label"), 1);
}

#[test]
fn a_report_on_audiences_without_money_shares_the_accounts_money_out() {
    let net = (Attribute::Network, "linkedin");
    let paid: Vec<Row> = (0..10)
        .map(|i| {
            let campaign = (Attribute::Campaign, if i % 2 == 0 { "A" } else { "B" });
            row(Level::Campaign, &[net, campaign], (i, i), "10")
        })
        .collect();
    let shown = |attribute: Attribute, values: &[(&str, f64)], days| -> Vec<Row> {
        let rows = values.iter().map(|(value, impressions)| {
            let mut row =
                by(row(Level::Account, &[net, (attribute, value)], days, "0"), &[attribute]);
            (row.spend, row.reach) = (None, None);
            row.impressions = Some(*impressions);
            row.actions = Counts::default();
            row
        });
        rows.collect()
    };
    let (_folder, mut history) = history();
    import(&mut history, "paid", &paid);
    let places = [("REG-76", 600.0), ("REG-11", 300.0), ("DE", 100.0)];
    let mut audiences = shown(Attribute::Territory, &places, (0, 9));
    audiences.extend(shown(Attribute::Interest, &[("Education", 50.0)], (0, 9)));
    // A month in which nothing was paid is no money, and no row of the panel.
    audiences.extend(shown(Attribute::Territory, &places, (40, 49)));
    import(&mut history, "audiences", &audiences);
    let report = history.panel(&split(&[Network, Attribute::Territory])).unwrap();
    assert_eq!((report.spend, report.modelled), (Decimal::from(100), Decimal::from(100)));
    let spends = spends(&report);
    let of = |place: &str| spends[&format!("linkedin · {place}")];
    assert!((of("REG-76") - 60.0).abs() < 1e-9 && (of("REG-11") - 30.0).abs() < 1e-9);
    assert!(report.panel.cells.iter().all(|cell| cell.from_breakdown && cell.spend > 0.0));
    let days = report.panel.cells.iter().filter_map(|cell| cell.period).map(|p| p.end).max();
    assert!(days.unwrap() < day(20));
    // Asked for nothing of theirs, they change nothing.
    let plain = history.panel(&split(&[Network, Campaign])).unwrap();
    assert_eq!((plain.spend, plain.modelled), (Decimal::from(100), Decimal::ZERO));
    assert_eq!(plain.panel.segments.len(), 2);
    assert_eq!(history.totals().unwrap().spend, Decimal::from(100));
}

#[test]
fn the_history_adds_up_overlapping_exports_once() {
    let campaign = row(Level::Campaign, &[NET, CAMPAIGN], (0, 6), "70");
    let days: Vec<Row> =
        (0..7).map(|i| row(Level::Campaign, &[NET, CAMPAIGN], (i, i), "10")).collect();
    let ages: Vec<Row> = ["18-24", "25-34"]
        .into_iter()
        .map(|age| {
            let pairs = [NET, CAMPAIGN, (Attribute::Age, age)];
            by(row(Level::Campaign, &pairs, (0, 6), "34.5"), &[Attribute::Age])
        })
        .collect();
    let exports: [&[Row]; 3] = [std::slice::from_ref(&campaign), &days, &ages];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let (_folder, mut history) = history();
        for (n, file) in order.into_iter().enumerate() {
            import(&mut history, &n.to_string(), exports[file]);
        }
        let totals = history.totals().unwrap();
        assert_eq!((totals.rows, totals.spend), (10, Decimal::from(70)), "{order:?}");
        let panel = history.panel(&PanelOptions::default()).unwrap();
        assert_eq!(panel.spend, totals.spend);
    }
    // All in one import into an empty history, whose own sum must not be taken for it.
    let (_folder, mut history) = history();
    let mut import = history.begin().unwrap();
    for (n, rows) in exports.into_iter().enumerate() {
        import.file(&meta(&n.to_string())).unwrap();
        for row in rows {
            import.row(row).unwrap();
        }
    }
    assert_eq!(import.commit().unwrap().spend, Decimal::from(70));
    assert_eq!(history.totals().unwrap().spend, Decimal::from(70));
}

#[test]
fn two_currencies_are_each_counted_once() {
    let (_folder, mut history) = history();
    let euros = row(Level::Campaign, &[NET, CAMPAIGN], (0, 0), "3");
    let mut dollars = row(Level::Campaign, &[NET, (Attribute::Campaign, "D")], (0, 0), "4");
    dollars.currency = Some("USD".parse().unwrap());
    let ads = by(row(Level::Campaign, &[NET, CAMPAIGN], (0, 0), "3"), &[Attribute::Age]);
    import(&mut history, "a", &[euros, dollars]);
    import(&mut history, "b", &[ads]);
    assert_eq!(history.totals().unwrap().spend, Decimal::from(7));
}

#[test]
fn a_file_of_namesakes_is_stored_in_order_and_in_no_time() {
    let (_folder, mut history) = history();
    // More than wait at a time; all of them stand for the same thing and day.
    let spend = |i: i64| format!("0.{:05}", i + 1);
    let rows: Vec<Row> =
        (0..40_000).map(|i| row(Level::Campaign, &[NET, CAMPAIGN], (0, 0), &spend(i))).collect();
    assert_eq!(import(&mut history, "a", &rows).imported, 40_000);
    let misplaced: i64 = history
        .store
        .query_row("SELECT count(*) FROM row WHERE spend <> printf('0.%05d', nth + 1)", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(misplaced, 0);
    let mut newer = rows.clone();
    newer[30_000].spend = Some("0.5".parse().unwrap());
    let counts = import(&mut history, "b", &newer);
    assert_eq!((counts.imported, counts.replaced, counts.duplicate), (0, 1, 39_999));
}

#[test]
fn what_an_import_sums_is_what_the_store_holds() {
    let (_folder, mut history) = history();
    let mut import = history.begin().unwrap();
    for (name, campaign) in [("a", "A"), ("b", "B")] {
        import.file(&meta(name)).unwrap();
        for i in 0..50 {
            let mut row = row(
                Level::Campaign,
                &[NET, (Attribute::Campaign, campaign)],
                ((i * 7) % 50, (i * 7) % 50),
                "1.25",
            );
            row.censored = if i % 5 == 0 { vec![Action::Shares] } else { Vec::new() };
            row.impressions = (i % 3 != 0).then_some(10.0);
            import.row(&row).unwrap();
        }
    }
    let totals = import.commit().unwrap();
    assert_eq!(totals.actions[&Action::Shares], 240.0);
    assert_eq!(totals, history.totals().unwrap());
}

#[test]
fn a_full_disk_is_told_and_nothing_is_stored() {
    let (_folder, mut history) = history();
    import(&mut history, "a", &[row(Level::Campaign, &[NET, CAMPAIGN], (0, 0), "1")]);
    let before = history.fingerprint().unwrap();
    let pages: i64 = history.store.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    history.store.pragma_update(None, "max_page_count", pages).unwrap();
    let mut full = history.begin().unwrap();
    full.file(&meta("b")).unwrap();
    let outcome = (1..5000)
        .try_for_each(|i| full.row(&row(Level::Campaign, &[NET, CAMPAIGN], (i, i), "1.5")))
        .and_then(|()| full.end_file().map(drop));
    assert!(matches!(outcome, Err(HistoryError::DiskFull { .. })), "{outcome:?}");
    drop(full);
    assert_eq!(history.fingerprint().unwrap(), before);
}

#[test]
fn days_and_numbers_agree() {
    assert_eq!(date_of(number(day(500))), day(500));
}

/// One export of a small world: some campaigns, at some grain, over some window, some rows lacking.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "independent choices of an export")]
struct Export {
    level: u8,
    ages: bool,
    genders: bool,
    whole_window: bool,
    with_ids: bool,
    suppressed: Vec<bool>,
}

fn export() -> impl Strategy<Value = Export> {
    (0_u8..4, any::<[bool; 4]>(), proptest::collection::vec(proptest::bool::weighted(0.15), 40))
        .prop_map(|(level, [ages, genders, whole_window, with_ids], suppressed)| Export {
            level,
            ages,
            genders,
            whole_window,
            with_ids,
            suppressed,
        })
}

/// Cents spent in the world by (ad, age, gender, day): 2 campaigns × 2 ad sets × 2 ads.
fn cents(ad: usize, age: usize, gender: usize, day: usize) -> i64 {
    ((ad * 37 + age * 11 + gender * 5 + day * 3) % 50 + 1) as i64
}

const DAYS: usize = 5;

fn rows_of(export: &Export, complete: bool) -> Vec<Row> {
    let mut money: BTreeMap<(usize, Option<usize>, Option<usize>, usize), i64> = BTreeMap::new();
    for ad in 0..8 {
        for cell in 0..4 * DAYS {
            let (age, gender, day) = (cell % 2, cell / 2 % 2, cell / 4);
            let thing = ad >> (3 - export.level);
            let key = (
                thing,
                export.ages.then_some(age),
                export.genders.then_some(gender),
                if export.whole_window { 0 } else { day },
            );
            *money.entry(key).or_default() += cents(ad, age, gender, day);
        }
    }
    let level = [Level::Account, Level::Campaign, Level::AdSet, Level::Ad][export.level as usize];
    money
        .into_iter()
        .enumerate()
        .filter(|(i, _)| complete || !export.suppressed[i % export.suppressed.len()])
        .map(|(_, ((thing, age, gender, start), cents))| {
            let period = if export.whole_window {
                (0, DAYS as i64 - 1)
            } else {
                (start as i64, start as i64)
            };
            let spend = Decimal::new(cents, 2).to_string();
            let mut row = row(level, &[NET], period, &spend);
            for (step, attribute) in [Campaign, AdSet, Attribute::Ad].into_iter().enumerate() {
                if step < export.level as usize {
                    let place = thing >> (export.level as usize - 1 - step);
                    row.attributes[attribute.index()] = Some(format!("{attribute} {place}").into());
                    if export.with_ids {
                        row.ids[step] = Some(format!("{step}{place}").into());
                    }
                }
            }
            for (attribute, value) in [(Age, age), (Gender, gender)] {
                if let Some(value) = value {
                    row.attributes[attribute.index()] = Some(format!("{attribute}{value}").into());
                    row.breakdowns.push(attribute);
                }
            }
            row
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is asked and however exports overlap, the panel's money is the account's.
    #[test]
    fn panel_spend_is_account_spend(
        exports in proptest::collection::vec(export(), 0..4), complete in export(),
    ) {
        let (_folder, mut history) = history();
        for (i, export) in exports.iter().enumerate() {
            import(&mut history, &format!("file {i}"), &rows_of(export, false));
        }
        import(&mut history, "complete", &rows_of(&complete, true));
        let account: i64 =
            (0..8 * 4 * DAYS).map(|i| cents(i % 8, i / 8 % 2, i / 16 % 2, i / 32)).sum();
        let questions = [
            &[][..], &[Network], &[Age], &[Age, Gender], &[Campaign], &[AdSet, Age],
            &[Attribute::Ad, Gender],
        ];
        for asked in questions {
            let report = history.panel(&split(asked)).unwrap();
            prop_assert_eq!(report.spend, Decimal::new(account, 2), "asked {:?}: {:?}", asked, spends(&report));
            prop_assert_eq!(report.drift, Decimal::ZERO);
            let sum = report.panel.spend();
            prop_assert!((sum - account as f64 / 100.0).abs() < 1e-9 * sum.max(1.0));
        }
    }

    /// Taking an import back gives what the others alone would have made.
    #[test]
    fn undo_is_as_if_it_never_was(
        files in proptest::collection::vec(
            proptest::collection::vec((0_i64..4, 0_u8..3, 1_u8..4), 1..6), 1..5),
        which in 0_usize..5,
    ) {
        let rows = |file: &Vec<(i64, u8, u8)>| -> Vec<Row> {
            file.iter().map(|(day, campaign, spend)| {
                let campaign = format!("C{campaign}");
                row(Level::Campaign, &[NET, (Campaign, &campaign)], (*day, *day), &spend.to_string())
            }).collect()
        };
        let undone = which % files.len();
        let (_folder, mut all) = history();
        let mut numbers = Vec::new();
        for (i, file) in files.iter().enumerate() {
            import(&mut all, &format!("file {i}"), &rows(file));
            numbers.push(all.journal().unwrap().last().unwrap().import);
        }
        let stored = undone == 0 || numbers[undone] != numbers[undone - 1];
        prop_assume!(stored);
        all.undo(numbers[undone]).unwrap();
        let (_folder, mut others) = history();
        for (i, file) in files.iter().enumerate().filter(|(i, _)| *i != undone) {
            // Files that changed nothing beside the one taken back left no trace then.
            let left_trace = i == 0 || numbers[i] != numbers[i - 1];
            if left_trace {
                import(&mut others, &format!("file {i}"), &rows(file));
            }
        }
        prop_assert_eq!(all.fingerprint().unwrap(), others.fingerprint().unwrap());
    }

    /// Packing is a matter of storing: whatever is imported in whatever order, several exports over
    /// each other, and taken back in whatever order, the same rows are in force and out of it, and
    /// everything asked of the history has the same answer.
    #[test]
    fn packed_or_not_the_answers_are_the_same(
        steps in proptest::collection::vec(step(), 1..9), as_if in any::<[bool; 8]>(),
    ) {
        let (_folder, mut plain) = history();
        let (_folder, mut packed) = history();
        for (i, step) in steps.iter().enumerate() {
            match step {
                Step::Import { files, pack_from, is_left_out } => {
                    let files: Vec<(String, Vec<Row>)> = (0..).zip(files).map(|(n, file)| {
                        (format!("file {i} {n}"), days_of(file))
                    }).collect();
                    let files: Vec<(&str, &[Row])> =
                        files.iter().map(|(name, rows)| (name.as_str(), rows.as_slice())).collect();
                    if *is_left_out {
                        let before = everything(&packed);
                        let mut import = packed.begin().unwrap();
                        import.pack_from(3);
                        import.file(&meta("left out")).unwrap();
                        files[0].1.iter().try_for_each(|row| import.row(row)).unwrap();
                        import.abandon_file().unwrap();
                        import.commit().unwrap();
                        prop_assert_eq!(&everything(&packed), &before);
                    }
                    // Some of them row by row in both.
                    let pack_from = Some(*pack_from).filter(|_| !as_if[i % as_if.len()]);
                    prop_assert_eq!(
                        import_all(&mut plain, &files, None),
                        import_all(&mut packed, &files, pack_from)
                    );
                }
                Step::Undo(which) => {
                    let journal = plain.journal().unwrap();
                    let in_place: Vec<i64> = journal.iter().filter(|entry| !entry.undone)
                        .map(|entry| entry.import).collect();
                    if in_place.is_empty() {
                        continue;
                    }
                    let undone = *which.get(&in_place);
                    prop_assert_eq!(plain.undo(undone).unwrap(), packed.undo(undone).unwrap());
                }
            }
            prop_assert_eq!(everything(&plain), everything(&packed));
            prop_assert_eq!(plain.journal().unwrap(), packed.journal().unwrap());
            compare_all(&packed.store, packed.path(), Way::Summed).unwrap();
        }
        prop_assert_eq!(plain.fingerprint().unwrap(), packed.fingerprint().unwrap());
        prop_assert_eq!(plain.totals().unwrap(), packed.totals().unwrap());
        let panel = |history: &History| format!("{:?}", history.panel(&split(&[Campaign])));
        prop_assert_eq!(panel(&plain), panel(&packed));
    }
}

/// Rows by day, campaign and amount, and whether the file has them in order.
type Days = (Vec<(i64, u8, u8)>, bool);

/// Something done to a history.
#[derive(Debug, Clone)]
enum Step {
    Import { files: Vec<Days>, pack_from: usize, is_left_out: bool },
    Undo(prop::sample::Index),
}

fn step() -> impl Strategy<Value = Step> {
    let file = (proptest::collection::vec((0_i64..6, 0_u8..3, 1_u8..4), 1..24), any::<bool>());
    let files = proptest::collection::vec(file, 1..3);
    let import = (files, 2_usize..9, proptest::bool::weighted(0.2))
        .prop_map(|(files, pack_from, is_left_out)| Step::Import { files, pack_from, is_left_out });
    prop_oneof![3 => import, 1 => any::<prop::sample::Index>().prop_map(Step::Undo)]
}

fn days_of((days, in_order): &Days) -> Vec<Row> {
    let mut days = days.clone();
    if *in_order {
        days.sort_unstable();
    }
    let rows = (2..).zip(days).map(|(line, (day, campaign, spend))| {
        let campaign = format!("C{campaign}");
        let spend = ["1", "1.0", "2.50"][usize::from(spend - 1)];
        let row = row(Level::Campaign, &[NET, (Campaign, &campaign)], (day, day), spend);
        Row { line, ..row }
    });
    rows.collect()
}

#[test]
fn a_large_export_again_stays_packed_and_a_correction_marks_what_it_meets() {
    let (_folder, mut history) = history();
    let rows = |changed: i64| -> Vec<Row> {
        let one = |i: i64| {
            let campaign = format!("C{}", i % 400);
            let mut row =
                row(Level::Campaign, &[NET, (Campaign, &campaign)], (i / 400, i / 400), "1.25");
            row.actions.set(Action::Shares, Some(if i % 10 < changed { 4.0 } else { 3.0 }));
            row
        };
        (0..40_000).map(one).collect()
    };
    let size = |history: &History| {
        count(history, "PRAGMA page_count") - count(history, "PRAGMA freelist_count")
    };
    let in_tables = "SELECT (SELECT count(*) FROM row) + (SELECT count(*) FROM older)";
    import(&mut history, "a", &rows(0));
    let (first, once) = (history.fingerprint().unwrap(), size(&history));
    // Three of ten rows have changed: the others are as new as they, and all are packed.
    let counts = import(&mut history, "b", &rows(3));
    assert_eq!((counts.imported, counts.replaced, counts.duplicate), (0, 12_000, 28_000));
    let (second, twice) = (history.fingerprint().unwrap(), size(&history));
    assert_eq!(count(&history, in_tables), 0);
    assert!(twice * 10 < once * 21, "{once} pages became {twice}");
    // Ten rows more change ten rows, and hardly a page.
    let counts = import(&mut history, "c", &rows(10)[9_995..10_005]);
    assert_eq!((counts.replaced, counts.duplicate), (7, 3));
    assert_eq!(count(&history, in_tables), 10);
    assert!(size(&history) < twice + 8, "{twice} pages became {}", size(&history));
    // Taken back in the order in which they came, the last one stays.
    let all = history.totals().unwrap();
    assert_eq!(history.undo(1).unwrap(), Undone { removed: 0, restored: 0 });
    assert_eq!(history.totals().unwrap(), all);
    assert_eq!(history.undo(3).unwrap(), Undone { removed: 10, restored: 10 });
    assert_eq!(history.fingerprint().unwrap(), second);
    assert_eq!(history.undo(2).unwrap(), Undone { removed: 40_000, restored: 0 });
    import(&mut history, "again", &rows(0));
    assert_eq!(history.fingerprint().unwrap(), first);
}

#[test]
fn a_large_export_packs_what_it_takes_from_the_table_and_gives_it_back() {
    let (_folder, mut history) = history();
    let rows = |spend: &str| -> Vec<Row> {
        (0..20_000)
            .map(|i| {
                let campaign = format!("C{}", i % 400);
                row(Level::Campaign, &[NET, (Campaign, &campaign)], (i / 400, i / 400), spend)
            })
            .collect()
    };
    for (part, rows) in rows("1.50").chunks(5_000).enumerate() {
        import(&mut history, &part.to_string(), rows);
    }
    let before = history.fingerprint().unwrap();
    assert_eq!(count(&history, "SELECT count(*) FROM row"), 20_000);
    assert_eq!(import(&mut history, "all", &rows("1.5")).replaced, 20_000);
    assert_eq!(count(&history, "SELECT count(*) FROM row"), 0);
    // The last of them, fewer than a block holds, stay in a table.
    assert!(count(&history, "SELECT count(*) FROM older") < 1_024);
    assert_eq!(history.undo(5).unwrap(), Undone { removed: 20_000, restored: 20_000 });
    assert_eq!(history.fingerprint().unwrap(), before);
}

#[test]
fn a_rename_takes_packed_rows_along_that_are_out_of_force() {
    let of = |campaign: &str, days: std::ops::Range<i64>, spend: &str| -> Vec<Row> {
        days.map(|i| row(Level::Campaign, &[NET, (Campaign, campaign)], (i, i), spend)).collect()
    };
    let both = [None, Some(3)].map(|pack_from| {
        let (_folder, mut history) = history();
        for (name, rows) in [
            ("first", of("C", 0..9, "1")),
            ("again", of("C", 0..9, "2")),
            ("later", of("D", 7..12, "3")),
        ] {
            import_all(&mut history, &[(name, &rows)], pack_from);
        }
        history.rename(Campaign, "C", "D", None).unwrap();
        let renamed = (everything(&history), history.totals().unwrap());
        compare_all(&history.store, history.path(), Way::Summed).unwrap();
        let undone = (history.undo(2).unwrap(), everything(&history));
        (renamed, undone)
    });
    assert_eq!(both[0], both[1]);
    assert_eq!(both[0].0.1.spend, Decimal::from(7 * 2 + 5 * 3));
}
