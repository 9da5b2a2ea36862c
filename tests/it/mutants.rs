//! Files of every kind that relais reads, damaged at random: every command answers or refuses in its
//! own words, within 60 MB and 10 seconds of processor time, and what it refuses leaves nothing.
//! The usual form takes some three hundred; `.ci/faults` thousands.

use std::io::{Cursor, Read, Write};
use std::path::Path;

use rand::{Rng, RngExt};
use tempfile::TempDir;

use super::scene::{Tree, asked, held, hold, lay, rng, scene, tree};

/// A file that is damaged, and the commands that read it.
struct Kind {
    file: &'static str,
    lines: &'static [&'static str],
}

const KINDS: &[Kind] = &[
    Kind {
        file: "rows.csv",
        lines: &[
            "import rows.csv --history n.sqlite",
            "import rows.csv --history n.sqlite --skip-invalid",
            "history panel --from-csv rows.csv --out n.csv",
        ],
    },
    Kind { file: "rows.tsv", lines: &["import rows.tsv --history n.sqlite"] },
    Kind {
        file: "rows.xlsx",
        lines: &["import rows.xlsx --history n.sqlite", "import rows.xlsx --explain"],
    },
    Kind { file: "map.toml", lines: &["import mapped.csv --map map.toml --history n.sqlite"] },
    Kind {
        file: "c.toml",
        lines: &[
            "plan c.toml --model model.json --draws 20 --nodes 50 --out n",
            "run c.toml --model model.json --no-backtest --replicates 10 --out n",
        ],
    },
    Kind { file: "k.toml", lines: &["plan k.toml --curves curves.csv --nodes 50 --out n"] },
    Kind { file: "spec.toml", lines: &["train --panel panel.csv --spec spec.toml --out n.json"] },
    Kind {
        file: "panel.csv",
        lines: &[
            "train --panel panel.csv --out n.json",
            "segments --panel panel.csv --groups 2 --out n.csv",
            "train --panel panel.csv --explain --out n.json",
        ],
    },
    Kind { file: "curves.csv", lines: &["plan k.toml --curves curves.csv --nodes 50 --out n"] },
    Kind {
        file: "model.json",
        lines: &[
            "predict --model model.json --at at.csv --draws 100 --out n.csv",
            "plan c.toml --model model.json --draws 20 --nodes 50 --out n",
        ],
    },
    Kind {
        file: "at.csv",
        lines: &["predict --model model.json --at at.csv --draws 100 --out n.csv"],
    },
    Kind {
        file: "out/c/plan.json",
        lines: &[
            "simulate --model model.json --plan out/c/plan.json --replicates 10 --out n.json",
            "report --bulk bulk.csv --plan out/c/plan.json --ad-sets pairs.csv --budget-unit units --out n.csv",
        ],
    },
    Kind {
        file: "past/plan.json",
        lines: &["review --plan past/plan.json --history h.sqlite --out n"],
    },
    Kind {
        file: "out/c/dossier.json",
        lines: &["report out/c --out n --formats csv", "report --compare out/c past --out n"],
    },
    Kind { file: "world.toml", lines: &["generate --spec world.toml --rows 100 --out n"] },
    Kind {
        file: "study.toml",
        lines: &["study --population study.toml --worlds 1 --draws 10 --family standard"],
    },
    Kind {
        file: "bulk.csv",
        lines: &[
            "report --bulk bulk.csv --plan out/c/plan.json --ad-sets pairs.csv --budget-unit units --out n.csv",
        ],
    },
    Kind {
        file: "bulk.xlsx",
        lines: &[
            "report --bulk bulk.xlsx --plan out/c/plan.json --ad-sets pairs.csv --budget-unit units --out n.xlsx",
        ],
    },
    Kind {
        file: "pairs.csv",
        lines: &[
            "report --bulk bulk.csv --plan out/c/plan.json --ad-sets pairs.csv --budget-unit units --out n.csv",
        ],
    },
    Kind {
        file: "tables/priors.toml",
        lines: &["plan c.toml --data tables --nodes 50 --draws 20 --out n"],
    },
    Kind {
        file: "tables/territories.toml",
        lines: &["import rows.csv --data tables --history n.sqlite"],
    },
    Kind {
        file: "tables/calendar.toml",
        lines: &["plan c.toml --model model.json --data tables --nodes 50 --draws 20 --out n"],
    },
    Kind {
        file: "tables/carbon.toml",
        lines: &["plan c.toml --model model.json --data tables --nodes 50 --draws 20 --out n"],
    },
];

