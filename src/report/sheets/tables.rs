//! The tables of a report, in the order of the workbook's sheets.

use crate::allocate::plan::row::{Range, Row};
use crate::allocate::plan::{Plan, Price};

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::table::{Cell, Column, Table};
use crate::action::{Action, Points};
use crate::allocate::problem::bound::{Limit, LimitUnit};
use crate::allocate::rules::policy::PolicyName;
use crate::language::message::Writer;
use crate::language::{capital, is_unseen};
use crate::report::formatter::{Formatter, clean};
use crate::report::report_data::ReportData;
use crate::report::settings;
use crate::rules::finding::{Finding, Severity};
use crate::segment::Attribute;
use crate::train::fitted::card::{KnownBy, ModelCard, SegmentCard};
use crate::units::Week;

fn column(formatter: &Formatter, name: &str, width: f64) -> Column {
    Column::new(formatter, &format!("report-column-{name}"), width)
}

fn table(formatter: &Formatter, name: &str, columns: Vec<Column>) -> Table {
    Table::new(formatter.text(&format!("report-table-{name}")), columns)
}

/// Rows with most money first; unfunded ones last, by name.
fn by_money(plan: &Plan) -> Vec<&Row> {
    let mut rows: Vec<&Row> = plan.rows.iter().collect();
    rows.sort_by(|a, b| b.budget.total_cmp(&a.budget).then_with(|| a.segment.cmp(&b.segment)));
    rows
}

/// The key that joins all sheets and files, and the audience in words.
fn keyed(segment: &str, formatter: &Formatter) -> [Cell; 2] {
    [key(segment), Cell::Text(formatter.name(segment))]
}

/// A segment's id as `plan.json` has it; only what no file can hold is taken out.
#[must_use]
pub fn key(segment: &str) -> Cell {
    Cell::Text(segment.replace(is_unseen, ""))
}

/// The columns of [`keyed`].
fn key_columns(formatter: &Formatter) -> Vec<Column> {
    vec![column(formatter, "segment", 26.0), column(formatter, "name", 28.0)]
}

/// Decimals of the currency's smallest unit.
fn digits(formatter: &Formatter) -> usize {
    formatter.currency.map_or(2, |currency| currency.minor_digits() as usize)
}

/// An amount in whole smallest units of the currency, so that what is shown adds up.
fn minor(amount: f64, formatter: &Formatter) -> f64 {
    rounded(amount, digits(formatter))
}

fn rounded(amount: f64, decimals: usize) -> f64 {
    let units = 10_f64.powi(decimals as i32);
    (amount * units).round() / units
}

/// An amount of money to the smallest unit.
pub(crate) fn money(amount: f64, formatter: &Formatter) -> Cell {
    Cell::money(Some(minor(amount, formatter)), digits(formatter))
}

fn money_or_empty(amount: Option<f64>, formatter: &Formatter) -> Cell {
    amount.map_or(Cell::Empty, |amount| money(amount, formatter))
}

/// How amounts that stand together are written: without decimals when all are whole, so that what
/// is shown adds up.
pub(crate) fn amounts(
    amounts: impl Iterator<Item = f64>,
    formatter: &Formatter,
) -> impl Fn(f64) -> String {
    let decimals = decimals_of(amounts, formatter);
    move |amount| formatter.language.money_with(amount, formatter.currency, decimals)
}

fn decimals_of(mut amounts: impl Iterator<Item = f64>, formatter: &Formatter) -> usize {
    let whole = amounts.all(|amount| (amount - amount.round()).abs() < 0.0005);
    if whole { 0 } else { digits(formatter) }
}

/// What a budget has more than the last split, both to the smallest unit.
fn change(budget: f64, last: f64, formatter: &Formatter) -> Cell {
    Cell::MoneyChange(
        minor(minor(budget, formatter) - minor(last, formatter), formatter),
        digits(formatter),
    )
}

/// The change since the last split; an audience that was not in it had nothing.
pub(crate) fn changed(plan: &Plan, budget: f64, last: Option<f64>, formatter: &Formatter) -> Cell {
    let has_last = plan.rows.iter().any(|row| row.last.is_some());
    if has_last { change(budget, last.unwrap_or(0.0), formatter) } else { Cell::Empty }
}

/// A row of totals: what each column of counts, money and shares adds up to, as it is shown.
///
/// Words do not add up and stay empty; where a sum means nothing the caller says what does.
pub(crate) fn totals_of(table: &Table, formatter: &Formatter) -> Vec<Cell> {
    let sum = |column: usize| {
        let cells: Vec<&Cell> = table.rows.iter().filter_map(|row| row.get(column)).collect();
        cells.iter().find(|cell| !matches!(cell, Cell::Empty)).map_or(Cell::Empty, |first| {
            let sum = |keep: fn(&Cell) -> Option<f64>| -> f64 {
                cells.iter().filter_map(|cell| keep(cell)).sum()
            };
            match first {
                Cell::Number(_, decimals) => Cell::Number(sum(Cell::value), *decimals),
                Cell::Percent(_, decimals) => Cell::Percent(sum(Cell::value), *decimals),
                Cell::Money(_, decimals) => {
                    Cell::Money(rounded(sum(Cell::value), *decimals), *decimals)
                }
                Cell::MoneyChange(_, decimals) => {
                    Cell::MoneyChange(rounded(sum(Cell::value), *decimals), *decimals)
                }
                // Words do not add up.
                _ => Cell::Text(String::new()),
            }
        })
    };
    let mut total: Vec<Cell> = (0..table.columns.len()).map(sum).collect();
    if let Some(first) = total.first_mut() {
        *first = Cell::Text(formatter.text("report-total"));
    }
    total
}

