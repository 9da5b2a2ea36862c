//! `relais plan` over known curves, seen from outside.

use std::fmt::Write as _;
use std::path::Path;

use assert_cmd::Command;
use relais::allocate::plan::rows::ROWS_IN_FULL;
use serde_json::Value;
use sha2::Digest as _;
use tempfile::TempDir;

const CAMPAIGN: &str = r#"
title = "Orientation"
budget = "BUDGET"
flight = { start = 2027-03-01, end = 2027-04-11 }
"#;

/// A model's file as relais would have written it.
fn sealed(mut model: Value) -> String {
    model.as_object_mut().unwrap().remove("digest");
    let said = model.to_string();
    let digest = sha2::Sha256::digest(said.as_bytes());
    let hex = digest.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    format!("{},\"digest\":\"{hex}\"}}", said.strip_suffix('}').unwrap())
}

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
fn a_gap_beyond_one_per_cent_needs_a_person_whatever_ended_the_search() {
    let campaign =
        CAMPAIGN.replace("BUDGET", "1000 EUR").replace("flight", "spend = \"up_to\"\nflight");
    let curves = "segment,form,p1,p2,max,min_if_funded\na,exponential,100000,90000,600,600\n\
        b,exponential,100000,95000,700,700\nc,exponential,100000,97000,650,650\n";
    for (nodes, code) in [("1", 1), ("1000", 0)] {
        let run = plan(&campaign, curves, &["--nodes", nodes]);
        let gap = run.answer["certificate"]["gap"].as_f64().unwrap();
        assert_eq!((run.code, gap > 0.01), (code, code == 1), "{gap} {}", run.stderr);
        let findings = run.answer["findings"].as_array().unwrap();
        assert_eq!(findings.iter().any(|f| f["code"] == "proof-open"), code == 1, "{findings:?}");
    }
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

#[test]
fn a_large_plan_is_columns_that_everything_reads_as_rows() {
    let n = ROWS_IN_FULL + 50;
    let mut curves = String::from("segment,form,p1,p2,p3,min,max,fixed_cost,group\n");
    for i in 0..n {
        let (v, s, form) = (100 + i * 7 % 90, 20 + i * 13 % 70, ["exponential", "hill"][i % 2]);
        let (slope, cost) = (["", "0.8"][i % 2], ["", "0.5"][usize::from(i % 10 == 9)]);
        let _ = writeln!(curves, "s{i},{form},{v},{s},{slope},2,45,{cost},g{}", i % 3);
    }
    let campaign = CAMPAIGN.replace("BUDGET", "600000 EUR")
        + "[[limits.group]]\nname = \"one\"\nwhere = { group = [\"g1\"] }\nmax_share = 0.25\n";
    let run = plan(&campaign, &curves, &["--threads", "1"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.answer.get("rows").is_none());
    let written = run.plan.unwrap();
    assert_eq!(written, plan(&campaign, &curves, &["--threads", "8"]).plan.unwrap());
    let columns = written["rows"].as_object().unwrap();
    let names: Vec<&str> = columns.keys().map(String::as_str).collect();
    let wanted =
        ["at_limit", "budget", "fixed_cost", "marginal", "per_day", "segment", "value.mean"];
    assert_eq!(names, wanted);
    assert!(columns.values().all(|column| column.as_array().unwrap().len() == n));
    // Read as rows, they are the plan: money to the cent, value, prices.
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("plan.json");
    std::fs::write(&file, written.to_string()).unwrap();
    let read = relais::report::report_data::read_plan(&file).unwrap();
    assert_eq!(read.rows.len(), n);
    let whole = |money: f64| (100.0 * money).round() as i64;
    assert_eq!(read.rows.iter().map(|row| whole(row.budget)).sum::<i64>(), whole(read.spent));
    let value: f64 = read.rows.iter().map(|row| row.value.mean).sum();
    assert!((value / read.value.mean - 1.0).abs() < 1e-12, "{value} {}", read.value.mean);
    let price = read.prices[0].price;
    let free = read.rows.iter().filter(|row| row.at_limit.is_none() && row.budget > 0.0);
    assert!(free.clone().count() > 1000);
    for row in free {
        assert!((row.marginal / price - 1.0).abs() < 2e-2, "{} {price}", row.marginal);
    }
    let held = |limit: &str| {
        let is_it = |row: &&relais::allocate::plan::row::Row| {
            row.at_limit.clone().is_some_and(|own| String::from(own) == limit)
        };
        read.rows.iter().filter(is_it).count()
    };
    assert!(
        held("group:one") > 1000 && held("max") > 1000,
        "{} {}",
        held("group:one"),
        held("max")
    );
    assert!(read.rows.iter().any(|row| row.fixed_cost == 0.5));
    assert_eq!(serde_json::to_value(&read).unwrap(), written);
}

/// A small history: three networks by two ages, twenty weeks, then two weeks of a flight.
fn exports(flight: bool) -> String {
    let mut rows = String::from(
        "network,profile,campaign,ad_set,start,end,age,currency,spend,impressions,reach,shares,comments,link_clicks\n",
    );
    let networks = [("facebook", 1.0), ("instagram", 1.6), ("linkedin", 0.5)];
    let first = jiff::civil::date(2026, 9, 28);
    let weeks = if flight { 22..24 } else { 0..20 };
    for week in weeks {
        let start = first.saturating_add(jiff::Span::new().weeks(week));
        let end = start.saturating_add(jiff::Span::new().days(6));
        for (k, (network, rate)) in networks.iter().enumerate() {
            for (a, age) in ["18-24", "25-34"].iter().enumerate() {
                let spend = 40.0 + f64::from((week * 17 + k as i32 * 31 + a as i32 * 11) % 60);
                let impressions = (spend * 150.0) as i64;
                let reach = (impressions as f64 / 1.4) as i64;
                let actions =
                    (spend / (1.0 + spend / 400.0) * rate * (1.0 + a as f64 * 0.3)) as i64;
                let _ = writeln!(
                    rows,
                    "{network},page,c{k},set {network} {age},{start},{end},{age},EUR,{spend:.2},{impressions},{reach},{},{},{}",
                    actions / 5,
                    actions / 7,
                    actions
                );
            }
        }
    }
    rows
}

pub(crate) fn relais(folder: &Path, arguments: &[&str]) -> (i32, Value, String) {
    let output = Command::cargo_bin("relais")
        .unwrap()
        .current_dir(folder)
        .args(arguments)
        .args(["--json", "--lang", "en", "--seed", "3"])
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let answer = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}{stderr}", String::from_utf8_lossy(&output.stdout))
    });
    (output.status.code().unwrap(), answer, stderr)
}

