//! Every sentence of the page and its charts against the numbers it speaks of, in a table of
//! situations and in both languages: it is said when what it claims is so, and only then, and the
//! numbers in it are the dossier's.

mod claims;
mod situations;

use std::collections::{BTreeMap, BTreeSet};

use super::chart::{self, Chart};
use super::formatter::Formatter;
use super::page;
use super::report_data::ReportData;
use super::{example, finished};
use crate::language::Language;
use crate::language::heard::{self, Said};

/// What a reader is told: messages that stand in the page or in a chart's words.
fn said(report_data: &ReportData, language: Language) -> Vec<Said> {
    let (text, heard) = heard::listen(|| {
        let formatter = Formatter::new(report_data, language);
        let charts = chart::all(report_data, &formatter);
        let words =
            |chart: &Chart| format!("{}\n{}\n{}\n", chart.title, chart.subtitle, chart.alternative);
        let charts_told: String = charts.iter().map(words).collect();
        page::html(report_data, &charts, &formatter).unwrap() + &charts_told
    });
    // A message may begin a sentence.
    let text = as_read(&text).to_lowercase();
    let stands: BTreeSet<String> = {
        let words: BTreeSet<&str> = heard.iter().map(|said| said.text.as_str()).collect();
        words
            .into_iter()
            .filter(|words| text.contains(words.trim().to_lowercase().as_str()))
            .map(str::to_owned)
            .collect()
    };
    let mut heard: Vec<Said> =
        heard.into_iter().filter(|said| stands.contains(&said.text)).collect();
    heard.sort_by(|a, b| (&a.key, &a.text).cmp(&(&b.key, &b.text)));
    heard.dedup_by(|a, b| (&a.key, &a.text) == (&b.key, &b.text));
    heard
}

/// A page without its drawings, its style and its marks.
fn as_read(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        let skipped = ["svg", "style"].into_iter().find(|tag| rest[at + 1..].starts_with(tag));
        let end = match skipped {
            Some(tag) => format!("</{tag}>"),
            None => ">".to_owned(),
        };
        rest = rest[at..].find(&end).map_or("", |to| &rest[at + to + end.len()..]);
        text.push(if skipped.is_none() { '\u{1}' } else { ' ' });
    }
    text.push_str(rest);
    unescaped(&text.replace('\u{1}', ""))
}

/// The text of a page as a person reads it.
fn unescaped(html: &str) -> String {
    let marks = [
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ];
    marks.iter().fold(html.to_owned(), |text, (mark, letter)| text.replace(mark, letter))
}

/// A number as a language writes it: its value, what its last digit is worth, and which way it is
/// bounded (`<` or `>`, in signs or in words).
fn number(text: &str, language: Language) -> Option<(f64, f64, Option<char>)> {
    let bound = match text {
        _ if ["<", "less than", "moins de"].iter().any(|mark| text.starts_with(mark)) => Some('<'),
        _ if [">", "more than", "plus de"].iter().any(|mark| text.starts_with(mark)) => Some('>'),
        _ => None,
    };
    let point = if language == Language::Fr { ',' } else { '.' };
    let mut digits = String::new();
    for letter in text.chars() {
        match letter {
            '0'..='9' => digits.push(letter),
            '\u{2212}' | '-' if digits.is_empty() => digits.push('-'),
            letter if letter == point && digits.contains(|c: char| c.is_ascii_digit()) => {
                digits.push('.');
            }
            ',' | '\u{202f}' | '\u{a0}' => {}
            _ if digits.contains(|c: char| c.is_ascii_digit()) => break,
            _ => {}
        }
    }
    let digits = digits.trim_end_matches('.');
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let share = if text.contains('%') { 0.01 } else { 1.0 };
    let value: f64 = digits.parse().ok()?;
    Some((share * value, share * 10_f64.powi(-(decimals as i32)), bound))
}

/// Whether a text shows a value: to half of its last digit, or on the right side of its bound.
fn shows(text: &str, value: f64, language: Language) -> bool {
    let Some((shown, digit, bound)) = number(text, language) else { return false };
    match bound {
        Some('<') => value < shown,
        Some(_) => value > shown,
        None => (shown - value).abs() <= 0.501 * digit,
    }
}

