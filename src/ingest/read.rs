//! The whole line for one file: inspect, recognise, lay out, survey, rows.

use std::ops::ControlFlow;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::columns::format::Format;
use super::columns::formats::Formats;
use super::columns::layout::Layout;
use super::columns::mapping::Mapping;
use super::columns::names::{Names, Reader};
use super::columns::recognise;
use super::columns::recognise::Found;
use super::columns::survey::{Conventions, survey};
use super::error::IngestError;
use super::file::opened::{EncodingBy, Opened};
use super::file::record::Record;
use super::file::table::{Place, heads, records};
use super::mapped;
use super::report::{Act, Allowed, FileReport, LineFinding, Refunds, Role, Seen, Totals};
use super::rows::Rows;
use super::value::actions::{ActionTable, Source, Sources};
use super::value::key::key;
use super::value::personal::Personal;
use crate::files::hex;
use crate::history::row::Row;
use crate::segment::Attribute;

/// A file whose table was found and understood, ready to be read.
#[derive(Debug)]
pub struct Export<'a> {
    formats: &'a Formats,
    map: Option<&'a Mapping>,
    opened: Opened,
    found: Found<'a>,
    layout: Layout,
    conventions: Conventions,
    actions: Option<ActionTable>,
}

impl Formats {
    /// Reads a file and hands over its rows one by one, in file order.
    ///
    /// Rejected lines are in the report and not handed over; whether the others may be kept is
    /// for the caller to decide. The reading ends early when `sink` breaks.
    ///
    /// # Errors
    ///
    /// [`IngestError`] when the file as a whole cannot be read: no format fits, several do, two
    /// currencies, no spend …
    pub fn read(
        &self,
        path: &Path,
        map: Option<&Mapping>,
        sink: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<FileReport, IngestError> {
        self.open(path, map)?.read(sink)
    }

    /// Finds the table of a file and what holds for the whole of it.
    ///
    /// # Errors
    ///
    /// As [`Formats::read`].
    pub fn open<'a>(
        &'a self,
        path: &Path,
        map: Option<&'a Mapping>,
    ) -> Result<Export<'a>, IngestError> {
        self.open_decoded(self.decoded(Opened::inspect(path)?, map), map)
    }

    fn open_decoded<'a>(
        &'a self,
        opened: Opened,
        map: Option<&'a Mapping>,
    ) -> Result<Export<'a>, IngestError> {
        let found = self.recognise(&opened, map)?;
        let layout = Layout::new(&opened, &found.format, &found.header, &self.personal)?;
        refuse_persons(&opened, &layout, &self.personal)?;
        require_spend(&opened, &found, &layout)?;
        let conventions = {
            let (order, year) = map.map_or((None, None), |map| (map.order, map.year));
            survey(&opened, &found, &layout, order, year)?
        };
        Ok(Export { formats: self, map, opened, found, layout, conventions, actions: None })
    }

    /// Opens a file of an import with the table of actions that belongs to it. Where its letters are
    /// too few to tell their encoding, it has that of the others in its format.
    ///
    /// # Errors
    ///
    /// As [`Formats::read`], for either of the two.
    pub fn open_source<'a>(
        &'a self,
        source: &Source,
        sources: &Sources,
        map: Option<&'a Mapping>,
    ) -> Result<Export<'a>, IngestError> {
        let mut export = self.open(&source.path, map)?;
        if let Some(encoding) = self.followed(sources, &export.opened, export.format(), map) {
            export = self.open_decoded(export.opened.decoded(encoding, EncodingBy::Others), map)?;
        }
        if let (Some(path), Some(actions)) = (&source.actions, &export.found.format.actions) {
            export.actions = Some(ActionTable::read(path, actions, &export.layout.headers)?);
        }
        Ok(export)
    }

    /// The table of a file: the map's, when the map says all of it and the file has its headers;
    /// otherwise a known format's, to which the map may add.
    pub(super) fn recognise<'a>(
        &'a self,
        opened: &Opened,
        map: Option<&'a Mapping>,
    ) -> Result<Found<'a>, IngestError> {
        let heads = heads(opened, recognise::HEAD)?;
        let find = |among: &[&'a Format]| recognise::find(opened, &heads, among);
        let chosen = map.and_then(|map| map.chosen.as_ref()).map(|name| self.named(name));
        let chosen = chosen.transpose()?;
        let known: Vec<&Format> =
            chosen.map_or_else(|| self.known.iter().collect(), |own| vec![own]);
        let Some((map, mapped)) = map.and_then(|map| Some((map, map.format.as_ref()?))) else {
            return find(&known).map_err(|error| match error {
                IngestError::Unknown { path, header, nearest, .. } => {
                    let words: Vec<&Format> =
                        known.iter().copied().chain([&self.words.format]).collect();
                    let lines = recognise::likeliest(&heads, &words).unwrap_or_default();
                    let mut sketch = self.words.sketch(lines, &words);
                    for own in &mut sketch {
                        if self.personal.kind(&own.header).is_some() {
                            own.example.clear();
                        }
                    }
                    let maps = self.maps_for(opened, &heads);
                    IngestError::Unknown { path, header, nearest, sketch, maps }
                }
                other => other,
            });
        };
        let is_alone = chosen.is_none() && mapped.is_whole();
        // The map may be for other files of the same import.
        let (first, second) = if is_alone { (vec![mapped], known) } else { (known, vec![mapped]) };
        let found = match find(&first) {
            Err(IngestError::Unknown { header, .. }) => {
                find(&second).map_err(|error| match error {
                    IngestError::Unknown { .. } => lacks(opened, map, &header),
                    other => other,
                })
            }
            found => found,
        }?;
        Ok(if is_alone || std::ptr::eq(&raw const *found.format, mapped) {
            found
        } else {
            found.extended(mapped)
        })
    }
}

