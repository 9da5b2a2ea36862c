//! Every command that the README shows is run, on the shipped data.
//!
//! Lines of its console blocks are run as they stand, block by block, in a folder prepared as a
//! reader's would be; commands within its text must be ones that the program understands, and
//! those of the table of figures are run as well.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::prelude::*;
use relais::cli::arguments::help;
use relais::language::Language;
use serde_json::Value;

const README: &str = include_str!("../../README.md");
const FRENCH: &str = include_str!("../../README.fr.md");
const COMING_FROM: [&str; 2] =
    [include_str!("../../docs/COMING-FROM.md"), include_str!("../../docs/COMING-FROM.fr.md")];

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The console blocks, each a list of commands without their comments.
fn blocks() -> Vec<Vec<String>> {
    let mut blocks = Vec::new();
    for part in README.split("```console\n").skip(1) {
        let block = part.split("```").next().unwrap_or_default();
        let lines = block.lines().map(|line| line.split(" # ").next().unwrap_or(line).trim());
        blocks.push(lines.filter(|line| !line.is_empty()).map(str::to_owned).collect());
    }
    blocks
}

/// Commands between backticks outside the blocks, and whether they stand in a table.
fn mentioned(page: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let mut is_block = false;
    for line in page.lines() {
        is_block ^= line.starts_with("```");
        if is_block {
            continue;
        }
        for text in line.split('`').skip(1).step_by(2) {
            found.push((text.to_owned(), line.starts_with('|')));
        }
    }
    found
}

struct Reader {
    folder: tempfile::TempDir,
}

