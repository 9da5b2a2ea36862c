//! The tables of the history file, their version, and how an older file moves forward.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::seal;
use super::seal::Way;
use crate::history::error::HistoryError;

/// Marks the file as ours in SQLite's header (`relA`), beside the schema version.
pub(crate) const APPLICATION: i64 = 0x7265_6C41;

/// Version of the schema that this program writes.
pub(crate) const VERSION: i64 = 8;

/// The first version whose tables are those of today, but for their seal.
pub(crate) const UNSEALED: i64 = 4;

/// The version whose seals tell the order of rows too.
pub(crate) const CHAINED: i64 = 5;

/// How the seals of a version are made; older ones have none.
pub(crate) fn way(version: i64) -> Option<Way> {
    match version {
        ..CHAINED => None,
        CHAINED => Some(Way::Chained),
        _ => Some(Way::Summed),
    }
}

/// Columns of a row's values, in one order for `row` and `older`.
///
/// Spend is text: exports carry up to 13 decimals, and a float would not give them back.
pub(crate) const VALUES: &str = "line, label, spend, impressions, reach, shares, comments, saves, \
     link_clicks, clicks, engagements, video_completions, reactions, follows, views, censored";

const TABLES: &str = "
CREATE TABLE import (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    noted_at TEXT,
    undone INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE file (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    import INTEGER NOT NULL REFERENCES import (id),
    name TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    format TEXT NOT NULL,
    currency TEXT,
    imported INTEGER NOT NULL DEFAULT 0,
    replaced INTEGER NOT NULL DEFAULT 0,
    duplicate INTEGER NOT NULL DEFAULT 0,
    stored_totals TEXT,
    old_totals TEXT,
    new_totals TEXT
);
-- What a row stands for: one record per distinct set of names, ids and breakdown values.
-- `identity` is shared by labels that stand for the same thing under changed names.
CREATE TABLE label (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    identity INTEGER NOT NULL,
    level INTEGER NOT NULL,
    breakdowns INTEGER NOT NULL,
    currency TEXT,
    network TEXT, profile TEXT, campaign TEXT, ad_set TEXT, ad TEXT, age TEXT, gender TEXT,
    territory TEXT, interest TEXT, format TEXT, topic TEXT, objective TEXT, placement TEXT,
    creative TEXT,
    campaign_id TEXT, ad_set_id TEXT, ad_id TEXT
);
CREATE TABLE identity (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE);
-- The rows in force. Days are numbers since 1970-01-01; `nth` tells apart rows of one file that
-- stand for the same thing and period (same name, no id). Keyed by day first, so that an export
-- in order of time is appended.
CREATE TABLE row (
    start INTEGER NOT NULL, identity INTEGER NOT NULL, end INTEGER NOT NULL, nth INTEGER NOT NULL,
    file INTEGER NOT NULL, line INTEGER NOT NULL, label INTEGER NOT NULL,
    spend TEXT, impressions REAL, reach REAL, shares REAL, comments REAL, saves REAL,
    link_clicks REAL, clicks REAL, engagements REAL, video_completions REAL, reactions REAL,
    follows REAL, views REAL, censored INTEGER NOT NULL,
    PRIMARY KEY (start, identity, end, nth)
) WITHOUT ROWID;
-- Rows that a newer export took the place of; undoing that import brings them back.
CREATE TABLE older (
    start INTEGER NOT NULL, identity INTEGER NOT NULL, end INTEGER NOT NULL, nth INTEGER NOT NULL,
    file INTEGER NOT NULL, line INTEGER NOT NULL, label INTEGER NOT NULL,
    spend TEXT, impressions REAL, reach REAL, shares REAL, comments REAL, saves REAL,
    link_clicks REAL, clicks REAL, engagements REAL, video_completions REAL, reactions REAL,
    follows REAL, views REAL, censored INTEGER NOT NULL,
    PRIMARY KEY (start, identity, end, file, nth)
) WITHOUT ROWID;
";

/// Steps that bring a file from version `i + 1` to `i + 2`.
const STEPS: [&str; (VERSION - 1) as usize] = [
    // To 2: rows with their names and dates in words, for people with an SQLite browser.
    READABLE,
    // To 3: rows of large files packed, and what rows stand for found by one index instead of
    // three. The view is made anew because a renamed table would take it along.
    "DROP VIEW readable;
     CREATE TABLE new_identity (digest BLOB PRIMARY KEY, id INTEGER NOT NULL) WITHOUT ROWID;
     INSERT INTO new_identity SELECT digest, id FROM identity ORDER BY digest;
     DROP TABLE identity;
     ALTER TABLE new_identity RENAME TO identity;
     CREATE TABLE new_label (
         id INTEGER PRIMARY KEY,
         identity INTEGER NOT NULL,
         level INTEGER NOT NULL,
         breakdowns INTEGER NOT NULL,
         currency TEXT,
         network TEXT, profile TEXT, campaign TEXT, ad_set TEXT, ad TEXT, age TEXT, gender TEXT,
         territory TEXT, interest TEXT, format TEXT, topic TEXT, objective TEXT, placement TEXT,
         creative TEXT,
         campaign_id TEXT, ad_set_id TEXT, ad_id TEXT
     );
     INSERT INTO new_label SELECT id, identity, level, breakdowns, currency, network, profile, \
     campaign, ad_set, ad, age, gender, territory, interest, format, topic, objective, placement, \
     creative, campaign_id, ad_set_id, ad_id FROM label ORDER BY id;
     DROP TABLE label;
     ALTER TABLE new_label RENAME TO label;
     CREATE INDEX label_by_identity ON label (identity);
     -- Rows in force of files with very many: see `history::blocks` and `history::packed`.
     CREATE TABLE block (
         id INTEGER PRIMARY KEY,
         file INTEGER NOT NULL,
         first_day INTEGER NOT NULL, last_day INTEGER NOT NULL,
         first_identity INTEGER NOT NULL, last_identity INTEGER NOT NULL,
         rows INTEGER NOT NULL,
         content BLOB NOT NULL
     );",
    // To 4: the attribution window under which a row's actions were counted.
    "DROP VIEW IF EXISTS readable;
     ALTER TABLE label ADD COLUMN attribution TEXT;",
    // To 5: checksums of what is stored, see `history::seal`.
    "DROP VIEW IF EXISTS readable;
     CREATE TABLE seal (part TEXT PRIMARY KEY, rows INTEGER NOT NULL, digest BLOB NOT NULL)
     WITHOUT ROWID;",
    // To 6: the same checksums as sums, which a small import need not read everything for.
    "DROP VIEW IF EXISTS readable;",
    // To 7: packed rows may be out of force, see `history::blocks`; `rows` counts the others.
    "DROP VIEW IF EXISTS readable;",
    // To 8: names that are taken for others. A label has the names that it has now, and where those
    // of its export are others, these too: campaign, ad set and ad as a JSON array.
    "DROP VIEW IF EXISTS readable;
     ALTER TABLE label ADD COLUMN exported TEXT;
     CREATE TABLE rename (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         noted_at TEXT,
         -- The latest import when it was made.
         import INTEGER NOT NULL,
         level INTEGER NOT NULL,
         earlier TEXT NOT NULL,
         later TEXT NOT NULL,
         moved INTEGER NOT NULL DEFAULT 0,
         set_aside INTEGER NOT NULL DEFAULT 0,
         undone INTEGER NOT NULL DEFAULT 0
     );
     -- Weeks of an audience whose money the schedule of a test had set: the audience's attributes as
     -- a JSON object, the week by its Monday.
     CREATE TABLE designed (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         noted_at TEXT,
         attributes TEXT NOT NULL,
         monday TEXT NOT NULL
     );",
];

/// Everything that a file of ours has, of this version or an older one.
const OURS: [(&str, &str); 15] = [
    ("table", "import"),
    ("table", "file"),
    ("table", "label"),
    ("table", "identity"),
    ("table", "row"),
    ("table", "older"),
    ("table", "block"),
    ("table", "seal"),
    ("table", "rename"),
    ("table", "designed"),
    ("table", "sqlite_sequence"),
    ("view", "readable"),
    ("index", "label_by_identity"),
    ("index", "sqlite_autoindex_label_1"),
    ("index", "sqlite_autoindex_identity_1"),
];

/// The rows of the table `row` (not those in blocks, which SQL cannot look into) with their names.
const READABLE: &str = "CREATE VIEW readable AS SELECT file.name AS file, row.line, \
     CASE WHEN start > -10000000 THEN date(start * 86400, 'unixepoch') END AS start, \
     CASE WHEN start > -10000000 THEN date(end * 86400, 'unixepoch') END AS end, \
     label.network, label.profile, label.campaign, label.ad_set, label.ad, label.age, \
     label.gender, label.territory, label.interest, label.format, label.topic, label.objective, \
     label.placement, label.creative, label.attribution, coalesce(label.currency, file.currency) AS currency, \
     row.spend, row.impressions, row.reach, row.shares, row.comments, row.saves, \
     row.link_clicks, row.clicks, row.engagements, row.video_completions, row.reactions, \
     row.follows, row.views, row.censored \
     FROM row JOIN label ON label.id = row.label JOIN file ON file.id = row.file";

/// What the file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// No tables yet.
    Empty,
    /// Ours, of this version.
    Known(i64),
}

