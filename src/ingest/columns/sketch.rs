//! A map to begin with, for a file that no format knows: what its headers and cells most likely mean.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::format::{Format, FormatFile, Meaning};
use crate::ingest::error::{IngestError, Sketched, short};
use crate::ingest::file::record::{Cell, Record};
use crate::ingest::value::dates;
use crate::ingest::value::dates::Order;
use crate::ingest::value::key::{Key, folded, key};
use crate::reference::Reference;

/// Where the words are.
const FILE: &str = "formats/shared/words.toml";
/// Headers in a sketch; a file with more of them is no table.
const SKETCHED: usize = 60;
/// Letters of a header; what is longer is none.
const LONGEST: usize = 80;
/// Lines by whose cells a column of dates is told.
const LINES: usize = 20;
/// How sure cells alone make of a day, beside headers that are written alike.
const BY_CELLS: f64 = 0.4;

/// What headers mean wherever they stand, and what words in them say.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    /// A format of headers by which no file is recognised.
    pub(crate) format: Format,
    before: Vec<String>,
    spent: BTreeSet<String>,
    earned: BTreeSet<String>,
    no_count: BTreeSet<String>,
    no_count_ends: Vec<String>,
    leave: Vec<String>,
}

/// The words as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    before: Vec<String>,
    spent: Vec<String>,
    earned: Vec<String>,
    no_count: Vec<String>,
    no_count_ends: Vec<String>,
    leave: Vec<String>,
    columns: std::collections::BTreeMap<String, super::format::ColumnFile>,
}

impl Words {
    pub(crate) fn load(reference: &Reference) -> Result<Self, IngestError> {
        let malformed = |message: String| IngestError::Format { name: FILE.to_owned(), message };
        let file: File =
            toml::from_str(&reference.text(FILE)?).map_err(|e| malformed(e.to_string()))?;
        let all = |words: &[String]| words.iter().map(|word| folded(word)).collect();
        let list = |words: &[String]| words.iter().map(|word| folded(word)).collect();
        let format =
            FormatFile { name: "words".to_owned(), columns: file.columns, ..FormatFile::default() };
        Ok(Self {
            format: Format::new(format).map_err(malformed)?,
            before: file.before.iter().map(|word| format!("{} ", folded(word))).collect(),
            spent: all(&file.spent),
            earned: all(&file.earned),
            no_count: all(&file.no_count),
            no_count_ends: list(&file.no_count_ends),
            leave: list(&file.leave),
        })
    }

    /// Whether a header says that money was spent, or holds a currency.
    fn is_money(&self, key: &Key) -> bool {
        let is_sign = |c: char| matches!(c, '$' | '£' | '¥' | '\u{20a0}'..='\u{20cf}');
        key.currency.is_some()
            || key.text.contains(is_sign)
            || words_of(&key.text).any(|word| self.spent.contains(word))
    }

    /// The meaning that a header has in the format that writes it most alike, and how alike they are.
    fn meant(&self, key: &Key, among: &[&Format]) -> Option<(Meaning, f64)> {
        let bare = self.before.iter().find_map(|word| key.text.strip_prefix(word.as_str()));
        let text = bare.unwrap_or(&key.text);
        let is_none = |word: &str| {
            let ends = |end: &String| word.len() > 5 && word.ends_with(end.as_str());
            self.no_count.contains(word) || self.no_count_ends.iter().any(ends)
        };
        let leaves = |word: &str| self.leave.iter().any(|begin| word.starts_with(begin.as_str()));
        // `id` alone is anybody's: of a line, a session, an upload.
        if text == "id" || words_of(text).any(leaves) {
            return None;
        }
        // What is called as relais calls it needs no likeness.
        let own = text.replace(' ', "_").parse::<Meaning>().ok().map(|meaning| (meaning, 2.0));
        let found = own.or_else(|| {
            let found = among.iter().filter_map(|format| format.likely(text));
            found.max_by(|(a, x), (b, y)| x.total_cmp(y).then_with(|| b.cmp(a)))
        });
        let is_count = |meaning: Meaning| meaning.is_number() && meaning != Meaning::Spend;
        if own.is_none() && (text.contains('%') || words_of(text).any(is_none)) {
            return found.filter(|(meaning, _)| !meaning.is_number());
        }
        let is_money = self.is_money(key);
        let is_earned = words_of(text).any(|word| self.earned.contains(word));
        match found {
            Some((meaning, _)) if is_earned && meaning.is_number() => None,
            Some((meaning, likeness)) if !(is_money && is_count(meaning)) => {
                Some((meaning, likeness))
            }
            _ if is_earned => None,
            // A column that says spent or holds a currency is money until a person says otherwise.
            _ if is_money => Some((Meaning::Spend, 0.5)),
            _ => None,
        }
    }

