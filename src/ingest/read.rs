//! The whole line for one file: inspect, recognise, lay out, survey, rows.

use std::ops::ControlFlow;
use std::path::Path;

use super::error::IngestError;
use super::format::{Format, Formats};
use super::key::{key, repaired};
use super::layout::Layout;
use super::mapping::Mapping;
use super::names::{Names, Reader};
use super::opened::Opened;
use super::personal::Personal;
use super::recognise::Found;
use super::record::{Place, Record, records};
use super::report::{Act, Allowed, FileReport, LineFinding, Role, Totals};
use super::rows::Rows;
use super::survey::survey;
use crate::history::row::Row;
use crate::segment::Attribute;

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
        let opened = Opened::inspect(path)?;
        let found = self.recognise(&opened, map)?;
        let layout = Layout::new(&opened, found.format, &found.header, &self.personal)?;
        refuse_persons(&opened, &layout, &found, &self.personal)?;
        if !found.format.organic
            && found.format.blocks.is_empty()
            && !layout.has_spend(found.format)
        {
            return Err(IngestError::NoSpend {
                path: path.to_owned(),
                format: found.format.name.clone(),
                headers: layout.headers.into_iter().filter(|h| !h.is_empty()).collect(),
            });
        }
        let conventions = survey(&opened, &found, &layout, map.and_then(|map| map.order))?;
        let none = Names::default();
        let mut rows = Rows {
            formats: self,
            opened: &opened,
            format: found.format,
            place: &found.place,
            conventions,
            names: map.map_or(&none, |map| &map.names),
            constants: constants(found.format, map, self),
            currency: layout
                .currency
                .or(map.and_then(|map| map.currency))
                .or(found.format.currency),
            report: report(&opened, &found, &layout),
            mojibake: layout.headers.iter().any(|header| repaired(header).is_some()),
            layout,
            reader: Reader::default(),
            blocks: std::collections::BTreeSet::new(),
            skips_block: false,
            last_date: (String::new(), None),
            last_record: (found.header.line, false),
        };
        rows.enter_block(found.header.line, &found.header.cell(0).show());
        self.rows(&opened, &found, &mut rows, sink)?;
        Ok(rows.finish())
    }

    fn rows(
        &self,
        opened: &Opened,
        found: &Found<'_>,
        rows: &mut Rows<'_>,
        sink: &mut dyn FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), IngestError> {
        let mut examples: Vec<String> = Vec::new();
        records(opened, &found.place, &mut |record| {
            if record.line <= found.header.line {
                return Ok(ControlFlow::Continue(()));
            }
            let row = rows.row(record)?;
            if row.is_some() && rows.report.rows_accepted() <= 20 {
                remember(&mut examples, record);
            }
            Ok(row.map_or(ControlFlow::Continue(()), &mut *sink))
        })?;
        for (column, example) in rows
            .report
            .columns
            .iter_mut()
            .zip(rows.layout.explain(&examples).into_iter().map(|column| column.example))
        {
            column.example = example;
        }
        Ok(())
    }

    /// The table of a file: the map's, when the file has the map's headers; otherwise a known
    /// format's.
    fn recognise<'a>(
        &'a self,
        opened: &Opened,
        map: Option<&'a Mapping>,
    ) -> Result<Found<'a>, IngestError> {
        if let Some(name) = map.and_then(|map| map.chosen.as_ref()) {
            return self.find(opened, &[self.named(name)?]);
        }
        let known: Vec<&Format> = self.formats.iter().collect();
        let Some((map, mapped)) = map.and_then(|map| Some((map, map.format.as_ref()?))) else {
            return self.find(opened, &known);
        };
        match self.find(opened, &[mapped]) {
            // The map may be for other files of the same import.
            Err(IngestError::Unknown { header, .. }) => {
                self.find(opened, &known).map_err(|error| match error {
                    IngestError::Unknown { .. } => lacks(opened, map, &header),
                    other => other,
                })
            }
            found => found,
        }
    }
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
    found: &Found<'_>,
    personal: &Personal,
) -> Result<(), IngestError> {
    for used in &layout.uses {
        let header = &layout.headers[used.position];
        let is_text = matches!(used.meaning, super::format::Meaning::Attribute(_));
        if is_text
            && !found.format.rules.is_empty()
            && let Some(kind) = personal.kind(header)
        {
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
        rows_read: 0,
        rows_ignored: found.preamble.len() as u64,
        rows_rejected: 0,
        findings: Vec::new(),
        findings_omitted: 0,
        currency: None,
        window: None,
        totals: Totals::default(),
        declared: None,
        columns: layout.explain(&[]),
        sheets_not_read: match found.place {
            Place::Sheet(_) => found.other_sheets.clone(),
            Place::Delimited(_) => Vec::new(),
        },
        names_without_attributes: None,
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
