//! What workbooks are packed in: which kind one is, and what one may hold.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::ingest::error::IngestError;

/// The part with all sheets of an OpenDocument workbook.
pub(super) const CONTENT: &str = "content.xml";
/// Most parts that a workbook may have; real exports have about ten.
pub(super) const MOST_PARTS: usize = 2_000;
/// Longest stretch between two tags: one cell's text.
pub(super) const LONGEST_TEXT: u64 = 4 << 20;

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

/// Whether a file is an OpenDocument workbook and no Office workbook.
pub(super) fn is_open_document(path: &Path) -> bool {
    let archive = File::open(path).map(|file| zip::ZipArchive::new(BufReader::new(file)));
    let Ok(Ok(parts)) = archive else { return false };
    let has = |name: &str| parts.index_for_name(name).is_some();
    has(CONTENT) && !has("[Content_Types].xml")
}

pub(super) fn broken(path: &Path, error: &dyn std::fmt::Display) -> IngestError {
    let message = error.to_string();
    // The directory of an archive is at its end: without it the file was cut.
    let message = if message.contains("EOCD") { "cut-off".to_owned() } else { message };
    IngestError::Workbook { path: path.to_owned(), message }
}

pub(super) fn too_large(path: &Path, what: &str, allowed: &str) -> IngestError {
    IngestError::TooLarge {
        path: path.to_owned(),
        what: what.to_owned(),
        allowed: allowed.to_owned(),
    }
}

/// Unpacks every part into nothing, to know what it would cost, and whether a sheet has formulas.
/// Sizes written in the file are not believed: a bomb lies about them.
pub(super) fn guard(path: &Path) -> Result<bool, IngestError> {
    let file = File::open(path).map_err(|e| IngestError::unreadable(path, e))?;
    let mut parts = zip::ZipArchive::new(BufReader::new(file)).map_err(|e| broken(path, &e))?;
    if parts.len() > MOST_PARTS {
        return Err(too_large(path, "workbook", &format!("{MOST_PARTS} parts")));
    }
    let packed = std::fs::metadata(path).map_or(0, |meta| meta.len());
    let swollen = MOST_SWOLLEN.max(packed.saturating_mul(MOST_SWELLING));
    let mut left = MOST_UNPACKED.min(swollen);
    let mut has_formulas = false;
    for at in 0..parts.len() {
        let mut part = parts.by_index(at).map_err(|e| broken(path, &e))?;
        // What is read as it comes.
        let is_sheet =
            part.name().is_ok_and(|name| name.contains("worksheets/") || name == CONTENT);
        let allowed = if is_sheet { left } else { left.min(MOST_HELD) };
        let unpacked = unpack(&mut part, left).map_err(|e| broken(path, &e))?;
        if unpacked.size > left && left < MOST_UNPACKED && swollen < MOST_UNPACKED {
            return Err(too_large(path, "bomb", &MOST_SWELLING.to_string()));
        }
        if unpacked.size > allowed {
            return Err(too_large(path, "workbook", &format!("{} MiB", MOST_UNPACKED >> 20)));
        }
        if unpacked.longest > LONGEST_TEXT {
            return Err(too_large(path, "cell", &format!("{} MiB", LONGEST_TEXT >> 20)));
        }
        left -= unpacked.size;
        has_formulas |= is_sheet && unpacked.has_formulas;
        drop(part);
        // The reader makes room for as many texts as the file says it has.
        let told = told_texts(&mut parts, at).map_err(|e| broken(path, &e))?;
        if told > unpacked.size / LEAST_TEXT {
            let room = (unpacked.size / LEAST_TEXT).to_string();
            return Err(too_large(path, "texts", &room));
        }
    }
    Ok(has_formulas)
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
    has_formulas: bool,
}

/// Whether the tag that begins before these bytes is that of a formula (`<f>`, `<x:f t="shared">`); what
/// is cut off counts as one.
fn is_formula(tag: &[u8]) -> bool {
    let end = tag.iter().take(12).position(|byte| matches!(byte, b'>' | b' ' | b'/'));
    let name = &tag[..end.unwrap_or(tag.len().min(12))];
    matches!(name, b"f" | b"") || name.ends_with(b":f")
}

/// Size of a part and its longest stretch without a tag; stops soon after the limit.
fn unpack(part: &mut impl Read, most: u64) -> std::io::Result<Unpacked> {
    let mut chunk = vec![0; 1 << 16];
    let mut unpacked = Unpacked { size: 0, longest: 0, has_formulas: false };
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
            unpacked.has_formulas |= is_formula(&chunk[from..n]);
        }
        stretch += (n - from) as u64;
        unpacked.longest = unpacked.longest.max(stretch);
    }
    Ok(unpacked)
}
