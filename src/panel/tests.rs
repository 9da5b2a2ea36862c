use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::action::Counts;

fn read(text: &str) -> Result<(Panel, Vec<PanelNote>), PanelError> {
    Panel::read_csv_from(text.as_bytes(), Path::new("panel.csv"), &[])
}

fn bad(text: &str) -> Vec<BadCell> {
    match read(text) {
        Err(PanelError::Cells { cells, .. }) => cells,
        other => panic!("expected bad cells, got {other:?}"),
    }
}

#[test]
fn a_panel_made_elsewhere_is_read() {
    let (panel, notes) = read(
        "week,segment,network,age,territory,spend,engagements\n\
         2024-01-08,N0_A1,N0,A1,G0,100.5,7\n2024-01-01,N0_A1,N0,A1,G0,0,\n2024-W01,N0_A0,N0,A0,G0,3,1\n",
    )
    .unwrap();
    assert_eq!(panel.segments.len(), 2);
    assert_eq!(panel.attributes, ["network", "age", "territory"]);
    assert_eq!(panel.actions, [Action::Engagements]);
    assert_eq!(panel.cells[0].period.unwrap().end, date(2024, 1, 7));
    assert_eq!(panel.cells[1].actions.get(Action::Engagements), None);
    assert_eq!(panel.spend(), 103.5);
    assert_eq!(notes, [PanelNote::UnknownNetwork("N0".to_owned())]);
}

#[test]
fn every_bad_cell_is_told_with_its_place() {
    let cells = bad("segment,start,end,spend,impressions,shares,clicks,engagements\n\
         a,2024-01-01,2024-01-07,-1,x,<5,,\na,2024-13-01,2024-01-07,1,,,,\n\
         a,2024-01-08,2024-01-07,1,,,,\nb,2024-01-01,2024-01-07,1,,2,,9\n\
         b,2024-01-01,2024-01-07,nan,,,,\n,,,1,,,,1\n");
    let found: Vec<(u64, &str, &str)> =
        cells.iter().map(|c| (c.line, c.column.as_str(), c.found.as_str())).collect();
    assert_eq!(
        found,
        [
            (2, "spend", "-1"),
            (2, "impressions", "x"),
            (3, "start", "2024-13-01"),
            (4, "end", "2024-01-07"),
            (5, "engagements", "9"),
            (6, "spend", "nan"),
            (7, "segment", ""),
        ]
    );
    // A panel has no weeks before it to take a refund off.
    assert_eq!(cells[0].allowed, Allowed::Refunded);
    assert_eq!(cells[5].allowed, Allowed::Number);
}

#[test]
fn rows_by_day_are_read_from_a_column_of_dates_and_not_from_one_of_weeks() {
    for name in ["date", "day"] {
        let text = format!("{name},segment,spend,shares\n2024-01-02,a,1,1\n2024-01-03,a,2,1\n");
        let (panel, _) = read(&text).unwrap();
        let tuesday = Period { start: date(2024, 1, 2), end: date(2024, 1, 2) };
        assert_eq!(panel.cells[0].period, Some(tuesday));
        assert_eq!((panel.cells.len(), panel.segments.len()), (2, 1));
    }
    let cells = bad("week,segment,spend,shares\n2024-01-02,a,1,1\n2024-01-03,a,2,1\n");
    assert_eq!((cells[0].line, &cells[0].allowed), (3, &Allowed::DaysAsDate(2)));
    let two = read("week,date,segment,spend,shares\n2024-W01,2024-01-02,a,1,1\n");
    assert!(matches!(two, Err(PanelError::TwoDates { .. })));
}

#[test]
fn the_same_segment_and_week_twice_is_refused() {
    let cells =
        bad("segment,week,spend,shares\na,2024-W02,1,1\nb,2024-W02,1,1\na,2024-01-09,2,1\n");
    assert_eq!(cells.len(), 1);
    assert_eq!((cells[0].line, &cells[0].allowed), (4, &Allowed::OneRowPerPeriod(2)));
    let cells = bad("segment,age,week,spend,shares\na,18,2024-W02,1,1\na,19,2024-W03,1,1\n");
    assert_eq!(cells[0].allowed, Allowed::SameAttribute("18".to_owned()));
}

#[test]
fn unknown_numbers_are_refused_unless_left_out() {
    let text = "segment,spend,shares,temperature\na,1,1,12.5\n";
    assert!(
        matches!(read(text), Err(PanelError::NumberColumns { columns, .. }) if columns == ["temperature"])
    );
    let left_out = ["temperature".to_owned()];
    let (panel, notes) = Panel::read_csv_from(text.as_bytes(), Path::new("p"), &left_out).unwrap();
    assert!(panel.attributes.is_empty());
    assert_eq!(notes, [PanelNote::LeftOut("temperature".to_owned()), PanelNote::NoDates]);
    // Ages are numbers and still names.
    assert!(read("segment,age,spend,shares\na,18,1,1\n").is_ok());
}

