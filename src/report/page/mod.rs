//! The report as one HTML page: no network, no script, everything inside.

pub mod audience;
pub mod brief;
mod essential;
pub mod handout;
pub mod headline;

use self::essential::{Promise, Split, Thing};

use askama::Template;

use super::chart::Chart;
use super::error::ReportError;
use super::formatter::{Formatter, clean};
use super::report_data::ReportData;
use super::sheets::table::{Cell, Table};
use super::sheets::tables;

/// The page.
#[derive(Template)]
#[template(path = "report.html", config = "src/report/page/askama.toml")]
struct Page<'a> {
    formatter: &'a Formatter,
    style: &'static str,
    title: String,
    goal: String,
    facts: Vec<(String, String)>,
    /// What to do, in a sentence or two.
    todo: String,
    /// That findings ask for a person, when any does.
    look: Option<String>,
    promise: Promise,
    things: Vec<Thing>,
    split: Option<Split>,
    contents: Vec<(&'static str, String)>,
    plan_text: String,
    plan: String,
    plan_note: String,
    stopped: Option<String>,
    weeks: Vec<String>,
    groups: Vec<Group<'static>>,
    findings: Option<String>,
    prices: Option<String>,
    proof: String,
    hypotheses: String,
    account_text: String,
    account: String,
    data: Option<String>,
    totals: Option<String>,
    span: String,
    unused: Vec<String>,
    again: Vec<(String, String)>,
}

/// Charts and tables that answer one question.
struct Group<'a> {
    id: &'a str,
    title: String,
    text: String,
    figures: Vec<String>,
    tables: Vec<String>,
}

#[derive(Template)]
#[template(path = "table.html", config = "src/report/page/askama.toml")]
struct HtmlTable<'a> {
    id: &'a str,
    caption: &'a str,
    heads: Vec<Head<'a>>,
    rows: Vec<Vec<HtmlCell>>,
    total: Vec<HtmlCell>,
    wide: bool,
}

struct Head<'a> {
    label: &'a str,
    class: &'static str,
}

struct HtmlCell {
    text: String,
    /// `num` for numbers, `words` for sentences, `code` for fingerprints; else nothing.
    class: &'static str,
}

/// A long table: its first rows, the others folded.
#[derive(Template)]
#[template(path = "rest.html", config = "src/report/page/askama.toml")]
struct Folded {
    first: String,
    summary: String,
    rest: String,
}

#[derive(Template)]
#[template(path = "figure.html", config = "src/report/page/askama.toml")]
struct Figure<'a> {
    chart: &'a Chart,
    region: String,
    drawing: String,
    numbers: String,
    table: String,
    open: bool,
}

/// Whether a chart's numbers stand beside it at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Show {
    /// Where somebody asks for them.
    Folded,
    /// At once.
    Numbers,
}

/// How every page looks, on screen and on paper.
const STYLE: &str = include_str!("style.css");

/// Rows of a long table that stand open.
const OPEN_ROWS: usize = 12;
/// So few more are not worth a fold.
const FEW: usize = 3;

/// Questions, and the charts that answer each.
const GROUPS: [(&str, &[&str]); 4] = [
    ("change", &["split", "budget-change", "response-curves", "marginal-return"]),
    ("outcome", &["outcome-distribution", "weekly-fan", "budget-curve", "carbon-frontier"]),
    ("choice", &["weight-sensitivity", "active-or-followers", "heat-map", "week-on-week"]),
    ("quality", &["predicted-observed", "calibration", "promise-kept"]),
];