/// Texts that have made trouble for one reader or another.
const WORDS: &[&str] = &[
    "",
    "0",
    "-0",
    "-1",
    "1e308",
    "-1e308",
    "1e-320",
    "1e400",
    "NaN",
    "inf",
    "-inf",
    "null",
    "true",
    "79228162514264337593543950335",
    "79228162514264337593543950336",
    "99999999999999999999999999",
    "18446744073709551615",
    "9223372036854775808",
    "4294967296",
    "2147483648",
    "0.1e-30",
    "1,5",
    "1.234.567,89",
    "2026-02-30",
    "9999-12-31",
    "-9999-01-01",
    "0000-00-00",
    "2026-W53",
    "2026-W00",
    "1e18",
    "1e15",
    "1000000",
    "\u{feff}",
    "\u{0}",
    "\u{202e}",
    "\u{1b}[2J",
    "é",
    "🦀",
    "\"",
    "\"\"\"",
    "'",
    "[",
    "]",
    "{",
    "}",
    "[[",
    ",,,,",
    ";",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "=",
    "=1/0",
    "%",
    "€",
    "\u{a0}",
    "<",
    "&amp;",
    "&#0;",
    "]]>",
    "../../x",
    "/dev/zero",
    "1 EUR",
    "-5 EUR",
    "1e300 EUR",
    "99999999999999999999999999999999 EUR",
    "EUR",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "\\u0000",
    "\\ud800",
];

/// Damages bytes in a few places.
fn damage(bytes: &[u8], rng: &mut impl Rng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..rng.random_range(1..=4) {
        damage_once(&mut bytes, rng);
    }
    bytes
}

fn damage_once(bytes: &mut Vec<u8>, rng: &mut impl Rng) {
    if bytes.is_empty() {
        bytes.extend(WORDS[rng.random_range(0..WORDS.len())].bytes());
        return;
    }
    let place = rng.random_range(0..bytes.len());
    let word = WORDS[rng.random_range(0..WORDS.len())];
    match rng.random_range(0..12) {
        0 => bytes[place] ^= 1 << rng.random_range(0..8),
        1 => bytes[place] = rng.random(),
        2 => bytes.truncate(place),
        3 => {
            let end = (place + rng.random_range(1..40)).min(bytes.len());
            bytes.drain(place..end);
        }
        4 => {
            bytes.splice(place..place, word.bytes());
        }
        5 => {
            let end = (place + rng.random_range(1..200)).min(bytes.len());
            let copy = bytes[place..end].to_vec();
            let to = rng.random_range(0..bytes.len());
            bytes.splice(to..to, copy);
        }
        6 => {
            // A run of one letter, as long as a name that breaks tables.
            let letter = [b'a', b'9', b'"', b'[', b','][rng.random_range(0..5)];
            let many = [100, 10_000, 40_000][rng.random_range(0..3)];
            bytes.splice(place..place, std::iter::repeat_n(letter, many));
        }
        7 => swap_lines(bytes, rng),
        // A value, as the text has them, becomes another.
        _ => {
            let range = value_at(bytes, place);
            bytes.splice(range, word.bytes());
        }
    }
}

fn swap_lines(bytes: &mut Vec<u8>, rng: &mut impl Rng) {
    let mut lines: Vec<Vec<u8>> = bytes.split(|&b| b == b'\n').map(<[u8]>::to_vec).collect();
    let (a, b) = (rng.random_range(0..lines.len()), rng.random_range(0..lines.len()));
    if rng.random() {
        lines.swap(a, b);
    } else {
        let copy = lines[a].clone();
        lines.insert(b, copy);
    }
    *bytes = lines.join(&b'\n');
}

/// The value around a place, or the next one: what stands between marks.
fn value_at(bytes: &[u8], place: usize) -> std::ops::Range<usize> {
    let mark = |b: &u8| b",;:=[]{}<>\"\t\n\r ".contains(b);
    let start = bytes[place..].iter().position(|b| !mark(b)).map_or(place, |k| place + k);
    let from = bytes[..start].iter().rposition(mark).map_or(0, |k| k + 1);
    let to = bytes[start..].iter().position(mark).map_or(bytes.len(), |k| start + k);
    from..to.max(from)
}

/// Damages a workbook: its bytes, or what one of its parts says.
fn damage_workbook(bytes: &[u8], rng: &mut impl Rng) -> Vec<u8> {
    if rng.random_range(0..4) == 0 {
        return damage(bytes, rng);
    }
    let parts = zip::ZipArchive::new(Cursor::new(bytes)).unwrap().len();
    let mut hurt = rng.random_range(0..parts) as isize;
    with_parts(bytes, |name, text| {
        // The sheet and its texts are what there is to read.
        let of_cells = name.contains("sheet1.xml") || name.contains("sharedStrings");
        hurt -= 1;
        if hurt == -1 || (of_cells && rng.random()) { damage(&text, rng) } else { text }
    })
}

