//! A test in words, and its page for the file: what is tested, why, what it costs, what it should
//! bring, when and how it is decided.

use std::collections::BTreeMap;

use super::chart;
use super::formatter::{Formatter, clean};
use super::page::brief::{Brief, Section};
use super::sheets::table::{Cell, Column, Table};
use super::sheets::tables::money;
use crate::allocate::plan::Plan;
use crate::experiment::Protocol;
use crate::language::Language;
use crate::rules::Tables;
use crate::segment::Attribute;

/// What is said of a test, on a terminal as on its page.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Who exchanges money with whom, when.
    pub who: String,
    /// What it costs and should bring, and whether it pays.
    pub worth: Vec<String>,
    /// What it can see, and whether an interval will be claimed.
    pub sees: Vec<String>,
    /// What to heed while it runs.
    pub care: String,
}

impl Told {
    /// The sentences of a test.
    #[must_use]
    pub fn of(protocol: &Protocol, lang: Language) -> Self {
        let (first, last) = ends(protocol, lang);
        let experiment = &protocol.experiment;
        let moved = 2 * experiment.schedule().pairs.len();
        let who = lang.say(
            "experiment-told-who",
            &[
                ("moved", &moved.to_string()),
                ("all", &protocol.audiences.len().to_string()),
                ("pairs", &experiment.schedule().pairs.len().to_string()),
                ("first", &first),
                ("last", &last),
                ("block", &protocol.block_weeks.to_string()),
            ],
        );
        let (worth, sees) = (worth(protocol, lang), sees(protocol, lang));
        Self { who, worth, sees, care: lang.text("experiment-told-care") }
    }
}

/// First and last day of a test.
fn ends(protocol: &Protocol, lang: Language) -> (String, String) {
    let last = &protocol.weeks[protocol.tested_weeks - 1];
    (lang.date(protocol.weeks[0].start), lang.date(last.end))
}

fn worth(protocol: &Protocol, lang: Language) -> Vec<String> {
    let worth = &protocol.worth;
    let points = |value: f64| lang.number(value, usize::from(value.abs() < 10.0));
    let price = if worth.price > 0.0 { "experiment-told-price" } else { "experiment-told-gives" };
    let price = lang.say(
        price,
        &[
            ("price", &points(worth.price.abs())),
            ("share", &lang.percent(worth.price_share.abs(), 1)),
            ("gain", &points(worth.gain)),
            ("all", &points(worth.gain_if_all_known)),
        ],
    );
    let pays = if worth.pays() { "experiment-told-pays" } else { "experiment-told-pays-not" };
    vec![price, lang.say(pays, &[("value", &points(worth.value))])]
}

fn sees(protocol: &Protocol, lang: Language) -> Vec<String> {
    let mut lines = Vec::new();
    let log10_possible = protocol.experiment.design().log10_possible();
    if log10_possible < protocol.experiment.rule().least_possible.log10() {
        let possible = lang.number(10_f64.powf(log10_possible), 0);
        lines.push(lang.say("experiment-told-few", &[("possible", &possible)]));
    }
    lines.push(lang.say(
        "experiment-told-sees",
        &[
            ("exponent", &lang.number(protocol.worth.exponent, 2)),
            ("power", &lang.percent(protocol.worth.power, 0)),
            ("least", &lang.number(protocol.power.least_effect, 2)),
        ],
    ));
    lines
}

/// The page for the file. `plan` is the one that the test was made from.
#[must_use]
pub fn page(protocol: &Protocol, plan: &Plan, rules: &Tables, formatter: &Formatter) -> Brief {
    let told = Told::of(protocol, formatter.language);
    let word = |key: &str| formatter.text(&format!("experiment-page-{key}"));
    let heed = [vec![told.care], learning(protocol, plan, rules, formatter)].concat();
    let things = [
        ("what", told.who),
        ("why", word("why-text")),
        ("worth", told.worth.join(" ")),
        ("sees", told.sees.join(" ")),
        ("heed", heed.join(" ")),
        ("decide", decision(protocol, formatter)),
    ];
    let things = things.map(|(key, text)| (word(key), text));
    let section = |id: &str| Section {
        id: id.to_owned(),
        title: word(id),
        text: word(&format!("{id}-text")),
        ..Section::default()
    };
    let calendar = chart::of_test(protocol, formatter).into_iter().collect();
    Brief {
        kind: word("kind"),
        title: clean(&protocol.campaign.title),
        goal: clean(&protocol.campaign.goal),
        facts: facts(protocol, formatter),
        things: things.into(),
        signed: ["signed-name", "signed-day", "signed"].map(word).into(),
        sections: vec![
            Section { charts: calendar, ..section("calendar") },
            Section { tables: vec![taking_part(protocol, formatter)], ..section("taking-part") },
        ],
    }
}

