//! One number for one quantity: everything that a run writes or says, crossed figure by figure.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use calamine::{Data, Reader, Xlsx, open_workbook};
use relais::language::Language;
use serde_json::Value;
use tempfile::TempDir;

/// A history learnt once, and campaigns that are planned over it.
struct Work {
    folder: TempDir,
}

impl Work {
    fn new() -> Self {
        let work = Self { folder: TempDir::new().unwrap() };
        std::fs::write(work.at("past.csv"), exports(0..26, 1.0)).unwrap();
        work.relais(&["import", "past.csv", "--history", "h.sqlite"]);
        let split = ["--split-by", "network,age,format"];
        work.relais(&["train", "--history", "h.sqlite", split[0], split[1], "--out", "m.json"]);
        work
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn relais(&self, arguments: &[&str]) -> String {
        let mut command = Command::cargo_bin("relais").unwrap();
        let command = command.current_dir(self.folder.path()).args(arguments);
        let output = command.args(["--lang", "en", "--seed", "3"]).output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        let out = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.code().is_some_and(|code| code <= 1), "{arguments:?}: {out}{err}");
        out
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.relais(&[arguments, &["--json"]].concat())).unwrap()
    }

    fn read(&self, name: &str) -> Value {
        read(&self.at(name))
    }

    /// Plans one campaign in a run of its own and gives what it wrote.
    fn run(&self, name: &str, rules: &str) -> Message {
        // Where ceilings hold by default, spending less is the only way to emit less.
        let spend = if name == "capped" { "spend = \"up_to\"\n" } else { "" };
        let campaign = format!("title = \"{name}\"\n{spend}{CAMPAIGN}{rules}");
        std::fs::write(self.at(&format!("{name}.toml")), campaign).unwrap();
        let run = ["run", &format!("{name}.toml"), "--model", "m.json", "--out", "out"];
        self.relais(&[&run[..], &["--no-backtest", "--replicates", "400"]].concat());
        let folder = self.at("out").join(name);
        let plan = read(&folder.join("plan.json"));
        Message { name: name.to_owned(), folder, plan }
    }
}

struct Message {
    name: String,
    folder: PathBuf,
    plan: Value,
}

const CAMPAIGN: &str = "budget = \"3000 EUR\"\n\
    flight = { start = 2027-03-29, end = 2027-04-25 }\n\
    engagement = \"relay\"\n\
    [segments]\nsplit_by = [\"network\", \"age\", \"format\"]\n";

/// Campaigns in which figures came apart, or could.
const CAMPAIGNS: [(&str, &str); 6] = [
    ("plain", ""),
    ("prudent", "[risk]\nprudence = 0.4\n[limits]\nper_segment = { min_if_funded = 200 }\n"),
    ("capped", "[limits]\ncarbon = \"CAP kg\"\n"),
    ("priced", "[limits]\ncarbon_price = 2\nper_segment = { fixed_cost = 40 }\n"),
    (
        "shocked",
        "[[shock]]\nname = \"refuses\"\nwhere = { network = \"instagram\" }\n\
            from = \"2027-W14\"\nprobability = 0.6\nactions = 0.0\n",
    ),
    (
        "small",
        "[limits]\nfunded_at_most = 2\n[[limits.group]]\nname = \"young\"\n\
        where = { age = \"18-24\" }\nmin_share = 0.5\n",
    ),
];