/// Columns of the plan's sheet that a person decides on: these are printed, the others stand to
/// their right.
pub const PLAN_PRINTED: usize = 13;

/// The plan, one row per ad set, every figure in a column of its own.
#[must_use]
pub fn plan(report_data: &ReportData, formatter: &Formatter) -> Table {
    let plan = &report_data.plan;
    let attributes = attributes(plan);
    let cards = cards(report_data);
    let named = |columns: &[(&str, f64)]| -> Vec<Column> {
        columns.iter().map(|(name, width)| column(formatter, name, *width)).collect()
    };
    let mut columns = key_columns(formatter);
    columns.extend(named(&[
        ("budget", 12.0),
        ("per-day", 11.0),
        ("share", 9.0),
        ("last", 12.0),
        ("change", 12.0),
        ("actions-p10", 10.0),
        ("actions", 10.0),
        ("actions-p90", 10.0),
        ("cost", 10.0),
        ("carbon-g", 10.0),
        ("reason", 50.0),
    ]));
    columns.extend(attributes.iter().map(|name| attribute_column(formatter, name)));
    columns.extend(named(&[
        ("start", 12.0),
        ("end", 12.0),
        ("change-share", 10.0),
        ("impressions", 13.0),
        ("reach", 12.0),
        ("frequency", 11.0),
        ("value", 12.0),
        ("marginal", 12.0),
        ("limit", 26.0),
        ("rows", 10.0),
        ("last-week", 12.0),
    ]));
    let mut table = table(formatter, "plan", columns);
    for row in by_money(plan) {
        let mut cells: Vec<Cell> = keyed(&row.segment, formatter).into();
        cells.extend(decided(plan, row, formatter));
        cells.extend(attributes.iter().map(|name| attribute_cell(row, name, formatter)));
        cells.extend(figures(plan, row, cards.get(row.segment.as_str()).copied(), formatter));
        table.rows.push(cells);
    }
    table.total = Some(plan_total(&table, report_data, attributes.len(), formatter));
    table
}

/// What the plan's columns add up to; what does not add up is the whole plan's own.
fn plan_total(
    table: &Table,
    report_data: &ReportData,
    attributes: usize,
    formatter: &Formatter,
) -> Vec<Cell> {
    let plan = &report_data.plan;
    let promised = promised(report_data);
    let mut total = totals_of(table, formatter);
    total[7] = Cell::Number(promised.p10, 0);
    total[8] = Cell::Number(promised.mean, 0);
    total[9] = Cell::Number(promised.p90, 0);
    total[10] = cost(plan.spent, promised.mean, formatter);
    total[11] = Cell::number(plan.carbon_g, 0);
    let figures = PLAN_PRINTED + attributes;
    // People reached, repetitions, gains: no sum of these means anything.
    for column in [2, 4, 5, 7] {
        total[figures + column] = Cell::Empty;
    }
    total[figures + 6] = Cell::Number(plan.value.mean, 0);
    total
}

/// What a person decides on.
fn decided(plan: &Plan, row: &Row, formatter: &Formatter) -> Vec<Cell> {
    vec![
        money(row.budget, formatter),
        money(row.per_day, formatter),
        Cell::percent((plan.spent > 0.0).then(|| row.budget / plan.spent), 1),
        money_or_empty(row.last, formatter),
        changed(plan, row.budget, row.last, formatter),
        Cell::Number(row.actions.p10, 0),
        Cell::Number(row.actions.mean, 0),
        Cell::Number(row.actions.p90, 0),
        cost(row.budget, row.actions.mean, formatter),
        Cell::number(row.carbon_g, 0),
        Cell::Text(reason(row, formatter)),
    ]
}

/// What else is known of a row.
fn figures(plan: &Plan, row: &Row, card: Option<&SegmentCard>, formatter: &Formatter) -> Vec<Cell> {
    let (start, end) = flight(plan);
    let relative = row.last.filter(|last| *last > 0.0).map(|last| row.budget / last - 1.0);
    let frequency = match (row.impressions, row.reach) {
        (Some(shown), Some(people)) if people > 0.0 => Some(shown / people),
        _ => None,
    };
    vec![
        start.map_or(Cell::Empty, Cell::Day),
        end.map_or(Cell::Empty, Cell::Day),
        Cell::percent(relative, 0),
        Cell::number(row.impressions, 0),
        Cell::number(row.reach, 0),
        Cell::number(frequency, 1),
        Cell::Number(row.value.mean, 0),
        Cell::Number(row.marginal, 3),
        row.at_limit.as_ref().map_or(Cell::Empty, |limit| Cell::Text(formatter.limit(limit))),
        Cell::number(card.map(|card| card.cells as f64), 0),
        card.and_then(|card| card.last_week.as_ref()).map_or(Cell::Empty, |week| week_cell(week)),
    ]
}

fn week_cell(text: &str) -> Cell {
    text.parse::<Week>().map_or_else(|_| Cell::text(text), Cell::Week)
}

