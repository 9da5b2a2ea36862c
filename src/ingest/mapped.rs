//! What each line of a person's map did in one file.

use super::columns::format::{Derive, Format, Meaning, level_name};
use super::columns::layout::Layout;
use super::columns::mapping::Mapping;
use super::columns::survey::Conventions;
use super::error::short;
use super::file::opened::EncodingBy;
use super::file::record::{Cell, Record};
use super::report::{FileReport, MapDid, MapLine, Role};
use super::value::key::{folded, key};
use super::value::number::Mark;
use crate::history::row::Row;
use crate::segment::Attribute;

/// Where the map's columns stand in a file, and what was seen in them.
#[derive(Default)]
pub(super) struct Told {
    /// By line of the map: the column, its cells that are not empty, the first of them.
    columns: Vec<Option<(usize, u64, String)>>,
    /// Lines of the map about cells.
    watched: Vec<Watched>,
    /// Numbers that lines may lack, and how many lines had them by calculation.
    derived: Vec<(Derive, Option<usize>, u64)>,
}

/// A line of the map about cells of some columns, and how many of them it was needed for.
struct Watched {
    key: String,
    value: String,
    columns: Vec<usize>,
    kind: Watch,
    cells: u64,
}

/// Which cells a line of the map is about.
enum Watch {
    Filled,
    Empty,
    /// Those that say this.
    Saying(String),
}

impl Watched {
    fn see(&mut self, record: &Record) {
        let kind = &self.kind;
        let is_meant = |at: &&usize| match (record.cell(**at), kind) {
            (Cell::Empty, kind) => matches!(kind, Watch::Empty),
            (_, Watch::Filled) => true,
            (Cell::Text(text), Watch::Saying(own)) => folded(text) == *own,
            (_, Watch::Saying(_) | Watch::Empty) => false,
        };
        self.cells += self.columns.iter().filter(is_meant).count() as u64;
    }

    /// Everything that a map says of cells.
    fn all(format: &Format, layout: &Layout) -> Vec<Self> {
        let of = |wanted: &dyn Fn(Meaning) -> bool| -> Vec<usize> {
            let uses = layout.uses.iter().filter(|used| wanted(used.meaning));
            uses.map(|used| used.position).collect()
        };
        let numbers = of(&Meaning::is_number);
        let mut all = Vec::new();
        let mut watch = |key: String, value: String, columns: &[usize], kind: Watch| {
            all.push(Self { key, value, columns: columns.to_vec(), kind, cells: 0 });
        };
        for column in &format.columns {
            let (name, own) = (column.meaning.name(), of(&|meaning| meaning == column.meaning));
            if let Some(unit) = column.unit {
                let key = format!("units.{name}");
                watch(key, unit.normalize().to_string(), &own, Watch::Filled);
            }
            for (from, to) in &column.values {
                let key = format!("values.{name}");
                watch(key, format!("{from} = {to}"), &own, Watch::Saying(from.clone()));
            }
        }
        for text in &format.missing {
            watch("missing".to_owned(), text.clone(), &numbers, Watch::Saying(text.clone()));
        }
        let (marks, below) = format.suppressed.clone().unwrap_or_default();
        for mark in marks {
            let value = format!("{mark} = < {below}");
            watch("suppressed".to_owned(), value, &numbers, Watch::Saying(mark));
        }
        if format.columns.iter().any(|column| column.empty_is_zero) {
            watch("empty_is_zero".to_owned(), "true".to_owned(), &numbers, Watch::Empty);
        }
        all
    }
}

impl Told {
    pub(super) fn new(map: &Mapping, layout: &Layout) -> Self {
        let keys: Vec<String> = layout.headers.iter().map(|header| key(header).text).collect();
        let position = |header: &str| {
            let wanted = key(header).text;
            keys.iter().position(|key| *key == wanted).map(|at| (at, 0, String::new()))
        };
        let columns = map.lines.iter().map(|(header, ..)| position(header)).collect();
        let Some(format) = &map.format else {
            return Self { columns, ..Self::default() };
        };
        let derived = format.derive.iter();
        Self {
            columns,
            watched: Watched::all(format, layout),
            derived: derived.map(|own| (own.clone(), layout.position(own.target), 0)).collect(),
        }
    }

    /// Takes in a line that was kept.
    pub(super) fn count(&mut self, record: &Record, row: &Row) {
        self.watched.iter_mut().for_each(|own| own.see(record));
        for (derive, position, lines) in &mut self.derived {
            let is_written = position.is_some_and(|at| record.cell(at) != Cell::Empty);
            *lines += u64::from(!is_written && derive.target.is_told(row));
        }
        for (position, cells, example) in self.columns.iter_mut().flatten() {
            let cell = record.cell(*position);
            if cell != Cell::Empty {
                if *cells == 0 {
                    *example = short(&cell.show());
                }
                *cells += 1;
            }
        }
    }

