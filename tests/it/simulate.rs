//! `relais simulate` seen from outside: panel → model → plan → outcomes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

struct Case {
    folder: TempDir,
}

impl Case {
    /// A small history that was learnt and planned over.
    fn new() -> Self {
        let case = Self { folder: TempDir::new().unwrap() };
        std::fs::write(case.at("panel.csv"), panel()).unwrap();
        let campaign = "title = \"Orientation\"\nbudget = \"2000 EUR\"\n\
            flight = { start = 2027-03-01, end = 2027-03-28 }\n\
            [segments]\nlevers = \"any\"\n\
            [limits.per_segment]\nmax_share = 0.5\n";
        std::fs::write(case.at("campaign.toml"), campaign).unwrap();
        let path = |name: &str| case.at(name).display().to_string();
        let model = path("model.json");
        case.relais(&["train", "--panel", &path("panel.csv"), "--out", &model, "--json"]);
        case.relais(&[
            "plan",
            &path("campaign.toml"),
            "--model",
            &model,
            "--out",
            &path("."),
            "--json",
        ]);
        assert!(case.at("plan.json").is_file());
        case
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn relais(&self, arguments: &[&str]) -> Output {
        let mut command = Command::cargo_bin("relais").unwrap();
        let folder = self.folder.path();
        command.current_dir(folder).args(arguments).args(["--lang", "en"]).output().unwrap()
    }

    fn simulate(&self, plan: &Path, more: &[&str]) -> Output {
        let (model, plan) = (self.at("model.json"), plan.display().to_string());
        let model = model.display().to_string();
        let base = ["simulate", "--model", &model, "--plan", &plan];
        self.relais(&[&base[..], more].concat())
    }
}

/// Six audiences on two networks, 30 weeks: spends that wander, clicks that saturate.
fn panel() -> String {
    let mut text = String::from("segment,network,week,spend,clicks\n");
    for segment in 0..6_i32 {
        let network = if segment % 2 == 0 { "facebook" } else { "linkedin" };
        for week in 1..=30_i32 {
            let wander = (week * (segment + 3) * 7 % 11 + 1) * 10;
            let spend = f64::from(wander);
            let clicks = f64::from(40 + 30 * segment) * spend / (spend + 60.0);
            // A little luck without a generator.
            let luck = 1.0 + 0.1 * f64::from((week * 13 + segment * 5) % 7 - 3);
            let count = (clicks * luck).round();
            writeln!(text, "s{segment},{network},2026-W{week:02},{spend},{count}").unwrap();
        }
    }
    text
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "one object and nothing else: {text}");
    serde_json::from_str(&text).unwrap()
}

/// One history is learnt and planned over once: learning is the slow part.
#[test]
fn from_a_panel_to_outcomes() {
    let case = Case::new();
    a_plan_is_simulated_and_any_number_of_threads_agrees(&case);
    one_future_can_be_played_again(&case);
    people_get_a_table_and_sentences(&case);
    what_cannot_be_simulated_is_told(&case);
}

fn a_plan_is_simulated_and_any_number_of_threads_agrees(case: &Case) {
    let plan = case.at("plan.json");
    let told = |threads: &str| {
        let more = ["--replicates", "300", "--seed", "5", "--json", "--threads", threads];
        let output = case.simulate(&plan, &more);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let mut answer = json(&output);
        assert!(answer["cells_per_second"].as_f64().unwrap() > 0.0);
        // Speed is a detail of the run, not a result.
        answer.as_object_mut().unwrap().remove("cells_per_second");
        answer
    };
    let answer = told("1");
    assert_eq!(answer, told("2"));
    let policies = answer["policies"].as_array().unwrap();
    assert_eq!(policies[0]["name"], "plan");
    for policy in policies {
        let value = &policy["value"];
        let number = |key: &str| value[key].as_f64().unwrap();
        assert!(number("p10") <= number("p50") && number("p50") <= number("p90"), "{policy}");
        assert!((0.0..=1.0).contains(&policy["p_beats_last"].as_f64().unwrap()));
    }
    let regret = |name: &str| {
        let policy = policies.iter().find(|policy| policy["name"] == name).unwrap();
        policy["regret"].as_f64().unwrap()
    };
    assert!(regret("oracle") <= 1e-9 && regret("plan") < regret("last"));
}

