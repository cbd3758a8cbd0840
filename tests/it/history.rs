//! `export --history` and `check-history`, and that every kind of violation is caught for what it
//! is.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::process::{Command, Stdio};

use stalelab::consistency::{Property, Verdict, check};
use stalelab::history::{Format, read, write};

use crate::command::{STALELAB, stalelab};

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

/// A history in short: `a writes 1 0-10`, `b reads 1 20-30`, an operation a line.
fn history(short: &str) -> String {
    let line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [process, op, version, times] = words[..] else { panic!("{line}") };
        let (invoked, completed) = times.split_once('-').expect("two times");
        let completed = if completed.is_empty() { "null" } else { completed };
        format!(
            "{{\"process\": \"{process}\", \"op\": \"{}\", \"key\": \"x\", \"version\": {version}, \
             \"invoked\": {invoked}, \"completed\": {completed}}}\n",
            op.trim_end_matches('s')
        )
    };
    short.lines().map(str::trim).filter(|it| !it.is_empty()).map(line).collect()
}

/// Everything is exercised, and nothing is wrong.
const SOUND: &str = "
    a writes 1 0-10
    a reads 1 20-30
    a writes 2 40-50
    b reads 2 60-70
    b reads 2 80-90
    a reads 2 100-110
";

/// What is violated once these lines are added to the sound ones.
fn violated(more: &str) -> BTreeSet<Property> {
    let found = read(&mut history(&format!("{SOUND}{more}")).as_bytes()).expect("it is sound");
    let report = check(&found);
    let mut again = Vec::new();
    write(&found, Format::Edn, &mut again).expect("memory suffices");
    let again = check(&read(&mut again.as_slice()).expect("it is EDN"));
    let counts = |report: &stalelab::consistency::Report| -> Vec<(u64, usize)> {
        report.findings.iter().map(|it| (it.trials, it.violations.len())).collect()
    };
    assert_eq!(counts(&report), counts(&again), "EDN says the same");
    let verdicts = report.findings.iter().filter(|it| it.verdict() == Verdict::Violated);
    verdicts.map(|it| it.property).collect()
}

#[test]
fn every_kind_of_violation_is_caught_and_only_what_it_entails_with_it() {
    assert!(violated("").is_empty());
    let found = read(&mut history(SOUND).as_bytes()).expect("it is sound");
    assert!(check(&found).findings.iter().all(|it| it.verdict() == Verdict::Holds));
    let cases = [
        (Some(Property::NoStaleRead), "c reads 1 55-58"),
        (
            Some(Property::NoInversion),
            "d writes 3 120-200
             c reads 3 130-140
             e reads 2 150-160",
        ),
        (
            Some(Property::NoDirtyRead),
            "c reads 3 120-125
             d writes 3 130-140",
        ),
        (Some(Property::NoDirtyRead), "c reads 9 120-125"),
        (Some(Property::ReadYourWrites), "a reads 1 55-58"),
        (
            Some(Property::MonotonicReads),
            "d writes 3 120-200
             c reads 3 130-140
             c reads 2 150-160",
        ),
        (
            Some(Property::MonotonicWrites),
            "a writes 4 120-130
             a writes 3 140-150",
        ),
        (
            Some(Property::WritesFollowReads),
            "d writes 4 115-200
             c reads 4 120-125
             c writes 3 130-140",
        ),
        // A write that is too late for its version, and a version that two were told is theirs.
        (
            None,
            "d writes 4 115-120
             c writes 3 130-140",
        ),
        (
            None,
            "c writes 3 120-130
             d writes 3 125-135",
        ),
    ];
    for (property, more) in cases {
        let mut expected = BTreeSet::from([Property::Linearizability]);
        expected.extend(property);
        expected.extend(property.into_iter().flat_map(Property::entails));
        assert_eq!(violated(more), expected, "{more}");
    }
    let tried: BTreeSet<Property> = cases.iter().filter_map(|(property, _)| *property).collect();
    assert_eq!(tried.len() + 1, Property::ALL.len(), "each has a case");
    // What is read of a write that failed is dirty, even if it is older than the other writes.
    let aborted = history("a writes 1 0-10\nb reads 1 20-30\na writes 2 40-50").replacen(
        "}\n",
        ", \"failed\": true}\n",
        1,
    );
    let report = check(&read(&mut aborted.as_bytes()).expect("it is sound"));
    assert_eq!(report.finding(Property::NoDirtyRead).verdict(), Verdict::Violated);
    // Nothing can be held against a write that nobody heard of, nor against a second attempt.
    for more in [
        "d writes 1 120-",
        "d writes 2 35-",
        "c writes 9 120-",
        "d writes 4 115-120\nc writes 3 130-",
    ] {
        assert!(violated(more).is_empty(), "{more}");
    }
}

