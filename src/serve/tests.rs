//! The page from outside, without a socket: what is answered, what is refused, what is written.

use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use tempfile::TempDir;
use tower::ServiceExt;

use super::guard::{Bounds, Guard};
use super::{Desk, DeskError, Settings, app};
use crate::batch::folder::WorkFolder;
use crate::check::{Marked as _, seal};
use crate::history::{FileMeta, History};
use crate::language::Language;
use crate::random::Seed;
use crate::reference::Reference;
use crate::report::{ReportData, compare, example};

pub(super) const HOST: &str = "127.0.0.1:4321";

/// A folder that is served, and somebody who has its token.
pub(super) struct Visit {
    pub(super) folder: TempDir,
    app: Router,
    token: String,
    cookie: String,
}

/// An answer, read to its end.
pub(super) struct Heard {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

fn settings(language: Language, read_only: bool) -> Settings {
    let (seed, today) = (Seed(1), jiff::civil::date(2026, 12, 1));
    let now = || "2026-12-01T09:30:00Z".to_owned();
    Settings { language, seed, today, now, reference: Reference::default(), read_only }
}

pub(super) fn put_run(folder: &Path, name: &str, mut report_data: ReportData) {
    let run = folder.join("out").join(name);
    std::fs::create_dir_all(&run).unwrap();
    seal(&mut report_data.plan);
    report_data.seal();
    std::fs::write(run.join("dossier.json"), serde_json::to_vec(&report_data).unwrap()).unwrap();
    std::fs::write(run.join("report.html"), "<!DOCTYPE html><p>the record</p>").unwrap();
}

impl Visit {
    pub(super) async fn with(language: Language, read_only: bool, bounds: Bounds) -> Self {
        let folder = tempfile::tempdir().unwrap();
        put_run(folder.path(), "one", example::report_data(3));
        put_run(folder.path(), "two", example::report_data(5));
        let desk = Desk::open(folder.path(), settings(language, read_only)).unwrap();
        let guard = Guard::new().unwrap();
        let token = guard.token().to_owned();
        let app = app(desk, guard, bounds);
        let mut visit = Self { folder, app, token, cookie: String::new() };
        let form = format!("token={}", visit.token);
        let entered = visit.post("/session", &form).await;
        assert_eq!(entered.status, StatusCode::SEE_OTHER);
        let cookie = entered.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
        cookie.split(';').next().unwrap().clone_into(&mut visit.cookie);
        visit
    }

    pub(super) async fn begin() -> Self {
        Self::with(Language::En, false, Bounds::default()).await
    }

    pub(super) fn asks(&self, method: Method, address: &str) -> axum::http::request::Builder {
        let asks = Request::builder().method(method).uri(address).header(header::HOST, HOST);
        if self.cookie.is_empty() { asks } else { asks.header(header::COOKIE, &self.cookie) }
    }

    pub(super) async fn hear(&self, request: Request<Body>) -> Heard {
        let answer = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Heard { status: parts.status, headers: parts.headers, body }
    }

    pub(super) async fn get(&self, address: &str) -> Heard {
        self.hear(self.asks(Method::GET, address).body(Body::empty()).unwrap()).await
    }

    /// As our own page sends it.
    pub(super) async fn post(&self, address: &str, form: &str) -> Heard {
        let asks = self.asks(Method::POST, address);
        let asks = asks.header("origin", format!("http://{HOST}"));
        let asks = asks.header("sec-fetch-site", "same-origin");
        self.hear(as_form(asks, form)).await
    }

