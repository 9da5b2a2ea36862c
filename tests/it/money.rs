//! Money, seen from outside: one reader for every amount, one currency for budget and history.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

/// Four ad sets over fourteen weeks, spends at half, once and one and a half times the usual.
fn export(code: &str) -> String {
    let mut rows = String::from(
        "network,campaign,ad_set,start,end,currency,spend,impressions,shares,comments,link_clicks\n",
    );
    let first = jiff::civil::date(2026, 1, 5);
    for week in 0..14 {
        let start = first.saturating_add(jiff::Span::new().weeks(week));
        let end = start.saturating_add(jiff::Span::new().days(6));
        for set in 0..4 {
            let spend = 50.0 * f64::from(1 + (week * 5 + set * 2) % 3);
            let actions = spend / (1.0 + spend / 300.0) * (1.0 + f64::from(set) / 4.0);
            let _ = writeln!(
                rows,
                "facebook,c,set {set},{start},{end},{code},{spend:.2},{},{},{},{}",
                (spend * 150.0) as i64,
                (actions / 5.0) as i64,
                (actions / 8.0) as i64,
                (actions * (1.0 + f64::from((week + set) % 4) / 20.0)) as i64,
            );
        }
    }
    rows
}

fn campaign(budget: &str, history: &str) -> String {
    format!(
        "title = \"Orientation\"\nbudget = \"{budget}\"\n\
         flight = {{ start = 2027-03-01, end = 2027-04-11 }}\n\
         [history]\nfile = \"h.sqlite\"\n{history}\n[segments]\nsplit_by = [\"ad_set\"]\n"
    )
}

fn relais(folder: &Path, arguments: &[&str]) -> (i32, Value) {
    let (code, answer, _) = crate::plan::relais(folder, arguments);
    (code, answer)
}

fn put(folder: &TempDir, name: &str, text: &str) {
    std::fs::write(folder.path().join(name), text).unwrap();
}

fn read(folder: &TempDir, name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder.path().join(name)).unwrap()).unwrap()
}

fn imported(code: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    put(&folder, "a.csv", &export(code));
    assert_eq!(relais(folder.path(), &["import", "a.csv", "--history", "h.sqlite"]).0, 0);
    folder
}

fn finding<'a>(plan: &'a Value, code: &str) -> Option<&'a Value> {
    plan["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == code)
}

const TRAIN: [&str; 7] =
    ["train", "--history", "h.sqlite", "--split-by", "ad_set", "--out", "m.json"];

#[test]
fn a_comma_before_three_digits_is_settled_by_the_campaign_alone() {
    let folder = TempDir::new().unwrap();
    put(&folder, "curves.csv", "segment,form,p1,p2\na,exponential,100,900\nb,exponential,90,700\n");
    let plan = |budget: &str, more: &str| {
        let head = format!("title = \"x\"\nbudget = \"{budget}\"\n");
        let flight = "flight = { start = 2027-03-01, end = 2027-04-11 }\n";
        put(&folder, "c.toml", &(head + flight + more));
        relais(folder.path(), &["plan", "c.toml", "--curves", "curves.csv", "--out", "o"])
    };
    // The language of the command settles nothing: another person's machine would read otherwise.
    for (budget, more) in [
        ("12,000 EUR", ""),
        ("12.000 EUR", ""),
        ("12,000 EUR", "[output]\nlang = \"fr\"\n"),
        ("12.000 EUR", "[output]\nlang = \"en\"\n"),
        ("500 EUR", "[limits]\nweekly_min = \"1.200 EUR\"\n"),
    ] {
        let (code, answer) = plan(budget, more);
        assert_eq!(code, 2, "{budget} {more}");
        let told = answer["error"].as_str().unwrap();
        assert!(told.contains("c.toml`, line "), "{told}");
        let both =
            if more.contains("1.200") { ["€1.200", "€1,200"] } else { ["€12 ", "€12,000"] };
        assert!(both.iter().all(|reading| told.contains(reading)), "{told}");
    }
    let (code, answer) = plan("12,000 EUR", "[output]\nlang = \"en\"\n");
    assert!(code <= 1, "{answer}");
    assert_eq!(answer["budget"], 12_000.0);
}

