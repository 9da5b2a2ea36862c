//! An Arrow IPC stream → the same text that a CSV panel has, so that one reader judges both.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read;

use super::flat::Table;
use super::{ArrowFault, CONTINUES, header, kind};
use crate::panel::table::day_of;
use crate::panel::write::neutral;

const DAMAGED: ArrowFault = ArrowFault::Damaged;

/// The table of a stream as CSV.
///
/// # Errors
///
/// [`ArrowFault`].
pub(crate) fn as_csv(mut input: impl Read) -> Result<Vec<u8>, ArrowFault> {
    let mut fields: Option<Vec<Field>> = None;
    let mut dictionaries = Dictionaries::new();
    let mut out = csv::Writer::from_writer(Vec::new());
    while let Some((head, body)) = message(&mut input)? {
        let head = Table::root(&head).ok_or(DAMAGED)?;
        let own = head.table(2).ok_or(DAMAGED)?;
        match (head.byte(1), &fields) {
            (header::SCHEMA, None) => {
                let read = schema(own)?;
                out.write_record(read.iter().map(|field| &field.name)).map_err(|_| DAMAGED)?;
                fields = Some(read);
            }
            (header::DICTIONARY, Some(fields)) => {
                dictionary(own, &body, fields, &mut dictionaries)?;
            }
            (header::BATCH, Some(fields)) => batch(own, &body, fields, &dictionaries, &mut out)?,
            _ => return Err(DAMAGED),
        }
    }
    if fields.is_none() {
        return Err(DAMAGED);
    }
    out.into_inner().map_err(|_| DAMAGED)
}

/// The head of a message and its body.
type Message = (Vec<u8>, Vec<u8>);

/// The next message's head and body; `None` at the end that a stream says itself.
fn message(input: &mut impl Read) -> Result<Option<Message>, ArrowFault> {
    if take(input, 4)? != CONTINUES {
        return Err(DAMAGED);
    }
    let size: [u8; 4] = take(input, 4)?.try_into().map_err(|_| DAMAGED)?;
    let size = u32::from_le_bytes(size);
    if size == 0 {
        return Ok(None);
    }
    let head = take(input, u64::from(size))?;
    let body = Table::root(&head).map(|head| head.long(3)).ok_or(DAMAGED)?;
    let body = take(input, u64::try_from(body).map_err(|_| DAMAGED)?)?;
    Ok(Some((head, body)))
}

/// So many bytes: those that are there make room for themselves, not those that are promised.
fn take(input: &mut impl Read, count: u64) -> Result<Vec<u8>, ArrowFault> {
    let mut bytes = Vec::new();
    input.take(count).read_to_end(&mut bytes).map_err(|_| DAMAGED)?;
    if bytes.len() as u64 == count { Ok(bytes) } else { Err(DAMAGED) }
}

/// Texts by the number of their dictionary.
type Dictionaries = BTreeMap<i64, Vec<Option<String>>>;

#[derive(Debug)]
struct Field {
    name: String,
    form: Form,
    /// The dictionary, and how its places are written.
    coded: Option<(i64, Form)>,
}

/// How the values of a column are written.
#[derive(Debug, Clone, Copy)]
enum Form {
    Null,
    Int {
        bytes: usize,
        signed: bool,
    },
    Float {
        bytes: usize,
    },
    Text {
        wide: bool,
    },
    View,
    Flag,
    /// Time since 1970-01-01, so many units to a day.
    Time {
        bytes: usize,
        per_day: i64,
    },
}

fn schema(own: Table<'_>) -> Result<Vec<Field>, ArrowFault> {
    if own.short(0, 0) != 0 {
        return Err(DAMAGED);
    }
    own.tables(1).ok_or(DAMAGED)?.into_iter().map(field).collect()
}

fn field(own: Table<'_>) -> Result<Field, ArrowFault> {
    let name = own.text(0).ok_or(DAMAGED)?.to_owned();
    let kind = own.byte(2);
    let form = own.table(3).and_then(|how| form(kind, how));
    let Some(form) = form else { return Err(ArrowFault::Kind { column: name, kind }) };
    let Some(coded) = own.table(4) else { return Ok(Field { name, form, coded: None }) };
    let places = coded.table(1).map_or(Some(Form::Int { bytes: 4, signed: true }), int);
    let coded = Some((coded.long(0), places.ok_or(DAMAGED)?));
    Ok(Field { name, form, coded })
}

fn int(how: Table<'_>) -> Option<Form> {
    let bytes = usize::try_from(how.int(0)).ok()? / 8;
    matches!(bytes, 1 | 2 | 4 | 8).then(|| Form::Int { bytes, signed: how.byte(1) != 0 })
}