/// Reads the header: whose file it is and of which version.
pub(crate) fn state(connection: &Connection, path: &Path) -> Result<State, HistoryError> {
    let told = |error: rusqlite::Error| HistoryError::new(path, &error);
    let pragma = |name: &str| {
        connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0))
    };
    let (application, version) =
        (pragma("application_id").map_err(told)?, pragma("user_version").map_err(told)?);
    let any_table: Option<i64> = connection
        .query_row("SELECT 1 FROM sqlite_schema LIMIT 1", [], |row| row.get(0))
        .optional()
        .map_err(told)?;
    if any_table.is_none() && application == 0 && version == 0 {
        return Ok(State::Empty);
    }
    if application != APPLICATION {
        return Err(HistoryError::NotAHistory { path: path.to_path_buf() });
    }
    check_length(path, pragma("page_count").map_err(told)?, pragma("page_size").map_err(told)?)?;
    if version > VERSION {
        let path = path.to_path_buf();
        return Err(HistoryError::Newer { path, found: version, known: VERSION });
    }
    check_strangers(connection, path, version)?;
    Ok(State::Known(version))
}

/// Refuses what no relais has made: a trigger changes rows, a view or an index may mislead.
fn check_strangers(connection: &Connection, path: &Path, version: i64) -> Result<(), HistoryError> {
    let told = |error: rusqlite::Error| HistoryError::new(path, &error);
    let mut statement =
        connection.prepare("SELECT type, name FROM sqlite_schema ORDER BY name").map_err(told)?;
    let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(told)?;
    let mut is_sealed = false;
    for found in found {
        let (kind, name): (String, String) = found.map_err(told)?;
        if !OURS.contains(&(&kind, &name)) {
            return Err(HistoryError::Foreign { path: path.to_path_buf(), kind, name });
        }
        is_sealed |= name == "seal";
    }
    // A seal comes with its version and is never taken off.
    if is_sealed != (version > UNSEALED) {
        return Err(HistoryError::damaged(path, format!("schema version {version}")));
    }
    Ok(())
}