#[test]
fn a_budget_is_not_divided_over_the_money_of_another_currency() {
    let folder = imported("USD");
    assert!(relais(folder.path(), &TRAIN).0 <= 1);
    let plan = |budget: &str, history: &str, out: &str| {
        put(&folder, "c.toml", &campaign(budget, history));
        relais(folder.path(), &["plan", "c.toml", "--model", "m.json", "--out", out])
    };
    let (code, answer) = plan("1000 EUR", "", "none");
    assert_eq!(code, 2);
    let told = answer["error"].as_str().unwrap();
    assert!(["EUR", "USD", "rate ="].iter().all(|word| told.contains(word)), "{told}");
    assert!(!folder.path().join("none").exists());
    let (_, answer) = relais(folder.path(), &["run", "c.toml", "--out", "out"]);
    let told = answer["campaigns"][0]["error"].as_str().unwrap();
    assert!(told.contains("EUR") && told.contains("USD"), "{told}");

    // Half the money of twice the worth is the same money.
    assert!(plan("2000 USD", "", "dollars").0 <= 1);
    let rate = "rate = { from = \"USD\", to = \"EUR\", rate = 0.5, source = \"ECB\" }";
    assert!(plan("1000 EUR", rate, "euros").0 <= 1);
    let (dollars, euros) = (read(&folder, "dollars/plan.json"), read(&folder, "euros/plan.json"));
    let number = |value: &Value| value.as_f64().unwrap();
    let pairs = dollars["rows"].as_array().unwrap().iter().zip(euros["rows"].as_array().unwrap());
    for (dollar, euro) in pairs {
        let (dollar, euro) = (number(&dollar["budget"]), number(&euro["budget"]));
        // To the cent of the coarser currency, and what the search leaves open.
        assert!((dollar - 2.0 * euro).abs() < 1.0, "{dollar} {euro}");
    }
    let (one, other) = (number(&dollars["actions"]["mean"]), number(&euros["actions"]["mean"]));
    assert!((one / other - 1.0).abs() < 1e-3, "{one} {other}");
    let told = finding(&euros, "history-rate").expect("the rate is told")["message"].clone();
    assert!(told.as_str().unwrap().contains("0.5") && told.as_str().unwrap().contains("ECB"));
    assert!(finding(&dollars, "history-rate").is_none());
}

#[test]
fn amounts_without_a_currency_are_an_assumption_that_the_plan_tells() {
    let folder = imported("");
    put(&folder, "c.toml", &campaign("1000 EUR", ""));
    relais(folder.path(), &["run", "c.toml", "--out", "out", "--no-backtest"]);
    let plan = read(&folder, "out/c/plan.json");
    let told = finding(&plan, "no-currency").expect("the assumption is told");
    assert!(told["message"].as_str().unwrap().contains("EUR"));
    let page = std::fs::read_to_string(folder.path().join("out/c/report.html")).unwrap();
    assert!(page.contains("name no currency"));
    // The campaign's own word confirms it.
    put(&folder, "d.toml", &campaign("1000 EUR", "currency = \"EUR\""));
    let model = ["plan", "d.toml", "--model", "out/c/model.json", "--out", "confirmed"];
    assert!(relais(folder.path(), &model).0 <= 1);
    assert!(finding(&read(&folder, "confirmed/plan.json"), "no-currency").is_none());
}

#[test]
fn of_two_currencies_in_a_history_a_campaign_chooses_one() {
    let folder = imported("USD");
    put(&folder, "b.csv", &export("EUR").replace("set ", "autre "));
    assert_eq!(relais(folder.path(), &["import", "b.csv", "--history", "h.sqlite"]).0, 0);
    put(&folder, "c.toml", &campaign("1000 EUR", ""));
    let run = |name: &str| {
        relais(folder.path(), &["run", name, "--out", "out", "--no-backtest"]).1["campaigns"][0]
            .clone()
    };
    let told = run("c.toml")["error"].as_str().unwrap().to_owned();
    assert!(told.contains("EUR, USD") && told.contains("currency ="), "{told}");
    put(&folder, "d.toml", &campaign("1000 EUR", "currency = \"EUR\""));
    assert_eq!(run("d.toml")["status"], "done");
    let plan = read(&folder, "out/d/plan.json");
    let names: Vec<&str> = plan["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["segment"].as_str().unwrap())
        .collect();
    assert!(names.len() == 4 && names.iter().all(|name| name.starts_with("autre")), "{names:?}");
    assert!(finding(&plan, "other-currencies").is_some());
    // A limit in the other currency is an error.
    let limit = campaign("1000 EUR", "currency = \"EUR\"") + "[limits]\nweekly_min = \"5 USD\"\n";
    put(&folder, "e.toml", &limit);
    assert!(run("e.toml")["error"].as_str().unwrap().contains("limits.weekly_min"));
}

#[test]
fn the_same_rows_in_another_currency_are_told() {
    let folder = imported("USD");
    put(&folder, "b.csv", &export("EUR"));
    let (code, answer) = relais(folder.path(), &["import", "b.csv", "--history", "h.sqlite"]);
    assert_eq!(code, 1, "a person must look at it");
    let told = &answer["files"][0]["findings"][0];
    assert_eq!(told["action"], "check");
    let text = told["allowed"].as_str().unwrap();
    assert!(text.contains("56 rows") && text.contains("USD") && text.contains("EUR"), "{text}");
    let (_, again) = relais(folder.path(), &["import", "b.csv", "--history", "h.sqlite"]);
    assert_eq!(again["files"][0]["findings"].as_array().unwrap().len(), 0);
}