/// Days, coins and fingerprints: what was settled beforehand.
fn facts(protocol: &Protocol, formatter: &Formatter) -> Vec<(String, String)> {
    let (first, last) = ends(protocol, formatter.language);
    let days = formatter.say("report-dates", &[("start", &first), ("end", &last)]);
    let word = |key: &str| formatter.text(&format!("experiment-page-{key}"));
    let mut facts = vec![
        (word("days"), days),
        (word("seed"), protocol.experiment.seed().0.to_string()),
        (word("model"), clean(protocol.model.get(..FINGERPRINT).unwrap_or(&protocol.model))),
    ];
    facts.extend(protocol.digest.as_ref().map(|mark| (word("fingerprint"), clean(&mark.told))));
    facts
}

/// Digits of a fingerprint on a page, as many as the test's own has.
const FINGERPRINT: usize = 32;

/// When and how a test is decided: the rule that stands in its file.
fn decision(protocol: &Protocol, formatter: &Formatter) -> String {
    let rule = protocol.experiment.rule();
    let lang = formatter.language;
    let (_, last) = ends(protocol, lang);
    formatter.say(
        "experiment-page-decide-text",
        &[
            ("last", &last),
            ("level", &lang.percent(rule.level, 0)),
            ("significance", &lang.percent(rule.significance, 0)),
            ("tolerance", &lang.percent(rule.tolerance, 0)),
            ("unfollowed", &lang.percent(rule.unfollowed, 0)),
            ("half", &lang.number(rule.half_width, 1)),
            ("least", &lang.number(rule.least_possible, 0)),
        ],
    )
}

/// Where the platform's delivery may learn anew with each block: one sentence per network.
fn learning(
    protocol: &Protocol,
    plan: &Plan,
    rules: &Tables,
    formatter: &Formatter,
) -> Vec<String> {
    // Audiences that take part by network, and those of them that expect too little to learn.
    let mut by_network: BTreeMap<&str, (usize, usize, f64)> = BTreeMap::new();
    let weeks = protocol.weeks.len().max(1) as f64;
    for &i in protocol.experiment.schedule().pairs.iter().flatten() {
        let Some(row) = plan.rows.get(i) else { continue };
        let Some(network) = row.attributes.get(Attribute::Network.column()) else { continue };
        let Some(needed) = rules.learning_threshold(network) else { continue };
        let own = by_network.entry(network).or_insert((0, 0, needed));
        own.0 += 1;
        own.1 += usize::from(row.actions.mean / weeks < needed);
    }
    by_network.retain(|_, own| own.1 > 0);
    let told = by_network.into_iter().map(|(network, (all, few, needed))| {
        formatter.count(
            "experiment-page-learning",
            few,
            &[
                ("network", &formatter.network(network)),
                ("needed", &formatter.quantity(needed)),
                ("all", &formatter.quantity(all as f64)),
            ],
        )
    });
    told.collect()
}

