//! Tells cargo that the binary embeds `data/` and `models/`, and which commit it is built from; gives
//! a Windows program its icon, its manifest and its version.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=data");
    println!("cargo:rerun-if-changed=models");
    println!("cargo:rerun-if-env-changed=RELAIS_COMMIT");
    if let Some(commit) = commit() {
        println!("cargo:rustc-env=RELAIS_VERSION={} ({commit})", env!("CARGO_PKG_VERSION"));
    }
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "windows") {
        windows();
    }
}

/// What Windows shows of the program, where the compiler is mingw's and has `windres` beside it; and
/// as much stack as elsewhere (Windows gives an eighth).
fn windows() {
    if std::env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "msvc") {
        println!("cargo:rustc-link-arg-bins=/STACK:8388608");
        return;
    }
    println!("cargo:rustc-link-arg-bins=-Wl,--stack,8388608");
    let folder = Path::new("packaging").join("windows");
    println!("cargo:rerun-if-changed={}", folder.display());
    let Ok(out) = std::env::var("OUT_DIR") else { return };
    let object = Path::new(&out).join("resources.o");
    let list = env!("CARGO_PKG_VERSION").replace('.', ",");
    let made = Command::new("x86_64-w64-mingw32-windres")
        .arg(format!("-DVERSION_LIST={list},0"))
        .arg(concat!("-DVERSION_TEXT=\\\"", env!("CARGO_PKG_VERSION"), "\\\""))
        .args(["-O", "coff", "-o"])
        .arg(&object)
        .arg("relais.rc")
        .current_dir(&folder)
        .status();
    if made.is_ok_and(|status| status.success()) {
        println!("cargo:rustc-link-arg-bins={}", object.display());
    } else {
        println!("cargo:warning=no windres: the program has no icon, manifest or version");
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
