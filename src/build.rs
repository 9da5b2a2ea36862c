//! Tells cargo that the binary embeds `data/` and `models/`, and which commit it is built from.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=data");
    println!("cargo:rerun-if-changed=models");
    println!("cargo:rerun-if-env-changed=RELAIS_COMMIT");
    if let Some(commit) = commit() {
        println!("cargo:rustc-env=RELAIS_VERSION={} ({commit})", env!("CARGO_PKG_VERSION"));
    }
}

/// The commit, where it is known: `RELAIS_COMMIT`, or what git says of an optimised build. Others
/// would be built anew for every commit.
fn commit() -> Option<String> {
    if let Ok(commit) = std::env::var("RELAIS_COMMIT") {
        let is_one = commit.len() >= 7 && commit.chars().all(|c| c.is_ascii_hexdigit());
        return is_one.then(|| commit[..7].to_owned());
    }
    if std::env::var("PROFILE").is_ok_and(|profile| profile != "release") {
        return None;
    }
    // No file is named to cargo where there is no git.
    for path in ["HEAD", "logs/HEAD"] {
        println!("cargo:rerun-if-changed={}", git(&["rev-parse", "--git-path", path])?);
    }
    git(&["rev-parse", "--short=7", "HEAD"])
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned()).filter(|text| !text.is_empty())
}
