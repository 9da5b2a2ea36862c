//! Active engagement against followers: what chasing followers would cost.

use crate::report::chart::draw::canvas::WIDTH;
use crate::report::chart::draw::figure::{Chart, Words};

use crate::allocate::rules::policy::PolicyName;
use crate::report::chart::draw::canvas::{Align, Canvas, Type};
use crate::report::chart::draw::layout::{MARGIN, names_room};
use crate::report::chart::draw::palette::{BLUE, GREY, INK};
use crate::report::chart::draw::scale::Scale;
use crate::report::formatter::Formatter;
use crate::report::report_data::ReportData;
use crate::report::sheets::table::{Cell, Column, Table};
use crate::simulate::outcomes::PolicyOutcome;

const NAME: &str = "active-or-followers";
const ROW: f64 = 28.0;
const TOP: f64 = 28.0;

/// A policy with its two results.
struct Result {
    name: PolicyName,
    actions: f64,
    follows: f64,
}

/// The chart; `None` unless the plan and another split have follows to show.
pub(crate) fn chart(report_data: &ReportData, formatter: &Formatter) -> Option<Chart> {
    let results: Vec<Result> =
        report_data.outcomes.as_ref()?.policies.iter().filter_map(result).collect();
    let plan = results.iter().find(|result| result.name == PolicyName::Plan)?;
    let other = results
        .iter()
        .filter(|result| result.name != PolicyName::Plan)
        .max_by(|a, b| a.follows.total_cmp(&b.follows))?;
    // Shares of nothing say nothing.
    if plan.actions <= 0.0 {
        return None;
    }
    let change = other.actions / plan.actions - 1.0;
    let more = other.follows - plan.follows;
    let variant = match other.name {
        _ if more < 0.5 => "-none",
        PolicyName::Followers if change <= -0.005 => "",
        _ => "-plain",
    };
    let words = Words::variant(
        formatter,
        NAME,
        [variant, "", variant],
        &[
            ("policy", &formatter.policy(other.name)),
            ("lost", &formatter.part_of(-change)),
            ("change", &formatter.gain(change)),
            ("follows", &formatter.quantity(more.round())),
            ("actions", &formatter.quantity(plan.actions)),
        ],
    );
    let height = TOP + ROW * results.len() as f64 + 8.0;
    Some(Chart::new(NAME, words, table(&results, formatter), height, |canvas| {
        paint(canvas, formatter, &results);
    }))
}

fn result(policy: &PolicyOutcome) -> Option<Result> {
    let known = !matches!(policy.name, PolicyName::Oracle | PolicyName::Greedy);
    let follows = policy.follows.filter(|_| known)?;
    Some(Result { name: policy.name, actions: policy.actions.mean, follows })
}

fn paint(canvas: &mut Canvas<'_>, formatter: &Formatter, results: &[Result]) {
    let left = names_room(
        results
            .iter()
            .map(|r| formatter.policy(r.name))
            .collect::<Vec<_>>()
            .iter()
            .map(String::as_str),
        220.0,
    );
    let half = (WIDTH - MARGIN - left - 130.0) / 2.0;
    let second = left + half + 75.0;
    let most = |of: fn(&Result) -> f64| results.iter().map(of).fold(0.0, f64::max);
    let actions = Scale::new(0.0, most(|r| r.actions), left, left + half);
    let follows = Scale::new(0.0, most(|r| r.follows), second, second + half);
    let head = |align| Type::label(INK, align).bold();
    canvas.words(&formatter.text("chart-active-or-followers-y"), (left, 12.0), head(Align::Left));
    canvas.words(&formatter.text("chart-active-or-followers-x"), (second, 12.0), head(Align::Left));
    for (i, result) in results.iter().enumerate() {
        let y = TOP + ROW * (i as f64 + 0.5);
        let is_plan = result.name == PolicyName::Plan;
        let colour = if is_plan { BLUE } else { GREY };
        let kind = Type::label(colour, Align::Right);
        let kind = if is_plan { kind.bold() } else { kind };
        canvas.fitted(&formatter.policy(result.name), (left - 10.0, y), left - MARGIN - 10.0, kind);
        for (scale, from, value) in
            [(&actions, left, result.actions), (&follows, second, result.follows)]
        {
            let to = scale.at(value).max(from + 1.0);
            if is_plan {
                canvas.block((from, y - 8.0), (to, y + 8.0), colour, 1.0);
            } else {
                canvas.hatch((from, y - 8.0), (to, y + 8.0), colour);
            }
            let kind = Type { align: Align::Left, ..kind };
            canvas.words(&formatter.quantity(value), (to + 7.0, y), kind);
        }
    }
}

fn table(results: &[Result], formatter: &Formatter) -> Table {
    let mut table = Table::new(
        formatter.text("chart-active-or-followers-table"),
        vec![
            Column::new(formatter, "report-column-policy", 28.0),
            Column::new(formatter, "report-column-actions", 14.0),
            Column::new(formatter, "report-column-follows", 14.0),
        ],
    );
    table.rows = results
        .iter()
        .map(|r| {
            vec![
                Cell::Text(formatter.policy(r.name)),
                Cell::Number(r.actions, 0),
                Cell::Number(r.follows, 0),
            ]
        })
        .collect();
    table
}