#[test]
fn a_running_flight_is_divided_again_over_the_days_left() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("past.csv"), exports(false)).unwrap();
    std::fs::write(at("running.csv"), exports(true)).unwrap();
    let campaign = CAMPAIGN.replace("BUDGET", "3000 EUR")
        + "[segments]\nsplit_by = [\"network\", \"age\"]\nlevers = \"any\"\n\
           [[limits.group]]\nname = \"facebook keeps its part\"\n\
           where = { network = [\"facebook\"] }\nmin = 900\n\
           [limits.per_segment]\nfixed_cost = 10\n";
    std::fs::write(at("campaign.toml"), campaign).unwrap();
    let history = ["--history", "h.sqlite"];
    let import = |file: &str| relais(folder.path(), &["import", file, history[0], history[1]]);
    assert_eq!(import("past.csv").0, 0);
    let split = ["--split-by", "network,age"];
    let train = ["train", "--history", "h.sqlite", split[0], split[1], "--out", "m.json"];
    assert!(relais(folder.path(), &train).0 <= 1);
    let plan = ["plan", "campaign.toml", "--model", "m.json", "--out", "first"];
    assert!(relais(folder.path(), &plan).0 <= 1);
    assert_eq!(import("running.csv").0, 0);
    let resume =
        ["plan", "--resume", "first/plan.json", "--history", "h.sqlite", "--out", "second"];
    let (code, answer, stderr) = relais(folder.path(), &resume);
    assert!(code <= 1, "{stderr}");
    let first = read(&at("first/plan.json")).unwrap();
    let plan = read(&at("second/plan.json")).unwrap();
    let resumed = &plan["resumed"];
    assert_eq!(answer["resumed"], *resumed);
    assert_eq!(resumed["until"], "2027-03-14");
    // What is spent stays spent: the rest is what is divided, to the cent.
    assert_eq!(cents(&plan["budget"]) + cents(&resumed["spent"]), 300_000);
    let spend = |line: &str| line.split(',').nth(8).unwrap().parse::<f64>().unwrap();
    let media: f64 = exports(true).lines().skip(1).map(spend).sum();
    // The fixed cost of each of six segments was due with its first money.
    assert_eq!(cents(&resumed["spent"]), (100.0 * (media + 60.0)).round() as i64);
    let rows = plan["rows"].as_array().unwrap();
    let sum: i64 = rows.iter().map(|row| cents(&row["budget"])).sum();
    assert_eq!(sum, cents(&plan["spent"]));
    assert_eq!(sum, cents(&plan["budget"]));
    for row in rows {
        assert_eq!(row["weeks"].as_array().unwrap().len(), 4);
    }
    // The floor of the whole flight holds over both parts.
    let held = resumed["rows"].as_array().unwrap();
    let facebook: i64 = rows
        .iter()
        .zip(held)
        .filter(|(row, _)| row["attributes"]["network"] == "facebook")
        .map(|(row, held)| cents(&row["budget"]) + cents(&held["spent"]))
        .sum();
    assert!(facebook >= 90_000 - 10, "{facebook}");
    // It learnt: the model is another.
    assert_ne!(first["fingerprint"], plan["fingerprint"]);
    // It promises as a plan does: chance inside, what people remember of the flight so far too.
    let promise = &plan["promise"]["value"];
    assert!(promise["source"]["futures"]["futures"].as_u64().unwrap() >= 100, "{promise}");
    let figure = |of: &Value, key: &str| of[key].as_f64().unwrap();
    let whole = &plan["expected"]["value"];
    let width = |of: &Value| figure(of, "p90") - figure(of, "p10");
    assert!(width(promise) > width(whole), "{promise} {whole}");
    let middle = figure(promise, "p50") / figure(promise, "mean");
    assert!((0.85..1.1).contains(&middle), "{promise}");
    assert!(held.iter().any(|row| row["weekly"].as_array().is_some_and(|weeks| weeks.len() == 2)));
    // A day before the flight, or its last, leaves nothing to divide.
    let (code, answer, _) =
        relais(folder.path(), &[&resume[..], &["--until", "2027-04-11"]].concat());
    assert_eq!(code, 2);
    assert!(answer["error"].as_str().unwrap().contains("2027"), "{answer}");
}

