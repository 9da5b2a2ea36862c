//! Histories that were damaged or edited: what is answered is what was stored, or nothing is.

use std::path::{Path, PathBuf};

use Attribute::{Ad, AdSet, Campaign};
use rand::RngExt as _;
use rusqlite::Connection;
use tempfile::TempDir;

use super::row::{Level, Row};
use super::store::seal::{Way, close, compare_all};
use super::tests::{
    AS_VERSION_1, CAMPAIGN, NET, count, history, import, import_packed, row, split,
};
use super::*;
use crate::panel::DesignedWeek;
use crate::random::{Purpose, Seed};
use crate::segment::Attribute;

/// Ads by day, in the table; half of them with ids.
fn ads(spend: &str) -> Vec<Row> {
    let ad = |i: i64| {
        let name = format!("Publicité nº {}", i % 7);
        let pairs = [NET, CAMPAIGN, (AdSet, "S"), (Ad, name.as_str())];
        let mut row = row(Level::Ad, &pairs, (i / 7, i / 7), spend);
        row.ids[2] = (i % 2 == 0).then(|| format!("4{}", i % 7).into());
        let window = if i % 7 == 3 { "1-day click" } else { "7-day click" };
        row.attributes[Attribute::Attribution.index()] = Some(window.into());
        row
    };
    (0..84).map(ad).collect()
}

/// A history with everything that one may have: rows in the table and packed, rows of both replaced
/// by few and by many, names changed, an import taken back; no week marked, as before marks were.
fn unmarked() -> (TempDir, PathBuf) {
    let (folder, mut history) = history();
    import(&mut history, "ads", &ads("1.25"));
    let posts: Vec<Row> = (0..60)
        .map(|i| row(Level::Campaign, &[NET, (Campaign, "P")], (40 + i, 40 + i), "2.50"))
        .collect();
    import_packed(&mut history, "posts", &posts);
    import(&mut history, "newer", &ads("1.75")[20..50]);
    import(&mut history, "wrong", &ads("99")[..9]);
    history.undo(4).unwrap();
    let dearer = |rows: &[Row]| -> Vec<Row> {
        rows.iter().map(|row| Row { spend: Some(3.into()), ..row.clone() }).collect()
    };
    let few = [4, 6, 8].map(|at| posts[at].clone());
    import(&mut history, "few posts", &dearer(&few));
    import_packed(&mut history, "many posts", &dearer(&posts[30..46]));
    import_packed(&mut history, "many ads", &dearer(&ads("1")[63..75]));
    for (name, campaign, days) in [("old", "Q", 0..4), ("new", "R", 3..6), ("old again", "Q", 5..9)]
    {
        let day =
            |n: i64| row(Level::Campaign, &[NET, (Campaign, campaign)], (2 * n, 2 * n), "4.25");
        import(&mut history, name, &days.map(day).collect::<Vec<_>>());
        if name == "new" {
            history.rename(Campaign, "Q", "R", None).unwrap();
        }
    }
    assert_eq!(count(&history, "SELECT sum(rows) FROM block"), 60 - 3 + 12);
    assert_eq!(count(&history, "SELECT count(*) FROM block WHERE rows = 0"), 5 + 4);
    assert!(count(&history, "SELECT count(*) FROM block WHERE rows IN (1, 2)") > 1);
    assert!(count(&history, "SELECT count(*) FROM older") > 0);
    (folder, history.path().to_path_buf())
}

/// The same with a week marked.
fn full() -> (TempDir, PathBuf) {
    let (folder, path) = unmarked();
    let mut history = History::open_existing(&path).unwrap();
    let tested = DesignedWeek {
        attributes: [("network".to_owned(), "meta".to_owned())].into(),
        week: "2026-W20".parse().unwrap(),
    };
    assert_eq!(history.mark_designed(&[tested], None).unwrap(), 1);
    (folder, path)
}

