//! `relais serve` from outside: one line with the address, answers on loopback, a clean end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

use assert_cmd::cargo::CommandCargoExt;
use serde_json::Value;

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

    fn ask(&self, request: &str) -> String {
        let place = SocketAddr::from(([127, 0, 0, 1], self.port()));
        let mut stream = TcpStream::connect(place).expect("it listens");
        stream.write_all(request.replace('\n', "\r\n").as_bytes()).expect("it hears");
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
