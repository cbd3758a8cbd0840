//! `run --charts` and `chart` from the command line: the same bytes, exit codes, what is told.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::command::stalelab;

/// A scenario that takes no time to run, with one variant.
const ONE: &str = r#"
duration = "4s"
replications = 2

[workload]
arrivals = { poisson = { rate = 200.0 } }
read_share = 0.9
keys = 20

[[variant]]
name = "NAME"
strategy = { ttl-only = { ttl = "1s" } }
"#;

/// Runs it under a name for its variant, with charts, in a folder of this test's own.
fn run(test: &str, name: &str) -> (PathBuf, Output) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("chart").join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the target folder is writable");
    let scenario = folder.join("one.toml");
    fs::write(&scenario, ONE.replace("NAME", name)).expect("writable");
    let out = folder.join("out");
    let (scenario, path) = (scenario.to_string_lossy(), out.to_string_lossy());
    let args = ["run", &scenario, "--no-progress", "--output", &path, "--charts"];
    let output = stalelab(&[&args[..], &["--format", "svg"]].concat(), "");
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    (out, output)
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn chart(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = stalelab(&[&["chart", &folder.to_string_lossy()], args].concat(), "");
    (output.status.code(), told(&output))
}

#[test]
fn charts_from_a_runs_files_are_those_drawn_with_the_run() {
    let (folder, _) = run("again", "one");
    let read = |folder: &Path| -> Vec<(PathBuf, Vec<u8>)> {
        let entries = fs::read_dir(folder).expect("it is there").flatten();
        let mut files: Vec<_> = entries
            .map(|it| (it.file_name().into(), fs::read(it.path()).expect("readable")))
            .collect();
        files.sort();
        files
    };
    let drawn = read(&folder.join("charts"));
    assert!(drawn.len() > 5, "{}", drawn.len());
    let again = folder.join("again");
    let (code, told) = chart(&folder, &["--format", "svg", "--output", &again.to_string_lossy()]);
    assert_eq!(code, Some(0), "{told}");
    assert!(read(&again) == drawn);
    assert!(told.contains("no chart `cost-load`: fewer than two variants"), "{told}");
}

#[test]
fn what_cannot_be_drawn_is_told_by_the_exit_code() {
    let (folder, output) = run("wrong", "one");
    assert!(!told(&output).contains('□'));
    // Asked for by name, it must be drawn.
    let (code, told) = chart(&folder, &["--kind", "cost-load"]);
    assert_eq!(code, Some(4), "{told}");
    let (code, told) = chart(&folder, &["--kind", "pie"]);
    assert!(code == Some(2) && told.contains("one of stale-reads"), "{told}");
    let (code, told) = chart(&folder.join("nowhere"), &[]);
    assert!(code == Some(3) && told.contains("summary.json: is missing"), "{told}");
    let timeline = folder.join("timeline.csv");
    let table = fs::read_to_string(&timeline).expect("text");
    fs::write(&timeline, table.replacen(",0,", ",zero,", 1)).expect("writable");
    let (code, told) = chart(&folder, &[]);
    assert!(code == Some(3) && told.contains("timeline.csv: line 2: `"), "{told}");
}

#[test]
fn letters_that_charts_lack_are_told() {
    let (_, output) = run("letters", "日本 1");
    let told = told(&output);
    assert!(told.contains("note: charts show □ for `日`, `本`: their font"), "{told}");
}