/// A file shorter than its header says was cut; SQLite itself notices only when it reads there.
fn check_length(path: &Path, pages: i64, size: i64) -> Result<(), HistoryError> {
    let found = std::fs::metadata(path).map_or(0, |meta| meta.len());
    let expected = (pages * size) as u64;
    if found < expected {
        let detail = format!("{found} bytes, expected {expected}");
        return Err(HistoryError::damaged(path, detail));
    }
    Ok(())
}

/// Makes the tables; the caller holds the transaction.
pub(crate) fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(TABLES)?;
    forward(connection, 1)
}

/// Takes every step from a version to the present one.
fn forward(connection: &Connection, from: i64) -> rusqlite::Result<()> {
    for step in &STEPS[(from - 1).max(0) as usize..] {
        connection.execute_batch(step)?;
    }
    if from < VERSION {
        connection.execute_batch(READABLE)?;
    }
    mark(connection)
}

fn mark(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "application_id", APPLICATION)?;
    connection.pragma_update(None, "user_version", VERSION)
}

/// Brings an older file forward, after a copy beside it; gives back where the copy is, or `None`
/// where another process was faster.
///
/// Both happen while nobody else writes: of several who find the older file, one moves it.
pub(crate) fn migrate(
    connection: &Connection,
    path: &Path,
) -> Result<Option<PathBuf>, HistoryError> {
    let told = |error: rusqlite::Error| HistoryError::new(path, &error);
    connection.execute_batch("BEGIN IMMEDIATE").map_err(told)?;
    let moved = match state(connection, path) {
        Ok(State::Known(from)) if from < VERSION => move_alone(connection, path, from).map(Some),
        other => other.map(|_| None),
    };
    if !matches!(moved, Ok(Some(_))) {
        // The first error is the one to tell; a rollback that fails too is repeated at next open.
        let _ = connection.execute_batch("ROLLBACK");
    }
    moved
}