impl Reader {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let reader = Self { folder };
        copy(&repository().join("data/demo/exports"), &reader.at("exports"));
        std::fs::copy(repository().join("data/demo/map.toml"), reader.at("map.toml")).unwrap();
        reader
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.at(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The demo's campaign, asking this folder's history, without a folder of its own.
    fn campaign(&self, name: &str, history: &str) {
        let text = std::fs::read_to_string(repository().join("data/demo/campaign.toml")).unwrap();
        let own = text.replace("\"history.sqlite\"", &format!("\"{history}\""));
        assert_ne!(text, own.replace(history, ""));
        self.write(name, &own.replace("folder = \"out/orientation\"\n", ""));
    }

    /// Runs a line as a shell would: words, `*` in names.
    fn run(&self, line: &str) {
        let mut words = line.split_whitespace();
        assert_eq!(words.next(), Some("relais"), "{line}");
        let words: Vec<String> = words.flat_map(|word| self.expanded(word)).collect();
        let output = Command::cargo_bin("relais")
            .unwrap()
            .env("LC_ALL", "C")
            .current_dir(self.folder.path())
            .args(&words)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        let is_done = matches!(output.status.code(), Some(0 | 1));
        assert!(is_done, "`{line}` ends with {:?}: {told}", output.status.code());
    }

    fn expanded(&self, word: &str) -> Vec<String> {
        let Some((folder, end)) = word.split_once('*') else { return vec![word.to_owned()] };
        let mut names: Vec<String> = std::fs::read_dir(self.at(folder))
            .unwrap()
            .map(|entry| format!("{folder}{}", entry.unwrap().file_name().to_string_lossy()))
            .filter(|name| name.ends_with(end))
            .collect();
        names.sort();
        names
    }

    fn plan(&self, path: &str) -> Value {
        serde_json::from_str(&std::fs::read_to_string(self.at(path)).unwrap()).unwrap()
    }

    /// What a plan's weeks up to one of them bring in the ads manager, in the generic form.
    fn happens(&self, plan: &str, weeks: std::ops::Range<usize>, name: &str) {
        let mut rows = String::from(
            "network,age,territory,format,start,end,currency,spend,impressions,shares,link_clicks\n",
        );
        let plan = self.plan(plan);
        for row in plan["rows"].as_array().unwrap() {
            let of = |name: &str| row["attributes"][name].as_str().unwrap_or_default();
            let all = row["weeks"].as_array().unwrap();
            for week in &all[weeks.start.min(all.len())..weeks.end.min(all.len())] {
                let spend = week["budget"].as_f64().unwrap();
                let monday: relais::units::Week = week["week"].as_str().unwrap().parse().unwrap();
                if spend > 0.0 {
                    let (network, age) = (of("network"), of("age"));
                    let (territory, format) = (of("territory"), of("format"));
                    let (first, last) = (monday.monday(), monday.sunday());
                    let seen = (spend * 120.0).round();
                    let (shares, clicks) = ((spend / 9.0).round(), (spend / 3.0).round());
                    writeln!(
                        rows,
                        "{network},{age},{territory},{format},{first},{last},EUR,{spend},{seen},{shares},{clicks}"
                    )
                    .unwrap();
                }
            }
        }
        self.write(name, &rows);
        self.run(&format!("relais import {name} --history history.sqlite"));
    }

    /// A bulk export of the ads manager that holds a plan's Meta rows.
    fn bulk(&self, plan: &str, name: &str) {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        let heads = ["Ad Set ID", "Ad Set Name", "Ad Set Lifetime Budget"];
        for (i, head) in heads.into_iter().enumerate() {
            sheet.write_string(0, i as u16, head).unwrap();
        }
        let plan = self.plan(plan);
        let is_meta = |row: &&Value| {
            let network = row["attributes"]["network"].as_str().unwrap();
            ["facebook", "instagram"].contains(&network) && row["budget"].as_f64().unwrap() > 0.0
        };
        for (row, of) in (1..).zip(plan["rows"].as_array().unwrap().iter().filter(is_meta)) {
            sheet.write_string(row, 0, format!("as:{row}")).unwrap();
            sheet.write_string(row, 1, of["segment"].as_str().unwrap()).unwrap();
            sheet.write_number(row, 2, 850.5).unwrap();
        }
        book.save(self.at(name)).unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

/// The part of a file's columns and rows that a daily ads export of a warehouse has.
fn warehouse_rows() -> String {
    let mut rows = String::from(
        "date,network,age,territory,currency,spend,impressions,clicks,active_engagements\n",
    );
    for day in 1..29 {
        for (k, network) in ["facebook", "instagram"].into_iter().enumerate() {
            let spend = 20 + 3 * day + 5 * k;
            writeln!(
                rows,
                "2026-09-{day:02},{network},18-24,REG-76,EUR,{spend}.00,{},{},{}",
                spend * 110,
                spend / 2,
                spend / 3
            )
            .unwrap();
        }
    }
    rows
}

#[test]
fn the_job_step_by_step_is_done_as_it_stands() {
    let blocks = blocks();
    let [two, job, steps, after, installed] = &blocks[..] else { panic!("{blocks:?}") };
    // What `.ci/release` makes and tries; here, that the files named are this version's.
    assert!(installed.iter().all(|line| line.contains(env!("CARGO_PKG_VERSION"))), "{installed:?}");
    assert!(two[0].starts_with("cargo run --release -- demo"), "{two:?}");
    assert_eq!(two[1], "cargo test --release");
    Reader::new().run(two[0].replace("cargo run --release --", "relais").as_str());

    let reader = Reader::new();
    reader.run(&job[0]);
    reader.run(&job[1]);
    reader.run(&job[2]);
    std::fs::remove_file(reader.at("campaign.toml")).unwrap();
    reader.campaign("campaigns/a.toml", "../history.sqlite");
    reader.campaign("campaigns/b.toml", "../history.sqlite");
    reader.run(&job[3]);
    for line in after {
        if line.contains("--bulk") {
            reader.bulk("out/a/plan.json", "export.xlsx");
        }
        if line.starts_with("relais review") {
            reader.happens("out/a/plan.json", 0..9, "flight.csv");
        }
        if line.contains("next.toml") {
            reader.write("later.csv", LATER);
            reader.run("relais import later.csv --history history.sqlite");
            reader.campaign("next.toml", "history.sqlite");
        }
        reader.run(line);
    }

    let reader = Reader::new();
    reader.run(&job[0]);
    // The demo's campaign in the place of the proposed one: `happens` knows its audiences.
    reader.campaign("campaign.toml", "history.sqlite");
    for line in steps {
        if line.contains("--resume") {
            reader.happens("out/plan.json", 0..2, "running.csv");
        }
        if line.starts_with("relais review") {
            reader.happens("out/plan.json", 2..9, "rest.csv");
        }
        reader.run(line);
    }
}

/// A row after the flight of the demo's campaign: its flight is over.
const LATER: &str = "network,age,territory,format,start,end,currency,spend,impressions,shares\n\
    x,18-24,REG-76,video,2027-04-12,2027-04-18,EUR,10,900,1\n";

#[test]
fn the_commands_of_the_figures_are_run() {
    let reader = Reader::new();
    copy(&repository().join("data/demo/exports"), &reader.at("data/demo/exports"));
    copy(&repository().join("data/demo"), &reader.at("data/demo"));
    reader.campaign("orientation.toml", "h.sqlite");
    reader.write("ads.csv", &warehouse_rows());
    let columns = [
        ("date", "day"),
        ("network", "network"),
        ("age", "age"),
        ("territory", "territory"),
        ("currency", "currency"),
        ("spend", "spend"),
        ("impressions", "impressions"),
        ("clicks", "ignore"),
        ("active_engagements", "engagements"),
    ];
    let columns = columns.map(|(head, field)| format!("\"{head}\" = \"{field}\"")).join("\n");
    let own = format!("name = \"ads\"\n\n[columns]\n{columns}");
    let mut run = 0;
    for (line, _) in mentioned(README).into_iter().filter(|(_, is_table)| *is_table) {
        if !line.starts_with("relais ") || line.starts_with("relais study") || line == "relais demo"
        {
            continue;
        }
        let is_big = line.contains("ads.csv");
        if is_big {
            reader.write("map.toml", &own);
            let _ = std::fs::remove_file(reader.at("h.sqlite"));
        }
        reader.run(&line);
        run += 1;
    }
    assert!(run >= 6, "only {run} of the table's commands were found");
}

#[test]
fn as_many_rows_are_imported_as_the_figures_say() {
    let command = "relais import data/demo/exports --map data/demo/map.toml --history h.sqlite";
    let line = README.lines().find(|line| line.starts_with('|') && line.contains(command));
    let told = figures(line.unwrap().split('|').nth(1).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let history = folder.path().join("h.sqlite");
    let words = command.split_whitespace().skip(1);
    let words = words.map(|word| if word == "h.sqlite" { history.to_str().unwrap() } else { word });
    let output = Command::cargo_bin("relais")
        .unwrap()
        .current_dir(repository())
        .args(words)
        .arg("--json")
        .output()
        .unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let files = answer["files"].as_array().unwrap().iter();
    let rows: u64 = files.map(|file| file["rows_imported"].as_u64().unwrap()).sum();
    assert_eq!(told, [rows.to_string()]);
}

#[test]
fn commands_within_the_text_are_ones_that_the_program_understands() {
    use clap::CommandFactory;
    use clap::error::ErrorKind as Kind;
    use relais::cli::arguments::args::Cli;
    let (mut own, mut cargo) = (0, 0);
    let pages = [README, FRENCH].into_iter().chain(COMING_FROM);
    for (text, _) in pages.flat_map(mentioned) {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words[..] {
            ["relais", _, ..] => {
                own += 1;
                // A command may be named without all that it needs.
                let known = help::told(Cli::command(), Language::En).try_get_matches_from(&words);
                let kind = known.as_ref().err().map(clap::Error::kind);
                let is_known = matches!(
                    kind,
                    None | Some(
                        Kind::MissingRequiredArgument
                            | Kind::MissingSubcommand
                            | Kind::DisplayHelpOnMissingArgumentOrSubcommand
                    )
                );
                assert!(is_known, "`{text}`: {}", known.unwrap_err());
            }
            [first, ..] if words.contains(&"cargo") || first == "cargo" => {
                cargo += 1;
                cargo_knows(&words);
            }
            [path] if path.starts_with(".ci/") || path.starts_with("tests/") => {
                assert!(repository().join(path).exists(), "no {path}");
            }
            _ => {}
        }
    }
    assert!(own > 60 && cargo >= 4, "{own} {cargo}");
}

/// What two languages of a page must share: its blocks without their comments, what stands between
/// backticks, and the figures of its text, in any order.
fn shared(page: &str) -> [Vec<String>; 3] {
    let (mut blocks, mut text, mut is_block) = (Vec::new(), String::new(), false);
    for line in page.lines() {
        is_block ^= line.starts_with("```");
        if is_block || line.starts_with("```") {
            // A line that is commented out is a key of the file all the same.
            let line = line.strip_prefix("# ").unwrap_or(line);
            blocks.push(line.split(" # ").next().unwrap_or(line).trim_end().to_owned());
        } else {
            text.push_str(line);
            text.push('\n');
        }
    }
    let pieces = |rest: usize| text.split('`').skip(rest).step_by(2).map(str::to_owned);
    let mut code: Vec<String> = pieces(1).collect();
    let mut figures: Vec<String> = pieces(0).flat_map(|piece| figures(&piece)).collect();
    code.sort();
    figures.sort();
    [blocks, code, figures]
}

/// The numbers of a text, whichever way it writes thousands and decimals.
fn figures(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let is_digit = |i: usize| letters.get(i).is_some_and(char::is_ascii_digit);
    let (mut found, mut own) = (Vec::new(), String::new());
    for (i, &letter) in letters.iter().enumerate() {
        match letter {
            _ if letter.is_ascii_digit() => own.push(letter),
            '.' | ',' if !own.is_empty() && is_digit(i + 1) => own.push('.'),
            ' ' | '\u{a0}' | '\u{202f}'
                if !own.is_empty() && (1..=3).all(|k| is_digit(i + k)) && !is_digit(i + 4) => {}
            _ if !own.is_empty() => found.push(std::mem::take(&mut own)),
            _ => {}
        }
    }
    found.extend((!own.is_empty()).then_some(own));
    found
}

#[test]
fn the_french_pages_show_the_same_commands_keys_and_figures() {
    for (english, french) in [(README, FRENCH), (COMING_FROM[0], COMING_FROM[1])] {
        let names = ["blocks", "code", "figures"];
        for ((english, french), name) in shared(english).iter().zip(&shared(french)).zip(names) {
            let only = |one: &[String], other: &[String]| {
                let count = |all: &[String], x: &String| all.iter().filter(|y| *y == x).count();
                let more = |x: &&String| count(one, x) != count(other, x);
                one.iter().filter(more).cloned().collect::<Vec<_>>()
            };
            let (here, there) = (only(english, french), only(french, english));
            assert!(english == french, "{name}: English {here:?}, French {there:?}");
        }
    }
    let (one, other) = ("1 637 of 57\u{202f}100, 1.5", "57 100 sur 1\u{a0}637 ; 1,5");
    let sorted = |text| {
        let mut all = figures(text);
        all.sort();
        all
    };
    assert_eq!(sorted(one), sorted(other));
}

#[test]
fn the_pages_lead_to_one_another() {
    for (page, link) in [
        (README, "(README.fr.md)"),
        (README, "(docs/COMING-FROM.md)"),
        (FRENCH, "(README.md)"),
        (FRENCH, "(docs/COMING-FROM.fr.md)"),
        (COMING_FROM[0], "(COMING-FROM.fr.md)"),
        (COMING_FROM[0], "(../README.md)"),
        (COMING_FROM[1], "(COMING-FROM.md)"),
        (COMING_FROM[1], "(../README.fr.md)"),
    ] {
        assert!(page.contains(link), "no {link}");
    }
}

/// `key = value` and `[table]` on the pages for newcomers are keys that files have.
#[test]
fn the_keys_that_newcomers_are_sent_to_exist() {
    let schema = |name: &str| {
        let output = Command::cargo_bin("relais").unwrap().args(["schema", name]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let schemas = ["campaign", "specification", "map"].map(schema).concat();
    // What templates of names are given for is the planner's own, and so are numbers per action.
    let own = ["ad_set", "efficiency"];
    let mut asked = 0;
    for (text, _) in COMING_FROM.into_iter().flat_map(mentioned) {
        let keys: Vec<&str> = match text.split_once(" = ") {
            Some((key, _)) => vec![key],
            None if text.starts_with('[') => text.trim_matches(['[', ']']).split('.').collect(),
            None => continue,
        };
        for key in keys {
            asked += 1;
            let is_known = schemas.contains(&format!("\"{key}\":")) || own.contains(&key);
            assert!(is_known, "`{text}`: no key `{key}`");
        }
    }
    assert!(asked > 40, "{asked}");
}

/// A bench is one of the manifest's, a test one that exists.
fn cargo_knows(words: &[&str]) {
    let after = |name: &str| {
        words.iter().position(|word| *word == name).and_then(|i| words.get(i + 1)).copied()
    };
    if let Some(bench) = after("--bench") {
        assert!(repository().join("benches").join(bench).with_extension("rs").exists(), "{bench}");
    }
    if let Some(test) = after("--lib").filter(|word| !word.starts_with('-')) {
        let name = test.rsplit("::").next().unwrap();
        assert!(stands(&repository().join("src"), &format!("fn {name}()")), "no test {test}");
    }
    if let Some(feature) = after("--features") {
        let manifest = std::fs::read_to_string(repository().join("Cargo.toml")).unwrap();
        assert!(manifest.contains(&format!("\n{feature} = ")), "no feature {feature}");
    }
}

fn stands(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return stands(&path, text);
        }
        path.extension().is_some_and(|end| end == "rs")
            && std::fs::read_to_string(&path).unwrap().contains(text)
    })
}
