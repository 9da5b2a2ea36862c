//! Trust, as a browser asks for it.

use std::ops::ControlFlow;
use std::path::Path;

use axum::http::StatusCode;

use crate::history::{FileMeta, History};
use crate::language::Language;
use crate::reference::Reference;
use crate::report::formatter::Formatter;
use crate::report::page::brief;
use crate::report::{ReportData, example, finished};
use crate::review::Record;
use crate::serve::desk::identifier;
use crate::serve::guard::Bounds;
use crate::serve::tests::{Visit, put_run};
use crate::train::fitted::card::HeldBack;

/// A run of three audiences whose intervals held seven weeks in ten.
fn run() -> ReportData {
    let mut report_data = example::report_data(3);
    report_data.backtest.as_mut().unwrap().held_back = Some(HeldBack {
        covered: 0.7,
        error: Some(0.06),
        told_apart: false,
        cells: 90,
        wider: 1.2,
    });
    report_data
}

/// A history in which each audience spent `share` of its plan and brought so many shares.
fn flown(folder: &Path, report_data: &ReportData, share: f64, end: &str) {
    let mut lines = vec!["network,age,territory,format,ad_set,start,end,spend,shares".to_owned()];
    for row in &report_data.plan.rows {
        let of = |name: &str| row.attributes[name].clone();
        let (network, age, territory) = (of("network"), of("age"), of("territory"));
        let (spend, shares) = (share * row.budget, (share * row.value.mean / 4.0).round());
        lines.push(format!(
            "{network},{age},{territory},{},a,2027-03-01,{end},{spend:.2},{shares}",
            of("format")
        ));
    }
    let export = folder.join("export.csv");
    std::fs::write(&export, lines.join("\n")).unwrap();
    let mut history = History::open(&folder.join("history.sqlite")).unwrap();
    let mut import = history.begin().unwrap();
    let (name, format) = ("export.csv".to_owned(), "generic".to_owned());
    let fingerprint = "a".repeat(64);
    import.file(&FileMeta { name, fingerprint, format, currency: None }).unwrap();
    let formats = crate::ingest::formats(&Reference::default()).unwrap();
    let mut row = |row: &_| {
        import.row(row).unwrap();
        ControlFlow::Continue(())
    };
    formats.read(&export, None, &mut |read| row(&read)).unwrap();
    import.commit().unwrap();
}

#[tokio::test]
async fn a_promise_stands_beside_what_the_command_says_of_it() {
    for (language, share, end) in
        [(Language::En, 0.5, "2027-04-11"), (Language::Fr, 1.0, "2027-03-21")]
    {
        let visit = Visit::with(language, false, Bounds::default()).await;
        let mut report_data = run();
        put_run(visit.folder.path(), "flown", report_data.clone());
        let sealed = ReportData::read(&visit.folder.path().join("out/flown")).unwrap();
        let earlier = visit.folder.path().join("out/flown/earlier");
        std::fs::create_dir(&earlier).unwrap();
        let plan = serde_json::to_vec(&sealed.plan).unwrap();
        std::fs::write(visit.folder.path().join("out/flown/plan.json"), &plan).unwrap();
        std::fs::write(earlier.join("plan.json"), &plan).unwrap();
        flown(visit.folder.path(), &report_data, share, end);
        let history = History::open_existing(&visit.folder.path().join("history.sqlite")).unwrap();
        let today = jiff::civil::date(2026, 12, 1);
        let found = Record::new(&history).review(&sealed.plan, today).unwrap();
        drop(history);
        assert!((found.spent / (share * report_data.plan.spent) - 1.0).abs() < 1e-3, "{found:?}");
        let formatter = Formatter::new(&sealed, language);
        let page = visit.get("/trust").await.body;
        assert!(!page.contains('⟨'), "{page}");
        let figures = [
            formatter.quantity(found.promised.mean),
            formatter.quantity(found.promised.mean + found.delivery),
            formatter.quantity(found.happened),
            formatter.money(found.spent),
        ];
        for figure in figures {
            assert!(page.contains(&figure), "{figure}: {page}");
        }
        assert!(page.contains("flown/earlier/plan.json"), "a promise that was replaced counts");
        let so_far = if found.until.is_some() { "-so-far" } else { "" };
        let verdict = if found.inside { "inside" } else { "outside" };
        assert!(page.contains(&language.text(&format!("serve-trust-{verdict}{so_far}"))));
        let is_drawn = page.contains("<figure id=\"promise-kept\">");
        assert_eq!(is_drawn, found.until.is_none(), "what is not over is no promise kept or not");
        let id = identifier(Path::new("out/flown"));
        assert!(page.contains(&format!("href=\"/runs/{id}/review\"")));
        let heard = visit.get(&format!("/runs/{id}/review")).await;
        report_data.plan = sealed.plan.clone();
        let own = ReportData::of_plan(sealed.plan.clone());
        let formatter = Formatter::new(&own, language);
        let command = brief::html(&finished::page(&found, &own.plan, &formatter), &formatter);
        assert_eq!(heard.body, command.unwrap(), "the page of `relais review`");
    }
}

#[tokio::test]
async fn coverage_stands_with_its_band_and_promises_wait_for_their_flights() {
    for language in Language::ALL {
        let visit = Visit::with(language, true, Bounds::default()).await;
        put_run(visit.folder.path(), "held", run());
        let page = visit.get("/trust").await.body;
        assert!(!page.contains('⟨'), "{page}");
        let formatter = Formatter::plain(language);
        let percent = |share| formatter.percent(share, 0);
        let band = format!("{} – {}", percent(0.58), percent(0.82));
        assert!(page.contains(&band) && page.contains(&percent(0.7)), "{page}");
        assert!(page.contains(&language.text("serve-trust-chance")));
        assert!(page.contains(&language.text("serve-trust-no-history")));
        // Then the history begins, and ends before the flight does.
        let mut early = run();
        let plan = &mut early.plan;
        plan.campaign.as_mut().unwrap().flight.start = jiff::civil::date(2027, 3, 1);
        flown(visit.folder.path(), &early, 1.0, "2027-03-07");
        let campaign = early.plan.campaign.as_mut().unwrap();
        campaign.flight.start = jiff::civil::date(2028, 3, 6);
        campaign.flight.end = jiff::civil::date(2028, 4, 16);
        put_run(visit.folder.path(), "later", early);
        let page = visit.get("/trust").await.body;
        let (_, waiting) = page.split_once(&language.text("serve-trust-waiting")).unwrap();
        assert!(waiting.contains("later") && !waiting.contains('⟨'), "{waiting}");
        let id = identifier(Path::new("out/later"));
        let heard = visit.get(&format!("/runs/{id}/review")).await;
        assert_eq!(heard.status, StatusCode::NOT_FOUND, "a run without its plan beside it");
    }
}

#[test]
fn a_band_is_two_standard_errors_and_a_share() {
    let held =
        |covered, error| HeldBack { covered, error, told_apart: false, cells: 9, wider: 1.0 };
    assert_eq!(held(0.5, None).band(), None);
    let (low, high) = held(0.75, Some(0.05)).band().unwrap();
    assert!((low - 0.65).abs() < 1e-12 && (high - 0.85).abs() < 1e-12);
    assert_eq!(held(0.9, Some(0.5)).band(), Some((0.0, 1.0)));
}
