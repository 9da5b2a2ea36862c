//! Exports dropped on the page, without a socket.

use std::fmt::Write;
use std::path::Path;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};

use crate::history::History;
use crate::language::Language;
use crate::serve::guard::Bounds;
use crate::serve::tests::{HOST, Heard, Visit};

const EXPORT: &str = "network,ad_set,start,end,spend,impressions,shares\n\
    instagram,a,2026-03-02,2026-03-08,10.50,1000,3\n\
    instagram,b,2026-03-09,2026-03-15,20.25,2000,7\n";

const EDGE: &str = "----edge";

/// A form with these files, as browsers send it.
fn dropped(files: &[(&str, &str)]) -> String {
    let mut body = String::new();
    for (name, text) in files {
        let _ = write!(
            body,
            "--{EDGE}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
             Content-Type: text/csv\r\n\r\n{text}\r\n"
        );
    }
    body + &format!("--{EDGE}--\r\n")
}

impl Visit {
    fn drops(&self, body: String) -> Request<Body> {
        let asks = self.asks(Method::POST, "/imports").header("origin", format!("http://{HOST}"));
        let asks = asks.header("sec-fetch-site", "same-origin");
        let kind = format!("multipart/form-data; boundary={EDGE}");
        asks.header(header::CONTENT_TYPE, kind).body(Body::from(body)).unwrap()
    }

    async fn drop_files(&self, files: &[(&str, &str)]) -> Heard {
        self.hear(self.drops(dropped(files))).await
    }

    /// Where what was understood of these files stands.
    async fn bring(&self, files: &[(&str, &str)]) -> String {
        let heard = self.drop_files(files).await;
        assert_eq!(heard.status, StatusCode::SEE_OTHER, "{}", heard.body);
        heard.headers[header::LOCATION].to_str().unwrap().to_owned()
    }

    fn history(&self) -> Option<History> {
        let path = self.folder.path().join("history.sqlite");
        path.exists().then(|| History::open_existing(&path).unwrap())
    }

    fn staged(&self) -> usize {
        let stages = std::fs::read_dir(self.folder.path().join(".relais-exports"));
        stages.map_or(0, Iterator::count)
    }
}

#[tokio::test]
async fn files_are_shown_before_anything_is_stored_and_an_import_is_taken_back() {
    for language in Language::ALL {
        let visit = Visit::with(language, false, Bounds::default()).await;
        let place = visit.bring(&[("mars & été.csv", EXPORT)]).await;
        let page = visit.get(&place).await.body;
        assert!(page.contains("mars &#38; été.csv") && page.contains("impressions"), "{page}");
        assert!(page.contains("2026-03-02") && !page.contains('⟨'), "{page}");
        assert!(!page.contains(".relais-exports"), "no path is told: {page}");
        assert!(visit.history().is_none(), "nothing is stored before somebody says so");
        let heard = visit.post(&format!("{place}/keep"), "map=&format=&dates=&year=").await;
        assert_eq!(heard.status, StatusCode::OK, "{}", heard.body);
        assert!(heard.body.contains("history.sqlite") && !heard.body.contains('⟨'));
        let totals = visit.history().unwrap().totals().unwrap();
        assert_eq!((totals.rows, totals.spend.to_string()), (2, "30.75".to_owned()));
        assert_eq!(visit.staged(), 0, "the copies are gone");
        let journal = visit.history().unwrap().journal().unwrap();
        assert_eq!(journal[0].files[0].name, "mars & été.csv");
        assert_eq!(journal[0].noted_at.as_deref(), Some("2026-12-01T09:30:00Z"));
        assert_eq!(visit.post(&format!("{place}/keep"), "").await.status, StatusCode::NOT_FOUND);

        let list = visit.get("/imports").await.body;
        assert!(
            list.contains("mars &#38; été.csv") && list.contains("name=\"import\" value=\"1\"")
        );
        let heard = visit.post("/imports/undo", "import=1").await;
        assert_eq!(heard.status, StatusCode::OK, "{}", heard.body);
        assert!(!heard.body.contains('⟨'));
        assert_eq!(visit.history().unwrap().totals().unwrap().rows, 0);
        assert_eq!(visit.post("/imports/undo", "import=1").await.status, StatusCode::CONFLICT);
        let heard = visit.post("/imports/undo", "import=7").await;
        assert!(heard.status.is_client_error());
    }
}

