//! Parse, run, print the error chain, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    relais::cli::start(std::env::args_os())
}
