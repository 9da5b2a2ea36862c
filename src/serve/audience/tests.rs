//! One audience followed, as a browser asks for it.

use std::path::Path;

use axum::http::StatusCode;

use crate::language::Language;
use crate::report::example;
use crate::report::formatter::Formatter;
use crate::serve::desk::identifier;
use crate::serve::guard::Bounds;
use crate::serve::tests::Visit;

/// What stands in the page's text for a sign that HTML writes otherwise.
fn plain(page: &str) -> String {
    page.replace("&#38;", "&").replace("&#39;", "'").replace("&#60;", "<").replace("&#62;", ">")
}

#[tokio::test]
async fn every_audience_is_followed_with_its_own_numbers_and_nobody_elses() {
    for language in Language::ALL {
        let visit = Visit::with(language, false, Bounds::default()).await;
        let report_data = example::report_data(3);
        let formatter = Formatter::new(&report_data, language);
        let run = identifier(Path::new("out/one"));
        let all = format!("/runs/{run}/audiences");
        assert!(visit.get(&format!("/runs/{run}")).await.body.contains(&all));
        let list = plain(&visit.get(&all).await.body);
        assert!(!list.contains('⟨'), "{list}");
        for row in &report_data.plan.rows {
            let address = format!("{all}/{}", identifier(row.segment.as_ref()));
            assert!(list.contains(&format!("href=\"{address}\"")), "{address}");
            assert!(list.contains(&formatter.money(row.budget)), "{list}");
            let heard = visit.get(&address).await;
            assert_eq!(heard.status, StatusCode::OK);
            let page = plain(&heard.body);
            assert!(!page.contains('⟨'), "{page}");
            assert!(page.contains(&formatter.money(row.budget)), "{page}");
            if let Some(limit) = &row.at_limit {
                assert!(page.contains(&formatter.limit(limit)), "{page}");
            }
            let charts = ["response-curves", "marginal-return", "predicted-observed"];
            for chart in charts.iter().filter(|_| row.budget > 0.0) {
                assert!(page.contains(&format!("<figure id=\"{chart}\">")), "{chart}");
                assert!(page.contains(&format!("id=\"{chart}-table-caption\"")), "{chart}");
            }
            // The tables beside the charts name this audience alone; the links name its neighbours.
            let (_, charts) = page.split_once("id=\"charts\"").unwrap();
            let others = report_data.plan.rows.iter().filter(|own| own.segment != row.segment);
            for other in others {
                assert!(!charts.contains(&formatter.name(&other.segment)), "{}", other.segment);
            }
        }
        let nowhere = visit.get(&format!("{all}/0123456789abcdef")).await;
        assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    }
}

#[test]
fn held_back_points_are_counted_for_the_audience_alone() {
    let report_data = example::report_data(3);
    let formatter = Formatter::new(&report_data, Language::En);
    let points = report_data.backtest.as_ref().unwrap().points.clone();
    for row in &report_data.plan.rows {
        let own: Vec<_> = points.iter().filter(|point| point.segment == row.segment).collect();
        let inside = own.iter().filter(|p| p.p10 <= p.observed && p.observed <= p.p90).count();
        let share = formatter.percent(inside as f64 / own.len() as f64, 0);
        let charts = crate::report::chart::of_audience(&report_data, &own, &formatter);
        let held_back = charts.iter().find(|chart| chart.name == "predicted-observed").unwrap();
        assert!(held_back.title.contains(&share), "{} {share}", held_back.title);
        assert_eq!(held_back.table.rows.len(), own.len());
    }
}
