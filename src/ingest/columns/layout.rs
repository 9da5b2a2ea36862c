//! Which column of one file means what.

use std::collections::BTreeSet;

use super::format::{Column, Format, Meaning};
use crate::history::row::Level;
use crate::ingest::error::IngestError;
use crate::ingest::file::opened::Opened;
use crate::ingest::file::record::Record;
use crate::ingest::report::{ColumnReport, Role};
use crate::ingest::value::key::{Key, key};
use crate::ingest::value::personal::Personal;
use crate::segment::Attribute;
use crate::units::Currency;

/// A column in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Use {
    /// Where it stands in the file.
    pub(crate) position: usize,
    /// Where it stands in the format's columns.
    pub(crate) column: usize,
    pub(crate) meaning: Meaning,
    /// It belongs to the row beside: see `Format`.
    pub(crate) promoted: bool,
}

/// The columns of one file, or of one block of it.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// Headers as written.
    pub(crate) headers: Vec<String>,
    /// Number of cells a line should have: up to the last header that is not empty.
    pub(crate) width: usize,
    pub(crate) uses: Vec<Use>,
    pub(crate) roles: Vec<Role>,
    pub(crate) breakdowns: Vec<Attribute>,
    pub(crate) level: Level,
    /// Currency in a header, with its column.
    pub(crate) currency: Option<Currency>,
    /// Columns of the template that puts the day together.
    pub(crate) day: Option<Vec<Piece>>,
    /// The language of the headers.
    pub(crate) language: Option<String>,
    /// Columns in use, each with a further column of the very same header.
    pub(crate) twins: Vec<(usize, usize)>,
    /// Columns that identify persons by their headers, whatever a map says of them.
    personal: Vec<usize>,
}

/// A piece of a day's template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    Column(usize),
}

impl Layout {
    /// Finds the format's columns in a header line.
    pub(crate) fn new(
        opened: &Opened,
        format: &Format,
        header: &Record,
        personal: &Personal,
    ) -> Result<Self, IngestError> {
        let headers = header.texts();
        let keys: Vec<Key> = headers.iter().map(|header| key(header)).collect();
        let width = keys.iter().rposition(|k| !k.text.is_empty()).map_or(0, |last| last + 1);
        let uses = uses(format, &keys);
        let breakdowns = breakdowns(format, &uses);
        let day = template(opened, format, &keys)?;
        let mut layout = Self {
            width,
            currency: currency(opened, &uses, &keys, header.line)?,
            level: format.level.unwrap_or_else(|| finest(&uses)),
            roles: Vec::new(),
            headers,
            uses,
            breakdowns,
            day,
            language: format.language(&keys).map(str::to_owned),
            twins: Vec::new(),
            personal: Vec::new(),
        };
        let all = layout.headers.iter().enumerate();
        let of_persons = |(at, own): (usize, &String)| personal.kind(own).map(|_| at);
        layout.personal = all.filter_map(of_persons).collect();
        layout.twins = layout.twins(&keys);
        layout.roles = layout.roles(format, &keys, personal);
        Ok(layout)
    }

    /// Where a meaning stands in the file (the first, when it is a sum).
    pub(crate) fn position(&self, meaning: Meaning) -> Option<usize> {
        let own = |used: &&Use| used.meaning == meaning && !used.promoted;
        self.uses.iter().find(own).map(|used| used.position)
    }

    /// Whether spend is there or follows from what is there.
    pub(crate) fn has_spend(&self, format: &Format) -> bool {
        let there = |meaning: Meaning| self.position(meaning).is_some();
        there(Meaning::Spend)
            || format
                .derive
                .iter()
                .any(|d| d.target == Meaning::Spend && d.multiply.iter().all(|m| there(*m)))
    }

    /// Columns with the example values of a line.
    pub(crate) fn explain(&self, examples: &[String]) -> Vec<ColumnReport> {
        let example = |at: usize| examples.get(at).cloned().unwrap_or_default();
        self.headers
            .iter()
            .zip(&self.roles)
            .enumerate()
            .filter(|(_, (header, _))| !header.is_empty())
            .map(|(at, (header, role))| ColumnReport {
                header: crate::ingest::error::short(header),
                role: role.clone(),
                example: if self.is_hidden(at) {
                    String::new()
                } else {
                    crate::ingest::error::short(&example(at))
                },
            })
            .collect()
    }

    /// Whether nothing of a column may be shown: it identifies persons, and what is not kept must not
    /// come back as an example either.
    pub(crate) fn is_hidden(&self, at: usize) -> bool {
        self.personal.contains(&at) && !matches!(self.roles[at], Role::Kept { .. })
    }

    fn twins(&self, keys: &[Key]) -> Vec<(usize, usize)> {
        let mut twins = Vec::new();
        for used in &self.uses {
            let same = |other: &usize| keys[*other].text == keys[used.position].text;
            let others = (used.position + 1..keys.len()).filter(same);
            twins.extend(others.map(|other| (used.position, other)));
        }
        twins
    }