/// The answer to every question, or why there is none.
fn answers(path: &Path) -> Vec<Result<String, HistoryError>> {
    let history = match History::open_existing(path) {
        Ok(history) => history,
        Err(error) => return vec![Err(error)],
    };
    let told = |answer: &dyn std::fmt::Debug| format!("{answer:?}");
    vec![
        history.totals().map(|answer| told(&answer)),
        history.panel(&split(&[Campaign, AdSet, Ad])).map(|answer| told(&answer)),
        history.posts(&PostQuery::default()).map(|answer| told(&answer)),
        history.windows().map(|answer| told(&answer)),
        history.fingerprint(),
        history.journal().map(|answer| told(&answer)),
    ]
}

/// Something written to a history.
type Step = fn(&Path) -> Result<(), HistoryError>;

/// What is written after the damage, step by step: a newer export, and imports taken back.
const STEPS: [Step; 3] = [
    |path| {
        let mut history = History::open_existing(path)?;
        let mut newer = history.begin()?;
        let (name, format) = ("later".to_owned(), "test".to_owned());
        newer.file(&FileMeta { fingerprint: name.clone(), name, format, currency: None })?;
        ads("3")[10..30].iter().try_for_each(|row| newer.row(row))?;
        newer.end_file()?;
        newer.commit().map(drop)
    },
    |path| History::open_existing(path)?.undo(3).map(drop),
    |path| History::open_existing(path)?.undo(2).map(drop),
];

fn written(path: &Path) -> Result<(), HistoryError> {
    STEPS.into_iter().try_for_each(|step| step(path))
}

/// The answers of a sound history, before and after every step.
struct Expected(Vec<Vec<String>>);

impl Expected {
    fn of(path: &Path) -> Self {
        let copy = path.with_extension("copy");
        std::fs::copy(path, &copy).unwrap();
        let mut expected = vec![sound_answers(&copy)];
        for step in STEPS {
            step(&copy).unwrap();
            seal_of(&copy);
            expected.push(sound_answers(&copy));
        }
        std::fs::remove_file(copy).unwrap();
        Self(expected)
    }

    fn first(&self) -> &[String] {
        &self.0[0]
    }

    fn last(&self) -> &[String] {
        &self.0[STEPS.len()]
    }

    /// Holds every answer of a damaged history against these, step by step, and gives whether
    /// anything was refused.
    fn is_refused(&self, path: &Path, what: &str) -> bool {
        let compare = |step: usize| {
            let mut refused = false;
            for (at, answer) in answers(path).into_iter().enumerate() {
                match answer {
                    Ok(answer) => assert_eq!(answer, self.0[step][at], "{what}: {step}, {at}"),
                    Err(_) => refused = true,
                }
            }
            refused
        };
        let mut refused = compare(0);
        for (at, step) in STEPS.into_iter().enumerate() {
            if step(path).is_err() {
                // Nothing of it was stored.
                compare(at);
                return true;
            }
            refused |= compare(at + 1);
        }
        refused
    }
}

/// Reads everything, and compares it with what the writers have added up.
fn seal_of(path: &Path) {
    compare_all(&Connection::open(path).unwrap(), path, Way::Summed).unwrap();
}

fn sound_answers(path: &Path) -> Vec<String> {
    answers(path).into_iter().map(Result::unwrap).collect()
}

