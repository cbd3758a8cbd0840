//! Traces as files: the one that comes with stalelab, and published ones where they are at hand.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use stalelab::time::{Span, Time};
use stalelab::workload::trace::{Record, Trace, TraceFault};
use stalelab::workload::{TraceConfig, TraceFormat, TraceWrites};

#[path = "../../examples/make_kvcache_sample.rs"]
#[expect(dead_code, reason = "an example has a main function, which is not called here")]
mod make_kvcache_sample;

const SAMPLE: &str = include_str!("../../scenarios/traces/kvcache-sample.csv");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sample(writes: TraceWrites) -> TraceConfig {
    TraceConfig {
        file: root().join("scenarios/traces/kvcache-sample.csv"),
        embedded: None,
        format: TraceFormat::MetaKvcache,
        speed: 1.0,
        writes,
    }
}

fn replay(trace: &Trace) -> Vec<Record> {
    let records: Result<Vec<Record>, _> = trace.replay().unwrap().collect();
    records.unwrap()
}

/// Checks what every replay promises, and returns (reads, writes).
fn check(trace: &Trace) -> (u64, u64) {
    let (records, summary) = (replay(trace), trace.summary());
    assert!(records.is_sorted_by_key(|record| record.at));
    for record in &records {
        assert!(record.at < Time::ZERO + summary.length);
        assert!(record.key.0 < summary.keys && record.client < summary.clients);
    }
    let writes = records.iter().filter(|record| record.write).count() as u64;
    let reads = records.len() as u64 - writes;
    assert_eq!((reads, writes), (summary.reads, summary.writes));
    assert_eq!(reads + writes, summary.requests);
    (reads, writes)
}

#[test]
fn the_sample_is_what_its_generator_makes() {
    // Line by line: a checkout may have converted the line ends.
    assert!(
        SAMPLE.lines().eq(make_kvcache_sample::sample().lines()),
        "run: cargo run --example make_kvcache_sample > scenarios/traces/kvcache-sample.csv"
    );
}

#[test]
fn the_sample_replays_with_deletes_as_writes() {
    let trace = Trace::open(&sample(TraceWrites::FromDeletes)).unwrap();
    assert_eq!(check(&trace), (2553, 17));
    let summary = trace.summary();
    assert_eq!((summary.keys, summary.clients), (32, 5));
    assert_eq!(summary.length, Span::from_secs(75));
    assert_eq!(
        trace.notes(),
        [
            "The trace's 448 rows stand for 2635 operations, by op_count: GET 1976, \
             GET_LEASE 577, SET 45, SET_LEASE 20, DELETE 17.",
            "Its times are whole seconds: the requests of one second are spread evenly over it, \
             in file order.",
            "Each DELETE (17) is taken for a database write, which it follows. SET (45) and \
             SET_LEASE (20) are taken for cache fills and dropped.",
            "A client is a value of the usecase column: a service, not a person; there are 5.",
            "The cache_hits column is what the recorded cache did: it is not replayed.",
        ]
    );
}

#[test]
fn the_sample_replays_with_unexplained_sets_as_writes() {
    let trace = Trace::open(&sample(TraceWrites::FromSets)).unwrap();
    // As many as there are SETs of a key that does not miss in the same second.
    assert_eq!(check(&trace), (2553, 4));
}

#[test]
fn an_embedded_trace_is_the_same_trace_as_its_file() {
    let mut config = sample(TraceWrites::FromDeletes);
    let from_file = Trace::open(&config).unwrap();
    config.file = PathBuf::from("kvcache-sample.csv");
    config.embedded = Some(SAMPLE);
    let embedded = Trace::open(&config).unwrap();
    assert_eq!(embedded.summary(), from_file.summary());
    assert_eq!(replay(&embedded), replay(&from_file));
}

#[test]
fn replays_on_several_threads_are_the_same() {
    let trace = Trace::open(&sample(TraceWrites::FromDeletes)).unwrap();
    let expected = replay(&trace);
    std::thread::scope(|scope| {
        let replays = [(); 3].map(|()| scope.spawn(|| replay(&trace)));
        for replayed in replays {
            assert_eq!(replayed.join().unwrap(), expected);
        }
    });
}

#[test]
fn a_speed_of_a_hundred_takes_a_hundredth_of_the_time() {
    let mut config = sample(TraceWrites::FromDeletes);
    let recorded = replay(&Trace::open(&config).unwrap());
    config.speed = 100.0;
    let fast = Trace::open(&config).unwrap();
    assert_eq!(fast.summary().length, Span::from_millis(750));
    let fast = replay(&fast);
    assert_eq!(fast.len(), recorded.len());
    assert!(recorded.iter().zip(&fast).all(|(a, b)| a.at.0 / 100 == b.at.0));
}

#[test]
fn reading_a_trace_can_be_called_off() {
    let cancel = AtomicBool::new(false);
    assert!(Trace::open_unless(&sample(TraceWrites::FromDeletes), &cancel).is_ok());
    cancel.store(true, Ordering::Relaxed);
    let error = Trace::open_unless(&sample(TraceWrites::FromDeletes), &cancel).unwrap_err();
    assert!(matches!(error.fault, TraceFault::Cancelled), "{error}");
}

#[test]
fn a_missing_file_is_an_error_that_names_it() {
    let mut config = sample(TraceWrites::FromDeletes);
    config.file = root().join("scenarios/traces/no-such-trace.csv");
    let error = Trace::open(&config).unwrap_err();
    assert!(matches!(error.fault, TraceFault::Io(_)));
    let message = error.to_string();
    assert!(message.contains("no-such-trace.csv: the trace cannot be read"), "{message}");
}

/// Meta's samples are not part of this repository: put them into `shared/traces` next to it.
#[test]
#[expect(clippy::print_stdout, reason = "a test that is skipped has to say so")]
fn published_meta_samples_replay_or_are_skipped_when_absent() {
    let folder = root().join("../shared/traces");
    let samples = [
        ("meta_kvcache_sample_1.csv", [678, 3], 52, 9),
        ("meta_kvcache_sample_2.csv", [418, 1], 62, 3),
    ];
    for (name, [reads, writes], keys, seconds) in samples {
        let mut config = sample(TraceWrites::FromDeletes);
        config.file = folder.join(name);
        if !config.file.exists() {
            println!("skipped: {} is not there", config.file.display());
            continue;
        }
        let trace = Trace::open(&config).unwrap();
        assert_eq!(check(&trace), (reads, writes), "{name}");
        assert_eq!(trace.summary().keys, keys, "{name}");
        assert_eq!(trace.summary().length, Span::from_secs(seconds), "{name}");
        let operations = match keys {
            52 => {
                "691 operations, by op_count: GET 167, GET_LEASE 511, SET 8, SET_LEASE 2, DELETE 3."
            }
            _ => {
                "433 operations, by op_count: GET 383, GET_LEASE 35, SET 9, SET_LEASE 5, DELETE 1."
            }
        };
        assert!(trace.notes()[0].ends_with(operations), "{}", trace.notes()[0]);
        config.writes = TraceWrites::FromSets;
        let trace = Trace::open(&config).unwrap();
        assert_eq!(check(&trace).0, reads, "{name}");
        println!("{name}: {}", trace.notes().join(" "));
    }
}