/// Weekly exports of six audiences; `times` what people do in them.
fn exports(weeks: std::ops::Range<i32>, times: f64) -> String {
    let mut rows = String::from(
        "network,profile,campaign,ad_set,start,end,age,format,currency,spend,impressions,reach,\
         shares,comments,link_clicks,follows\n",
    );
    let networks = [("facebook", 1.0, "image"), ("instagram", 1.6, "video"), ("x", 0.5, "image")];
    let first = jiff::civil::date(2026, 9, 28);
    for week in weeks {
        let start = first.saturating_add(jiff::Span::new().weeks(week));
        let end = start.saturating_add(jiff::Span::new().days(6));
        for (k, (network, rate, format)) in networks.iter().enumerate() {
            for (a, age) in ["18-24", "25-34"].iter().enumerate() {
                let spend = 40.0 + f64::from((week * 17 + k as i32 * 31 + a as i32 * 11) % 60);
                let impressions = (spend * 150.0 / (1.0 + spend / 300.0)) as i64;
                let reach = (impressions as f64 / 1.4) as i64;
                let actions = times * spend / (1.0 + spend / 400.0) * rate * (1.0 + a as f64 * 0.3);
                let actions = actions as i64;
                let _ = writeln!(
                    rows,
                    "{network},page,c{k},set {network} {age},{start},{end},{age},{format},EUR,\
                     {spend:.2},{impressions},{reach},{},{},{actions},{}",
                    actions / 5,
                    actions / 7,
                    actions / 9,
                );
            }
        }
    }
    rows
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|_| panic!("{}", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

/// Means and ends of an interval.
fn figures(range: &Value) -> [f64; 4] {
    ["mean", "p10", "p50", "p90"].map(|key| number(&range[key]))
}

fn close(a: f64, b: f64, share: f64) -> bool {
    (a - b).abs() <= share * a.abs().max(b.abs())
}

fn whole(value: f64) -> String {
    Language::En.number(value, 0)
}

/// One history is learnt once: learning is the slow part.
#[test]
fn one_number_is_told_for_one_quantity_everywhere() {
    let work = Work::new();
    let mut runs: Vec<Message> = Vec::new();
    for (name, rules) in CAMPAIGNS {
        // Four fifths of what the first emits.
        let cap = runs.first().map_or(0.0, |run| 0.8e-3 * number(&run.plan["carbon_g"]));
        runs.push(work.run(name, &rules.replace("CAP", &format!("{cap:.4}"))));
    }
    for run in &runs {
        the_plan_agrees_with_itself(run);
        the_plan_lies_on_its_frontier_and_below_its_bound(run);
        simulation_and_dossier_tell_the_promise(run);
        page_charts_and_tables_tell_the_promise(run);
        the_workbook_tells_the_promise(run);
        the_terminal_tells_the_promise(&work, run);
    }
    a_comparison_tells_both_promises(&work, &runs[0], &runs[1]);
    the_caps_of_carbon_are_kept(&runs);
    nobody_who_knows_all_is_below_the_plan(&work);
    a_review_judges_with_the_promise(&work, &runs[0]);
}

fn promised(run: &Message, what: &str) -> [f64; 4] {
    figures(&run.plan["promise"][what])
}

fn the_plan_agrees_with_itself(run: &Message) {
    let (plan, name) = (&run.plan, &run.name);
    for what in ["actions", "value"] {
        assert_eq!(figures(&plan[what]), promised(run, what), "{name}: {what}");
        assert!(number(&plan["promise"][what]["source"]["futures"]["futures"]) >= 400.0, "{name}");
        let rows = plan["rows"].as_array().unwrap().iter().map(|row| number(&row[what]["mean"]));
        assert!(close(rows.sum(), promised(run, what)[0], 1e-9), "{name}: rows of {what}");
    }
    let rows = plan["rows"].as_array().unwrap().iter().filter(|row| number(&row["budget"]) > 0.0);
    let carbon: f64 = rows.map(|row| number(&row["carbon_g"])).sum();
    assert!(close(carbon, number(&plan["carbon_g"]), 1e-9), "{name}: {carbon}");
    // Nothing free is worth another euro than the one that all screens tell.
    let price = number(&plan["prices"][0]["price"]);
    let curve = plan["budget_curve"].as_array().unwrap();
    let own = curve.iter().find(|point| close(number(&point["budget"]), 3000.0, 1e-9)).unwrap();
    assert!(close(number(&own["marginal"]), price, 1e-9), "{name}: {own} {price}");
    assert!(close(number(&own["value"]), promised(run, "value")[0], 1e-9), "{name}: {own}");
    for row in plan["rows"].as_array().unwrap() {
        if row["at_limit"].is_null() && number(&row["budget"]) > 0.0 {
            assert!(close(number(&row["marginal"]), price, 5e-3), "{name}: {row} {price}");
        }
    }
    if let Some(next) = plan["next"].as_object() {
        let each = number(&next["value"]) / number(&next["amount"]);
        assert!(each <= price * 1.01 && each > 0.5 * price, "{name}: {each} {price}");
    }
}

fn the_plan_lies_on_its_frontier_and_below_its_bound(run: &Message) {
    let (plan, name) = (&run.plan, &run.name);
    let certificate = &plan["certificate"];
    let (reached, bound) = (number(&certificate["objective"]), number(&certificate["upper_bound"]));
    assert!(reached <= bound * (1.0 + 1e-12) && bound <= reached * 1.02, "{name}: {certificate}");
    let frontier: Vec<(f64, f64)> = plan["carbon_frontier"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| (number(&point["carbon_kg"]), number(&point["value"])))
        .collect();
    assert!(frontier.len() > 3, "{name}: {frontier:?}");
    // The first point is the plan: its own emissions, its own promise.
    assert!(close(frontier[0].0, number(&plan["carbon_g"]) / 1000.0, 1e-9), "{name}: {frontier:?}");
    assert!(close(frontier[0].1, promised(run, "value")[0], 1e-9), "{name}: {frontier:?}");
    for pair in frontier.windows(2) {
        assert!(pair[1].0 < pair[0].0 && pair[1].1 <= pair[0].1, "{name}: {pair:?}");
    }
}

fn the_caps_of_carbon_are_kept(runs: &[Message]) {
    let kilograms = |name: &str| {
        let run = runs.iter().find(|run| run.name == name).unwrap();
        let price = run.plan["prices"].as_array().unwrap().iter();
        let price = price.clone().find(|price| price["rule"] == "carbon").cloned();
        (number(&run.plan["carbon_g"]) / 1000.0, price)
    };
    let (free, none) = kilograms("plain");
    assert!(none.is_none());
    let (capped, price) = kilograms("capped");
    assert!(capped <= 0.8 * free + 1e-3 && capped > 0.79 * free, "{capped} of {free}");
    let price = price.unwrap();
    assert!(close(number(&price["used"]), capped, 1e-9), "{price}");
    assert!(close(number(&price["limit"]), 0.8 * free, 1e-4), "{price}");
    assert!(number(&price["price"]) > 0.0, "{price}");
    assert!(kilograms("priced").0 < free);
}

fn simulation_and_dossier_tell_the_promise(run: &Message) {
    let name = &run.name;
    let outcomes = read(&run.folder.join("outcomes.json"));
    let report_data = read(&run.folder.join("dossier.json"));
    assert_eq!(report_data["plan"], run.plan, "{name}");
    assert_eq!(report_data["outcomes"], outcomes, "{name}");
    let policies = outcomes["policies"].as_array().unwrap();
    let policy = |name: &str| policies.iter().find(|policy| policy["name"] == name);
    let own = policy("plan").unwrap();
    for what in ["actions", "value"] {
        assert_eq!(figures(&own[what]), promised(run, what), "{name}: {what}");
    }
    assert_eq!(own["carbon_g"], run.plan["carbon_g"], "{name}");
    for other in run.plan["baselines"].as_array().unwrap() {
        let told = policy(other["name"].as_str().unwrap()).unwrap();
        assert_eq!(told["value"]["mean"], other["value"]["mean"], "{name}: {}", other["name"]);
    }
    let all_knowing = policy("oracle").unwrap();
    for key in ["mean", "p10", "p50", "p90"] {
        let (knows, plans) = (number(&all_knowing["value"][key]), number(&own["value"][key]));
        assert!(knows >= plans * (1.0 - 1e-12), "{name}: {key} {knows} {plans}");
    }
    assert!(number(&own["regret"]) >= -1e-12, "{name}");
}

fn page_charts_and_tables_tell_the_promise(run: &Message) {
    let name = &run.name;
    let page = std::fs::read_to_string(run.folder.join("report.html")).unwrap();
    let [mean, low, _, high] = promised(run, "actions").map(whole);
    let first = &page[..page.find("<nav").unwrap()];
    assert!(first.contains(&mean), "{name}: {mean}");
    assert!(first.contains(&format!("between {low} and {high}")), "{name}: {low} {high}");
    // Wherever the page tells points of the whole plan, they are the promise's.
    let [value, low, _, high] = promised(run, "value").map(whole);
    for figure in [&value, &low, &high] {
        assert!(page.contains(figure.as_str()), "{name}: {figure}");
    }
    let chart = |file: &str| std::fs::read_to_string(run.folder.join("charts").join(file)).unwrap();
    let outcomes = chart("outcome-distribution.svg");
    assert!(outcomes.contains(&low) && outcomes.contains(&high), "{name}");
    assert!(chart("active-or-followers.svg").contains(&mean), "{name}");
    let table = csv(&run.folder.join("plan.csv"));
    for row in run.plan["rows"].as_array().unwrap() {
        let told = &table[row["segment"].as_str().unwrap()];
        for (column, figure) in [
            ("Active actions", &row["actions"]["mean"]),
            ("Budget", &row["budget"]),
            ("gCO2e", &row["carbon_g"]),
        ] {
            let own: f64 = told[column].parse().unwrap_or(f64::NAN);
            assert!(
                (own - number(figure)).abs() <= 0.5 || own.is_nan() && figure.is_null(),
                "{name}: {column} {own} {figure}"
            );
        }
    }
}

/// Rows of a table by their first cell, cells by their column.
fn csv(path: &Path) -> BTreeMap<String, BTreeMap<String, String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.trim_start_matches('\u{feff}');
    let delimiter = if text.lines().next().unwrap().contains(';') { b';' } else { b',' };
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let heads: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            let cells = heads.iter().cloned().zip(record.iter().map(str::to_owned));
            (record[0].to_owned(), cells.collect())
        })
        .collect()
}

