//! A run's window as trace events, against the run itself and against what viewers demand.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::atomic::AtomicBool;

use serde_json::Value;
use stalelab::experiment::Trial;
use stalelab::metrics::{Recorder, Window};
use stalelab::perfetto::{Traced, first_requests, trace};
use stalelab::scenario::{Input, Scenario, parse};
use stalelab::strategies::Visitor;
use stalelab::strategy::Strategy;
use stalelab::time::Time;

/// Jobs, failures, stale reads, and one key that is written by many.
const SCENARIO: &str = r#"
    duration = "4s"
    replications = 1
    [workload]
    clients = 50
    arrivals = { poisson = { rate = 500.0 } }
    read_share = 0.8
    keys = 10
    [database]
    connections = 5
    timeout = "15ms"
    read = { exponential = "10ms" }
    [[variant]]
    strategy = { double-delete = { delay = "30ms" } }
"#;

const WINDOW: Window = Window { start: Time(1_000_000_000), end: Time(3_000_000_000) };

struct Both<'a>(&'a Trial);

impl Visitor for Both<'_> {
    type Output = (Value, usize, Recorder);

    fn visit<S: Strategy>(self, strategy: &S) -> Self::Output {
        let cancel = AtomicBool::new(false);
        let traced = trace(strategy, self.0, 0, WINDOW, &cancel).expect("it runs");
        assert!(!traced.is_cut);
        let mut recorder = Recorder::new(WINDOW);
        self.0.run(strategy, 0, &mut recorder, &cancel).expect("it runs");
        (traced.document, traced.requests, recorder)
    }
}

fn ready() -> (Scenario, Trial) {
    let input = Input::from_text("window", SCENARIO);
    let scenario = parse(&input, &[])
        .unwrap_or_else(|mistakes| panic!("{}", mistakes.render(&input, false)))
        .scenario;
    let trial = Trial::new(&scenario, 0, &AtomicBool::new(false)).expect("it can be run");
    (scenario, trial)
}

fn both() -> (Value, usize, Recorder) {
    let (scenario, trial) = ready();
    scenario.variants[0].strategy.visit(Both(&trial))
}

fn of_phase<'a>(document: &'a Value, phase: &'a str) -> impl Iterator<Item = &'a Value> {
    let events = document["traceEvents"].as_array().expect("a list");
    events.iter().filter(move |event| event["ph"] == phase)
}

fn number(event: &Value, name: &str) -> f64 {
    event[name].as_f64().unwrap_or_else(|| panic!("no {name} in {event}"))
}

fn track(event: &Value) -> (u64, u64) {
    let part = |name: &str| event[name].as_u64().expect("a number");
    (part("pid"), part("tid"))
}

#[test]
fn every_request_of_the_window_is_there_as_it_was_measured() {
    let (document, requests, recorder) = both();
    let counts = recorder.counts();
    let slices: Vec<&Value> = of_phase(&document, "X").collect();
    let named = |part: &str| {
        let names = slices.iter().filter_map(|slice| slice["name"].as_str());
        names.filter(|name| name.contains(part)).count() as u64
    };
    assert_eq!(answered(&slices, "read"), counts.reads);
    assert_eq!(answered(&slices, "write"), counts.writes);
    assert_eq!(named(": failed"), counts.failed);
    assert!(counts.stale > 10 && counts.failed > 20, "the window shows something");
    assert_eq!(named(", stale ("), counts.stale);
    assert_eq!(requests as u64, counts.reads + counts.writes + counts.failed);
    let lags = slices.iter().filter_map(|slice| slice["args"]["version_lag"].as_u64());
    assert_eq!(lags.sum::<u64>(), counts.version_lag_sum);
    assert!(named("job for") > 100, "the second deletes are jobs");
}

fn answered(slices: &[&Value], what: &str) -> u64 {
    let answered = slices.iter().filter(|slice| {
        let name = slice["name"].as_str().unwrap_or_default();
        name.starts_with(&format!("{what} key")) && !name.ends_with("failed")
    });
    answered.count() as u64
}