fn move_alone(connection: &Connection, path: &Path, from: i64) -> Result<PathBuf, HistoryError> {
    let told = |error: rusqlite::Error| HistoryError::new(path, &error);
    let copy = copy(path, from)?;
    let is_sound = seal::check_pages(connection, path)
        .and_then(|()| way(from).map_or(Ok(()), |way| seal::compare_all(connection, path, way)));
    let moved = is_sound.and_then(|()| {
        let moved = forward(connection, from).and_then(|()| seal::close(connection, Way::Summed));
        moved.and_then(|()| connection.execute_batch("COMMIT")).map_err(told)
    });
    if moved.is_err() && copy.is_new {
        // The older file is still there as it was: a copy of it has no use.
        let _ = std::fs::remove_file(&copy.path);
    }
    moved.map(|()| copy.path)
}

/// The copy of an older file.
struct Copy {
    path: PathBuf,
    /// It was not there before.
    is_new: bool,
}

/// Copies an older file, under a name beside it first: a copy cut short does not look like one.
fn copy(path: &Path, version: i64) -> Result<Copy, HistoryError> {
    let part = with_suffix(path, &format!(".v{version}.part"));
    // What a killed process left; nobody else copies while this one holds the lock.
    let _ = std::fs::remove_file(&part);
    let copy = write_copy(path, &part).and_then(|()| {
        let name = name_for(&part, path, version)?;
        if name.is_new {
            std::fs::rename(&part, &name.path)?;
        }
        Ok(name)
    });
    // Whatever has not become the copy has no use.
    let _ = std::fs::remove_file(&part);
    copy.map_err(|error| error.failure(path))
}

/// What may go wrong with a copy.
enum CopyError {
    Store(rusqlite::Error),
    System(std::io::Error),
}

impl CopyError {
    fn failure(self, path: &Path) -> HistoryError {
        match self {
            Self::Store(error) => HistoryError::new(path, &error),
            Self::System(source) => HistoryError::System { path: path.to_path_buf(), source },
        }
    }
}

impl From<rusqlite::Error> for CopyError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error)
    }
}

impl From<std::io::Error> for CopyError {
    fn from(error: std::io::Error) -> Self {
        Self::System(error)
    }
}

/// SQLite's own copy of a file, on the disk when this is done.
fn write_copy(path: &Path, to: &Path) -> Result<(), CopyError> {
    // SQLite takes a name as text alone.
    let name =
        to.to_str().ok_or_else(|| std::io::Error::from(std::io::ErrorKind::InvalidFilename))?;
    let reader = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    reader.execute("VACUUM INTO ?1", [name])?;
    crate::files::sync_file(to)?;
    Ok(())
}

/// `history.sqlite` of version 1 is kept as `history.sqlite.v1`, or with the next free number; a
/// copy that is there already, kept by someone who was killed before the file moved forward, will
/// do.
fn name_for(copy: &Path, path: &Path, version: i64) -> std::io::Result<Copy> {
    let plain = with_suffix(path, &format!(".v{version}"));
    let numbered = (2..).map(|n| with_suffix(path, &format!(".v{version}-{n}")));
    for path in std::iter::once(plain).chain(numbered) {
        let Ok(there) = std::fs::symlink_metadata(&path) else {
            return Ok(Copy { path, is_new: true });
        };
        if there.is_file() && is_same(copy, &path)? {
            return Ok(Copy { path, is_new: false });
        }
    }
    unreachable!("numbers do not end")
}

/// Whether two files hold the same bytes.
fn is_same(one: &Path, other: &Path) -> std::io::Result<bool> {
    let (mut one, mut other) = (std::fs::File::open(one)?, std::fs::File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut left, mut right) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let read = one.read(&mut left)?;
        if read == 0 {
            return Ok(true);
        }
        other.read_exact(&mut right[..read])?;
        if left[..read] != right[..read] {
            return Ok(false);
        }
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
