//! Results in two languages: a run made in one reads, in the other, as if it had been made there.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::prelude::*;
use serde_json::Value;
use tempfile::TempDir;

/// A campaign on which many rules have something to say, with names that look like words of ours.
const CAMPAIGN: &str = r#"
title    = "Santé : l’hiver 1,5"
goal     = "Faire relayer les dates de dépistage"
budget   = "1876.54 EUR"
spend    = "up_to"
flight   = { start = 2028-01-10, end = 2028-02-06 }
engagement = "relay"
sensitive = true

[segments]
split_by = ["network", "age", "territory", "ad_set"]
levers   = "any"

[limits]
per_segment = { min_if_funded = "50 EUR", max_share = 0.5 }
funded_at_most = 5
change_at_most = 0.4
carbon = "2000 kg"

[[limits.group]]
name      = "carbon cap"
where     = { age = ["18-24"] }
min_share = 0.2

[[limits.group]]
name      = "plafond carbone"
where     = { network = ["linkedin"] }
max_share = 0.3

[[shock]]
name        = "22 Nov 2026"
from        = "2028-W03"
to          = "2028-W04"
probability = 0.3
cpm         = 1.3

[overrides]
minors-broad = "Accord du 22/11/2026"

[output]
formats = ["html", "xlsx", "csv", "svg"]
"#;

/// Audiences whose ad sets are called like networks, formats, dates and attributes of others.
const AUDIENCES: [(&str, &str, &str, &str, f64); 7] = [
    ("facebook", "18-24", "DEP-31", "instagram", 2.0),
    ("instagram", "13-17", "DEP-31", "vidéo", 3.0),
    ("linkedin", "25-34", "DEP-34", "video", 1.4),
    ("tiktok", "13-17", "DEP-34", "linkedin · 18-24", 2.4),
    ("tiktok", "18-24", "REG-76", "female", 3.1),
    ("youtube", "25-34", "DEP-31", "1,5", 1.1),
    ("notre réseau", "35-54", "DEP-34", "carbon cap", 0.9),
];

fn panel() -> String {
    let mut text = String::from(
        "network,age,territory,ad_set,week,currency,spend,impressions,link_clicks,shares\n",
    );
    for (year, weeks) in [(2026, 1..=14), (2027, 1..=14)] {
        for week in weeks {
            for (i, (network, age, territory, ad_set, rate)) in AUDIENCES.into_iter().enumerate() {
                let spend = 40.0 + f64::from((week * 7 + 3 * i as i32) % 31);
                let clicks = (rate * spend.powf(0.8)).round();
                writeln!(
                    text,
                    "{network},{age},{territory},\"{ad_set}\",{year}-W{week:02},EUR,{spend},{},\
                     {clicks},{}",
                    (spend * 150.0).round(),
                    (clicks / 4.0).round()
                )
                .unwrap();
            }
        }
    }
    text
}

fn relais(folder: &Path, arguments: &[&str], language: &str) {
    let output = Command::cargo_bin("relais")
        .unwrap()
        .current_dir(folder)
        .args(arguments)
        .args(["--lang", language, "--seed", "7"])
        .output()
        .unwrap();
    assert!(output.status.code().is_some_and(|code| code < 2), "{arguments:?}: {output:?}");
}