/// Money per expected active action.
pub(crate) fn cost(budget: f64, actions: f64, formatter: &Formatter) -> Cell {
    let bought = budget > 0.0 && actions > 0.0;
    Cell::money(bought.then(|| budget / actions), digits(formatter).max(2))
}

fn flight(plan: &Plan) -> (Option<Date>, Option<Date>) {
    if let Some(campaign) = &plan.campaign {
        return (Some(campaign.flight.start), Some(campaign.flight.end));
    }
    let weeks = || plan.rows.iter().flat_map(|row| row.weeks.iter().map(|week| week.week));
    (weeks().min().map(|week| week.monday()), weeks().max().map(|week| week.sunday()))
}

fn cards(report_data: &ReportData) -> BTreeMap<&str, &SegmentCard> {
    let cards = report_data.card.iter().flat_map(|card| &card.segments);
    cards.map(|card| (card.segment.as_str(), card)).collect()
}

/// Attribute names that any row has, the fixed ones first.
fn attributes(plan: &Plan) -> Vec<String> {
    let known = |name: &str| plan.rows.iter().any(|row| row.attributes.contains_key(name));
    let fixed = Attribute::ALL.map(Attribute::column);
    let mut names: Vec<String> =
        fixed.iter().filter(|name| known(name)).map(|name| (*name).to_owned()).collect();
    let own: std::collections::BTreeSet<&String> = plan
        .rows
        .iter()
        .flat_map(|row| row.attributes.keys())
        .filter(|name| !fixed.contains(&name.as_str()))
        .collect();
    names.extend(own.into_iter().cloned());
    names
}

fn attribute_column(formatter: &Formatter, name: &str) -> Column {
    let is_fixed = Attribute::ALL.iter().any(|attribute| attribute.column() == name);
    if is_fixed {
        column(formatter, &name.replace('_', "-"), 16.0)
    } else {
        Column::named(clean(name), 16.0)
    }
}

fn attribute_cell(row: &Row, name: &str, formatter: &Formatter) -> Cell {
    row.attributes.get(name).map_or(Cell::Empty, |value| Cell::Text(formatter.value(name, value)))
}

/// Active actions that the whole plan promises: mean and interval, eight times out of ten. A plan
/// of an earlier version keeps no promise: its simulation's interval stands in.
#[must_use]
pub fn promised(report_data: &ReportData) -> Range {
    let own = report_data.plan.actions;
    if report_data.plan.promise.is_some() {
        return own;
    }
    let policies = report_data.outcomes.iter().flat_map(|outcomes| &outcomes.policies);
    let plan = policies.into_iter().find(|policy| policy.name == PolicyName::Plan);
    plan.map_or(own, |plan| Range { p10: plan.actions.p10, p90: plan.actions.p90, ..own })
}

/// An interval, or the value that nearly every outcome takes with its probability.
fn interval(range: &Range, formatter: &Formatter) -> Cell {
    match range.mostly {
        Some(mostly) => Cell::Note(formatter.mostly(mostly, "report-mostly-short")),
        None => Cell::Range(range.p10, range.p90, 0),
    }
}

/// The plan as a page shows it: what a planner decides on, and why.
#[must_use]
pub fn plan_in_brief(report_data: &ReportData, formatter: &Formatter) -> Table {
    let plan = &report_data.plan;
    let columns = [
        "segment",
        "budget",
        "per-day",
        "change",
        "actions",
        "actions-range",
        "cost",
        "carbon-g",
        "reason",
    ];
    let mut table =
        table(formatter, "plan", columns.map(|name| column(formatter, name, 12.0)).into());
    // Without a last split no audience is newer than another.
    let has_last = plan.rows.iter().any(|row| row.last.is_some());
    let new = || if has_last { Cell::Note(formatter.text("report-new")) } else { Cell::Empty };
    let decimals = decimals_of(plan.rows.iter().map(|row| row.budget), formatter);
    for row in by_money(plan).into_iter().filter(|row| row.budget > 0.0) {
        let change = row.last.map(|last| (row.budget - last).round());
        table.rows.push(vec![
            Cell::Text(formatter.name(&row.segment)),
            Cell::Money(row.budget, decimals),
            money(row.per_day, formatter),
            change.map_or_else(new, |change| Cell::MoneyChange(change, 0)),
            Cell::Number(row.actions.mean, 0),
            interval(&row.actions, formatter),
            cost(row.budget, row.actions.mean, formatter),
            Cell::number(row.carbon_g, 0),
            Cell::Text(reason(row, formatter)),
        ]);
    }
    let actions = plan.actions;
    let per_day = totals_of(&table, formatter).swap_remove(2);
    table.total = Some(vec![
        Cell::Text(formatter.text("report-total")),
        Cell::Money(plan.spent, decimals),
        per_day,
        Cell::Text(String::new()),
        Cell::Number(actions.mean, 0),
        interval(&promised(report_data), formatter),
        cost(plan.spent, actions.mean, formatter),
        Cell::number(plan.carbon_g, 0),
        Cell::Text(String::new()),
    ]);
    table
}

