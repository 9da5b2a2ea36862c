//! A file looked at once from end to end: what it is, how it is encoded, its fingerprint.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    DecoderResult, Encoding, GB18030, GBK, ISO_8859_2, ISO_8859_4, UTF_8, UTF_16BE, UTF_16LE,
    WINDOWS_1250, WINDOWS_1252, WINDOWS_1254, WINDOWS_1257, WINDOWS_1258,
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::archive;
use crate::files::hex;
use crate::ingest::error::IngestError;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Lines of text in an encoding, after a byte-order mark of this many bytes.
    Text(&'static Encoding, usize),
    /// An Office workbook (`.xlsx`).
    Workbook,
    /// An OpenDocument workbook (`.ods`).
    OpenDocument,
}

/// What told a text's encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EncodingBy {
    /// A byte-order mark, UTF-8 that is valid from end to end, or a workbook, which has one only.
    File,
    /// How often its bytes follow one another in each encoding.
    Bytes,
    /// Headers that a format knows, as one encoding alone gives them.
    Headers,
    /// Its own letters are too few; other files of the import and format surely have it.
    Others,
    /// The map.
    Map,
}

/// Letters beyond ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Letters {
    /// Enough to tell their encoding.
    Many,
    /// Too few, and apart from one another as accents are.
    FewLatin,
    /// Too few, and next to one another as in no Latin text.
    FewForeign,
}

/// A file that was looked at.
#[derive(Debug, Clone)]
pub(crate) struct Opened {
    pub(crate) path: PathBuf,
    pub(crate) kind: Kind,
    pub(crate) encoding_by: EncodingBy,
    pub(crate) letters: Letters,
    /// SHA-256 of its bytes, in hexadecimal.
    pub(crate) fingerprint: String,
    /// An odd number of quotes: somewhere a quoted cell is not closed.
    pub(crate) quotes_are_odd: bool,
    /// A workbook with formulas.
    pub(crate) has_formulas: bool,
}

impl Opened {
    /// Looks at a file, in constant memory.
    pub(crate) fn inspect(path: &Path) -> Result<Self, IngestError> {
        let unreadable = |e| IngestError::unreadable(path, e);
        let mut file = File::open(path).map_err(unreadable)?;
        let mut look = Look::default();
        let mut chunk = vec![0; 1 << 17];
        loop {
            let n = file.read(&mut chunk).map_err(unreadable)?;
            if n == 0 {
                break;
            }
            look.at(&chunk[..n]);
        }
        let kind = look.kind().map_err(|found| IngestError::NotATable {
            path: path.to_owned(),
            found: found.to_owned(),
        })?;
        let is_open = kind == Kind::Workbook && archive::is_open_document(path);
        let kind = if is_open { Kind::OpenDocument } else { kind };
        let is_text = matches!(kind, Kind::Text(..));
        let has_formulas = !is_text && archive::guard(path)?;
        let quotes_are_odd = look.quotes % 2 == 1;
        let encoding_by = if look.is_coded(kind) { EncodingBy::Bytes } else { EncodingBy::File };
        let letters = look.letters();
        let fingerprint = hex(&look.hash.finalize());
        let path = path.to_owned();
        Ok(Self { path, kind, encoding_by, letters, fingerprint, quotes_are_odd, has_formulas })
    }

    /// The same file read in another encoding.
    pub(crate) fn decoded(&self, encoding: &'static Encoding, by: EncodingBy) -> Self {
        Self { kind: Kind::Text(encoding, 0), encoding_by: by, ..self.clone() }
    }

    /// Whether its bytes alone have told its encoding, and are few.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.encoding_by == EncodingBy::Bytes && self.letters != Letters::Many
    }

    /// Whether its letters may be in an encoding: nothing at its beginning is none of it.
    pub(crate) fn may_be(&self, encoding: &'static Encoding) -> bool {
        let mut bytes = Vec::new();
        let read =
            File::open(&self.path).and_then(|file| file.take(HEARD as u64).read_to_end(&mut bytes));
        let mut decoder = encoding.new_decoder_without_bom_handling();
        let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
        let mut text = vec![0; room.unwrap_or_default()];
        let (result, ..) = decoder.decode_to_utf8_without_replacement(&bytes, &mut text, false);
        read.is_ok()
            && LATIN.contains(&encoding) == (self.letters == Letters::FewLatin)
            && result == DecoderResult::InputEmpty
    }

    /// The name of a text's encoding.
    pub(crate) fn encoding(&self) -> &'static str {
        match self.kind {
            Kind::Text(encoding, _) => encoding.name(),
            Kind::Workbook | Kind::OpenDocument => UTF_8.name(),
        }
    }
}