fn edit(path: &Path, sql: &str) {
    let store = Connection::open(path).unwrap();
    store.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

#[test]
fn an_edited_history_is_refused_by_what_was_edited() {
    let (_folder, path) = full();
    let expected = Expected::of(&path);
    let edited = path.with_extension("edited");
    for (part, sql) in [
        (Part::Rows, "UPDATE row SET spend = '9.25' WHERE start = (SELECT min(start) FROM row)"),
        (Part::Rows, "UPDATE row SET spend = '1.250' WHERE nth = 0 AND start = 19725"),
        (
            Part::Rows,
            "DELETE FROM row WHERE (start, identity) IN (SELECT start, identity FROM row LIMIT 1)",
        ),
        (
            Part::Rows,
            "INSERT INTO row SELECT start, identity, end, nth + 1, file, line, label, spend, impressions, reach, shares, comments, saves, link_clicks, clicks, engagements, video_completions, reactions, follows, views, censored FROM row LIMIT 1",
        ),
        (Part::Rows, "UPDATE row SET shares = shares + 1, impressions = impressions - 1"),
        (Part::Rows, "UPDATE row SET start = start + 1, end = end + 1"),
        (Part::Rows, "UPDATE row SET label = (SELECT max(id) FROM label)"),
        (Part::Labels, "UPDATE label SET campaign = 'D' WHERE id = 1"),
        (Part::Labels, "UPDATE label SET currency = 'USD'"),
        (Part::Labels, "DELETE FROM label WHERE id = 2"),
        (Part::Labels, "UPDATE label SET exported = NULL"),
        (Part::Renames, "UPDATE rename SET later = 'P'"),
        (Part::Renames, "DELETE FROM rename"),
        (Part::Designed, "UPDATE designed SET monday = '2026-01-05'"),
        (Part::Designed, "DELETE FROM designed"),
        (
            Part::Blocks,
            "UPDATE block SET content = (SELECT content FROM block WHERE id = 2) WHERE id = 1",
        ),
        (Part::Blocks, "UPDATE block SET last_day = last_day - 1 WHERE id = 3"),
        (Part::Blocks, "DELETE FROM block WHERE id = 1"),
        (Part::Blocks, "UPDATE block SET rows = 3 WHERE rows = 0"),
        (Part::Blocks, "DELETE FROM block WHERE rows = 0"),
        (
            Part::Blocks,
            "UPDATE block SET content = (SELECT content FROM block WHERE rows = 3) WHERE rows = 2",
        ),
        (Part::Files, "UPDATE file SET fingerprint = 'x' WHERE id = 1"),
        (Part::Files, "UPDATE file SET stored_totals = NULL WHERE id = 1"),
        (Part::Imports, "UPDATE import SET undone = 1 - undone"),
        (Part::Older, "UPDATE older SET spend = '5'"),
        (Part::Older, "DELETE FROM older"),
        (Part::Identities, "UPDATE identity SET digest = randomblob(16) WHERE id = 1"),
        (Part::Schema, "DROP VIEW readable"),
        (Part::Schema, "ALTER TABLE row ADD COLUMN remark"),
        (Part::Rows, "DELETE FROM seal WHERE part = 'row'"),
        (Part::Rows, "UPDATE seal SET rows = rows + 1 WHERE part = 'row'"),
    ] {
        std::fs::copy(&path, &edited).unwrap();
        edit(&edited, sql);
        let mut told: Vec<HistoryError> =
            answers(&edited).into_iter().filter_map(Result::err).collect();
        told.extend(written(&edited).err());
        let named = |error: &HistoryError| matches!(error, HistoryError::Altered { part: found, .. } if *found == part);
        assert!(!told.is_empty() && told.iter().all(named), "{sql}: {told:?}");
        std::fs::copy(&path, &edited).unwrap();
        edit(&edited, sql);
        assert!(expected.is_refused(&edited, sql));
    }
    // What changes nothing that is stored is nobody's business.
    std::fs::copy(&path, &edited).unwrap();
    edit(&edited, "CREATE INDEX mine ON row (spend); DROP INDEX mine; VACUUM; REINDEX;");
    assert!(!expected.is_refused(&edited, "vacuum"));
}

#[test]
fn what_no_relais_has_made_is_refused_by_its_name() {
    let (_folder, path) = full();
    let edited = path.with_extension("edited");
    for (kind, name, sql) in [
        (
            "trigger",
            "cheaper",
            "CREATE TRIGGER cheaper AFTER INSERT ON row BEGIN UPDATE row SET spend = '1'; END",
        ),
        ("view", "mine", "CREATE VIEW mine AS SELECT * FROM row"),
        ("index", "mine", "CREATE INDEX mine ON row (spend)"),
        ("table", "notes", "CREATE TABLE notes (text)"),
        ("table", "sqlite_stat1", "ANALYZE"),
    ] {
        std::fs::copy(&path, &edited).unwrap();
        edit(&edited, sql);
        let told = History::open(&edited).unwrap_err();
        let is_named = matches!(&told, HistoryError::Foreign { kind: k, name: n, .. }
            if k == kind && (n == name || kind == "table"));
        assert!(is_named, "{sql}: {told:?}");
    }
    for sql in [
        "DROP TABLE seal",
        "PRAGMA user_version = 7",
        "PRAGMA user_version = 4",
        "PRAGMA user_version = 1",
    ] {
        std::fs::copy(&path, &edited).unwrap();
        edit(&edited, sql);
        let told = History::open(&edited).unwrap_err();
        assert!(matches!(told, HistoryError::Damaged { .. }), "{sql}: {told:?}");
    }
}

/// Changes some bytes, as a bad disk, a cut transfer or a lost write do.
fn damage(bytes: &mut Vec<u8>, rng: &mut impl rand::Rng) -> &'static str {
    const PAGE: usize = 4096;
    let at = rng.random_range(0..bytes.len());
    let pages = bytes.len() / PAGE;
    let page = |n: usize| n * PAGE..(n + 1) * PAGE;
    match rng.random_range(0..8) {
        0 | 1 => {
            bytes[at] ^= 1 << rng.random_range(0..8);
            "a bit"
        }
        2 | 3 => {
            bytes[at] = rng.random_range(0..=255);
            "a byte"
        }
        4 => {
            let end = (at + rng.random_range(1..200)).min(bytes.len());
            bytes[at..end].fill(0);
            "zeros"
        }
        5 => {
            let (from, to) = (rng.random_range(0..pages), rng.random_range(0..pages));
            bytes.copy_within(page(from), to * PAGE);
            "a page in another's place"
        }
        6 => {
            let (a, b) = (rng.random_range(0..pages), rng.random_range(0..pages));
            let first = bytes[page(a)].to_vec();
            bytes.copy_within(page(b), a * PAGE);
            bytes[page(b)].copy_from_slice(&first);
            "two pages changed over"
        }
        _ => {
            bytes.truncate(at);
            "a cut"
        }
    }
}

