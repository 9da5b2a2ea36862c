//! `relais import` from outside: answers, exit codes, what is stored.

use std::fmt::Write as _;
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
    // The older export put back: it says so, and the newer one counts.
    std::fs::write(&path, format!("{META}{}{}", week(5, "10.25"), week(12, "5"))).unwrap();
    let (code, stdout, _) = relais(folder.path(), &arguments);
    let back = json(&stdout);
    let file = &back["files"][0];
    assert_eq!((code, &file["rows_duplicate"], &file["rows_outdated"]), (0, &1.into(), &1.into()));
    assert_eq!(file["outdated_by"][0]["import"], 2);
    assert_eq!(back["history"], newer["history"]);
    for (language, told) in [
        ("en", "one line was imported before and has been replaced since by `"),
        ("fr", "1 ligne, déjà importée, a été remplacée depuis par «\u{a0}"),
    ] {
        let arguments = ["import", "exports d’été", "--history", "h.sqlite", "--lang", language];
        let (_, stdout, _) = relais(folder.path(), &arguments);
        assert!(stdout.contains(told) && stdout.contains("a.csv"), "{stdout}");
    }
}

#[test]
fn one_bad_line_stores_nothing_unless_it_may_be_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let good = format!("{META}{}", week(5, "1"));
    std::fs::write(folder.path().join("good.csv"), good).unwrap();
    std::fs::write(
        folder.path().join("bad.csv"),
        format!("{META}{}{}", week(5, "2"), week(12, "three")),
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
    assert_eq!(finding["found"], "three");
    assert_eq!(finding["action"], "rejected");
    assert!(finding["allowed"].as_str().unwrap().contains("a number"));
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

/// Imports one file after another, each given as text; the answer to the last.
fn imported(folder: &Path, files: &[(&str, &str)]) -> (i32, Value) {
    let mut last = (0, Value::Null);
    for (name, text) in files {
        std::fs::write(folder.join(name), text).unwrap();
        let (code, stdout, _) =
            relais(folder, &["import", name, "--history", "h.sqlite", "--json"]);
        last = (code, json(&stdout));
    }
    last
}

const REFUND: &str = "Day,Campaign name,Amount spent (EUR),Impressions,Link clicks\n\
    2026-03-02,Bourse,120.00,20000,200\n2026-03-12,Bourse,-15.50,0,0\n\
    2026-03-24,Bourse,110.00,19000,190\n";

#[test]
fn a_refund_is_told_taken_off_and_no_week_is_below_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (code, answer) = imported(folder.path(), &[("a.csv", REFUND)]);
    assert_eq!((code, &answer["history"]["spend"]), (0, &Value::from(214.5)));
    let refunds = &answer["files"][0]["refunds"];
    assert_eq!(*refunds, serde_json::json!({ "rows": 1, "spend": -15.5, "lines": [3] }));
    let (_, told, _) = relais(folder.path(), &["import", "a.csv", "--dry-run"]);
    assert!(told.contains("one line gives money back, −€15.50 in all"), "{told}");
    let (code, panel, note) = relais(folder.path(), &["history", "panel", "--history", "h.sqlite"]);
    assert_eq!(code, 0, "{note}");
    assert!(panel.contains(",104.5,") && panel.contains(",110,"), "{panel}");
    assert!(!panel.contains('−') && !panel.contains(",-"), "{panel}");
    assert!(note.contains("€15.50 is taken off"), "{note}");
    // A column of the wrong sign is for a person to look at.
    let wrong = REFUND.replace("120.00", "-120.00");
    let (code, answer) = imported(folder.path(), &[("b.csv", &wrong)]);
    let findings = answer["files"][0]["findings"].as_array().unwrap();
    assert!(findings.iter().any(|own| own["found"] == "-25.5" && own["action"] == "check"));
    assert_eq!(code, 1);
}

const LIFETIME: &str = "Post ID,Page name,Title,Publish time,Data comment,Date,Views,Reach,Reactions,Comments,Shares,Total clicks\n\
    1001,Region,Inscriptions,03/02/2026 09:00,,Lifetime,5000,4000,120,14,30,90\n\
    1002,Region,Portes ouvertes,03/04/2026 12:00,,Lifetime,7000,6100,210,20,55,120\n";
const DAILY: &str = "Post ID,Page name,Title,Publish time,Data comment,Date,Reactions,Comments,Shares\n\
    1001,Region,Inscriptions,03/02/2026 09:00,,03/02/2026,60,6,15\n\
    1001,Region,Inscriptions,03/02/2026 09:00,,03/09/2026,60,8,15\n\
    1002,Region,Portes ouvertes,03/04/2026 12:00,,03/04/2026,110,10,30\n";

