//! A finished flight in one page: what was promised, what happened, why they differ.

use super::chart;
use super::formatter::{Formatter, clean};
use super::page::brief::{Brief, Section};
use super::sheets::table::{Cell, Column, Table};
use super::sheets::tables;
use crate::allocate::plan::Plan;
use crate::allocate::plan::row::Row;
use crate::allocate::problem::bound::Limit;
use crate::review::{Review, ReviewRow};

/// The page of a review.
#[must_use]
pub fn page(review: &Review, plan: &Plan, formatter: &Formatter) -> Brief {
    let campaign = plan.campaign.as_ref();
    let section = |id: &str| Section {
        id: id.to_owned(),
        title: formatter.text(&format!("report-review-{id}")),
        text: formatter.text(&format!("report-review-{id}-text")),
        ..Section::default()
    };
    let mut charts = chart::of_review(review, formatter).into_iter();
    let why = Section { charts: charts.next().into_iter().collect(), ..section("why") };
    let held = held(review, plan);
    let rules =
        Section { tables: vec![rule_table(review, plan, &held, formatter)], ..section("rules") };
    let kind = if review.until.is_some() { "kind-so-far" } else { "kind" };
    Brief {
        kind: formatter.text(&format!("report-review-{kind}")),
        title: campaign.map_or_else(|| formatter.text("report-untitled"), |c| clean(&c.title)),
        goal: campaign.map_or_else(String::new, |c| clean(&c.goal)),
        facts: facts(review, plan, formatter),
        things: things(review, formatter),
        signed: Vec::new(),
        sections: vec![why, Section { charts: charts.collect(), ..section("where") }, rules],
    }
}

/// That the flight is not over, and what of its promise can be judged.
#[must_use]
pub fn not_over(review: &Review, formatter: &Formatter) -> Option<String> {
    let until = review.until?;
    let share = review.promised.mean / review.promised_in_all;
    Some(formatter.say(
        "report-review-not-over",
        &[
            ("end", &formatter.language.date(review.end)),
            ("until", &formatter.language.date(until)),
            ("due", &formatter.quantity(review.promised.mean)),
            ("whole", &formatter.quantity(review.promised_in_all)),
            ("share", &formatter.percent(if share.is_finite() { share } else { 0.0 }, 0)),
        ],
    ))
}

fn facts(review: &Review, plan: &Plan, formatter: &Formatter) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    if let Some(campaign) = &plan.campaign {
        let dates = [campaign.flight.start, campaign.flight.end];
        let dates = dates.map(|day| formatter.language.date(day));
        let dates = formatter.say("report-dates", &[("start", &dates[0]), ("end", &dates[1])]);
        facts.push((formatter.text("report-fact-flight"), dates));
        let points = tables::points_in_brief(&campaign.points, &campaign.preset, formatter);
        facts.push((formatter.text("report-fact-points"), points));
    }
    let planned = if review.until.is_some() { "planned-so-far" } else { "planned" };
    facts.push((
        formatter.text(&format!("report-review-{planned}")),
        formatter.money(review.planned),
    ));
    facts.push((formatter.text("report-review-spent"), formatter.money(review.spent)));
    facts
}

/// Promise and outcome, delivery, response; what is missing or went elsewhere comes last.
fn things(review: &Review, formatter: &Formatter) -> Vec<(String, String)> {
    let points = |value: f64| formatter.quantity(value);
    let head = |key: &str| formatter.text(&format!("report-review-thing-{key}-head"));
    let ratio = match review.promised.mean {
        mean if mean > 0.0 => formatter.percent(review.happened / mean, 0),
        _ => "–".to_owned(),
    };
    let key = match review {
        Review { inside: true, .. } => "inside",
        Review { happened, promised, .. } if *happened > promised.p90 => "above",
        _ => "below",
    };
    let key = if review.until.is_some() { format!("{key}-so-far") } else { key.to_owned() };
    let arguments: [(&str, &str); 5] = [
        ("happened", &points(review.happened)),
        ("promised", &points(review.promised.mean)),
        ("low", &points(review.promised.p10)),
        ("high", &points(review.promised.p90)),
        ("ratio", &ratio),
    ];
    let promise = formatter.say(&format!("report-review-thing-{key}"), &arguments);
    let delivery = formatter.say(
        "report-review-thing-delivery",
        &[
            ("delivery", &formatter.signed(review.delivery, 0)),
            ("spent", &formatter.money(review.spent)),
            ("planned", &formatter.money(review.planned)),
        ],
    );
    // Less than a point is as expected.
    let as_expected = review.response.abs() < 0.5;
    let key = if as_expected { "response-as-expected" } else { "response" };
    let difference = formatter.signed(review.response, 0);
    let response =
        formatter.say(&format!("report-review-thing-{key}"), &[("response", &difference)]);
    let running = not_over(review, formatter).map(|text| (head("not-over"), text));
    let mut things: Vec<(String, String)> = running.into_iter().collect();
    things.extend([
        (head(key), promise),
        (head("delivery"), delivery),
        (head("response"), response),
    ]);
    if review.spent_elsewhere > 0.0 {
        let spent = formatter.money(review.spent_elsewhere);
        let text = formatter.say(
            "report-review-thing-elsewhere",
            &[("spent", &spent), ("value", &points(review.elsewhere))],
        );
        things.push((head("elsewhere"), text));
    }
    if !review.missing.is_empty() {
        let shown: Vec<String> =
            review.missing.iter().take(3).map(|segment| formatter.spoken(segment)).collect();
        let more = review.missing.len() - shown.len();
        let mut names = formatter.list(&shown);
        if more > 0 {
            names = formatter.count("report-and-more", more, &[("first", &names)]);
        }
        let text = formatter.say("report-review-thing-missing", &[("segments", &names)]);
        things.push((head("missing"), text));
    }
    things.push((head("caution"), formatter.text("review-caution")));
    things
}