#[test]
fn a_write_that_was_acknowledged_took_effect_whether_or_not_its_version_is_known() {
    for (more, property) in [
        ("d reads 2 140-150", Some(Property::NoStaleRead)),
        ("c reads 2 140-150", Some(Property::ReadYourWrites)),
        ("d reads 2 125-150", None),
        ("d reads 2 140-150\nd writes 2 120-", Some(Property::NoStaleRead)),
        ("d reads 3 140-150", None),
        ("d reads 3 140-150\ne reads 3 160-170\nf writes null 155-", None),
        // One of them may be a version that nobody read, but the older one.
        ("d writes null 140-150\ne reads 3 160-170", None),
        (
            "d writes null 140-150
             e reads 3 160-170
             e reads 4 180-190",
            Some(Property::NoStaleRead),
        ),
        (
            "d reads 3 140-150
             d writes null 160-170
             e reads 3 180-190",
            Some(Property::NoStaleRead),
        ),
        ("d reads 3 140-150\ne reads 4 160-170", Some(Property::NoDirtyRead)),
    ] {
        let mut expected = BTreeSet::new();
        expected.extend(property);
        expected.extend(property.into_iter().flat_map(Property::entails));
        assert_eq!(violated(&format!("c writes null 120-130\n{more}")), expected, "{more}");
    }
}

#[test]
fn the_exit_code_says_what_was_found() {
    let stale = history(&format!("{SOUND}c reads 1 55-58"));
    let sound = history(SOUND);
    let alone = history("a writes 1 0-10");
    let missed = history("a writes 1 0-10\nb reads 0 20-30");
    let unknown = history("a writes null 0-10\na reads 0 20-30");
    let newer =
        "A newer version, which its writer does not know, had been acknowledged 10 ns before";
    let between = history(
        "a writes 1 0-1\na writes null 5-40\nb writes 3 10-11\nc reads 1 20-21\nc reads 3 30-31",
    );
    let dirty = history(&format!("{SOUND}c reads 9 120-125"));
    let late = history(&format!("{SOUND}d writes 4 115-120\nc writes 3 130-140"));
    let twice = history(&format!("{SOUND}c writes 3 120-130\nd writes 3 125-135"));
    for (args, text_in, code, says) in [
        (&[][..], sound.as_str(), 0, "✓ linearizability      holds in 5 operations"),
        (&[], &stale, 1, "✗ no-stale-read        violated by 1 of 5 reads"),
        (&["--property", "read-your-writes"], &stale, 0, "✓ read-your-writes     holds in 2 reads"),
        (&["--property", "read-your-writes,no-stale-read"], &stale, 1, "had been acknowledged"),
        (&[], &dirty, 1, "Nobody wrote version 9."),
        (&[], &dirty, 1, "none: 1 operation would be wrong however much earlier reads had begun"),
        (&[], &late, 1, "Version 4 had been acknowledged 10 ns before the write began."),
        (&[], &twice, 1, "Version 3 was acknowledged to both writers."),
        (&[], &missed, 1, "0 of 1 read (at most 100 %)"),
        (&[], &unknown, 1, newer),
        (&["--property", "read-your-writes"], &unknown, 1, "violated by 1 of 1 read"),
        (&[], &between, 1, "2 to 3: every read returned one of the 3 newest versions"),
        (&[], &alone, 4, "– linearizability      not exercised: needs an operation that begins"),
        (&["--property", "no-stale-read"], &alone, 4, "not exercised: needs a read that begins"),
        (&[], "", 4, "0 reads and 0 writes"),
        (&["--property", "no-dirty-read"], &sound, 0, "holds in 4 reads"),
    ] {
        let output = stalelab(&[&["check-history", "-"], args].concat(), text_in);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{args:?}\n{out}\n{err}");
        assert!(out.contains(says), "{args:?}: {says}\n{out}");
    }
}

