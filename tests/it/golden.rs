//! From the shipped exports to a plan: the numbers that come out, to three digits.
//!
//! Whatever changes one of them changes what a planner is told: the difference is read before the
//! new numbers are accepted.

use std::path::Path;
use std::process::Command;

use assert_cmd::prelude::*;
use serde_json::{Value, json};

fn relais(folder: &Path, arguments: &[&str]) {
    let output = Command::cargo_bin("relais")
        .unwrap()
        .current_dir(folder)
        .args(arguments)
        .args(["--lang", "en", "--seed", "1"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{arguments:?}: {told}");
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Every number to three digits.
fn rounded(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(format!("{:.2e}", number.as_f64().unwrap())),
        Value::Array(all) => all.iter().map(rounded).collect(),
        Value::Object(all) => {
            all.iter().map(|(key, value)| (key.clone(), rounded(value))).collect()
        }
        other => other.clone(),
    }
}

#[test]
fn the_numbers_from_exports_to_plan() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/demo");
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let text = |path: &Path| path.display().to_string();
    let (exports, map) = (text(&data.join("exports")), text(&data.join("map.toml")));
    relais(folder.path(), &["import", &exports, "--map", &map, "--history", "history.sqlite"]);
    std::fs::copy(data.join("campaign.toml"), at("campaign.toml")).unwrap();
    relais(folder.path(), &["run", "campaign.toml", "--out", "out"]);
    let out = at("out/campaign");
    let (plan, outcomes) = (read(&out.join("plan.json")), read(&out.join("outcomes.json")));
    let scores = &read(&out.join("dossier.json"))["backtest"]["scores"]["relais"];
    let rows: Vec<Value> = plan["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| json!([row["segment"], row["budget"], row["value"], row["marginal"]]))
        .collect();
    let policies: Vec<Value> = outcomes["policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|policy| json!([policy["name"], policy["value"]]))
        .collect();
    let golden = json!({
        "promise": plan["promise"],
        "objective": plan["certificate"]["objective"],
        "upper_bound": plan["certificate"]["upper_bound"],
        "prices": plan["prices"],
        "findings": plan["findings"].as_array().unwrap().iter().map(|f| f["code"].clone()).collect::<Vec<_>>(),
        "rows": rows,
        "policies": policies,
        "scores": scores,
    });
    insta::assert_json_snapshot!(rounded(&golden));
}