#[tokio::test]
async fn who_asks_twice_at_once_stores_once() {
    let visit = Visit::begin().await;
    // Long enough that the two meet.
    let lines = |n: u32| format!("instagram,a{n},2026-03-02,2026-03-08,10.50,1000,3\n");
    let export = EXPORT.to_owned() + &(0..2_000).map(lines).collect::<String>();
    let keep = visit.bring(&[("a.csv", &export)]).await + "/keep";
    let (one, other) = tokio::join!(visit.post(&keep, ""), visit.post(&keep, ""));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::NOT_FOUND]);
    assert_eq!(visit.history().unwrap().journal().unwrap().len(), 1);
}

#[tokio::test]
async fn bad_lines_and_unread_files_store_nothing_unless_they_may_be_left_out() {
    let visit = Visit::begin().await;
    let bad = EXPORT.replace("20.25", "twenty");
    let place =
        visit.bring(&[("bad.csv", &bad), ("good.csv", EXPORT), ("none.csv", "x\n1\n")]).await;
    let page = visit.get(&place).await.body;
    assert!(page.contains("skip_invalid") && page.contains("skip_unknown"), "{page}");
    assert!(page.contains("twenty") && page.contains("none.csv"), "{page}");
    let keep = format!("{place}/keep");
    for form in ["", "skip_invalid=1", "skip_unknown=1"] {
        let heard = visit.post(&keep, form).await;
        assert_eq!(heard.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(!heard.body.contains(".relais-exports"), "{}", heard.body);
        assert!(visit.history().is_none(), "{form}");
    }
    let heard = visit.post(&keep, "skip_invalid=1&skip_unknown=1").await;
    assert_eq!(heard.status, StatusCode::OK, "{}", heard.body);
    assert!(heard.body.contains("none.csv"), "what was left out is told");
    assert_eq!(visit.history().unwrap().totals().unwrap().rows, 2);
}

#[tokio::test]
async fn how_dates_are_written_is_said_in_the_address() {
    let visit = Visit::begin().await;
    let odd = "network,ad_set,start,end,spend,shares\nx,a,04/03/2026,05/03/2026,10,3\n";
    let place = visit.bring(&[("odd.csv", odd)]).await;
    let page = visit.get(&place).await.body;
    assert!(page.contains("role=\"alert\"") && page.contains("/03/2026"), "{page}");
    let page = visit.get(&format!("{place}?dates=dmy&map=&format=&year=")).await.body;
    assert!(!page.contains("role=\"alert\"") && page.contains("value=\"dmy\" selected"), "{page}");
    for wrong in ["dates=ymd", "year=1", "year=x", "format=none", "map=none", "map=../../secret"] {
        let heard = visit.get(&format!("{place}?{wrong}")).await;
        let is_told = heard.status.is_client_error() || heard.body.contains("role=\"alert\"");
        assert!(is_told, "{wrong}: {}", heard.body);
    }
    let heard = visit.post(&format!("{place}/keep"), "dates=dmy").await;
    assert_eq!(heard.status, StatusCode::OK, "{}", heard.body);
    let days = visit.history().unwrap().paid_days().unwrap().unwrap();
    assert_eq!(days.0, jiff::civil::date(2026, 3, 4));
}

#[tokio::test]
async fn names_of_files_lead_nowhere() {
    let visit = Visit::begin().await;
    let before = std::fs::read_dir(visit.folder.path()).unwrap().count();
    let outside = tempfile::tempdir().unwrap();
    let absolute = outside.path().join("evil.csv").display().to_string();
    for name in [&*absolute, "../../evil.csv", "..\\evil.csv", "out/one/dossier.json", ".."] {
        let place = visit.bring(&[(name, EXPORT)]).await;
        let page = visit.get(&place).await;
        assert_eq!(page.status, StatusCode::OK);
    }
    let after = std::fs::read_dir(visit.folder.path()).unwrap().count();
    assert_eq!(after, before + 1, "the private folder and nothing else");
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    for place in ["/imports/..", "/imports/%2e%2e", "/imports/0123456789abcdef", "/imports/.new"] {
        assert!(visit.get(place).await.status.is_client_error(), "{place}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let own = visit.folder.path().join(".relais-exports");
        assert_eq!(std::fs::metadata(own).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_in_place_of_the_private_folder_or_the_history_is_not_followed() {
    let (visit, outside) = (Visit::begin().await, tempfile::tempdir().unwrap());
    let own = visit.folder.path().join(".relais-exports");
    std::os::unix::fs::symlink(outside.path(), &own).unwrap();
    let heard = visit.drop_files(&[("a.csv", EXPORT)]).await;
    assert!(heard.status.is_client_error(), "{}", heard.status);
    std::fs::remove_file(&own).unwrap();
    let history = visit.folder.path().join("history.sqlite");
    std::os::unix::fs::symlink(outside.path().join("theirs.sqlite"), history).unwrap();
    let place = visit.bring(&[("a.csv", EXPORT)]).await;
    assert!(visit.post(&format!("{place}/keep"), "").await.status.is_client_error());
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn what_is_too_large_broken_or_empty_leaves_nothing_behind() {
    let bounds = Bounds { exports: 4 << 10, ..Bounds::default() };
    let visit = Visit::with(Language::En, false, bounds).await;
    let large = "a".repeat(8 << 10);
    let heard = visit.drop_files(&[("a.csv", EXPORT), ("b.csv", &large)]).await;
    assert_eq!(heard.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", heard.body);
    let whole = dropped(&[("a.csv", EXPORT)]);
    let heard = visit.hear(visit.drops(whole[..whole.len() / 2].to_owned())).await;
    assert!(heard.status.is_client_error(), "{}", heard.status);
    let heard = visit.drop_files(&[]).await;
    assert_eq!(heard.status, StatusCode::UNPROCESSABLE_ENTITY);
    let many: Vec<(String, &str)> = (0..51).map(|n| (format!("{n}.csv"), "x")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, text)| (&**name, *text)).collect();
    let heard = visit.drop_files(&many[..20]).await;
    assert_eq!(heard.status, StatusCode::SEE_OTHER);
    let place = heard.headers[header::LOCATION].to_str().unwrap().to_owned();
    assert_eq!(visit.post(&format!("{place}/drop"), "").await.status, StatusCode::SEE_OTHER);
    let wide = Bounds { exports: 64 << 10, ..Bounds::default() };
    let wide = Visit::with(Language::En, false, wide).await;
    let heard = wide.drop_files(&many).await;
    assert_eq!(heard.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!((visit.staged(), wide.staged()), (0, 0));
    let form = visit.post("/imports", "files=a.csv").await;
    assert!(form.status.is_client_error(), "a form that is no form of files");
}

#[tokio::test]
async fn no_other_page_and_nobody_who_only_looks_brings_files() {
    let visit = Visit::begin().await;
    let kind = format!("multipart/form-data; boundary={EDGE}");
    for (origin, site) in [("http://evil.example", "cross-site"), ("null", "same-origin")] {
        for address in ["/imports", "/imports/x/keep", "/imports/x/drop", "/imports/undo"] {
            let asks = visit.asks(Method::POST, address).header("origin", origin);
            let asks = asks.header("sec-fetch-site", site).header(header::CONTENT_TYPE, &kind);
            let body = Body::from(dropped(&[("a.csv", EXPORT)]));
            let heard = visit.hear(asks.body(body).unwrap()).await;
            assert_eq!(heard.status, StatusCode::FORBIDDEN, "{address}");
        }
    }
    let looking = Visit::with(Language::En, true, Bounds::default()).await;
    assert_eq!(looking.drop_files(&[("a.csv", EXPORT)]).await.status, StatusCode::FORBIDDEN);
    for address in ["/imports/x/keep", "/imports/x/drop", "/imports/undo"] {
        assert_eq!(looking.post(address, "import=1").await.status, StatusCode::FORBIDDEN);
    }
    assert!(!looking.get("/imports").await.body.contains("<form"));
    let names = std::fs::read_dir(looking.folder.path()).unwrap();
    assert_eq!(names.map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>(), ["out"]);
}

/// A table that no format knows, with a column of persons in it.
const STRANGE: &str = "Werbeset;Budget verbraucht;Geteilt;Gesehen;Tag;E-mail\n\
    a;10,50;3;1000;2026-03-02;who@example.org\nb;20,25;7;2000;2026-03-03;x@example.org\n";

#[tokio::test]
async fn a_file_that_no_format_fits_is_read_by_a_map_chosen_in_a_form() {
    for language in Language::ALL {
        let visit = Visit::with(language, false, Bounds::default()).await;
        let place = visit.bring(&[("w\u{fc}nsche 1.csv", STRANGE)]).await;
        let page = visit.get(&place).await.body;
        let (_, rest) = page.split_once("/map?file=").expect("a way to a map");
        let file = &rest[..16];
        let form = visit.get(&format!("{place}/map?file={file}")).await;
        assert_eq!(form.status, StatusCode::OK);
        assert!(form.body.contains("column-4") && !form.body.contains('⟨'), "{}", form.body);
        assert!(form.body.contains("10,50") && !form.body.contains("who@"), "{}", form.body);
        let chosen = "column-0=ad_set&column-1=spend&column-2=shares&column-3=impressions\
            &column-4=day&column-5=&network=facebook&currency=EUR&order=";
        let send = |name: &str, more: &str| {
            let form = format!("file={file}&{chosen}&name={name}{more}");
            let (visit, address) = (&visit, format!("{place}/map"));
            async move { visit.post(&address, &form).await }
        };
        for name in ["", "..", "../out/x", "a/b"] {
            let heard = send(name, "").await;
            assert_eq!(heard.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            assert!(heard.body.contains("value=\"facebook\""), "what was typed stays");
        }
        let wrong = format!("file={file}&{}&name=x", chosen.replace("EUR", "EURO"));
        let heard = visit.post(&format!("{place}/map"), &wrong).await;
        assert_eq!(heard.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!visit.folder.path().join("maps").join("x.toml").exists());
        let heard = send("wishes", "").await;
        assert_eq!(heard.status, StatusCode::SEE_OTHER, "{}", heard.body);
        let read = heard.headers[header::LOCATION].to_str().unwrap().to_owned();
        assert_eq!(send("wishes", "").await.status, StatusCode::CONFLICT, "not written over");
        let kept = visit.folder.path().join("maps/wishes.toml");
        let text = std::fs::read_to_string(&kept).unwrap();
        crate::ingest::Mapping::open(&kept).unwrap();
        assert!(text.contains("\"Budget verbraucht\" = \"spend\""), "{text}");
        let page = visit.get(&read).await.body;
        assert!(!page.contains("role=\"alert\"") && page.contains("30"), "{page}");
        assert!(!page.contains("who@example.org"), "{page}");

        // The map as text: what is wrong is told and nothing is written; what is right is kept.
        let (_, map) = read.split_once("map=").unwrap();
        let address = format!("{place}/maps/{map}");
        let seen = |page: &str| {
            let (_, rest) = page.split_once("name=\"seen\" value=\"").unwrap();
            rest[..64].to_owned()
        };
        let page = visit.get(&address).await.body;
        let edit = |text: &str, seen: &str| {
            let text = text.replace('%', "%25").replace('=', "%3D").replace('\n', "%0D%0A");
            format!("text={}&seen={seen}", text.replace(' ', "+"))
        };
        let wrong = edit(&text.replace("\"shares\"", "\"shaers\""), &seen(&page));
        let heard = visit.post(&address, &wrong).await;
        assert_eq!(heard.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(heard.body.contains("shaers") && heard.body.contains("shares"));
        let other = text.replace("\"shares\"", "\"clicks\"");
        let heard = visit.post(&address, &edit(&other, &seen(&page))).await;
        assert_eq!(heard.status, StatusCode::SEE_OTHER, "{}", heard.body);
        assert_eq!(std::fs::read_to_string(&kept).unwrap(), other);
        assert_eq!(visit.post(&address, &edit(&text, &seen(&page))).await.status, 409);

        let heard = visit.post(&format!("{place}/keep"), &format!("map={map}")).await;
        assert_eq!(heard.status, StatusCode::OK, "{}", heard.body);
        let totals = visit.history().unwrap().totals().unwrap();
        assert_eq!((totals.rows, totals.spend.to_string()), (2, "30.75".to_owned()));
        // The next export of the same kind finds the map by itself.
        let next = visit.bring(&[("next.csv", STRANGE)]).await;
        assert!(visit.get(&next).await.body.contains(&format!("{next}?map={map}")));
    }
}

#[tokio::test]
async fn a_map_is_made_for_dropped_files_that_need_one_and_for_nothing_else() {
    let visit = Visit::begin().await;
    let place = visit.bring(&[("good.csv", EXPORT)]).await;
    assert!(!visit.get(&place).await.body.contains("/map?file="));
    let stage = place.rsplit('/').next().unwrap();
    let path = Path::new(".relais-exports").join(stage).join("good.csv");
    let file = crate::serve::desk::identifier(&path);
    assert_eq!(visit.get(&format!("{place}/map?file={file}")).await.status, StatusCode::CONFLICT);
    for file in ["good.csv", "..%2f..%2fsecret.txt", "0123456789abcdef"] {
        let heard = visit.get(&format!("{place}/map?file={file}")).await;
        assert_eq!(heard.status, StatusCode::NOT_FOUND, "{file}");
        let heard = visit.post(&format!("{place}/map"), &format!("file={file}&name=x")).await;
        assert_eq!(heard.status, StatusCode::NOT_FOUND, "{file}");
    }
    for map in ["names", "..%2fout", "0123456789abcdef"] {
        assert_eq!(visit.get(&format!("{place}/maps/{map}")).await.status, StatusCode::NOT_FOUND);
    }
    assert!(!visit.folder.path().join("maps").exists());
}

#[tokio::test]
async fn a_request_that_does_not_wait_finds_what_became_of_its_files_later() {
    let bounds = Bounds { patience: std::time::Duration::ZERO, ..Bounds::default() };
    let visit = Visit::with(Language::En, false, bounds).await;
    let place = visit.bring(&[("march.csv", EXPORT)]).await;
    let heard = visit.post(&format!("{place}/keep"), "map=&format=&dates=&year=").await;
    assert_eq!(heard.status, StatusCode::SEE_OTHER, "{}", heard.body);
    assert_eq!(heard.headers[header::LOCATION], format!("{place}/stored"));
    let (mut waits, mut listed) = (0, false);
    let page = loop {
        listed |= visit.get("/imports").await.body.contains(&format!("{place}/stored"));
        let heard = visit.get(&format!("{place}/stored")).await;
        assert_eq!(heard.status, StatusCode::OK, "{}", heard.body);
        if heard.headers.get(header::REFRESH).is_none() {
            break heard.body;
        }
        waits += 1;
        assert!(waits < 2_000, "it is never done");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    assert!(page.contains("march.csv") && page.contains("history.sqlite"), "{page}");
    assert!(listed, "the page of exports leads there");
    assert_eq!(visit.history().unwrap().totals().unwrap().rows, 2);
    let again = visit.get(&format!("{place}/stored")).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "an end is told once");
}