const FIRST: &str = "[segments]\nsplit_by = [\"network\", \"age\"]\n\
    where = { network = [\"tiktok\", \"linkedin\"], age = [\"18-24\", \"25-34\"] }\n";

#[test]
fn without_any_history_the_shipped_priors_divide_and_say_so() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("c.toml"), CAMPAIGN.replace("BUDGET", "4000 EUR") + FIRST).unwrap();
    let (code, answer, stderr) = relais(folder.path(), &["plan", "c.toml", "--out", "o"]);
    assert_eq!(code, 1, "a person must look at it: {stderr}");
    assert_eq!(answer["findings"][0]["code"], "prior-only");
    let plan = read(&at("o/plan.json")).unwrap();
    let rows = plan["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|row| row["prior_only"] == true));
    assert_eq!(rows.iter().map(|row| cents(&row["budget"])).sum::<i64>(), 400_000);
    // Nothing tells two audiences of a network apart: they get the same, to the cent.
    assert!((cents(&rows[0]["budget"]) - cents(&rows[1]["budget"])).abs() <= 1, "{rows:?}");
    assert!(cents(&rows[0]["budget"]) > cents(&rows[2]["budget"]));
    // A promise that rests on averages is wide.
    let value = |key: &str| plan["value"][key].as_f64().unwrap();
    assert!(value("p90") > 1.8 * value("p10"));
    // A person's own figures take the place of the shipped ones.
    let shipped = include_str!("../../data/priors.toml");
    let cheap = shipped.replace("cpm = { middle = 38.0", "cpm = { middle = 2.0");
    std::fs::create_dir(at("data")).unwrap();
    std::fs::write(at("data/priors.toml"), cheap).unwrap();
    let own = ["plan", "c.toml", "--out", "own", "--data", "data"];
    assert_eq!(relais(folder.path(), &own).0, 1);
    let plan = read(&at("own/plan.json")).unwrap();
    assert!(cents(&plan["rows"][2]["budget"]) > cents(&plan["rows"][0]["budget"]));
}