impl Formats {
    /// Shipped maps that read a file.
    fn maps_for(&self, opened: &Opened, heads: &recognise::Heads) -> Vec<String> {
        let reads = |map: &Mapping| {
            let format = map.format.as_ref()?;
            let found = recognise::find(opened, heads, &[format]).ok()?;
            let layout = Layout::new(opened, format, &found.header, &self.personal).ok()?;
            (format.organic || layout.has_spend(format)).then_some(())
        };
        let fitting = self.maps.iter().filter(|(_, map)| reads(map).is_some());
        fitting.map(|(name, _)| name.clone()).collect()
    }
}

impl Export<'_> {
    /// The format's name.
    pub fn format(&self) -> &str {
        &self.found.format.name
    }

    /// Digest of the file's bytes and of everything that decides how they are read: the same
    /// file through another map is another export.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(&self.opened.fingerprint);
        hash.update(format!("\n{}\n{:?}\n", self.found.format.name, self.conventions));
        hash.update(self.map.map_or("", |map| map.text.as_str()));
        if !self.found.format.lifetime.is_empty() {
            hash.update("days and totals since publication apart");
        }
        if let Some(actions) = &self.actions {
            hash.update(&actions.fingerprint);
        }
        hex(&hash.finalize())
    }

    /// Whether the map's columns are those of the file.
    fn found_by_map(&self, map: &Mapping) -> bool {
        let is_own = |format: &Format| std::ptr::eq(&raw const *self.found.format, format);
        self.found.is_extended || map.format.as_ref().is_some_and(is_own)
    }

    /// Hands over the rows one by one, in file order, until `sink` breaks.
    ///
    /// # Errors
    ///
    /// [`IngestError`] when the file turns out to hold two currencies, or can no longer be read.
    pub fn read(
        &self,
        sink: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<FileReport, IngestError> {
        let none = Names::default();
        let (format, layout) = (&*self.found.format, self.layout.clone());
        let said = self.map.and_then(|map| map.currency);
        if let (Some(first), Some(other)) = (said, layout.currency)
            && first != other
        {
            let (path, line) = (self.opened.path.clone(), self.found.header.line);
            return Err(IngestError::Currencies { path, line, first, other });
        }
        let mut rows = Rows {
            formats: self.formats,
            opened: &self.opened,
            format,
            place: &self.found.place,
            conventions: self.conventions,
            names: self.map.map_or(&none, |map| &map.names),
            constants: constants(format, self.map, self.formats),
            currency: layout.currency.or(said).or(format.currency),
            shared_sign: None,
            signs: Vec::new(),
            negative: Vec::new(),
            report: report(&self.opened, &self.found, &layout),
            layout,
            reader: Reader::default(),
            memo: vec![std::collections::HashMap::default(); format.columns.len()],
            blocks: std::collections::BTreeSet::new(),
            skips_block: false,
            last_date: (String::new(), None),
            declared_at: 0,
            last_record: (self.found.header.line, false),
            beside: None,
            failed: std::collections::BTreeMap::new(),
            joined: self
                .actions
                .as_ref()
                .map(|actions| (actions.positions(&self.layout.headers), actions.counts())),
        };
        let header = &self.found.header;
        rows.enter_block(header.line, &header.cell(0).show());
        let mut examples: Vec<String> = Vec::new();
        let mut mapped =
            self.map.map(|map| mapped::Told::new(map, &self.layout)).unwrap_or_default();
        records(&self.opened, &self.found.place, &mut |record| {
            if record.line <= header.line {
                return Ok(ControlFlow::Continue(()));
            }
            let row = rows.row(record)?;
            if row.is_some() && rows.report.rows_accepted() <= 20 {
                remember(&mut examples, record);
            }
            if let Some(row) = &row {
                mapped.count(record, row);
            }
            let beside = rows.beside.take().filter(|_| row.is_some());
            Ok(row.into_iter().chain(beside).try_for_each(&mut *sink))
        })?;
        rows.report.columns = self.layout.explain(&examples);
        if let Some(map) = self.map {
            let is_its_own = self.found_by_map(map);
            rows.report.is_map_unused = map.format.is_some() && !is_its_own;
            rows.report.map =
                mapped.lines(map, is_its_own, &rows.report, &self.layout, &self.conventions);
        }
        rows.report.actions = self.actions.as_ref().map(|actions| actions.path.clone());
        Ok(rows.finish())
    }
}

