//! What each line of a person's map did in one file.

use super::columns::format::Meaning;
use super::columns::layout::Layout;
use super::columns::mapping::Mapping;
use super::columns::survey::Conventions;
use super::error::short;
use super::file::opened::EncodingBy;
use super::file::record::{Cell, Record};
use super::report::{FileReport, MapDid, MapLine, Role};
use super::value::key::key;
use crate::segment::Attribute;

/// Where the map's columns stand in a file, and what was seen in them.
#[derive(Default)]
pub(super) struct Told {
    /// By line of the map: the column, its cells that are not empty, the first of them.
    columns: Vec<Option<(usize, u64, String)>>,
}

impl Told {
    pub(super) fn new(map: &Mapping, layout: &Layout) -> Self {
        let keys: Vec<String> = layout.headers.iter().map(|header| key(header).text).collect();
        let position = |header: &str| {
            let wanted = key(header).text;
            keys.iter().position(|key| *key == wanted).map(|at| (at, 0, String::new()))
        };
        Self { columns: map.lines.iter().map(|(header, ..)| position(header)).collect() }
    }

    /// Takes in a line that was kept.
    pub(super) fn count(&mut self, record: &Record) {
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

    /// The lines of the map, its columns first.
    pub(super) fn lines(
        self,
        map: &Mapping,
        is_its_own: bool,
        report: &FileReport,
        layout: &Layout,
        conventions: &Conventions,
    ) -> Vec<MapLine> {
        let mut lines = Vec::new();
        for ((header, meaning, may_lack), seen) in map.lines.iter().zip(self.columns) {
            let (did, cells, mut example) = match seen {
                None => {
                    (if *may_lack { MapDid::Optional } else { MapDid::Absent }, None, String::new())
                }
                Some((at, cells, example)) => {
                    let did = match &layout.roles[at] {
                        Role::Personal(_) => MapDid::Personal,
                        _ if !is_its_own => MapDid::Apart(report.format.clone()),
                        Role::Kept { .. } => MapDid::Read,
                        Role::Duplicate(name) => MapDid::Second(name.clone()),
                        Role::Known | Role::Unknown(_) => MapDid::Ignored,
                    };
                    (did, Some(cells), example)
                }
            };
            if did == MapDid::Personal {
                example.clear();
            }
            let (key, value) = (short(header), meaning.clone());
            lines.push(MapLine { key, value, did, cells, example });
        }
        let mut line = |key: &str, value: &str, did: MapDid| {
            let (key, value) = (key.to_owned(), short(value));
            lines.push(MapLine { key, value, did, cells: None, example: String::new() });
        };
        let column =
            |meaning: Meaning| layout.position(meaning).map(|at| short(&layout.headers[at]));
        for (attribute, value) in &map.constants {
            let did = match column(Meaning::Attribute(*attribute)) {
                Some(column) => MapDid::WhereEmpty(column),
                None => MapDid::EveryLine,
            };
            line(attribute.column(), value, did);
        }
        let held = |holds: bool| if holds { MapDid::Held } else { MapDid::FileSays };
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
