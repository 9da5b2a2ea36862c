//! Which export to make: `relais guide`, its pages in `docs/`, and the check-up of an import.

use std::fmt::Write as _;
use std::path::Path;

use assert_cmd::Command;
use relais::ingest::formats;
use relais::ingest::guide::{Clicks, Guide};
use relais::language::Language;
use relais::reference::Reference;
use serde_json::Value;

fn relais(folder: &Path, language: &str, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("relais").unwrap();
    command.current_dir(folder).env("COLUMNS", "80").env("RELAIS_TODAY", "2026-12-01");
    let output = command.args(["--lang", language]).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// The check-up of a file, for machines and for people in both languages.
fn checkup(file: &str) -> (Value, [String; 2]) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("export.csv"), file).unwrap();
    let import = ["import", "export.csv", "--history", "h.sqlite"];
    let (code, stdout, stderr) = relais(folder.path(), "en", &[&import[..], &["--json"]].concat());
    assert!(code < 2, "{stderr}");
    let checkup = serde_json::from_str::<Value>(&stdout).unwrap()["checkup"].clone();
    let told = ["en", "fr"].map(|language| {
        let (_, stdout, _) = relais(folder.path(), language, &import);
        let at = stdout.find(if language == "en" { "check-up" } else { "bilan" });
        at.map(|at| stdout[at..].trim_end().to_owned()).unwrap_or_default()
    });
    (checkup, told)
}

fn kinds(checkup: &Value) -> Vec<&str> {
    let findings = checkup["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["kind"].as_str().unwrap()).collect()
}

fn finding<'a>(checkup: &'a Value, kind: &str) -> &'a Value {
    let findings = checkup["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["kind"] == kind).unwrap_or_else(|| panic!("{checkup}"))
}

const GOOD: &str = "Day,Campaign name,Ad set name,Amount spent (EUR),Impressions,Reach,Post shares,\
    Post comments,Post saves,Link clicks\n";

/// Days of the export that the guide asks for, the last ones on the day before today.
fn days(header: &str, from: &str, count: i64, cells: &str) -> String {
    let first: jiff::civil::Date = from.parse().unwrap();
    let day = |i: i64| first.saturating_add(jiff::SignedDuration::from_hours(24 * i));
    (0..count).fold(header.to_owned(), |mut text, i| {
        writeln!(text, "{},{cells}", day(i)).unwrap();
        text
    })
}

#[test]
fn the_export_that_the_guide_asks_for_gets_one_short_line() {
    let file = days(GOOD, "2025-11-01", 395, "C,18-24 Toulouse,10.00,1000,800,3,2,1,9");
    let (checkup, told) = checkup(&file);
    assert_eq!(kinds(&checkup), Vec::<&str>::new());
    assert_eq!(checkup["grains"][0]["length"], "day");
    assert_eq!(checkup["end"], "2026-11-30");
    assert_eq!(
        told,
        [
            "check-up: lines by day up to 30 Nov 2026, nothing lacks for a plan",
            "bilan\u{a0}: lignes par jour jusqu’au 30/11/2026, rien ne manque à un plan",
        ]
    );
}

#[test]
fn one_line_for_three_years_is_told_with_the_breakdown_to_choose() {
    let file = "Reporting starts,Reporting ends,Ad set name,Amount spent (EUR),Impressions,Reach,\
        Post shares,Post comments,Post saves,Link clicks\n\
        2023-12-01,2026-11-30,18-24 Toulouse,900.00,100000,800,3,2,1,9\n\
        2023-12-01,2026-11-30,25-34 Toulouse,100.00,10000,80,3,2,1,9\n";
    let (checkup, told) = checkup(file);
    assert_eq!(kinds(&checkup), ["days", "knowledge"]);
    assert_eq!(finding(&checkup, "days")["days"], 1096);
    assert_eq!(finding(&checkup, "days")["header"], "Day");
    assert_eq!(finding(&checkup, "knowledge")["unknown"], serde_json::json!(["weeks"]));
    assert!(
        told[0].contains("3 years in one line (1 Dec 2023 – 30 Nov 2026): break down by `Day`")
    );
    assert!(told[1].contains("3 ans en une ligne (01/12/2023 – 30/11/2026)"), "{}", told[1]);
    assert!(told[0].contains("relais guide meta"), "{}", told[0]);
}

