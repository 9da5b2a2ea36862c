//! Parse, run, print the error chain, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    relais::cli::start(words())
}

/// What was typed.
#[cfg(not(windows))]
fn words() -> std::env::ArgsOs {
    std::env::args_os()
}

/// What was typed, with the names that `*` and `?` stand for: no shell of Windows looks them up.
#[cfg(windows)]
fn words() -> impl Iterator<Item = std::ffi::OsString> {
    wild::args_os()
}
