//! OpenDocument workbooks (`.ods`) as records, one row at a time.
//!
//! All sheets are one part, which may say of a cell or a row that it stands for a million: it is read
//! as it comes, and what repeats say is limited. (The library that reads XLSX would write them out in
//! memory.)

use std::fs::File;
use std::io::BufReader;

use jiff::civil::Date;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::archive::{CONTENT, LONGEST_TEXT, MOST_PARTS, broken, too_large};
use super::opened::Opened;
use super::record::{Body, Record, SheetCell};
use super::text::{LONGEST, WIDEST};
use crate::ingest::error::IngestError;
use crate::ingest::value::number;
use crate::ingest::value::number::Sign;

/// The part that an encrypted workbook says so in.
const MANIFEST: &str = "META-INF/manifest.xml";
/// Cells beyond those that the file writes out, at most: a million rows of twenty. (Tests, which are
/// not optimised, reach a smaller limit.)
const MOST_REPEATED: u64 = if cfg!(test) { 1_000_000 } else { 20_000_000 };
/// Most elements inside one another; real workbooks have about ten.
const DEEPEST: usize = 200;
/// Most spaces that one mark stands for.
const WIDEST_SPACE: usize = 1_000;

/// What a visitor gets: the sheet's number and name, and each of its rows.
type Visit<'a> = dyn FnMut(usize, &str, Option<&Record>) -> Result<Next, IngestError> + 'a;

/// How a visitor goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// With the next row.
    Row,
    /// With the next sheet.
    Sheet,
    /// Not at all.
    End,
}

/// Visits every sheet (first without a row) and its rows, blank ones left out, in the file's order.
pub(super) fn sheets(opened: &Opened, visit: &mut Visit<'_>) -> Result<(), IngestError> {
    let file = File::open(&opened.path).map_err(|e| IngestError::unreadable(&opened.path, e))?;
    let mut parts =
        zip::ZipArchive::new(BufReader::new(file)).map_err(|e| broken(&opened.path, &e))?;
    let is_encrypted = parts.by_name(MANIFEST).is_ok_and(|part| {
        let mut text = String::new();
        let read =
            std::io::Read::read_to_string(&mut std::io::Read::take(part, 1 << 20), &mut text);
        read.is_ok() && text.contains("encryption-data")
    });
    if is_encrypted {
        return Err(broken(&opened.path, &"encrypted"));
    }
    let part = parts.by_name(CONTENT).map_err(|e| broken(&opened.path, &e))?;
    let mut reader = Reader::from_reader(BufReader::new(part));
    reader.config_mut().expand_empty_elements = true;
    let mut walk = Walk::of(opened);
    let mut room = Vec::new();
    loop {
        room.clear();
        let event = reader.read_event_into(&mut room).map_err(|e| broken(&opened.path, &e))?;
        let next = match event {
            Event::Start(start) => walk.start(&start, visit)?,
            Event::End(end) => walk.end(end.name().as_ref(), visit)?,
            Event::Text(text) => walk.text(&text.xml10_content())?,
            Event::CData(text) => walk.text(&text.xml10_content())?,
            Event::GeneralRef(name) => {
                let letter = name.resolve_char_ref().map_err(|e| broken(&opened.path, &e))?;
                let known = quick_xml::escape::resolve_predefined_entity(&name);
                let mut room = [0; 4];
                walk.text(letter.map_or(known.unwrap_or(""), |own| own.encode_utf8(&mut room)))?
            }
            Event::Eof => return Ok(()),
            _ => Next::Row,
        };
        if next == Next::End {
            return Ok(());
        }
    }
}

/// A cell while it is read.
#[derive(Default)]
struct Open {
    repeat: usize,
    kind: Kind,
    /// The currency that an amount is shown in.
    sign: Option<Sign>,
    /// How it is calculated, where the file does not have the result.
    formula: String,
    value: String,
    text: String,
    /// Paragraphs that have begun.
    paragraphs: usize,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Kind {
    #[default]
    Text,
    Number,
    Day,
}

/// Where the reader stands.
struct Walk<'a> {
    opened: &'a Opened,
    depth: usize,
    /// Elements inside one that is left out.
    skipped: usize,
    in_body: bool,
    /// Sheets that have begun.
    sheets: usize,
    sheet: Option<String>,
    /// The visitor wants no more of this sheet.
    is_passed: bool,
    /// Rows of the sheet before the one at hand, and how often that one stands.
    line: u64,
    row: Option<u64>,
    cells: Vec<SheetCell>,
    column: usize,
    /// Bytes of the row's texts.
    size: usize,
    cell: Option<Open>,
    in_paragraph: usize,
    /// Cells that repeats may still stand for.
    left: u64,
}