#[test]
fn numbers_are_read_as_each_language_writes_them() {
    for (text, language, value) in [
        ("12\u{202f}345,6", Language::Fr, 12_345.6),
        ("\u{2212}€1,250.50", Language::En, -1250.5),
        ("+4,2\u{a0}%", Language::Fr, 0.042),
        ("1\u{202f}250\u{a0}€", Language::Fr, 1250.0),
        ("0.262 points", Language::En, 0.262),
    ] {
        assert!(shows(text, value, language), "{text}: {:?}", number(text, language));
        assert!(!shows(text, 1.05 * value, language), "{text}");
    }
    assert!(
        shows("more than 99%", 0.999, Language::En) && !shows("plus de 99 %", 0.9, Language::Fr)
    );
    assert!(
        shows("<\u{a0}1\u{a0}%", 0.004, Language::Fr) && !shows("<\u{a0}1%", 0.02, Language::En)
    );
}

#[test]
fn a_gap_is_never_told_smaller_than_it_is() {
    for excess in [1e-9, 3.4e-7, 2e-5, 0.002_34, 0.019_99, 0.5, 1.0, 12.0] {
        let mut report_data = example::report_data(1);
        let certificate = &mut report_data.plan.certificate;
        certificate.upper_bound = certificate.objective * (1.0 + excess);
        for language in Language::ALL {
            let all = said(&report_data, language);
            let proof = all.iter().find(|said| said.key == "report-proof").expect("a proof");
            let gap = proof.arguments.iter().find(|(name, _)| name == "gap").expect("its gap");
            let (shown, ..) = number(&gap.1, language).expect("a number");
            assert!(shown >= excess * (1.0 - 1e-6), "{excess}: {}", proof.text);
            assert!(shown <= 1.1 * excess + 1.01e-8, "{excess}: {}", proof.text);
        }
    }
}

/// Trouble with what is said of one dossier in one language.
fn troubles(report_data: &ReportData, language: Language) -> Vec<String> {
    let mut by_key: BTreeMap<String, Vec<Said>> = BTreeMap::new();
    for said in said(report_data, language) {
        by_key.entry(said.key.clone()).or_default().push(said);
    }
    let mut troubles = Vec::new();
    for claim in claims::all() {
        let all = by_key.get(claim.key).map_or(&[][..], Vec::as_slice);
        match ((claim.when)(report_data), all.first()) {
            (false, Some(said)) => troubles.push(format!("false: {}: {}", claim.key, said.text)),
            (true, None) => troubles.push(format!("owed and not said: {}", claim.key)),
            (true, Some(_)) => {
                let numbers = (claim.numbers)(report_data);
                troubles.extend(all.iter().flat_map(|said| wrong_numbers(said, &numbers)));
            }
            (false, None) => {}
        }
    }
    troubles
}

