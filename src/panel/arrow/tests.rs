use std::path::Path;

use proptest::prelude::*;

use super::{ArrowFault, as_csv, write};
use crate::panel::table::{Table, Values};
use crate::panel::{Panel, PanelError, parquet};

const CSV: &str = "segment,start,end,age,spend,impressions,reach,shares,comments,from_breakdown,\
                   new_creative,currency\n\
                   é · 18-24,2024-01-01,2024-01-07,18-24,1.5,10,,7,<5,true,false,EUR\n\
                   é · 18-24,2024-01-08,2024-01-14,18-24,0.1,,,,100..104,false,true,EUR\n\
                   '=b,1969-12-29,1970-01-04,,3,999999999999,4,2,0,true,false,EUR\n";

fn panel() -> Panel {
    Panel::read_csv_from(CSV.as_bytes(), Path::new("p.csv"), &[]).unwrap().0
}

fn stream(panel: &Panel) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&panel.table(), &mut bytes).unwrap();
    bytes
}

fn read(bytes: &[u8]) -> Result<Panel, PanelError> {
    Panel::read_stream(bytes, Path::new("p.arrow"), &[]).map(|(panel, _)| panel)
}

#[test]
fn a_panel_comes_back_from_arrow_and_from_parquet() {
    let panel = panel();
    assert!(panel.segments.iter().any(|segment| segment.id == "=b"));
    let bytes = stream(&panel);
    assert_eq!(read(&bytes).unwrap(), panel);
    let file = read(b"ARROW1\0\0");
    assert!(matches!(file, Err(PanelError::Arrow { fault: ArrowFault::File, .. })));
    let file = tempfile::NamedTempFile::new().unwrap();
    parquet::write(&panel.table(), &mut file.as_file()).unwrap();
    assert_eq!(Panel::read_csv(file.path()).unwrap().0, panel);
}

#[test]
fn a_stream_that_is_cut_is_refused_wherever_it_is_cut() {
    let bytes = stream(&panel());
    for length in 4..bytes.len() {
        let cut = PanelError::Arrow { path: "p.arrow".into(), fault: ArrowFault::Damaged };
        assert_eq!(read(&bytes[..length]).unwrap_err().to_string(), cut.to_string(), "{length}");
    }
}

#[test]
fn a_table_of_several_batches_keeps_its_rows() {
    let rows = 70_000;
    let numbers = (0..rows).map(|i| (i % 7 > 0).then_some(f64::from(i) / 3.0)).collect();
    let flags = (0..rows).map(|i| (i % 3 > 0).then_some(i % 2 == 0)).collect();
    let columns =
        vec![("n".to_owned(), Values::Number(numbers)), ("f".into(), Values::Flag(flags))];
    let mut bytes = Vec::new();
    write(&Table { columns, rows: rows as usize }, &mut bytes).unwrap();
    let text = String::from_utf8(as_csv(&*bytes).unwrap()).unwrap();
    for (i, line) in text.lines().skip(1).enumerate() {
        let number = if i % 7 > 0 { (i as f64 / 3.0).to_string() } else { String::new() };
        let flag = if i % 3 > 0 { (i % 2 == 0).to_string() } else { String::new() };
        assert_eq!(line, format!("{number},{flag}"));
    }
    assert_eq!(text.lines().count(), 70_001);
}

proptest! {
    #[test]
    fn a_damaged_stream_is_read_or_refused_and_never_ends_the_program(
        places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = stream(&panel());
        for (place, byte) in places {
            *place.get_mut(&mut bytes) = byte;
        }
        let _ = as_csv(&*bytes);
    }
}
