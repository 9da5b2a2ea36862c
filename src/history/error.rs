//! What can go wrong between the history file and us.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::ErrorCode;
use rust_decimal::Decimal;
use thiserror::Error;

use super::store::part::Part;
use crate::language::{Explain, Language, by_likeness};
use crate::units::Currency;

/// Amounts beyond this are no money: sums stay exact within it.
pub(crate) const MOST: Decimal = Decimal::from_parts(0xA4C6_8000, 0x0003_8D7E, 0, false, 0);

/// The history could not do what was asked; nothing of it was changed.
#[derive(Debug, Error)]
pub enum HistoryError {
    /// The file is not there.
    #[error("there is no history at `{path}`")]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The folder or the file cannot be written, or its folder does not exist.
    #[error("`{path}` cannot be opened or written")]
    Unwritable {
        /// The history file.
        path: PathBuf,
    },
    /// The system said why not.
    #[error("`{path}`: {source}")]
    System {
        /// The history file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The files that stand beside a history have longer names than it, and no room for them.
    #[error("`{path}` is too long a name: files with longer ones stand beside a history")]
    LongName {
        /// Where the history was to be.
        path: PathBuf,
    },
    /// There is something, but no file: a folder, a pipe, a device.
    #[error("`{path}` is not a file")]
    NoFile {
        /// Where a history was looked for.
        path: PathBuf,
        /// It is a folder.
        is_folder: bool,
    },
    /// The file is something else.
    #[error("`{path}` is not a history made by relais")]
    NotAHistory {
        /// The file.
        path: PathBuf,
    },
    /// The file was a history and is damaged or cut short.
    #[error("`{path}` is damaged: {detail}")]
    Damaged {
        /// The history file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// What is there is not what was stored.
    #[error("`{path}`: {} is not as it was stored: {stored} rows, {found} found", part.name())]
    Altered {
        /// The history file.
        path: PathBuf,
        /// What differs.
        part: Part,
        /// Rows that were stored in it.
        stored: u64,
        /// Rows that are there.
        found: u64,
    },
    /// Something in the file that no relais has made.
    #[error("`{path}` has a {kind} `{name}` that is not ours")]
    Foreign {
        /// The history file.
        path: PathBuf,
        /// `table`, `view`, `index` or `trigger`.
        kind: String,
        /// Its name.
        name: String,
    },
    /// The file was written by a later relais.
    #[error("`{path}` has schema version {found}; this relais knows versions up to {known}")]
    Newer {
        /// The history file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The latest version known here.
        known: i64,
    },
    /// Another process is writing.
    #[error("`{path}` is in use by another process; waited {seconds} s")]
    Busy {
        /// The history file.
        path: PathBuf,
        /// How long we waited.
        seconds: u64,
    },
    /// No space left.
    #[error("no space left to write `{path}`")]
    DiskFull {
        /// The history file.
        path: PathBuf,
    },
    /// No row was counted under the attribution window asked for.
    #[error("no row has the attribution window `{found}`; known: {}", known.join(" / "))]
    NoSuchWindow {
        /// What was asked for.
        found: String,
        /// The windows of the rows, sorted.
        known: Vec<String>,
    },
    /// No amount of the currency asked for.
    #[error("the history holds no amount in {asked}")]
    NoSuchCurrency {
        /// The currency asked for.
        asked: Currency,
    },
    /// Amounts of different currencies cannot be added.
    #[error("the history holds amounts in {}; one currency at a time", found.join(", "))]
    Currencies {
        /// The currencies found, sorted.
        found: Vec<String>,
    },
    /// The import was taken back before.
    #[error("import {found} was taken back already")]
    TakenBack {
        /// The number asked for.
        found: i64,
    },
    /// No import is in place.
    #[error("`{path}` has no import in place")]
    NothingToUndo {
        /// The history file.
        path: PathBuf,
    },
    /// No import has this number.
    #[error("no import number {found} to take back; imports in place: {allowed}")]
    NoSuchImport {
        /// The number asked for.
        found: i64,
        /// Numbers that can be taken back, joined by commas.
        allowed: String,
    },
    /// No row without an id has this name.
    #[error("no row without an id has the name `{found}`; {}", .nearest.join(", "))]
    NoSuchName {
        /// The name asked for.
        found: String,
        /// Names most like it.
        nearest: Vec<String>,
    },
    /// One export has both names for the same period: they are two things.
    #[error("`{file}` has both `{from}` and `{to}` for one period: they are two")]
    TwoNames {
        /// The earlier name.
        from: String,
        /// The later one.
        to: String,
        /// The file.
        file: String,
    },
    /// A name is taken for another one already.
    #[error("`{before}` is taken for `{now}` already")]
    RenamedBefore {
        /// The name.
        before: String,
        /// The one that it has now.
        now: String,
    },
    /// A name is not taken for another one.
    #[error("`{found}` is not taken for another name; these are: {}", .known.join(", "))]
    NotRenamed {
        /// The name asked for.
        found: String,
        /// Names that are.
        known: Vec<String>,
    },
    /// An amount that no account can have spent.
    #[error("line {line}: found an amount of {found}, expected less than {MOST} either way")]
    Amount {
        /// Line of the file.
        line: u64,
        /// The amount.
        found: Decimal,
    },
    /// The history holds no row that the question is about.
    #[error("the history has no row to answer from")]
    Nothing,
    /// The disk or the network failed while reading or writing.
    #[error("`{path}` could not be read or written to the end (SQLite {code})")]
    Disk {
        /// The history file.
        path: PathBuf,
        /// SQLite's number for it, which says in doing what.
        code: i32,
    },
    /// Anything else that SQLite said.
    #[error("`{path}`: {detail}")]
    Store {
        /// The history file.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
    },
}

impl HistoryError {
    /// Puts what SQLite said into the terms above.
    pub(crate) fn new(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_path_buf();
        let detail = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Busy { path, seconds: PATIENCE.as_secs() }
            }
            Some(ErrorCode::NotADatabase) => Self::NotAHistory { path },
            Some(ErrorCode::DiskFull) => Self::DiskFull { path },
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::Unwritable { path }
            }
            Some(ErrorCode::SystemIoFailure) => {
                let code = error.sqlite_error().map_or(0, |error| error.extended_code);
                Self::Disk { path, code }
            }
            // A table, a column or a kind of value that our statements count on is not there.
            Some(
                ErrorCode::DatabaseCorrupt
                | ErrorCode::Unknown
                | ErrorCode::ConstraintViolation
                | ErrorCode::TypeMismatch,
            )
            | None => Self::Damaged { path, detail },
            Some(_) => Self::Store { path, detail },
        }
    }

    /// The same of a history under another name: the one that the person knows.
    pub(crate) fn at(mut self, own: &Path) -> Self {
        match &mut self {
            Self::Missing { path }
            | Self::Unwritable { path }
            | Self::System { path, .. }
            | Self::LongName { path }
            | Self::NoFile { path, .. }
            | Self::NotAHistory { path }
            | Self::Damaged { path, .. }
            | Self::Altered { path, .. }
            | Self::Foreign { path, .. }
            | Self::Newer { path, .. }
            | Self::Busy { path, .. }
            | Self::DiskFull { path }
            | Self::NothingToUndo { path }
            | Self::Disk { path, .. }
            | Self::Store { path, .. } => own.clone_into(path),
            Self::NoSuchWindow { .. }
            | Self::NoSuchCurrency { .. }
            | Self::Currencies { .. }
            | Self::TakenBack { .. }
            | Self::NoSuchImport { .. }
            | Self::NoSuchName { .. }
            | Self::TwoNames { .. }
            | Self::RenamedBefore { .. }
            | Self::NotRenamed { .. }
            | Self::Amount { .. }
            | Self::Nothing => {}
        }
        self
    }

    /// A stored value that no version of ours can have written.
    /// No row has a name; the names most like it.
    pub(crate) fn no_such_name(found: &str, known: &[String]) -> Self {
        let others = known.iter().map(String::as_str).filter(|name| *name != found);
        let nearest = by_likeness(found, others).into_iter().take(3).map(str::to_owned).collect();
        Self::NoSuchName { found: found.to_owned(), nearest }
    }

    pub(crate) fn damaged(path: &Path, detail: String) -> Self {
        Self::Damaged { path: path.to_path_buf(), detail }
    }
}