fn wrong_numbers(said: &Said, numbers: &[(&'static str, f64)]) -> Vec<String> {
    let wrong = |(name, value): &(&'static str, f64)| {
        let told = said.arguments.iter().find(|(own, _)| own == name);
        let right = match (told, said.n) {
            (Some((_, text)), _) => shows(text, *value, said.language),
            (None, Some(n)) if *name == "n" => n == *value,
            _ => false,
        };
        (!right).then(|| format!("{}: {name} is {value}, told: {}", said.key, said.text))
    };
    numbers.iter().filter_map(wrong).collect()
}

#[test]
fn every_sentence_is_true_and_none_that_is_owed_is_missing() {
    let mut wrong = Vec::new();
    for situation in situations::all() {
        for language in Language::ALL {
            // The other language says the same of the largest.
            if situation.report_data.plan.rows.len() > 100 && language == Language::Fr {
                continue;
            }
            let found = troubles(&situation.report_data, language);
            wrong.extend(found.iter().map(|own| format!("{} ({language}): {own}", situation.name)));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_review_tells_what_happened() {
    let cases = [
        ("report-review-thing-inside", 0.98, true),
        ("report-review-thing-above", 2.0, false),
        ("report-review-thing-below", 0.2, false),
    ];
    let report_data = example::report_data(12);
    for language in Language::ALL {
        for ((key, share, inside), response) in cases.into_iter().zip([0.2, 41.0, -41.0]) {
            let mut review = example::review(&report_data.plan);
            let promised = review.promised.mean;
            (review.happened, review.inside) = (share * promised, inside);
            review.response = response;
            let (page, heard) = heard::listen(|| {
                let formatter = Formatter::new(&report_data, language);
                page::brief::html(
                    &finished::page(&review, &report_data.plan, &formatter),
                    &formatter,
                )
                .unwrap()
            });
            let page = unescaped(&page);
            let found = |key: &str| {
                heard.iter().find(|said| said.key == key && page.contains(&said.text)).cloned()
            };
            let told = found(key).expect(key);
            let numbers = [
                ("happened", review.happened),
                ("promised", promised),
                ("ratio", share),
                ("low", review.promised.p10),
                ("high", review.promised.p90),
            ];
            assert_eq!(wrong_numbers(&told, &numbers), Vec::<String>::new());
            let others = cases.iter().filter(|case| case.0 != key);
            assert!(others.into_iter().all(|case| found(case.0).is_none()), "{key}");
            let as_expected = found("report-review-thing-response-as-expected").is_some();
            assert_eq!(as_expected, response == 0.2, "{key}");
            assert_eq!(found("report-review-thing-response").is_none(), as_expected);
        }
    }
}

/// Beginnings of keys that name something and claim nothing of the dossier: heads of tables and
/// sections, names of settings, words of which sentences are made, and what a rule itself says.
const NAMES: &[&str] = &[
    "allocate-",
    "told-as-it-was",
    "finding-",
    "report-action-",
    "report-age-",
    "report-again-",
    "report-at-",
    "report-beside-",
    "report-by-week",
    "report-column-",
    "report-contents",
    "report-diagnostic-",
    "report-engine-",
    "report-essential",
    "report-everyone",
    "report-fact-",
    "report-footer",
    "report-format-",
    "report-formats-",
    "report-gain-per",
    "report-gender-",
    "report-group-rule",
    "report-hyperparameter-",
    "report-hypothesis-",
    "report-kilograms",
    "report-kind",
    "report-layer-",
    "report-less-than",
    "report-levers-",
    "report-limit-",
    "report-model-",
    "report-more-than",
    "report-known-",
    "report-mostly-short",
    "report-network-",
    "report-numbers",
    "report-objective-",
    "report-pacing-",
    "report-points",
    "report-policy-",
    "report-predictor-",
    "report-preset-",
    "report-prices",
    "report-prudence",
    "report-range",
    "report-rounding-",
    "report-rule-",
    "report-setting",
    "report-severity-",
    "report-skip",
    "report-spend-",
    "report-status-",
    "report-table-",
    "report-three-things",
    "report-to-fill",
    "report-total",
    "report-trust-",
    "report-whole-campaign",
    "report-yes",
    "rules-",
    "train-",
];

/// Messages whose claims other messages make, or that hold of every dossier.
const ALWAYS: &[&str] = &[
    "report-and-more",
    "report-dates",
    "report-mean-and-range",
    "report-never-used",
    "report-no",
    "report-not-used",
    "report-promise-kinds",
    "report-promise-unit",
    "report-section-account-text",
    "report-section-again-text",
    "report-section-choice-text",
    "report-split-others",
];

#[test]
fn no_sentence_goes_untested() {
    let tested: BTreeSet<&str> = claims::all().iter().map(|claim| claim.key).collect();
    let mut untested = BTreeSet::new();
    let mut heard = BTreeSet::new();
    for situation in situations::all() {
        if situation.report_data.plan.rows.len() > 100 {
            continue;
        }
        for said in said(&situation.report_data, Language::En) {
            let key = said.key.as_str();
            // A section's heading and the head of a thing go with their texts; a chart's subtitle
            // says what is drawn, the words in it what each mark is.
            let goes_with = (key.starts_with("report-section-") && !key.contains("-text"))
                || key.ends_with("-head")
                || key.ends_with("-sub")
                || key.ends_with("-table")
                || (key.starts_with("chart-") && !key.contains("-title") && !key.contains("-alt"));
            // A chart's title is tested; its alternative text follows the same variant.
            let follows =
                key.contains("-alt") && tested.contains(key.replacen("-alt", "-title", 1).as_str());
            let known = tested.contains(key)
                || ALWAYS.contains(&key)
                || NAMES.iter().any(|start| key.starts_with(start));
            heard.insert(key.to_owned());
            if !(known || goes_with || follows) {
                untested.insert(key.to_owned());
            }
        }
    }
    assert!(untested.is_empty(), "write down what they claim: {untested:#?}");
    let silent: Vec<&&str> = tested.iter().filter(|key| !heard.contains(**key)).collect();
    assert!(silent.is_empty(), "no situation says: {silent:#?}");
}
