//! Runs side by side: what differs in data, model, tables, settings, findings, split and promise,
//! and which brings more, how surely.

pub mod odds;
pub mod parts;
mod run;

pub use run::{Moved, Run, named};

use self::parts::Part;

use super::formatter::{Formatter, clean};
use super::page::brief::{self, Brief, Section};
use super::{ReportData, ReportError, chart, settings};
use crate::allocate::judge::contrast::Contrast;
use crate::allocate::plan::Plan;
use crate::language::Language;

/// The comparison as a page: for two runs what one promises more than the other and what changed,
/// for more the promises as a matrix and a column for each run.
#[must_use]
pub fn page(runs: &[Run<'_>], formatter: &Formatter) -> Brief {
    let (Some(first), Some(last)) = (runs.first(), runs.last()) else { return Brief::default() };
    let matrix = odds::matrix(runs);
    let parts = parts::parts(runs, formatter);
    let goal = |run: &Run<'_>| {
        let campaign = run.report_data.plan.campaign.as_ref();
        campaign.map_or_else(String::new, |campaign| clean(&campaign.goal))
    };
    let is_shared = runs.iter().all(|run| goal(run) == goal(first));
    let names: Vec<String> = runs.iter().map(|run| run.name.clone()).collect();
    let things = match runs {
        [before, after] => things_of_two(before, after, &parts, formatter),
        _ => things_of_many(runs, &matrix, &parts, formatter),
    };
    let promises = Section {
        id: "promises".to_owned(),
        title: formatter.text("report-compare-promises"),
        text: odds::basis(&matrix, formatter),
        charts: chart::of_promises(runs, formatter).into_iter().collect(),
        tables: match runs {
            [before, after] => vec![odds::table(before, after, formatter)],
            _ => odds::tables(runs, &matrix, formatter),
        },
    };
    Brief {
        kind: formatter.text("report-compare-kind"),
        title: formatter.count("report-compare-title", runs.len(), &[]),
        goal: if is_shared { goal(first) } else { String::new() },
        facts: vec![
            (formatter.text("report-compare-first"), first.name.clone()),
            (formatter.text("report-compare-others"), formatter.list(&names[1..])),
        ],
        things,
        signed: Vec::new(),
        sections: vec![promises, changes(runs, (first, last), parts, formatter)],
    }
}

/// The same as HTML, of runs with the names of their folders.
///
/// # Errors
///
/// [`ReportError::Page`](super::ReportError::Page) when a template does not render.
pub fn html(runs: &[(String, ReportData)], language: Language) -> Result<String, ReportError> {
    let Some(formatter) = Formatter::of_all(runs.iter().map(|run| &run.1), language) else {
        return Ok(String::new());
    };
    let pairs: Vec<(String, &ReportData)> =
        runs.iter().map(|(name, report_data)| (name.clone(), report_data)).collect();
    brief::html(&page(&named(&pairs), &formatter), &formatter)
}

/// Audiences that a page of many runs shows, those whose money differs most.
const AUDIENCES: usize = 30;