impl Explain for HistoryError {
    fn explain(&self, language: Language) -> String {
        let shown = |path: &Path| path.display().to_string();
        let of = |key: &str, path: &Path| language.say(key, &[("path", &shown(path))]);
        match self {
            Self::Missing { path } => of("error-history-missing", path),
            Self::Unwritable { path } => of("error-history-unwritable", path),
            Self::System { path, source } => language.say(
                "error-history-system",
                &[("path", &shown(path)), ("cause", &language.cause(source))],
            ),
            Self::LongName { path } => of("error-history-long-name", path),
            Self::NoFile { path, is_folder } => {
                let kind = if *is_folder { "folder" } else { "other" };
                language.say("error-history-no-file", &[("path", &shown(path)), ("kind", kind)])
            }
            Self::NotAHistory { path } => of("error-history-not-a-history", path),
            Self::Damaged { path, detail } => {
                language.say("error-history-damaged", &[("path", &shown(path)), ("detail", detail)])
            }
            Self::Altered { path, part, stored, found } => {
                let count = |n: &u64| language.number(*n as f64, 0);
                let key = if stored == found { "changed" } else { "rows" };
                language.say(
                    &format!("error-history-altered-{key}"),
                    &[
                        ("path", &shown(path)),
                        ("part", &language.text(&format!("history-part-{}", part.name()))),
                        ("stored", &count(stored)),
                        ("found", &count(found)),
                    ],
                )
            }
            Self::Foreign { path, kind, name } => language.say(
                "error-history-foreign",
                &[("path", &shown(path)), ("kind", kind), ("name", name)],
            ),
            Self::Newer { path, found, known } => language.say(
                "error-history-newer",
                &[
                    ("path", &shown(path)),
                    ("found", &found.to_string()),
                    ("known", &known.to_string()),
                ],
            ),
            Self::Busy { path, seconds } => language.say(
                "error-history-busy",
                &[("path", &shown(path)), ("seconds", &seconds.to_string())],
            ),
            Self::DiskFull { path } => of("error-history-disk-full", path),
            Self::NoSuchWindow { found, known } => language.say(
                "error-history-no-such-window",
                &[("found", found), ("known", &known.join(" / "))],
            ),
            Self::NoSuchCurrency { asked } => {
                language.say("error-history-no-such-currency", &[("asked", asked.code())])
            }
            Self::Currencies { found } => {
                language.say("error-history-currencies", &[("found", &found.join(", "))])
            }
            Self::NoSuchImport { found, allowed } => language.say(
                "error-history-no-such-import",
                &[("found", &found.to_string()), ("allowed", allowed)],
            ),
            Self::NoSuchName { found, nearest } => {
                let keys = ["error-history-no-names", "error-history-no-such-name"];
                unknown_name(language, keys, found, nearest)
            }
            Self::TwoNames { from, to, file } => language
                .say("error-history-two-names", &[("from", from), ("to", to), ("file", file)]),
            Self::RenamedBefore { before, now } => {
                language.say("error-history-renamed-before", &[("before", before), ("now", now)])
            }
            Self::NotRenamed { found, known } => {
                let keys = ["error-history-no-renames", "error-history-not-renamed"];
                unknown_name(language, keys, found, known)
            }
            Self::TakenBack { found } => {
                language.say("error-history-taken-back", &[("found", &found.to_string())])
            }
            Self::NothingToUndo { path } => of("error-history-nothing-to-undo", path),
            Self::Amount { line, found } => language.say(
                "error-history-amount",
                &[("line", &line.to_string()), ("found", &found.to_string())],
            ),
            Self::Nothing => language.text("error-history-nothing"),
            Self::Disk { path, code } => language
                .say("error-history-disk", &[("path", &shown(path)), ("code", &code.to_string())]),
            Self::Store { path, detail } => {
                language.say("error-history-store", &[("path", &shown(path)), ("detail", detail)])
            }
        }
    }
}

/// A name that is none of those known, where there are none and where there are some.
fn unknown_name(language: Language, keys: [&str; 2], found: &str, known: &[String]) -> String {
    if known.is_empty() {
        return language.say(keys[0], &[("found", found)]);
    }
    let known = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    language.say(keys[1], &[("found", found), ("known", &known)])
}

/// How long one process waits for another that is writing.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
