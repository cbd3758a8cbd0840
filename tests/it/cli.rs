//! The command line from outside: exit codes, streams, files.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const STALELAB: &str = env!("CARGO_BIN_EXE_stalelab");

/// A scenario that takes no time to run.
const SMALL: &str = r#"
title = "Small"
summary = "As little as can be run."
seed = 3
duration = "2s"
replications = 2

[workload]
clients = 10
arrivals = { poisson = { rate = 200.0 } }
read_share = 0.9
keys = 20

[[variant]]
name = "no cache"
strategy = { no-cache = {} }

[[variant]]
name = "delete on write"
strategy = { delete-on-write = {} }
"#;

/// A claim that holds of any run.
const HOLDS: &str = "[[expect]]\nvariant = \"no cache\"\nmetric = \"reads\"\nmin = 1.0\n";
/// A claim that fails in any run.
const FAILS: &str = "[[expect]]\nvariant = \"no cache\"\nmetric = \"reads\"\nmax = 0.5\n";
/// A claim that nothing can be said about: there are no acts.
const UNDECIDED: &str =
    "[[expect]]\nvariant = \"no cache\"\nmetric = \"failed_act_ratio\"\nmax = 0.5\n";

/// The files a run leaves.
const FILES: [&str; 9] = [
    "freshness.csv",
    "latency.csv",
    "manifest.json",
    "replications.csv",
    "stale_keys.csv",
    "staleness.csv",
    "summary.csv",
    "summary.json",
    "timeline.csv",
];

/// An empty folder of this test's own.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the target folder is writable");
    folder
}

/// Runs stalelab in a folder.
fn stalelab(folder: &Path, args: &[&str]) -> Output {
    Command::new(STALELAB).args(args).current_dir(folder).output().expect("it starts")
}

