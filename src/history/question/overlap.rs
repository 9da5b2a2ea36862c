//! Views of the same money whose windows or breakdowns differ: no view's rounding becomes a cell,
//! and every total is the export's.

use Attribute::{AdSet, Age, Campaign, Creative, Gender};
use proptest::prelude::*;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::action::{Action, Counts};
use crate::history::row::{Level, Row};
use crate::history::tests::{NET, by, history, import, row, split};
use crate::history::{HistoryError, PanelOptions};
use crate::panel::{Cell, PanelNote};
use crate::segment::Attribute;

/// How a view writes its amounts.
#[derive(Debug, Clone, Copy)]
enum Writing {
    /// Parts of a float division, with all its digits.
    Float,
    /// Rounded to the cent, part by part.
    Cent,
}

/// One export of some money.
#[derive(Debug, Clone)]
struct View {
    by: Option<Attribute>,
    /// Relative sizes of its parts.
    sizes: Vec<u32>,
    days: (i64, i64),
    writing: Writing,
    /// It has a column of saves.
    saves: bool,
}

fn view() -> impl Strategy<Value = View> {
    let attribute =
        prop_oneof![Just(None), Just(Some(Age)), Just(Some(Gender)), Just(Some(Creative))];
    let writing = prop_oneof![Just(Writing::Float), Just(Writing::Cent)];
    let sizes = proptest::collection::vec(1_u32..60, 1..7);
    (attribute, sizes, 0_i64..20, 40_i64..60, writing, any::<bool>()).prop_map(
        |(by, sizes, start, end, writing, saves)| {
            let sizes = if by.is_some() { sizes } else { vec![1] };
            View { by, sizes, days: (start, end), writing, saves }
        },
    )
}

/// Whole counts whose sum is the whole, about in proportion to sizes.
fn shared(whole: u32, sizes: &[u32]) -> Vec<u32> {
    let all: u32 = sizes.iter().sum();
    let mut counts: Vec<u32> = sizes.iter().map(|size| whole * size / all).collect();
    counts[0] += whole - counts.iter().sum::<u32>();
    counts
}

impl View {
    /// The rows of an ad set that spent some cents and brought some clicks.
    fn rows(&self, set: &str, cents: u32, clicks: u32) -> Vec<Row> {
        let all: u32 = self.sizes.iter().sum();
        let money = shared(cents, &self.sizes);
        let counts = shared(clicks, &self.sizes);
        let saves = shared(clicks / 3, &self.sizes);
        (0..self.sizes.len())
            .map(|i| {
                let spend = match self.writing {
                    Writing::Float => {
                        let part = f64::from(cents) / 100.0 * f64::from(self.sizes[i]);
                        format!("{:.14}", part / f64::from(all))
                    }
                    Writing::Cent => Decimal::new(money[i].into(), 2).to_string(),
                };
                let value = format!("value {i}");
                let mut pairs = vec![NET, (Campaign, "C"), (AdSet, set)];
                pairs.extend(self.by.map(|attribute| (attribute, value.as_str())));
                let mut row = row(Level::AdSet, &pairs, self.days, &spend);
                row.impressions = Some(40.0 * f64::from(counts[i]));
                row.actions = Counts::default();
                row.actions.set(Action::LinkClicks, Some(f64::from(counts[i])));
                if self.saves {
                    row.actions.set(Action::Saves, Some(f64::from(saves[i])));
                }
                by(row, self.by.as_slice())
            })
            .collect()
    }
}