/// `RELAIS_TEST_ROUNDS=10000 cargo test --lib history::damage` for the long form.
#[test]
fn a_history_damaged_at_random_never_answers_differently() {
    let (_folder, path) = full();
    let expected = Expected::of(&path);
    let bytes = std::fs::read(&path).unwrap();
    let damaged = path.with_extension("damaged");
    let rounds = std::env::var("RELAIS_TEST_ROUNDS").ok().and_then(|n| n.parse().ok());
    let seed = std::env::var("RELAIS_TEST_SEED").ok().and_then(|n| n.parse().ok());
    let (rounds, seed) = (rounds.unwrap_or(400), seed.unwrap_or(17));
    let mut refused = 0;
    for round in 0..rounds {
        let mut rng = Seed(seed).stream(Purpose::Generate, round);
        let mut changed = bytes.clone();
        let what = damage(&mut changed, &mut rng);
        std::fs::write(&damaged, &changed).unwrap();
        let what = format!("seed {seed}, round {round}, {what}");
        refused += u64::from(expected.is_refused(&damaged, &what));
        let journal = damaged.with_extension("damaged-journal");
        let _ = std::fs::remove_file(journal);
    }
    eprintln!("{rounds} damaged histories: {refused} refused, the others answered as before");
    assert!(refused > rounds / 4, "only {refused} of {rounds} were noticed");
}