/// Segments that had money at the last split and have none now, with the reason of each.
#[must_use]
pub fn stopped(report_data: &ReportData, formatter: &Formatter) -> Option<Table> {
    let columns = ["segment", "last", "reason"].map(|name| column(formatter, name, 16.0));
    let mut table = table(formatter, "stopped", columns.into());
    let had = |row: &Row| row.last.unwrap_or(0.0);
    let mut rows: Vec<&Row> =
        report_data.plan.rows.iter().filter(|row| row.budget == 0.0 && had(row) > 0.0).collect();
    rows.sort_by(|a, b| had(b).total_cmp(&had(a)).then_with(|| a.segment.cmp(&b.segment)));
    for row in &rows {
        table.rows.push(vec![
            Cell::Text(formatter.name(&row.segment)),
            money_or_empty(row.last, formatter),
            Cell::Text(reason(row, formatter)),
        ]);
    }
    table.total = Some(totals_of(&table, formatter));
    (!rows.is_empty()).then_some(table)
}

/// The reason of a row as sentences, with the limit that holds it where the reason does not name
/// it, and the cautions that it needs.
fn reason(row: &Row, formatter: &Formatter) -> String {
    let reason = match &row.reason_told {
        Some(told) => told.write(formatter),
        None => row.reason.clone(),
    };
    let told = sentence(&clean(&reason));
    let mut words = vec![told];
    let limit = row.at_limit.as_ref().filter(|limit| **limit != Limit::Off);
    if let Some(limit) = limit.filter(|_| row.budget > 0.0 && words[0].is_empty()) {
        words.push(formatter.say("report-held-by", &[("limit", &formatter.limit(limit))]));
    }
    if row.extrapolates && row.budget > 0.0 && !row.prior_only {
        words.push(formatter.text("report-extrapolates"));
    }
    if row.prior_only && row.budget > 0.0 {
        words.push(formatter.text("report-prior-only"));
    }
    words.retain(|text| !text.is_empty());
    words.join(" ")
}

/// A text with a capital in front and a full stop at its end.
fn sentence(text: &str) -> String {
    let mut whole = capital(text.trim());
    if !whole.is_empty() && !whole.ends_with(['.', '!', '?', '…', '»']) {
        whole.push('.');
    }
    whole
}

