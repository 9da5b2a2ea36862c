//! `relais import` from outside: answers, exit codes, what is stored.

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

const META: &str = "Reporting starts,Reporting ends,Campaign name,Ad set name,Amount spent (EUR),Impressions,Reach,Link clicks,Post shares\n";

fn relais(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("relais").unwrap();
    let output =
        command.current_dir(folder).arg("--lang").arg("en").args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn json(stdout: &str) -> Value {
    serde_json::from_str(stdout).unwrap_or_else(|e| panic!("{e}: {stdout}"))
}

fn week(day: u8, spend: &str) -> String {
    format!("2026-01-{day:02},2026-01-{:02},C,\"É t é\n🎓\",{spend},100,90,3,2\n", day + 6)
}

#[test]
fn the_same_export_twice_changes_nothing_and_a_newer_one_replaces() {
    let folder = tempfile::tempdir().unwrap();
    let exports = folder.path().join("exports d’été");
    std::fs::create_dir(&exports).unwrap();
    let path = exports.join("a.csv");
    std::fs::write(&path, format!("{META}{}{}", week(5, "10.25"), week(12, "5"))).unwrap();
    let arguments = ["import", "exports d’été", "--history", "h.sqlite", "--json"];
    let (code, stdout, stderr) = relais(folder.path(), &arguments);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let first = json(&stdout);
    let file = &first["files"][0];
    assert_eq!(file["format"], "meta-ads");
    for (key, value) in [
        ("rows_read", 2),
        ("rows_imported", 2),
        ("rows_replaced", 0),
        ("rows_duplicate", 0),
        ("rows_ignored", 0),
        ("rows_rejected", 0),
    ] {
        assert_eq!(file[key], value, "{key}");
    }
    assert_eq!(first["history"]["rows"], 2);
    assert_eq!(first["history"]["spend"], 15.25);
    assert_eq!(first["history"]["impressions"], 200.0);
    assert_eq!(first["history"]["shares"], 4.0);
    let (_, stdout, _) = relais(folder.path(), &arguments);
    let again = json(&stdout);
    assert_eq!(again["files"][0]["rows_duplicate"], 2);
    assert_eq!(again["history"], first["history"]);
    std::fs::write(&path, format!("{META}{}{}", week(5, "11.25"), week(12, "5"))).unwrap();
    let (_, stdout, _) = relais(folder.path(), &arguments);
    let newer = json(&stdout);
    assert_eq!(newer["files"][0]["rows_replaced"], 1);
    assert_eq!(newer["history"]["spend"], 16.25);
}

#[test]
fn one_bad_line_stores_nothing_unless_it_may_be_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let good = format!("{META}{}", week(5, "1"));
    std::fs::write(folder.path().join("good.csv"), good).unwrap();
    std::fs::write(
        folder.path().join("bad.csv"),
        format!("{META}{}{}", week(5, "2"), week(12, "-3")),
    )
    .unwrap();
    let arguments = ["import", "good.csv", "bad.csv", "--history", "h.sqlite", "--json"];
    let (code, stdout, _) = relais(folder.path(), &arguments);
    assert_eq!(code, 2);
    let answer = json(&stdout);
    assert!(answer["error"].is_string() && answer.get("history").is_none());
    let finding = &answer["files"][1]["findings"][0];
    // The first line's ad set name spans two lines.
    assert_eq!(finding["line"], 4);
    assert_eq!(finding["column"], "Amount spent (EUR)");
    assert_eq!(finding["found"], "-3");
    assert_eq!(finding["action"], "rejected");
    assert!(finding["allowed"].as_str().unwrap().contains("at least 0"));
    assert!(!folder.path().join("h.sqlite").exists(), "nothing was to be stored");
    let skipping = [&arguments[..], &["--skip-invalid"]].concat();
    let (code, stdout, _) = relais(folder.path(), &skipping);
    assert_eq!(code, 1);
    assert_eq!(json(&stdout)["history"]["spend"], 2.0, "the newer file's row replaced the other's");
}

#[test]
fn what_cannot_be_read_is_said_and_leaves_the_history_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("good.csv"), format!("{META}{}", week(5, "1"))).unwrap();
    std::fs::write(folder.path().join("letter.txt"), "Dear reader,\nnothing here.\n").unwrap();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    let (code, ..) = relais(folder.path(), &["import", "good.csv", "--history", "h.sqlite"]);
    assert_eq!(code, 0);
    let before = std::fs::read(folder.path().join("h.sqlite")).unwrap();
    for (arguments, word) in [
        (vec!["import", "good.csv", "letter.txt"], "fits no known format"),
        (vec!["import", "missing.csv"], "no file `missing.csv`"),
        (vec!["import", "empty"], "holds no export"),
        (vec!["import", "good.csv", "--format", "tulips"], "no format is called `tulips`"),
        (vec!["import", "good.csv", "--map", "none.toml"], "no file `none.toml`"),
    ] {
        let arguments = [&arguments[..], &["--history", "h.sqlite"]].concat();
        let (code, stdout, stderr) = relais(folder.path(), &arguments);
        assert_eq!(code, 2, "{arguments:?}: {stdout}");
        assert!(stderr.contains(word), "{arguments:?}: {stderr}");
    }
    assert_eq!(std::fs::read(folder.path().join("h.sqlite")).unwrap(), before);
}