/// The whole page.
///
/// # Errors
///
/// [`ReportError::Page`] when a template does not render.
pub fn html(
    report_data: &ReportData,
    charts: &[Chart],
    formatter: &Formatter,
) -> Result<String, ReportError> {
    let campaign = report_data.plan.campaign.as_ref();
    let findings = tables::findings_in_brief(report_data, formatter);
    let prices = tables::prices(report_data, formatter)
        .map(|t| table(&t, "prices-table", formatter))
        .transpose()?;
    let groups = groups(report_data, charts, formatter)?;
    let data = tables::data(report_data, formatter);
    let page = Page {
        formatter,
        style: STYLE,
        title: campaign.map_or_else(|| formatter.text("report-untitled"), |c| clean(&c.title)),
        goal: campaign.map_or_else(String::new, |c| clean(&c.goal)),
        facts: essential::facts(report_data, formatter),
        todo: essential::todo(&report_data.plan, formatter),
        look: essential::look(&report_data.plan, formatter),
        promise: Promise::of(report_data, formatter),
        things: essential::things(report_data, formatter),
        split: Split::of(report_data, formatter),
        contents: contents(&groups, (prices.is_some(), data.is_some()), formatter),
        plan: wide_table(&tables::plan_in_brief(report_data, formatter), "plan-table", formatter)?,
        plan_note: essential::plan_note(report_data, formatter),
        stopped: tables::stopped(report_data, formatter)
            .map(|t| table(&t, "stopped-table", formatter))
            .transpose()?,
        weeks: tables::weeks_across(report_data, formatter)
            .iter()
            .enumerate()
            .map(|(i, weeks)| wide_table(weeks, &format!("weeks-table-{}", i + 1), formatter))
            .collect::<Result<_, _>>()?,
        findings: (!findings.rows.is_empty())
            .then(|| {
                folding(&findings, "findings-table", formatter, true, open_findings(report_data))
            })
            .transpose()?,
        prices,
        proof: essential::proof(report_data, formatter),
        hypotheses: table(
            &tables::hypotheses(report_data, formatter),
            "hypotheses-table",
            formatter,
        )?,
        plan_text: essential::plan_text(report_data, formatter),
        account_text: essential::account_text(report_data, formatter),
        account: wide_table(&tables::account(report_data, formatter), "account-table", formatter)?,
        data: data.map(|t| table(&t, "data-table", formatter)).transpose()?,
        totals: tables::totals(report_data, formatter)
            .map(|t| table(&t, "totals-table", formatter))
            .transpose()?,
        span: essential::span(report_data, formatter),
        unused: essential::unused(report_data, formatter),
        again: essential::again(report_data, formatter),
        groups,
    };
    rendered("report", &page)
}

/// A template's text. One that does not render is an error, never an empty page.
fn rendered(name: &'static str, template: &impl Template) -> Result<String, ReportError> {
    template.render().map_err(|trouble| ReportError::Page { name, trouble })
}

fn groups(
    report_data: &ReportData,
    charts: &[Chart],
    formatter: &Formatter,
) -> Result<Vec<Group<'static>>, ReportError> {
    let groups: Result<Vec<Group<'static>>, ReportError> = GROUPS
        .iter()
        .map(|(id, names)| {
            // The split stands on the first screen already.
            let shown: Vec<&Chart> = names
                .iter()
                .filter_map(|name| charts.iter().find(|c| c.name == *name && c.name != "split"))
                .collect();
            let text = essential::introduction(id, &shown, report_data, formatter);
            Ok(Group {
                id,
                title: formatter.text(&format!("report-section-{id}")),
                text,
                figures: shown
                    .into_iter()
                    .map(|c| figure(c, formatter, Show::Folded))
                    .collect::<Result<_, _>>()?,
                tables: if *id == "quality" {
                    model_tables(report_data, formatter)?
                } else {
                    Vec::new()
                },
            })
        })
        .collect();
    let mut groups = groups?;
    groups.retain(|group| !group.figures.is_empty() || !group.tables.is_empty());
    Ok(groups)
}

fn model_tables(
    report_data: &ReportData,
    formatter: &Formatter,
) -> Result<Vec<String>, ReportError> {
    [
        (tables::quality(report_data, formatter), "quality-table"),
        (tables::model(report_data, formatter), "model-table"),
        (
            tables::segments(report_data, formatter).map(|sheet| tables::in_words(&sheet)),
            "segments-table",
        ),
    ]
    .into_iter()
    .filter_map(|(built, id)| Some(wide_table(&built?, id, formatter)))
    .collect()
}

fn figure(chart: &Chart, formatter: &Formatter, show: Show) -> Result<String, ReportError> {
    let figure = Figure {
        chart,
        region: chart.subtitle.clone(),
        drawing: chart.inline(),
        numbers: formatter.text("report-numbers"),
        // Its fold holds the whole table.
        table: written(
            &chart.table,
            &format!("{}-table", chart.name),
            formatter,
            &Setting::default(),
        )?,
        open: show == Show::Numbers,
    };
    rendered("figure", &figure)
}

fn table(built: &Table, id: &str, formatter: &Formatter) -> Result<String, ReportError> {
    folding(built, id, formatter, false, OPEN_ROWS)
}

/// A table as part of another page.
///
/// # Errors
///
/// [`ReportError::Page`] when a template does not render.
pub fn fragment(built: &Table, id: &str, formatter: &Formatter) -> Result<String, ReportError> {
    wide_table(built, id, formatter)
}

/// A chart with its numbers as part of another page.
///
/// # Errors
///
/// [`ReportError::Page`] when a template does not render.
pub fn drawn(chart: &Chart, formatter: &Formatter) -> Result<String, ReportError> {
    figure(chart, formatter, Show::Numbers)
}

fn wide_table(built: &Table, id: &str, formatter: &Formatter) -> Result<String, ReportError> {
    folding(built, id, formatter, true, OPEN_ROWS)
}