fn all_weeks(plan: &Plan) -> Vec<Week> {
    let weeks = plan.rows.iter().flat_map(|row| row.weeks.iter().map(|week| week.week));
    weeks.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// Weeks that fit side by side on a printed page.
const WEEKS_ACROSS: usize = 8;

/// Money by segment and week: one row per segment, one column per week; long flights in several
/// tables, each as wide as a page.
#[must_use]
pub fn weeks_across(report_data: &ReportData, formatter: &Formatter) -> Vec<Table> {
    let weeks = all_weeks(&report_data.plan);
    let parts = weeks.len().div_ceil(WEEKS_ACROSS).max(1);
    let each = weeks.len().div_ceil(parts).max(1);
    let part =
        |weeks: &[Week]| in_words(&some_weeks(&report_data.plan, weeks, parts == 1, formatter));
    weeks.chunks(each).map(part).collect()
}

/// Money by segment and week, one column per week; nothing when the plan does not tell weeks.
#[must_use]
pub fn calendar(report_data: &ReportData, formatter: &Formatter) -> Option<Table> {
    let weeks = all_weeks(&report_data.plan);
    (!weeks.is_empty()).then(|| some_weeks(&report_data.plan, &weeks, true, formatter))
}

/// A table of a sheet without its key, for people: the names in words stay.
#[must_use]
pub fn in_words(table: &Table) -> Table {
    let mut words = table.clone();
    words.columns.remove(0);
    for row in &mut words.rows {
        row.remove(0);
    }
    if let Some(total) = &mut words.total {
        total.remove(1);
    }
    words
}

fn some_weeks(plan: &Plan, weeks: &[Week], is_whole: bool, formatter: &Formatter) -> Table {
    let meaning = column(formatter, "week", 12.0).meaning;
    let mut columns = key_columns(formatter);
    columns.extend(weeks.iter().map(|week| Column {
        meaning: meaning.clone(),
        ..Column::named(formatter.language.week(*week), 12.0)
    }));
    columns.push(column(formatter, if is_whole { "budget" } else { "sum" }, 12.0));
    let mut table = table(formatter, "weeks", columns);
    if let (false, Some(first), Some(last)) = (is_whole, weeks.first(), weeks.last()) {
        let ends = [formatter.language.week(*first), formatter.language.week(*last)];
        let ends = [("from", ends[0].as_str()), ("to", ends[1].as_str())];
        table.caption = formatter.say("report-table-weeks-part", &ends);
    }
    for row in by_money(plan).into_iter().filter(|row| row.budget > 0.0) {
        let of: BTreeMap<Week, f64> =
            row.weeks.iter().map(|week| (week.week, week.budget)).collect();
        let mut cells: Vec<Cell> = keyed(&row.segment, formatter).into();
        cells.extend(weeks.iter().map(|week| money_or_empty(of.get(week).copied(), formatter)));
        let shown = weeks.iter().filter_map(|week| of.get(week)).sum();
        cells.push(money(if is_whole { row.budget } else { shown }, formatter));
        table.rows.push(cells);
    }
    table.total = Some(totals_of(&table, formatter));
    table
}

/// Money by segment and week: one row for each pair, for machines and pivot tables.
#[must_use]
pub fn weeks(report_data: &ReportData, formatter: &Formatter) -> Table {
    let (start, end) = flight(&report_data.plan);
    let mut columns = key_columns(formatter);
    let names = ["week", "start", "end", "budget"];
    columns.extend(names.map(|name| column(formatter, name, 14.0)));
    let mut table = table(formatter, "weeks", columns);
    for row in by_money(&report_data.plan).into_iter().filter(|row| row.budget > 0.0) {
        for part in &row.weeks {
            let from = start.map_or(part.week.monday(), |day| day.max(part.week.monday()));
            let to = end.map_or(part.week.sunday(), |day| day.min(part.week.sunday()));
            let mut cells: Vec<Cell> = keyed(&row.segment, formatter).into();
            cells.extend([Cell::Week(part.week), Cell::Day(from), Cell::Day(to)]);
            cells.push(money(part.budget, formatter));
            table.rows.push(cells);
        }
    }
    table.total = Some(totals_of(&table, formatter));
    table
}

/// What was learnt about each segment.
#[must_use]
pub fn segments(report_data: &ReportData, formatter: &Formatter) -> Option<Table> {
    let card = report_data.card.as_ref()?;
    let names = [
        "rows",
        "last-week",
        "spend",
        "seen",
        "active",
        "rate",
        "rate-range",
        "response",
        "response-range",
        "curvature",
    ];
    let mut columns = key_columns(formatter);
    columns.extend(names.map(|name| column(formatter, name, 12.0)));
    let mut table = table(formatter, "segments", columns);
    for segment in &card.segments {
        let rate = segment.engagement_rate;
        let (mean, low, high) = segment.response;
        let mut cells: Vec<Cell> = keyed(&segment.segment, formatter).into();
        cells.extend([
            Cell::Number(segment.cells as f64, 0),
            segment.last_week.as_ref().map_or(Cell::Empty, |week| week_cell(week)),
            Cell::Money(segment.spend, 0),
            Cell::Money(segment.max_spend, 0),
            Cell::Number(segment.actions, 0),
            Cell::number(rate.map(|rate| rate.0), 1),
            rate.map_or(Cell::Empty, |(_, low, high)| Cell::Range(low, high, 1)),
            Cell::Number(mean, 1),
            Cell::Range(low, high, 1),
            Cell::Text(known_by(segment.known_by(), formatter)),
        ]);
        table.rows.push(cells);
    }
    Some(table)
}

/// What the bend of a curve is known by.
fn known_by(known: KnownBy, formatter: &Formatter) -> String {
    match known {
        KnownBy::Designed(weeks) => formatter.count("report-known-designed", weeks, &[]),
        KnownBy::Tested(tests) => formatter.count("report-known-tested", tests, &[]),
        KnownBy::Habit => formatter.text("report-known-habit"),
        KnownBy::PriorsForDemand => formatter.text("report-known-demand"),
        KnownBy::PriorsForFew(weeks) => formatter.count("report-known-few", weeks, &[]),
        KnownBy::Priors => formatter.text("report-known-priors"),
    }
}

/// What the plan assumes: the campaign as resolved, the promise at other assumptions, the proof.
#[must_use]
pub fn hypotheses(report_data: &ReportData, formatter: &Formatter) -> Table {
    let mut table = table(
        formatter,
        "hypotheses",
        vec![column(formatter, "hypothesis", 44.0), column(formatter, "setting", 60.0)],
    );
    let plan = &report_data.plan;
    let settings = plan.campaign.iter().flat_map(|campaign| settings::lines(campaign, formatter));
    table.rows.extend(settings.map(|(name, cell)| vec![Cell::Text(name), cell]));
    let mut line = |key: &str, cell: Cell| {
        table
            .rows
            .push(vec![Cell::Text(formatter.text(&format!("report-hypothesis-{key}"))), cell]);
    };
    let asked = plan.campaign.as_ref().map(|campaign| campaign.budget.as_f64());
    if asked != Some(plan.budget) {
        line("budget", Cell::Money(plan.budget, 2));
    }
    line("spent", Cell::Money(plan.spent, 2));
    let left = plan.left_told.as_ref().map(|told| told.write(formatter));
    if let Some(reason) = left.as_ref().or(plan.left_because.as_ref()) {
        line("left", Cell::Text(sentence(&clean(reason))));
    }
    if let Some(range) = plan.carryover_range {
        line("carryover-none", Cell::Number(range.none, 0));
        line("carryover-value", Cell::Number(plan.value.mean, 0));
        line("carryover-high", Cell::Number(range.high, 0));
    }
    line("status", Cell::Text(formatter.status(plan.certificate.status)));
    line("gap", Cell::Percent(plan.certificate.gap, 4));
    line("chosen", Cell::Number(plan.chosen_over_promised, 3));
    if let Some(expected) = plan.expected {
        line("expected", Cell::Range(expected.actions.p10, expected.actions.p90, 0));
    }
    if let Some(calm) = plan.without_shocks {
        line("without-shocks", Cell::Number(calm.actions.mean, 0));
    }
    table
}

/// The same without kinds of click that only stand in for one another: for the first screen.
pub(crate) fn points_in_brief(points: &Points, preset: &str, formatter: &Formatter) -> String {
    let clicks = points.of(Action::LinkClicks);
    let stands_in = |action: Action| {
        matches!(action, Action::Clicks | Action::Engagements)
            && clicks > 0.0
            && points.of(action) == clicks
    };
    worth(points, preset, formatter, |action| !stands_in(action))
}

/// What each action is worth: `relais : partage 4, commentaire 2 …`.
fn worth(
    points: &Points,
    preset: &str,
    formatter: &Formatter,
    shown: impl Fn(Action) -> bool,
) -> String {
    let worth = Action::ALL
        .into_iter()
        .filter(|action| points.of(*action) > 0.0 && shown(*action))
        .map(|action| {
            let name = action_name(action.column(), formatter);
            format!("{name} {}", formatter.short_points(points.of(action)))
        });
    let worth = worth.collect::<Vec<_>>().join(", ");
    formatter.say("report-points", &[("preset", &formatter.preset(preset)), ("worth", &worth)])
}

fn action_name(column: &str, formatter: &Formatter) -> String {
    formatter.keyed("report-action", column)
}

/// Files and totals of the history.
#[must_use]
pub fn data(report_data: &ReportData, formatter: &Formatter) -> Option<Table> {
    let history = report_data.history.as_ref()?;
    let columns = [
        ("file", 40.0),
        ("export-format", 16.0),
        ("rows-read", 12.0),
        ("rows-left", 12.0),
        ("fingerprint", 68.0),
    ];
    let mut table = table(
        formatter,
        "data",
        columns.map(|(name, width)| column(formatter, name, width)).into(),
    );
    for file in &history.files {
        table.rows.push(vec![
            Cell::text(&file.name),
            Cell::text(&file.format),
            Cell::Number(file.rows as f64, 0),
            Cell::Number(file.left_out as f64, 0),
            Cell::text(&file.fingerprint),
        ]);
    }
    let left: u64 = history.files.iter().map(|file| file.left_out).sum();
    table.total = Some(vec![
        Cell::Text(formatter.text("report-total")),
        Cell::Empty,
        Cell::Number(history.rows as f64, 0),
        Cell::Number(left as f64, 0),
        Cell::Empty,
    ]);
    Some(table)
}

/// What the history adds up to.
#[must_use]
pub fn totals(report_data: &ReportData, formatter: &Formatter) -> Option<Table> {
    let history = report_data.history.as_ref()?;
    let columns = vec![column(formatter, "measure", 34.0), column(formatter, "sum", 16.0)];
    let mut table = table(formatter, "totals", columns);
    let name = |key: &str| Cell::Text(formatter.text(key));
    table.rows.push(vec![name("report-column-spend"), Cell::Money(history.spend, 2)]);
    if let Some(impressions) = history.impressions {
        table.rows.push(vec![name("report-column-impressions"), Cell::Number(impressions, 0)]);
    }
    for (action, count) in &history.actions {
        table.rows.push(vec![Cell::Text(action_name(action, formatter)), Cell::Number(*count, 0)]);
    }
    Some(table)
}

/// Scores of the backtest, ours beside plain baselines'.
#[must_use]
pub fn quality(report_data: &ReportData, formatter: &Formatter) -> Option<Table> {
    let backtest = report_data.backtest.as_ref()?;
    let columns = [
        ("predictor", 34.0),
        ("crps", 12.0),
        ("log-score", 12.0),
        ("coverage50", 14.0),
        ("coverage80", 14.0),
        ("coverage95", 14.0),
        ("ratio", 16.0),
        ("cells", 12.0),
    ];
    let mut table = table(
        formatter,
        "quality",
        columns.map(|(name, width)| column(formatter, name, width)).into(),
    );
    let mut names: Vec<&String> = backtest.scores.keys().collect();
    names.sort_by_key(|name| (name.as_str() != "relais", name.as_str()));
    for name in names {
        let score = backtest.scores[name];
        table.rows.push(vec![
            Cell::Text(formatter.keyed("report-predictor", name)),
            Cell::number(Some(score.crps), 2),
            Cell::number(Some(score.log_score), 2),
            Cell::percent(Some(score.coverage50), 1),
            Cell::percent(Some(score.coverage80), 1),
            Cell::percent(Some(score.coverage95), 1),
            Cell::percent(Some(score.predicted_over_observed), 0),
            Cell::Number(score.cells as f64, 0),
        ]);
    }
    Some(table)
}

/// Emissions by segment.
#[must_use]
pub fn carbon(report_data: &ReportData, formatter: &Formatter) -> Option<Table> {
    let plan = &report_data.plan;
    plan.carbon_g?;
    let mut columns = key_columns(formatter);
    let names = ["impressions", "carbon-g", "carbon-each"];
    columns.extend(names.map(|name| column(formatter, name, 16.0)));
    let mut table = table(formatter, "carbon", columns);
    for row in by_money(plan).into_iter().filter(|row| row.budget > 0.0) {
        let each = match (row.carbon_g, row.impressions) {
            (Some(grams), Some(shown)) if shown > 0.0 => Some(1000.0 * grams / shown),
            _ => None,
        };
        let mut cells: Vec<Cell> = keyed(&row.segment, formatter).into();
        cells.extend([row.impressions, row.carbon_g].map(|value| Cell::number(value, 0)));
        cells.push(Cell::number(each, 1));
        table.rows.push(cells);
    }
    let mut total = totals_of(&table, formatter);
    total[3] = Cell::number(plan.carbon_g, 0);
    total[4] = Cell::Empty;
    table.total = Some(total);
    Some(table)
}

/// What the rules say about the plan.
#[must_use]
pub fn findings(report_data: &ReportData, formatter: &Formatter) -> Table {
    let columns = [
        ("severity", 14.0),
        ("finding", 70.0),
        ("concerned", 40.0),
        ("source", 50.0),
        ("overridden", 40.0),
    ];
    let mut table = table(
        formatter,
        "rules",
        columns.map(|(name, width)| column(formatter, name, width)).into(),
    );
    let mut findings: Vec<_> = report_data.plan.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    for finding in findings {
        let names: Vec<String> = finding.segments.iter().map(|id| formatter.name(id)).collect();
        let concerned = if names.is_empty() {
            formatter.text("report-whole-campaign")
        } else {
            formatter.list(&names)
        };
        let or_nothing = |text: &Option<String>| text.as_deref().map_or(Cell::Empty, Cell::text);
        table.rows.push(vec![
            Cell::Text(formatter.text(severity_key(finding.severity))),
            Cell::Text(message(finding, formatter)),
            Cell::Text(concerned),
            finding
                .source_in(formatter.language)
                .map_or(Cell::Empty, |source| Cell::Text(from(source, finding, formatter))),
            or_nothing(&finding.overridden),
        ]);
    }
    table
}

/// Where a finding's rule comes from, and whether that is known for sure.
fn from(source: &str, finding: &Finding, formatter: &Formatter) -> String {
    let source = clean(source);
    if finding.to_be_checked {
        return formatter.say("rules-to-be-checked", &[("source", &source)]);
    }
    source
}

/// The findings as a page shows them: columns that say nothing left out, long lists of audiences
/// cut short; the workbook has them whole.
#[must_use]
pub fn findings_in_brief(report_data: &ReportData, formatter: &Formatter) -> Table {
    const SHOWN: usize = 3;
    let mut whole = findings(report_data, formatter);
    let mut findings: Vec<_> = report_data.plan.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    for (row, finding) in whole.rows.iter_mut().zip(findings) {
        let n = finding.segments.len();
        if n > SHOWN + 1 {
            row[2] = Cell::Text(formatter.segments(&finding.segments));
        }
    }
    let empty = |column: usize| whole.rows.iter().all(|row| row[column] == Cell::Empty);
    for column in [4, 3].into_iter().filter(|column| empty(*column)).collect::<Vec<_>>() {
        whole.columns.remove(column);
        for row in &mut whole.rows {
            row.remove(column);
        }
    }
    whole
}

/// A finding in the voice of the report.
#[must_use]
pub fn message(finding: &Finding, formatter: &Formatter) -> String {
    sentence(&clean(&finding.say(formatter)))
}

fn severity_key(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "report-severity-note",
        Severity::Warning => "report-severity-warning",
        Severity::Forbidden => "report-severity-forbidden",
    }
}