/// What a report is made of, by name below its folder.
fn report(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let endings = ["html", "xlsx", "csv", "svg"];
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(below) = folders.pop() {
        for entry in std::fs::read_dir(&below).unwrap() {
            let path = entry.unwrap().path();
            let ending = path.extension().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if endings.contains(&ending.as_str()) {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// A plan without the texts that it keeps for scripts in the language of the run.
fn without_texts(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for text in ["message", "arguments", "reason", "left_because"] {
                fields.remove(text);
            }
            fields.values_mut().for_each(without_texts);
        }
        Value::Array(items) => items.iter_mut().for_each(without_texts),
        _ => {}
    }
}

#[test]
fn a_run_made_in_one_language_reads_in_the_other_as_if_made_there() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("panel.csv"), panel()).unwrap();
    let train = ["train", "--panel", "panel.csv", "--engine", "nested", "--out", "m.json"];
    relais(folder.path(), &train, "fr");
    let run =
        ["run", "c.toml", "--model", "m.json", "--out", "o", "--no-backtest", "--replicates", "60"];
    for language in ["fr", "en"] {
        std::fs::create_dir(at(language)).unwrap();
        std::fs::write(at(language).join("c.toml"), CAMPAIGN).unwrap();
        std::fs::copy(at("m.json"), at(language).join("m.json")).unwrap();
        relais(&at(language), &run, language);
    }
    let plans = ["fr", "en"].map(|language| {
        let text = std::fs::read(at(language).join("o/c/plan.json")).unwrap();
        let mut plan: Value = serde_json::from_slice(&text).unwrap();
        without_texts(&mut plan);
        plan
    });
    assert_eq!(plans[0], plans[1], "what a plan holds does not depend on its language");
    let findings = plans[0]["findings"].as_array().unwrap();
    let codes: Vec<&str> = findings.iter().filter_map(|found| found["code"].as_str()).collect();
    for code in ["minors-meta", "minors-broad", "sensitive-topic", "pre-election-"] {
        assert!(codes.iter().any(|found| found.starts_with(code)), "{codes:?}");
    }
    for (made, read) in [("fr", "en"), ("en", "fr")] {
        relais(
            &at(made),
            &["report", "o/c", "--out", "again", "--formats", "html,xlsx,csv,svg"],
            read,
        );
        let (again, there) = (report(&at(made).join("again")), report(&at(read).join("o/c")));
        assert!(there.len() >= 10, "{:?}", there.keys());
        assert_eq!(again.keys().collect::<Vec<_>>(), there.keys().collect::<Vec<_>>());
        for (name, bytes) in &there {
            if again[name] != *bytes {
                let [again, there] = [&again[name], bytes].map(|b| String::from_utf8_lossy(b));
                let differs = again.lines().zip(there.lines()).find(|(a, b)| a != b);
                panic!("made in {made}, read in {read}: {}: {differs:?}", name.display());
            }
        }
    }
    // What people named keeps its name in both.
    let page =
        |language: &str| std::fs::read_to_string(at(language).join("o/c/report.html")).unwrap();
    for page in [page("fr"), page("en")] {
        for name in ["carbon cap", "plafond carbone", "Accord du 22/11/2026", "linkedin · 18-24"] {
            assert!(page.contains(name), "{name}");
        }
    }
    let table = std::fs::read_to_string(at("fr").join("o/c/plan.csv")).unwrap();
    assert!(table.contains(";video;") && table.contains(";female;"), "{table}");
    assert!(page("en").contains("times the mean") && page("fr").contains("fois la moyenne"));
}

/// Source below these folders decides by values: it makes no sentence but to explain an error, and
/// has none to compare.
#[test]
fn no_sentence_is_made_or_compared_where_decisions_are() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files: Vec<PathBuf> = Vec::new();
    let mut folders: Vec<PathBuf> =
        ["allocate", "rules", "simulate", "train"].map(|name| source.join(name)).into();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    assert!(files.len() > 100, "{}", files.len());
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if name == "tests.rs" || name == "error.rs" {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let own = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        // An error explains itself in words: that is read by people alone.
        let mut explains = false;
        for (i, line) in own.lines().enumerate() {
            explains |= line.starts_with("impl Explain for") || line.starts_with("impl Nobody");
            let speaks = ["language.text(", "language.say(", "language.count(", "lang.text("];
            let makes = speaks.iter().any(|call| line.contains(call)) && !explains;
            let reads = [".message ==", ".message !=", "message.contains", "message.starts_with"];
            let compares = reads.iter().any(|read| line.contains(read));
            let place = format!("{}:{}: {line}", file.display(), i + 1);
            assert!(!makes && !compares, "{place}");
            explains &= line != "}";
        }
    }
}
