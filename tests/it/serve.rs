//! `relais serve` from outside: one line with the address, answers on loopback, a clean end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

use assert_cmd::cargo::CommandCargoExt;
use relais::language::Language;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::scene::{lay, scene};

const FORM: &str = "application/x-www-form-urlencoded";

/// A page under way; it ends with the test.
struct Serving {
    child: Child,
    told: Value,
}

impl Serving {
    fn begin(folder: &std::path::Path, more: &[&str]) -> Self {
        let mut command = Command::cargo_bin("relais").expect("the binary");
        command.args(["serve", "--json", "--lang", "en"]).args(more).arg(folder);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        Self { child, told: serde_json::from_str(&line).expect("one object") }
    }

    fn port(&self) -> u16 {
        self.told["port"].as_u64().and_then(|port| port.try_into().ok()).expect("a port")
    }

    /// Somebody with the session's cookie, as our own page sends.
    fn post(&self, cookie: &str, address: &str, kind: &str, body: &str) -> (String, String) {
        let (port, length) = (self.port(), body.len());
        let head = format!(
            "POST {address} HTTP/1.1\nHost: 127.0.0.1:{port}\nConnection: close\n\
             Origin: http://127.0.0.1:{port}\nSec-Fetch-Site: same-origin\nCookie: {cookie}\n\
             Content-Type: {kind}\nContent-Length: {length}\n\n"
        );
        let answer = self.send(&(head.replace('\n', "\r\n") + body));
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        (head.to_owned(), body.to_owned())
    }

    /// The session's cookie.
    fn enter(&self) -> String {
        let form = format!("token={}", self.told["token"].as_str().expect("a token"));
        let (head, _) = self.post("", "/session", FORM, &form);
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        cookie.and_then(|cookie| cookie.split(';').next()).expect("one").to_owned()
    }

    fn ask(&self, request: &str) -> String {
        self.send(&request.replace('\n', "\r\n"))
    }

    /// A page, as somebody with the session's cookie sees it.
    fn get(&self, cookie: &str, address: &str) -> String {
        let host = format!("Host: 127.0.0.1:{}\nConnection: close", self.port());
        self.ask(&format!("GET {address} HTTP/1.1\n{host}\nCookie: {cookie}\n\n"))
    }

