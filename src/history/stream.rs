//! Raw rows of one CSV straight to a panel, without a store: one pass, in parallel, in memory
//! that does not grow with the number of rows.
//!
//! For files whose rows are all of one grain (a warehouse's table of ads by day and audience).
//! Exports that overlap belong into the history, which counts their money once.

mod asked;
mod fixed;
mod groups;
mod scan;

pub use asked::{RawColumns, StreamError};

use self::groups::Groups;
use self::scan::{Block, Layout, Scanned};

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use crate::action::Action;
use crate::panel::Panel;

/// Reads raw tables of the same columns into one panel; also gives the number of rows read.
///
/// The result does not depend on the number of threads: money and counts are added as whole
/// numbers.
///
/// # Errors
///
/// [`StreamError`] with every bad cell of the first file that has one.
pub fn panel_of_csv(paths: &[PathBuf], columns: &RawColumns) -> Result<(Panel, u64), StreamError> {
    let parts = columns.actions.iter().map(|(action, _)| *action);
    let active: Vec<Action> = parts.filter(|action| Action::ACTIVE.contains(action)).collect();
    if active.contains(&Action::Engagements) && active.len() > 1 {
        return Err(StreamError::TotalBesideParts);
    }
    let mut all = Groups::default();
    let mut rows = 0;
    for path in paths {
        let scanned = read(path, columns)?;
        rows += scanned.rows;
        all.join(scanned.groups);
    }
    Ok((all.into_panel(columns), rows))
}

/// Bytes per block: large enough that a block's own cost does not matter, small enough that a
/// few of them in flight are little.
const BLOCK: usize = 1 << 21;

fn read(path: &Path, columns: &RawColumns) -> Result<Scanned, StreamError> {
    let failed = |source| StreamError::File { path: path.to_path_buf(), source };
    let mut file = File::open(path).map_err(failed)?;
    let mut blocks = scan::Blocks::new(BLOCK);
    let first = blocks.next(&mut file).map_err(failed)?.unwrap_or_default();
    let layout = Layout::new(&first, path, columns)?;
    let workers = rayon::current_num_threads().max(1);
    let (send, receive) = mpsc::sync_channel::<Block>(workers);
    let receive = &std::sync::Mutex::new(receive);
    let mut scanned = std::thread::scope(|scope| {
        let layout = &layout;
        let handles: Vec<_> = (0..workers)
            .map(|_| {
                scope.spawn(move || {
                    let mut mine = Scanned::default();
                    loop {
                        let block = receive.lock().expect("no worker panics").recv();
                        let Ok(block) = block else { return mine };
                        layout.scan(&block, &mut mine);
                    }
                })
            })
            .collect();
        let sent = send_all(&mut blocks, &mut file, layout.body(first), &send);
        drop(send);
        let mut all = Scanned::default();
        for handle in handles {
            all.join(handle.join().expect("no worker panics"));
        }
        sent.map(|()| all)
    })
    .map_err(failed)?;
    if blocks.row_too_long() {
        return Err(StreamError::LongRow { path: path.to_path_buf() });
    }
    if scanned.bad.is_empty() {
        return Ok(scanned);
    }
    scanned.bad.sort();
    let bad = scanned.bad.into_iter();
    let cells = bad.map(|(line, column, found)| (line, layout.name(column), found)).collect();
    Err(StreamError::Cells { path: path.to_path_buf(), cells })
}

fn send_all(
    blocks: &mut scan::Blocks,
    file: &mut impl Read,
    first: Block,
    send: &mpsc::SyncSender<Block>,
) -> std::io::Result<()> {
    let mut next = Some(first);
    while let Some(block) = next {
        if send.send(block).is_err() {
            return Ok(());
        }
        next = blocks.next(file)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::Period;
    use crate::segment::Attribute;
    use jiff::civil::date;
    use std::fmt::Write as _;

    fn columns() -> RawColumns {
        RawColumns {
            segment: vec![(Attribute::Network, "network".into()), (Attribute::Age, "age".into())],
            day: "date".into(),
            spend: "spend".into(),
            impressions: Some("impressions".into()),
            actions: vec![(Action::LinkClicks, "clicks".into())],
            currency: None,
        }
    }

    fn panel(text: &str) -> Result<(Panel, u64), StreamError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        panel_of_csv(&[file.path().to_path_buf()], &columns())
    }

    #[test]
    fn rows_become_weeks_of_segments() {
        let (panel, rows) = panel(
            "\u{feff}date,text,network,age,spend,impressions,clicks\r\n\
             2024-01-03,\"a, \"\"b\"\"\nc\",x,18-24,0.1,10,1\r\n\
             2024-01-07,t,x,\"18-24\",0.2,20.0,\r\n\
             2024-01-08,t,x,18-24,1e1,,2\n2024-12-30,t,tiktok,,3,5,0",
        )
        .unwrap();
        assert_eq!(rows, 4);
        let ids: Vec<&str> = panel.segments.iter().map(|segment| segment.id.as_str()).collect();
        assert_eq!(ids, ["tiktok · not broken down", "x · 18-24"]);
        let first = &panel.cells[1];
        assert_eq!(first.period, Some(Period { start: date(2024, 1, 1), end: date(2024, 1, 7) }));
        // 0.1 + 0.2 is exactly 0.3 when added as decimals.
        assert_eq!((first.spend, first.impressions), (0.3, Some(30.0)));
        assert_eq!(first.actions.get(Action::LinkClicks), Some(1.0));
        assert_eq!(panel.cells[2].spend, 10.0);
        assert_eq!(panel.cells[2].impressions, None);
        assert_eq!(panel.cells[0].period.unwrap().start, date(2024, 12, 30));
    }

    #[test]
    fn every_bad_cell_is_told() {
        let error = panel(
            "date,network,age,spend,impressions,clicks\n2024-02-30,x,1,1,1,1\n\
             2024-02-01,x,1,,1,1\n2024-02-01,x,1,1,-5,many\n2024-02-01,x\n",
        )
        .unwrap_err();
        let StreamError::Cells { cells, .. } = error else { panic!("{error}") };
        let found: Vec<(u64, &str, &str)> =
            cells.iter().map(|(l, c, f)| (*l, c.as_str(), f.as_str())).collect();
        assert_eq!(
            found,
            [
                (2, "date", "2024-02-30"),
                (3, "spend", ""),
                (4, "impressions", "-5"),
                (4, "clicks", "many"),
                (5, "age", ""),
            ]
        );
        assert!(matches!(panel("date,spend\n"), Err(StreamError::MissingColumn { .. })));
    }

    #[test]
    fn blocks_are_cut_between_rows_whatever_is_quoted() {
        let mut text = String::from("date,text,network,age,spend,impressions,clicks\n");
        for i in 0..60_000 {
            let note = if i % 3 == 0 { "\"two\nlines, and \"\"quotes\"\"\"" } else { "plain" };
            let (day, network) = (1 + i % 7, i % 5);
            let _ = writeln!(text, "2024-01-0{day},{note},n{network},a,0.01,7,1");
        }
        assert!(text.len() > BLOCK / 2);
        let (panel, rows) = panel(&text).unwrap();
        assert_eq!((rows, panel.cells.len()), (60_000, 5));
        assert_eq!(panel.spend(), 600.0);
        assert!(panel.cells.iter().all(|cell| cell.impressions == Some(84_000.0)));
    }
}