/// What one unit more of each limit would bring, and what each rule costs.
#[must_use]
pub fn prices(report_data: &ReportData, formatter: &Formatter) -> Option<Table> {
    let prices = &report_data.plan.prices;
    if prices.is_empty() {
        return None;
    }
    let columns = [
        ("rule", 40.0),
        ("limit-value", 16.0),
        ("used", 16.0),
        ("price", 26.0),
        ("rule-cost", 20.0),
    ];
    let mut table = table(
        formatter,
        "prices",
        columns.map(|(name, width)| column(formatter, name, width)).into(),
    );
    for price in prices {
        let amount = |value: f64| match price.unit {
            LimitUnit::Money => formatter.money(value),
            LimitUnit::Carbon => {
                formatter.say("report-kilograms", &[("kg", &formatter.short(value))])
            }
            LimitUnit::Segments => formatter.count("chart-n-segments", value.round() as usize, &[]),
            LimitUnit::Times | LimitUnit::Side => formatter.short(value),
        };
        let unit = match price.unit {
            LimitUnit::Money => formatter.language.money(1.0, formatter.currency),
            LimitUnit::Carbon => formatter.say("report-kilograms", &[("kg", "1")]),
            LimitUnit::Segments => formatter.count("chart-n-segments", 1, &[]),
            LimitUnit::Times => formatter.text("allocate-rule-unit-times"),
            LimitUnit::Side => formatter.text("allocate-rule-unit-side"),
        };
        let rule = formatter.rule(&price.rule);
        let rule = if price.default {
            formatter.say("report-rule-default", &[("rule", &rule)])
        } else {
            rule
        };
        table.rows.push(vec![
            Cell::Text(rule),
            Cell::Text(amount(price.limit)),
            Cell::Text(amount(price.used)),
            if price.holds() { Cell::Text(gain_per(price, &unit, formatter)) } else { Cell::Empty },
            Cell::number(price.cost, 0),
        ]);
    }
    Some(table)
}

