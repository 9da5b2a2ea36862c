//! One page to hand over: what is promised, where the money goes, what to know. It prints on one
//! sheet of A4, whatever the plan.

use crate::allocate::plan::Plan;
use crate::allocate::plan::row::Range;

use askama::Template;

use super::essential::Promise;
use super::{essential, rendered};
use crate::allocate::rules::policy::PolicyName;
use crate::report::error::ReportError;
use crate::report::formatter::{Formatter, clean};
use crate::report::report_data::ReportData;
use crate::report::sheets::tables;
use crate::report::sums;
use crate::report::sums::Sum;

/// Most lines of one list of amounts.
const LINES: usize = 7;
/// Most letters of a thing to know, of a finding, of a name, of the title and the goal.
const ROOM: Room = Room { thing: 260, finding: 170, name: 34, title: 110, goal: 180 };

struct Room {
    thing: usize,
    finding: usize,
    name: usize,
    title: usize,
    goal: usize,
}

#[derive(Template)]
#[template(path = "handout.html", config = "src/report/page/askama.toml")]
struct Page<'a> {
    formatter: &'a Formatter,
    style: &'static str,
    title: String,
    goal: String,
    facts: Vec<(String, String)>,
    promise: Promise,
    chart: Option<Strip>,
    lists: Vec<List>,
    rules: Vec<String>,
    carbon: String,
    things: Vec<(String, String)>,
}

/// Amounts by one attribute.
struct List {
    head: String,
    lines: Vec<Line>,
    total: String,
}

struct Line {
    name: String,
    budget: String,
    share: String,
    /// Length of its bar in per cent of the longest.
    length: String,
}

/// The promise and the last split on one axis that begins at nothing.
struct Strip {
    label: String,
    bars: Vec<Bar>,
}

struct Bar {
    name: String,
    text: String,
    class: &'static str,
    y: u32,
    low: String,
    width: String,
    mean: String,
}

/// The page.
///
/// # Errors
///
/// [`ReportError::Page`] when the template does not render.
pub fn html(report_data: &ReportData, formatter: &Formatter) -> Result<String, ReportError> {
    let plan = &report_data.plan;
    let campaign = plan.campaign.as_ref();
    let title = campaign.map_or_else(|| formatter.text("report-untitled"), |c| clean(&c.title));
    let things = essential::things(report_data, formatter).into_iter();
    let page = Page {
        formatter,
        style: include_str!("handout.css"),
        title: in_brief(&title, ROOM.title),
        goal: campaign.map_or_else(String::new, |c| in_brief(&clean(&c.goal), ROOM.goal)),
        facts: essential::facts(report_data, formatter),
        promise: Promise::of(report_data, formatter),
        chart: strip(report_data, formatter),
        lists: lists(plan, formatter),
        rules: rules(plan, formatter),
        carbon: carbon(plan, formatter),
        things: things.map(|one| (one.head, in_brief(&one.text, ROOM.thing))).collect(),
    };
    rendered("handout", &page)
}

/// The beginning of a long text in whole sentences, else in whole words.
fn in_brief(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let start: String = text.chars().take(room).collect();
    if let Some(end) = start.rfind(". ").filter(|end| *end > start.len() / 2) {
        return start[..=end].to_owned();
    }
    let whole = start.rfind(' ').filter(|end| *end > start.len() / 2);
    let whole = whole.map_or(start.as_str(), |end| &start[..end]);
    format!("{}\u{a0}…", whole.trim_end_matches([',', ';', ':', ' ', '\u{a0}', '·']))
}

/// Where the money goes: by network and by territory; by audience when neither is known.
fn lists(plan: &Plan, formatter: &Formatter) -> Vec<List> {
    let mut lists: Vec<List> = sums::BY
        .iter()
        .filter_map(|attribute| {
            list(attribute.column(), sums::by(plan, *attribute, formatter), formatter)
        })
        .collect();
    if lists.is_empty() {
        lists.extend(list("segment", sums::each(plan, formatter), formatter));
    }
    lists
}

fn list(head: &str, sums: Vec<Sum>, formatter: &Formatter) -> Option<List> {
    let mut amounts: Vec<(String, f64)> = sums
        .into_iter()
        .filter(|sum| sum.budget > 0.0)
        .map(|sum| (in_brief(&sum.name, ROOM.name), sum.budget))
        .collect();
    let longest = amounts.first()?.1;
    let whole: f64 = amounts.iter().map(|(_, money)| money).sum();
    if amounts.len() > LINES {
        let rest = amounts.split_off(LINES - 1);
        let others = formatter.count("report-split-others", rest.len(), &[]);
        amounts.push((others, rest.iter().map(|(_, money)| money).sum()));
    }
    let longest = amounts.iter().map(|(_, money)| *money).fold(longest, f64::max);
    let money = tables::amounts(amounts.iter().map(|(_, money)| *money), formatter);
    let lines = amounts.iter().map(|(name, amount)| Line {
        name: name.clone(),
        budget: money(*amount),
        share: formatter.part_of(amount / whole),
        length: format!("{:.1}", 100.0 * amount / longest),
    });
    let head = formatter.text(&format!("report-column-{head}"));
    Some(List { head, lines: lines.collect(), total: money(whole) })
}

/// What the rules say: which findings wait for a person, or that none does.
fn rules(plan: &Plan, formatter: &Formatter) -> Vec<String> {
    const SHOWN: usize = 2;
    let mut open: Vec<_> = plan.open_findings().collect();
    open.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut told = vec![match open.len() {
        0 => formatter.text("report-handout-rules-kept"),
        n => formatter.count("report-handout-rules-open", n, &[]),
    }];
    let texts = open.iter().take(SHOWN).map(|finding| tables::message(finding, formatter));
    told.extend(texts.map(|text| in_brief(&text, ROOM.finding)));
    let lifted = plan.findings.iter().filter(|finding| finding.overridden.is_some()).count();
    if lifted > 0 {
        told.push(formatter.count("report-handout-rules-lifted", lifted, &[]));
    }
    told
}

