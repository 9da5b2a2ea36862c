//! Which of some plans brings more, how surely, and what more money brings: tables and sentences.

use serde_json::{Value, json};

use super::parts::per;
use super::run::Run;
use crate::allocate::judge::contrast::{Basis, Contrast, Why};
use crate::report::formatter::Formatter;
use crate::report::sheets::table::{Cell, Column, Table};

/// What each plan brings more than each other one: `[i][j]`, run `i` against run `j`.
#[must_use]
pub fn matrix(runs: &[Run<'_>]) -> Vec<Vec<Contrast>> {
    let against = |run: &Run<'_>, other: &Run<'_>| {
        Contrast::between(&other.report_data.plan, &run.report_data.plan)
    };
    runs.iter().map(|run| runs.iter().map(|other| against(run, other)).collect()).collect()
}

/// The matrix for machines: rows and columns in the order of the runs.
#[must_use]
pub fn machine(matrix: &[Vec<Contrast>], names: &[String]) -> Value {
    let each = |get: &dyn Fn(&Contrast) -> Value| -> Value {
        let row = |row: &Vec<Contrast>| Value::Array(row.iter().map(get).collect());
        Value::Array(matrix.iter().map(row).collect())
    };
    json!({
        "runs": names,
        "basis": each(&|pair| json!(pair.basis)),
        "p_better": each(&|pair| json!(pair.actions.p_better)),
        "difference": each(&|pair| json!(pair.actions.difference.mean)),
        "points": {
            "p_better": each(&|pair| json!(pair.value.map(|lead| lead.p_better))),
            "difference": each(&|pair| json!(pair.value.map(|lead| lead.difference.mean))),
        },
    })
}

/// One pair for machines: odds, and what each plan spends and brings for it.
#[must_use]
pub fn pair_for_machines(before: &Run<'_>, after: &Run<'_>) -> Value {
    let (old, new) = (&before.report_data.plan, &after.report_data.plan);
    let mut odds = json!(Contrast::between(old, new));
    odds["money"] = json!({
        "currency": [old.currency, new.currency],
        "budget": [old.budget, new.budget],
        "spent": [old.spent, new.spent],
        "cost_per_action": [
            per(old.spent, old.actions.mean),
            per(new.spent, new.actions.mean),
        ],
        "cost_per_further_action": Further::of(before, after).and_then(|further| further.each),
    });
    odds
}

/// What the second of two plans spends and brings more, both in one currency.
struct Further {
    money: f64,
    actions: f64,
    /// Money per action, where more money brings more or less money brings less.
    each: Option<f64>,
    /// Money per action of the first plan.
    average: Option<f64>,
}

impl Further {
    /// `None` where both spend the same, or not the same currency.
    fn of(before: &Run<'_>, after: &Run<'_>) -> Option<Self> {
        let (old, new) = (&before.report_data.plan, &after.report_data.plan);
        let money = new.spent - old.spent;
        if old.currency != new.currency || money.abs() < 0.005 {
            return None;
        }
        let actions = new.actions.mean - old.actions.mean;
        let each = (money * actions > 0.0).then(|| money / actions);
        Some(Self { money, actions, each, average: per(old.spent, old.actions.mean) })
    }
}

/// The odds of a pair as a table.
#[must_use]
pub fn table(before: &Run<'_>, after: &Run<'_>, formatter: &Formatter) -> Table {
    let pair = Contrast::between(&before.report_data.plan, &after.report_data.plan);
    let mut table =
        sheet("odds", formatter, vec![column("measure", formatter), column("figure", formatter)]);
    let mut line = |key: &str, cell: Cell| {
        table.rows.push(vec![Cell::Text(formatter.text(&format!("report-compare-{key}"))), cell]);
    };
    let leads = [("actions", Some(&pair.actions)), ("points", pair.value.as_ref())];
    for (what, lead) in leads.into_iter().filter_map(|(what, lead)| Some((what, lead?))) {
        let difference = lead.difference;
        line(&format!("difference-{what}"), Cell::Change(difference.mean, 0));
        if pair.is_same() {
            continue;
        }
        line(
            &format!("range-{what}"),
            Cell::Note(range(difference.p10, difference.p90, formatter)),
        );
        line(&format!("chance-{what}"), Cell::Note(formatter.chance(lead.p_better)));
    }
    if let Some(further) = Further::of(before, after) {
        line("further-money", Cell::MoneyChange(further.money, 2));
        line("further-each", Cell::money(further.each, 2));
        line("further-average", Cell::money(further.average, 2));
    }
    table
}

/// A difference's interval, both ends with their signs.
fn range(low: f64, high: f64, formatter: &Formatter) -> String {
    let (low, high) = (formatter.signed(low, 0), formatter.signed(high, 0));
    formatter.say("report-range", &[("low", &low), ("high", &high)])
}

fn column(name: &str, formatter: &Formatter) -> Column {
    Column::new(formatter, &format!("report-column-{name}"), 24.0)
}

fn sheet(name: &str, formatter: &Formatter, columns: Vec<Column>) -> Table {
    Table::new(formatter.text(&format!("report-compare-{name}")), columns)
}

/// For each pair of many runs: the probability that the row's plan brings more than the column's,
/// and by how much.
#[must_use]
pub fn tables(runs: &[Run<'_>], matrix: &[Vec<Contrast>], formatter: &Formatter) -> Vec<Table> {
    let shared = matrix.iter().enumerate().flat_map(|(i, row)| row.iter().skip(i + 1));
    let all_shared = shared.clone().all(|pair| !matches!(pair.basis, Basis::Apart(_)));
    let none_shared = shared.clone().all(|pair| matches!(pair.basis, Basis::Apart(_)));
    let mark = |pair: &Contrast| {
        let is_apart = matches!(pair.basis, Basis::Apart(_));
        if is_apart && !all_shared && !none_shared { "≈\u{a0}" } else { "" }
    };
    let chance = |pair: &Contrast| {
        Cell::Note(format!("{}{}", mark(pair), formatter.chance(pair.actions.p_better)))
    };
    let change = |pair: &Contrast| Cell::Change(pair.actions.difference.mean, 0);
    vec![
        square("chances", runs, matrix, &chance, formatter),
        square("differences", runs, matrix, &change, formatter),
    ]
}

fn square(
    name: &str,
    runs: &[Run<'_>],
    matrix: &[Vec<Contrast>],
    cell: &dyn Fn(&Contrast) -> Cell,
    formatter: &Formatter,
) -> Table {
    let mut columns = vec![column("run", formatter)];
    columns.extend(
        (1..=runs.len()).map(|i| Column::named(formatter.language.number(i as f64, 0), 12.0)),
    );
    let mut table = sheet(name, formatter, columns);
    for (i, (run, pairs)) in runs.iter().zip(matrix).enumerate() {
        let mut row = vec![Cell::Text(format!("{}. {}", i + 1, run.name))];
        let own = |(j, pair)| if i == j { Cell::Empty } else { cell(pair) };
        row.extend(pairs.iter().enumerate().map(own));
        table.rows.push(row);
    }
    table
}

/// How runs are judged against each other, in a sentence.
#[must_use]
pub fn basis(matrix: &[Vec<Contrast>], formatter: &Formatter) -> String {
    let mut all: Vec<Basis> = Vec::new();
    for (i, row) in matrix.iter().enumerate() {
        for pair in row.iter().skip(i + 1) {
            if !all.contains(&pair.basis) {
                all.push(pair.basis);
            }
        }
    }
    match all[..] {
        [] => String::new(),
        [basis] => basis_of(basis, matrix.len(), formatter),
        _ if all.iter().all(|basis| matches!(basis, Basis::Apart(_))) => {
            formatter.text("report-compare-basis-apart")
        }
        _ => formatter.text("report-compare-basis-mixed"),
    }
}

fn basis_of(basis: Basis, runs: usize, formatter: &Formatter) -> String {
    match basis {
        Basis::Curves => formatter.text("report-compare-basis-curves"),
        Basis::Paired { draws } => {
            let draws = formatter.quantity(draws as f64);
            formatter.count("report-compare-basis-paired", runs, &[("draws", &draws)])
        }
        Basis::Apart(why) => {
            let why = match why {
                Why::Model => "model",
                Why::Seed => "seed",
                Why::Draws => "draws",
                Why::NotKept => "not-kept",
            };
            formatter.text(&format!("report-compare-basis-{why}"))
        }
    }
}

/// The promises of a pair in sentences: from where to where, which brings more and how surely, and
/// how that was judged.
#[must_use]
pub fn promise(before: &Run<'_>, after: &Run<'_>, formatter: &Formatter) -> String {
    let (old, new) = (before.report_data.plan.actions.mean, after.report_data.plan.actions.mean);
    let pair = Contrast::between(&before.report_data.plan, &after.report_data.plan);
    if pair.is_same() {
        return formatter
            .say("report-compare-promise-same", &[("actions", &formatter.quantity(new))]);
    }
    let change = formatter.signed_percent(per(new, old).map_or(0.0, |ratio| ratio - 1.0));
    let ends = [
        ("before", formatter.quantity(old)),
        ("after", formatter.quantity(new)),
        ("change", change),
    ];
    let mut sentences = vec![say("report-compare-promise-from", &ends, formatter)];
    let lead = pair.actions;
    let (key, chance) = if lead.p_better >= 0.5 {
        ("report-compare-promise-more", lead.p_better)
    } else {
        ("report-compare-promise-less", 1.0 - lead.p_better)
    };
    if pair.basis != Basis::Curves {
        let values = [
            ("chance", formatter.chance(chance)),
            ("difference", formatter.signed(lead.difference.mean, 0)),
            ("range", range(lead.difference.p10, lead.difference.p90, formatter)),
        ];
        sentences.push(say(key, &values, formatter));
    }
    sentences.push(basis_of(pair.basis, 2, formatter));
    if pair.unlearnt >= 0.005 {
        let share = formatter.percent(pair.unlearnt, 0);
        sentences.push(formatter.say("report-compare-unlearnt", &[("share", &share)]));
    }
    sentences.join(" ")
}

/// Which plans divide only what is left of a running flight, if not all do.
#[must_use]
pub fn resumed(runs: &[&Run<'_>], formatter: &Formatter) -> String {
    let (rest, whole): (Vec<&Run<'_>>, Vec<&Run<'_>>) =
        runs.iter().copied().partition(|run| run.report_data.plan.resumed.is_some());
    if rest.is_empty() || whole.is_empty() {
        return String::new();
    }
    let names: Vec<String> = rest.iter().map(|run| run.name.clone()).collect();
    let names = formatter.list(&names);
    format!(" {}", formatter.count("report-compare-resumed", rest.len(), &[("names", &names)]))
}

/// What more or less money brings or costs; `None` where both spend the same.
#[must_use]
pub fn money(before: &Run<'_>, after: &Run<'_>, formatter: &Formatter) -> Option<String> {
    let Further { money, actions, each, average } = Further::of(before, after)?;
    let (more, brings) = (money > 0.0, actions > 0.0);
    let spent =
        |run: &Run<'_>| formatter.language.money(run.report_data.plan.spent, formatter.currency);
    let values = [
        ("before", spent(before)),
        ("after", spent(after)),
        ("money", formatter.language.money(money.abs(), formatter.currency)),
        ("actions", formatter.quantity(actions.abs())),
        ("each", each.map_or_else(String::new, |each| formatter.price(each))),
        ("average", average.map_or_else(String::new, |average| formatter.price(average))),
    ];
    let key = match (more, brings) {
        (true, true) => "report-compare-money-more",
        (true, false) => "report-compare-money-wasted",
        (false, true) => "report-compare-money-saved",
        (false, false) => "report-compare-money-less",
    };
    Some(say(key, &values, formatter))
}

/// Which of many plans promises most, and how surely it beats the nearest of the others.
#[must_use]
pub fn most(runs: &[Run<'_>], matrix: &[Vec<Contrast>], formatter: &Formatter) -> String {
    let mean = |i: usize| runs[i].report_data.plan.actions.mean;
    let best = (0..runs.len()).reduce(|a, b| if mean(b) > mean(a) { b } else { a }).unwrap_or(0);
    let others = (0..runs.len()).filter(|i| *i != best);
    let odds = |i: &usize| matrix[best][*i].actions.p_better;
    let Some(nearest) = others.min_by(|a, b| odds(a).total_cmp(&odds(b))) else {
        return String::new();
    };
    let values = [
        ("name", runs[best].name.clone()),
        ("actions", formatter.quantity(mean(best))),
        ("other", runs[nearest].name.clone()),
        ("chance", formatter.chance(odds(&nearest))),
    ];
    say("report-compare-most", &values, formatter)
}

/// What many plans spend, and which pays least for an action; `None` in several currencies.
#[must_use]
pub fn spending(runs: &[Run<'_>], formatter: &Formatter) -> Option<String> {
    let plan = |run: &Run<'_>| (run.report_data.plan.spent, run.report_data.plan.actions.mean);
    let is_one =
        |pair: &[Run<'_>]| pair[0].report_data.plan.currency == pair[1].report_data.plan.currency;
    if !runs.windows(2).all(is_one) {
        return None;
    }
    let costs = runs.iter().filter_map(|run| {
        let (spent, actions) = plan(run);
        Some((per(spent, actions)?, run))
    });
    let (cost, cheapest) = costs.min_by(|a, b| a.0.total_cmp(&b.0))?;
    let spent = || runs.iter().map(|run| plan(run).0);
    let (low, high) = (spent().fold(f64::INFINITY, f64::min), spent().fold(0.0, f64::max));
    let money = |amount: f64| formatter.language.money(amount, formatter.currency);
    let values = [
        ("low", money(low)),
        ("high", money(high)),
        ("name", cheapest.name.clone()),
        ("cost", formatter.price(cost)),
    ];
    let is_same = high - low < 0.005;
    let key = if is_same { "report-compare-spent-same" } else { "report-compare-spent" };
    Some(say(key, &values, formatter))
}

fn say(key: &str, values: &[(&str, String)], formatter: &Formatter) -> String {
    let arguments: Vec<(&str, &str)> =
        values.iter().map(|(name, text)| (*name, text.as_str())).collect();
    formatter.say(key, &arguments)
}
