//! Records → rows, with everything wrong about a line found at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasherDefault;

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::columns::format::{Format, Meaning};
use super::columns::formats::Formats;
use super::columns::layout::{Layout, Use};
use super::columns::names::{Names, Reader};
use super::columns::survey::{Conventions, joined as put_together};
use super::error::{IngestError, short};
use super::file::opened::Opened;
use super::file::record::{Cell, Record};
use super::file::table::Place;
use super::report::{Act, Allowed, FileReport, LARGEST, LineFinding, Refunds, Totals};
use super::value::actions::joined;
use super::value::key::{folded, key, repaired};
use super::value::number::{Number, Sign};
use super::value::{dates, number};
use crate::action::{Action, Counts};
use crate::history::Words;
use crate::history::row::Row;
use crate::segment::Attribute;
use crate::units::Currency;

/// The longest name or text that is kept, in bytes.
const LONGEST_NAME: usize = 20_000;

/// Attributes whose values are few and take looking up.
const MEMOISED: [Attribute; 5] = [
    Attribute::Network,
    Attribute::Age,
    Attribute::Gender,
    Attribute::Territory,
    Attribute::Format,
];

/// Values remembered per column.
const MOST_MEMOISED: usize = 1_000;

/// Turns the records of one file into rows.
pub(super) struct Rows<'a> {
    pub(super) formats: &'a Formats,
    pub(super) opened: &'a Opened,
    pub(super) format: &'a Format,
    pub(super) place: &'a Place,
    pub(super) layout: Layout,
    pub(super) conventions: Conventions,
    pub(super) names: &'a Names,
    pub(super) constants: Vec<(Attribute, Box<str>)>,
    pub(super) currency: Option<Currency>,
    /// The sign beside amounts while no currency is known, when several currencies share it.
    pub(super) shared_sign: Option<Sign>,
    /// Signs beside the amounts of the line at hand, by position.
    pub(super) signs: Vec<(usize, Sign)>,
    /// Numbers below 0 of the line at hand, but for its money, by position: right in a correction only.
    pub(super) negative: Vec<usize>,
    pub(super) report: FileReport,
    pub(super) reader: Reader,
    /// Attributes that a block of the file has given already.
    pub(super) blocks: BTreeSet<Attribute>,
    pub(super) skips_block: bool,
    /// Values that were understood, by column of the format: files repeat them.
    pub(super) memo: Vec<HashMap<Box<str>, Box<str>, BuildHasherDefault<Words>>>,
    /// The last date read and what it was: files repeat them.
    pub(super) last_date: (String, Option<dates::Window>),
    /// Line of the file's own total.
    pub(super) declared_at: u64,
    /// Line and width in lines of the last record, for a quote that was never closed.
    pub(super) last_record: (u64, bool),
    /// What money bought of the last row, where the file tells it apart.
    pub(super) beside: Option<Row>,
    /// By column, counts that could not be calculated where the file was made: the first line, what
    /// stands there, how many.
    pub(super) failed: BTreeMap<usize, (u64, String, u64)>,
    /// Where the headers stand that join a table of actions, and the counts not yet taken.
    pub(super) joined: Option<(Vec<usize>, HashMap<String, Counts>)>,
}

/// What a line turned out to be wrong about.
struct Wrong {
    position: Option<usize>,
    found: String,
    allowed: Allowed,
}

