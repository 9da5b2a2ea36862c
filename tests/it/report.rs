//! Reports from outside: written again, compared, and brought back to the ads manager.

use std::path::Path;
use std::process::Command;

use assert_cmd::prelude::*;
use relais::allocate::plan::Plan;
use relais::batch::earlier;
use relais::language::Language;
use relais::report::{ReportData, example};
use serde_json::Value;

fn relais(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("relais").unwrap().args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn run_folder(folder: &Path, report_data: &ReportData) -> String {
    std::fs::create_dir_all(folder).unwrap();
    let mut report_data = report_data.clone();
    relais::check::seal(&mut report_data.plan);
    std::fs::write(folder.join("dossier.json"), serde_json::to_vec(&report_data).unwrap()).unwrap();
    std::fs::write(folder.join("plan.json"), serde_json::to_vec(&report_data.plan).unwrap())
        .unwrap();
    folder.display().to_string()
}

#[test]
fn a_report_is_written_again_in_the_other_language() {
    let folder = tempfile::tempdir().unwrap();
    let run = run_folder(&folder.path().join("campagne d’été"), &example::report_data(3));
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
    let before = example::report_data(3);
    let mut after = before.clone();
    after.plan.actions.mean += 100.0;
    if let Some(promise) = &mut after.plan.promise {
        promise.actions.range = after.plan.actions;
    }
    let a = run_folder(&folder.path().join("a"), &before);
    let b = run_folder(&folder.path().join("b"), &after);
    let (exit, out, _) = relais(&["report", "--compare", &a, &b, "--json", "--lang", "en"]);
    assert_eq!(exit, 0);
    let answer: Value = serde_json::from_str(&out).unwrap();
    let changed = &answer["comparisons"][0];
    // The actions, and what each costs.
    assert_eq!(changed["promise"].as_array().unwrap().len(), 2);
    assert_eq!(changed["promise"][0][3], 100.0);
    assert_eq!(changed["odds"]["basis"]["paired"]["draws"], 200);
    assert_eq!(changed["odds"]["actions"]["mean"], 100.0);
    assert_eq!(answer["matrix"]["difference"][1][0], 100.0);
    assert_eq!(changed["not_kept"], serde_json::json!([]));
    assert!(changed["split"].as_array().unwrap().is_empty());
    let page = answer["page"].as_str().unwrap();
    assert!(page.starts_with(&b) && page.ends_with("compare.html"), "{page}");
    let html = std::fs::read_to_string(page).unwrap();
    assert!(html.contains("<html lang=\"en\">") && html.contains(&a), "{html}");
    let elsewhere = folder.path().join("pages").display().to_string();
    let three = ["report", "--compare", &a, &b, &a, "--out", &elsewhere, "--lang", "fr"];
    let (exit, out, _) = relais(&three);
    assert_eq!(exit, 0);
    assert!(out.trim_end().ends_with("compare.html"), "{out}");
    assert!(out.lines().all(|line| line.chars().count() <= 80 || line.contains(&a)), "{out}");
}

/// Rows of a flight in the generic form: each segment of the plan, with what it brought.
fn flight(rows: &[(&str, &str, f64, u32)]) -> String {
    let head = "network,age,territory,format,start,end,currency,spend,impressions,shares\n";
    let row = |(network, week, spend, shares): &(&str, &str, f64, u32)| {
        format!(
            "{network},18-24,REG-76,video,{week},{week},EUR,{spend},{},{shares}\n",
            200.0 * spend
        )
    };
    head.to_owned() + &rows.iter().map(row).collect::<String>()
}

#[test]
fn a_finished_flight_is_reviewed_in_one_page() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let mut plan = serde_json::to_value(example::report_data(3).plan).unwrap();
    plan["campaign"]["selection"]["split_by"] =
        serde_json::json!(["network", "age", "territory", "format"]);
    let mut plan: Plan = serde_json::from_value(plan).unwrap();
    relais::check::seal(&mut plan);
    std::fs::write(path("plan.json"), serde_json::to_vec(&plan).unwrap()).unwrap();
    let rows = [
        ("instagram", "2027-03-02", 1200.0, 180),
        ("facebook", "2027-03-09", 3000.0, 240),
        ("linkedin", "2027-03-09", 70.0, 2),
    ];
    std::fs::write(path("flight.csv"), flight(&rows)).unwrap();
    let import = ["import", &path("flight.csv"), "--history", &path("h.sqlite"), "--json"];
    let (exit, out, err) = relais(&import);
    assert_eq!(exit, 0, "{out}{err}");
    let (plan, history) = (path("plan.json"), path("h.sqlite"));
    let review = ["review", "--plan", &plan, "--history", &history];
    for lang in ["fr", "en"] {
        let (exit, out, err) = relais(&[&review[..], &["--lang", lang]].concat());
        assert!(exit <= 1, "{err}");
        let page = out.lines().last().unwrap();
        assert!(page.ends_with("review.html"), "{out}");
        let html = std::fs::read_to_string(page).unwrap();
        assert!(html.contains(&format!("<html lang=\"{lang}\">")));
        assert_eq!(html.matches("<figure").count(), 2);
    }
    let (_, out, _) = relais(&[&review[..], &["--json"]].concat());
    let answer: Value = serde_json::from_str(&out).unwrap();
    let sum = answer["promised"]["mean"].as_f64().unwrap()
        + answer["delivery"].as_f64().unwrap()
        + answer["response"].as_f64().unwrap();
    assert!((sum - answer["happened"].as_f64().unwrap()).abs() < 1e-6);
    assert_eq!(answer["spent_elsewhere"], 70.0);
    its_promise_stands_in_the_next_report(&path, answer["happened"].as_f64().unwrap());
}