fn carbon(plan: &Plan, formatter: &Formatter) -> String {
    let kg = |kg: f64| formatter.say("report-kilograms", &[("kg", &formatter.short(kg))]);
    let Some(grams) = plan.carbon_g else { return formatter.text("report-handout-carbon-unknown") };
    let expected = kg(grams / 1000.0);
    let limit = plan.campaign.as_ref().and_then(|campaign| campaign.limits.carbon_kg);
    match limit {
        Some(limit) => formatter
            .say("report-handout-carbon-limit", &[("kg", &expected), ("limit", &kg(limit))]),
        None => formatter.say("report-handout-carbon", &[("kg", &expected)]),
    }
}

/// The promise beside the last split, in actions; nothing where the promise is no interval.
fn strip(report_data: &ReportData, formatter: &Formatter) -> Option<Strip> {
    let promised = tables::promised(report_data);
    if promised.mostly.is_some() || promised.mean <= 0.0 {
        return None;
    }
    let mut ranges = vec![("chart-plan", "now", promised)];
    let policies = report_data.outcomes.iter().flat_map(|outcomes| &outcomes.policies);
    if let Some(last) = policies.into_iter().find(|policy| policy.name == PolicyName::Last) {
        let own = last.actions;
        let last = Range { mean: own.mean, p10: own.p10, p50: own.p50, p90: own.p90, mostly: None };
        ranges.push(("chart-last-time", "was", last));
    }
    let most = ranges.iter().map(|(_, _, range)| range.p90.max(range.mean)).fold(0.0, f64::max);
    // The names stand to the left of the axis, the numbers to its right.
    let at = |value: f64| 130.0 + 300.0 * value / most;
    let bars = ranges.iter().enumerate().map(|(i, (name, class, range))| Bar {
        name: formatter.text(name),
        text: formatter.say(
            "report-handout-strip",
            &[
                ("mean", &formatter.quantity(range.mean)),
                ("low", &formatter.quantity(range.p10)),
                ("high", &formatter.quantity(range.p90)),
            ],
        ),
        class,
        y: 14 + 24 * i as u32,
        low: format!("{:.1}", at(range.p10)),
        width: format!("{:.1}", (at(range.p90) - at(range.p10)).max(1.0)),
        mean: format!("{:.1}", at(range.mean)),
    });
    Some(Strip { label: formatter.text("report-handout-strip-label"), bars: bars.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::language::message::{Message, Value};
    use crate::report::example;

    fn page(report_data: &ReportData, language: Language) -> String {
        html(report_data, &Formatter::new(report_data, language)).unwrap()
    }

    #[test]
    fn the_page_tells_promise_money_rules_and_carbon_in_both_languages_whatever_the_plan() {
        for n in [1, 12, 300] {
            let report_data = example::report_data(n);
            for language in Language::ALL {
                let formatter = Formatter::new(&report_data, language);
                let text = page(&report_data, language);
                let promised = tables::promised(&report_data);
                for number in [promised.mean, promised.p10, promised.p90] {
                    assert!(text.contains(&formatter.quantity(number)), "{n} {language}: {number}");
                }
                for word in ["report-column-network", "report-column-territory"] {
                    assert!(text.contains(&formatter.text(word)), "{n} {language}: {word}");
                }
                assert!(text.contains("CO2e") && !text.contains('⟨'), "{n} {language}");
                assert!(!text.contains("<script") && !text.contains("http-equiv=\"refresh"));
            }
        }
    }

    #[test]
    fn the_amounts_shown_add_up_to_the_total_shown() {
        for n in [1, 12, 60, 300] {
            let report_data = example::report_data(n);
            let formatter = Formatter::new(&report_data, Language::En);
            let cents = |text: &str| -> i64 {
                let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                let decimals = text.rsplit_once('.').map_or(0, |(_, end)| end.len());
                digits.parse::<i64>().unwrap() * 10_i64.pow(2 - decimals as u32)
            };
            for list in lists(&report_data.plan, &formatter) {
                assert!(list.lines.len() <= LINES);
                let sum: i64 = list.lines.iter().map(|line| cents(&line.budget)).sum();
                assert_eq!(sum, cents(&list.total), "{n} {}", list.head);
            }
        }
    }

    #[test]
    fn hostile_and_endless_texts_stay_text_and_stay_short() {
        let mut report_data = example::hostile();
        let campaign = report_data.plan.campaign.as_mut().unwrap();
        campaign.title = "<b>Titre</b> ".repeat(60);
        campaign.goal = "mot ".repeat(400);
        let endless = Value::Name("Une phrase sans fin ".repeat(80));
        report_data.plan.findings[0].told = Message::new("finding-as-told", [("text", endless)]);
        for language in Language::ALL {
            let text = page(&report_data, language);
            assert!(!text.contains("<b>") && !text.contains("<script"));
            assert!(text.matches("Titre").count() < 20 && text.matches("mot ").count() < 60);
        }
    }

    #[test]
    fn a_plan_alone_has_a_page_too() {
        let mut alone = ReportData::of_plan(example::report_data(3).plan);
        alone.plan.carbon_g = None;
        for row in &mut alone.plan.rows {
            row.attributes.clear();
        }
        for language in Language::ALL {
            let formatter = Formatter::new(&alone, language);
            let text = page(&alone, language);
            assert!(text.contains(&formatter.text("report-handout-carbon-unknown")));
            assert!(text.contains(&formatter.text("report-column-segment")));
        }
    }
}
