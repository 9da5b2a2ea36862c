//! A batch in parts makes what one run makes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

use crate::experiment::Desk;

/// Runs in a folder of the desk; the code and what was said.
fn run(desk: &Desk, folder: &str, arguments: &[&str]) -> (i32, String) {
    std::fs::create_dir_all(desk.at(folder)).unwrap();
    let output = Command::cargo_bin("relais")
        .unwrap()
        .current_dir(desk.at(folder))
        .env("RELAIS_TODAY", "2026-11-20")
        .args(arguments)
        .args(["--lang", "en"])
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            let below = files(&path).into_iter();
            all.extend(
                below.map(|(name, bytes)| (Path::new(&entry.file_name()).join(name), bytes)),
            );
        } else {
            all.insert(entry.file_name().into(), std::fs::read(path).unwrap());
        }
    }
    all
}

const CAMPAIGNS: [&str; 5] =
    ["../autumn.toml", "../winter.toml", "../spring.toml", "../new.toml", "../wrong.toml"];

fn desk() -> Desk {
    let desk = Desk::new();
    desk.campaign("6000 EUR", "2026-12-20");
    let text = std::fs::read_to_string(desk.at("c.toml")).unwrap();
    let put = |name: &str, text: String| std::fs::write(desk.at(name), text).unwrap();
    put("autumn.toml", text.clone());
    // Of the same audiences in the same days as the first.
    put("winter.toml", text.replace("6000", "4000").replace("2026-12-20", "2027-01-10"));
    let later = text.replace("2026-11-23", "2027-03-01").replace("2026-12-20", "2027-03-28");
    put("spring.toml", later);
    let segments = "[segments]\nwhere = { network = [\"facebook\", \"instagram\"], \
                    age = [\"18-24\", \"25-34\"], territory = [\"REG-76\"], \
                    format = [\"video\"] }\n";
    let new = text.replace("[history]\nfile = \"h.sqlite\"\n", "");
    put("new.toml", new.replace("[segments]\n", segments));
    put("wrong.toml", text.replace("budget", "budgte"));
    desk
}

#[test]
fn parts_of_a_batch_make_what_one_run_makes() {
    let desk = desk();
    let asked = [&["run"][..], &CAMPAIGNS, &["--out", "out", "--no-backtest"]].concat();
    let asked = [&asked[..], &["--replicates", "100"]].concat();
    let (code, said) = run(&desk, "one", &asked);
    assert!(code == 2, "one of them is wrong: {said}");
    let mut worst = 0;
    for shard in ["3/3", "1/3", "2/3"] {
        let (code, said) = run(&desk, "parts", &[&asked[..], &["--shard", shard]].concat());
        assert!(code < 3, "{said}");
        worst = worst.max(code);
    }
    assert_eq!(worst, 2);
    let (code, said) = run(&desk, "parts", &["run", "--merge", "--out", "out"]);
    assert!(code == 2 && said.contains("5 campaigns in all: 4 done, 1 failed"), "{said}");
    let (whole, mut parts) = (files(&desk.at("one/out")), files(&desk.at("parts/out")));
    let summary: Value = serde_json::from_slice(&whole[Path::new("summary.json")]).unwrap();
    let names = summary["campaigns"].as_array().unwrap().iter().map(|own| own["name"].clone());
    assert_eq!(names.collect::<Vec<_>>(), ["autumn", "new", "spring", "winter", "wrong"]);
    parts.retain(|name, _| !name.to_string_lossy().starts_with("summary-"));
    assert_eq!(whole.keys().collect::<Vec<_>>(), parts.keys().collect::<Vec<_>>());
    for (name, bytes) in &whole {
        assert!(*bytes == parts[name], "{}", name.display());
    }
    let plan: Value = serde_json::from_slice(&whole[Path::new("autumn/plan.json")]).unwrap();
    let shares = |own: &Value| own["code"].as_str().unwrap().contains("shared");
    assert!(plan["findings"].as_array().unwrap().iter().any(shares), "{}", plan["findings"]);
    // Once more, all is there already, and the summary says the same.
    let (_, said) = run(&desk, "one", &asked);
    assert!(said.contains("already done"), "{said}");
    assert_eq!(
        files(&desk.at("one/out"))[Path::new("summary.json")],
        whole[Path::new("summary.json")]
    );
}