#[test]
fn no_two_slices_of_a_track_overlap_and_instants_lie_in_theirs() {
    let (document, ..) = both();
    let mut tracks: BTreeMap<(u64, u64), Vec<(f64, f64)>> = BTreeMap::new();
    for slice in of_phase(&document, "X") {
        let from = number(slice, "ts");
        tracks.entry(track(slice)).or_default().push((from, from + number(slice, "dur")));
    }
    // Times are microseconds with three decimals, in floats.
    const ROUNDING: f64 = 1e-5;
    for slices in tracks.values_mut() {
        slices.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(slices.windows(2).all(|pair| pair[1].0 >= pair[0].1 - ROUNDING));
    }
    let inside = |event: &Value| {
        let at = number(event, "ts");
        let slices = &tracks[&track(event)];
        slices.iter().any(|(from, to)| from - ROUNDING <= at && at <= to + ROUNDING)
    };
    assert!(of_phase(&document, "i").all(inside), "viewers hang instants on slices");
    assert!(of_phase(&document, "s").all(inside) && of_phase(&document, "f").all(inside));
}

#[test]
fn arrows_lead_from_a_commit_to_a_later_stale_read() {
    let (document, _, recorder) = both();
    let starts: BTreeMap<u64, &Value> =
        of_phase(&document, "s").map(|it| (it["id"].as_u64().expect("an id"), it)).collect();
    let ends: Vec<&Value> = of_phase(&document, "f").collect();
    assert_eq!(starts.len(), ends.len());
    // A commit before the window is not in it.
    assert!(ends.len() as u64 <= recorder.counts().stale);
    assert!(ends.len() as u64 > recorder.counts().stale / 2);
    for end in ends {
        let start = starts[&end["id"].as_u64().expect("an id")];
        assert!(number(start, "ts") <= number(end, "ts"));
    }
}

#[test]
fn the_command_writes_a_file_and_names_windows_without_requests() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("perfetto");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("writable");
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stalelab"));
        command.arg("perfetto").args(args).current_dir(&folder).output().expect("it starts")
    };
    let there = run(&["delete-race", "--for", "50ms", "-o", "a/window.json"]);
    assert!(there.status.success(), "{}", String::from_utf8_lossy(&there.stderr));
    let printed = run(&["delete-race", "--for", "50ms"]);
    let written = std::fs::read(folder.join("a/window.json")).expect("it was written");
    assert_eq!(written, printed.stdout, "the same bytes");
    let document: Value = serde_json::from_slice(&written).expect("JSON");
    assert!(of_phase(&document, "X").count() > 40);

    let late = run(&["delete-race", "--from", "100h"]);
    assert_eq!(late.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&late.stderr).contains("no request began in that window"));
    let unknown = run(&["delete-race", "--variant", "nobody"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("there are "));
}

struct First<'a>(&'a Trial, usize);

impl Visitor for First<'_> {
    type Output = Traced;

    fn visit<S: Strategy>(self, strategy: &S) -> Traced {
        let First(trial, most) = self;
        first_requests(strategy, trial, 0, (WINDOW, most), &AtomicBool::new(false))
            .expect("it runs")
    }
}

#[test]
fn requests_that_have_room_are_followed_to_their_ends() {
    let (scenario, trial) = ready();
    let strategy = &scenario.variants[0].strategy;
    let whole = strategy.visit(First(&trial, usize::MAX));
    let cut = strategy.visit(First(&trial, 150));
    assert!(cut.is_cut && !whole.is_cut);
    assert_eq!(cut.requests, 150);
    // What each is called says what it was told.
    let slices = |document: &Value| -> Vec<String> {
        of_phase(document, "X")
            .map(|it| format!("{} {} {}", it["name"], it["ts"], it["dur"]))
            .collect()
    };
    let all = slices(&whole.document);
    let strange: Vec<String> =
        slices(&cut.document).into_iter().filter(|it| !all.contains(it)).collect();
    // The database's services are of the whole window.
    assert_eq!(strange, [""; 0]);
}