/// Encodings of Latin letters with accents, one byte each.
const LATIN: [&Encoding; 7] =
    [WINDOWS_1250, WINDOWS_1252, WINDOWS_1254, WINDOWS_1257, WINDOWS_1258, ISO_8859_2, ISO_8859_4];

/// Fewer accented letters do not tell which of these a text is in: the commonest is taken.
const TELLING: usize = 16;

/// So many bytes beyond ASCII that follow one another are no Latin text.
const FOREIGN: usize = 3;

/// Bytes from the first that is no UTF-8 on by which an encoding is told.
const HEARD: usize = 1 << 20;

/// What was seen so far.
#[derive(Default)]
struct Look {
    hash: Sha256,
    head: Vec<u8>,
    /// Bytes at the end of the last chunk that may begin a character.
    carry: Vec<u8>,
    not_utf8: bool,
    /// Some letter beyond ASCII was UTF-8: a file put together from two.
    has_utf8: bool,
    /// Hears the text that is no UTF-8, and how much of it.
    detector: Option<(Box<EncodingDetector>, usize)>,
    /// Bytes among those heard that are no ASCII.
    accents: usize,
    /// How many of them follow one another, last and most.
    run: usize,
    longest: usize,
    zeros: u64,
    quotes: u64,
    size: u64,
}

impl Look {
    fn at(&mut self, chunk: &[u8]) {
        self.hash.update(chunk);
        self.size += chunk.len() as u64;
        if self.head.len() < 4096 {
            self.head.extend_from_slice(&chunk[..chunk.len().min(4096)]);
        }
        // Counting in runs of 255 lets the compiler use whole registers of bytes.
        for run in chunk.chunks(255) {
            let (mut zeros, mut quotes) = (0_u8, 0_u8);
            for byte in run {
                zeros += u8::from(*byte == 0);
                quotes += u8::from(*byte == b'"');
            }
            self.zeros += u64::from(zeros);
            self.quotes += u64::from(quotes);
        }
        let begun = self.carry.clone();
        if !self.not_utf8 {
            self.check(chunk);
        }
        if self.not_utf8 {
            self.hear(&begun);
            self.hear(chunk);
        }
    }

    fn hear(&mut self, bytes: &[u8]) {
        let new = || (Box::new(EncodingDetector::new(Iso2022JpDetection::Deny)), 0);
        let (detector, heard) = self.detector.get_or_insert_with(new);
        let bytes = &bytes[..bytes.len().min(HEARD.saturating_sub(*heard))];
        *heard += bytes.len();
        detector.feed(bytes, false);
        for byte in bytes {
            let is_accent = !byte.is_ascii();
            self.accents += usize::from(is_accent);
            self.run = if is_accent { self.run + 1 } else { 0 };
            self.longest = self.longest.max(self.run);
        }
    }

    fn letters(&self) -> Letters {
        match (self.accents < TELLING, self.longest < FOREIGN) {
            (false, _) => Letters::Many,
            (true, true) => Letters::FewLatin,
            (true, false) => Letters::FewForeign,
        }
    }

    /// Whether its bytes alone tell its encoding.
    fn is_coded(&self, kind: Kind) -> bool {
        matches!(kind, Kind::Text(_, 0)) && self.zeros == 0 && self.is_not_utf8()
    }

    fn is_not_utf8(&self) -> bool {
        self.not_utf8 || !self.carry.is_empty()
    }

    /// The encoding that the bytes are most likely in.
    fn likely(&self) -> &'static Encoding {
        let Some((detector, _)) = &self.detector else { return WINDOWS_1252 };
        let likely = detector.guess(None, Utf8Detection::Deny);
        // `Ã©` is what UTF-8 looks like in the commonest of them, and is put right there. A few accents
        // tell nothing: two exports of one account must not be read in two encodings.
        if LATIN.contains(&likely) && (self.has_utf8 || self.accents < TELLING) {
            return WINDOWS_1252;
        }
        // The larger of two names for one encoding.
        if likely == GBK { GB18030 } else { likely }
    }

    fn check(&mut self, chunk: &[u8]) {
        let mut rest = chunk;
        if !self.carry.is_empty() {
            // Finish the character that the last chunk began.
            let take = rest.len().min(4 - self.carry.len().min(3));
            let mut joined = std::mem::take(&mut self.carry);
            let before = joined.len();
            joined.extend_from_slice(&rest[..take]);
            match std::str::from_utf8(&joined) {
                Ok(_) => {
                    self.has_utf8 = true;
                    rest = &rest[take..];
                }
                Err(e) if e.valid_up_to() > 0 => {
                    self.has_utf8 = true;
                    rest = &rest[e.valid_up_to().saturating_sub(before)..];
                }
                Err(e) if e.error_len().is_none() => {
                    self.carry = joined;
                    return;
                }
                Err(_) => {
                    self.not_utf8 = true;
                    return;
                }
            }
        }
        let read = std::str::from_utf8(rest);
        let valid = read.map_or_else(|e| e.valid_up_to(), str::len);
        self.has_utf8 = self.has_utf8 || !rest[..valid].is_ascii();
        match read {
            Ok(_) => {}
            Err(e) if e.error_len().is_none() => self.carry = rest[valid..].to_vec(),
            Err(_) => self.not_utf8 = true,
        }
    }

    /// What the file is, or a code for what it is instead.
    fn kind(&self) -> Result<Kind, &'static str> {
        let head = self.head.as_slice();
        if head.is_empty() {
            return Err("empty");
        }
        for (magic, kind) in MAGIC {
            if head.starts_with(magic) {
                return kind;
            }
        }
        if let Some(page) = markup(head) {
            return Err(page);
        }
        if let Some((encoding, mark)) = Encoding::for_bom(head) {
            if encoding == UTF_8 && self.zeros > 0 {
                return Err("zero-bytes");
            }
            return Ok(Kind::Text(encoding, mark));
        }
        if self.zeros > 0 {
            return wide(head).map(|encoding| Kind::Text(encoding, 0)).ok_or("zero-bytes");
        }
        Ok(Kind::Text(if self.is_not_utf8() { self.likely() } else { UTF_8 }, 0))
    }
}