#[test]
fn months_are_told_as_lines_of_thirty_days_and_weeks_are_fine() {
    let header = GOOD.replace("Day,", "Reporting starts,Reporting ends,");
    let month = |i: u8| format!("2026-{i:02}-01,2026-{i:02}-28,C,S,10.00,1000,800,3,2,1,9\n");
    let (monthly, _) = checkup(&(header.clone() + &(1..12).map(month).collect::<String>()));
    assert_eq!(finding(&monthly, "days")["days"], 28);
    assert_eq!(finding(&monthly, "days")["window"], Value::Null);
    let week = |i: u8| format!("2026-11-{:02},2026-11-{:02},C,S,10,1000,800,3,2,1,9\n", i, i + 6);
    let weekly = header + &[2, 9, 16, 23].map(week).concat();
    let (weekly, _) = checkup(&weekly);
    assert_eq!(weekly["grains"][0]["length"], "week");
    assert_eq!(kinds(&weekly), ["knowledge"]);
    assert_eq!(weekly["findings"][0]["unknown"], serde_json::json!(["curve", "season"]));
}

#[test]
fn days_beside_the_whole_of_the_same_money_are_days() {
    let daily = days(GOOD, "2026-01-01", 330, "C,S,10.00,1000,800,3,2,1,9");
    let folder = tempfile::tempdir().unwrap();
    let whole = "Reporting starts,Reporting ends,Campaign name,Ad set name,Amount spent (EUR),\
        Impressions,Reach,Post shares,Post comments,Post saves,Link clicks\n\
        2026-01-01,2026-11-26,C,S,3300.00,330000,9000,990,660,330,2970\n";
    std::fs::write(folder.path().join("days.csv"), daily).unwrap();
    std::fs::write(folder.path().join("whole.csv"), whole).unwrap();
    let arguments = ["import", "days.csv", "whole.csv", "--dry-run", "--json"];
    let (_, stdout, _) = relais(folder.path(), "en", &arguments);
    let answer: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(answer["checkup"]["grains"][0]["length"], "day");
}

