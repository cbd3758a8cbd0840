//! The traps of both formats, on texts in memory.

use std::io::{self, Cursor, Read};

use proptest::prelude::*;

use super::*;

const CSV: &str = "time_s,client,op,key\n";
const META: &str = "op_time,key,op,op_count,usecase,cache_hits\n";

fn origin(format: TraceFormat, writes: TraceWrites, speed: f64) -> Origin {
    let config = TraceConfig {
        file: PathBuf::from("t.csv"),
        embedded: None,
        format,
        speed,
        writes,
    };
    Origin::new(&config).unwrap()
}

/// Reads a text twice: the trace, and its requests as (ns, client, key, write).
type Requests = Vec<(u64, u32, u32, bool)>;

fn read_at(
    text: impl AsRef<[u8]>,
    format: TraceFormat,
    writes: TraceWrites,
    speed: f64,
) -> Result<(Trace, Requests), TraceError> {
    let bytes = text.as_ref().to_vec();
    let input = Box::new(Cursor::new(bytes.clone()));
    let trace = Trace::scan(origin(format, writes, speed), input)?;
    let replay = Replay::over(Box::new(Cursor::new(bytes)), &trace)?;
    let requests = replay
        .map(|record| record.map(|r| (r.at.0, r.client, r.key.0, r.write)))
        .collect::<Result<_, _>>()?;
    Ok((trace, requests))
}

fn csv(rows: &str) -> Result<(Trace, Requests), TraceError> {
    read_at(
        format!("{CSV}{rows}"),
        TraceFormat::Csv,
        TraceWrites::default(),
        1.0,
    )
}

fn meta(rows: &str, writes: TraceWrites) -> Result<(Trace, Requests), TraceError> {
    read_at(
        format!("{META}{rows}"),
        TraceFormat::MetaKvcache,
        writes,
        1.0,
    )
}

fn error<T>(result: Result<T, TraceError>) -> String {
    result.err().expect("an error").to_string()
}

#[test]
fn csv_times_start_at_zero_and_keep_every_nanosecond() {
    let (trace, requests) = csv("5.000000001,a,read,x\n5.1,b,write,y\n5.1,a,read,y\n").unwrap();
    let expected = [
        (0, 0, 0, false),
        (99_999_999, 1, 1, true),
        (99_999_999, 0, 1, false),
    ];
    assert_eq!(requests, expected);
    let summary = TraceSummary {
        keys: 2,
        clients: 2,
        requests: 3,
        reads: 2,
        writes: 1,
        length: Span(100_000_000),
    };
    assert_eq!(*trace.summary(), summary);
    assert!(trace.notes().is_empty());
}

#[test]
fn csv_columns_are_found_by_name_among_others() {
    let text = "key,size,op,client,time_s\nx,9,write,a,0\n";
    let (_, requests) = read_at(text, TraceFormat::Csv, TraceWrites::default(), 1.0).unwrap();
    assert_eq!(requests, [(0, 0, 0, true)]);
}

#[test]
fn csv_bom_quotes_blank_lines_and_any_line_end_are_read() {
    let text =
        "\u{feff}\"time_s\", client,op,key\r\n\r\n0,a,read,\"x,\"\"1\"\"\"\r\n\r\n\r\n1,a,read,x";
    let (trace, requests) = read_at(text, TraceFormat::Csv, TraceWrites::default(), 1.0).unwrap();
    assert_eq!(requests, [(0, 0, 0, false), (1_000_000_000, 0, 1, false)]);
    assert_eq!(trace.summary().keys, 2);
}

#[test]
fn the_line_of_an_error_is_right_for_every_line_end_and_after_blank_lines() {
    for end in ["\n", "\r\n", "\r"] {
        for last in ["", end] {
            let lines = ["time_s,client,op,key", "0,a,read,x", "", "", "0,a,peek,x"];
            let text = lines.join(end) + last;
            let result = read_at(&text, TraceFormat::Csv, TraceWrites::default(), 1.0);
            let expected = "t.csv:5: column \"op\": found \"peek\", expected read or write";
            assert_eq!(error(result), expected, "{text:?}");
        }
    }
}

