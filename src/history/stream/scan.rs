//! Blocks of whole rows, and the cells of interest in each row.

use std::io::Read;
use std::path::Path;

use super::asked::{LONGEST_ROW, RawColumns, StreamError};
use super::fixed;
use super::groups::Groups;
use crate::history::day;
use crate::history::day::Day;

/// Whole rows of a file, and the number of the first of their lines.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) bytes: Vec<u8>,
    pub(super) line: u64,
}

/// Cuts a file into blocks between rows. A line end inside quotes is no row end: an odd number of
/// quotes before it says so.
#[derive(Debug)]
pub(super) struct Blocks {
    size: usize,
    rest: Vec<u8>,
    line: u64,
    ended: bool,
    too_long: bool,
}

impl Blocks {
    pub(super) fn new(size: usize) -> Self {
        Self { size, rest: Vec::new(), line: 1, ended: false, too_long: false }
    }

    pub(super) fn row_too_long(&self) -> bool {
        self.too_long
    }

    /// The next block; `None` at the end.
    pub(super) fn next(&mut self, file: &mut impl Read) -> std::io::Result<Option<Block>> {
        let mut bytes = std::mem::take(&mut self.rest);
        loop {
            if !self.ended {
                let before = bytes.len();
                file.take(self.size as u64).read_to_end(&mut bytes)?;
                self.ended = bytes.len() < before + self.size;
            }
            if self.ended {
                return Ok((!bytes.is_empty()).then(|| self.block(bytes)));
            }
            if let Some(end) = last_row_end(&bytes) {
                self.rest = bytes.split_off(end);
                return Ok(Some(self.block(bytes)));
            }
            if bytes.len() > LONGEST_ROW {
                self.too_long = true;
                return Ok(None);
            }
        }
    }

    fn block(&mut self, bytes: Vec<u8>) -> Block {
        let line = self.line;
        self.line += bytes.split(|byte| *byte == b'\n').count() as u64 - 1;
        Block { bytes, line }
    }
}

/// Just after the last line end that no quote holds.
fn last_row_end(bytes: &[u8]) -> Option<usize> {
    let mut quoted = bytes.split(|byte| *byte == b'"').count() % 2 == 0;
    for (i, byte) in bytes.iter().enumerate().rev() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => return Some(i + 1),
            _ => {}
        }
    }
    None
}

/// What a worker found.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    pub(super) groups: Groups,
    pub(super) rows: u64,
    /// Line, column, text.
    pub(super) bad: Vec<(u64, usize, String)>,
}

impl Scanned {
    pub(super) fn join(&mut self, other: Self) {
        self.groups.join(other.groups);
        self.rows += other.rows;
        self.bad.extend(other.bad);
    }
}

/// Which column is what, by position.
#[derive(Debug)]
pub(super) struct Layout {
    names: Vec<String>,
    delimiter: u8,
    /// Bytes of the header, and its lines.
    header: (usize, u64),
    segment: Vec<usize>,
    day: usize,
    /// Spend, impressions (when there are any), actions.
    numbers: Vec<usize>,
    last: usize,
}

