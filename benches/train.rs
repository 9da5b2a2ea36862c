//! What learning costs: from scratch, and again after one more week. Sizes are segments × weeks.

#![allow(clippy::print_stdout, reason = "a bench tells its figures")]

use std::collections::BTreeMap;

use relais::action::{Action, Counts};
use relais::panel::{Cell, Panel, Period};
use relais::random::Seed;
use relais::segment::Segment;
use relais::train::{Specification, fit};
use relais::units::Week;

fn main() {
    divan::main();
}

/// Saturating responses with a fixed wobble: the work of a fit hardly depends on the noise.
fn panel(segments: usize, weeks: usize) -> Panel {
    let first: Week = "2024-W01".parse().expect("a week");
    let mut panel = Panel { actions: vec![Action::Clicks], ..Panel::default() };
    for i in 0..segments {
        let attributes = BTreeMap::from([
            ("network".to_owned(), format!("n{}", i % 4)),
            ("age".to_owned(), format!("a{}", i / 4 % 5)),
            ("territory".to_owned(), format!("t{:03}", i / 20 % 100)),
        ]);
        panel.segments.push(Segment { id: format!("s{i:06}"), attributes });
        for t in 0..weeks {
            let wobble = ((i * 7919 + t * 104_729) % 1009) as f64 / 1009.0;
            let spend = 100.0 * (0.3 + 1.4 * wobble);
            let noise = 0.8 + 0.4 * (((i * 31 + t * 17) % 101) as f64 / 101.0);
            let week = first.plus(t as i64);
            let mut actions = Counts::default();
            let scale = 80.0 + (i % 7) as f64 * 20.0;
            actions.set(Action::Clicks, Some((300.0 * noise * spend / (spend + scale)).round()));
            panel.cells.push(Cell {
                segment: i,
                period: Some(Period { start: week.monday(), end: week.sunday() }),
                spend,
                impressions: None,
                reach: None,
                actions,
                censored: Vec::new(),
                at_least: Counts::default(),
                from_breakdown: false,
                new_creative: false,
                designed: false,
            });
        }
    }
    panel
}

#[divan::bench(args = [(40, 104), (400, 52), (4_000, 52), (20_000, 52)], sample_count = 1, sample_size = 1)]
fn from_scratch(bencher: divan::Bencher<'_, '_>, (segments, weeks): (usize, usize)) {
    let (panel, specification) = (panel(segments, weeks), Specification::default());
    bencher.bench_local(|| fit(&panel, &specification, Seed(1)).expect("a fit"));
}

#[divan::bench(args = [(40, 104), (400, 52)], sample_count = 3, sample_size = 1)]
fn after_one_more_week(bencher: divan::Bencher<'_, '_>, (segments, weeks): (usize, usize)) {
    let mut before = panel(segments, weeks + 1);
    let after = before.clone();
    let last = after.span().expect("dated").end;
    before.cells.retain(|cell| cell.period.is_some_and(|period| period.end < last));
    let model = fit(&before, &Specification::default(), Seed(1)).expect("a fit");
    bencher.bench_local(|| model.refit(&after, Seed(1)).expect("a fit"));
}