    fn is_breakdown(&self, meaning: Meaning) -> bool {
        match meaning {
            Meaning::Audience => true,
            Meaning::Attribute(attribute) => self.breakdowns.contains(&attribute),
            _ => false,
        }
    }

    fn roles(&self, format: &Format, keys: &[Key], personal: &Personal) -> Vec<Role> {
        (0..self.headers.len()).map(|at| self.role(at, format, &keys[at], personal)).collect()
    }

    fn role(&self, at: usize, format: &Format, key: &Key, personal: &Personal) -> Role {
        let uses: Vec<&Use> = self.uses.iter().filter(|used| used.position == at).collect();
        if !uses.is_empty() {
            let name = |used: &&Use| {
                let name = used.meaning.name();
                if used.promoted { format!("promoted {name}") } else { name.to_owned() }
            };
            let names: Vec<String> = uses.iter().map(name).collect();
            let breakdown = uses.iter().any(|used| self.is_breakdown(used.meaning));
            return Role::Kept { name: names.join(", "), breakdown };
        }
        if let Some((column, _)) = format.keys.get(&key.text).and_then(|places| places.first()) {
            return Role::Duplicate(format.columns[*column].meaning.name().to_owned());
        }
        if let Some(meaning) = format.replaced.get(&key.text) {
            return Role::Duplicate(meaning.name().to_owned());
        }
        if format.knows(&key.text) {
            return Role::Known;
        }
        let in_template = |piece: &Piece| *piece == Piece::Column(at);
        if self.day.as_ref().is_some_and(|pieces| pieces.iter().any(in_template)) {
            return Role::Kept { name: Meaning::Day.name().to_owned(), breakdown: false };
        }
        match personal.kind(&self.headers[at]) {
            Some(kind) => Role::Personal(kind.to_owned()),
            None => Role::Unknown(format.likely(&key.text).map(|(meaning, _)| meaning.name())),
        }
    }
}

/// The columns in use: for each meaning the most preferred header; for sums, every header once.
fn uses(format: &Format, keys: &[Key]) -> Vec<Use> {
    let mut found: Vec<(usize, usize, usize)> = Vec::new(); // column, rank, position
    for (position, key) in keys.iter().enumerate() {
        for (column, rank) in format.keys.get(&key.text).into_iter().flatten() {
            found.push((*column, *rank, position));
        }
    }
    found.sort_unstable();
    let mut taken = BTreeSet::new();
    let mut uses = Vec::new();
    for (column, rank, position) in found {
        let slot = if format.columns[column].add { (column, rank) } else { (column, usize::MAX) };
        if taken.insert(slot) {
            let Column { meaning, promoted, .. } = format.columns[column];
            uses.push(Use { position, column, meaning, promoted });
        }
    }
    uses
}

fn breakdowns(format: &Format, uses: &[Use]) -> Vec<Attribute> {
    let given = |attribute: &Attribute| {
        uses.iter().any(|used| used.meaning == Meaning::Attribute(*attribute))
    };
    format.breakdowns.iter().copied().filter(given).collect()
}

/// The finest level that a name or an id tells.
fn finest(uses: &[Use]) -> Level {
    let has = |attribute, id| {
        uses.iter().any(|used| {
            used.meaning == Meaning::Attribute(attribute) || used.meaning == Meaning::Id(id)
        })
    };
    if has(Attribute::Ad, 2) {
        Level::Ad
    } else if has(Attribute::AdSet, 1) {
        Level::AdSet
    } else if has(Attribute::Campaign, 0) {
        Level::Campaign
    } else {
        Level::Account
    }
}

/// The currency that the headers in use carry; two of them are an error.
fn currency(
    opened: &Opened,
    uses: &[Use],
    keys: &[Key],
    line: u64,
) -> Result<Option<Currency>, IngestError> {
    let mut first: Option<Currency> = None;
    let priced = uses.iter().filter(|used| matches!(used.meaning, Meaning::Spend | Meaning::Cpm));
    for currency in priced.filter_map(|used| keys[used.position].currency) {
        match first {
            None => first = Some(currency),
            Some(first) if first != currency => {
                let path = opened.path.clone();
                return Err(IngestError::Currencies { path, line, first, other: currency });
            }
            Some(_) => {}
        }
    }
    Ok(first)
}

/// The day's template with its headers turned into columns.
fn template(
    opened: &Opened,
    format: &Format,
    keys: &[Key],
) -> Result<Option<Vec<Piece>>, IngestError> {
    let Some(text) = &format.day else { return Ok(None) };
    let mut pieces = Vec::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        pieces.push(Piece::Text(before.to_owned()));
        let wanted = key(name).text;
        let at = keys.iter().position(|key| key.text == wanted).ok_or_else(|| {
            let lacking = vec![name.to_owned()];
            IngestError::LacksMapped { path: opened.path.clone(), lacking }
        })?;
        pieces.push(Piece::Column(at));
        rest = after;
    }
    pieces.push(Piece::Text(rest.to_owned()));
    Ok(Some(pieces))
}