fn sum(cells: &[Cell], of: impl Fn(&Cell) -> Option<f64>) -> f64 {
    cells.iter().filter_map(of).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_total_is_the_exports_and_no_rounding_becomes_a_cell(
        views in proptest::collection::vec(view(), 1..4),
        sets in proptest::collection::vec((50_000_u32..5_000_000, 40_u32..4000), 1..4),
    ) {
        let (_folder, mut history) = history();
        // Two reports on the same things may contradict each other; these are views of one truth.
        let mut views = views;
        let mut seen = std::collections::BTreeSet::new();
        views.retain(|view| seen.insert(view.by));
        for (i, view) in views.iter().enumerate() {
            let named = |(n, (cents, clicks)): (usize, &(u32, u32))| {
                view.rows(&format!("S{n}"), *cents, *clicks)
            };
            let rows: Vec<Row> = sets.iter().enumerate().flat_map(named).collect();
            import(&mut history, &format!("view {i}"), &rows);
        }
        let cents: u32 = sets.iter().map(|set| set.0).sum();
        let clicks: u32 = sets.iter().map(|set| set.1).sum();
        let saves: u32 = sets.iter().map(|set| set.1 / 3).sum();
        for split_by in [&[AdSet][..], &[AdSet, Age], &[Attribute::Network, Creative]] {
            let report = history.panel(&split(split_by)).unwrap();
            let cells = &report.panel.cells;
            let spend = report.spend.to_f64().unwrap();
            prop_assert!((spend - f64::from(cents) / 100.0).abs() < 0.005, "{spend}");
            let found = sum(cells, |cell| cell.actions.get(Action::LinkClicks));
            prop_assert!((found - f64::from(clicks)).abs() < 1e-6, "{found} of {clicks} clicks");
            let found = sum(cells, |cell| cell.impressions);
            prop_assert!((found - 40.0 * f64::from(clicks)).abs() < 1e-3, "{found} impressions");
            if views.iter().any(|view| view.saves) {
                let found = sum(cells, |cell| cell.actions.get(Action::Saves));
                prop_assert!((found - f64::from(saves)).abs() < 1e-6, "{found} of {saves} saves");
            }
            for cell in cells {
                // The least part of a view has a sixtieth of a sixth of 500 €.
                prop_assert!(cell.spend >= 0.5, "{:?}", cell);
            }
        }
    }
}

#[test]
fn dust_beside_a_view_of_another_window_is_no_cell() {
    let (_folder, mut history) = history();
    let part = |attribute, value, days, spend, clicks| {
        let pairs = [NET, (Campaign, "C"), (AdSet, "S"), (attribute, value)];
        let mut row = by(row(Level::AdSet, &pairs, days, spend), &[attribute]);
        row.actions.set(Action::Shares, Some(clicks));
        row
    };
    let ages = [
        part(Age, "18-24", (14, 90), "60.15923956721164", 40.0),
        part(Age, "25-34", (14, 90), "40.12345678901234", 20.0),
    ];
    let texts = [
        part(Creative, "a", (0, 90), "50.14134817811200", 30.0),
        part(Creative, "b", (0, 90), "50.14134817811199", 37.0),
    ];
    import(&mut history, "ages", &ages);
    import(&mut history, "texts", &texts);
    let report = history.panel(&split(&[AdSet])).unwrap();
    let cells = &report.panel.cells;
    assert_eq!(cells.len(), 1, "{cells:?}");
    assert_eq!(report.spend, "100.28269635622399".parse().unwrap());
    assert_eq!(report.not_broken_down, Decimal::ZERO);
    // The seven shares that the ages do not account for stay with the money that bought them.
    assert!((cells[0].actions.get(Action::Shares).unwrap() - 67.0).abs() < 1e-9);
}

#[test]
fn a_total_tells_what_its_parts_hide() {
    let (_folder, mut history) = history();
    let part = |age, spend, clicks: Option<f64>| {
        let pairs = [NET, (Campaign, "C"), (Age, age)];
        let mut row = by(row(Level::Campaign, &pairs, (0, 6), spend), &[Age]);
        row.actions.set(Action::Shares, Some(clicks.unwrap_or(5.0)));
        row.censored = if clicks.is_none() { vec![Action::Shares] } else { Vec::new() };
        row
    };
    let ages =
        [part("18-24", "60", Some(20.0)), part("25-34", "30", None), part("35-44", "10", None)];
    import(&mut history, "ages", &ages);
    let shares = |history: &crate::history::store::open::History, age: usize| {
        let report = history.panel(&split(&[Age])).unwrap();
        report.panel.cells[age].range(Action::Shares).unwrap()
    };
    assert_eq!([0, 1, 2].map(|age| shares(&history, age)), [(20.0, 20.0), (0.0, 4.0), (0.0, 4.0)]);
    let mut total = row(Level::Campaign, &[NET, (Campaign, "C")], (0, 6), "100");
    total.actions.set(Action::Shares, Some(26.0));
    total.impressions = Some(3000.0);
    import(&mut history, "total", &[total]);
    let found = [0, 1, 2].map(|age| shares(&history, age));
    // Six are hidden, at most four with the 30 € and by money 4.5 there: four, and two with 10 €.
    for (found, expected) in found.into_iter().zip([20.0, 4.0, 2.0]) {
        assert!((found.0 - expected).abs() < 1e-9 && found.0 == found.1, "{found:?} {expected}");
    }
}