/// Findings that stand open: all that ask for a person, and a few in any case.
fn open_findings(report_data: &ReportData) -> usize {
    report_data.plan.open_findings().count().max(3)
}

/// A table; of a long one the first `open` rows, and the others in a fold.
fn folding(
    built: &Table,
    id: &str,
    formatter: &Formatter,
    wide: bool,
    open: usize,
) -> Result<String, ReportError> {
    let n = built.rows.len();
    let whole = Setting { wide, ..Setting::default() };
    if n <= open + FEW {
        return written(built, id, formatter, &whole);
    }
    let rows = |key: &str, from: usize, to: usize| {
        let [from, to, n] = [from, to, n].map(|k| formatter.quantity(k as f64));
        let arguments =
            [("caption", built.caption.as_str()), ("from", &from), ("to", &to), ("n", &n)];
        formatter.say(key, &arguments)
    };
    let first = Setting {
        caption: Some(rows("report-table-part", 1, open)),
        rows: 0..open,
        ..whole.clone()
    };
    let rest = Setting {
        caption: Some(rows("report-table-part", open + 1, n)),
        rows: open..n,
        without_total: true,
        ..whole
    };
    let folded = Folded {
        first: written(built, id, formatter, &first)?,
        summary: formatter.count("report-table-rest", n - open, &[]),
        rest: written(built, &format!("{id}-rest"), formatter, &rest)?,
    };
    rendered("folded", &folded)
}

/// Which part of a table is written, and how.
#[derive(Debug, Clone)]
struct Setting {
    /// Its columns take the width they need.
    wide: bool,
    /// Instead of the table's own.
    caption: Option<String>,
    rows: std::ops::Range<usize>,
    without_total: bool,
}

impl Default for Setting {
    fn default() -> Self {
        Self { wide: false, caption: None, rows: 0..usize::MAX, without_total: false }
    }
}

fn written(
    built: &Table,
    id: &str,
    formatter: &Formatter,
    setting: &Setting,
) -> Result<String, ReportError> {
    let classes: Vec<&'static str> = (0..built.columns.len()).map(|i| class(built, i)).collect();
    let row = |cells: &Vec<Cell>| -> Vec<HtmlCell> {
        let cells = cells.iter().zip(&classes);
        cells.map(|(cell, class)| HtmlCell { text: cell.write(formatter), class }).collect()
    };
    let heads = built.columns.iter().zip(&classes);
    let part = &built.rows[setting.rows.start..setting.rows.end.min(built.rows.len())];
    let total = built.total.as_ref().filter(|_| !setting.without_total);
    let table = HtmlTable {
        id,
        caption: setting.caption.as_deref().unwrap_or(&built.caption),
        heads: heads.map(|(c, class)| Head { label: &c.label, class }).collect(),
        rows: part.iter().map(row).collect(),
        total: total.map(row).unwrap_or_default(),
        wide: setting.wide,
    };
    rendered("table", &table)
}

/// How a column is set: numbers flush right, sentences with room, long codes broken anywhere.
fn class(built: &Table, column: usize) -> &'static str {
    const SENTENCE: usize = 40;
    if built.is_numeric(column) {
        return "num";
    }
    let texts = || {
        built.rows.iter().filter_map(|row| match row.get(column) {
            Some(Cell::Text(text)) => Some(text.as_str()),
            _ => None,
        })
    };
    let is_long = |text: &str| text.chars().count() > SENTENCE;
    match () {
        () if !texts().any(is_long) => "",
        () if texts().all(|text| !text.contains(' ')) => "code",
        () => "words",
    }
}

fn contents(
    groups: &[Group<'static>],
    (has_prices, has_data): (bool, bool),
    formatter: &Formatter,
) -> Vec<(&'static str, String)> {
    let section = |id: &'static str| (id, formatter.text(&format!("report-section-{id}")));
    let mut contents = vec![section("findings"), section("plan")];
    contents.extend(groups.iter().map(|group| (group.id, group.title.clone())));
    if has_prices {
        contents.push(section("rules"));
    }
    contents.extend([section("hypotheses"), section("account")]);
    if has_data {
        contents.push(section("data"));
    }
    contents.push(section("again"));
    contents
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;
    use crate::language::{Explain, Language};

    /// A value that cannot be written.
    struct Broken;

    impl fmt::Display for Broken {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }

    #[derive(Template)]
    #[template(source = "before {{ value }} after", ext = "txt")]
    struct Page {
        value: Broken,
    }

    #[test]
    fn a_template_that_does_not_render_is_an_error_that_names_the_page() {
        let error = rendered("report", &Page { value: Broken }).expect_err("nothing to write");
        for language in Language::ALL {
            let told = error.explain(language);
            assert!(told.contains("report") && !told.contains('⟨'), "{told}");
        }
    }
}
