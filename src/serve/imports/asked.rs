//! What a person says of dropped files, kept in the address: the map, the format, the order of dates.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::ingest::{IngestError, Mapping};
use crate::serve::answer::{Answer, Trouble};
use crate::serve::desk::Desk;

/// The answers of one form; an empty one says nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// Identifier of a map of the folder, or name of a shipped one.
    pub(super) map: String,
    /// Name of a known format.
    pub(super) format: String,
    /// Order of day and month.
    pub(super) dates: String,
    /// The year of a file's first date.
    pub(super) year: String,
}

impl Asked {
    /// Its fields, for forms that go on with them.
    pub(super) fn fields(&self) -> [(&'static str, &str); 4] {
        [("map", &self.map), ("format", &self.format), ("dates", &self.dates), ("year", &self.year)]
    }

    /// What it says, as the options of the command do; `None` where it says nothing.
    pub(super) fn mapping(&self, desk: &Desk) -> Answer<Option<Mapping>> {
        if self.fields().iter().all(|(_, said)| said.is_empty()) {
            return Ok(None);
        }
        let bad = |error: IngestError| Trouble::of(&desk.room(), &error);
        let mut map = self.map(desk)?;
        if !self.format.is_empty() {
            map = map.with_format(&self.format);
        }
        if !self.dates.is_empty() {
            map = map.with_dates(&self.dates).map_err(bad)?;
        }
        if !self.year.is_empty() {
            let year = self.year.trim().parse().unwrap_or_default();
            map = map.with_year(year).map_err(bad)?;
        }
        Ok(Some(map))
    }

    fn map(&self, desk: &Desk) -> Answer<Mapping> {
        let bad = |error: IngestError| Trouble::of(&desk.room(), &error);
        if self.map.is_empty() {
            return Ok(Mapping::default());
        }
        if let Some(path) = own_maps(desk).into_iter().find(|path| desk.id(path) == self.map) {
            return Mapping::open(&path).map_err(bad);
        }
        let shipped = shipped_maps(desk).contains(&self.map);
        let reference = &desk.settings.reference;
        let text = shipped.then(|| reference.text(&format!("maps/{}.toml", self.map)));
        let text = text.ok_or_else(|| Trouble::nowhere(&desk.room()))?;
        let text = text.map_err(|error| bad(error.into()))?;
        Mapping::parse(Path::new(&self.map), &text).map_err(bad)
    }
}

/// The maps of the folder, by name.
pub(super) fn own_maps(desk: &Desk) -> Vec<PathBuf> {
    desk.tables(&desk.maps())
}

/// The names of the shipped maps.
pub(super) fn shipped_maps(desk: &Desk) -> Vec<String> {
    let files = desk.settings.reference.list("maps");
    files.iter().filter_map(|file| file.strip_suffix(".toml")).map(str::to_owned).collect()
}
