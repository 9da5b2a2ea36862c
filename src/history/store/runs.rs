//! Rows of a large file that is in no order: sorted part by part, put aside, and merged.
//!
//! What fits into memory is sorted and packed; these runs wait in a temporary database that SQLite
//! keeps for this connection alone and that nobody sees, neither during an import nor after a
//! kill. Merged, they come in the order of the store's key, as if the file had been in order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;

use rusqlite::{Connection, params};

use super::packed::{Place, Stored, pack, unpack};
use crate::history::error::HistoryError;

/// Rows of a run that are read at a time: of each run so many are in memory while all are merged.
const PART: usize = 256;

/// Sorted runs of one file's rows.
#[derive(Debug)]
pub(crate) struct Runs {
    store: Connection,
    /// How many parts each has.
    parts: Vec<u32>,
}

impl Runs {
    pub(crate) fn new() -> rusqlite::Result<Self> {
        // No name: a file of its own, deleted when the connection ends, however it ends.
        let store = Connection::open("")?;
        store.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
             CREATE TABLE part (id INTEGER PRIMARY KEY, content BLOB NOT NULL);",
        )?;
        Ok(Self { store, parts: Vec::new() })
    }

    /// Adds rows in the order of their places; of one place, later runs hold later rows.
    pub(crate) fn add<'r>(
        &mut self,
        rows: impl ExactSizeIterator<Item = &'r Stored>,
    ) -> rusqlite::Result<()> {
        let run = self.parts.len();
        let rows: Vec<&Stored> = rows.collect();
        let mut insert = self.store.prepare_cached("INSERT INTO part VALUES (?1, ?2)")?;
        let parts = rows.chunks(PART);
        self.parts.push(parts.len() as u32);
        for (nth, part) in (0..).zip(parts) {
            insert.execute(params![id(run, nth), pack(part.iter().copied())])?;
        }
        Ok(())
    }

    /// Visits all rows in the order of their places, those of one place in the file's.
    pub(crate) fn merged(
        &self,
        path: &Path,
        visit: &mut dyn FnMut(&Stored) -> Result<(), HistoryError>,
    ) -> Result<(), HistoryError> {
        let mut heads: Vec<Head> = vec![Head::default(); self.parts.len()];
        let mut next: BinaryHeap<Reverse<(Place, usize)>> = BinaryHeap::new();
        for (run, head) in heads.iter_mut().enumerate() {
            if self.read(run, head, path)? {
                next.push(Reverse((head.rows[0].place(), run)));
            }
        }
        while let Some(mut first) = next.peek_mut() {
            let run = first.0.1;
            let head = &mut heads[run];
            visit(&head.rows[head.at])?;
            head.at += 1;
            if head.at < head.rows.len() || self.read(run, head, path)? {
                // The heap puts it where it belongs now.
                first.0.0 = head.rows[head.at].place();
            } else {
                std::collections::binary_heap::PeekMut::pop(first);
            }
        }
        Ok(())
    }

    /// Reads the next part of a run; `false` at its end.
    fn read(&self, run: usize, head: &mut Head, path: &Path) -> Result<bool, HistoryError> {
        if head.part == self.parts[run] {
            return Ok(false);
        }
        let told = |error: rusqlite::Error| HistoryError::new(path, &error);
        let mut part =
            self.store.prepare_cached("SELECT content FROM part WHERE id = ?1").map_err(told)?;
        (head.at, head.part) = (0, head.part + 1);
        head.rows.clear();
        let id = id(run, head.part - 1);
        let mut found = part.query([id]).map_err(told)?;
        let bytes = found.next().map_err(told)?.map(|row| row.get_ref(0)).transpose();
        let bytes = bytes.map_err(told)?.and_then(|content| content.as_blob().ok());
        bytes
            .and_then(|bytes| unpack(bytes, &mut |row| head.rows.push(*row)))
            .ok_or_else(|| HistoryError::damaged(path, format!("run {run}, part {id}")))?;
        Ok(!head.rows.is_empty())
    }
}

fn id(run: usize, part: u32) -> i64 {
    (run as i64) << 32 | i64::from(part)
}

/// The rows of a run that are in memory.
#[derive(Debug, Clone, Default)]
struct Head {
    rows: Vec<Stored>,
    at: usize,
    /// Parts read so far.
    part: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::day::Span;
    use crate::history::label::Known;
    use crate::history::store::packed::Numbers;

    #[test]
    fn runs_merge_in_the_order_of_places_and_namesakes_in_the_files() {
        let row = |place: i64, line: u64| Stored {
            span: Span { start: place as i32 / 3, end: place as i32 / 3 },
            known: Known { label: 1, identity: place % 3 },
            nth: 0,
            line,
            spend: None,
            numbers: Numbers::default(),
            censored: 0,
        };
        // 7 is prime to 1 000: the places come in no order, each of them three times.
        let file: Vec<Stored> = (0..3000).map(|i| row(i * 7 % 1000, i as u64)).collect();
        let mut runs = Runs::new().unwrap();
        for part in file.chunks(700) {
            let mut part = part.to_vec();
            part.sort_by_key(Stored::place);
            runs.add(part.iter()).unwrap();
        }
        let mut wanted = file;
        wanted.sort_by_key(Stored::place);
        let mut found = Vec::new();
        let path = Path::new("h.sqlite");
        runs.merged(path, &mut |row| {
            found.push(*row);
            Ok(())
        })
        .unwrap();
        assert_eq!(found, wanted);
        assert!(Runs::new().unwrap().merged(path, &mut |_| panic!("there is no row")).is_ok());
    }
}