impl Layout {
    pub(super) fn new(
        first: &Block,
        path: &Path,
        columns: &RawColumns,
    ) -> Result<Self, StreamError> {
        let bytes = first.bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&first.bytes);
        let mark = first.bytes.len() - bytes.len();
        let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let count = |delimiter: u8| line.split(|byte| *byte == delimiter).count();
        let delimiter = [b'\t', b';', b',']
            .into_iter()
            .max_by_key(|delimiter| count(*delimiter))
            .unwrap_or(b',');
        let mut row = Cells::new(bytes, delimiter);
        let mut names = Vec::new();
        while let Some(cell) = row.next_cell() {
            names.push(String::from_utf8_lossy(&cell.text()).trim().to_owned());
        }
        let find = |name: &str| {
            names.iter().position(|found| found == name).ok_or_else(|| StreamError::MissingColumn {
                path: path.to_path_buf(),
                column: name.to_owned(),
                found: names.join(", "),
            })
        };
        let segment: Vec<usize> =
            columns.segment.iter().map(|(_, name)| find(name)).collect::<Result<_, _>>()?;
        let day = find(&columns.day)?;
        let actions = columns.actions.iter().map(|(_, name)| name);
        let numbers: Vec<usize> = std::iter::once(&columns.spend)
            .chain(&columns.impressions)
            .chain(actions)
            .map(|name| find(name))
            .collect::<Result<_, _>>()?;
        let last = segment.iter().chain(&numbers).copied().max().unwrap_or(0).max(day);
        let header = (mark + row.place, row.lines);
        Ok(Self { names, delimiter, header, segment, day, numbers, last })
    }

    pub(super) fn name(&self, column: usize) -> String {
        self.names[column].clone()
    }

    /// The first block without its header.
    pub(super) fn body(&self, mut first: Block) -> Block {
        first.bytes.drain(..self.header.0.min(first.bytes.len()));
        first.line += self.header.1;
        first
    }

    /// Adds the rows of a block.
    pub(super) fn scan(&self, block: &Block, out: &mut Scanned) {
        let mut cells = Cells::new(&block.bytes, self.delimiter);
        let mut row =
            RowCells { cells: vec![Cell::default(); self.last + 1], ..RowCells::default() };
        while !cells.at_end() {
            let line = block.line + cells.lines;
            let found = row.read(&mut cells);
            if found > 0 {
                self.add(&mut row, found, line, out);
            }
        }
    }

    fn add(&self, row: &mut RowCells<'_>, found: usize, line: u64, out: &mut Scanned) {
        out.rows += 1;
        if found <= self.last {
            return out.bad.push((line, found.min(self.names.len() - 1), String::new()));
        }
        let bad_before = out.bad.len();
        let day = row.cells[self.day];
        let Some(week) = row.week(day) else {
            return out.bad.push((line, self.day, shown(day)));
        };
        row.key.clear();
        for column in &self.segment {
            row.cells[*column].push_to(&mut row.key);
        }
        row.numbers.clear();
        for (i, column) in self.numbers.iter().enumerate() {
            let cell = row.cells[*column];
            let number = match fixed::parse(cell.bytes) {
                Some(number) => Some(number),
                // Only spend must be there.
                None if i > 0 && cell.bytes.is_empty() => None,
                None => {
                    out.bad.push((line, *column, shown(cell)));
                    None
                }
            };
            row.numbers.push(number);
        }
        if out.bad.len() == bad_before {
            out.groups.add(&row.key, week, &row.numbers);
        }
    }
}

fn shown(cell: Cell<'_>) -> String {
    String::from_utf8_lossy(&cell.text()).chars().take(80).collect()
}

/// One cell: its bytes without the quotes around it.
#[derive(Debug, Clone, Copy, Default)]
struct Cell<'a> {
    bytes: &'a [u8],
    /// Doubled quotes stand inside.
    doubled: bool,
}

impl<'a> Cell<'a> {
    fn text(&self) -> std::borrow::Cow<'a, [u8]> {
        if !self.doubled {
            return self.bytes.into();
        }
        let mut text = Vec::new();
        self.push_text(&mut text);
        text.into()
    }

    fn push_text(&self, out: &mut Vec<u8>) {
        let mut skip = false;
        for byte in self.bytes {
            let is_quote = *byte == b'"';
            if !(self.doubled && is_quote && skip) {
                out.push(*byte);
            }
            skip = is_quote && !skip;
        }
    }

    /// Adds the text and an end mark to a key.
    fn push_to(&self, key: &mut Vec<u8>) {
        if self.doubled {
            self.push_text(key);
        } else {
            key.extend_from_slice(self.bytes);
        }
        key.push(0x1f);
    }
}