#[test]
fn what_cannot_be_read_is_said_with_its_place() {
    let bad = format!("{}{}", history("a writes 1 0-10"), "{\"op\": \"raed\"}\n".repeat(60));
    let write = |short, at| history(short).replace('}', &format!(", \"committed\": {at}}}"));
    let early = write("a writes 1 5-10", 4);
    let crossed = write("a writes 2 0-9", 3) + &write("b writes 1 1-9", 4);
    for (args, text_in, code, says) in [
        (&["check-history", "-"][..], bad.as_str(), 2, "-:2:13: unknown variant `raed`"),
        (&["check-history", "-"], &bad, 2, "\nand 10 more"),
        (&["check-history", "-"], &early, 2, "-:1:1: it was committed before it was invoked"),
        (
            &["check-history", "-"],
            &crossed,
            2,
            "-:1:1: version 2 was committed at 3, and version 1",
        ),
        (&["check-history", "missing.jsonl"], "", 3, "cannot read missing.jsonl: "),
        (&["check-history", "src"], "", 3, "cannot read src: "),
        (&["check-history", "-", "--property", "convergence"], "", 2, "accepted: linearizability,"),
        (&["export", "docs/races/stale-set.txt"], "", 2, "--as <FORM>"),
        (&["export", "docs/races/stale-set.txt", "--as", "edn"], "", 2, "add --history"),
        (&["export", "delete-race", "--history", "--as", "svg"], "", 2, "as jsonl or edn"),
        (&["export", "x.txt", "--as", "svg", "--variant", "y"], "", 2, "--history"),
        (
            &["export", "delete-race", "--history", "--variant", "y"],
            "",
            2,
            "no variant is called y",
        ),
        (&["export", "delete-race", "--history", "--from", "20h"], "", 4, "no request began in"),
        (&["export", "delete-race", "--history", "--for", "5"], "", 2, "as 90s, 1500ms"),
    ] {
        let output = stalelab(args, text_in);
        let err = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?}\n{err}");
        assert!(err.contains(says), "{args:?}: {says}\n{err}");
    }
}

/// Two seconds of a run, after a minute.
const WINDOW: [&str; 8] =
    ["export", "delete-race", "--history", "--from", "60s", "--for", "2s", "--as"];

#[test]
fn a_window_of_a_run_is_the_same_history_in_both_formats() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("history");
    let path = folder.join("x.jsonl");
    let path = path.to_str().expect("UTF-8");
    let output = stalelab(&[&WINDOW[..], &["jsonl", "-o", path]].concat(), "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = text(&output.stderr);
    assert!(said.contains(" requests of delete on write, replication 1, and "), "{said}");
    assert!(said.contains(" earlier writes of their keys"), "{said}");
    let edn = stalelab(&[&WINDOW[..], &["edn"]].concat(), "");
    let lines = std::fs::read_to_string(path).expect("it was written");
    let [from_json, from_edn] = [lines.as_str(), text(&edn.stdout)].map(|it| {
        let output = stalelab(&["check-history", "-", "--json", "--examples", "0"], it);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        let mut found: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        // They name lines.
        found["latest"] = serde_json::Value::Null;
        found["inconsistency_windows"]["longest"] = serde_json::Value::Null;
        found
    });
    assert_eq!(from_json, from_edn);
    assert!(from_json["coverage"]["reads"].as_u64() > Some(500), "{from_json:#}");
    assert_eq!(from_json["coverage"]["reads_from_before"], 0);
    assert_eq!(from_json["properties"][0]["verdict"], "violated");
    assert!(from_json["delta_ns"].as_u64() > Some(1_000_000));
    assert_eq!(stalelab(&["check-history", path], "").status.code(), Some(1));
}

#[test]
fn whoever_does_not_read_to_the_end_is_no_failure() {
    let mut child = Command::new(STALELAB)
        .args(["export", "delete-race", "--history", "--for", "60s"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdout = child.stdout.take().expect("piped");
    stdout.read_exact(&mut [0; 100]).expect("it writes");
    drop(stdout);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(!text(&output.stderr).contains("panicked"), "{}", text(&output.stderr));
}
