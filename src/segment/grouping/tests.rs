use jiff::civil::date;

use super::*;
use crate::action::{Action, Counts};
use crate::panel::{Cell, Period};
use crate::segment::Segment;

fn segment(id: String, attributes: &[(&str, &str)]) -> Segment {
    let pairs = attributes.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    Segment { id, attributes: pairs.collect() }
}

fn cell(segment: usize, week: i64, spend: f64, actions: f64) -> Cell {
    let start = date(2026, 1, 5).saturating_add(jiff::Span::new().weeks(week));
    let end = start.saturating_add(jiff::Span::new().days(6));
    let mut counts = Counts::default();
    counts.set(Action::LinkClicks, Some(actions));
    Cell {
        segment,
        period: Some(Period { start, end }),
        spend,
        impressions: Some(spend * 100.0),
        reach: Some(spend * 40.0),
        actions: counts,
        censored: Vec::new(),
        at_least: Counts::default(),
        from_breakdown: false,
        new_creative: false,
        designed: false,
    }
}

/// Two networks; on each, ad sets of two kinds that differ in format, age and rate.
fn two_kinds(per_kind: usize) -> Panel {
    let mut panel = Panel {
        attributes: vec!["network".into(), "age".into(), "format".into()],
        ..Panel::default()
    };
    for network in ["facebook", "tiktok"] {
        for (kind, age, format, rate) in [(0, "18-24", "video", 2.0), (1, "45-54", "image", 0.5)] {
            for i in 0..per_kind {
                let id = format!("{network} {kind} {i:02}");
                let attributes = [("network", network), ("age", age), ("format", format)];
                let position = panel.segments.len();
                panel.segments.push(segment(id, &attributes));
                for week in 0..4 {
                    let spend = 50.0 + 3.0 * i as f64;
                    let actions = (rate * spend + (i % 3) as f64).round();
                    panel.cells.push(cell(position, week, spend, actions));
                }
            }
        }
    }
    panel.actions = vec![Action::LinkClicks];
    panel
}

#[test]
fn kinds_that_differ_are_found_and_networks_stay_apart() {
    let panel = two_kinds(9);
    let grouping = group(&panel, &Settings::default(), Seed(1)).unwrap();
    assert_eq!(grouping.groups.len(), 4);
    for found in &grouping.groups {
        assert_eq!(found.members.len(), 9);
        let kinds: BTreeSet<&str> = found.members.iter().map(|id| &id[..id.len() - 3]).collect();
        assert_eq!(kinds.len(), 1, "{found:?}");
        assert!(found.attributes.contains_key("age") && found.attributes.contains_key("format"));
    }
}

#[test]
fn the_order_of_rows_and_segments_changes_nothing() {
    let panel = two_kinds(7);
    let mut shuffled = panel.clone();
    shuffled.segments.reverse();
    shuffled.cells.rotate_left(13);
    for cell in &mut shuffled.cells {
        cell.segment = panel.segments.len() - 1 - cell.segment;
    }
    let settings = Settings::default();
    let (first, second) =
        (group(&panel, &settings, Seed(5)).unwrap(), group(&shuffled, &settings, Seed(5)).unwrap());
    assert_eq!(first, second);
    assert_eq!(first.panel(&panel), second.panel(&shuffled));
}

#[test]
fn grouped_cells_add_up_to_the_ungrouped() {
    let panel = two_kinds(5);
    let grouping = group(&panel, &Settings::default(), Seed(1)).unwrap();
    let grouped = grouping.panel(&panel);
    assert_eq!(grouped.segments.len(), grouping.groups.len());
    assert_eq!(grouped.cells.len(), 4 * grouped.segments.len());
    assert!((grouped.spend() - panel.spend()).abs() < 1e-9);
    let clicks = |panel: &Panel| -> f64 {
        panel.cells.iter().filter_map(|cell| cell.actions.get(Action::LinkClicks)).sum()
    };
    assert_eq!(clicks(&grouped), clicks(&panel));
    assert!(grouped.cells.iter().all(|cell| cell.reach.is_none()));
    assert!(grouped.segments.windows(2).all(|pair| pair[0].id < pair[1].id));
}

