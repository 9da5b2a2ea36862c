//! Exit codes: what each means, and that they agree wherever the same thing is asked.

use std::path::Path;
use std::process::Command;

use assert_cmd::prelude::*;
use serde_json::Value;

/// What the binary answers in a folder: its exit, standard output and standard error.
pub(crate) fn relais(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("relais").unwrap();
    let output = command.current_dir(folder).env("LC_ALL", "C").args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn what_was_not_understood_is_json_where_json_was_asked() {
    let folder = tempfile::tempdir().unwrap();
    for (language, said) in [("en", "unexpected argument"), ("fr", "option inconnue")] {
        for place in [0, 1] {
            let mut line = vec!["plan", "c.toml", "--lang", language, "--modle", "m.json"];
            line.insert(if place == 0 { 0 } else { line.len() }, "--json");
            let (exit, out, err) = relais(folder.path(), &line);
            assert_eq!(exit, 2);
            assert_eq!(out.lines().count(), 1, "one object and nothing else: {out}");
            let answer: Value = serde_json::from_str(&out).unwrap();
            assert!(answer["error"].as_str().unwrap().contains(said), "{answer}");
            assert!(err.contains(said), "{err}");
        }
    }
    let (exit, out, _) = relais(folder.path(), &["plan", "--json"]);
    assert_eq!(
        (exit, serde_json::from_str::<Value>(&out).unwrap()["error"].is_string()),
        (2, true)
    );
    // Help and version are answers, not errors.
    let (exit, out, _) = relais(folder.path(), &["--version", "--json"]);
    assert_eq!((exit, out.starts_with("relais ")), (0, true));
}

/// A history of two networks by two ages over twenty weeks.
fn history(folder: &Path) {
    use std::fmt::Write as _;
    let mut rows =
        String::from("network,age,start,end,currency,spend,impressions,shares,link_clicks\n");
    for week in 0..20 {
        let start = jiff::civil::date(2026, 6, 1).saturating_add(jiff::Span::new().weeks(week));
        let end = start.saturating_add(jiff::Span::new().days(6));
        for (k, network) in ["facebook", "instagram"].into_iter().enumerate() {
            for (a, age) in ["18-24", "25-34"].into_iter().enumerate() {
                let spend = 40.0 + ((week * 17 + k as i64 * 31 + a as i64 * 11) % 60) as f64;
                let actions = spend / (1.0 + spend / 400.0) * (1.0 + k as f64 * 0.3);
                writeln!(
                    rows,
                    "{network},{age},{start},{end},EUR,{spend:.2},{:.0},{:.0},{:.0}",
                    spend * 150.0,
                    actions / 5.0,
                    actions
                )
                .unwrap();
            }
        }
    }
    std::fs::write(folder.join("rows.csv"), rows).unwrap();
    let (exit, _, err) = relais(folder, &["import", "rows.csv", "--history", "h.sqlite"]);
    assert_eq!(exit, 0, "{err}");
}

const CAMPAIGN: &str = r#"
title = "Orientation"
budget = "1500 EUR"
flight = { start = 2026-11-02, end = 2026-12-13 }
[history]
file = "h.sqlite"
[segments]
split_by = ["network", "age"]
levers = "any"
"#;

#[test]
fn plan_and_run_end_alike() {
    let folder = tempfile::tempdir().unwrap();
    history(folder.path());
    let train = ["train", "--history", "h.sqlite", "--split-by", "network,age", "--out", "m.json"];
    assert!(relais(folder.path(), &train).0 <= 1);
    let refused =
        "[limits]\n[[limits.group]]\nname = \"too much\"\neach = \"network\"\nmin = 900\n";
    let undecided =
        "[limits]\nper_segment = { min_if_funded = 301, max = 901 }\nfunded_at_most = 2\n";
    let cases = [
        ("plain", CAMPAIGN.to_owned(), None),
        ("far", CAMPAIGN.replace("1500", "90000"), Some(1)),
        ("refused", format!("{CAMPAIGN}{refused}"), Some(2)),
        ("currency", CAMPAIGN.replace("1500 EUR", "1500 USD"), Some(2)),
        ("misspelt", CAMPAIGN.replace("budget", "budgte"), Some(2)),
        ("minimums", format!("{CAMPAIGN}{undecided}"), None),
    ];
    let mut worst = 0;
    for (name, text, wanted) in &cases {
        let file = format!("{name}.toml");
        std::fs::write(folder.path().join(&file), text).unwrap();
        let out = format!("plan-{name}");
        let planned = relais(folder.path(), &["plan", &file, "--model", "m.json", "--out", &out]);
        let run = ["run", &file, "--out", "out", "--model", "m.json", "--no-backtest", "--json"];
        let ran = relais(folder.path(), &run);
        assert_eq!(planned.0, ran.0, "{name}: {}{}", planned.2, ran.1);
        assert!(wanted.is_none_or(|wanted| wanted == ran.0), "{name}: {} {}", ran.0, ran.1);
        worst = worst.max(ran.0);
    }
    // A batch ends as the worst of its campaigns.
    let mut all: Vec<String> = cases.iter().map(|(name, ..)| format!("{name}.toml")).collect();
    all.extend(["--out", "out", "--model", "m.json", "--no-backtest"].map(str::to_owned));
    let all: Vec<&str> = std::iter::once("run").chain(all.iter().map(String::as_str)).collect();
    assert_eq!(relais(folder.path(), &all).0, worst);
}

#[test]
fn absurd_numbers_are_refused_with_what_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    for (line, english, french) in [
        (&["plan", "c.toml", "--gap", "nan"][..], "NaN is not in 0..=1", "0 – 1"),
        (&["plan", "c.toml", "--draws", "0"], "0 is not in 2..=100000", "2 – 100000"),
        (&["plan", "c.toml", "--draws", "99999999999"], "not in 2..=100000", "2 – 100000"),
        (&["--threads", "1000000", "plan", "c.toml"], "not in 1..=1024", "1 – 1024"),
        (
            &["simulate", "--model", "m", "--plan", "p", "--replicates", "18446744073709551615"],
            "not in 1..=10000000",
            "1 – 10000000",
        ),
    ] {
        for (language, said) in [("en", english), ("fr", french)] {
            let (exit, _, err) = relais(folder.path(), &[line, &["--lang", language]].concat());
            assert!(exit == 2 && err.contains(said), "{line:?}: {exit} {err}");
        }
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_and_what_cannot_be_written_are_told_by_name() {
    let folder = tempfile::tempdir().unwrap();
    for (language, pipe, output) in [
        ("en", "a pipe or a device", "could not write `standard output`: "),
        ("fr", "un tube ou un périphérique", "impossible d’écrire « la sortie standard » : "),
    ] {
        let lines = ["import", "/dev/zero", "--history", "h.sqlite", "--lang", language];
        let (exit, _, err) = relais(folder.path(), &lines);
        assert!(exit == 2 && err.contains(pipe) && err.contains("/dev/zero"), "{err}");
        assert!(!folder.path().join("h.sqlite").exists());
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = Command::cargo_bin("relais").unwrap();
        let command = command.args(["schema", "campaign", "--lang", language]).stdout(full);
        let told = command.output().unwrap();
        let err = String::from_utf8(told.stderr).unwrap();
        assert!(told.status.code() == Some(2) && err.contains(output), "{err}");
    }
}

#[cfg(unix)]
#[test]
fn nothing_that_acts_on_a_terminal_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = "evil\u{1b}[2J\u{202e}\u{7}.csv";
    for line in [
        &["import", hostile, "--history", "h.sqlite"][..],
        &["plan", hostile],
        &["plan", "c.toml", hostile],
        &["train", "--panel", hostile, "--out", "m.json", "--json"],
        &["history", "journal", "--history", hostile],
        &["report", hostile],
    ] {
        let (exit, out, err) = relais(folder.path(), line);
        assert_eq!(exit, 2, "{line:?}");
        assert!(err.contains("\\u{202e}"), "{line:?}: {err}");
        let acts = |text: &str| text.contains(['\u{1b}', '\u{202e}', '\u{7}']);
        assert!(!acts(&out) && !acts(&err), "{line:?}: {out:?} {err:?}");
    }
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_are_answered_as_others() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let odd =
        |start: &[u8]| std::ffi::OsStr::from_bytes(&[start, b"\xe9\xff.csv"].concat()).to_owned();
    history(folder.path());
    let (rows, out) = (odd(b"rows"), odd(b"out"));
    std::fs::copy(folder.path().join("rows.csv"), folder.path().join(&rows)).unwrap();
    let of = |words: &[&str]| words.iter().map(std::ffi::OsString::from).collect::<Vec<_>>();
    for line in [
        [of(&["history", "panel", "--history", "h.sqlite", "--out"]), vec![out.clone()]].concat(),
        [of(&["history", "panel", "--from-csv"]), vec![rows, "--out".into(), out.clone()]].concat(),
        [of(&["generate", "--rows", "100", "--out"]), vec![odd(b"made")]].concat(),
    ] {
        let mut command = Command::cargo_bin("relais").unwrap();
        let told = command.current_dir(folder.path()).args(&line).arg("--json").output().unwrap();
        assert_eq!(told.status.code(), Some(0), "{line:?}: {told:?}");
        let answer: Value = serde_json::from_slice(&told.stdout).unwrap();
        assert!(answer["out"].is_string(), "{answer}");
    }
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_read_once_or_refused_and_never_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert!(Command::new("mkfifo").arg(at.join("pipe")).status().unwrap().success());
    std::fs::write(at.join("c.toml"), CAMPAIGN).unwrap();
    for line in [
        &["run", "pipe", "--out", "out", "--json"][..],
        &["run", "c.toml", "--model", "pipe", "--out", "out", "--json"],
        &["history", "panel", "--from-csv", "pipe", "--out", "p.csv", "--json"],
        &["plan", "/dev/zero", "--json"],
        &["plan", "c.toml", "--model", "/dev/zero", "--json"],
        &["plan", "c.toml", "--curves", "/dev/zero", "--json"],
        &["train", "--panel", "/dev/zero", "--out", "m.json", "--json"],
        &["report", "--bulk", "/dev/zero", "--plan", "/dev/zero", "--out", "b.csv", "--json"],
    ] {
        let (exit, out, err) = relais(at, line);
        assert_eq!(exit, 2, "{line:?}: {out} {err}");
        assert!(out.contains("a pipe or a device"), "{line:?}: {out} {err}");
    }
}

#[test]
fn what_goes_out_to_others_names_nobodys_folders() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    history(at);
    let home = at.canonicalize().unwrap().display().to_string();
    let inside = |name: &str| format!("{home}/{name}");
    let train = ["train", "--history", "h.sqlite", "--split-by", "network,age", "--out", "m.json"];
    assert!(relais(at, &train).0 <= 1);
    let campaign = format!("{CAMPAIGN}[output]\nformats = [\"csv\", \"html\"]\nfolder = \"own\"\n");
    std::fs::write(at.join("c.toml"), campaign).unwrap();
    let (file, model, out) = (inside("c.toml"), inside("m.json"), inside("out"));
    let line =
        ["run", &file, "--model", &model, "--out", &out, "--no-backtest", "--replicates", "20"];
    assert!(relais(at, &line).0 <= 1);
    let result = inside("out/c");
    assert!(relais(at, &["report", "--compare", &result, &result, "--out", "both"]).0 <= 1);
    for (name, bytes) in super::scene::tree(at) {
        // What the person wrote, and the history, stay where they are.
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            !text.contains(&home),
            "{}: {}",
            name.display(),
            &text[text.find(&home).unwrap()..][..80]
        );
    }
}