#[test]
fn an_empty_history_has_nothing_to_teach_and_a_full_one_wants_a_model() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let campaign = CAMPAIGN.replace("BUDGET", "4000 EUR");
    let file = campaign + "[history]\nfile = \"h.sqlite\"\n" + FIRST;
    std::fs::write(at("c.toml"), file).unwrap();
    let plan = ["plan", "c.toml", "--out", "o"];
    let (code, answer, _) = relais(folder.path(), &plan);
    assert_eq!(code, 2);
    assert!(answer["error"].as_str().unwrap().contains("no such file"), "{answer}");
    drop(relais::history::History::open(&at("h.sqlite")).unwrap());
    assert_eq!(relais(folder.path(), &plan).1["findings"][0]["code"], "prior-only");
    std::fs::write(at("past.csv"), exports(false)).unwrap();
    assert_eq!(relais(folder.path(), &["import", "past.csv", "--history", "h.sqlite"]).0, 0);
    let (code, answer, _) = relais(folder.path(), &plan);
    assert_eq!(code, 2);
    assert!(answer["error"].as_str().unwrap().contains("relais train"), "{answer}");
}

#[test]
fn every_reason_is_a_sentence() {
    let campaign = CAMPAIGN.replace("BUDGET", "1000 EUR") + "[limits]\nfunded_at_most = 2\n";
    let curves = "segment,form,p1,p2,p3,min,max,min_if_funded\n\
        a,exposure,900,300,1.2,,,50\nb,hill,800,250,2.5,,600,100\n\
        c,exponential,500,200,,,,20\nd,power,12,0.6,,,400,90\ne,exponential,1,900,,,,600\n";
    let run = plan(&campaign, curves, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let plan = run.plan.unwrap();
    let reasons: Vec<&str> = plan["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["reason"].as_str().unwrap())
        .collect();
    for reason in &reasons {
        assert!(reason.ends_with('.') && reason.starts_with(char::is_uppercase), "{reason}");
    }
    // Segments that would be worth their minimum are off because of the count.
    assert!(reasons.iter().filter(|reason| reason.contains("number of funded")).count() >= 2);
    assert!(reasons[4].contains("Not worth its minimum"), "{reasons:?}");
    let next = &plan["next"];
    let shares: f64 =
        next["rows"].as_array().unwrap().iter().map(|row| row["amount"].as_f64().unwrap()).sum();
    assert!((shares - 100.0).abs() < 5.0, "{next}");
}

#[test]
fn limits_between_two_cents_are_kept_and_told_apart_from_the_search() {
    // Ceilings that no whole cent meets: what is left of the gap is the price of cents.
    let campaign = CAMPAIGN.replace("BUDGET", "40 EUR")
        + "[[limits.group]]\nname = \"g\"\nwhere = { group = [\"g\"] }\nmax = 19.705385\n";
    let curves = "segment,form,p1,p2,p3,group\n\
        a,hill,720,20,2.2,g\nb,hill,239,35,2.2,g\nc,hill,197,98,2.6,\nd,hill,248,32,2.5,\n";
    let run = plan(&campaign, curves, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let proof = &run.answer["certificate"];
    assert!(proof["gap_before_rounding"].as_f64().unwrap() <= 1e-7, "{proof}");
    assert!(proof["gap"].as_f64().unwrap() < 1e-2);
    let status = proof["status"].as_str().unwrap();
    assert_eq!(status == "optimal", proof["gap"].as_f64().unwrap() <= 1e-6, "{proof}");
}

#[test]
fn what_a_model_has_against_itself_goes_with_every_plan_and_run_made_with_it() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("past.csv"), exports(false)).unwrap();
    let campaign = CAMPAIGN.replace("BUDGET", "3000 EUR")
        + "[history]\nfile = \"h.sqlite\"\n\
           [segments]\nsplit_by = [\"network\", \"age\"]\nlevers = \"any\"\n\
           [output]\nformats = [\"html\"]\nlang = \"fr\"\n";
    std::fs::write(at("campaign.toml"), campaign).unwrap();
    assert_eq!(relais(folder.path(), &["import", "past.csv", "--history", "h.sqlite"]).0, 0);
    let train = [
        "train",
        "--history",
        "h.sqlite",
        "--split-by",
        "network,age",
        "--engine",
        "nested",
        "--out",
        "m.json",
    ];
    assert!(relais(folder.path(), &train).0 <= 1);
    let mut model = read(&at("m.json")).unwrap();
    model["card"]["notes"] = serde_json::json!(["train-note-not-confirmed"]);
    model["card"]["diagnostics"]["pareto_k"] = 1.37.into();
    std::fs::write(at("m.json"), sealed(model)).unwrap();
    let codes = |plan: &Value| -> Vec<String> {
        let findings = plan["findings"].as_array().unwrap().iter();
        findings.map(|found| found["code"].as_str().unwrap().to_owned()).collect()
    };
    let plan = ["plan", "campaign.toml", "--model", "m.json", "--out", "alone"];
    let (code, answer, stderr) = relais(folder.path(), &plan);
    assert_eq!(code, 1, "{stderr}");
    assert!(codes(&answer).contains(&"model-not-confirmed".to_owned()), "{answer}");
    let run = ["run", "campaign.toml", "--model", "m.json", "--out", "runs"];
    for status in ["done", "skipped"] {
        let (code, answer, stderr) = relais(folder.path(), &run);
        assert_eq!(code, 1, "{stderr}");
        assert_eq!(answer["campaigns"][0]["status"], status);
        assert!(answer["campaigns"][0]["findings"].as_u64() >= Some(1), "{answer}");
    }
    let made = at("runs/campaign");
    let ran = read(&made.join("plan.json")).unwrap();
    assert!(codes(&ran).contains(&"model-not-confirmed".to_owned()));
    // One promise, whoever makes the plan.
    let alone = read(&at("alone/plan.json")).unwrap();
    assert_eq!(ran["promise"], alone["promise"]);
    assert_eq!(ran["promise"]["value"]["mean"], ran["value"]["mean"]);
    assert!(ran["promise"]["actions"]["source"]["futures"]["futures"].as_u64() >= Some(1000));
    let page = std::fs::read_to_string(made.join("report.html")).unwrap();
    let first = &page[..page.find("<nav").unwrap()];
    assert!(first.contains("n’est pas confirmé (k de Pareto 1,37"), "{first}");
}

#[test]
fn packages_that_do_not_make_the_budget_are_refused_with_the_nearest_that_do() {
    let campaign = CAMPAIGN.replace("BUDGET", "5200 EUR");
    let mut curves = String::from("segment,form,p1,p2,p3,min,max,min_if_funded\n");
    for i in 0..24 {
        writeln!(curves, "s{i},exponential,{},{},,,500,500", 100 + i, 300 + 7 * i).unwrap();
    }
    let run = plan(&campaign, &curves, &[]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("€5,000 or €5,500"), "{}", run.stderr);
}

#[test]
fn nodes_spent_without_a_plan_leave_it_undecided() {
    // Packages of odd prices in two groups: only a few of their 2^28 sums make the budget.
    let prices: Vec<u32> = (0..28).map(|i| 31_117 + i * i * 37 % 509 * 113).collect();
    let mut curves = String::from("segment,form,p1,p2,p3,min,max,min_if_funded,group\n");
    for (i, price) in prices.iter().enumerate() {
        let (price, group) = (f64::from(*price) / 100.0, ["a", "b"][i % 2]);
        writeln!(curves, "s{i},exponential,{},300,,,{price},{price},{group}", 100 + i).unwrap();
    }
    let budget: u32 = prices.iter().step_by(4).sum();
    let campaign = CAMPAIGN.replace("BUDGET", &format!("{} EUR", f64::from(budget) / 100.0))
        + "[[limits.group]]\nname = \"g\"\nwhere = { group = [\"a\"] }\nmax = 100000\n";
    let run = plan(&campaign, &curves, &["--nodes", "3"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(run.answer["status"], "undecided");
    assert!(run.plan.is_none() && run.stderr.contains("undecided"), "{}", run.stderr);
    assert!(!run.stderr.contains("contradict"), "{}", run.stderr);
}
