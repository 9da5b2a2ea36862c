//! Questions to the history, without a socket.

use axum::http::StatusCode;

use crate::history::told::{comparison, posts};
use crate::history::{By, CompareQuery, Field, Filter, History, Measure, PanelOptions, PostQuery};
use crate::intake::{Intake, Skips};
use crate::language::Language;
use crate::reference::Reference;
use crate::segment::Attribute;
use crate::serve::guard::Bounds;
use crate::serve::tests::Visit;

/// Two networks and two profiles over a year and a week; one name that would be a tag.
fn export() -> String {
    let mut text = "network,profile,ad_set,ad,start,end,spend,impressions,shares\n".to_owned();
    for week in 0..54_i64 {
        let monday = jiff::civil::date(2025, 11, 10) + jiff::Span::new().weeks(week);
        let sunday = monday + jiff::Span::new().days(6);
        for (at, (network, profile, ad)) in [
            ("instagram", "ville", "Été <b>"),
            ("instagram", "ville", "Hiver"),
            ("facebook", "maire", "Mars & co"),
        ]
        .into_iter()
        .enumerate()
        {
            let shares = 3 + (week + 2 * at as i64) % 7;
            let row =
                format!("{network},{profile},s{at},{ad},{monday},{sunday},10.50,1000,{shares}");
            text.push_str(&row);
            text.push('\n');
        }
    }
    text
}

fn import(visit: &Visit) -> History {
    let file = visit.folder.path().join("out/export.csv");
    std::fs::write(&file, export()).unwrap();
    let formats = crate::ingest::formats(&Reference::default()).unwrap();
    let (path, paths) = (visit.folder.path().join("history.sqlite"), [file]);
    let intake = Intake {
        formats: &formats,
        map: None,
        paths: &paths,
        within: None,
        skips: Skips::default(),
        language: Language::En,
    };
    intake.store(&path, "2026-12-01T09:30:00Z", &mut || ()).unwrap().1.unwrap();
    History::open_existing(&path).unwrap()
}

/// Text as a page holds it.
fn escaped(text: &str) -> String {
    text.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;")
}

/// The lines of a page's answer.
fn lines(page: &str) -> Vec<Vec<String>> {
    let (_, table) = page.split_once("<tbody>").unwrap_or_default();
    let (table, _) = table.split_once("</tbody>").unwrap_or_default();
    let cells = |line: &str| {
        let cells = line.split("</t").filter_map(|cell| cell.rsplit_once('>'));
        let cells = cells.map(|(_, text)| text.to_owned()).filter(|text| !text.trim().is_empty());
        cells.collect::<Vec<_>>()
    };
    table.split("</tr>").map(cells).filter(|cells| !cells.is_empty()).collect()
}

#[tokio::test]
async fn posts_stand_as_the_command_prints_them_whatever_is_asked() {
    for language in Language::ALL {
        let visit = Visit::with(language, false, Bounds::default()).await;
        let history = import(&visit);
        for (address, filter, sort, from) in [
            ("", "", "engagement_rate", None),
            ("sort=spend&network=instagram", "network = instagram", "spend", None),
            (
                "network=instagram&network=facebook",
                "network in (instagram, facebook)",
                "engagement_rate",
                None,
            ),
            ("profile=maire", "profile = maire", "engagement_rate", None),
            ("text=%C3%89T%C3%89", "name ~ été", "engagement_rate", None),
            (
                "where=impressions+%3E+1000&from=2026-01-05",
                "impressions > 1000",
                "engagement_rate",
                Some(jiff::civil::date(2026, 1, 5)),
            ),
        ] {
            let asked = PostQuery {
                filter: filter.parse().unwrap(),
                sort: Some(sort.parse::<Field>().unwrap()),
                from,
                limit: Some(50),
                ..PostQuery::default()
            };
            let answer = history.posts(&asked).unwrap();
            let (_, rows) = posts(&answer, language);
            assert!(!rows.is_empty(), "{address}");
            let rows: Vec<Vec<String>> =
                rows.iter().map(|row| row.iter().map(|cell| escaped(cell)).collect()).collect();
            let heard = visit.get(&format!("/history?{address}")).await;
            assert_eq!(heard.status, StatusCode::OK, "{address}");
            assert_eq!(lines(&heard.body), rows, "{address}");
            assert!(!heard.body.contains('⟨') && !heard.body.contains("<b>"), "{address}");
        }
        let ticked = visit.get("/history?network=instagram").await.body;
        assert!(ticked.contains("value=\"instagram\" checked"), "{ticked}");
        assert!(ticked.contains("/history/weeks?network=instagram"), "it holds for all questions");
    }
}