#[test]
fn manual_pages_say_what_help_says_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    let (exit, told, errors) = relais(folder.path(), &["man", "--out", "en", "--lang", "en"]);
    assert!(exit == 0 && told.contains("written to en"), "{errors}");
    assert_eq!(relais(folder.path(), &["man", "--out", "fr", "--lang", "fr"]).0, 0);
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let count = |name: &str| std::fs::read_dir(folder.path().join(name)).unwrap().count();
    assert!(count("en") == count("fr") && count("en") > 20, "{}", count("en"));
    let (one, other) = (read("en/relais-run.1"), read("fr/relais-run.1"));
    assert!(one.contains("EXIT STATUS") && one.contains("findings that need a person"), "{one}");
    assert!(
        other.contains("CODES DE SORTIE") && other.contains("Dossier des résultats"),
        "{other}"
    );
    assert!(one.contains("\\-\\-shard") && read("en/relais-experiment-design.1").contains("share"));
    // A line that begins with a dot would be taken for an order of the page's language.
    for page in [one, other] {
        let strangers = page.lines().filter(|line| {
            line.starts_with('.')
                && !line[1..].starts_with(|c: char| {
                    c.is_ascii_uppercase() || c == 'i' || c == 'e' || c == 'd'
                })
        });
        assert_eq!(strangers.count(), 0);
    }
}
