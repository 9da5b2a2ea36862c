//! One table of several advertisers → the panel of each.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::read::{gather, not_csv, opened, rows};
use super::write::original;
use super::{Panel, PanelError};
use crate::files::hex;

/// The rows of one advertiser.
#[derive(Debug)]
pub struct Part {
    /// The advertiser: the value of the column.
    pub value: String,
    /// Its panel; `None` where it was not wanted.
    pub panel: Option<Result<Panel, PanelError>>,
    /// What its rows are known by.
    pub digest: String,
}

/// One advertiser of a panel; known by its name and its rows.
#[derive(Debug)]
pub struct Advertiser {
    /// The value of the column.
    pub value: String,
    /// Its rows.
    pub panel: Panel,
    /// What they are known by.
    pub digest: String,
}

impl Advertiser {
    fn key(&self) -> (&str, &str) {
        (&self.value, &self.digest)
    }
}

impl PartialEq for Advertiser {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Advertiser {}

impl PartialOrd for Advertiser {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Advertiser {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// Rows of one advertiser, without its column, and their lines in the file.
struct Rows {
    text: csv::Writer<Vec<u8>>,
    lines: Vec<u64>,
    wanted: bool,
}

/// The panels of a file (CSV, Parquet or Arrow) by the values of a column, sorted. Those that are not
/// wanted are named and nothing more. A bad cell is its advertiser's alone.
///
/// # Errors
///
/// [`PanelError`] where the file cannot be read or has no such column.
pub fn parts(
    path: &Path,
    column: &str,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Part>, PanelError> {
    let failed = |error: csv::Error| not_csv(path, &error);
    let (mut reader, decimal_comma) = rows(opened(path)?, path)?;
    let header = reader.headers().map_err(failed)?.clone();
    let named = |name: &str| name.trim().trim_start_matches('\u{feff}') == column;
    let place = header.iter().position(named).ok_or_else(|| PanelError::MissingColumn {
        path: path.to_path_buf(),
        expected: format!("`{column}`"),
        found: header.iter().collect::<Vec<_>>().join(", "),
    })?;
    let others = |record: &csv::StringRecord| -> csv::StringRecord {
        let cells = record.iter().enumerate().filter(|(at, _)| *at != place);
        cells.map(|(_, cell)| cell).collect()
    };
    let mut parts = BTreeMap::<String, Rows>::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(failed)? {
        let value = original(record.get(place).unwrap_or_default().trim());
        if !parts.contains_key(value) {
            let mut own = Rows::new(wanted(value));
            own.text.write_record(&others(&header)).map_err(failed)?;
            parts.insert(value.to_owned(), own);
        }
        let Some(own) = parts.get_mut(value).filter(|own| own.wanted) else { continue };
        own.text.write_record(&others(&record)).map_err(failed)?;
        own.lines.push(record.position().map_or(0, csv::Position::line));
    }
    Ok(parts.into_iter().map(|(value, own)| own.part(value, decimal_comma, path)).collect())
}

impl Rows {
    fn new(wanted: bool) -> Self {
        Self { text: csv::Writer::from_writer(Vec::new()), lines: Vec::new(), wanted }
    }

    fn part(self, value: String, decimal_comma: bool, path: &Path) -> Part {
        // A vector takes whatever is written.
        let text = self.text.into_inner().unwrap_or_default();
        let panel = self.wanted.then(|| {
            let reader = csv::Reader::from_reader(text.as_slice());
            gather(reader, decimal_comma, Some(&self.lines), path, &[]).map(|(panel, _)| panel)
        });
        Part { value, panel, digest: hex(&Sha256::digest(&text)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "advertiser,segment,week,spend,shares\n\
                         south,a,2024-W01,1,7\nnorth,a,2024-W01,2,3\nodd,a,2024-W01,x,3\n\
                         north,b,2024-W01,4,5\nsouth,a,2024-W02,8,x\n";

    #[test]
    fn each_advertiser_has_the_panel_of_its_rows_and_its_own_faults() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("all.csv");
        std::fs::write(&path, TABLE).unwrap();
        let found = parts(&path, "advertiser", &|value| value != "odd").unwrap();
        let names: Vec<&str> = found.iter().map(|part| part.value.as_str()).collect();
        assert_eq!(names, ["north", "odd", "south"]);
        let own = "segment,week,spend,shares\na,2024-W01,2,3\nb,2024-W01,4,5\n";
        let (own, _) = Panel::read_csv_from(own.as_bytes(), &path, &[]).unwrap();
        assert_eq!(found[0].panel.as_ref().unwrap().as_ref().unwrap(), &own);
        assert!(found[1].panel.is_none());
        match found[2].panel.as_ref().unwrap() {
            Err(PanelError::Cells { cells, .. }) => {
                assert_eq!((cells.len(), cells[0].line, &*cells[0].found), (1, 6, "x"));
            }
            other => panic!("{other:?}"),
        }
        assert!(matches!(parts(&path, "client", &|_| true), Err(PanelError::MissingColumn { .. })));
    }
}
