//! An export that is imported again: which of its rows say what newer exports no longer say.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use rusqlite::Connection;

use super::blocks::{Blocks, Group, LEAST};
use super::packed::Stored;
use super::table;
use super::table::Table;
use crate::history::error::HistoryError;

/// Rows of a file that are in force no more and say something else than those in their place.
#[derive(Debug, Default)]
pub(super) struct Outdated {
    pub(super) rows: u64,
    /// The files in their place.
    pub(super) files: BTreeSet<i64>,
}

/// The store as an import under way has it.
pub(super) struct Places<'a> {
    pub(super) store: &'a Connection,
    pub(super) path: &'a Path,
    pub(super) table: &'a Table<'a>,
    pub(super) blocks: &'a Blocks<'a>,
}

impl Places<'_> {
    /// Those of a file, read part by part.
    pub(super) fn outdated(&self, file: i64) -> Result<Outdated, HistoryError> {
        let mut outdated = Outdated::default();
        for block in self.blocks.of_files(&[file]) {
            let mut part = Vec::new();
            self.blocks.read_all(block, &mut |row, is_older| {
                if is_older {
                    part.push(*row);
                }
            })?;
            self.look(file, &part, &mut outdated)?;
        }
        let told = |error: rusqlite::Error| HistoryError::new(self.path, &error);
        let columns = table::columns();
        let sql = format!(
            "SELECT {columns} FROM older WHERE file = ?1 ORDER BY start, identity, end, nth"
        );
        let mut statement = self.store.prepare(&sql).map_err(told)?;
        let mut rows = statement.query([file]).map_err(told)?;
        let mut part = Vec::new();
        while let Some(row) = rows.next().map_err(told)? {
            part.push(table::stored(row, self.path)?.1);
            if part.len() == LEAST {
                self.look(file, &part, &mut outdated)?;
                part.clear();
            }
        }
        self.look(file, &part, &mut outdated)?;
        Ok(outdated)
    }

    /// Compares rows out of force, which are in order, with those in force at their places.
    fn look(&self, file: i64, part: &[Stored], found: &mut Outdated) -> Result<(), HistoryError> {
        let told = |error: rusqlite::Error| HistoryError::new(self.path, &error);
        let (Some(first), Some(last)) = (part.first(), part.last()) else { return Ok(()) };
        let groups = Group::of(part.iter().map(Stored::place));
        let mut now = HashMap::new();
        let mut owners = HashMap::new();
        let mut see = |file: i64, row: &Stored| {
            owners.insert(row.place(), file);
            now.insert((row.place(), row.nth), *row);
        };
        if self.table.any_between(first.span.start, last.span.start).map_err(told)? {
            for group in &groups {
                self.table.at(group.place, &mut see)?;
            }
        }
        self.blocks.in_place(file, &groups, &mut see)?;
        for row in part {
            let now = now.get(&(row.place(), row.nth));
            if now.is_none_or(|now| !now.says_the_same_as(row)) {
                found.rows += 1;
                found.files.extend(owners.get(&row.place()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::history::row::{Level, Row};
    use crate::history::tests::{CAMPAIGN, NET, history, import, meta, row};
    use crate::history::{FileCounts, History};

    fn days(spends: &[(i64, &str)]) -> Vec<Row> {
        let day = |(day, spend): &(i64, &str)| {
            row(Level::Campaign, &[NET, CAMPAIGN], (*day, *day), spend)
        };
        spends.iter().map(day).collect()
    }

    /// Imports a file, packed from so many rows on; what became of its rows, and what has taken
    /// their place.
    fn put(
        history: &mut History,
        name: &str,
        rows: &[Row],
        from: usize,
    ) -> (FileCounts, Vec<(i64, String)>) {
        let mut import = history.begin().unwrap();
        if from > 0 {
            import.pack_from(from);
        }
        import.file(&meta(name)).unwrap();
        rows.iter().try_for_each(|row| import.row(row)).unwrap();
        let counts = import.end_file().unwrap();
        let newer = import.newer().to_vec();
        import.commit().unwrap();
        (counts, newer)
    }

    #[test]
    fn an_export_put_back_after_a_newer_one_is_told_and_changes_nothing() {
        for (first, second) in [(0, 0), (0, 2), (2, 0), (2, 2), (3, 2)] {
            let (_folder, mut history) = history();
            // Two lines of one day; of those the newer export has one.
            let old = days(&[(0, "1"), (1, "2"), (2, "3"), (2, "4"), (3, "5"), (4, "6"), (5, "7")]);
            put(&mut history, "old", &old, first);
            let newer = days(&[(1, "2"), (2, "3"), (3, "5.5"), (4, "6")]);
            assert_eq!(put(&mut history, "new", &newer, second).0.replaced, 1);
            put(&mut history, "latest", &days(&[(5, "7.5")]), 0);
            let before = (history.totals().unwrap(), history.journal().unwrap());
            let (counts, by) = put(&mut history, "old", &old, first);
            let expected = FileCounts { duplicate: 4, outdated: 3, ..FileCounts::default() };
            assert_eq!(counts, expected, "{first} {second}");
            assert_eq!(by, [(2, "new".to_owned()), (3, "latest".to_owned())]);
            assert_eq!((history.totals().unwrap(), history.journal().unwrap()), before);
            // Without the newer ones it is in force.
            history.undo(2).unwrap();
            history.undo(3).unwrap();
            assert_eq!(import(&mut history, "old", &old).duplicate, 7);
        }
    }
}
