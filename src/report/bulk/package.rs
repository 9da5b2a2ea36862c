//! An XLSX workbook of which only named cells change: one part of the package is edited in place,
//! every other part is copied with the bytes it has.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{BulkError, serial};

/// Most bytes of a part that are read: a bulk export is far smaller, a zip bomb far larger.
const LARGEST: u64 = 256 << 20;

/// A worksheet of a package: its cells, and where each stands in the sheet's XML.
#[derive(Debug, Clone)]
pub(super) struct Package {
    bytes: Vec<u8>,
    /// Name of the sheet's part.
    part: String,
    xml: String,
    /// Rows with cells, the head first.
    rows: Vec<SheetRow>,
    /// Column position of each cell of the head.
    heads: BTreeMap<usize, String>,
    /// Serial days count from 1904.
    from_1904: bool,
}

#[derive(Debug, Clone, Default)]
struct SheetRow {
    /// The sheet's row number, from 1.
    number: usize,
    cells: BTreeMap<usize, Cell>,
}

#[derive(Debug, Clone)]
struct Cell {
    /// The whole `<c …>…</c>`.
    place: Range<usize>,
    /// Its reference and style, as they stand: ` r="B2" s="4"`.
    attributes: String,
    kind: Kind,
    /// Its value as the XML has it: a number's own digits, a text without its escapes.
    value: String,
    /// What readers of the file see: days of date columns are written out.
    shown: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Text,
    Formula,
    /// True, false, an error.
    Other,
}