#[test]
fn explain_shows_every_column_and_stores_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let text = "day,campaign,spend,shares,E-mail,tulips\n2026-01-05,A,1.5,2,a@b.fr,red\n";
    std::fs::write(folder.path().join("a.csv"), text).unwrap();
    let (code, stdout, _) =
        relais(folder.path(), &["import", "a.csv", "--explain", "--history", "h.sqlite"]);
    assert_eq!(code, 0);
    for word in ["generic", "spend", "1.5", "refused: e-mail address", "not known, not read"] {
        assert!(stdout.contains(word), "no `{word}` in {stdout}");
    }
    assert!(!stdout.contains("a@b.fr"));
    assert!(!folder.path().join("h.sqlite").exists());
    let (code, _, stderr) = relais(folder.path(), &["import", "a.csv"]);
    assert_eq!(code, 2, "where to store must be said: {stderr}");
}

#[test]
fn two_views_of_the_same_money_are_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let header = "Reporting starts,Reporting ends,Campaign name,";
    let tail = "Amount spent (EUR),Impressions\n2026-01-05,2026-01-11,C,";
    std::fs::write(folder.path().join("whole.csv"), format!("{header}{tail}20,200\n")).unwrap();
    std::fs::write(
        folder.path().join("ages.csv"),
        format!("{header}Age,{tail}18-24,12,120\n2026-01-05,2026-01-11,C,25-34,7,75\n"),
    )
    .unwrap();
    let arguments = ["import", "whole.csv", "ages.csv", "--history", "h.sqlite", "--json"];
    let (code, stdout, _) = relais(folder.path(), &arguments);
    assert_eq!(code, 0);
    let history = &json(&stdout)["history"];
    assert_eq!((&history["rows"], &history["spend"]), (&Value::from(3), &Value::from(20.0)));
    assert_eq!(history["impressions"], 200.0);
    let panel = ["history", "panel", "--history", "h.sqlite", "--split-by", "age", "--json"];
    let (_, stdout, _) = relais(folder.path(), &panel);
    let panel = json(&stdout);
    assert_eq!((&panel["spend"], &panel["not_broken_down"]), (&20.0.into(), &1.0.into()));
}

#[test]
fn a_file_in_an_unknown_language_comes_with_a_map_that_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Impressionz,Bedrag uitgegeven,Reporting startz,Sjeers\n100,12.5,2026-01-05,2\n";
    std::fs::write(folder.path().join("a.csv"), text).unwrap();
    let (code, _, stderr) = relais(folder.path(), &["import", "a.csv", "--history", "h.sqlite"]);
    assert_eq!(code, 2);
    let (_, sketch) = stderr.split_once("[columns]").unwrap_or_else(|| panic!("{stderr}"));
    assert!(sketch.contains("\"Impressionz\" = \"impressions\""), "{sketch}");
    let sketch: String = sketch
        .lines()
        .filter(|line| line.contains(" = "))
        .map(|line| match line.trim() {
            "\"Bedrag uitgegeven\" = \"ignore\"" => {
                "\"Bedrag uitgegeven\" = \"spend\"\n".to_owned()
            }
            line => format!("{line}\n"),
        })
        .collect();
    std::fs::write(folder.path().join("m.toml"), format!("[columns]\n{sketch}")).unwrap();
    let arguments = ["import", "a.csv", "--map", "m.toml", "--history", "h.sqlite", "--json"];
    let (code, stdout, stderr) = relais(folder.path(), &arguments);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert_eq!(json(&stdout)["history"]["impressions"], 100.0);
}

#[test]
fn a_file_that_nobody_knows_stops_the_folder_and_can_be_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    put("a.csv", format!("{META}{}", week(5, "1")));
    put("b.csv", "colour,size\nred,3\n".into());
    put("c.csv", format!("{META}{}", week(12, "2")).replace("EUR", "USD"));
    put("d.csv", "%PDF-1.7".into());
    let arguments = ["import", ".", "--history", "h.sqlite"];
    let (code, _, stderr) = relais(folder.path(), &arguments);
    assert_eq!(code, 2);
    for told in ["b.csv", "d.csv", "a PDF document", "--skip-unknown", "files in order: 2"] {
        assert!(stderr.contains(told), "{told}: {stderr}");
    }
    assert!(!folder.path().join("h.sqlite").exists());
    let (code, stdout, stderr) =
        relais(folder.path(), &[&arguments[..], &["--skip-unknown"]].concat());
    assert_eq!(code, 1);
    assert!(stderr.contains("left out") && stderr.contains("b.csv"), "{stderr}");
    // Euros and dollars have no sum.
    assert!(stdout.contains("spend €1 + $2,"), "{stdout}");
    let again = [&arguments[..], &["--skip-unknown", "--json"]].concat();
    let answer = json(&relais(folder.path(), &again).1);
    assert_eq!(answer["history"]["spend"], Value::Null);
    assert_eq!(answer["history"]["spend_by_currency"], serde_json::json!({"EUR": 1.0, "USD": 2.0}));
}