/// First bytes of what is no text, and what to say about it.
const MAGIC: [(&[u8], Result<Kind, &str>); 8] = [
    (b"PK\x03\x04", Ok(Kind::Workbook)),
    (b"\xd0\xcf\x11\xe0", Err("old-workbook")),
    (b"%PDF", Err("pdf")),
    (b"\x1f\x8b", Err("compressed")),
    (b"\x89PNG", Err("image")),
    (b"\xff\xd8\xff", Err("image")),
    (b"PAR1", Err("parquet")),
    (b"SQLite format 3", Err("database")),
];

/// A web page saved with a table's ending, or a document of another program.
fn markup(head: &[u8]) -> Option<&'static str> {
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let begins =
        |word: &[u8]| start.get(..word.len()).is_some_and(|first| first.eq_ignore_ascii_case(word));
    let page = [&b"<html"[..], b"<!doctype", b"<table", b"<?xml"].into_iter().any(begins);
    let json = begins(b"{\"") || begins(b"[{") || begins(b"{\n");
    if page { Some("web-page") } else { json.then_some("json") }
}

/// UTF-16 without its mark: every other byte of the beginning is zero.
fn wide(head: &[u8]) -> Option<&'static Encoding> {
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let half = head.len() / 2;
    let (even, odd) = (zeros(0), zeros(1));
    match () {
        () if odd * 10 > half * 8 && even == 0 => Some(UTF_16LE),
        () if even * 10 > half * 8 && odd == 0 => Some(UTF_16BE),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(bytes: &[u8], step: usize) -> Look {
        let mut look = Look::default();
        for chunk in bytes.chunks(step) {
            look.at(chunk);
        }
        look
    }

    #[test]
    fn encodings_are_told_apart_wherever_a_chunk_ends() {
        let text = "Âge,€,é,駐妻,🎓\n".repeat(3);
        for step in 1..9 {
            assert_eq!(look(text.as_bytes(), step).kind(), Ok(Kind::Text(UTF_8, 0)), "{step}");
            let latin = b"D\xe9pens\xe9 total,12\n";
            assert_eq!(look(latin, step).kind(), Ok(Kind::Text(WINDOWS_1252, 0)), "{step}");
            let few = b"Campaign,Spend\nF\xeate,12\n";
            assert_eq!(look(few, step).kind(), Ok(Kind::Text(WINDOWS_1252, 0)), "{step}");
        }
        let wide: Vec<u8> = "Date,Spend\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(look(&wide, 5).kind(), Ok(Kind::Text(UTF_16LE, 0)));
        let marked = [b"\xff\xfe".as_slice(), &wide].concat();
        assert_eq!(look(&marked, 100).kind(), Ok(Kind::Text(UTF_16LE, 2)));
        assert_eq!(look(b"\xef\xbb\xbfa,b", 100).kind(), Ok(Kind::Text(UTF_8, 3)));
    }

    #[test]
    fn what_is_no_table_is_named() {
        assert_eq!(look(b"%PDF-1.7", 100).kind(), Err("pdf"));
        assert_eq!(look(b"a,b\n1,\0\n", 100).kind(), Err("zero-bytes"));
        assert_eq!(look(b"", 100).kind(), Err("empty"));
        assert_eq!(look(b"\xef\xbb\xbf <HTML><table>", 100).kind(), Err("web-page"));
        assert_eq!(look(b"{\"data\":[]}", 100).kind(), Err("json"));
    }
}