/// A panel of four advertisers: two sound, one whose name leads out of the folder, one with a bad cell.
fn advertisers(desk: &Desk) -> usize {
    let (code, said) =
        run(desk, ".", &["history", "panel", "--history", "h.sqlite", "--out", "own.csv"]);
    assert!(code < 2, "{said}");
    let own = std::fs::read_to_string(desk.at("own.csv")).unwrap();
    let (header, rows) = own.split_once('\n').unwrap();
    let mut all = format!("advertiser,{header}\n");
    for name in ["north", "../south", "odd"] {
        all.extend(rows.lines().flat_map(|row| [name, ",", row, "\n"]));
    }
    let (keep, last) = all.trim_end().rsplit_once('\n').unwrap();
    let first = last.split(',').next().unwrap();
    let cells = header.split(',').map(|name| match name {
        "segment" => "x",
        "start" | "end" => "2026-01-05",
        "spend" => "much",
        _ => "",
    });
    let bad = [first].into_iter().chain(cells).collect::<Vec<_>>().join(",");
    std::fs::write(desk.at("all.csv"), format!("{keep}\n{bad}\n")).unwrap();
    all.lines().count()
}

#[test]
fn advertisers_of_one_panel_are_worked_on_by_one_pattern_in_any_parts() {
    let desk = desk();
    let last = advertisers(&desk);
    let asked = ["run", "../spring.toml", "--panel", "../all.csv", "--by", "advertiser"];
    let asked = [&asked[..], &["--out", "out", "--no-backtest", "--replicates", "100"]].concat();
    let (code, said) = run(&desk, "one", &asked);
    assert!(code == 2 && said.contains(&format!("line {last}")), "{said}");
    for shard in ["2/2", "1/2"] {
        let (code, said) = run(&desk, "parts", &[&asked[..], &["--shard", shard]].concat());
        assert!(code < 3, "{said}");
    }
    run(&desk, "parts", &["run", "--merge", "--out", "out"]);
    let (whole, mut parts) = (files(&desk.at("one/out")), files(&desk.at("parts/out")));
    parts.retain(|name, _| !name.to_string_lossy().starts_with("summary-"));
    assert!(whole == parts, "{:?} {:?}", whole.keys(), parts.keys());
    let summary: Value = serde_json::from_slice(&whole[Path::new("summary.json")]).unwrap();
    let ended = |own: &Value| (own["advertiser"].clone(), own["ended"].clone());
    let ended: Vec<_> = summary["campaigns"].as_array().unwrap().iter().map(ended).collect();
    let expected = [("../south", "done"), ("north", "done"), ("odd", "failed")];
    assert_eq!(ended, expected.map(|(name, how)| (Value::from(name), Value::from(how))));
    // The same rows give the same plan, whoever's they are, inside the folder alone.
    let south = summary["campaigns"][0]["name"].as_str().unwrap();
    assert!(!south.contains('/') && !desk.at("south").exists() && !desk.at("one/south").exists());
    let at = |name: &str| whole[&Path::new(name).join("plan.json")].clone();
    assert!(at(south) == at("north"));
    let (code, said) = run(&desk, "one", &[&asked[..], &["../autumn.toml"]].concat());
    assert!(code == 2 && said.contains("exactly one"), "{said}");
}

#[test]
fn parts_that_are_missing_or_not_ours_are_told() {
    let desk = desk();
    let new = ["run", "../new.toml", "../wrong.toml", "--out", "out", "--shard"];
    let (code, said) = run(&desk, "parts", &["run", "--merge", "--out", "."]);
    assert!(code == 2 && said.contains("--shard I/N"), "{said}");
    run(&desk, "parts", &[&new[..], &["1/2", "--no-backtest"]].concat());
    let (code, said) = run(&desk, "parts", &["run", "--merge", "--out", "out"]);
    assert!(code == 2 && said.contains("of 2 parts these are missing: 2"), "{said}");
    let (code, said) = run(&desk, "parts", &[&new[..], &["3/2"]].concat());
    assert!(code == 2 && said.contains("part 2 of 8"), "{said}");
    // A file of the same name that relais did not write stops the run before it begins.
    std::fs::write(desk.at("parts/out/summary-2-of-2.json"), "mine").unwrap();
    let (code, said) = run(&desk, "parts", &[&new[..], &["2/2"]].concat());
    assert!(code == 2 && said.contains("stays as it is"), "{said}");
    assert_eq!(std::fs::read(desk.at("parts/out/summary-2-of-2.json")).unwrap(), b"mine");
}