#[test]
fn a_missing_column_is_named_as_the_ads_manager_that_made_the_file_names_it() {
    let header = "Jour,Nom de la campagne,Nom de l'ensemble de publicités,Montant dépensé (EUR),\
        Impressions,Couverture,Clics sur un lien\n";
    let (checkup, told) = checkup(&days(header, "2025-11-01", 395, "C,S,10.00,1000,800,9"));
    assert_eq!(kinds(&checkup), ["columns", "knowledge"]);
    let columns: Vec<&str> = finding(&checkup, "columns")["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| column["header"].as_str().unwrap())
        .collect();
    let french = [
        "Partages de publications",
        "Commentaires sur la publication",
        "Enregistrements de publications",
    ];
    assert_eq!(columns, french);
    // In English too: it is the ads manager that is French.
    assert!(told[0].contains("`Partages de publications`"), "{}", told[0]);
    assert_eq!(finding(&checkup, "knowledge")["unknown"], serde_json::json!(["relay"]));
}

#[test]
fn what_stands_in_the_file_is_not_called_absent() {
    let header = GOOD.replace("Post shares", "Post sharess");
    let file = days(&header, "2025-11-01", 395, "C,S,10.00,1000,800,3,2,1,9");
    let (checkup, _) = checkup(&file);
    assert_eq!(kinds(&checkup), Vec::<&str>::new());
}

#[test]
fn campaigns_without_ad_sets_cannot_be_bought_by_audience() {
    let header = GOOD.replace("Ad set name,", "");
    let file = days(&header, "2025-11-01", 395, "C,10.00,1000,800,3,2,1,9");
    let (checkup, _) = checkup(&file);
    assert_eq!(kinds(&checkup), ["ad_sets", "knowledge"]);
    assert_eq!(finding(&checkup, "ad_sets")["header"], "Ad set name");
    assert_eq!(finding(&checkup, "knowledge")["unknown"], serde_json::json!(["audience"]));
}

#[test]
fn an_audience_in_a_column_of_ones_own_can_be_bought() {
    let header = "day,network,age,spend,impressions,shares\n";
    let file = days(header, "2025-11-01", 395, "instagram,18-24,10.00,1000,3");
    let (checkup, _) = checkup(&file);
    assert_eq!(kinds(&checkup), Vec::<&str>::new());
}

#[test]
fn a_breakdown_that_nobody_can_buy_is_told_and_the_platform_is_none() {
    let header = GOOD.trim_end().to_owned();
    let cells = "C,S,10.00,1000,800,3,2,1,9";
    let by_age = days(
        &format!("{header},Age,Gender\n"),
        "2025-11-01",
        395,
        &format!("{cells},18-24,female"),
    );
    let (checked, told) = checkup(&by_age);
    assert_eq!(kinds(&checked), ["levers"]);
    assert_eq!(finding(&checked, "levers")["by"], serde_json::json!(["age", "gender"]));
    assert!(told[1].contains("ventilé par âge × genre"), "{}", told[1]);
    let by_platform = format!("{header},Platform\n");
    let by_platform = days(&by_platform, "2025-11-01", 395, &format!("{cells},instagram"));
    assert_eq!(kinds(&checkup(&by_platform).0), Vec::<&str>::new());
}

#[test]
fn an_old_export_is_told_and_one_of_last_month_is_not() {
    let cells = "C,S,10.00,1000,800,3,2,1,9";
    let (old, told) = checkup(&days(GOOD, "2024-01-01", 395, cells));
    assert_eq!(kinds(&old), ["recent"]);
    assert_eq!(finding(&old, "recent")["last"], "2025-01-29");
    assert!(told[0].contains("last day known 29 Jan 2025, 22 months ago"), "{}", told[0]);
    assert_eq!(kinds(&checkup(&days(GOOD, "2025-10-01", 395, cells)).0), Vec::<&str>::new());
}

#[test]
fn a_month_that_joins_a_year_is_judged_with_the_history() {
    let folder = tempfile::tempdir().unwrap();
    let cells = "C,S,10.00,1000,800,3,2,1,9";
    std::fs::write(folder.path().join("year.csv"), days(GOOD, "2025-11-01", 365, cells)).unwrap();
    std::fs::write(folder.path().join("month.csv"), days(GOOD, "2026-11-01", 30, cells)).unwrap();
    let import = |file: &str| {
        let arguments = ["import", file, "--history", "h.sqlite", "--json"];
        let (_, stdout, _) = relais(folder.path(), "en", &arguments);
        serde_json::from_str::<Value>(&stdout).unwrap()["checkup"].clone()
    };
    assert_eq!(kinds(&import("month.csv")), ["knowledge"]);
    assert_eq!(kinds(&import("year.csv")), Vec::<&str>::new());
    // The older file does not make the history old, and the newer one alone is no whole year.
    assert_eq!(kinds(&import("month.csv")), Vec::<&str>::new());
}

#[test]
fn posts_without_money_say_that_a_plan_needs_an_ads_export() {
    let file = "Post id,Date,Post text,Impressions,Likes,Replies,Reposts\n\
        1,2026-11-17,Et après le bac,1000,3,2,1\n";
    let (checkup, told) = checkup(file);
    assert_eq!(kinds(&checkup), ["money"]);
    assert!(told[0].contains("no spend in these files"), "{}", told[0]);
}

#[test]
fn the_check_up_is_short_and_stays_within_the_terminal() {
    let file = "Reporting starts,Reporting ends,Campaign name,Age,Amount spent (EUR),Impressions\n\
        2023-01-01,2025-11-30,C,18-24,900.00,100000\n";
    let (checkup, told) = checkup(file);
    let all = ["days", "ad_sets", "levers", "columns", "recent", "knowledge"];
    assert_eq!(kinds(&checkup), all);
    for text in told {
        let is_point = |line: &&str| !line.starts_with("    ");
        assert!(text.lines().filter(is_point).count() <= 7, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
}

#[test]
fn many_files_of_which_there_is_nothing_to_say_take_a_line_each() {
    let folder = tempfile::tempdir().unwrap();
    let day = |i: u8| days(GOOD, &format!("2026-11-{i:02}"), 1, "C,S,10.00,1000,800,3,2,1,9");
    let names: Vec<String> = (1..=5).map(|i| format!("{i}.csv")).collect();
    for (i, name) in (1..).zip(&names) {
        let file = day(i) + if i == 5 { "2026-11-06,C,S,x,1000,800,3,2,1,9\n" } else { "" };
        std::fs::write(folder.path().join(name), file).unwrap();
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let all = [&["import"][..], &names, &["--skip-invalid", "--history", "h.sqlite"]].concat();
    let (_, stdout, _) = relais(folder.path(), "en", &all);
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines[0], "1.csv: meta-ads, lines 1, spend €10, 1 Nov 2026 – 1 Nov 2026");
    assert!(lines[3].starts_with("4.csv: meta-ads, lines 1"), "{stdout}");
    assert!(lines[4] == "5.csv: meta-ads" && stdout.contains("found `x`"), "{stdout}");
    // Two files are told with all that they hold.
    let two = ["import", names[0], names[1], "--dry-run"];
    assert!(relais(folder.path(), "en", &two).1.contains("lines read: 1"));
}

#[test]
fn the_guide_tells_every_network_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    for (language, word) in [("en", "Columns"), ("fr", "Colonnes")] {
        let (code, overview, _) = relais(folder.path(), language, &["guide"]);
        assert_eq!(code, 0);
        for network in ["meta", "linkedin", "x", "tiktok", "snapchat", "youtube", "pinterest"] {
            assert!(overview.lines().any(|line| line.trim_start().starts_with(network)));
            let (code, page, _) = relais(folder.path(), language, &["guide", network]);
            assert!(code == 0 && page.contains(word) && page.contains("  1. "), "{page}");
            assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
        }
        let (_, all, _) = relais(folder.path(), language, &["guide", "all"]);
        assert_eq!(all.matches(&format!("\n  {word}\n")).count(), 9, "{all}");
    }
    let (code, _, stderr) = relais(folder.path(), "fr", &["guide", "viadeo"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("«\u{a0}viadeo\u{a0}»") && stderr.contains("linkedin"), "{stderr}");
    let (_, stdout, _) = relais(folder.path(), "en", &["guide", "facebook", "--json"]);
    let page: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(page["name"], "meta");
    assert_eq!(page["exports"][0]["time"]["header"], "Day");
}

/// The guide as a page of `docs/`.
fn page(language: Language) -> String {
    let reference = Reference::default();
    let formats = formats(&reference).unwrap();
    let guide = Guide::load(&reference, &formats, language).unwrap();
    let (intro, after) = guide.around();
    let mut text = format!("# {}\n", guide.title());
    for paragraph in intro.iter().chain(after) {
        write!(text, "\n{paragraph}\n").unwrap();
    }
    for page in guide.pages() {
        write!(text, "\n## {}\n", page.title).unwrap();
        for export in &page.exports {
            clicks(&mut text, export, language);
        }
        if !page.notes.is_empty() {
            let colon = colon(language);
            write!(text, "\n{}{colon}\n\n", language.text("guide-notes")).unwrap();
            page.notes.iter().for_each(|note| writeln!(text, "* {note}").unwrap());
        }
    }
    text
}

fn colon(language: Language) -> &'static str {
    if language == Language::Fr { "\u{a0}:" } else { ":" }
}

fn clicks(text: &mut String, export: &Clicks, language: Language) {
    if let Some(title) = &export.title {
        write!(text, "\n### {title}\n").unwrap();
    }
    text.push('\n');
    for (i, step) in export.steps.iter().enumerate() {
        writeln!(text, "{}. {step}", i + 1).unwrap();
    }
    let names: Vec<String> = export.columns.iter().map(|own| format!("`{}`", own.header)).collect();
    let columns = language.text("guide-columns");
    let colon = colon(language);
    write!(text, "\n{columns}{colon} {}.\n", names.join(", ")).unwrap();
    if let Some(remark) = &export.remark {
        write!(text, "\n{remark}\n").unwrap();
    }
}

#[test]
fn the_pages_in_docs_say_what_the_guide_says() {
    for (language, name) in [(Language::En, "EXPORTS.md"), (Language::Fr, "EXPORTS.fr.md")] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
        let expected = page(language);
        if std::env::var("INSTA_UPDATE").is_ok_and(|how| how == "always") {
            std::fs::write(&path, &expected).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        let how = "INSTA_UPDATE=always cargo test --test it the_pages_in_docs";
        assert!(found == expected, "{name} is not what the guide says: {how}");
    }
}