#[test]
fn files_that_are_no_panel_say_what_they_lack() {
    assert!(
        matches!(read("segment,shares\na,1\n"), Err(PanelError::MissingColumn { expected, .. }) if expected == "`spend`")
    );
    assert!(matches!(read("segment,spend,spend\n"), Err(PanelError::RepeatedColumn { .. })));
    assert!(matches!(read("segment,spend,shares\n"), Err(PanelError::Empty { .. })));
    assert!(matches!(read(""), Err(PanelError::MissingColumn { .. })));
    assert!(matches!(read("segment,spend,shares\na,1\n"), Err(PanelError::NotCsv { line: 2, .. })));
    assert!(read("segment;spend;shares\na;1,5;2\n").is_ok_and(|(panel, _)| panel.spend() == 1.5));
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{1,6}", "[='+@\\-][ -~]{0,4}", "[é,;\"\n ']{1,4}", "'+[=+'a]{1,3}"]
}

prop_compose! {
    fn cell(segments: usize)(
        segment in 0..segments,
        spend in prop_oneof![Just(0.0), 0.0..1e7, Just(12.233_571_428_571)],
        impressions in proptest::option::of(0.0..1e9),
        shares in proptest::option::of(0_u32..50),
        hidden in 0_u32..20, from_breakdown in any::<bool>(), new_creative in any::<bool>(),
    ) -> Cell {
        let mut cell = Cell {
            segment, spend, impressions, reach: impressions.map(|n| n / 3.0),
            actions: Counts::default(), censored: Vec::new(), at_least: Counts::default(),
            from_breakdown, new_creative, designed: hidden == 3, period: None,
        };
        if let Some(shares) = shares.map(f64::from) {
            cell.set_range(Action::Shares, (shares, shares + f64::from(hidden.saturating_sub(10))));
        }
        cell
    }
}

prop_compose! {
    fn panel()(names in proptest::collection::btree_set(text(), 1..5))(
        cells in proptest::collection::vec(cell(names.len()), 1..12),
        ages in proptest::collection::vec(proptest::option::of(text()), names.len()),
        names in Just(names), dated in any::<bool>(), known in any::<bool>(),
    ) -> Panel {
        let segments: Vec<Segment> = names.into_iter().zip(ages).map(|(id, age)| Segment {
            id, attributes: age.into_iter().map(|age| ("age".to_owned(), age)).collect::<BTreeMap<_, _>>(),
        }).collect();
        let mut cells = cells;
        cells.sort_by_key(|cell| cell.segment);
        for (i, cell) in cells.iter_mut().enumerate() {
            let start = date(2024, 1, 1).saturating_add(jiff::Span::new().weeks(i as i64));
            let end = start.saturating_add(jiff::Span::new().days(6));
            cell.period = dated.then_some(Period { start, end });
        }
        let used: Vec<bool> =
            (0..segments.len()).map(|i| cells.iter().any(|cell| cell.segment == i)).collect();
        let place = |old: usize| used[..old].iter().filter(|used| **used).count();
        for cell in &mut cells {
            cell.segment = place(cell.segment);
        }
        let segments = segments.into_iter().zip(&used).filter(|(_, used)| **used).map(|(s, _)| s).collect();
        let shares = cells.iter().any(|cell| cell.actions.get(Action::Shares).is_some());
        Panel {
            segments, cells, attributes: vec!["age".to_owned()],
            actions: if shares { vec![Action::Shares] } else { vec![] },
            currency: known.then_some(Currency::EUR), notes: Vec::new(),
        }
    }
}

proptest! {
    #[test]
    fn writing_then_reading_is_the_identity(panel in panel()) {
        let mut bytes = Vec::new();
        panel.write_csv_to(&mut bytes).unwrap();
        let read = Panel::read_csv_from(bytes.as_slice(), Path::new("panel.csv"), &[]);
        if panel.actions.is_empty() {
            let refused = matches!(read, Err(PanelError::MissingColumn { .. }));
            prop_assert!(refused);
        } else {
            prop_assert_eq!(read.unwrap().0, panel);
        }
    }
}

/// A million rows: `cargo test --release --lib panel:: -- --ignored --nocapture`.
#[test]
#[ignore = "timing"]
fn a_million_rows_are_read_in_about_a_second() {
    use std::fmt::Write;
    let mut text = String::from("week,segment,network,age,territory,spend,engagements\n");
    for week in 0..52 {
        for segment in 0..20_000 {
            let day = date(2024, 1, 1).saturating_add(jiff::Span::new().weeks(week));
            writeln!(text, "{day},s{segment},x,18-24,REG-{},12.34,{}", segment % 13, segment % 7)
                .unwrap();
        }
    }
    let start = std::time::Instant::now();
    let (panel, _) = read(&text).unwrap();
    eprintln!("{} cells in {:?}", panel.cells.len(), start.elapsed());
    assert_eq!(panel.cells.len(), 1_040_000);
}
