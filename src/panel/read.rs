//! CSV → panel, with every bad cell told.

use std::collections::{BTreeSet, HashMap};
use std::io::{BufReader, Cursor, Read, Seek};
use std::path::Path;

use jiff::civil::Date;

use super::error::Allowed;
use super::write::original;
use super::{BadCell, Cell, Panel, PanelError, PanelNote, Period, arrow};
use crate::action::{Action, Counts};
use crate::files;
use crate::segment::{Attribute, JOINT, Segment};
use crate::units::{Currency, Week};

/// Networks whose rules relais knows; others are free text.
const NETWORKS: [&str; 10] = [
    "meta",
    "facebook",
    "instagram",
    "linkedin",
    "x",
    "tiktok",
    "snapchat",
    "youtube",
    "pinterest",
    "reddit",
];

impl Panel {
    /// Reads a panel file: CSV, Parquet or Arrow; `-` is standard input.
    ///
    /// # Errors
    ///
    /// [`PanelError`] with every bad cell.
    pub fn read_csv(path: &Path) -> Result<(Self, Vec<PanelNote>), PanelError> {
        Self::read_csv_without(path, &[])
    }

    /// Reads a panel file, leaving out the named columns of numbers; `-` is standard input.
    ///
    /// # Errors
    ///
    /// [`PanelError`] with every bad cell.
    pub fn read_csv_without(
        path: &Path,
        left_out: &[String],
    ) -> Result<(Self, Vec<PanelNote>), PanelError> {
        Self::read_csv_from(opened(path)?, path, left_out)
    }

    /// Reads a panel from what can be read once: CSV or a stream of Arrow.
    ///
    /// # Errors
    ///
    /// [`PanelError`] with every bad cell.
    pub fn read_stream(
        input: impl Read,
        path: &Path,
        left_out: &[String],
    ) -> Result<(Self, Vec<PanelNote>), PanelError> {
        Self::read_csv_from(streamed(input, path)?, path, left_out)
    }

    /// Reads a panel from anything; `path` is its name in messages.
    ///
    /// # Errors
    ///
    /// [`PanelError`] with every bad cell.
    pub fn read_csv_from(
        input: impl Read,
        path: &Path,
        left_out: &[String],
    ) -> Result<(Self, Vec<PanelNote>), PanelError> {
        let (reader, decimal_comma) = rows(input, path)?;
        gather(reader, decimal_comma, None, path, left_out)
    }
}

/// A panel file as CSV; `-` is standard input.
pub(super) fn opened(path: &Path) -> Result<Box<dyn Read>, PanelError> {
    if path == Path::new("-") {
        return streamed(std::io::stdin(), path);
    }
    let failed = |source| PanelError::File { path: path.to_path_buf(), source };
    let mut file = files::open(path).map_err(failed)?;
    let mut magic = Vec::new();
    (&mut file).take(4).read_to_end(&mut magic).map_err(failed)?;
    if magic == b"PAR1" {
        file.rewind().map_err(failed)?;
        return Ok(Box::new(Cursor::new(super::parquet::as_csv(file, path)?)));
    }
    // A pipe cannot be wound back.
    streamed(Cursor::new(magic).chain(file), path)
}

/// What can be read once, as CSV.
fn streamed<'a>(mut input: impl Read + 'a, path: &Path) -> Result<Box<dyn Read + 'a>, PanelError> {
    let failed = |source| PanelError::File { path: path.to_path_buf(), source };
    let fault = |fault| PanelError::Arrow { path: path.to_path_buf(), fault };
    let mut start = Vec::new();
    (&mut input).take(8).read_to_end(&mut start).map_err(failed)?;
    if start.starts_with(&arrow::FILE) {
        return Err(fault(arrow::ArrowFault::File));
    }
    let is_arrow = start.starts_with(&arrow::CONTINUES);
    let input = Cursor::new(start).chain(input);
    if !is_arrow {
        return Ok(Box::new(input));
    }
    Ok(Box::new(Cursor::new(arrow::as_csv(BufReader::new(input)).map_err(fault)?)))
}

