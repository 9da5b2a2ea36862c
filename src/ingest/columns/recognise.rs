//! Which format a file has, and where its table begins.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::format::{Format, Rule};
use crate::ingest::error::{Evidence, IngestError};
use crate::ingest::file::opened::Opened;
use crate::ingest::file::record::{Cell, Record};
use crate::ingest::file::table::Place;
use crate::ingest::value::key::{folded, key};

/// A preamble is at most this long.
pub(crate) const HEAD: usize = 40;

/// A table that was found in a file.
#[derive(Debug, Clone)]
pub(crate) struct Found<'a> {
    pub(crate) format: Cow<'a, Format>,
    /// A person's map has added to the format.
    pub(crate) is_extended: bool,
    pub(crate) place: Place,
    /// Lines before the header, blank ones left out.
    pub(crate) preamble: Vec<Record>,
    pub(crate) header: Record,
    /// Sheets with content that are not the table's.
    pub(crate) other_sheets: Vec<String>,
}

impl Found<'_> {
    /// The same table with what a map says of its columns, where it has one of them.
    pub(crate) fn extended(mut self, map: &Format) -> Self {
        let there = keys_of(&self.header);
        if there.iter().any(|key| map.keys.contains_key(key) || map.knows(key)) {
            self.format = Cow::Owned(self.format.extended(map, &there));
            self.is_extended = true;
        }
        self
    }
}

/// The first records of every place in a file that may hold its table.
pub(crate) type Heads = Vec<(Place, Vec<Record>)>;

/// Finds the table of a file among the known formats.
///
/// The first line that fits exactly one format is its header. No line that fits, or one that
/// fits several formats, is an error with the evidence.
pub(crate) fn find<'a>(
    opened: &Opened,
    heads: &Heads,
    among: &[&'a Format],
) -> Result<Found<'a>, IngestError> {
    for (place, records) in heads {
        for (at, record) in records.iter().enumerate() {
            let keys = keys_of(record);
            let fitting: Vec<&'a Format> =
                among.iter().copied().filter(|format| format.fits(&keys)).collect();
            match fitting.as_slice() {
                [] => {}
                [format] => {
                    return Ok(Found {
                        format: Cow::Borrowed(*format),
                        is_extended: false,
                        place: place.clone(),
                        preamble: records[..at].to_vec(),
                        header: record.clone(),
                        other_sheets: others(heads, place),
                    });
                }
                several => {
                    let fitting = several.iter().map(|f| f.evidence(record)).collect();
                    return Err(IngestError::Ambiguous { path: opened.path.clone(), fitting });
                }
            }
        }
    }
    Err(unknown(opened, heads, among))
}

fn others(heads: &Heads, place: &Place) -> Vec<String> {
    let sheet = |(other, records): &(Place, Vec<Record>)| match other {
        Place::Sheet(name) if other != place && !records.is_empty() => Some(name.clone()),
        _ => None,
    };
    heads.iter().filter_map(sheet).collect()
}

impl Format {
    /// Whether a line of these headers is this format's.
    fn fits(&self, keys: &BTreeSet<String>) -> bool {
        self.rules.iter().any(|rule| rule.lacking(keys).is_empty() && rule.barred(keys).is_none())
    }

    /// How far a line fits: for its nearest rule, what is there and what is not.
    fn evidence(&self, record: &Record) -> Evidence {
        let keys = keys_of(record);
        let matched = record
            .texts()
            .into_iter()
            .filter(|header| self.keys.contains_key(&key(header).text))
            .collect();
        let lacking = self.rules.iter().map(|rule| rule.lacking(&keys)).min_by_key(Vec::len);
        Evidence {
            format: self.name.clone(),
            matched,
            lacking: lacking.unwrap_or_default().into_iter().map(str::to_owned).collect(),
        }
    }
}

impl Rule {
    fn lacking(&self, keys: &BTreeSet<String>) -> Vec<&str> {
        let lacks = |(_, any): &&(String, BTreeSet<String>)| any.is_disjoint(keys);
        self.all.iter().filter(lacks).map(|(label, _)| label.as_str()).collect()
    }

    fn barred<'a>(&'a self, keys: &BTreeSet<String>) -> Option<&'a String> {
        self.none.iter().find(|key| keys.contains(*key))
    }
}

fn keys_of(record: &Record) -> BTreeSet<String> {
    let text = |cell: Cell<'_>| match cell {
        Cell::Text(text) => Some(key(text).text),
        _ => None,
    };
    record.cells().filter_map(text).collect()
}

/// One number of a page by day, as Insights saves it: a line `sep=,`, the number's name, two columns.
fn is_one_number(heads: &Heads) -> bool {
    heads.iter().any(|(_, records)| match records.as_slice() {
        [first, title, header, ..] => {
            first.cell(0).show().starts_with("sep=") && title.len() <= 2 && header.len() == 2
        }
        _ => false,
    })
}

/// The most header-like line of a file that fits nothing, with the lines after it.
pub(crate) fn likeliest<'a>(heads: &'a Heads, among: &[&Format]) -> Option<&'a [Record]> {
    let lines = heads
        .iter()
        .flat_map(|(_, records)| (0..records.len().min(HEAD)).map(move |at| &records[at..]));
    lines.max_by_key(|lines| {
        let record = &lines[0];
        let keys = keys_of(record);
        let known = |format: &&Format| keys.iter().filter(|k| format.keys.contains_key(*k)).count();
        let most = among.iter().map(known).max().unwrap_or(0);
        // Between equals the line with most cells, and the earliest such line.
        (most, record.len(), u64::MAX - record.line)
    })
}

/// The error for a file that fits nothing: its most header-like line and the nearest formats.
fn unknown(opened: &Opened, heads: &Heads, among: &[&Format]) -> IngestError {
    if is_one_number(heads) && among.len() > 1 {
        let path = opened.path.clone();
        return IngestError::NotATable { path, found: "one-number".to_owned() };
    }
    let Some([record, ..]) = likeliest(heads, among) else {
        return IngestError::NotATable { path: opened.path.clone(), found: "empty".to_owned() };
    };
    // What recognises no file is near to none.
    let formats = among.iter().filter(|format| !format.rules.is_empty());
    let mut nearest: Vec<Evidence> = formats.map(|format| format.evidence(record)).collect();
    nearest.retain(|evidence| !evidence.matched.is_empty());
    nearest.sort_by_key(|e| (e.lacking.len(), usize::MAX - e.matched.len()));
    nearest.truncate(3);
    let header: Vec<String> =
        record.texts().into_iter().filter(|header| !header.is_empty()).collect();
    let (sketch, maps) = (Vec::new(), Vec::new());
    IngestError::Unknown { path: opened.path.clone(), header, nearest, sketch, maps }
}

/// Whether a preamble cell begins with one of the words; gives what follows.
pub(crate) fn after_word<'a>(cell: &'a str, words: &[String]) -> Option<&'a str> {
    let plain = folded(cell);
    let word = words.iter().find(|word| plain.starts_with(word.as_str()))?;
    // Folding may change lengths before the word's end only in words with accents; letters are
    // counted, not bytes.
    let skip: usize = cell.chars().take(word.chars().count()).map(char::len_utf8).sum();
    Some(cell[skip..].trim_start_matches([':', ' ', '\u{a0}']))
}