fn form(of: u8, how: Table<'_>) -> Option<Form> {
    const DAY: i64 = 86_400;
    Some(match of {
        kind::NULL => Form::Null,
        kind::INT => int(how)?,
        kind::FLOAT => match how.short(0, 0) {
            1 => Form::Float { bytes: 4 },
            2 => Form::Float { bytes: 8 },
            _ => return None,
        },
        kind::TEXT => Form::Text { wide: false },
        kind::LARGE_TEXT => Form::Text { wide: true },
        kind::TEXT_VIEW => Form::View,
        kind::FLAG => Form::Flag,
        kind::DATE if how.short(0, 1) == 0 => Form::Time { bytes: 4, per_day: 1 },
        kind::DATE => Form::Time { bytes: 8, per_day: 1_000 * DAY },
        kind::TIMESTAMP => {
            let unit = 1_000_i64.pow(u32::try_from(how.short(0, 0)).ok().filter(|unit| *unit < 4)?);
            Form::Time { bytes: 8, per_day: unit * DAY }
        }
        _ => return None,
    })
}

fn dictionary(
    own: Table<'_>,
    body: &[u8],
    fields: &[Field],
    known: &mut Dictionaries,
) -> Result<(), ArrowFault> {
    let (id, data) = (own.long(0), own.table(1).ok_or(DAMAGED)?);
    let of = |field: &&Field| field.coded.is_some_and(|(own, _)| own == id);
    let form = fields.iter().find(of).ok_or(DAMAGED)?.form;
    let mut parts = Parts::new(data, body)?;
    let (rows, column) = (parts.rows, parts.column(form)?);
    let text = |row| {
        let mut text = String::new();
        let there = column.show(row, &mut text).ok_or(DAMAGED)?;
        Ok(there.then_some(text))
    };
    let texts = (0..rows).map(text).collect::<Result<Vec<_>, ArrowFault>>()?;
    let kept = known.entry(id).or_default();
    if own.byte(2) == 0 {
        kept.clear();
    }
    kept.extend(texts);
    Ok(())
}

fn batch(
    own: Table<'_>,
    body: &[u8],
    fields: &[Field],
    dictionaries: &Dictionaries,
    out: &mut csv::Writer<Vec<u8>>,
) -> Result<(), ArrowFault> {
    let mut parts = Parts::new(own, body)?;
    let mut columns = Vec::with_capacity(fields.len());
    for field in fields {
        let form = field.coded.map_or(field.form, |(_, places)| places);
        let texts = field.coded.map(|(id, _)| dictionaries.get(&id).map_or(&[][..], Vec::as_slice));
        columns.push((parts.column(form)?, field.form, texts));
    }
    // Rows of nothing but nulls take no room: their number is only a promise.
    if parts.rows > 0 && columns.iter().all(|(own, ..)| matches!(own.form, Form::Null)) {
        return Err(DAMAGED);
    }
    let mut text = String::new();
    for row in 0..parts.rows {
        for (column, form, texts) in &columns {
            text.clear();
            let there = column.show(row, &mut text).ok_or(DAMAGED)?;
            if let (Some(texts), true) = (texts, there) {
                let place: usize = text.parse().map_err(|_| DAMAGED)?;
                text.clear();
                text.push_str(texts.get(place).ok_or(DAMAGED)?.as_deref().unwrap_or_default());
            }
            let is_text = matches!(form, Form::Text { .. } | Form::View);
            let cell = if is_text { neutral(&text) } else { (&*text).into() };
            out.write_field(cell.as_bytes()).map_err(|_| DAMAGED)?;
        }
        out.write_record(None::<&[u8]>).map_err(|_| DAMAGED)?;
    }
    Ok(())
}

/// The parts of a batch, in the order of its columns.
struct Parts<'a> {
    rows: usize,
    nodes: std::vec::IntoIter<(usize, usize)>,
    buffers: std::vec::IntoIter<&'a [u8]>,
    /// Buffers of letters of each column of views.
    further: std::vec::IntoIter<usize>,
}

impl<'a> Parts<'a> {
    fn new(own: Table<'_>, body: &'a [u8]) -> Result<Self, ArrowFault> {
        if own.table(3).is_some() {
            return Err(ArrowFault::Compressed);
        }
        let rows = usize::try_from(own.long(0)).map_err(|_| DAMAGED)?;
        let part = |(at, length): (usize, usize)| body.get(at..at.checked_add(length)?);
        let buffers: Option<Vec<&[u8]>> =
            own.pairs(2).unwrap_or_default().into_iter().map(part).collect();
        Ok(Self {
            rows,
            nodes: own.pairs(1).unwrap_or_default().into_iter(),
            buffers: buffers.ok_or(DAMAGED)?.into_iter(),
            further: own.counts(4).unwrap_or_default().into_iter(),
        })
    }