#[test]
fn csv_errors_name_line_column_what_was_found_and_what_is_accepted() {
    let cases = [
        (
            "0,a,read,x\n-1,a,read,x\n",
            "t.csv:3: column \"time_s\": found \"-1\", expected seconds, as 12 or 12.345 (not \
             negative, no exponent, less than 584 years)",
        ),
        (
            "7.5,a,read,x\n7.5,a,read,x\n7.25,a,read,x\n",
            "t.csv:4: column \"time_s\": found \"7.25\", expected 7.500000000, the time of the \
             record before, or later",
        ),
        (
            "0,,read,x\n",
            "t.csv:2: column \"client\": found \"\", expected a name",
        ),
        (
            "0,a,read,\n",
            "t.csv:2: column \"key\": found \"\", expected a name",
        ),
        (
            "0,a,read,x\n0,a,read\n",
            "t.csv:3: the number of fields is 3, expected 4 as in the header",
        ),
        (
            "",
            "t.csv: the trace is empty: a header, and no record after it",
        ),
        (
            "\n\n",
            "t.csv: the trace is empty: a header, and no record after it",
        ),
    ];
    for (rows, expected) in cases {
        assert_eq!(error(csv(rows)), expected);
    }
}

#[test]
fn a_file_without_a_usable_header_says_so() {
    let cases: [(&[u8], &str); 5] = [
        (b"", "t.csv: the trace is empty: it has no header"),
        (b"\r\n\n", "t.csv: the trace is empty: it has no header"),
        (
            b"time_s,client,op\n0,a,read\n",
            "t.csv:1: the header has no column \"key\": found time_s,client,op",
        ),
        (
            b"time_s,client,op,key,key\n0,a,read,x,y\n",
            "t.csv:1: the header names the column \"key\" more than once",
        ),
        (
            b"\x1f\x8b\x08\x00binary",
            "t.csv: the trace is compressed (gzip): decompress it first",
        ),
    ];
    for (text, expected) in cases {
        let result = read_at(text, TraceFormat::Csv, TraceWrites::default(), 1.0);
        assert_eq!(error(result), expected);
    }
}

#[test]
fn a_long_or_binary_field_is_cut_in_the_message() {
    let message = error(csv(&format!("0,a,{},x\n", "\u{7}é".repeat(500))));
    assert!(message.starts_with("t.csv:2: column \"op\": found \"\\u{7}é"));
    assert!(message.contains("…\", expected read or write"));
    assert!(message.len() < 700, "{message}");
}

#[test]
fn a_speed_divides_times_and_the_length() {
    let rows = format!("{CSV}1,a,read,x\n4,a,read,x\n");
    let run = |speed| read_at(&rows, TraceFormat::Csv, TraceWrites::default(), speed).unwrap();
    let (trace, requests) = run(1000.0);
    assert_eq!(requests[1].0, 3_000_000);
    assert_eq!(trace.summary().length, Span(3_000_001));
    assert_eq!(run(0.1).1[1].0, 30_000_000_000);
    assert_eq!(run(7.0).1[1].0, 428_571_428);
}

#[test]
fn an_impossible_speed_is_an_error() {
    let mut config = TraceConfig {
        file: PathBuf::from("t.csv"),
        embedded: Some(CSV),
        format: TraceFormat::Csv,
        speed: 0.0,
        writes: TraceWrites::default(),
    };
    let expected = "t.csv: the speed is 0, expected a number from 1e-9 to 1e9";
    assert_eq!(error(Trace::open(&config)), expected);
    config.speed = f64::NAN;
    assert!(Trace::open(&config).is_err());
    let rows = format!("{CSV}0,a,read,x\n100,a,read,x\n");
    let slow = read_at(rows, TraceFormat::Csv, TraceWrites::default(), 1e-9);
    assert!(error(slow).contains("more than 584 years"));
}