    /// What each column of a table most likely means: what a known format calls so, or writes nearly
    /// so, or what its cells are. A meaning has one column; the likest has it.
    pub(crate) fn sketch(&self, lines: &[Record], among: &[&Format]) -> Vec<Sketched> {
        let Some((header, lines)) = lines.split_first() else { return Vec::new() };
        let lines = &lines[..lines.len().min(LINES)];
        let named = header.texts().into_iter().enumerate();
        let named = named.filter(|(_, text)| !text.is_empty() && text.chars().count() < LONGEST);
        let is_time = |meaning| matches!(meaning, Meaning::Day | Meaning::Start | Meaning::End);
        let columns = named.take(SKETCHED).map(|(at, header)| {
            let (key, is_date) = (key(&header), are_dates(lines, at));
            let own = self.meant(&key, among);
            // Headers of another meaning are only written alike.
            let is_other = own.is_none_or(|(meaning, sure)| !is_time(meaning) && sure < 1.0);
            let own = if is_date && is_other { Some((Meaning::Day, BY_CELLS)) } else { own };
            (header, key, is_date, own, example(lines, at))
        });
        let columns: Vec<_> = columns.collect();
        let first = |wanted: Meaning| {
            let same = columns.iter().enumerate().filter_map(|(place, (.., own, _))| {
                own.filter(|(meaning, _)| *meaning == wanted).map(|(_, likeness)| (place, likeness))
            });
            same.reduce(|a, b| if b.1 > a.1 { b } else { a }).map_or(0, |(place, _)| place)
        };
        let of = |(place, (header, key, is_date, own, example)): (usize, &Column)| {
            let meaning = own.map(|(meaning, _)| meaning);
            let winner = meaning.map_or(place, first);
            Sketched {
                header: header.clone(),
                meaning: meaning.map(Meaning::name),
                rival: (winner != place).then(|| columns[winner].0.clone()),
                is_kept: *is_date || self.is_money(key),
                example: example.clone(),
            }
        };
        columns.iter().enumerate().map(of).collect()
    }
}

/// A column: its header, whether its cells are days, what it most likely means and how sure that is,
/// its first cell.
type Column = (String, Key, bool, Option<(Meaning, f64)>, String);

/// The first cell of a column that holds something.
fn example(lines: &[Record], at: usize) -> String {
    let mut cells = lines.iter().map(|line| line.cell(at));
    cells.find(|cell| *cell != Cell::Empty).map(|cell| short(&cell.show())).unwrap_or_default()
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
}

/// Whether a column's cells are days, as far as these lines tell.
fn are_dates(lines: &[Record], at: usize) -> bool {
    let is_day = |text: &str| {
        let window = |order| dates::window(text, order).is_some();
        // A bare number is a day of a spreadsheet's calendar to those who know that it is one.
        let is_number = text.len() != 8 && text.parse::<f64>().is_ok();
        !is_number && (window(Order::Dmy) || window(Order::Mdy) || dates::yearless(text).is_some())
    };
    let mut cells =
        lines.iter().map(|line| line.cell(at)).filter(|cell| *cell != Cell::Empty).peekable();
    cells.peek().is_some()
        && cells.all(|cell| match cell {
            Cell::Day(_) => true,
            Cell::Text(text) => is_day(text),
            Cell::Number(..) | Cell::Empty => false,
        })
}