/// The cells of one row after another.
struct Cells<'a> {
    bytes: &'a [u8],
    delimiter: u8,
    place: usize,
    /// Line ends passed.
    lines: u64,
    row_ended: bool,
}

impl<'a> Cells<'a> {
    fn new(bytes: &'a [u8], delimiter: u8) -> Self {
        Self { bytes, delimiter, place: 0, lines: 0, row_ended: false }
    }

    fn at_end(&self) -> bool {
        self.place >= self.bytes.len()
    }

    /// The next cell of this row; `None` after the last, and the next row begins.
    #[inline]
    fn next_cell(&mut self) -> Option<Cell<'a>> {
        if self.row_ended {
            self.row_ended = false;
            return None;
        }
        let quoted = self.bytes.get(self.place) == Some(&b'"');
        let cell = if quoted { self.quoted() } else { self.plain() };
        Some(cell)
    }

    #[inline]
    fn plain(&mut self) -> Cell<'a> {
        let rest = &self.bytes[self.place..];
        let length = rest
            .iter()
            .position(|byte| *byte == self.delimiter || *byte == b'\n')
            .unwrap_or(rest.len());
        self.finish(length);
        let text = &rest[..length];
        let text = if self.row_ended { text.strip_suffix(b"\r").unwrap_or(text) } else { text };
        Cell { bytes: text, doubled: false }
    }

    fn quoted(&mut self) -> Cell<'a> {
        let rest = &self.bytes[self.place + 1..];
        let (mut length, mut doubled) = (0, false);
        loop {
            match rest[length..].iter().position(|byte| *byte == b'"') {
                None => {
                    length = rest.len();
                    break;
                }
                Some(quote) if rest.get(length + quote + 1) == Some(&b'"') => {
                    doubled = true;
                    length += quote + 2;
                }
                Some(quote) => {
                    length += quote;
                    break;
                }
            }
        }
        let bytes = &rest[..length];
        self.lines += bytes.split(|byte| *byte == b'\n').count() as u64 - 1;
        self.place += (length + 2).min(rest.len() + 1);
        // Whatever stands between the closing quote and the delimiter is no part of the cell.
        self.plain();
        Cell { bytes, doubled }
    }

    /// Steps over a cell of the given length and over what ends it.
    #[inline]
    fn finish(&mut self, length: usize) {
        self.place += length;
        self.row_ended = self.bytes.get(self.place).is_none_or(|byte| *byte == b'\n');
        self.lines += u64::from(self.bytes.get(self.place) == Some(&b'\n'));
        self.place += 1;
    }
}

/// Room for the cells of one row, used again for every row.
#[derive(Debug, Default)]
struct RowCells<'a> {
    cells: Vec<Cell<'a>>,
    key: Vec<u8>,
    numbers: Vec<Option<i128>>,
    /// The day read last: exports are in order of time.
    day: (&'a [u8], Day),
}

impl<'a> RowCells<'a> {
    /// Reads a row; gives the number of its cells, 0 for an empty line.
    #[inline]
    fn read(&mut self, cells: &mut Cells<'a>) -> usize {
        let mut found = 0;
        while let Some(cell) = cells.next_cell() {
            if let Some(place) = self.cells.get_mut(found) {
                *place = cell;
            }
            found += 1;
        }
        if found == 1 && self.cells[0].bytes.is_empty() { 0 } else { found }
    }

    /// Monday of a day's week.
    #[inline]
    fn week(&mut self, cell: Cell<'a>) -> Option<Day> {
        if cell.bytes == self.day.0 && !cell.bytes.is_empty() {
            return Some(self.day.1);
        }
        let text = std::str::from_utf8(cell.bytes).ok()?;
        let date: jiff::civil::Date = text.trim().get(..10)?.parse().ok()?;
        self.day = (cell.bytes, day::monday(day::number(date)));
        Some(self.day.1)
    }
}
