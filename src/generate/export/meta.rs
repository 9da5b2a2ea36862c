//! Meta Ads Manager: Facebook in French (a workbook by day, then CSV by week), Instagram in
//! English (a workbook by day, CSV by week with a totals row under the header, and one campaign by
//! age and gender).

use csv::QuoteStyle;
use rust_xlsxwriter::XlsxError;

use super::table::{Table, Value};
use super::view::{ExportFile, Shown, rate};
use crate::action::Action;
use crate::generate::delivery::Line;
use crate::generate::draw;
use crate::random::Purpose;
use crate::segment::Attribute;

/// A column: its French name, its English name, its cell.
type Column = (&'static str, &'static str, fn(&Shown<'_>, &Line) -> Value);

const NAMES: [Column; 6] = [
    ("Début des rapports", "Reporting starts", |_, line| line.start.to_string().into()),
    ("Fin des rapports", "Reporting ends", |_, line| line.end.to_string().into()),
    ("Nom de la campagne", "Campaign name", |told, line| {
        told.delivery.ad_sets[told.delivery.ads[line.ad].set].campaign.clone().into()
    }),
    ("Nom de l\u{2019}ensemble de publicités", "Ad set name", |told, line| {
        told.delivery.ad_sets[told.delivery.ads[line.ad].set].name.clone().into()
    }),
    ("Nom de la publicité", "Ad name", |told, line| {
        told.delivery.ads[line.ad].name.clone().into()
    }),
    ("Diffusion de la publicité", "Ad delivery", |_, _| "completed".into()),
];

const FIGURES: [Column; 16] = [
    ("Résultats", "Results", |_, line| Value::count(line.get(Action::LinkClicks))),
    ("Indicateur de résultats", "Result indicator", |_, line| {
        if line.get(Action::LinkClicks) > 0.0 { "actions:link_click".into() } else { Value::Empty }
    }),
    ("Couverture", "Reach", |_, line| line.reach.into()),
    ("Impressions", "Impressions", |_, line| line.impressions.into()),
    ("Répétition", "Frequency", |_, line| rate(line.impressions, line.reach, 6).into()),
    ("Montant dépensé (EUR)", "Amount spent (EUR)", |_, line| line.spend().into()),
    (
        "CPM (Coût pour 1\u{a0}000 impressions) (EUR)",
        "CPM (cost per 1,000 impressions) (EUR)",
        |_, line| rate(1000.0 * line.spend(), line.impressions, 6).into(),
    ),
    ("Coût par résultat", "Cost per results", |_, line| {
        let results = line.get(Action::LinkClicks);
        if results > 0.0 { rate(line.spend(), results, 13).into() } else { Value::Empty }
    }),
    ("Clics (tous)", "Clicks (all)", |_, line| Value::count(clicks(line))),
    ("Clics sur un lien", "Link clicks", |_, line| Value::count(line.get(Action::LinkClicks))),
    ("Interactions avec la publication", "Post engagements", |_, line| {
        Value::count(interactions(line))
    }),
    ("Réactions à une publication", "Post reactions", |_, line| {
        Value::count(line.get(Action::Reactions))
    }),
    ("Commentaires sur la publication", "Post comments", |_, line| {
        Value::count(line.get(Action::Comments))
    }),
    ("Partages de publications", "Post shares", |_, line| Value::count(line.get(Action::Shares))),
    ("Enregistrements de publications", "Post saves", |_, line| {
        Value::count(line.get(Action::Saves))
    }),
    // Each network has its own name for a follow; `follows` puts it in.
    ("", "", |_, line| Value::count(line.get(Action::Follows))),
];

/// All clicks: on links, and on whatever else can be clicked.
fn clicks(line: &Line) -> f64 {
    line.get(Action::LinkClicks) + line.get(Action::Reactions) + line.get(Action::Comments)
}

/// Meta's ready total: mostly passive.
fn interactions(line: &Line) -> f64 {
    let kinds = [Action::Reactions, Action::Comments, Action::Shares, Action::Saves];
    line.get(Action::LinkClicks) + kinds.iter().map(|kind| line.get(*kind)).sum::<f64>()
}

/// Facebook, in French: the older year by day as a workbook, the newer by week as CSV.
pub(super) fn facebook(told: &Shown<'_>) -> Result<Vec<ExportFile>, XlsxError> {
    let [_, older, newer] = told.weeks();
    let french = |weeks: &std::ops::Range<usize>| {
        let lines = told.lines("facebook", weeks.clone());
        table(told, &lines, |column| column.0, "J\u{2019}aime sur Facebook")
    };
    let mut files = Vec::new();
    let table = french(&older);
    if !table.rows.is_empty() {
        let created = told.world.first_week().plus(older.end as i64).monday();
        let name = format!("meta-facebook_{}_jour.xlsx", told.span(&older));
        files.push(file(name, table.rows.len(), table.xlsx("Worksheet", created)?));
    }
    let table = french(&newer);
    if !table.rows.is_empty() {
        let name = format!("meta-facebook_{}_semaine.csv", told.span(&newer));
        let text = format!("\u{feff}{}", table.csv(b',', QuoteStyle::Necessary));
        files.push(file(name, table.rows.len(), text.into_bytes()));
    }
    Ok(files)
}

/// Instagram, in English: by day, by week, and one campaign of the newer year once more by age
/// and gender.
pub(super) fn instagram(told: &Shown<'_>) -> Result<Vec<ExportFile>, XlsxError> {
    let [_, older, newer] = told.weeks();
    let english = |lines: &[&Line]| table(told, lines, |column| column.1, "Instagram follows");
    let mut files = Vec::new();
    let lines = told.lines("instagram", older.clone());
    if !lines.is_empty() {
        let created = told.world.first_week().plus(older.end as i64).monday();
        let name = format!("meta-instagram_{}_by-day.xlsx", told.span(&older));
        files.push(file(name, lines.len(), english(&lines).xlsx("Worksheet", created)?));
    }
    let lines = told.lines("instagram", newer.clone());
    if !lines.is_empty() {
        let mut table = english(&lines);
        table.rows.insert(0, totals(&lines));
        let name = format!("meta-instagram_{}_by-week.csv", told.span(&newer));
        let text = table.csv(b',', QuoteStyle::Necessary);
        files.push(file(name, lines.len(), text.into_bytes()));
    }
    files.extend(by_age_and_gender(told, newer));
    Ok(files)
}

fn file(name: String, rows: usize, bytes: Vec<u8>) -> ExportFile {
    ExportFile { name, rows, bytes }
}

fn table(
    told: &Shown<'_>,
    lines: &[&Line],
    name: fn(&Column) -> &'static str,
    follows: &'static str,
) -> Table {
    let columns: Vec<Column> = NAMES.iter().chain(&FIGURES).copied().collect();
    let header = columns.iter().map(name).map(|name| if name.is_empty() { follows } else { name });
    Table {
        header: header.map(str::to_owned).collect(),
        rows: lines
            .iter()
            .map(|line| columns.iter().map(|(_, _, cell)| cell(told, line)).collect())
            .collect(),
    }
}

/// The row under the header of an English report: sums, but people counted once.
fn totals(lines: &[&Line]) -> Vec<Value> {
    let sum = |of: &dyn Fn(&Line) -> f64| lines.iter().map(|line| of(line)).sum::<f64>();
    let cents: i64 = lines.iter().map(|line| line.cents).sum();
    let impressions = sum(&|line| line.impressions);
    // The account's people are fewer than the rows' added up.
    let reach = (0.55 * sum(&|line| line.reach)).round();
    let spend = cents as f64 / 100.0;
    let clicked = sum(&|line| line.get(Action::LinkClicks));
    let kind = |action: Action| Value::count(sum(&|line| line.get(action)));
    let start = lines.iter().map(|line| line.start).min().map_or(String::new(), |d| d.to_string());
    let end = lines.iter().map(|line| line.end).max().map_or(String::new(), |d| d.to_string());
    vec![
        start.into(),
        end.into(),
        Value::Empty,
        Value::Empty,
        Value::Empty,
        0.0.into(),
        Value::Empty,
        Value::Empty,
        reach.into(),
        impressions.into(),
        rate(impressions, reach, 6).into(),
        spend.into(),
        rate(1000.0 * spend, impressions, 6).into(),
        if clicked > 0.0 { rate(spend, clicked, 13).into() } else { Value::Empty },
        Value::count(sum(&clicks)),
        Value::count(clicked),
        Value::count(sum(&interactions)),
        kind(Action::Reactions),
        kind(Action::Comments),
        kind(Action::Shares),
        kind(Action::Saves),
        kind(Action::Follows),
    ]
}

/// Shares of delivery by gender: the platform's doing, not the planner's.
const GENDERS: [(&str, f64); 3] = [("female", 0.55), ("male", 0.43), ("unknown", 0.02)];

/// One campaign's ads of the newer year by age and gender. Small rows of `unknown` are held back
/// by the platform, so the parts add up to a little less than the whole.
fn by_age_and_gender(told: &Shown<'_>, weeks: std::ops::Range<usize>) -> Option<ExportFile> {
    let lines = told.lines("instagram", weeks.clone());
    let set = |line: &Line| &told.delivery.ad_sets[told.delivery.ads[line.ad].set];
    let campaign = lines.iter().map(|line| set(line).campaign.as_str()).min()?;
    let lines: Vec<&Line> =
        lines.iter().copied().filter(|line| set(line).campaign == campaign).collect();
    let parts: Vec<(String, &str, Line)> =
        lines.iter().flat_map(|line| genders(told, line)).collect();
    let mut table = table(
        told,
        &parts.iter().map(|(_, _, line)| line).collect::<Vec<_>>(),
        |column| column.1,
        "Instagram follows",
    );
    table.header.splice(5..5, ["Age".to_owned(), "Gender".to_owned()]);
    for (row, (age, gender, _)) in table.rows.iter_mut().zip(&parts) {
        row.splice(5..5, [Value::from(age.as_str()), Value::from(*gender)]);
    }
    let name = format!("meta-instagram_{}_by-week_age-gender.csv", told.span(&weeks));
    let text = table.csv(b',', QuoteStyle::Necessary);
    Some(file(name, parts.len(), text.into_bytes()))
}

/// One row divided over genders; its audience has one age band, its own.
fn genders<'a>(told: &Shown<'_>, line: &Line) -> Vec<(String, &'a str, Line)> {
    let key = (4 << 32) + line.ad as u64 * 1000 + line.week as u64;
    let mut rng = told.world.seed().stream(Purpose::Generate, key);
    let shares: Vec<f64> = GENDERS.iter().map(|(_, share)| *share).collect();
    let mut split = |count: f64| draw::multinomial(&mut rng, count, &shares);
    let (cents, impressions) = (split(line.cents as f64), split(line.impressions));
    let actions: Vec<Vec<f64>> = line.actions.iter().map(|count| split(*count)).collect();
    let age = told.world.segments()[line.segment].get(Attribute::Age).unwrap_or_default();
    GENDERS
        .iter()
        .enumerate()
        .map(|(i, (gender, share))| {
            let part = Line {
                cents: cents[i] as i64,
                impressions: impressions[i],
                reach: (line.reach * share).round().clamp(impressions[i].min(1.0), impressions[i]),
                actions: std::array::from_fn(|kind| actions[kind][i]),
                ..line.clone()
            };
            (age.to_owned(), *gender, part)
        })
        .filter(|(_, gender, part)| *gender != "unknown" || part.impressions >= 100.0)
        .collect()
}