    fn column(&mut self, form: Form) -> Result<Column<'a>, ArrowFault> {
        let (rows, missing) = self.nodes.next().ok_or(DAMAGED)?;
        if rows != self.rows {
            return Err(DAMAGED);
        }
        if matches!(form, Form::Null) {
            return Ok(Column { form, there: None, values: &[], letters: Vec::new() });
        }
        let mut buffer = || self.buffers.next().ok_or(DAMAGED);
        let (there, values) = (buffer()?, buffer()?);
        let further = match form {
            Form::Text { .. } => 1,
            Form::View => self.further.next().ok_or(DAMAGED)?,
            _ => 0,
        };
        let letters = (0..further).map(|_| buffer()).collect::<Result<_, _>>()?;
        Ok(Column { form, there: (missing > 0).then_some(there), values, letters })
    }
}

struct Column<'a> {
    form: Form,
    /// A bit for each value that is there; `None` where all are.
    there: Option<&'a [u8]>,
    values: &'a [u8],
    letters: Vec<&'a [u8]>,
}

fn bit(bytes: &[u8], at: usize) -> Option<bool> {
    Some(bytes.get(at / 8)? >> (at % 8) & 1 == 1)
}

impl Column<'_> {
    /// Writes a value as a CSV has it; whether there is one. `None`: it lies outside the batch.
    fn show(&self, row: usize, out: &mut String) -> Option<bool> {
        if matches!(self.form, Form::Null) || !self.there.map_or(Some(true), |own| bit(own, row))? {
            return Some(false);
        }
        let written = match self.form {
            Form::Null => Ok(()),
            Form::Flag => write!(out, "{}", bit(self.values, row)?),
            Form::Int { bytes, signed } => match self.whole(row, bytes, signed)? {
                number if number < 0 && !signed => write!(out, "{}", number.cast_unsigned()),
                number => write!(out, "{number}"),
            },
            Form::Float { bytes: 4 } => write!(out, "{}", f32::from_le_bytes(self.number(row)?)),
            Form::Float { .. } => write!(out, "{}", f64::from_le_bytes(self.number(row)?)),
            Form::Time { bytes, per_day } => {
                let days = self.whole(row, bytes, true)?.div_euclid(per_day);
                write!(out, "{}", day_of(days))
            }
            Form::Text { .. } | Form::View => {
                out.push_str(std::str::from_utf8(self.text(row)?).ok()?);
                Ok(())
            }
        };
        written.ok().map(|()| true)
    }

    fn number<const N: usize>(&self, row: usize) -> Option<[u8; N]> {
        let at = row.checked_mul(N)?;
        self.values.get(at..at.checked_add(N)?)?.try_into().ok()
    }

    /// A whole number; one of eight bytes without a sign wraps.
    fn whole(&self, row: usize, bytes: usize, signed: bool) -> Option<i64> {
        Some(match (bytes, signed) {
            (1, true) => i64::from(i8::from_le_bytes(self.number(row)?)),
            (1, false) => i64::from(u8::from_le_bytes(self.number(row)?)),
            (2, true) => i64::from(i16::from_le_bytes(self.number(row)?)),
            (2, false) => i64::from(u16::from_le_bytes(self.number(row)?)),
            (4, true) => i64::from(i32::from_le_bytes(self.number(row)?)),
            (4, false) => i64::from(u32::from_le_bytes(self.number(row)?)),
            _ => i64::from_le_bytes(self.number(row)?),
        })
    }

    fn text(&self, row: usize) -> Option<&[u8]> {
        if matches!(self.form, Form::View) {
            return self.view(row);
        }
        let wide = matches!(self.form, Form::Text { wide: true });
        let place = |row| self.whole(row, if wide { 8 } else { 4 }, true);
        let (start, end) = (place(row)?, place(row.checked_add(1)?)?);
        let range = usize::try_from(start).ok()?..usize::try_from(end).ok()?;
        self.letters.first()?.get(range)
    }

    /// A short text stands in its view; a longer one where its view leads.
    fn view(&self, row: usize) -> Option<&[u8]> {
        let at = row.checked_mul(16)?;
        let view = self.values.get(at..at.checked_add(16)?)?;
        let int = |at: usize| {
            let bytes = view.get(at..at + 4)?.try_into().ok()?;
            usize::try_from(i32::from_le_bytes(bytes)).ok()
        };
        let length = int(0)?;
        if length <= 12 {
            return view.get(4..4 + length);
        }
        let start = int(12)?;
        self.letters.get(int(8)?)?.get(start..start.checked_add(length)?)
    }
}