#[tokio::test]
async fn a_week_stands_against_the_one_before_and_the_same_a_year_ago() {
    for language in Language::ALL {
        let visit = Visit::with(language, true, Bounds::default()).await;
        let history = import(&visit);
        let asked = CompareQuery {
            by: By::Week,
            measure: Measure::EngagementRate,
            filter: Filter::default().any_of(Attribute::Network, &["Instagram".to_owned()]),
            from: None,
            to: None,
            currency: None,
        };
        let mut answer = history.compare(&asked).unwrap();
        answer.periods.drain(..answer.periods.len() - 5);
        let newest = answer.periods.last().unwrap();
        assert!(newest.previous.value.is_some(), "{newest:?}");
        assert!(newest.year_before.as_ref().unwrap().value.is_some(), "{newest:?}");
        let (_, rows) = comparison(&answer, Measure::EngagementRate, language);
        let heard = visit.get("/history/weeks?network=instagram&lines=5").await;
        assert_eq!(heard.status, StatusCode::OK);
        assert!(!heard.body.contains('⟨'));
        let rows = rows.into_iter().rev();
        let rows: Vec<Vec<String>> =
            rows.map(|row| row.into_iter().filter(|cell| !cell.is_empty()).collect()).collect();
        assert_eq!(lines(&heard.body), rows, "the newest first");
        for by in ["month", "year"] {
            let heard = visit.get(&format!("/history/weeks?by={by}&metric=spend")).await;
            assert_eq!(heard.status, StatusCode::OK, "{by}");
        }
    }
}

#[tokio::test]
async fn audiences_over_time_add_up_to_the_panel() {
    for language in Language::ALL {
        let visit = Visit::with(language, false, Bounds::default()).await;
        let history = import(&visit);
        let options = PanelOptions {
            split_by: vec![Attribute::Network, Attribute::AdSet],
            ..PanelOptions::default()
        };
        let weekly = history.weekly(&options, Measure::Spend).unwrap();
        let panel = history.panel(&options).unwrap().panel;
        let by_week = weekly.audiences.iter().flat_map(|own| own.by_week.iter().flatten());
        // 162 amounts of 10.50 in another order: the last digits may differ.
        assert!((by_week.sum::<f64>() - panel.spend()).abs() < 1e-9);
        assert_eq!((weekly.weeks.len(), weekly.audiences.len()), (54, 3));
        let heard = visit.get("/history/audiences?split=network&split=ad_set").await;
        assert_eq!(heard.status, StatusCode::OK);
        assert!(!heard.body.contains('⟨'), "{}", heard.body);
        let shown = lines(&heard.body);
        assert_eq!(shown.len(), 3);
        let told = language.money(weekly.audiences[0].spend, weekly.currency);
        assert!(shown[0].contains(&told), "{shown:?}");
        let rate = history.weekly(&options, Measure::EngagementRate).unwrap();
        let first = rate.audiences[0].by_week[0].unwrap();
        assert!((0.003..=0.009).contains(&first), "{first}");
    }
}

#[tokio::test]
async fn questions_that_cannot_be_read_are_told_and_an_empty_folder_too() {
    let visit = Visit::begin().await;
    for page in ["/history", "/history/weeks", "/history/audiences"] {
        assert_eq!(visit.get(page).await.status, StatusCode::NOT_FOUND, "{page}");
    }
    drop(import(&visit));
    for wrong in [
        "from=yesterday",
        "to=2026-13-01",
        "currency=euros",
        "lines=many",
        "where=netwrok+%3D+x",
        "sort=beauty",
    ] {
        let heard = visit.get(&format!("/history?{wrong}")).await;
        assert_eq!(heard.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let none = visit.get("/history?text=nothing+has+this+name").await;
    assert_eq!(none.status, StatusCode::OK);
    assert!(lines(&none.body).is_empty());
    let early = visit.get("/history?to=2001-01-01&text=%22%3Cb%3E").await;
    assert!(early.body.contains("role=\"alert\"") && !early.body.contains("<b>"), "{}", early.body);
    let hostile = visit.get("/history?network=%22%3E%3Cscript%3E&x=%27%22%3E%3Cb%3E").await;
    assert!(!hostile.body.contains("<script>") && !hostile.body.contains("<b>"));
    for metric in ["reach", "shares", "active_per_follower"] {
        let heard = visit.get(&format!("/history/audiences?metric={metric}")).await;
        assert_eq!(heard.status, StatusCode::OK, "{metric}: dashes, no fault");
    }
}