/// A workbook with every part as `change` gives it back.
fn with_parts(bytes: &[u8], mut change: impl FnMut(&str, Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let mut package = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for k in 0..package.len() {
        let mut part = package.by_index(k).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut text = Vec::new();
        part.read_to_end(&mut text).unwrap();
        out.start_file(&name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&change(&name, text)).unwrap();
    }
    out.finish().unwrap().into_inner()
}

/// A table as a workbook.
fn workbook(table: &[u8]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in std::str::from_utf8(table).unwrap().lines().enumerate() {
        for (column, cell) in line.split(',').enumerate() {
            let (row, column) = (row as u32, column as u16);
            match cell.parse::<f64>() {
                Ok(number) => sheet.write_number(row, column, number).unwrap(),
                Err(_) => sheet.write_string(row, column, cell).unwrap(),
            };
        }
    }
    book.save_to_buffer().unwrap()
}

/// What is wrong with how a command took a damaged file.
fn wrong(
    library: &Path,
    files: &Tree,
    line: &[&str],
    mebibytes: f64,
    seconds: u32,
) -> Option<String> {
    let home = TempDir::new().unwrap();
    lay(files, home.path());
    let end = held(library, home.path(), line, None, seconds);
    let said = || end.err.chars().take(600).collect::<String>();
    let Some(exit @ 0..=2) = end.exit else {
        return Some(format!("ended with {:?}: {}", end.exit, said()));
    };
    if end.err.contains("panicked") || end.out.contains("panicked") {
        return Some(format!("panicked: {}", said()));
    }
    if end.peak > mebibytes {
        return Some(format!("took {:.0} MB", end.peak));
    }
    let flood = end.err.len() + end.out.len();
    if flood > 200_000 {
        return Some(format!("a flood of {flood} bytes: {}", said()));
    }
    if let Some(acts) = end.err.chars().chain(end.out.chars()).find(|&c| {
        (c.is_control() && !matches!(c, '\n' | '\t')) || ('\u{202a}'..='\u{202e}').contains(&c)
    }) {
        return Some(format!("{acts:?} reaches the terminal: {}", said()));
    }
    if end.err.contains("os error") {
        return Some(format!("the system's own words: {}", said()));
    }
    if exit == 2 {
        if end.err.trim().is_empty() && end.out.trim().is_empty() {
            return Some("refused without a word".into());
        }
        let found = tree(home.path());
        let new: Vec<_> = found.keys().filter(|name| !files.contains_key(*name)).collect();
        // A batch keeps its account of what it refused.
        if !new.is_empty() && line[0] != "run" {
            return Some(format!("refused, and left {new:?}: {}", said()));
        }
    }
    None
}

#[test]
fn a_damaged_file_of_any_kind_is_read_or_refused_within_bounds() {
    let Some(library) = hold() else { return };
    let mut files = scene().clone();
    files.insert("rows.xlsx".into(), workbook(&files[Path::new("rows.csv")]));
    files.insert("bulk.xlsx".into(), workbook(&files[Path::new("bulk.csv")]));
    // Without optimisation a process is larger and many times slower.
    let (mebibytes, seconds) = if cfg!(debug_assertions) { (150.0, 100) } else { (60.0, 10) };
    let only = std::env::var("RELAIS_TEST_KIND").ok();
    let kinds: Vec<(usize, &Kind)> = KINDS
        .iter()
        .enumerate()
        .filter(|(_, kind)| only.as_deref().is_none_or(|only| kind.file.contains(only)))
        .collect();
    let each = asked("RELAIS_TEST_MUTANTS", 300).div_ceil(kinds.len());
    let (mut tried, mut faults) = (0, Vec::new());
    for (k, kind) in kinds {
        let mut rng = rng(100 + k as u64);
        let whole = files[Path::new(kind.file)].clone();
        for _ in 0..each {
            let hurt = if kind.file.ends_with("xlsx") {
                damage_workbook(&whole, &mut rng)
            } else {
                damage(&whole, &mut rng)
            };
            let line = kind.lines[rng.random_range(0..kind.lines.len())];
            files.insert(kind.file.into(), hurt);
            tried += 1;
            let words: Vec<&str> = line.split(' ').collect();
            if let Some(what) = wrong(library, &files, &words, mebibytes, seconds) {
                let mut kept = String::new();
                if let Ok(folder) = std::env::var("RELAIS_TEST_KEEP") {
                    let at = Path::new(&folder).join(faults.len().to_string());
                    lay(&files, &at);
                    kept = at.display().to_string();
                }
                faults.push(format!("{line} (mutant {tried}) {kept}: {what}"));
            }
        }
        files.insert(kind.file.into(), whole);
    }
    eprintln!("{tried} damaged files tried");
    assert!(faults.is_empty(), "{} of {tried}:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn a_workbook_on_which_its_reader_gives_up_is_refused_as_damaged() {
    let Some(library) = hold() else { return };
    let whole = workbook(&scene()[Path::new("rows.csv")]);
    let hurt = with_parts(&whole, |_, text| {
        let text = String::from_utf8_lossy(&text);
        text.replace("r=\"G4\"", "r=\"9223372036854775808\"").into_bytes()
    });
    assert_ne!(whole, hurt);
    let home = TempDir::new().unwrap();
    std::fs::write(home.path().join("rows.xlsx"), hurt).unwrap();
    let line = ["import", "rows.xlsx", "--history", "n.sqlite"];
    let end = held(library, home.path(), &line, None, 100);
    assert_eq!(end.exit, Some(2), "{end:?}");
    assert!(end.err.contains("rows.xlsx") && end.err.contains("abîmée"), "{end:?}");
    assert_eq!(tree(home.path()).len(), 1);
}