    fn send(&self, request: &str) -> String {
        let place = SocketAddr::from(([127, 0, 0, 1], self.port()));
        let mut stream = TcpStream::connect(place).expect("it listens");
        stream.write_all(request.as_bytes()).expect("it hears");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_address_opens_the_page_and_the_token_is_needed() {
    let folder = tempfile::tempdir().expect("a folder");
    let serving = Serving::begin(folder.path(), &[]);
    let (port, token) = (serving.port(), serving.told["token"].as_str().expect("a token"));
    assert_eq!(serving.told["url"], format!("http://127.0.0.1:{port}/#token={token}"));
    let host = format!("Host: 127.0.0.1:{port}\nConnection: close\n");
    let answer = serving.ask(&format!("GET / HTTP/1.1\n{host}\n"));
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    let body = format!("token={token}");
    let answer = serving.ask(&format!(
        "POST /session HTTP/1.1\n{host}Origin: http://127.0.0.1:{port}\nSec-Fetch-Site: same-origin\n\
         Content-Type: application/x-www-form-urlencoded\nContent-Length: {}\n\n{body}",
        body.len()
    ));
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("one");
    let cookie = cookie.split(';').next().expect("a pair");
    let answer = serving.ask(&format!("GET / HTTP/1.1\n{host}Cookie: {cookie}\n\n"));
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("All runs"), "{answer}");
    let answer = serving.ask("GET / HTTP/1.1\nHost: evil.example\nConnection: close\n\n");
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
}

#[test]
fn a_folder_that_is_served_is_not_served_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let _first = Serving::begin(folder.path(), &[]);
    let mut second = Command::cargo_bin("relais").expect("the binary");
    let second = second.args(["serve", "--lang", "en"]).arg(folder.path()).output().expect("runs");
    assert_eq!(second.status.code(), Some(2));
    let told = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(told.contains("is served already") && told.contains("--read-only"), "{told}");
    let _looking = Serving::begin(folder.path(), &["--read-only"]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_well_and_frees_the_folder() {
    for signal in ["-INT", "-TERM"] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut serving = Serving::begin(folder.path(), &[]);
        let id = serving.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().expect("kill runs");
        assert!(sent.success());
        assert_eq!(serving.child.wait().expect("it ends").code(), Some(0), "{signal}");
        let _next = Serving::begin(folder.path(), &[]);
    }
}

/// What addresses call a name: the first 16 digits of its digest.
fn identifier(name: &str) -> String {
    Sha256::digest(name)[..8].iter().fold(String::new(), |all, byte| format!("{all}{byte:02x}"))
}

#[test]
fn what_is_played_is_what_the_command_prints_for_the_campaign_that_it_saves() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = std::fs::canonicalize(folder.path()).expect("it is there");
    lay(scene(), &at);
    let serving = Serving::begin(&at, &[]);
    let cookie = serving.enter();
    let wish = json!({
        "campaign": "c", "budget": 330.5, "prudence": 0.25, "pins": { "a": 100 },
    });
    let solve =
        |wish: &Value| serving.post(&cookie, "/solve", "application/json", &wish.to_string());
    let (head, played) = solve(&wish);
    assert!(head.starts_with("HTTP/1.1 200"), "{head} {played}");
    let form = format!("budget=330.5&prudence=0.25&pin-{}=100&name=played", identifier("a"));
    let address = format!("/runs/{}/play/save", identifier("out/c"));
    let (head, saved) = serving.post(&cookie, &address, FORM, &form);
    assert!(head.starts_with("HTTP/1.1 200") && saved.contains("played.toml"), "{head} {saved}");
    let (head, _) = serving.post(&cookie, &address, FORM, &form);
    assert!(head.starts_with("HTTP/1.1 409"), "a file that is there is not written over: {head}");
    let mut plan = Command::cargo_bin("relais").expect("the binary");
    plan.args(["plan", "--json", "--lang", "en", "--out"]).arg(at.join("elsewhere"));
    plan.arg(at.join("played.toml")).arg("--model").arg(at.join("out/c/model.json"));
    let printed = plan.output().expect("runs");
    assert!(printed.status.code().is_some_and(|code| code < 2), "{printed:?}");
    assert_eq!(String::from_utf8(printed.stdout).expect("text").trim(), played.trim());

    let quick = json!({ "campaign": "c", "budget": 330.5, "provisional": true, "rows": true });
    let (head, quick) = solve(&quick);
    let quick: Value = serde_json::from_str(&quick).expect("one object");
    assert!(head.starts_with("HTTP/1.1 200") && quick["provisional"] == true, "{quick}");
    let rows = quick["rows"].as_array().expect("rows");
    let spent: f64 = rows.iter().filter_map(|row| row["budget"].as_f64()).sum();
    assert!((spent - quick["spent"].as_f64().expect("a number")).abs() < 1e-6);
    for (wrong, word) in [
        (json!({ "campaign": "../../etc", "budget": 1 }), "nothing is here"),
        (json!({ "campaign": "c", "pins": { "nobody": 1 } }), "nobody"),
        (json!({ "campaign": "c", "pins": { "a": 1e9 } }), "a"),
        (json!({ "campaign": "c", "budgets": 1 }), "budgets"),
    ] {
        let (head, told) = solve(&wrong);
        assert!(!head.starts_with("HTTP/1.1 2"), "{wrong}");
        let told: Value = serde_json::from_str(&told).expect("one object");
        let told = told["error"].as_str().expect("an error").to_lowercase();
        assert!(told.contains(word), "{wrong}: {told}");
    }
}