/// Who exchanges money with whom, and how much at least and at most in a week.
fn taking_part(protocol: &Protocol, formatter: &Formatter) -> Table {
    let columns = ["segment", "pair", "planned", "low", "high"];
    let columns = columns
        .map(|name| Column::named(formatter.text(&format!("experiment-column-{name}")), 24.0));
    let caption = formatter.text("experiment-page-taking-part-table");
    let mut table = Table::new(caption, columns.into());
    let unit = protocol.campaign.budget.currency().minor_per_unit() as f64;
    let pairs = protocol.pairs().into_iter().enumerate();
    for (pair, i) in pairs.flat_map(|(pair, own)| own.map(|i| (pair, i))) {
        let planned: i64 = protocol.experiment.design().planned()[i].iter().sum();
        let (low, high) = protocol.factors(i);
        table.rows.push(vec![
            Cell::text(&formatter.label(&protocol.audiences[i].segment.id)),
            Cell::Number(pair as f64 + 1.0, 0),
            money(planned as f64 / unit, formatter),
            Cell::Percent(low, 0),
            Cell::Percent(high, 0),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{Design, Experiment, Flight, Power, Rule, Tested, Wish, Worth};
    use crate::panel::Period;
    use crate::random::Seed;
    use crate::reference::Reference;
    use crate::report::ReportData;
    use crate::report::example;
    use crate::report::page::brief;
    use crate::segment::Segment;
    use crate::train::Specification;

    /// The test of a report's plan, all audiences of one network, by blocks of one week.
    fn protocol(report_data: &ReportData) -> Protocol {
        let plan = &report_data.plan;
        let minor = |money: f64| (100.0 * money).round() as i64;
        let planned: Vec<Vec<i64>> = plan
            .rows
            .iter()
            .map(|row| row.weeks.iter().map(|week| minor(week.budget)).collect())
            .collect();
        let times =
            |n: i64| planned.iter().map(|row| row.iter().map(|p| n * p).collect()).collect();
        let flight = Flight {
            network: vec![0; planned.len()],
            least: times(0),
            most: times(3),
            audiences: vec![true; planned.len()],
            weeks: vec![true; planned[0].len()],
            planned: planned.clone(),
        };
        let wish = Wish { block_weeks: 1, ..Wish::default() };
        let design = Design::new(&flight, &wish).unwrap();
        let weights = planned.iter().map(|row| vec![1.0; row.len()]).collect();
        let tested = |row: &crate::allocate::plan::row::Row| Tested {
            segment: Segment { id: row.segment.clone(), attributes: row.attributes.clone() },
            doubling: crate::allocate::plan::row::Range::certain(1.6),
            weekly: 100.0,
        };
        let week = |own: &crate::allocate::plan::row::WeekBudget| Period {
            start: own.week.monday(),
            end: own.week.sunday(),
        };
        Protocol {
            version: 1,
            campaign: plan.campaign.clone().unwrap(),
            audiences: plan.rows.iter().map(tested).collect(),
            weeks: plan.rows[0].weeks.iter().map(week).collect(),
            tested_weeks: plan.rows[0].weeks.len(),
            block_weeks: 1,
            experiment: Experiment::new(design, weights, Rule::default(), Seed(1)).unwrap(),
            worth: Worth {
                price: 40.0,
                price_share: 0.012,
                gain: 90.0,
                gain_if_all_known: 300.0,
                value: 50.0,
                power: 0.93,
                exponent: 0.6,
            },
            power: Power { standard_error: 0.1, freedom: 11.0, least_effect: 0.3 },
            model: plan.fingerprint.clone(),
            specification: Specification::default(),
            digest: None,
        }
    }

    fn html(report_data: &ReportData, protocol: &Protocol, language: Language) -> String {
        let rules = Tables::load(&Reference::default()).unwrap();
        let formatter = Formatter::new(report_data, language);
        brief::html(&page(protocol, &report_data.plan, &rules, &formatter), &formatter).unwrap()
    }

    /// Renewed with `INSTA_UPDATE=always`, after a look at what changed.
    #[test]
    fn the_page_for_the_file_is_pinned_in_both_languages() {
        let report_data = example::report_data(4);
        let protocol = protocol(&report_data);
        for language in Language::ALL {
            let page = html(&report_data, &protocol, language);
            let body = &page[page.find("<body>").unwrap()..];
            insta::assert_snapshot!(format!("test-{language}"), body);
        }
    }

    #[test]
    fn the_page_shows_each_factor_and_says_what_was_settled() {
        let report_data = example::report_data(12);
        let protocol = protocol(&report_data);
        let pairs = protocol.pairs();
        assert!(pairs.len() >= 2, "{pairs:?}");
        for language in Language::ALL {
            let page = html(&report_data, &protocol, language);
            assert!(!page.contains('⟨') && !page.contains("<script"), "{language}");
            let drawing = &page[page.find("<svg").unwrap()..page.find("</svg>").unwrap()];
            for i in pairs.iter().flatten() {
                for week in 0..protocol.tested_weeks {
                    let factor = 100.0 * protocol.factor(*i, week);
                    let told = format!("\n{}\n", language.number(factor, 0));
                    assert!(drawing.contains(&told), "{language} {i} {week}: {told}");
                }
            }
            let formatter = Formatter::new(&report_data, language);
            for value in [
                language.number(50.0, 0),
                language.percent(0.93, 0),
                language.date(protocol.weeks[protocol.tested_weeks - 1].end),
                formatter.text("experiment-page-signed"),
            ] {
                assert!(page.contains(&value), "{language}: {value}");
            }
        }
    }

    #[test]
    fn a_page_of_hostile_names_stays_a_page() {
        let report_data = example::hostile();
        let page = html(&report_data, &protocol(&report_data), Language::Fr);
        assert!(!page.contains("<script") && !page.contains("</table>&"));
    }
}