#[test]
fn posts_since_publication_and_by_day_are_counted_once_in_either_order() {
    for files in [
        vec![("total.csv", LIFETIME), ("days.csv", DAILY)],
        vec![("days.csv", DAILY), ("total.csv", LIFETIME)],
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (code, answer) = imported(folder.path(), &files);
        let history = &answer["history"];
        let found = ["impressions", "reactions", "comments", "shares", "clicks"]
            .map(|name| history[name].as_f64().unwrap());
        assert_eq!((code, found), (0, [12000.0, 330.0, 34.0, 85.0, 210.0]));
        assert_eq!(answer["files"][0]["rows_replaced"], 0);
        let arguments = ["import", "total.csv", "days.csv", "--history", "h.sqlite", "--json"];
        let (_, again, _) = relais(folder.path(), &arguments);
        assert_eq!(json(&again)["history"], *history);
        let fresh = arguments.map(|own| if own == "h.sqlite" { "one.sqlite" } else { own });
        let (_, one, _) = relais(folder.path(), &fresh);
        assert_eq!(json(&one)["history"], *history);
        let (_, posts, _) =
            relais(folder.path(), &["history", "posts", "--history", "h.sqlite", "--json"]);
        assert_eq!(json(&posts)["posts"].as_array().unwrap().len(), 2, "{posts}");
    }
}

#[test]
fn what_a_newer_export_lowers_is_told_from_what_to_what() {
    let folder = tempfile::tempdir().unwrap();
    let newer = REFUND.replace("120.00,20000", "20.00,200").replace("-15.50", "0");
    let (code, answer) = imported(folder.path(), &[("a.csv", REFUND), ("b.csv", &newer)]);
    let lowered = answer["files"][0]["lowered"].as_array().unwrap();
    assert_eq!(code, 1);
    assert_eq!((&lowered[0]["name"], &lowered[0]["measure"]), (&"Bourse".into(), &"spend".into()));
    assert_eq!((&lowered[0]["before"], &lowered[0]["now"]), (&104.5.into(), &20.0.into()));
    std::fs::write(folder.path().join("c.csv"), newer.replace("110.00", "10.00")).unwrap();
    let (code, told, _) = relais(folder.path(), &["import", "c.csv", "--history", "h.sqlite"]);
    assert!(told.contains("lowers “Bourse”: spend €110 → €10"), "{told}");
    assert_eq!(code, 1);
}

#[test]
fn a_campaign_renamed_without_an_id_is_told_and_settled_by_the_command_that_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let export = |name: &str, days: &[u8]| {
        let mut text = "Day,Campaign name,Amount spent (EUR),Impressions,Link clicks\n".to_owned();
        for day in days {
            let spend = 30 + 10 * day;
            let _ = writeln!(text, "2026-03-{day:02},{name},{spend}.00,9900,99");
        }
        text
    };
    let (before, after) = (export("Salon d’été", &[2, 3]), export("Salon 'v2'", &[2, 3, 4]));
    let (code, answer) = imported(folder.path(), &[("a.csv", &before), ("b.csv", &after)]);
    assert_eq!((code, &answer["history"]["spend"]), (1, &290.0.into()), "nothing is merged");
    let renaming = &answer["renamings"][0];
    assert_eq!(renaming["before"], "Salon d’été");
    assert_eq!(renaming["now"], "Salon 'v2'");
    assert_eq!((&renaming["rows"], &renaming["spend"]), (&2.into(), &110.0.into()));
    assert_eq!(
        renaming["command"],
        r"relais history rename --history h.sqlite -- 'Salon d’été' 'Salon '\''v2'\'''"
    );
    let (code, listed, _) = relais(folder.path(), &["history", "rename", "--history", "h.sqlite"]);
    assert!(code == 1 && listed.contains("probably renamed: campaign “Salon d’été”"), "{listed}");
    let rename =
        ["history", "rename", "--history", "h.sqlite", "--json", "Salon d’été", "Salon 'v2'"];
    let (code, stdout, stderr) = relais(folder.path(), &rename);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(json(&stdout)["history"]["spend"], 180.0);
    let (code, listed, _) = relais(folder.path(), &["history", "rename", "--history", "h.sqlite"]);
    assert_eq!((code, listed.trim()), (0, "nothing looks renamed"));
    let misspelt = ["history", "rename", "--history", "h.sqlite", "Salon", "Salon 'v2'"];
    let (code, _, stderr) = relais(folder.path(), &misspelt);
    assert!(code == 2 && stderr.contains("found the name `Salon`"), "{stderr}");
    let again =
        ["history", "rename", "--history", "h.sqlite", "Salon 'v2'", "Salon d’été", "--lang", "fr"];
    let (code, _, stderr) = relais(folder.path(), &again);
    assert!(code == 2 && stderr.contains("est déjà repris sous"), "{stderr}");
    // What was done stands in the journal, and is taken back by the earlier name.
    let journal = ["history", "journal", "--history", "h.sqlite"];
    let (_, listed, _) = relais(folder.path(), &journal);
    assert!(listed.contains("campaign “Salon d’été” → “Salon 'v2'”"), "{listed}");
    let undo = ["history", "rename", "--history", "h.sqlite", "--undo", "Salon d’été"];
    let (code, told, _) = relais(folder.path(), &undo);
    assert!(code == 0 && told.contains("lines moved back 2, lines counted again 2"), "{told}");
    let (_, listed, _) = relais(folder.path(), &journal);
    assert!(listed.contains("taken back"), "{listed}");
    let (code, _, stderr) = relais(folder.path(), &undo);
    assert!(code == 2 && stderr.contains("nothing to take back"), "{stderr}");
}