#[test]
fn small_counts_that_an_export_hides_are_found_and_kept_as_limits() {
    let (_folder, mut history) = history();
    let rows: Vec<Row> = (0..120)
        .map(|i| {
            let mut row = row(Level::Campaign, &[NET, (Campaign, "C")], (7 * i, 7 * i + 6), "9");
            // Counts from 0 to 9, those below 5 written as zeros or not at all.
            let count = (i * 7 % 10) as f64;
            let shown = if count >= 5.0 { Some(count) } else { None };
            row.actions.set(Action::Shares, shown.or((i % 2 == 0).then_some(0.0)));
            row.actions.set(Action::Comments, Some((i % 3) as f64));
            row
        })
        .collect();
    import(&mut history, "a", &rows);
    let panel = history.panel(&split(&[Attribute::Network])).unwrap().panel;
    let found = PanelNote::HiddenCounts {
        network: "linkedin".to_owned(),
        kind: Action::Shares,
        below: 5,
        rows: 60,
    };
    assert_eq!(panel.notes, [found]);
    for (cell, row) in panel.cells.iter().zip(&rows) {
        let shown = row.actions.get(Action::Shares).filter(|count| *count > 0.0);
        let range = shown.map_or((0.0, 4.0), |count| (count, count));
        assert_eq!(cell.range(Action::Shares), Some(range));
        assert!(!cell.censored.contains(&Action::Comments));
    }
    // What is stored stays what was read.
    let shown: f64 = rows.iter().filter_map(|row| row.actions.get(Action::Shares)).sum();
    assert_eq!(history.totals().unwrap().actions[&Action::Shares], shown);
}

#[test]
fn two_attribution_windows_are_told_and_one_is_kept_on_request() {
    let (_folder, mut history) = history();
    let at = |i: i64, window: Option<&str>| {
        let mut row = row(Level::Campaign, &[NET, (Campaign, "C")], (7 * i, 7 * i + 6), "10");
        row.attributes[Attribute::Attribution.index()] = window.map(Into::into);
        row
    };
    let (long, short) = ("7-day click, 1-day view", "1-day click");
    import(&mut history, "a", &[at(0, Some(long)), at(1, Some(long)), at(2, None)]);
    assert_eq!(history.windows().unwrap(), []);
    import(&mut history, "b", &[at(3, Some(short))]);
    let told = PanelNote::AttributionWindows {
        network: "linkedin".to_owned(),
        windows: vec![short.to_owned(), long.to_owned()],
    };
    assert_eq!(history.windows().unwrap(), std::slice::from_ref(&told));
    let all = split(&[Attribute::Network]);
    assert_eq!(history.panel(&all).unwrap().panel.notes, [told]);
    let one = |window: &str| PanelOptions { attribution: Some(window.to_owned()), ..all.clone() };
    let kept = history.panel(&one("7-Day click or 1-day view")).unwrap();
    assert_eq!(kept.spend, Decimal::from(30));
    assert!(matches!(&kept.panel.notes[..], [PanelNote::OtherWindows { rows: 1, .. }]));
    let missing = history.panel(&one("28-day click"));
    assert!(matches!(missing, Err(HistoryError::NoSuchWindow { known, .. }) if known.len() == 2));
    // A newer export of the same week under the other window takes its place.
    import(&mut history, "c", &[at(3, Some(long))]);
    assert_eq!(history.windows().unwrap(), []);
}
