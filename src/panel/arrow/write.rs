//! Columns → an Arrow IPC stream (metadata version 5, little-endian, not compressed).

use std::io::{self, Write};

use super::flat::{Slot, Writer};
use super::{CONTINUES, header, kind};
use crate::panel::table::{Table, Values};

/// Rows per batch: offsets of texts stay far below four bytes.
const BATCH: usize = 1 << 16;

/// Writes a table.
///
/// # Errors
///
/// What the writer said.
pub(crate) fn write(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    message(out, &schema(table), &[])?;
    for start in (0..table.rows).step_by(BATCH) {
        let rows = BATCH.min(table.rows - start);
        let mut body = Body::default();
        for (_, values) in &table.columns {
            body.column(values, start, rows)?;
        }
        message(out, &batch(&body, rows), &body.bytes)?;
    }
    out.write_all(&CONTINUES)?;
    out.write_all(&[0; 4])?;
    out.flush()
}

fn message(out: &mut dyn Write, head: &[u8], body: &[u8]) -> io::Result<()> {
    out.write_all(&CONTINUES)?;
    out.write_all(&(head.len() as u32).to_le_bytes())?;
    out.write_all(head)?;
    out.write_all(body)
}

/// The head of a message, and the place that names what it holds.
fn head(of: u8, body: usize) -> (Writer, usize) {
    let (mut flat, root) = Writer::new();
    let version_5 = Slot::Short(4);
    let slots = [version_5, Slot::Byte(of), Slot::Link, Slot::Long(body as i64)];
    let places = flat.table(root, &slots);
    (flat, places[2])
}

fn schema(table: &Table) -> Vec<u8> {
    let (mut flat, place) = head(header::SCHEMA, 0);
    let places = flat.table(place, &[Slot::Short(0), Slot::Link]);
    let fields = flat.links(places[1], table.columns.len());
    for (place, (name, values)) in fields.into_iter().zip(&table.columns) {
        let (kind, own): (u8, &[Slot]) = match values {
            Values::Text(_) => (kind::TEXT, &[]),
            Values::Day(_) => (kind::DATE, &[Slot::Short(0)]),
            Values::Number(_) => (kind::FLOAT, &[Slot::Short(2)]),
            Values::Flag(_) => (kind::FLAG, &[]),
        };
        let nullable = Slot::Byte(1);
        let slots = [Slot::Link, nullable, Slot::Byte(kind), Slot::Link, Slot::None, Slot::Link];
        let places = flat.table(place, &slots);
        flat.text(places[0], name);
        flat.table(places[3], own);
        flat.links(places[5], 0);
    }
    flat.finish()
}

fn batch(body: &Body, rows: usize) -> Vec<u8> {
    let (mut flat, place) = head(header::BATCH, body.bytes.len());
    let places = flat.table(place, &[Slot::Long(rows as i64), Slot::Link, Slot::Link]);
    flat.pairs(places[1], &body.nodes);
    flat.pairs(places[2], &body.buffers);
    flat.finish()
}

/// The values of one batch.
#[derive(Debug, Default)]
struct Body {
    bytes: Vec<u8>,
    /// Length and number of nulls, by column.
    nodes: Vec<(usize, usize)>,
    /// Place and length, by buffer.
    buffers: Vec<(usize, usize)>,
}

impl Body {
    fn column(&mut self, values: &Values, start: usize, rows: usize) -> io::Result<()> {
        match values {
            Values::Text(own) => self.texts(&own[start..start + rows]),
            Values::Day(own) => {
                self.fixed(&own[start..start + rows], i32::to_le_bytes);
                Ok(())
            }
            Values::Number(own) => {
                self.fixed(&own[start..start + rows], f64::to_le_bytes);
                Ok(())
            }
            Values::Flag(own) => {
                let own = &own[start..start + rows];
                self.nulls(own);
                self.buffer(bits(own.iter().map(|flag| *flag == Some(true))));
                Ok(())
            }
        }
    }

    fn texts(&mut self, own: &[Option<String>]) -> io::Result<()> {
        self.nulls(own);
        let (mut places, mut letters) = (vec![0; 4], Vec::new());
        for text in own {
            letters.extend(text.as_deref().unwrap_or_default().as_bytes());
            let end = i32::try_from(letters.len()).map_err(io::Error::other)?;
            places.extend(end.to_le_bytes());
        }
        self.buffer(places);
        self.buffer(letters);
        Ok(())
    }

    fn fixed<T: Copy + Default, const N: usize>(
        &mut self,
        own: &[Option<T>],
        bytes: impl Fn(T) -> [u8; N],
    ) {
        self.nulls(own);
        self.buffer(own.iter().flat_map(|value| bytes(value.unwrap_or_default())).collect());
    }

    /// The node of a column, and which of its values there are.
    fn nulls<T>(&mut self, own: &[Option<T>]) {
        let missing = own.iter().filter(|value| value.is_none()).count();
        self.nodes.push((own.len(), missing));
        let there = own.iter().map(Option::is_some);
        self.buffer(if missing == 0 { Vec::new() } else { bits(there) });
    }

    fn buffer(&mut self, bytes: Vec<u8>) {
        self.buffers.push((self.bytes.len(), bytes.len()));
        self.bytes.extend(bytes);
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
    }
}

fn bits(flags: impl Iterator<Item = bool>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (at, flag) in flags.enumerate() {
        if at % 8 == 0 {
            bytes.push(0);
        }
        if let Some(last) = bytes.last_mut() {
            *last |= u8::from(flag) << (at % 8);
        }
    }
    bytes
}
