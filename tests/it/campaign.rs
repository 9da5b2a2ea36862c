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
