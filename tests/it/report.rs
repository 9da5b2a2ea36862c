//! Reports from outside: written again, compared, and brought back to the ads manager.

use std::path::Path;
use std::process::Command;

use assert_cmd::prelude::*;
use relais::report::{Dossier, example};
use serde_json::Value;

fn relais(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("relais").unwrap().args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn run_folder(folder: &Path, dossier: &Dossier) -> String {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("dossier.json"), serde_json::to_vec(dossier).unwrap()).unwrap();
    std::fs::write(folder.join("plan.json"), serde_json::to_vec(&dossier.plan).unwrap()).unwrap();
    folder.display().to_string()
}

#[test]
fn a_report_is_written_again_in_the_other_language() {
    let folder = tempfile::tempdir().unwrap();
    let run = run_folder(&folder.path().join("campagne d’été"), &example::dossier(3));
    let (exit, out, _) = relais(&["report", &run, "--lang", "en", "--json"]);
    assert_eq!(exit, 0);
    let answer: Value = serde_json::from_str(&out).unwrap();
    let files = answer["files"].as_array().unwrap();
    assert!(files.len() > 30, "{files:?}");
    assert!(files.iter().all(|file| Path::new(file.as_str().unwrap()).is_file()));
    let page = std::fs::read_to_string(Path::new(&run).join("report.html")).unwrap();
    assert!(page.contains("<html lang=\"en\">") && page.contains("At a glance"));
    let left: Vec<_> = std::fs::read_dir(&run).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".part")), "{left:?}");
}

#[test]
fn what_is_no_run_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().display().to_string();
    let (exit, out, err) = relais(&["report", &empty, "--lang", "fr"]);
    assert_eq!((exit, out.as_str()), (2, ""));
    assert!(err.contains("plan.json") && err.contains(&empty), "{err}");
    std::fs::write(folder.path().join("plan.json"), "{\n  \"version\": }").unwrap();
    let (exit, _, err) = relais(&["report", &empty, "--lang", "en"]);
    assert_eq!(exit, 2);
    assert!(err.contains("line 2"), "{err}");
}

#[test]
fn two_runs_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let before = example::dossier(3);
    let mut after = before.clone();
    after.plan.actions.mean += 100.0;
    let a = run_folder(&folder.path().join("a"), &before);
    let b = run_folder(&folder.path().join("b"), &after);
    let (exit, out, _) = relais(&["report", "--compare", &a, &b, "--json", "--lang", "en"]);
    assert_eq!(exit, 0);
    let answer: Value = serde_json::from_str(&out).unwrap();
    let changed = &answer["comparisons"][0];
    assert_eq!(changed["promise"].as_array().unwrap().len(), 1);
    assert_eq!(changed["promise"][0][3], 100.0);
    assert!(changed["split"].as_array().unwrap().is_empty());
}

#[test]
fn a_bulk_file_comes_back_with_only_its_budgets_changed() {
    let folder = tempfile::tempdir().unwrap();
    let run = run_folder(folder.path(), &example::dossier(3));
    let head = "Ad Set ID,Ad Set Name,Ad Set Lifetime Budget,Ad Name\n";
    let rest = "2,facebook · 18-24 · REG-76 · video,10.00,\"b, \"\"c\"\"\"\n3,autre,5.00,=1+1\n";
    let export = format!("{head}1,instagram · 18-24 · REG-76 · video,850.50,a\n{rest}");
    let path = |name: &str| Path::new(&run).join(name).display().to_string();
    std::fs::write(path("export.csv"), &export).unwrap();
    let bulk = [
        "report",
        "--bulk",
        &path("export.csv"),
        "--plan",
        &path("plan.json"),
        "--out",
        &path("new.csv"),
        "--json",
    ];
    let (exit, out, err) = relais(&bulk);
    assert_eq!(exit, 0, "{err}");
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(answer["changes"].as_array().unwrap().len(), 2);
    let new = std::fs::read_to_string(path("new.csv")).unwrap();
    let cells = |text: &str| -> Vec<Vec<String>> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    };
    for (old, new) in cells(&export).iter().zip(cells(&new)) {
        for column in [0, 1, 3] {
            assert_eq!(old[column], new[column]);
        }
    }
    assert!(new.ends_with("3,autre,5.00,=1+1\n"), "{new}");

    let unclear = export.replace("850.50", "850").replace("10.00", "10").replace("5.00", "5");
    std::fs::write(path("export.csv"), unclear).unwrap();
    std::fs::remove_file(path("new.csv")).unwrap();
    let (exit, _, err) = relais(&bulk[..7]);
    assert_eq!(exit, 2);
    assert!(err.contains("--budget-unit"), "{err}");
    assert!(!Path::new(&path("new.csv")).exists());
}

/// Opens the workbook in LibreOffice, where that is installed.
#[test]
fn libreoffice_opens_the_workbook() {
    let folder = tempfile::tempdir().unwrap();
    let run = run_folder(folder.path(), &example::hostile());
    relais(&["report", &run, "--formats", "xlsx", "--lang", "fr"]);
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.path().display());
    let converted = Command::new("soffice")
        .args([&profile, "--headless", "--convert-to", "csv", "--outdir", &run])
        .arg(folder.path().join("plan.xlsx"))
        .output();
    let Ok(output) = converted else {
        eprintln!("LibreOffice is not installed: skipped");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // The converter writes in the system's own character set.
    let bytes = std::fs::read(folder.path().join("plan.csv")).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("=HYPERLINK(\"\"http://example.org\"\""), "{text}");
}