fn its_promise_stands_in_the_next_report(path: &dyn Fn(&str) -> String, happened: f64) {
    let plans = [path("plan.json").into()];
    let history = path("h.sqlite");
    let kept = || earlier::kept(&plans, Path::new(&history), Language::En);
    let told = kept().expect_err("the history stops before the flight's end");
    assert!(told.contains("plan.json") && told.contains("11 Apr 2027"), "{told}");
    let after = flight(&[("x", "2027-04-12", 10.0, 1)]);
    std::fs::write(path("after.csv"), after).unwrap();
    assert_eq!(relais(&["import", &path("after.csv"), "--history", &history]).0, 0);
    let kept = kept().expect("the flight is over");
    assert_eq!(kept.len(), 1);
    assert!((kept[0].realised - happened).abs() < 1e-9);
    let label = kept[0].label.say(Language::En, None);
    assert!(label.contains("W09\u{a0}2027"), "{label}");
}

#[test]
fn a_bulk_file_comes_back_with_only_its_budgets_changed() {
    let folder = tempfile::tempdir().unwrap();
    let run = run_folder(folder.path(), &example::report_data(3));
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

#[test]
fn a_bulk_workbook_comes_back_as_a_workbook() {
    use calamine::{Data, Reader, Xlsx, open_workbook};
    let folder = tempfile::tempdir().unwrap();
    let report_data = example::report_data(3);
    let run = run_folder(folder.path(), &report_data);
    let path = |name: &str| Path::new(&run).join(name).display().to_string();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (i, head) in
        ["Ad Set ID", "Ad Set Name", "Ad Set Lifetime Budget", "Ad Name"].into_iter().enumerate()
    {
        sheet.write_string(0, i as u16, head).unwrap();
    }
    for (i, network) in ["instagram", "facebook"].into_iter().enumerate() {
        let row = i as u32 + 1;
        sheet.write_string(row, 0, format!("as:{row}")).unwrap();
        sheet.write_string(row, 1, format!("{network} · 18-24 · REG-76 · video")).unwrap();
        sheet.write_number(row, 2, 850.5).unwrap();
        sheet.write_string(row, 3, "=1+1").unwrap();
    }
    book.save(path("export.xlsx")).unwrap();
    let (export, plan, out) = (path("export.xlsx"), path("plan.json"), path("new.xlsx"));
    let (exit, told, err) =
        relais(&["report", "--bulk", &export, "--plan", &plan, "--out", &out, "--lang", "fr"]);
    assert_eq!(exit, 0, "{err}");
    assert!(told.contains("850,5") || told.contains("850.5"), "{told}");
    let mut new: Xlsx<_> = open_workbook(&out).unwrap();
    let sheet = new.worksheet_range_at(0).unwrap().unwrap();
    for (row, network) in [(1, "instagram"), (2, "facebook")] {
        let wanted =
            report_data.plan.rows.iter().find(|row| row.segment.starts_with(network)).unwrap();
        let Some(Data::Float(budget)) = sheet.get((row, 2)) else { panic!("{network}") };
        assert!((budget - wanted.budget).abs() < 0.005, "{network}");
        assert_eq!(sheet.get((row, 3)), Some(&Data::String("=1+1".to_owned())));
    }
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