/// Names of all files in the folder of a history, sorted.
fn names(path: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(path.parent().unwrap()).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

/// Turns a file into what version 4 would have written.
const AS_VERSION_4: &str = "DROP TABLE seal; DROP TABLE rename; DROP TABLE designed; \
     ALTER TABLE label DROP COLUMN exported; PRAGMA user_version = 4";

#[test]
fn a_history_without_checksums_gets_them_and_one_copy_is_kept() {
    let (_folder, path) = unmarked();
    let expected = Expected::of(&path);
    edit(&path, AS_VERSION_4);
    let old = std::fs::read(&path).unwrap();
    assert_eq!(sound_answers(&path), expected.first());
    assert_eq!(names(&path), ["history.sqlite", "history.sqlite.v4"]);
    // Killed after the copy: the next one to come does not keep another.
    std::fs::write(&path, &old).unwrap();
    assert_eq!(sound_answers(&path), expected.first());
    assert_eq!(names(&path), ["history.sqlite", "history.sqlite.v4"]);
    // Another older file of the same name has a copy of its own.
    std::fs::write(&path, &old).unwrap();
    edit(&path, "UPDATE import SET noted_at = 'later'");
    History::open(&path).unwrap();
    assert_eq!(names(&path), ["history.sqlite", "history.sqlite.v4", "history.sqlite.v4-2"]);
    std::fs::copy(path.with_extension("sqlite.v4"), &path).unwrap();
    written(&path).unwrap();
    assert_eq!(sound_answers(&path), expected.last());
}

/// Turns a file into what a version from 5 to 7 would have written.
fn as_version(path: &Path, version: i64) {
    edit(path, "DROP TABLE rename; DROP TABLE designed; ALTER TABLE label DROP COLUMN exported");
    let store = Connection::open(path).unwrap();
    let way = if version == 5 { Way::Chained } else { Way::Summed };
    close(&store, way).unwrap();
    store.execute("DELETE FROM seal WHERE part IN ('rename', 'designed')", []).unwrap();
    store.pragma_update(None, "user_version", version).unwrap();
}

#[test]
fn a_history_of_version_5_is_compared_with_its_own_checksums() {
    let (_folder, path) = unmarked();
    let expected = Expected::of(&path);
    as_version(&path, 5);
    let old = std::fs::read(&path).unwrap();
    let damage = "UPDATE row SET spend = '9.25' WHERE start = (SELECT min(start) FROM row)";
    let is_refused = |path: &Path| {
        answers(path)
            .iter()
            .any(|answer| matches!(answer, Err(HistoryError::Altered { part: Part::Rows, .. })))
    };
    // It cannot be brought forward where no copy can be kept, and is read as it is.
    let blocked = path.with_extension("sqlite.v5.part");
    std::fs::create_dir(&blocked).unwrap();
    std::fs::write(blocked.join("x"), "x").unwrap();
    assert_eq!(sound_answers(&path), expected.first());
    edit(&path, damage);
    assert!(is_refused(&path));
    std::fs::remove_dir_all(&blocked).unwrap();
    // Damage is not sealed anew.
    assert!(is_refused(&path));
    assert_eq!(names(&path), ["history.sqlite"]);
    std::fs::write(&path, &old).unwrap();
    written(&path).unwrap();
    assert_eq!(sound_answers(&path), expected.last());
    assert_eq!(names(&path), ["history.sqlite", "history.sqlite.v5"]);
    seal_of(&path);
}

#[test]
fn a_history_of_version_6_or_7_goes_on_with_its_own_checksums() {
    for version in [6, 7] {
        goes_on(version);
    }
}

fn goes_on(version: i64) {
    let (_folder, path) = unmarked();
    let expected = Expected::of(&path);
    as_version(&path, version);
    let old = std::fs::read(&path).unwrap();
    edit(&path, "UPDATE block SET last_day = last_day - 1 WHERE id = 3");
    // Damage is not sealed anew.
    let told = History::open_existing(&path).unwrap_err();
    assert!(matches!(told, HistoryError::Altered { part: Part::Blocks, .. }), "{told:?}");
    assert_eq!(names(&path), ["history.sqlite"]);
    std::fs::write(&path, &old).unwrap();
    // It is read as it is where no copy can be kept.
    let blocked = path.with_extension(format!("sqlite.v{version}.part"));
    std::fs::create_dir(&blocked).unwrap();
    std::fs::write(blocked.join("x"), "x").unwrap();
    assert_eq!(sound_answers(&path), expected.first());
    assert_eq!(std::fs::read(&path).unwrap(), old);
    std::fs::remove_dir_all(&blocked).unwrap();
    written(&path).unwrap();
    assert_eq!(sound_answers(&path), expected.last());
    assert_eq!(names(&path), ["history.sqlite".to_owned(), format!("history.sqlite.v{version}")]);
    seal_of(&path);
}

#[test]
fn what_is_rolled_back_is_not_added_up() {
    let (_folder, path) = full();
    let mut history = History::open_existing(&path).unwrap();
    let mut later = history.begin().unwrap();
    let file = |name: &str| {
        let (name, format) = (name.to_owned(), "test".to_owned());
        FileMeta { fingerprint: name.clone(), name, format, currency: None }
    };
    for (name, rows, is_kept) in [
        ("dropped", ads("7"), false),
        ("kept", ads("8")[5..9].to_vec(), true),
        ("again", ads("8")[5..9].to_vec(), true),
    ] {
        later.pack_from(if is_kept { 1_000 } else { 10 });
        later.file(&file(name)).unwrap();
        for row in &rows {
            later.row(row).unwrap();
        }
        if is_kept { later.end_file().map(drop) } else { later.abandon_file() }.unwrap();
    }
    later.commit().unwrap();
    seal_of(&path);
    // The next one of the same connection goes on from there.
    import(&mut history, "more", &ads("9")[2..30]);
    seal_of(&path);
    history.undo(5).unwrap();
    seal_of(&path);
}

#[test]
fn a_history_that_cannot_be_brought_forward_leaves_no_copy() {
    let (_folder, path) = unmarked();
    let sound = sound_answers(&path);
    edit(&path, AS_VERSION_4);
    // Nothing can be copied: a history of version 4 is read as it is, and nothing is stored.
    let blocked = path.with_extension("sqlite.v4.part");
    std::fs::create_dir(&blocked).unwrap();
    std::fs::write(blocked.join("x"), "x").unwrap();
    assert_eq!(sound_answers(&path), sound);
    assert!(matches!(written(&path), Err(HistoryError::Unwritable { .. })));
    assert_eq!(sound_answers(&path), sound);
    std::fs::remove_dir_all(&blocked).unwrap();
    assert_eq!(names(&path), ["history.sqlite"]);
    // The steps fail after the copy was made.
    let (_folder, mut history) = history();
    import(&mut history, "a", &ads("1"));
    let path = history.path().to_path_buf();
    drop(history);
    edit(&path, AS_VERSION_1);
    edit(&path, "ALTER TABLE label DROP COLUMN topic");
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(History::open(&path), Err(HistoryError::Damaged { .. })));
    assert_eq!(names(&path), ["history.sqlite"]);
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn undo_says_what_it_cannot_take_back() {
    let (_folder, mut history) = history();
    assert!(matches!(history.undo(1), Err(HistoryError::NothingToUndo { .. })));
    import(&mut history, "a", &ads("1"));
    assert!(matches!(history.undo(7), Err(HistoryError::NoSuchImport { found: 7, .. })));
    history.undo(1).unwrap();
    assert!(matches!(history.undo(1), Err(HistoryError::TakenBack { found: 1 })));
    assert!(matches!(history.undo(7), Err(HistoryError::NothingToUndo { .. })));
}
