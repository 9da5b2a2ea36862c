//! Connectors that keep counts of actions in a table of their own, one line per kind: joined to the
//! lines of the report that they belong to.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use encoding_rs::Encoding;
use rust_decimal::prelude::ToPrimitive;

use super::key::{folded, key};
use super::number;
use super::number::Mark;
use crate::action::Counts;
use crate::ingest::columns::format::Actions;
use crate::ingest::columns::formats::Formats;
use crate::ingest::error::IngestError;
use crate::ingest::file::opened::{Kind, Opened};
use crate::ingest::file::record::Record;
use crate::ingest::file::table::{Place, head, records};

/// Lines of a report that may have actions; beyond, the table belongs into a warehouse.
const MOST_LINES: usize = 4_000_000;

/// A file of an import, with the table of actions that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file.
    pub path: PathBuf,
    /// Its table of actions.
    pub actions: Option<PathBuf>,
}

/// The files of an import.
#[derive(Debug)]
pub struct Sources {
    /// In their order.
    pub all: Vec<Source>,
    /// Formats and encodings of those that are in no doubt, once one is.
    pub(crate) settled: OnceCell<Vec<(String, &'static Encoding)>>,
}

/// Counts by the key of a report's line.
#[derive(Debug, Clone)]
pub(crate) struct ActionTable {
    pub(crate) path: PathBuf,
    pub(crate) fingerprint: String,
    /// Headers that join, as keys.
    join: Vec<String>,
    counts: HashMap<String, Counts>,
}

impl Formats {
    /// The files of an import, each table of actions beside its report: `ads_actions_data.csv`
    /// belongs to `ads_data.csv` of the same folder.
    ///
    /// # Errors
    ///
    /// [`IngestError`] when a file that may be a table of actions cannot be read.
    pub fn sources(&self, paths: &[PathBuf]) -> Sources {
        let of_actions = |path: &&PathBuf| report_name(path).is_some() && self.has_actions(path);
        let tables: Vec<&PathBuf> = paths.iter().filter(of_actions).collect();
        let table_of = |path: &PathBuf| {
            let belongs = |table: &&&PathBuf| report_name(table).as_deref() == Some(path.as_path());
            tables.iter().find(belongs).map(|table| (**table).clone())
        };
        let used = |path: &PathBuf| {
            tables.contains(&path) && paths.iter().any(|p| report_name(path).as_ref() == Some(p))
        };
        let reports = paths.iter().filter(|path| !used(path));
        let all = reports.map(|path| Source { path: path.clone(), actions: table_of(path) });
        Sources { all: all.collect(), settled: OnceCell::new() }
    }

    /// Whether a file's first line is that of a table of actions.
    fn has_actions(&self, path: &Path) -> bool {
        let Ok(opened) = Opened::inspect(path) else { return false };
        let first = first_line(&opened);
        let first = first.map(|header| keys_of(&header)).unwrap_or_default();
        self.known.iter().filter_map(|format| format.actions.as_ref()).any(|a| a.fits(&first))
    }
}

/// The report that a table of actions belongs to, by its name.
fn report_name(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let at = name.to_lowercase().find("_actions")?;
    let report = format!("{}{}", name.get(..at)?, name.get(at + "_actions".len()..)?);
    Some(path.with_file_name(report))
}

fn first_line(opened: &Opened) -> Option<Record> {
    if !matches!(opened.kind, Kind::Text(..)) {
        return None;
    }
    head(opened, &Place::Delimited(b','), 1).ok()?.into_iter().next()
}

fn keys_of(header: &Record) -> Vec<String> {
    header.texts().iter().map(|header| key(header).text).collect()
}

impl Actions {
    fn fits(&self, headers: &[String]) -> bool {
        [&self.kind, &self.count].into_iter().all(|needed| headers.contains(needed))
            && self.keys.iter().any(|join| join.iter().all(|key| headers.contains(key)))
    }
}

impl ActionTable {
    /// Reads a table of actions for a report with these headers.
    pub(crate) fn read(
        path: &Path,
        actions: &Actions,
        report: &[String],
    ) -> Result<Self, IngestError> {
        let opened = Opened::inspect(path)?;
        let header = first_line(&opened);
        let headers = header.map(|header| keys_of(&header)).unwrap_or_default();
        let report: Vec<String> = report.iter().map(|header| key(header).text).collect();
        let in_both = |key: &String| headers.contains(key) && report.contains(key);
        let join = actions.keys.iter().find(|join| join.iter().all(in_both));
        let join = join.cloned().ok_or_else(|| IngestError::LacksMapped {
            path: path.to_owned(),
            lacking: actions.keys.first().cloned().unwrap_or_default(),
        })?;
        let fingerprint = opened.fingerprint.clone();
        let mut table = Self { path: path.to_owned(), fingerprint, join, counts: HashMap::new() };
        let position = |name: &String| headers.iter().position(|header| header == name);
        let (kind, count) = (position(&actions.kind), position(&actions.count));
        let keys: Vec<usize> = table.join.iter().filter_map(position).collect();
        let (mut line, mut full) = (0, false);
        records(&opened, &Place::Delimited(b','), &mut |record| {
            line += 1;
            if let (2.., Some(kind), Some(count)) = (line, kind, count) {
                table.add(actions, record, &keys, kind, count);
            }
            full = table.counts.len() > MOST_LINES;
            Ok(if full {
                std::ops::ControlFlow::Break(())
            } else {
                std::ops::ControlFlow::Continue(())
            })
        })?;
        if full {
            let (what, allowed) = ("line".to_owned(), MOST_LINES.to_string());
            return Err(IngestError::TooLarge { path: path.to_owned(), what, allowed });
        }
        Ok(table)
    }

    fn add(
        &mut self,
        actions: &Actions,
        record: &Record,
        keys: &[usize],
        kind: usize,
        count: usize,
    ) {
        let Some(action) = actions.values.get(&folded(&record.cell(kind).show())) else { return };
        let count = number::number(&record.cell(count).show(), Mark::Dot);
        let Some(count) = count.and_then(|count| count.value.to_f64()).filter(|n| *n >= 0.0) else {
            return;
        };
        let counts = self.counts.entry(joined(record, keys)).or_default();
        counts.set(*action, Some(counts.get(*action).unwrap_or(0.0) + count));
    }

    /// Where the headers that join stand in a report.
    pub(crate) fn positions(&self, report: &[String]) -> Vec<usize> {
        let keys: Vec<String> = report.iter().map(|header| key(header).text).collect();
        self.join.iter().filter_map(|name| keys.iter().position(|key| key == name)).collect()
    }

    /// All counts, to be taken line by line: what is taken once is not there for another line.
    pub(crate) fn counts(&self) -> HashMap<String, Counts> {
        self.counts.clone()
    }
}

/// The key of a line: its cells, a day without its hour.
pub(crate) fn joined(record: &Record, keys: &[usize]) -> String {
    let mut text = String::new();
    for at in keys {
        let cell = record.cell(*at).show();
        let is_day = cell.len() > 10 && cell.as_bytes()[4] == b'-' && cell.as_bytes()[7] == b'-';
        text.push_str(if is_day { cell.get(..10).unwrap_or(&cell) } else { &cell });
        text.push('\u{1f}');
    }
    text
}
