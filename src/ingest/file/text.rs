//! Text files as records: decoded, line ends levelled, and no record larger than any export's.

use std::cell::Cell as Counter;
use std::fs::File;
use std::io;
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::rc::Rc;

use csv::{ReaderBuilder, StringRecord, Terminator};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8};

use super::archive::too_large;
use super::opened::Opened;
use super::record::{Body, Record};
use crate::ingest::error::IngestError;

/// The longest record in bytes. An ad's text has some thousand characters; a line of 16 MiB is
/// an attack or a quote that was never closed.
pub(super) const LONGEST: usize = 16 << 20;

/// The most columns a table may have; Ads Manager itself stops well below a thousand.
pub(crate) const WIDEST: usize = 16_384;

/// Marker for a record above [`LONGEST`].
const TOO_LONG: &str = "record too long";

/// Visits the records of a text file, blank lines left out, until the visitor breaks.
pub(crate) fn records(
    opened: &Opened,
    encoding: &'static Encoding,
    mark: usize,
    delimiter: u8,
    visit: &mut dyn FnMut(&Record) -> Result<ControlFlow<()>, IngestError>,
) -> Result<(), IngestError> {
    let unreadable = |e| IngestError::unreadable(&opened.path, e);
    let mut file = File::open(&opened.path).map_err(unreadable)?;
    file.seek(SeekFrom::Start(mark as u64)).map_err(unreadable)?;
    let spent = Rc::new(Counter::new(0));
    let at_end = Rc::new(Counter::new(false));
    let lines = |inner| Lines {
        inner,
        after_cr: false,
        last: b'\n',
        at_end: at_end.clone(),
        spent: spent.clone(),
    };
    let input: Box<dyn Read> = if encoding == UTF_8 {
        Box::new(lines(Source::Plain(file)))
    } else {
        Box::new(lines(Source::Coded(Box::new(Transcoded::new(file, encoding)))))
    };
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .terminator(Terminator::Any(b'\n'))
        .buffer_capacity(1 << 16)
        .from_reader(input);
    let mut record = Record { line: 0, body: Body::Text(StringRecord::new()) };
    loop {
        let Body::Text(cells) = &mut record.body else { unreachable!("made as text above") };
        let more = reader.read_record(cells).map_err(|e| failed(opened, e))?;
        if !more {
            return Ok(());
        }
        // The reader stands behind the record: behind its line feed, except when the file ended
        // inside a quoted cell and the reader had to ask for more to know.
        let after = reader.position().line();
        let inside = cells.as_slice().bytes().filter(|byte| *byte == b'\n').count() as u64;
        spent.set(0);
        if cells.len() > WIDEST {
            return Err(too_large(&opened.path, "header", &format!("{WIDEST}")));
        }
        record.line = after.saturating_sub(inside + u64::from(!at_end.get())).max(1);
        if visit(&record)?.is_break() {
            return Ok(());
        }
    }
}

fn failed(opened: &Opened, error: csv::Error) -> IngestError {
    if error.to_string().contains(TOO_LONG) {
        return too_large(&opened.path, "line", &format!("{} MiB", LONGEST >> 20));
    }
    match error.into_kind() {
        csv::ErrorKind::Io(source) => IngestError::unreadable(&opened.path, source),
        other => IngestError::NotATable { path: opened.path.clone(), found: format!("{other:?}") },
    }
}

/// Bytes as they are, or turned into UTF-8.
enum Source {
    Plain(File),
    Coded(Box<Transcoded<File>>),
}

impl Read for Source {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(out),
            Self::Coded(coded) => coded.read(out),
        }
    }
}