#[test]
fn meta_operations_are_expanded_and_spread_evenly_in_file_order() {
    let rows = "70,x,GET,3,u,3\n70,y,GET_LEASE,1,v,0\n72,x,DELETE,2,u,0\n";
    let (trace, requests) = meta(rows, TraceWrites::FromDeletes).unwrap();
    let expected = [
        (0, 0, 0, false),
        (250_000_000, 0, 0, false),
        (500_000_000, 0, 0, false),
        (750_000_000, 1, 1, false),
        (2_000_000_000, 0, 0, true),
        (2_500_000_000, 0, 0, true),
    ];
    assert_eq!(requests, expected);
    assert_eq!(trace.summary().length, Span::from_secs(3));
    assert_eq!((trace.summary().reads, trace.summary().writes), (4, 2));
}

#[test]
fn meta_fills_are_dropped_and_take_no_place_in_the_second() {
    let rows = "0,x,SET,4,u,0\n0,x,GET,1,u,0\n0,x,SET_LEASE,1,u,0\n0,x,GET,1,u,1\n";
    let (trace, requests) = meta(rows, TraceWrites::FromDeletes).unwrap();
    assert_eq!(requests, [(0, 0, 0, false), (500_000_000, 0, 0, false)]);
    let notes = trace.notes().join("\n");
    for sentence in [
        "The trace's 4 rows stand for 7 operations, by op_count: \
         GET 2, GET_LEASE 0, SET 4, SET_LEASE 1, DELETE 0.",
        "spread evenly over it, in file order.",
        "SET (4) and SET_LEASE (1) are taken for cache fills and dropped.",
        "So nothing is written, and nothing can become stale.",
        "A client is a value of the usecase column; there are 1.",
        "cache_hits column is what the recorded cache did: it is not replayed.",
    ] {
        assert!(notes.contains(sentence), "{sentence}\nnot in\n{notes}");
    }
}

#[test]
fn meta_sets_without_a_missed_get_are_writes_under_from_sets() {
    let rows = "0,x,SET,2,u,0\n0,x,GET,3,u,2\n\
                1,x,SET,1,u,0\n1,y,GET_LEASE,1,u,0\n1,x,DELETE,1,u,0\n\
                2,y,SET_LEASE,1,u,0\n2,y,SET,1,u,0\n";
    let (trace, requests) = meta(rows, TraceWrites::FromSets).unwrap();
    let writes: Vec<_> = requests.iter().filter(|request| request.3).collect();
    // One of x's first two answers the miss listed after it; y's SET_LEASE took y's miss.
    let expected = [
        &(0, 0, 0, true),
        &(1_000_000_000, 0, 0, true),
        &(2_000_000_000, 0, 1, true),
    ];
    assert_eq!(writes, expected);
    let notes = trace.notes().join("\n");
    assert!(
        notes.contains("of the same key explains (3) is taken"),
        "{notes}"
    );
    assert!(
        notes.contains("The other SETs (1) and SET_LEASE (1)"),
        "{notes}"
    );
    assert!(notes.contains("only tells which SETs are fills"), "{notes}");
}

#[test]
fn meta_columns_are_found_by_name_and_cache_hits_only_where_it_counts() {
    let text = "usecase,ttl,op_count,op,key,op_time\nu,0,1,GET,x,5\n";
    let (_, requests) = read_at(
        text,
        TraceFormat::MetaKvcache,
        TraceWrites::FromDeletes,
        1.0,
    )
    .unwrap();
    assert_eq!(requests, [(0, 0, 0, false)]);
    let result = read_at(text, TraceFormat::MetaKvcache, TraceWrites::FromSets, 1.0);
    assert!(error(result).contains("no column \"cache_hits\""));
}

