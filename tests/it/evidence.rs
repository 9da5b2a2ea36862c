//! Outside tests, from their table to the report.

use std::path::PathBuf;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

struct Desk(TempDir);

impl Desk {
    /// Thirty weeks of twelve audiences of two networks, as a panel and as a history.
    fn new() -> Self {
        let desk = Self(TempDir::new().unwrap());
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let world = std::fs::read_to_string(root.join("data/demo/world.toml")).unwrap();
        let world = world.replace("segments     = 60", "segments     = 12");
        let world = world.replace("weeks        = 104", "weeks        = 30");
        std::fs::write(desk.at("world.toml"), world).unwrap();
        std::fs::copy(root.join("data/demo/map.toml"), desk.at("map.toml")).unwrap();
        desk.ask(&["generate", "--spec", "world.toml", "--out", "x", "--rows", "2000"]);
        desk.ask(&["import", "x", "--map", "map.toml", "--history", "h.sqlite"]);
        desk
    }

    fn at(&self, name: &str) -> PathBuf {
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

    fn json(&self, name: &str) -> Value {
        serde_json::from_str(&std::fs::read_to_string(self.at(name)).unwrap()).unwrap()
    }

    /// Learns with a table of tests, and gives the answer.
    fn train(&self, tests: &str) -> Value {
        std::fs::write(self.at("tests.csv"), tests).unwrap();
        let (code, out, errors) = self.ask(&[
            "train",
            "--history",
            "h.sqlite",
            "--split-by",
            "network,age,territory,format",
            "--tests",
            "tests.csv",
            "--out",
            "m.json",
            "--json",
        ]);
        assert!(code < 2, "{errors}");
        serde_json::from_str(&out).unwrap()
    }

    fn campaign(&self, more: &str) {
        let text = format!(
            "title = \"Test\"\nbudget = \"9000 EUR\"\nengagement = \"count\"\n\
             flight = {{ start = 2026-11-23, end = 2026-12-20 }}\n{more}\n\
             [history]\nfile = \"h.sqlite\"\ntests = \"tests.csv\"\n\
             [segments]\nsplit_by = [\"network\", \"age\", \"territory\", \"format\"]\n"
        );
        std::fs::write(self.at("c.toml"), text).unwrap();
    }
}

const HEAD: &str = "network,start,end,kind,spend_test,spend_control,effect,se\n";

#[test]
fn a_lift_study_moves_the_share_and_the_plan_that_maximises_what_it_brings() {
    let desk = Desk::new();
    // The history of the demo's world ends before its day; a holdout of a month on one network.
    let first =
        desk.train(&format!("{HEAD}facebook,2026-10-05,2026-11-01,holdout,2000,0,100,40\n"));
    let test = &first["tests"][0]["used"];
    let reported = test["before"]["mean"].as_f64().unwrap() / 0.5;
    assert!(reported > 100.0, "{first}");
    // A fifth of what is reported would not have come.
    let row = |share: f64| {
        let (effect, se) = (share * reported, 0.05 * reported);
        format!("{HEAD}facebook,2026-10-05,2026-11-01,holdout,2000,0,{effect:.0},{se:.0}\n")
    };
    let low = desk.train(&row(0.2));
    let share = |answer: &Value| answer["incremental"][0]["mean"].as_f64().unwrap();
    assert_eq!(low["incremental"][0]["network"], "facebook");
    assert!((share(&low) - 0.2).abs() < 0.05, "{low}");
    // Asked for what it brings, a plan leaves the network for those whose share is not known to be low.
    let on = |objective: &str| {
        desk.campaign(objective);
        let (code, _, errors) = desk.ask(&["run", "c.toml", "--out", "out", "--no-backtest"]);
        assert!(code < 2, "{errors}");
        let plan = desk.json("out/c/plan.json");
        let rows = plan["rows"].as_array().unwrap().iter();
        let own = rows.filter(|row| row["attributes"]["network"] == "facebook");
        (own.map(|row| row["budget"].as_f64().unwrap()).sum::<f64>(), plan)
    };
    let (reported, plan) = on("");
    let told = &plan["incremental"][0];
    let of = |name: &str| told[name]["mean"].as_f64().unwrap();
    assert!((of("incremental") / of("reported") - share(&low)).abs() < 0.03, "{told}");
    let page = std::fs::read_to_string(desk.at("out/c/report.html")).unwrap();
    assert!(page.contains("by test: not without the money"));
    let (brought, plan) = on("objective = \"incremental\"");
    assert!(brought < 0.7 * reported, "{brought} of {reported}");
    let codes: Vec<&str> = plan["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|own| own["code"].as_str())
        .collect();
    assert!(codes.contains(&"incremental-unmeasured"), "{codes:?}");
    // Another table is another result.
    std::fs::write(desk.at("tests.csv"), row(0.8)).unwrap();
    let (after, _) = on("objective = \"incremental\"");
    assert!(after > brought, "{after} after {brought}");
}

#[test]
fn a_test_that_does_not_match_is_told_and_a_broken_table_stops_before_learning() {
    let desk = Desk::new();
    let told = desk.train(&format!("{HEAD}facebok,2026-10-05,2026-11-01,lift,2000,0,100,40\n"));
    assert_eq!(told["tests"][0]["refused"]["audience"]["nearest"], "facebook", "{told}");
    std::fs::write(
        desk.at("tests.csv"),
        format!("{HEAD}facebook,2026-10-05,2026-11-01,lift,2000,0,x,4\n"),
    )
    .unwrap();
    desk.campaign("");
    for arguments in [
        &["train", "--history", "h.sqlite", "--tests", "tests.csv", "--out", "n.json"][..],
        &["run", "c.toml", "--out", "out"],
    ] {
        let (code, out, errors) = desk.ask(arguments);
        // A table may break the sentence over lines.
        let told = format!("{out}{errors}").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(code == 2 && told.contains("“effect”: found “x”"), "{code}: {told}");
    }
    assert!(!desk.at("n.json").exists());
}