fn one_future_can_be_played_again(case: &Case) {
    let more = ["--replicate", "7", "--trace", "--json"];
    let trace = json(&case.simulate(&case.at("plan.json"), &more));
    assert_eq!(trace["replicate"], 7);
    let cells = trace["cells"].as_array().unwrap();
    let spent: f64 = cells.iter().map(|cell| cell["spent"].as_f64().unwrap()).sum();
    assert!((spent - 2000.0).abs() < 0.01, "{spent}");
    let whole = |cell: &Value| cell["count"].as_f64().unwrap().fract() == 0.0;
    assert!(cells.iter().all(whole));
}

fn people_get_a_table_and_sentences(case: &Case) {
    let output = case.simulate(&case.at("plan.json"), &["--replicates", "200"]);
    let text = String::from_utf8(output.stdout).unwrap();
    for part in ["This plan", "Last split", "Ideal", "bad tenth of futures", "Monte Carlo error"] {
        assert!(text.contains(part), "no `{part}` in: {text}");
    }
    assert!(!text.contains('⟨'), "a message is missing: {text}");
}

fn what_cannot_be_simulated_is_told(case: &Case) {
    let plan = std::fs::read_to_string(case.at("plan.json")).unwrap();
    let mut broken: relais::allocate::plan::Plan = serde_json::from_str(&plan).unwrap();
    broken.campaign = None;
    relais::check::seal(&mut broken);
    std::fs::write(case.at("curves.json"), serde_json::to_string(&broken).unwrap()).unwrap();
    std::fs::write(case.at("cut.json"), &plan[..plan.len() / 2]).unwrap();
    for (file, more, told) in [
        ("curves.json", vec!["--replicates", "10"], "no campaign"),
        ("cut.json", vec!["--replicates", "10"], "not the file of a plan"),
        ("absent.json", vec!["--replicates", "10"], "could not read"),
        ("plan.json", vec!["--replicates", "0"], "not in 1..="),
        ("plan.json", vec!["--policies", "psychic"], "psychic"),
        ("plan.json", vec!["--unspent", "1.5"], "1.5"),
    ] {
        let output = case.simulate(&case.at(file), &more);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{file}: {stderr}");
        assert!(stderr.contains(told), "{file}: {stderr}");
    }
}

#[test]
fn a_study_of_one_family_tells_its_line_and_an_unknown_one_is_refused() {
    let study = |family: &str, more: &[&str]| {
        let base = ["study", "--family", family, "--worlds", "1", "--draws", "20", "--lang", "en"];
        let mut command = Command::cargo_bin("relais").unwrap();
        command.args(base).args(more).output().unwrap()
    };
    let answer = json(&study("small-panel", &["--json"]));
    for key in [
        "share_of_oracle",
        "share_of_bayes_limit",
        "beats_last",
        "promised_over_realised",
        "coverage80",
        "violations",
    ] {
        assert!(answer.get(key).is_some(), "{key}");
    }
    let family = &answer["families"][0];
    assert_eq!((&family["name"], &family["worlds"]), (&"small-panel".into(), &1.into()));
    assert!(family["targets"].as_array().unwrap().len() > 4);
    let told = String::from_utf8(study("small-panel", &[]).stdout).unwrap();
    assert!(told.lines().any(|line| line.starts_with("small-panel ")), "{told}");
    let refused = study("smal-panel", &[]);
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("smal-panel") && told.contains("demand-segment-0.9"), "{told}");
}