/// What one more unit of a limit brings, and one less where that is another number.
fn gain_per(price: &Price, unit: &str, formatter: &Formatter) -> String {
    let gain = formatter.points(price.price);
    let Some(less) = price.price_less else {
        return formatter.say("report-gain-per", &[("gain", &gain), ("unit", unit)]);
    };
    // One unit less of a limit costs what its price says: the change has the other sign.
    let less = formatter.points(-less);
    formatter.say("report-gain-per-kink", &[("gain", &gain), ("unit", unit), ("less", &less)])
}

/// The columns that French law asks of a seller's account (loi 93-122 of 29 January 1993,
/// article 23): dates, placements, overall and unit price, results.
#[must_use]
pub fn account(report_data: &ReportData, formatter: &Formatter) -> Table {
    let columns = [
        "placement",
        "start",
        "end",
        "overall-price",
        "impressions",
        "unit-price",
        "actions-expected",
        "results",
    ];
    let mut table =
        table(formatter, "account", columns.map(|name| column(formatter, name, 16.0)).into());
    let (start, end) = flight(&report_data.plan);
    for row in by_money(&report_data.plan).into_iter().filter(|row| row.budget > 0.0) {
        let shown = row.impressions.filter(|shown| *shown > 0.0);
        table.rows.push(vec![
            Cell::Text(formatter.name(&row.segment)),
            start.map_or(Cell::Empty, Cell::Day),
            end.map_or(Cell::Empty, Cell::Day),
            Cell::Money(row.budget, 2),
            Cell::number(row.impressions, 0),
            Cell::money(shown.map(|shown| 1000.0 * row.budget / shown), 2),
            Cell::Number(row.actions.mean, 0),
            Cell::Text(formatter.text("report-to-fill")),
        ]);
    }
    table
}