fn the_workbook_tells_the_promise(run: &Message) {
    let mut book: Xlsx<_> = open_workbook(run.folder.join("plan.xlsx")).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let heads: Vec<String> = sheet.rows().next().unwrap().iter().map(ToString::to_string).collect();
    let at = |label: &str| heads.iter().position(|head| head == label).expect(label);
    for row in run.plan["rows"].as_array().unwrap() {
        let own = sheet.rows().find(|cells| cells[0].to_string() == row["segment"]).unwrap();
        let cell = |label: &str| match own[at(label)] {
            Data::Float(value) => value,
            Data::Int(value) => value as f64,
            ref other => panic!("{other:?}"),
        };
        let name = &run.name;
        assert!(close(cell("Active actions"), number(&row["actions"]["mean"]), 1e-9), "{name}");
        assert!(close(cell("Points"), number(&row["value"]["mean"]), 1e-9), "{name}");
        assert!(close(cell("Budget"), number(&row["budget"]), 1e-9), "{name}");
    }
}

fn the_terminal_tells_the_promise(work: &Work, run: &Message) {
    let name = &run.name;
    let campaign = format!("{name}.toml");
    let own = format!("again-{name}");
    let told = work.relais(&["plan", &campaign, "--model", "m.json", "--out", &own]);
    // The same draws and as many futures as its own error asks for.
    let plan = work.read(&format!("{own}/plan.json"));
    assert_eq!(plan["promise"]["value"]["mean"], run.plan["promise"]["value"]["mean"], "{name}");
    let [mean, low, _, high] = figures(&plan["promise"]["value"]).map(whole);
    let line = format!("{mean} points (between {low} and {high} in 8 cases of 10)");
    assert!(told.contains(&line), "{name}: {line}\n{told}");
}