    /// The identifier of a run, as the shelf links it.
    async fn run(&self, name: &str) -> String {
        let id = super::desk::identifier(&Path::new("out").join(name));
        assert!(self.get("/").await.body.contains(&format!("href=\"/runs/{id}\"")));
        id
    }
}

fn as_form(asks: axum::http::request::Builder, form: &str) -> Request<Body> {
    let kind = "application/x-www-form-urlencoded";
    asks.header(header::CONTENT_TYPE, kind).body(Body::from(form.to_owned())).unwrap()
}

#[tokio::test]
async fn another_hosts_name_is_misdirected_and_learns_nothing() {
    let visit = Visit::begin().await;
    let hosts: [&[&str]; 14] = [
        &[],
        &[""],
        &["evil.example"],
        &["evil.example:4321"],
        &["127.0.0.1.evil.example"],
        &["localhost.evil.example:4321"],
        &["127.0.0.1:4321@evil.example"],
        &["[::1].evil.example"],
        &["::1"],
        &["[::ffff:127.0.0.1]:4321"],
        &["0.0.0.0:4321"],
        &["2130706433"],
        &["localhost."],
        &["127.0.0.1", "evil.example"],
    ];
    for names in hosts {
        let mut asks = Request::builder().uri("/").header(header::COOKIE, &visit.cookie);
        for name in names {
            asks = asks.header(header::HOST, *name);
        }
        let heard = visit.hear(asks.body(Body::empty()).unwrap()).await;
        assert_eq!(heard.status, StatusCode::MISDIRECTED_REQUEST, "{names:?}");
        assert!(!heard.body.contains("/runs/"), "{names:?}");
    }
    let absolute = Request::builder().uri("http://evil.example/").header(header::HOST, HOST);
    let absolute = absolute.header(header::COOKIE, &visit.cookie).body(Body::empty()).unwrap();
    assert_eq!(visit.hear(absolute).await.status, StatusCode::MISDIRECTED_REQUEST);
    for name in ["127.0.0.1", "localhost:1", "[::1]", "[::1]:4321", "LOCALHOST"] {
        let asks = Request::builder().uri("/").header(header::COOKIE, &visit.cookie);
        let asks = asks.header(header::HOST, name).body(Body::empty()).unwrap();
        assert_eq!(visit.hear(asks).await.status, StatusCode::OK, "{name}");
    }
}

#[tokio::test]
async fn a_change_that_another_page_asks_for_is_refused() {
    let visit = Visit::begin().await;
    let id = visit.run("one").await;
    let own = format!("http://{HOST}");
    let forms: [(Option<&str>, Option<&str>); 9] = [
        (None, None),
        (Some(&own), None),
        (None, Some("same-origin")),
        (Some("null"), Some("same-origin")),
        (Some(&own), Some("cross-site")),
        (Some(&own), Some("same-site")),
        (Some(&own), Some("none")),
        (Some("http://127.0.0.1:9999"), Some("same-origin")),
        (Some("https://127.0.0.1:4321"), Some("same-origin")),
    ];
    for (origin, site) in forms {
        for address in [format!("/runs/{id}/notes"), "/session".to_owned()] {
            let mut asks = visit.asks(Method::POST, &address);
            for (name, value) in [("origin", origin), ("sec-fetch-site", site)] {
                asks = value.into_iter().fold(asks, |asks, value| asks.header(name, value));
            }
            let form = format!("text=no&seen=&token={}", visit.token);
            let heard = visit.hear(as_form(asks, &form)).await;
            assert_eq!(heard.status, StatusCode::FORBIDDEN, "{origin:?} {site:?}");
            assert!(!heard.headers.contains_key(header::SET_COOKIE));
        }
    }
    assert!(!visit.folder.path().join("out/one/notes.md").exists());
}

#[tokio::test]
async fn without_the_token_nothing_is_shown_but_the_door() {
    let mut visit = Visit::begin().await;
    let session = std::mem::take(&mut visit.cookie);
    let id = super::desk::identifier(Path::new("out/one"));
    let paths = ["/", &format!("/runs/{id}"), &format!("/runs/{id}/report"), "/nowhere"];
    let (name, value) = session.split_once('=').unwrap();
    let other = if value.starts_with('0') { '1' } else { '0' };
    let wrong = [
        String::new(),
        format!("{name}="),
        format!("{name}={}", &value[1..]),
        format!("{name}={other}{}", &value[1..]),
        format!("relais-00000000={value}"),
        format!("{name}={}", visit.token),
    ];
    for cookie in wrong {
        visit.cookie = cookie;
        for path in paths {
            let heard = visit.get(path).await;
            assert_eq!(heard.status, StatusCode::UNAUTHORIZED, "{path} {}", visit.cookie);
            assert!(heard.body.contains("id=\"door\"") && !heard.body.contains("/runs/"), "{path}");
        }
        let heard = visit.post(&format!("/runs/{id}/notes"), "text=no&seen=").await;
        assert_eq!(heard.status, StatusCode::UNAUTHORIZED);
    }
    for token in [String::new(), "0".repeat(64), visit.token[1..].to_owned(), value.to_owned()] {
        let heard = visit.post("/session", &format!("token={token}")).await;
        assert_eq!(heard.status, StatusCode::FORBIDDEN);
        assert!(!heard.headers.contains_key(header::SET_COOKIE));
    }
    visit.cookie = format!("other=1; {session}");
    assert_eq!(visit.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_and_each_start_has_its_own() {
    let (one, other) = (Visit::begin().await, Visit::begin().await);
    let form = format!("token={}", one.token);
    let heard = one.post("/session", &form).await;
    let cookie = heard.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
    assert_eq!(one.token.len(), 64, "256 bits in hexadecimal digits");
    let name = |visit: &Visit| visit.cookie.split('=').next().unwrap().to_owned();
    assert_ne!(name(&one), name(&other));
    assert_ne!(one.token, other.token);
    assert_eq!(other.post("/session", &form).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn every_answer_tells_the_browser_to_keep_it_here() {
    let visit = Visit::begin().await;
    let id = visit.run("one").await;
    let mut answers = Vec::new();
    for address in ["/", "/style.css", "/door.js", "/nowhere", "/compare", "/session"] {
        answers.push(visit.get(address).await);
    }
    answers.push(visit.get(&format!("/runs/{id}/report")).await);
    answers.push(visit.post("/session", "token=wrong").await);
    answers.push(visit.post("/runs/x/notes", &"a".repeat(1 << 20)).await);
    let strange = Request::builder().uri("/").header(header::HOST, "evil.example");
    answers.push(visit.hear(strange.body(Body::empty()).unwrap()).await);
    for Heard { status, headers, .. } in answers {
        let told = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
        let policy = told("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none';"), "{status}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-eval"));
        assert_eq!(told("x-content-type-options"), Some("nosniff"), "{status}");
        assert_eq!(told("referrer-policy"), Some("no-referrer"), "{status}");
        assert_eq!(told("cross-origin-resource-policy"), Some("same-origin"), "{status}");
        assert_eq!(told("cross-origin-opener-policy"), Some("same-origin"), "{status}");
        assert_eq!(told("cache-control"), Some("no-store"), "{status}");
        assert!(!headers.contains_key("access-control-allow-origin"), "{status}");
    }
}

#[tokio::test]
async fn a_body_too_large_is_refused_and_a_slow_one_given_up() {
    let bounds = Bounds { whole: Duration::from_millis(80), ..Bounds::default() };
    let visit = Visit::with(Language::En, false, bounds).await;
    let id = super::desk::identifier(Path::new("out/one"));
    let address = format!("/runs/{id}/notes");
    let large = format!("seen=&text={}", "a".repeat(300 << 10));
    assert_eq!(visit.post(&address, &large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(
        visit.post("/session", &"a".repeat(2 << 10)).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    let asks = visit.asks(Method::POST, &address).header("origin", format!("http://{HOST}"));
    let asks = asks.header("sec-fetch-site", "same-origin");
    let asks = asks.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let heard = visit.hear(asks.body(Body::new(Endless)).unwrap()).await;
    assert_eq!(heard.status, StatusCode::REQUEST_TIMEOUT);
    assert!(!visit.folder.path().join("out/one/notes.md").exists());
}

/// A body that never comes.
struct Endless;

impl hyper::body::Body for Endless {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Pending
    }
}

#[tokio::test]
async fn no_address_leads_to_a_file_by_its_path() {
    let visit = Visit::begin().await;
    let id = visit.run("one").await;
    std::fs::write(visit.folder.path().join("secret.txt"), "the secret").unwrap();
    let tricks = [
        "/runs/one".to_owned(),
        "/runs/..".to_owned(),
        "/runs/%2e%2e%2fsecret.txt".to_owned(),
        "/runs/../../secret.txt".to_owned(),
        "/runs/one%00".to_owned(),
        "/../secret.txt".to_owned(),
        "/secret.txt".to_owned(),
        "//secret.txt".to_owned(),
        format!("/runs/{id}/files/report.html"),
        format!("/runs/{id}/files/..%2f..%2f..%2fsecret.txt"),
        format!("/runs/{id}/files/%2fetc%2fpasswd"),
        format!("/runs/{}/report", id.to_uppercase()),
        format!("/runs/{}/report", &id[1..]),
    ];
    for address in tricks {
        let heard = visit.get(&address).await;
        assert!(heard.status.is_client_error(), "{address}: {}", heard.status);
        assert!(!heard.body.contains("the secret") && !heard.body.contains("root:"), "{address}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn links_that_lead_out_of_the_folder_are_not_followed() {
    use std::os::unix::fs::symlink;
    let (visit, outside) = (Visit::begin().await, tempfile::tempdir().unwrap());
    put_run(outside.path(), "far", example::report_data(3));
    let (out, far) = (visit.folder.path().join("out"), outside.path().join("out/far"));
    symlink(&far, out.join("linked")).unwrap();
    std::fs::write(far.join("secret.txt"), "the secret").unwrap();
    std::fs::remove_file(out.join("one/report.html")).unwrap();
    for name in ["report.html", "notes.md", "plan.csv"] {
        symlink(far.join("secret.txt"), out.join("one").join(name)).unwrap();
    }
    let id = visit.run("one").await;
    assert!(!visit.get("/").await.body.contains("linked"));
    let linked = super::desk::identifier(Path::new("out/linked"));
    for address in [format!("/runs/{linked}"), format!("/runs/{id}"), format!("/runs/{id}/report")]
    {
        let heard = visit.get(&address).await;
        assert_eq!(heard.status, StatusCode::NOT_FOUND, "{address}");
        assert!(!heard.body.contains("the secret"), "{address}");
    }
    let heard = visit.post(&format!("/runs/{id}/notes"), "text=mine&seen=").await;
    assert_eq!(heard.status, StatusCode::NOT_FOUND);
    assert_eq!(std::fs::read_to_string(far.join("secret.txt")).unwrap(), "the secret");
}

#[tokio::test]
async fn notes_are_kept_beside_the_run_and_no_new_run_replaces_them() {
    let visit = Visit::begin().await;
    let target = visit.folder.path().join("out/third");
    let make = |text: &str| {
        let work = WorkFolder::beside(&target).unwrap();
        let mut report_data = example::report_data(3);
        seal(&mut report_data.plan);
        report_data.seal();
        let dossier = serde_json::to_vec(&report_data).unwrap();
        std::fs::write(work.path().join("dossier.json"), dossier).unwrap();
        std::fs::write(work.path().join("report.html"), text).unwrap();
        work.finish(&"0".repeat(64)).unwrap();
    };
    make("before");
    let id = visit.run("third").await;
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert!(visit.get(&format!("/runs/{id}")).await.body.contains(empty));
    let form = format!("text=%3Cb%3Ewhy%0D%0Aso&seen={empty}");
    let heard = visit.post(&format!("/runs/{id}/notes"), &form).await;
    assert_eq!(heard.status, StatusCode::SEE_OTHER);
    make("after");
    assert_eq!(std::fs::read_to_string(target.join("notes.md")).unwrap(), "<b>why\nso");
    let page = visit.get(&format!("/runs/{id}")).await.body;
    assert!(page.contains("&#60;b&#62;why\nso") && !page.contains("<b>why"), "text stays text");
    // Whoever has not seen them does not write over them, and keeps what was typed.
    let heard = visit.post(&format!("/runs/{id}/notes"), &format!("text=mine&seen={empty}")).await;
    assert_eq!(heard.status, StatusCode::CONFLICT);
    assert!(heard.body.contains("mine") && heard.body.contains("&#60;b&#62;why"));
    assert_eq!(std::fs::read_to_string(target.join("notes.md")).unwrap(), "<b>why\nso");
}

#[tokio::test]
async fn who_only_looks_writes_nothing_and_takes_no_lock() {
    let visit = Visit::with(Language::En, true, Bounds::default()).await;
    let id = visit.run("one").await;
    let page = visit.get(&format!("/runs/{id}")).await.body;
    assert!(!page.contains("<form"), "no form that would be refused");
    let heard = visit.post(&format!("/runs/{id}/notes"), "text=no&seen=").await;
    assert_eq!(heard.status, StatusCode::FORBIDDEN);
    assert!(!visit.folder.path().join("out/one/notes.md").exists());
    let names = std::fs::read_dir(visit.folder.path()).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["out"]);
}

#[test]
fn a_folder_is_served_once_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = Desk::open(folder.path(), settings(Language::En, false)).unwrap();
    let second = Desk::open(folder.path(), settings(Language::En, false));
    assert!(matches!(second, Err(DeskError::Taken { .. })));
    assert!(Desk::open(folder.path(), settings(Language::En, true)).is_ok());
    drop(first);
    assert!(Desk::open(folder.path(), settings(Language::En, false)).is_ok());
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    for path in [file, folder.path().join("none")] {
        let refused = Desk::open(&path, settings(Language::En, false));
        assert!(matches!(refused, Err(DeskError::NoFolder { .. })));
    }
}

#[tokio::test]
async fn the_record_is_shown_as_it_stands_and_runs_no_script() {
    let visit = Visit::begin().await;
    let id = visit.run("one").await;
    let heard = visit.get(&format!("/runs/{id}/report")).await;
    assert_eq!(heard.body, "<!DOCTYPE html><p>the record</p>");
    let policy = heard.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("sandbox") && !policy.contains("script-src"), "{policy}");
    let page = visit.get(&format!("/runs/{id}")).await.body;
    let file = super::desk::identifier(Path::new("report.html"));
    let address = format!("/runs/{id}/files/{file}");
    assert!(page.contains(&address));
    let heard = visit.get(&address).await;
    assert_eq!(heard.body, "<!DOCTYPE html><p>the record</p>");
    let kept = heard.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert_eq!(kept, "attachment; filename=\"report.html\"");
}

#[tokio::test]
async fn runs_side_by_side_are_the_page_of_the_command() {
    let visit = Visit::begin().await;
    let (one, two) = (visit.run("one").await, visit.run("two").await);
    let heard = visit.get(&format!("/compare?run={one}&run={two}")).await;
    let runs = ["one", "two"].map(|name| {
        let folder = visit.folder.path().join("out").join(name);
        (name.to_owned(), ReportData::read(&folder).unwrap())
    });
    assert_eq!(heard.status, StatusCode::OK);
    assert_eq!(heard.body, compare::html(&runs, Language::En).unwrap());
    let alone = visit.get(&format!("/compare?run={one}")).await;
    assert_eq!(alone.status, StatusCode::UNPROCESSABLE_ENTITY);
    let unknown = visit.get(&format!("/compare?run={one}&run=one")).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn pages_are_whole_in_both_languages_whatever_names_say() {
    for language in Language::ALL {
        let visit = Visit::with(language, false, Bounds::default()).await;
        put_run(visit.folder.path(), "hostile", example::hostile());
        std::fs::create_dir(visit.folder.path().join("out/<img src=x>")).unwrap();
        std::fs::write(visit.folder.path().join("out/<img src=x>/plan.json"), "{").unwrap();
        let id = visit.run("hostile").await;
        let (pages, code) =
            (["/".to_owned(), format!("/runs/{id}"), "/nowhere".to_owned()], language.code());
        for address in pages {
            let heard = visit.get(&address).await;
            assert!(heard.body.contains(&format!("<html lang=\"{code}\">")), "{address}");
            assert!(!heard.body.contains('⟨'), "{address}: a message is missing");
            for tag in ["<script>", "<img", "<b>", "onerror=\""] {
                assert!(!heard.body.contains(tag), "{address}: {tag}");
            }
        }
    }
}

#[tokio::test]
async fn a_run_is_stale_once_the_history_has_read_another_file() {
    for read_only in [false, true] {
        let visit = Visit::with(Language::En, read_only, Bounds::default()).await;
        let mut report_data = example::report_data(3);
        let path = visit.folder.path().join("history.sqlite");
        let export = visit.folder.path().join("export.csv");
        let import = |letter: &str, month: u8| {
            let head = "network,ad_set,start,end,spend,shares";
            let line = format!("x,a,2026-{month:02}-02,2026-{month:02}-08,10,3");
            std::fs::write(&export, format!("{head}\n{line}\n")).unwrap();
            let mut history = History::open(&path).unwrap();
            let mut import = history.begin().unwrap();
            let (name, fingerprint) = ("export.csv".to_owned(), letter.repeat(64));
            let format = "generic".to_owned();
            import.file(&FileMeta { name, fingerprint, format, currency: None }).unwrap();
            let formats = crate::ingest::formats(&Reference::default()).unwrap();
            let mut row = |row: &_| {
                import.row(row).unwrap();
                std::ops::ControlFlow::Continue(())
            };
            formats.read(&export, None, &mut |read| row(&read)).unwrap();
            import.commit().unwrap();
        };
        import("a", 3);
        let files = &mut report_data.history.as_mut().unwrap().files;
        files.truncate(1);
        files[0].fingerprint = "a".repeat(64);
        put_run(visit.folder.path(), "third", report_data);
        let id = visit.run("third").await;
        let stale = Language::En.text("serve-stale-text");
        assert!(!visit.get(&format!("/runs/{id}")).await.body.contains(&stale));
        import("b", 4);
        assert!(visit.get(&format!("/runs/{id}")).await.body.contains(&stale));
    }
}

#[tokio::test]
async fn playing_needs_a_model_and_says_so() {
    for language in Language::ALL {
        let visit = Visit::with(language, false, Bounds::default()).await;
        let id = visit.run("one").await;
        assert!(!visit.get(&format!("/runs/{id}")).await.body.contains("/play\""));
        let heard = visit.get(&format!("/runs/{id}/play?budget=1")).await;
        assert_eq!(heard.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(heard.body.contains("campaign.toml") && !heard.body.contains('⟨'));
        for name in ["", "..", "../out", "a/b", "a\\b", ".hidden", "a\0b", &"a".repeat(81)] {
            let form = format!("name={}", name.replace('\0', "%00"));
            let heard = visit.post(&format!("/runs/{id}/play/save"), &form).await;
            assert_eq!(heard.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            assert!(heard.body.contains("80"), "{name}: what a name may hold is told");
        }
    }
}

const CAMPAIGN: &str = "# mine\ntitle = \"T\" # kept\nbudget = \"1000 EUR\"\n\
    flight = { start = 2027-03-01, end = 2027-04-11 }\n";

#[tokio::test]
async fn a_campaign_is_kept_when_it_is_sound_and_nobody_wrote_meanwhile() {
    for language in Language::ALL {
        let visit = Visit::with(language, false, Bounds::default()).await;
        let file = visit.folder.path().join("spring.toml");
        std::fs::write(&file, CAMPAIGN).unwrap();
        let address = format!("/campaigns/{}", super::desk::identifier(Path::new("spring.toml")));
        assert!(visit.get("/campaigns").await.body.contains(&address));
        let page = visit.get(&address).await.body;
        assert!(page.contains("# mine") && !page.contains('⟨'), "{page}");
        let seen = |page: &str| {
            let (_, rest) = page.split_once("name=\"seen\" value=\"").unwrap();
            rest[..64].to_owned()
        };
        let form = |text: &str, seen: &str| {
            let text = text.replace('%', "%25").replace('=', "%3D").replace('&', "%26");
            let text = text.replace('\n', "%0D%0A").replace('#', "%23").replace(' ', "+");
            format!("text={text}&seen={seen}")
        };
        let wrong = CAMPAIGN.replace("budget", "budgte");
        let heard = visit.post(&address, &form(&wrong, &seen(&page))).await;
        assert_eq!(heard.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(heard.body.contains("budgte") && heard.body.contains('3'), "{}", heard.body);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), CAMPAIGN);
        let other = CAMPAIGN.replace("1000", "2000");
        let heard = visit.post(&address, &form(&other, &seen(&page))).await;
        assert_eq!(heard.status, StatusCode::SEE_OTHER);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), other);
        let heard = visit.post(&address, &form(CAMPAIGN, &seen(&page))).await;
        assert_eq!(heard.status, StatusCode::CONFLICT, "it changed since the page was made");
        assert!(heard.body.contains("2000 EUR") && heard.body.contains("1000 EUR"));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), other);
    }
}

#[tokio::test]
async fn maps_are_no_campaigns_and_a_campaign_with_a_fault_is_one() {
    let visit = Visit::begin().await;
    let faulty = CAMPAIGN.replace("budget", "budgte").replace("title", "titel");
    let files = [
        ("map.toml", include_str!("../../data/demo/map.toml"), false),
        ("google.toml", include_str!("../../data/maps/google-ads.toml"), false),
        ("spring.toml", CAMPAIGN, true),
        ("faulty.toml", &faulty, true),
        ("broken.toml", "title = \"T", true),
        ("empty.toml", "", true),
    ];
    for (name, text, _) in files {
        std::fs::write(visit.folder.path().join(name), text).unwrap();
    }
    let page = visit.get("/campaigns").await.body;
    for (name, _, is_campaign) in files {
        assert_eq!(page.contains(&format!(">{name}</a>")), is_campaign, "{name}: {page}");
        let address = format!("/campaigns/{}", super::desk::identifier(Path::new(name)));
        assert_eq!(visit.get(&address).await.status == StatusCode::OK, is_campaign, "{name}");
    }
}

#[tokio::test]
async fn a_campaign_that_reads_elsewhere_or_does_not_exist_is_not_run() {
    let visit = Visit::begin().await;
    let outside = tempfile::tempdir().unwrap();
    let history = outside.path().join("history.sqlite");
    drop(History::open(&history).unwrap());
    let text = format!("{CAMPAIGN}[history]\nfile = \"{}\"\n", history.display());
    std::fs::write(visit.folder.path().join("far.toml"), text).unwrap();
    let id = super::desk::identifier(Path::new("far.toml"));
    let heard = visit.post(&format!("/campaigns/{id}/run"), "").await;
    assert_eq!(heard.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(heard.body.contains("outside the folder"), "{}", heard.body);
    let heard = visit.post("/campaigns/0123456789abcdef/run", "").await;
    assert_eq!(heard.status, StatusCode::NOT_FOUND);
    assert_eq!(visit.post("/jobs/0/stop", "").await.status, StatusCode::NOT_FOUND);
    let looking = Visit::with(Language::En, true, Bounds::default()).await;
    std::fs::write(looking.folder.path().join("far.toml"), CAMPAIGN).unwrap();
    for address in [format!("/campaigns/{id}/run"), format!("/campaigns/{id}")] {
        let heard = looking.post(&address, "text=&seen=").await;
        assert_eq!(heard.status, StatusCode::FORBIDDEN, "{address}");
    }
}
