//! Snapchat Ads Manager: a CSV by ad and day, and the same stretch exported once more later,
//! when late actions had come in.

use csv::QuoteStyle;

use super::table::{Table, Value};
use super::view::{ExportFile, Shown, rate};
use crate::action::Action;
use crate::generate::delivery::Line;
use crate::generate::draw;
use crate::random::Purpose;

const HEADER: [&str; 14] = [
    "Start Time",
    "End Time",
    "Campaign Name",
    "Ad Set Name",
    "Ad Id",
    "Ad Name",
    "Amount Spent",
    "Paid Impressions",
    "Paid Reach",
    "Paid eCPM",
    "Clicks",
    "Shares",
    "Saves",
    "Currency",
];

/// The earlier export stops this many weeks before the end …
const STOPS_BEFORE_END: usize = 4;

/// … and the later one starts this many weeks before the end.
const STARTS_BEFORE_END: usize = 8;

/// Share of actions that the earlier export already knew in its latest weeks.
const ALREADY_COUNTED: f64 = 0.96;

/// Two exports that overlap by four weeks; the later one is right.
pub(super) fn files(told: &Shown<'_>) -> Vec<ExportFile> {
    let weeks = told.world.spec().weeks;
    let late = weeks.saturating_sub(STARTS_BEFORE_END);
    let early = 0..weeks.saturating_sub(STOPS_BEFORE_END);
    let drafts: Vec<Line> = told
        .lines("snapchat", early.clone())
        .into_iter()
        .map(|line| if line.week < late { line.clone() } else { draft(told, line) })
        .collect();
    let earlier = export(told, &drafts.iter().collect::<Vec<_>>(), &early);
    let later = export(told, &told.lines("snapchat", late..weeks), &(late..weeks));
    [earlier, later].into_iter().flatten().collect()
}

/// A row as it was before late actions came in.
fn draft(told: &Shown<'_>, line: &Line) -> Line {
    let key =
        (5 << 32) + line.ad as u64 * 100_000 + u64::from(line.start.day_of_year().unsigned_abs());
    let mut rng = told.world.seed().stream(Purpose::Generate, key);
    let actions = line.actions.map(|n| draw::binomial(&mut rng, n, ALREADY_COUNTED));
    Line { actions, ..line.clone() }
}

fn export(told: &Shown<'_>, lines: &[&Line], weeks: &std::ops::Range<usize>) -> Option<ExportFile> {
    let table = Table {
        header: HEADER.map(str::to_owned).to_vec(),
        rows: lines.iter().map(|line| row(told, line)).collect(),
    };
    (!lines.is_empty()).then(|| ExportFile {
        name: format!("snapchat_{}.csv", told.span(weeks)),
        rows: lines.len(),
        bytes: table.csv(b',', QuoteStyle::Necessary).into_bytes(),
    })
}

fn row(told: &Shown<'_>, line: &Line) -> Vec<Value> {
    let ad = &told.delivery.ads[line.ad];
    let set = &told.delivery.ad_sets[ad.set];
    let clicks = line.get(Action::LinkClicks);
    vec![
        line.start.to_string().into(),
        line.end.to_string().into(),
        set.campaign.as_str().into(),
        set.name.as_str().into(),
        format!("{:08x}", ad.id).into(),
        ad.name.as_str().into(),
        line.spend().into(),
        line.impressions.into(),
        line.reach.into(),
        rate(1000.0 * line.spend(), line.impressions, 2).into(),
        clicks.into(),
        line.get(Action::Shares).into(),
        line.get(Action::Saves).into(),
        "EUR".into(),
    ]
}
