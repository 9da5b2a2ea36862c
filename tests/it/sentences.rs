//! What reports say of plans that are little known, seen from outside, in both languages.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use relais::language::Language;
use serde_json::Value;
use tempfile::TempDir;

struct Case {
    folder: TempDir,
}

impl Case {
    fn new(campaign: &str) -> Self {
        let case = Self { folder: TempDir::new().unwrap() };
        let head = "title = \"Orientation\"\nbudget = \"3000 EUR\"\n\
            flight = { start = 2027-03-01, end = 2027-04-11 }\n";
        case.put("c.toml", &format!("{head}{campaign}"));
        case
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        std::fs::write(self.at(name), text).unwrap();
    }

    /// Runs the program; gives its exit code and what it said.
    fn relais(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::cargo_bin("relais").unwrap();
        let output = command.current_dir(self.folder.path()).args(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout) + &text(output.stderr))
    }

    /// The page of the plan in `o`, as a person reads it.
    fn page(&self, language: Language) -> String {
        let (code, told) = self.relais(&["report", "o", "--lang", language.code()]);
        assert!(code < 2, "{told}");
        let page = std::fs::read_to_string(self.at("o/report.html")).unwrap();
        page.replace("&#39;", "'").replace("&#34;", "\"").replace("&#38;", "&")
    }

    fn plan(&self) -> Value {
        read(&self.at("o/plan.json"))
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Whether a page has a message.
fn says(page: &str, language: Language, key: &str, arguments: &[(&str, &str)]) -> bool {
    let text = language.say(key, arguments);
    assert!(!text.starts_with('⟨'), "{key}");
    page.contains(text.trim())
}

#[test]
fn without_history_and_simulation_the_page_speaks_of_neither() {
    let case = Case::new(
        "[segments]\nsplit_by = [\"network\", \"age\"]\n\
         where = { network = [\"instagram\", \"tiktok\", \"snapchat\"], age = [\"18-24\"] }\n",
    );
    let (code, told) =
        case.relais(&["plan", "c.toml", "--out", "o", "--draws", "100", "--lang", "en"]);
    assert_eq!(code, 1, "the priors ask for a person: {told}");
    for language in Language::ALL {
        let page = case.page(language);
        let said = |key: &str| says(&page, language, key, &[]);
        assert!(said("report-section-outcome-text-curves"), "{language}");
        assert!(said("report-section-change-text-new"), "{language}");
        assert!(!said("report-section-quality-text"), "nothing was held back: {language}");
        assert!(!said("report-thing-better-head") && !said("report-thing-worse-head"));
        assert!(!page.contains(&format!(">{}<", language.text("report-new"))), "{language}");
        for n in [0, 1, 3] {
            let none = language.count("chart-response-curves-beyond", n, &[]);
            assert!(!page.contains(&none), "no history has seen anything: {none}");
        }
        let unseen = language.count("chart-response-curves-unseen", 3, &[]);
        assert!(page.contains(&unseen), "{language}: {unseen}");
    }
}

#[test]
fn given_curves_have_neither_draws_nor_intervals() {
    let case = Case::new("");
    case.put("curves.csv", "segment,form,p1,p2,p3\na,exposure,900,300,1.2\nb,hill,800,2500,2.5\n");
    let plan = ["plan", "c.toml", "--curves", "curves.csv", "--out", "o", "--lang", "en"];
    let (code, told) = case.relais(&plan);
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("taken as known") && !told.contains("8 cases of 10"), "{told}");
    assert!(!told.contains("draws"), "{told}");
    for language in Language::ALL {
        let page = case.page(language);
        assert!(says(&page, language, "report-promise-known", &[]), "{language}");
        assert!(says(&page, language, "report-plan-note-curves", &[]), "{language}");
        // A Hill curve is steepest in its middle.
        assert!(!says(&page, language, "chart-response-curves-title", &[]), "{language}");
        assert!(says(&page, language, "chart-response-curves-title-plain", &[]), "{language}");
    }
}

/// One audience, thirty weeks: spends that wander, clicks that saturate.
fn panel() -> String {
    let mut text = String::from("segment,network,week,spend,clicks\n");
    for week in 1..=30_i32 {
        let spend = f64::from((week * 21 % 11 + 1) * 10);
        let luck = 1.0 + 0.1 * f64::from(week * 13 % 7 - 3);
        let clicks = (70.0 * spend / (spend + 60.0) * luck).round();
        writeln!(text, "s,facebook,2026-W{week:02},{spend},{clicks}").unwrap();
    }
    text
}

#[test]
fn one_audience_without_rules_is_as_last_time_and_nothing_is_said_of_rules() {
    let case = Case::new("[segments]\nlevers = \"any\"\n[limits]\ntrust_region = false\n");
    case.put("panel.csv", &panel());
    let (code, told) = case.relais(&["train", "--panel", "panel.csv", "--out", "m.json"]);
    assert!(code < 2, "{told}");
    let plan = ["plan", "c.toml", "--model", "m.json", "--out", "o", "--lang", "en"];
    let (code, told) = case.relais(&[&plan[..], &["--draws", "60"]].concat());
    assert!(code < 2, "{told}");
    assert!(!told.contains("as wherever"), "there is no elsewhere: {told}");
    let simulate =
        ["simulate", "--model", "m.json", "--plan", "o/plan.json", "--replicates", "300"];
    let (code, told) = case.relais(&[&simulate[..], &["--out", "o/outcomes.json"]].concat());
    assert!(code < 2, "{told}");
    let rows = case.plan()["rows"].as_array().unwrap().clone();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["budget"], rows[0]["last"], "all money goes where it went");
    let futures = read(&case.at("o/outcomes.json"))["replicates"].as_u64().unwrap();
    for language in Language::ALL {
        let page = case.page(language);
        let said = |key: &str| says(&page, language, key, &[]);
        assert!(said("report-thing-same") && said("report-thing-same-head"), "{language}");
        for false_of_it in ["better", "likely", "unclear", "worse"] {
            assert!(!said(&format!("report-thing-{false_of_it}-head")), "{false_of_it}");
        }
        assert!(said("chart-budget-change-title-same"), "{language}");
        assert!(said("chart-outcome-distribution-title-same"), "{language}");
        assert!(said("report-section-change-text-alone"), "{language}");
        let told = language.count("report-section-outcome-text", futures, &[]);
        assert!(page.contains(&told), "{language}: {told}");
    }
}
