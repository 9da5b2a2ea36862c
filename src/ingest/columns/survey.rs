//! Conventions that only the whole file tells: decimal mark, order of day and month.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use jiff::civil::Date;

use super::format::{Format, Meaning};
use super::layout::{Layout, Piece};
use super::recognise::{Found, after_word};
use crate::ingest::error::IngestError;
use crate::ingest::file::opened::Opened;
use crate::ingest::file::record::{Cell, Record};
use crate::ingest::file::table::{Place, records};
use crate::ingest::value::dates::Order;
use crate::ingest::value::number::Mark;
use crate::ingest::value::{dates, number};

/// What holds for the whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Conventions {
    pub(crate) mark: Mark,
    /// Order of day and month, for start, end and day columns alike.
    pub(crate) order: Order,
    /// Window of the whole file: from the preamble or the file's name.
    pub(crate) window: Option<(Date, Date)>,
    /// The year of the first date, where dates say none.
    pub(crate) year: Option<i16>,
    /// All rows begin on the same day, so a lone start column is the window's.
    pub(crate) one_start: bool,
}

/// What was seen so far.
#[derive(Debug, Default)]
struct Seen {
    dot: u64,
    comma: u64,
    /// Values that both marks read differently.
    either_mark: u64,
    dmy: u64,
    mdy: u64,
    /// `04/04/2026`: of the kind that will need the order.
    same: u64,
    either_order: Option<(usize, u64, String)>,
    /// The window that the file's name or preamble says, and whether dates read as day/month and
    /// as month/day have all been inside.
    window: Option<(Date, Date)>,
    dmy_inside: bool,
    mdy_inside: bool,
    starts: BTreeSet<String>,
    yearless: Yearless,
    rows: u64,
    narrow: u64,
}

/// Dates that say no year, as they follow one another.
#[derive(Debug, Default)]
struct Yearless {
    /// Column, line and text of the first.
    first: Option<(usize, u64, String)>,
    last: Option<Date>,
    goes_up: bool,
    /// The first line that goes another way than those before.
    turns: Option<(usize, u64, String)>,
    goes_down: bool,
}

impl Yearless {
    fn see(&mut self, text: &str, position: usize, line: u64) {
        // Any leap year will do to see whether they go up or down.
        let Some((day, _)) = dates::without_year(text, 2024, self.last) else { return };
        let here = || (position, line, text.to_owned());
        self.first.get_or_insert_with(here);
        if let Some(last) = self.last {
            self.goes_up |= day > last;
            self.goes_down |= day < last;
            if self.goes_up && self.goes_down {
                self.turns.get_or_insert_with(here);
            }
        }
        self.last = Some(day);
    }

    /// The year of the first, as somebody said it or the window of the file does.
    fn year(
        &self,
        opened: &Opened,
        layout: &Layout,
        said: Option<i16>,
        window: Option<(Date, Date)>,
    ) -> Result<Option<i16>, IngestError> {
        let Some(first) = &self.first else { return Ok(None) };
        let told = window.and_then(|(start, end)| {
            let inside = |year: &i16| {
                let day = dates::without_year(&first.2, *year, None);
                day.is_some_and(|(day, _)| start <= day && day <= end)
            };
            let mut years = (start.year()..=end.year()).filter(inside);
            years.next().filter(|_| years.next().is_none())
        });
        let is_known = said.or(told);
        let (open, sorted) = match (&self.turns, is_known) {
            (None, Some(year)) => return Ok(Some(year)),
            (Some(turns), Some(_)) => (turns, false),
            (_, None) => (first, true),
        };
        Err(IngestError::Year {
            path: opened.path.clone(),
            column: layout.headers.get(open.0).cloned().unwrap_or_default(),
            line: open.1,
            found: open.2.clone(),
            sorted,
        })
    }
}