#[test]
fn explain_says_what_each_line_of_a_map_did_in_both_languages_and_for_machines() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Début des rapports,Fin des rapports,Nom de la campagne,Montant dépensé (EUR),Impressions,Partages de publication\n\
                2026-01-05,2026-01-11,C,12.5,100,3\n";
    std::fs::write(folder.path().join("a.csv"), text).unwrap();
    let map = "network = \"instagram\"\n[columns]\n\"Partages de publication\" = \"shares\"\n\"Humeur\" = \"ignore\"\n";
    std::fs::write(folder.path().join("m.toml"), map).unwrap();
    let import = ["import", "a.csv", "--map", "m.toml", "--explain"];
    for (language, words) in [
        ("en", ["the map adds to meta-ads", "not in this file", "holds for every line"]),
        ("fr", ["la correspondance complète meta-ads", "absent", "vaut pour chaque ligne"]),
    ] {
        let mut arguments = vec!["--lang", language];
        arguments.extend(import);
        let output = Command::cargo_bin("relais")
            .unwrap()
            .current_dir(folder.path())
            .env("COLUMNS", "200")
            .args(&arguments)
            .output()
            .unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        for word in words {
            assert!(told.contains(word), "{word}: {told}");
        }
    }
    let (code, stdout, _) = relais(folder.path(), &[&import[..], &["--json"]].concat());
    assert_eq!(code, 0, "{stdout}");
    let file = &json(&stdout)["files"][0];
    assert_eq!((&file["map_extends"], &file["encoding"]), (&true.into(), &"UTF-8".into()));
    let line = |key: &str| {
        let lines = file["map"].as_array().unwrap();
        lines.iter().find(|line| line["key"] == key).unwrap().clone()
    };
    let shares = line("Partages de publication");
    assert_eq!(
        (&shares["did"], &shares["cells"], &shares["example"]),
        (&"read".into(), &1.into(), &"3".into())
    );
    assert_eq!(line("Humeur")["did"], "absent");
    assert_eq!(file["totals"]["shares"], 3.0);
}

#[test]
fn two_placements_of_one_name_both_count() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Campaign name,Ad set name,Ads,Reporting starts,Reporting ends,Placement,Amount spent (EUR),Impressions\n\
                C,S,A,2026-01-05,2026-01-11,Feed,1.5,100\nC,S,A,2026-01-05,2026-01-11,Feed,2.5,50\n";
    std::fs::write(folder.path().join("a.csv"), text).unwrap();
    let (_, stdout, stderr) =
        relais(folder.path(), &["import", "a.csv", "--history", "h.sqlite", "--json"]);
    assert_eq!(json(&stdout)["history"]["spend"], 4.0, "{stdout} {stderr}");
}

#[test]
fn a_year_is_said_where_dates_have_none_and_a_shipped_map_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Date,Video Views,Profile Views,Likes,Comments,Shares\nDecember 31,9,8,1,0,1\nJanuary 1,5,4,1,0,0\n";
    std::fs::write(folder.path().join("Overview.csv"), text).unwrap();
    let (code, _, stderr) = relais(folder.path(), &["import", "Overview.csv", "--dry-run"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("--year"), "{stderr}");
    let import = ["import", "Overview.csv", "--dry-run", "--year", "2025", "--json"];
    let (code, stdout, stderr) = relais(folder.path(), &import);
    assert_eq!(code, 0, "{stderr}");
    let file = &json(&stdout)["files"][0];
    assert_eq!((&file["start"], &file["end"]), (&"2025-12-31".into(), &"2026-01-01".into()));
    let text = "Content,Video title,Video publish time,Views,Likes\nabc,Été,2026-01-05,9,1\n";
    std::fs::write(folder.path().join("table.csv"), text).unwrap();
    let import = ["import", "table.csv", "--dry-run", "--map", "youtube-studio"];
    let (code, _, stderr) = relais(folder.path(), &import);
    assert_eq!(code, 0, "{stderr}");
}