impl Package {
    /// Whether bytes are a package at all.
    pub(super) fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(b"PK\x03\x04")
    }

    /// Opens the one sheet of a workbook whose first row has the heads.
    pub(super) fn read(bytes: &[u8], heads: [&str; 2]) -> Result<Self, BulkError> {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(trouble)?;
        let names: Vec<String> = archive
            .file_names()
            .map(|name| name.map(Cow::into_owned).map_err(trouble))
            .collect::<Result<_, _>>()?;
        let text = |archive: &mut ZipArchive<_>, name: &str| part(archive, name);
        let shared = match names.iter().find(|name| *name == "xl/sharedStrings.xml") {
            Some(name) => shared_strings(&text(&mut archive, name)?)?,
            None => Vec::new(),
        };
        let from_1904 = match names.iter().find(|name| *name == "xl/workbook.xml") {
            Some(name) => counts_from_1904(&text(&mut archive, name)?)?,
            None => false,
        };
        let mut sheets: Vec<&String> = names.iter().filter(|name| is_sheet(name)).collect();
        sheets.sort();
        let mut found: Vec<Self> = Vec::new();
        for name in sheets {
            let xml = text(&mut archive, name)?;
            let rows = cells(&xml, &shared)?;
            let of_head = |row: &SheetRow| -> BTreeMap<usize, String> {
                row.cells.iter().map(|(column, cell)| (*column, cell.value.clone())).collect()
            };
            let own = rows.first().map(of_head).unwrap_or_default();
            let has = |head: &&str| own.values().any(|text| text.trim().eq_ignore_ascii_case(head));
            if heads.iter().all(has) {
                let (part, bytes) = (name.clone(), bytes.to_vec());
                found.push(Self { bytes, part, xml, rows, heads: own, from_1904 });
            }
        }
        match (found.pop(), found.pop()) {
            (Some(package), None) => Ok(package.with_days_written()),
            (Some(one), Some(other)) => {
                Err(BulkError::SeveralSheets { parts: vec![other.part, one.part] })
            }
            (None, _) => Err(BulkError::NoColumn { head: "Ad Set ID" }),
        }
    }

    /// Serial numbers in columns of dates, as `2027-03-01 12:00`.
    fn with_days_written(mut self) -> Self {
        let is_day = |head: &str| {
            super::names::DATES.iter().any(|date| head.trim().eq_ignore_ascii_case(date))
        };
        let columns: Vec<usize> =
            self.heads.iter().filter(|(_, head)| is_day(head)).map(|(column, _)| *column).collect();
        for row in self.rows.iter_mut().skip(1) {
            for column in &columns {
                if let Some(cell) = row.cells.get_mut(column).filter(|c| c.kind == Kind::Number)
                    && let Some(text) = serial::of_serial(&cell.value, self.from_1904)
                {
                    cell.shown = text;
                }
            }
        }
        self
    }

    /// Position of a column by its head, whatever its case.
    pub(super) fn column(&self, head: &str) -> Option<usize> {
        let own = |text: &str| text.trim().eq_ignore_ascii_case(head);
        self.heads.iter().find(|(_, text)| own(text)).map(|(column, _)| *column)
    }

    /// A column's head.
    pub(super) fn head(&self, column: usize) -> &str {
        self.heads.get(&column).map_or("", String::as_str)
    }

    /// Positions of the rows below the head.
    pub(super) fn rows(&self) -> Range<usize> {
        1..self.rows.len().max(1)
    }

    /// A cell as it reads; empty when it is not there.
    pub(super) fn get(&self, row: usize, column: usize) -> &str {
        self.rows[row].cells.get(&column).map_or("", |cell| cell.shown.as_str())
    }

    /// The sheet's row number.
    pub(super) fn line(&self, row: usize) -> usize {
        self.rows[row].number
    }

    /// Refuses formulas in columns that matter: what they show may not be what they are.
    pub(super) fn without_formulas(&self, columns: &[usize]) -> Result<(), BulkError> {
        for row in self.rows.iter().skip(1) {
            for column in columns {
                if row.cells.get(column).is_some_and(|cell| cell.kind == Kind::Formula) {
                    let head = self.head(*column).to_owned();
                    return Err(BulkError::Formula { line: row.number, column: head });
                }
            }
        }
        Ok(())
    }

    /// Replaces cells that are there; a number stays a number, a text stays a text.
    pub(super) fn replace(&mut self, cells: &[(usize, usize, String)]) {
        let mut edits: Vec<(Range<usize>, String)> = cells
            .iter()
            .filter_map(|(row, column, text)| {
                let cell = self.rows[*row].cells.get(column)?;
                Some((cell.place.clone(), cell.rewritten(text, self.from_1904)))
            })
            .collect();
        edits.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
        for (place, xml) in edits {
            self.xml.replace_range(place, &xml);
        }
    }

    /// The package with the sheet as it now is.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, BulkError> {
        let mut archive = ZipArchive::new(Cursor::new(&self.bytes)).map_err(trouble)?;
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for i in 0..archive.len() {
            let file = archive.by_index_raw(i).map_err(trouble)?;
            if file.name().map_err(trouble)? != self.part {
                writer.raw_copy_file(file).map_err(trouble)?;
                continue;
            }
            let options = SimpleFileOptions::default()
                .compression_method(CompressionMethod::Deflated)
                .last_modified_time(file.last_modified().unwrap_or_default());
            writer.start_file(self.part.as_str(), options).map_err(trouble)?;
            writer.write_all(self.xml.as_bytes()).map_err(trouble)?;
        }
        Ok(writer.finish().map_err(trouble)?.into_inner())
    }
}

impl Cell {
    fn rewritten(&self, text: &str, from_1904: bool) -> String {
        let attributes = &self.attributes;
        if self.kind == Kind::Number {
            let days = (self.shown != self.value)
                .then(|| serial::to_serial(text, &self.value, from_1904))
                .flatten();
            let number = days.unwrap_or_else(|| text.to_owned());
            return format!("<c{attributes}><v>{number}</v></c>");
        }
        let text = quick_xml::escape::escape(text);
        format!("<c{attributes} t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is></c>")
    }
}

fn trouble(error: impl std::fmt::Display) -> BulkError {
    BulkError::Package { trouble: error.to_string() }
}

