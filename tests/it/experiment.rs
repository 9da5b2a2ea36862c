//! A test of budgets, all the way round: history, design, flight, reading, the next plan.

use std::collections::BTreeMap;
use std::path::PathBuf;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct Desk(pub(crate) TempDir);

impl Desk {
    /// A history of forty weeks of sixteen audiences of the demo's world.
    pub(crate) fn new() -> Self {
        let desk = Self(TempDir::new().unwrap());
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let world = std::fs::read_to_string(root.join("data/demo/world.toml")).unwrap();
        let world = world.replace("segments     = 60", "segments     = 16");
        let world = world.replace("weeks        = 104", "weeks        = 40");
        std::fs::write(desk.at("world.toml"), world).unwrap();
        std::fs::copy(root.join("data/demo/map.toml"), desk.at("map.toml")).unwrap();
        desk.tell(&["generate", "--spec", "world.toml", "--out", "before", "--rows", "3000"]);
        desk.import("before", "h.sqlite");
        desk
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn ask(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = Command::cargo_bin("relais")
            .unwrap()
            .current_dir(self.0.path())
            .env("RELAIS_TODAY", "2026-11-20")
            .args(arguments)
            .args(["--lang", "en"])
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// The answer of a command that gives one.
    fn tell(&self, arguments: &[&str]) -> Value {
        let (code, out, errors) = self.ask(&[arguments, &["--json"]].concat());
        assert!(code < 2, "{arguments:?}: {errors}");
        serde_json::from_str(&out).unwrap_or(Value::Null)
    }

    fn import(&self, exports: &str, history: &str) {
        self.tell(&["import", exports, "--map", "map.toml", "--history", history]);
    }

    fn train(&self, history: &str, model: &str) {
        let split = "network,age,territory,format";
        self.tell(&["train", "--history", history, "--split-by", split, "--out", model]);
    }

    /// Twelve weeks of a budget like the history's.
    pub(crate) fn campaign(&self, budget: &str, end: &str) {
        let text = format!(
            "title = \"Test\"\nbudget = \"{budget}\"\nengagement = \"count\"\n\
             flight = {{ start = 2026-11-23, end = {end} }}\n[history]\nfile = \"h.sqlite\"\n\
             [segments]\nsplit_by = [\"network\", \"age\", \"territory\", \"format\"]\n"
        );
        std::fs::write(self.at("c.toml"), text).unwrap();
    }

    fn design(&self, extra: &[&str]) -> Value {
        let design = ["experiment", "design", "c.toml", "--model", "m.json", "--out", "test"];
        self.tell(&[&design, extra].concat())
    }

    /// Cents by audience and by week: planned, scheduled.
    fn totals(&self) -> [BTreeMap<String, (i64, i64)>; 2] {
        let mut totals = [BTreeMap::new(), BTreeMap::new()];
        let mut reader = csv::Reader::from_path(self.at("test/schedule.csv")).unwrap();
        for row in reader.records().map(Result::unwrap) {
            let cents = |at: usize| (row[at].parse::<f64>().unwrap() * 100.0).round() as i64;
            for (totals, key) in totals.iter_mut().zip([&row[0], &row[1]]) {
                let own: &mut (i64, i64) = totals.entry(key.to_owned()).or_default();
                own.0 += cents(2);
                own.1 += cents(4);
            }
        }
        totals
    }
}

fn promised_with_its_price(desk: &Desk, design: &Value, plan: &Value) {
    let number = |value: &Value| value.as_f64().unwrap();
    // What the plan promises has the price of the test in it, row by row.
    desk.tell(&["plan", "c.toml", "--model", "m.json", "--out", "alone"]);
    let alone: Value =
        serde_json::from_str(&std::fs::read_to_string(desk.at("alone/plan.json")).unwrap())
            .unwrap();
    let promised = |plan: &Value| number(&plan["promise"]["value"]["mean"]);
    let (price, before) = (number(&design["price"]), promised(&alone));
    let paid = before - promised(plan);
    assert!((paid - price).abs() < 0.05 * price.abs() + 1e-3 * before, "{paid} {price} {before}");
    assert!(price.abs() > 2e-3 * before, "{price} of {before} is too little to tell");
    let rows = plan["rows"].as_array().unwrap().iter().map(|row| number(&row["value"]["mean"]));
    assert!((rows.sum::<f64>() / promised(plan) - 1.0).abs() < 1e-9);
}

fn simulated_with_what_it_teaches(desk: &Desk) {
    let number = |value: &Value| value.as_f64().unwrap();
    // A simulation plays the test and what follows by what it taught, beside the plan.
    let simulate = ["simulate", "--model", "m.json", "--replicates", "60", "--draws", "60"];
    let played = |plan: &str| {
        let test = ["--plan", plan, "--test", "test/experiment.json", "--policies", "adaptive"];
        desk.ask(&[&simulate[..], &test, &["--json"]].concat())
    };
    let (code, out, errors) = played("alone/plan.json");
    assert!(code < 2, "{errors}");
    let told: Value = serde_json::from_str(&out).unwrap();
    let names: Vec<&str> = told["policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"tested") && names.contains(&"adaptive"), "{names:?}");
    let expected = |name: &str| number(&told["expected_of"][name]);
    // Its price of some hundredths at most; what it learns may give more back.
    assert!((0.9..1.2).contains(&(expected("tested") / expected("plan"))), "{told}");
    desk.campaign("25000 EUR", "2027-02-14");
    desk.tell(&["plan", "c.toml", "--model", "m.json", "--out", "other"]);
    desk.campaign("24000 EUR", "2027-02-14");
    let (code, _, errors) = played("other/plan.json");
    assert!(code == 2 && errors.contains("designed on another plan"), "{errors}");
}

fn named_by_a_campaign(desk: &Desk) {
    // A campaign that names the test learns from its weeks as if they were marked.
    let next = |name: &str, designed: &str| {
        let text = std::fs::read_to_string(desk.at("c.toml")).unwrap();
        let text = text.replace("2026-11-23", "2027-02-22").replace("2027-02-14", "2027-03-21");
        let history = format!("file = \"after.sqlite\"\n{designed}");
        let text = text.replace("file = \"h.sqlite\"", &history);
        std::fs::write(desk.at(&format!("{name}.toml")), text).unwrap();
        let run = ["run", &format!("{name}.toml"), "--out", "next", "--no-backtest"];
        desk.tell(&run);
        let read = |file: &str| std::fs::read_to_string(desk.at("next").join(name).join(file));
        (read("plan.csv").unwrap(), read("report.html").unwrap().matches("designed weeks").count())
    };
    let marked = next("marked", "");
    let unmark = ["experiment", "read", "test/experiment.json", "--unmark", "--history"];
    desk.tell(&[&unmark[..], &["after.sqlite"]].concat());
    let unmarked = next("unmarked", "").1;
    assert!(marked.1 > 0 && unmarked == 0, "{} {unmarked}", marked.1);
    assert_eq!(marked, next("named", "designed = [\"test/experiment.json\"]\n"));
    std::fs::write(desk.at("none.json"), "{}").unwrap();
    let text = std::fs::read_to_string(desk.at("named.toml")).unwrap();
    std::fs::write(desk.at("no.toml"), text.replace("test/experiment.json", "none.json")).unwrap();
    let (code, out, errors) = desk.ask(&["run", "no.toml", "--out", "no"]);
    assert!(code == 2 && (errors + &out).contains("none.json"), "{code} {out}");
}

#[test]
fn a_test_is_designed_followed_read_and_learnt_from() {
    let desk = Desk::new();
    desk.train("h.sqlite", "m.json");
    desk.campaign("24000 EUR", "2027-02-14");
    // What stands in the folder already stays.
    std::fs::create_dir(desk.at("test")).unwrap();
    std::fs::write(desk.at("test/notes.txt"), "ours").unwrap();
    let design = desk.design(&[]);
    let number = |value: &Value| value.as_f64().unwrap();
    let varies = |own: &&Value| own["varies"] == true;
    assert!(design["segments"].as_array().unwrap().iter().filter(varies).count() >= 4, "{design}");
    assert!(number(&design["price_share"]) < 0.05 && number(&design["gain"]) > 0.0, "{design}");
    assert!(number(&design["gain_if_all_known"]) >= number(&design["gain"]), "{design}");
    // No total moves by a cent.
    for (name, (planned, scheduled)) in desk.totals().into_iter().flatten() {
        assert_eq!(planned, scheduled, "{name}");
    }
    let plan: Value =
        serde_json::from_str(&std::fs::read_to_string(desk.at("test/plan.json")).unwrap()).unwrap();
    for row in plan["rows"].as_array().unwrap() {
        let weeks = row["weeks"].as_array().unwrap().iter().map(|week| number(&week["budget"]));
        assert!((weeks.sum::<f64>() - number(&row["budget"])).abs() < 1e-6, "{row}");
    }
    let (code, _, errors) = desk.ask(&["plan", "--check", "test/plan.json", "--model", "m.json"]);
    assert!(code < 2, "{errors}");
    promised_with_its_price(&desk, &design, &plan);
    // What people sign says what the file settles, and the week's budgets are the schedule's.
    let page = std::fs::read_to_string(desk.at("test/experiment.html")).unwrap();
    let settled: Value =
        serde_json::from_str(&std::fs::read_to_string(desk.at("test/experiment.json")).unwrap())
            .unwrap();
    assert!(page.contains(settled["digest"]["told"].as_str().unwrap()), "{page}");
    let weeks = std::fs::read_to_string(desk.at("test/weeks.csv")).unwrap();
    let funded = plan["rows"].as_array().unwrap().iter().filter(|row| number(&row["budget"]) > 0.0);
    let funded: usize = funded.map(|row| row["weeks"].as_array().unwrap().len()).sum();
    assert_eq!(weeks.lines().count(), 1 + funded);
    // The same seed, the same test.
    let first = std::fs::read(desk.at("test/experiment.json")).unwrap();
    desk.design(&["--threads", "1"]);
    assert_eq!(std::fs::read_to_string(desk.at("test/notes.txt")).unwrap(), "ours");
    assert_eq!(first, std::fs::read(desk.at("test/experiment.json")).unwrap());

    simulated_with_what_it_teaches(&desk);

    // Before the flight there is nothing to read, and it says so.
    let read = ["experiment", "read", "test/experiment.json", "--history"];
    let (code, _, errors) = desk.ask(&[&read[..], &["h.sqlite"]].concat());
    assert!(code == 2 && errors.contains("import its exports"), "{errors}");

    // The world follows the schedule.
    let flight = ["generate", "--spec", "world.toml", "--rows", "3000", "--out", "after"];
    desk.tell(&[&flight[..], &["--schedule", "test/schedule.csv"]].concat());
    desk.import("after", "after.sqlite");
    let reading = desk.tell(&[&read[..], &["after.sqlite"]].concat());
    assert_ne!(reading["verdict"], "broken", "{reading}");
    assert_eq!(reading["cells"], Value::Array(Vec::new()), "every cell was followed");
    assert!(number(&reading["marked"]) > 20.0, "{reading}");
    let exponent = &reading["exponent"];
    assert!((0.1..1.3).contains(&number(&exponent["estimate"])), "{reading}");
    let narrower = reading["curves"].as_array().unwrap().iter().filter(|own| {
        let width = |when: &str| number(&own[when]["p90"]) - number(&own[when]["p10"]);
        width("after") < width("before")
    });
    assert!(narrower.count() * 2 > reading["curves"].as_array().unwrap().len(), "{reading}");
    // What was read is kept: the history's panel marks the weeks, the model asks them.
    let panel = [
        "history",
        "panel",
        "--history",
        "after.sqlite",
        "--split-by",
        "network,age,territory,format",
    ];
    desk.tell(&[&panel[..], &["--out", "panel.csv"]].concat());
    let panel = std::fs::read_to_string(desk.at("panel.csv")).unwrap();
    assert!(panel.lines().next().unwrap().contains("designed"));
    desk.train("after.sqlite", "m2.json");
    let model = std::fs::read_to_string(desk.at("m2.json")).unwrap();
    assert!(model.contains("\"tested\""));
    let cards: Value = serde_json::from_str(&model).unwrap();
    let cards = cards["card"]["segments"].as_array().unwrap();
    let designed: f64 = cards.iter().filter_map(|card| card["designed"].as_f64()).sum();
    assert!(designed > 20.0, "the model says by what its curves are known: {designed}");
    // Reading it once more marks nothing new.
    assert_eq!(desk.tell(&[&read[..], &["after.sqlite"]].concat())["marked"], 0);

    named_by_a_campaign(&desk);

    // The schedule alone is read too, as one that was designed elsewhere.
    let split = "network,age,territory,format";
    let elsewhere = ["experiment", "read", "--schedule", "test/schedule.csv", "--split-by", split];
    let foreign =
        desk.tell(&[&elsewhere[..], &["--history", "after.sqlite", "--dry-run"]].concat());
    let estimate = |own: &Value| number(&own["exponent"]["estimate"]);
    assert!((estimate(&foreign) - estimate(&reading)).abs() < 0.25, "{foreign} {reading}");
    assert_eq!(foreign["cells"], Value::Array(Vec::new()));

    // A test that somebody edited is not read.
    let text =
        String::from_utf8(first).unwrap().replacen("\"block_weeks\": 2", "\"block_weeks\": 1", 1);
    std::fs::write(desk.at("test/experiment.json"), text).unwrap();
    let (code, _, errors) = desk.ask(&[&read[..], &["after.sqlite"]].concat());
    assert!(code == 2 && errors.contains("edited"), "{errors}");
}

#[test]
fn a_test_that_cannot_be_says_what_would_make_one() {
    let desk = Desk::new();
    desk.train("h.sqlite", "m.json");
    desk.campaign("6000 EUR", "2026-12-06");
    let design = ["experiment", "design", "c.toml", "--model", "m.json", "--out", "test"];
    let (code, _, errors) = desk.ask(&design);
    assert!(code == 2 && errors.contains("at least 4 weeks"), "{errors}");
    let (code, _, errors) = desk.ask(&[&design[..], &["--weeks", "9"]].concat());
    assert!(code == 2 && errors.contains("the flight has 2"), "{errors}");
    assert!(!desk.at("test").exists(), "nothing is left of a test that cannot be");
}
