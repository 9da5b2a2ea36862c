//! Campaign files as a newcomer gets them wrong.

use assert_cmd::Command;

fn relais() -> Command {
    let mut command = Command::cargo_bin("relais").expect("cargo builds the binary");
    command.env("LC_ALL", "C");
    command
}

#[test]
fn a_command_that_does_not_exist_is_bad_input() {
    relais().arg("plam").assert().code(2);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    use assert_cmd::cargo::CommandCargoExt as _;
    use std::process::Stdio;
    let mut child = std::process::Command::cargo_bin("relais")
        .expect("cargo builds the binary")
        .args(["schema", "campaign"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
}