/// What each column of the given sheets means.
#[must_use]
pub fn dictionary(sheets: &[(String, Table)], formatter: &Formatter) -> Table {
    let columns = vec![
        column(formatter, "sheet", 16.0),
        column(formatter, "column", 34.0),
        column(formatter, "meaning", 90.0),
    ];
    let mut table = table(formatter, "dictionary", columns);
    for (name, sheet) in sheets {
        for column in &sheet.columns {
            let Some(meaning) = &column.meaning else { continue };
            table.rows.push(vec![
                Cell::Text(name.clone()),
                Cell::Text(column.label.clone()),
                Cell::Text(meaning.clone()),
            ]);
        }
    }
    table
}

/// A hyper-parameter's name in words: `spread_efficiency_by_age`, `dispersion facebook`.
fn hyperparameter(name: &str, formatter: &Formatter) -> String {
    let (base, network) = name.split_once(' ').unwrap_or((name, ""));
    let (base, attribute) = base.split_once("_by_").unwrap_or((base, ""));
    let word = formatter.keyed("report-hyperparameter", base);
    if !network.is_empty() {
        let network = formatter.network(network);
        return formatter
            .say("report-hyperparameter-of", &[("what", &word), ("network", &network)]);
    }
    if !attribute.is_empty() {
        let attribute = formatter.keyed("report-column", attribute).to_lowercase();
        let arguments = [("what", word.as_str()), ("attribute", attribute.as_str())];
        return formatter.say("report-hyperparameter-by", &arguments);
    }
    word
}

/// How far the answer leans on a prior: what it says, and what half and twice its width move.
fn leaning(prior: &str, card: &ModelCard, formatter: &Formatter) -> String {
    let moved = |how: &str| {
        let by = card.diagnostics.get(&format!("sensitivity_{prior}_{how}"));
        by.map_or_else(|| "–".to_owned(), |by| formatter.signed(*by, 1))
    };
    formatter.say(
        "report-model-leaning",
        &[
            ("prior", &formatter.text_or(&format!("train-prior-{prior}"), prior)),
            ("halved", &moved("halved")),
            ("doubled", &moved("doubled")),
        ],
    )
}

/// The model card: engine, layers, diagnostics, hyper-parameters.
#[must_use]
pub fn model(report_data: &ReportData, formatter: &Formatter) -> Option<Table> {
    let card = report_data.card.as_ref()?;
    let columns = vec![column(formatter, "measure", 44.0), column(formatter, "setting", 50.0)];
    let mut table = table(formatter, "model", columns);
    let mut line = |name: String, cell: Cell| table.rows.push(vec![Cell::Text(name), cell]);
    let named = |key: &str| formatter.text(&format!("report-model-{key}"));
    line(named("engine"), Cell::Text(formatter.keyed("report-engine", &card.engine)));
    line(named("specification"), Cell::text(&card.specification));
    line(named("cells"), Cell::Number(card.cells as f64, 0));
    let layers: Vec<String> =
        card.layers.iter().map(|layer| formatter.keyed("report-layer", layer)).collect();
    line(named("layers"), Cell::Text(layers.join(", ")));
    let unsure = card.segments.iter().filter(|segment| !segment.curvature_identified).count();
    line(named("unsure"), Cell::Number(unsure as f64, 0));
    for (name, value) in &card.diagnostics {
        if let Some(prior) = name.strip_prefix("sensitivity_") {
            if let Some(prior) = prior.strip_suffix("_halved") {
                line(named("leans"), Cell::Text(leaning(prior, card, formatter)));
            }
            continue;
        }
        line(formatter.keyed("report-diagnostic", name), Cell::number(Some(*value), 3));
    }
    for (name, (mean, low, high)) in &card.hyperparameters {
        let text = formatter.say(
            "report-mean-and-range",
            &[
                ("mean", &formatter.short(*mean)),
                ("low", &formatter.short(*low)),
                ("high", &formatter.short(*high)),
            ],
        );
        line(hyperparameter(name, formatter), Cell::Text(text));
    }
    for note in &card.notes {
        line(named("note"), Cell::Text(formatter.text(note.key())));
    }
    for note in &card.panel_notes {
        line(named("note"), Cell::Text(clean(&note.message().write(formatter))));
    }
    Some(table)
}