/// The rows of a CSV, and whether its numbers may have a decimal comma.
pub(super) fn rows<R: Read>(
    input: R,
    path: &Path,
) -> Result<(csv::Reader<BufReader<R>>, bool), PanelError> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let delimiter = delimiter(&mut input, path)?;
    let reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(input);
    Ok((reader, delimiter == b';'))
}

/// Rows to a panel; `lines` are theirs where they stood among others.
pub(super) fn gather(
    mut reader: csv::Reader<impl Read>,
    decimal_comma: bool,
    lines: Option<&[u64]>,
    path: &Path,
    left_out: &[String],
) -> Result<(Panel, Vec<PanelNote>), PanelError> {
    let header = reader.headers().map_err(|error| not_csv(path, &error))?.clone();
    let columns = Columns::new(&header, path, left_out)?;
    let mut gathering = Gathering::new(&columns, decimal_comma);
    let (mut record, mut n) = (csv::StringRecord::new(), 0);
    while reader.read_record(&mut record).map_err(|error| not_csv(path, &error))? {
        let own = record.position().map_or(0, csv::Position::line);
        gathering.row(&record, lines.and_then(|lines| lines.get(n).copied()).unwrap_or(own));
        n += 1;
    }
    gathering.into_panel(path)
}

/// No amount of money and no count of people is as large.
const LARGEST: f64 = 1e15;

/// The delimiter that the header uses most; a comma when in doubt.
fn delimiter(input: &mut BufReader<impl Read>, path: &Path) -> Result<u8, PanelError> {
    use std::io::BufRead;
    let start =
        input.fill_buf().map_err(|source| PanelError::File { path: path.to_path_buf(), source })?;
    let line = start.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let count = |delimiter: u8| line.split(|byte| *byte == delimiter).count();
    let candidates = [b'\t', b';', b','];
    Ok(candidates.into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b','))
}