fn part(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<String, BulkError> {
    let file = archive.by_name(name).map_err(trouble)?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(trouble)?;
    if bytes.len() as u64 > LARGEST {
        return Err(trouble(format!("{name}: more than {} MB", LARGEST >> 20)));
    }
    String::from_utf8(bytes).map_err(trouble)
}

/// Whether a part is a worksheet: `xl/worksheets/sheet1.xml`, and not its relations below.
fn is_sheet(part: &str) -> bool {
    part.strip_prefix("xl/worksheets/").is_some_and(|name| !name.contains('/'))
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, BulkError> {
    let found = element.try_get_attribute(name).map_err(trouble)?;
    Ok(found.map(|attribute| attribute.value.into_owned()))
}

/// Texts of `sharedStrings.xml`, phonetic readings left out.
fn shared_strings(xml: &str) -> Result<Vec<String>, BulkError> {
    let mut reader = Reader::from_str(xml);
    let (mut strings, mut phonetic, mut inside) = (Vec::<String>::new(), false, false);
    loop {
        match reader.read_event().map_err(trouble)? {
            Event::Start(e) if e.local_name().as_ref() == "si" => strings.push(String::new()),
            Event::Empty(e) if e.local_name().as_ref() == "si" => strings.push(String::new()),
            Event::Start(e) if e.local_name().as_ref() == "rPh" => phonetic = true,
            Event::End(e) if e.local_name().as_ref() == "rPh" => phonetic = false,
            Event::Start(e) if e.local_name().as_ref() == "t" => inside = !phonetic,
            Event::End(e) if e.local_name().as_ref() == "t" => inside = false,
            Event::Eof => return Ok(strings),
            event if inside => {
                if let Some(last) = strings.last_mut() {
                    push_text(&event, last)?;
                }
            }
            _ => {}
        }
    }
}

/// Adds what a piece of character data says.
fn push_text(event: &Event<'_>, text: &mut String) -> Result<(), BulkError> {
    match event {
        Event::Text(piece) => text.push_str(&piece.xml10_content()),
        Event::CData(piece) => text.push_str(&piece.xml10_content()),
        Event::GeneralRef(name) => match name.resolve_char_ref().map_err(trouble)? {
            Some(letter) => text.push(letter),
            None => match quick_xml::escape::resolve_xml_entity(name) {
                Some(known) => text.push_str(known),
                None => return Err(trouble(format!("unknown entity &{};", &**name))),
            },
        },
        _ => {}
    }
    Ok(())
}

fn counts_from_1904(xml: &str) -> Result<bool, BulkError> {
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().map_err(trouble)? {
            Event::Start(e) | Event::Empty(e) if e.local_name().as_ref() == "workbookPr" => {
                let flag = attribute(&e, "date1904")?;
                return Ok(flag.is_some_and(|flag| flag == "1" || flag == "true"));
            }
            Event::Eof => return Ok(false),
            _ => {}
        }
    }
}

/// A cell on its way.
struct Open {
    column: usize,
    start: usize,
    attributes: String,
    kind: String,
    has_formula: bool,
    value: String,
}

/// All cells of a sheet by row, with their places in the XML.
fn cells(xml: &str, shared: &[String]) -> Result<Vec<SheetRow>, BulkError> {
    let mut reader = Reader::from_str(xml);
    let (mut rows, mut row) = (Vec::new(), SheetRow::default());
    let (mut open, mut reading, mut last_row): (Option<Open>, bool, usize) = (None, false, 0);
    loop {
        let start = reader.buffer_position() as usize;
        let event = reader.read_event().map_err(trouble)?;
        let end = reader.buffer_position() as usize;
        match &event {
            Event::Start(e) if e.local_name().as_ref() == "row" => {
                let number = attribute(e, "r")?.and_then(|r| r.parse().ok());
                last_row = number.unwrap_or(last_row + 1);
                row = SheetRow { number: last_row, cells: BTreeMap::new() };
            }
            Event::End(e)
                if e.local_name().as_ref() == "row"
                    && row.cells.values().any(|cell| !cell.value.is_empty()) =>
            {
                rows.push(std::mem::take(&mut row));
            }
            Event::Start(e) | Event::Empty(e) if e.local_name().as_ref() == "c" => {
                let next = row.cells.last_key_value().map_or(0, |(column, _)| column + 1);
                let cell = opened(e, next, start)?;
                if matches!(event, Event::Empty(_)) {
                    row.cells.insert(cell.column, closed(cell, end, shared)?);
                } else {
                    open = Some(cell);
                }
            }
            Event::End(e) if e.local_name().as_ref() == "c" => {
                if let Some(cell) = open.take() {
                    row.cells.insert(cell.column, closed(cell, end, shared)?);
                }
            }
            Event::Start(e) if matches!(e.local_name().as_ref(), "v" | "t") => reading = true,
            Event::End(e) if matches!(e.local_name().as_ref(), "v" | "t") => reading = false,
            Event::Start(e) | Event::Empty(e) if e.local_name().as_ref() == "f" => {
                if let Some(cell) = &mut open {
                    cell.has_formula = true;
                }
            }
            Event::Eof => return Ok(rows),
            event if reading => {
                if let Some(cell) = &mut open {
                    push_text(event, &mut cell.value)?;
                }
            }
            _ => {}
        }
    }
}

fn opened(element: &BytesStart<'_>, next: usize, start: usize) -> Result<Open, BulkError> {
    let reference = attribute(element, "r")?;
    let column = reference.as_deref().and_then(column_of).unwrap_or(next);
    let mut attributes = String::new();
    for one in element.attributes() {
        let one = one.map_err(trouble)?;
        if one.key.as_ref() != "t" {
            // As it stands: its escapes are kept.
            let value = one.value.replace('"', "&quot;");
            attributes.extend([" ", one.key.as_ref(), "=\"", &value, "\""]);
        }
    }
    let kind = attribute(element, "t")?.unwrap_or_default();
    Ok(Open { column, start, attributes, kind, has_formula: false, value: String::new() })
}

fn closed(open: Open, end: usize, shared: &[String]) -> Result<Cell, BulkError> {
    let (kind, value) = match open.kind.as_str() {
        _ if open.has_formula => (Kind::Formula, open.value),
        "" | "n" => (Kind::Number, open.value.trim().to_owned()),
        "s" => {
            let place: usize = open.value.trim().parse().map_err(trouble)?;
            let text = shared.get(place).ok_or_else(|| trouble("no such shared string"))?;
            (Kind::Text, text.clone())
        }
        "inlineStr" | "str" => (Kind::Text, open.value),
        _ => (Kind::Other, open.value),
    };
    let shown = value.clone();
    Ok(Cell { place: open.start..end, attributes: open.attributes, kind, value, shown })
}

/// The position of a reference's column: 0 for `A7`, 27 for `AB7`.
fn column_of(reference: &str) -> Option<usize> {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic);
    let column = letters.fold(0_usize, |column, letter| {
        column
            .saturating_mul(26)
            .saturating_add(usize::from(letter.to_ascii_uppercase() - b'A') + 1)
    });
    column.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_name_their_column() {
        assert_eq!(column_of("A1"), Some(0));
        assert_eq!(column_of("Z10"), Some(25));
        assert_eq!(column_of("AB7"), Some(27));
        assert_eq!(column_of("7"), None);
    }

    #[test]
    fn cells_are_found_with_their_places() {
        let xml = "<worksheet><sheetData><row r=\"3\"><c r=\"A3\" t=\"s\"><v>1</v></c>\
                   <c r=\"C3\" s=\"2\"><v>8.5</v></c><c r=\"D3\"><f>A1+1</f><v>2</v></c>\
                   <c r=\"E3\" t=\"inlineStr\"><is><t>a &amp; b</t></is></c></row>\
                   <row r=\"4\"><c r=\"A4\" s=\"1\"/></row></sheetData></worksheet>";
        let rows = cells(xml, &["x".to_owned(), "y".to_owned()]).unwrap();
        assert_eq!(rows.len(), 1, "a row of empty cells is none");
        let row = &rows[0];
        assert_eq!((row.number, row.cells.len()), (3, 4));
        assert_eq!(row.cells[&0].value, "y");
        let number = &row.cells[&2];
        assert_eq!(&xml[number.place.clone()], "<c r=\"C3\" s=\"2\"><v>8.5</v></c>");
        assert_eq!(number.rewritten("9.25", false), "<c r=\"C3\" s=\"2\"><v>9.25</v></c>");
        assert_eq!(row.cells[&3].kind, Kind::Formula);
        assert_eq!(row.cells[&4].value, "a & b");
        assert!(row.cells[&4].rewritten("<", false).contains("&lt;</t></is></c>"));
    }
}
