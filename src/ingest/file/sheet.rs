//! Workbooks as records, one row at a time, after a look at what unpacking them would cost.

use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx, XlsxError};
use jiff::civil::Date;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::archive::{CONTENT, LONGEST_TEXT, MOST_PARTS, broken, too_large};
use super::open_document::{self, Next};
use super::opened::{Kind, Opened};
use super::record::{Body, Record, SheetCell};
use super::text::WIDEST;
use crate::ingest::error::IngestError;

/// Most bytes that all parts may unpack to.
const MOST_UNPACKED: u64 = 1 << 30;
/// Most bytes of a part that is held in memory as a whole (shared texts, styles).
const MOST_HELD: u64 = 128 << 20;
/// A workbook's text packs to a tenth, numbers to a fifth; what unpacks to a hundredfold …
const MOST_SWELLING: u64 = 100;
/// … and is more than this many bytes was made to fill memories.
const MOST_SWOLLEN: u64 = 64 << 20;
/// Fewest bytes of a shared text: `<si/>`.
const LEAST_TEXT: u64 = 5;

/// The sheets in the workbook's order, each with its first records.
pub(crate) fn heads(
    opened: &Opened,
    n: usize,
    largest: usize,
) -> Result<Vec<(String, Vec<Record>)>, IngestError> {
    guard(opened)?;
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
    let mut row: Option<(u32, Vec<SheetCell>)> = None;
    loop {
        let reader = &mut cells;
        let Some(cell) = sound(opened, move || reader.next_cell())? else { break };
        let (line, column) = cell.get_position();
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
        values[column] = value(cell.get_value());
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

fn value(data: &DataRef<'_>) -> SheetCell {
    match data {
        DataRef::Empty => SheetCell::Empty,
        DataRef::Int(value) => SheetCell::Number(*value as f64),
        DataRef::Float(value) => SheetCell::Number(*value),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            SheetCell::Text(text.clone())
        }
        DataRef::SharedString(text) => SheetCell::Text((*text).to_owned()),
        DataRef::Bool(value) => SheetCell::Text(value.to_string()),
        DataRef::DateTime(time) => {
            day(time).map_or(SheetCell::Number(time.as_f64()), SheetCell::Day)
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

/// Unpacks every part into nothing, to know what it would cost. Sizes written in the file are
/// not believed: a bomb lies about them.
fn guard(opened: &Opened) -> Result<(), IngestError> {
    let file = File::open(&opened.path).map_err(|e| IngestError::unreadable(&opened.path, e))?;
    let mut parts =
        zip::ZipArchive::new(BufReader::new(file)).map_err(|e| broken(&opened.path, &e))?;
    if parts.len() > MOST_PARTS {
        return Err(too_large(&opened.path, "workbook", &format!("{MOST_PARTS} parts")));
    }
    let packed = std::fs::metadata(&opened.path).map_or(0, |meta| meta.len());
    let swollen = MOST_SWOLLEN.max(packed.saturating_mul(MOST_SWELLING));
    let mut left = MOST_UNPACKED.min(swollen);
    for at in 0..parts.len() {
        let mut part = parts.by_index(at).map_err(|e| broken(&opened.path, &e))?;
        // What is read as it comes.
        let is_sheet =
            part.name().is_ok_and(|name| name.contains("worksheets/") || name == CONTENT);
        let allowed = if is_sheet { left } else { left.min(MOST_HELD) };
        let unpacked = unpack(&mut part, left).map_err(|e| broken(&opened.path, &e))?;
        if unpacked.size > left && left < MOST_UNPACKED && swollen < MOST_UNPACKED {
            return Err(too_large(&opened.path, "bomb", &MOST_SWELLING.to_string()));
        }
        if unpacked.size > allowed {
            return Err(too_large(
                &opened.path,
                "workbook",
                &format!("{} MiB", MOST_UNPACKED >> 20),
            ));
        }
        if unpacked.longest > LONGEST_TEXT {
            return Err(too_large(&opened.path, "cell", &format!("{} MiB", LONGEST_TEXT >> 20)));
        }
        left -= unpacked.size;
        drop(part);
        // The reader makes room for as many texts as the file says it has.
        let told = told_texts(&mut parts, at).map_err(|e| broken(&opened.path, &e))?;
        if told > unpacked.size / LEAST_TEXT {
            let room = (unpacked.size / LEAST_TEXT).to_string();
            return Err(too_large(&opened.path, "texts", &room));
        }
    }
    Ok(())
}

/// How many shared texts a part says it has; 0 for every other part.
fn told_texts(
    parts: &mut zip::ZipArchive<BufReader<File>>,
    at: usize,
) -> Result<u64, quick_xml::Error> {
    let io = |error: zip::result::ZipError| quick_xml::Error::from(std::io::Error::other(error));
    let part = parts.by_index(at).map_err(io)?;
    let is_texts = |name: &str| name.to_lowercase().ends_with("sharedstrings.xml");
    if !part.name().is_ok_and(|name| is_texts(&name)) {
        return Ok(0);
    }
    let mut reader = Reader::from_reader(BufReader::new(part));
    let mut room = Vec::new();
    loop {
        room.clear();
        match reader.read_event_into(&mut room)? {
            Event::Start(start) | Event::Empty(start) => {
                let told = start.try_get_attribute("uniqueCount")?;
                // A number beyond all numbers reserves nothing, but is none either.
                let number = |text: &[u8]| String::from_utf8_lossy(text).trim().parse().ok();
                return Ok(told.map_or(0, |own| number(own.value.as_bytes()).unwrap_or(0)));
            }
            Event::Eof => return Ok(0),
            _ => {}
        }
    }
}

struct Unpacked {
    size: u64,
    longest: u64,
}

/// Size of a part and its longest stretch without a tag; stops soon after the limit.
fn unpack(part: &mut impl Read, most: u64) -> std::io::Result<Unpacked> {
    let mut chunk = vec![0; 1 << 16];
    let mut unpacked = Unpacked { size: 0, longest: 0 };
    let mut stretch = 0_u64;
    while unpacked.size <= most && unpacked.longest <= LONGEST_TEXT {
        let n = part.read(&mut chunk)?;
        if n == 0 {
            break;
        }
        unpacked.size += n as u64;
        let mut from = 0;
        while let Some(at) = chunk[from..n].iter().position(|byte| *byte == b'<') {
            stretch += at as u64;
            unpacked.longest = unpacked.longest.max(stretch);
            stretch = 0;
            from += at + 1;
        }
        stretch += (n - from) as u64;
        unpacked.longest = unpacked.longest.max(stretch);
    }
    Ok(unpacked)
}