pub(super) fn not_csv(path: &Path, error: &csv::Error) -> PanelError {
    let path = path.to_path_buf();
    let line = error.position().map_or(1, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::Io(source) => {
            let same = || std::io::Error::new(source.kind(), source.to_string());
            let raw = source.raw_os_error().map(std::io::Error::from_raw_os_error);
            PanelError::File { path, source: raw.unwrap_or_else(same) }
        }
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => PanelError::NotCsv {
            path,
            line,
            detail: format!("{len} cells, expected {expected_len}"),
        },
        csv::ErrorKind::Utf8 { .. } => {
            PanelError::NotCsv { path, line, detail: "not UTF-8".into() }
        }
        _ => PanelError::NotCsv { path, line, detail: error.to_string() },
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Segment,
    Start,
    End,
    Week,
    Day,
    Spend,
    Impressions,
    Reach,
    Action(Action),
    FromBreakdown,
    NewCreative,
    Designed,
    Currency,
    Attribute,
    LeftOut,
}

#[derive(Debug)]
struct Columns {
    names: Vec<String>,
    roles: Vec<Role>,
    /// Column numbers of attributes, in file order.
    attributes: Vec<usize>,
}

impl Columns {
    fn new(
        header: &csv::StringRecord,
        path: &Path,
        left_out: &[String],
    ) -> Result<Self, PanelError> {
        let names: Vec<String> = header
            .iter()
            .map(|name| name.trim().trim_start_matches('\u{feff}').to_owned())
            .collect();
        let mut seen = BTreeSet::new();
        if let Some(column) = names.iter().find(|name| !seen.insert(name.as_str())) {
            let path = path.to_path_buf();
            return Err(PanelError::RepeatedColumn { path, column: column.clone() });
        }
        let roles: Vec<Role> = names.iter().map(|name| role(name, left_out)).collect();
        let attributes: Vec<usize> =
            (0..roles.len()).filter(|i| roles[*i] == Role::Attribute).collect();
        let columns = Self { names, roles, attributes };
        columns.check(path)?;
        Ok(columns)
    }

    fn check(&self, path: &Path) -> Result<(), PanelError> {
        let missing = |expected: &str| PanelError::MissingColumn {
            path: path.to_path_buf(),
            expected: expected.to_owned(),
            found: self.names.join(", "),
        };
        if !self.has(Role::Spend) {
            return Err(missing("`spend`"));
        }
        if !self.has(Role::Segment) && self.attributes.is_empty() {
            return Err(missing("`segment`"));
        }
        if self.has(Role::Start) != self.has(Role::End) {
            return Err(missing(if self.has(Role::Start) { "`end`" } else { "`start`" }));
        }
        let dates = [Role::Start, Role::Week, Role::Day];
        let dated: Vec<&str> = (0..self.roles.len())
            .filter(|i| dates.contains(&self.roles[*i]))
            .map(|i| self.names[i].as_str())
            .collect();
        if let [first, second, ..] = dated.as_slice() {
            let (first, second) = ((*first).to_owned(), (*second).to_owned());
            return Err(PanelError::TwoDates { path: path.to_path_buf(), first, second });
        }
        if !self.roles.iter().any(|role| matches!(role, Role::Action(_))) {
            return Err(missing(&Action::ALL.map(|a| format!("`{a}`")).join(" / ")));
        }
        Ok(())
    }

    fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

fn role(name: &str, left_out: &[String]) -> Role {
    if left_out.iter().any(|column| column == name) {
        return Role::LeftOut;
    }
    match name {
        "segment" => Role::Segment,
        "start" => Role::Start,
        "end" => Role::End,
        "week" => Role::Week,
        // One day per row: training adds days up to weeks.
        "date" | "day" => Role::Day,
        "spend" => Role::Spend,
        "impressions" => Role::Impressions,
        "reach" => Role::Reach,
        "from_breakdown" => Role::FromBreakdown,
        "new_creative" => Role::NewCreative,
        "designed" => Role::Designed,
        "currency" => Role::Currency,
        _ => name.parse().map_or(Role::Attribute, Role::Action),
    }
}

/// Rows as they come, with what is known so far.
#[derive(Debug)]
struct Gathering<'a> {
    columns: &'a Columns,
    decimal_comma: bool,
    segments: Vec<Segment>,
    /// Segment id → place; free-text ids are hashed once per row.
    places: HashMap<String, usize>,
    last: usize,
    /// Texts of weeks and of starts that were read before.
    dates: [HashMap<String, Option<Period>>; 2],
    cells: Vec<Cell>,
    lines: Vec<u64>,
    /// Per attribute column: some value is no number.
    is_text: Vec<bool>,
    currency: Option<Currency>,
    /// The column of weeks has a day that is no Monday.
    days_in_weeks: bool,
    /// The column of weeks has a week by its number.
    named_weeks: bool,
    id: String,
    bad: Vec<BadCell>,
}

impl<'a> Gathering<'a> {
    fn new(columns: &'a Columns, decimal_comma: bool) -> Self {
        Self {
            columns,
            decimal_comma,
            segments: Vec::new(),
            places: HashMap::new(),
            last: 0,
            dates: [HashMap::new(), HashMap::new()],
            cells: Vec::new(),
            lines: Vec::new(),
            is_text: vec![false; columns.attributes.len()],
            currency: None,
            days_in_weeks: false,
            named_weeks: false,
            id: String::new(),
            bad: Vec::new(),
        }
    }

    fn row(&mut self, record: &csv::StringRecord, line: u64) {
        let bad_before = self.bad.len();
        let mut cell = Cell {
            segment: 0,
            period: None,
            spend: 0.0,
            impressions: None,
            reach: None,
            actions: Counts::default(),
            censored: Vec::new(),
            at_least: Counts::default(),
            from_breakdown: false,
            new_creative: false,
            designed: false,
        };
        let columns = self.columns;
        for (i, (text, role)) in record.iter().zip(&columns.roles).enumerate() {
            self.value(&mut cell, *role, text, (line, i));
        }
        self.check_total(&cell, line);
        cell.segment = self.segment(record, line);
        if self.bad.len() == bad_before {
            self.cells.push(cell);
            self.lines.push(line);
        }
    }

    fn value(&mut self, cell: &mut Cell, role: Role, text: &str, at: (u64, usize)) {
        match role {
            Role::Spend => match self.number(text) {
                Some(spend) => cell.spend = spend,
                None if text
                    .trim()
                    .strip_prefix('-')
                    .is_some_and(|back| self.number(back).is_some()) =>
                {
                    self.refuse(at, text, Allowed::Refunded);
                }
                None => self.refuse(at, text, Allowed::Number),
            },
            Role::Impressions => cell.impressions = self.optional(text, at),
            Role::Reach => cell.reach = self.optional(text, at),
            Role::Action(action) => self.count(cell, action, text, at),
            Role::Week | Role::Start | Role::Day => self.start(cell, role, text, at),
            Role::End => self.end(cell, text, at),
            Role::FromBreakdown => cell.from_breakdown = self.flag(text, at),
            Role::NewCreative => cell.new_creative = self.flag(text, at),
            Role::Designed => cell.designed = self.flag(text, at),
            Role::Currency => self.currency(text, at),
            Role::Segment | Role::Attribute | Role::LeftOut => {}
        }
    }

    fn refuse(&mut self, (line, column): (u64, usize), found: &str, allowed: Allowed) {
        let column = self.columns.names[column].clone();
        self.bad.push(BadCell { line, column, found: found.to_owned(), allowed });
    }

    /// A number of at least 0 that money or counts can reach.
    fn number(&self, text: &str) -> Option<f64> {
        let text = text.trim();
        let number: f64 = if self.decimal_comma && text.contains(',') {
            text.replace(',', ".").parse().ok()?
        } else {
            text.parse().ok()?
        };
        (0.0..LARGEST).contains(&number).then_some(number)
    }

    fn optional(&mut self, text: &str, at: (u64, usize)) -> Option<f64> {
        if text.trim().is_empty() {
            return None;
        }
        let number = self.number(text);
        if number.is_none() {
            self.refuse(at, text, Allowed::Number);
        }
        number
    }

    fn count(&mut self, cell: &mut Cell, action: Action, text: &str, at: (u64, usize)) {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return;
        }
        if let Some((least, most)) = trimmed.split_once("..") {
            match (self.number(least), self.number(most)) {
                (Some(least), Some(most)) if least <= most => {
                    cell.set_range(action, (least, most));
                }
                _ => self.refuse(at, text, Allowed::Count),
            }
            return;
        }
        let limit = trimmed.strip_prefix('<');
        let Some(count) = self.number(limit.unwrap_or(trimmed)) else {
            return self.refuse(at, text, Allowed::Count);
        };
        cell.actions.set(action, Some(count));
        if limit.is_some() {
            cell.censored.push(action);
        }
    }

    fn start(&mut self, cell: &mut Cell, role: Role, text: &str, at: (u64, usize)) {
        if text.trim().is_empty() {
            return;
        }
        let dates = &mut self.dates[usize::from(role == Role::Start)];
        let period = if let Some(period) = dates.get(text) {
            *period
        } else {
            let period = period(role, text.trim());
            let day = text.trim().parse::<Date>().ok().filter(|_| role == Role::Week);
            self.days_in_weeks |= day.is_some_and(|day| Week::of(day).monday() != day);
            self.named_weeks |= role == Role::Week && day.is_none();
            dates.insert(text.to_owned(), period);
            period
        };
        match (period, cell.period) {
            (None, _) => {
                let allowed = if role == Role::Week { Allowed::Week } else { Allowed::Date };
                self.refuse(at, text, allowed);
            }
            // An end that came first waits with its own day as start.
            (Some(found), Some(known)) if role == Role::Start => {
                if known.end < found.start {
                    self.refuse(at, text, Allowed::EndAfterStart);
                }
                cell.period = Some(Period { start: found.start, end: known.end });
            }
            (found, _) => cell.period = found,
        }
    }

    fn end(&mut self, cell: &mut Cell, text: &str, at: (u64, usize)) {
        if text.trim().is_empty() {
            if cell.period.is_some() {
                self.refuse(at, text, Allowed::Date);
            }
            return;
        }
        let Ok(end) = text.trim().parse::<Date>() else {
            return self.refuse(at, text, Allowed::Date);
        };
        let start = cell.period.map_or(end, |period| period.start);
        if end < start {
            return self.refuse(at, text, Allowed::EndAfterStart);
        }
        cell.period = Some(Period { start, end });
    }

    fn flag(&mut self, text: &str, at: (u64, usize)) -> bool {
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => true,
            "false" | "0" | "" => false,
            _ => {
                self.refuse(at, text, Allowed::Flag);
                false
            }
        }
    }

    fn currency(&mut self, text: &str, at: (u64, usize)) {
        if text.trim().is_empty() {
            return;
        }
        match (text.parse::<Currency>(), self.currency) {
            (Ok(found), None) => self.currency = Some(found),
            (Ok(found), Some(known)) if found == known => {}
            _ => self.refuse(at, text, Allowed::Currency),
        }
    }

    /// A ready total beside one of its parts would count the part twice.
    fn check_total(&mut self, cell: &Cell, line: u64) {
        let parts = Action::ACTIVE.iter().filter(|action| **action != Action::Engagements);
        if let Some(total) = cell.actions.get(Action::Engagements)
            && parts.into_iter().any(|part| cell.actions.get(*part).is_some())
        {
            let column = Action::Engagements.column().to_owned();
            let (found, allowed) = (total.to_string(), Allowed::TotalOrParts);
            self.bad.push(BadCell { line, column, found, allowed });
        }
    }

    /// Place of the row's segment, which must have the attributes it had before.
    fn segment(&mut self, record: &csv::StringRecord, line: u64) -> usize {
        self.name(record, line);
        let known = match self.segments.get(self.last) {
            Some(segment) if segment.id == self.id => Some(self.last),
            _ => self.places.get(&self.id).copied(),
        };
        let Some(place) = known else { return self.new_segment(record) };
        self.last = place;
        for (i, column) in self.columns.attributes.iter().enumerate() {
            let (name, found) = (&self.columns.names[*column], original(&record[*column]));
            let before = self.segments[place].attributes.get(name).map_or("", String::as_str);
            if before != found {
                let allowed = Allowed::SameAttribute(before.to_owned());
                let (column, found) = (name.clone(), found.to_owned());
                self.bad.push(BadCell { line, column, found, allowed });
                self.is_text[i] = true;
            }
        }
        place
    }

    /// The segment's own name, or its attribute values where the file gives none.
    fn name(&mut self, record: &csv::StringRecord, line: u64) {
        self.id.clear();
        let own = self.columns.roles.iter().position(|role| *role == Role::Segment);
        if let Some(column) = own {
            self.id.push_str(original(&record[column]));
            if self.id.is_empty() {
                self.refuse((line, column), "", Allowed::Name);
            }
            return;
        }
        for column in &self.columns.attributes {
            if !self.id.is_empty() {
                self.id.push_str(JOINT);
            }
            self.id.push_str(original(&record[*column]));
        }
    }

    fn new_segment(&mut self, record: &csv::StringRecord) -> usize {
        let place = self.segments.len();
        let mut segment = Segment { id: self.id.clone(), ..Segment::default() };
        for (i, column) in self.columns.attributes.iter().enumerate() {
            let value = original(&record[*column]);
            if !value.is_empty() {
                self.is_text[i] |= value.trim().parse::<f64>().is_err();
                segment.attributes.insert(self.columns.names[*column].clone(), value.to_owned());
            }
        }
        self.places.insert(self.id.clone(), place);
        self.segments.push(segment);
        self.last = place;
        place
    }

    fn into_panel(mut self, path: &Path) -> Result<(Panel, Vec<PanelNote>), PanelError> {
        self.check_text_columns(path)?;
        self.sort();
        if !self.bad.is_empty() {
            self.bad.sort_by_key(|cell| cell.line);
            return Err(PanelError::Cells { path: path.to_path_buf(), cells: self.bad });
        }
        if self.cells.is_empty() {
            return Err(PanelError::Empty { path: path.to_path_buf() });
        }
        let notes = self.notes();
        let reported =
            |action: &Action| self.cells.iter().any(|cell| cell.actions.get(*action).is_some());
        let mut panel = Panel {
            actions: Action::ALL.into_iter().filter(reported).collect(),
            attributes: self
                .columns
                .attributes
                .iter()
                .map(|i| self.columns.names[*i].clone())
                .collect(),
            segments: self.segments,
            cells: self.cells,
            currency: self.currency,
            notes: Vec::new(),
        };
        panel.notes = super::hidden::find(&mut panel);
        Ok((panel, notes))
    }

    /// A column of numbers that no one named is a measure that would be lost, not an attribute.
    fn check_text_columns(&self, path: &Path) -> Result<(), PanelError> {
        let filled = |name: &String| {
            self.segments.iter().any(|segment| segment.attributes.contains_key(name))
        };
        let columns: Vec<String> = self
            .columns
            .attributes
            .iter()
            .zip(&self.is_text)
            .filter(|(_, is_text)| !**is_text)
            .map(|(column, _)| &self.columns.names[*column])
            .filter(|name| name.parse::<Attribute>().is_err() && filled(name))
            .cloned()
            .collect();
        if columns.is_empty() {
            return Ok(());
        }
        Err(PanelError::NumberColumns { path: path.to_path_buf(), columns })
    }

    /// Segments by id, cells by segment and start; the same segment and period twice is refused.
    fn sort(&mut self) {
        let mut order: Vec<usize> = (0..self.segments.len()).collect();
        order.sort_by(|a, b| self.segments[*a].id.cmp(&self.segments[*b].id));
        let mut place = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            place[*old] = new;
        }
        self.segments.sort_by(|a, b| a.id.cmp(&b.id));
        let mut cells: Vec<(Cell, u64)> =
            std::mem::take(&mut self.cells).into_iter().zip(self.lines.drain(..)).collect();
        for (cell, _) in &mut cells {
            cell.segment = place[cell.segment];
        }
        cells.sort_by_key(|(cell, line)| (cell.segment, cell.period, *line));
        for pair in cells.windows(2) {
            let ((first, line), (second, repeated)) = (&pair[0], &pair[1]);
            if first.segment == second.segment
                && first.period == second.period
                && let Some(period) = second.period
            {
                self.bad.push(BadCell {
                    line: *repeated,
                    column: "segment".to_owned(),
                    found: format!("{} {}", self.segments[second.segment].id, period.start),
                    // Days in a column of weeks: several of them are one week.
                    allowed: if self.days_in_weeks && !self.named_weeks {
                        Allowed::DaysAsDate(*line)
                    } else {
                        Allowed::OneRowPerPeriod(*line)
                    },
                });
            }
        }
        self.cells = cells.into_iter().map(|(cell, _)| cell).collect();
    }

    fn notes(&self) -> Vec<PanelNote> {
        let networks: BTreeSet<&str> =
            self.segments.iter().filter_map(|segment| segment.get(Attribute::Network)).collect();
        let unknown = networks
            .into_iter()
            .filter(|network| !NETWORKS.contains(network))
            .map(|network| PanelNote::UnknownNetwork(network.to_owned()));
        let left_out = self
            .columns
            .names
            .iter()
            .zip(&self.columns.roles)
            .filter(|(_, role)| **role == Role::LeftOut)
            .map(|(name, _)| PanelNote::LeftOut(name.clone()));
        let undated = self.cells.iter().all(|cell| cell.period.is_none());
        unknown.chain(left_out).chain(undated.then_some(PanelNote::NoDates)).collect()
    }
}

fn period(role: Role, text: &str) -> Option<Period> {
    if role == Role::Week {
        let week: Week = text.parse().ok()?;
        return Some(Period { start: week.monday(), end: week.sunday() });
    }
    let start: Date = text.parse().ok()?;
    Some(Period { start, end: start })
}
