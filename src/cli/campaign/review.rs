//! `relais review`: compares a promise with what happened.

use std::path::{Path, PathBuf};

use clap::Args;

use super::report::write_page;
use crate::cli::terminal::context::{Context, Exit};
use crate::cli::terminal::grid;
use crate::history::History;
use crate::report::formatter::Formatter;
use crate::report::report_data::read_plan;
use crate::report::{ReportData, finished};
use crate::review::{Record, Review, ReviewRow};
use crate::units::Currency;

/// Compares a promise with what happened.
///
/// Splits the difference in two: delivery (another amount of money went through than planned) and
/// response (people acted more or less than the curves expected at the money really spent).
#[derive(Debug, Clone, Args)]
pub struct ReviewArgs {
    /// The plan of the flight.
    #[arg(long, value_name = "plan.json")]
    plan: PathBuf,
    /// The history, with the flight's exports imported.
    #[arg(long, value_name = "H.sqlite")]
    history: PathBuf,
    /// Folder for the page `review.html` (default: the plan's own).
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
///
/// Bad input, told in the person's language.
pub fn run(args: &ReviewArgs, context: &Context) -> anyhow::Result<Exit> {
    let plan = context.explain(read_plan(&args.plan))?;
    let history = context.explain(History::open_existing(&args.history))?;
    let found = context.explain(Record::new(&history).review(&plan, context.today))?;
    let (currency, own) = (plan.currency, args.plan.parent().unwrap_or(Path::new(".")));
    let report_data = ReportData::of_plan(plan);
    let formatter = Formatter::new(&report_data, context.language);
    let brief = finished::page(&found, &report_data.plan, &formatter);
    let folder = args.out.as_deref().unwrap_or(own);
    let written = write_page(folder, "review.html", &brief, (&formatter, context))?;
    if context.json {
        context.answer_json(&found)?;
    }
    context.answer(&page(&found, currency, &formatter))?;
    context.answer(&written)?;
    Ok(if found.missing.is_empty() { Exit::Good } else { Exit::Findings })
}

/// The whole comparison in one page.
fn page(found: &Review, currency: Option<Currency>, formatter: &Formatter) -> String {
    let lang = formatter.language;
    let points = |value: f64| lang.number(value, 0);
    let money = |amount: f64| lang.money(amount, currency);
    let key = if found.inside { "review-inside" } else { "review-outside" };
    let key = if found.until.is_some() { format!("{key}-so-far") } else { key.to_owned() };
    let mut lines = vec![table(found, currency, formatter)];
    lines.extend(finished::not_over(found, formatter));
    lines.extend([
        lang.say(
            &key,
            &[
                ("happened", &points(found.happened)),
                ("promised", &points(found.promised.mean)),
                ("low", &points(found.promised.p10)),
                ("high", &points(found.promised.p90)),
            ],
        ),
        lang.say(
            "review-why",
            &[
                ("delivery", &points(found.delivery)),
                ("response", &points(found.response)),
                ("spent", &money(found.spent)),
                ("planned", &money(found.planned)),
            ],
        ),
    ]);
    if found.spent_elsewhere > 0.0 {
        let (spent, value) = (money(found.spent_elsewhere), points(found.elsewhere));
        lines.push(lang.say("review-elsewhere", &[("spent", &spent), ("value", &value)]));
    }
    if !found.missing.is_empty() {
        let names: Vec<String> =
            found.missing.iter().map(|segment| formatter.name(segment)).collect();
        lines.push(lang.say("review-missing", &[("segments", &formatter.list(&names))]));
    }
    lines.push(lang.text("review-caution"));
    lines.join("\n")
}

fn table(found: &Review, currency: Option<Currency>, formatter: &Formatter) -> String {
    let lang = formatter.language;
    let header = ["segment", "planned", "spent", "promised", "expected", "happened"]
        .map(|column| lang.text(&format!("review-column-{column}")));
    let cells = |row: &ReviewRow| {
        vec![
            formatter.label(&row.segment),
            lang.money(row.planned, currency),
            lang.money(row.spent, currency),
            lang.number(row.promised.mean, 0),
            lang.number(row.expected_at_spent, 0),
            lang.number(row.happened, 0),
        ]
    };
    grid::framed(header.to_vec(), found.rows.iter().map(cells).collect(), 1).to_string()
}