#[test]
fn a_campaign_run_by_the_page_is_done_for_the_command_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = std::fs::canonicalize(folder.path()).expect("it is there");
    lay(scene(), &at);
    let serving = Serving::begin(&at, &[]);
    let cookie = serving.enter();
    let address = format!("/campaigns/{}/run", identifier("h.toml"));
    let (head, told) = serving.post(&cookie, &address, FORM, "");
    assert!(head.starts_with("HTTP/1.1 303"), "{head} {told}");
    let host = format!("Host: 127.0.0.1:{}\nConnection: close\nCookie: {cookie}\n", serving.port());
    let job = loop {
        let answer = serving.ask(&format!("GET /jobs HTTP/1.1\n{host}\n"));
        let (_, body) = answer.split_once("\r\n\r\n").expect("a head");
        let jobs: Value = serde_json::from_str(body).expect("one object");
        if jobs["jobs"][0]["goes_on"] == false {
            break jobs["jobs"][0].clone();
        }
        std::thread::yield_now();
    };
    assert_eq!(job["run"], identifier("out/h"), "{job}");
    let mut run = Command::cargo_bin("relais").expect("the binary");
    run.args(["run", "--json", "--lang", "en", "--out"]).arg(at.join("out")).arg(at.join("h.toml"));
    let told = run.output().expect("runs");
    let told: Value = serde_json::from_slice(&told.stdout).expect("one object");
    assert_eq!(told["campaigns"][0]["status"], "skipped", "{told}");
    // One that is stopped leaves nothing behind.
    let before = std::fs::read_dir(at.join("out")).expect("a folder").count();
    std::fs::write(at.join("again.toml"), std::fs::read(at.join("h.toml")).expect("a file"))
        .expect("kept");
    let address = format!("/campaigns/{}/run", identifier("again.toml"));
    let (head, _) = serving.post(&cookie, &address, FORM, "");
    assert!(head.starts_with("HTTP/1.1 303"), "{head}");
    let (head, _) = serving.post(&cookie, "/jobs/1/stop", FORM, "");
    assert!(head.starts_with("HTTP/1.1 303"), "{head}");
    loop {
        let answer = serving.ask(&format!("GET /jobs HTTP/1.1\n{host}\n"));
        if !answer.contains("\"goes_on\":true") {
            assert!(answer.contains("stopped; nothing was left"), "{answer}");
            break;
        }
        std::thread::yield_now();
    }
    assert_eq!(std::fs::read_dir(at.join("out")).expect("a folder").count(), before);
}

#[test]
fn what_is_dropped_on_the_page_is_what_the_command_imports_and_prints() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = std::fs::canonicalize(folder.path()).expect("it is there");
    lay(scene(), &at);
    let serving = Serving::begin(&at, &[]);
    let cookie = serving.enter();
    let export = std::fs::read_to_string(at.join("rows.csv")).expect("an export");
    let body = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"files\"; filename=\"rows.csv\"\r\n\r\n\
         {export}\r\n--edge--\r\n"
    );
    let (head, told) =
        serving.post(&cookie, "/imports", "multipart/form-data; boundary=edge", &body);
    assert!(head.starts_with("HTTP/1.1 303"), "{head} {told}");
    let place = head.lines().find_map(|line| line.strip_prefix("location: ")).expect("a way");
    assert!(serving.get(&cookie, place).contains("rows.csv"));
    assert!(!at.join("history.sqlite").exists());
    let (head, told) = serving.post(&cookie, &format!("{place}/keep"), FORM, "");
    assert!(head.starts_with("HTTP/1.1 200"), "{head} {told}");
    let posts = |history: &str| {
        let mut posts = Command::cargo_bin("relais").expect("the binary");
        posts.args(["history", "posts", "--json", "--sort", "engagement_rate", "--history"]);
        let told = posts.arg(at.join(history)).output().expect("runs").stdout;
        serde_json::from_slice::<Value>(&told).expect("one object")
    };
    let printed = posts("history.sqlite");
    assert_eq!(printed, posts("h.sqlite"), "the page stores what the command stores");
    let page = serving.get(&cookie, "/history?lines=2000");
    let mut rest = page.split_once("<tbody>").expect("a table").1;
    let found = printed["posts"].as_array().expect("posts");
    assert!(!found.is_empty());
    for post in found {
        for number in [&post["engagement_rate"]["mean"], &post["engagement_rate"]["low"]] {
            let told = Language::En.percent(number.as_f64().expect("a rate"), 2);
            rest = rest.split_once(&told).unwrap_or_else(|| panic!("{told} in {rest}")).1;
        }
    }
    let (head, told) = serving.post(&cookie, "/imports/undo", FORM, "import=1");
    assert!(head.starts_with("HTTP/1.1 200"), "{head} {told}");
}