#[test]
fn meta_errors_name_line_column_what_was_found_and_what_is_accepted() {
    let cases = [
        (
            "5,x,GET,1,u,0\n5,x,CAS,1,u,0\n",
            "t.csv:3: column \"op\": found \"CAS\", expected one of GET, GET_LEASE, SET, \
             SET_LEASE, DELETE",
        ),
        (
            "5,x,GET,1,u,0\n4,x,GET,1,u,0\n",
            "t.csv:3: column \"op_time\": found \"4\", expected 5, the time of the record before, \
             or later",
        ),
        (
            "5.5,x,GET,1,u,0\n",
            "t.csv:2: column \"op_time\": found \"5.5\", expected a whole number below 2^64",
        ),
        (
            "5,x,GET,0,u,0\n",
            "t.csv:2: column \"op_count\": found \"0\", expected a whole number above 0",
        ),
        (
            "5,x,GET,2,u,3\n",
            "t.csv:2: column \"cache_hits\": found \"3\", expected at most the row's op_count, 2",
        ),
        (
            "5,x,GET,18446744073709551615,u,0\n5,x,GET,1,u,0\n",
            "t.csv:3: column \"op_count\": found \"1\", expected counts that add up to less than \
             2^64",
        ),
        (
            "0,x,GET,1,u,0\n18446744073,x,GET,1,u,0\n",
            "t.csv:3: column \"op_time\": found \"18446744073\", expected at most 18446744072, \
             584 years after the first",
        ),
        (
            "0,x,DELETE,1,u,0\n",
            "t.csv: no record of the trace stands for a request: all are taken for cache fills \
             or invalidations",
        ),
    ];
    for (rows, expected) in cases {
        assert_eq!(error(meta(rows, TraceWrites::FromSets)), expected);
    }
}

#[test]
fn a_trace_that_changes_between_two_passes_is_an_error() {
    let text = format!("{CSV}0,a,read,x\n1,a,read,y\n");
    let input = Box::new(Cursor::new(text));
    let origin = origin(TraceFormat::Csv, TraceWrites::default(), 1.0);
    let trace = Trace::scan(origin, input).unwrap();
    for rows in [
        "0,a,read,x\n",
        "0,a,read,x\n1,a,read,z\n",
        "0,b,read,x\n1,a,read,y\n",
        "0,a,read,x\n1,a,read,y\n2,a,read,y\n",
    ] {
        let input = Box::new(Cursor::new(format!("{CSV}{rows}")));
        let replay = Replay::over(input, &trace).unwrap();
        let results: Vec<_> = replay.collect();
        assert!(results.len() <= 3, "it ends after an error");
        let last = results.into_iter().next_back().unwrap();
        assert!(error(last).ends_with("the trace changed since it was first read"));
    }
}

/// A long Meta trace that is written while it is read: ten rows a second.
struct Endless {
    rows: std::ops::Range<u64>,
    line: Cursor<Vec<u8>>,
}

impl Endless {
    const ROWS: u64 = 200_000;
    const ROWS_PER_SECOND: u64 = 10;

    fn new() -> Endless {
        Endless {
            rows: 0..Endless::ROWS,
            line: Cursor::new(META.into()),
        }
    }
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.line.read(buffer)?;
        if read > 0 {
            return Ok(read);
        }
        let Some(row) = self.rows.next() else {
            return Ok(0);
        };
        let second = row / Endless::ROWS_PER_SECOND;
        let op = ["GET", "DELETE", "SET"][(row % 3) as usize];
        self.line = Cursor::new(format!("{second},k{},{op},2,u,0\n", row % 97).into());
        self.line.read(buffer)
    }
}

#[test]
fn a_pass_holds_the_rows_of_one_second_at_most() {
    let origin = origin(TraceFormat::MetaKvcache, TraceWrites::FromSets, 1.0);
    let trace = Trace::scan(origin, Box::new(Endless::new())).unwrap();
    assert_eq!(trace.summary().keys, 97);
    let seconds = Endless::ROWS / Endless::ROWS_PER_SECOND;
    assert_eq!(trace.summary().length, Span::from_secs(seconds));
    let mut replay = Replay::over(Box::new(Endless::new()), &trace).unwrap();
    let (mut requests, mut held_max) = (0, 0);
    while let Some(record) = replay.next() {
        record.unwrap();
        requests += 1;
        held_max = held_max.max(replay.rows_held());
    }
    assert_eq!(requests, trace.summary().requests);
    assert_eq!(held_max as u64, Endless::ROWS_PER_SECOND);
}