/// Reviewed rows that a limit or rule of the plan held, with that limit.
fn held<'a>(review: &'a Review, plan: &'a Plan) -> Vec<(&'a ReviewRow, &'a Limit)> {
    let limit = |row: &&ReviewRow| {
        let planned: &Row = plan.rows.iter().find(|own| own.segment == row.segment)?;
        planned.at_limit.as_ref().filter(|limit| **limit != Limit::Off)
    };
    review.rows.iter().filter_map(|row| Some((row, limit(&row)?))).collect()
}

/// How much of the difference lies where a rule decided, and what the rules cost the promise.
fn rule_table(
    review: &Review,
    plan: &Plan,
    held: &[(&ReviewRow, &Limit)],
    formatter: &Formatter,
) -> Table {
    let columns = ["rule", "rows-held", "planned", "spent", "promised", "realised", "difference"];
    let columns =
        columns.map(|name| Column::new(formatter, &format!("report-column-{name}"), 14.0));
    let mut table = Table::new(formatter.text("report-review-table-rules"), columns.into());
    let mut limits: Vec<&Limit> = held.iter().map(|(_, limit)| *limit).collect();
    limits.sort_unstable();
    limits.dedup();
    let line = |name: String, rows: &[&ReviewRow]| {
        let sum = |get: fn(&ReviewRow) -> f64| rows.iter().map(|row| get(row)).sum::<f64>();
        let (promised, happened) = (sum(|row| row.promised.mean), sum(|row| row.happened));
        vec![
            Cell::Text(name),
            Cell::Number(rows.len() as f64, 0),
            Cell::Money(sum(|row| row.planned), 0),
            Cell::Money(sum(|row| row.spent), 0),
            Cell::Number(promised, 0),
            Cell::Number(happened, 0),
            Cell::Change(happened - promised, 0),
        ]
    };
    let is_held = |row: &ReviewRow| held.iter().any(|(own, _)| own.segment == row.segment);
    let free: Vec<&ReviewRow> = review.rows.iter().filter(|row| !is_held(row)).collect();
    table.rows.push(line(formatter.text("report-review-free"), &free));
    for limit in limits {
        let rows: Vec<&ReviewRow> =
            held.iter().filter(|(_, own)| *own == limit).map(|(row, _)| *row).collect();
        table.rows.push(line(formatter.limit(limit), &rows));
    }
    let all: Vec<&ReviewRow> = review.rows.iter().collect();
    table.total = Some(line(formatter.text("report-total"), &all));
    let cost: f64 = plan.prices.iter().filter_map(|price| price.cost).sum();
    if cost > 0.0 {
        let cost = formatter.quantity(cost);
        table.caption = format!(
            "{} {}",
            table.caption,
            formatter.say("report-review-cost", &[("cost", &cost)])
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::report::{example, page};

    #[test]
    fn the_page_says_why_in_both_languages_and_stays_text() {
        for report_data in [example::report_data(1), example::report_data(60), example::hostile()] {
            let review = example::review(&report_data.plan);
            for language in Language::ALL {
                let formatter = Formatter::new(&report_data, language);
                let html = page::brief::html(
                    &super::page(&review, &report_data.plan, &formatter),
                    &formatter,
                )
                .unwrap();
                assert!(!html.contains('⟨'), "{language}: a message is missing");
                let running =
                    Review { until: Some(jiff::civil::date(2027, 3, 21)), ..review.clone() };
                let running = super::page(&running, &report_data.plan, &formatter);
                let running = page::brief::html(&running, &formatter).unwrap();
                assert!(!running.contains('⟨'), "{language}: a message is missing");
                let head = formatter.text("report-review-thing-not-over-head");
                assert!(running.contains(&head) && !html.contains(&head), "{language}");
                assert!(!html.contains("<script"), "{language}");
                assert_eq!(html.matches("<figure").count(), 2);
                assert_eq!(html.matches("role=\"img\"").count(), 2);
            }
        }
    }

    #[test]
    fn rows_under_a_rule_and_free_rows_add_up() {
        let report_data = example::report_data(12);
        let review = example::review(&report_data.plan);
        let formatter = Formatter::new(&report_data, Language::En);
        let table =
            rule_table(&review, &report_data.plan, &held(&review, &report_data.plan), &formatter);
        let number = |cell: &Cell| match cell {
            Cell::Number(value, _) | Cell::Money(value, _) | Cell::Change(value, _) => *value,
            other => panic!("{other:?}"),
        };
        let total = table.total.unwrap();
        for column in 1..7 {
            let sum: f64 = table.rows.iter().map(|row| number(&row[column])).sum();
            assert!((sum - number(&total[column])).abs() < 1e-6, "column {column}");
        }
        assert!(table.rows.len() > 1, "the example has rows that a rule holds");
    }
}
