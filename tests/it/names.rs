//! Names of ten thousand characters, from an export to everything that people read: no table is
//! broken, nothing floods a terminal, and files have names of their own.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output};

use assert_cmd::cargo::CommandCargoExt;
use tempfile::TempDir;

/// Characters of a name.
const LONG: usize = 10_000;
/// Characters of one line on a terminal: a name of this length is cut to a thousand, and a sentence
/// may hold a few.
const LINE: usize = 4_000;

/// A name of ten thousand characters.
fn long(piece: &str) -> String {
    piece.chars().cycle().take(LONG).collect()
}

fn relais(folder: &Path, line: &str) -> Output {
    let mut command = Command::cargo_bin("relais").unwrap();
    command.current_dir(folder).args(line.split(' ')).env("LC_ALL", "C").output().unwrap()
}

/// What a command tells, which must be no error, in lines that a terminal takes.
fn told(folder: &Path, line: &str) -> String {
    let output = relais(folder, line);
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    let head: String = text.chars().take(2_000).collect();
    assert!(output.status.code().is_some_and(|code| code < 2), "{line}: {head}");
    for own in text.lines() {
        assert!(own.chars().count() <= LINE, "{line}: a line of {}", own.chars().count());
        // Lines of tables: frames tell them.
        let is_frame = own.starts_with('─') || own.starts_with('═');
        assert!(!is_frame || own.chars().count() <= 80, "{line}: a table wider than the terminal");
    }
    assert!(text.chars().count() < 40_000, "{line}: {} characters", text.chars().count());
    text
}

/// A folder with a history of three audiences that nobody can pronounce, and a campaign.
fn scene() -> TempDir {
    let home = TempDir::new().unwrap();
    let mut rows = String::from(
        "network,campaign,ad_set,ad,territory,topic,start,end,currency,spend,impressions,shares,link_clicks\n",
    );
    for week in 0..12_i64 {
        let start = jiff::civil::date(2026, 1, 5).saturating_add(jiff::Span::new().weeks(week));
        let end = start.saturating_add(jiff::Span::new().days(6));
        for (k, (network, piece)) in
            [("facebook", "a"), ("instagram", "é"), ("linkedin", "mot ")].into_iter().enumerate()
        {
            let spend = 40.0 + ((week * 17 + k as i64 * 31) % 60) as f64;
            let actions = spend / (1.0 + spend / 400.0) * (1.0 + k as f64 * 0.3);
            let name = |of: &str| long(&format!("{of}{piece}"));
            writeln!(
                rows,
                "{network},{},{},{},FR,{},{start},{end},EUR,{spend:.2},{:.0},{:.0},{actions:.0}",
                name("C"),
                name("A"),
                name("P"),
                name("T"),
                spend * 150.0,
                actions / 5.0
            )
            .unwrap();
        }
    }
    std::fs::write(home.path().join("rows.csv"), rows).unwrap();
    let campaign = |group: &str, most: u32| {
        format!(
            "title = \"{}\"\nbudget = \"300 EUR\"\n\
             flight = {{ start = 2026-04-06, end = 2026-05-03 }}\n\
             [history]\nfile = \"h.sqlite\"\n\
             [segments]\nsplit_by = [\"network\", \"ad_set\", \"topic\"]\nlevers = \"any\"\n\
             [[limits.group]]\nname = \"{}\"\nwhere = {{ network = [\"facebook\", \"linkedin\"] }}\n\
             max = {most}\n\
             [[shock]]\nname = \"{}\"\nprobability = 0.2\nfrom = \"2026-04-13\"\n\
             to = \"2026-04-20\"\nactions = 0.5\n",
            long("Titre très long "),
            long(group),
            long("Choc ")
        )
    };
    std::fs::write(home.path().join("c.toml"), campaign("Groupe ", 200)).unwrap();
    std::fs::write(home.path().join("d.toml"), campaign("Autre groupe ", 150)).unwrap();
    home
}

#[test]
fn names_of_ten_thousand_characters_break_no_table_and_flood_no_terminal() {
    let home = scene();
    let at = home.path();
    for line in [
        "import --explain rows.csv",
        "import rows.csv --history h.sqlite",
        "history posts --history h.sqlite",
        "history journal --history h.sqlite",
        "history compare --history h.sqlite",
        "segments --history h.sqlite --out s.csv",
        "run c.toml --out out --no-backtest --replicates 30 --lang en",
        "run d.toml --out out --no-backtest --replicates 30 --lang fr",
        "plan c.toml --model out/c/model.json --out p --lang en",
        "plan c.toml --model out/c/model.json --out p --lang fr",
        "simulate --plan p/plan.json --model out/c/model.json --replicates 10",
        "simulate --plan p/plan.json --model out/c/model.json --replicates 10 --trace",
        "plan --check p/plan.json --model out/c/model.json",
        "report --compare out/c out/d --lang en",
        "report out/c --out again --lang fr",
    ] {
        told(at, line);
    }
    for folder in ["out/c", "out/d", "again"] {
        files_are_named_sanely(&at.join(folder));
        tables_are_whole(&at.join(folder));
    }
    assert!(at.join("out/d/compare.html").is_file());
}

/// Texts between the tags of a page or a drawing.
fn words(page: &str) -> impl Iterator<Item = &str> {
    page.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text)
}

fn files_are_named_sanely(folder: &Path) {
    let mut waiting = vec![folder.to_owned()];
    while let Some(below) = waiting.pop() {
        for entry in std::fs::read_dir(below).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(name.len() < 64, "{name}");
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            assert!(name.chars().all(is_plain), "{name}");
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|own| own == "html" || own == "svg") {
                let text = std::fs::read_to_string(&path).unwrap();
                let styled = text.split("</style>").last().unwrap();
                for own in words(styled) {
                    assert!(own.chars().count() <= LINE, "{name}: {}", own.chars().count());
                }
            }
        }
    }
}

/// The workbook keeps to the limits of its format; tables have one number of columns, and their
/// segments are told apart.
fn tables_are_whole(folder: &Path) {
    for name in ["plan.csv", "weeks.csv"] {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        let text = text.trim_start_matches('\u{feff}');
        let is_french = text.lines().next().unwrap().contains(';');
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(if is_french { b';' } else { b',' })
            .from_reader(text.as_bytes());
        let columns = reader.headers().unwrap().len();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert!(columns > 3 && rows.iter().all(|row| row.len() == columns), "{name}");
        let keys: BTreeSet<&str> = rows.iter().map(|row| &row[0]).collect();
        assert!(keys.len() >= 3 || name == "weeks.csv", "{name}: {}", keys.len());
    }
    let file = std::fs::File::open(folder.join("plan.xlsx")).unwrap();
    let mut parts = zip::ZipArchive::new(file).unwrap();
    let mut part = |name: &str| {
        let mut text = String::new();
        parts.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let texts = part("xl/sharedStrings.xml");
    let longest = texts
        .split("<si>")
        .map(|item| words(item).map(|own| own.encode_utf16().count()).sum::<usize>())
        .max();
    assert!(longest.is_some_and(|longest| longest <= 32_767), "{longest:?}");
    let book = part("xl/workbook.xml");
    let sheets: Vec<&str> =
        book.split("<sheet name=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(sheets.len() > 5 && sheets.iter().all(|own| own.chars().count() <= 31), "{sheets:?}");
}