/// What differs, part by part; parts that are the same, or not kept, in a sentence.
fn changes(
    runs: &[Run<'_>],
    (first, last): (&Run<'_>, &Run<'_>),
    parts: Vec<Part>,
    formatter: &Formatter,
) -> Section {
    let is_pair = runs.len() == 2;
    let title = if is_pair {
        let ends = [("before", first.name.as_str()), ("after", last.name.as_str())];
        formatter.say("report-compare-head", &ends)
    } else {
        formatter.text("report-compare-differences-head")
    };
    let mut tables = Vec::new();
    let text = told_in_a_sentence(&parts, formatter);
    for Part { name, mut table, .. } in parts {
        // For two runs the table of the split is that of the chart.
        if table.rows.is_empty() || (is_pair && name == "split") {
            continue;
        }
        if name == "split" && table.rows.len() > AUDIENCES {
            let hidden = table.rows.len() - AUDIENCES;
            table.rows.truncate(AUDIENCES);
            table.caption = formatter.count(
                "report-compare-split-part",
                hidden,
                &[("caption", &table.caption)],
            );
        }
        tables.push(table);
    }
    let chart = if is_pair { chart::of_splits(first, last, formatter) } else { None };
    Section { id: "changes".to_owned(), title, text, charts: chart.into_iter().collect(), tables }
}

fn told_in_a_sentence(parts: &[Part], formatter: &Formatter) -> String {
    let names = |some: &dyn Fn(&Part) -> bool| -> String {
        let names = parts.iter().filter(|part| some(part)).map(|part| part.table.caption.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    let same = names(&Part::is_same);
    let unknown = names(&|part| !part.is_known);
    let said = [("report-compare-unchanged", same), ("report-compare-not-kept", unknown)];
    let said = said.into_iter().filter(|(_, parts)| !parts.is_empty());
    said.map(|(key, parts)| formatter.say(key, &[("parts", &parts)])).collect::<Vec<_>>().join(" ")
}

/// What to know of two runs: the promise, the money, the split, the causes.
fn things_of_two(
    before: &Run<'_>,
    after: &Run<'_>,
    parts: &[Part],
    formatter: &Formatter,
) -> Vec<(String, String)> {
    let head = |key: &str| formatter.text(&format!("report-compare-thing-{key}-head"));
    let moved = Moved::between(&before.report_data.plan, &after.report_data.plan);
    let split = match moved.first() {
        None => formatter.text("report-compare-thing-split-same"),
        Some(most) => formatter.count(
            "report-compare-thing-split",
            moved.len(),
            &[
                ("most", &formatter.spoken(&most.segment)),
                ("change", &formatter.signed_money(most.change().round(), 0)),
            ],
        ),
    };
    let promise =
        odds::promise(before, after, formatter) + &odds::resumed(&[before, after], formatter);
    let mut things = vec![(head("promise"), promise)];
    things.extend(odds::money(before, after, formatter).map(|money| (head("money"), money)));
    things.push((head("split"), split));
    things.push((head("why"), why(&[before, after], parts, formatter)));
    things
}

/// What to know of many runs: which promises most, what they cost, what differs.
fn things_of_many(
    runs: &[Run<'_>],
    matrix: &[Vec<Contrast>],
    parts: &[Part],
    formatter: &Formatter,
) -> Vec<(String, String)> {
    let head = |key: &str| formatter.text(&format!("report-compare-thing-{key}-head"));
    let all: Vec<&Run<'_>> = runs.iter().collect();
    let promise = odds::most(runs, matrix, formatter) + &odds::resumed(&all, formatter);
    let mut things = vec![(head("promise"), promise)];
    things.extend(odds::spending(runs, formatter).map(|money| (head("money"), money)));
    things.push((head("why"), why(&all, parts, formatter)));
    things
}

/// Settings that are named as causes; of more, their number is told.
const NAMED: usize = 3;

/// The causes that the runs have kept: settings, model, seed, tables, data.
fn why(runs: &[&Run<'_>], parts: &[Part], formatter: &Formatter) -> String {
    let plans: Vec<&Plan> = runs.iter().map(|run| &run.report_data.plan).collect();
    let differs =
        |get: fn(&Plan) -> String| plans.windows(2).any(|pair| get(pair[0]) != get(pair[1]));
    let has_rows =
        |name: &str| parts.iter().any(|part| part.name == name && !part.table.rows.is_empty());
    let settings = parts::decisive(&plans);
    let mut causes = Vec::new();
    if settings.len() > NAMED {
        causes.push(formatter.count("report-compare-cause-rules", settings.len(), &[]));
    } else {
        causes.extend(settings.iter().map(|place| settings::name(place, formatter)));
    }
    let others = [
        ("model", differs(|plan| plan.fingerprint.clone())),
        ("seed", differs(|plan| plan.seed.0.to_string())),
        ("tables", has_rows("tables")),
        ("data", has_rows("data")),
    ];
    let others = others.into_iter().filter(|(_, differs)| *differs);
    causes
        .extend(others.map(|(cause, _)| formatter.text(&format!("report-compare-cause-{cause}"))));
    if !causes.is_empty() {
        return formatter.say("report-compare-thing-why", &[("causes", &formatter.list(&causes))]);
    }
    let is_known = parts.iter().all(|part| part.is_known);
    let key = if is_known { "none" } else { "none-known" };
    formatter.text(&format!("report-compare-thing-why-{key}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::report::ReportData;
    use crate::report::example;
    use std::collections::BTreeMap;

    fn runs<'a>(dossiers: &[&'a ReportData]) -> Vec<Run<'a>> {
        let folder = |i: usize| format!("out/{}", ["a", "b", "<c>"][i]);
        let pairs: Vec<(String, &ReportData)> =
            dossiers.iter().enumerate().map(|(i, report_data)| (folder(i), *report_data)).collect();
        named(&pairs)
    }

    fn changed(before: &ReportData, after: &ReportData) -> BTreeMap<&'static str, usize> {
        let formatter = Formatter::new(after, Language::En);
        let parts = parts::parts(&runs(&[before, after]), &formatter);
        parts.into_iter().map(|part| (part.name, part.table.rows.len())).collect()
    }

    /// The words of the page about two runs.
    fn sentence(before: &ReportData, after: &ReportData) -> String {
        let formatter = Formatter::new(after, Language::En);
        let things = page(&runs(&[before, after]), &formatter).things;
        things
            .into_iter()
            .map(|(head, text)| format!("{head} {text}"))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The example with so much more money, which brings so much more in every draw.
    fn richer(report_data: &ReportData, money: f64, share: f64) -> ReportData {
        let mut richer = report_data.clone();
        let plan = &mut richer.plan;
        plan.budget += money;
        plan.spent += money;
        plan.rows[0].budget += money;
        plan.actions.mean *= 1.0 + share;
        plan.value.mean *= 1.0 + share;
        let draws = plan.by_draw.as_mut().unwrap();
        draws.actions.iter_mut().chain(&mut draws.value).for_each(|draw| *draw *= 1.0 + share);
        richer
    }

    #[test]
    fn a_run_does_not_differ_from_itself() {
        let report_data = example::report_data(3);
        assert!(changed(&report_data, &report_data).values().all(|rows| *rows == 0));
        let told = sentence(&report_data, &report_data);
        assert!(
            told.contains("Both plans promise") && told.contains("No budget changes"),
            "{told}"
        );
        assert!(told.contains("Neither data nor model"), "{told}");
    }

    #[test]
    fn the_page_names_every_run_and_has_its_words_in_both_languages() {
        let one = example::report_data(12);
        let other = richer(&one, 25.0, 0.5);
        let hostile = example::hostile();
        let three = runs(&[&one, &other, &hostile]);
        assert_eq!([&three[0].name, &three[1].name], ["out/a", "out/b"]);
        for language in Language::ALL {
            let formatter = Formatter::new(&other, language);
            // The chart of promises; for two runs also that of their splits.
            for (runs, figures) in [(&three[..], 1), (&three[..2], 2), (&three[1..], 2)] {
                let html =
                    crate::report::page::brief::html(&page(runs, &formatter), &formatter).unwrap();
                assert!(!html.contains('⟨'), "{language}: a message is missing");
                assert!(!html.contains("<script"), "{language}");
                assert!(html.contains(&format!("<html lang=\"{language}\">")));
                assert!(html.contains("out/b"));
                assert_eq!(html.matches("<figure").count(), figures, "{language}");
            }
        }
    }

    #[test]
    fn each_change_shows_in_its_own_table_alone() {
        let before = example::report_data(3);
        let mut after = before.clone();
        after.plan.campaign.as_mut().unwrap().prudence = 0.5;
        after.plan.rows[0].budget -= 10.0;
        after.plan.rows[1].budget += 10.0;
        after.history.as_mut().unwrap().files[0].fingerprint = "0".repeat(64);
        after.plan.tables.insert("rules/minimums.toml".to_owned(), "0".repeat(16));
        let rows = changed(&before, &after);
        let moved = Moved::between(&before.plan, &after.plan);
        assert_eq!(moved.iter().map(Moved::change).sum::<f64>(), 0.0);
        let expected = [
            ("data", 1),
            ("findings", 0),
            ("model", 0),
            ("promise", 0),
            ("rules", 1),
            ("split", 2),
            ("tables", 1),
        ];
        assert_eq!(rows, BTreeMap::from(expected));
        let told = sentence(&before, &after);
        let causes = "Prudence: weight of the worst futures; the reference tables; the data";
        assert!(told.contains(causes), "{told}");
    }

    #[test]
    fn more_money_is_told_with_what_it_brings_and_never_as_chance() {
        let before = example::report_data(3);
        let after = richer(&before, 600.0, 0.01);
        let promised = crate::report::sheets::tables::promised(&before);
        assert!(promised.p90 > after.plan.actions.mean, "the intervals overlap");
        let told = sentence(&before, &after);
        assert!(told.contains("brings more with a probability of more than 99%"), "{told}");
        assert!(told.contains("on the same 200 draws of the same model"), "{told}");
        let more = after.plan.actions.mean - before.plan.actions.mean;
        let formatter = Formatter::new(&before, Language::En);
        for number in [formatter.price(600.0 / more), "€600".to_owned(), formatter.signed(more, 0)]
        {
            assert!(told.contains(&number), "{number}: {told}");
        }
        let back = self::sentence(&after, &before);
        assert!(back.contains("brings fewer with a probability of more than 99%"), "{back}");
    }

    #[test]
    fn plans_over_different_models_say_that_they_have_no_draws_in_common() {
        let before = example::report_data(3);
        let mut after = richer(&before, 600.0, 0.01);
        after.plan.fingerprint = "0".repeat(64);
        let told = sentence(&before, &after);
        assert!(told.contains("different models") && !told.contains("same model"), "{told}");
        after.plan.fingerprint.clone_from(&before.plan.fingerprint);
        after.plan.seed = crate::random::Seed(8);
        assert!(self::sentence(&before, &after).contains("different seeds"));
    }

    #[test]
    fn what_is_left_of_a_running_flight_is_not_taken_for_a_whole_one() {
        let before = example::report_data(3);
        let mut after = before.clone();
        after.plan.resumed = Some(crate::allocate::plan::Resumed {
            until: "2027-03-14".parse().unwrap(),
            budget: before.plan.budget,
            spent: 0.25 * before.plan.budget,
            spent_elsewhere: 0.0,
            rows: Vec::new(),
            campaign: before.plan.campaign.clone().unwrap(),
        });
        let words = "out/b divides only what was left of a flight that was running";
        assert!(sentence(&before, &after).contains(words));
        assert!(!sentence(&after, &after).contains("divide"));
    }

    #[test]
    fn what_was_not_kept_is_not_called_unchanged() {
        let before = ReportData::of_plan(example::report_data(3).plan);
        let mut after = before.clone();
        after.plan.tables.clear();
        let formatter = Formatter::new(&after, Language::En);
        let parts = parts::parts(&runs(&[&before, &after]), &formatter);
        // One model has learnt from one history, whether that was kept or not.
        let unknown = parts.iter().filter(|part| !part.is_known).map(|part| part.name);
        assert_eq!(unknown.collect::<Vec<_>>(), ["tables"]);
        after.plan.fingerprint = "0".repeat(64);
        let parts = parts::parts(&runs(&[&before, &after]), &formatter);
        let unknown = parts.iter().filter(|part| !part.is_known).map(|part| part.name);
        assert_eq!(unknown.collect::<Vec<_>>(), ["tables", "data"]);
    }

    #[test]
    fn amounts_in_two_currencies_keep_their_own_and_have_no_difference() {
        let before = example::report_data(3);
        let mut after = before.clone();
        after.plan.currency = Some("USD".parse().unwrap());
        after.plan.spent += 1.0;
        let formatter = Formatter::new(&after, Language::En);
        let parts = parts::parts(&runs(&[&before, &after]), &formatter);
        let promise = &parts.iter().find(|part| part.name == "promise").unwrap().table;
        let spent =
            promise.rows.iter().find(|row| row[0].write(&formatter).contains("Spent")).unwrap();
        let shown: Vec<String> = spent.iter().map(|cell| cell.write(&formatter)).collect();
        assert_eq!(shown[1..], ["€12,000.00", "$12,001.00", "–"]);
    }
}
