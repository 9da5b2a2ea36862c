//! Which encoding a text has that neither a mark nor UTF-8 tells: the map's, the one in which a
//! format knows most of the headers, or the one that its bytes are likest.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, ISO_8859_2, MACINTOSH, SHIFT_JIS, WINDOWS_874,
    WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255,
    WINDOWS_1256, WINDOWS_1257, WINDOWS_1258,
};

use super::format::Format;
use super::formats::Formats;
use super::mapping::Mapping;
use crate::ingest::file::opened::{EncodingBy, Kind, Opened};
use crate::ingest::value::actions::Sources;
use crate::ingest::value::key::key;

/// Encodings in which spreadsheets of some country save a CSV.
const TRIED: [&Encoding; 18] = [
    WINDOWS_1252,
    SHIFT_JIS,
    GB18030,
    EUC_KR,
    BIG5,
    EUC_JP,
    WINDOWS_1250,
    WINDOWS_1251,
    WINDOWS_1253,
    WINDOWS_1254,
    WINDOWS_1255,
    WINDOWS_1256,
    WINDOWS_1257,
    WINDOWS_1258,
    WINDOWS_874,
    ISO_8859_2,
    MACINTOSH,
    encoding_rs::KOI8_U,
];

impl Formats {
    /// The file in the encoding that is settled for it.
    pub(crate) fn decoded(&self, opened: Opened, map: Option<&Mapping>) -> Opened {
        let Kind::Text(likely, _) = opened.kind else { return opened };
        if opened.encoding_by != EncodingBy::Bytes {
            return opened;
        }
        if let Some(said) = map.and_then(|map| map.encoding) {
            return opened.decoded(said, EncodingBy::Map);
        }
        let known = self.known.iter().chain([&self.words.format]);
        let formats = known.chain(map.and_then(|map| map.format.as_ref()));
        let formats: Vec<&Format> = formats.collect();
        let known = |cell: &str| {
            let key = key(cell).text;
            formats.iter().any(|format| format.keys.contains_key(&key))
        };
        let Ok(beginning) = beginning(&opened.path) else { return opened };
        let mut best = (known_headers(&beginning, likely, &known), likely);
        for encoding in TRIED.into_iter().filter(|encoding| *encoding != likely) {
            let found = known_headers(&beginning, encoding, &known);
            if found > best.0 {
                best = (found, encoding);
            }
        }
        let (_, encoding) = best;
        if encoding == likely {
            return opened;
        }
        opened.decoded(encoding, EncodingBy::Headers)
    }
}

impl Formats {
    /// The encoding in which all files of an import that have the format of a doubtful one, and are
    /// in no doubt themselves, are; `None` where it is none of it, or is read in it already.
    pub(crate) fn followed(
        &self,
        sources: &Sources,
        doubtful: &Opened,
        format: &str,
        map: Option<&Mapping>,
    ) -> Option<&'static Encoding> {
        let Kind::Text(own, _) = doubtful.kind else { return None };
        if !doubtful.is_doubtful() || sources.all.len() < 2 {
            return None;
        }
        let settled = sources.settled.get_or_init(|| self.settled(sources, map));
        let mut same = settled.iter().filter(|(of, _)| of == format).map(|(_, own)| *own);
        let first = same.next().filter(|first| *first != own)?;
        (same.all(|other| other == first) && doubtful.may_be(first)).then_some(first)
    }

    /// Formats and encodings of the files that are in no doubt.
    fn settled(
        &self,
        sources: &Sources,
        map: Option<&Mapping>,
    ) -> Vec<(String, &'static Encoding)> {
        let sure = sources.all.iter().filter_map(|source| {
            let opened = self.decoded(Opened::inspect(&source.path).ok()?, map);
            let Kind::Text(encoding, _) = opened.kind else { return None };
            if opened.encoding_by == EncodingBy::File || opened.is_doubtful() {
                return None;
            }
            Some((self.recognise(&opened, map).ok()?.format.name.clone(), encoding))
        });
        sure.collect()
    }
}

/// Bytes in which a header ends, whatever stands before it.
const BEGINNING: u64 = 32 << 10;
/// What is longer is no header.
const LONGEST: usize = 240;

fn beginning(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(BEGINNING).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// How many headers of one line are known, of those that the encoding decides.
fn known_headers(bytes: &[u8], encoding: &'static Encoding, known: &dyn Fn(&str) -> bool) -> usize {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let is_known = |cell: &&str| !cell.is_ascii() && cell.len() <= LONGEST && known(cell);
    let of = |line: &str| line.split([',', ';', '\t', '|', '"']).filter(is_known).count();
    text.split(['\n', '\r']).map(of).max().unwrap_or(0)
}