/// Looks through the file until nothing is open any more.
pub(crate) fn survey(
    opened: &Opened,
    found: &Found<'_>,
    layout: &Layout,
    order: Option<Order>,
    year: Option<i16>,
) -> Result<Conventions, IngestError> {
    let format = &*found.format;
    let numbers: Vec<usize> = positions(layout, Meaning::is_number);
    let days: Vec<usize> = positions(layout, |meaning| {
        matches!(meaning, Meaning::Start | Meaning::End | Meaning::Day)
    });
    let window = window(opened, found, layout.language.as_deref());
    let lone_start = (layout.position(Meaning::End).is_none()
        && layout.position(Meaning::Day).is_none()
        && window.is_some_and(|(start, end)| start < end))
    .then(|| layout.position(Meaning::Start))
    .flatten();
    let mut seen = Seen { window, dmy_inside: true, mdy_inside: true, ..Seen::default() };
    records(opened, &found.place, &mut |record| {
        if record.line <= found.header.line {
            return Ok(ControlFlow::Continue(()));
        }
        seen.at(record, layout, &numbers, &days, lone_start);
        let settled =
            seen.is_settled(lone_start.is_some(), !days.is_empty() && layout.day.is_none());
        Ok(if settled { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    delimiter_fits(opened, found, &seen)?;
    Ok(Conventions {
        mark: seen.mark(format.mark(layout.language.as_deref()), found),
        order: match order {
            Some(order) => order,
            None => seen.order(opened, format, layout)?,
        },
        window,
        year: seen.yearless.year(opened, layout, year.or(format.year), window)?,
        one_start: lone_start.is_some() && seen.starts.len() == 1,
    })
}

fn positions(layout: &Layout, wanted: impl Fn(Meaning) -> bool) -> Vec<usize> {
    layout.uses.iter().filter(|used| wanted(used.meaning)).map(|used| used.position).collect()
}

impl Seen {
    fn at(
        &mut self,
        record: &Record,
        layout: &Layout,
        numbers: &[usize],
        days: &[usize],
        lone_start: Option<usize>,
    ) {
        self.rows += 1;
        self.narrow += u64::from(layout.width > 2 && record.len() == 1);
        for position in numbers {
            if let Cell::Text(text) = record.cell(*position) {
                match number::hint(text) {
                    number::Hint::Dot => self.dot += 1,
                    number::Hint::Comma => self.comma += 1,
                    number::Hint::Either => self.either_mark += 1,
                    number::Hint::Nothing => {}
                }
            }
        }
        for position in days {
            if let Cell::Text(text) = record.cell(*position) {
                self.day(text, *position, record.line);
            }
        }
        if let Some(pieces) = &layout.day {
            self.day(&joined(record, pieces), 0, record.line);
        }
        if let Some(position) = lone_start
            && self.starts.len() < 2
        {
            self.starts.insert(record.cell(position).show().into_owned());
        }
    }

    fn day(&mut self, text: &str, position: usize, line: u64) {
        let hint = dates::hint(text);
        if hint == dates::Hint::Nothing && dates::yearless(text).is_some() {
            self.yearless.see(text, position, line);
        }
        if let (dates::Hint::Either, Some((first, last))) = (hint, self.window) {
            let inside =
                |order| dates::window(text, order).is_some_and(|(a, z)| first <= a && z <= last);
            self.dmy_inside &= inside(Order::Dmy);
            self.mdy_inside &= inside(Order::Mdy);
        }
        match hint {
            dates::Hint::Dmy => self.dmy += 1,
            dates::Hint::Mdy => self.mdy += 1,
            dates::Hint::Either if self.either_order.is_none() => {
                self.either_order = Some((position, line, text.to_owned()));
            }
            dates::Hint::Same => self.same += 1,
            dates::Hint::Either | dates::Hint::Nothing => {}
        }
    }

    /// Nothing more can change the answers. Some lines are read in any case, so that one odd
    /// value at the top does not decide alone.
    fn is_settled(&self, watches_starts: bool, has_days: bool) -> bool {
        let mark = self.dot + self.comma > 50;
        // ISO dates show within the first lines; from then on only an open question goes on.
        let order = !has_days
            || self.dmy + self.mdy > 50
            || (self.either_order.is_none() && self.dmy + self.mdy + self.same == 0);
        let starts = !watches_starts || self.starts.len() > 1;
        self.yearless.first.is_none() && self.rows > 200 && mark && order && starts
    }

    fn mark(&self, usual: Option<Mark>, found: &Found<'_>) -> Mark {
        if self.dot != self.comma {
            return if self.dot > self.comma { Mark::Dot } else { Mark::Comma };
        }
        // `1,234` and nothing else to go by: a file separated by semicolons comes from a country
        // with decimal commas.
        usual.unwrap_or(match found.place {
            Place::Delimited(b';') if self.either_mark > 0 => Mark::Comma,
            _ => Mark::Dot,
        })
    }

    fn order(
        &self,
        opened: &Opened,
        format: &Format,
        layout: &Layout,
    ) -> Result<Order, IngestError> {
        if self.dmy != self.mdy {
            return Ok(if self.dmy > self.mdy { Order::Dmy } else { Order::Mdy });
        }
        // The window of the whole report may be right for one reading only.
        if self.either_order.is_some() && self.dmy_inside != self.mdy_inside {
            return Ok(if self.dmy_inside { Order::Dmy } else { Order::Mdy });
        }
        match (&self.either_order, format.order(layout.language.as_deref())) {
            (_, Some(order)) => Ok(order),
            (None, None) => Ok(Order::Dmy),
            (Some((position, line, found)), None) => Err(IngestError::Dates {
                path: opened.path.clone(),
                column: layout.headers.get(*position).cloned().unwrap_or_default(),
                line: *line,
                found: found.clone(),
            }),
        }
    }
}

/// The day that a template puts together for a line.
pub(crate) fn joined(record: &Record, pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(part) => text.push_str(part),
            Piece::Column(at) => text.push_str(&record.cell(*at).show()),
        }
    }
    text
}

/// Lines of one cell under a header of many: the lines have another delimiter.
fn delimiter_fits(opened: &Opened, found: &Found<'_>, seen: &Seen) -> Result<(), IngestError> {
    let Place::Delimited(header) = found.place else { return Ok(()) };
    if seen.narrow * 2 <= seen.rows {
        return Ok(());
    }
    let mut counts = [(0_usize, b','), (0, b';'), (0, b'\t'), (0, b'|')];
    records(opened, &found.place, &mut |record| {
        if record.line > found.header.line {
            let text = record.cell(0).show().into_owned();
            for (count, delimiter) in &mut counts {
                *count += text.bytes().filter(|byte| byte == delimiter).count();
            }
        }
        Ok(if record.line > found.header.line + 50 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    })?;
    let (most, lines) = counts.into_iter().max().expect("there are four");
    if most == 0 {
        return Ok(());
    }
    Err(IngestError::Delimiter {
        path: opened.path.clone(),
        header: char::from(header),
        lines: char::from(lines),
    })
}

/// The window of the whole file: its preamble's, otherwise its name's.
fn window(opened: &Opened, found: &Found<'_>, language: Option<&str>) -> Option<(Date, Date)> {
    let format = &*found.format;
    let order = format.order(language).unwrap_or(Order::Dmy);
    let day = |words: &[String]| {
        found.preamble.iter().find_map(|record| {
            // A comma inside an unquoted date has split it over cells.
            let line = record.texts().join(", ");
            let text = after_word(line.trim_end_matches([',', ' ']), words)?;
            dates::window(text, order).map(|(day, _)| day)
        })
    };
    match (day(&format.preamble_start), day(&format.preamble_end)) {
        (Some(start), Some(end)) if start <= end => Some((start, end)),
        // A line of its own that is nothing but the window, as Google Ads writes it.
        _ => (found.preamble.iter())
            .find_map(|record| dates::range(&record.texts().join(", "), order))
            .or_else(|| dates::in_name(opened.path.file_name()?.to_str()?)),
    }
}