fn a_comparison_tells_both_promises(work: &Work, a: &Message, b: &Message) {
    let folders = [&a.folder, &b.folder].map(|folder| folder.display().to_string());
    let answer = work.json(&["report", "--compare", &folders[0], &folders[1]]);
    let rows = answer["comparisons"][0]["promise"].as_array().unwrap();
    let mut shown = 0;
    for (label, index) in [("Active actions", 0), ("Actions, low", 1), ("Actions, high", 3)] {
        let [own, other] = [a, b].map(|run| promised(run, "actions")[index]);
        // What reads the same in both is not shown.
        let Some(row) = rows.iter().find(|row| row[0] == label) else {
            assert_eq!(own.round(), other.round(), "{label}");
            continue;
        };
        assert_eq!([number(&row[1]), number(&row[2])], [own, other], "{row}");
        shown += 1;
    }
    assert!(shown > 0, "{rows:?}");
}

/// In a simulation of other futures, by the command of its own.
fn nobody_who_knows_all_is_below_the_plan(work: &Work) {
    for name in ["plain", "capped", "small"] {
        let plan = format!("out/{name}/plan.json");
        let simulate = ["simulate", "--model", "m.json", "--plan", &plan, "--replicates", "60"];
        let answer = work.json(&simulate);
        let policies = answer["policies"].as_array().unwrap();
        let value = |name: &str, key: &str| {
            let policy = policies.iter().find(|policy| policy["name"] == name).unwrap();
            number(&policy["value"][key])
        };
        for key in ["mean", "p10", "p50", "p90"] {
            let (knows, plans) = (value("oracle", key), value("plan", key));
            assert!(knows >= plans * (1.0 - 1e-12), "{name}: {key} {knows} {plans}");
        }
    }
}