impl Rows<'_> {
    /// The row of a record; `None` when it is ignored or rejected, which the report then says.
    pub(super) fn row(&mut self, record: &Record) -> Result<Option<Row>, IngestError> {
        self.last_record = (record.line, spans_lines(record));
        self.beside = None;
        if record.is_blank() {
            self.report.rows_ignored += 1;
            return Ok(None);
        }
        if self.begins_block(record)? || self.skips_block {
            self.report.rows_ignored += 1;
            return Ok(None);
        }
        if self.is_total(record) {
            self.report.rows_ignored += 1;
            self.report.total_lines += 1;
            let totals = self.totals_of(record);
            if self.report.declared.is_none() {
                self.report.declared = Some(totals);
                self.declared_at = record.line;
            }
            return Ok(None);
        }
        self.report.rows_read += 1;
        let mut wrong = Vec::new();
        let row = if self.width_is_right(record, &mut wrong) {
            self.build(record, &mut wrong)?
        } else {
            None
        };
        if wrong.is_empty()
            && let Some(row) = row
        {
            self.report.totals.add(&row);
            self.see_refund(&row);
            if let Some((first, found)) = self.report.seen.see(&row) {
                let position = self.layout.position(Meaning::Attribute(Attribute::Attribution));
                let wrong = Wrong { position, found, allowed: Allowed::OneWindow(first) };
                self.find(record.line, wrong, Act::Check);
            }
            if let Some(beside) = &self.beside {
                self.report.rows_beside += 1;
                self.report.totals.add(beside);
            }
            self.widen(row.period);
            self.doubt(record, &row);
            return Ok(Some(row));
        }
        self.report.rows_rejected += 1;
        for wrong in wrong {
            self.find(record.line, wrong, Act::Rejected);
        }
        Ok(None)
    }

    /// What is read, but cannot well be: more people than impressions, two columns of one name
    /// that say different things.
    fn doubt(&mut self, record: &Record, row: &Row) {
        if let (Some(reach), Some(impressions)) = (row.reach, row.impressions)
            // Platforms estimate people, and round small estimates up.
            && reach > 1.1 * impressions + 10.0
            && let Some(position) = self.layout.position(Meaning::Reach)
        {
            let found = record.cell(position).show().into_owned();
            let allowed = Allowed::AtMostImpressions(impressions.to_string());
            self.find(record.line, Wrong { position: Some(position), found, allowed }, Act::Check);
        }
        let differs = |twin: &(usize, usize)| record.cell(twin.0) != record.cell(twin.1);
        while let Some(at) = self.layout.twins.iter().position(differs) {
            // Once per column is enough: the next lines differ for the same reason.
            let (kept, other) = self.layout.twins.remove(at);
            let found = record.cell(other).show().into_owned();
            let allowed = Allowed::SameAs(record.cell(kept).show().into_owned());
            let wrong = Wrong { position: Some(other), found, allowed };
            self.find(record.line, wrong, Act::Check);
        }
    }

    /// What only the end of the file tells.
    pub(super) fn finish(mut self) -> FileReport {
        let (line, spans) = self.last_record;
        if self.opened.quotes_are_odd && spans {
            let found = "\"".to_owned();
            self.find(
                line,
                Wrong { position: None, found, allowed: Allowed::ClosedQuote },
                Act::Check,
            );
        }
        for (position, (line, found, cells)) in std::mem::take(&mut self.failed) {
            let wrong =
                Wrong { position: Some(position), found, allowed: Allowed::Calculated(cells) };
            self.find(line, wrong, Act::Check);
        }
        self.compare_totals();
        self.doubt_refunds();
        if let Some(left) = self.joined.as_ref().map(|(_, counts)| counts.len() as u64)
            && left > 0
        {
            let (found, allowed) = (left.to_string(), Allowed::ReportLine(left));
            self.find(line, Wrong { position: None, found, allowed }, Act::Check);
        }
        if self.report.rows_read == 0 {
            let (found, allowed) = ("0".to_owned(), Allowed::Rows);
            self.find(line, Wrong { position: None, found, allowed }, Act::Check);
        }
        self.report.currency = self.currency;
        self.report.hidden = self.report.seen.hidden();
        self.report
    }

    fn find(&mut self, line: u64, wrong: Wrong, action: Act) {
        let column = wrong.position.and_then(|at| self.layout.headers.get(at));
        self.report.find(LineFinding {
            line,
            column: column.map(|header| short(header)).unwrap_or_default(),
            found: short(&wrong.found),
            allowed: wrong.allowed,
            action,
        });
    }

    fn widen(&mut self, period: Option<(Date, Date)>) {
        if let Some((start, end)) = period {
            let window = self.report.window.get_or_insert((start, end));
            *window = (window.0.min(start), window.1.max(end));
        }
    }

    /// A line that begins another table of the file; its columns take over.
    fn begins_block(&mut self, record: &Record) -> Result<bool, IngestError> {
        if self.format.blocks.is_empty() {
            return Ok(false);
        }
        let Cell::Text(first) = record.cell(0) else { return Ok(false) };
        if !self.format.blocks.contains(&key(first).text) {
            return Ok(false);
        }
        let first = first.to_owned();
        self.layout = Layout::new(self.opened, self.format, record, &self.formats.personal)?;
        self.enter_block(record.line, &first);
        Ok(true)
    }

    /// Notes which attribute the block divides; a second block for it is left out, because it
    /// divides the same results again.
    pub(super) fn enter_block(&mut self, line: u64, header: &str) {
        if self.format.blocks.is_empty() {
            return;
        }
        let first = self.layout.uses.iter().find(|used| used.position == 0);
        let attribute = match first.map(|used| used.meaning) {
            Some(Meaning::Attribute(attribute)) => Some(attribute),
            _ => None,
        };
        self.skips_block = attribute.is_none_or(|attribute| !self.blocks.insert(attribute));
        if self.skips_block {
            let name = attribute.map_or("–", Attribute::column).to_owned();
            let wrong = Wrong {
                position: Some(0),
                found: header.to_owned(),
                allowed: Allowed::OneBlock(name),
            };
            self.find(line, wrong, Act::NotStored);
        }
    }

    /// A totals row: its first text says so, or it has numbers and no name.
    fn is_total(&self, record: &Record) -> bool {
        let first = record.cells().find(|cell| *cell != Cell::Empty);
        if let Some(Cell::Text(text)) = first
            && !self.format.totals.words.is_empty()
            && text.len() < 60
            && self.says_total(&without_numbers(text))
            && self.names_nothing_else(record, text)
        {
            return true;
        }
        self.format.totals.without_names && self.has_no_name(record)
    }

    fn says_total(&self, text: &str) -> bool {
        let says = |word: &String| match word.strip_suffix('*') {
            Some(beginning) => text.starts_with(beginning),
            None => word == text,
        };
        self.format.totals.words.iter().any(says)
    }

    /// A campaign may be called `Total`; its row then names an ad set or has an id.
    fn names_nothing_else(&self, record: &Record, total: &str) -> bool {
        let names = |meaning: Meaning| match meaning {
            Meaning::Id(_) => true,
            Meaning::Attribute(attribute) => {
                matches!(attribute, Attribute::Campaign | Attribute::AdSet | Attribute::Ad)
            }
            _ => false,
        };
        self.layout.uses.iter().filter(|used| names(used.meaning)).all(|used| {
            match record.cell(used.position) {
                Cell::Text(text) => text == total || matches!(text, "0" | "All" | "-" | "--" | "—"),
                Cell::Empty => true,
                Cell::Number(value, _) => value == 0.0,
                Cell::Day(_) => false,
            }
        })
    }

    fn has_no_name(&self, record: &Record) -> bool {
        let mut named = self
            .layout
            .uses
            .iter()
            .filter(|used| match used.meaning {
                // A total may say how its actions were counted.
                Meaning::Attribute(attribute) => attribute != Attribute::Attribution,
                meaning => matches!(meaning, Meaning::Id(_)),
            })
            .peekable();
        let is_nothing = |cell: Cell<'_>| {
            matches!(cell, Cell::Empty | Cell::Text("0" | "All" | "--"))
                || matches!(cell, Cell::Number(value, _) if value == 0.0)
        };
        named.peek().is_some() && named.all(|used| is_nothing(record.cell(used.position)))
    }

    /// The sums in a totals row; what cannot be read there is left out.
    fn totals_of(&self, record: &Record) -> Totals {
        let mut totals = Totals::default();
        for used in self.layout.uses.iter().filter(|used| !used.promoted) {
            let Ok(Some(number)) = self.number(record, *used) else { continue };
            match used.meaning {
                Meaning::Spend => totals.spend = Some(number.value),
                Meaning::Impressions => totals.impressions = Some(number.as_f64()),
                _ => {}
            }
        }
        totals
    }

    /// Compares the file's own total with the sum of its rows. Each row may be rounded to the
    /// hundredth, so the tolerance grows with their number.
    fn compare_totals(&mut self) {
        let Some(declared) = self.report.declared else { return };
        let rows = self.report.rows_accepted();
        let slack = Decimal::new(5, 3) * Decimal::from(rows) + Decimal::new(1, 2);
        if let (Some(theirs), Some(ours)) = (declared.spend, self.report.totals.spend)
            && (theirs - ours).abs() > slack
        {
            self.differs(Meaning::Spend, theirs.to_string(), ours.normalize().to_string());
        }
        if let (Some(theirs), Some(ours)) = (declared.impressions, self.report.totals.impressions)
            && (theirs - ours).abs() > 0.5
        {
            self.differs(Meaning::Impressions, theirs.to_string(), ours.to_string());
        }
    }

    fn differs(&mut self, meaning: Meaning, found: String, sum: String) {
        let position = self.layout.position(meaning);
        let wrong = Wrong { position, found, allowed: Allowed::Sum(sum) };
        self.find(self.declared_at, wrong, Act::Check);
    }

    /// A line with other than the header's number of cells is shifted or cut: no column of it
    /// can be trusted. A workbook leaves out empty cells, so only text files are checked.
    fn width_is_right(&self, record: &Record, wrong: &mut Vec<Wrong>) -> bool {
        if matches!(self.place, Place::Sheet(_)) {
            return true;
        }
        let width = self.layout.width;
        let beyond = (width..record.len()).any(|at| record.cell(at) != Cell::Empty);
        if record.len() >= width && !beyond {
            return true;
        }
        let cut = self.opened.quotes_are_odd && spans_lines(record);
        wrong.push(Wrong {
            position: None,
            found: record.len().to_string(),
            allowed: if cut { Allowed::ClosedQuote } else { Allowed::Cells(width) },
        });
        false
    }

    fn build(
        &mut self,
        record: &Record,
        wrong: &mut Vec<Wrong>,
    ) -> Result<Option<Row>, IngestError> {
        let lifetime = self.is_lifetime(record);
        let mut row = Row {
            line: record.line,
            lifetime,
            breakdowns: self.layout.breakdowns.clone(),
            period: self.period(record, lifetime, wrong),
            ..Row::blank(self.layout.level)
        };
        let (mut cpm, mut has_beside) = (None, false);
        self.signs.clear();
        self.negative.clear();
        for at in 0..self.layout.uses.len() {
            let used = self.layout.uses[at];
            if used.promoted {
                has_beside = true;
                continue;
            }
            match used.meaning {
                Meaning::Attribute(attribute) => {
                    row.attributes[attribute.index()] =
                        self.attribute(record, used, attribute, wrong);
                }
                Meaning::Id(level) => row.ids[level] = Self::id(record, used.position),
                Meaning::Audience => self.audience(record, used.position, &mut row),
                Meaning::Currency => self.see_currency(record, used.position, wrong)?,
                Meaning::Start | Meaning::End | Meaning::Day => {}
                _ => self.place_number(record, used, &mut row, &mut cpm, wrong),
            }
        }
        // Before anything is derived: money alone that the line itself names is given back.
        self.judge_negative(record, &row, wrong);
        self.derive(&mut row, cpm);
        self.complete(&mut row);
        self.judge_signs(record, wrong);
        row.currency = self.currency;
        self.join_actions(record, &mut row);
        if has_beside {
            self.beside = self.promoted(record, &mut row, wrong);
            self.judge_signs(record, wrong);
            self.judge_negative(record, &row, wrong);
        }
        Ok(wrong.is_empty().then_some(row))
    }

    /// Counts from the table of actions, for kinds that the report's own line has none of.
    fn join_actions(&mut self, record: &Record, row: &mut Row) {
        let Some((keys, counts)) = &mut self.joined else { return };
        let Some(found) = counts.remove(&joined(record, keys)) else { return };
        for action in Action::ALL {
            if row.actions.get(action).is_none() {
                row.actions.set(action, found.get(action));
            }
        }
    }

    /// What money bought of a line, as a row of its own; the line's own numbers are then marked as
    /// those that came unpaid.
    fn promoted(&mut self, record: &Record, own: &mut Row, wrong: &mut Vec<Wrong>) -> Option<Row> {
        let mut row = Row {
            spend: None,
            impressions: None,
            reach: None,
            actions: Counts::default(),
            censored: Vec::new(),
            ..own.clone()
        };
        for at in 0..self.layout.uses.len() {
            let used = self.layout.uses[at];
            if used.promoted {
                self.place_number(record, used, &mut row, &mut None, wrong);
            }
        }
        let counts = row.actions.0.iter().chain([&row.impressions, &row.reach]);
        let nothing = counts.flatten().all(|count| *count == 0.0);
        if nothing && row.spend.is_none_or(|spend| spend.is_zero()) {
            return None;
        }
        for (row, delivery) in [(own, "organic"), (&mut row, "promoted")] {
            row.attributes[Attribute::Placement.index()] = Some(delivery.into());
            if !row.breakdowns.contains(&Attribute::Placement) {
                row.breakdowns.push(Attribute::Placement);
            }
        }
        Some(row)
    }

    /// Constants and names fill what columns left open.
    fn complete(&mut self, row: &mut Row) {
        if !self.names.is_empty()
            && let Err(name) =
                self.reader.fill(self.names, &self.formats.vocabulary, &mut row.attributes)
        {
            let count =
                self.report.names_without_attributes.get_or_insert_with(|| (0, short(&name)));
            count.0 += 1;
        }
        for (attribute, value) in &self.constants {
            row.attributes[attribute.index()].get_or_insert_with(|| value.clone());
        }
    }

    fn place_number(
        &mut self,
        record: &Record,
        used: Use,
        row: &mut Row,
        cpm: &mut Option<Decimal>,
        wrong: &mut Vec<Wrong>,
    ) {
        let number = match self.number(record, used) {
            Ok(Some(number)) => number,
            Ok(None) => {
                self.see_failed(record, used.position);
                return;
            }
            Err(w) => {
                wrong.push(w);
                return;
            }
        };
        if number.below && !matches!(used.meaning, Meaning::Action(_)) {
            let found = record.cell(used.position).show().into_owned();
            let position = Some(used.position);
            let wrong = Wrong { position, found, allowed: Allowed::NotSuppressed };
            self.find(record.line, wrong, Act::Noted);
            return;
        }
        if let Some(sign) = number.sign {
            self.signs.push((used.position, sign));
        }
        if is_negative(number.value) && used.meaning != Meaning::Spend {
            self.negative.push(used.position);
        }
        match used.meaning {
            Meaning::Spend => row.spend = Some(number.value),
            Meaning::Cpm => *cpm = Some(number.value),
            Meaning::Impressions => row.impressions = Some(number.as_f64()),
            Meaning::Reach => row.reach = Some(number.as_f64()),
            Meaning::Action(action) => {
                let before = row.actions.get(action).unwrap_or(0.0);
                row.actions.set(action, Some(before + number.as_f64()));
                if number.below && !row.censored.contains(&action) {
                    row.censored.push(action);
                }
            }
            _ => {}
        }
    }

    /// Notes a count that could not be calculated where the file was made.
    fn see_failed(&mut self, record: &Record, position: usize) {
        let Cell::Text(text) = record.cell(position) else { return };
        if number::is_failed(text) && !self.format.missing.contains(&folded(text)) {
            let first = || (record.line, text.to_owned(), 0);
            self.failed.entry(position).or_insert_with(first).2 += 1;
        }
    }

    /// The number in a cell; `None` when it is not reported.
    fn number(&self, record: &Record, used: Use) -> Result<Option<Number>, Wrong> {
        let column = &self.format.columns[used.column];
        let counts = !matches!(used.meaning, Meaning::Spend | Meaning::Cpm);
        let exact = Number::plain;
        let number = match record.cell(used.position) {
            Cell::Empty => {
                return Ok(column.empty_is_zero.then_some(exact(Decimal::ZERO)));
            }
            Cell::Number(value, sign) => {
                decimal(value).map(|value| Number { sign, ..exact(value) })
            }
            Cell::Day(_) => None,
            Cell::Text(text) => match number::number(text, self.conventions.mark) {
                Some(number) => Some(number),
                None if self.is_missing(text, used.meaning, counts) => {
                    return Ok(None);
                }
                None => self.hidden(text, counts),
            },
        };
        let wrong = |allowed| Wrong {
            position: Some(used.position),
            found: record.cell(used.position).show().into_owned(),
            allowed,
        };
        let Some(mut number) = number else {
            return Err(wrong(if counts { Allowed::Whole } else { Allowed::Number }));
        };
        if number.percent || counts && number.sign.is_some() {
            return Err(wrong(if counts { Allowed::Whole } else { Allowed::NoShare }));
        }
        if let Some(unit) = column.unit {
            number.value = number.value.checked_mul(unit).ok_or_else(|| wrong(Allowed::Amount))?;
        }
        if number.value.abs() > LARGEST {
            return Err(wrong(Allowed::AtMost));
        }
        // People are not given back, and nothing is below a number below 0.
        if is_negative(number.value) && (used.meaning == Meaning::Reach || number.below) {
            return Err(wrong(Allowed::Whole));
        }
        if counts
            && !self.format.fractional
            && number.value.scale() > 0
            && !number.value.is_integer()
        {
            return Err(wrong(Allowed::Whole));
        }
        Ok(Some(number))
    }

    /// A text that stands for "nothing here". Where money stands, or what it follows from, a
    /// calculation that failed hides an amount.
    fn is_missing(&self, text: &str, meaning: Meaning, is_count: bool) -> bool {
        let plain = folded(text);
        let usual = matches!(plain.as_str(), "-" | "--" | "---" | "n/a" | "na" | "null" | "none");
        let is_money = match meaning {
            Meaning::Cpm => self.layout.position(Meaning::Spend).is_none(),
            meaning => meaning == Meaning::Spend,
        };
        (usual || !is_money && number::is_failed(text) || self.format.missing.contains(&plain))
            && !self.hides(text, is_count)
    }

    /// A text that hides a small count in this format.
    fn hides(&self, text: &str, is_count: bool) -> bool {
        let marks = self.format.suppressed.as_ref().map(|(marks, _)| marks);
        is_count && marks.is_some_and(|marks| marks.contains(&folded(text)))
    }

    /// The upper limit that a hiding text stands for.
    fn hidden(&self, text: &str, is_count: bool) -> Option<Number> {
        if !self.hides(text, is_count) {
            return None;
        }
        let (_, below) = self.format.suppressed.as_ref()?;
        Some(Number { below: true, ..Number::plain(decimal(*below)?) })
    }

    fn derive(&self, row: &mut Row, cpm: Option<Decimal>) {
        for derive in &self.format.derive {
            if value_of(row, cpm, derive.target).is_some() {
                continue;
            }
            let product = derive.multiply.iter().try_fold(Decimal::ONE, |product, meaning| {
                product.checked_mul(value_of(row, cpm, *meaning)?)
            });
            let Some(value) = product.and_then(|p| p.checked_div(derive.divide_by)) else {
                continue;
            };
            match derive.target {
                Meaning::Spend => row.spend = Some(value),
                Meaning::Impressions => row.impressions = value.to_f64(),
                Meaning::Reach => row.reach = value.to_f64(),
                Meaning::Action(action) => row.actions.set(action, value.to_f64()),
                _ => {}
            }
        }
    }

    fn attribute(
        &mut self,
        record: &Record,
        used: Use,
        attribute: Attribute,
        wrong: &mut Vec<Wrong>,
    ) -> Option<Box<str>> {
        let cell = record.cell(used.position);
        let text = match cell {
            Cell::Empty | Cell::Text("-" | "--" | "—") => return None,
            Cell::Text(text) => text,
            Cell::Number(..) | Cell::Day(_) => return Some(cell.show().into()),
        };
        let mut fail = |allowed| {
            wrong.push(Wrong { position: Some(used.position), found: text.to_owned(), allowed });
        };
        if text.len() > LONGEST_NAME {
            fail(Allowed::ShortText(LONGEST_NAME));
            return None;
        }
        if let Some(known) = self.memo[used.column].get(text) {
            return Some(known.clone());
        }
        let values = &self.format.columns[used.column].values;
        if !values.is_empty()
            && let Some(value) = values.get(&folded(text))
        {
            // A value that says nothing about this attribute is written as an empty one.
            return (!value.is_empty()).then(|| value.as_str().into());
        }
        // Names alone may have been through two encodings: a file put together from two exports.
        let good = if text.is_ascii() { None } else { repaired(text) };
        match self.formats.vocabulary.normal(attribute, good.as_deref().unwrap_or(text)) {
            Ok(value) => {
                let value: Box<str> = value.into();
                let memo = &mut self.memo[used.column];
                if MEMOISED.contains(&attribute) && memo.len() < MOST_MEMOISED {
                    memo.insert(text.into(), value.clone());
                }
                Some(value)
            }
            Err(allowed) => {
                fail(allowed);
                None
            }
        }
    }

    fn id(record: &Record, position: usize) -> Option<Box<str>> {
        match record.cell(position) {
            Cell::Empty | Cell::Text("-" | "--" | "0") => None,
            // A spreadsheet has rounded it: several ids have become one, so it tells nothing.
            Cell::Text(text) if text.len() < 16 && text.contains("E+") => None,
            cell => Some(cell.show().into()),
        }
    }

    /// One column for whichever breakdown was asked for: `18-24 - Male`, `England`.
    fn audience(&self, record: &Record, position: usize, row: &mut Row) {
        let Cell::Text(text) = record.cell(position) else { return };
        let vocabulary = &self.formats.vocabulary;
        let parts: Vec<&str> = text.split(" - ").map(str::trim).collect();
        let mut rest = Vec::new();
        for part in parts {
            let kind = [Attribute::Age, Attribute::Gender]
                .into_iter()
                .find(|attribute| vocabulary.normal(*attribute, part).is_ok());
            match kind {
                // `Unknown` reads as either; the first place is the age's.
                Some(kind) => {
                    let kind = if row.attributes[kind.index()].is_some() {
                        Attribute::Gender
                    } else {
                        kind
                    };
                    if let Ok(value) = vocabulary.normal(kind, part) {
                        row.attributes[kind.index()] = Some(value.into());
                        row.breakdowns.push(kind);
                    }
                }
                None => rest.push(part),
            }
        }
        if !rest.is_empty() {
            let rest = rest.join(" - ");
            let (attribute, value) = match vocabulary.territory(&rest) {
                Some(code) => (Attribute::Territory, code.into()),
                None => (Attribute::Interest, rest.into()),
            };
            row.attributes[attribute.index()] = Some(value);
            row.breakdowns.push(attribute);
        }
    }

    /// Signs and codes beside amounts that contradict the currency of the line or of the file.
    fn judge_signs(&mut self, record: &Record, wrong: &mut Vec<Wrong>) {
        for (position, sign) in std::mem::take(&mut self.signs) {
            let (fits, expected) = match (self.currency, self.shared_sign) {
                (Some(currency), _) => (sign.fits(currency), currency.to_string()),
                (None, Some(known)) => (sign.agrees(known), known.to_string()),
                (None, None) => (true, String::new()),
            };
            if !fits {
                let found = record.cell(position).show().into_owned();
                let allowed = Allowed::MoneyIn(expected);
                wrong.push(Wrong { position: Some(position), found, allowed });
                continue;
            }
            match sign {
                Sign::One(currency) => self.currency = Some(currency),
                Sign::Several(..) => self.shared_sign = Some(sign),
            }
        }
    }

    /// Numbers below 0 take back what was counted before, as money below 0 gives back what was spent.
    /// Platforms correct counts with the money that they cost; a count below 0 by itself is a mistake,
    /// and which one nobody can tell.
    fn judge_negative(&mut self, record: &Record, row: &Row, wrong: &mut Vec<Wrong>) {
        let gives_back = self.format.net || row.spend.is_some_and(is_negative);
        for position in std::mem::take(&mut self.negative) {
            if !gives_back {
                let found = record.cell(position).show().into_owned();
                wrong.push(Wrong { position: Some(position), found, allowed: Allowed::Counted });
            }
        }
    }

    /// Notes a line that gives money back.
    fn see_refund(&mut self, row: &Row) {
        let Some(spend) = row.spend.filter(|spend| is_negative(*spend)) else { return };
        let refunds = &mut self.report.refunds;
        refunds.rows += 1;
        refunds.spend += spend;
        if refunds.lines.len() < Refunds::LINES {
            refunds.lines.push(row.line);
        }
    }

    /// More money given back than spent is rather a column of the wrong sign, or an export that begins
    /// too late, than a refund.
    fn doubt_refunds(&mut self) {
        let Some(spend) = self.report.totals.spend.filter(|spend| is_negative(*spend)) else {
            return;
        };
        let line = self.report.refunds.lines.first().copied().unwrap_or_default();
        let position = self.layout.position(Meaning::Spend);
        let found = spend.normalize().to_string();
        self.find(line, Wrong { position, found, allowed: Allowed::SpentInAll }, Act::Check);
    }

    fn see_currency(
        &mut self,
        record: &Record,
        position: usize,
        wrong: &mut Vec<Wrong>,
    ) -> Result<(), IngestError> {
        let Cell::Text(text) = record.cell(position) else { return Ok(()) };
        if let Ok(currency) = text.parse() {
            return self.one_currency(currency, record.line);
        }
        let found = text.to_owned();
        wrong.push(Wrong { position: Some(position), found, allowed: Allowed::Currency });
        Ok(())
    }

    fn one_currency(&mut self, currency: Currency, line: u64) -> Result<(), IngestError> {
        match self.currency {
            Some(first) if first != currency => {
                let path = self.opened.path.clone();
                Err(IngestError::Currencies { path, line, first, other: currency })
            }
            _ => {
                self.currency = Some(currency);
                Ok(())
            }
        }
    }

    /// The days that a line stands for: its own, otherwise the file's window.
    fn period(
        &mut self,
        record: &Record,
        lifetime: bool,
        wrong: &mut Vec<Wrong>,
    ) -> Option<(Date, Date)> {
        if let Some(pieces) = self.layout.day.clone() {
            let text = put_together(record, &pieces);
            return self.read_date(Cell::Text(&text), None, wrong);
        }
        if let Some(position) = self.layout.position(Meaning::Day).filter(|_| !lifetime) {
            return self.read_date(record.cell(position), Some(position), wrong);
        }
        let Some(position) = self.layout.position(Meaning::Start) else {
            return self.conventions.window;
        };
        let start = self.read_date(record.cell(position), Some(position), wrong)?;
        if lifetime {
            return Some(start);
        }
        let end = self.layout.position(Meaning::End);
        match end.filter(|end| record.cell(*end) != Cell::Empty) {
            Some(end) => {
                let (_, last) = self.read_date(record.cell(end), Some(end), wrong)?;
                if last < start.0 {
                    let found = record.cell(end).show().into_owned();
                    let allowed = Allowed::EndAfterStart;
                    wrong.push(Wrong { position: Some(end), found, allowed });
                    return None;
                }
                Some((start.0, last))
            }
            None => match self.conventions.window {
                Some((_, last)) if self.conventions.one_start && start.0 <= last => {
                    Some((start.0, last))
                }
                _ => Some(start),
            },
        }
    }

    /// Whether a line counts since the publication of what it is about, and not on a day.
    fn is_lifetime(&self, record: &Record) -> bool {
        let words = &self.format.lifetime;
        if words.is_empty() {
            return false;
        }
        match self.layout.position(Meaning::Day).map(|position| record.cell(position)) {
            None | Some(Cell::Empty) => true,
            Some(Cell::Text(text)) => {
                !text.starts_with(|c: char| c.is_ascii_digit()) && words.contains(&folded(text))
            }
            Some(Cell::Number(..) | Cell::Day(_)) => false,
        }
    }

    fn read_date(
        &mut self,
        cell: Cell<'_>,
        position: Option<usize>,
        wrong: &mut Vec<Wrong>,
    ) -> Option<dates::Window> {
        let window = match cell {
            Cell::Empty => None,
            Cell::Day(day) => Some((day, day)),
            Cell::Number(value, _) => dates::serial(value).map(|day| (day, day)),
            Cell::Text(text) => {
                if self.last_date.0 != text {
                    let before = self.last_date.1.map(|(day, _)| day);
                    let year = self.conventions.year;
                    let read = dates::window(text, self.conventions.order)
                        .or_else(|| dates::without_year(text, year?, before));
                    self.last_date = (text.to_owned(), read);
                }
                self.last_date.1
            }
        };
        if window.is_none() {
            let found = cell.show().into_owned();
            wrong.push(Wrong { position, found, allowed: Allowed::Day });
        }
        window
    }
}

