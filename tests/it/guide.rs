//! Which export to make: `relais guide`, and its pages in `docs/`.

use std::fmt::Write as _;
use std::path::Path;

use assert_cmd::Command;
use relais::ingest::formats;
use relais::ingest::guide::{Clicks, Guide};
use relais::language::Language;
use relais::reference::Reference;
use serde_json::Value;

fn relais(folder: &Path, language: &str, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("relais").unwrap();
    command.current_dir(folder).env("COLUMNS", "80").env("RELAIS_TODAY", "2026-12-01");
    let output = command.args(["--lang", language]).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_guide_tells_every_network_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    for (language, word) in [("en", "Columns"), ("fr", "Colonnes")] {
        let (code, overview, _) = relais(folder.path(), language, &["guide"]);
        assert_eq!(code, 0);
        for network in ["meta", "linkedin", "x", "tiktok", "snapchat", "youtube", "pinterest"] {
            assert!(overview.lines().any(|line| line.trim_start().starts_with(network)));
            let (code, page, _) = relais(folder.path(), language, &["guide", network]);
            assert!(code == 0 && page.contains(word) && page.contains("  1. "), "{page}");
            assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
        }
        let (_, all, _) = relais(folder.path(), language, &["guide", "all"]);
        assert_eq!(all.matches(&format!("\n  {word}\n")).count(), 9, "{all}");
    }
    let (code, _, stderr) = relais(folder.path(), "fr", &["guide", "viadeo"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("« viadeo »") && stderr.contains("linkedin"), "{stderr}");
    let (_, stdout, _) = relais(folder.path(), "en", &["guide", "facebook", "--json"]);
    let page: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(page["name"], "meta");
    assert_eq!(page["exports"][0]["time"]["header"], "Day");
}

/// The guide as a page of `docs/`.
fn page(language: Language) -> String {
    let reference = Reference::default();
    let formats = formats(&reference).unwrap();
    let guide = Guide::load(&reference, &formats, language).unwrap();
    let (intro, after) = guide.around();
    let mut text = format!("# {}\n", guide.title());
    for paragraph in intro.iter().chain(after) {
        write!(text, "\n{paragraph}\n").unwrap();
    }
    for page in guide.pages() {
        write!(text, "\n## {}\n", page.title).unwrap();
        for export in &page.exports {
            clicks(&mut text, export, language);
        }
        if !page.notes.is_empty() {
            let colon = colon(language);
            write!(text, "\n{}{colon}\n\n", language.text("guide-notes")).unwrap();
            page.notes.iter().for_each(|note| writeln!(text, "* {note}").unwrap());
        }
    }
    text
}

fn colon(language: Language) -> &'static str {
    if language == Language::Fr { " :" } else { ":" }
}

fn clicks(text: &mut String, export: &Clicks, language: Language) {
    if let Some(title) = &export.title {
        write!(text, "\n### {title}\n").unwrap();
    }
    text.push('\n');
    for (i, step) in export.steps.iter().enumerate() {
        writeln!(text, "{}. {step}", i + 1).unwrap();
    }
    let names: Vec<String> = export.columns.iter().map(|own| format!("`{}`", own.header)).collect();
    let columns = language.text("guide-columns");
    let colon = colon(language);
    write!(text, "\n{columns}{colon} {}.\n", names.join(", ")).unwrap();
    if let Some(remark) = &export.remark {
        write!(text, "\n{remark}\n").unwrap();
    }
}

#[test]
fn the_pages_in_docs_say_what_the_guide_says() {
    for (language, name) in [(Language::En, "EXPORTS.md"), (Language::Fr, "EXPORTS.fr.md")] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
        let expected = page(language);
        if std::env::var("INSTA_UPDATE").is_ok_and(|how| how == "always") {
            std::fs::write(&path, &expected).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        let how = "INSTA_UPDATE=always cargo test --test it the_pages_in_docs";
        assert!(found == expected, "{name} is not what the guide says: {how}");
    }
}
