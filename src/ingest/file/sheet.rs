//! Workbooks as records, one row at a time, after a look at what unpacking them would cost.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, ExcelDateTime, Reader as _, Style, Xlsx, XlsxError, XlsxFormulaMetadata};
use jiff::civil::Date;

use super::archive::{broken, too_large};
use super::open_document::{self, Next};
use super::opened::{Kind, Opened};
use super::record::{Body, Record, SheetCell};
use super::text::WIDEST;
use crate::ingest::error::IngestError;
use crate::ingest::value::number;
use crate::ingest::value::number::Sign;

/// Letters of a formula that a message shows.
const LONGEST_FORMULA: usize = 60;
/// Number formats below are built into the program that shows the workbook.
const FIRST_OWN_FORMAT: u32 = 164;

/// The sheets in the workbook's order, each with its first records.
pub(crate) fn heads(
    opened: &Opened,
    n: usize,
    largest: usize,
) -> Result<Vec<(String, Vec<Record>)>, IngestError> {
    let mut heads: Vec<(String, Vec<Record>)> = Vec::new();
    if opened.kind == Kind::OpenDocument {
        // All its sheets are one part, so one reading sees them all.
        let mut size = 0;
        open_document::sheets(opened, &mut |_, name, record| {
            let Some(record) = record else {
                heads.push((name.to_owned(), Vec::new()));
                return Ok(Next::Row);
            };
            let Some((_, head)) = heads.last_mut() else { return Ok(Next::Sheet) };
            size += record.size();
            head.push(record.clone());
            Ok(if head.len() >= n || size > largest { Next::Sheet } else { Next::Row })
        })?;
        return Ok(heads);
    }
    for name in workbook(opened)?.sheet_names() {
        let (mut head, mut size) = (Vec::new(), 0);
        records(opened, &name, &mut |record| {
            size += record.size();
            head.push(record.clone());
            let enough = head.len() >= n || size > largest;
            Ok(if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        heads.push((name, head));
    }
    Ok(heads)
}

/// Visits the rows of a sheet until the visitor breaks. Rows that the file leaves out are blank
/// and not visited; a row's line is its number in the sheet.
pub(crate) fn records(
    opened: &Opened,
    name: &str,
    visit: &mut dyn FnMut(&Record) -> Result<ControlFlow<()>, IngestError>,
) -> Result<(), IngestError> {
    if opened.kind == Kind::OpenDocument {
        // Of two sheets with one name the first is meant.
        let mut wanted = None;
        return open_document::sheets(opened, &mut |number, own, record| {
            let Some(record) = record else {
                if own == name {
                    wanted.get_or_insert(number);
                }
                let is_over = wanted.is_some_and(|wanted| wanted < number);
                return Ok(match wanted {
                    _ if is_over => Next::End,
                    Some(_) => Next::Row,
                    None => Next::Sheet,
                });
            };
            Ok(if visit(record)?.is_break() { Next::End } else { Next::Row })
        });
    }
    let mut workbook = workbook(opened)?;
    let book = &mut workbook;
    let mut cells = sound(opened, move || book.worksheet_cells_reader(name))?;
    let shown: Vec<Shown> = cells.styles().iter().map(Shown::of).collect();
    let mut without_result: Option<HashMap<(u32, u32), String>> = None;
    let mut row: Option<(u32, Vec<SheetCell>)> = None;
    loop {
        let reader = &mut cells;
        let next = sound(opened, move || reader.next_cell_with_style_id())?;
        let Some((cell, style)) = next else { break };
        let (line, column) = cell.get_position();
        let mut value = value(cell.get_value(), shown.get(style).unwrap_or(&Shown::Plain));
        if value == SheetCell::Empty && opened.has_formulas {
            let formulas = match &without_result {
                Some(formulas) => formulas,
                None => without_result.insert(formulas(opened, name)?),
            };
            let formula = formulas.get(&(line, column)).cloned();
            value = formula.map_or(SheetCell::Empty, SheetCell::Text);
        }
        let column = column as usize;
        if column >= WIDEST {
            return Err(too_large(&opened.path, "header", &WIDEST.to_string()));
        }
        if row.as_ref().is_some_and(|(at, _)| *at != line)
            && let Some(done) = row.take()
            && hand_over(done, visit)?.is_break()
        {
            return Ok(());
        }
        let (_, values) = row.get_or_insert_with(|| (line, Vec::new()));
        if values.len() <= column {
            values.resize(column + 1, SheetCell::Empty);
        }
        values[column] = value;
    }
    match row {
        Some(done) => hand_over(done, visit).map(|_| ()),
        None => Ok(()),
    }
}

fn hand_over(
    (line, values): (u32, Vec<SheetCell>),
    visit: &mut dyn FnMut(&Record) -> Result<ControlFlow<()>, IngestError>,
) -> Result<ControlFlow<()>, IngestError> {
    let record = Record { line: u64::from(line) + 1, body: Body::Sheet(values) };
    if record.is_blank() { Ok(ControlFlow::Continue(())) } else { visit(&record) }
}

/// The formulas of a sheet whose results are not in the file, where they stand.
fn formulas(opened: &Opened, name: &str) -> Result<HashMap<(u32, u32), String>, IngestError> {
    let mut workbook = workbook(opened)?;
    let book = &mut workbook;
    let mut cells = sound(opened, move || book.worksheet_cells_reader(name))?;
    let mut found = HashMap::new();
    loop {
        let reader = &mut cells;
        let next = sound(opened, move || reader.next_cell_with_formula_metadata())?;
        let Some(cell) = next else { return Ok(found) };
        let (DataRef::Empty, Some(formula)) = (&cell.value, &cell.formula) else { continue };
        let text = match formula {
            XlsxFormulaMetadata::Normal { formula }
            | XlsxFormulaMetadata::Shared { formula, .. } => formula.as_str(),
            _ => "…",
        };
        let text = text.chars().take(LONGEST_FORMULA);
        found.insert(cell.pos, std::iter::once('=').chain(text).collect());
    }
}

/// As what a cell's style shows its number.
enum Shown {
    Plain,
    /// `0.05` as `5%`.
    Share,
    Money(Sign),
}

impl Shown {
    fn of(style: &Style) -> Self {
        let Some(format) = &style.number_format else { return Self::Plain };
        // Another country's spreadsheet shows its own currency for the `$` of the built-in formats.
        let is_built_in = format.format_id.is_some_and(|id| id < FIRST_OWN_FORMAT);
        let (mut rest, mut found) = (format.format_code.as_str(), None);
        while let Some(letter) = rest.chars().next() {
            // Texts stand among the signs for digits: `[$€-40C]`, `" €"`, `\€`.
            let end = match letter {
                ';' => break,
                '%' => return Self::Share,
                '[' => rest.find(']'),
                '"' => rest[1..].find('"').map(|at| at + 2),
                _ => None,
            };
            let (text, after) = rest.split_at(end.unwrap_or(letter.len_utf8()));
            let text = text.trim_matches(['"', ' ']);
            let sign = match letter {
                '[' => text.strip_prefix("[$").and_then(|own| number::sign(own.split('-').next()?)),
                // Three capitals are as likely something else.
                _ => number::sign(text).filter(|_| !text.bytes().all(|b| b.is_ascii_uppercase())),
            };
            found = found.or(sign);
            rest = after;
        }
        let is_told = |sign: &Sign| sign.currency().is_some() || !is_built_in;
        found.filter(is_told).map_or(Self::Plain, Self::Money)
    }

    fn number(&self, value: f64) -> SheetCell {
        match self {
            Self::Plain => SheetCell::Number(value, None),
            Self::Share => SheetCell::Text(format!("{}%", (value * 1e10).round() / 1e8)),
            Self::Money(sign) => SheetCell::Number(value, Some(*sign)),
        }
    }
}

fn value(data: &DataRef<'_>, shown: &Shown) -> SheetCell {
    match data {
        DataRef::Empty => SheetCell::Empty,
        DataRef::Int(value) => shown.number(*value as f64),
        DataRef::Float(value) => shown.number(*value),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            SheetCell::Text(text.clone())
        }
        DataRef::SharedString(text) => SheetCell::Text((*text).to_owned()),
        DataRef::Bool(value) => SheetCell::Text(value.to_string()),
        DataRef::DateTime(time) => {
            day(time).map_or(SheetCell::Number(time.as_f64(), None), SheetCell::Day)
        }
        DataRef::Error(error) => SheetCell::Text(error.to_string()),
    }
}

fn day(time: &ExcelDateTime) -> Option<Date> {
    if !time.is_datetime() {
        return None;
    }
    let (year, month, day, ..) = time.to_ymd_hms_milli();
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn workbook(opened: &Opened) -> Result<Xlsx<BufReader<File>>, IngestError> {
    let file = File::open(&opened.path).map_err(|e| IngestError::unreadable(&opened.path, e))?;
    sound(opened, || Xlsx::new(BufReader::new(file)))
}

/// What the library reads of a workbook. Where a damaged one makes it give up on itself (a cell
/// called `A9223372036854775808`), that is the file's trouble and no fault of relais.
fn sound<T>(
    opened: &Opened,
    read: impl FnOnce() -> Result<T, XlsxError>,
) -> Result<T, IngestError> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(read) => read.map_err(|error| broken(&opened.path, &error)),
        Err(_) => Err(broken(&opened.path, &"damaged")),
    }
}
