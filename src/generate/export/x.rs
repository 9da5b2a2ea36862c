//! X Ads: a CSV by campaign and day, without reach, without currency, with a total at the end.

use csv::QuoteStyle;

use super::table::{Table, Value};
use super::view::{ExportFile, Shown, rate};
use crate::action::Action;
use crate::generate::delivery::Line;

const HEADER: [&str; 19] = [
    "ID",
    "Campaign",
    "Campaign URL",
    "Time",
    "Campaign start date",
    "Campaign end date",
    "Spend",
    "Impressions",
    "Engagements",
    "Billed engagements",
    "Reposts",
    "Replies",
    "Follows",
    "Clicks",
    "Media engagements",
    "Likes",
    "Unfollows",
    "Engagement rate",
    "Link clicks",
];

/// The network's one file; in X Ads the campaign carries the audience.
pub(super) fn files(told: &Shown<'_>) -> Vec<ExportFile> {
    let [all, _, _] = told.weeks();
    let lines = told.lines("x", all.clone());
    if lines.is_empty() {
        return Vec::new();
    }
    let mut rows: Vec<Vec<Value>> = lines.iter().map(|line| row(told, line)).collect();
    rows.push(total(&lines));
    let table = Table { header: HEADER.map(str::to_owned).to_vec(), rows };
    vec![ExportFile {
        name: format!("x-ads_{}.csv", told.span(&all)),
        rows: lines.len(),
        bytes: table.csv(b',', QuoteStyle::Necessary).into_bytes(),
    }]
}

fn engagements(line: &Line) -> f64 {
    let kinds = [Action::Shares, Action::Comments, Action::LinkClicks, Action::Reactions];
    kinds.iter().map(|kind| line.get(*kind)).sum::<f64>() + line.get(Action::Follows)
}

fn row(told: &Shown<'_>, line: &Line) -> Vec<Value> {
    let set = &told.delivery.ad_sets[told.delivery.ads[line.ad].set];
    let first = told.world.first_week().monday();
    let last = told.world.flight_start().monday();
    let mut row = vec![
        Value::from(format!("x{}", set.id)),
        set.name.clone().into(),
        format!("https://ads.example/c/x{}", set.id).into(),
        line.start.to_string().into(),
        first.to_string().into(),
        last.to_string().into(),
    ];
    row.extend(figures(&[line]));
    row
}

fn figures(lines: &[&Line]) -> Vec<Value> {
    let sum = |of: &dyn Fn(&Line) -> f64| lines.iter().map(|line| of(line)).sum::<f64>();
    let cents: i64 = lines.iter().map(|line| line.cents).sum();
    let kind = |action: Action| Value::from(sum(&|line| line.get(action)));
    let (impressions, engaged) = (sum(&|line| line.impressions), sum(&engagements));
    vec![
        (cents as f64 / 100.0).into(),
        thousands(impressions).into(),
        engaged.into(),
        engaged.into(),
        kind(Action::Shares),
        kind(Action::Comments),
        kind(Action::Follows),
        sum(&|line| line.get(Action::LinkClicks) + line.get(Action::Reactions)).into(),
        0.0.into(),
        kind(Action::Reactions),
        0.0.into(),
        format!("{}%", rate(100.0 * engaged, impressions, 2)).into(),
        kind(Action::LinkClicks),
    ]
}

fn total(lines: &[&Line]) -> Vec<Value> {
    let mut row = vec![Value::from("Total")];
    row.extend((0..5).map(|_| Value::Empty));
    row.extend(figures(lines));
    row
}

/// `12,345`: X groups thousands in some columns.
fn thousands(count: f64) -> String {
    let digits = (count as u64).to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).expect("digits are ASCII"))
        .collect();
    groups.join(",")
}