fn require_spend(opened: &Opened, found: &Found<'_>, layout: &Layout) -> Result<(), IngestError> {
    if found.format.organic || layout.has_spend(&found.format) {
        return Ok(());
    }
    Err(IngestError::NoSpend {
        path: opened.path.clone(),
        format: found.format.name.clone(),
        headers: layout.headers.iter().filter(|h| !h.is_empty()).cloned().collect(),
    })
}

fn lacks(opened: &Opened, map: &Mapping, header: &[String]) -> IngestError {
    let there: std::collections::BTreeSet<String> = header.iter().map(|h| key(h).text).collect();
    let lacking = map
        .headers
        .iter()
        .filter(|(key, _)| !there.contains(*key))
        .map(|(_, header)| header.clone())
        .collect();
    IngestError::LacksMapped { path: opened.path.clone(), lacking }
}

/// A map must not carry a person's identity into an attribute.
fn refuse_persons(
    opened: &Opened,
    layout: &Layout,
    personal: &Personal,
) -> Result<(), IngestError> {
    for used in &layout.uses {
        let header = &layout.headers[used.position];
        let is_text = matches!(used.meaning, super::columns::format::Meaning::Attribute(_));
        if is_text && let Some(kind) = personal.kind(header) {
            return Err(IngestError::Personal {
                path: opened.path.clone(),
                column: header.clone(),
                reason: kind.to_owned(),
            });
        }
    }
    Ok(())
}

fn constants(
    format: &Format,
    map: Option<&Mapping>,
    formats: &Formats,
) -> Vec<(Attribute, Box<str>)> {
    // The map speaks first; a later constant for the same attribute finds it filled.
    let all = map.into_iter().flat_map(|map| &map.constants).chain(&format.constants);
    all.map(|(attribute, value)| {
        let value = formats
            .vocabulary
            .normal(*attribute, value)
            .map_or_else(|_| value.as_str().into(), Into::into);
        (*attribute, value)
    })
    .collect()
}

fn report(opened: &Opened, found: &Found<'_>, layout: &Layout) -> FileReport {
    let mut report = FileReport {
        path: opened.path.clone(),
        format: found.format.name.clone(),
        fingerprint: opened.fingerprint.clone(),
        encoding: opened.encoding(),
        encoding_by: opened.encoding_by,
        rows_read: 0,
        rows_ignored: found.preamble.len() as u64,
        rows_rejected: 0,
        rows_beside: 0,
        refunds: Refunds::default(),
        actions: None,
        findings: Vec::new(),
        findings_omitted: 0,
        currency: None,
        window: None,
        totals: Totals::default(),
        declared: None,
        columns: layout.explain(&[]),
        map: Vec::new(),
        is_extended: found.is_extended,
        is_map_unused: false,
        total_lines: 0,
        sheets_not_read: match found.place {
            Place::Sheet(_) => found.other_sheets.clone(),
            Place::Delimited(_) => Vec::new(),
        },
        names_without_attributes: None,
        hidden: Vec::new(),
        language: layout.language.clone(),
        seen: Seen::default(),
    };
    for (header, role) in layout.headers.iter().zip(&layout.roles) {
        if let Role::Personal(kind) = role {
            report.find(LineFinding {
                line: found.header.line,
                column: super::error::short(header),
                found: super::error::short(header),
                allowed: Allowed::NoPerson(kind.clone()),
                action: Act::NotStored,
            });
        }
    }
    report
}

/// Keeps the first value seen in each column.
fn remember(examples: &mut Vec<String>, record: &Record) {
    for (at, text) in record.texts().into_iter().enumerate() {
        if examples.len() <= at {
            examples.resize(at + 1, String::new());
        }
        if examples[at].is_empty() {
            examples[at] = text;
        }
    }
}