impl<'a> Walk<'a> {
    fn of(opened: &'a Opened) -> Self {
        Self {
            opened,
            depth: 0,
            skipped: 0,
            in_body: false,
            sheets: 0,
            sheet: None,
            is_passed: false,
            line: 0,
            row: None,
            cells: Vec::new(),
            column: 0,
            size: 0,
            cell: None,
            in_paragraph: 0,
            left: MOST_REPEATED,
        }
    }

    fn start(
        &mut self,
        start: &BytesStart<'_>,
        visit: &mut Visit<'_>,
    ) -> Result<Next, IngestError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(broken(&self.opened.path, &"damaged"));
        }
        if self.skipped > 0 {
            self.skipped += 1;
            return Ok(Next::Row);
        }
        let name = start.name();
        match name.as_ref() {
            "office:spreadsheet" => self.in_body = true,
            "table:table" if self.in_body && self.sheet.is_none() => {
                return self.begin_sheet(start, visit);
            }
            // A table inside a cell or a drawing.
            "table:table" => self.skipped = 1,
            "table:table-row" if self.sheet.is_some() && !self.is_passed => {
                self.row = Some(self.number(start, "table:number-rows-repeated")?);
                self.cells.clear();
                (self.column, self.size) = (0, 0);
            }
            "table:table-cell" | "table:covered-table-cell" if self.row.is_some() => {
                self.cell = Some(self.begin_cell(start)?);
            }
            other => self.inside(other, start)?,
        }
        Ok(Next::Row)
    }

    /// An element inside a cell: its paragraphs, and what stands in them.
    fn inside(&mut self, name: &str, start: &BytesStart<'_>) -> Result<(), IngestError> {
        let spaces = if name == "text:s" { self.number(start, "text:c")? } else { 0 };
        let Some(cell) = &mut self.cell else { return Ok(()) };
        match name {
            "text:p" | "text:h" => {
                if cell.paragraphs > 0 {
                    cell.text.push('\n');
                }
                cell.paragraphs += 1;
                self.in_paragraph += 1;
            }
            "text:s" => {
                let spaces = usize::try_from(spaces).unwrap_or(WIDEST_SPACE).min(WIDEST_SPACE);
                cell.text.extend(std::iter::repeat_n(' ', spaces));
            }
            "text:tab" => cell.text.push('\t'),
            "text:line-break" => cell.text.push('\n'),
            // Somebody's remarks and drawings are not the cell's.
            "text:note" => self.skipped = 1,
            _ if self.in_paragraph == 0 || !name.starts_with("text:") => self.skipped = 1,
            _ => {}
        }
        self.fits()
    }

    fn text(&mut self, text: &str) -> Result<Next, IngestError> {
        if self.skipped == 0
            && self.in_paragraph > 0
            && let Some(cell) = &mut self.cell
        {
            cell.text.push_str(text);
            self.fits()?;
        }
        Ok(Next::Row)
    }

    fn fits(&self) -> Result<(), IngestError> {
        let is_long = |cell: &Open| cell.text.len() as u64 > LONGEST_TEXT;
        if self.cell.as_ref().is_some_and(is_long) {
            return Err(too_large(
                &self.opened.path,
                "cell",
                &format!("{} MiB", LONGEST_TEXT >> 20),
            ));
        }
        Ok(())
    }

    fn end(&mut self, name: &str, visit: &mut Visit<'_>) -> Result<Next, IngestError> {
        self.depth = self.depth.saturating_sub(1);
        if self.skipped > 0 {
            self.skipped -= 1;
            return Ok(Next::Row);
        }
        match name {
            "office:spreadsheet" => self.in_body = false,
            "table:table" => self.sheet = None,
            "table:table-row" => {
                if let Some(repeat) = self.row.take() {
                    return self.end_row(repeat, visit);
                }
            }
            "table:table-cell" | "table:covered-table-cell" => {
                self.in_paragraph = 0;
                if let Some(cell) = self.cell.take() {
                    self.end_cell(cell)?;
                }
            }
            "text:p" | "text:h" => self.in_paragraph = self.in_paragraph.saturating_sub(1),
            _ => {}
        }
        Ok(Next::Row)
    }

    fn begin_sheet(
        &mut self,
        start: &BytesStart<'_>,
        visit: &mut Visit<'_>,
    ) -> Result<Next, IngestError> {
        if self.sheets == MOST_PARTS {
            return Err(too_large(&self.opened.path, "workbook", &format!("{MOST_PARTS} sheets")));
        }
        let name = self.attribute(start, "table:name")?.unwrap_or_default();
        self.sheets += 1;
        self.line = 0;
        let next = visit(self.sheets, &name, None)?;
        self.sheet = Some(name);
        self.is_passed = next == Next::Sheet;
        Ok(next)
    }

    fn begin_cell(&self, start: &BytesStart<'_>) -> Result<Open, IngestError> {
        let mut cell = Open { repeat: 1, ..Open::default() };
        let mut has_result = false;
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|e| broken(&self.opened.path, &e))?;
            match attribute.key.as_ref() {
                "table:number-columns-repeated" => cell.repeat = count(&attribute.value) as usize,
                "office:value-type" => {
                    has_result = true;
                    cell.kind = match &*attribute.value {
                        "float" | "currency" => Kind::Number,
                        "date" => Kind::Day,
                        // A share is shown as one: `5 %` is no amount.
                        _ => Kind::Text,
                    }
                }
                "office:currency" => cell.sign = number::sign(&attribute.value),
                "table:formula" => cell.formula = attribute.value.to_string(),
                "office:value" | "office:date-value" => {
                    cell.value.clear();
                    cell.value.push_str(&attribute.value);
                }
                _ => {}
            }
        }
        if has_result {
            cell.formula.clear();
        }
        Ok(cell)
    }

    fn end_cell(&mut self, cell: Open) -> Result<(), IngestError> {
        let Open { repeat, .. } = cell;
        let at = self.column;
        self.column = at.saturating_add(repeat);
        let value = cell.into_value();
        if value == SheetCell::Empty {
            return Ok(());
        }
        if self.column > WIDEST {
            return Err(too_large(&self.opened.path, "header", &WIDEST.to_string()));
        }
        if let SheetCell::Text(text) = &value {
            self.size = self.size.saturating_add(text.len().saturating_mul(repeat));
        }
        if self.size > LONGEST {
            return Err(too_large(&self.opened.path, "line", &format!("{} MiB", LONGEST >> 20)));
        }
        self.cells.resize(at, SheetCell::Empty);
        self.repeat(repeat as u64 - 1)?;
        self.cells.resize(self.column, value);
        Ok(())
    }

    fn end_row(&mut self, repeat: u64, visit: &mut Visit<'_>) -> Result<Next, IngestError> {
        let first = self.line;
        self.line = first.saturating_add(repeat);
        let mut record = Record { line: 0, body: Body::Sheet(std::mem::take(&mut self.cells)) };
        let mut next = Next::Row;
        if !record.is_blank() {
            let name = self.sheet.clone().unwrap_or_default();
            let weight = (record.len() + self.size / 8) as u64;
            for at in 0..repeat {
                self.repeat(if at == 0 { 0 } else { weight })?;
                record.line = first.saturating_add(at).saturating_add(1);
                next = visit(self.sheets, &name, Some(&record))?;
                if next != Next::Row {
                    break;
                }
            }
        }
        self.is_passed = next == Next::Sheet;
        if let Body::Sheet(cells) = record.body {
            self.cells = cells;
        }
        Ok(next)
    }

    /// Takes cells that only a repeat stands for.
    fn repeat(&mut self, cells: u64) -> Result<(), IngestError> {
        self.left = self
            .left
            .checked_sub(cells)
            .ok_or_else(|| too_large(&self.opened.path, "repeated", &MOST_REPEATED.to_string()))?;
        Ok(())
    }

    fn number(&self, start: &BytesStart<'_>, name: &str) -> Result<u64, IngestError> {
        let found = start.try_get_attribute(name).map_err(|e| broken(&self.opened.path, &e))?;
        Ok(found.map_or(1, |own| count(&own.value)))
    }

    fn attribute(&self, start: &BytesStart<'_>, name: &str) -> Result<Option<String>, IngestError> {
        let found = start.try_get_attribute(name).map_err(|e| broken(&self.opened.path, &e))?;
        let value = found.map(|own| own.normalized_value(XmlVersion::Implicit1_0).map(Into::into));
        value.transpose().map_err(|e| broken(&self.opened.path, &e))
    }
}

/// How often something stands there; a number beyond all sheets is one that is refused later.
fn count(text: &str) -> u64 {
    text.trim().parse().unwrap_or(u64::from(u32::MAX)).clamp(1, u64::from(u32::MAX))
}

impl Open {
    fn into_value(self) -> SheetCell {
        let value = match self.kind {
            Kind::Text => None,
            // Some programs write a number where they show that there is none.
            Kind::Number if number::is_failed(&self.text) => None,
            Kind::Number => {
                let value = self.value.trim().parse::<f64>().ok();
                let value = value.filter(|value| value.is_finite());
                value.map(|value| SheetCell::Number(value, self.sign))
            }
            Kind::Day => {
                self.value.get(..10).and_then(|day| day.parse::<Date>().ok()).map(SheetCell::Day)
            }
        };
        match value {
            Some(value) => value,
            None if self.text.trim().is_empty() => match self.formula.find('=') {
                // Before it stands in which language: `of:=SUM([.B2:.B9])`.
                Some(at) => SheetCell::Text(self.formula[at..].to_owned()),
                None => SheetCell::Empty,
            },
            None => SheetCell::Text(self.text),
        }
    }
}
