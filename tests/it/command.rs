//! The command line, as a user has it.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

pub(crate) const STALELAB: &str = env!("CARGO_BIN_EXE_stalelab");

/// Runs it without colours, with this on its standard input.
pub(crate) fn stalelab(args: &[&str], stdin: &str) -> Output {
    let mut command = Command::new(STALELAB);
    command.args(["--color", "never"]).args(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    // Whoever does not read it closes it.
    let _ = child.stdin.take().expect("piped").write_all(stdin.as_bytes());
    child.wait_with_output().expect("it ends")
}

/// How it ends, and what it prints.
pub(crate) fn printed(args: &[&str]) -> (Option<i32>, String) {
    let output = stalelab(args, "");
    (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
}