#[test]
fn a_huge_count_is_expanded_only_as_it_is_asked_for() {
    let text = format!("{META}0,x,GET,9000000000000000000,u,0\n");
    let origin = origin(TraceFormat::MetaKvcache, TraceWrites::FromDeletes, 1.0);
    let trace = Trace::scan(origin, Box::new(Cursor::new(text.clone()))).unwrap();
    let replay = Replay::over(Box::new(Cursor::new(text)), &trace).unwrap();
    assert_eq!(trace.summary().requests, 9_000_000_000_000_000_000);
    assert!(
        replay
            .take(1000)
            .all(|record| record.unwrap().at == Time::ZERO)
    );
}

fn formats() -> impl Strategy<Value = (TraceFormat, TraceWrites)> {
    prop_oneof![
        Just((TraceFormat::Csv, TraceWrites::FromDeletes)),
        Just((TraceFormat::MetaKvcache, TraceWrites::FromDeletes)),
        Just((TraceFormat::MetaKvcache, TraceWrites::FromSets)),
    ]
}

/// Both passes over any bytes, as far as they go; a count may be huge, so the replay is cut.
fn try_to_read(bytes: &[u8], (format, writes): (TraceFormat, TraceWrites)) {
    let origin = origin(format, writes, 1.0);
    let Ok(trace) = Trace::scan(origin, Box::new(Cursor::new(bytes.to_vec()))) else {
        return;
    };
    let replay = Replay::over(Box::new(Cursor::new(bytes.to_vec())), &trace).unwrap();
    let mut last = Time::ZERO;
    for record in replay.take(5000) {
        let record = record.unwrap();
        assert!(last <= record.at);
        assert!(record.at < Time::ZERO + trace.summary().length);
        assert!(record.key.0 < trace.summary().keys);
        assert!(record.client < trace.summary().clients);
        last = record.at;
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        format in formats(),
    ) {
        try_to_read(&bytes, format);
    }

    #[test]
    fn any_rows_after_a_header_are_read_or_refused(
        rows in "([0-9]{1,3}(\\.[0-9]{1,12})?,[abé\"],(read|write|GET|SET|DELETE|[a-z]*)\
                 ,[0-9\"x\r\n]{1,20},u,[0-9]{1,2}(\r?\n){0,2}){0,30}",
        format in formats(),
    ) {
        let header = match format.0 {
            TraceFormat::Csv => "time_s,client,op,key,size,rest\n",
            TraceFormat::MetaKvcache => META,
        };
        try_to_read(format!("{header}{rows}").as_bytes(), format);
    }

    #[test]
    fn a_sound_trace_is_replayed_whole(
        rows in proptest::collection::vec((0_u64..3, 0_u32..5, 0_usize..5, 1_u64..20), 1..60),
        speed in prop_oneof![Just(1.0), 0.001..1000.0],
        writes in prop_oneof![Just(TraceWrites::FromDeletes), Just(TraceWrites::FromSets)],
    ) {
        let (mut text, mut second) = (META.to_owned(), 1000);
        for (step, key, op, count) in rows {
            second += step;
            let op = ["GET", "GET_LEASE", "SET", "SET_LEASE", "DELETE"][op];
            text += &format!("{second},k{key},{op},{count},u{},{}\n", key % 2, count / 2);
        }
        match read_at(&text, TraceFormat::MetaKvcache, writes, speed) {
            Ok((trace, requests)) => {
                let summary = trace.summary();
                prop_assert_eq!(requests.len() as u64, summary.requests);
                let written = requests.iter().filter(|request| request.3).count();
                prop_assert_eq!(written as u64, summary.writes);
                prop_assert!(requests.is_sorted_by_key(|request| request.0));
                prop_assert!(requests.iter().all(|request| request.0 < summary.length.0));
            }
            Err(error) => prop_assert!(matches!(error.fault, TraceFault::NothingToReplay)),
        }
    }
}