fn a_review_judges_with_the_promise(work: &Work, run: &Message) {
    let plan = run.folder.join("plan.json").display().to_string();
    let review = ["review", "--plan", &plan, "--history", "h.sqlite", "--out", "review"];
    // Two of four weeks.
    std::fs::write(work.at("half.csv"), exports(26..28, 1.0)).unwrap();
    work.relais(&["import", "half.csv", "--history", "h.sqlite"]);
    let half = work.json(&review);
    assert_eq!((&half["until"], &half["end"]), (&"2027-04-11".into(), &"2027-04-25".into()));
    let [mean, low, _, high] = figures(&half["promised"]);
    let [all, all_low, _, all_high] = promised(run, "value");
    assert!(close(mean, 0.5 * all, 0.02), "{mean} of {all}");
    assert_eq!(number(&half["promised_in_all"]), all);
    // Narrower than the whole's, wider than half of it: chance falls more slowly than time.
    assert!(high - low > 0.5 * (all_high - all_low) && high - low < all_high - all_low);
    assert!(close(number(&half["planned"]), 1500.0, 0.02));
    assert!(work.relais(&review).contains("The campaign is not over"));
    std::fs::write(work.at("rest.csv"), exports(28..31, 1.0)).unwrap();
    work.relais(&["import", "rest.csv", "--history", "h.sqlite"]);
    let whole = work.json(&review);
    assert!(whole["until"].is_null());
    assert_eq!(figures(&whole["promised"]), promised(run, "value"));
    let rows = run.plan["rows"].as_array().unwrap();
    for told in whole["rows"].as_array().unwrap() {
        let row = rows.iter().find(|row| row["segment"] == told["segment"]).unwrap();
        assert_eq!(figures(&told["promised"]), figures(&row["value"]));
        let [_, low, _, high] = figures(&row["value"]);
        let inside = (low..=high).contains(&number(&told["happened"]));
        assert_eq!(told["inside"], inside, "{told}");
    }
}
