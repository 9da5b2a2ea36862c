//! TikTok Ads Manager: workbooks by ad and day, `<5` for small counts of small rows, a totals row.

use rust_xlsxwriter::XlsxError;

use super::table::{Table, Value};
use super::view::{ExportFile, Shown, rate};
use crate::action::Action;
use crate::generate::delivery::Line;

const HEADER: [&str; 17] = [
    "Campaign name",
    "Ad Group Name",
    "Ad name",
    "Date",
    "Cost",
    "Impressions",
    "Reach",
    "Frequency",
    "CPM",
    "Clicks (destination)",
    "CTR (destination)",
    "Video views",
    "Paid likes",
    "Paid comments",
    "Paid shares",
    "Paid followers",
    "Currency",
];

/// Rows with fewer impressions than this have their small counts masked.
const MASKED_BELOW: f64 = 45.0;

/// Counts below this are masked in such rows.
const SMALL: f64 = 5.0;

/// One workbook per half of the history.
pub(super) fn files(told: &Shown<'_>) -> Result<Vec<ExportFile>, XlsxError> {
    let [_, older, newer] = told.weeks();
    let mut files = Vec::new();
    for weeks in [older, newer] {
        let lines = told.lines("tiktok", weeks.clone());
        if lines.is_empty() {
            continue;
        }
        let mut rows: Vec<Vec<Value>> = lines.iter().map(|line| row(told, line)).collect();
        rows.push(total(&lines));
        let table = Table { header: HEADER.map(str::to_owned).to_vec(), rows };
        let created = told.world.first_week().plus(weeks.end as i64).monday();
        files.push(ExportFile {
            name: format!("tiktok_{}_GMT+1.xlsx", told.span(&weeks)),
            rows: lines.len(),
            bytes: table.xlsx("Sheet1", created)?,
        });
    }
    Ok(files)
}

fn row(told: &Shown<'_>, line: &Line) -> Vec<Value> {
    let ad = &told.delivery.ads[line.ad];
    let set = &told.delivery.ad_sets[ad.set];
    let mut row = vec![
        Value::from(set.campaign.as_str()),
        set.name.as_str().into(),
        ad.name.as_str().into(),
        line.start.to_string().into(),
    ];
    row.extend(figures(&[line], line.impressions < MASKED_BELOW));
    row
}

/// Cells from the cost on; `masked` hides small counts and the reach.
fn figures(lines: &[&Line], masked: bool) -> Vec<Value> {
    let sum = |of: &dyn Fn(&Line) -> f64| lines.iter().map(|line| of(line)).sum::<f64>();
    let count = |n: f64| {
        if masked && n > 0.0 && n < SMALL { Value::from("<5") } else { Value::from(n) }
    };
    let kind = |action: Action| count(sum(&|line| line.get(action)));
    let cents: i64 = lines.iter().map(|line| line.cents).sum();
    let (spend, impressions) = (cents as f64 / 100.0, sum(&|line| line.impressions));
    let clicks = sum(&|line| line.get(Action::LinkClicks));
    // People are not additive over rows, so the totals row has none; masked rows have none either.
    let people = (!masked && lines.len() == 1).then(|| lines[0].reach);
    let or_missing = |value: Option<f64>| value.map_or(Value::from("--"), Value::from);
    vec![
        spend.into(),
        impressions.into(),
        or_missing(people),
        or_missing(people.map(|reach| rate(impressions, reach, 2))),
        rate(1000.0 * spend, impressions, 2).into(),
        count(clicks),
        if masked { "--".into() } else { rate(100.0 * clicks, impressions, 2).into() },
        (0.62 * impressions).round().into(),
        kind(Action::Reactions),
        kind(Action::Comments),
        kind(Action::Shares),
        kind(Action::Follows),
        "EUR".into(),
    ]
}

fn total(lines: &[&Line]) -> Vec<Value> {
    let mut row = vec![Value::from(format!("Total of {} results", lines.len()))];
    row.extend((0..3).map(|_| Value::from("-")));
    row.extend(figures(lines, false));
    row
}
