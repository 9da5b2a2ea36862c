//! What cannot be bought is not funded, and what a campaign asks of a history that has little or
//! nothing of it is told.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// A folder of work with a history.
struct Desk(TempDir);

struct Answer {
    code: i32,
    json: Value,
}

impl Desk {
    /// A history of twelve weeks from Monday 5 January 2026 on, of the rows given.
    fn new(csv: &str) -> Self {
        let desk = Self(TempDir::new().unwrap());
        std::fs::write(desk.at("export.csv"), csv).unwrap();
        let answer = desk.ask(&["import", "export.csv", "--history", "h.sqlite"], "en");
        assert_eq!(answer.code, 0, "{}", answer.json);
        desk
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn ask(&self, arguments: &[&str], lang: &str) -> Answer {
        self.ask_on("2026-12-01", arguments, lang)
    }

    fn ask_on(&self, today: &str, arguments: &[&str], lang: &str) -> Answer {
        let output = Command::cargo_bin("relais")
            .unwrap()
            .current_dir(self.0.path())
            .env("RELAIS_TODAY", today)
            .args(arguments)
            .args(["--json", "--lang", lang])
            .output()
            .unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let json = serde_json::from_str(&stdout).unwrap_or_else(|_| {
            panic!("{stdout}{}", String::from_utf8_lossy(&output.stderr));
        });
        Answer { code: output.status.code().unwrap(), json }
    }

    /// Writes a campaign of 2000 EUR over four weeks of April 2027.
    fn campaign(&self, name: &str, change: impl Fn(String) -> String) {
        let text = "title = \"t\"\nbudget = \"2000 EUR\"\nengagement = \"count\"\n\
            flight = { start = 2027-04-05, end = 2027-05-02 }\n\
            [history]\nfile = \"h.sqlite\"\n\
            [segments]\nsplit_by = [\"network\", \"age\"]\n\
            [output]\nformats = [\"csv\"]\n";
        std::fs::write(self.at(name), change(text.to_owned())).unwrap();
    }

    fn run(&self, campaigns: &[&str], lang: &str) -> Answer {
        let mut arguments = vec!["run"];
        arguments.extend(campaigns);
        arguments.extend(["--out", "out", "--no-backtest", "--force"]);
        self.ask(&arguments, lang)
    }

    /// Trains on the split of the campaigns above, and plans.
    fn plan(&self, campaign: &str, split_by: &str, lang: &str) -> Answer {
        let train = ["train", "--history", "h.sqlite", "--split-by", split_by, "--out", "m.json"];
        assert!(self.ask(&train, "en").code < 2);
        self.ask(&["plan", campaign, "--model", "m.json", "--out", "planned"], lang)
    }

    fn read(&self, path: impl AsRef<Path>) -> Value {
        let text = std::fs::read_to_string(self.0.path().join(path)).unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

/// Weeks of four ad sets on one network, each with the age given.
fn weeks(ages: [&str; 4]) -> String {
    let mut csv = String::from(
        "network,campaign,ad_set,start,end,age,currency,spend,impressions,shares,link_clicks\n",
    );
    for week in 0..12 {
        let start = jiff::civil::date(2026, 1, 5) + jiff::Span::new().days(7 * week);
        let end = start + jiff::Span::new().days(6);
        for (k, age) in (0..).zip(ages) {
            let spend = 80 + 30 * k + (week * 37 + k * 17) % 80;
            let (shown, clicks) = (150 * spend, spend * (8 + 2 * k) / 10);
            writeln!(
                csv,
                "facebook,C,Set {k},{start},{end},{age},EUR,{spend},{shown},{},{clicks}",
                clicks / 10
            )
            .unwrap();
        }
    }
    csv
}

const AGES: [&str; 4] = ["18-24", "25-34", "35-44", "45-54"];

fn finding<'a>(plan: &'a Value, code: &str) -> Option<&'a Value> {
    plan["findings"].as_array().unwrap().iter().find(|found| found["code"] == code)
}

fn told(plan: &Value, code: &str) -> String {
    let found = finding(plan, code).unwrap_or_else(|| panic!("{code}: {}", plan["findings"]));
    found["message"].as_str().unwrap().to_owned()
}

#[test]
fn money_that_nothing_breaks_down_is_no_audience_and_the_way_to_ask_is_told() {
    let desk = Desk::new(&weeks([""; 4]));
    desk.campaign("c.toml", |text| text);
    desk.campaign("any.toml", |text| text.replace("[output]", "levers = \"any\"\n[output]"));
    for (lang, sets) in [("en", "4 ad sets"), ("fr", "4 ensembles de publicités")] {
        let grouped = ["segments", "--history", "h.sqlite", "--split-by", "network,age"];
        let grouped = [&grouped[..], &["--out", "g.csv"]].concat();
        for answer in [
            desk.plan("c.toml", "network,age", lang),
            desk.plan("any.toml", "network,age", lang),
            desk.ask(&grouped, lang),
        ] {
            let error = answer.json["error"].as_str().unwrap();
            assert_eq!(answer.code, 2, "{error}");
            assert!(error.contains(sets), "{error}");
            assert!(error.contains("split_by = [\"ad_set\"]") && error.contains("age"), "{error}");
        }
        let answer = desk.run(&["c.toml"], lang);
        let error = answer.json["campaigns"][0]["error"].as_str().unwrap();
        assert!(answer.code == 2 && error.contains("split_by = [\"ad_set\"]"), "{error}");
        assert!(!desk.at("g.csv").exists() && !desk.at("planned").exists());
    }
    // What is offered works.
    desk.campaign("sets.toml", |text| text.replace("\"network\", \"age\"", "\"ad_set\""));
    let answer = desk.run(&["sets.toml"], "en");
    assert!(answer.code < 2, "{}", answer.json);
    assert_eq!(desk.read("out/sets/plan.json")["rows"].as_array().unwrap().len(), 4);
}

#[test]
fn a_part_of_the_money_that_nothing_breaks_down_is_left_out_and_told() {
    let desk = Desk::new(&weeks(["18-24", "25-34", "35-44", ""]));
    desk.campaign("c.toml", |text| text);
    let answer = desk.plan("c.toml", "network,age", "fr");
    assert_eq!(answer.code, 1);
    assert!(told(&answer.json, "not-broken-down").contains("4 ensembles de publicités"));
    let answer = desk.run(&["c.toml"], "en");
    let plan = desk.read("out/c/plan.json");
    assert_eq!(answer.code, 1);
    let names: Vec<&str> =
        plan["rows"].as_array().unwrap().iter().map(|r| r["segment"].as_str().unwrap()).collect();
    assert_eq!(names, ["facebook · 18-24", "facebook · 25-34", "facebook · 35-44"]);
    // 2544 of 7857 EUR.
    let spent = |k: i64| (0..12).map(|w| 80 + 30 * k + (w * 37 + k * 17) % 80).sum::<i64>();
    let share = 100.0 * spent(3) as f64 / (0..4).map(spent).sum::<i64>() as f64;
    let message = told(&plan, "not-broken-down");
    assert!(message.contains(&format!("{share:.0}%")), "{message} {share}");
    let grouped = ["segments", "--history", "h.sqlite", "--split-by", "network,age"];
    let answer = desk.ask(&[&grouped[..], &["--out", "g.csv"]].concat(), "en");
    assert_eq!((answer.code, answer.json["segments"].as_u64()), (1, Some(3)));
    assert_eq!(answer.json["findings"][0]["code"], "not-broken-down");
    // Its money stays in the panel, in no group.
    let grouped = std::fs::read_to_string(desk.at("g.csv")).unwrap();
    assert!(grouped.lines().any(|line| line.starts_with("facebook · not broken down,")));
}

#[test]
fn ages_that_only_the_platform_tells_apart_are_levers_only_where_any_is() {
    let mut csv = String::from(
        "Reporting starts,Reporting ends,Campaign name,Ad set name,Age,Amount spent (EUR),\
         Impressions,Link clicks\n",
    );
    for week in 0..12 {
        let start = jiff::civil::date(2026, 1, 5) + jiff::Span::new().days(7 * week);
        let end = start + jiff::Span::new().days(6);
        for k in 0..4 {
            let spend = 80 + 30 * k + (week * 37 + k * 17) % 80;
            for (age, tenths) in [("18-24", 5), ("25-34", 3), ("35-44", 2)] {
                let (money, shown) = (spend * tenths, 15 * spend * tenths);
                let clicks = money * (8 + 2 * k) / 100;
                writeln!(
                    csv,
                    "{start},{end},C,Set {k},{age},{}.{},{shown},{clicks}",
                    money / 10,
                    money % 10
                )
                .unwrap();
            }
        }
    }
    let desk = Desk::new(&csv);
    desk.campaign("c.toml", |text| text);
    desk.campaign("any.toml", |text| text.replace("[output]", "levers = \"any\"\n[output]"));
    let answer = desk.plan("c.toml", "network,age", "en");
    let error = answer.json["error"].as_str().unwrap();
    assert_eq!(answer.code, 2);
    assert!(error.contains("breakdown") && error.contains("split_by = [\"ad_set\"]"), "{error}");
    let answer = desk.plan("any.toml", "network,age", "en");
    assert!(answer.code < 2, "{}", answer.json);
    assert_eq!(desk.read("planned/plan.json")["rows"].as_array().unwrap().len(), 3);
}

#[test]
fn campaigns_that_share_audiences_are_told_with_what_the_sum_brings() {
    let desk = Desk::new(&weeks(AGES));
    desk.campaign("a.toml", |text| text);
    desk.campaign("b.toml", |text| {
        text.replace("2027-04-05", "2027-04-19").replace("2027-05-02", "2027-05-16")
    });
    desk.campaign("later.toml", |text| {
        text.replace("2027-04-05", "2027-06-07").replace("2027-05-02", "2027-07-04")
    });
    let answer = desk.run(&["a.toml", "b.toml", "later.toml"], "en");
    assert_eq!(answer.code, 1, "{}", answer.json);
    let shared = answer.json["shared"].as_array().unwrap();
    assert_eq!(shared.len(), 1);
    assert_eq!(shared[0]["campaigns"], serde_json::json!(["a.toml", "b.toml"]));
    assert_eq!(
        (&shared[0]["from"], &shared[0]["to"]),
        (&"2027-04-19".into(), &"2027-05-02".into())
    );
    let plans = ["a", "b"].map(|name| desk.read(format!("out/{name}/plan.json")));
    let promised: f64 =
        plans.iter().map(|plan| plan["promise"]["actions"]["mean"].as_f64().unwrap()).sum();
    assert!((shared[0]["promised"].as_f64().unwrap() / promised - 1.0).abs() < 1e-9);
    let together = shared[0]["together"].as_f64().unwrap();
    // Half of the days are shared: something is lost, and less than half of all.
    assert!(together < 0.995 * promised && together > 0.5 * promised, "{together} {promised}");
    assert!(told(&plans[0], "shared-audiences").contains("b.toml"));
    assert!(told(&plans[1], "shared-audiences").contains("a.toml"));
    assert!(finding(&desk.read("out/later/plan.json"), "shared-audiences").is_none());
    // The same in any order, and nothing of it alone.
    let bytes = || std::fs::read(desk.at("out/a/plan.json")).unwrap();
    let before = bytes();
    desk.run(&["b.toml", "a.toml"], "en");
    assert_eq!(bytes(), before);
    let again = ["run", "a.toml", "b.toml", "--out", "out", "--no-backtest"];
    assert_eq!(desk.ask(&again, "en").json["campaigns"][0]["status"], "skipped");
    let alone = ["run", "a.toml", "--out", "out", "--no-backtest"];
    assert_eq!(desk.ask(&alone, "en").json["campaigns"][0]["status"], "done");
    assert!(finding(&desk.read("out/a/plan.json"), "shared-audiences").is_none());
}

#[test]
fn a_batch_takes_a_campaign_without_history_as_plan_does() {
    let desk = Desk::new(&weeks(AGES));
    desk.campaign("c.toml", |text| {
        text.replace("[history]\nfile = \"h.sqlite\"\n", "").replace(
            "[output]",
            "where = { network = [\"tiktok\", \"facebook\"], age = [\"18-24\"] }\n[output]",
        )
    });
    let planned = desk.ask(&["plan", "c.toml", "--out", "planned"], "fr");
    let run = desk.run(&["c.toml"], "fr");
    assert_eq!((planned.code, run.code), (1, 1), "{}", run.json);
    let (one, other) = (desk.read("planned/plan.json"), desk.read("out/c/plan.json"));
    let budgets = |plan: &Value| {
        let rows = plan["rows"].as_array().unwrap().clone();
        rows.iter().map(|row| row["budget"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(budgets(&one), budgets(&other));
    assert_eq!(one["promise"], other["promise"]);
    assert!(finding(&other, "prior-only").is_some());
    assert!(
        desk.at("out/c/segments.csv").exists() || desk.at("out/c").read_dir().unwrap().count() > 3
    );
    assert!(!desk.at("out/c/model.json").exists());
}

#[test]
fn what_the_history_has_nothing_of_is_told_by_plan_and_by_run() {
    let desk = Desk::new(&weeks(AGES));
    let days = |start: &'static str, end: &'static str| {
        move |text: String| text.replace("2027-04-05", start).replace("2027-05-02", end)
    };
    desk.campaign("usual.toml", |text| text);
    desk.campaign("past.toml", days("2026-02-02", "2026-03-01"));
    desk.campaign("begun.toml", days("2026-03-23", "2026-04-19"));
    // Three years after the history, and a flight that begins within a year and a half of it.
    desk.campaign("old.toml", days("2029-04-02", "2029-04-29"));
    desk.campaign("recent.toml", days("2027-08-30", "2027-09-26"));
    desk.campaign("over.toml", days("2026-06-01", "2026-06-28"));
    desk.campaign("much.toml", |text| text.replace("2000 EUR", "80000 EUR"));
    desk.campaign("network.toml", |text| {
        text.replace("[output]", "where = { network = [\"facebook\", \"tiktok\"] }\n[output]")
    });
    desk.campaign("age.toml", |text| {
        text.replace("[output]", "where = { age = [\"18-24\", \"65+\"] }\n[output]")
    });
    for (name, code, says) in [
        ("past", "flight-in-history", "29 Mar 2026"),
        ("begun", "flight-begun-in-history", "29 Mar 2026"),
        ("over", "flight-over", "1 Dec 2026"),
        ("old", "history-old", "36 months"),
        ("much", "budget-beyond-history", "times"),
        ("network", "network-without-history", "TikTok"),
        ("age", "where-without-history", "65+"),
    ] {
        let file = format!("{name}.toml");
        let planned = desk.plan(&file, "network,age", "en");
        assert_eq!(planned.code, 1, "{name}");
        assert!(told(&planned.json, code).contains(says), "{}", told(&planned.json, code));
        let run = desk.run(&[&file], "fr");
        let plan = desk.read(format!("out/{name}/plan.json"));
        assert_eq!(run.code, 1, "{name}");
        assert!(!told(&plan, code).contains('⟨'));
        let codes = ["flight-in-history", "flight-begun-in-history", "flight-over"];
        let others = codes.iter().filter(|other| **other != code);
        assert!(others.clone().all(|other| finding(&plan, other).is_none()), "{name}");
    }
    desk.run(&["recent.toml"], "en");
    assert!(finding(&desk.read("out/recent/plan.json"), "history-old").is_none());
    // The usual campaign has none of them, and is the same on any day before its flight; once that
    // has begun, no test of its weeks is proposed any more.
    let bytes = |today: &str| {
        let run = ["run", "usual.toml", "--out", "out", "--no-backtest", "--force"];
        assert!(desk.ask_on(today, &run, "en").code < 2);
        std::fs::read(desk.at("out/usual/plan.json")).unwrap()
    };
    let before = bytes("2026-12-01");
    assert_eq!(before, bytes("2027-03-31"));
    let parts = |bytes: &[u8]| -> Value {
        let mut plan: Value = serde_json::from_slice(bytes).unwrap();
        plan.as_object_mut().unwrap().retain(|name, _| name != "next_test" && name != "digest");
        plan
    };
    assert_eq!(parts(&before), parts(&bytes("2027-04-30")));
    let plan = desk.read("out/usual/plan.json");
    let new =
        ["flight-", "history-old", "budget-beyond", "without-history", "not-broken", "one-week"];
    for found in plan["findings"].as_array().unwrap() {
        let code = found["code"].as_str().unwrap();
        assert!(new.iter().all(|own| !code.contains(own)), "{code}");
    }
}

#[test]
fn an_ad_set_seen_for_one_week_does_not_get_everything() {
    let mut csv = weeks(AGES);
    csv.push_str("facebook,C,Once,2026-02-16,2026-02-22,55-64,EUR,400,72000,150,1540\n");
    let desk = Desk::new(&csv);
    desk.campaign("c.toml", |text| text);
    desk.campaign("free.toml", |text| {
        text.replace("[output]", "[limits]\ntrust_region = false\n[output]")
    });
    let once = |name: &str| {
        let plan = desk.read(format!("out/{name}/plan.json"));
        let rows = plan["rows"].as_array().unwrap().clone();
        let row = rows.iter().find(|row| row["segment"] == "facebook · 55-64").unwrap().clone();
        (row["budget"].as_f64().unwrap(), plan)
    };
    desk.run(&["c.toml"], "en");
    let (budget, plan) = once("c");
    assert!(budget <= 200.005, "{budget}");
    assert!(told(&plan, "one-week").contains("55-64"));
    assert_eq!(desk.run(&["free.toml"], "en").code, 1);
    let (budget, plan) = once("free");
    assert!(budget > 1000.0, "{budget}");
    let message = told(&plan, "one-week-funded");
    assert!(message.contains('%') && message.contains("55-64"), "{message}");
}