/// Writes `SMALL` with these additions as `small.toml`, and runs it.
fn run_small(test: &str, additions: &[&str], args: &[&str]) -> (PathBuf, Output) {
    let folder = folder(test);
    let text = format!("{SMALL}\n{}", additions.join("\n"));
    fs::write(folder.join("small.toml"), text).expect("writable");
    let output = stalelab(&folder, &[&["run", "small.toml"], args].concat());
    (folder, output)
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("UTF-8")
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("UTF-8")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("it is there").flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[track_caller]
fn assert_code(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{}\n{}", stdout(output), stderr(output));
}

#[test]
fn expectations_decide_the_exit_code() {
    let cases: [(&str, &[&str], i32); 5] = [
        ("none", &[], 0),
        ("held", &[HOLDS], 0),
        ("failed", &[HOLDS, FAILS], 1),
        ("undecided", &[HOLDS, UNDECIDED], 4),
        ("failed-and-undecided", &[UNDECIDED, FAILS], 1),
    ];
    for (name, additions, code) in cases {
        let (folder, output) = run_small(&format!("expect-{name}"), additions, &[]);
        assert_code(&output, code);
        assert_eq!(names(&folder.join("output/small")), FILES, "{name}: files are written anyway");
    }
}

#[test]
fn wrong_usage_and_invalid_scenarios_exit_with_2() {
    let folder = folder("usage");
    fs::write(folder.join("bad.toml"), "titel = \"x\"\n").expect("writable");
    // Its stem is `..`, and the results are not to land above the folder `output`.
    fs::write(folder.join("...toml"), SMALL).expect("writable");
    for args in [
        &["run"][..],
        &["fly"],
        &["run", "bad.toml"],
        &["run", "in-stok"],
        &["run", "in-stock", "--set", "nonsense"],
        &["run", "in-stock", "--replications", "0"],
        &["run", "in-stock", "-j", "0"],
        &["check", "bad.toml", "in-stock"],
        &["verify", "bad.toml"],
        &["run", "...toml"],
        &["explain", "late-fil"],
    ] {
        let output = stalelab(&folder, args);
        assert_code(&output, 2);
        assert!(!stderr(&output).is_empty(), "{args:?}");
    }
    assert_eq!(names(&folder), ["...toml", "bad.toml"], "nothing was written");
    let output = stalelab(&folder, &["run", "in-stok"]);
    assert!(stderr(&output).contains("did you mean `in-stock`?"), "{}", stderr(&output));
    let output = stalelab(&folder, &["explain", "late-fil"]);
    assert!(stderr(&output).contains("late-fill"), "{}", stderr(&output));
}

#[test]
fn what_cannot_be_read_or_written_exits_with_3() {
    let (folder, output) = run_small("unwritable", &[], &["-o", "small.toml/deeper"]);
    assert_code(&output, 3);
    let message = stderr(&output);
    assert!(message.contains("cannot write small.toml/deeper: "), "{message}");
    assert_eq!(stdout(&output), "", "it stops before it runs");
    let output = stalelab(&folder, &["run", "missing.toml"]);
    assert_code(&output, 3);
    assert!(stderr(&output).contains("missing.toml"), "{}", stderr(&output));
}

#[test]
fn a_rerun_with_other_threads_gives_the_same_bytes() {
    let (folder, output) = run_small("rerun", &[], &["-j", "1"]);
    assert_code(&output, 0);
    let read = || {
        let read = |name: &&str| fs::read(folder.join("output/small").join(name)).expect("written");
        FILES.iter().map(read).collect::<Vec<_>>()
    };
    let first = read();
    assert_code(&stalelab(&folder, &["run", "./small.toml", "-j", "3"]), 0);
    assert_eq!(names(&folder.join("output/small")), FILES, "no temporary file stays");
    assert!(first == read(), "the bytes differ");
    for bytes in first {
        let text = String::from_utf8(bytes).expect("text");
        assert!(!text.contains(&folder.display().to_string()), "an absolute path: {text}");
    }
}

#[test]
fn the_last_line_replays_the_run() {
    let (folder, output) =
        run_small("replay", &[], &["--seed", "11", "--set", "workload.read_share=0.5"]);
    assert_code(&output, 0);
    let last = stdout(&output).lines().last().unwrap_or_default();
    assert_eq!(last, "replay: stalelab run small.toml --seed 11 --set workload.read_share=0.5");
    let manifest = fs::read_to_string(folder.join("output/small/manifest.json")).expect("written");
    let args: Vec<&str> = last.split_whitespace().skip(2).collect();
    let again = stalelab(&folder, &args);
    assert_eq!(stdout(&again), stdout(&output));
    assert_eq!(
        fs::read_to_string(folder.join("output/small/manifest.json")).expect("written"),
        manifest
    );
}

#[test]
fn json_is_the_only_thing_on_stdout_and_the_same_as_the_file() {
    let (folder, output) = run_small("json", &[FAILS], &["--json"]);
    assert_code(&output, 1);
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(value["scenario"]["seed"], 3);
    assert_eq!(value["variants"][1]["strategy"], "delete-on-write");
    let file = fs::read(folder.join("output/small/summary.json")).expect("written");
    assert_eq!(output.stdout, file);
}

#[test]
fn quiet_is_quiet_and_verbose_has_every_metric() {
    let (folder, output) = run_small("quiet", &[], &["-q"]);
    assert_code(&output, 0);
    assert_eq!((stdout(&output), stderr(&output)), ("", ""));
    let output = stalelab(&folder, &["run", "small.toml", "-v"]);
    assert!(stdout(&output).contains("read_latency_mean_ms"), "{}", stdout(&output));
    assert!(stdout(&output).contains("stale_cause.late-fill"), "{}", stdout(&output));
    assert!(!stdout(&output).contains("stale_cause.cold-copy"), "nothing produces it");
    let summary = fs::read_to_string(folder.join("output/small/summary.csv")).expect("written");
    let empty = "no cache,no-cache,stale_cause.cold-copy,ratio,0,,,";
    assert!(summary.lines().any(|line| line == empty), "{summary}");
}

#[test]
fn a_scenario_comes_from_standard_input_too() {
    let folder = folder("stdin");
    for (args, expected) in [
        (&["check", "-"][..], "<stdin>: ok: 2 variants, 2 replications"),
        (&["run", "-"], "replay: stalelab run - --seed 3 < FILE  # FILE: what was"),
        (&["verify", "-"], "identical: 9 files, digest "),
    ] {
        let mut child = Command::new(STALELAB)
            .args(args)
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut stdin = child.stdin.take().expect("piped");
        stdin.write_all(SMALL.as_bytes()).expect("it listens");
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        assert_code(&output, 0);
        assert!(stdout(&output).contains(expected), "{args:?}\n{}", stdout(&output));
    }
    assert_eq!(names(&folder.join("output")), ["stdin"]);
}

/// A trace of two seconds and a nanosecond, and what replays it.
const TRACE: &str = "time_s,client,op,key\n0,a,read,k\n0.1,b,write,k\n0.2,a,read,k\n2,a,read,z\n";
const REPLAY: &str = "
[workload]
arrivals = { trace = { file = \"trace.csv\", format = \"csv\" } }

[[variant]]
strategy = { delete-on-write = {} }
";

/// Checks and runs a replay of this trace with these additions.
fn replay(test: &str, trace: &str, before: &str, after: &str) -> [Output; 2] {
    let folder = folder(test);
    fs::write(folder.join("trace.csv"), trace).expect("writable");
    fs::write(folder.join("r.toml"), format!("{before}{REPLAY}{after}")).expect("writable");
    [&["check", "r.toml"][..], &["run", "r.toml"]].map(|args| stalelab(&folder, args))
}

#[test]
fn what_comes_after_the_end_of_a_trace_is_an_error_with_its_place() {
    let cases = [
        ("fault", "", "\n[[fault]]\nat = \"1h\"\ncache-restart = {}\n", "r.toml:9:6"),
        ("warmup", "warmup = \"1h\"\n", "", "r.toml:1:10"),
        ("just-over", "warmup = \"2s\"\nduration = \"1s\"\n", "", ""),
    ];
    for (name, before, after, place) in cases {
        for output in replay(&format!("too-late-{name}"), TRACE, before, after) {
            assert_code(&output, if place.is_empty() { 0 } else { 2 });
            assert!(stderr(&output).contains(place), "{}", stderr(&output));
        }
    }
}

#[test]
fn a_trace_that_is_shorter_than_the_duration_says_so() {
    let [check, run] = replay("short-trace", TRACE, "duration = \"1h\"\n", "");
    assert_code(&check, 0);
    let line = "r.toml: ok: 1 variant, 1 replication, 2s measured, not 1h: the trace is over \
                before\n";
    assert_eq!(stdout(&check), line);
    assert_code(&run, 0);
    assert!(stdout(&run).contains("\n2s measured, 1 replication, seed 1."), "{}", stdout(&run));
    assert!(stdout(&run).contains("The trace is over after 2s"), "{}", stdout(&run));
    let [check, _] = replay("whole-trace", TRACE, "", "");
    assert_eq!(stdout(&check), "r.toml: ok: 1 variant, 1 replication, 2s measured\n");
}

#[test]
fn check_reads_the_trace() {
    let trace = "time_s,client,op,key\n1,a,read,k\n0.5,a,read,k\n";
    for output in replay("bad-trace", trace, "", "") {
        assert_code(&output, 2);
        assert!(stderr(&output).contains("trace.csv:3: "), "{}", stderr(&output));
        assert_eq!(stdout(&output), "");
    }
}

#[test]
fn a_reader_that_left_is_no_failure() {
    let folder = folder("pipe");
    fs::write(folder.join("small.toml"), SMALL).expect("writable");
    for args in [
        &["list"][..],
        &["schema"],
        &["explain", "late-fill"],
        &["--help"],
        &[],
        &["run", "small.toml", "-q", "--json"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = Command::new(STALELAB);
        command.args(args).current_dir(&folder).stdout(writer);
        let output = command.stderr(Stdio::piped()).output().expect("it starts");
        assert_code(&output, 0);
        assert_eq!(stderr(&output), "", "{args:?}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_exits_with_130_and_leaves_no_partial_file() {
    let folder = folder("ctrl-c");
    fs::write(folder.join("small.toml"), SMALL).expect("writable");
    let child = Command::new(STALELAB)
        .args(["run", "small.toml", "--replications", "1000000"])
        .current_dir(&folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    // The folder is made once the handler is there.
    while !folder.join("output/small").exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill").success());
    let output = child.wait_with_output().expect("it ends");
    assert_code(&output, 130);
    assert_eq!(stdout(&output), "");
    assert_eq!(names(&folder.join("output/small")), [""; 0]);
}

#[cfg(unix)]
#[test]
fn verify_leaves_nothing_behind_when_interrupted() {
    let folder = folder("ctrl-c-verify");
    fs::write(folder.join("small.toml"), SMALL).expect("writable");
    let temporary = folder.join("tmp");
    fs::create_dir(&temporary).expect("writable");
    let mut child = Command::new(STALELAB)
        .args(["verify", "small.toml", "--replications", "1000000"])
        .current_dir(&folder)
        .env("TMPDIR", &temporary)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    // The run within has made its folder.
    while names(&temporary).is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let pid = child.id().to_string();
    while child.try_wait().expect("it is ours").is_none() {
        // The second signal may come too late, which is no failure.
        let _ = Command::new("kill").args(["-INT", &pid]).stderr(Stdio::null()).status();
    }
    let output = child.wait_with_output().expect("it ends");
    assert_code(&output, 130);
    assert_eq!(names(&temporary), [""; 0]);
}

#[test]
fn verify_finds_two_runs_identical() {
    let (folder, _) = run_small("verify", &[FAILS], &[]);
    let output = stalelab(&folder, &["verify", "small.toml", "--seed", "5"]);
    assert_code(&output, 0);
    assert!(stdout(&output).starts_with("identical: 9 files, digest "), "{}", stdout(&output));
    let output = stalelab(&folder, &["verify", "missing.toml"]);
    assert_code(&output, 3);
}

#[test]
fn help_shows_examples_and_exit_codes() {
    let folder = folder("help");
    let short = stalelab(&folder, &[]);
    assert_code(&short, 0);
    assert_eq!(stdout(&short).matches("  stalelab ").count(), 5, "{}", stdout(&short));
    for args in [&["--help"][..], &["run", "--help"], &["run", "-h"]] {
        let output = stalelab(&folder, args);
        assert_code(&output, 0);
        for code in ["0    ok", "1    an", "2    wrong", "3    ", "4    ", "70   ", "130  "] {
            assert!(stdout(&output).contains(code), "{args:?} {code}\n{}", stdout(&output));
        }
        let widest = stdout(&output).lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(100), "{}", stdout(&output));
    }
}

#[test]
fn lists_and_the_schema_are_complete() {
    let folder = folder("list");
    let everything = stalelab(&folder, &["list"]);
    assert_code(&everything, 0);
    for (section, entry) in [
        ("scenarios", "in-stock"),
        ("strategies", "delete-on-write"),
        ("faults", "cache-restart"),
        ("metrics", "stale_read_ratio"),
    ] {
        let output = stalelab(&folder, &["list", section]);
        assert_code(&output, 0);
        assert!(stdout(&output).contains(&format!("\n  {entry} ")), "{}", stdout(&output));
        assert!(stdout(&everything).contains(stdout(&output)), "{section}");
    }
    assert!(!stdout(&everything).contains("?."), "{}", stdout(&everything));
    let output = stalelab(&folder, &["schema"]);
    assert!(serde_json::from_slice::<serde_json::Value>(&output.stdout).is_ok());
}

#[test]
fn colours_follow_the_option_and_the_terminal() {
    let folder = folder("color");
    for (args, coloured) in [
        (&["list"][..], false),
        (&["list", "--color", "always"], true),
        (&["--color=never", "list"], false),
        (&["run", "--help", "--color", "always"], true),
        (&["run", "--help", "--color", "never"], false),
    ] {
        let output = stalelab(&folder, args);
        assert_code(&output, 0);
        assert_eq!(stdout(&output).contains('\u{1b}'), coloured, "{args:?}");
    }
}