#[test]
fn a_number_that_is_asked_for_is_kept_or_refused() {
    let panel = two_kinds(6);
    let asked = |groups| Settings { groups: Some(groups), ..Settings::default() };
    for groups in [2, 3, 4] {
        let grouping = group(&panel, &asked(groups), Seed(1)).unwrap();
        assert_eq!(grouping.groups.len(), groups);
    }
    let too_few = group(&panel, &asked(1), Seed(1));
    assert!(matches!(too_few, Err(GroupError::Number { found: 1, least: 2, .. })));
    assert!(matches!(group(&panel, &asked(999), Seed(1)), Err(GroupError::Number { .. })));
    assert_eq!(group(&Panel::default(), &asked(1), Seed(1)), Err(GroupError::Empty));
}

#[test]
fn ad_sets_that_are_all_alike_are_one_group() {
    let mut panel = Panel { attributes: vec!["network".into()], ..Panel::default() };
    for i in 0..12 {
        panel.segments.push(segment(format!("s{i:02}"), &[("network", "x")]));
        panel.cells.push(cell(i, 0, 100.0, 20.0));
    }
    let grouping = group(&panel, &Settings::default(), Seed(1)).unwrap();
    assert_eq!(grouping.groups.len(), 1);
}

#[test]
fn suppressed_counts_stay_bounded_when_they_are_added() {
    let mut panel = Panel { attributes: vec!["network".into()], ..Panel::default() };
    for i in 0..2 {
        panel.segments.push(segment(format!("s{i}"), &[("network", "x")]));
        let mut hidden = cell(i, 0, 10.0, 5.0);
        hidden.censored.push(Action::LinkClicks);
        panel.cells.push(hidden);
    }
    let settings = Settings { groups: Some(1), ..Settings::default() };
    let grouped = group(&panel, &settings, Seed(1)).unwrap().panel(&panel);
    assert_eq!(grouped.cells[0].actions.get(Action::LinkClicks), Some(9.0));
    assert_eq!(grouped.cells[0].censored, [Action::LinkClicks]);
}

#[test]
fn shrunk_rates_lie_between_the_raw_and_the_pooled() {
    let (counts, exposures) = ([1.0, 400.0, 90.0, 20.0], [1.0, 100.0, 100.0, 50.0]);
    let pooled = (511.0_f64 / 251.0).ln();
    let shrunk = features::log_shrunk(&counts, &exposures);
    for ((n, e), log) in counts.iter().zip(exposures).zip(shrunk) {
        let raw = f64::ln(n / e);
        assert!(log >= raw.min(pooled) - 1e-9 && log <= raw.max(pooled) + 1e-9, "{n}/{e}");
    }
    // No excess over Poisson noise: nothing is believed.
    let same = features::log_shrunk(&[10.0, 11.0, 9.0], &[10.0, 10.0, 10.0]);
    assert!(same.iter().all(|log| log.abs() < 1e-6));
}

#[test]
fn a_group_says_what_most_of_it_is() {
    let mut panel = two_kinds(6);
    // One ad set of the video kind is a story: the group is mainly video, and says so.
    panel.segments[0].attributes.insert("format".into(), "story".into());
    let grouping = group(&panel, &Settings::default(), Seed(1)).unwrap();
    let mixed = grouping.groups.iter().find(|g| g.members[0] == panel.segments[0].id).unwrap();
    let (value, here, usual) = &mixed.mainly["format"];
    assert_eq!(value, "video");
    assert!((here - 5.0 / 6.0).abs() < 1e-12 && (usual - 11.0 / 24.0).abs() < 1e-12);
}
