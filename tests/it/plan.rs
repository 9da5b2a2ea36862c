//! `relais plan` over known curves, seen from outside.

use std::fmt::Write as _;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

const CAMPAIGN: &str = r#"
title = "Orientation"
budget = "BUDGET"
flight = { start = 2027-03-01, end = 2027-04-11 }
"#;

struct Run {
    code: i32,
    answer: Value,
    plan: Option<Value>,
    stderr: String,
}

fn plan(campaign: &str, curves: &str, more: &[&str]) -> Run {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("campaign.toml"), campaign).unwrap();
    std::fs::write(at("curves.csv"), curves).unwrap();
    let output = Command::cargo_bin("relais")
        .unwrap()
        .arg("plan")
        .arg(at("campaign.toml"))
        .arg("--curves")
        .arg(at("curves.csv"))
        .arg("--out")
        .arg(at("out"))
        .args(["--json", "--lang", "en"])
        .args(more)
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(stdout.lines().count(), 1, "one object and nothing else: {stdout}");
    Run {
        code: output.status.code().unwrap(),
        answer: serde_json::from_str(&stdout).unwrap(),
        plan: read(&at("out").join("plan.json")),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn read(path: &Path) -> Option<Value> {
    std::fs::read_to_string(path).ok().map(|text| serde_json::from_str(&text).unwrap())
}

fn cents(value: &Value) -> i64 {
    (value.as_f64().unwrap() * 100.0).round() as i64
}

#[test]
fn the_rows_add_up_and_the_proof_holds() {
    let campaign = CAMPAIGN.replace("BUDGET", "1000 EUR")
        + "[limits]\nfunded_at_most = 3\n[[limits.group]]\nname = \"each its part\"\neach = \"group\"\nmin_share = 0.2\n";
    let curves = "segment,form,p1,p2,p3,min,max,min_if_funded,fixed_cost,group\n\
        a,exposure,900,300,1.2,,,50,20,north\n\
        b,hill,800,250,2.5,,600,100,,north\n\
        c,exponential,500,200,,,,,,south\n\
        d,power,12,0.6,,,400,,,south\n\
        e,points,0:0;100:90;300:200,,,,,,,south\n";
    let run = plan(&campaign, curves, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.answer.get("rows").is_none());
    let plan = run.plan.unwrap();
    let rows = plan["rows"].as_array().unwrap();
    let sum: i64 = rows.iter().map(|row| cents(&row["budget"])).sum();
    assert_eq!(sum, cents(&plan["spent"]));
    assert_eq!(sum, 100_000);
    for row in rows {
        let weeks = row["weeks"].as_array().unwrap();
        assert_eq!(weeks.len(), 6);
        let by_week: i64 = weeks.iter().map(|week| cents(&week["budget"])).sum();
        assert_eq!(by_week, cents(&row["budget"]));
        assert!(!row["reason"].as_str().unwrap().is_empty());
    }
    let funded = rows.iter().filter(|row| cents(&row["budget"]) > 0).count();
    assert!((1..=3).contains(&funded));
    let proof = &plan["certificate"];
    assert_eq!(proof["status"], "optimal");
    let (objective, bound) =
        (proof["objective"].as_f64().unwrap(), proof["upper_bound"].as_f64().unwrap());
    assert!(objective <= bound && proof["gap"].as_f64().unwrap() < 1e-5);
}

#[test]
fn rules_that_contradict_are_named_with_what_they_would_have_to_give() {
    let campaign = CAMPAIGN.replace("BUDGET", "1000 EUR")
        + "[[limits.group]]\nname = \"north first\"\nwhere = { group = [\"north\"] }\nmin = 700\n";
    let curves = "segment,form,p1,p2,p3,max,group\n\
        a,exponential,900,300,,250,north\nb,exponential,900,300,,300,north\n\
        c,exponential,900,300,,,south\n";
    let run = plan(&campaign, curves, &[]);
    assert_eq!(run.code, 2);
    assert!(run.plan.is_none());
    let told = run.answer["error"].as_str().unwrap();
    assert!(told.contains("north first") && told.contains("€150"), "{told}");
}

#[test]
fn every_bad_cell_of_a_curves_file_is_told() {
    let run = plan(
        &CAMPAIGN.replace("BUDGET", "100 EUR"),
        "segment,form,p1,p2,p3\na,hill,10,0,1\nb,logistic,1,1,\n",
        &[],
    );
    assert_eq!(run.code, 2);
    let told = run.answer["error"].as_str().unwrap();
    assert!(told.contains("line 2") && told.contains("p2") && told.contains("line 3"), "{told}");
}

#[test]
fn up_to_the_budget_says_why_money_is_left() {
    let campaign =
        CAMPAIGN.replace("BUDGET", "1000 EUR").replace("flight", "spend = \"up_to\"\nflight");
    let run = plan(&campaign, "segment,form,p1,p2,max\na,exponential,90,30,250\n", &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(cents(&run.answer["spent"]), 25_000);
    assert!(run.answer["left_because"].as_str().unwrap().contains("maximum"));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let mut curves = String::from("segment,form,p1,p2,p3,group\n");
    for i in 0..300 {
        let (v, s, k) = (100 + i * 7 % 90, 20 + i * 13 % 70, 1.0 + f64::from(i % 5) / 2.0);
        let form = if i % 3 == 0 { "hill" } else { "exposure" };
        let group = i % 4;
        let _ = writeln!(curves, "s{i},{form},{v},{s},{k},g{group}");
    }
    let campaign = CAMPAIGN.replace("BUDGET", "9000 EUR")
        + "[[limits.group]]\nname = \"part\"\neach = \"group\"\nmin_share = 0.2\n";
    let one = plan(&campaign, &curves, &["--threads", "1"]);
    let eight = plan(&campaign, &curves, &["--threads", "8"]);
    assert_eq!(one.plan, eight.plan);
}