fn is_negative(value: Decimal) -> bool {
    value.is_sign_negative() && !value.is_zero()
}

fn value_of(row: &Row, cpm: Option<Decimal>, meaning: Meaning) -> Option<Decimal> {
    let of = |value: Option<f64>| value.and_then(decimal);
    match meaning {
        Meaning::Spend => row.spend,
        Meaning::Cpm => cpm,
        Meaning::Impressions => of(row.impressions),
        Meaning::Reach => of(row.reach),
        Meaning::Action(action) => of(row.actions.get(action)),
        _ => None,
    }
}

/// A float as the shortest decimal that reads back as it: what the spreadsheet shows.
fn decimal(value: f64) -> Option<Decimal> {
    if !value.is_finite() {
        return None;
    }
    let text = value.to_string();
    Decimal::from_str_exact(&text).or_else(|_| text.parse()).ok()
}

fn spans_lines(record: &Record) -> bool {
    match &record.body {
        super::file::record::Body::Text(cells) => {
            cells.get(cells.len().saturating_sub(1)).is_some_and(|last| last.contains('\n'))
        }
        super::file::record::Body::Sheet(_) => false,
    }
}

/// `Total of 1,042 results` → `total of # results`.
fn without_numbers(text: &str) -> String {
    let mut out = String::new();
    for word in folded(text).split(' ') {
        if !out.is_empty() {
            out.push(' ');
        }
        let is_number = word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b',' | b'.'));
        out.push_str(if is_number { "#" } else { word.trim_end_matches(':') });
    }
    out
}