/// Levels line ends (`\r\n`, a lone `\r`) to `\n`, ends the last line, and refuses to go on
/// when the reader has asked for more than one record may hold.
struct Lines<R> {
    inner: R,
    after_cr: bool,
    last: u8,
    at_end: Rc<Counter<bool>>,
    spent: Rc<Counter<usize>>,
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.at_end.get() || out.is_empty() {
                return Ok(0);
            }
            let n = self.inner.read(out)?;
            if n == 0 {
                if self.last == b'\n' {
                    self.at_end.set(true);
                    return Ok(0);
                }
                self.last = b'\n';
                out[0] = b'\n';
                return Ok(1);
            }
            let n = self.level(&mut out[..n]);
            self.spent.set(self.spent.get() + n);
            if self.spent.get() > LONGEST {
                return Err(io::Error::other(TOO_LONG));
            }
            if n > 0 {
                self.last = out[n - 1];
                return Ok(n);
            }
        }
    }
}

impl<R> Lines<R> {
    /// Rewrites the bytes in place; gives how many are left.
    fn level(&mut self, bytes: &mut [u8]) -> usize {
        if !self.after_cr && !bytes.contains(&b'\r') {
            return bytes.len();
        }
        let mut kept = 0;
        for at in 0..bytes.len() {
            let byte = bytes[at];
            let second_half = self.after_cr && byte == b'\n';
            self.after_cr = byte == b'\r';
            if !second_half {
                bytes[kept] = if byte == b'\r' { b'\n' } else { byte };
                kept += 1;
            }
        }
        kept
    }
}

/// A byte stream decoded into UTF-8, a chunk at a time.
struct Transcoded<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    from: usize,
    to: usize,
    ended: bool,
    /// The decoder has given its last character and must not be asked again.
    finished: bool,
}

impl<R: Read> Transcoded<R> {
    fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        Self {
            inner,
            decoder,
            raw: vec![0; 1 << 15],
            from: 0,
            to: 0,
            ended: false,
            finished: false,
        }
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // The decoder needs room for one whole character; the csv reader's buffer has it.
        debug_assert!(out.len() >= 16);
        loop {
            if self.finished {
                return Ok(0);
            }
            if self.from == self.to && !self.ended {
                self.from = 0;
                self.to = self.inner.read(&mut self.raw)?;
                self.ended = self.to == 0;
            }
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(&self.raw[self.from..self.to], out, self.ended);
            self.from += read;
            self.finished = self.ended && result == CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gives its bytes a few at a time.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let n = self.1.min(out.len());
            (&mut self.0).take(n as u64).read(out)
        }
    }

    fn levelled(bytes: &[u8], step: usize) -> Vec<u8> {
        let spent = Rc::new(Counter::new(0));
        let inner = Drip(bytes, step);
        let at_end = Rc::new(Counter::new(false));
        let mut lines = Lines { inner, after_cr: false, last: b'\n', at_end, spent };
        let mut out = Vec::new();
        let mut chunk = [0; 64];
        loop {
            let n = lines.read(&mut chunk).unwrap();
            if n == 0 {
                return out;
            }
            out.extend_from_slice(&chunk[..n]);
        }
    }

    proptest! {
        #[test]
        fn line_ends_are_levelled_wherever_a_chunk_ends(
            text in "[ab\r\n\"]{0,40}", step in 1_usize..7
        ) {
            let mut expected = text.replace("\r\n", "\n").replace('\r', "\n");
            if !expected.is_empty() && !expected.ends_with('\n') {
                expected.push('\n');
            }
            prop_assert_eq!(levelled(text.as_bytes(), step), expected.into_bytes());
        }

        #[test]
        fn utf_16_is_decoded_wherever_a_chunk_ends(text in "\\PC{0,40}", step in 1_usize..7) {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let mut coded = Transcoded::new(Drip(&bytes, step), encoding_rs::UTF_16LE);
            let mut out = Vec::new();
            let mut chunk = [0; 64];
            loop {
                let n = coded.read(&mut chunk).unwrap();
                if n == 0 {
                    break;
                }
                out.extend_from_slice(&chunk[..n]);
            }
            prop_assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }
}