    /// The lines of the map's columns.
    fn of_columns(
        &self,
        map: &Mapping,
        is_its_own: bool,
        report: &FileReport,
        layout: &Layout,
    ) -> Vec<MapLine> {
        let mut lines = Vec::new();
        for ((header, meaning, may_lack), seen) in map.lines.iter().zip(&self.columns) {
            let (did, cells, example) = match seen {
                None => {
                    (if *may_lack { MapDid::Optional } else { MapDid::Absent }, None, String::new())
                }
                Some((at, cells, example)) => {
                    let did = match &layout.roles[*at] {
                        Role::Personal(_) => MapDid::Personal,
                        _ if !is_its_own => MapDid::Apart(report.format.clone()),
                        Role::Kept { .. } => MapDid::Read,
                        Role::Duplicate(name) => MapDid::Second(name.clone()),
                        Role::Known | Role::Unknown(_) => MapDid::Ignored,
                    };
                    let example = if layout.is_hidden(*at) { "" } else { example };
                    (did, Some(*cells), example.to_owned())
                }
            };
            let (key, value) = (short(header), meaning.clone());
            lines.push(MapLine { key, value, did, cells, example });
        }
        lines
    }

    /// The lines of the map, its columns first.
    pub(super) fn lines(
        self,
        map: &Mapping,
        is_its_own: bool,
        report: &FileReport,
        layout: &Layout,
        conventions: &Conventions,
    ) -> Vec<MapLine> {
        let mut lines = self.of_columns(map, is_its_own, report, layout);
        let needed = |cells: u64| match cells {
            _ if !is_its_own => MapDid::Apart(report.format.clone()),
            0 => MapDid::Idle,
            _ => MapDid::Held,
        };
        let mut counted = |key: &str, value: &str, cells: u64| {
            let (key, value, did) = (key.to_owned(), short(value), needed(cells));
            lines.push(MapLine { key, value, did, cells: Some(cells), example: String::new() });
        };
        for own in &self.watched {
            counted(&own.key, &own.value, own.cells);
        }
        for (derive, _, cells) in &self.derived {
            let factors = derive.multiply.iter().map(|own| own.name()).collect::<Vec<_>>();
            let value = format!("{} / {}", factors.join(" × "), derive.divide_by.normalize());
            counted(&format!("derive.{}", derive.target.name()), &value, *cells);
        }
        if let Some(totals) = map.format.as_ref().map(|format| &format.totals) {
            if totals.without_names {
                counted("totals.without_names", "true", report.total_lines);
            }
            if !totals.words.is_empty() {
                counted("totals.words", &totals.words.join(", "), report.total_lines);
            }
        }
        let mut line = |key: &str, value: &str, did: MapDid| {
            let (key, value) = (key.to_owned(), short(value));
            lines.push(MapLine { key, value, did, cells: None, example: String::new() });
        };
        let held = |holds: bool| if holds { MapDid::Held } else { MapDid::FileSays };
        if let Some(format) = &map.format {
            for own in &format.breakdowns {
                let is_there = layout.breakdowns.contains(own);
                line("breakdowns", own.column(), needed(u64::from(is_there)));
            }
            if let Some(level) = format.level {
                line("level", level_name(level), needed(1));
            }
            if let Some(day) = &format.day {
                line("dates.day", day, needed(1));
            }
            if let Some(mark) = format.mark(None) {
                let sign = if mark == Mark::Dot { "." } else { "," };
                let did = if is_its_own { held(conventions.mark == mark) } else { needed(0) };
                line("numbers.decimal", sign, did);
            }
            for (key, said) in [("organic", format.organic), ("fractional", format.fractional)] {
                if said {
                    line(key, "true", needed(1));
                }
            }
        }
        let column =
            |meaning: Meaning| layout.position(meaning).map(|at| short(&layout.headers[at]));
        for (attribute, value) in &map.constants {
            let did = match column(Meaning::Attribute(*attribute)) {
                Some(column) => MapDid::WhereEmpty(column),
                None => MapDid::EveryLine,
            };
            line(attribute.column(), value, did);
        }
        if let Some(currency) = map.currency {
            let says = layout.currency.is_some() || column(Meaning::Currency).is_some();
            line("currency", currency.code(), held(!says));
        }
        if let Some(order) = map.order {
            line("dates.order", &format!("{order:?}").to_lowercase(), MapDid::Held);
        }
        if let Some(year) = map.year {
            line("dates.year", &year.to_string(), held(conventions.year.is_some()));
        }
        if let Some(encoding) = map.encoding {
            line("encoding", encoding.name(), held(report.encoding_by == EncodingBy::Map));
        }
        if let Some(format) = &map.chosen {
            line("format", format, MapDid::Held);
        }
        if !map.names.is_empty() {
            let names = [Attribute::Campaign, Attribute::AdSet, Attribute::Ad];
            let names = names.map(Attribute::column).join(", ");
            let unfit = report.names_without_attributes.as_ref().map_or(0, |(lines, _)| *lines);
            line("names", &names, MapDid::Unfit(unfit));
        }
        lines
    }
}
